"""What a message says of the shopper's photo: that it is a question about it, and which garment of it is meant."""

import re

from agent.planner.meaning import SEARCHES, Meaning, Part, Reference
from agent.planner.state import Picture, State
from perception import pointing
from perception.look import Garment
from perception.pointing import Pointing
from perception.questions import Asked, parse
from perception.wording import read
from prompts import load

# Intents that a question about the photo may have been taken for.
_MISTAKEN = frozenset(
    {"", "find", "refine", "more_like", "ask_product", "color", "outfit", "size_advice", "policy", "recommend",
     "out_of_scope", "others"}
)  # fmt: skip
_OF_THE_SHOP = frozenset(
    {"price", "size", "stock", "opinion"}
)  # asked with a photo: of what the shop has like it
_SIDE = re.compile(r"left|right|左|右")
_WHOLE = (0.0, 0.0, 1.0, 1.0)


def settle(part: Part, meaning: Meaning, state: State, focused: bool) -> None:
    """Make the part a question on the photo where its words ask one, and point its references at one garment."""
    _to_its_side(part, meaning, state, focused)
    picture = _talked_of(meaning, state, part)
    if picture is None or focused or any(r.garment is not None for r in part.references):
        return  # a finger says more than words
    asked = parse(meaning.text, meaning.language)
    if part.intent in _MISTAKEN and _asks(asked, part, meaning):
        part.intent, part.slots = "ask_photo", {}
    _point(part, meaning, state, picture)


def _to_its_side(part: Part, meaning: Meaning, state: State, focused: bool) -> None:
    """左边那件, after a photo of several garments that the cards shown were found by, is a garment of the photo: many
    cards have no left and right; two, side by side, do."""
    picture = state.picture(state.photo) if state.photo and not meaning.photos else None
    if picture is None or len(picture.garments) < 2 or len(state.newest) == 2 or focused:
        return
    if part.intent.startswith("cart"):
        return  # goods go into a cart, not photos
    garments = [Garment.model_validate({"box": _WHOLE, **g}) for g in picture.garments]
    sides = [f.pointing for f in pointing.find(read(meaning.text).text) if f.pointing.side]
    if not any(pointing.resolve(side, garments) is not None for side in sides):
        return
    for reference in part.references:
        if reference.kind == "ordinal" and _SIDE.search(reference.text):
            reference.kind, reference.ids, reference.photo = "photo", [], picture.id


def asked_of(meaning: Meaning) -> Asked:
    """The message as a question."""
    return parse(meaning.text, meaning.language)


def _talked_of(meaning: Meaning, state: State, part: Part) -> Picture | None:
    """The photo that the words may be about: sent with them, or the last thing talked of."""
    if any(r.ids for r in part.references) and not meaning.photos and state.latest != "photo":
        return None
    named = next((r.photo for r in part.references if r.photo), None)
    if named or meaning.photo:
        return state.picture(named or meaning.photo)
    return state.picture(state.at_hand) if state.latest == "photo" and state.at_hand else None


def _asks(asked: Asked, part: Part, meaning: Meaning) -> bool:
    """True for a question that the photo (or what is missing in it) answers, and no wish for goods."""
    if asked.kind in ("unknown", "describe") or asked.attribute is None:
        return False
    if any(re.search(p, asked.text) for p in load("understanding/photo")["wishes"]):
        return False
    if asked.kind == "unseen" and asked.attribute in _OF_THE_SHOP:
        return False
    if asked.kind == "is" and part.heard == "outfit":
        return False  # "shoes for the dress in the photo?"
    if asked.kind == "count" and part.slots.get("asks"):
        return False  # how many sizes there are is no count of garments
    if asked.kind in ("read", "unseen", "detail", "count"):
        return True
    if asked.kind == "match":
        return read(meaning.text).yes_no or (asked.partner is not None and not part.slots.get("asks"))
    if part.intent == "policy":
        return False  # "how long does delivery take" is about no garment's length
    put = any(re.search(p, asked.text) for p in load("understanding/photo")["questions"])
    return put and asked.kind in ("is", "which", "what")


def _point(part: Part, meaning: Meaning, state: State, picture: Picture) -> None:
    """Which garment of the photo the words mean, where they say so."""
    garments = [Garment.model_validate({"box": _WHOLE, **g}) for g in picture.garments]
    said = next((f.pointing for f in pointing.find(read(meaning.text).text) if f.pointing), None)
    if said is None and part.intent in SEARCHES and part.slots.get("category"):
        said = Pointing(tuple(part.slots["category"]))  # "jeans like these"
    if said is None or part.intent == "ask_photo":
        return  # a question is answered by the words themselves
    if part.intent in ("find", "refine", "") and any(r.kind == "photo" for r in part.references):
        part.intent = "more_like"
    index = pointing.resolve(said, garments) if len(garments) > 1 else None
    if index is None or part.intent not in ("more_like", "color", "outfit"):
        return
    at = [r for r in part.references if r.photo or not r.ids]
    if not at:
        at = [Reference(kind="photo", text="")]
        part.references += at
    for reference in at:
        reference.photo, reference.garment = picture.id, index
    if said.colors and set(part.slots.get("color", [])) <= set(garments[index].colors):
        part.slots.pop("color", None)  # 这条紫色连衣裙: named by its colour, which need not be asked for
    if not said.categories and set(part.slots.get("category", [])) <= {"tops", "bottoms"}:
        part.slots.pop("category", None)  # "the one at the bottom"
