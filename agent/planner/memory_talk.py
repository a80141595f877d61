"""What a message says about being remembered. Reading acts on nothing; the rules of consent read with the same eyes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from agent.planner.memory_told import facts, scopes
from agent.planner.memory_words import clauses, has, has_act, portions
from agent.planner.tagging import Tagged
from tools.facts import Facts

if TYPE_CHECKING:
    from agent.planner.meaning import Part

Act = Literal["", "view", "viewed", "remember", "tell", "forget", "stop"]
# what a statement about oneself, or about the memory, may be taken for
_MISHEARD = frozenset({"memory", "size_advice", "smalltalk", "order", "out_of_scope", "policy", "refine", ""})
_PORTION_OF = {
    "size": "size",
    "price": "budget",
    "color": "tastes",
    "pattern": "tastes",
    "material": "tastes",
}


class Spoken(BaseModel):
    """`act`: what is to be done with the memory ("tell": something worth remembering was said, without asking for it);
    `scopes`: of forgetting, empty for everything; `only_search`: the wishes of this conversation are to be dropped, not
    the memory; `keeps`: what is told is to be kept, beside what is to be forgotten. `other`: things are for somebody
    else, `own`: for the shopper; `aside`: what of the memory is not to be used ("size", "all"); `usual`: the remembered
    size is asked for, `picked`: the one that was chosen in this conversation."""

    act: Act = ""
    scopes: list[dict[str, str]] = []
    only_search: bool = False
    keeps: bool = False
    facts: Facts = Facts()
    other: bool = False
    own: bool = False
    aside: list[str] = []
    usual: bool = False
    picked: bool = False


class Recall(BaseModel):
    """The part of the dialogue state about memory. `consent`: of the shopper, "none" where nobody can be known again,
    "unread" while the memory cannot be read; `who`: a mark of whose words were heard; `heard`: what was said that could
    be remembered; `told`: what was used of the memory, and said so; `other`: things are for somebody else; `aside`:
    what of the memory is not to be used; `spoken_of`: the last message was about the memory."""

    consent: str = "none"
    who: str = ""
    heard: Facts = Facts()
    told: list[str] = []
    other: bool = False
    aside: list[str] = []
    spoken_of: bool = False

    def hear(self, spoken: Spoken, let_go: Sequence[str] = (), fresh: bool = False) -> None:
        """Take in what a message says; `let_go`: slots that no longer matter; with `fresh`, a new subject was begun."""
        self.aside = self.left_aside(spoken, let_go, fresh)
        self.spoken_of = bool(spoken.act)
        self.other = spoken.other or (self.other and not spoken.own)
        if fresh:  # the cards tell the size each time; what was left out is told with each new list
            self.told = [mark for mark in self.told if mark.startswith("size:")]
        if not self.other and spoken.act not in ("forget", "stop"):
            self.heard = self.heard.with_(spoken.facts)
        if spoken.act in ("forget", "stop") and not spoken.only_search:
            self.heard, self.told = Facts(), []

    def left_aside(self, spoken: Spoken, let_go: Sequence[str] = (), fresh: bool = False) -> list[str]:
        """What of the memory a search is not to use: it is for somebody else, or the shopper says so."""
        if spoken.other or (self.other and not spoken.own):
            return ["all"]
        before = [] if fresh else [a for a in self.aside if a != "all" or not self.other]
        dropped = [_PORTION_OF[slot] for slot in let_go if slot in _PORTION_OF]
        return list(dict.fromkeys([*before, *spoken.aside, *dropped]))

    def met(self, shopper: dict[str, str] | None) -> bool:
        """Who talks now: `consent` and `who`. True for another than before: what that one said, and was asked, is not
        theirs to have kept, or to answer."""
        consent, who = (shopper or {}).get("consent", "none"), (shopper or {}).get("who", "")
        other = who != self.who
        if other:
            self.heard, self.told = Facts(), []
        self.consent, self.who = consent, who
        return other


def spoken(tagged: Tagged) -> Spoken:
    """What a message says of the memory and of the shopper."""
    text = tagged.text
    found = Spoken(
        other=has("other", tagged.clean),
        own=has("self", tagged.clean),
        aside=["size" if has("aside_size", tagged.clean) else "all"] if has("aside", tagged.clean) else [],
        usual=has("usual", tagged.clean),
        picked=has("picked", tagged.clean),
    )
    found.act = _act(text, tagged.clean)
    if found.act in ("remember", "forget") and (sides := _both(tagged)):
        kept, erased = sides
        found.act, found.scopes = "forget", scopes(erased)
        found.facts = Facts() if found.other else facts(kept, told=True)
        found.keeps = not found.facts.empty
        return found
    if found.act in ("forget", "stop"):
        named = scopes(tagged)
        if found.act == "stop" and named:
            found.act = "forget"  # "别再记我的尺码": that one thing goes
        found.scopes = named
        everything = has("everything", tagged.clean)
        found.only_search = found.act == "forget" and not named and not everything
        return found
    if found.act in ("view", "viewed") or found.other:
        return found
    found.facts = facts(tagged, told=found.act == "remember")
    if not found.act and found.facts.sizes and not has("question", tagged.clean):
        found.act = "tell"
    return found


def _both(tagged: Tagged) -> tuple[Tagged, Tagged] | None:
    """A message that asks to keep one thing and to erase another, as these two halves; None for any other. A clause
    that asks for neither goes on with the one before it, at the start with the keeping."""
    kept: list[tuple[int, int]] = []
    erased: list[tuple[int, int]] = []
    asked, into = False, kept
    for start, end in clauses(tagged.clean):
        clause = tagged.clean[start:end]
        if has("keep", clause) and not has("asking", clause):
            asked, into = True, kept
        elif has_act("forget", clause) and not (has_act("stop", clause) or has("question", clause)):
            into = erased
        into.append((start, end))
    if not (asked and erased):
        return None
    halves = _only(tagged, kept), _only(tagged, erased)
    return halves if scopes(halves[1]) else None


def _only(tagged: Tagged, spans: Sequence[tuple[int, int]]) -> Tagged:
    """The message with all but these spans of its clean text left out; what is kept stays at its place there."""
    inside = [any(a <= i < b for a, b in spans) for i in range(len(tagged.clean))]
    clean = "".join(c if kept else " " for c, kept in zip(tagged.clean, inside, strict=True))
    text, tags, position = "", [], 0
    for one in tagged.tags:
        if inside[one.mention.start]:
            text += clean[position : one.mention.start]
            tags.append(replace(one, start=len(text), end=len(text) + len(one.name) + 2))
            text += f"<{one.name.upper()}>"
            position = one.mention.end
    words = [w for w in tagged.words if w.start < len(inside) and inside[w.start]]
    return Tagged(text + clean[position:], tags, clean, words)


def _act(text: str, clean: str) -> Act:
    """The act that is spoken of, the most telling first."""
    if has("not_forgotten", clean) or (has("asked_to", clean) and not has_act("stop", text)):
        return "remember"
    order: Sequence[Act] = ("stop", "forget", "viewed", "view", "remember")
    act: Act = next((act for act in order if has_act(act, text)), "")
    if act == "viewed" and any(p.search(text) for p in portions()["sizes"]):
        return "view"
    # a question is never an order to erase or to keep: "don't you remember my size?", "what do you keep about me?"
    asked = has("asking", clean) if act in ("stop", "forget") else has("question", clean)
    return "view" if act in ("stop", "forget", "remember") and asked else act


# -- in the conversation ---------------------------------------------------------------------------------------------


def settle(part: "Part", said: Spoken, recall: Recall, listed: bool) -> None:
    """Settle what a part is for by what it says of the memory, where the shopper can be known again. `listed`: a list
    of a running search was shown last, which a size said narrows."""
    pointed = any(r.ids and r.kind not in ("it", "them") for r in part.references)
    if recall.consent == "none" or (pointed and said.act != "tell"):
        return
    heard_as = part.intent
    match said.act:
        case "viewed" if not heard_as.startswith("cart_") and heard_as != "handoff":
            part.intent = "memory"
        case "tell" if heard_as in _MISHEARD | {"find"} and listed:
            if "size" not in part.slots:
                sizes = list(said.facts.sizes.values())[-1:]
                part.intent, part.slots = "refine", {**part.slots, "size": sizes}
        case "tell" if heard_as in _MISHEARD or (heard_as == "find" and "category" not in part.slots):
            part.intent = "memory"
        case "forget" | "stop" if heard_as in _MISHEARD and (said.scopes or not said.only_search):
            part.intent = "memory"
        case "forget" if said.scopes and recall.spoken_of and heard_as in ("cart_remove", "find", "others"):
            part.intent = "memory"  # "波点那条删掉", after the notes were read out
        case "remember" if not said.facts.empty and "category" not in part.slots:
            if heard_as in _MISHEARD | {"find"} and has("keep", part.text.casefold()):
                part.intent = "memory"


def answered(said: Spoken, agreed: bool, declined: bool) -> Spoken | None:
    """What a message says as the answer to whether to remember; None when it is none."""
    if said.act == "stop" or (declined and said.act == ""):
        return said.model_copy(update={"act": "stop", "scopes": []})
    if said.act == "remember" and said.other:
        return None  # "remember that my mum wears S" is no yes to what was asked
    if said.act == "remember" or (agreed and said.act == ""):
        return said.model_copy(update={"act": "remember"})
    return None


def supplied(tagged: Tagged) -> Spoken | None:
    """What a message tells after "remember my size" when it was said what can be remembered; None when it goes
    elsewhere."""
    if has("other", tagged.clean) or has("seeks", tagged.clean) or has("question", tagged.clean):
        return None
    found = facts(tagged, told=True)
    return None if found.empty else Spoken(act="remember", facts=found)


def offers(words: str) -> bool:
    """True when clean words of the assistant's speak of remembering."""
    return has("offers", words)
