"""How like a photo the products found by it are, on real photos: `make bench-store PHOTOS=DIR`.

    python -m tests.bench.photos DIR [--json]      DIR holds the photos, feed.jsonl and the folder `validation`

`daogou eval photos` on two shops, its table each:

feed   the products of feed.jsonl, imported; sought by the photos of `validation`, on which nothing was trained. On the
       pictures of this shop the eyes were: its own vectors may lie better than those of another shop would.
own    the photos of `validation` as a shop of their own, each sought by its own picture and not counted itself: neither
       what is asked nor what is found was ever trained on.

The labels of `validation` are ours (training/second_labels.jsonl).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.tuning import LABELS, titled

DAOGOU = (sys.executable, "-m", "ui.cli")


def shops(folder: Path, scratch: Path) -> dict[str, Path]:
    """The feeds of the two shops."""
    labels = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    own = scratch / "own.jsonl"
    with own.open("w", encoding="utf-8") as out:
        for number, label in enumerate(labels):
            row = {"id": f"V{number:04}", "price": "10.00 USD", "availability": "in_stock", **titled(label)}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return {"feed": folder / "feed.jsonl", "own": own}


def labelled(folder: Path, place: Path, own: bool) -> Path:
    """A labelled folder of the photos of `validation`; in a shop of their own each knows which product it is."""
    place.mkdir()
    (place / "validation").symlink_to(folder / "validation")
    with (place / "attributes.jsonl").open("w", encoding="utf-8") as out:
        for number, line in enumerate(LABELS.read_text(encoding="utf-8").splitlines()):
            label: dict[str, Any] = json.loads(line)
            kept = {key: label[key] for key in ("file", "class", "colors")}
            out.write(json.dumps(kept | ({"product": f"V{number:04}"} if own else {})) + "\n")
    return place


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true", help="one JSON object a shop")
    args = parser.parse_args()
    folder = args.folder.resolve()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        for shop, feed in shops(folder, scratch).items():
            photos = labelled(folder, scratch / f"{shop}-photos", own=shop == "own")
            data = ("--data", str(scratch / shop))
            subprocess.run(
                [*DAOGOU, "import", str(feed), "--images", str(folder), *data, "--json"],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            print(f"{shop}:", flush=True)
            subprocess.run(
                [*DAOGOU, "eval", "photos", str(photos), *data, *(["--json"] if args.json else [])],
                check=True,
            )


if __name__ == "__main__":
    main()
