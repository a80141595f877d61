"""A conversation as whoever takes it over gets it: summary in both languages, what was said, photos, products, cart.

The same for the staff's page, the signed webhook and any program that asks. Photos travel as they are, scaled down, in
base64: they lie at no address that a stranger could ask for.
"""

import base64
import io
import logging
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageOps
from pydantic import BaseModel

from agent.events import Done, Error, Looked, Person, Speaker, Token
from agent.handoff.summary import summed_up
from agent.transcripts import Turn
from prompts import LANGUAGES
from store.handoffs import Entry
from tools.cart import contents
from tools.results import Cart, Comparison, Outfit, ProductCard, Products

if TYPE_CHECKING:
    from agent.parts import Parts

log = logging.getLogger(__name__)
PHOTO_SIDE, PHOTOS_BYTES, TURNS = 1024, 4_000_000, 200
PRODUCTS = 24  # shown lately


class Utterance(BaseModel):
    """Something said: by the shopper, the assistant or a person (`name`), in turn `turn`; `products`: ids shown."""

    turn: int
    who: str
    name: str = ""
    text: str
    photos: list[str] = []
    products: list[str] = []


class Case(BaseModel):
    """See the module. `summary`: lines by language; `products`: cards of what was shown, the newest first."""

    id: str
    session: str
    state: str
    person: str
    language: str
    reason: str
    contact: str
    asked: float
    summary: dict[str, list[str]]
    transcript: list[Utterance]
    photos: list[str]
    products: list[ProductCard]
    cart: Cart
    shopper: str


def case_of(assistant: "Parts", entry: Entry) -> Case:
    """All that is known of an entry's conversation."""
    turns = assistant.transcripts.numbered(entry.session)[-TURNS:]
    lang = turns[-1][1].language if turns else entry.language
    said = [one for number, turn in turns for one in utterances(number, turn)]
    context = assistant.tool_context(entry.session, lang)
    return Case(
        id=entry.id,
        session=entry.session,
        state=entry.how if entry.over else entry.state,
        person=entry.person,
        language=lang,
        reason=entry.reason,
        contact=entry.contact,
        asked=entry.asked,
        summary={one: summed_up(assistant, entry, turns, one) for one in LANGUAGES},
        transcript=said,
        photos=list(dict.fromkeys(photo for one in said for photo in one.photos)),
        products=_shown(turns),
        cart=contents(context),
        shopper=assistant.owners.mark(entry.session),
    )


def utterances(number: int, turn: Turn) -> list[Utterance]:
    """What was said in a turn, by whom."""
    said: list[Utterance] = []
    photos = list(dict.fromkeys([*turn.photos, *(e.photo for e in turn.events if isinstance(e, Looked))]))
    if turn.text or photos:
        said.append(Utterance(turn=number, who="shopper", text=turn.text, photos=photos))
    ids = [card.id for event in turn.events for card in _cards(event)]
    told = "".join(e.text for e in turn.events if isinstance(e, Token))
    told = told or "\n".join(e.message for e in turn.events if isinstance(e, Error))
    by_person = [e for e in turn.events if isinstance(e, Person)]
    if told or (ids and not turn.outside):
        last = turn.events[-1] if turn.events else None
        text = told or (last.text if isinstance(last, Done) else "")
        said.append(Utterance(turn=number, who="assistant", text=text, products=ids))
    if turn.outside and (by_person or ids):
        name = by_person[0].name if by_person else ""
        text = "\n".join(e.text for e in by_person)
        said.append(Utterance(turn=number, who="person", name=name, text=text, products=ids))
    elif turn.outside:
        text = "\n".join(e.text for e in turn.events if isinstance(e, Speaker))
        said.append(Utterance(turn=number, who="system", text=text))
    return said


def pictures(assistant: "Parts", photos: list[str]) -> tuple[list[dict[str, str]], list[str]]:
    """(the photos as JPEG in base64, the newest first as far as there is room, the ids that were left out)."""
    found: list[dict[str, str]] = []
    left_out, room = [], PHOTOS_BYTES
    for photo in reversed(photos):
        data = scaled(assistant, photo)
        if data is None or len(data) > room:
            left_out.append(photo)
            continue
        room -= len(data)
        found.append({"id": photo, "type": "image/jpeg", "data": base64.b64encode(data).decode()})
    return found, left_out


def scaled(assistant: "Parts", photo: str) -> bytes | None:
    """A photo of the conversation as a JPEG of moderate size; None where it is no longer there."""
    try:
        with Image.open(assistant.picture(photo)) as image:
            small = ImageOps.exif_transpose(image).convert("RGB")
            small.thumbnail((PHOTO_SIDE, PHOTO_SIDE))
            out = io.BytesIO()
            small.save(out, "JPEG", quality=82)
            return out.getvalue()
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        log.warning("the photo %s cannot be passed on: %s", photo, error)
        return None


def _shown(turns: list[tuple[int, Turn]]) -> list[ProductCard]:
    seen: dict[str, ProductCard] = {}
    for _, turn in reversed(turns):
        for event in turn.events:
            for card in _cards(event):
                seen.setdefault(card.id, card)
    return list(seen.values())[:PRODUCTS]


def _cards(event: Any) -> list[ProductCard]:
    match event:
        case Products() | Comparison():
            return list(event.items)
        case Outfit():
            return [card for look in event.looks for card in look.items]
    return []
