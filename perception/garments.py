"""What a photo shows: the garment's category and attributes, read off the network's features by linear heads.

GarmentsError
└── HeadsMissing            the weight file of the heads is not there; `python -m training.train` makes it
"""

import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from safetensors import safe_open

from perception.encoder import WEIGHTS, Features
from prompts import load

Array = np.ndarray
HEADS = WEIGHTS / "heads.safetensors"
NOTHING_BELOW = 0.25  # the head knows no such thing
# Which attributes can apply to which category. An attribute that cannot apply is never told.
SLEEVED = frozenset({"t-shirt", "longsleeve", "shirt", "dress", "outwear"})
HEMMED = frozenset({"dress", "skirt", "pants", "shorts"})
APPLIES = {"sleeve": SLEEVED, "neckline": SLEEVED, "length": HEMMED}
ATTRIBUTES = ("pattern", "sleeve", "neckline", "length", "material")


class GarmentsError(Exception):
    """Base of what recognition raises."""


class HeadsMissing(GarmentsError):
    """The weights of the heads are not installed."""


@dataclass(frozen=True)
class Reading:
    """What the heads say of one photo. `scores`: attribute → value → calibrated probability (category, pattern, …,
    setting). `outside`: leaves beyond the ten → probability by ImageNet. `nothing`: no wearable in sight.
    `finer`: a leaf below the category (sneakers for shoes) and its probability, or None."""

    scores: dict[str, dict[str, float]]
    outside: dict[str, float]
    nothing: bool
    finer: tuple[str, float] | None

    def best(self, attribute: str) -> tuple[str, float]:
        """The likeliest value and its probability."""
        values = self.scores[attribute]
        value = max(values, key=values.__getitem__)
        return value, values[value]

    @property
    def category(self) -> tuple[str, float]:
        """One of the ten classes unless the photo is clearly something else that is worn or carried."""
        value, p = self.best("category")
        if self.outside:
            other = max(self.outside, key=self.outside.__getitem__)
            if self.outside[other] >= _OUTSIDE_AT.get(other, 0.6) and p < 0.97:
                return other, self.outside[other]
        return value, p


# ImageNet's probability from which a photo counts as something outside the ten classes: chosen so that fewer than one
# in 200 training photos of the ten classes is lost (see weights/README.md).
_OUTSIDE_AT = {
    "bag": 0.6,
    "backpack": 0.5,
    "swimwear": 0.6,
    "scarf": 0.75,
    "belt": 0.6,
    "jewellery": 0.5,
    "suit": 0.6,
}


class Heads:
    """Linear heads on the tuned features, each with its classes, temperature and the probability it may speak from."""

    def __init__(self, path: Path = HEADS) -> None:
        if not path.exists():
            raise HeadsMissing(str(path))
        with safe_open(path, "numpy") as f:
            self.meta: dict[str, dict] = json.loads(f.metadata()["heads"])
            self._tensors = {k: f.get_tensor(k).astype(np.float32) for k in f.keys()}  # noqa: SIM118 - not a dict

    def weights(self, head: str) -> tuple[Array, Array]:
        """(1280, classes) and (classes,)."""
        return self._tensors[f"{head}.weight"], self._tensors[f"{head}.bias"]

    def threshold(self, head: str) -> float:
        """The calibrated probability below which the attribute is not told."""
        return float(self.meta[head]["threshold"])

    def probabilities(self, head: str, features: Array) -> dict[str, float]:
        """Value → calibrated probability, from (1280,) tuned features."""
        weight, bias = self.weights(head)
        p = softmax((features @ weight + bias) / float(self.meta[head]["temperature"]))
        return {c: float(v) for c, v in zip(self.meta[head]["classes"], p, strict=True)}

    @cached_property
    def names(self) -> list[str]:
        """The heads there are."""
        return list(self.meta)

    def read(self, features: Features) -> Reading:
        """Everything the heads and ImageNet say of one photo."""
        scores = {head: self.probabilities(head, features.tuned) for head in self.names}
        general = softmax(features.logits)
        groups = _groups()
        outside = {leaf: float(general[list(ids)].sum()) for leaf, ids in groups.outside.items()}
        category, p = max(scores["category"].items(), key=lambda kv: kv[1])
        finer = None
        best = max(groups.finer, key=lambda leaf: general[list(groups.finer[leaf])].sum())
        mass = float(general[list(groups.finer[best])].sum())
        if mass >= 0.4 and _FINER_OF[best] == category:
            finer = (best, mass)
        return Reading(scores, outside, _nothing_wearable(general, p), finer)

    def attention(self, features: Features, category: str) -> Array:
        """(9, 9) where the network saw `category`: class activation map (Zhou et al. 2016)."""
        weight, _ = self.weights("category")
        classes = self.meta["category"]["classes"]
        if category in classes:
            heat = np.tensordot(weight[:, classes.index(category)], features.map, axes=1)
        else:
            heat = features.map.mean(0)
        return np.asarray(heat)


def applies(attribute: str, category: str) -> bool:
    """Whether an attribute makes sense for a category: shoes have no sleeves."""
    return category in APPLIES.get(attribute, {category})


def softmax(x: Array) -> Array:
    """Probabilities from scores, along the last axis."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


_FINER_OF = {
    "jeans": "pants", "cardigan": "longsleeve", "sweatshirt": "longsleeve", "coat": "outwear", "sneakers": "shoes",
    "boots": "shoes", "sandals": "shoes", "loafers": "shoes", "sunhat": "hat",
}  # fmt: skip


@dataclass(frozen=True)
class _Groups:
    outside: dict[str, tuple[int, ...]]
    finer: dict[str, tuple[int, ...]]
    wearable: Array
    foreign: Array


@cache
def _groups() -> _Groups:
    data = load("imagenet")
    wearable, foreign = np.zeros(1000, bool), np.zeros(1000, bool)
    wearable[data["wearable"]] = True
    for first, last in data["living_and_food"]:
        foreign[first : last + 1] = True
    return _Groups(
        {k: tuple(v) for k, v in data["outside"].items()},
        {k: tuple(v) for k, v in data["finer"].items() if v},
        wearable,
        foreign,
    )


def _nothing_wearable(general: Array, category_p: float) -> bool:
    """True when ImageNet is sure of an animal, food, plant or landscape, or of a thing that is not cloth while the
    category head hesitates; or when the head itself has no idea."""
    groups = _groups()
    if category_p < NOTHING_BELOW:
        return True
    foreign, worn = float(general[groups.foreign].sum()), float(general[groups.wearable].sum())
    if foreign > 0.6 and worn < 0.15:
        return True
    return worn < 0.05 and float(general.max()) > 0.5 and category_p < 0.75
