"""How long the board of a look takes on two cores: with garments that were lifted before, and with none.

Looks of the demo shop, each drawn through `Assistant.picture` as a door does when its picture is first asked for.
Prints a table, and the same as one JSON object on the last line.

    python tests/bench/boards.py [--data DIR] [--boards N] [--save DIR]
"""

import argparse
import contextlib
import json
import os
import random
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.update({"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "2", "ANONYMIZED_TELEMETRY": "False"})

from agent.assistant import Assistant
from agent.settings import Settings
from tests.bench.run import spread, timed
from tools.boards.draw import recipe
from tools.boards.shelf import Bought

AIM_MS = 800


def promised(assistant: Assistant, count: int) -> list[str]:
    """The names of `count` boards of looks around products, always the same ones; in both languages."""
    chance = random.Random(11)
    ids = [product.id for product in assistant.products()]
    chance.shuffle(ids)
    names: dict[str, None] = {}
    for number, product in enumerate(ids):
        lang = ("zh", "en")[number % 2]
        for look in assistant.outfit([product], lang=lang)["looks"][:1]:
            items = [Bought(id=item["id"], slot=item["slot"] or "") for item in look["items"]]
            told = recipe(lang, look["idea"], items, [], lambda _: [])
            names[assistant.boards.boards.promise(told)] = None
        if len(names) == count:
            break
    return list(names)


def drawn(assistant: Assistant, names: list[str], cold: bool) -> tuple[list[float], list[float]]:
    """Milliseconds of each board, on the clock and of the processor; `cold`: nothing of it was lifted before."""
    wall, work = [], []
    for name in names:
        assistant.picture(name).unlink()
        if cold:
            shutil.rmtree(assistant.boards.mattes.folder)
        before = time.process_time()
        took, _ = timed(lambda name=name: assistant.picture(name))
        wall.append(took)
        work.append((time.process_time() - before) * 1000)
    return wall, work


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="a demo shop that is filled already; it is copied")
    parser.add_argument("--boards", type=int, default=60)
    parser.add_argument("--save", type=Path, help="a folder for the boards")
    args = parser.parse_args()
    with contextlib.suppress(AttributeError):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    figures: dict[str, Any] = {"cores": 2, "load_before": round(os.getloadavg()[0], 2)}
    with tempfile.TemporaryDirectory(prefix="daogou-boards-", ignore_cleanup_errors=True) as scratch:
        shop = Path(scratch) / "shop"
        if args.data:
            shutil.copytree(args.data, shop)
        assistant = Assistant.open(Settings(data=shop, model="offline"))
        try:
            if not args.data:
                assistant.load_demo()
            assistant.warm()
            names = promised(assistant, args.boards)
            for name in names:
                assistant.picture(name)
            for way in ("warm", "cold"):
                wall, work = drawn(assistant, names, cold=way == "cold")
                figures[f"board_{way}_ms"] = spread(wall)
                figures[f"board_{way}_processor_ms"] = spread(work)
            lifted = free = 0
            for path in assistant.boards.mattes.folder.parent.glob("board-*.json"):
                told = assistant.boards.boards.recipe(path.stem)
                for piece in assistant.boards._pieces(told, lambda _: b""):
                    lifted += 1
                    free += assistant.boards._pictured(piece).cut
            figures["pieces_that_stand_free"] = {"share": round(free / max(lifted, 1), 3), "n": lifted}
            figures["bytes"] = spread([float(assistant.picture(name).stat().st_size) for name in names])
            if args.save:
                args.save.mkdir(parents=True, exist_ok=True)
                for name in names:
                    shutil.copy(assistant.picture(name), args.save)
        finally:
            assistant.close()
    for key, value in figures.items():
        told = "  ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
        aim = (
            f"{'ok  ' if value['p95'] < AIM_MS else 'MISS'} p95 < {AIM_MS}" if key == "board_warm_ms" else ""
        )
        print(f"{key:28} {told:44} {aim}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
