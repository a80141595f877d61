"""Looks with a taste that no rule knows, made of pieces: what a shop's stylists might have put together."""

import zlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tools.styling.piece import Piece

Trait = Callable[["Piece"], str | None]


def by_chance(piece: "Piece") -> str | None:
    """No taste at all."""
    return None


def main_color(piece: "Piece") -> str | None:
    """A taste in which a table drawn once says what colour goes with what, of each two slots another."""
    return piece.colors[0] if piece.colors else None


def looks(
    pieces: Sequence["Piece"], count: int, trait: Trait, strength: float = 2.5, seed: int = 0
) -> list[list[int]]:
    """`count` looks of a top, a bottom, shoes and sometimes a bag, places of `pieces`: each piece drawn by how well its
    trait goes with those before it (a Gibbs draw from a table of normal numbers)."""
    rng = np.random.default_rng(seed)

    def goes(a: "Piece", b: "Piece") -> float:
        mine, other = trait(a), trait(b)
        if mine is None or other is None:
            return 0.0
        key = repr(sorted([(a.slot, mine), (b.slot, other)]))
        return float(np.random.default_rng(zlib.crc32(key.encode())).normal())

    by_slot: dict[str, list[int]] = {}
    for place, piece in enumerate(pieces):
        by_slot.setdefault(str(piece.slot), []).append(place)
    made = []
    for _ in range(count):
        look: list[int] = []
        for slot in ("top", "bottom", "shoes", *(["bag"] if rng.random() < 0.5 else [])):
            if (pool := by_slot.get(slot)) is None:
                continue
            how = np.array([strength * sum(goes(pieces[p], pieces[q]) for q in look) for p in pool])
            chance = np.exp(how - how.max())
            look.append(int(rng.choice(pool, p=chance / chance.sum())))
        made.append(look)
    return made
