"""Trains a shop's joint space: matching, attributes and title words together; then the second look on top of it."""

import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from perception.details import CELLS
from perception.joint import FORMAT, MOST_WORDS, USE_SCALE, Encoders, Joint, bags, title_words
from perception.tuning import losses
from perception.tuning.measure import ranks
from perception.tuning.model import Projections, SecondLook
from perception.tuning.pairs import LANGS, Pairs, Parts, labels, vocabulary

Array = np.ndarray
Progress = Callable[[int, int, str], None]
BATCH, RATE, DECAY = 128, 3e-3, 0.05
SECOND_BATCH, SECOND_RATE = 64, 2e-3
EPOCHS, SECOND_EPOCHS = 60, 16
EVERY, PATIENCE = (
    2,
    5,
)  # epochs between two looks at the part to stop by; looks without a gain before it stops
INPUT = 8.0  # length of a standardised photo that the learning rates were chosen for
WORDS_WEIGHT, ATTRIBUTES_WEIGHT = 1.0, 0.3
CANDIDATES = 50  # that the second look puts in a new order
ENCODED_AT_ONCE = 64


@dataclass(frozen=True)
class Made:
    """Tensors and metadata of a file that perception/joint.py reads, and the epochs after which it was best."""

    tensors: dict[str, Array]
    meta: dict[str, str]
    epochs: int
    second_epochs: int


@dataclass(frozen=True)
class Prepared:
    """Everything frozen, as tensors; `use`, `base`: language → the titles' vectors; `bags`: language → their words."""

    seen: Tensor
    cells: Tensor
    shared: Tensor
    use: dict[str, Tensor]
    base: dict[str, Tensor]
    bags: dict[str, Tensor]
    scale: tuple[Array, Array]  # of `seen`: mean, factor
    cell_scale: tuple[Array, Array]


@dataclass(frozen=True)
class Titles:
    """Language → what the frozen encoders make of every title, zeros where there is none."""

    use: dict[str, Array]
    base: dict[str, Array]


def encoded(pairs: Pairs, encoders: Encoders, progress: Progress) -> Titles:
    """Every title through the frozen encoders, once."""
    total, done = len(pairs) * len(LANGS), 0
    use: dict[str, Array] = {}
    base: dict[str, Array] = {}
    for lang in LANGS:
        rows, others = [], []
        for start in range(0, len(pairs), ENCODED_AT_ONCE):
            part = pairs.titles[lang][start : start + ENCODED_AT_ONCE]
            rows.append(encoders.use(part))
            others.append(rows[-1] if encoders.base is encoders.use else encoders.base(part))
            done += len(part)
            progress(done, total, "titles")
        there = np.array([[bool(t)] for t in pairs.titles[lang]])
        use[lang], base[lang] = np.concatenate(rows) * there, np.concatenate(others) * there
    return Titles(use, base)


def fit(
    pairs: Pairs,
    parts: Parts,
    titles: Titles,
    encoders: Encoders,
    eyes: str,
    seed: int,
    progress: Progress,
    device: str = "cpu",
) -> Made:
    """Train on `parts.train`, stop by `parts.stop`; `parts.held` is not looked at. `eyes` names the frozen weights."""
    words = vocabulary(pairs, parts.train)
    values, given = labels(pairs, parts.train)
    index = {word: place for place, word in enumerate(words)}
    cell_width = (pairs.details.shape[1] - _seen_width(pairs)) // CELLS
    data = _prepared(pairs, parts.train, titles, index, cell_width)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = Projections(data.seen.shape[1], titles.use["en"].shape[1] + len(words), len(words),
                      {name: len(v) for name, v in values.items()})  # fmt: skip
    marks = {name: torch.from_numpy(column) for name, column in given.items()}
    epochs = _train_projections(net, data, pairs, parts, marks, rng, progress, device)
    tensors = _folded(net, data)
    meta = {"format": FORMAT, "eyes": eyes, "vocabulary": json.dumps(words, ensure_ascii=False), "id": "new"}
    second_epochs = 0
    if words:
        joint = Joint(tensors, meta, encoders)
        vectors = joint.photos(pairs.details, pairs.shared), texts_of(joint, titles, pairs)
        of_words = torch.from_numpy(np.asarray(_word_vectors(words, encoders), np.float32))
        look = SecondLook(data.seen.shape[1], data.cells.shape[2], len(words), of_words.shape[1])
        second_epochs = _train_second(
            look, data, pairs, parts, vectors, (index, of_words), rng, progress, device
        )
        tensors |= _folded_second(look, data)
    return Made(tensors, named(tensors, meta), epochs, second_epochs)


