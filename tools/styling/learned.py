"""What a shop's own looks taught: how well two pieces go together, by type-aware embeddings (Vasileva et al. 2018,
"Learning type-aware embeddings for fashion compatibility").

Each piece becomes a vector, projected by its slot; two are compared by the cosine under a mask of their pair of slots.
What goes in: the picture's vector, the vector of the words, and the attributes; what is missing counts nothing, so that
a piece without a picture, or one seen in a shopper's photo, has its place as well.

Learned by tools/styling/teaching.py; kept, as kept.py says, in `styling/` of the data folder. Numpy alone from here on.

NotFitting   a file that is none of ours, or is damaged
"""

import json
import logging
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from safetensors import SafetensorError, safe_open

from prompts import taxonomy
from tools.styling import kept
from tools.styling.piece import Piece

if TYPE_CHECKING:
    from store.shop import Shop

Array = np.ndarray
FORMAT = "daogou-styling-1"
REMEMBERED = 20_000  # vectors of pieces under masks
BLOCKS = ("image", "text")
Vectors = Callable[
    [str, Sequence[str]], Mapping[str, Array]
]  # (block, ids) → their vectors, of those that have one

log = logging.getLogger(__name__)


class NotFitting(Exception):
    """The file cannot be used."""


@dataclass(frozen=True)
class Inputs:
    """What goes in: of each block its mean (d,) and basis (d, r); `words`: name of an attribute value → its place."""

    means: Mapping[str, Array]
    bases: Mapping[str, Array]
    words: Mapping[str, int]

    @property
    def width(self) -> int:
        """Length of an input vector."""
        return len(self.words) + sum(basis.shape[1] for basis in self.bases.values())

    def of(self, piece: Piece, vectors: Mapping[str, Array]) -> Array:
        """(width,) float32: the attributes, then each block, zeros where there is none."""
        parts = [self.attributes(piece)]
        for name in BLOCKS:
            vector, basis = vectors.get(name), self.bases[name]
            fits = vector is not None and len(vector) == basis.shape[0]
            parts.append((vector - self.means[name]) @ basis if fits else np.zeros(basis.shape[1]))
        return np.concatenate(parts).astype(np.float32)

    def attributes(self, piece: Piece) -> Array:
        """(words,) of length 1: what is known of the piece, each as much as the others."""
        row = np.zeros(len(self.words), np.float32)
        places = [self.words[name] for name in attributes(piece) if name in self.words]
        row[places] = 1 / math.sqrt(len(places)) if places else 0
        return row


def attributes(piece: Piece) -> list[str]:
    """What is known of a piece, each as "attribute:value"."""
    found = [f"category:{name}" for name in taxonomy.ancestors(piece.category)]
    found += [f"color:{name}" for name in piece.colors]
    found += [f"main:{name}" for name in piece.colors[:1]]
    for name in ("pattern", "material", "sleeve", "length", "gender", "age_group"):
        value = getattr(piece, name)
        found += [f"{name}:{value}"] if value else []
    for name in ("season", "occasion", "style"):
        found += [f"{name}:{value}" for value in sorted(getattr(piece, name))]
    if piece.product and piece.product.brand:
        found.append(f"brand:{piece.product.brand.casefold()}")
    return found


def pair_of(a: str, b: str) -> str:
    """The name of a pair of slots, in either order."""
    return f"{min(a, b)}|{max(a, b)}"


