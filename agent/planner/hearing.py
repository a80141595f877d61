"""What the rules made of a message, put right by what the ears hear: intents, what is asked about, products meant, and
what each value, size and number of it is for."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from agent.planner import intents, opinions, slots
from agent.planner.counts import Candidate
from agent.planner.divide import SURE_OF_HALF, Half, divide
from agent.planner.ears import ANSWER, Ears, Heard, Message
from agent.planner.intents import Sentence
from agent.planner.meaning import Part, Reference
from agent.planner.references import Found, contradicts, original
from agent.planner.state import State
from agent.planner.tagging import Tag, Tagged
from prompts import taxonomy

SURE, SURE_OF_EFFECT = 0.3, 0.6  # chance from which the ears are believed before the rules
SURE_AGAINST_RULE, STRONG = 0.65, 9.0  # where a rule of this weight says otherwise
SURE_OF_PHOTO = 0.85  # what is talked of on a photo, against what the conversation says
SURE_THAT_IT_POINTS = 0.7
SURE_THOUGH_DENIED = 0.9  # of a change of the cart in a message that has a "not"
SURE_THOUGH_REFUSED = 0.8  # that something is wanted, where the rules find a "no" before it
SURE_OF_SIZE_SHOWN = 0.02  # that a number is a size, where what was shown comes in it
SURE_OF_KIND = 0.9  # that a kind of thing only points, in a search, before any was shown
SURE_OF_PART = 0.6  # of one wish among several, which the ears were taught nothing of
ASKED, ASKED_BY_RULE = 0.3, 0.1  # chance from which something is asked about; where a rule finds it too
SEVERAL = 0.25  # a wish less is worse than one that has to be put right
ASKING = frozenset({"ask_product", "ask_photo", "compare"})
ON_PRODUCTS = frozenset({"ask_product", "outfit", "color", "cart_add", "size_advice"})
_POINTING = ON_PRODUCTS | {"compare", "describe", "more_like", "try_on", "cart_change", "cart_remove"}
_VAGUE = frozenset({"them", "all", "it"})  # kinds of references that the rules are often wrong about
_FILLERS = re.compile(
    r"<\w+>|\b(?:the|a|one|that|this|number|no|please|pls|yes|ok|okay|hmm)\b|[\d\W_]|第|[个条件双款号那这]"
)
_DENIES = re.compile(r"\b(?:not|no|never|without|cannot|\w+n't|dont|wont|didnt)\b|不|没|别")
_INDEFINITE = re.compile(r"\b(?:an?|some|any|new) (?:\w+ )?<|(?:一|几)[件条双个顶套款]的?<")
_SIZED = frozenset({"cart_add", "cart_change", "ask_product", "answer", "size_advice"})
_SEARCHES = frozenset({"find", "refine", "recommend"})
_SILENT = frozenset({"smalltalk", "out_of_scope"})
_ON_PHOTO = frozenset({"ask_photo", "describe", "more_like"})

Parts = list[tuple[Part, list[Sentence]]]
Read = Callable[[str], tuple[Tagged, Sequence[Found]]]


@dataclass(frozen=True)
class Listener:
    """The ears with the message they listen to."""

    ears: Ears
    message: Message
    heard: Heard
    intent: str = ""  # what the message is taken for, where that is settled
    alone: tuple["Listener", ...] = ()  # who hears each wish alone, where there are several

    @property
    def likeliest(self) -> str:
        """The intent most likely to be the message's first."""
        return max(self.heard.intents, key=self.heard.intents.__getitem__)

    @cached_property
    def _refused(self) -> list[Tag]:
        return slots.refused(self.message.tagged)

    def role(self, tag: Tag) -> str:
        """What a named value is for: one of ears.ROLES."""
        refused = tag in self._refused
        chances = self.ears.role(self.message, tag, self.intent or self.likeliest, refused)
        about = self.message
        nothing = not (about.state.newest or about.state.pictures or about.photos)
        kind = "category" in tag.mention.meanings.slots and (self.intent or self.likeliest) in _SEARCHES
        if chances["points"] < (SURE_OF_KIND if nothing and kind else SURE_THAT_IT_POINTS):
            del chances["points"]  # a wish lost is worse than one too many
        surely = refused and slots.surely_refused(self.message.tagged)
        if surely or (refused and chances["wanted"] < SURE_THOUGH_REFUSED):
            del chances["wanted"]
        return max(chances, key=chances.__getitem__)

    def count(self, candidate: Candidate) -> str:
        """What a number or letter is: one of ears.COUNTS."""
        intent = self.intent or self.likeliest
        if candidate.unit and (intent == "cart_add" or f"{candidate.text}码" in self.message.tagged.clean):
            return "size"  # whatever stands around it: "第一双41码加购", "120码有没有"
        chances = self.ears.count(self.message, candidate, intent)
        if candidate.kind == "number" and len(candidate.text) > 1 and intent in _SIZED:
            shown = {size for item in self.message.state.newest for size in item.sizes}
            if candidate.size in shown and chances["size"] >= SURE_OF_SIZE_SHOWN:
                return "size"  # "the first one in 110", of children's clothes: they come in that
        return max(chances, key=chances.__getitem__)

    def asks(self) -> list[str]:
        """What the message asks about."""
        tagged, found = self.message.tagged, self.message.found
        return _asked(self.heard, intents.sentences(tagged, found))


