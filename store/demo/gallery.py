"""Which pictures a product of the demo shop has, by name; nothing is drawn here."""

from collections.abc import Iterable

from prompts import taxonomy
from store.types import Scene, View

PLACES: dict[str, Scene] = {  # occasion → where a product made for it is shown
    "beach": "beach",
    "work": "office",
    "interview": "office",
    "party": "dinner",
    "date": "dinner",
    "wedding": "dinner",
    "outdoor": "mountain",
    "sport": "mountain",
    "travel": "street_rain",
    "school": "street_rain",
    "home": "home",
    "everyday": "home",
}
MOST_PLACES = 2
TURNED = ("shoes", "bag", "hat", "dress")  # what is drawn in the round, with all that is below it
FRAMES = 24
TOPS = ("t-shirt", "longsleeve", "tank", "shirt", "blouse", "polo", "sweater", "cardigan", "hoodie", "sweatshirt",
        "jacket", "puffer")  # fmt: skip
FULL = ("dress", "jumpsuit")
BOTTOMS = ("pants", "jeans", "leggings", "joggers", "shorts", "skirt")
WORN = (*TOPS, *FULL, *BOTTOMS)  # shown on a figure; what has lapels is not: they would lie before its neck


def second(category: str) -> str:
    """What a product's second picture shows: "back" or "detail"."""
    if taxonomy.is_a(category, "hat") and category not in ("hat", "sunhat"):
        return "back"
    return {"shoes": "detail", "accessories": "detail"}.get(taxonomy.ancestors(category)[0], "back")


def worn(category: str, kids: bool) -> bool:
    """Whether there is a picture of it on a figure (figure.py): a child is shown dressed from the neck down."""
    return category in WORN and not (kids and category in BOTTOMS)


def views(product_id: str, category: str, occasions: Iterable[str], kids: bool) -> dict[str, View]:
    """The pictures of a product in order, and what each shows: the first is drawn at once, the others are when
    somebody asks for them (views.py)."""
    drawn: dict[str, View] = {f"images/{product_id}-1.webp": "front"}
    drawn[f"images/{product_id}-2.webp"] = "back" if second(category) == "back" else "detail"
    places = list(dict.fromkeys(PLACES[occasion] for occasion in occasions if occasion in PLACES))
    later: list[View] = ["detail", *(("figure",) if worn(category, kids) else ()), *places[:MOST_PLACES]]
    for view in later:
        if view not in drawn.values():
            drawn[f"images/{product_id}-{view}.webp"] = view
    return drawn


def turn(product_id: str, category: str) -> list[str]:
    """The frames of a full turn; none of what is not drawn in the round."""
    if not any(taxonomy.is_a(category, kind) for kind in TURNED):
        return []
    return [f"images/{product_id}-spin-{place:02}.webp" for place in range(FRAMES)]