@dataclass(frozen=True)
class Compatibility:
    """A learned score. `projection` (slots, width, d) and `bias` (slots, d) take inputs into the space; `masks`
    (pairs, d), not negative; a cosine becomes a score by the logistic of `slope` and `offset`; `weight`: its share of a
    pair's score, the rest is the rules'. `rows` (n, d): the shop's products, by the places in `known`; for those that
    came later `vectors` is asked. Safe from several threads."""

    id: str
    eyes: str
    inputs: Inputs
    slots: tuple[str, ...]
    pairs: Mapping[str, int]
    projection: Array
    bias: Array
    masks: Array
    slope: float
    offset: float
    weight: float
    rows: Array
    known: Mapping[tuple[str, str], int]
    vectors: Vectors | None = None
    _units: dict[tuple[Any, int], Array] = field(default_factory=dict, compare=False, repr=False)
    _later: dict[tuple[str, str], Array] = field(default_factory=dict, compare=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    @classmethod
    def open(cls, data_dir: Path) -> "Compatibility | None":
        """What is kept for the shop in `data_dir`, read once until another is; None where nothing is kept."""
        return kept.now(data_dir, cls.load, NotFitting)

    @classmethod
    def of(cls, shop: "Shop") -> "Compatibility | None":
        """The same for a shop that is open: products that came later are known by their vectors, too. None also where
        it was learned from what other eyes saw."""
        found = cls.open(shop.data_dir)
        if found is None:
            return None
        bound = _bound.get(shop)
        if bound is None or bound[0] is not found:
            fits = found.eyes == shop.signature
            if not fits:
                log.warning("what the shop's looks taught is not used: it was learned with other eyes")
            bound = _bound[shop] = found, replace(found, vectors=weak_vectors(shop)) if fits else None
        return bound[1]

    @classmethod
    def load(cls, path: Path) -> "Compatibility":
        """Raises NotFitting."""
        try:
            with safe_open(path, framework="numpy") as file:
                meta = dict(file.metadata() or {})
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            if meta.get("format") != FORMAT:
                raise NotFitting(f"{path}: not in the format {FORMAT}")
            names = json.loads(tensors["known"].tobytes())
            return cls(
                id=meta["id"],
                eyes=meta["eyes"],
                inputs=Inputs(
                    {name: tensors[f"{name}.mean"] for name in BLOCKS},
                    {name: tensors[f"{name}.basis"] for name in BLOCKS},
                    {word: place for place, word in enumerate(json.loads(meta["words"]))},
                ),
                slots=tuple(json.loads(meta["slots"])),
                pairs={pair: place for place, pair in enumerate(json.loads(meta["pairs"]))},
                projection=tensors["projection"],
                bias=tensors["bias"],
                masks=tensors["masks"],
                slope=float(meta["slope"]),
                offset=float(meta["offset"]),
                weight=float(meta["weight"]),
                rows=tensors["rows"],
                known={(str(i), str(image)): place for place, (i, image) in enumerate(names)},
            )
        except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
            raise NotFitting(f"{path}: {error}") from error

    def save(self, path: Path) -> None:
        """Write what `load` reads. Raises OSError."""
        from safetensors.numpy import save_file

        names = json.dumps([list(key) for key in self.known], ensure_ascii=False).encode()
        tensors = {
            "projection": self.projection,
            "bias": self.bias,
            "masks": self.masks,
            "rows": self.rows,
            "known": np.frombuffer(names, np.uint8).copy(),
            **{f"{name}.mean": self.inputs.means[name] for name in BLOCKS},
            **{f"{name}.basis": self.inputs.bases[name] for name in BLOCKS},
        }
        meta = {
            "format": FORMAT,
            "id": self.id,
            "eyes": self.eyes,
            "words": json.dumps(list(self.inputs.words), ensure_ascii=False),
            "slots": json.dumps(self.slots),
            "pairs": json.dumps(list(self.pairs)),
            **{name: repr(float(getattr(self, name))) for name in ("slope", "offset", "weight")},
        }
        try:
            save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, path, meta)
        except SafetensorError as error:  # its word for a disk that is full
            raise OSError(str(error)) from error

    def score(self, a: Piece, b: Piece) -> float | None:
        """How well two pieces go together, 0..1, 0.5 where it cannot tell; None for a pair of slots that no look
        taught (two tops, a garment without a place)."""
        cosine = self.cosine(a, b)
        return (
            None
            if cosine is None
            else 1 / (1 + math.exp(-min(max(self.slope * cosine + self.offset, -30), 30)))
        )

    def cosine(self, a: Piece, b: Piece) -> float | None:
        """The same before it is made a score, -1..1."""
        first, second = a.slot, b.slot
        if first is None or second is None or first == second:
            return None
        place = self.pairs.get(pair_of(first, second))
        if place is None:
            return None
        return float(self._unit(a, first, place) @ self._unit(b, second, place))

    def prepare(self, pieces: Sequence[Piece]) -> None:
        """Ask for the vectors of all pieces that came later at once, before many scores are asked for."""
        new: dict[tuple[str, str], Piece] = {}
        for piece in pieces:
            key = key_of(piece)
            if piece.product and key and key not in self.known and key not in self._later:
                new[key] = piece
        if not new or self.vectors is None:
            return
        ids = [product_id for product_id, _ in new]
        found = {name: self.vectors(name, ids) for name in BLOCKS}
        for key, piece in new.items():
            blocks = {name: rows[key[0]] for name, rows in found.items() if key[0] in rows}
            if (slot := piece.slot) in self.slots:
                self._later[key] = self.embedded(piece, str(slot), blocks)

    def embedded(self, piece: Piece, slot: str, vectors: Mapping[str, Array]) -> Array:
        """(d,) float32: a piece in the space, from what is known of it."""
        place = self.slots.index(slot)
        row: Array = self.inputs.of(piece, vectors) @ self.projection[place] + self.bias[place]
        return row

    def weighing(self, weight: float) -> "Compatibility":
        """The same with another share."""
        return replace(self, weight=weight)

    def _unit(self, piece: Piece, slot: str, place: int) -> Array:
        key = key_of(piece) or piece
        found = self._units.get((key, place))
        if found is None:
            masked = self._row(piece, slot) * self.masks[place]
            found = (masked / max(float(np.linalg.norm(masked)), 1e-9)).astype(np.float32)
            with self._lock:
                if len(self._units) >= REMEMBERED:
                    self._units.clear()
                self._units[key, place] = found
        return found

    def _row(self, piece: Piece, slot: str) -> Array:
        key = key_of(piece)
        if key is None:
            return self.embedded(piece, slot, {})
        if (place := self.known.get(key)) is not None:
            return self.rows[place].astype(np.float32)
        self.prepare([piece])
        later = self._later.get(key)
        return later if later is not None else self.embedded(piece, slot, {})


def weak_vectors(shop: "Shop") -> Vectors:
    """The shop's vectors, without keeping it open for their sake."""
    from weakref import ref

    alive = ref(shop)

    def vectors(block: str, ids: Sequence[str]) -> Mapping[str, Array]:
        now = alive()
        return now.vectors("image" if block == "image" else "text", ids) if now else {}

    return vectors


def key_of(piece: Piece) -> tuple[str, str] | None:
    """What a piece is known by: a product as it was (with another picture it is another one), or a garment of a photo.
    None for what is only described."""
    if piece.product:
        return piece.product.id, piece.image or ""
    return (f"photo:{piece.photo}", str(piece.garment or 0)) if piece.photo else None


def scored(pieces: Sequence[Piece], learned: Compatibility) -> float:
    """A whole look by what was learned alone: the mean of its pairs, 0.5 where none was learned."""
    found = [s for a, b in combinations(pieces, 2) if (s := learned.score(a, b)) is not None]
    return sum(found) / len(found) if found else 0.5


_bound: "WeakKeyDictionary[Shop, tuple[Compatibility, Compatibility | None]]" = WeakKeyDictionary()