def named(tensors: dict[str, Array], meta: dict[str, str]) -> dict[str, str]:
    """`meta` with the id that the weights give themselves."""
    digest = hashlib.sha256(meta["eyes"].encode() + meta["vocabulary"].encode())
    for name in sorted(tensors):
        digest.update(name.encode() + np.ascontiguousarray(tensors[name]).tobytes())
    return {**meta, "id": digest.hexdigest()[:16]}


def texts_of(joint: Joint, titles: Titles, pairs: Pairs) -> dict[str, Array]:
    """Language → (n, d) every title in the joint space, from what the frozen encoders made of it already."""
    return {
        lang: joint.project_texts(titles.use[lang], titles.base[lang], pairs.titles[lang]) for lang in LANGS
    }


def _seen_width(pairs: Pairs) -> int:
    """`seen` is the heads' classes and the colours; each of the CELLS parts is the heads' classes."""
    from prompts import taxonomy

    colors = len(taxonomy.values("color"))
    return colors + (pairs.details.shape[1] - colors) // (CELLS + 1)


def _prepared(pairs: Pairs, train: Array, titles: Titles, index: dict[str, int], width: int) -> Prepared:
    rows = pairs.details.astype(np.float32)
    seen = rows[:, : rows.shape[1] - CELLS * width]
    cells = rows[:, seen.shape[1] :].reshape(len(rows), CELLS, width)
    mean, spread = seen[train].mean(0), seen[train].std(0) + 1e-2
    factor = (INPUT / np.sqrt(seen.shape[1]) / spread).astype(np.float32)
    cell_mean, cell_spread = cells[train].mean((0, 1)), cells[train].std((0, 1)) + 1e-2
    return Prepared(
        torch.from_numpy((seen - mean) * factor),
        torch.from_numpy((cells - cell_mean) / cell_spread),
        torch.from_numpy(pairs.shared.astype(np.float32)),
        {lang: torch.from_numpy(titles.use[lang].astype(np.float32)) for lang in LANGS},
        {lang: torch.from_numpy(titles.base[lang].astype(np.float32)) for lang in LANGS},
        {lang: torch.from_numpy(bags(pairs.titles[lang], index)) for lang in LANGS},
        (mean, factor),
        (cell_mean, 1 / cell_spread),
    )


def _batches(rows: Array, size: int, rng: np.random.Generator) -> list[Array]:
    order = rng.permutation(rows)
    return [order[k : k + size] for k in range(0, len(order), size) if len(order[k : k + size]) >= 8]


def _alike(titles: list[str], rows: Array) -> Tensor:
    """(n, n) bool: the same title."""
    said = np.array([titles[place] for place in rows], dtype=object)
    return torch.from_numpy((said[:, None] == said[None]).astype(bool))


def _with_title(pairs: Pairs, lang: str, rows: Array) -> Array:
    return np.array([place for place in rows if pairs.titles[lang][place]], dtype=int)


