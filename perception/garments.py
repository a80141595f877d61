"""What a photo shows: the garment's category and attributes, read off the network's features by linear heads."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from safetensors import safe_open

from perception.encoder import Features, own_weights
from prompts import load

Array = np.ndarray
HEADS = "heads.safetensors"
# Which attributes can apply to which category. An attribute that cannot apply is never told.
SLEEVED = frozenset({"t-shirt", "longsleeve", "shirt", "dress", "outwear"})
HEMMED = frozenset({"dress", "skirt", "pants", "shorts"})
APPLIES = {"sleeve": SLEEVED, "neckline": SLEEVED, "length": HEMMED}
ATTRIBUTES = ("pattern", "sleeve", "neckline", "length", "material")


@dataclass(frozen=True)
class Reading:
    """What the heads say of one photo. `scores`: attribute → value → calibrated probability (category, pattern, …,
    setting). `outside`: leaves beyond the ten → probability by ImageNet. `finer`: a leaf below the category (sneakers
    for shoes) and its probability, or None."""

    scores: dict[str, dict[str, float]]
    outside: dict[str, float]
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
# in 200 training photos of the ten classes is lost.
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
    """Linear heads, each with an attention of its own, its classes, temperature and the probability to speak from."""

    def __init__(self) -> None:
        """Raises WeightsChanged."""
        with safe_open(own_weights(HEADS), "numpy") as f:
            self.meta: dict[str, dict] = json.loads(f.metadata()["heads"])
            self._tensors = {k: f.get_tensor(k).astype(np.float32) for k in f.keys()}  # noqa: SIM118 - not a dict

    @cached_property
    def names(self) -> list[str]:
        """The heads there are."""
        return list(self.meta)

    @cached_property
    def classes(self) -> dict[str, list[str]]:
        """Head → its classes."""
        return {head: list(meta["classes"]) for head, meta in self.meta.items()}

    @property
    def categories(self) -> list[str]:
        """The trained classes, in the order of the network's cells."""
        return list(self.meta["category"]["classes"])

    def threshold(self, head: str) -> float:
        """The calibrated probability below which the attribute is not told."""
        return float(self.meta[head]["threshold"])

    def logits(self, features: Features) -> dict[str, Array]:
        """Head → (classes,) scores: from the mean of the deep map and what its attention picks from both maps."""
        t = self._tensors
        near = (
            softmax(t["attend.deep.weight"] @ features.deep + t["attend.deep.bias"][:, None])
            @ features.deep.T
        )
        fine = softmax(t["attend.middle.weight"] @ features.middle + t["attend.middle.bias"][:, None])
        fine = fine @ features.middle.T
        mean = features.deep.mean(1)
        return {
            head: np.concatenate([mean, near[j], fine[j]]) @ t[f"{head}.weight"] + t[f"{head}.bias"]
            for j, head in enumerate(self.names)
        }

    def scores(self, views: Sequence[Features]) -> dict[str, dict[str, float]]:
        """Attribute → value → calibrated probability, of one garment seen in several views."""
        found = [self.logits(view) for view in views]
        out = {}
        for head, meta in self.meta.items():
            p = softmax(np.mean([logits[head] for logits in found], 0) / float(meta["temperature"]))
            out[head] = {c: float(v) for c, v in zip(meta["classes"], p, strict=True)}
        return out

    @cached_property
    def _readout(self) -> Array:
        """(1280, classes): what a cell of the deep map adds to each class of each head."""
        t, deep = self._tensors, self._tensors["attend.deep.weight"].shape[1]
        return np.concatenate(
            [t[f"{h}.weight"][:deep] + t[f"{h}.weight"][deep : 2 * deep] for h in self.names], 1
        )

    def local(self, cells: Array) -> Array:
        """(n, 1280) cells of the deep map → (n, classes) scores of all heads, side by side: what is seen there."""
        return np.asarray(cells @ self._readout)

    def read(self, views: Sequence[Features]) -> Reading:
        """Everything the heads say of one garment seen in several views, and ImageNet of the first of them."""
        scores = self.scores(views)
        category = max(scores["category"], key=scores["category"].__getitem__)
        chances = softmax(views[0].general)
        outside = {leaf: float(chances[list(ids)].sum()) for leaf, ids in _outside().items()}
        return Reading(scores, outside, finer_kind(category, scores["kind"]))

    def likeness(self, features: Features, category: str | None = None) -> float:
        """How much likelier what ImageNet makes of the picture is for a photo of clothes (or of one category) than for
        any photo: the log of the ratio, where photos of anything are spread evenly over its classes."""
        row = 0 if category is None else 1 + self.categories.index(category)
        return float(
            np.log(softmax(features.general) @ self._tensors["profile"][row] * features.general.size)
        )


def finer_kind(category: str, kinds: Mapping[str, float]) -> tuple[str, float] | None:
    """The likeliest leaf below the category, and its probability among its like; None where the category itself is the
    likeliest."""
    like = {k: p for k, p in kinds.items() if k == category or _FINER_OF.get(k) == category}
    if not like:
        return None
    best = max(like, key=like.__getitem__)
    sure = like[best] / max(sum(like.values()), 1e-9) * min(1.0, sum(like.values()) / 0.5)
    return (best, sure) if best != category else None


def applies(attribute: str, category: str) -> bool:
    """Whether an attribute makes sense for a category: shoes have no sleeves."""
    return category in APPLIES.get(attribute, {category})


def senseless(attribute: str, category: str) -> bool:
    """Whether a category has no such thing: shoes have no sleeves. A shirt has a length, though none is looked for."""
    return not applies(attribute, category) and not (attribute == "length" and category in SLEEVED)


def softmax(x: Array) -> Array:
    """Probabilities from scores, along the last axis."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


_FINER_OF = {
    "jeans": "pants", "leggings": "pants", "joggers": "pants", "sweater": "longsleeve", "cardigan": "longsleeve",
    "hoodie": "longsleeve", "sweatshirt": "longsleeve", "blouse": "shirt", "jacket": "outwear", "coat": "outwear",
    "puffer": "outwear", "vest": "outwear", "sneakers": "shoes", "boots": "shoes", "sandals": "shoes", "heels": "shoes",
    "loafers": "shoes", "cap": "hat", "beanie": "hat",
}  # fmt: skip


@cache
def _outside() -> dict[str, tuple[int, ...]]:
    return {leaf: tuple(ids) for leaf, ids in load("imagenet")["outside"].items()}
