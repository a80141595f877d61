"""What is said of an order: how far it is, what is missing before it may be told, and a return step by step."""

from collections.abc import Callable, Sequence
from typing import Any

from agent.planner.calls import Done
from agent.planner.meaning import Meaning
from agent.planner.phrases import Voice
from agent.planner.reply import Reply
from agent.planner.state import State
from prompts import say

_NAMED = 5  # lines of an order that are named
_REASONS = ("too_small", "too_big", "changed_mind")  # offered as buttons


def order(meaning: Meaning, before: State, done: Sequence[Done], voice: Voice, reply: Reply) -> None:
    """The newest result; without one, why nothing was looked up."""
    newest = next((d for d in reversed(done) if d.artifact and d.artifact.get("type") == "order"), None)
    found = (newest.artifact if newest else None) or {}
    if newest is None:
        _unasked(meaning, voice, reply)
    elif found["outcome"] != "shown":
        _withheld(found, meaning, voice, reply)
    elif found.get("returning") and found["returning"]["stage"] == "made" and not newest.args.get("confirm"):
        _made(found, voice, reply, "made_before")
    elif found.get("returning"):
        _STAGES[found["returning"]["stage"]](found, voice, reply)
    else:
        _status(found["orders"][0], voice, reply)


def _unasked(meaning: Meaning, voice: Voice, reply: Reply) -> None:
    doing = meaning.order_said.doing
    if doing == "drop":
        reply.sentences.append(voice.line("orders.dropped"))
        reply.suggestions += ["popular"]
        return
    reply.sentences.append(voice.line("orders.without" if doing == "without" else "orders.change"))
    reply.suggestions += ["human"]


def _withheld(found: dict[str, Any], meaning: Meaning, voice: Voice, reply: Reply) -> None:
    outcome, choices = found["outcome"], found.get("choices") or []
    if outcome == "need_number" and choices:
        numbers = voice.join(
            [voice.line("orders.choice", number=one["number"], status=one["status_text"]) for one in choices]
        )
        reply.sentences.append(voice.line("orders.ask_which", numbers=numbers))
        reply.suggestions += [one["number"] for one in choices[:3]]
        return
    if outcome == "need_number":
        reply.sentences.append(
            voice.line("orders.ask_number_only" if meaning.order_said.proof else "orders.ask_number")
        )
    elif outcome == "too_many_tries":
        reply.sentences.append(voice.line("orders.too_many", minutes=found["minutes"]))
    else:
        reply.sentences.append(voice.line(f"orders.{_WITHHELD[outcome]}"))
    reply.suggestions += ["human"]


def _status(shown: dict[str, Any], voice: Voice, reply: Reply) -> None:
    values = {"number": shown["number"], "placed": shown["placed_text"], "words": shown["status_text"]}
    reply.sentences.append(voice.line(f"orders.status.{shown['status']}", **values))
    carrier, tracking = shown["carrier"], shown["tracking"]
    if shown["status"] in ("shipped", "out_for_delivery", "other") and (carrier or tracking):
        key = "carrier" if carrier and tracking else "carrier_only" if carrier else "tracking_only"
        reply.sentences.append(voice.line(f"orders.{key}", carrier=carrier, tracking=tracking))
    if shown["delivered"] and shown["status"] == "delivered":
        reply.sentences.append(voice.line("orders.delivered_on", day=shown["delivered"]))
    elif shown["expected"]:
        reply.sentences.append(voice.line("orders.expected", day=shown["expected"]))
    elif shown["status"] in ("placed", "paid", "packed", "shipped", "out_for_delivery"):
        reply.sentences.append(voice.line("orders.unknown_day"))
    for id_ in dict.fromkeys(line["returning"] for line in shown["lines"] if line["returning"]):
        mine = [line["place"] for line in shown["lines"] if line["returning"] == id_]
        reply.sentences.append(voice.line("orders.under_way", names=_names(shown, mine, voice), id=id_))
    if shown["status"] == "delivered":
        reply.suggestions.append(voice.line("orders.chip_return", number=shown["number"]))
    reply.suggestions.append("human")


