"""Fine-tunes the tail of the network for garments, with its heads and parts, from cached outputs of the stem.

Category and attributes on photos, parts on photos and composed scenes, together; mixup of stem features, label
smoothing, stochastic depth, an average of the weights over time. Batch norms keep their statistics.
"""

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, dropout

from perception.network import Heads, Parts, Tail, pretrained
from training.cache import FINE, FIXED, MID, Cache
from training.data import LABELS, Photos

Array = np.ndarray
PHOTOS, DRAWN, SCENES, LR, HEAD_LR, DECAY = 26, 4, 8, 4e-4, 4e-3, 0.02
SMOOTH, DROP_CONNECT, PARTS_WEIGHT = 0.1, 0.2, 1.0
WEIGHTS = {"pattern": 0.3, "sleeve": 0.3, "neckline": 0.4, "length": 0.2, "material": 0.2, "setting": 0.1, "kind": 0.4,
           "color": 0.4}  # fmt: skip


BATCH = PHOTOS + DRAWN
UNMARKED = 255  # cells of which is not known what they show


@dataclass(frozen=True)
class Pool:
    """Photos to train on: their views, class index (n,) and labels (n, attributes), -1 where unknown; `rows` to use."""

    cache: Cache
    y: Array
    labels: Array
    rows: Array


@dataclass
class Tuned:
    """Trained modules, in evaluation mode, single precision."""

    tail: Tail
    heads: Heads
    parts: Parts

    @property
    def modules(self) -> tuple[Tail, Heads, Parts]:
        """All three."""
        return self.tail, self.heads, self.parts

    def state(self) -> list[dict[str, Tensor]]:
        """To save."""
        return [m.state_dict() for m in self.modules]


def fresh(photos: Photos) -> Tuned:
    """The pretrained tail with new heads and parts."""
    tail = Tail(pretrained()).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    heads = Heads([len(photos.classes), *map(len, LABELS.values())])
    for out in heads.outs:
        nn.init.normal_(out.weight, std=0.01)
        nn.init.zeros_(out.bias)
    for attend in (heads.deep, heads.middle):
        nn.init.normal_(attend.weight, std=0.01)
    return Tuned(tail, heads, Parts(1 + len(photos.classes)).to(memory_format=torch.channels_last))  # type: ignore[call-overload]


def maps(rows: Array, shape: tuple[int, int, int]) -> Tensor:
    """(n, h*w*c) half precision → (n, c, h, w)."""
    x = torch.from_numpy(rows.astype(np.float32)).view(-1, *shape).permute(0, 3, 1, 2)
    return x.contiguous(memory_format=torch.channels_last)


def mixed(first: Tuned, second: Tuned, share: float) -> Tuned:
    """The weights of both, `share` of the second: better than either (Wortsman et al. 2022, "Model soups")."""
    net = copy.deepcopy(first)
    for mean, module in zip(net.modules, second.modules, strict=True):
        mean.load_state_dict(_blend(mean.state_dict(), module, share))
    return net


