"""A small software renderer: textures and occlusion are worked out once, then each frame is one pass of a z-buffer.

Light stands still with the camera, so a frame needs a surface's colour and where its normal points: a look-up.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from store.demo.drawing.studio import _backdrop as ground
from store.demo.spin.mesh import Array, Model, Patch, normals

OVER = 2  # frames are drawn at this many times their size
FAR = 7.0  # the camera's distance, in radii of the product
DIRECTIONS = 56  # of the sky, for occlusion
SKY = 144  # side of a depth picture seen from one of them, in pixels


@dataclass
class Scene:
    """A model ready to be drawn: vertices, triangles and their places in the atlas of colours and of normals."""

    points: Array  # (n, 3) float32
    faces: Array  # (m, 3) int32
    places: Array  # (n, 3) float32: u, v in 0..1 and whether mirrored
    color: Array  # (H, W, 4) uint8: rgb and gloss
    bent: Array  # (H, W, 4) int16: normal and openness, times 32767
    shade: Array  # (s, s) float32: darkness of the floor, 0..1
    reach: float  # the floor's picture spans -reach..reach in x and z
    radius: float
    middle: Array  # (3,)


def _spread(size: int, n: int) -> Array:
    """(size, n): the matrix that reads `size` even places between the first and last of n values, Catmull-Rom."""
    m = np.zeros((size, n), np.float32)
    t = np.linspace(0, n - 1, size)
    i = np.minimum(t.astype(int), n - 2)
    f = t - i
    rows = np.arange(size)
    f2, f3 = f * f, f * f * f
    for k, w in (
        (-1, -0.5 * f + f2 - 0.5 * f3),
        (0, 1 - 2.5 * f2 + 1.5 * f3),
        (1, 0.5 * f + 2 * f2 - 1.5 * f3),
        (2, -0.5 * f2 + 0.5 * f3),
    ):
        np.add.at(m, (rows, np.clip(i + k, 0, n - 1)), w)
    return m


def _spread_linear(size: int, n: int) -> Array:
    m = np.zeros((size, n), np.float32)
    t = np.linspace(0, n - 1, size)
    i = np.minimum(t.astype(int), n - 2)
    m[np.arange(size), i] = 1 - (t - i)
    m[np.arange(size), i + 1] += t - i
    return m


def _grown(field: Array, rows: Array, columns: Array) -> Array:
    """(h, w, k): a field on a grid (r, c, k), at texture size."""
    r, c, k = field.shape
    half = (rows @ field.reshape(r, c * k)).reshape(-1, c, k)
    out: Array = np.matmul(columns, half)
    return out


def _lengths(grid: Array) -> tuple[Array, Array]:
    """How far each point of a grid lies along its row, from the row's middle, and along its column, from the top."""
    across = np.linalg.norm(np.diff(grid, axis=1), axis=-1)
    s = np.concatenate([np.zeros((len(grid), 1)), np.cumsum(across, 1)], 1)
    down = np.linalg.norm(np.diff(grid, axis=0), axis=-1)
    t = np.concatenate([np.zeros((1, grid.shape[1])), np.cumsum(down, 0)], 0)
    return (s - s[:, -1:] / 2).astype(np.float32), t.astype(np.float32)


def _textured(patch: Patch, open_: Array, fine: float) -> tuple[Array, Array]:
    """Colour with gloss (h, w, 4) uint8, and normal with openness (h, w, 4) int16, of one patch."""
    grid = patch.grid
    s, t = _lengths(grid)
    width = int(np.clip((s[:, -1] - s[:, 0]).max() * patch.density * fine, 8, 1800)) + 1
    height = int(np.clip(t[-1].max() * patch.density * fine, 8, 1400)) + 1
    rows, columns = _spread_linear(height, grid.shape[0]), _spread_linear(width, grid.shape[1])
    n = normals(grid, patch.closed)
    fields = np.concatenate([grid, n, s[..., None], t[..., None], open_[..., None]], -1).astype(np.float32)
    big = _grown(fields, rows, columns)
    points, normal, lengths, clear = big[..., :3], big[..., 3:6], big[..., 6:8], big[..., 8]
    coat = patch.paint(points, normal, lengths)
    if coat.relief is not None:
        step_u = np.maximum(np.abs(np.gradient(lengths[..., 0], axis=1)), 0.05)
        step_v = np.maximum(np.abs(np.gradient(lengths[..., 1], axis=0)), 0.05)
        hu = np.clip(np.gradient(coat.relief, axis=1) / step_u, -1.4, 1.4)
        hv = np.clip(np.gradient(coat.relief, axis=0) / step_v, -1.4, 1.4)
        du = np.gradient(grid, axis=1)
        dv = np.gradient(grid, axis=0)
        du /= np.maximum(np.linalg.norm(du, axis=-1, keepdims=True), 1e-6)
        dv /= np.maximum(np.linalg.norm(dv, axis=-1, keepdims=True), 1e-6)
        both = _grown(np.concatenate([du, dv], -1).astype(np.float32), rows, columns)
        normal = normal - hu[..., None] * both[..., :3] - hv[..., None] * both[..., 3:]
        # a hollow of the relief gets less of the sky
        deep = coat.relief - cv2.GaussianBlur(coat.relief.astype(np.float32), (0, 0), 5)
        clear = clear * (1 + np.clip(deep * 0.09, -0.35, 0.12))
    normal = normal / np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
    color = np.empty((height, width, 4), np.uint8)
    color[..., :3] = np.clip(coat.color, 0, 255)
    color[..., 3] = np.clip(np.asarray(coat.gloss) * 255, 0, 255)
    bent = np.empty((height, width, 4), np.int16)
    bent[..., :3] = normal * 32000
    bent[..., 3] = np.clip(clear, 0, 1) * 32000
    return color, bent


