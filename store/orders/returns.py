"""What may be sent back: the shop's rules, held against each line of an order.

`return_rules` of policies.yaml: {days: 30, never: [swimwear], sealed: [jewellery], topic: returns}.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from prompts import taxonomy
from store.orders.types import Line, Order


@dataclass(frozen=True)
class Rules:
    """`days` after delivery; `never`: kinds of goods, or ids of products, that stay sold; `sealed`: those that do once
    they are opened; `topic`: the policy that a reply quotes."""

    days: int
    never: tuple[str, ...] = ()
    sealed: tuple[str, ...] = ()
    topic: str = "returns"


@dataclass(frozen=True)
class Verdict:
    """On a line: `why` is "" where it may come back, else a key of `refused` in prompts/orders.yaml; `until`: the last
    day; `id`: the return that it is part of already; `sealed`: only as long as it is."""

    line: Line
    why: str = ""
    until: date | None = None
    id: str = ""
    sealed: bool = False


def judged(
    order: Order, rules: Rules, kinds: Mapping[str, str], returned: Mapping[int, str], today: date
) -> list[Verdict]:
    """Each line of an order. `kinds`: product → its kind in the catalogue; `returned`: line → return number."""
    until = order.delivered + timedelta(days=rules.days) if order.delivered else None
    whole = _of_order(order, until, today)
    verdicts = []
    for line in order.lines:
        id_ = returned.get(line.place, "")
        kind = kinds.get(line.product or "", "")
        why = "" if id_ else whole or _of_line(line, rules.never, kind)
        verdicts.append(Verdict(line, why, until, id_, sealed=_among(line, rules.sealed, kind)))
    return verdicts


def _of_order(order: Order, until: date | None, today: date) -> str:
    if order.status in ("cancelled", "returned"):
        return order.status
    if order.status != "delivered":
        return "not_delivered"
    if until is None:
        return "unknown_day"
    return "too_late" if today > until else ""


def _of_line(line: Line, never: Sequence[str], kind: str) -> str:
    if line.returnable is False:
        return "not_this"
    return "never" if line.returnable is None and _among(line, never, kind) else ""


def _among(line: Line, listed: Sequence[str], kind: str) -> bool:
    """Whether a list of kinds and products has this one."""
    of_kind = bool(kind) and any(taxonomy.is_a(kind, one) for one in listed)
    return of_kind or (line.product is not None and line.product in listed)
