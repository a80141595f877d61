"""That a message asks for a whole look, where the rules and the ears heard a search: "a job interview on a hot day",
下雨天上班, "outfit for a wedding, no heels", "style what's in my cart"; and what it asks of the look."""

from typing import Any

from agent.planner import look_change, look_words, slots
from agent.planner.calls import SOFT
from agent.planner.meaning import Meaning, Part, Reference, Slots
from agent.planner.state import State
from agent.planner.tagging import Tagged
from agent.planner.text import clean

_SEARCHES = frozenset({"", "find", "refine", "recommend", "others"})
_HEARD_WRONG = _SEARCHES | {
    "out_of_scope",
    "smalltalk",
    "cart_view",
    "describe",
    "ask_photo",
    "more_like",
    "compare",
}
_WISHES = _SEARCHES | {"outfit", "smalltalk"}
_NO_MATTER = 12.0  # weight from which a rule is sure that it is no matter for the shop
_SURE = 30.0  # an attempt to give orders


def settle(parts: list[Part], meaning: Meaning, state: State, tagged: Tagged) -> None:
    """Make the parts one wish for a look where they are one. `state` is the one that the message meets."""
    if not parts or meaning.reset or meaning.memory.act or any(p.weight >= _SURE for p in parts):
        return
    if _from_cart(parts, state, tagged) or _own_things(parts, meaning, state, tagged):
        return
    if look_words.says(
        "fresh", tagged.text
    ):  # what is meant by the message as a whole is nothing shown before
        for part in parts:
            part.references = [r for r in part.references if r.text != tagged.clean]
    if any(r.ids or r.photo for p in parts for r in p.references) or meaning.photo:
        return
    for part in parts:
        _refused_after_all(part, tagged)
        if look_words.says("dress_me", tagged.clean):  # no dress is meant
            part.slots = {k: v for k, v in part.slots.items() if k != "category" or v != ["dress"]}
            part.references = [r for r in part.references if r.where.get("category") != ["dress"]]
    outfit = next((p for p in parts if p.intent == "outfit"), None)
    if outfit is not None and _one_thing(outfit, tagged):
        outfit.intent = "find"  # "what dress could I wear to a wedding"
    elif outfit is not None:
        _as_one(outfit, parts, tagged)
    elif len(parts) == 1 and not parts[0].slots.get("category") and _asked(parts[0], meaning, state, tagged):
        part = parts[0]
        part.intent, part.references = "outfit", []
        part.slots = {k: v for k, v in part.slots.items() if k != "asks"}
        meaning.unknown, meaning.unclear, meaning.declined = "", False, False


def of(part: Part, meaning: Meaning) -> dict[str, Any]:
    """What the part asks of a look, as arguments of `match_outfit`: occasion, season, weather, budget …"""
    text = clean(meaning.text)
    scene, weather = look_words.scene(text), look_words.weather(text)
    args = look_change.asked({k: v for k, v in part.slots.items() if k != "category"})
    if scene.get("occasion"):
        args.setdefault("occasion", [scene["occasion"]])
    if scene.get("formality"):
        args.setdefault("formality", scene["formality"])
    if scene.get("aside"):  # 男朋友 says for whom nothing is sought
        args["where"] = {k: v for k, v in args.get("where", {}).items() if k not in scene["aside"]}
    if scene.get("color") and "color" not in args.get("where", {}):
        args["where"] = {**args.get("where", {}), "color": list(scene["color"])}
    if weather:
        args["weather"] = weather
    if "formality" not in args and (level := look_words.level(text)):
        args["formality"] = level
    return {k: v for k, v in args.items() if v}


def _asked(part: Part, meaning: Meaning, state: State, tagged: Tagged) -> bool:
    """No kind of thing is named, but what is to be dressed for, or that one has to be dressed."""
    if part.intent not in _HEARD_WRONG:
        return False
    said, text = part.slots, tagged.clean
    scene = bool(
        said.get("occasion") or look_words.weather(text) or look_words.scene(text) or said.get("season")
    )
    if look_words.says("wear", tagged.text):
        return scene or look_words.says("whole", tagged.text)
    dressed_for = bool(said.get("occasion") or look_words.scene(text))
    if dressed_for and look_words.weather(text) and part.weight < _NO_MATTER:
        return not look_words.says("goods", tagged.text)  # "brunch with friends, it's chilly"
    bare = part.intent in _SEARCHES and not meaning.unknown
    return (
        dressed_for
        and bare
        and not state.seeking
        and not set(said) & {"asks", "size", "brand", "sort", "quantity"}
        and not look_words.says("goods", tagged.text)
    )