def _which(found: dict[str, Any], voice: Voice, reply: Reply) -> None:
    shown, state = found["orders"][0], found["returning"]
    for kept in state["kept"]:
        reply.sentences.append(_refusal(shown, kept, voice))
    named = [
        voice.line("orders.item", place=p, name=_names(shown, [p], voice)) for p in state["open"][:_NAMED]
    ]
    reply.sentences.append(voice.line("orders.which", number=shown["number"], names=voice.join(named)))
    reply.suggestions += [voice.line("orders.chip_all"), "human"]


def _why(found: dict[str, Any], voice: Voice, reply: Reply) -> None:
    shown, state = found["orders"][0], found["returning"]
    for kept in state["kept"]:
        reply.sentences.append(_refusal(shown, kept, voice))
    reply.sentences.append(voice.line("orders.why", names=_names(shown, state["lines"], voice)))
    reply.suggestions += [say("orders", f"reasons.{reason}", voice.lang) for reason in _REASONS]


def _confirm(found: dict[str, Any], voice: Voice, reply: Reply) -> None:
    shown, state = found["orders"][0], found["returning"]
    for kept in state["kept"]:
        reply.sentences.append(_refusal(shown, kept, voice))
    _quote(state, voice, reply)
    if state["until"]:
        reply.sentences.append(voice.line("orders.until", day=state["until"]))
    if state["sealed"]:
        reply.sentences.append(voice.line("orders.sealed", names=_names(shown, state["sealed"], voice)))
    names = _names(shown, state["lines"], voice)
    values = {"number": shown["number"], "names": names, "reason": state["reason_text"]}
    reply.sentences.append(voice.line("orders.confirm", **values))
    reply.suggestions += [voice.line("orders.chip_yes"), voice.line("orders.chip_no")]


def _made(found: dict[str, Any], voice: Voice, reply: Reply, key: str = "made") -> None:
    shown, state = found["orders"][0], found["returning"]
    names = _names(shown, state["lines"], voice)
    reply.sentences.append(voice.line(f"orders.{key}", names=names, id=state["id"]))
    reply.suggestions += ["human"]


def _refused(found: dict[str, Any], voice: Voice, reply: Reply) -> None:
    shown, state = found["orders"][0], found["returning"]
    whys = list(dict.fromkeys(kept["text"] for kept in state["kept"]))
    if len(whys) == 1 and len(state["kept"]) == len(shown["lines"]) > 1:
        reply.sentences.append(voice.line("orders.refused_all", number=shown["number"], why=whys[0]))
    else:
        reply.sentences += [_refusal(shown, kept, voice) for kept in state["kept"][:_NAMED]]
    _quote(state, voice, reply)
    reply.sentences.append(voice.line("orders.refused_help"))
    reply.suggestions += ["human"]


def _refusal(shown: dict[str, Any], kept: dict[str, Any], voice: Voice) -> str:
    return voice.line("orders.refused", name=_names(shown, [kept["line"]], voice), why=kept["text"])


def _quote(state: dict[str, Any], voice: Voice, reply: Reply) -> None:
    """The passage that it rests on, where the shop has one."""
    if state["answer"]:
        reply.sentences.append(voice.line("orders.quoted", title=state["title"], answer=state["answer"]))


def _names(shown: dict[str, Any], places: Sequence[int], voice: Voice) -> str:
    lines = [line for line in shown["lines"] if line["place"] in places]
    named = [
        voice.line(
            "orders.name_sized" if line["size"] else "orders.name", name=line["name"], size=line["size"]
        )
        for line in lines[:_NAMED]
    ]
    return voice.join(named)


_WITHHELD = {
    "need_proof": "ask_proof",
    "not_proven": "not_proven",
    "orders_away": "away",
    "no_return_rules": "no_rules",
}
_STAGES: dict[str, Callable[[dict[str, Any], Voice, Reply], None]] = {
    "which": _which,
    "why": _why,
    "confirm": _confirm,
    "made": _made,
    "refused": _refused,
}
