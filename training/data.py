"""The photos and labels that the weights are made from, and the views of them the network trains on."""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from perception.encoder import SIDE
from prompts import taxonomy

Array = np.ndarray
OURS = Path(__file__).parent / "labels.jsonl"  # labelled by eye, by us: the rest of the photos, and kinds
LABELS = {  # attribute → the values that a head may tell
    "pattern": ["plain", "striped", "checked", "floral", "dotted", "graphic", "camouflage", "animal", "colourblock",
                "textured", "other"],
    "sleeve": ["sleeveless", "short", "threequarter", "long"],
    "neckline": ["crew", "vneck", "collar", "hooded", "turtleneck", "scoop", "offshoulder", "straps", "other"],
    "length": ["mini", "knee", "midi", "maxi"],
    "material": ["unknown", "denim", "knit", "leather", "suede", "lace", "satin", "sheer", "fur", "down"],
    "setting": ["flat", "hanger", "other"],
    "kind": ["t-shirt", "longsleeve", "sweater", "cardigan", "hoodie", "sweatshirt", "shirt", "blouse", "jacket",
             "coat", "puffer", "vest", "pants", "jeans", "leggings", "joggers", "shorts", "skirt", "dress",
             "sneakers", "boots", "sandals", "heels", "loafers", "cap", "beanie", "hat"],
    "color": taxonomy.values("color"),
}  # fmt: skip


@dataclass(frozen=True)
class Photos:
    """`files`: train first, then validation; `y`: (n,) class index; `train`: how many are train; `labels`: (n,
    attributes) value index or -1; `colors`: file index → labelled colours, main first; `sure`: file indices labelled
    without doubt; `first`: files that the makers of the folder labelled."""

    root: Path
    files: list[str]
    classes: list[str]
    y: Array
    train: int
    labels: Array
    colors: dict[int, list[str]]
    sure: set[int]
    first: set[str]

    def image(self, i: int) -> Image.Image:
        """The i-th photo, RGB."""
        return Image.open(self.root / self.files[i]).convert("RGB")


def load_photos(root: Path) -> Photos:
    """Read the folder described in its README.md: train/, validation/, attributes.jsonl; and our own labels."""
    paths = [*sorted(root.glob("train/*/*.jpg")), *sorted(root.glob("validation/*/*.jpg"))]
    files = [str(p.relative_to(root)) for p in paths]
    names = [f.split("/")[1] for f in files]
    classes = sorted(set(names))
    labels = np.full((len(files), len(LABELS)), -1)
    colors, sure = {}, set()
    position = {f: i for i, f in enumerate(files)}
    theirs = [json.loads(line) for line in (root / "attributes.jsonl").read_text().splitlines()]
    for row in [*theirs, *map(json.loads, OURS.read_text().splitlines())]:
        i = position[row["file"]]
        if "colors" in row:
            colors[i] = row["colors"]
            if row["sure"]:
                sure.add(i)
        for j, (attribute, values) in enumerate(LABELS.items()):
            if attribute == "color" and "colors" in row:
                labels[i, j] = values.index(row["colors"][0])
            if row.get(attribute) in values:
                labels[i, j] = values.index(row[attribute])
    y = np.array([classes.index(n) for n in names])
    return Photos(root, files, classes, y, sum(f.startswith("train/") for f in files), labels, colors, sure,
                  {row["file"] for row in theirs})  # fmt: skip


def random_view(pixels: Array, where: Array, rng: np.random.Generator, least: float) -> tuple[Array, Array]:
    """A crop (at least the share `least`), turned, stretched, mirrored, in another light: what another shopper's
    snapshot might be; and `where` moved alike. Both SIDE x SIDE."""
    h, w = pixels.shape[:2]
    area = rng.uniform(least, 1.0) * h * w
    aspect = np.exp(rng.uniform(-0.2, 0.2)) * (1.0 if rng.random() < 0.3 else w / h)
    cw, ch = min(np.sqrt(area * aspect), w), min(np.sqrt(area / aspect), h)
    cx, cy = rng.uniform(cw / 2, w - cw / 2 + 1e-3), rng.uniform(ch / 2, h - ch / 2 + 1e-3)
    angle = np.deg2rad(rng.normal(0, 10)) + (rng.choice([-1, 1]) * np.pi / 2 if rng.random() < 0.06 else 0)
    c, s = np.cos(angle), np.sin(angle)
    shear = np.array([[1, rng.normal(0, 0.06)], [0, 1]])
    scale = np.diag([cw / SIDE * (-1 if rng.random() < 0.5 else 1), ch / SIDE])
    a = np.array([[c, -s], [s, c]]) @ shear @ scale
    shift = np.array([cx, cy]) - a @ np.array([SIDE / 2, SIDE / 2])
    matrix = np.hstack([a, shift[:, None]]).astype(np.float32)
    border = int(rng.choice([cv2.BORDER_REFLECT_101, cv2.BORDER_REPLICATE]))

    def moved(picture: Array, how: int) -> Array:
        return cv2.warpAffine(
            picture, matrix, (SIDE, SIDE), flags=how | cv2.WARP_INVERSE_MAP, borderMode=border
        )

    view = moved(pixels, cv2.INTER_LINEAR).astype(np.float32)
    return np.clip(_relight(view, rng), 0, 255), moved(where, cv2.INTER_NEAREST)


def _relight(view: Array, rng: np.random.Generator) -> Array:
    if rng.random() < 0.85:
        view = view * rng.uniform(0.65, 1.35)
        mean = view.mean((0, 1))
        view = (view - mean) * rng.uniform(0.7, 1.3) + mean
        grey = view.mean(2, keepdims=True)
        view = ((view - grey) * rng.uniform(0.3, 1.5) + grey) * rng.uniform(0.88, 1.12, 3)
    if rng.random() < 0.12:
        view = np.repeat(view.mean(2, keepdims=True), 3, axis=2)
    if rng.random() < 0.15:  # cut and kind of a garment do not hang on its dye
        view = view[..., rng.permutation(3)]
    if rng.random() < 0.2:
        view = cv2.GaussianBlur(view, (0, 0), rng.uniform(0.5, 1.8))
    if rng.random() < 0.15:
        view = view + rng.normal(0, rng.uniform(3, 12), view.shape)
    return np.asarray(view)
