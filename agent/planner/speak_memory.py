"""What is said about what is remembered of the shopper, and the one question whether anything may be."""

from collections.abc import Iterable, Sequence
from typing import Any

from agent.planner import memory_told
from agent.planner.calls import Done
from agent.planner.meaning import SEARCHES, Meaning, Part
from agent.planner.memory_talk import Spoken
from agent.planner.phrases import Voice, plural, price_text
from agent.planner.reply import Reply
from agent.planner.state import Pending, State
from prompts import say, taxonomy
from store.shoppers import CLOTHES
from tools.facts import Facts, Spend

ASKED = "memory"  # brought up: whether to remember
_TOLD = 12  # facts named in one reply


def memory(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    """What is remembered, kept, erased; or what could be."""
    told = [d.artifact for d in done if d.tool == "memory" and d.artifact]
    if not told:
        _words_alone(meaning, before, state, voice, reply)
    for artifact in told if meaning.memory.keeps else told[-1:]:
        _told(artifact, meaning.memory, before, voice, reply)


def _told(artifact: dict[str, Any], said: Spoken, before: State, voice: Voice, reply: Reply) -> None:
    """What one look into the memory, or one change of it, comes to."""
    if artifact.get("type") == "products":
        _viewed(artifact, before, voice, reply)
    elif artifact["action"] == "view":
        _view(artifact, voice, reply)
    elif artifact["action"] == "remember":
        _kept(artifact, before, voice, reply)
    elif artifact["action"] == "allow":
        reply.sentences.append(voice.line("remember.allowed"))
    elif artifact["action"] == "refuse":
        key = "stopped" if before.recall.consent == "yes" else "declined"
        reply.sentences.append(voice.line(f"remember.{key}"))
        reply.asked.append(ASKED)
    elif artifact["action"] == "forget":
        _forgotten(artifact, bool(said.scopes), voice, reply)


def _words_alone(meaning: Meaning, before: State, state: State, voice: Voice, reply: Reply) -> None:
    """No call was made: the shopper cannot be known again, or there is nothing to keep."""
    said, recall = meaning.memory, before.recall
    if said.act == "tell" and not said.facts.empty:
        reply.sentences.append(voice.line("remember.noted"))
        reply.suggestions += ["popular", "dresses"]
        return
    if said.act == "remember":
        key = "here" if recall.consent == "none" else "theirs" if said.other else "what"
        reply.sentences.append(voice.line(f"remember.{key}"))
        if key == "what":
            reply.pending = Pending(intent="memory", slot="facts")
        return
    if meaning.reset or said.act == "forget":
        reply.sentences.append(voice.line("memory_forget"))
    elif recall.consent != "none":
        reply.sentences.append(voice.line("remember.nothing"))
    elif before.slots:
        reply.sentences.append(voice.line("memory", subject=voice.subject(before.slots)))
    else:
        reply.sentences.append(voice.line("memory_empty"))
    reply.suggestions += ["restart", "popular"]


def _view(artifact: dict[str, Any], voice: Voice, reply: Reply) -> None:
    notes = artifact.get("notes") or []
    used = [n for n in notes if n["kind"] != "viewed" and n.get("holds", True)]
    noticed = [n for n in notes if n["kind"] != "viewed" and not n.get("holds", True)]
    looked = [n for n in notes if n["kind"] == "viewed"]
    if not notes:
        key = {"yes": "empty", "no": "refused"}.get(str(artifact.get("consent")), "nothing")
        reply.sentences.append(voice.line(f"remember.{key}"))
        reply.suggestions += ["popular", "dresses"]
        return
    if used:
        reply.sentences.append(voice.line("remember.view", facts=of_notes(used, voice)))
    if noticed:
        key = "noticed" if used else "noticed_only"
        reply.sentences.append(voice.line(f"remember.{key}", facts=of_notes(noticed, voice)))
    if looked:
        key = "looked_one" if len(looked) == 1 else "looked"
        reply.sentences.append(voice.line(f"remember.{key}", count=len(looked)))
        reply.suggestions.append("viewed")
    reply.steps.append(voice.line("remember.how"))
    reply.suggestions += (
        ["forget_sizes", "forget_me"] if any(n["kind"] == "size" for n in notes) else ["forget_me"]
    )


def _kept(artifact: dict[str, Any], before: State, voice: Voice, reply: Reply) -> None:
    reply.sentences.append(voice.line("remember.kept", facts=of_notes(artifact.get("changed") or [], voice)))
    if before.recall.consent != "yes":
        reply.steps.append(voice.line("remember.first"))
    reply.suggestions += ["view_memory", "popular"]


def _forgotten(artifact: dict[str, Any], part: bool, voice: Voice, reply: Reply) -> None:
    gone = artifact.get("changed") or []
    if part and gone:
        reply.sentences.append(voice.line("remember.forgot", facts=of_notes(gone, voice)))
    elif part:
        reply.sentences.append(voice.line("remember.forgot_none"))
    else:
        reply.sentences.append(voice.line("remember.forgot_all" if gone else "remember.forgot_empty"))
        reply.asked.append(ASKED)
    reply.suggestions += ["view_memory", "popular"] if part else ["popular", "dresses"]


def _viewed(artifact: dict[str, Any], before: State, voice: Voice, reply: Reply) -> None:
    items = artifact.get("items") or []
    if not items:
        key = "viewed_none" if before.recall.consent == "yes" else "viewed_unkept"
        reply.sentences.append(voice.line(f"remember.{key}"))
        reply.suggestions += ["popular", "dresses"]
        return
    first = {"first": items[0]["name"], "price": price_text(items[0])}
    key = "viewed_one" if len(items) == 1 else "viewed"
    reply.sentences.append(voice.line(f"remember.{key}", count=len(items), **first))
    reply.steps.append(
        voice.line("search.next.details") if len(items) > 1 else voice.line("product.next.outfit")
    )
    reply.suggestions += ["first", "second"] if len(items) > 1 else ["sizes", "similar"]


# -- used ------------------------------------------------------------------------------------------------------------


def used(found: Done, state: State, voice: Voice, reply: Reply) -> None:
    """Name what of the memory ordered or narrowed a list, where that is news; the cards name it each time."""
    for one in (found.artifact or {}).get("remembered") or []:
        mark = f"{one['kind']}:{one['text']}"
        if mark not in state.recall.told:
            reply.sentences.append(voice.line(f"remember.used.{one['kind']}", text=one["text"]))
            state.recall.told = [*state.recall.told, mark][-20:]
        if one["kind"] == "budget":
            reply.suggestions.insert(0, "drop_price")


def your_size(card: dict[str, Any], voice: Voice) -> str:
    """ "Your usual M is in stock": empty where no size is remembered that the product has."""
    size = card.get("your_size")
    if not size:
        return ""
    inside = any(o["size"] == size and o["in_stock"] for o in card.get("sizes") or [])
    return voice.line("remember.size_in" if inside else "remember.size_out", size=size)


# -- the one question ------------------------------------------------------------------------------------------------


def offer(
    meaning: Meaning, before: State, state: State, done: Sequence[Done], voice: Voice, reply: Reply
) -> None:
    """Ask once in a conversation whether what the shopper just told may be remembered, where nothing else is asked."""
    recall = state.recall
    if recall.consent != "unasked" or recall.other or ASKED in before.asked or ASKED in reply.asked:
        return
    if any(s.rstrip().endswith(("?", "？")) for s in reply.sentences) or _waits(reply.pending):
        return
    facts = _worth_keeping(meaning, state, done)
    if facts.empty:
        return
    recall.heard = recall.heard.with_(facts)
    reply.steps = [voice.line("remember.offer", facts=of_facts(facts, voice))]
    reply.pending = Pending(intent="memory", slot="yes", slots={"facts": facts.to_json()})
    reply.asked.append(ASKED)
    reply.suggestions = ["yes_remember", "no_remember", *reply.suggestions]


def _waits(pending: Pending | None) -> bool:
    """A question is open that the shopper has to answer before anything else."""
    return pending is not None and not (pending.intent == "cart_add" and pending.slot == "yes")


def _worth_keeping(meaning: Meaning, state: State, done: Sequence[Done]) -> Facts:
    """What the message states of the shopper, else the size that it chose or searched by."""
    said = meaning.memory
    if said.act in ("view", "viewed", "forget", "stop", "remember"):
        return Facts()
    told = said.facts.model_copy(update={"likes": {}})
    if not told.empty:
        return told
    for part in meaning.parts:
        size = (part.slots.get("size") or [""])[0]
        if not size or len(part.slots["size"]) > 1:
            continue
        if part.intent in SEARCHES:
            kinds = meaning.slots.get("category") or []
            if kinds:
                return Facts(sizes={memory_told.kind_of(size, kinds): size})
        added = next((d for d in done if d.tool == "cart" and d.args.get("action") == "add"), None)
        if added is not None and not (added.artifact or {}).get("problem"):
            item = state.item(str(added.args.get("product")))
            if item is not None:
                return Facts(sizes={memory_told.kind_of(size, [item.category]): size})
    return Facts()


# -- facts in words ----------------------------------------------------------------------------------------------------


def of_notes(notes: Iterable[dict[str, Any]], voice: Voice) -> str:
    """Notes as the memory event tells them, those of one label together: "tops, size M; you avoid wool and silk"."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for note in list(notes)[:_TOLD]:
        label = str(note["label"])
        grouped.setdefault((note["kind"], label[:1].lower() + label[1:]), []).append(note["text"])
    told = [
        voice.line(f"remember.note.{kind}", label=label, text=voice.join(texts, "and"))
        for (kind, label), texts in grouped.items()
    ]
    return voice.line("remember.join").join(told)


def of_facts(facts: Facts, voice: Voice) -> str:
    """Facts before they are kept: "size M", "that you avoid polka dot"."""
    told = []
    for kind, size in facts.sizes.items():
        word = "" if kind == CLOTHES else taxonomy.word("category", kind, voice.lang)
        word = plural(word) if word and voice.lang == "en" else word
        key = "fact.size_of" if word else "fact.size"
        told.append(voice.line(f"remember.{key}", size=size, kind=word))
    for name, values in (("liked", facts.likes), ("refused", facts.refuses)):
        words = [taxonomy.word(a, v, voice.lang) for a, vs in values.items() for v in vs]
        if words:
            told.append(voice.line(f"remember.fact.{name}", value=voice.join(words, "and")))
    told += [voice.line("remember.fact.budget", amount=_amount(spend)) for spend in facts.budget if spend.max]
    return voice.join(told, "and")


def _amount(spend: Spend) -> str:
    number = f"{spend.max:f}".rstrip("0").rstrip(".") if spend.max is not None else ""
    return say("tools", "remembered.plain_amount", "en", amount=number, currency=spend.currency or "").strip()
