"""What every format's reader hands on: offers (a row, an item, a variant) and what could not be read.

A reader knows its format and nothing else: it puts what a row says under our names (`FIELDS`), as it stands there.
What the words mean is read in one place for all formats (normal.py), and offers of one group become one product
(assemble.py).

Refused     a row or a product that cannot go in: a code with a sentence in prompts/feeds.yaml
"""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

# Under which names a reader gives what it found. Values are strings, numbers, or lists and dicts of them.
FIELDS = (
    "title", "title_zh", "title_en", "description", "description_zh", "description_en", "care", "care_zh", "care_en",
    "brand", "category", "google_category", "product_type", "tags", "color", "size", "material", "pattern", "sleeve",
    "neckline", "length", "gender", "age_group", "season", "occasion", "style", "price", "currency", "sale_price",
    "sale_dates", "compare_at", "availability", "quantity", "images", "url", "gtin", "rating", "rating_count",
    "options", "variant_image", "spin", "size_chart", "sizes", "detail",
)  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """Something that a person should know of. `line` counts from 1, 0 where a whole file is meant; `where` names the
    page in a folder of them; `code` and `values` become sentences in prompts/feeds.yaml."""

    line: int
    id: str | None
    field: str | None
    code: str
    values: dict[str, str] = dataclasses.field(default_factory=dict)
    where: str = ""
    refused: bool = True  # else the row went in without what is told of
    group: str = ""  # the product, where `id` is that of one of its variants


class Refused(Exception):
    """Why a row cannot go in: `code` has a sentence in prompts/feeds.yaml."""

    def __init__(self, code: str, field: str | None = None, **values: object) -> None:
        super().__init__(code)
        self.code, self.field = code, field
        self.values = {name: shown(value) for name, value in values.items()}

    def problem(self, line: int, id: str | None = None, where: str = "") -> Problem:
        """As it is reported, with its place."""
        return Problem(line, id, self.field, self.code, self.values, where)


@dataclass
class Offer:
    """One buyable thing as a feed names it. Offers with one `group` are variants of one product. `continues`: a variant
    that need not say again what its product is called; `base`: what is said of the product itself, without a price.
    `scoped`: its id tells it from the others of its group only. `minor`: prices are whole numbers of minor units."""

    line: int
    id: str | None
    fields: dict[str, Any]
    group: str | None = None
    continues: bool = False
    base: bool = False
    scoped: bool = False
    minor: bool = False
    where: str = ""


@dataclass
class Whole:
    """A row that is a product already, in our own shape (`store.types.Product` as JSON)."""

    line: int
    id: str | None
    row: dict[str, Any]


Read = Offer | Whole | Problem
Reading = Iterator[Read]

SHOWN = 80  # characters of a value in a report


def shown(value: object) -> str:
    """A value as a report quotes it: on one line, not too long."""
    text = " ".join(str(value).encode("utf-8", "replace").decode().split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def listed(value: Any) -> list[Any]:
    """The value as a list; nothing is an empty one."""
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def filled(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The pairs that have a value."""
    return {name: value for name, value in pairs if value not in (None, "", [], {})}
