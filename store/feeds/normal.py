"""One offer in a format's words → one row in ours, whatever the format: `row` reads and checks every field.

A row is JSON-safe, so that it can wait on disk for the others of its group. It holds only what the feed said.
"""

from collections.abc import Callable
from typing import Any

from prompts.plain import one_line, plain
from store.feeds import attributes, filing
from store.feeds.record import Offer, Problem, Refused, filled, listed
from store.feeds.source import BAD
from store.feeds.tables import name_of
from store.feeds.values import (
    availability,
    bilingual,
    count,
    known_currency,
    meanings,
    number,
    on_sale_now,
    price,
    sign_of_several,
    text,
    truth,
)
from store.types import SPIN_AT_LEAST, SPIN_AT_MOST

LONGEST_ID = 100
LONGEST_TITLE = 500
LONGEST_TEXT = 10_000
MOST_PICTURES = 60
_PLACEHOLDERS = frozenset(("default title", "title", "default", "n/a", "none", "-"))


def row(offer: Offer, shop_currency: str | None = None) -> tuple[dict[str, Any], list[Problem]]:
    """The offer as a row, and what of it was left out. `shop_currency`: what "$" or an amount alone means there.

    Raises Refused with the field and the reason.
    """
    given = offer.fields
    undecodable(given)
    left_out: list[Problem] = []

    def warn(error: Refused) -> None:
        left_out.append(
            Problem(offer.line, offer.id, error.field, error.code, error.values, offer.where, refused=False)
        )

    title = _title(given, required=not (offer.continues or offer.base))
    options, color, size = _options(given)
    amounts = _prices(offer, shop_currency, warn)
    gender, age = attributes.gender(given.get("gender")), attributes.age_group(given.get("age_group"))
    own = given.get("product_type") or given.get("category")
    category, path = filing.filed(
        given.get("google_category"), own, [t for t in (title["en"], title["zh"]) if t], bool(size or gender)
    )
    tags = attributes.from_tags(given.get("tags"))
    if category == filing.UNFILED:
        category = ""
    description = bilingual(given, "description")
    for lang, said in description.items():
        if len(said) > LONGEST_TEXT:
            description[lang] = said[:LONGEST_TEXT]
            warn(Refused("text_cut", "description", most=LONGEST_TEXT))
    in_stock = (None, None) if offer.base else _stock(given)
    images = [str(i).strip() for i in listed(given.get("images")) if str(i).strip()]
    if len(images := list(dict.fromkeys(images))) > MOST_PICTURES:
        warn(Refused("pictures_cut", "images", count=len(images), most=MOST_PICTURES))
    spin = turn(given.get("spin"), warn)
    rating = number(given.get("rating")) if given.get("rating") not in (None, "") else None
    found = filled(
        [
            ("line", offer.line),
            ("where", offer.where),
            ("id", checked_id(offer)),
            ("title", title if any(title.values()) else None),
            ("description", description if any(description.values()) else None),
            ("care", bilingual(given, "care") if any(n.startswith("care") for n in given) else None),
            ("brand", one_line(text(given.get("brand")))[:100]),
            ("category", category),
            ("path", path),
            ("colors", color),
            ("pattern", attributes.one("pattern", given.get("pattern"))),
            ("material", attributes.material(given.get("material"))),
            *((a, attributes.one(a, given.get(a))) for a in ("sleeve", "neckline", "length")),
            ("gender", gender or _single(tags.get("gender"))),
            ("age_group", age or _single(tags.get("age_group"))),
            *(
                (a, attributes.several(a, given.get(a)) or tags.get(a) or None)
                for a in ("season", "occasion", "style")
            ),
            ("size", size),
            ("options", options),
            ("availability", in_stock[0]),
            ("quantity", in_stock[1]),
            ("images", images[:MOST_PICTURES]),
            ("spin", spin),
            ("variant_image", str(given.get("variant_image") or "").strip()),
            ("url", _address(given.get("url"))),
            ("gtin", one_line(str(given.get("gtin") or "")).strip("'")[:50]),
            ("rating", rating if rating is not None and 0 <= rating <= 5 else None),
            ("rating_count", count(given.get("rating_count"))),
            ("sizes", given.get("sizes")),
            ("size_chart", given.get("size_chart")),
        ]
    )
    return found | amounts, left_out


