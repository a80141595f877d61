"""What is to change of the looks just shown: "keep the jacket", 换双鞋, "no heels", "make it more casual", "under 200",
"the second in navy", 再来几套. They are put together again with only that changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.planner import look_words, slots
from agent.planner.calls import conditions
from agent.planner.meaning import Meaning, Part, Reference, Slots
from agent.planner.patterns import has_cue, turn_says
from agent.planner.state import OUTFIT, State
from agent.planner.tagging import Tagged
from prompts import taxonomy
from tools.styling.piece import Piece

_CART = frozenset({"cart_remove", "cart_change", "cart_view", "cart_add"})
_OF_PIECES = (
    "color",
    "pattern",
    "material",
    "sleeve",
    "neckline",
    "length",
    "brand",
    "gender",
    "age_group",
    "size",
)
_OF_A_LOOK = frozenset({*_OF_PIECES, "price", "price_pref", "not", "style", "season", "occasion"})
_SIGNS = ("keep", "swap", "made", "drop", "more_piece")
_LEVELS = ("formal", "business", "casual", "sporty")  # styles that say how formal
# what so many steps down, or up, come to, once something else is changed
_LEVEL_AFTER = (("smart_casual", "casual"), ("smart", "formal"))
_DRESSY = frozenset({"interview", "work", "wedding", "party"})
_NEEDS_A_LAYER = frozenset({"cold", "snow", "rain", "wind"})
_BUILT_ON = ("product", "products", "photo", "photos", "keep")
_CHEAPER = ("cheap", "cheaper")
_VAGUE = frozenset({"it", "them", "all"})
_LITTLE_LESS = 0.01


@dataclass(frozen=True)
class _Change:
    """What is wished of the looks: values, how much more or less formal, for what weather, others than these."""

    slots: Slots
    level: int
    weather: tuple[str, ...]
    others: bool

    @property
    def empty(self) -> bool:
        return not (set(self.slots) - {"category"} or self.level or self.weather or self.others)


def settle(parts: list[Part], meaning: Meaning, state: State, tagged: Tagged) -> bool:
    """Settle a wish about the looks: `meaning.look` is the call that puts them together again; False where there is no
    such wish."""
    carted = any(p.intent in _CART for p in parts)
    if carted and any(t.name == "cart" for t in tagged.tags):
        return False
    text = tagged.text
    change = _Change(
        wishes(tagged),
        look_words.level(tagged.clean),
        tuple(look_words.weather(tagged.clean)),
        look_words.says("others", text),
    )
    args = _of_pieces(change, meaning, state, tagged, carted)
    if args is None and not carted and (absent := _absent(state, tagged)):
        meaning.telling = "absent"
        parts[0].intent, parts[0].slots, parts[0].references = "outfit", {"category": absent}, []
        parts[:] = parts[:1]
        return True
    if args is None and not carted:
        args = _of_all(change, parts, meaning, state, tagged)
    if args is None:
        return False
    part = parts[0]
    part.intent, part.references = "outfit", []
    part.slots = {k: v for k, v in change.slots.items() if k in _OF_A_LOOK}
    parts[:] = [part]
    meaning.look = {k: v for k, v in args.items() if v}
    return True


def wishes(tagged: Tagged) -> Slots:
    """What is wished, without what only tells which piece is meant ("the black shoes")."""
    skip = [span for name in _SIGNS if name != "drop" for span in look_words.spans(name, tagged)]
    said = slots.read(tagged, skip=skip)
    return {k: v for k, v in said.items() if k not in ("asks", "quantity", "sort")}


def signs(tagged: Tagged) -> bool:
    """Something of the look is said to stay, to go or to be another."""
    return any(look_words.spans(name, tagged) for name in _SIGNS)


def _of_pieces(
    change: _Change, meaning: Meaning, state: State, tagged: Tagged, carted: bool
) -> dict[str, Any] | None:
    """The call where a piece is named: one to keep, to swap, to leave out, to have besides."""
    said = {name: look_words.kinds(name, tagged) for name in _SIGNS}
    look = state.look_at(meaning.look_at)
    if said["keep"]:
        held = pieces(state, meaning.look_at, said["keep"])
        again = _again(change, meaning, state)
        return {**again, "look": look["ids"], "keep": held} if held else None
    swapped = said["swap"] or said["made"] or _instead(tagged, state) or _so(change)
    if swapped and (held := pieces(state, meaning.look_at, swapped)):
        meaning.swapping = True
        return _other_piece(held[0], change, meaning, state, tagged)
    if swapped and (own := _own(look, swapped)):
        return _not_own(own, swapped, change, look, state)
    refused = change.slots.get("not", {}).get("category", [])
    dropped = list(dict.fromkeys([*said["drop"], *refused]))
    if dropped and (not carted or pieces(state, meaning.look_at, dropped) or not _in_cart(state, dropped)):
        kept = {k: v for k, v in change.slots.items() if k != "category"}
        args = _again(_Change(kept, change.level, change.weather, False), meaning, state)
        args["without"] = list(dict.fromkeys([*args.get("without", []), *dropped]))
        args["keep"] = [i for i in args.get("keep", []) if i not in pieces(state, 0, dropped)]
        return args
    more = said["more_piece"]
    if more and not _in_look(state, look, more) and (slot := Piece(more[0]).slot):
        condition = {**_of_slot(change), "category": more[:1]}
        args = {k: v for k, v in _base(state).items() if k != "without" or slot not in v}
        return {**args, "keep": look["ids"], "slots": {slot: condition}}
    return None


def _in_look(state: State, look: dict[str, Any], kinds: Sequence[str]) -> bool:
    worn = [i.category for p in look["ids"] if (i := state.item(p))]
    return any(taxonomy.is_a(c, k) for c in worn for k in kinds)


def _in_cart(state: State, kinds: Sequence[str]) -> bool:
    held = [i.category for line in state.cart if (i := state.item(line["id"]))]
    return any(taxonomy.is_a(c, k) for c in held for k in kinds)


def _absent(state: State, tagged: Tagged) -> list[str]:
    """The kinds that are to stay or to be swapped, where no look has any of them."""
    said = [k for name in ("keep", "swap", "made") for k in look_words.kinds(name, tagged)]
    return said[:1] if said and not pieces(state, 0, said) else []


def _of_all(
    change: _Change, parts: Sequence[Part], meaning: Meaning, state: State, tagged: Tagged
) -> dict[str, Any] | None:
    """The call where something is said of the looks as a whole."""
    named = change.slots.get("category", [])
    if change.empty or not set(named) <= set(kinds_of_look(tagged, state)):
        return None
    rest = set(change.slots) - {"category"}
    if not rest <= _OF_A_LOOK or change.slots.get("price_pref") not in (None, *_CHEAPER):
        return None
    if not meaning.look_at and any(outright(r, state) for p in parts for r in p.references):
        return None
    singled = state.latest == "product" and state.focus != [state.outfit.get("product")]
    if singled and not (change.level or change.others):
        return None  # one piece is talked of
    return _again(change, meaning, state)


def _again(change: _Change, meaning: Meaning, state: State) -> dict[str, Any]:
    """The same looks with what is said changed."""
    said = {k: v for k, v in change.slots.items() if k != "category"}
    args = {**_base(state), **asked(said, state)}
    free = not any(args.get(k) for k in _BUILT_ON) and "gender" not in args.get("where", {})
    if free and (people := _worn_by(state)):
        args["where"] = {**args.get("where", {}), "gender": people}
    if change.others:
        args["exclude"] = list(state.shown)
    if change.level:
        args["look"] = state.look_at(meaning.look_at)["ids"]
    return _how(args, change)


def _other_piece(
    piece: str, change: _Change, meaning: Meaning, state: State, tagged: Tagged
) -> dict[str, Any]:
    """Everything of the look stays but one piece, which is to be another, or so as is said."""
    look, item = state.look_at(meaning.look_at), state.item(piece)
    kind = item.category if item else ""
    slot = look["slots"].get(piece) or Piece(kind).slot or kind
    into = [*look_words.after("swap", tagged).get("category", []), *change.slots.get("category", [])]
    worn = taxonomy.ancestors(kind)
    into = [c for c in dict.fromkeys(into) if c not in worn and Piece(c).slot == slot]
    condition = {**_of_slot(change), **({"category": into} if into else {})}
    if slot == "shoes" and look_words.says("flat", tagged.clean):
        refused = condition.get("not", {})
        condition["not"] = {**refused, "category": [*refused.get("category", []), "heels"]}
    if item and change.slots.get("price_pref") in _CHEAPER:
        condition["price"] = {"max": round(max(item.price - _LITTLE_LESS, _LITTLE_LESS), 2)}
    seen = [i.id for i in state.items() if Piece(i.category).slot == slot and i.id in state.shown]
    args = {k: v for k, v in _base(state).items() if k != "keep" and v != piece}
    args |= {"look": look["ids"], "swap": slot, "exclude": list(dict.fromkeys([piece, *seen]))}
    if condition:
        args["slots"] = {**args.get("slots", {}), slot: condition}
    return _how(args, change)


def _own(look: dict[str, Any], kinds: Sequence[str]) -> dict[str, Any] | None:
    """What of the shopper's own the look has in the place of these kinds."""
    slots = {Piece(k).slot for k in kinds}
    return next((own for own in look.get("own") or [] if own["slot"] in slots), None)