def _calm(open_: Array, closed: bool) -> Array:
    """Openness without the noise of the few directions it was asked from."""
    if min(open_.shape) < 5:
        return open_
    wide = np.concatenate([open_[:, -4:-1], open_, open_[:, 1:4]], 1) if closed else open_
    soft = cv2.GaussianBlur(wide.astype(np.float32), (0, 0), 1.2, borderType=cv2.BORDER_REPLICATE)
    return soft[:, 3:-3] if closed else soft


def _packed(sizes: list[tuple[int, int]], width: int) -> tuple[list[tuple[int, int]], int]:
    """Places (y, x) of rectangles (h, w) on shelves, and the height that they need."""
    places: list[tuple[int, int]] = [(0, 0)] * len(sizes)
    x = y = shelf = 0
    for k in sorted(range(len(sizes)), key=lambda i: -sizes[i][0]):
        h, w = sizes[k]
        if x + w + 2 > width:
            x, y, shelf = 0, y + shelf, 0
        places[k] = (y, x)
        x += w + 2
        shelf = max(shelf, h + 2)
    return places, y + shelf


def _triangles(rows: int, columns: int, first: int) -> Array:
    i = np.arange(rows * columns).reshape(rows, columns) + first
    a, b, c, d = i[:-1, :-1].ravel(), i[1:, :-1].ravel(), i[1:, 1:].ravel(), i[:-1, 1:].ravel()
    return np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32)


def _settings(culled: bool) -> cv2.TriangleRasterizeSettings:
    s = cv2.TriangleRasterizeSettings()
    s.setShadingType(cv2.RASTERIZE_SHADING_SHADED)
    s.setCullingMode(cv2.RASTERIZE_CULLING_CCW if culled else cv2.RASTERIZE_CULLING_NONE)
    return s


def _sky() -> Array:
    """(DIRECTIONS, 3): directions spread evenly over the whole sphere."""
    k = np.arange(DIRECTIONS) + 0.5
    y = 1 - 2 * k / DIRECTIONS
    a = k * math.pi * (3 - math.sqrt(5))
    r = np.sqrt(1 - y * y)
    return np.stack([r * np.cos(a), y, r * np.sin(a)], 1)


def _looking(direction: Array, middle: Array, distance: float) -> Array:
    """(4, 4): the matrix that brings the world before a camera which looks at `middle` from `direction`."""
    up = np.array([0.0, 1.0, 0.0]) if abs(direction[1]) < 0.95 else np.array([1.0, 0.0, 0.0])
    x = np.cross(up, direction)
    x /= np.linalg.norm(x)
    m = np.eye(4)
    m[:3, :3] = np.stack([x, np.cross(direction, x), direction])
    m[:3, 3] = -m[:3, :3] @ middle
    m[2, 3] -= distance
    return m


