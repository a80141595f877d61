"""Meaning and state → calls about products and photos: questions, comparisons, outfits, sizes."""

from collections.abc import Sequence
from typing import Any

from agent.planner import leftovers, look_asked, look_words, patterns, photo_talk, worn
from agent.planner.calls import HARD, LIMIT, MAX_CALLS, SOFT, Call, conditions, described_in, ids_of
from agent.planner.meaning import Meaning, Part
from agent.planner.ranked import side_by_side
from agent.planner.state import State
from prompts import taxonomy
from tools import purposes
from tools.styling.piece import Piece

_ANCHORS = ("onepiece", "tops", "outwear")  # what an outfit for an occasion starts from
MOST_OF_ONE = 0.6  # of what a look may cost, its first piece at the most
_YES_NO = ("occasion", "season", "style")  # answered yes or no where a value is named
_ASPECTS = {"colors": "color", "stock": "sizes", "size_chart": "sizes", "discount": "price"}
_COMPARABLE = frozenset(
    {"price", "rating", "sizes", "brand", "care", "color", "pattern", "material", "sleeve", "neckline", "length",
     "season", "occasion", "style", "gender"}
)  # fmt: skip


_FOR_WHAT = ("occasion", "season")
_WANTED = ("occasion", "season", "style", "material", "color", "pattern", "sleeve", "neckline", "length")


def aspects(part: Part) -> list[str]:
    """What a comparison is about, by the names of its rows."""
    named = [_ASPECTS.get(a, a) for a in part.slots.get("asks", [])]
    return [a for a in dict.fromkeys(named) if a in _COMPARABLE]


def side(ids: Sequence[str], part: Part, meaning: Meaning, state: State) -> Call:
    """The call that sets products side by side, with what they are weighed by: what is asked about, the values that
    are wanted, and what they are for."""
    ordered = {"rating": ["rating"], "price_asc": ["price"], "price_desc": ["price"]}.get(meaning.order, [])
    named = list(dict.fromkeys([*ordered, *aspects(part)]))
    args: dict[str, Any] = {"products": side_by_side(ids, state), "aspects": named}
    pointed = {(a, v) for r in part.references for a, values in r.where.items() for v in values}
    wants = {a: [v for v in part.slots.get(a) or [] if (a, v) not in pointed] for a in _WANTED}
    if wants := {a: values for a, values in wants.items() if values}:
        args["wants"] = wants
    if purposes.asked(meaning.text):
        args["purpose"] = meaning.text[:300]
        args["aspects"] = [
            a for a in named if a not in _FOR_WHAT or a in wants
        ]  # "good for rain" asks of no occasion
    return Call(tool="compare", args=args)


def ask_product(part: Part, meaning: Meaning, state: State) -> list[Call]:
    ids = ids_of(part) or (state.focus if not part.references and state.latest == "product" else [])
    if not ids and state.at_hand and meaning.photos:
        return []
    singular = all(r.kind in ("described", "it", "ordinal", "named", "best") for r in part.references)
    if len(ids) > 1 and part.references and singular and len(part.references) == 1:
        ids = ids[:1]
    asked = part.slots.get("asks") or ["description"]
    if len(ids) > 1:
        return [side(ids, part, meaning, state)]
    if ids:
        if _yes_or_no(asked, part):
            # "is it ok for the office", "is it waterproof": the record says yes, no, or nothing
            return [Call(tool="ask_image", args={"question": meaning.text[:300], "product": ids[0]})]
        return [Call(tool="product_details", args={"product": ids[0], "asks": asked})]
    where = described_in(part)
    if where and not state.newest:
        return [Call(tool="search_catalog", args={"query": "", "where": where, "limit": LIMIT})]
    return []


def _yes_or_no(asked: list[str], part: Part) -> bool:
    if asked == ["description"]:
        return bool(leftovers.spoken_features(part.text)) and patterns.has_cue("yes_no", part.text)
    return len(asked) == 1 and asked[0] in _YES_NO and bool(part.slots.get(asked[0]))


def ask_photo(part: Part, meaning: Meaning, state: State) -> list[Call]:
    photo = _photo(part, meaning, state)
    if photo and photo_talk.asked_of(meaning).kind == "read":
        photo = _lettered(photo, part, meaning, state)
    if not photo:
        return []
    args = {"question": meaning.text[:300], "photo": photo}
    ids = ids_of(part)
    if ids and photo_talk.asked_of(meaning).kind == "match":
        args["product"] = ids[0]  # "does it go with the second one?"
    return [Call(tool="ask_image", args=args)]


def describe(part: Part, meaning: Meaning, state: State) -> list[Call]:
    if len(meaning.photos) > 1 and not any(r.kind == "photo" and r.n for r in part.references):
        return _each_photo(meaning)
    photo = _photo(part, meaning, state)
    return [Call(tool="describe_scene", args={"photo": photo})] if photo else []


