"""Pumps and heeled sandals in the round, toe to the left."""

import numpy as np

from store.demo.drawing.geometry import darker
from store.demo.drawing.spec import Spec
from store.demo.spin.footwear import Table, bar, flat, grown, loop, sole
from store.demo.spin.mesh import Model, Paint, lid, rings, swept
from store.demo.spin.paint import cloth, plain
from store.demo.spin.parts import SKIN, bow, buckle, hoop


def heels(spec: Spec) -> Model:
    """Pumps, mary janes and heeled sandals."""
    style = str(spec.get("heel", "pump"))
    block = bool(spec.get("block"))
    h = 178.0 if spec.get("high", True) else 110.0
    m = Model(tilt=13.0)
    narrow: Table = [(0, 40), (0.15, 72), (0.3, 84), (0.45, 72), (0.62, 54), (0.8, 54), (1, 50)]
    arch: Table = [
        (0, 22),
        (0.12, 20),
        (0.26, 22),
        (0.4, 34 + h * 0.1),
        (0.62, 40 + h * 0.52),
        (0.8, h - 8),
        (1, h + 6),
    ]
    sharp = (1.75, 2.5) if style != "sandal" and not spec.get("round_toe") else (2.5, 2.5)
    r0 = loop(-296, 288, narrow, arch, ends=sharp, skew=-24)
    under = grown(r0, -1, dy=-9)
    leather = cloth(spec, wrinkle=0.3)
    strappy = style in ("sandal", "ankle")
    thin = plain(str(spec.get("sole", "#3a2a22")), 0.25)
    sole(
        m,
        r0,
        thin,
        welt=2.0 if not strappy else 4.0,
        bottom=under,
        belly=0.5,
        tread=darker(str(spec.get("sole", "#3a2a22")), 0.1),
    )
    m.add(
        lid(grown(r0, -1 if strappy else -5, dy=4)),
        plain(SKIN, 0.08, high=0.1),
        toward=(0, 1, 0),
        closed=True,
    )
    if strappy:
        _heel_straps(m, spec, h, leather)
    else:
        r1 = grown(r0, 3, dy=20)
        r1[:, 1] += 10 * np.clip(1 - np.abs(r1[:, 0] + 150) / 150, 0, 1)
        top = loop(
            -130,
            285,
            [(0, 46), (0.2, 62), (0.45, 58), (0.7, 48), (1, 42)],
            [
                (0, 92),
                (0.1, 80),
                (0.24, 64 + h * 0.07),
                (0.4, 70 + h * 0.34),
                (0.62, h + 6),
                (0.85, h + 62),
                (1, h + 78),
            ],
            ends=(2.2, 2.2),
        )
        mid = r1 * 0.45 + top * 0.55 + np.array([0, 6, 0])
        front = np.clip((-60 - mid[:, 0]) / 160, 0, 1)[:, None]
        mid = mid + front * np.array([0.0, 8.0, 0.0])
        upper = rings(np.stack([r0, r1, mid, top]), 32)
        m.add(upper, leather, away=(0, 60, 0), closed=True, lining=plain(SKIN, 0.06, high=0.15))
        bar(
            m,
            np.concatenate([upper[-1], upper[-1, 1:3]]),
            cloth(spec, darker(spec.color, 0.1), wrinkle=0),
            4.5,
            4.5,
            n=90,
        )
        if style == "mary":
            hoop(m, 60, h * 0.62 + 30, 58, h * 0.5 + 56, leather, 18, dx=34)
        if spec.get("bow"):
            bow(m, np.array([-150.0, 96.0, 0.0]), leather, 30)
    rows = [
        loop(
            164, 291, [(0, 30), (0.4, 50), (1, 46)], [(0, h - 16), (0.5, h - 3), (1, h + 3)], ends=(2.6, 2.4)
        ),
        loop(
            *((196, 286) if block else (226, 287)),
            [(0, 26), (0.5, 44), (1, 40)] if block else [(0, 22), (0.5, 32), (1, 28)],
            [(0, h * 0.66), (1, h * 0.72)],
            ends=(2.6, 2.4),
        ),
        loop(
            *((204, 284) if block else (246, 278)),
            [(0, 34), (0.5, 40), (1, 38)] if block else [(0, 12), (0.5, 15), (1, 12)],
            flat(h * 0.3),
            ends=(2.6, 2.4),
        ),
        loop(
            *((204, 284) if block else (248, 270)),
            [(0, 34), (0.5, 40), (1, 38)] if block else [(0, 9), (0.5, 10), (1, 9)],
            flat(7),
            ends=(2.6, 2.4),
        ),
    ]
    stalk = rings(np.stack(rows), 24)
    m.add(stalk, leather, away=(250, h * 0.5, 0), closed=True)
    tip = np.stack([grown(rows[-1], 0.6), grown(rows[-1], 0.6, y=0)])
    m.add(rings(tip, 3), plain("#1c1a19", 0.1), away=(262, 4, 0), closed=True)
    m.add(lid(tip[-1]), plain("#1c1a19"), toward=(0, -1, 0), closed=True, density=0.5)
    m.pair = (34.0, 0.0, -226.0)
    return m


def _heel_straps(m: Model, spec: Spec, h: float, paint: Paint) -> None:
    for x, tall, half, dx in ((-196, 62, 86, 34), (-118, 84, 86, 40)):
        hoop(m, x, 26 + (2 if x > -150 else 0), half, tall, paint, 34, dx=dx)
    # heel cup
    a = np.linspace(-0.62 * np.pi, 0.62 * np.pi, 40)
    rows = []
    for t in np.linspace(0, 1, 14):
        wide = 54 - 6 * t
        rows.append(
            np.stack(
                [
                    228 + 60 * np.cos(a) - 4 * t,
                    h - 4 + t * (118 - 70 * (np.abs(a) / (0.62 * np.pi)) ** 1.6),
                    wide * np.sin(a),
                ],
                -1,
            )
        )
    m.add(np.array(rows), paint, away=(228, h + 40, 0), lining=plain(SKIN, 0.05))
    # ankle strap
    b = np.linspace(0, 2 * np.pi, 60)
    ring = np.stack([196 + 84 * np.cos(b), h + 116 + 10 * np.cos(b) - 4, 50 * np.sin(b)], -1)
    ring = np.concatenate([ring, ring[1:3]])
    up = np.stack(
        [np.cos(np.concatenate([b, b[1:3]])) / 84, np.zeros(62), np.sin(np.concatenate([b, b[1:3]])) / 50], -1
    )
    m.add(
        swept(ring, 18, 5, up=up, sides=10, square=3.2),
        paint,
        away=(196, h + 116, 0),
        closed=True,
        density=1.0,
    )
    buckle(m, np.array([180.0, h + 111, 53.0]), 13, (0, 0, 1))
