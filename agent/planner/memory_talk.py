"""What a message says about being remembered, and what it tells of the shopper: sizes, tastes, budget.

Patterns are in prompts/understanding/memory.yaml. Reading acts on nothing; the rules of consent read with the same
eyes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

from agent.planner.patterns import compiled
from agent.planner.tagging import Tag, Tagged, size_name
from prompts import load, taxonomy
from store.shoppers import CLOTHES
from tools.facts import Facts, Spend

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
_TASTES = ("color", "pattern", "material", "sleeve", "neckline", "length", "style", "category", "brand")
_WIDE = ("tops", "bottoms", "outwear", "shoes")  # a size said of a shirt holds for tops
_SHOES_FROM = 34  # a bare number from here on is a shoe size, below it a waist
_NUMBERED = re.compile(r"\d")
_SHOWN = frozenset({"find", "recommend", "more_like", "others", "ask_product"})
_KEEP = re.compile(
    r"\b(?:remember|note|memori[sz]e|save|keep in mind|don't forget)\b|记住|记一下|记下|记着|记好|别忘"
)
_LIKED = re.compile(r"\b(?:like|love|prefer)\b|喜欢|偏爱|爱穿")
_NO = re.compile(r"\bno\b|\bnever\b|\bnot\b|\bdon't\b|不|别|没")
_SIZE_WORD = re.compile(r"\b(?:size|wear|take|eu|uk|us)\b|穿|码|号|脚|鞋")
_NAMED = re.compile(r"^(?:extra )?(?:small|medium|large)$")
_AFTER_NAMED = re.compile(
    r"^\W*(?:$|(?:in|size|sized|for|and|or|now|please|these days|usually|mostly|when|at)\b)"
)
_QUESTION = re.compile(
    r"[?？]\s*$|吗|么\W*$|\b(?:what|which|should|do you|is it|would|will it|can)\b|什么码|哪个码|多大"
)
_ASKING = re.compile(
    r"^\W*(?:so |but |and |ok |hey )*(?:don't|didn't|won't|did|do|does|will|have|has|are|why|how|when|who|what) "
    r"(?:you|i|we|is|it|that|come|do|did|are)\b(?!.*(?:\bplease\b|[.?!;,].*\b(?:delete|erase|wipe|forget|remove)\b))|"
    r"为什么|怎么(?:会)?(?:忘|删)|(?:忘|删)(?:了|掉|除)?(?:我的?)?.{0,6}(?:吗|么|没有?)\W*$|是不是.{0,4}(?:忘|删)"
)
_NOT_FORGOTTEN = re.compile(r"\b(?:don't|do not|never|not) forget\b|(?:别|不要|不能|可不能)忘")
_ASKED_TO = re.compile(
    r"^\W*(?:(?:please|pls|can you|could you|would you|will you|hey|ok|okay|and|so|yes|also) )*"
    r"(?:remember|note|memori[sz]e|save|store|record|bear|jot|keep(?! (?:it|them|things|this|that|everything|all) "
    r"(?:<|under|below|at|within|around|between|over|above|simple|casual|cheap|plain)))(?![a-z])(?! what)|"
    r"^\W*(?:请|帮我|麻烦|麻烦你|你|那|好|嗯|要|那就|以后|,)*(?:记住|记一下|记下|记着|保存|存一下|存下|备注)"
    r"(?!了?我?的?(?:什么|啥|哪些|多少))"
)


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
        other=_has("other", tagged.clean),
        own=_has("self", tagged.clean),
        aside=["size" if _has("aside_size", tagged.clean) else "all"] if _has("aside", tagged.clean) else [],
        usual=_has("usual", tagged.clean),
        picked=_has("picked", tagged.clean),
    )
    found.act = _act(text, tagged.clean)
    if found.act in ("remember", "forget") and (sides := _both(tagged)):
        kept, erased = sides
        found.act, found.scopes = "forget", _scopes(erased)
        found.facts = Facts() if found.other else facts(kept, told=True)
        found.keeps = not found.facts.empty
        return found
    if found.act in ("forget", "stop"):
        named = _scopes(tagged)
        if found.act == "stop" and named:
            found.act = "forget"  # "别再记我的尺码": that one thing goes
        found.scopes = named
        everything = _has("everything", tagged.clean)
        found.only_search = found.act == "forget" and not named and not everything
        if not named and "<PHOTO>" in text:
            found.act = "view"  # photos are no part of what is remembered of a shopper
        return found
    if found.act in ("view", "viewed") or found.other:
        return found
    found.facts = facts(tagged, told=found.act == "remember")
    if not found.act and found.facts.sizes and not _QUESTION.search(tagged.clean):
        found.act = "tell"
    return found


def _both(tagged: Tagged) -> tuple[Tagged, Tagged] | None:
    """A message that asks to keep one thing and to erase another, as these two halves; None for any other. A clause
    that asks for neither goes on with the one before it, at the start with the keeping."""
    kept: list[tuple[int, int]] = []
    erased: list[tuple[int, int]] = []
    asked, into = False, kept
    for start, end in _clauses(tagged.clean):
        clause = tagged.clean[start:end]
        if _KEEP.search(clause) and not _ASKING.search(clause):
            asked, into = True, kept
        elif _has_act("forget", clause) and not (_has_act("stop", clause) or _has_question(clause)):
            into = erased
        into.append((start, end))
    if not (asked and erased):
        return None
    halves = _only(tagged, kept), _only(tagged, erased)
    return halves if _scopes(halves[1]) else None


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
    if _NOT_FORGOTTEN.search(clean) or (_ASKED_TO.search(clean) and not _has_act("stop", text)):
        return "remember"
    order: Sequence[Act] = ("stop", "forget", "viewed", "view", "remember")
    act: Act = next((act for act in order if _has_act(act, text)), "")
    if act == "viewed" and any(p.search(text) for p in _portions()["sizes"]):
        return "view"
    # a question is never an order to erase or to keep: "don't you remember my size?", "what do you keep about me?"
    asked = _ASKING.search(clean) if act in ("stop", "forget") else _has_question(clean)
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
            if heard_as in _MISHEARD | {"find"} and _KEEP.search(part.text.casefold()):
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
    if _has("other", tagged.clean) or _has("seeks", tagged.clean) or _has_question(tagged.clean):
        return None
    found = facts(tagged, told=True)
    return None if found.empty else Spoken(act="remember", facts=found)


def offers(words: str) -> bool:
    """True when clean words of the assistant's speak of remembering."""
    return _has("offers", words)


