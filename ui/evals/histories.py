"""What shoppers did, as a shop has it on file or as it was simulated, and how well recommendations foresee the last of
it. Plain functions of plain values.

Leave one out: the last product that was chosen in earnest (liked, put into the cart or bought; where nothing was, the
last one looked at) is hidden with all that was done to it and all that came after; what is recommended from the rest is
right where it is among the first K. Of one hidden product NDCG is 1 / log2(1 + its place). Intervals are percentile
bootstraps over the shoppers.

BadHistory    a file of histories cannot be read; the message names the line
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import log2
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prompts import say
from ui.evals import ranking

K = 10
LEAST = 2  # products that a history must have beside the hidden one
MOST_BYTES = 2_000_000  # of a line: more is no history
EARNEST = frozenset({"liked", "added", "bought"})
CHOSEN = EARNEST | {"viewed", "asked"}
Action = Literal["viewed", "asked", "liked", "disliked", "added", "removed", "bought"]


class BadHistory(Exception):
    code = "bad_history"


class Event(BaseModel):
    """One thing that was done to a product; `at` None: in the order of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    product: str = Field(min_length=1, max_length=100)
    action: Action = "viewed"
    at: datetime | None = None


class History(BaseModel):
    """One shopper's events, the oldest first."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    shopper: str = Field(min_length=1, max_length=200)
    events: list[Event] = Field(max_length=10_000)


class Asked(BaseModel):
    """A shopper up to the moment when they chose `hidden`."""

    model_config = ConfigDict(frozen=True)
    shopper: str
    events: list[Event]
    hidden: str


def read(path: Path) -> list[History]:
    """JSON Lines of {"shopper", "events": [{"product", "action", "at"?}]}. Raises BadHistory."""
    found: list[History] = []
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            if len(line) > MOST_BYTES:
                raise BadHistory(f"{path}:{number}: {len(line)} bytes in one line")
            try:
                one = History.model_validate(json.loads(line.decode("utf-8-sig")))
            except ValidationError as error:
                first = error.errors()[0]
                raise BadHistory(
                    f"{path}:{number}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
                ) from error
            except (ValueError, RecursionError) as error:
                raise BadHistory(f"{path}:{number}: {error}") from error
            dated = all(event.at is not None and event.at.tzinfo for event in one.events)
            events = sorted(one.events, key=lambda e: e.at or datetime.min) if dated else one.events
            found.append(one.model_copy(update={"events": events}))
    if not found:
        raise BadHistory(say("terminal", "errors.no_histories", "en", path=path))
    return found


def asked(history: History, sold: frozenset[str]) -> Asked | None:
    """What is asked of a recommendation; None where the history tells too little, or the shop no longer sells it."""
    events = [event for event in history.events if event.product in sold]
    earnest = [i for i, e in enumerate(events) if e.action in EARNEST]
    looked = [i for i, e in enumerate(events) if e.action in CHOSEN]
    if not looked:
        return None
    last = (earnest or looked)[-1]
    hidden = events[last].product
    before = [event for event in events[:last] if event.product != hidden]
    if len({event.product for event in before}) < LEAST:
        return None
    return Asked(shopper=history.shopper, events=before, hidden=hidden)


def popular(histories: Sequence[Asked]) -> dict[str, int]:
    """How many shoppers chose each product, the hidden ones not counted."""
    found: dict[str, int] = {}
    for one in histories:
        for product in {event.product for event in one.events if event.action in CHOSEN}:
            found[product] = found.get(product, 0) + 1
    return found


def figures(
    every: Sequence[Asked], rankings: Mapping[str, Sequence[Sequence[str]]], ours: str, k: int = K
) -> dict[str, Any]:
    """Hit rate and NDCG of each method's rankings (one a shopper, in order), and the ratios of `ours` to the others'
    with intervals over the same draws."""
    draws = ranking.resampled([[i] for i in range(len(every))]) if every else []
    hits = {name: [float(one.hidden in found[:k]) for one, found in zip(every, ranked, strict=True)]
            for name, ranked in rankings.items()}  # fmt: skip
    gains = {name: [_gain(one.hidden, found[:k]) for one, found in zip(every, ranked, strict=True)]
             for name, ranked in rankings.items()}  # fmt: skip
    return {
        "shoppers": len(every),
        "k": k,
        "methods": {
            name: {
                "hit_rate": ranking.averaged(hits[name], draws),
                "ndcg": ranking.averaged(gains[name], draws),
            }
            for name in rankings
        },
        "ratio": {
            name: {
                "hit_rate": ranking.compared(hits[ours], hits[name], draws),
                "ndcg": ranking.compared(gains[ours], gains[name], draws),
            }
            for name in rankings
            if name != ours and any(hits[name])
        },
    }


def _gain(hidden: str, found: Sequence[str]) -> float:
    return next((1 / log2(place + 1) for place, i in enumerate(found, 1) if i == hidden), 0.0)


def table(found: Mapping[str, Any]) -> str:
    """A row a method, a column a figure with its 95 % interval."""
    k = found["k"]
    rows: list[Sequence[str]] = [("", f"hit@{k}", f"NDCG@{k}", "× hit", "× NDCG", "median_ms")]
    for name, method in found["methods"].items():
        ratio = found["ratio"].get(name)
        told = [ranking.written(method[column]) for column in ("hit_rate", "ndcg")]
        compared = [ranking.written(ratio[column]) for column in ("hit_rate", "ndcg")] if ratio else ["", ""]
        rows.append((name, *told, *compared, str(method.get("median_ms", ""))))
    return ranking.aligned(rows)


def written(histories: Iterable[History]) -> str:
    """The same as a file has them."""
    return "".join(one.model_dump_json(exclude_none=True) + "\n" for one in histories)
