"""What is said about outfits: whole looks, or what of one kind goes with a thing."""

from collections.abc import Sequence
from typing import Any

from agent.planner.calls import Done
from agent.planner.meaning import Meaning, Part, Slots
from agent.planner.phrases import Voice, price_text
from agent.planner.reply import Reply
from agent.planner.speak_found import search
from agent.planner.state import State


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
    matched = next((d for d in reversed(done) if d.tool == "match_outfit"), None)
    if meaning.summing:
        reply.sentences.append(voice.line("outfit.total", total=before.look["total"]))
        reply.steps.append(voice.line("outfit.next_add"))
        return
    if matched is None:
        if done and done[-1].items:
            search(part, meaning, before, state, done[-1:], voice, reply)
            return
        reply.sentences.append(voice.line("outfit.which"))
        reply.suggestions += ["first", "second"] if before.newest else ["popular", "dresses"]
        return
    artifact = matched.artifact or {}
    wanted: Slots = {"category": matched.args.get("want") or []}
    subject = voice.subject(wanted) if wanted["category"] else voice.line("outfit.anything")
    if artifact.get("type") == "outfit" and artifact.get("looks"):
        _looks(artifact["looks"], voice, reply)
        reply.steps += [voice.line("outfit.next"), voice.line("outfit.next_add")]
        reply.suggestions += ["details1", "cart", "popular"]
        return
    if not artifact.get("items"):
        reply.sentences.append(voice.line("outfit.nothing", subject=subject))
        reply.suggestions += ["similar", "popular"]
        return
    fresh = [i for i in artifact["items"] if i["id"] not in before.shown]
    if meaning.swapping and fresh:
        reply.sentences.append(
            voice.line("outfit.swapped", first=fresh[0]["name"], price=price_text(fresh[0]))
        )
        _because(fresh[0].get("why"), voice, reply)
        reply.sentences.append(voice.line("outfit.swapped_of", count=len(artifact["items"])))
    else:
        _partners(artifact["items"], subject, voice, reply)
    reply.steps += [voice.line("outfit.next_partner"), voice.line("outfit.next_other")]
    reply.suggestions += ["others", "cheaper", "cart"]


def _looks(looks: list[dict[str, Any]], voice: Voice, reply: Reply) -> None:
    first = looks[0]
    pieces = voice.join([f"“{i['name']}”" for i in first["items"]], "and")
    key = "outfit.looks" if len(looks) > 1 else "outfit.look"
    reply.sentences.append(voice.line(key, count=len(looks), pieces=pieces, total=first["total"]["text"]))
    if first.get("reasons"):
        _because(first["reasons"][0], voice, reply)


def _partners(items: list[dict[str, Any]], subject: str, voice: Voice, reply: Reply) -> None:
    first = items[0]
    key = "outfit.partners" if len(items) > 1 else "outfit.partner"
    values = {"count": len(items), "subject": subject, "first": first["name"], "price": price_text(first)}
    reply.sentences.append(voice.line(key, **values))
    _because(first.get("why"), voice, reply)


def _because(why: object, voice: Voice, reply: Reply) -> None:
    reason = str(why or "").rstrip(" .。")
    if reason:
        reply.sentences.append(voice.line("outfit.reason", reason=reason[:1].upper() + reason[1:]))
