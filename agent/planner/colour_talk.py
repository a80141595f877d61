"""One thing in another colour: "how would the second look in wine red", 这件有墨绿的吗, "a bit darker" after a preview.

The vocabulary's colours are wide (green); what is asked for here is the very colour that was said ("dark green", a
code), so its words are kept and the tool that chooses colours reads them.
"""

import re
from collections.abc import Sequence
from functools import cache

from agent.planner import patterns
from agent.planner.calls import Call, ids_of
from agent.planner.meaning import Meaning, Part, Reference
from agent.planner.state import State
from agent.planner.tagging import Tagged
from perception import shades
from prompts import load

# what a wish to see or have another colour may have been taken for
_MISTAKEN = frozenset({"", "find", "refine", "more_like", "color", "ask_product", "describe", "ask_photo", "try_on",
                       "smalltalk", "out_of_scope", "recommend", "others", "cart_change"})  # fmt: skip
_OWN = frozenset({"color", "category", "asks", "quantity", "price_pref"})
_ASKED = re.compile(r"[?？吗呢么]|有没有")
_HAN = re.compile(r"[㐀-鿿]")


def settle(parts: Sequence[Part], meaning: Meaning, state: State, tagged: Tagged) -> None:
    """Make the message a wish for one thing in another colour where it is one; `meaning.shade` is what to ask for."""
    if len(parts) != 1 or meaning.foreign:
        return
    part = parts[0]
    if part.intent not in _MISTAKEN or set(part.slots) - _OWN:
        return
    text = _with_codes(tagged.text)
    about = _subject(part, meaning, state)
    if about is None:
        return
    kind, phrase, place = _wish(text, part, meaning, state)
    if not phrase:
        return
    said = _original(phrase, text[:place], tagged)
    heard = shades.heard(said)
    if heard.shade is None and heard.change is None:
        return
    if part.intent != "color":
        part.references = [r for r in part.references if r.ids or r.photo] or [about]
    part.intent = "color"
    if not any(r.ids or r.photo for r in part.references):
        part.references = [about]
    part.slots = {k: v for k, v in part.slots.items() if k == "color"}
    if heard.shade:
        part.slots["color"] = [heard.shade.kind]
    meaning.shade, meaning.previewing = said, kind != "had"
    meaning.unknown, meaning.unclear = "", False


def call(part: Part, meaning: Meaning, state: State) -> Call | None:
    """The call that shows it in that colour; None where the message asks for nothing of the kind."""
    about = next((r for r in part.references if r.ids or r.photo), None)
    if not meaning.shade or about is None:
        return None
    args: dict[str, object] = {"color": meaning.shade}
    if about.ids:
        args["product"] = about.ids[0]
    else:
        args["photo"] = about.photo
        if about.garment is not None:
            args["garment"] = about.garment
    if shades.heard(meaning.shade).change and (before := _previewed(about, state)):
        args["color"] = _hex(before, meaning.shade)
    return Call(tool="choose_color", args=args)


def _previewed(about: Reference, state: State) -> str:
    """The colour of the preview of the same thing that was shown last."""
    shown = state.preview
    same = shown.get("product") in about.ids if about.ids else shown.get("photo") == about.photo
    return str(shown.get("srgb") or "") if shown and same else ""


def _hex(srgb: str, words: str) -> str:
    """A shown colour, changed as the words say."""
    change = shades.heard(words).change
    return shades.hex_of(change.of(shades.lab_of(srgb))) if change else srgb


def _subject(part: Part, meaning: Meaning, state: State) -> Reference | None:
    """What is to be seen in another colour: what the words or the finger point at, else what is talked of."""
    pointed = [r for r in part.references if r.ids or r.photo]
    if pointed:
        return pointed[0] if len({i for r in pointed for i in r.ids}) < 2 else None
    if meaning.photo and _says("seen", _with_codes(meaning.tagged)):
        return Reference(kind="photo", text="", photo=meaning.photo)
    if meaning.photo or any(r.kind in ("ordinal", "described", "named") for r in part.references):
        return None
    if _after_preview(state):
        shown = state.preview
        ids = [str(shown["product"])] if shown.get("product") else []
        return Reference(
            kind="it",
            text="",
            ids=ids,
            photo=None if ids else shown.get("photo"),
            garment=shown.get("garment"),
        )
    if state.latest == "product" and len(state.focus) == 1:
        return Reference(kind="it", text="", ids=list(state.focus))
    if state.latest == "photo" and state.at_hand:
        return Reference(kind="photo", text="", photo=state.at_hand)
    if len(state.newest) == 1:
        return Reference(kind="it", text="", ids=[state.newest[0].id])
    return None


def _wish(text: str, part: Part, meaning: Meaning, state: State) -> tuple[str, str, int]:
    """(which kind of wish, the tagged words for the colour, where they stand); empty words for none."""
    single = state.latest == "product" or bool(ids_of(part)) or _after_preview(state)
    kinds = ["seen", "changed"]
    if _after_preview(state):
        kinds.append("again")
    if part.intent == "color" or any(r.ids for r in part.references):
        kinds.append("had")
    if single and "category" not in part.slots and (_after_preview(state) or _ASKED.search(meaning.text)):
        kinds.append("alone")  # "in blue", not asked, goes on with what is sought
    for kind in kinds:
        found, place = _match(kind, text)
        if found:
            return "had" if kind == "alone" and not _after_preview(state) else kind, found, place
    return "", "", 0


def _after_preview(state: State) -> bool:
    """Whether the last reply showed a preview."""
    return bool(state.preview) and state.preview.get("turn") == state.turn


def _says(kind: str, text: str) -> bool:
    """Whether a pattern of that kind is in the tagged text."""
    return bool(_match(kind, text)[0])


def _match(kind: str, text: str) -> tuple[str, int]:
    """The words for the colour in tagged text by the patterns of that kind, and where they start; "" where none fit."""
    for pattern in _compiled(kind):
        if found := pattern.search(text):
            words = _trimmed(found.group("c"))
            return words, found.end("c") - len(words)
    return "", 0


@cache
def _compiled(kind: str) -> tuple[re.Pattern[str], ...]:
    return tuple(patterns.compiled(p) for p in load("understanding/colours")[kind])


@cache
def _outside() -> tuple[frozenset[str], tuple[str, ...]]:
    words = [str(w) for w in load("understanding/colours")["not_of_it"]]
    return frozenset(w for w in words if not _HAN.search(w)), tuple(w for w in words if _HAN.search(w))


def _trimmed(phrase: str) -> str:
    """The phrase without words before the colour that are no part of its name."""
    latin, han = _outside()
    words = phrase.split(" ")
    for i in range(len(words) - 1, -1, -1):
        if words[i] in latin:
            words = words[i + 1 :]
            break
    phrase = " ".join(words)
    ends = [phrase.rfind(w) + len(w) for w in han if w in phrase.partition("<")[0]]
    return phrase[max(ends, default=0) :]


def _with_codes(text: str) -> str:
    """Tagged text with a code for a colour as <CODE>."""
    code = shades.exact(text)
    return text.replace(code, "<CODE>") if code else text


def _original(phrase: str, before: str, tagged: Tagged) -> str:
    """The tagged words as they were written. `before`: the tagged text before them."""
    if "<CODE>" in phrase:
        return phrase.replace("<CODE>", shades.exact(tagged.clean) or "")
    colors = [t.mention.text for t in tagged.tags if t.name == "color"]
    nth = before.count("<COLOR>")
    return phrase.replace("<COLOR>", colors[nth] if nth < len(colors) else "", 1)
