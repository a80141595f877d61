"""A conversation as the agent's model reads it: the message that came now, and turns of before told again.

The transcript is the record of a conversation; the agent's checkpoint only saves reading it again. Where the checkpoint
is gone, damaged or behind, the turns that it lacks are told again from the record, so nothing is lost with it.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from agent.events import Done, Event, Looked, Person, Speaker, Suggestions, Thinking, Token
from agent.focus import InPhoto, garment_name
from agent.transcripts import Turn
from prompts import load, say
from tools import cards
from tools.results import ProductCard, Products, Result

Pointed = Callable[[InPhoto], dict[str, Any] | None]  # what was seen in the photo pointed at
_RESULTS = {
    "search_catalog": {"products"},
    "product_details": {"products"},
    "advise_size": {"products"},
    "match_outfit": {"outfit", "products"},
    "recommend": {"products"},
    "compare": {"comparison"},
    "ask_image": {"answer"},
    "describe_scene": {"answer"},
    "choose_color": {"products", "image"},
    "cart": {"cart"},
    "shop_policy": {"policy"},
    "memory": {"memory", "products"},
    "hand_off": {"handoff"},
    "order_status": {"order"},
    "request_return": {"order"},
}
TURNS_TOLD = 12  # of a conversation whose checkpoint is gone; what is older is seldom spoken of again
_MOST = 4_000  # characters of a result told again


def message(turn: Turn, number: int, looks: Sequence[dict[str, Any]], pointed: Pointed) -> HumanMessage:
    """The message as every model gets it: words and bracketed notes; the planner reads the fields beside them.

    `number`: of the turn, by which `missing` knows what a checkpoint holds. `looks`: {"id", "look"} of its photos."""
    system = load("system")
    notes = [system["photo"].format(id=p["id"], caption=p["look"].get("caption", "")) for p in looks]
    fields: dict[str, Any] = {
        "text": turn.text,
        "photos": list(looks),
        "focus": None,
        "lang": turn.language,
        "turn": number,
    }
    if isinstance(turn.focus, InPhoto):
        photo, nth = turn.focus.photo, turn.focus.garment
        look = pointed(turn.focus) or {}
        name = garment_name(look["garments"][nth], "en") if look else ""
        notes.append(system["garment"].format(id=photo, garment=nth, name=name))
        if look:
            fields["garment"] = {"id": photo, "look": look, "garment": nth}
    elif turn.focus:
        notes.append(system["focus"].format(id=turn.focus))
        fields["focus"] = turn.focus
    return HumanMessage("\n".join([turn.text, *notes]).strip(), additional_kwargs=fields)


def newest_known(messages: Iterable[Any]) -> int:
    """The number of the newest turn among a checkpoint's messages; -1 where there is none."""
    return max(
        (
            m.additional_kwargs["turn"]
            for m in messages
            if isinstance(m, HumanMessage | AIMessage) and isinstance(m.additional_kwargs.get("turn"), int)
        ),
        default=-1,
    )


def told_again(turns: Iterable[tuple[int, Turn]], pointed: Pointed) -> list[BaseMessage]:
    """The messages of turns on record: what the shopper said, the calls that were made, what came back, the reply."""
    kept = [(number, turn) for number, turn in turns if not turn.refused]
    return [m for number, turn in kept[-TURNS_TOLD:] for m in _turn(number, turn, pointed)]


def _turn(number: int, turn: Turn, pointed: Pointed) -> list[BaseMessage]:
    if turn.outside:
        return [_by_person(number, turn)]
    looks = [{"id": e.photo, "look": e.look} for e in turn.events if isinstance(e, Looked)]
    told: list[BaseMessage] = [message(turn, number, looks, pointed)]
    results: list[Event] = [e for e in turn.events if isinstance(e, Result)]
    for nth, call in enumerate(
        e for e in turn.events if isinstance(e, Thinking) and e.tool != "look_at_photo"
    ):
        result = _taken(results, call)
        call_id = f"again_{number}_{nth}"
        told.append(AIMessage("", tool_calls=[{"name": call.tool, "args": call.args, "id": call_id}]))
        told.append(
            ToolMessage(
                _words(result) if result else say("session", "recalled.no_result", "en"),
                tool_call_id=call_id,
                name=call.tool,
                artifact=result.model_dump(mode="json", exclude={"call"}) if result else None,
                status="success" if result else "error",
            )
        )
    reply = next((e.text for e in reversed(turn.events) if isinstance(e, Done)), "")
    reply = reply or "".join(e.text for e in turn.events if isinstance(e, Token))
    chips = next((e.items for e in turn.events if isinstance(e, Suggestions)), [])
    if not reply and any(isinstance(e, Speaker) and e.state == "person" for e in turn.events):
        return [*told, _by_person(number, turn)]
    told.append(
        AIMessage(
            reply or say("session", "recalled.broken_off", turn.language),
            additional_kwargs={"suggestions": chips},
        )
    )
    return told


def _by_person(number: int, turn: Turn) -> AIMessage:
    """What a person of the shop did, as a note: what they said is told, and is nobody's wish."""
    notes = [
        say("handoff", "recalled.person", turn.language, name=e.name, text=e.text)
        for e in turn.events
        if isinstance(e, Person)
    ]
    notes += [
        say("handoff", "recalled.speaker", turn.language, text=e.text)
        for e in turn.events
        if isinstance(e, Speaker) and turn.outside
    ]
    shown = [item for e in turn.events if isinstance(e, Products) and turn.outside for item in e.items]
    notes += [cards.line(item) for item in shown]
    note = "\n".join(notes) or say("handoff", "recalled.passed_on", turn.language)
    known: dict[str, Any] = {"turn": number, "by_person": True}
    if shown:
        known["shown"] = [item.model_dump(mode="json") for item in shown]
    return AIMessage(note, additional_kwargs=known)


def _taken(results: list[Event], call: Thinking) -> Event | None:
    """The result of a call, taken out of what is left; None where it failed, or found nothing that was shown. One kept
    without the id of its call (by an earlier version) goes to the next call that gives such results."""
    found: Event | None
    if call.call:
        found = next((r for r in results if isinstance(r, Result) and r.call == call.call), None)
    else:
        fits = _RESULTS.get(call.tool, set())
        found = results[0] if results and results[0].type in fits else None
    if found:
        results.remove(found)
    return found


def _words(result: Event) -> str:
    """A result as text, short: what a tool wrote for the model at the time is not kept."""
    items = getattr(result, "items", None)
    if items and isinstance(items[0], ProductCard):
        return "\n".join(cards.line(item) for item in items)[:_MOST]
    shown = result.model_dump(mode="json", exclude={"call"}, exclude_none=True, exclude_defaults=True)
    return json.dumps(shown, ensure_ascii=False)[:_MOST]
