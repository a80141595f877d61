"""The ways of scoring a look that `daogou eval outfit` holds against each other, each behind the same call.

`random`   chance
`rules`    the stylist's rules alone
`learned`  what looks taught, alone (tools/styling/learned.py)
`blend`    both, as the stylist scores where something was learned
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from agent import looks
from perception.look import Garment
from perception.photo import PhotoError, load_photo
from store.database import Database
from store.errors import NotKept
from tools.styling import lookbook
from tools.styling.learned import Compatibility, scored
from tools.styling.piece import Piece
from tools.styling.score import CLASHES, GOES, whole

if TYPE_CHECKING:
    from agent.assistant import Assistant
    from tools.styling.teaching import Goods

Judge = Callable[[Sequence[str]], float]  # ids of a look → its score; higher is better
Progress = Callable[[int, int, str], None]
AT_ONCE = 16  # pictures looked at together
_SEEN = (
    "CREATE TABLE IF NOT EXISTS seen (picture TEXT PRIMARY KEY, garment TEXT NOT NULL, vector BLOB NOT NULL)"
)


class Item(Protocol):
    """A thing that is no product of the shop: what is told of it, and where its picture is."""

    @property
    def id(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def category(self) -> str | None: ...

    @property
    def picture(self) -> Path: ...


def of_shop(assistant: "Assistant", ids: Sequence[str]) -> tuple[dict[str, Judge], tuple[float, float]]:
    """For looks of the shop's own products, all of which there are; and the scores of a pair from which a shopper hears
    that it goes, and below which that it does not."""
    pieces = {product.id: Piece.of(product) for product in assistant.products(ids)}
    learned = Compatibility.of(assistant.shop)
    if learned:
        learned.prepare(list(pieces.values()))
    return _judges(pieces, learned), (GOES, CLASHES)


def of_items(
    assistant: "Assistant",
    items: Mapping[str, Item],
    asked: Collection[str],
    train: Sequence[Sequence[str]],
    valid: Sequence[Sequence[str]],
    seed: int,
    progress: Progress,
) -> tuple[dict[str, Judge], dict[str, Any]]:
    """For looks of other things (`asked`: those that are judged), by their pictures as the eyes see them and by what is
    told of them. What looks teach is learned from `train`, stopped and weighed by `valid`; left out where there are too
    few. And what was done."""
    if len(train) < looks.LEAST or not valid:
        train = valid = []
        items = {name: item for name, item in items.items() if name in asked}
    pieces, vectors = _seen(assistant, items, progress)
    told: dict[str, Any] = {
        "items": len(items),
        "pictures": len(vectors),
        "placed": sum(1 for piece in pieces.values() if piece.slot),
    }
    places = {name: n for n, name in enumerate(pieces)}
    taught = [_worn(look, pieces, places) for look in train]
    stop = [_worn(look, pieces, places) for look in valid]
    taught, stop = [x for x in taught if len(x) > 1], [x for x in stop if len(x) > 1]
    learned = None
    if len(taught) >= looks.LEAST and stop:
        goods = _goods(assistant, pieces, vectors, items)
        learned = looks.learned(
            goods,
            [*taught, *stop],
            taught,
            stop[: looks.MOST_ASKED],
            seed,
            assistant.eyes.signature,
            progress,
        )
        told["learned"] = {"train": len(taught), "stop": len(stop), "weight": learned.weight}
    return _judges(pieces, learned), told


def _judges(pieces: Mapping[str, Piece], learned: Compatibility | None) -> dict[str, Judge]:
    def of(look: Sequence[str]) -> list[Piece]:
        return [pieces[name] for name in look]

    found: dict[str, Judge] = {
        "random": lambda look: zlib.crc32("\n".join(look).encode()) / 2**32,
        "rules": lambda look: whole(of(look)).score,
    }
    if learned is not None:
        found["learned"] = lambda look: scored(of(look), learned)
        found["blend"] = lambda look: whole(of(look), learned).score
    return found


def _worn(look: Sequence[str], pieces: Mapping[str, Piece], places: Mapping[str, int]) -> tuple[int, ...]:
    """What of a look has a place in one; a look of more pieces than anybody wears is none."""
    found = tuple(sorted({places[name] for name in look if pieces[name].slot}))
    return found if len(found) <= lookbook.MOST_PIECES else ()


def _goods(
    assistant: "Assistant",
    pieces: Mapping[str, Piece],
    vectors: Mapping[str, np.ndarray],
    items: Mapping[str, Item],
) -> "Goods":
    from tools.styling.teaching import Goods

    names = list(pieces)
    titled = [n for n, name in enumerate(names) if items[name].title]
    text: dict[int, np.ndarray] = {}
    for start in range(0, len(titled), AT_ONCE):
        part = titled[start : start + AT_ONCE]
        rows = assistant.eyes.sentences([items[names[n]].title for n in part])
        text |= dict(zip(part, rows, strict=True))
    image = {n: vectors[name] for n, name in enumerate(names) if name in vectors}
    return Goods(list(pieces.values()), {"image": image, "text": text})


def _seen(
    assistant: "Assistant", items: Mapping[str, Item], progress: Progress
) -> tuple[dict[str, Piece], dict[str, np.ndarray]]:
    """Each item as a piece, and the vectors of those with a picture that can be opened. A picture is looked at once:
    what was seen stays in `evaluation.sqlite` of the data folder."""
    pieces: dict[str, Piece] = {}
    vectors: dict[str, np.ndarray] = {}
    with closing(Database(assistant.data / "evaluation.sqlite", _SEEN)) as known:
        for done, item in enumerate(items.values(), 1):
            garment, vector = _looked(assistant, known, item.picture)
            if vector is not None:
                vectors[item.id] = vector
            piece = (
                Piece.seen(garment, item.id, 0)
                if garment
                else Piece(item.category or "", photo=item.id, garment=0)
            )
            pieces[item.id] = replace(piece, category=item.category or piece.category, title=item.title)
            progress(done, len(items), "looking")
    return pieces, vectors


def _looked(assistant: "Assistant", known: Database, path: Path) -> tuple[Garment | None, np.ndarray | None]:
    try:
        data = path.read_bytes()
    except OSError:
        return None, None
    key = hashlib.sha256(assistant.eyes.signature.encode() + data).hexdigest()[:32]
    rows = known.read("SELECT garment, vector FROM seen WHERE picture = ?", [key])
    if rows:
        garment = json.loads(rows[0][0])
        vector = np.frombuffer(rows[0][1], np.float16).astype(np.float32)
        return (Garment.model_validate(garment) if garment else None), (vector if len(vector) else None)
    try:
        photo = load_photo(data)
    except PhotoError:
        return None, None
    garments = assistant.eyes.look(photo).garments
    vector = np.array(assistant.eyes.vectors(photo).image, np.float16)
    told = garments[0].model_dump_json() if garments else "null"
    with suppress(NotKept):  # then it is looked at again the next time
        known.change(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", (key, told, vector.tobytes())
            )
        )
    return (garments[0] if garments else None), vector.astype(np.float32)
