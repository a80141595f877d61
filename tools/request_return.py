"""Have something of an order taken back. It is made only after the shopper has seen what would be, and said yes."""

from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool

from prompts import load, say
from prompts.plain import one_line
from store.orders import NoReturnRules
from store.orders import Order as KeptOrder
from store.orders.returns import Verdict
from tools import order_cards, orders
from tools.context import ToolContext
from tools.results import Kept, Order, Returning

REASONS = ("too_small", "too_big", "damaged", "wrong_item", "not_as_shown", "changed_mind", "other")
WORDS_CHARS = 300


@tool(parse_docstring=True, response_format="content_and_artifact")
def request_return(
    runtime: ToolRuntime[ToolContext],
    number: str = "",
    lines: list[int] | None = None,
    reason: str = "",
    words: str = "",
    confirm: bool = False,
) -> tuple[str, dict[str, Any]]:
    """Have lines of an order taken back: says what is missing, then what would be returned; with `confirm` makes it.

    Args:
        number: The order number as the shopper wrote it.
        lines: Places of the lines in the order, from 1, as this tool or order_status tells them; empty where the
            shopper has not said which.
        reason: too_small, too_big, damaged, wrong_item, not_as_shown, changed_mind or other; empty before they said.
        words: The reason in the shopper's own words.
        confirm: Only after this tool has said what would be returned and the shopper has agreed to it.
    """
    context = runtime.context
    event = returning(context, number[:100], lines or [], reason, words, confirm)
    return _told(event), event.model_dump(mode="json")


def returning(
    context: ToolContext,
    number: str,
    lines: list[int],
    reason: str = "",
    words: str = "",
    confirm: bool = False,
) -> Order:
    """How far a return is, as an event; with `confirm` it is made, once for each line."""
    found = orders.found_in(context, number, "return")
    if isinstance(found, Order) or context.order_desk is None:
        return (
            found if isinstance(found, Order) else Order(asked="return", outcome="orders_away", number=number)
        )
    try:
        verdicts, topic = context.order_desk.verdicts(found), context.order_desk.rules().topic
    except NoReturnRules as error:
        told = orders.shown(context, found)
        return told.model_copy(update={"asked": "return", "outcome": error.code})
    state = _state(context, found, verdicts, lines, reason, topic)
    if confirm and state.stage == "confirm":
        note = one_line(words)[:WORDS_CHARS]
        state.id = context.order_desk.take_back(found, state.lines, state.reason, note, context.session)
        state.stage = "made"
    shown = orders.shown(context, found)
    return shown.model_copy(update={"asked": "return", "returning": state})


def _state(
    context: ToolContext,
    order: KeptOrder,
    verdicts: list[Verdict],
    wanted: list[int],
    reason: str,
    topic: str,
) -> Returning:
    by_place = {v.line.place: v for v in verdicts}
    chosen = [place for place in dict.fromkeys(wanted) if place in by_place]
    free = [v.line.place for v in verdicts if not (v.why or v.id)]
    state = Returning(stage="which", open=free, **_passage(context, topic))
    about = [by_place[p] for p in chosen] or verdicts
    state.kept = [_kept(v, context.lang) for v in about if v.why]
    made = list(dict.fromkeys(v.id for v in about if v.id))
    going = [p for p in (chosen or (free if len(verdicts) == 1 else [])) if p in free]
    if until := next((v.until for v in verdicts if v.until), None):
        state.until = order_cards.day(until, context.lang)
    if made and not going and (chosen or not free):
        state.stage, state.id = "made", made[0]  # it is under way already: there are never two
        state.lines = [v.line.place for v in verdicts if v.id == made[0]]
    elif not going:
        state.stage = "which" if free and not chosen else "refused"
    else:
        state.lines = going
        state.sealed = [p for p in going if by_place[p].sealed]
        state.stage = "confirm" if reason in REASONS else "why"
        if reason in REASONS:
            state.reason, state.reason_text = reason, say("orders", f"reasons.{reason}", context.lang)
    return state


def _passage(context: ToolContext, topic: str) -> dict[str, str]:
    """What the shop's policies say of returns, to be quoted."""
    found = context.policies.get(topic, context.lang)
    if found is None:
        return {}
    question = say("replies", "quick.returns", context.lang)
    return {
        "title": found.title,
        "passage": found.passage,
        "answer": context.policies.answer(question, found),
    }


def _kept(verdict: Verdict, lang: str) -> Kept:
    until = order_cards.day(verdict.until, lang) if verdict.until else ""
    text = say("orders", f"refused.{verdict.why}", lang, day=until)
    return Kept(line=verdict.line.place, why=verdict.why, text=text)


def _told(event: Order) -> str:
    if event.returning is None:
        return (
            orders.words(event)
            if event.outcome != "no_return_rules"
            else str(load("orders")["model"][event.outcome])
        )
    state, order = event.returning, event.orders[0]
    named = {line.place: order_cards.line(line) for line in order.lines}
    free = [named[p] for p in (state.open if state.stage == "which" else state.lines)]
    return str(load("orders")["model"][state.stage]).format(
        lines="; ".join(free),
        refused="; ".join(f"{named[k.line]}: {k.text}" for k in state.kept) or "nothing",
        reason=state.reason_text,
        until=state.until,
        passage=state.passage or "-",
        id=state.id,
    )
