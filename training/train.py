"""Make the weights of perception/weights from a folder of labelled photos.

    python -m training.train --data ../shared/data/clothing

Four fifths of `train` are trained on, the last fifth chooses temperatures and thresholds and gives the attribute
figures; `validation` is only reported on. With `--full` the tail that ships is then trained on all of `train`.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file

from perception.encoder import WEIGHTS, ImageEncoder
from perception.eyes import Eyes
from perception.garments import Heads
from perception.mask import garment_mask
from perception.network import Tail, fold_norms, pretrained
from prompts import taxonomy
from training.colors import Labelled, fit_colors, labelled, mixture
from training.data import LABELS, Photos, load_photos
from training.drawn import accuracy, adapted, drawn_features
from training.heads import Head, nll, save, temperature, threshold
from training.measure import measure
from training.shared import train_shared
from training.tune import Tuned, cache_views, pooled_features, tune
from ui.evals.statistics import wilson

Array = np.ndarray
TOLD_RIGHT = 0.85  # share of the told attributes that shall be right


def say(text: str) -> None:
    """Progress."""
    print(text, flush=True)


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("/tmp/daogou-training"), help="about 2.5 GB")
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--views", type=int, default=12, help="random views of each photo")
    parser.add_argument("--full", action="store_true", help="then train on all of train")
    parser.add_argument("--only", choices=["tail", "colors", "shared"], help="make one part only")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    photos = load_photos(options.data)
    figures: dict[str, object] = {}
    if options.only in (None, "tail"):
        mid, vmid = cache_views(photos, options.cache, options.views, say)
        split = np.random.default_rng(1).permutation(photos.train)
        held = np.sort(split[::5])
        rest = np.setdiff1d(split, held)
        tuned = tune(photos, mid, rest, options.epochs, say)
        torch.save(tuned, options.cache / "tuned.pt")
        heads = calibrated(tuned, photos, pooled_features(tuned, mid[held]).mean(1), held, figures)
        if options.full:
            tuned = tune(photos, mid, np.arange(photos.train), options.epochs, say)
            for head, (weight, bias) in zip(heads.values(), tuned.heads, strict=True):
                head.weight, head.bias = weight, bias
        write(tuned, heads)  # the drawings are looked at through the new tail
        heads["category"] = read_drawings(heads["category"], tuned, photos, (rest, held), mid, figures)
        report_validation(heads["category"], pooled_features(tuned, vmid).mean(1), photos, figures)
        write(tuned, heads)
    if options.only in (None, "tail", "colors"):
        color_figures(photos, figures)
    eyes = Eyes.embedded(options.threads)
    train_shared(options.data, eyes, figures)
    measure(photos, options.data, eyes, figures)
    known = WEIGHTS / "figures.json"
    before = json.loads(known.read_text()) if known.exists() else {}
    known.write_text(json.dumps({**before, **figures}, indent=1) + "\n")
    say(json.dumps(figures, indent=1))


def calibrated(
    tuned: Tuned, photos: Photos, x: Array, held: Array, figures: dict[str, object]
) -> dict[str, Head]:
    """The trained heads with temperature and threshold from the held-out photos, and their figures."""
    heads: dict[str, Head] = {}
    for j, (name, classes) in enumerate((("category", photos.classes), *LABELS.items())):
        head = Head(list(classes), *tuned.heads[j])
        y = photos.y[held] if name == "category" else photos.labels[held, j - 1]
        known = y >= 0
        logits, y = head.logits(x[known]), y[known]
        head.temperature = temperature(logits, y)
        p = np.exp(logits / head.temperature)
        p /= p.sum(1, keepdims=True)
        right = int((p.argmax(1) == y).sum())
        head.threshold = 0.0 if name == "category" else threshold(p, y, TOLD_RIGHT)
        told = p.max(1) >= head.threshold
        figures[f"held_out.{name}"] = {
            "n": len(y), "accuracy": round(right / len(y), 3), "interval": rounded(wilson(right, len(y))),
            "commonest": round(float(np.bincount(y).max() / len(y)), 3), "told": round(float(told.mean()), 3),
            "right_when_told": round(float((p.argmax(1) == y)[told].mean()), 3) if told.any() else None,
            "nll": round(nll(logits / head.temperature, y), 3), "threshold": round(head.threshold, 3),
        }  # fmt: skip
        heads[name] = head
    return heads


def report_validation(head: Head, x: Array, photos: Photos, figures: dict[str, object]) -> None:
    """Accuracy, interval and confusion on `validation`, which nothing was chosen on."""
    y = photos.y[photos.train :]
    guess = head.logits(x).argmax(1)
    right = int((guess == y).sum())
    confusion = np.zeros((len(photos.classes),) * 2, int)
    np.add.at(confusion, (y, guess), 1)
    figures["validation.category"] = {
        "n": len(y), "accuracy": round(right / len(y), 4), "interval": rounded(wilson(right, len(y))),
        "classes": photos.classes, "confusion_rows_true": confusion.tolist(),
    }  # fmt: skip


def read_drawings(
    head: Head,
    tuned: Tuned,
    photos: Photos,
    split: tuple[Array, Array],
    mid: Array,
    figures: dict[str, object],
) -> Head:
    """The category head moved so that it reads drawn garments too. `split`: photos trained on, photos held out."""
    rest, held = split
    drawn = drawn_features(photos.classes, say)
    moved = adapted(head, pooled_features(tuned, mid[rest]).mean(1), photos.y[rest], drawn)
    logits = moved.logits(pooled_features(tuned, mid[held]).mean(1))
    moved.temperature = temperature(logits, photos.y[held])
    figures["drawn.category.photos_only"] = accuracy(head, drawn)
    figures["drawn.category.shipped"] = accuracy(moved, drawn)
    figures["held_out.category.shipped"] = round(float((logits.argmax(1) == photos.y[held]).mean()), 3)
    return moved


def rounded(pair: tuple[float, float]) -> list[float]:
    """Three digits."""
    return [round(v, 3) for v in pair]


def write(tuned: Tuned, heads: dict[str, Head]) -> None:
    """The weight files."""
    tail = Tail(pretrained())
    tail.load_state_dict(tuned.tail)
    fold_norms(tail)
    halves = {k: v.detach().half().contiguous() for k, v in tail.state_dict().items()}
    save_file(halves, WEIGHTS / "tail.safetensors")
    save(heads, WEIGHTS / "heads.safetensors")


def color_figures(photos: Photos, figures: dict[str, object]) -> None:
    """Train the colour head on the labelled photos, as the installed eyes see them, and cross-validate it."""
    encoder, heads = ImageEncoder(1), Heads()
    rows = sorted(photos.colors)
    masks = []
    for n, i in enumerate(rows):
        features = encoder.encode([photos.image(i)])[0]
        category = heads.read(features).best("category")[0]
        masks.append(garment_mask(photos.image(i), heads.attention(features, category)))
        if n % 100 == 0:
            say(f"colours {n}/{len(rows)}")
    data = labelled(masks, [photos.colors[i] for i in rows])
    guess = cross_validated(data)
    names = taxonomy.values("color")
    main_name = np.array([names.index(photos.colors[i][0]) for i in rows])
    right = int((guess.argmax(1) == main_name).sum())
    among = np.mean([names[g] in photos.colors[i] for g, i in zip(guess.argmax(1), rows, strict=True)])
    sure = np.array([i in photos.sure for i in rows])
    figures["cross_validated.color"] = {
        "n": len(rows), "main_exact": round(right / len(rows), 3), "interval": rounded(wilson(right, len(rows))),
        "among_labelled": round(float(among), 3),
        "main_exact_where_labeller_was_sure": round(float((guess.argmax(1) == main_name)[sure].mean()), 3),
    }  # fmt: skip
    head = fit_colors(data)
    arrays = {k: np.ascontiguousarray(getattr(head, k)) for k in ("mean", "std", "w1", "b1", "w2", "b2")}
    save_arrays(arrays, WEIGHTS / "colors.safetensors", metadata={"names": json.dumps(head.names)})


def cross_validated(data: Labelled) -> Array:
    """(n, names): each fifth judged by a head that was fitted on the other four."""
    fold = np.random.default_rng(0).permutation(len(data.shares)) % 5
    out = np.zeros(data.target.shape)
    for f in range(5):
        out[fold == f] = mixture(
            fit_colors(data.take(np.flatnonzero(fold != f))), data.take(np.flatnonzero(fold == f))
        )
    return out


if __name__ == "__main__":
    main()
