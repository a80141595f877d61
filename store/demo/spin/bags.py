"""Bags in the round: the flat drawing's front on a filled body, with straps, handles, chains and zips of their own."""

from collections.abc import Callable

import numpy as np

from store.demo.drawing.geometry import darker
from store.demo.drawing.spec import Spec
from store.demo.spin.flat import Skin, skin, wearing
from store.demo.spin.footwear import bar
from store.demo.spin.mesh import Array, Model, Paint, lid, spline, swept
from store.demo.spin.paint import Art, _read, cloth, metal, over, plain

GOLD = "#c9a24b"
AROUND = 96


def _body(
    s: Skin,
    depth: Callable[[Array], Array],
    *,
    square: float,
    rows: int,
    bulge: float,
    start: float = 0.0,
    end: float = 1.0,
) -> Array:
    """(rows, AROUND + 1, 3): rings from the floor up; `depth` gives half the depth over 0..1 of the height."""
    t = np.linspace(start, end, rows)
    t = t + 0.5 * (np.sin(np.pi * (t - 0.5)) / 2 + 0.5 - t)  # closer rings where top and bottom turn
    inset = 0.004 * (s.low - s.top)
    y = np.clip(s.low - t * (s.low - s.top), s.top + inset, s.low - inset)
    mid, half = s.extent(y)
    b = depth(t)
    a = np.linspace(0, 2 * np.pi, AROUND + 1)
    c, q = np.cos(a), np.sin(a)
    c, q = np.sign(c) * np.abs(c) ** (2 / square), np.sign(q) * np.abs(q) ** (2 / square)
    x = mid[:, None] - 400 + half[:, None] * c
    z = b[:, None] * q
    high = np.broadcast_to((s.low - y)[:, None], x.shape)
    px, py = s.spot(400 + x, s.low - high)
    z = z + np.where(q > 0, bulge * _read(s.volume, px, py) * np.clip(q * 1.6 - 0.5, 0, 1), 0)
    grid: Array = np.stack([x, high, z], -1)
    grid[:, -1] = grid[:, 0]
    return grid.astype(np.float32)


def _pillow(deep: float, top: float, power: float = 5.0) -> Callable[[Array], Array]:
    """Half depths of a filled bag: `deep` below, `top` above, closing at both ends."""
    return lambda t: (
        (deep + (top - deep) * t) * np.clip(1 - np.abs(2 * t - 1) ** power, 1e-14, None) ** (1 / power)
    )


def _piping(m: Model, body: Array, paint: Paint, width: float, front: bool = True) -> None:
    """A cord along the seam between a bag's front (or back) and its sides."""
    k = AROUND // 8 if front else -AROUND // 8 - 1
    j = AROUND * 3 // 8 if front else -AROUND * 3 // 8 - 1
    for column in (k, j):
        run = body[1:-2, column].astype(np.float64)
        m.add(swept(run, width, n=70, sides=6, up=(0, 0, 1)), paint, away=run.mean(0), closed=True)


