"""A product, cut out, put into a painted place: in its light, at a fitting size, with its shadow.

SceneError
└── UnknownScene   no place of that name
"""

import importlib
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageFilter

from prompts import taxonomy
from store.scenes import hanging, paint
from store.scenes.paint import HEIGHT, WIDTH, Array
from store.scenes.setting import Setting

SCENES = ("beach", "office", "street_rain", "dinner", "home", "mountain")
STANDS = ("shoes", "bag", "hat", "belt")  # and what is under them in the tree of categories
CLIPPED = ("pants", "shorts", "skirt")  # held at the waist
# How large things are shown, (width, height) at most in pixels: by kind, as they lie in the hand or hang on a rail.
ROOM = {
    "shoes": (520, 400),
    "bag": (470, 560),
    "hat": (430, 400),
    "belt": (380, 260),
    "scarf": (360, 620),
    "jewellery": (300, 420),
    "shorts": (440, 430),
    "skirt": (480, 560),
    "pants": (420, 720),
    "swimwear": (360, 600),
}
USUAL = (590, 690)
ASKEW = 0.14  # how unlike in height, by its width, the shoulders of a garment on a hanger may be
KIDS = 0.82  # a child's garment against an adult's


class SceneError(Exception):
    """A picture of a product in a scene that cannot be made."""


class UnknownScene(SceneError):
    """No place of that name. `known`: those there are."""

    def __init__(self, name: str) -> None:
        self.name, self.known = name, SCENES
        super().__init__(f"no scene {name!r}; known: {', '.join(SCENES)}")


def stands(category: str) -> bool:
    """Whether a product stands or lies on the ground; everything else hangs."""
    return any(taxonomy.is_a(category, kind) for kind in STANDS)


def compose(cut: Image.Image, category: str, scene: str, kids: bool = False) -> Image.Image:
    """The picture, RGB 800 x 1000, the same for the same arguments. `cut`: the product on a transparent ground, RGBA.
    Raises UnknownScene, and SceneError where the cut-out is empty."""
    if scene not in SCENES:
        raise UnknownScene(scene)
    box = cut.getchannel("A").point(lambda a: 255 * (a > 24)).getbbox()
    if box is None:
        raise SceneError("nothing to show: the cut-out is empty")
    product = cut.crop(box)
    upright = stands(category) or (_is(category, "jewellery") and product.width > product.height)
    place = _setting(scene, upright)
    wide, high = next((size for kind, size in ROOM.items() if _is(category, kind)), USUAL)
    scale = min(wide / product.width, high / product.height) * (KIDS if kids and not upright else 1.0)
    size = (max(round(product.width * scale), 1), max(round(product.height * scale), 1))
    layer = Image.new("RGBA", (WIDTH, HEIGHT))
    x0 = (WIDTH - size[0]) // 2
    y0 = round(place.base) - size[1] if upright else _top(category)
    layer.paste(_sized(product, size), (x0, y0))
    pixels = np.asarray(layer, np.float32) / 255
    alpha = cv2.GaussianBlur(pixels[..., 3], (0, 0), 0.6)
    body = paint.linear(pixels[..., :3])
    spot = (x0, y0, x0 + size[0], y0 + size[1])
    picture = _standing(place, body, alpha, spot) if upright else _hung(place, body, alpha, spot, category)
    return Image.fromarray(paint.finished(picture))


@lru_cache(maxsize=4)
def _setting(scene: str, standing: bool) -> Setting:
    place: Setting = importlib.import_module(f"store.scenes.{scene}").paint_setting(standing)
    return place


def _is(category: str, kind: str) -> bool:
    return category == kind or taxonomy.is_a(category, kind)


def _top(category: str) -> int:
    """Where a hanging product begins."""
    if _is(category, "jewellery"):  # a chain lies over the rail
        return round(hanging.RAIL)
    if _is(category, "scarf"):
        return 112
    return 176 if any(_is(category, kind) for kind in CLIPPED) else 148


