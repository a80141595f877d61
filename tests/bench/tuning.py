"""What `daogou tune` brings on real photos: titles ↔ photos, before and after, for several seeds.

    python -m tests.bench.tuning DIR [--seeds 5]      DIR holds the photos, feed.jsonl and the folder `validation`

Three shops of the same photos, as JSON lines, each product sought among all of its shop:

feed   the products of feed.jsonl, a fifth held out. The eyes, and the projection they come with, were trained on these
       very photos and titles, so "before" knows the answers, too.
new    tuned on feed.jsonl, measured on the photos of `validation`, which nothing was ever fitted on: a shop's next
       delivery. Their titles are written from our labels as those of the feed are.
own    the photos of `validation` as a shop of its own, a fifth held out.

`names`: the untuned way without that projection, from the names of what was seen alone. `ceiling`: recall at 10 of
somebody who knows every title by heart; products called alike cannot be told apart by it.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from perception import shared
from perception.encoder import TextEncoder
from perception.eyes import Eyes
from perception.garments import Heads
from perception.joint import Encoders, Joint
from perception.photo import load_photo
from perception.tuning import judge, measure, train
from perception.tuning.pairs import Pairs, Parts, split
from prompts import taxonomy

LABELS = Path(__file__).parents[2] / "training" / "second_labels.jsonl"
NAMED = {
    "pants": ("trousers", "长裤"),
    "longsleeve": ("long-sleeve top", "长袖上衣"),
    "outwear": ("jacket", "外套"),
}
UNSAID = ("na", "unknown", "other")
ATTRIBUTES = ("pattern", "sleeve", "neckline", "length", "material")
Row = dict[str, Any]


def titled(label: Row) -> Row:
    """A label as a row of the feed: colour, pattern, material, category."""
    kind, color = label["class"], label["colors"][0]
    en, zh = NAMED.get(kind, (taxonomy.word("category", kind, "en"), taxonomy.word("category", kind, "zh")))
    said = {a: label[a] for a in ATTRIBUTES if label[a] not in UNSAID}
    adjectives = [said[a] for a in ("pattern", "material") if said.get(a) not in (None, "plain")]
    pattern = taxonomy.word("pattern", said["pattern"], "zh") if "pattern" in said else ""
    return {
        **said, "image": label["file"], "category": kind, "color": label["colors"],
        "title": " ".join([taxonomy.word("color", color, "en"), *adjectives, en]).capitalize(),
        "title_zh": taxonomy.word("color", color, "zh") + pattern + zh,
    }  # fmt: skip


def pairs(rows: list[Row], seen: dict[str, tuple[np.ndarray, np.ndarray]]) -> Pairs:
    return Pairs(
        titles={"en": [r["title"] for r in rows], "zh": [r["title_zh"] for r in rows]},
        attributes={
            "category": [r["category"] for r in rows],
            "color": [r["color"][0] for r in rows],
            **{a: [r.get(a) for r in rows] for a in ATTRIBUTES},
        },
        details=np.stack([seen[r["image"]][0] for r in rows]),
        shared=np.stack([seen[r["image"]][1] for r in rows]),
        groups=[r["image"] for r in rows],
    )


def by_names(details: np.ndarray, texts: TextEncoder) -> np.ndarray:
    """The photos' vectors from the names of what was seen, without the trained projection."""
    space, classes, colors = (
        shared.SharedSpace(texts, projected=False),
        Heads().classes,
        taxonomy.values("color"),
    )
    out = []
    for row in details.astype(np.float32) ** 2:
        values = iter(row)
        scores = {a: {v: float(next(values)) for v in vs} for a, vs in [*classes.items(), ("color", colors)]}
        out.append(shared.unit(space.by_names(scores)))
    return np.stack(out)


def ceiling(found: Pairs, asked: np.ndarray) -> float:
    """Recall at 10 where the only doubt is between products with the very same title."""
    alike = {
        lang: np.array([found.titles[lang].count(t) for t in found.titles[lang]])[asked]
        for lang in ("en", "zh")
    }
    return float(np.mean([np.mean(1 + (n - 1) / 2 <= 10) for n in alike.values()]))


def shops(feed: list[Row], new: list[Row], seed: int) -> Iterator[tuple[str, list[Row], Parts]]:
    first = split([r["image"] for r in feed], seed)
    yield "feed", feed, first
    learned = np.sort(np.concatenate([first.train, first.held]))
    yield "new", [*feed, *new], Parts(learned, first.stop, len(feed) + np.arange(len(new)))
    yield "own", new, split([r["image"] for r in new], seed)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    args = parser.parse_args()
    feed = [json.loads(line) for line in (args.folder / "feed.jsonl").read_text().splitlines()]
    new = [titled(json.loads(line)) for line in LABELS.read_text().splitlines()]
    eyes = Eyes.embedded()
    images = [load_photo((args.folder / r["image"]).read_bytes()).image for r in [*feed, *new]]
    seen = {}
    for row, image in zip([*feed, *new], images, strict=True):
        seen[row["image"]] = eyes.details([image])[0], eyes.images([image])[1][0]
    texts = TextEncoder()
    encoders = Encoders(texts.encode, texts.encode)
    for seed in range(args.seeds):
        for name, rows, parts in shops(feed, new, seed):
            found = pairs(rows, seen)
            titles = train.encoded(found, encoders, lambda *_: None)
            made = train.fit(found, parts, titles, encoders, eyes.signature, seed, lambda *_: None)
            verdict = judge.judge(found, parts, titles, Joint(made.tensors, made.meta, encoders), seed)
            named = judge.both_ways(found, parts.held, by_names(found.details, texts), titles.base)
            means = {
                way: measure.figures(ranks)["mean"]
                for way, ranks in (("names", named), ("before", verdict.before), ("after", verdict.after))
            }
            print(
                json.dumps(
                    {
                        "shop": name, "seed": seed, "products": len(rows), "held_out": len(parts.held),
                        **means,
                        "ceiling": round(ceiling(found, parts.held), 4),
                        "gain": {k: g.to_json() for k, g in verdict.gain.items()},
                        "kept": verdict.better, "second_look": verdict.second_kept,
                    }
                ),
                flush=True,
            )  # fmt: skip


if __name__ == "__main__":
    main()
