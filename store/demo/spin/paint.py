"""Coats for surfaces: the flat drawings' cloth, leather, knit and straw, and art laid over them."""

import io
from collections.abc import Callable, Sequence
from functools import lru_cache

import cv2
import numpy as np
import resvg_py
from PIL import Image

from store.demo.drawing.canvas import GLOSS, WRINKLE
from store.demo.drawing.cloth import Cloth
from store.demo.drawing.geometry import Point, Shape, darker, lighter, luminance, path_data, rgb
from store.demo.drawing.light import _noise
from store.demo.drawing.spec import Spec
from store.demo.spin.mesh import Array, Coat, Paint

BOLT = 1024  # side of the piece of cloth that surfaces are cut from, in units


def raster(svg: str) -> Array:
    """(h, w, 4) uint8 of an SVG text."""
    png = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True)
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


def bolt(spec: Spec, color: str, patterned: bool) -> Array:
    """(BOLT, BOLT, 3) float32: the cloth of a garment laid flat, 1 pixel a unit."""
    cloth = Cloth(spec)
    fills = cloth.overlays(color, patterned, 0.0, 1.0, (BOLT / 2, 0.0))
    rect = f'<rect width="{BOLT}" height="{BOLT}" fill='
    body = f'{rect}"{color}"/>' + "".join(f'{rect}"{fill}"/>' for fill in fills)
    defs = "".join(cloth.defs.values())
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{BOLT}" height="{BOLT}">'
    svg = f"{head}<defs>{defs}</defs>{body}</svg>"
    return raster(svg)[..., :3].astype(np.float32)


@lru_cache(maxsize=8)
def _speckle(kind: str) -> Array:
    """(512, 512) float32: fine noise of standard deviation 1 that wraps round."""
    rnd = np.random.default_rng(sum(map(ord, kind)))
    n: Array = rnd.normal(0, 1, (512, 512)).astype(np.float32)
    if kind == "pebble":  # leather's grain: blobs between fine valleys
        n = cv2.GaussianBlur(n, (0, 0), 1.6, borderType=cv2.BORDER_REFLECT)
        n = -np.abs(n / n.std())
    elif kind == "fuzz":
        n = cv2.GaussianBlur(n, (0, 0), 1.0, borderType=cv2.BORDER_REFLECT)
    elif kind == "slub":
        n = cv2.GaussianBlur(n, (0, 0), sigmaX=9, sigmaY=0.7) + cv2.GaussianBlur(
            n.T.copy(), (0, 0), sigmaX=0.7, sigmaY=9
        )
    out: Array = (n - n.mean()) / n.std()
    return out


def _read(image: Array, x: Array, y: Array) -> Array:
    """`image` at x, y, repeated mirror-wise beyond its edges."""
    return cv2.remap(
        image, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )


GRAIN = {
    "leather": ("pebble", 0.008, 0.11),
    "suede": ("fuzz", 0.045, 0.25),
    "wool": ("fuzz", 0.03, 0.22),
    "cashmere": ("fuzz", 0.03, 0.3),
    "linen": ("slub", 0.03, 0.16),
    "canvas": ("slub", 0.016, 0.10),
    "denim": ("slub", 0.04, 0.15),
    "knit": ("fuzz", 0.014, 0.10),
    "straw": ("fuzz", 0.03, 0.3),
    "satin": ("fuzz", 0.004, 0.0),
    "silk": ("fuzz", 0.004, 0.0),
    "rubber": ("fuzz", 0.004, 0.0),
    "metal": ("fuzz", 0.004, 0.0),
}
"""Material: its fine noise, how much it varies in colour and how high it stands, in units."""


def cloth(
    spec: Spec,
    color: str | None = None,
    *,
    material: str | None = None,
    patterned: bool = True,
    wrinkle: float = 1.0,
    gloss: float | None = None,
    seed: int = 0,
    turn: bool = False,
) -> Paint:
    """The garment's own cloth; with a colour, plain cloth of that colour. `turn` lays it sideways."""
    material = material or spec.material
    piece = bolt(spec, color or spec.color, patterned and color is None)
    kind, tint, high = GRAIN.get(material, ("fuzz", 0.015, 0.15))
    shine = GLOSS.get(material, 0.03) if gloss is None else gloss
    soft = _noise("soft")
    much = WRINKLE.get(material, 0.8) * wrinkle

    def paint(points: Array, normal: Array, lengths: Array) -> Coat:
        s, t = lengths[..., 0], lengths[..., 1]
        if turn:
            s, t = t, s
        fine = _read(_speckle(kind), s * 1.0 + 37 * seed, t * 1.0 + 53 * seed)
        rgb_ = _read(piece, s + BOLT / 2, t) * (1 + tint * fine)[..., None]
        relief = high * fine
        if much:
            relief = relief + much * 0.8 * _read(soft, s * 0.5 + 180 + 61 * seed, t * 0.5 + 97 * seed)
        return Coat(rgb_, relief.astype(np.float32), shine)

    return paint


def plain(color: str, gloss: float = 0.1, tint: float = 0.012, high: float = 0.0) -> Paint:
    """One colour, a little uneven."""
    base = np.array(rgb(color), np.float32)

    def paint(points: Array, normal: Array, lengths: Array) -> Coat:
        fine = _read(_speckle("fuzz"), lengths[..., 0] + 11, lengths[..., 1])
        return Coat(base * (1 + tint * fine)[..., None], high * fine if high else None, gloss)

    return paint


def metal(color: str = "#c9a24b") -> Paint:
    """Polished metal."""
    return plain(color, gloss=1.0, tint=0.0)


