"""`daogou tune`: the shop's products → pairs of picture and title → a tuned space, measured, and kept only if better.

Perception learns (perception/tuning), the store keeps (store/tuned.py); neither knows the other. One tuning at a time:
a lock in the data folder, which goes with the process that holds it.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from agent.errors import TooFewToTune, TuneRunning
from perception.joint import Encoders, Joint, JointError
from prompts import load
from store.errors import TuningRunning
from store.tuned import Details, Picture, Tunings
from store.types import Product

if TYPE_CHECKING:
    from perception.eyes import Eyes
    from perception.tuning.pairs import Pairs
    from store.shop import Shop

log = logging.getLogger(__name__)
Progress = Callable[[int, int, str], None]
LEAST = 50  # different pictures with a title: of fewer nothing could be held out to measure with
MOST = 20_000  # products that are learned from; more would only take longer
SAMPLE = 48  # products that say what near means in the new space
ATTRIBUTES = ("category", "pattern", "material", "sleeve", "neckline", "length", "gender", "age_group")


def tunings(data: Path, eyes: "Callable[[], Eyes]") -> Tunings:
    """The tunings of the shop in `data`, for these eyes. One made with other eyes is not used, and the log says so."""

    def read(path: Path) -> Joint:
        return Joint.load(path, encoders(eyes()), eyes().signature)

    return Tunings(data, read, JointError, lambda reason: log.warning("%s", reason))


def encoders(eyes: "Eyes") -> Encoders:
    """The frozen sentence encoder, and the one of the pictures' own space where that is another."""
    other = getattr(eyes, "shared_texts", None)
    use = eyes.sentences
    return Encoders(use, other or use)


def tune(shop: "Shop", eyes: "Eyes", seed: int, device: str, progress: Progress) -> dict[str, Any]:
    """Learn from the shop and keep what was learned if it is better; the figures, `kept` among them.

    Raises TooFewToTune, TuneRunning, NotKept."""
    if shop.tunings is None:
        raise ValueError("a shop without a place for tunings")
    try:
        with shop.tunings.alone(), closing(Details(shop.tunings.folder)) as known:
            return _tune(shop, shop.tunings, eyes, known, seed, device, progress)
    except TuningRunning as error:
        raise TuneRunning from error


def _tune(
    shop: "Shop", place: Tunings, eyes: "Eyes", known: Details, seed: int, device: str, progress: Progress
) -> dict[str, Any]:
    from perception.tuning import judge, measure, train
    from perception.tuning.pairs import split

    began = time.monotonic()
    place.tidy()
    count = shop.count()
    chosen = _chosen(shop, known, count, progress)
    pairs = _pairs(chosen)
    if len(set(pairs.groups)) < LEAST:
        raise TooFewToTune(found=len(set(pairs.groups)), least=LEAST)
    looked = time.monotonic()
    parts = split(pairs.groups, seed)
    if not min(len(parts.train), len(parts.stop), len(parts.held)):
        raise TooFewToTune(found=len(set(pairs.groups)), least=LEAST)
    frozen = encoders(eyes)
    titles = train.encoded(pairs, frozen, progress)
    made = train.fit(pairs, parts, titles, frozen, eyes.signature, seed, progress, _device(device))
    verdict = judge.judge(pairs, parts, titles, Joint(made.tensors, made.meta, frozen), seed)
    if not verdict.second_kept:
        made = judge.without_second(made)
        made.meta["id"] = train.named(made.tensors, made.meta)["id"]
    better, against = verdict.better, None
    now = place.now()
    if now is not None and isinstance(now.space, Joint):
        asked = parts.held[: len(next(iter(verdict.after.values())))]
        before = judge.tuned(pairs, titles, asked, now.space, second=now.space.reranks)
        gain = measure.gains(before, verdict.after, seed)
        against = {"id": now.id, "figures": measure.figures(before), "gain": _told(gain)}
        better = better and measure.better(gain)
    spent = {"looking": round(looked - began, 1), "learning": round(time.monotonic() - looked, 1)}
    found: dict[str, Any] = {
        "products": count,
        "used": len(pairs),
        "without_picture_or_title": max(0, min(count, MOST) - len(pairs)),
        "train": len(parts.train),
        "stop": len(parts.stop),
        "held_out": len(parts.held),
        "languages": pairs.langs(),
        "seed": seed,
        "epochs": made.epochs,
        "before": measure.figures(verdict.before),
        "projections": measure.figures(verdict.projections),
        "after": measure.figures(verdict.after),
        "gain": _told(verdict.gain),
        "second_look": {"kept": verdict.second_kept, "epochs": made.second_epochs,
                        "gain": _told(verdict.second) if verdict.second else None,
                        "figures": measure.figures(verdict.looked) if verdict.looked else None},
        "in_force_before": against,
        "better_than_untuned": verdict.better,
        "kept": better,
        "id": made.meta["id"],
        "eyes": eyes.signature,
        "seconds": spent,
    }  # fmt: skip
    if better:
        _keep(shop, place, known, made, found, progress)
        spent["keeping"] = round(time.monotonic() - began - sum(spent.values()), 1)
    return found