def listen(
    ears: Ears,
    parts: Parts,
    tagged: Tagged,
    found: Sequence[Found],
    state: State,
    photos: Sequence[str],
    read: Read,
) -> tuple[Parts, Listener | None]:
    """The parts as the ears hear them, and who heard. Nobody listens to an attempt to give orders."""
    ruled = [(part.intent, part.weight) for part, _ in parts]
    if any(weight >= intents.INJECTION for _, weight in ruled):
        return parts, None
    message = Message(tagged, found, ruled, state, photos)
    listener = Listener(ears, message, ears.hear(message))
    if any(sentence.refuses for _, said in parts for sentence in said):
        return parts, listener  # a change of the cart that is not to be: the rules are careful there
    surely = {part.intent for part, _ in parts if part.weight >= STRONG or part.slots.get("asks")}
    if wishes := _beside_the_rest(parts, lambda group: _alone(ears, group, message, read)):
        return _each(wishes, ears, message, read, listener)
    if len(parts) > 1 and listener.heard.several < SEVERAL and len(surely) < 2:
        parts = [_whole(parts)]
    halves = divide(ears, message, listener.heard.several, read) if len(parts) == 1 else []
    if halves and not any(half.sentence.refuses for half in halves):
        return _divided(halves, state, listener)
    if len(parts) == 1:
        if _of_nothing_shown(listener):
            parts[0][0].intent = "find"
        else:
            _settle(*parts[0], listener.heard, state)
        # where nothing settles it, what is named is sought
        return parts, replace(listener, intent=parts[0][0].intent or "find")
    return _each(parts, ears, message, read, listener)


def _each(
    parts: Parts, ears: Ears, message: Message, read: Read, listener: Listener
) -> tuple[Parts, Listener]:
    """Each part as it is heard alone."""
    alone = [_alone(ears, group, message, read) for group in parts]
    for (part, said), own in zip(parts, alone, strict=True):
        _settle(part, said, own.heard, message.state, SURE_OF_PART)
    told = (replace(own, intent=part.intent) for (part, _), own in zip(parts, alone, strict=True))
    return parts, replace(listener, alone=tuple(told))


def _alone(ears: Ears, group: tuple[Part, list[Sentence]], message: Message, read: Read) -> Listener:
    part, said = group
    own, found = read(" ".join(original(message.tagged, s.start, s.end) for s in said))
    about = Message(own, found, [(part.intent, part.weight)], message.state, message.photos)
    return Listener(ears, about, ears.hear(about))


