"""Meaning and state → calls that see or change what is remembered of the shopper."""

from agent.planner.calls import Call
from agent.planner.meaning import Meaning, Part
from agent.planner.state import State
from tools.facts import Facts

_OF_VIEWED = ("category", "color")


def plan(part: Part, meaning: Meaning, state: State) -> list[Call]:
    """The call for what is said of the memory; none where the shopper cannot be known again, or only words are due."""
    said, recall = meaning.memory, state.recall
    if recall.consent == "none":
        return []
    match said.act:
        case "viewed":
            where = {a: list(part.slots[a]) for a in _OF_VIEWED if part.slots.get(a)}
            return [Call(tool="memory", args={"action": "viewed", **({"where": where} if where else {})})]
        case "forget" if said.only_search:
            return []
        case "forget":
            scope = {"scope": said.scopes} if said.scopes else {}
            erasing = Call(tool="memory", args={"action": "forget", **scope})
            return [erasing, *(_keep(meaning, state) if said.keeps else [])]
        case "stop":
            return [Call(tool="memory", args={"action": "refuse"})]
        case "tell" if recall.consent != "yes":
            return []
        case "remember" | "tell":
            return _keep(meaning, state)
        case "" if not said.facts.empty:
            return _keep(meaning, state)
    return [Call(tool="memory", args={"action": "view"})]


def _keep(meaning: Meaning, state: State) -> list[Call]:
    """What this message tells; "remember that" means what was said before."""
    facts, pending = meaning.memory.facts, state.pending
    if meaning.memory.other and not meaning.answers_pending:
        return []  # what somebody else wears is no note of the shopper
    if meaning.answers_pending and pending and pending.intent == "memory":
        facts = Facts.model_validate(pending.slots.get("facts") or {}).with_(facts)
    facts = facts if not facts.empty else state.recall.heard
    if not facts.empty:
        return [Call(tool="memory", args={"action": "remember", "facts": facts.to_json()})]
    return [Call(tool="memory", args={"action": "allow"})] if meaning.answers_pending else []
