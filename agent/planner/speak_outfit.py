"""What is said about outfits: whole looks, or what of one kind goes with a thing."""

from collections.abc import Sequence
from typing import Any

from agent.planner import speak_look
from agent.planner.calls import Done
from agent.planner.meaning import Meaning, Part, Slots
from agent.planner.phrases import Voice, price_text
from agent.planner.reply import Reply
from agent.planner.speak_found import search
from agent.planner.speak_look import because
from agent.planner.state import State

_SAID_OF_IT = ("color", "pattern", "material")  # "a navy blazer": named again with the kind


def outfit(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    """Looks, or what of one kind goes with a thing."""
    if meaning.telling:
        speak_look.told(part, meaning, before, voice, reply)
        return
    matched = next((d for d in reversed(done) if d.tool == "match_outfit"), None)
    if matched is None:
        if done and done[-1].items:
            search(part, meaning, before, state, done[-1:], voice, reply)
            return
        if "<CART>" in meaning.tagged and not before.cart:
            reply.sentences.append(voice.line("cart.empty"))
            reply.suggestions += ["popular", "first"] if before.newest else ["popular"]
            return
        reply.sentences.append(voice.line("outfit.which"))
        reply.suggestions += ["first", "second"] if before.newest else ["popular", "dresses"]
        return
    artifact = matched.artifact or {}
    if artifact.get("problem"):
        reply.sentences.append(str(artifact["problem"]))
    if artifact.get("type") == "outfit":
        speak_look.looks(artifact, matched.args, part, meaning, before, voice, reply)
        return
    of_it = [matched.args.get("where") or {}, *(matched.args.get("slots") or {}).values()]
    asked = {a: values for one in of_it for a, values in one.items() if a in _SAID_OF_IT}
    wanted: Slots = {**asked, "category": matched.args.get("want") or []}
    subject = voice.subject(wanted) if wanted["category"] else voice.line("outfit.anything")
    if not artifact.get("items"):
        if not reply.sentences:
            reply.sentences.append(voice.line("outfit.nothing", subject=subject))
        reply.suggestions += ["similar", "popular"]
        return
    fresh = [i for i in artifact["items"] if i["id"] not in before.shown]
    if meaning.swapping and fresh:
        reply.sentences.append(
            voice.line("outfit.swapped", first=fresh[0]["name"], price=price_text(fresh[0]))
        )
        because(fresh[0].get("why"), voice, reply)
        reply.sentences.append(voice.line("outfit.swapped_of", count=len(artifact["items"])))
    else:
        _partners(artifact, subject, voice, reply)
    reply.steps += [voice.line("outfit.next_partner"), voice.line("outfit.next_other")]
    reply.suggestions += ["others", "cheaper", "cart"]


def _partners(artifact: dict[str, Any], subject: str, voice: Voice, reply: Reply) -> None:
    """The pieces that go with a thing; where none surely does, that is said before the ground."""
    items = artifact["items"]
    first = items[0]
    key = "outfit.partners" if len(items) > 1 else "outfit.partner"
    if not (artifact.get("query") or {}).get("goes", True):
        key = "outfit.partners_unsure"
    values = {"count": len(items), "subject": subject, "first": first["name"], "price": price_text(first)}
    reply.sentences.append(voice.line(key, **values))
    because(first.get("why"), voice, reply)
