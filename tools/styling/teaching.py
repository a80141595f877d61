"""Learns which pieces go together from looks: type-aware embeddings, by triplets (Vasileva et al. 2018).

For each pair of pieces that were worn together, in different slots, the partner has to come nearer than others of its
own kind, by a margin, under the mask of that pair of slots. Photo vectors, words and attributes go in as they are; only
projections are learned, so that some hundred looks are enough and a CPU takes minutes.
"""

import copy
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, normalize, relu

from tools.styling.learned import BLOCKS, Compatibility, Inputs, attributes, key_of, pair_of
from tools.styling.piece import Piece
from tools.styling.verdict import Look, Questions, judged

Array = np.ndarray
Progress = Callable[[int, int], None]
SIZE = 32  # of the space
RANK = {
    "image": 48,
    "text": 32,
}  # directions of each block that go in, those in which the shop's products differ most
LEAST_WORD, MOST_WORDS = 2, 500  # products that must share an attribute value for it to go in; values at most
MARGIN = 0.2
NEGATIVES = 8
BATCH, RATE, DECAY, DROP, MISSING = (
    256,
    3e-3,
    3e-2,
    0.1,
    0.25,
)  # MISSING: of the blocks, so that each learns to do alone
MASKS, EMBEDDINGS = 5e-4, 5e-4  # weights of the paper's penalties on masks and embeddings
EPOCHS, PATIENCE = 60, 8
MOST_STEPS = 12_000  # a shop with very many looks has seen enough before all epochs are done
WEIGHTS = (0.15, 0.3, 0.45, 0.6, 0.75, 0.9)  # shares of a pair's score that are tried


@dataclass(frozen=True)
class Goods:
    """What is learned from: pieces, and the vectors of each block of those that have one, by place."""

    pieces: Sequence[Piece]
    vectors: Mapping[str, Mapping[int, Array]]

    def of(self, place: int) -> dict[str, Array]:
        """The blocks of one piece."""
        return {name: rows[place] for name, rows in self.vectors.items() if place in rows}


class Projections(nn.Module):
    """A projection all slots share, what each slot does otherwise, and a mask for each pair of slots."""

    def __init__(self, width: int, slots: int, pairs: int) -> None:
        super().__init__()
        self.shared = nn.Parameter(torch.randn(width, SIZE) / width**0.5)
        self.own = nn.Parameter(torch.zeros(slots, width, SIZE))
        self.bias = nn.Parameter(torch.zeros(slots, SIZE))
        self.masks = nn.Parameter(torch.ones(pairs, SIZE))

    def forward(self, rows: Tensor, slots: Tensor) -> Tensor:
        """(n, SIZE): inputs (n, width) of pieces in `slots` (n,)."""
        found = rows @ self.shared + self.bias[slots]
        for slot in range(len(self.own)):
            of_slot = slots == slot
            if bool(of_slot.any()):
                found = found.index_put((of_slot.nonzero()[:, 0],), rows[of_slot] @ self.own[slot], True)
        return found

    def masked(self, embedded: Tensor, pairs: Tensor) -> Tensor:
        """Of length 1 under the masks of `pairs`, which broadcast against all but the last of `embedded`."""
        return normalize(embedded * relu(self.masks)[pairs], dim=-1)