def turn(given: Any, warn: Callable[[Refused], None]) -> list[str]:
    """The frames of a full turn: none where there are too few, evenly fewer where there are more than anybody needs."""
    frames = [str(frame).strip() for frame in listed(given) if str(frame).strip()]
    if 0 < len(frames) < SPIN_AT_LEAST:
        warn(Refused("spin_short", "spin", count=len(frames), least=SPIN_AT_LEAST))
        return []
    if len(frames) > SPIN_AT_MOST:
        warn(Refused("spin_thinned", "spin", count=len(frames), most=SPIN_AT_MOST))
        frames = [frames[place * len(frames) // SPIN_AT_MOST] for place in range(SPIN_AT_MOST)]
    return frames


def undecodable(given: Any, field: str | None = None) -> None:
    """Raise Refused where a text holds bytes that its encoding has no character for."""
    if isinstance(given, str):
        if BAD in given or "\x00" in given:
            raise Refused("bad_encoding", field, value=given.replace(BAD, "?").replace("\x00", "?"))
    elif isinstance(given, dict):
        for name, value in given.items():
            undecodable(value, field or str(name))
            undecodable(name, field)
    elif isinstance(given, list):
        for value in given:
            undecodable(value, field)


def checked_id(offer: Offer) -> str:
    """The id. Raises Refused where there is none, or none that a product may have."""
    return fit_id(offer.id)


def fit_id(value: str | None) -> str:
    """The id as products have it. Raises Refused for none, for one that is too long or holds what nobody can see."""
    found = (value or "").strip()
    if not found:
        raise Refused("no_id", "id")
    if len(found) > LONGEST_ID:
        raise Refused("long_id", "id", most=LONGEST_ID, value=found)
    if plain(found) != found or "\n" in found:
        raise Refused("unseen_id", "id", value=found)
    return found


def fit_title(title: dict[str, str]) -> dict[str, str]:
    """The title on one line. Raises Refused for an endless one."""
    found = {lang: one_line(said) for lang, said in title.items()}
    if (longest := max(map(len, found.values()))) > LONGEST_TITLE:
        raise Refused("long_title", "title", length=longest, most=LONGEST_TITLE)
    return found


def _title(given: dict[str, Any], required: bool) -> dict[str, str]:
    found = fit_title(bilingual(given, "title"))
    if required and not any(found.values()):
        raise Refused("no_title", "title")
    return found


def _options(given: dict[str, Any]) -> tuple[dict[str, str], list[str], str]:
    """(options of no attribute of ours, colours, size)."""
    color, size, others = given.get("color"), text(given.get("size")), {}
    chosen = given.get("options")
    for name, value in chosen.items() if isinstance(chosen, dict) else ():
        said, named = " ".join(text(value).split()), name_of(str(name))
        if not said or (said.casefold() in _PLACEHOLDERS and named in ("", "title")):
            continue
        attribute = meanings("options").get(named)
        if attribute == "color":
            color = said
        elif attribute == "size":
            size = said
        elif attribute in ("material", "pattern"):
            given.setdefault(attribute, said)
        else:
            others[one_line(str(name))[:50]] = said[:100]
    return others, attributes.colors(color), one_line(size)[:50]


def _prices(offer: Offer, shop: str | None, warn: Any) -> dict[str, Any]:
    """{"price", "sale_price", "currency", "sign"}. A sale price that cannot be read is left out; the price has to be
    right. `sign`: what the currency was read from, where that is a sign of several."""
    given = offer.fields
    said = known_currency(given.get("currency"))
    if given.get("price") in (None, "", [], {}):
        if offer.base:
            return {}
        raise Refused("no_price", "price")
    amount, currency = price(given["price"], "price", said, offer.minor, shop)
    found: dict[str, Any] = {"price": str(amount), "currency": currency or ""}
    if sign := sign_of_several(given["price"], given.get("currency")):
        found["sign"] = sign
    try:
        if given.get("compare_at") not in (None, "", "0", "0.00", 0):
            before, _ = price(given["compare_at"], "compare_at", said or currency, offer.minor, shop)
            if before > amount:
                found |= {"price": str(before), "sale_price": str(amount)}
        elif given.get("sale_price") not in (None, "", [], {}):
            sale, of = price(given["sale_price"], "sale_price", said or currency, offer.minor, shop)
            if of and currency and of != currency:
                raise Refused("sale_currency", "sale_price", value=of, currency=currency)
            if sale < amount and on_sale_now(str(given.get("sale_dates") or "")):
                found["sale_price"] = str(sale)
    except Refused as error:
        warn(
            Refused("sale_left_out", error.field, **error.values) if error.code != "sale_currency" else error
        )
    return found


def _stock(given: dict[str, Any]) -> tuple[str | None, int | None]:
    """(availability, how many). A number without a word says both."""
    many = count(given.get("quantity")) if given.get("quantity") not in (None, "") else None
    said = availability(given.get("availability"))
    if said is None and many is not None and truth(given.get("backorders")) is not True:
        said = "in_stock" if many else "out_of_stock"
    return said, many


def _address(value: Any) -> str:
    """A link that a browser may follow; another one is none."""
    found = str(value or "").strip()
    return found[:2000] if found.casefold().startswith(("http://", "https://")) else ""


def _single(values: list[str] | None) -> str | None:
    return values[0] if values and len(values) == 1 else None
