"""Meaning and state → calls about products and photos: questions, comparisons, outfits, sizes."""

from collections.abc import Sequence
from typing import Any

from agent.planner import leftovers, look_talk, patterns, photo_talk
from agent.planner.calls import HARD, LIMIT, MAX_CALLS, SOFT, Call, described_in, ids_of
from agent.planner.meaning import Meaning, Part
from agent.planner.ranked import side_by_side
from agent.planner.state import State
from prompts import taxonomy

_ANCHORS = ("onepiece", "tops", "outwear")  # what an outfit for an occasion starts from
_YES_NO = ("occasion", "season", "style")  # answered yes or no where a value is named
_ASPECTS = {"colors": "color", "stock": "sizes", "size_chart": "sizes", "discount": "price"}
_COMPARABLE = frozenset(
    {"price", "rating", "sizes", "brand", "care", "color", "pattern", "material", "sleeve", "neckline", "length",
     "season", "occasion", "style", "gender"}
)  # fmt: skip


def aspects(part: Part) -> list[str]:
    """What a comparison is about, by the names of its rows."""
    named = [_ASPECTS.get(a, a) for a in part.slots.get("asks", [])]
    return [a for a in dict.fromkeys(named) if a in _COMPARABLE]


def ask_product(part: Part, meaning: Meaning, state: State) -> list[Call]:
    ids = ids_of(part) or (state.focus if not part.references and state.latest == "product" else [])
    if not ids and state.at_hand and meaning.photos:
        return []
    singular = all(r.kind in ("described", "it", "ordinal", "named", "best") for r in part.references)
    if len(ids) > 1 and part.references and singular and len(part.references) == 1:
        ids = ids[:1]
    asked = part.slots.get("asks") or ["description"]
    if len(ids) > 1:
        return [Call(tool="compare", args={"products": side_by_side(ids, state), "aspects": aspects(part)})]
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
    if len(ids) < 2 and len(state.newest) >= 2 and not any(r.kind == "ordinal" for r in part.references):
        ids = [i.id for i in state.newest]
    if len(ids) < 2 and len(state.newest) == 1 and part.slots.get("asks"):
        return [
            Call(tool="product_details", args={"product": state.newest[0].id, "asks": part.slots["asks"]})
        ]
    if len(ids) >= 2:
        return [Call(tool="compare", args={"products": side_by_side(ids, state), "aspects": aspects(part)})]
    where = described_in(part)
    return (
        [Call(tool="search_catalog", args={"query": "", "where": where, "limit": LIMIT})]
        if where.get("category")
        else []
    )


def outfit_of(
    product: str, part: Part, meaning: Meaning, state: State, want: Sequence[str] | None = None
) -> Call:
    """The call for what goes with a product; where the look was asked for and not the product, what the whole may cost
    is what the product leaves."""
    args: dict[str, Any] = {"product": product}
    wanted = list(want if want is not None else part.slots.get("category", []))
    if len(wanted) > 1 and not part.references:
        wanted = wanted[:1]
    if wanted:
        args["want"] = wanted
    wishes = _outfit_wishes(part, meaning)
    first = state.item(product)
    if first and wishes.get("budget") and (meaning.reshaping or not part.references):
        wishes["budget"] = round(max(wishes["budget"] - first.price, 0.01), 2)
    return Call(tool="match_outfit", args=args | wishes)


def _outfit_wishes(part: Part, meaning: Meaning) -> dict[str, Any]:
    wishes: dict[str, Any] = {}
    if part.slots.get("occasion"):
        wishes["occasion"] = part.slots["occasion"][-1]  # "a beach wedding" is a wedding
    if part.slots.get("price", {}).get("max"):
        wishes["budget"] = part.slots["price"]["max"]
    if (meaning.reshaping or meaning.swapping) and (where := look_talk.wanted_of_it(part)):
        wishes["where"] = where
    return wishes


def plan_outfit(part: Part, meaning: Meaning, state: State) -> list[Call]:
    if meaning.summing:
        return []  # it was told with the look
    if meaning.reshaping and (call := look_talk.start(part, state)) is not None:
        return [call]
    photo = next((r.photo for r in part.references if r.photo), None) or meaning.photo
    ids = ids_of(part)
    if not ids and not photo and not part.slots.get("occasion"):
        if state.latest == "product" and state.focus:
            ids = state.focus
        elif state.latest == "photo" and state.pictures:
            photo = state.pictures[-1].id
    if ids:
        return [outfit_of(ids[0], part, meaning, state)]
    wanted = part.slots.get("category", [])
    if photo:
        want = {"want": wanted} if wanted else {}
        one = next((r.garment for r in part.references if r.photo == photo and r.garment), None)
        which = {"garment": one} if one else {}
        return [
            Call(tool="match_outfit", args={"photo": photo, **which, **want, **_outfit_wishes(part, meaning)})
        ]
    bare = len(wanted) > 1 and not set(part.slots) - {"category", "asks", "quantity"}
    if bare and (held := _known_of(wanted, state)):  # "a belt for the shirt", of a shirt in the cart
        return [outfit_of(held[1], part, meaning, state, [w for w in wanted if w != held[0]])]
    if state.newest and not part.slots.get("occasion"):
        return []  # which of them? asked in words
    where = described_in(part)
    if len(wanted) > 1 and not part.references:
        where["category"] = wanted[-1:]  # "what shoes go with a navy suit": the suit is found, then its shoes
    prefer = {a: part.slots[a] for a in SOFT if part.slots.get(a)}
    if not where and not prefer:
        return []
    where = {k: v for k, v in where.items() if k in (*HARD, "not")}
    where.setdefault("category", list(_ANCHORS))
    if prefer.get("occasion"):
        prefer["occasion"] = prefer["occasion"][-1:]  # as the looks are built for
    if most := part.slots.get("price", {}).get("max"):
        where["price"] = {
            "max": round(most * look_talk.MOST_OF_ONE, 2)
        }  # the other pieces cost something too
    # one piece to build on: the looks are the answer, not a list beside them
    return [Call(tool="search_catalog", args={"query": "", "where": where, "prefer": prefer, "limit": 1})]


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
        return [Call(tool="product_details", args={"product": ids[0], "asks": ["size_chart", "sizes"]})]
    if state.newest:
        return []
    return [Call(tool="shop_policy", args={"question": meaning.text[:300]})]
