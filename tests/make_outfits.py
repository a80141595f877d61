"""Makes the small set of outfits that `daogou eval outfit` asks of the demo shop, in the Polyvore Outfits format.

    python tests/make_outfits.py SHOP                 writes ui/evals/outfits_demo; SHOP was filled by `daogou demo`
    python tests/make_outfits.py SHOP --images DIR    a whole folder in that format, pictures too

Outfits are the pairs and looks of tests/data/outfits that the judge called good: those seen are valid.json, those held
back test.json. Every piece is asked for once (four options); each outfit has two by chance beside it, with all pieces
replaced. A stand-in is of the same category, gender and age group, and never one that the judge put with the rest.
"""

import argparse
import json
import random
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from agent.assistant import Assistant
from agent.settings import Settings
from prompts import taxonomy
from store.types import Product

ROOT = Path(__file__).parent.parent
JUDGED = ROOT / "tests" / "data" / "outfits"
SHIPPED = ROOT / "ui" / "evals" / "outfits_demo"
SPLITS = {"seen": "valid", "held": "test"}
OPTIONS, BY_CHANCE = 4, 2
TYPES = {  # the format's own types, by the root of ours
    "tops": "tops", "bottoms": "bottoms", "onepiece": "all-body", "outwear": "outerwear", "shoes": "shoes",
    "bag": "bags", "hat": "hats", "scarf": "scarves", "jewellery": "jewellery", "accessories": "accessories",
}  # fmt: skip


def judged() -> list[dict[str, Any]]:
    """Every labelled row, pairs first."""
    lines = [(JUDGED / name).read_text(encoding="utf-8") for name in ("pairs.jsonl", "looks.jsonl")]
    return [json.loads(line) for text in lines for line in text.splitlines() if line]


def kind(product: Product) -> tuple[str, str, str]:
    """What a stand-in must have in common."""
    return product.category, product.gender or "unisex", product.age_group or "adult"


def like(product: Product, products: Iterable[Product]) -> list[str]:
    """Those that could stand in for it, in the order of their ids; of the category above where its own has too few."""
    others = [p for p in products if p.id != product.id and kind(p)[1:] == kind(product)[1:]]
    found: list[str] = []
    for category in reversed(taxonomy.ancestors(product.category)):
        found = sorted(p.id for p in others if taxonomy.is_a(p.category, category))
        if len(found) >= 3 * OPTIONS:
            break
    return found


def build(products: Sequence[Product], seed: int = 0) -> dict[str, Any]:
    """File name → what it holds."""
    by_id = {p.id: p for p in products}
    rows = [row for row in judged() if row["label"] == "good"]
    together: dict[str, set[str]] = {}
    for row in rows:
        for item in row["items"]:
            together.setdefault(item, set()).update(row["items"])
    draw = random.Random(seed)
    files: dict[str, Any] = {"train.json": []}
    for split, name in SPLITS.items():
        chosen = [row for row in rows if row["split"] == split]
        sets = [
            {
                "set_id": row["id"],
                "items": [{"index": n, "item_id": i} for n, i in enumerate(row["items"], 1)],
            }
            for row in chosen
        ]
        pool = {one["item_id"]: f"{row['set_id']}_{one['index']}" for row in sets for one in row["items"]}
        strangers: dict[str, str] = {}

        def index(item: str, pool: dict[str, str] = pool, strangers: dict[str, str] = strangers) -> str:
            """What the files call an item: one that is in no outfit of the split is a set by itself."""
            if item not in pool:
                pool[item] = strangers[item] = f"X{len(strangers) + 1}_1"
            return pool[item]

        questions, lines = [], []
        for row in chosen:
            names = [f"{row['id']}_{n}" for n in range(1, len(row["items"]) + 1)]
            for blank, item in enumerate(row["items"]):
                rest = [other for other in row["items"] if other != item]
                fit = [
                    i for i in like(by_id[item], products) if not any(i in together.get(r, ()) for r in rest)
                ]
                if len(fit) < OPTIONS - 1:
                    continue
                answers = [names[blank], *(index(i) for i in draw.sample(fit, OPTIONS - 1))]
                draw.shuffle(answers)
                questions.append({
                    "question": [n for n in names if n != names[blank]],
                    "answers": answers,
                    "blank_position": blank + 1,
                })  # fmt: skip
            lines.append("1 " + " ".join(names))
            for _ in range(BY_CHANCE):
                swapped: list[str] = []
                for item in row["items"]:
                    fit = [i for i in like(by_id[item], products)
                           if i not in swapped and not any(i in together.get(s, ()) for s in swapped)]  # fmt: skip
                    swapped.append(draw.choice(fit) if fit else item)
                lines.append("0 " + " ".join(index(i) for i in swapped))
        sets += [
            {"set_id": place.partition("_")[0], "items": [{"index": 1, "item_id": item}]}
            for item, place in strangers.items()
        ]
        files[f"{name}.json"] = sets
        files[f"fill_in_blank_{name}.json"] = questions
        files[f"compatibility_{name}.txt"] = "\n".join(lines) + "\n"
    used = {
        one["item_id"] for name in SPLITS.values() for row in files[f"{name}.json"] for one in row["items"]
    }
    numbers = {c: str(n) for n, c in enumerate(sorted({by_id[i].category for i in used}), 1)}
    files["polyvore_item_metadata.json"] = {
        i: {
            "title": by_id[i].title.en,
            "category_id": numbers[by_id[i].category],
            "semantic_category": semantic(by_id[i].category),
        }
        for i in sorted(used)
    }
    files["categories.csv"] = "".join(f"{n},{c},{semantic(c)}\n" for c, n in numbers.items())
    return files


def semantic(category: str) -> str:
    """The format's type for a category of ours."""
    return next((TYPES[c] for c in reversed(taxonomy.ancestors(category)) if c in TYPES), "accessories")


def write(folder: Path, files: dict[str, Any]) -> None:
    """One row a line, so that a change can be read."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in files.items():
        if isinstance(value, list):
            value = "[" + ",\n".join(json.dumps(row) for row in value) + "]\n"
        elif isinstance(value, dict):
            value = "{" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()) + "}\n"
        (folder / name).write_text(value, encoding="utf-8")


def pictures(assistant: Assistant, items: Iterable[str], folder: Path) -> None:
    """images/ID.jpg of each, as its shop shows it."""
    folder.mkdir(parents=True, exist_ok=True)
    for product in assistant.products(sorted(items)):
        with Image.open(assistant.picture(product.images[0])) as image:
            image.convert("RGB").save(folder / f"{product.id}.jpg", quality=90)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shop", type=Path)
    parser.add_argument("--images", type=Path, metavar="DIR")
    given = parser.parse_args()
    assistant = Assistant.open(Settings(data=given.shop, model="offline"))
    try:
        files = build(list(assistant.products()))
        write(given.images or SHIPPED, files)
        if given.images:
            pictures(assistant, files["polyvore_item_metadata.json"], given.images / "images")
        else:
            for name in ("pairs.jsonl", "looks.jsonl"):
                shutil.copyfile(JUDGED / name, SHIPPED / name)
    finally:
        assistant.close()


if __name__ == "__main__":
    main()