def backpack(spec: Spec) -> Model:
    """Backpacks with a front pocket; roll-tops; children's school bags."""
    m = Model(tilt=9.0)
    front = skin(spec)
    second = spec.second if spec.get("two_tone") or spec.pattern == "colourblock" else spec.color
    main = cloth(spec, patterned=spec.pattern != "graphic")
    body = _body(front, _pillow(112, 92), square=3.6, rows=72, bulge=34)
    m.add(
        body,
        wearing(over(main, _backpad(spec, front), _behind(front)), front, None, front.low),
        away=body.mean((0, 1)),
        closed=True,
    )
    _piping(m, body, plain(darker(spec.color, 0.25), 0.05), 7)
    _piping(m, body, plain(darker(spec.color, 0.25), 0.05), 7, front=False)
    high = front.low - front.top
    webbing = cloth(spec, darker(second, 0.15), wrinkle=0.3)
    bar(
        m,
        [
            (-44, high - 26, -50),
            (-40, high + 34, -54),
            (0, high + 58, -54),
            (40, high + 34, -54),
            (44, high - 26, -50),
        ],
        webbing,
        22,
        12,
        up=(0, 0, 1),
        n=30,
    )
    for s in (-1, 1):
        path = [
            (s * 58, high - 28, -84),
            (s * 84, high - 60, -150),
            (s * 150, high * 0.62, -186),
            (s * 190, high * 0.4, -166),
            (s * 178, high * 0.2, -120),
            (s * 150, 34, -84),
        ]
        run = spline(np.array(path, float), 60)
        wide = np.interp(np.linspace(0, 1, 60), [0, 0.1, 0.6, 0.72, 1], [46, 58, 56, 28, 26])
        thick = np.interp(np.linspace(0, 1, 60), [0, 0.1, 0.6, 0.72, 1], [12, 18, 18, 6, 6])
        up = np.stack([run[:, 0] * 0.3 * 0 + s * 0.45, np.full(60, 0.2), np.full(60, -1.0)], -1)
        m.add(swept(run, wide, thick, up=up, sides=14, square=3), webbing, away=(0, high / 2, 0), closed=True)
        mid = run[42]
        m.add(
            swept(
                mid + np.array([(-22 * 1.0, 0, 0), (0, 0, 0), (22, 0, 0)]) * (1, 1, 1),
                18,
                13,
                n=8,
                up=(0, 0, 1),
                square=4,
            ),
            plain("#2b2b2e", 0.3),
            away=mid,
            closed=True,
        )
        # a pocket for a bottle
        t = np.linspace(0, 1, 14)[:, None]
        a = np.linspace(-0.5, 0.5, 21)[None, :]
        _, half = front.extent(np.array([front.low - high * 0.2]))
        x = s * (
            half[0] * (1 - 0.11 * (2 * a) ** 4)
            + 3
            + 14 * np.cos(a * np.pi) * np.sin(np.pi * (0.2 + 0.65 * t))
        )
        pocket = np.stack(np.broadcast_arrays(x, 20 + high * 0.26 * t, a * 150), -1)
        m.add(
            pocket,
            cloth(spec, darker(spec.color, 0.15)),
            toward=(s, 0, 0),
            lining=plain(darker(spec.color, 0.4)),
        )
        rim = pocket[-1]
        bar(m, rim, plain(darker(spec.color, 0.4)), 7, 7, up=(0, 1, 0), n=24)
    if spec.get("roll"):
        roll = [(-188, high - 8, 0), (-60, high - 2, 0), (60, high - 2, 0), (188, high - 8, 0)]
        m.add(
            swept(roll, 66, 84, n=40, sides=24, up=(0, 0, 1), square=2.4),
            cloth(spec, second, wrinkle=1.6),
            away=(0, high, 0),
            closed=True,
        )
        strap = [
            (4, high - 60, -70),
            (4, high + 10, -52),
            (4, high + 36, 0),
            (4, high + 6, 50),
            (4, high - 90, 104),
            (4, high - 190, 120),
        ]
        up = spline(
            np.array([(0, 0.1, -1), (0, 0.6, -0.8), (0, 1, 0), (0, 0.6, 0.8), (0, 0, 1), (0, 0, 1)], float),
            40,
        )
        m.add(
            swept(strap, 32, 7, n=40, up=up, square=4),
            cloth(spec, darker(second, 0.25), wrinkle=0.2),
            away=(4, high - 80, 0),
            closed=True,
        )
        at = np.array([4.0, high - 176, 126.0])
        q = np.array(
            [
                (-24, -20),
                (0, -21),
                (24, -20),
                (25, 0),
                (24, 20),
                (0, 21),
                (-24, 20),
                (-25, 0),
                (-24, -20),
                (0, -21),
            ]
        )
        m.add(
            swept(np.concatenate([q, np.zeros((10, 1))], 1) + at, 7, n=48, up=(0, 0, 1)),
            metal(str(spec.get("hardware", GOLD))),
            away=at,
            closed=True,
        )
    return m


def _behind(front: Skin) -> Callable[[Array, Array, Array], tuple[Array, Array, Array | None]]:
    def spot(points: Array, normal: Array, lengths: Array) -> tuple[Array, Array, Array | None]:
        return 400 - points[..., 0], front.low - points[..., 1], np.clip(-normal[..., 2] * 3 - 0.6, 0, 1)

    return spot


