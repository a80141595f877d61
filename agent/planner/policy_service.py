"""Meaning and state → calls on the shop's own matters: its policies, reaching a person."""

from agent.planner import order_talk
from agent.planner.calls import Call
from agent.planner.meaning import Meaning, Part
from agent.planner.phrases import Voice
from agent.planner.state import State

QUESTIONS = 3  # asked of the shop's policies in one message
TALKED_OF = 3  # products named in a summary
_CONTACT = {"zh": "怎么联系客服", "en": "how do I contact customer service"}


def policy(part: Part, meaning: Meaning, state: State) -> list[Call]:
    """One call a question: "how do I return it, and do you ship to Spain?" is two."""
    asked = [q[:300] for q in part.said if len(q) > 2] or [(meaning.spelt or meaning.text)[:300]]
    if len(meaning.parts) == 1 and len(asked) == 1:
        asked = [(meaning.spelt or meaning.text)[:300]]
    return [Call(tool="shop_policy", args={"question": q}) for q in dict.fromkeys(asked[:QUESTIONS])]


def order(part: Part, meaning: Meaning, state: State) -> list[Call]:
    """The order itself, where the shop lets it be asked for; else whom to turn to."""
    if meaning.order_said.doing in ("status", "return"):
        return order_talk.call(meaning, state)
    if meaning.order_said.doing == "drop":
        return []
    return [Call(tool="shop_policy", args={"question": _CONTACT[meaning.language]})]


def handoff(part: Part, meaning: Meaning, state: State) -> list[Call]:
    """A person is asked for, with what they need to know; and how else to reach one."""
    args = {"reason": meaning.text[:300], "summary": summary(meaning, state)}
    return [Call(tool="hand_off", args=args), *order(part, meaning, state)]


def summary(meaning: Meaning, state: State) -> str:
    """The order asked about, and what was sought, spoken of and put into the cart, from what is on record."""
    voice = Voice(meaning.language, "")
    told = [voice.line("handoff.asked")]
    if number := meaning.said.get("order") or state.order:
        told.append(voice.line("handoff.order", number=number))
    if state.slots:
        told.append(voice.line("handoff.sought", what=voice.subject(state.slots)))
    spoken = [*state.focus, *reversed(state.liked)]
    names = [item.name for i in dict.fromkeys(spoken) if (item := state.item(i))]
    if names:
        told.append(voice.line("handoff.talked_of", what=voice.join(names[:TALKED_OF])))
    held = [f"{line['quantity']} × {line['name']}" for line in state.cart if line.get("name")]
    if held:
        told.append(voice.line("handoff.cart", what=voice.join(held)))
    return "\n".join(told)