def _each_photo(meaning: Meaning) -> list[Call]:
    return [Call(tool="describe_scene", args={"photo": p}) for p in meaning.photos[:MAX_CALLS]]


def _photo(part: Part, meaning: Meaning, state: State) -> str | None:
    named = next((r.photo for r in part.references if r.photo), None)
    picture = state.picture()
    return named or meaning.photo or state.at_hand or (picture.id if picture else None)


def _lettered(photo: str, part: Part, meaning: Meaning, state: State) -> str:
    """The photo to read from, where the words name none: of those sent together, one that shows a label or a chart and
    no garment."""
    together = meaning.photos or (state.batch if photo in state.batch else [])
    if any(r.photo and (r.n or r.garment is not None) for r in part.references):
        return photo
    bare = (p for p in together if (picture := state.picture(p)) and not picture.garments)
    return next(bare, photo)


def plan_compare(part: Part, meaning: Meaning, state: State) -> list[Call]:
    ids = ids_of(part)
    if len(meaning.photos) > 1 and not ids:
        return _each_photo(meaning)  # what each shows is told; products are what is compared in a table
    if len(ids) == 1 and any(r.kind == "best" for r in part.references):
        ids = list(state.focus) if len(state.focus) > 1 else [i.id for i in state.newest]
    if len(ids) == 1 and state.focus and state.focus[0] not in ids:
        ids = [state.focus[0], *ids]  # "compare it with the third"
    if len(ids) < 2 and len(state.focus) > 1:
        ids = state.focus
    if meaning.order and set(ids) <= set(state.compared) and _of_all(part, meaning, state):
        ids = [i.id for i in state.newest]
    if len(ids) < 2 and len(state.compared) > 1 and not any(r.kind == "ordinal" for r in part.references):
        ids = state.compared  # "which is cheaper?" with one of the two talked of since
    if len(ids) < 2 and len(state.newest) >= 2 and not any(r.kind == "ordinal" for r in part.references):
        ids = [i.id for i in state.newest]
    if len(ids) < 2 and len(state.newest) == 1 and part.slots.get("asks"):
        return [
            Call(tool="product_details", args={"product": state.newest[0].id, "asks": part.slots["asks"]})
        ]
    if len(ids) >= 2:
        return [side(ids, part, meaning, state)]
    where = described_in(part)
    return (
        [Call(tool="search_catalog", args={"query": "", "where": where, "limit": LIMIT})]
        if where.get("category")
        else []
    )


def outfit_of(
    product: str, part: Part, meaning: Meaning, state: State, want: Sequence[str] | None = None
) -> Call:
    """What goes with a product. `want`: of which kinds, where it is not those that the part names: then the rest of it
    said of the product."""
    wanted = list(part.slots.get("category", []) if want is None else want)
    wishes = look_asked.of(part, meaning)
    if want is not None:
        wishes.pop("where", None)  # of the suit that shoes are sought for, not of the shoes
    args: dict[str, Any] = {"product": product} | ({"want": wanted} if wanted else {})
    return Call(tool="match_outfit", args=args | wishes)


def wanted_with(part: Part) -> list[str]:
    """Of what kind the things are that are to go with one that was only described: "what shoes go with a navy suit"."""
    named = part.slots.get("category", [])
    return named if part.references else named[:1] if len(named) > 1 else []


def plan_outfit(part: Part, meaning: Meaning, state: State) -> list[Call]:
    if meaning.telling:
        return []  # it was told with the looks
    if meaning.look:
        return [Call(tool="match_outfit", args=meaning.look)]
    wanted = part.slots.get("category", [])
    want = {"want": wanted} if wanted else {}
    photos = list(dict.fromkeys(r.photo for r in part.references if r.photo))
    ids = ids_of(part)
    if len(photos) > 1 and not ids:
        return [Call(tool="match_outfit", args={"photos": photos, **want, **look_asked.of(part, meaning)})]
    photo = photos[0] if photos else meaning.photo
    wishes = look_asked.of(part, meaning)
    dressed_for = bool({"occasion", "weather", "season"} & set(wishes)) or _whole(meaning)
    if not ids and not photo and not dressed_for and not any(r.where for r in part.references):
        if state.latest == "product" and state.focus:
            ids = state.focus[:1]
        elif state.latest == "photo" and state.pictures and not part.references:
            photo = state.pictures[-1].id
    if len(ids) > 1 and _together(part):
        return [Call(tool="match_outfit", args={"products": ids, **want, **look_asked.of(part, meaning)})]
    if ids:
        return [outfit_of(ids[0], part, meaning, state)]
    if photo:
        one = next((r.garment for r in part.references if r.photo == photo and r.garment), None)
        which = {"garment": one} if one else {}
        return [
            Call(tool="match_outfit", args={"photo": photo, **which, **want, **look_asked.of(part, meaning)})
        ]
    bare = len(wanted) > 1 and not set(part.slots) - {"category", "asks", "quantity"}
    if bare and (held := _known_of(wanted, state)):  # "a belt for the shirt", of a shirt in the cart
        return [outfit_of(held[1], part, meaning, state, [w for w in wanted if w != held[0]])]
    unseen = any(r.where.get("category") and not r.ids for r in part.references)
    if "<CART>" in meaning.tagged or (state.newest and not dressed_for and not unseen):
        return []  # which of them? asked in words
    where = described_in(part)
    if not where.get("category") and not any(r.where for r in part.references):
        return [Call(tool="match_outfit", args=wishes)] if wishes else []
    if wanted and not part.references and not look_words.says("with", meaning.tagged):
        return [_with_kind(wanted, part, meaning, wishes)]
    if len(wanted) > 1 and not part.references:
        where["category"] = wanted[-1:]  # "what shoes go with a navy suit": the suit is found, then its shoes
    prefer = {a: part.slots[a] for a in SOFT if part.slots.get(a)}
    where = {k: v for k, v in where.items() if k in (*HARD, "not")}
    where.setdefault("category", list(_ANCHORS))
    if prefer.get("occasion"):
        prefer["occasion"] = prefer["occasion"][-1:]  # as the looks are built for
    if most := part.slots.get("price", {}).get("max"):
        where["price"] = {"max": round(most * MOST_OF_ONE, 2)}  # the other pieces cost something too
    # one piece to build on: the looks are the answer, not a list beside them
    return [Call(tool="search_catalog", args={"query": "", "where": where, "prefer": prefer, "limit": 1})]


