"""Fine-tunes the tail of the network for garments, from cached outputs of the shared stem (they never change).

Category on all photos and attributes where they are labelled, together; mixup of stem features, label smoothing, an
average of the weights over time. Batch norms keep their statistics.
"""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, dropout

from perception.encoder import STEM_BLOCKS
from perception.network import Stem, Tail, pretrained
from training.data import FIXED, LABELS, Photos, fixed_views, random_view

Array = np.ndarray
BATCH, LABELLED_EXTRA, LR, HEAD_LR, DECAY = 32, 8, 4e-4, 4e-3, 0.02
SMOOTH, ATTRIBUTE_WEIGHT, DROP_CONNECT, BLOCKS = 0.1, 0.15, 0.2, 21
SHAPE = (17, 17, 88)


@dataclass
class Tuned:
    """The tail's weights and the linear heads trained with it: category first, then LABELS in order."""

    tail: dict[str, Tensor]
    heads: list[tuple[Array, Array]]  # (1280, classes), (classes,)


def cache_views(
    photos: Photos, folder: Path, random_views: int, say: Callable[[str], None]
) -> tuple[Array, Array]:
    """Stem outputs in `folder`, half precision: (train, FIXED + random_views, 17*17*88), (validation, FIXED, …)."""
    train_file, validation_file = folder / "mid.npy", folder / "vmid.npy"
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        stem = Stem(pretrained()).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        rng = np.random.default_rng(0)
        n, size = photos.train, int(np.prod(SHAPE))
        shape = (n, FIXED + random_views, size)
        train = np.lib.format.open_memmap(train_file, "w+", np.float16, shape)
        rest = np.lib.format.open_memmap(
            validation_file, "w+", np.float16, (len(photos.files) - n, FIXED, size)
        )
        for i in range(len(photos.files)):
            image = photos.image(i)
            views = fixed_views(image)
            if i < n:
                views += [random_view(np.asarray(image), rng) for _ in range(random_views)]
            (train if i < n else rest)[i if i < n else i - n] = _through_stem(stem, views)
            if i % 200 == 0:
                say(f"views {i}/{len(photos.files)}")
        train.flush()
        rest.flush()
        (folder / "done").touch()
    return np.load(train_file, mmap_mode="r"), np.load(validation_file, mmap_mode="r")


@torch.inference_mode()
def _through_stem(stem: Stem, views: list[Array]) -> Array:
    x = torch.from_numpy((np.stack(views) - 127) / 128).float().permute(0, 3, 1, 2)
    out = stem(x.contiguous(memory_format=torch.channels_last))
    return np.asarray(out.permute(0, 2, 3, 1).reshape(len(views), -1).half().numpy())


def _maps(rows: Array) -> Tensor:
    maps = torch.from_numpy(rows.astype(np.float32)).view(-1, *SHAPE).permute(0, 3, 1, 2)
    return maps.contiguous(memory_format=torch.channels_last)


def _pooled(tail: Tail, x: Tensor, drop: bool) -> Tensor:
    for i, block in enumerate(tail.blocks):
        x = block(x, drop_connect_rate=DROP_CONNECT * (i + STEM_BLOCKS) / BLOCKS if drop else None)
    return tail.act(tail.norm(tail.conv(x))).mean((2, 3))


def tune(
    photos: Photos, mid: Array, rows: Array, epochs: int, say: Callable[[str], None], seed: int = 0
) -> Tuned:
    """Fine-tune on the train photos `rows`."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    tail = Tail(pretrained()).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    heads = nn.ModuleList()
    for count in (len(photos.classes), *map(len, LABELS.values())):
        head = nn.Linear(1280, count)
        nn.init.normal_(head.weight, std=0.01)
        nn.init.zeros_(head.bias)
        heads.append(head)
    groups = [{"params": tail.parameters(), "lr": LR}, {"params": heads.parameters(), "lr": HEAD_LR}]
    optimizer = torch.optim.AdamW(groups, weight_decay=DECAY)
    base = [g["lr"] for g in optimizer.param_groups]
    labelled = np.array([i for i in rows if (photos.labels[i] >= 0).any()])
    steps, average, start = len(rows) // BATCH, None, time.time()
    for step in range(steps * epochs):
        if step % steps == 0:
            order = rng.permutation(rows)
            tail.eval()
            for block in tail.blocks:
                block.training = True  # drop-connect only; the batch norms inside stay in evaluation mode
        index = np.concatenate([order[step % steps * BATCH :][:BATCH], rng.choice(labelled, LABELLED_EXTRA)])
        plain = rng.random(len(index)) < 0.15
        view = np.where(
            plain, rng.integers(0, FIXED, len(index)), rng.integers(FIXED, mid.shape[1], len(index))
        )
        x = _maps(np.stack([mid[i, v] for i, v in zip(index, view, strict=True)]))
        share = float(rng.beta(0.4, 0.4)) if rng.random() < 0.6 else 1.0
        other = torch.randperm(len(index))
        if share < 1:
            x = share * x + (1 - share) * x[other]
        features = dropout(_pooled(tail, x, drop=True), 0.3)
        loss = share * _loss(heads, features, photos, index)
        if share < 1:
            loss = loss + (1 - share) * _loss(heads, features, photos, index[other.numpy()])
        pace = min(1.0, (step + 1) / 100) * (0.5 * (1 + np.cos(np.pi * step / (steps * epochs))) + 0.005)
        for group, lr in zip(optimizer.param_groups, base, strict=True):
            group["lr"] = lr * pace
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(tail.parameters(), 2.0)
        optimizer.step()
        average = _averaged(average, (tail, heads), min(0.995, (step + 1) / (step + 21)))
        if step % 20 == 0:
            spent = time.time() - start
            say(f"epoch {step // steps + 1}/{epochs} step {step % steps} loss {loss.item():.3f} {spent:.0f}s")
    if average is None:
        raise ValueError("no photos to train on")
    pairs = [
        (average[1][f"{k}.weight"].numpy().T.copy(), average[1][f"{k}.bias"].numpy())
        for k in range(len(heads))
    ]
    return Tuned(average[0], pairs)


def _loss(heads: nn.ModuleList, features: Tensor, photos: Photos, index: Array) -> Tensor:
    loss = cross_entropy(heads[0](features), torch.tensor(photos.y[index]), label_smoothing=SMOOTH)
    for j in range(len(LABELS)):
        target = torch.tensor(photos.labels[index, j])
        known = target >= 0
        if known.any():
            part = cross_entropy(heads[j + 1](features[known]), target[known], label_smoothing=SMOOTH)
            loss = loss + ATTRIBUTE_WEIGHT * part
    return loss


@torch.no_grad()
def _averaged(
    average: list[dict[str, Tensor]] | None, modules: tuple[nn.Module, ...], keep: float
) -> list[dict[str, Tensor]]:
    if average is None:
        return [copy.deepcopy(m.state_dict()) for m in modules]
    for mean, module in zip(average, modules, strict=True):
        for key, value in module.state_dict().items():
            if mean[key].is_floating_point():
                mean[key].lerp_(value, 1 - keep)
    return average


@torch.inference_mode()
def pooled_features(tuned: Tuned, mid: Array) -> Array:
    """(n, FIXED, 1280) features of the fixed views."""
    tail = Tail(pretrained())
    tail.load_state_dict(tuned.tail)
    tail.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return np.stack([_pooled(tail, _maps(np.asarray(row[:FIXED])), drop=False).numpy() for row in mid])
