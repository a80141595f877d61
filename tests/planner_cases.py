"""Understanding measured: the utterances of tests/data/understanding.yaml against what the planner makes of them."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from agent.planner.lexicon import Lexicon
from agent.planner.meaning import Meaning
from agent.planner.state import State
from agent.planner.understand import understand
from prompts import language

DATA = Path(__file__).parent / "data" / "understanding.yaml"
PHOTO = {
    "id": "f" * 16,
    "look": {
        "garments": [
            {"category": "shirt", "colors": ["blue", "white"], "pattern": "striped", "sleeve": "long"}
        ]
    },
}


def card(i: int, category: str, color: str, price: float, **more: Any) -> dict[str, Any]:
    """A product card as the tools give it."""
    money = {"amount": f"{price:.2f}", "currency": "USD", "text": f"${price:.2f}"}
    fields = {
        "id": f"P{i}", "name": f"{color.title()} {category} {i}", "brand": "Mori", "category": category,
        "colors": [color], "price": money, "sale_price": None, "in_stock": True, "rating": 4.0 + i / 10,
        "rating_count": 10 * i, "why": "", "attributes": {"Material": "cotton"},
        "sizes": [{"size": s, "in_stock": s != "L", "quantity": 0 if s == "L" else 5} for s in "SML"],
    }  # fmt: skip
    return fields | more


CARDS = [
    card(1, "dress", "blue", 40),
    card(2, "dress", "red", 60),
    card(3, "dress", "green", 30),
    card(4, "dress", "white", 80),
]


@cache
def lexicon() -> Lexicon:
    """Brands of no shop in particular."""
    return Lexicon(brands=("Mori", "Northlane"))


def context(name: str) -> tuple[State, list[str], dict[str, Any]]:
    """(state, photos with the message, options) of a case."""
    state = State()
    if name in ("list", "focus"):
        state.slots = {"category": ["dress"]}
        state.fold("search_catalog", {"where": {}}, {"type": "products", "items": CARDS, "total": 4})
    if name == "focus":
        state.focus, state.latest = ["P2"], "product"
    if name in ("photo", "pic"):
        state.add_pictures([PHOTO])
    return state, [PHOTO["id"]] if name == "photo" else [], {}


@dataclass
class Score:
    """Counts over cases; `wrong` says what went wrong."""

    cases: int = 0
    intents: int = 0
    true: int = 0
    found: int = 0
    wanted: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def intent(self) -> float:
        return self.intents / max(self.cases, 1)

    @property
    def f1(self) -> float:
        return 2 * self.true / max(self.found + self.wanted, 1)


def flat(slots: dict[str, Any]) -> set[tuple[str, str]]:
    """Slots as (name, value) pairs."""
    pairs: set[tuple[str, str]] = set()
    for name, value in slots.items():
        if name == "not":
            pairs |= {(f"not.{a}", str(v)) for a, values in value.items() for v in values}
        elif name == "price":
            pairs |= {(f"price.{k}", str(float(v)) if k != "currency" else v) for k, v in value.items()}
        elif isinstance(value, list):
            pairs |= {(name, str(v)) for v in value}
        else:
            pairs.add((name, str(value)))
    return pairs


def heard(text: str, where: str) -> Meaning:
    """What the planner makes of a case."""
    state, photos, options = context(where)
    return understand(text, photos, state, lexicon(), language=language.detect(text), **options)


def score(part: str, lang: str | None = None) -> Score:
    """Intent accuracy and slot F1 over a part of the data."""
    total = Score()
    for text, intent, slots, where in yaml.safe_load(DATA.read_text(encoding="utf-8"))[part]:
        if lang and language.detect(text) != lang:
            continue
        meaning = heard(text, where)
        want, have = flat(slots), flat(meaning.said)
        total.cases += 1
        total.intents += meaning.intent == intent
        total.true += len(want & have)
        total.wanted += len(want)
        total.found += len(have)
        if meaning.intent != intent or want != have:
            total.wrong.append(f"{text} [{where}]: {meaning.intent} (want {intent}) {sorted(want ^ have)}")
    return total