def _told(gain: "dict[str, Any]") -> dict[str, dict[str, float]]:
    return {name: interval.to_json() for name, interval in gain.items()}


def _chosen(shop: "Shop", known: Details, count: int, progress: Progress) -> list[tuple[Product, Picture]]:
    """Those of the products that can be learned from, at most about MOST, always the same ones."""
    share, done, found = MOST / max(count, 1), 0, []
    for part in shop.pictured(known):
        done += len(part)
        progress(min(done, count), count, "looking")
        found += [(p, seen) for p, seen in part if (p.title.zh or p.title.en) and _chance(p.id) < share]
    progress(max(count, 1), max(count, 1), "looking")
    return found


def _chance(key: str) -> float:
    return int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8], "big") / 2**64


def _pairs(chosen: Sequence[tuple[Product, Picture]]) -> "Pairs":
    from perception.tuning.pairs import Pairs

    products = [product for product, _ in chosen]
    attributes: dict[str, list[str | None]] = {
        name: [getattr(p, name) for p in products] for name in ATTRIBUTES
    }
    attributes["color"] = [p.colors[0] if p.colors else None for p in products]
    empty = np.zeros((0, 0), np.float32)
    return Pairs(
        titles={"zh": [p.title.zh for p in products], "en": [p.title.en for p in products]},
        attributes=attributes,
        details=np.stack([seen.details for _, seen in chosen]) if chosen else empty,
        shared=np.stack([seen.shared for _, seen in chosen]) if chosen else empty,
        groups=[seen.hash for _, seen in chosen],
    )


def _keep(
    shop: "Shop", place: Tunings, known: Details, made: Any, found: dict[str, Any], progress: Progress
) -> None:
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    def write(path: Path) -> None:
        try:
            save_file(made.tensors, path, made.meta)
        except SafetensorError as error:  # its word for a disk that is full
            raise OSError(str(error)) from error

    count, done = shop.count(), 0
    first = [item for part in _first_parts(shop, known) for item in part][:SAMPLE]

    def pictures() -> Iterator[list[Picture]]:
        nonlocal done
        for part in shop.pictured(known):
            done += len(part)
            progress(min(done, count), count, "keeping")
            yield [seen for _, seen in part]

    place.keep(
        made.meta["id"],
        write,
        found,
        pictures(),
        [product.title.get("en" if n % 2 else "zh") for n, (product, _) in enumerate(first)],
        [str(text) for text in load("search")["unrelated"]],
    )
    if tuning := place.now():  # an import may have gone on beside this one
        for part in shop.pictured(known):
            tuning.catch_up([seen for _, seen in part])
    progress(max(count, 1), max(count, 1), "keeping")


def _first_parts(shop: "Shop", known: Details) -> Iterator[list[tuple[Product, Picture]]]:
    seen = 0
    for part in shop.pictured(known):
        yield part
        seen += len(part)
        if seen >= SAMPLE:
            return


def _device(setting: str) -> str:
    import torch

    wanted = setting in ("auto", "cuda") and torch.cuda.is_available()
    return "cuda" if wanted else "cpu"
