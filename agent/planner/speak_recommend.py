"""What is said of a recommendation: what it rests on, the first of it and why, as the list itself tells it."""

from typing import Any

from agent.planner import speak_memory, speak_next
from agent.planner.calls import Done
from agent.planner.meaning import Meaning, Part
from agent.planner.phrases import Voice, amount, price_text, span
from agent.planner.reply import Reply
from agent.planner.state import State

_GROUNDS = ("taste", "popular", "shop")


def recommended(part: Part, meaning: Meaning, found: Done, state: State, voice: Voice, reply: Reply) -> None:
    """The list, or why there is none."""
    query = (found.artifact or {}).get("query") or {}
    if not found.items:
        seen = bool(found.args.get("exclude"))
        problem = voice.line("recommend.all_seen") if seen else query.get("problem")
        reply.sentences.append(str(problem or voice.line("recommend.nothing")))
        reply.suggestions += ["popular", "restart"] if state.seeking else ["popular"]
        return
    ground = query.get("ground") if query.get("ground") in _GROUNDS else "shop"
    first = found.items[0]
    low, high = (price_text(edge(found.items, key=amount)) for edge in (min, max))
    values: dict[str, Any] = {"count": len(found.items), "range": span(low, high, voice)}
    again = "_more" if found.args.get("exclude") and part.intent == "others" else ""
    other = "all" in (found.args.get("aside") or [])  # for somebody else, whose taste is not the shopper's
    which = "_one" if len(found.items) == 1 else "_other" if other and ground != "taste" else again
    key = f"recommend.{ground}{which}"
    reply.sentences.append(voice.line(key, first=first["name"], price=price_text(first), **values))
    if why := str(first.get("why") or "").rstrip(" .。"):
        line = "recommend.why_one" if len(found.items) == 1 else "recommend.why"
        reply.sentences.append(voice.line(line, first=first["name"], price=price_text(first), why=why))
    speak_memory.used(found, state, voice, reply)
    if ground != "taste" and not other:
        reply.offer("taste", voice.line("recommend.next_taste"))
    elif len(found.items) > 1:
        reply.steps.append(voice.line("recommend.next"))
    if len(found.items) > 1:
        reply.suggestions += ["like1", "different", "outfit1"]
    speak_next.after_list(part, meaning, state, found.items, voice, reply)