def _with_kind(wanted: Sequence[str], part: Part, meaning: Meaning, wishes: dict[str, Any]) -> Call:
    """ "A weekend look with a denim skirt" has one; "a dress to wear to a wedding" is a dress that is sought."""
    places = {slot: {"category": [kind]} for kind in wanted if (slot := Piece(kind).slot)}
    if len(places) == 1 and look_words.says("whole", meaning.tagged):
        of_it = wishes.pop("where", {})
        return Call(
            tool="match_outfit", args={**wishes, "slots": {k: {**v, **of_it} for k, v in places.items()}}
        )
    if len(places) > 1:
        return Call(tool="match_outfit", args={**wishes, "slots": places})
    prefer = {a: part.slots[a] for a in SOFT if part.slots.get(a)}
    args: dict[str, Any] = {"query": "", "where": conditions(part.slots), "limit": LIMIT}
    return Call(tool="search_catalog", args=args | ({"prefer": prefer} if prefer else {}))


def _together(part: Part) -> bool:
    """Several are to be worn together: those of the cart, or each pointed at outright."""
    kinds = {r.kind for r in part.references}
    return kinds <= {"named", "ordinal"} or kinds <= {"first", "all"}


def _whole(meaning: Meaning) -> bool:
    """It is to be a whole look, whatever was shown."""
    return look_words.says("whole", meaning.tagged) or look_words.says("fresh", meaning.tagged)


def _of_all(part: Part, meaning: Meaning, state: State) -> bool:
    """ "评分最高的是哪个" of many, after two of them were set side by side: the highest of two is the higher."""
    pointed = {"ordinal", "first", "final", "pair", "named"} & {r.kind for r in part.references}
    said = patterns.turn_says("superlative", meaning.text.casefold())
    return len(state.newest) > len(state.compared) == 2 and not pointed and said


def _known_of(kinds: Sequence[str], state: State) -> tuple[str, str] | None:
    """(kind, product) of the one kind that lies in the cart, else was shown, while the others do not."""
    held = [item for line in state.cart if (item := state.item(line["id"]))]
    for items in (held, state.items()):
        known = [(k, next((i.id for i in items if taxonomy.is_a(i.category, k)), None)) for k in kinds]
        there = [(kind, product) for kind, product in known if product]
        if len(there) == 1:
            return there[0]
    return None


def size_advice(part: Part, meaning: Meaning, state: State) -> list[Call]:
    ids = ids_of(part) or state.focus[:1] or ([state.newest[0].id] if len(state.newest) == 1 else [])
    if ids:
        return [_advised(ids[0], part, meaning, state)]
    if state.newest:
        return []
    return [Call(tool="shop_policy", args={"question": meaning.text[:300]})]


def _advised(product: str, part: Part, meaning: Meaning, state: State) -> Call:
    """The call for the size of one product, with all that is known of who is to wear it."""
    args: dict[str, Any] = {"product": product}
    open_ = state if meaning.answers_pending else state.model_copy(update={"pending": None})
    wears = worn.all_worn(meaning.text, [part], state, meaning.memory.other)
    named = [s for s in part.slots.get("size") or [] if s not in {w["size"] for w in wears}]
    if measures := worn.known(meaning.text, open_, meaning.memory.other):
        args["measures"] = measures
    if wears:
        args["wears"] = wears
    if wish := worn.wish(meaning.text):
        args["fit"] = wish
    if len(named) == 1:
        args["size"] = named[0]
    if meaning.memory.other:
        args["other"] = True
    return Call(tool="advise_size", args=args)
