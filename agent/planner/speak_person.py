"""A person of the shop is offered, never forced: to who is angry, and after two replies in a row of no help."""

from collections.abc import Sequence

from agent.planner import anger
from agent.planner.calls import Done
from agent.planner.meaning import Meaning
from agent.planner.phrases import Voice
from agent.planner.reply import Reply
from agent.planner.state import State

TRIES = 2  # of no help


def offer(
    meaning: Meaning, before: State, state: State, done: Sequence[Done], voice: Voice, reply: Reply
) -> None:
    """Offer one where it is called for; counts in `state` how often in a row nothing could be done."""
    state.missed = before.missed + 1 if _helpless(meaning, done) else 0
    if "handoff" in meaning.intents:
        return
    angry = anger.heard(meaning.text)
    if not angry and state.missed < TRIES:
        return
    if angry:
        reply.sentences.insert(0, voice.line("handoff.sorry"))
    reply.suggestions.insert(0, "human")
    if "person" not in before.asked:
        reply.steps, reply.pending = [voice.line("handoff.offer")], None
        reply.asked.append("person")


def _helpless(meaning: Meaning, done: Sequence[Done]) -> bool:
    """The message was not understood, or nothing came of what was tried."""
    if meaning.unclear or meaning.unknown:
        return True
    if not done:
        return False
    failed = all(call.failed or call.artifact is None for call in done)
    empty = all(
        (call.tool == "search_catalog" and not call.items)
        or (call.tool == "shop_policy" and not (call.artifact or {}).get("passage"))
        for call in done
    )
    return failed or empty