def _not_own(
    own: dict[str, Any], kinds: Sequence[str], change: _Change, look: dict[str, Any], state: State
) -> dict[str, Any]:
    """ "Other shoes", where those of the look are the shopper's own: bought ones in their place."""
    args = {k: v for k, v in _base(state).items() if k not in ("photo", "garment", "photos", "keep")}
    photos = [*state.outfit.get("photos", []), *filter(None, [state.outfit.get("photo")])]
    if left := [photo for photo in photos if photo != own["photo"]]:
        args["photos"] = left
    condition = {**_of_slot(change), "category": list(kinds)}
    return _how({**args, "keep": look["ids"], "slots": {own["slot"]: condition}}, change)


def _so(change: _Change) -> list[str]:
    """ "Shoes under 80", "a black bag": the kind that is to be so."""
    named = change.slots.get("category", [])
    return named if len(named) == 1 and set(change.slots) & {*_OF_PIECES, "price", "price_pref"} else []


def _of_slot(change: _Change) -> dict[str, Any]:
    """What the one piece is to be."""
    said = {k: v for k, v in change.slots.items() if k in (*_OF_PIECES, "price", "not")}
    return conditions(said) | ({"style": change.slots["style"]} if change.slots.get("style") else {})


def _how(args: dict[str, Any], change: _Change) -> dict[str, Any]:
    if change.level:
        args["formality"] = change.level
    if change.weather:
        args["weather"] = list(dict.fromkeys([*args.get("weather", []), *change.weather]))
        if set(change.weather) & _NEEDS_A_LAYER:  # a coat, though none was wanted before
            args["without"] = [
                k for k in args.get("without", []) if Piece(k).slot != "outer" and k != "outer"
            ]
    return args


