"""What a message says of an order: its number, that it is to be looked up or sent back, which lines, why."""

import re
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel

from prompts import load
from store.orders import numbers

_READ = 2_000  # characters
_PAIR = 3  # words of a message that is a number and an address


Doing = Literal["", "status", "return", "change", "drop", "without"]


class OrderSaid(BaseModel):
    """Of one message. `number`: said to be an order's; `loose`: what may be one in talk of an order; `digits`: where
    one was asked for. `proof`: an address was given, hidden by now. `wish`: said outright; `returns`: sending back is
    spoken of at all, `rules`: so that the shop's rules are asked for; `change`, `cancel`: what nobody here can do;
    `follow`: how far it is."""

    about: bool = False
    number: str = ""
    loose: str = ""
    digits: str = ""
    proof: bool = False
    wish: Literal["", "status", "return"] = ""
    returns: bool = False
    rules: bool = False
    change: bool = False
    cancel: bool = False
    follow: bool = False
    drop: bool = False
    no: bool = False
    without: bool = False
    agree: bool = False
    seeks: bool = False
    everything: bool = False
    places: list[int] = []
    reason: str = ""
    # what becomes of it, by the conversation: what is named in it, its clean text, the reason in their own words
    doing: Doing = ""
    kinds: list[str] = []
    colors: list[str] = []
    text: str = ""
    lines: list[int] = []
    words: str = ""
    confirm: bool = False

    @property
    def named(self) -> dict[str, Any]:
        """By what it names lines; {} where it names none."""
        if not (self.kinds or self.colors or self.places or self.everything):
            return {}
        return self.model_dump(include={"kinds", "colors", "places", "everything", "text"})


class Bought(BaseModel):
    """A line of the order that is talked of."""

    place: int
    name: str
    category: str = ""
    colors: list[str] = []


class OrderTalk(BaseModel):
    """Where the talk of an order stands. `waits`: what was asked for last; `lines` and `reason` of a return so far,
    `named`: what was said of them before they were known; `bought`: what is in the order `number`, once it may be told;
    `age`: turns since."""

    doing: Literal["", "status", "return"] = ""
    number: str = ""
    waits: Literal["", "number", "proof", "lines", "reason", "confirm"] = ""
    lines: list[int] = []
    reason: str = ""
    words: str = ""
    bought: list[Bought] = []
    named: dict[str, Any] = {}
    age: int = 0

    def after(self, args: dict[str, Any], artifact: dict[str, Any]) -> "OrderTalk":
        """The talk after a call that came back."""
        outcome, state = str(artifact.get("outcome")), artifact.get("returning") or {}
        orders = artifact.get("orders") or []
        number = str(artifact.get("number") or args.get("number") or "")
        waits = _WAITS.get(str(state.get("stage")) if state else outcome, "")
        lines = list(state.get("lines") or []) or [
            int(n) for n in args.get("lines") or [] if str(n).isdigit()
        ]
        return OrderTalk(
            doing="return" if artifact.get("asked") == "return" else "status",
            number=number,
            waits=waits,  # type: ignore[arg-type]
            lines=[] if state.get("stage") == "refused" else lines,
            reason=str(state.get("reason") or args.get("reason") or ""),
            words=str(args.get("words") or ""),
            named=self.named,
            bought=[Bought.model_validate(line) for order in orders[:1] for line in order["lines"]],
        )


_WAITS = {
    "need_number": "number",
    "need_proof": "proof",
    "not_proven": "proof",
    "which": "lines",
    "why": "reason",
    "confirm": "confirm",
}


def speaks_of_order(text: str) -> bool:
    """Whether a message is about an order, or gives what may be an order's number beside an address: that address is a
    proof, then."""
    if _has("about", _folded(text)):
        return True
    told = numbers.hidden(text)
    return bool(told and read(told.text).loose)


def read(text: str) -> OrderSaid:
    """What it says, whatever was said before."""
    said = _folded(text)
    data, refund = load("understanding/orders"), _has("refund", said)
    proof, digits = _has("proof", said), _number("digits", said)
    paired = digits if proof and len(said.split()) <= _PAIR else ""  # "1001, d•••@example.com", and no more
    return OrderSaid(
        about=_has("about", said),
        number=_number("number", said),
        loose=_number("bare", said) or paired,
        digits=digits,
        proof=proof,
        wish="return"
        if _has("return", said) and not refund
        else "status"
        if refund or _has("status", said)
        else "",
        **{
            name: _has(name, said)
            for name in (
                "returns",
                "rules",
                "change",
                "cancel",
                "follow",
                "drop",
                "no",
                "without",
                "agree",
                "seeks",
            )
        },
        everything=_has("all", said),
        places=[n for n in data["places"] if any(p.search(said) for p in _compiled("places", str(n)))],
        reason=next((r for r in data["reasons"] if any(p.search(said) for p in _compiled("reasons", r))), ""),
    )


def _folded(text: str) -> str:
    return numbers.narrow(text[:_READ]).casefold().replace("’", "'")


def _has(name: str, said: str) -> bool:
    return any(pattern.search(said) for pattern in _compiled(name))


def _number(name: str, said: str) -> str:
    """The first that could be one, as it is written but for its case."""
    for pattern in _compiled(name):
        for match in pattern.finditer(said):
            found = match["n"].strip(" -").upper()
            if numbers.key(found):
                return found
    return ""


@cache
def _compiled(name: str, part: str = "") -> tuple[re.Pattern[str], ...]:
    data = load("understanding/orders")[name]
    listed = next(v for k, v in data.items() if str(k) == part) if part else data
    return tuple(re.compile(pattern) for pattern in listed)
