"""Names for the colours of a garment, from its own pixels.

Every pixel of the garment is named by a small network that also knows the light: what the rest of the garment and what
lies around it look like. A white shirt in a dark room and a grey one by the window have the same pixels. The share of a
colour is the share of the pixels that were given its name (a set of pixels, pooled: Zaheer et al. 2017, Deep Sets).
Which colour is the main one is judged together with the network's own opinion of the photo: it knows denim.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from safetensors import safe_open

from perception.encoder import own_weights
from perception.mask import FEW, Mask
from prompts import load

Array = np.ndarray
COLORS = "colors.safetensors"
CLOTH, AROUND = 200, 100  # pixels looked at
SCALE = np.array([50.0, 25.0, 25.0], np.float32)  # CIELAB to about -4..4
LIGHTS = (0.02, 0.25, 0.5, 0.75, 0.98)
# Share of the garment from which a further colour is told: two of three told are right (held out); and the same for a
# neighbour of the main colour, or on a garment without pattern.
FURTHER, ALIKE = 0.2, 0.4


@dataclass(frozen=True)
class Named:
    """A colour of the garment: canonical name and share of its pixels, 0..1."""

    name: str
    share: float


@dataclass(frozen=True)
class Colors:
    """All colours found, the main one first, then by share; `sure`: calibrated probability of the main one."""

    named: list[Named]
    sure: float


class ColorHead:
    """The trained network. Raises WeightsChanged."""

    def __init__(self) -> None:
        with safe_open(own_weights(COLORS), "numpy") as f:
            self._t = {k: f.get_tensor(k).astype(np.float32) for k in f.keys()}  # noqa: SIM118 - not a dict
            self.names: list[str] = json.loads(f.metadata()["names"])
            self._weights: dict[str, float] = json.loads(f.metadata()["weights"])

    def shares(self, cloth: Array, around: Array) -> tuple[Array, Array]:
        """From (n, 3) and (m, 3) pixels, RGB 0..255: the share of each name, and its chance to be the main one by the
        look of the whole."""
        g, b = to_lab(cloth) / SCALE, to_lab(around) / SCALE
        eg, eb = self._embed(g), self._embed(b)
        seen = np.concatenate([eg.mean(0), eg.max(0), eb.mean(0), eb.max(0), statistics(g), statistics(b)])
        context = np.maximum(self._linear("context", seen), 0)
        rows = np.concatenate([g, eg, np.broadcast_to(context, (len(g), len(context)))], 1)
        each = _softmax(self._linear("name", np.maximum(self._linear("pixel", rows), 0)))
        return each.mean(0), _softmax(self._linear("whole", context))

    def main(self, shares: Array, whole: Array, seen: Array) -> Array:
        """Chances of each name to be the main colour. `seen`: the network's own opinion of the photo."""
        w = self._weights
        z = sum(w[k] * np.log(p + 1e-3) for k, p in (("shares", shares), ("whole", whole), ("seen", seen)))
        return _softmax(np.asarray(z))

    def _embed(self, x: Array) -> Array:
        return np.maximum(self._linear("e2", np.maximum(self._linear("e1", x), 0)), 0)

    def _linear(self, layer: str, x: Array) -> Array:
        return np.asarray(x @ self._t[f"{layer}.weight"].T + self._t[f"{layer}.bias"])


def to_lab(rgb: Array) -> Array:
    """(n, 3) sRGB 0..255 to CIELAB: L 0..100, a and b about -110..110."""
    lab = cv2.cvtColor((np.asarray(rgb, np.float32) / 255).reshape(1, -1, 3), cv2.COLOR_RGB2LAB)
    return lab.reshape(-1, 3)


def statistics(lab: Array) -> Array:
    """(12,) mean, spread, lightness quantiles and spread of lightness of (n, 3) scaled CIELAB."""
    spread = lab.std(0, ddof=1)
    return np.concatenate([lab.mean(0), spread, np.quantile(lab[:, 0], LIGHTS), spread[:1]])


def sample(pixels: Array, n: int) -> Array:
    """`n` of the (m, 3) pixels, evenly over the picture; the same for the same pixels."""
    return pixels[np.linspace(0, len(pixels) - 1, n).round().astype(int)]


def main_colors(mask: Mask, head: ColorHead, seen: Mapping[str, float]) -> Colors:
    """The garment's colours. `seen`: the network's own opinion of the main one."""
    cloth = mask.pixels[mask.garment]
    around = mask.pixels[mask.background] if mask.background.sum() >= FEW else mask.pixels.reshape(-1, 3)
    shares, whole = head.shares(sample(cloth, CLOTH), sample(around, AROUND))
    chances = head.main(shares, whole, np.array([seen.get(n, 1e-3) for n in head.names]))
    main = int(chances.argmax())
    order = [main, *(int(i) for i in np.argsort(-shares) if i != main and shares[i] >= 0.02)]
    return Colors([Named(head.names[i], round(float(shares[i]), 3)) for i in order], float(chances[main]))


def keep_main(found: Sequence[Named], plain: bool) -> list[Named]:
    """The colours worth saying: the main one, and of the next two those that cover enough and are not the same cloth in
    another light, as most of what looks like a second colour is. `plain`: whether the garment has no pattern."""
    kept = list(found[:1])
    for colour in found[1:3]:
        alike = any(frozenset((colour.name, k.name)) in _neighbours() for k in kept)
        if (
            colour.share >= (ALIKE if alike or plain else FURTHER)
            and kept[0].name != "multicolour" != colour.name
        ):
            kept.append(colour)
    return kept


@cache
def _neighbours() -> frozenset[frozenset[str]]:
    return frozenset(frozenset(pair) for pair in load("colours")["neighbours"])


def _softmax(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    return np.asarray(e / e.sum(-1, keepdims=True))