def _base(state: State) -> dict[str, Any]:
    """What the newest looks were built on and for; steps more or less formal as the level that they came to."""
    args = {k: v for k, v in state.outfit.items() if k in OUTFIT}
    steps = args.get("formality")
    if isinstance(steps, int):
        dressy = bool(_DRESSY & set(args.get("occasion") or []))
        args["formality"] = _LEVEL_AFTER[steps > 0][min(abs(steps), 2) - 1 if steps > 0 or dressy else 1]
    return args


def _worn_by(state: State) -> list[str]:
    """Whose pieces the looks are made of, by what their cards tell; [] where they are for several."""
    shown = [i for look in state.looks for p in look["ids"] if (i := state.item(p))]
    people = [
        g
        for g in ("women", "men")
        if any(taxonomy.word("gender", g, lang).casefold() in i.words for i in shown for lang in ("zh", "en"))
    ]
    return people if len(people) == 1 else []


def asked(wanted: Slots, state: State | None = None) -> dict[str, Any]:
    """Slots as arguments of `match_outfit`; of `state`, what the looks before were asked to be besides."""
    before: dict[str, Any] = state.outfit if state else {}
    args: dict[str, Any] = {}
    if wanted.get("occasion"):
        args["occasion"] = list(wanted["occasion"])
    if wanted.get("season"):
        args["season"] = wanted["season"][-1]
    if most := wanted.get("price", {}).get("max"):
        args["budget"] = most
    elif state and wanted.get("price_pref") in _CHEAPER:
        args["budget"] = round(min(look["amount"] for look in state.looks) - _LITTLE_LESS, 2)
    if level := next((s for s in wanted.get("style", []) if s in _LEVELS), None):
        args["formality"] = level
    values = {**wanted, "style": [s for s in wanted.get("style", []) if s not in _LEVELS]}
    new = conditions({k: values[k] for k in (*_OF_PIECES, "not") if values.get(k)})
    if values["style"]:
        new["style"] = values["style"]
    refused = {a: list(v) for a, v in new.pop("not", {}).items()}
    refused["style"] = [s for s in refused.get("style", []) if s not in _LEVELS]
    if kinds := refused.pop("category", []):
        args["without"] = list(dict.fromkeys([*before.get("without", []), *kinds]))
    where = _merged(before.get("where", {}), new, refused)
    return args | ({"where": where} if where else {})