def tune(
    net: Tuned,
    pools: tuple[Pool, Pool],
    scenes: Cache,
    steps: int,
    say: Callable[[str], None],
    pace: float = 1.0,
    seed: int = 0,
) -> Tuned:
    """Fine-tune a copy of `net` on two pools, PHOTOS and DRAWN views of them a step, and on scenes. `pace`: share of
    the full learning rates to start from."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = copy.deepcopy(net)
    modules = net.modules
    attention = [*net.heads.deep.parameters(), *net.heads.middle.parameters()]
    groups = [
        {"params": net.tail.parameters(), "lr": LR},
        {"params": [*attention, *net.parts.parameters()], "lr": HEAD_LR / 2},
        {"params": net.heads.outs.parameters(), "lr": HEAD_LR},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=DECAY)
    base = [g["lr"] for g in optimizer.param_groups]
    average, start = None, time.time()
    for module in modules:
        module.eval()
    for block in net.tail.blocks:
        block.training = True  # stochastic depth only; the batch norms inside stay in evaluation mode
    draws = [_shuffled(pool.rows, size, rng) for pool, size in zip(pools, (PHOTOS, DRAWN), strict=True)]
    for step in range(steps):
        batch = [_views(pool, next(draw), rng) for pool, draw in zip(pools, draws, strict=True)]
        extra = rng.integers(0, len(scenes.mid), SCENES)
        batch.append((scenes.fine[extra, 0], scenes.mid[extra, 0], scenes.where[extra, 0]))
        fine, mid = (
            maps(np.concatenate([b[k] for b in batch]), shape) for k, shape in enumerate((FINE, MID))
        )
        where = torch.from_numpy(np.concatenate([b[2] for b in batch]).astype(np.int64)).view(-1, 33, 33)
        y, labels = (torch.from_numpy(np.concatenate([b[k] for b in batch[:2]])) for k in (3, 4))
        share = float(rng.beta(0.4, 0.4)) if rng.random() < 0.5 else 1.0
        other = torch.randperm(BATCH)
        if share < 1:
            mid = torch.cat([share * mid[:BATCH] + (1 - share) * mid[:BATCH][other], mid[BATCH:]])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            middle, deep = net.tail(mid, DROP_CONNECT)
            cells = net.parts(fine, middle, deep).float()
        features = dropout(net.heads.features(middle[:BATCH].float(), deep[:BATCH].float()), 0.3)
        scores = net.heads(features)
        loss = share * _loss(scores, y, labels)
        if share < 1:
            loss = loss + (1 - share) * _loss(scores, y[other], labels[other])
        first = BATCH if share < 1 else 0  # a mixed photo shows two garments in one place
        loss = loss + PARTS_WEIGHT * cross_entropy(cells[first:], where[first:], ignore_index=UNMARKED)
        now = pace * min(1.0, (step + 1) / 100) * (0.5 * (1 + np.cos(np.pi * step / steps)) + 0.005)
        for group, lr in zip(optimizer.param_groups, base, strict=True):
            group["lr"] = lr * now
        optimizer.zero_grad()
        loss.backward()
        for module in modules:
            nn.utils.clip_grad_norm_(module.parameters(), 2.0)
        optimizer.step()
        average = _averaged(average, modules, min(0.995, (step + 1) / (step + 21)))
        if step % 20 == 0:
            say(f"step {step}/{steps} loss {loss.item():.3f} {time.time() - start:.0f}s")
    if average is None:
        raise ValueError("no steps to train")
    for module, state in zip(modules, average, strict=True):
        module.load_state_dict(state)
        module.eval()
    return net


def _shuffled(rows: Array, size: int, rng: np.random.Generator) -> Iterator[Array]:
    """`size` of the rows at a time, each as often as the others."""
    order = np.array([], int)
    while True:
        if len(order) < size:
            order = rng.permutation(rows)
        yield order[:size]
        order = order[size:]


def _views(pool: Pool, index: Array, rng: np.random.Generator) -> tuple[Array, Array, Array, Array, Array]:
    """A view of each: maps, what is where, class, labels. No colour is learned from the false light of random views."""
    count, n = pool.cache.mid.shape[1], len(index)
    view = np.where(rng.random(n) < 0.4, rng.integers(0, FIXED, n), rng.integers(FIXED, count, n))
    labels = pool.labels[index].copy()
    labels[view >= FIXED, list(LABELS).index("color")] = -1
    cache = pool.cache
    fine, mid, where = (
        np.stack([a[i, v] for i, v in zip(index, view, strict=True)])
        for a in (cache.fine, cache.mid, cache.where)
    )
    return fine, mid, where, pool.y[index], labels


def _loss(scores: list[Tensor], y: Tensor, labels: Tensor) -> Tensor:
    loss = cross_entropy(scores[0], y, label_smoothing=SMOOTH, ignore_index=-1)
    for j, name in enumerate(LABELS):
        known = labels[:, j] >= 0
        if known.any():
            part = cross_entropy(scores[j + 1][known], labels[known, j], label_smoothing=SMOOTH / 2)
            loss = loss + WEIGHTS[name] * part * (known.float().mean() ** 0.5)
    return loss


@torch.no_grad()
def _averaged(
    average: list[dict[str, Tensor]] | None, modules: tuple[nn.Module, ...], keep: float
) -> list[dict[str, Tensor]]:
    if average is None:
        return [copy.deepcopy(m.state_dict()) for m in modules]
    return [_blend(mean, module, 1 - keep) for mean, module in zip(average, modules, strict=True)]


def _blend(mean: dict[str, Tensor], module: nn.Module, share: float) -> dict[str, Tensor]:
    """`mean`, moved by `share` towards the weights of `module`, in place."""
    for key, value in module.state_dict().items():
        if mean[key].is_floating_point():
            mean[key].lerp_(value, share)
    return mean


@torch.inference_mode()
def outputs(net: Tuned, cache: Cache, rows: Array, view: int) -> tuple[list[Array], Array]:
    """Of one view of each row: scores of each head, a list of (n, classes), and scores of the parts (n, 33, 33)."""
    scores: list[list[Array]] = []
    places = []
    for k in range(0, len(rows), 32):
        take = rows[k : k + 32]
        mid = maps(np.stack([cache.mid[i, view] for i in take]), MID)
        fine = maps(np.stack([cache.fine[i, view] for i in take]), FINE)
        middle, deep = net.tail(mid)
        scores.append([s.numpy() for s in net.heads(net.heads.features(middle, deep))])
        places.append(net.parts(fine, middle, deep).argmax(1).numpy().astype(np.uint8))
    return [np.concatenate(parts) for parts in zip(*scores, strict=True)], np.concatenate(places)
