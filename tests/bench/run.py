"""`make bench`: how fast the shop answers on two cores with the offline planner, in how much memory, how well it sees.

Prints a table, and the same as one JSON object on the last line. Every turn goes through `Session.respond`, as at every
door. A photo turn is set against the bare model passes in it: the time spent inside the image network and the text
encoder during that very turn, so that both see the same machine. The first event is the first after `turn_started`.

    python tests/bench/run.py [--quick] [--data DIR] [--shared DIR]
"""

import argparse
import contextlib
import io
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.update({"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "2", "ANONYMIZED_TELEMETRY": "False"})

import psutil
from PIL import Image

ROOT = Path(__file__).parent.parent.parent
PHOTOS = ROOT / "tests" / "dialogs" / "photos"
SHARED = ROOT.parent / "shared" / "data" / "clothing"
DAOGOU = Path(sys.executable).parent / "daogou"

# Conversations as they go: a search, then what builds on it. Every message is one measured turn.
TALKS = [
    ["红色连衣裙", "200以内的", "不要格子的", "换一批", "第二件有M码吗", "这件怎么搭"],
    [
        "white sneakers under 60",
        "cheaper",
        "show me others",
        "compare the first two",
        "does the first come in 38?",
    ],
    ["想买件面试穿的衬衫", "蓝色的有吗", "第一件加购M码", "看看购物车", "可以退货吗"],
    [
        "a warm coat for winter",
        "not black",
        "in L",
        "what goes with the second one?",
        "add the first one in L",
    ],
    ["适合海边度假的衣服", "便宜点的", "第一件什么材质", "和第二件比一下"],
    ["women's bags", "brown ones", "is the first one leather?", "how long does shipping take?", "thanks!"],
    ["今天天气怎么样", "那看看帽子", "有草帽吗", "第一个多少钱"],
    ["kids hoodies", "anything with stripes?", "sort by price", "what sizes does the cheapest have?"],
]
ASKED = [
    "有没有类似的？",
    "anything similar but cheaper?",
    "同款黑色的",
    "what shoes go with this?",
    "这是什么颜色？",
    "in white please",
]


def spread(values: list[float]) -> dict[str, float]:
    """Median, 95th percentile and count."""
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 1),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1),
        "n": len(ordered),
    }


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds and result."""
    start = time.perf_counter()
    result = act()
    return (time.perf_counter() - start) * 1000, result


def turn(session: Any, text: str, photos: list[bytes]) -> tuple[float, float]:
    """(first event with news, done) of one turn in milliseconds, as a door sees them."""
    start = time.perf_counter()
    first = 0.0
    for event in session.respond(text, photos):
        if event.type != "turn_started":
            first = first or (time.perf_counter() - start) * 1000
        if event.type == "error":
            raise RuntimeError(f"{text!r} was answered with {event.code}")
    return first, (time.perf_counter() - start) * 1000


class Passes:
    """Milliseconds spent inside the networks themselves (image network, text encoder) since the last `take`."""

    def __init__(self, eyes: Any) -> None:
        self.spent = 0.0
        eyes.vectors(Image.new("RGB", (64, 64)))
        eyes.texts(["warm"])
        eyes._encoder._loaded = self.timing(eyes._encoder._net)
        eyes._texts._model.encode = self.timing(eyes._texts._model.encode)

    def timing(self, network: Callable[..., Any]) -> Callable[..., Any]:
        def timed_network(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return network(*args, **kwargs)
            finally:
                self.spent += (time.perf_counter() - start) * 1000

        return timed_network

    def take(self) -> float:
        spent, self.spent = self.spent, 0.0
        return spent


def distinct_photos(shared: Path, count: int) -> Iterator[bytes]:
    """Photos never seen before: real ones where they are, else our own with another margin each time."""
    real = sorted(shared.glob("validation/*/*.jpg"))
    random.Random(7).shuffle(real)
    for path in real[:count]:
        yield path.read_bytes()
    own = itertools.cycle(sorted(PHOTOS.glob("*.webp")))
    for number in range(max(0, count - len(real))):
        image = Image.open(next(own)).convert("RGB")
        out = io.BytesIO()
        image.crop((number % 9, number // 9, image.width, image.height)).save(out, "JPEG", quality=92)
        yield out.getvalue()


def command_line() -> dict[str, Any]:
    """Seconds until `daogou --help` answers."""
    took = [
        timed(lambda: subprocess.run([DAOGOU, "--help"], check=True, capture_output=True))[0]
        for _ in range(7)
    ]
    return {"cli_help_ms": spread(took[1:])}


def demo(folder: Path) -> dict[str, Any]:
    """Seconds to fill an empty shop, and to find it filled."""
    first, done = timed(
        lambda: subprocess.run([DAOGOU, "demo", "--json", "--data", folder], check=True, capture_output=True)
    )
    again = timed(
        lambda: subprocess.run(
            [DAOGOU, "demo", "--if-empty", "--data", folder], check=True, capture_output=True
        )
    )[0]
    return {
        "demo_s": round(first / 1000, 1),
        "demo_again_s": round(again / 1000, 1),
        "products": json.loads(done.stdout.splitlines()[-1])["products"],
    }


def conversations(assistant: Any, shared: Path, quick: bool) -> dict[str, Any]:
    """First event, text turns and photo turns, warm."""
    opening = timed(assistant.warm)[0]
    session = assistant.session()
    for text in ("裙子", "shoes", "第一件多少钱"):
        turn(session, text, [])
    turn(session, "类似的", [(PHOTOS / "red_dress.webp").read_bytes()])

    firsts: list[float] = []
    texts: list[float] = []
    for talk in TALKS * (1 if quick else 3):
        session = assistant.session()
        for message in talk:
            first, total = turn(session, message, [])
            firsts.append(first)
            texts.append(total)

    passes = Passes(assistant.eyes)
    photos: list[float] = []
    bare: list[float] = []
    for number, data in enumerate(distinct_photos(shared, 12 if quick else 60)):
        text = ASKED[number % len(ASKED)]
        session = assistant.session()
        passes.take()
        first, total = turn(session, text, [data])
        firsts.append(first)
        photos.append(total)
        bare.append(passes.take())
    ratios = [a / b for a, b in zip(photos, bare, strict=True)]
    return {
        "warm_up_ms": round(opening),
        "first_event_ms": spread(firsts),
        "text_turn_ms": spread(texts),
        "photo_turn_ms": spread(photos),
        "bare_passes_ms": spread(bare),
        "photo_turn_over_bare_passes": {"median": round(statistics.median(ratios), 2), "n": len(ratios)},
        "memory_mb": round(psutil.Process().memory_info().rss / 1e6),
    }


def sight(shared: Path, scratch: Path, quick: bool) -> dict[str, Any]:
    """Category accuracy, and search by photo over the real-photo feed; empty where the photos are not there."""
    if not shared.is_dir():
        return {"sight": f"no real photos at {shared}"}
    limit = ["--limit", "5"] if quick else []
    found: dict[str, Any] = {}

    def figures(*args: object) -> dict[str, Any]:
        out = subprocess.run([DAOGOU, *map(str, args), "--json"], check=True, capture_output=True).stdout
        return dict(json.loads(out.splitlines()[-1]))

    look = figures("eval", "look", "--photos", shared / "validation", "--data", scratch, *limit)
    found["category_accuracy"] = look["accuracy"]
    found["look_ms"] = {"median": look["median_ms"], "p95": look["p95_ms"], "n": look["photos"]}
    imported, _ = timed(
        lambda: figures("import", shared / "feed.jsonl", "--images", shared, "--data", scratch),
    )
    found["import_648_photos_s"] = round(imported / 1000, 1)
    search = figures("eval", "search", "--photos", shared / "validation", "--data", scratch, *limit)
    found["photo_to_same_category"] = {
        key: search[key] for key in ("hit", "same_category", "first", "photos")
    }
    return found


AIMS = {
    "first_event_ms": ("p95", 300, "<"),
    "text_turn_ms": ("p95", 1000, "<"),
    "photo_turn_ms": ("p95", 1500, "<"),
    "memory_mb": (None, 1500, "<"),
    "category_accuracy": (None, 0.92, ">"),
    "photo_to_same_category": ("same_category", 0.9, ">"),
    "cli_help_ms": ("p95", 500, "<"),
}


def table(figures: dict[str, Any]) -> None:
    """The figures beside what is aimed at."""
    for name, value in figures.items():
        shown = "  ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
        verdict = ""
        if name in AIMS:
            part, limit, sign = AIMS[name]
            reached = value[part] if part else value
            good = reached < limit if sign == "<" else reached >= limit
            verdict = f"{'ok  ' if good else 'MISS'} {part or ''} {'<' if sign == '<' else '≥'} {limit}"
        print(f"{name:32} {shown:58} {verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer turns and photos")
    parser.add_argument("--data", type=Path, help="a shop that is filled already")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with the real photos")
    args = parser.parse_args()
    with contextlib.suppress(AttributeError):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])

    figures: dict[str, Any] = {"cores": 2, "load_before": round(os.getloadavg()[0], 2)}
    with tempfile.TemporaryDirectory(prefix="daogou-bench-", ignore_cleanup_errors=True) as scratch:
        shop = args.data or Path(scratch) / "shop"
        figures |= command_line()
        if not args.data:
            figures |= demo(shop)

        from agent.assistant import Assistant
        from agent.settings import Settings

        assistant = Assistant.open(Settings(data=shop, model="offline"))
        try:
            figures |= conversations(assistant, args.shared, args.quick)
        finally:
            assistant.close()
        figures |= sight(args.shared, Path(scratch) / "real", args.quick)
    table(figures)
    print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    main()