# -- what is told ----------------------------------------------------------------------------------------------------


def facts(tagged: Tagged, told: bool = False) -> Facts:
    """What the shopper says of themselves. `told`: in a message that asks to be remembered, where also a bare size, a
    refusal or an amount is one."""
    sizes: dict[str, str] = {}
    likes: dict[str, list[str]] = {}
    refuses: dict[str, list[str]] = {}
    budget: list[Spend] = []
    for start, end in _clauses(tagged.clean):
        text = tagged.clean[start:end]
        tags = [t for t in tagged.tags if start <= t.mention.start < end]
        categories = _values(tags, "category")
        for size in _sizes_in(text, told, bool(categories)):
            sizes[kind_of(size, categories, text)] = size
        if _has("dislikes", text) or (told and _NO.search(text)):
            _gather(refuses, tags)
        elif (_has("likes", text) or (told and _LIKED.search(text))) and not _has_question(text):
            _gather(likes, [t for t in tags if "category" not in t.mention.meanings.slots])
        if _has("budget", text) and (told or _has("usually", text)):
            budget += spends(tags, bool(_NO.search(text)))
    return Facts(
        sizes=dict(list(sizes.items())[:8]),
        likes={a: v for a, v in likes.items() if v},
        refuses={a: v for a, v in refuses.items() if v},
        budget=budget[:4],
    )


def kind_of(size: str, categories: Sequence[str], text: str = "") -> str:
    """The kind of garment that a size is of: as wide as it holds, "clothes" for one of nothing in particular."""
    if categories:
        root, leaf = taxonomy.ancestors(categories[-1])[0], categories[-1]
        numbered = bool(_NUMBERED.match(size))
        return leaf if root not in _WIDE or (root == "bottoms" and numbered) else root
    if kind := _kind_in(text):
        return kind
    if _NUMBERED.match(size):
        return "shoes" if float(size) >= _SHOES_FROM else "bottoms"
    return CLOTHES


def _kind_in(text: str) -> str | None:
    """A kind named by a word that is no category: "my feet", 脚."""
    return next((kind for kind, ps in _kinds().items() if any(p.search(text) for p in ps)), None)


def _sizes_in(text: str, told: bool, kind_named: bool) -> Iterator[str]:
    names = ("own_size", "told_size") if told else ("own_size",)
    for name in names:
        for pattern in _size_patterns(name):
            found = pattern.search(text)
            if not found:
                continue
            size, after = found.group("s"), text[found.end("s") :]
            if _NAMED.match(size) and not _AFTER_NAMED.match(after):
                continue  # "I need a large bag"
            if _NUMBERED.match(size) and not (kind_named or _SIZE_WORD.search(text) or _kind_in(text)):
                continue  # "I'm 42", "don't forget my limit, fifty"
            yield size_name(size)
            return


