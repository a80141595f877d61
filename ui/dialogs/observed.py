"""What a door saw of a conversation, and how a script speaks of it: patterns, paths and captures."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from agent.focus import InPhoto
from prompts import taxonomy
from store.types import Product
from ui.dialogs import script as form

Event = dict[str, Any]
STEP = re.compile(r"^(\w+)((?:\[\d+\]|\[\*\])*)$")


@dataclass
class Failure:
    """One gate that did not hold."""

    gate: str
    message: str


@dataclass
class Observed:
    """One turn as a door saw it."""

    text: str
    lang: form.Lang
    events: list[Event]
    cart_before: Event
    cart: Event
    profile_before: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """The turn's language, as its first event says."""
        return str(next((e["language"] for e in self.events if e["type"] == "turn_started"), self.lang))

    @property
    def reply(self) -> str:
        """The words of the reply."""
        return str(next((e["text"] for e in reversed(self.events) if e["type"] == "done"), ""))

    def of(self, *types: str) -> list[Event]:
        """The events of these types."""
        return [e for e in self.events if e["type"] in types]

    def cards(self) -> list[Event]:
        """Every product card shown, each product once, in order."""
        shown: dict[str, Event] = {}
        for event in self.events:
            for card in cards_of(event):
                shown.setdefault(card["id"], card)
        return list(shown.values())


@dataclass
class Conversation:
    """All turns so far, what was captured, and the shop's records to hold cards against."""

    products: Callable[[list[str]], list[Product]]
    titles: dict[str, set[str]]
    ids: set[str]
    tools: list[str]
    turns: list[Observed] = field(default_factory=list)
    captured: dict[str, Any] = field(default_factory=dict)
    canaries: list[str] = field(default_factory=list)

    def events(self) -> list[Event]:
        return [event for turn in self.turns for event in turn.events]

    def messages(self) -> list[str]:
        return [turn.text for turn in self.turns]

    def shown(self, before: int | None = None) -> set[str]:
        """Ids of every product shown in the first `before` turns (all of them by default), lines of carts and orders
        included."""
        turns = self.turns[:before]
        bought = {
            line["product"]
            for t in turns
            for event in t.of("order")
            for order in event["orders"]
            for line in order["lines"]
            if line["product"]
        }
        return (
            bought
            | {c["id"] for t in turns for c in t.cards()}
            | {line["id"] for t in turns for cart in [t.cart, *t.of("cart")] for line in cart["lines"]}
        )

    def touched(self, garment: form.Touched) -> InPhoto:
        """The garment of a photo that a script means. Raises ScriptError where no photo so far shows it."""
        photo = self.resolve(garment.photo)
        looks = (e for turn in reversed(self.turns) for e in reversed(turn.of("looked")))
        seen = next((e for e in looks if photo in (None, e["photo"])), None)
        found = seen["look"].get("garments", []) if seen else []
        kinds = [str(one.get("kind") or one["category"]) for one in found]
        wanted = garment.garment
        places = [
            i
            for i, kind in enumerate(kinds)
            if (taxonomy.is_a(kind, wanted) if isinstance(wanted, str) else i == wanted)
        ]
        if seen is None or not places:
            raise form.ScriptError(f"no photo so far shows the garment {wanted!r}")
        return InPhoto(photo=seen["photo"], garment=places[0])

    def resolve(self, value: Any) -> Any:
        """`$name` → what was captured as that, anywhere inside a value. Raises ScriptError for an unknown one."""
        if isinstance(value, str) and value.startswith("$") and form.CAPTURE.match(value[1:]):
            if value[1:] not in self.captured:
                raise form.ScriptError(f"{value} was never captured")
            return self.captured[value[1:]]
        if isinstance(value, dict):
            return {key: self.resolve(inner) for key, inner in value.items()}
        return [self.resolve(inner) for inner in value] if isinstance(value, list) else value


def tool_meant(use: str | form.ToolUse, tools: list[str]) -> tuple[str, dict[str, Any]]:
    """The (tool, arguments) meant. `cart.add` and `add_to_cart` are the tool `cart` with that action."""
    name, args = (use, {}) if isinstance(use, str) else (use.name, use.args)
    named = re.fullmatch(r"(\w+)\.(\w+)", name)
    spoken = re.fullmatch(r"(add|remove|change|view|clear)_(?:to_|from_)?cart", name)
    if named:
        return named[1], {**args, "action": named[2]}
    if spoken and name not in tools:
        return "cart", {**args, "action": spoken[1]}
    return name, args


def cards_of(event: Event) -> list[Event]:
    """The product cards of an event, with repetitions."""
    if event["type"] in ("products", "comparison"):
        return list(event["items"])
    return [item for look in event["looks"] for item in look["items"]] if event["type"] == "outfit" else []


def matches(pattern: Any, value: Any) -> bool:
    """Is `pattern` part of `value`? A mapping is when each of its keys is; a list when each element matches some
    element; a number when it is equal as a number; anything else when it is equal."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(
            k in value and matches(v, value[k]) for k, v in pattern.items()
        )
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(matches(p, v) for v in value) for p in pattern)
    if isinstance(pattern, (int, float)) and not isinstance(pattern, bool):
        try:
            return Decimal(str(value)) == Decimal(str(pattern))
        except InvalidOperation:
            return False
    return bool(pattern == value)


class _Many(list[Any]):
    """The elements picked by `[*]`."""


def at(path: str, turn: Observed) -> Any:
    """What lies at a path such as `products[0].id`, `cart.lines[0].size`, `outfit.looks[0].items[1].id` or
    `products[*].id`. `products` are the cards; another first word is the newest event of that type, `reply` its text.

    Raises KeyError, IndexError, TypeError where there is nothing, ScriptError for what is no path.
    """
    steps = [STEP.match(part) for part in path.split(".")]
    if not path or not all(steps):
        raise form.ScriptError(f"{path!r} is no path")
    name = steps[0][1] if steps[0] else ""
    if name == "products":
        here: Any = turn.cards()
    elif name == "cart":
        here = turn.cart
    elif name == "reply":
        here = turn.reply
    else:
        found = turn.of(name)
        if not found:
            raise KeyError(name)
        here = found[-1]
    for number, step in enumerate(steps):
        if step is None:
            continue
        if number:
            here = _Many(one[step[1]] for one in here) if isinstance(here, _Many) else here[step[1]]
        for index in re.findall(r"\[(\d+|\*)\]", step[2]):
            here = _Many(here) if index == "*" else here[int(index)]
    return list(here) if isinstance(here, _Many) else here
