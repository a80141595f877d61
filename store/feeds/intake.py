"""A feed → its staging: each offer read, checked and put with the others of its product; what cannot be is reported."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from store.errors import FeedError
from store.feeds import Feed, jsonl
from store.feeds.assemble import product as assembled
from store.feeds.normal import fit_id, row
from store.feeds.record import Offer, Problem, Refused, Whole, shown
from store.feeds.staging import Staging
from store.feeds.values import meant_by
from store.types import Product

log = logging.getLogger(__name__)
WHOLE = "whole"  # the body of a row that is a product already
UNSAID = "unsaid"  # such a row does not say what its prices are in


@dataclass
class Intake:
    """How the reading went: `rows` read, refused ones among them; `finished`: to the end of the feed."""

    rows: int = 0
    refused: int = 0
    finished: bool = False


def take_in(feed: Feed, staging: Staging, currency: str | None = None) -> Iterator[Intake]:
    """Read the whole feed into `staging`, telling after each row how far it is. `currency`: what amounts without one
    are in."""
    state = Intake()
    try:
        for read in feed.read():
            if isinstance(read, Problem):
                _report(staging, state, read)
                state.finished = state.finished or read.code in ("cut_off", "list_ends")
            elif isinstance(read, Whole):
                state.rows += 1
                _whole(read, staging, state)
            else:
                state.rows += not read.base
                _offer(read, staging, state, currency, feed.format == "google")
            yield state
    except Refused as refused:  # no header: there is nothing to read
        _report(staging, state, refused.problem(1))
    except FeedError as error:
        _report(
            staging, state, Problem(0, None, None, "page_unreadable", {"reason": shown(error)}, refused=False)
        )
        state.finished = True
    if not state.rows:
        staging.report(Problem(0, None, None, "empty", refused=False))
    state.finished = not state.finished
    yield state


def _report(staging: Staging, state: Intake, problem: Problem) -> None:
    staging.report(problem)
    if problem.refused:
        state.rows += 1
        state.refused += 1
        if problem.id and problem.code != "not_published":
            staging.mention(problem.group or problem.id)


def _whole(read: Whole, staging: Staging, state: Intake) -> None:
    try:
        left_out: list[Refused] = []
        made = jsonl.product(read.row, left_out.append)
        said = made.model_dump(mode="json", exclude_computed_fields=True)
        named = "currency" in read.row["price"]
        body = {WHOLE: said, "title": said["title"], UNSAID: not named}
        staging.put(made.id, made.id, read.line, body, made.price.currency if named else "")
        for refused in left_out:
            _report(staging, state, replace(refused.problem(read.line, made.id), refused=False))
    except Refused as refused:
        _refuse(staging, state, refused.problem(read.line, read.id), read.id)
    except Exception as error:
        _refuse(staging, state, _fault(error).problem(read.line, read.id), read.id)


def _fault(error: Exception) -> Refused:
    """What no reader foresaw: it must not stop the rows behind it."""
    log.exception("a row of a feed could not be read")
    return Refused("fault", None, kind=type(error).__name__)


def _offer(read: Offer, staging: Staging, state: Intake, currency: str | None, strict: bool) -> None:
    """`strict`: the format wants to be told whether a thing can be bought."""
    product = read.group or read.id
    try:
        product = fit_id(read.group) if read.group else None
        made, left_out = row(read, currency)
        product = product or made["id"]
        key = f"{product}\0{made['id']}" if read.scoped else made["id"]
        if read.base:
            key = f"{product}\0\0{read.line} {read.where}"
        staging.put(product, key, read.line, made, made.get("currency"), made.get("sign", ""))
        if strict and "availability" not in made:
            unsaid = Refused("no_availability", "availability").problem(read.line, read.id, read.where)
            left_out.append(replace(unsaid, refused=False))
        for problem in left_out:
            _report(staging, state, problem)
    except Refused as refused:
        _refuse(staging, state, refused.problem(read.line, read.id, read.where), product)
        state.rows -= not read.base  # told as refused, counted once
    except Exception as error:
        _refuse(staging, state, _fault(error).problem(read.line, read.id, read.where), product)
        state.rows -= not read.base


def _refuse(staging: Staging, state: Intake, problem: Problem, product: str | None) -> None:
    _report(staging, state, problem)
    if product:
        staging.mention(product)


def made(product_id: str, rows: list[dict[str, Any]], currency: str) -> Product:
    """The product of a group's rows. Raises Refused, also where one of them is in another currency than `currency`."""
    try:
        if (own := rows[0].get(WHOLE)) is not None:
            found = Product.model_validate(_priced_in(own, currency) if rows[0].get(UNSAID) else own)
            other = found.price.currency
        else:
            rows = [_read_in(row, currency) for row in rows]
            other = next(
                (r["currency"] for r in rows if r.get("currency") not in (None, "", currency)), currency
            )
            found = assembled(product_id, rows, currency)
    except Refused:
        raise
    except Exception as error:
        raise _fault(error) from error
    if other != currency:
        raise Refused("other_currency", "price", value=other, currency=currency)
    return found


def _read_in(row: dict[str, Any], currency: str) -> dict[str, Any]:
    """The row, its sign taken for the feed's currency where that has it."""
    return row | {"currency": currency} if currency in meant_by(row.get("sign", "")) else row


def _priced_in(own: dict[str, Any], currency: str) -> dict[str, Any]:
    """A product whose prices do not say what they are in."""
    paid = {n: own[n] | {"currency": currency} for n in ("price", "sale_price") if own.get(n)}
    return own | paid | {"variants": [_priced_in(v, currency) for v in own.get("variants", [])]}
