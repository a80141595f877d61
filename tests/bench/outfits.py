"""What `daogou tune --outfits` makes of looks with a taste that no rule knows, and of looks by chance.

    python -m tests.bench.outfits SHOP... [--looks 100 200 400] [--seeds 5] [--blind]

SHOP is a data folder; tastes are drawn as tests/tastes.py says. With --blind the pieces' records say what kind they are
and nothing else, so that only pictures and titles can tell; without titles, too, with --pictures.
"""

import argparse
import os
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from agent import looks as tuning
from agent.assistant import Assistant
from agent.settings import Settings
from perception.tuning.pairs import split
from tests import tastes
from tools.styling import lookbook, verdict
from tools.styling.piece import Piece
from tools.styling.teaching import Goods

TASTES = {
    "main colour": tastes.main_color,
    "brand": lambda piece: piece.product.brand if piece.product else None,
    "material": lambda piece: piece.material,
    "chance": tastes.by_chance,
}


def once(goods: Goods, looks: list[tuple[int, ...]], seed: int) -> dict[str, float]:
    """As the command does it: learned, weighed, judged."""
    looks = list(dict.fromkeys(tuple(sorted(set(look))) for look in looks))
    parts = split(lookbook.grouped([tuple(map(str, look)) for look in looks]), seed)
    began = time.monotonic()
    made = tuning.learned(goods, looks, [looks[n] for n in parts.train], [looks[n] for n in parts.stop], seed, "",
                          lambda *_: None)  # fmt: skip
    took = time.monotonic() - began
    asked = tuning.asking(goods, [looks[n] for n in parts.held], looks, seed)
    rules = verdict.outcome(asked, tuning.by_rules(goods))
    alone = verdict.outcome(asked, tuning.by_looks(goods, made))
    blend = verdict.outcome(asked, tuning.by_rules(goods, made))
    gain = verdict.gains(rules, blend, seed)
    return {
        "n": len(asked.looks), "kept": verdict.better(gain), "weight": made.weight, "seconds": took,
        "fitb rules": rules.fitb, "fitb learned": alone.fitb, "fitb blend": blend.fitb,
        "auc rules": rules.auc, "auc learned": alone.auc, "auc blend": blend.auc,
        "gain low": gain["fitb"].low, "gain high": gain["fitb"].high,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shops", type=Path, nargs="+")
    parser.add_argument("--looks", type=int, nargs="+", default=[400])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--tastes", nargs="+", default=list(TASTES))
    parser.add_argument("--strength", type=float, default=2.0)
    parser.add_argument("--blind", action="store_true")
    parser.add_argument("--pictures", action="store_true")
    given = parser.parse_args()
    for shop in given.shops:
        assistant = Assistant.open(Settings(data=shop, model="offline"))
        pieces = [piece for p in assistant.products() if (piece := Piece.of(p)).slot]
        goods = tuning.gathered(assistant.shop, pieces)
        assistant.close()
        if given.blind:
            bare = [Piece(p.category, photo=p.product.id if p.product else None) for p in pieces]
            goods = replace(goods, pieces=bare)
        if given.pictures:
            goods = replace(goods, vectors={**goods.vectors, "text": {}})
        for name in given.tastes:
            for count in given.looks:
                rows = [
                    once(
                        goods,
                        [tuple(x) for x in tastes.looks(pieces, count, TASTES[name], given.strength, seed)],
                        seed,
                    )
                    for seed in range(given.seeds)
                ]
                mean = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
                kept = sum(bool(row["kept"]) for row in rows)
                print(
                    f"{shop.name} | {name} | {count} | kept {kept}/{len(rows)} | "
                    f"FITB {mean['fitb rules']:.3f} {mean['fitb learned']:.3f} {mean['fitb blend']:.3f} "
                    f"(gain {mean['gain low']:+.3f} to {mean['gain high']:+.3f}) | "
                    f"AUC {mean['auc rules']:.3f} {mean['auc learned']:.3f} {mean['auc blend']:.3f} | "
                    f"n {mean['n']:.0f} | weight {mean['weight']:.2f} | {mean['seconds']:.1f} s",
                    flush=True,
                )


if __name__ == "__main__":
    main()