def _beside_the_rest(parts: Parts, hear: Callable[[tuple[Part, list[Sentence]]], Listener]) -> Parts:
    """The parts where something that is no matter for a shop stands beside a clear wish: the wish is heard without it,
    and it stays only where it is heard as such itself ("open my cart, I saved some bits on my laptop")."""
    outside = [group for group in parts if group[0].intent == "out_of_scope"]
    rest = [group for group in parts if group[0].intent != "out_of_scope"]
    if not (outside and rest):
        return []
    wish = hear(_whole(rest))
    if wish.likeliest in _SILENT or wish.heard.intents[wish.likeliest] < SURE_OF_PART:
        return []
    kept = [group for group in outside if hear(group).likeliest == "out_of_scope"]
    return sorted([*rest, *kept], key=lambda group: group[1][0].start)


def _divided(halves: Sequence[Half], state: State, listener: Listener) -> tuple[Parts, Listener]:
    for half in halves:
        _settle(half.part, [half.sentence], half.heard, state, SURE_OF_HALF)
    alone = tuple(Listener(listener.ears, h.message, h.heard, h.part.intent) for h in halves)
    return [(half.part, [half.sentence]) for half in halves], replace(listener, alone=alone)


def _whole(parts: Parts) -> tuple[Part, list[Sentence]]:
    """One wish, of all that was said."""
    first = max((part for part, _ in parts), key=lambda p: p.weight)
    asked = [a for part, _ in parts for a in part.slots.get("asks", [])]
    whole = first.model_copy(update={"slots": {"asks": list(dict.fromkeys(asked))} if asked else {}})
    sentences = sorted((s for _, said in parts for s in said), key=lambda s: s.start)
    return whole, sentences


def _of_nothing_shown(listener: Listener) -> bool:
    """ "Which coat is the cheapest?", before any was shown, is no comparison."""
    tags = listener.message.tagged.tags
    ordered = any("sort" in tag.mention.meanings.effects for tag in tags)
    kind = any("category" in tag.mention.meanings.slots for tag in tags)
    return listener.likeliest == "compare" and not listener.message.state.newest and ordered and kind


def _settle(part: Part, said: Sequence[Sentence], heard: Heard, state: State, sure: float = SURE) -> None:
    likeliest = max(heard.intents, key=heard.intents.__getitem__)
    if likeliest.startswith("cart") and not part.intent.startswith("cart") and _only_points(said):
        return  # a bare "2" or "the second" puts nothing into a cart
    if state.pictures and (likeliest in ("describe", "ask_photo") or part.intent == "ask_photo"):
        sure = SURE_OF_PHOTO  # the rules know what can be asked of a photo
    if part.weight >= STRONG and part.intent != likeliest:
        sure = SURE_AGAINST_RULE
    if likeliest in ("handoff", "memory"):
        sure = max(sure, SURE_OF_EFFECT)
    if likeliest.startswith("cart"):
        offered = state.pending is not None and state.pending.intent == likeliest
        sure = sure if offered else max(sure, SURE_OF_EFFECT)
        if not part.intent.startswith("cart") and any(_DENIES.search(s.text) for s in said):
            sure = SURE_THOUGH_DENIED
        if not state.newest and likeliest == "cart_add" and any(_INDEFINITE.search(s.text) for s in said):
            return  # "I want to buy a coat", before any was shown
    if heard.intents[likeliest] < sure:
        return
    if not part.intent and heard.intents[likeliest] < SURE_OF_PART and any(opinions.told(s) for s in said):
        return  # "I like the first": said of a thing, whatever it may sound like
    asking = state.pending.slot if state.pending else "yes"
    if likeliest == ANSWER and part.intent == "cart_add" and part.weight >= STRONG and asking == "yes":
        return  # "I'll have one" answers no question of what it goes with
    if likeliest == ANSWER:
        part.intent, part.weight = "find", 2.0  # what it answers is the open question's to say
        return
    part.heard = likeliest
    if part.intent != likeliest:
        part.intent, part.weight = likeliest, max(part.weight, 6.0)
    named = part.intent == "ask_product" and part.weight >= STRONG and part.slots.get("asks")
    if part.intent in ASKING and not named and (asked := _asked(heard, said)):
        part.slots["asks"] = asked


