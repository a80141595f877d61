"""What is said about the shop's own matters: policies, orders, reaching a person, trying on."""

import re
from collections.abc import Sequence
from typing import Any

from agent.planner import speak_order
from agent.planner.calls import Done
from agent.planner.meaning import Meaning, Part
from agent.planner.phrases import Voice
from agent.planner.reply import Reply
from agent.planner.state import State

# what is offered to be asked next, with how the names of topics begin that answer it
TOPICS = {"returns": ("retu", "refund"), "shipping": ("ship", "deliver"), "checkout": ("pay", "checkout")}


def policy(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    """Each question with the sentences of the shop's policies that answer it; what they leave open is said once."""
    told, titles, missing = [], [], 0
    for call in done:
        artifact = call.artifact or {}
        text = str(artifact.get("answer") or artifact.get("passage") or "")
        if text and text not in told:
            told.append(text)
            titles.append(str(artifact.get("title") or ""))
        elif not text:
            missing += 1
    reply.sentences += told
    if named := [title for title in dict.fromkeys(titles) if title]:
        reply.sentences.append(
            voice.line(
                "policy.source", titles=voice.join([voice.line("policy.title", title=t) for t in named])
            )
        )
    if missing or not told:
        reply.sentences.append(voice.line("policy.rest" if told else "policy.none"))
    _topics(done, reply)


def order(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    """The order, where the shop lets it be asked for; else whom to give the number to, in full the first time only."""
    if meaning.order_said.doing:
        speak_order.order(meaning, before, done, voice, reply)
        return
    if "handoff" in meaning.intents:  # who could look it up has been asked for, in the same breath
        return
    number = part.slots.get("order")
    if number:
        reply.sentences.append(voice.line("order.number", number=number))
    elif "order" in before.asked:
        reply.sentences.append(voice.line("order.again"))
    else:
        reply.sentences.append(voice.line("order.unseen"))
    if "contact" not in before.asked:
        reply.sentences.append(_contact(done))
        reply.asked.append("contact")
    if "order" not in before.asked and not number:
        reply.sentences.append(voice.line("order.keep_number"))
    reply.asked.append("order")
    reply.suggestions += ["human", *_offered(done)[:2]]


def handoff(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    """Handed on, as the event shows, with a summary where it has one; how else to reach a person."""
    handed = next((d.artifact for d in done if d.tool == "hand_off" and d.artifact), None)
    contact = _contact(done)
    if handed and handed.get("status") == "message":
        reply.sentences.append(voice.line("handoff.later", opens=handed.get("opens") or ""))
        reply.sentences.append(voice.line("handoff.reach"))
        reply.asked += ["contact", "reach"]
    elif handed:
        summed_up = bool(str(handed.get("summary") or "").strip())
        reply.sentences.append(voice.line("handoff.done_summed_up" if summed_up else "handoff.done"))
        if (before_you := (handed.get("position") or 1) - 1) > 0:
            reply.sentences.append(voice.line("handoff.queue", count=before_you))
        if handed.get("attended") is False:
            reply.sentences.append(voice.line("handoff.unattended"))
        if contact:  # when somebody is there; the whole passage stands below, in the shop's own words
            reply.sentences.append(_FIRST.match(contact)[0])  # type: ignore[index]
        reply.steps.append(voice.line("handoff.meanwhile"))
        reply.asked.append("contact")
    elif contact:
        reply.sentences += [voice.line("handoff.not_done"), contact]
    else:
        reply.sentences.append(voice.line("handoff.plain"))
    _topics(done, reply)


def try_on(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    """Not possible in a chat; what comes nearest to it."""
    reply.sentences.append(voice.line("try_on"))
    if state.focus:
        reply.steps.append(voice.line("try_on_next"))
        reply.suggestions += ["sizes", "outfit"]
    elif state.newest:
        reply.steps.append(voice.line("try_on_which"))
        reply.suggestions += ["first", "second"]
    else:
        reply.suggestions += ["popular", "dresses"]


_FIRST = re.compile(r".*?(?:[。！？\n]|[.!?](?=\s|$)|$)", re.DOTALL)  # a sentence


def _contact(done: Sequence[Done]) -> str:
    found: dict[str, Any] = next(
        (d.artifact for d in done if d.tool == "shop_policy" and d.artifact and d.artifact.get("passage")), {}
    )
    return str(found.get("passage") or "")


def _topics(done: Sequence[Done], reply: Reply) -> None:
    reply.suggestions += _offered(done)[:2]
    reply.suggestions.append("popular")


def _offered(done: Sequence[Done]) -> list[str]:
    """What else the shop's policies speak of, by what was found of them; nothing where they were not asked."""
    found = [d.artifact or {} for d in done if d.tool == "shop_policy"]
    met = {str(artifact.get("topic")) for artifact in found}
    left = {str(topic) for artifact in found for topic in artifact.get("topics") or []} - met
    return [chip for chip, names in TOPICS.items() if any(topic.startswith(names) for topic in left)]