def _train_projections(
    net: Projections, data: Prepared, pairs: Pairs, parts: Parts, marks: dict[str, Tensor],
    rng: np.random.Generator, progress: Progress, device: str,
) -> int:  # fmt: skip
    """In place, to the weights that were best on the part to stop by. Returns their epoch, 0 for none better than
    chance."""
    net.to(device)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    langs = pairs.langs()
    every = torch.clamp(data.bags["zh"] + data.bags["en"], max=1)
    best, kept, epoch_of_best, since = -1.0, copy.deepcopy(net.state_dict()), 0, 0
    for epoch in range(1, EPOCHS + 1):
        net.train()
        for lang in langs:
            for batch in _batches(_with_title(pairs, lang, parts.train), BATCH, rng):
                rows = torch.from_numpy(batch)
                photos, hidden = net.photos(data.seen[rows].to(device), data.shared[rows].to(device))
                text = torch.cat([USE_SCALE * data.use[lang][rows], data.bags[lang][rows]], 1)
                texts = net.texts(text.to(device), data.base[lang][rows].to(device))
                scores = net.scale.exp().clamp(max=100) * texts @ photos.T
                loss = losses.contrastive(scores, _alike(pairs.titles[lang], batch).to(device))
                loss = loss + WORDS_WEIGHT * losses.title_words(net.words(hidden), every[rows].to(device))
                guesses = {name: head(hidden) for name, head in net.attributes.items()}
                known = {name: marks[name][rows].to(device) for name in guesses}
                loss = loss + ATTRIBUTES_WEIGHT * losses.attributes(guesses, known).to(device)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        progress(epoch, EPOCHS, "projections")
        if epoch % EVERY == 0:
            now = _stopping_score(net, data, pairs, parts, device)
            since = 0 if now > best else since + 1
            if now > best:
                best, kept, epoch_of_best = now, copy.deepcopy(net.state_dict()), epoch
            if since >= PATIENCE:
                break
    progress(EPOCHS, EPOCHS, "projections")
    net.load_state_dict(kept)
    net.to("cpu").eval()
    return epoch_of_best


@torch.no_grad()
def _stopping_score(net: Projections, data: Prepared, pairs: Pairs, parts: Parts, device: str) -> float:
    """Mean reciprocal rank on the part to stop by, among all that is not held out."""
    net.eval()
    open_to = np.sort(np.concatenate([parts.train, parts.stop]))
    photos = net.photos(data.seen.to(device), data.shared.to(device))[0].cpu().numpy()
    found = []
    for lang in pairs.langs():
        text = torch.cat([USE_SCALE * data.use[lang], data.bags[lang]], 1)
        texts = net.texts(text.to(device), data.base[lang].to(device)).cpu().numpy()
        among, asked = _with_title(pairs, lang, open_to), _with_title(pairs, lang, parts.stop)
        own = np.searchsorted(among, asked)
        found += [ranks(texts[asked] @ photos[among].T, own), ranks(photos[asked] @ texts[among].T, own)]
    return float(np.mean([np.mean(1 / r) for r in found if len(r)]))


def _folded(net: Projections, data: Prepared) -> dict[str, Array]:
    """The weights for inputs as they come, not standardised."""
    mean, factor = data.scale
    weight = net.photo.weight.detach().numpy().T * factor[:, None]
    return {
        "photo.weight": np.ascontiguousarray(weight, np.float32),
        "photo.bias": (net.photo.bias.detach().numpy() - mean @ weight).astype(np.float32),
        "text.weight": np.ascontiguousarray(net.text.weight.detach().numpy().T),
        "text.bias": net.text.bias.detach().numpy().copy(),
        "share": np.array([torch.sigmoid(net.share).item()], np.float32),
    }


def _word_vectors(words: list[str], encoders: Encoders) -> Array:
    return np.concatenate(
        [
            USE_SCALE * encoders.use(words[k : k + ENCODED_AT_ONCE])
            for k in range(0, len(words), ENCODED_AT_ONCE)
        ]
    )


