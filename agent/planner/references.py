"""What the shopper points at: found in the tagged text, then resolved against what was shown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from agent.planner import patterns
from agent.planner.meaning import Part, Reference
from agent.planner.state import Item, State
from agent.planner.tagging import Tagged
from agent.planner.text import clean, is_han, tokens
from prompts import load, taxonomy

_OUTRIGHT = frozenset({"ordinal", "best", "named"})
_PRONOUNS = frozenset({"it", "described"})  # described: what the ears take a whole half for
_TOLD = (
    "category",
    "color",
    "brand",
    "pattern",
    "material",
    "sleeve",
    "neckline",
    "length",
)  # what shows, or is said
_DIGITS = {"两": 2, "二": 2, "三": 3, "四": 4, "几": 0, "些": 0}


@dataclass(frozen=True)
class Found:
    """A reference and the span of the tagged text that it takes."""

    start: int
    end: int
    reference: Reference


def find(tagged: Tagged) -> list[Found]:
    """All references, left to right, not overlapping; earlier patterns of the file claim first."""
    found: list[Found] = []
    taken: list[Found] = []
    for pointer in patterns.pointers():
        for pattern in pointer.patterns:
            for match in pattern.finditer(tagged.text):
                start, end = _span(match)
                if start == end or any(start < f.end and f.start < end for f in taken):
                    continue
                found += [Found(start, end, r) for r in _references(pointer.kind, match, tagged)]
                taken = list(found)
    return sorted(found, key=lambda f: f.start)


def _span(match: re.Match[str]) -> tuple[int, int]:
    """The pointing words alone, where the pattern needs others around them (groups r, r2)."""
    groups = match.groupdict()
    name = next((g for g in ("r", "r2") if groups.get(g)), None)
    return match.span(name) if name else match.span()


def _references(kind: str, match: re.Match[str], tagged: Tagged) -> list[Reference]:
    groups = match.groupdict()
    text = original(tagged, *_span(match))
    where = _where(tagged, match)
    if kind == "pair":
        places = [_position(groups[g]) for g in ("n", "m")]
        return [Reference(kind="ordinal", text=text, n=n, among=max(places), of=where) for n in places]
    if kind == "ordinal":
        if back := groups.get("back"):
            return [Reference(kind="ordinal", text=text, n=-_position(back), of=where)]
        if groups.get("but"):  # "the last but one" is the second from the end
            return [Reference(kind="ordinal", text=text, n=-1 - _position(groups["but"]), of=where)]
        return [Reference(kind="ordinal", text=text, n=_position(groups["n"]), of=where)]
    if kind in ("first", "final"):
        return [Reference(kind=kind, text=text, n=_position(groups["n"]))]
    if kind == "all":
        count = 2 if text.startswith("both") else _position(groups.get("n")) or None
        return [Reference(kind="all", text=text, n=count)]
    if kind == "best":
        return [
            Reference(
                kind="best",
                text=text,
                by=load("understanding/references")["best"][groups["by"].lower()],
                where=where,
            )
        ]
    if kind in ("described", "it", "them"):
        if kind == "described" and not where:
            kind = "it"
        if kind == "it" and where:
            return [Reference(kind="it", text=text, where=where)]
        return [Reference(kind=kind, text=text, where=where)]
    return [Reference(kind=kind, text=text, n=_position(groups.get("n")) or None, where=where)]


def original(tagged: Tagged, start: int, end: int) -> str:
    """The clean text that a span of the tagged text stands for."""
    text, position = "", start
    for tag in tagged.within(start, end):
        text += tagged.text[position : tag.start] + tagged.clean[tag.mention.start : tag.mention.end]
        position = tag.end
    return (text + tagged.text[position:end]).strip()


def _position(word: str | None) -> int:
    if word is None:
        return 0
    if word.isdigit():
        return int(word)
    if word == "最后":
        return -1
    return int(load("understanding/references")["ordinals"].get(word, _DIGITS.get(word, 0)))


def _where(tagged: Tagged, match: re.Match[str]) -> dict[str, list[str]]:
    where: dict[str, list[str]] = {}
    for tag in tagged.within(match.start(), match.end()):
        for attribute, values in tag.mention.meanings.slots.items():
            where.setdefault(attribute, []).extend(values)
    return where


# -- what is meant -------------------------------------------------------------------------------------------------


def resolve(reference: Reference, state: State, photos: Sequence[str], lang: str) -> Reference:
    """The reference with the ids it means, as far as what was shown tells. `photos`: ids with this message."""
    found = reference.model_copy(deep=True)
    match reference.kind:
        case "photo":
            found.photo = _photo(reference, state, photos)
        case "ordinal":
            found.ids = _counted(reference, state)
        case "first":
            found.ids = [i.id for i in state.newest[: reference.n]]
        case "final":
            found.ids = [i.id for i in state.newest[-(reference.n or 1) :]]
        case "all" | "them" if photos:
            found.photo = state.meant(photos)
        case "all":
            found.ids = _all(reference.n, state)
        case "best":
            found.ids = _best(reference, state)
        case "them":
            found.ids = state.focus if len(state.focus) > 1 else [i.id for i in state.newest]
        case "described":
            found.ids = described(reference.where, state, lang)
        case "it":
            _it(found, state, photos, lang)
    return found


def one_thing(parts: Sequence[Part], tagged: Tagged) -> None:
    """ "What is the second made of, is it cotton?": "it" is the thing pointed at in the same breath, not the one talked
    about before, unless the two are weighed against each other."""
    if patterns.has_cue("weighed", tagged.text):
        return
    named: Reference | None = None
    for at, part in enumerate(parts):
        mine = _outright(part)
        named = mine or named
        # "I'm 168 cm, which size of the first one?": both halves are of the first one
        ahead = (_outright(p) for p in parts[at + 1 :] if p.intent == part.intent)
        meant = named or next((r for r in ahead if r), None)
        vague = [r for r in part.references if r.kind in _PRONOUNS and not r.where and not r.photo]
        if meant is None or not vague:
            continue
        part.references = [r for r in part.references if r not in vague] + ([] if mine else [meant])


def _outright(part: Part) -> Reference | None:
    """The one thing that the part points at in so many words."""
    return next((r for r in part.references if r.kind in _OUTRIGHT and len(r.ids) == 1), None)


def _photo(reference: Reference, state: State, photos: Sequence[str]) -> str | None:
    """The photo meant: by its place among those of this message, else of the last one with photos."""
    batch = list(photos) or state.batch
    if reference.n and batch:
        index = reference.n - 1 if reference.n > 0 else len(batch) + reference.n
        return batch[index] if 0 <= index < len(batch) else None
    if photos:
        return state.meant(photos)
    return state.pictures[-1].id if state.pictures else None


def described(where: dict[str, list[str]], state: State, lang: str) -> list[str]:
    """Products shown that fit a description: of the newest list with any, those in focus first."""
    for shown in reversed(state.lists):
        ids = [i.id for i in shown if _fits(i, where)]
        if ids:
            focused = [i for i in ids if i in state.focus]
            return focused or list(dict.fromkeys(ids))
    return []


def named(text: str, state: State) -> list[str]:
    """Products shown whose name stands in the message, or most of whose name does."""
    found = []
    for item in state.items():
        if any(_named(clean(name), text) for name in dict.fromkeys([item.name, *item.names.values()])):
            found.append(item.id)
    return found


def by_name(ids: Sequence[str], text: str, state: State) -> list[str]:
    """Of several that fit a description the one whose whole name stands in the text, else those of whose names most
    does: "the gold hoop earrings" are no gold flower earrings."""
    items = [i for product in ids if (i := state.item(product))]
    if len(items) < 2:
        return list(ids)
    names = {i.id: [clean(n) for n in dict.fromkeys([i.name, *i.names.values()])] for i in items}
    whole = [(len(n), i) for i, own in names.items() for n in own if n in text]
    if whole:
        return [max(whole)[1]]
    said = {w.text for w in tokens(text) if w.text.isascii() and len(w.text) > 2}
    told = {i: max(len(said & {w.text for w in tokens(n)}) for n in own) for i, own in names.items()}
    most = max(told.values())
    return [i for i in ids if told.get(i) == most]


def _named(name: str, text: str) -> bool:
    words = [w.text for w in tokens(name) if len(w.text) > 1 or is_han(w.text)]
    if len(name) >= 4 and name in text:
        return True
    if not name.isascii() or len(words) < 3:
        return False
    have = sum(re.search(rf"\b{re.escape(w)}\b", text) is not None for w in words)
    return have >= len(words) - (len(words) >= 4)


def _it(found: Reference, state: State, photos: Sequence[str], lang: str) -> None:
    if found.where:
        at_hand = state.picture(state.at_hand) if state.at_hand and not state.focus else None
        if at_hand and any(at_hand.garment(c) for c in found.where.get("category", [])):
            found.photo = at_hand.id
            return
        found.ids = described(found.where, state, lang)[:1]
        if found.ids and not photos:
            return
        picture = state.picture(state.meant(photos))
        if picture and (photos or any(picture.garment(c) for c in found.where.get("category", []))):
            found.ids, found.photo = [], picture.id
        elif not found.ids and state.focus:
            found.ids = state.focus[:1]
        return
    if photos:
        found.photo = state.meant(photos)
    elif state.latest == "photo" and state.pictures:
        found.photo = state.pictures[-1].id
    elif state.focus:
        found.ids = list(state.focus)  # several after a comparison: whoever acts on it asks which
    elif state.at_hand and state.picture(state.at_hand):
        found.photo = state.at_hand
    elif len(state.newest) == 1:
        found.ids = [state.newest[0].id]


def _nth(items: Sequence[Item], n: int) -> list[str]:
    if n == 0:
        return [items[len(items) // 2].id] if items else []
    index = n - 1 if n > 0 else len(items) + n
    return [items[index].id] if 0 <= index < len(items) else []


def _counted(reference: Reference, state: State) -> list[str]:
    """What stands at a place: of the newest list that is long enough; with a noun ("the second hoodie") of the newest
    that has such a thing there, else of the newest with that many of them."""
    n = reference.n or 0
    long = max(reference.among, abs(n))
    lists = [x for x in reversed(state.lists) if len(x) >= long]
    if reference.of:
        for shown in lists:
            at = _nth(shown, n)
            fitting = [i for i in shown if _fits(i, reference.of)]
            if any(i.id in at for i in fitting):
                return at
            if len(fitting) >= long:
                return _nth(fitting, n)
    return _nth(lists[0] if lists else state.newest, n)


def _all(n: int | None, state: State) -> list[str]:
    if len(state.focus) > 1 and (n is None or n == len(state.focus)):
        return state.focus
    if n and n == len(state.compared):  # of two side by side one may have been talked about since
        return state.compared
    ids = [i.id for i in state.newest]
    return ids[:n] if n else ids


def _best(reference: Reference, state: State) -> list[str]:
    pool = [i for i in state.items() if i.id in state.focus] if len(state.focus) > 1 else list(state.newest)
    pool = [i for i in pool if _fits(i, reference.where)]
    if not pool:
        return []
    if reference.by == "rating":
        return [max(pool, key=lambda i: i.rating or 0).id]
    pick = min if reference.by == "price_asc" else max
    return [pick(pool, key=lambda i: i.price).id]


def _fits(item: Item, where: dict[str, list[str]]) -> bool:
    for attribute, values in where.items():
        if attribute == "category":
            if not any(taxonomy.is_a(item.category, v) for v in values):
                return False
        elif attribute == "color":
            if not set(values) & set(item.colors):
                return False
        elif attribute == "brand":
            if item.brand not in values:
                return False
        else:
            spoken = {taxonomy.word(attribute, v, lang).casefold() for v in values for lang in ("zh", "en")}
            if not spoken & set(item.words):
                return False
    return True


def contradicts(item: Item, where: Mapping[str, list[str]]) -> bool:
    """Whether a product shown cannot be what a description names: of another kind, brand or cut, of no colour that one
    might call so."""
    return any(where.get(attribute) and not _may_be(item, attribute, where[attribute]) for attribute in _TOLD)


def _may_be(item: Item, attribute: str, values: Sequence[str]) -> bool:
    if attribute == "category":
        return any(taxonomy.is_a(item.category, v) or taxonomy.is_a(v, item.category) for v in values)
    if attribute == "color":
        return not item.colors or any(v in values or _neighbours(v) & set(values) for v in item.colors)
    if attribute == "brand":
        return item.brand is None or item.brand in values
    spoken = {clean(w) for v in values for words in taxonomy.words(attribute, v).values() for w in words}
    names = " ".join(clean(name) for name in (item.name, *item.names.values()))
    return any(word in item.words or word in names for word in spoken)


@cache
def _neighbours(color: str) -> frozenset[str]:
    """The colours that one might call it as well."""
    return frozenset(other for pair in load("colours")["neighbours"] if color in pair for other in pair)
