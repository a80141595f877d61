"""A small labelled folder of our own drawings, and looks made by hand, for the tests of `daogou eval`."""

import json
from pathlib import Path
from typing import Any

from perception.look import Garment, Look
from store import demo
from store.types import Product
from ui.evals.labels import Label
from ui.evals.look import Judged

DRAWN = [
    ("dress", "red"),
    ("dress", "black"),
    ("t-shirt", "navy"),
    ("t-shirt", "white"),
    ("sneakers", "white"),
]


def drawn(category: str, color: str) -> Product:
    """The first product of the demo shop of that leaf and main colour."""
    return next(p for p in demo.products() if p.category == category and p.colors[0] == color)


def labelled_folder(folder: Path) -> Path:
    """Snapshots of DRAWN with an attributes.jsonl that says of them what their products do."""
    lines = []
    for number, (category, color) in enumerate(DRAWN):
        product = drawn(category, color)
        file = f"photos/{number}.jpg"
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        demo.snapshot(product, "wood", number).convert("RGB").save(folder / file, quality=90)
        lines.append({
            "file": file, "class": category, "colors": product.colors, "pattern": product.pattern,
            "sleeve": product.sleeve or "na", "neckline": product.neckline or "na", "length": product.length or "na",
            "setting": "flat", "material": "unknown", "text": "", "sure": True,
            "captions": {"en": [f"a {color} {category}"], "zh": ["地板上的一件衣服"]},
        })  # fmt: skip
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "attributes.jsonl").write_text(text, encoding="utf-8")
    return folder


def look(*garments: dict[str, Any], setting: str | None = None) -> Look:
    """A look with these garments; a box is the whole photo unless given."""
    return Look(
        photo="p",
        garments=[Garment(**{"box": (0, 0, 1, 1), **values}) for values in garments],
        setting=setting,
    )


def judged(label: dict[str, Any], told: Look, forced: Look | None = None) -> Judged:
    """A label, what was told of its photo, and what was forced; the same where nothing else is given."""
    return Judged(Label.model_validate({"file": "p.jpg", **label}), told, forced or told)