def _one_thing(part: Part, tagged: Tagged) -> bool:
    """One kind of thing is sought, for an occasion, and nothing that it is to go with."""
    return (
        len(part.slots.get("category", [])) == 1
        and bool(part.slots.get("occasion"))
        and not part.references
        and not look_words.says("with", tagged.text)
        and not look_words.says("whole", tagged.text)
    )


def _refused_after_all(part: Part, tagged: Tagged) -> None:
    """ "No dresses or skirts": by the rules neither is wanted, whatever the ears make of the second."""
    ruled = slots.read(tagged)
    refused = ruled.get("not", {}).get("category", [])
    if (
        part.slots.get("category")
        and not ruled.get("category")
        and set(part.slots["category"]) <= set(refused)
    ):
        no = {**part.slots.get("not", {}), "category": refused}
        part.slots = {k: v for k, v in part.slots.items() if k != "category"} | {"not": no}


def _as_one(outfit: Part, parts: list[Part], tagged: Tagged) -> None:
    """ "Outfit for a wedding, budget 250, no heels": all of it is said of the look."""
    others = [p for p in parts if p is not outfit]
    if any(p.intent not in _WISHES or p.slots.get("category") for p in others):
        return
    for part in others:
        refused = {**outfit.slots.get("not", {}), **part.slots.get("not", {})}
        outfit.slots = {**part.slots, **outfit.slots} | ({"not": refused} if refused else {})
        outfit.slots.pop("asks", None)
        outfit.said += part.said
    parts[:] = [outfit]


def _from_cart(parts: list[Part], state: State, tagged: Tagged) -> bool:
    """ "What goes with what's in my cart?": its things are built on; an empty one is said to be so."""
    if not any(t.name == "cart" for t in tagged.tags) or not look_words.says("style", tagged.text):
        return False
    if any(p.intent not in {*_HEARD_WRONG, "outfit", "ask_product"} for p in parts) or any(
        r.ids and r.kind in ("ordinal", "named") for p in parts for r in p.references
    ):
        return False
    outfit = next((p for p in parts if p.intent == "outfit"), parts[0])
    held: Slots = {k: v for k, v in outfit.slots.items() if k != "asks"}
    outfit.intent, outfit.slots = "outfit", held
    outfit.references = [Reference(kind="named", text="cart", ids=[line["id"]]) for line in state.cart]
    parts[:] = [outfit]
    return True


def _own_things(parts: list[Part], meaning: Meaning, state: State, tagged: Tagged) -> bool:
    """Several photos, and "how do these go together", "things I own": a look of what they show."""
    photos = _batch(meaning, state)
    if len(photos) < 2:
        return False
    asked = any(p.intent == "outfit" for p in parts) or look_words.says("style", tagged.text)
    if not asked and not (meaning.photos and look_words.says("own", tagged.text)):
        return False
    if any(p.intent not in {*_HEARD_WRONG, "outfit"} for p in parts):
        return False
    if any(r.ids or (r.photo and (r.n or r.garment is not None)) for p in parts for r in p.references):
        return False
    outfit = next((p for p in parts if p.intent == "outfit"), parts[0])
    outfit.intent = "outfit"
    outfit.slots = {
        k: v for k, v in outfit.slots.items() if k in ("category", "price", "color", "not", *SOFT)
    }
    outfit.references = [Reference(kind="photo", text="", photo=photo) for photo in photos]
    parts[:] = [outfit]
    meaning.unknown, meaning.unclear = "", False
    return True


def _batch(meaning: Meaning, state: State) -> list[str]:
    """The photos that are spoken of together: those of the message, else those sent last, while nothing else was
    shown since."""
    if meaning.photos:
        return list(meaning.photos)
    return list(state.batch) if state.latest == "photo" and not state.focus else []