def _backpad(spec: Spec, front: Skin) -> Art:
    """The padded back of a backpack."""
    art = Art()
    tone = darker(spec.color, 0.22)
    x0, x1, y0, y1 = 262.0, 538.0, front.top + 90, front.low - 60
    pad = [
        [(x0, y0 + 20), (x0 + 20, y0), (400, y0 - 8), (x1 - 20, y0), (x1, y0 + 20)],
        [(x1, y0 + 20), (x1, y1)],
        [(x1, y1), (400, y1 + 10), (x0, y1)],
        [(x0, y1), (x0, y0 + 20)],
    ]
    art.fill(pad, tone, 5)
    y = y0 + 40
    while y < y1 - 20:
        art.line([(x0, y), (x1, y)], 7, darker(tone, 0.25), 1, 0.55)
        y += 44
    art.line([(400, y0), (400, y1)], 9, darker(tone, 0.25), 1, 0.45)
    return art


def tote(spec: Spec) -> Model:
    """Totes: canvas shoppers, leather totes, woven beach bags."""
    m = Model(tilt=10.0)
    front, back = skin(spec), skin(spec, "back")
    leather = spec.material == "leather"
    handle = str(spec.get("handle") or (spec.second if spec.get("two_tone") else spec.color))

    def depth(t: Array) -> Array:
        return (84 - 30 * t) * np.clip(1 - np.clip(1 - t / 0.05, 0, 1) ** 2.4 * 0.12, 0, 1)

    body = _body(front, depth, square=4.4 if leather else 3.4, rows=56, bulge=0.0)
    # the cloth gives between the handles and sags at the sides
    t = np.linspace(0, 1, len(body))[:, None]
    soft = 0.5 if leather else 1.0
    body[..., 2] += (
        soft
        * (6 * np.sin(body[..., 0] / 46) * t + 5 * np.sin(body[..., 0] / 31 + 2) * t * (1 - t))
        * np.sign(body[..., 2])
        * np.clip(np.abs(body[..., 2]) / 30, 0, 1)
    )
    side = np.clip(1 - np.abs(body[..., 2]) / 50, 0, 1) * (np.abs(body[..., 0]) > 150)
    body[..., 0] -= (
        np.sign(body[..., 0]) * side * 22 * soft * np.sin(np.pi * np.clip(t * 1.05, 0, 1)) * (0.4 + t)
    )
    main = cloth(spec, patterned=spec.pattern != "graphic")
    m.add(
        body,
        wearing(main, front, back, front.low),
        away=(0, 150, 0),
        closed=True,
        lining=plain(darker(spec.color, 0.28), 0.0, tint=0.02, high=0.3),
    )
    m.add(lid(body[0]), plain(darker(spec.color, 0.2)), toward=(0, -1, 0), closed=True, density=0.4)
    m.add(
        lid(body[2] + np.array([0, 4, 0])),
        plain(darker(spec.color, 0.45)),
        toward=(0, 1, 0),
        closed=True,
        density=0.4,
    )
    hem = cloth(spec, darker(spec.color, 0.06), wrinkle=0.2)
    bar(m, np.concatenate([body[-1], body[-1, 1:3]]), hem, 7, 9, n=140)
    high = front.low - front.top
    grip = cloth(spec, handle, material="leather" if spec.get("handle") else None, wrinkle=0.3)
    for s, lean, drop in ((1, 14, 0), (-1, -20, 10)):
        z = s * 58.0
        path = [
            (-104, high - 74, z + 3 * s),
            (-105, high - 10, z + 1),
            (-104, high + 120 - drop, z * 0.8 + lean),
            (-66, high + 226 - drop, z * 0.6 + lean),
            (4, high + 256 - drop, z * 0.5 + lean),
            (72, high + 224 - drop, z * 0.6 + lean),
            (106, high + 120 - drop, z * 0.8 + lean),
            (105, high - 10, z + 1),
            (104, high - 74, z + 3 * s),
        ]
        m.add(
            swept(path, 22, 9, n=90, up=(0, 0.05, s), sides=12, square=3),
            grip,
            away=(0, high, z),
            closed=True,
        )
    return m


