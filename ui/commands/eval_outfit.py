"""`daogou eval outfit`: looks told from chance, of a folder in the Polyvore Outfits format or of the demo shop, and how
far the stylist agrees with who judged pairs and looks of the demo shop by hand."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prompts import say
from ui.commands import door
from ui.evals import outfits, polyvore
from ui.evals.statistics import spread

OURS = Path(__file__).parent.parent / "evals" / "outfits_demo"
SPLITS = {"held": "test", "seen": "valid"}  # what each part of the judged rows is called in the format


def measure(
    data: Path | None, folder: Path | None, part: str, limit: int | None, seed: int
) -> dict[str, Any]:
    """The figures of a folder, or of the demo shop where none is named. Raises BadPolyvore, CommandError."""
    if folder is None:
        return of_demo(data, limit)
    if not folder.is_dir():
        raise door.CommandError("no_such_folder", say("terminal", "errors.no_such_folder", "en", path=folder))
    return of_folder(data, folder, part, limit, seed)


def of_folder(data: Path | None, folder: Path, part: str, limit: int | None, seed: int) -> dict[str, Any]:
    """Rules alone, what the folder's train.json taught alone, both, and chance."""
    from agent.stylists import of_items

    asked = polyvore.read(folder, part, limit)
    with door.shop(data, empty_ok=True) as assistant:
        with door.progress(_said("progress.looking")) as report:
            judges, told = of_items(
                assistant, asked.items, asked.asked(), asked.train, asked.valid, seed,
                lambda done, total, step: report(done, total, _said(f"progress.{step}")),
            )  # fmt: skip
        began = time.perf_counter()
        found = outfits.figures(judges, asked.blanks, asked.looks)
        took = time.perf_counter() - began
    return {
        "suite": "outfit",
        "folder": str(folder),
        "part": asked.part,
        "seed": seed,
        **told,
        "left_out": asked.left_out,
        **found,
        "seconds": round(took, 1),
    }


def of_demo(data: Path | None, limit: int | None) -> dict[str, Any]:
    """The set that comes with Daogou: outfits that a judge called good against stand-ins of the same kind, and the
    agreement with all that was judged."""
    from agent.stylists import of_shop

    rows = {name: _rows(OURS / f"{name}.jsonl") for name in ("pairs", "looks")}
    asked = {split: polyvore.read(OURS, limit=limit, asked=name) for split, name in SPLITS.items()}
    wanted = {item for name in rows for row in rows[name] for item in row["items"]}
    wanted |= {item for part in asked.values() for item in part.items}
    with door.shop(data) as assistant:
        here = {product.id for product in assistant.products(sorted(wanted))}
        if wanted - here:
            missing = len(wanted - here)
            raise door.CommandError(
                "other_shop", say("evaluation", "polyvore.other_shop", "en", missing=missing)
            )
        judges, told = of_shop(assistant, sorted(wanted))
        figures = {split: outfits.figures(judges, part.blanks, part.looks) for split, part in asked.items()}
        agreed = {
            name: {
                method: outfits.agreement(judge, rows[name], told if name == "pairs" else None)
                for method, judge in judges.items()
            }
            for name in rows
        }
        times = _times(
            judges["blend" if "blend" in judges else "rules"], [row["items"] for row in rows["looks"]]
        )
        return {
            "suite": "outfit",
            "products": assistant.count(),
            "held": figures["held"],
            "seen": figures["seen"],
            "agreement": agreed,
            **spread(times),
        }


def _times(judge: outfits.Judge, looks: Sequence[Sequence[str]]) -> list[float]:
    """Milliseconds a look takes to score, once everything about its pieces is known."""
    times = []
    for look in looks:
        judge(look)
        began = time.perf_counter()
        judge(look)
        times.append((time.perf_counter() - began) * 1000)
    return times


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def text(found: dict[str, Any]) -> str:
    """The figures as a person reads them."""
    if "agreement" not in found:
        return outfits.table(found)
    parts = [f"{split}\n{outfits.table(found[split])}" for split in SPLITS]
    for name, methods in found["agreement"].items():
        rows = [(name, "held: agreement", "held: auc", "seen: agreement", "seen: auc")]
        for method, figures in methods.items():
            cells = [figures[split][key] for split in SPLITS for key in ("agreement", "auc")]
            rows.append((method, *map(outfits.told, cells)))
        parts.append(outfits.aligned(rows))
    return "\n\n".join(parts)


def _said(key: str) -> str:
    return say("tuning", f"looks.{key}", "en")