def _gather(into: dict[str, list[str]], tags: Sequence[Tag]) -> None:
    for tag in tags:
        for attribute, values in tag.mention.meanings.slots.items():
            if attribute in _TASTES:
                held = into.setdefault(attribute, [])
                held += [v for v in values if v not in held]


def spends(tags: Sequence[Tag], denied: bool = False) -> Iterator[Spend]:
    """Amounts of a clause; "never more than 100" is 100 at most."""
    categories = _values(tags, "category")
    for tag in tags:
        price = tag.mention.meanings.effects.get("price")
        if not isinstance(price, dict):
            continue
        low, high = _amount(price.get("min")), _amount(price.get("max"))
        if low and not high and denied:
            low, high = None, low
        if low or high:
            yield Spend(
                category=categories[-1] if categories else None,
                min=low,
                max=high,
                currency=price.get("currency"),
            )


def _amount(value: Any) -> Decimal | None:
    return Decimal(str(value)).quantize(Decimal("0.01")) if value and 0 < float(value) < 1e7 else None


def _values(tags: Sequence[Tag], attribute: str) -> list[str]:
    return [v for t in tags for v in t.mention.meanings.slots.get(attribute, [])]


# -- what is to be forgotten -----------------------------------------------------------------------------------------


def _scopes(tagged: Tagged) -> list[dict[str, str]]:
    """The parts of the memory that are named: portions, kinds of sizes, single values."""
    portions = [name for name, ps in _portions().items() if any(p.search(tagged.text) for p in ps)]
    categories = _values(tagged.tags, "category")
    scopes: list[dict[str, str]] = []
    opinion = "liked" in portions or "refused" in portions
    if "sizes" in portions:
        kinds = list(dict.fromkeys(k for c in categories for k in (kind_of("M", [c]), kind_of("1", [c]))))
        kinds = kinds or [k for k, ps in _kinds().items() if any(p.search(tagged.clean) for p in ps)]
        scopes += [{"portion": "sizes", "kind": kind} for kind in kinds] or [{"portion": "sizes"}]
    if "budget" in portions:
        scopes += [{"portion": "budget", "kind": c} for c in categories] or [{"portion": "budget"}]
    if "viewed" in portions:
        scopes.append({"portion": "viewed"})
    values = {
        (a, v)
        for t in tagged.tags
        for a, vs in t.mention.meanings.slots.items()
        for v in vs
        if a in _TASTES and (a != "category" or (opinion and not scopes))
    }
    both = ("liked", "refused")
    if values:
        scopes += [{"portion": p, "attribute": a, "value": v} for a, v in sorted(values) for p in both]
    elif "tastes" in portions:
        scopes += [{"portion": p} for p in both]
    elif opinion:
        scopes.append({"portion": "refused" if "refused" in portions else "liked"})
    return scopes


# -- patterns --------------------------------------------------------------------------------------------------------


def _clauses(clean: str) -> Iterator[tuple[int, int]]:
    """The clauses of clean text; a decimal point or a thousands' comma ends none."""
    start = 0
    for cut in _compiled("clause")[0].finditer(clean):
        inside = clean[max(cut.start() - 1, 0) : cut.end() + 1]
        if re.fullmatch(r"\d[.,]\d", inside):
            continue
        if cut.start() > start:
            yield start, cut.start()
        start = cut.end() if not cut.group().strip().isalpha() else cut.start()
    if start < len(clean):
        yield start, len(clean)


def _has(name: str, text: str) -> bool:
    return any(p.search(text) for p in _compiled(name))


def _has_act(act: str, text: str) -> bool:
    return any(p.search(text) for p in _acts()[act])


def _has_question(text: str) -> bool:
    return bool(_QUESTION.search(text))


@cache
def _compiled(name: str) -> tuple[re.Pattern[str], ...]:
    raw = load("understanding/memory")[name]
    return tuple(map(compiled, [raw] if isinstance(raw, str) else raw))


@cache
def _acts() -> dict[str, tuple[re.Pattern[str], ...]]:
    return {name: tuple(map(compiled, ps)) for name, ps in load("understanding/memory")["acts"].items()}


@cache
def _portions() -> dict[str, tuple[re.Pattern[str], ...]]:
    return {name: tuple(map(compiled, ps)) for name, ps in load("understanding/memory")["portions"].items()}


@cache
def _kinds() -> dict[str, tuple[re.Pattern[str], ...]]:
    return {name: tuple(map(re.compile, ps)) for name, ps in load("understanding/memory")["kinds"].items()}


@cache
def _size_patterns(name: str) -> tuple[re.Pattern[str], ...]:
    data = load("understanding/memory")
    return tuple(re.compile(p.replace("{size}", data["size"])) for p in data[name])