def rope(color: str, gloss: float = 0.05) -> Paint:
    """A lace or cord: threads that twist round it."""
    base = np.array(rgb(color), np.float32)

    def paint(points: Array, normal: Array, lengths: Array) -> Coat:
        wave = np.sin(lengths[..., 1] * 0.9 + lengths[..., 0] * 0.9)
        return Coat(base * (1 + 0.05 * wave)[..., None], 0.5 * wave, gloss)

    return paint


class Art:
    """Shapes and lines drawn flat, in a frame of the flat drawings' units, to lay over a surface. `rise` is how far
    they stand above it (below, where negative), in units up to 12."""

    def __init__(
        self, x0: float = 0.0, y0: float = 0.0, width: float = 800.0, height: float = 1000.0
    ) -> None:
        """An empty sheet."""
        self.frame = (x0, y0, width, height)
        self.tint: list[str] = []
        self.height: list[str] = []
        self._images: tuple[Array, Array] | None = None

    def fill(self, shape: Shape, color: str, rise: float = 0.0, opacity: float = 1.0) -> "Art":
        """A filled shape."""
        d = path_data(shape)
        self.tint.append(f'<path d="{d}" fill="{color}" opacity="{opacity}"/>')
        self.height.append(f'<path d="{d}" fill="{_gray(rise)}"/>')
        return self

    def line(
        self,
        run: Sequence[Point],
        width: float,
        color: str,
        rise: float = 0.0,
        opacity: float = 1.0,
        dash: str = "",
    ) -> "Art":
        """A line; dashed where `dash` says."""
        d = path_data([list(run)], close=False)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        style = f'fill="none" stroke-width="{width}"{dashes}'
        self.tint.append(f'<path d="{d}" stroke="{color}" opacity="{opacity}" {style}/>')
        if rise:
            self.height.append(f'<path d="{d}" stroke="{_gray(rise)}" {style}/>')
        return self

    def seam(self, run: Sequence[Point], color: str) -> "Art":
        """A seam: a groove with a darker line."""
        return self.line(run, 3.2, ink(color), -2.2, 0.4)

    def sewn(self, run: Sequence[Point], color: str, width: float = 1.9) -> "Art":
        """A row of stitches on cloth of a colour."""
        return self.line(run, 3.4, color, -0.9, 0.0).line(run, width, thread(color), 0.6, 0.95, "6 3.6")

    def add(self, svg: str, rise: float = 0.0) -> "Art":
        """SVG as it is."""
        self.tint.append(svg)
        return self

    def images(self) -> tuple[Array, Array]:
        """(h, w, 4) float32 with colours not multiplied by alpha, and (h, w) relief in units; 1 pixel a unit."""
        if self._images is None:
            x, y, w, h = self.frame
            size = f'width="{w:.0f}" height="{h:.0f}" viewBox="{x} {y} {w} {h}"'
            head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
            flat = raster(head + "".join(self.tint) + "</svg>").astype(np.float32)
            base = f'<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="{_gray(0)}"/>'
            tall: Array = raster(head + base + "".join(self.height) + "</svg>")[..., 0].astype(np.float32)
            tall = np.asarray(cv2.GaussianBlur((tall - 128) / 10, (0, 0), 0.9))
            alpha = flat[..., 3:] / 255
            self._images = np.concatenate([flat[..., :3] * alpha, flat[..., 3:] / 255], -1), tall
        return self._images


def _gray(rise: float) -> str:
    v = int(np.clip(128 + rise * 10, 0, 255))
    return f"#{v:02x}{v:02x}{v:02x}"


def ink(color: str) -> str:
    """A line's colour on cloth of a colour."""
    return darker(color, 0.55) if luminance(color) > 0.13 else "#08080a"


def thread(color: str) -> str:
    """The stitches' colour on cloth of a colour."""
    return darker(color, 0.3) if luminance(color) > 0.5 else lighter(color, 0.3)


Spot = Callable[[Array, Array, Array], tuple[Array, Array, Array | None]]
"""From points, normals and lengths to x, y on a sheet of art, and how much of it shows (None: all)."""


def over(paint: Paint, art: Art, spot: Spot, gloss: float | None = None) -> Paint:
    """`paint` with `art` laid over it; where it covers, `gloss` is its own."""

    def painted(points: Array, normal: Array, lengths: Array) -> Coat:
        coat = paint(points, normal, lengths)
        tint, tall = art.images()
        x, y, show = spot(points, normal, lengths)
        x, y = x - art.frame[0], y - art.frame[1]
        inside = ((x > 0) & (x < art.frame[2] - 1) & (y > 0) & (y < art.frame[3] - 1)).astype(np.float32)
        if show is not None:
            inside = inside * show
        t = _read(tint, x, y) * inside[..., None]
        a = t[..., 3:]
        color = coat.color * (1 - a) + t[..., :3]
        relief = _read(tall, x, y) * inside
        if coat.relief is not None:
            relief = relief + coat.relief
        shine = coat.gloss if gloss is None else coat.gloss * (1 - a[..., 0]) + gloss * a[..., 0]
        return Coat(color, relief, shine)

    return painted


def raised(paint: Paint, height: Callable[[Array, Array, Array], Array]) -> Paint:
    """`paint` with more relief."""

    def painted(points: Array, normal: Array, lengths: Array) -> Coat:
        coat = paint(points, normal, lengths)
        extra = height(points, normal, lengths).astype(np.float32)
        return Coat(coat.color, extra if coat.relief is None else coat.relief + extra, coat.gloss)

    return painted
