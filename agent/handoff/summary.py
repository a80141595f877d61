"""What a person needs to know before they answer, in a few lines, made of what is on record: no model has a say in it.

A model's own note is told beside it, without the sentences that name a figure which nobody in the conversation named.
"""

import re
from typing import TYPE_CHECKING

from agent import messages
from agent.events import Error, Looked, Person, Token
from agent.planner.history import state_before
from agent.planner.phrases import Voice
from agent.planner.state import State
from agent.transcripts import Turn
from prompts import load, say, taxonomy
from store.handoffs import Entry
from tools.reacting import opinions

if TYPE_CHECKING:
    from agent.parts import Parts

MOST = 4  # names in a line
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_SENTENCE = re.compile(r"[^。！？!?\n.]+(?:\.(?=\d)[^。！？!?\n.]+)*[。！？!?.\n]?")


def summed_up(assistant: "Parts", entry: Entry, turns: list[tuple[int, Turn]], lang: str) -> list[str]:
    """The lines, in `lang`, whatever language was spoken."""
    state = state_before(messages.told_again(turns, lambda _: None), assistant.lexicon())
    state.call_in(lang)
    voice = Voice(lang, "")
    told = [_line("reason", lang, what=entry.reason)] if entry.reason else []
    if entry.contact:
        told.append(_line("contact", lang, what=entry.contact))
    if state.order:
        told.append(_line("order", lang, what=state.order))
    if state.slots:
        told.append(_line("sought", lang, what=voice.subject(state.slots)))
    if unwanted := _refused(state, lang):
        told.append(_line("refused", lang, what=_joined(unwanted, lang)))
    shown = [item.name for item in state.items()]
    if shown:
        told.append(_line("shown", lang, count=len(shown), what=_joined(shown[:MOST], lang)))
    told += _opinions(assistant, entry, state, lang)
    if held := _cart(assistant, entry, lang):
        told.append(_line("cart", lang, what=_joined(held, lang)))
    looks = [e for _, turn in turns for e in turn.events if isinstance(e, Looked)]
    if looks:
        seen = looks[-1].look.get("caption") or say("ui", "looked.nothing", lang)
        told.append(_line("photos", lang, count=len({e.photo for e in looks}), what=seen))
    if failed := [e.message for _, turn in turns[-3:] for e in turn.events if isinstance(e, Error)]:
        told.append(_line("failed", lang, what=failed[-1]))
    if left := _open(turns, entry):
        told.append(_line("open", lang, what=left))
    own = {
        str(words) for words in load("replies")["handoff"]["asked"].values()
    }  # the planner's note is all of this
    if entry.note.split("\n")[0] not in own and (note := checked(entry.note, turns)):
        told.append(_line("note", lang, what=note))
    return told


def checked(note: str, turns: list[tuple[int, Turn]]) -> str:
    """A model's note without the sentences that name a figure which does not stand in the conversation."""
    said = " ".join(
        [turn.text + turn.model_dump_json(include={"events"}, exclude={"events": {"__all__": {"args", "summary"}}})
         for _, turn in turns]
    )  # fmt: skip
    known = set(_FIGURE.findall(said))
    kept = [s for s in _SENTENCE.findall(note) if set(_FIGURE.findall(s)) <= known]
    return "".join(kept).strip()


def _line(key: str, lang: str, **values: object) -> str:
    return say("handoff", f"summary.{key}", lang, **values)


def _joined(words: list[str], lang: str) -> str:
    return str(load("handoff")["summary"]["join"][lang]).join(words)


def _refused(state: State, lang: str) -> list[str]:
    ruled = [*(state.slots.get("not") or {}).items(), *state.never.items()]
    return list(
        dict.fromkeys(
            taxonomy.word(attribute, value, lang)
            for attribute, values in ruled
            if isinstance(values, list)
            for value in values
        )
    )


def _opinions(assistant: "Parts", entry: Entry, state: State, lang: str) -> list[str]:
    """Products liked and not, in words and with the heart on a card."""
    done = opinions(assistant.tool_context(entry.session, lang))
    told = []
    for key, said, opinion in (("liked", state.liked, "like"), ("disliked", state.refused, "dislike")):
        ids = dict.fromkeys([*reversed(said), *(i for i, what in done.items() if what == opinion)])
        names = [product.title.get(lang) for product in assistant.shop.get_many(list(ids)[:MOST])]
        told += [_line(key, lang, what=_joined(names, lang))] if names else []
    return told


def _cart(assistant: "Parts", entry: Entry, lang: str) -> list[str]:
    context = assistant.tool_context(entry.session, lang)
    lines = []
    for line in context.carts.lines(entry.session):
        product = assistant.shop.get(line.product_id)
        if product:
            key = "line" if line.size else "line_plain"
            name = product.title.get(lang)
            lines.append(_line(key, lang, name=name, size=line.size or "", count=line.quantity))
    return lines


def _open(turns: list[tuple[int, Turn]], entry: Entry) -> str:
    """The last thing the shopper said that nobody has answered: to a person, or where the answer broke off; before the
    wish for one, what they had said to the assistant."""
    for _, turn in reversed(turns):
        if turn.outside and any(isinstance(e, Person) for e in turn.events):
            return ""
        if turn.text and turn.text.strip() != entry.reason.strip():
            answered = any(isinstance(e, Token) for e in turn.events)
            return turn.text[:200] if not answered or _asks(turn.text) else ""
    return ""


def _asks(text: str) -> bool:
    return text.rstrip().endswith(("?", "？", "吗", "呢"))