def _only_points(said: Sequence[Sentence]) -> bool:
    return all(not _FILLERS.sub("", sentence.text) for sentence in said)


def _asked(heard: Heard, said: Sequence[Sentence]) -> list[str]:
    ruled = {name for sentence in said for name in intents.asks(sentence)}
    return [
        name
        for name, chance in heard.asks.items()
        if name != "other" and chance >= (ASKED_BY_RULE if name in ruled else ASKED)
    ]


def keep(part: Part, state: State, listener: Listener | None, photo: bool) -> None:
    """After the rules have fitted a part to the conversation: kinds of search, and of talk on a `photo` that there is,
    stay as they were heard."""
    sought = state.slots.get("category")
    # a kind is named at last, or again: what was said before still holds
    narrowing = part.heard == "find" and state.seeking and sought in (None, [], part.slots.get("category"))
    if part.intent in _SEARCHES and part.heard in _SEARCHES and not narrowing:
        part.intent = part.heard
    sure = listener is not None and listener.heard.intents.get(part.heard, 0) >= SURE_OF_PHOTO
    if photo and sure and part.intent in _ON_PHOTO and part.heard in _ON_PHOTO:
        part.intent = part.heard


def _of_the_kind(listener: Listener) -> list[str]:
    """ "Which backpack is rated highest?": of all that were shown, whichever were spoken of last."""
    tags, shown = listener.message.tagged.tags, listener.message.state.newest
    kinds = [c for tag in tags for c in tag.mention.meanings.slots.get("category", [])]
    if not kinds or not any("sort" in tag.mention.meanings.effects for tag in tags):
        return []
    return [i.id for i in shown if any(taxonomy.is_a(i.category, kind) for kind in kinds)]


def point(part: Part, listener: Listener) -> None:
    """Where the rules find nothing that is meant, or only something vague, let the ears say which of the products
    shown are."""
    vague = _VAGUE - {"it"} if part.intent.startswith("cart") else _VAGUE
    kinds = any("category" in t.mention.meanings.slots for t in listener.message.tagged.tags)
    if part.intent == "color" and not (part.references or kinds or listener.message.state.focus):
        return  # "any in grey?" of a list narrows the list
    if part.intent not in _POINTING or any(
        r.photo or (r.ids and (r.kind not in vague or (r.kind == "all" and r.n))) for r in part.references
    ):
        return
    if (
        part.intent.startswith("cart")
        and listener.message.state.cart
        and any(r.where for r in part.references)
    ):
        return  # what is named is in the cart, or is not
    about = listener.message.state
    if part.intent == "cart_add" and about.latest == "list" and len(about.newest) > 1:
        says = [t for t in listener.message.tagged.tags if t.name not in ("size", "qty", "cart")]
        if not says and not any(r.ids or r.where or r.n for r in part.references):
            return  # "add to cart", of a list: which of it, nothing tells
    if part.intent == "more_like" and listener.message.photos:
        return  # "and this? anything similar", with a photo
    if part.intent == "ask_product" and listener.message.state.at_hand:
        return  # of the photo or of a product? the conversation tells
    ids = _of_the_kind(listener) if part.intent == "compare" else []
    ids = ids or listener.ears.meant(listener.message, part.references, part.intent)
    ids = [i for i in ids if not any(r.where and _other(i, r.where, listener) for r in part.references)]
    if ids and (len(ids) == 1 or part.intent != "cart_add"):
        text = listener.message.tagged.clean
        part.references = [Reference(kind="described", text=text, ids=[i]) for i in ids]


def _other(product: str, where: dict[str, list[str]], listener: Listener) -> bool:
    """ "The red off-shoulder dress" of navy ones: none of them is meant."""
    item = listener.message.state.item(product)
    return item is not None and contradicts(item, where)