def crossbody(spec: Spec) -> Model:
    """Shoulder bags: flap bags on a chain or strap, camera bags, saddle bags, top-handle bags."""
    style = str(spec.get("bag", "flap"))
    hardware = str(spec.get("hardware", GOLD))
    m = Model(tilt=9.0)
    front, back = skin(spec), skin(spec, "back")
    deep = {"flap": 66.0, "saddle": 52.0, "camera": 74.0, "handle": 78.0}.get(style, 64.0)
    body = _body(
        front, _pillow(deep, deep * 0.82, 7.0), square=5.0, rows=60, bulge={"camera": 16.0}.get(style, 7.0)
    )
    m.add(body, wearing(cloth(spec), front, back, front.low), away=body.mean((0, 1)), closed=True)
    edge = plain(darker(spec.color, 0.18), 0.3)
    _piping(m, body, edge, 5)
    _piping(m, body, edge, 5, front=False)
    high = front.low - front.top
    _, half = front.extent(np.array([front.top + 12.0]))
    w = float(half[0]) - 10
    shine = metal(hardware)
    for s in (-1, 1):
        a = np.linspace(0, 2 * np.pi, 25)
        ring = np.stack([s * w + 0 * a + 3 * s, high - 2 + 15 * np.sin(a), 15 * np.cos(a)], -1)
        m.add(
            swept(np.concatenate([ring, ring[1:2]]), 5.5, sides=8, up=(1, 0, 0)),
            shine,
            away=ring.mean(0),
            closed=True,
        )
        tab = [
            (s * (w - 8), high - 34, 0),
            (s * (w + 5), high - 16, 0),
            (s * (w + 6), high - 4, 0),
            (s * (w - 4), high + 2, 0),
        ]
        bar(m, tab, cloth(spec, darker(spec.color, 0.08), wrinkle=0), 26, 6, up=(s, 0.2, 0), n=16)
    top = high + 350
    path = np.array(
        [
            (-w, high + 8, 0),
            (-w + 40, high + 150, 0),
            (-110, high + 300, 0),
            (0, top, 0),
            (110, high + 300, 0),
            (w - 40, high + 150, 0),
            (w, high + 8, 0),
        ],
        float,
    )
    if style == "handle":
        path = np.array(
            [
                (-w + 40, high - 6, 0),
                (-w + 46, high + 90, 0),
                (0, high + 140, 0),
                (w - 46, high + 90, 0),
                (w - 40, high - 6, 0),
            ],
            float,
        )
        bar(m, path, cloth(spec, darker(spec.color, 0.1), wrinkle=0.1), 20, 20, up=(0, 0, 1), n=60)
    elif spec.get("chain"):
        _chain(m, path, shine)
    else:
        bar(m, path, cloth(spec, darker(spec.color, 0.08), wrinkle=0.2), 9, 26, up=(0, 0, 1), n=90)
    return m


def _chain(m: Model, path: Array, paint: Paint) -> None:
    """Links along a path, every other one turned by a quarter."""
    run = spline(path, 600)
    far = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(run, axis=0), axis=1))])
    count = int(far[-1] / 13)
    for i, at in enumerate(np.linspace(0, far[-1], count)):
        k = min(int(np.searchsorted(far, at)), len(run) - 2)
        c, d = run[k], run[k + 1] - run[k]
        d /= np.linalg.norm(d)
        side = np.array([0.0, 0.0, 1.0]) if i % 2 else np.cross(d, [0.0, 0.0, 1.0])
        side = side * 0.8 + (np.cross(d, side)) * 0.5
        a = np.linspace(0, 2 * np.pi, 15)
        ring = c + np.cos(a)[:, None] * d * 10.5 + np.sin(a)[:, None] * side * 6.2
        m.add(swept(ring, 4.4, sides=6, up=np.cross(d, side)), paint, away=c, closed=True, density=0.35)