@dataclass(frozen=True)
class Lesson:
    """The looks as pairs: `pairs` (m, 2) places of pieces, `under` (m,) the mask; what could stand in for a place are
    `pool[start : start + size]`, places of the same kind, as often as they are in looks; `together`: what was ever worn
    together, a place times the number of places plus the other."""

    pairs: Array
    under: Array
    pool: Array
    start: Array
    size: Array
    together: Array

    def strangers(self, anchors: Array, partners: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """(n, NEGATIVES) stand-ins for the partners, and whether each was never worn with the anchor."""
        drawn = (rng.random((len(partners), NEGATIVES)) * self.size[partners][:, None]).astype(int)
        found = self.pool[self.start[partners][:, None] + drawn]
        met = np.isin(anchors[:, None] * len(self.start) + found, self.together)
        return found, ~met & (found != partners[:, None])


def inputs(goods: Goods, places: Sequence[int]) -> Inputs:
    """What goes in, as those places have it: the attribute values that several share, and the directions of each block
    in which they differ most."""
    counts = Counter(name for place in places for name in set(attributes(goods.pieces[place])))
    words = sorted(name for name, n in counts.most_common(MOST_WORDS) if n >= LEAST_WORD)
    means: dict[str, Array] = {}
    bases: dict[str, Array] = {}
    for name in BLOCKS:
        known = [goods.vectors[name][p] for p in places if p in goods.vectors.get(name, {})]
        means[name], bases[name] = _directions(np.stack(known), RANK[name]) if len(known) > 2 else _none()
    return Inputs(means, bases, {word: place for place, word in enumerate(words)})


def _none() -> tuple[Array, Array]:
    return np.zeros(0, np.float32), np.zeros((0, 0), np.float32)


def _directions(rows: Array, rank: int) -> tuple[Array, Array]:
    """Mean (d,) and basis (d, r) of the principal directions, evened out half way, so that a row is about 1 long."""
    mean = rows.mean(0)
    _, spread, directions = np.linalg.svd(rows - mean, full_matrices=False)
    rank = min(rank, int((spread > 1e-4 * max(float(spread[0]), 1e-9)).sum()))
    deviation = spread[:rank] / np.sqrt(len(rows))
    basis = directions[:rank].T / np.sqrt(deviation + 1e-9)
    length = float(np.sqrt((((rows - mean) @ basis) ** 2).sum(1).mean())) if rank else 1.0
    return mean.astype(np.float32), (basis / max(length, 1e-9)).astype(np.float32)


def lesson(
    looks: Sequence[Look], kinds: Sequence[str], slots: Sequence[str | None], pairs: Mapping[str, int]
) -> Lesson:
    """The pairs of the looks and what could stand in for each piece."""
    found, under = [], []
    by_kind: dict[str, list[int]] = {}
    by_slot: dict[str | None, list[int]] = {}
    together: set[int] = set()
    for look in looks:
        for piece in look:
            by_kind.setdefault(kinds[piece], []).append(piece)
            by_slot.setdefault(slots[piece], []).append(piece)
            together.update(piece * len(kinds) + other for other in look)
        for a, b in combinations(look, 2):
            if slots[a] != slots[b]:
                found.append((a, b))
                under.append(pairs[pair_of(str(slots[a]), str(slots[b]))])
    pool: list[int] = []
    at: dict[int, tuple[int, int]] = {}  # of a list above, where it is in the pool
    start, size = np.zeros(len(kinds), int), np.ones(len(kinds), int)
    for place, (kind, slot) in enumerate(zip(kinds, slots, strict=True)):
        own = by_kind.get(kind, [])
        own = own if len(set(own)) > NEGATIVES // 2 else by_slot.get(slot, [])
        if own and id(own) not in at:
            at[id(own)] = len(pool), len(own)
            pool += own
        start[place], size[place] = at.get(id(own), (0, 1))
    return Lesson(
        np.array(found, int).reshape(-1, 2), np.array(under, int), np.array(pool, int), start, size,
        np.array(sorted(together), int),
    )  # fmt: skip


def fit(
    goods: Goods,
    looks: Sequence[Look],
    stop: Questions,
    seed: int,
    progress: Progress,
    eyes: str = "",
) -> Compatibility:
    """Learn from `looks`, stop by the questions `stop`; of no look otherwise. Its weight is 1, its rows are those of
    all goods."""
    kinds = [piece.category for piece in goods.pieces]
    slots = [piece.slot for piece in goods.pieces]
    used = sorted({piece for look in looks for piece in look})
    names = sorted({str(slots[piece]) for piece in used})
    pairs = sorted({
        pair_of(str(slots[a]), str(slots[b]))
        for look in looks for a, b in combinations(look, 2) if slots[a] != slots[b]
    })  # fmt: skip
    under = {pair: place for place, pair in enumerate(pairs)}
    taken = inputs(goods, used)
    rows = np.stack([taken.of(piece, goods.of(place)) for place, piece in enumerate(goods.pieces)])
    index = {name: place for place, name in enumerate(names)}
    of_slot = np.array([index.get(str(slot), -1) for slot in slots])
    torch.manual_seed(seed)
    net = Projections(taken.width, len(names), len(pairs))
    taught = lesson(looks, kinds, slots, under)
    stopping = _Stopping(stop, of_slot, names, under)
    _train(net, torch.from_numpy(rows), torch.from_numpy(of_slot), taught, stopping,
           _edges(taken), np.random.default_rng(seed), progress)  # fmt: skip
    projection = (net.shared + net.own).detach().numpy()
    bias, masks = net.bias.detach().numpy(), relu(net.masks).detach().numpy()
    slope, offset = stopping.calibrated(net, torch.from_numpy(rows))
    keys = {place: key for place, piece in enumerate(goods.pieces) if (key := key_of(piece)) is not None}
    there = [place for place in keys if of_slot[place] >= 0]
    made = [rows[p] @ projection[of_slot[p]] + bias[of_slot[p]] for p in there]
    known = {keys[at]: place for place, at in enumerate(there)}
    digest = hashlib.sha256(projection.tobytes() + masks.tobytes() + eyes.encode())
    return Compatibility(
        digest.hexdigest()[:16], eyes, taken, tuple(names), under, projection, bias, masks, slope, offset, 1.0,
        np.array(made, np.float16).reshape(-1, SIZE), known,
    )  # fmt: skip


def _edges(taken: Inputs) -> list[int]:
    """Where the parts of an input begin and end."""
    edges = [0, len(taken.words)]
    for name in BLOCKS:
        edges.append(edges[-1] + taken.bases[name].shape[1])
    return edges


def _train(
    net: Projections, rows: Tensor, slots: Tensor, taught: Lesson, stopping: "_Stopping", edges: list[int],
    rng: np.random.Generator, progress: Progress,
) -> None:  # fmt: skip
    """In place, to the weights that were best on the part to stop by."""
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    steps = max(1, -(-len(taught.pairs) // BATCH))
    epochs = max(4, min(EPOCHS, MOST_STEPS // steps))
    best, kept, since = -1.0, copy.deepcopy(net.state_dict()), 0
    for epoch in range(1, epochs + 1):
        net.train()
        order = rng.permutation(len(taught.pairs))
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            loss = _loss(net, rows, slots, taught, part, edges, rng)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        progress(epoch, epochs)
        now = stopping.score(net, rows)
        since = 0 if now > best else since + 1
        if now > best:
            best, kept = now, copy.deepcopy(net.state_dict())
        if since >= PATIENCE:
            break
    progress(epochs, epochs)
    net.load_state_dict(kept)
    net.eval()


def _loss(
    net: Projections, rows: Tensor, slots: Tensor, taught: Lesson, part: Array, edges: list[int],
    rng: np.random.Generator,
) -> Tensor:  # fmt: skip
    """The triplet loss of some pairs, either way round."""
    flip = rng.random(len(part)) < 0.5
    anchors = np.where(flip, taught.pairs[part, 1], taught.pairs[part, 0])
    partners = np.where(flip, taught.pairs[part, 0], taught.pairs[part, 1])
    strangers, real = taught.strangers(anchors, partners, rng)
    every = np.concatenate([anchors, partners, strangers.reshape(-1)])
    seen = dropout(_some_missing(rows[every], edges, rng), DROP, net.training)
    embedded = net(seen, slots[every])
    under = torch.from_numpy(taught.under[part])
    n = len(part)
    anchor = net.masked(embedded[:n], under)
    partner = net.masked(embedded[n : 2 * n], under)
    stranger = net.masked(embedded[2 * n :].view(n, NEGATIVES, SIZE), under[:, None])
    near, far = (anchor * partner).sum(-1, keepdim=True), (anchor[:, None] * stranger).sum(-1)
    wrong = relu(MARGIN + far - near) * torch.from_numpy(real)
    violated = (wrong > 0).sum().clamp(min=1)  # those that are right already teach nothing
    penalty = MASKS * net.masks.abs().mean() + EMBEDDINGS * embedded.square().mean()
    return wrong.sum() / violated + penalty


def _some_missing(rows: Tensor, edges: list[int], rng: np.random.Generator) -> Tensor:
    """Inputs with whole parts left out by chance, never all of them."""
    keep = torch.ones_like(rows)
    gone = rng.random((len(rows), len(edges) - 1)) < MISSING
    gone[gone.all(1)] = False
    for part, (start, end) in enumerate(pairwise(edges)):
        keep[:, start:end] = torch.from_numpy(~gone[:, part : part + 1])
    return rows * keep


class _Stopping:
    """The part to stop by: every pair of every look in the questions, so that all are scored at once."""

    def __init__(
        self, asked: Questions, slots: Array, names: Sequence[str], under: Mapping[str, int]
    ) -> None:
        self._count, self._of = len(asked.looks), asked.of
        swapped = [look for rounds in asked.swapped for look in rounds]
        self._swapped = len(swapped)
        looks = [*asked.looks, *swapped, *(look for options in asked.blanks for look in options)]
        found = [
            (number, a, b, under[pair_of(names[slots[a]], names[slots[b]])])
            for number, look in enumerate(looks)
            for a, b in combinations(look, 2)
            if slots[a] != slots[b]
            and min(slots[a], slots[b]) >= 0
            and pair_of(names[slots[a]], names[slots[b]]) in under
        ]
        self._slots, self._total = torch.from_numpy(slots), len(looks)
        self._look, self._a, self._b, self._under = np.array(found, int).reshape(-1, 4).T

    @torch.no_grad()
    def cosines(self, net: Projections, rows: Tensor) -> Array:
        """Of every pair."""
        net.eval()
        embedded = net(rows, self._slots.clamp(min=0))
        under = torch.from_numpy(self._under.copy())
        a, b = embedded[self._a.copy()], embedded[self._b.copy()]
        return (net.masked(a, under) * net.masked(b, under)).sum(-1).numpy()

    def score(self, net: Projections, rows: Tensor) -> float:
        """The mean of fill in the blank and AUC."""
        if not self._count:
            return 0.0
        sums = np.bincount(self._look, self.cosines(net, rows), self._total)
        means = sums / np.maximum(np.bincount(self._look, minlength=self._total), 1)
        n, end = self._count, self._count + self._swapped
        found = judged(means[:n], means[n:end], means[end:], self._of)
        return (found.fitb + found.auc) / 2

    def calibrated(self, net: Projections, rows: Tensor) -> tuple[float, float]:
        """Slope and offset of the logistic that tells pairs of looks from pairs of swapped ones (Platt 1999)."""
        of_looks = self._look < self._count + self._swapped
        x = self.cosines(net, rows)[of_looks].astype(np.float64)
        y = (self._look[of_looks] < self._count).astype(np.float64)
        weights = np.zeros(2)
        if not len(x) or y.min() == y.max():
            return 1.0, 0.0
        balance = np.where(y > 0, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
        design = np.stack([x, np.ones_like(x)], 1)
        for _ in range(30):
            p = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
            gradient = design.T @ (balance * (p - y)) + 1e-2 * weights
            curve = (design * (balance * p * (1 - p))[:, None]).T @ design + 1e-2 * np.eye(2)
            weights -= np.clip(np.linalg.solve(curve, gradient), -5, 5)
        return max(float(weights[0]), 0.0), float(weights[1])
