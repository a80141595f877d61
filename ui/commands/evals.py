"""`daogou eval`: figures as JSON, so that a change can be held against the last one."""

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prompts import say, taxonomy
from ui.commands.door import CommandError, Report

if TYPE_CHECKING:
    from agent.assistant import Assistant

PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".heic", ".avif"}


def photos(folder: Path, limit: int | None = None) -> list[tuple[str, Path]]:
    """(category, file) of every photo in a folder of class folders; at most `limit` a class. Raises CommandError."""
    found = [
        (place.name, file)
        for place in sorted(p for p in folder.iterdir() if p.is_dir())
        for file in sorted(f for f in place.iterdir() if f.suffix.lower() in PICTURES)[:limit]
    ]
    if not found:
        raise CommandError("no_photos", say("terminal", "errors.no_photos", "en", folder=folder))
    return found


def same(found: str, label: str) -> bool:
    """What was found is of the labelled category or a kind of it: a jacket is outwear, outwear is no jacket."""
    return taxonomy.is_a(found, label)


def timed(
    work: list[tuple[str, Path]], report: Report, act: Callable[[bytes], Any]
) -> Iterator[tuple[str, Any, float]]:
    """(class, result, milliseconds) for each photo; the first call, which loads the models, is not timed."""
    act(work[0][1].read_bytes())
    for done, (label, file) in enumerate(work, 1):
        data = file.read_bytes()
        start = time.perf_counter()
        result = act(data)
        yield label, result, (time.perf_counter() - start) * 1000
        report(done, len(work), "")


def spread(times: list[float]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds."""
    ordered = sorted(times)
    return {
        "median_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 1),
    }


def look(assistant: "Assistant", folder: Path, limit: int | None, report: Report) -> dict[str, Any]:
    """How often the main garment's category is the folder's name. A photo without a garment counts as wrong."""
    right: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    mixed: Counter[tuple[str, str]] = Counter()
    times = []
    for label, result, took in timed(photos(folder, limit), report, lambda data: assistant.look(data)):
        got = result.garments[0].category if result.garments else "nothing"
        seen[label] += 1
        right[label] += got != "nothing" and same(got, label)
        if got == "nothing" or not same(got, label):
            mixed[label, got] += 1
        times.append(took)
    return {
        "suite": "look",
        "photos": seen.total(),
        "accuracy": round(right.total() / seen.total(), 4),
        "per_class": {label: round(right[label] / count, 4) for label, count in seen.items()},
        "confused": [{"is": a, "seen": b, "count": n} for (a, b), n in mixed.most_common(10)],
        **spread(times),
    }


def search(
    assistant: "Assistant", folder: Path, limit: int | None, report: Report, k: int = 5
) -> dict[str, Any]:
    """Search the shop by photo: how many of the first `k` products have the photo's category.

    `same_category`: mean share of the first k; `hit`: photos with at least one such product among them.
    Classes that the shop does not sell are left out and named in `not_sold`.
    """
    sold = {product.category for product in assistant.products()}
    every = photos(folder, limit)
    work = [(label, file) for label, file in every if any(same(category, label) for category in sold)]
    if not work:
        raise CommandError("no_photos", say("terminal", "errors.no_photos", "en", folder=folder))
    share: dict[str, list[float]] = {}
    first = 0
    times = []
    for label, hits, took in timed(work, report, lambda data: assistant.search(photo=data, k=k)):
        good = [same(hit["category"], label) for hit in hits]
        share.setdefault(label, []).append(sum(good) / k)
        first += bool(good) and good[0]
        times.append(took)
    every_share = [value for values in share.values() for value in values]
    return {
        "suite": "search",
        "photos": len(work),
        "k": k,
        "same_category": round(statistics.mean(every_share), 4),
        "hit": round(sum(value > 0 for value in every_share) / len(work), 4),
        "first": round(first / len(work), 4),
        "per_class": {label: round(statistics.mean(values), 4) for label, values in share.items()},
        "not_sold": sorted({label for label, _ in every} - {label for label, _ in work}),
        **spread(times),
    }
