"""Set two to four products side by side: what was asked, then what differs, and which of them on what ground."""

from collections.abc import Sequence
from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool
from pydantic import BaseModel, ConfigDict

from prompts import load, say, tell
from store.types import Product
from tools import purposes
from tools.cards import SHOWN, attribute_words, card, money
from tools.context import ToolContext
from tools.errors import ToolInputError
from tools.results import Comparison, ComparisonRow
from tools.verdict import Wanted, verdict

_COMPARED = ("price", "rating", "sizes")
# what matters most of what differs, the first before the others
_ORDER = (
    "material", "season", "occasion", "sleeve", "length", "neckline", "pattern", "color", "style", "gender", "brand",
)  # fmt: skip
_UNTOLD = ("sizes", "gender", "rating")  # of what is alike: goes without saying, or says little
MOST, MOST_ASKED = 8, 6  # rows of a table that one takes in; fewer where something was asked
MOST_SAME = 6  # of what is alike in all


class Wants(BaseModel):
    """Values of the vocabulary that the shopper wants it to have, by attribute."""

    model_config = ConfigDict(extra="forbid")
    occasion: list[str] = []
    season: list[str] = []
    style: list[str] = []
    material: list[str] = []
    color: list[str] = []
    pattern: list[str] = []
    sleeve: list[str] = []
    neckline: list[str] = []
    length: list[str] = []


@tool(parse_docstring=True, response_format="content_and_artifact")
def compare(
    runtime: ToolRuntime[ToolContext],
    products: list[str],
    aspects: list[str] | None = None,
    wants: Wants | None = None,
    purpose: str = "",
) -> tuple[str, dict[str, Any]]:
    """Compare two to four products in a table of what was asked and what differs, with a verdict that names its ground.

    Args:
        products: Ids of the products, two to four.
        aspects: What matters to the shopper, e.g. ["price", "material"].
        wants: What it should have, in values of the vocabulary, e.g. {"occasion": ["work"]}.
        purpose: What it is for, in the shopper's own words, e.g. "for the rain", "能放电脑".
    """
    context = runtime.context
    ids = list(dict.fromkeys(products))
    if not 2 <= len(ids) <= 4:
        raise ToolInputError("compare takes two to four different products")
    records = [context.product(i) for i in ids]
    profile = context.profile()
    wanted = Wanted(
        aspects=list(aspects or []),
        values={k: v for k, v in (wants or Wants()).model_dump().items() if v},
        purposes=purposes.asked(purpose[:300]),
        sizes={r.id: size for r in records if (size := profile.size_of(r))},
    )
    made = compared(records, wanted, context.lang)
    rows = "\n".join(f"{row.label}: {' | '.join(row.values)}" for row in made.rows)
    text = tell("compared", rows="\n".join(filter(None, [rows, made.same, made.verdict])))
    return text, made.model_dump(mode="json")


def compared(records: Sequence[Product], wanted: Wanted, lang: str) -> Comparison:
    """The table of two to four products: what was asked, then what differs and matters most, and the verdict."""
    told = _told(records, wanted, lang)
    asked = [*wanted.aspects, *wanted.values, *wanted.purposes]
    differing = [key for key, values in told.items() if len(set(values)) > 1]
    shown = list(dict.fromkeys([*(k for k in asked if k in told), *differing]))[
        : MOST_ASKED if asked else MOST
    ]
    rows = [
        ComparisonRow(
            label=_label(key, lang), values=told[key], key=key, asked=key in asked, best=_best(key, records)
        )
        for key in shown
    ]
    rest = [k for k in differing if k not in ("price", "rating", "sizes")]
    labels = [_label(k, lang) if lang == "zh" else _label(k, lang).lower() for k in rest]
    found = verdict(records, wanted, lang, labels, told)
    return Comparison(
        items=[card(r, lang) for r in records],
        rows=rows,
        same=_same({k: v for k, v in told.items() if k not in shown}, lang),
        verdict=found.text,
        pick=found.pick or None,
    )


def _told(records: Sequence[Product], wanted: Wanted, lang: str) -> dict[str, list[str]]:
    """What each record says, by key, in the order in which it matters; what no record tells only where it was asked."""
    none = say("tools", "values.none", lang)
    words = [attribute_words(r, lang) for r in records]
    out: dict[str, list[str]] = {}
    for purpose in wanted.purposes:
        yes, no = (say("tools", f"values.{key}", lang) for key in ("told", "none"))
        out[purpose] = [yes if purposes.met(purpose, r) else no for r in records]
    for key in dict.fromkeys([*wanted.aspects, *wanted.values, *_COMPARED, *_ORDER]):
        values = _special(key, records, lang)
        if values is None and key in SHOWN:
            label = say("tools", f"labels.{key}", lang)
            values = [found.get(label, none) for found in words]
        asked = key in wanted.aspects or key in wanted.values
        if values is not None and (asked or any(v != none for v in values)):
            out[key] = values
    return out


def _label(key: str, lang: str) -> str:
    if key in load("purposes")["purposes"]:
        label = purposes.name(key, lang)
        return label[:1].upper() + label[1:]
    return say("tools", f"labels.{key}", lang)


def _best(key: str, records: Sequence[Product]) -> list[int]:
    """Places of the records that a row speaks for: the lowest price, the highest rating, what meets a purpose."""
    places: list[int] = []
    if key == "price" and len({r.current_price.currency for r in records}) == 1:
        least = min(r.current_price.amount for r in records)
        places = [i for i, r in enumerate(records) if r.current_price.amount == least]
    elif key == "rating" and any(r.rating for r in records):
        top = max(r.rating or 0 for r in records)
        places = [i for i, r in enumerate(records) if r.rating == top]
    elif key in load("purposes")["purposes"]:
        places = [i for i, r in enumerate(records) if purposes.met(key, r)]
    return places if len(places) < len(records) else []


def _same(told: dict[str, list[str]], lang: str) -> str:
    """What is alike in all, in one sentence; "" where nothing is."""
    alike = {k: values[0] for k, values in told.items() if len(set(values)) == 1 and k not in _UNTOLD}
    if not alike:
        return ""
    parts = [
        say(
            "comparing",
            "same_value",
            lang,
            label=_label(key, lang) if lang == "zh" else _label(key, lang).lower(),
            value=value,
        )
        for key, value in list(alike.items())[:MOST_SAME]
    ]
    return say("comparing", "same", lang, values=("；" if lang == "zh" else "; ").join(parts))


def _special(key: str, records: Sequence[Product], lang: str) -> list[str] | None:
    none = say("tools", "values.none", lang)
    match key:
        case "price":
            return [_price(r, lang) for r in records]
        case "rating":
            return [_rating(r, lang) for r in records]
        case "sizes":
            return [", ".join(r.sizes_in_stock()) or say("tools", "values.sold_out", lang) for r in records]
        case "brand":
            return [r.brand or none for r in records]
        case "care":
            return [r.care.get(lang) or none for r in records]
    return None


def _price(record: Product, lang: str) -> str:
    if record.sale_price is None:
        return money(record.price).text
    return say(
        "tools", "values.was", lang, now=money(record.sale_price).text, before=money(record.price).text
    )


def _rating(record: Product, lang: str) -> str:
    if record.rating is None:
        return say("tools", "values.none", lang)
    return say("tools", "values.rating", lang, value=record.rating, count=record.rating_count)