def _merged(held: dict[str, Any], new: dict[str, Any], refused: dict[str, list[str]]) -> dict[str, Any]:
    """Conditions on every piece: what is wanted now takes the place of what was refused of it, and the other way."""
    where = {**{k: v for k, v in held.items() if k != "not"}, **new}
    no = {a: [v for v in vs if v not in new.get(a, [])] for a, vs in held.get("not", {}).items()}
    for attribute, values in refused.items():
        no[attribute] = list(dict.fromkeys([*no.get(attribute, []), *values]))
        if attribute in where and attribute not in new:
            where[attribute] = [v for v in where[attribute] if v not in values]
    where["not"] = {a: v for a, v in no.items() if v}
    return {k: v for k, v in where.items() if v}


def pieces(state: State, nth: int, kinds: Sequence[str]) -> list[str]:
    """The pieces of these kinds in the look spoken of, else in any of them."""
    for look in (state.look_at(nth), *state.looks):
        shown = [(p, i) for p in look.get("ids", []) if (i := state.item(p))]
        if held := [p for p, i in shown if any(taxonomy.is_a(i.category, k) for k in kinds)]:
            return held
    return []


def kinds_of_look(tagged: Tagged, state: State, nth: int = 0) -> list[str]:
    """The kinds that the message names and the looks have."""
    said = [c for t in tagged.tags for c in t.mention.meanings.slots.get("category", [])]
    return [c for c in dict.fromkeys(said) if pieces(state, nth, [c])]


def outright(reference: Reference, state: State) -> bool:
    """Something is pointed at in words of its own, and it is not just what the look was built on."""
    held = {i for look in state.looks for i in look["ids"]}
    vague = reference.kind in _VAGUE or (reference.kind == "described" and not reference.where)
    return bool(reference.ids) and not (vague and set(reference.ids) <= held)


def _instead(tagged: Tagged, state: State) -> list[str]:
    """ "what about boots?", "boots instead": in the place of what is worn there."""
    kinds = [c for t in tagged.tags for c in t.mention.meanings.slots.get("category", [])]
    if not kinds or not (has_cue("carry", tagged.text) or turn_says("instead", tagged.text)):
        return []
    root = [taxonomy.ancestors(kinds[0])[0]]
    return root if pieces(state, 0, root) else []
