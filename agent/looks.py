"""`daogou tune --outfits`: a shop's own looks or orders → what goes with what here, measured, kept only if better.

tools/styling learns and keeps; here a shop and a file become what it learns from. One tuning at a time, of any kind:
the lock of `daogou tune`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from agent.errors import BadLooks, TooFewLooks, TuneRunning
from perception.tuning.pairs import split
from store.errors import TuningRunning
from tools.styling import kept, lookbook, verdict
from tools.styling.learned import BLOCKS, Compatibility, key_of, scored
from tools.styling.piece import Piece
from tools.styling.score import whole

if TYPE_CHECKING:
    from store.shop import Shop
    from tools.styling.teaching import Goods
    from tools.styling.verdict import Look, Outcome, Questions, Score

Progress = Callable[[int, int, str], None]
LEAST = 50  # looks: of fewer nothing could be held out to measure with
MOST = 60_000  # looks that are learned from
MOST_ASKED = 1000  # looks that are measured with
AT_ONCE = 500  # products whose vectors are held in memory


def tune(shop: "Shop", path: Path, seed: int, progress: Progress) -> dict[str, Any]:
    """Learn from the looks in a file and keep what was learned if it is better; the figures, `kept` among them.

    Raises BadLooks, TooFewLooks, TuneRunning, NotKept."""
    if shop.tunings is None:
        raise ValueError("a shop without a place for tunings")
    try:
        with shop.tunings.alone():
            return _tune(shop, path, seed, progress)
    except TuningRunning as error:
        raise TuneRunning from error


def _tune(shop: "Shop", path: Path, seed: int, progress: Progress) -> dict[str, Any]:
    began = time.monotonic()
    kept.tidy(shop.data_dir)
    pieces = _pieces(shop, progress)
    try:
        book = lookbook.read(path, {i: piece.slot for i, piece in pieces.items()})
    except lookbook.LookbookError as error:
        raise BadLooks(reason=str(error)) from error
    if len(book.looks) < LEAST:
        raise TooFewLooks(found=len(book.looks), least=LEAST, rows=book.rows)
    chosen = book.looks[:: -(-len(book.looks) // MOST)]
    ids = sorted({i for look in chosen for i in look})
    place = {i: n for n, i in enumerate(ids)}
    looks = [tuple(place[i] for i in look) for look in chosen]
    parts = split(lookbook.grouped(chosen), seed)
    if not min(len(parts.train), len(parts.stop), len(parts.held)):
        raise TooFewLooks(found=len(book.looks), least=LEAST, rows=book.rows)
    goods = gathered(shop, [pieces[i] for i in ids])
    learning = time.monotonic()
    made = learned(goods, looks, [looks[n] for n in parts.train], [looks[n] for n in parts.stop], seed,
                   shop.signature, progress)  # fmt: skip
    asked = asking(goods, [looks[n] for n in parts.held], looks, seed)
    progress(0, 1, "measuring")
    outcomes = {
        "rules": verdict.outcome(asked, by_rules(goods)),
        "learned": verdict.outcome(asked, by_looks(goods, made)),
        "blend": verdict.outcome(asked, by_rules(goods, made)),
    }
    gain = _gain(asked, outcomes["rules"], outcomes["blend"], seed)
    better, against = verdict.better(gain), None
    better_than_rules = better
    if (before := Compatibility.of(shop)) is not None:
        told = verdict.outcome(asked, by_rules(goods, before))
        gained = _gain(asked, told, outcomes["blend"], seed)
        against = {"id": before.id, "figures": _figures(told, seed), "gain": _told(gained)}
        better = better and verdict.better(gained)
    progress(1, 1, "measuring")
    found: dict[str, Any] = {
        "rows": book.rows,
        "looks": len(looks),
        "repeated": book.repeated,
        "left_out": [{"line": r.line, "code": r.reason, "value": r.value} for r in book.left_out],
        "unknown_ids": [{"line": r.line, "id": r.value} for r in book.unknown],
        "pieces": len(ids),
        "pictured": len(goods.vectors["image"]),
        "train": len(parts.train),
        "stop": len(parts.stop),
        "held_out": len(parts.held),
        "asked": len(asked.looks),
        "seed": seed,
        "weight": made.weight,
        "figures": {name: _figures(outcome, seed) for name, outcome in outcomes.items()},
        "gain": _told(gain),
        "in_force_before": against,
        "better_than_rules": better_than_rules,
        "kept": better,
        "id": made.id,
        "eyes": shop.signature,
        "seconds": {
            "reading": round(learning - began, 1),
            "learning": round(time.monotonic() - learning, 1),
        },
    }
    if better:
        kept.keep(shop.data_dir, _knowing(shop, made, pieces, progress), found)
    return found


def learned(
    goods: "Goods", looks: "Sequence[Look]", train: "Sequence[Look]", stop: "Sequence[Look]", seed: int,
    eyes: str, progress: Progress,
) -> Compatibility:  # fmt: skip
    """Learn from the looks `train`; when to stop, and the share of a pair's score, by `stop`. `looks`: all there are,
    which stand-ins are drawn from."""
    from tools.styling.teaching import WEIGHTS, fit

    asked = asking(goods, stop, looks, seed)
    made = fit(goods, train, asked, seed, lambda done, total: progress(done, total, "learning"), eyes)
    if not asked.looks:
        return made.weighing(WEIGHTS[0])
    tried = [made.weighing(weight) for weight in WEIGHTS]
    outcomes = [verdict.outcome(asked, by_rules(goods, each)) for each in tried]
    return tried[verdict.best(outcomes)]


def asking(goods: "Goods", held: "Sequence[Look]", looks: "Sequence[Look]", seed: int) -> "Questions":
    """Questions on looks, MOST_ASKED at most."""
    kinds, slots = [p.category for p in goods.pieces], [p.slot for p in goods.pieces]
    return verdict.questions(held[:MOST_ASKED], looks, kinds, slots, seed)


def by_rules(goods: "Goods", share: Compatibility | None = None) -> "Score":
    """Looks as the stylist scores them, with what was learned where there is something."""
    return lambda look: whole([goods.pieces[n] for n in look], share).score


def by_looks(goods: "Goods", made: Compatibility) -> "Score":
    """Looks by what was learned alone."""
    return lambda look: scored([goods.pieces[n] for n in look], made)


def gathered(shop: "Shop", pieces: Sequence[Piece]) -> "Goods":
    """Products and their vectors."""
    from tools.styling.teaching import Goods

    ids = [piece.product.id if piece.product else "" for piece in pieces]
    found = {"image": shop.vectors("image", ids), "text": shop.vectors("text", ids)}
    return Goods(
        pieces, {name: {n: found[name][i] for n, i in enumerate(ids) if i in found[name]} for name in BLOCKS}
    )


def _pieces(shop: "Shop", progress: Progress) -> dict[str, Piece]:
    """Every product as a piece, by id."""
    count, found = shop.count(), {}
    for product in shop.all():
        found[product.id] = Piece.of(product)
        if len(found) % AT_ONCE == 0:
            progress(len(found), max(count, len(found)), "reading")
    progress(max(count, 1), max(count, 1), "reading")
    return found


def _knowing(
    shop: "Shop", made: Compatibility, pieces: dict[str, Piece], progress: Progress
) -> Compatibility:
    """The same with a row for every product of the shop."""
    worn = [piece for piece in pieces.values() if piece.slot in made.slots]
    rows: list[np.ndarray] = []
    done = 0
    for part in _parts(worn):
        goods = gathered(shop, part)
        rows += [made.embedded(piece, str(piece.slot), goods.of(n)) for n, piece in enumerate(part)]
        done += len(part)
        progress(done, len(worn), "keeping")
    known = {key: n for n, piece in enumerate(worn) if (key := key_of(piece)) is not None}
    return replace(made, rows=np.array(rows, np.float16), known=known, _units={}, _later={})


def _parts(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    left = iter(pieces)
    while part := list(islice(left, AT_ONCE)):
        yield part


def _gain(asked: "Questions", before: "Outcome", after: "Outcome", seed: int) -> dict[str, Any]:
    return dict(verdict.gains(before, after, seed)) if asked.looks else {}


def _figures(outcome: "Outcome", seed: int) -> dict[str, Any]:
    return dict(verdict.figures(outcome, seed)) if len(outcome.filled) else {}


def _told(gain: dict[str, Any]) -> dict[str, Any]:
    return {name: interval.to_json() for name, interval in gain.items()}