def _openness(
    points: Array, normal: Array, faces: Array, middle: Array, radius: float, floor: float
) -> Array:
    """(n,): the share of the sky over each point, weighted by its normal, that nothing of the model hides. Faces are
    tested; the floor takes what comes from below, less with height."""
    distance = 30 * radius
    fov = 2 * math.atan(1.06 / 30)
    total = np.zeros(len(points), np.float32)
    free = np.zeros(len(points), np.float32)
    start = points + normal * np.float32(0.006 * radius)
    above = np.clip((points[:, 1] - floor) / (0.35 * radius), 0, 1)
    none = np.zeros((SKY, SKY, 3), np.float32)
    colors = np.zeros_like(points)
    for d in _sky():
        weight = np.clip(normal @ d.astype(np.float32), 0, None)
        m = _looking(d, middle, distance)
        depth = np.full((SKY, SKY), 1e6, np.float32)
        cv2.triangleRasterize(
            points, faces, colors, none, depth, m.astype(np.float32), fov, 1.0, 2e6, _settings(False)
        )
        seen = start @ m[:3, :3].T.astype(np.float32) + m[:3, 3].astype(np.float32)
        scale = SKY / 2 / math.tan(fov / 2)
        px = np.clip((SKY / 2 + seen[:, 0] / -seen[:, 2] * scale).astype(int), 0, SKY - 1)
        py = np.clip((SKY / 2 - seen[:, 1] / -seen[:, 2] * scale).astype(int), 0, SKY - 1)
        clear = np.clip((depth[py, px] + seen[:, 2]) / (0.012 * radius) + 1.0, 0, 1)
        if d[1] < 0:
            weight = weight * 0.6
            clear = clear * (0.25 + 0.75 * above)
        total += weight
        free += weight * clear
    return np.clip(np.where(total > 0, free / np.maximum(total, 1e-6), 1.0) * 1.2, 0, 1)


def prepared(model: Model, fine: float = 1.0) -> Scene:
    """Work out everything that does not change from frame to frame; textures have `fine` pixels a unit."""
    grids = [p.grid for p in model.patches]
    counts = np.cumsum([0] + [g.shape[0] * g.shape[1] for g in grids])
    points = np.concatenate([g.reshape(-1, 3) for g in grids]).astype(np.float32)
    normal = np.concatenate([normals(p.grid, p.closed).reshape(-1, 3) for p in model.patches])
    faces = np.concatenate(
        [_triangles(g.shape[0], g.shape[1], first) for g, first in zip(grids, counts[:-1], strict=True)]
    )
    one = len(points)
    both, all_faces = points, faces
    if model.pair:
        other = points * np.array([1, 1, -1], np.float32) + np.array(model.pair, np.float32)
        both = np.concatenate([points, other])
        all_faces = np.concatenate([faces, faces[:, ::-1] + one]).astype(np.int32)
    shift = (both.min(0) + both.max(0)) / 2 * np.array([1, 0, 1], np.float32)
    both = both - shift
    low, high = both.min(0), both.max(0)
    middle = np.array([0, (low[1] + high[1]) / 2, 0], np.float32)
    radius = float(np.linalg.norm(both - middle, axis=1).max())
    floor = -model.lift
    reach = radius * 1.5
    side = 96
    g = np.linspace(-reach, reach, side, dtype=np.float32)
    gx, gz = np.meshgrid(g, g)
    plane = np.stack([gx, np.full_like(gx, floor), gz], -1).reshape(-1, 3)
    asked = np.concatenate([both, plane])
    bent_normals = np.concatenate(
        [normal, normal * np.array([1, 1, -1], np.float32)] if model.pair else [normal]
    )
    asked_normals = np.concatenate(
        [bent_normals, np.tile(np.array([[0, 1, 0]], np.float32), (len(plane), 1))]
    )
    open_ = _openness(asked, asked_normals, all_faces, middle, radius, floor)
    shade = 1 - open_[len(both) :].reshape(side, side)
    shade = cv2.GaussianBlur(np.clip(shade - 0.03, 0, 1), (0, 0), 3.2)
    near = both[both[:, 1] < floor + 0.05 * radius]
    spots, _, _ = np.histogram2d(near[:, 2], near[:, 0], side, [[-reach, reach], [-reach, reach]])
    touch = cv2.morphologyEx((spots > 0).astype(np.float32), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    shade = 1 - (1 - shade) * (1 - 0.55 * cv2.GaussianBlur(touch, (0, 0), 1.3))
    edge = np.clip((1 - np.hypot(gx, gz) / reach) * 4, 0, 1)
    textures = [
        _textured(p, _calm(open_[a:b].reshape(p.grid.shape[:2]), p.closed), fine)
        for p, a, b in zip(model.patches, counts[:-1], counts[1:], strict=True)
    ]
    width = max(2048, max(c.shape[1] for c, _ in textures) + 2)
    spots, height = _packed([c.shape[:2] for c, _ in textures], width)
    color = np.zeros((height, width, 4), np.uint8)
    bent = np.zeros((height, width, 4), np.int16)
    places = []
    for (c, b), (y, x), grid in zip(textures, spots, grids, strict=True):
        h, w = c.shape[:2]
        color[y : y + h, x : x + w] = c
        bent[y : y + h, x : x + w] = b
        r, k = grid.shape[:2]
        vv, uu = np.meshgrid(
            (y + np.linspace(0, h - 1, r)) / height, (x + np.linspace(0, w - 1, k)) / width, indexing="ij"
        )
        places.append(np.stack([uu, vv, np.zeros_like(uu)], -1).reshape(-1, 3))
    place = np.concatenate(places).astype(np.float32)
    if model.pair:
        mirrored = place.copy()
        mirrored[:, 2] = 1
        place = np.concatenate([place, mirrored])
    return Scene(
        both.astype(np.float32),
        all_faces,
        place,
        color,
        bent,
        shade * edge * (0.5 if model.lift else 1.0),
        reach,
        radius,
        middle,
    )


def _unit(x: float, y: float, z: float) -> Array:
    v = np.array([x, y, z])
    return v / np.linalg.norm(v)


def _lights(size: int = 256) -> tuple[Array, Array]:
    """By a normal's x and y before the camera: light (size, size) and shine (size, size, 2: broad, sharp)."""
    g = np.linspace(-1, 1, size)
    x, y = np.meshgrid(g, g)
    r = np.minimum(np.hypot(x, y), 0.9999)
    z = np.sqrt(1 - r * r)
    n = np.stack([x, y, z], -1)
    key, fill, rim = _unit(-0.55, 0.62, 0.62), _unit(0.8, 0.15, 0.5), _unit(0.75, 0.5, -0.35)
    soft = lambda d, w: np.clip((n @ d + w) / (1 + w), 0, None)  # noqa: E731
    light = 0.47 + 0.09 * y + 0.68 * soft(key, 0.22) + 0.15 * soft(fill, 0.3) + 0.16 * soft(rim, 0.0) ** 2

    def spark(d: Array, power: float) -> Array:
        half = _unit(*(d + np.array([0, 0, 1.0])))
        return np.clip(n @ half, 0, None) ** power

    broad = 0.75 * spark(key, 14) + 0.22 * spark(fill, 10) + 0.5 * (1 - z) ** 3
    sharp = 0.9 * spark(key, 90) + 0.25 * spark(fill, 60) + 0.35 * (1 - z) ** 4
    return light.astype(np.float32), np.stack([broad, sharp], -1).astype(np.float32)


def _view(scene: Scene, angle: float, tilt: float, drop: float, distance: float) -> Array:
    """(4, 4): the world before the camera, the product turned to its left by `angle` radians."""
    c, s = math.cos(angle), math.sin(angle)
    turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    a = math.radians(tilt)
    look = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]])
    m = np.eye(4)
    m[:3, :3] = look @ turn
    m[:3, 3] = look @ (turn @ -scene.middle)
    m[1, 3] += drop
    m[2, 3] -= distance
    return m