def _train_second(
    look: SecondLook, data: Prepared, pairs: Pairs, parts: Parts, vectors: tuple[Array, dict[str, Array]],
    words: tuple[dict[str, int], Tensor], rng: np.random.Generator, progress: Progress, device: str,
) -> int:  # fmt: skip
    """In place, as the projections: cosines of the joint space go in and stay as they are."""
    index, of_words = words
    look.to(device)
    optimizer = torch.optim.AdamW(look.parameters(), lr=SECOND_RATE, weight_decay=DECAY)
    places = {lang: torch.from_numpy(_places(pairs.titles[lang], index)) for lang in LANGS}
    photos = torch.from_numpy(vectors[0])
    texts = {lang: torch.from_numpy(vectors[1][lang]) for lang in LANGS}
    use = of_words.to(device)
    best, kept, epoch_of_best, since = -1.0, copy.deepcopy(look.state_dict()), 0, 0
    for epoch in range(1, SECOND_EPOCHS + 1):
        look.train()
        for lang in pairs.langs():
            for batch in _batches(_with_title(pairs, lang, parts.train), SECOND_BATCH, rng):
                rows = torch.from_numpy(batch)
                cosines = (texts[lang][rows] @ photos[rows].T).to(device)
                seen, cells = data.seen[rows].to(device), data.cells[rows].to(device)
                corrected = look(cosines, places[lang][rows].to(device), use, seen, cells)
                scores = look.scale.exp().clamp(max=100) * corrected
                loss = losses.contrastive(scores, _alike(pairs.titles[lang], batch).to(device))
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        progress(epoch, SECOND_EPOCHS, "second_look")
        if epoch % EVERY == 0:
            now = _second_stopping_score(look, data, pairs, parts, (photos, texts), places, use, device)
            since = 0 if now > best else since + 1
            if now > best:
                best, kept, epoch_of_best = now, copy.deepcopy(look.state_dict()), epoch
            if since >= PATIENCE // 2:
                break
    progress(SECOND_EPOCHS, SECOND_EPOCHS, "second_look")
    look.load_state_dict(kept)
    look.to("cpu").eval()
    return epoch_of_best


@torch.no_grad()
def _second_stopping_score(
    look: SecondLook, data: Prepared, pairs: Pairs, parts: Parts, vectors: tuple[Tensor, dict[str, Tensor]],
    places: dict[str, Tensor], use: Tensor, device: str,
) -> float:  # fmt: skip
    """Mean reciprocal rank of the photo among a title's best candidates, on the part to stop by."""
    look.eval()
    photos, texts = vectors
    among = np.sort(np.concatenate([parts.train, parts.stop]))
    found = []
    for lang in pairs.langs():
        for place in _with_title(pairs, lang, parts.stop):
            cosines = texts[lang][place] @ photos[among].T
            near = torch.topk(cosines, min(CANDIDATES, len(among))).indices
            rows = torch.from_numpy(among)[near]
            corrected = look(
                cosines[near][None].to(device), places[lang][place][None].to(device), use,
                data.seen[rows].to(device), data.cells[rows].to(device),
            )[0].cpu().numpy()  # fmt: skip
            own = np.flatnonzero(rows.numpy() == place)
            found.append(1 / ranks(corrected[None], own)[0] if len(own) else 0.0)
    return float(np.mean(found)) if found else 0.0


def _places(titles: list[str], index: dict[str, int]) -> Array:
    """(n, MOST_WORDS) places of the titles' known words in the vocabulary, -1 beyond the last."""
    out = np.full((len(titles), MOST_WORDS), -1)
    for row, title in zip(out, titles, strict=True):
        known = [index[w] for w in title_words(title) if w in index][:MOST_WORDS]
        row[: len(known)] = known
    return out


def _folded_second(look: SecondLook, data: Prepared) -> dict[str, Array]:
    (mean, factor), (cell_mean, cell_factor) = data.scale, data.cell_scale

    def array(x: Tensor) -> Array:
        return x.detach().numpy()

    whole = array(look.whole.weight).T * factor[:, None]
    cells = array(look.cells.weight).T * cell_factor[:, None]
    found = {
        "second.use": array(look.use.weight).T,
        "second.words": array(look.words.weight),
        "second.query": array(look.query.weight).T,
        "second.whole": whole,
        "second.whole_bias": array(look.whole.bias) - mean @ whole,
        "second.cells": cells,
        "second.cells_bias": array(look.cells.bias) - cell_mean @ cells,
        "second.reach": array(look.reach).reshape(1),
    }
    return {name: np.ascontiguousarray(value, np.float32) for name, value in found.items()}