def _sized(product: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scaled with its colours weighted by its alpha, so that no fringe of the old ground comes in."""
    rgba = np.asarray(product, np.float32)
    alpha = rgba[..., 3:] / 255
    how = cv2.INTER_AREA if size[0] < product.width else cv2.INTER_CUBIC
    flat = cv2.resize(np.concatenate([rgba[..., :3] * alpha, alpha], -1), size, interpolation=how)
    flat = flat.reshape(size[1], size[0], 4)
    a = np.clip(flat[..., 3:], 0, 1)
    rgb = np.clip(flat[..., :3] / np.maximum(a, 1e-3), 0, 255)
    return Image.fromarray(np.concatenate([rgb, a * 255], -1).round().astype(np.uint8), "RGBA")


def relit(place: Setting, body: Array, alpha: Array) -> Array:
    """The product in the place's light: its colour and strength, brighter on the light's side, a thin bright rim there,
    and the air before it."""
    form = paint.blurred(alpha, 34)
    nx = cv2.Sobel(form, cv2.CV_32F, 1, 0, ksize=5)
    ny = cv2.Sobel(form, cv2.CV_32F, 0, 1, ksize=5)
    scale = max(float(np.abs(nx).max()), 1e-6)
    facing = np.clip((-nx * place.side - 0.5 * ny) / scale, -1, 1)
    tall = 1 - 0.1 * (np.arange(HEIGHT, dtype=np.float32) / HEIGHT - 0.5)[:, None]
    light = 0.5 * place.fill + (0.5 * (1 + 0.55 * facing) * tall)[..., None] * place.key
    out = body * light
    rim = np.clip(alpha - np.roll(paint.blurred(alpha, 1.6), round(-4 * place.side), 1), 0, 1)
    out = out + (0.22 * rim * alpha)[..., None] * place.key * (0.25 + body)
    return out * (1 - place.air) + place.air


def wrapped(picture: Array, body: Array, alpha: Array) -> Array:
    """The product over the picture, the light behind it spilling a little round its edge."""
    behind = paint.blurred(picture, 14)
    edge = np.clip(1 - paint.blurred(alpha, 4), 0, 1) * alpha
    body = body + 0.28 * edge[..., None] * behind
    return paint.mixed(picture, body, alpha)


def _standing(place: Setting, body: Array, alpha: Array, spot: tuple[int, int, int, int]) -> Array:
    x, y = paint.grid()
    x0, y0, x1, y1 = spot
    picture = place.picture.copy()
    high = max(y1 - y0, 1)
    if place.mirror:
        flipped = 2 * y1 - y - 3
        image = cv2.remap(np.dstack([body, alpha]).astype(np.float32), x, flipped, cv2.INTER_LINEAR)
        image = paint.blurred(image, 3.0)
        fade = place.mirror * np.clip(1 - (y - y1) / (0.62 * high), 0, 1) * (y > y1 - 2)
        picture = paint.mixed(picture, image[..., :3] * 0.9, image[..., 3] * fade)
    shade = np.zeros_like(alpha)
    # the shadow that the light throws: the outline, laid on the ground and leaning away from the light
    for reach, soft, strong in ((1.0, 13, 0.5), (0.6, 8, 0.5), (0.25, 4, 0.5)):
        lean, flat = place.low * 0.85 * reach, place.ahead * reach + 0.045 * np.sign(place.ahead)
        up = (y - (y1 - 3)) / flat
        sx = x + place.side * lean * up
        cast = cv2.remap(alpha, sx.astype(np.float32), (y1 - 3 - up).astype(np.float32), cv2.INTER_LINEAR)
        cast = cast * ((up > 0) & (up < high))
        shade = 1 - (1 - shade) * (1 - place.shadow * strong * paint.blurred(cast.astype(np.float32), soft))
    # where it touches the ground no light comes
    foot = alpha * np.clip((y - (y1 - 0.1 * high)) / (0.1 * high), 0, 1)
    bottom = _feet(alpha, y1 - (0.42 if 2 * high < x1 - x0 + high else 0.12) * high)
    for soft, drop, strong in ((9, 5, 0.75), (3, 2, 0.9)):
        touch = np.maximum(np.roll(foot, drop, 0), bottom)
        shade = 1 - (1 - shade) * (1 - min(1.25 * place.shadow, 1.0) * strong * paint.blurred(touch, soft))
    picture = picture * (1 - 0.93 * np.clip(shade, 0, 1))[..., None]
    lit = relit(place, body, alpha)
    # the ground's colour comes back to what stands on it
    ground = place.picture[min(y1 + 30, HEIGHT - 1), max(x0, 0) : min(x1, WIDTH)].mean(0)
    near = np.clip((y - (y1 - 0.4 * high)) / (0.4 * high), 0, 1)[..., None]
    lit = lit * (1 - 0.3 * near) + 0.3 * near * body * (0.35 + 0.9 * ground)
    return wrapped(picture, lit, alpha)


def _feet(alpha: Array, above: float) -> Array:
    """(h, w) 0..1: a thin line along the product's underside, as far as it is near the ground."""
    on = alpha > 0.5
    last = HEIGHT - 1 - np.argmax(on[::-1], 0)
    line = np.zeros_like(alpha)
    for column in np.flatnonzero(on.any(0)):
        if last[column] > above:
            line[max(last[column] - 3, 0) : last[column] + 5, column] = 1
    return line


def _hung(place: Setting, body: Array, alpha: Array, spot: tuple[int, int, int, int], category: str) -> Array:
    x0, y0, x1, y1 = spot
    middle = (x0 + x1) / 2
    behind: list[hanging.Layer] = [hanging.rail(place.rail)]
    before: list[hanging.Layer] = []
    inside = alpha > 0.5
    column = inside[:, round(middle)]
    neck = float(np.argmax(column)) if column.any() else float(y0)
    if any(_is(category, kind) for kind in CLIPPED):
        row = np.flatnonzero(inside[min(y0 + 10, HEIGHT - 1)])
        left, right = (float(row[0]), float(row[-1])) if len(row) else (float(x0), float(x1))
        bar, grips = hanging.clips(left, right, float(y0))
        behind += [hanging.hook(middle, y0 - 22), bar]
        before.append(grips)
    elif _is(category, "jewellery"):
        pass
    elif _is(category, "scarf"):
        behind.append(hanging.hook(middle, neck + 14))
    else:
        ends = [_shoulder(inside, x0, x1, side) for side in (0, 1)]
        if abs(ends[0][1] - ends[1][1]) > ASKEW * (x1 - x0):  # photographed askew: by its highest point
            behind.append(
                hanging.hook(float(np.flatnonzero(inside[inside.any(1).argmax()]).mean()), y0 + 16.0)
            )
        else:
            drop = max(min(neck, y0 + 0.16 * (y1 - y0)), y0)
            behind += [hanging.shoulders(middle, drop + 12, *ends), hanging.hook(middle, drop + 14)]
    light = 0.5 * place.fill + 0.55 * place.key
    picture = place.picture.copy()
    whole = alpha.copy()
    for _, a in (*behind, *before):
        whole = np.maximum(whole, a)
    if place.wall:
        dx, dy = round(-46 * place.side), 40
        thrown = 0.55 * paint.blurred(_moved(whole, dx, dy), 9) + 0.45 * paint.blurred(
            _moved(whole, dx // 3, dy // 3), 16
        )
        picture = picture * (1 - 0.62 * place.shadow * thrown)[..., None] + 0.0
    for colours, a in behind:
        picture = paint.mixed(picture, colours * light, a)
    # the garment shades what it hangs on
    picture = wrapped(picture, relit(place, body, alpha), alpha)
    for colours, a in before:
        near = paint.blurred(_moved(a, round(-3 * place.side), 4), 4) * alpha
        picture = paint.mixed(picture * (1 - 0.4 * near)[..., None], colours * light, a)
    return picture


def _moved(mask: Array, dx: int, dy: int) -> Array:
    shift = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    return np.asarray(cv2.warpAffine(mask, shift, (mask.shape[1], mask.shape[0])))


def _shoulder(inside: Array, x0: int, x1: int, side: int) -> tuple[float, float]:
    """Where a garment's shoulder lies: the end of its upper edge before the sleeve falls away."""
    wide = x1 - x0
    span = (x0 + round(0.2 * wide), x0 + round(0.42 * wide))
    if side:
        span = (x1 - round(0.42 * wide), x1 - round(0.2 * wide))
    part = inside[:, span[0] : max(span[1], span[0] + 1)]
    tops = np.where(part.any(0), part.argmax(0), HEIGHT)
    outer = 0 if not side else len(tops) - 1
    limit = int(tops.min()) + 0.16 * wide
    order = range(len(tops)) if not side else range(len(tops) - 1, -1, -1)
    found = next((k for k in order if tops[k] <= limit), outer)
    return float(span[0] + found), float(tops[found])


def framed(photo: Image.Image, scene: str) -> Image.Image:
    """The photo as it is, as a print on a card before the scene out of focus: for what cannot be cut out well. RGB,
    800 x 1000. Raises UnknownScene."""
    if scene not in SCENES:
        raise UnknownScene(scene)
    place = _setting(scene, False)
    picture = paint.blurred(place.picture, 10) * 0.92
    image = photo.convert("RGB")
    room = (WIDTH - 220, HEIGHT - 260)
    scale = min(room[0] / image.width, room[1] / image.height)
    size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    image = image.resize(size, Image.Resampling.LANCZOS)
    rim = 26
    card = Image.new("RGB", (size[0] + 2 * rim, size[1] + 2 * rim), (250, 248, 243))
    card.paste(image, (rim, rim))
    x0, y0 = (WIDTH - card.width) // 2, (HEIGHT - card.height) // 2
    mask = Image.new("L", (WIDTH, HEIGHT), 0)
    mask.paste(255, (x0, y0, x0 + card.width, y0 + card.height))
    shadow = np.asarray(mask.filter(ImageFilter.GaussianBlur(18)), np.float32) / 255
    picture = picture * (1 - 0.5 * _moved(shadow, round(-14 * place.side), 20))[..., None]
    out = Image.fromarray(paint.finished(picture))
    out.paste(card, (x0, y0))
    return out