def _framed(scene: Scene, model: Model, count: int, width: int, height: int) -> tuple[float, float]:
    """Pixels a unit at the product's distance, and the shift up in units, that keep every frame in the picture."""
    distance = FAR * scene.radius
    some = scene.points[:: max(len(scene.points) // 6000, 1)]
    left, low, high = 0.0, math.inf, -math.inf
    for k in range(count):
        m = _view(scene, 2 * math.pi * k / count, model.tilt, 0.0, distance)
        seen = some @ m[:3, :3].T + m[:3, 3]
        x, y = seen[:, 0] / -seen[:, 2] * distance, seen[:, 1] / -seen[:, 2] * distance
        left = max(left, float(np.abs(x).max()))
        low, high = min(low, float(y.min())), max(high, float(y.max()))
    scale = min(width * 0.86 / (2 * left), height * 0.84 / (high - low))
    return min(scale, 1.35 * width / 800), -(low + high) / 2


def drawn(model: Model, count: int, width: int, height: int, backdrop: str) -> Iterator[Image.Image]:
    """The frames of a full turn, front first, turning to the product's left: RGB of width x height."""
    scene = prepared(model, min(max(width / 480, 0.25), 1.5))
    scale, drop = _framed(scene, model, count, width, height)
    distance = FAR * scene.radius
    w, h = width * OVER, height * OVER
    fov = 2 * math.atan(height / 2 / (scale * distance))
    light, shine = _lights()
    room = ground(backdrop, width, height, True)
    floor_x, floor_z, on_floor = _floor(scene, model, drop, distance, scale, width, height)
    for k in range(count):
        angle = 2 * math.pi * k / count
        m = _view(scene, angle, model.tilt, drop, distance)
        place = np.zeros((h, w, 3), np.float32)
        depth = np.full((h, w), 1e6, np.float32)
        cv2.triangleRasterize(
            scene.points,
            scene.faces,
            scene.places,
            place,
            depth,
            m.astype(np.float32),
            fov,
            1.0,
            2e6,
            _settings(True),
        )
        inside = depth < 9e5
        lines, cols = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
        y0, y1 = lines[0] // OVER * OVER, -(-(lines[-1] + 1) // OVER) * OVER
        x0, x1 = cols[0] // OVER * OVER, -(-(cols[-1] + 1) // OVER) * OVER
        box = (slice(y0, y1), slice(x0, x1))
        lit: Array = _lit(scene, place[box], m, light, shine)
        cover: Array = inside[box].astype(np.float32)
        lit *= cover[..., None]
        size = ((x1 - x0) // OVER, (y1 - y0) // OVER)
        lit = cv2.resize(lit, size, interpolation=cv2.INTER_AREA)
        cover = cv2.resize(cover, size, interpolation=cv2.INTER_AREA)[..., None]
        c, s = math.cos(angle), math.sin(angle)
        gx = (c * floor_x - s * floor_z) / scene.reach * 47.5 + 47.5
        gz = (s * floor_x + c * floor_z) / scene.reach * 47.5 + 47.5
        dark = cv2.remap(scene.shade, gx, gz, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
        picture = room * (1 - 0.9 * (dark * on_floor)[..., None] * np.array([0.95, 0.97, 1.0], np.float32))
        part = (slice(y0 // OVER, y1 // OVER), slice(x0 // OVER, x1 // OVER))
        picture[part] = picture[part] * (1 - cover) + lit * 255
        yield Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def _lit(scene: Scene, place: Array, m: Array, light: Array, shine: Array) -> Array:
    """(h, w, 3) float32 0..1: the colours of what is seen, lit."""
    height, width = scene.color.shape[:2]
    u, v = place[..., 0] * width, place[..., 1] * height
    skin = cv2.remap(scene.color, u, v, cv2.INTER_LINEAR).astype(np.float32) * (1 / 255)
    bent = cv2.remap(scene.bent, u, v, cv2.INTER_LINEAR).astype(np.float32) * (1 / 32000)
    x, y, z, clear = cv2.split(bent)
    z = z * (1 - 2 * place[..., 2])
    r = m[:3, :3].astype(np.float32)
    nx = r[0, 0] * x + r[0, 1] * y + r[0, 2] * z
    ny = r[1, 0] * x + r[1, 1] * y + r[1, 2] * z
    at = ((nx + 1) * 127.5, (ny + 1) * 127.5)
    lamp: Array = cv2.remap(light, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    sparks = cv2.remap(shine, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    lamp *= 0.30 + 0.70 * clear
    gloss = skin[..., 3]
    shiny = (sparks[..., 0] * (0.05 + 0.24 * gloss) + sparks[..., 1] * gloss * gloss * 0.75) * clear
    color = skin[..., :3]
    out: Array = color * np.minimum(lamp, 1.0)[..., None]
    out += (1 - color) * (np.maximum(lamp - 1, 0) * 0.4)[..., None]
    out += (1 - out) * shiny[..., None]
    return np.clip(out, 0, 1)


def _floor(
    scene: Scene, model: Model, drop: float, distance: float, scale: float, width: int, height: int
) -> tuple[Array, Array, Array]:
    """Where each pixel's ray meets the floor (x and z of the room), and whether it does."""
    a = math.radians(model.tilt)
    px, py = np.meshgrid(np.arange(width) + 0.5 - width / 2, height / 2 - np.arange(height) - 0.5)
    ray = np.stack([px, py, np.full_like(px, -scale * distance)], -1) / (scale * distance)
    eye = np.array([0, -drop, distance])
    back = np.array([[1, 0, 0], [0, math.cos(a), math.sin(a)], [0, -math.sin(a), math.cos(a)]])
    ray, eye = ray @ back.T, back @ eye
    level = -model.lift - scene.middle[1]
    down = np.minimum(ray[..., 1], -1e-4)
    t = (level - eye[1]) / down
    x, z = eye[0] + t * ray[..., 0], eye[2] + t * ray[..., 2]
    return x.astype(np.float32), z.astype(np.float32), (ray[..., 1] < -1e-4).astype(np.float32)
