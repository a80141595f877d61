"""Labelled utterances of shoppers, and the conversations that they come in.

`training/utterances.jsonl` is trained on, `tests/data/utterances_held.jsonl` only measured on. A line: `text`, `lang`,
`intent` (`intents` where there are several; "answer": to the open question), `said` (slots of this message), `context`,
`refs` (ids of the products meant).
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from agent.planner.lexicon import Lexicon
from agent.planner.state import Pending, State

ROOT = Path(__file__).parent.parent
TRAINED = Path(__file__).parent / "utterances.jsonl"
HELD = ROOT / "tests" / "data" / "utterances_held.jsonl"
PHOTO = {
    "id": "f" * 16,
    "look": {
        "garments": [
            {"category": "shirt", "colors": ["blue", "white"], "pattern": "striped", "sleeve": "long"}
        ]
    },
}


def load(file: Path) -> list[dict[str, Any]]:
    """The lines of a file."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def shared(rows: list[dict[str, Any]], share: float) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(the rows of a share, the others): the same split each time."""
    mine = np.random.default_rng(7).random(len(rows)) < share
    return [r for r, own in zip(rows, mine, strict=True) if own], [
        r for r, own in zip(rows, mine, strict=True) if not own
    ]


def lexicon() -> Lexicon:
    """Knows the two brands of the contexts."""
    return Lexicon(brands=("Mori", "Northlane"))


def _card(n: int, category: str, color: str, price: int, brand: str, **attributes: str) -> dict[str, Any]:
    money = {"amount": f"{price}.00", "currency": "USD", "text": f"${price}.00"}
    return {
        "id": f"P{n}", "name": f"{color.title()} {category} {n}", "brand": brand, "category": category,
        "colors": [color], "price": money, "sale_price": None, "in_stock": True, "rating": 4.0 + n / 10,
        "rating_count": 10 * n, "why": "", "attributes": attributes or {"Material": "cotton"},
        "sizes": [{"size": s, "in_stock": s != "L", "quantity": 0 if s == "L" else 5} for s in "SML"],
    }  # fmt: skip


DRESSES = [
    _card(1, "dress", "blue", 40, "Mori"),
    _card(2, "dress", "red", 60, "Northlane"),
    _card(3, "dress", "green", 30, "Mori"),
    _card(4, "dress", "white", 80, "Northlane"),
]
MIXED = [
    _card(1, "jacket", "black", 120, "Mori", Material="leather"),
    _card(2, "coat", "grey", 150, "Northlane", Material="wool"),
    _card(3, "sneakers", "white", 55, "Mori"),
    _card(4, "boots", "brown", 90, "Northlane"),
    _card(5, "t-shirt", "navy", 20, "Mori", Pattern="striped"),
]


def context(name: str) -> tuple[State, list[str]]:
    """(state, photos with the message) of a named context: "", list, focus, mixed, cart, photo, pic, asked_size, blind
    (in mid-conversation, where nothing is known of what the shopper sees) and seeking (so, after a search)."""
    state = State()
    if name == "seeking":
        state.slots = {"category": ["jacket"]}
    if name in ("list", "focus", "asked_size"):
        state.slots = {"category": ["dress"]}
        state.fold("search_catalog", {"where": {}}, {"type": "products", "items": DRESSES, "total": 4})
    if name in ("mixed", "cart"):
        state.fold("search_catalog", {"where": {}}, {"type": "products", "items": MIXED, "total": 5})
    if name in ("focus", "asked_size"):
        state.focus, state.latest = ["P2"], "product"
    if name == "asked_size":
        state.pending = Pending(intent="cart_add", slot="size", product="P2", choices=["S", "M"])
    if name == "cart":
        state.latest = "cart"
        state.cart = [
            {"id": i["id"], "size": "M", "quantity": 1, "name": i["name"]} for i in (MIXED[2], MIXED[4])
        ]
    if name in ("photo", "pic"):
        state.add_pictures([PHOTO])
    return state, [PHOTO["id"]] if name == "photo" else []
