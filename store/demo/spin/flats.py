"""Loafers, oxfords, ballet flats and sandals in the round, toe to the left."""
# ruff: noqa: RUF005  points are arrays: + moves them

import numpy as np

from store.demo.drawing.geometry import Shape, darker, lighter
from store.demo.drawing.spec import Spec
from store.demo.spin.footwear import SOLE, Table, _all_sides, _side, bar, flat, grown, loop, sole
from store.demo.spin.mesh import Model, Paint, lid, rings, spline, swept
from store.demo.spin.paint import Art, cloth, ink, metal, over, plain, rope
from store.demo.spin.parts import GOLD, SKIN, block, bow, buckle, front_laces, hoop, stitches, welt_paint

APART = (34.0, 0.0, -262.0)  # where the other shoe stands


def loafers(spec: Spec) -> Model:
    """Penny, tassel and horsebit loafers, oxfords and ballet flats."""
    style = str(spec.get("loafer", "penny"))
    ballet = style == "ballet"
    base = str(spec.get("sole", "#33261e"))
    m = Model(tilt=13.0)
    half = [(q, w * (0.86 if ballet else 0.94)) for q, w in SOLE]
    lift: Table = [(0, 18), (0.3, 14), (1, 20)] if ballet else [(0, 30), (0.3, 22), (0.62, 34), (1, 42)]
    ends = (2.3, 2.6) if ballet else (2.4, 2.8)
    r0 = loop(-294, 292, half, lift, ends=ends, skew=-34)
    r1 = grown(r0, 3, dy=24)
    if ballet:
        top = loop(
            -142,
            284,
            [(0, 56), (0.25, 72), (0.5, 66), (0.75, 56), (1, 48)],
            [(0, 106), (0.12, 86), (0.4, 64), (0.65, 86), (0.88, 136), (1, 150)],
            ends=(2.4, 2.2),
            skew=-10,
        )
        mid = r1 * 0.42 + top * 0.58 + np.array([0.0, 6.0, 0.0])
        controls = [r0, r1, mid, top]
    else:
        controls = [
            r0,
            r1,
            loop(
                -254,
                292,
                [(0, 62), (0.3, 88), (0.5, 86), (0.75, 72), (1, 62)],
                [(0, 98), (0.3, 112), (0.6, 110), (1, 124)],
                skew=-24,
            ),
            loop(
                -176,
                286,
                [(0, 58), (0.3, 70), (0.6, 66), (1, 56)],
                [(0, 132), (0.3, 156), (0.6, 152), (1, 172)],
                skew=-14,
            ),
            loop(
                -6,
                280,
                [(0, 46), (0.35, 56), (0.7, 58), (1, 46)],
                [(0, 196), (0.25, 186), (0.55, 168), (0.8, 184), (1, 204)],
                ends=(2.6, 2.2),
            ),
        ]
    upper = rings(np.stack(controls), 13 * (len(controls) - 1))
    art = Art()
    if not ballet:
        art.seam([(628, 420), (622, 520), (640, 612)], spec.color)
        art.sewn([(618, 420), (612, 520), (630, 612)], spec.color)
        if style in ("penny", "tassel", "horsebit"):
            strip: Shape = [
                [(352, 440), (420, 430)],
                [(420, 430), (452, 500), (500, 612)],
                [(500, 612), (400, 612)],
                [(400, 612), (376, 520), (352, 440)],
            ]
            art.fill(strip, spec.color, 2.6)
            art.sewn([(362, 440), (386, 522), (410, 612)], spec.color)
            art.sewn([(410, 434), (442, 504), (488, 612)], spec.color)
        else:
            art.seam([(170, 500), (220, 546), (232, 612)], spec.color)
            art.sewn([(180, 500), (230, 546), (242, 612)], spec.color)
    leather = over(cloth(spec, wrinkle=0.7 if not ballet else 0.4), art, _all_sides if not ballet else _side)
    inner = plain(SKIN if ballet else str(spec.get("lining", "#b48a5c")), 0.04, high=0.2)
    m.add(upper, leather, away=(0, 60, 0), closed=True, lining=inner)
    m.add(lid(grown(r0, -7, dy=5)), inner, toward=(0, 1, 0), closed=True, density=0.6)
    rim = upper[-1]
    trim = cloth(spec, darker(spec.color, 0.15), wrinkle=0)
    bar(m, np.concatenate([rim, rim[1:3]]), trim, 8 if ballet else 6, 8 if ballet else 6, n=90)
    if ballet:
        if spec.get("bow", True):
            bow(m, upper[-1, 0] + np.array([-8.0, 6.0, 0.0]), trim, 26)
    elif style in ("penny", "tassel", "horsebit"):
        row = int(np.searchsorted(upper[:, 0, 0], -208))
        k = 17
        apron = np.concatenate([upper[row : row + 1, -k - 1 : -1][0], upper[row, : k + 1]])
        d = apron - np.array([-120.0, 60.0, 0.0])
        apron = apron + d / np.linalg.norm(d, axis=1, keepdims=True) * 1.5
        bar(m, apron, over(trim, Art(), _all_sides), 7, 7, n=60)
        if style == "penny":
            r = int(np.searchsorted(upper[:, 0, 0], -34))
            at = upper[r, 0]
            slot = at + np.array([(3, 1.5, -26), (-4, 1.5, -12), (2, 2.0, 0), (-4, 1.5, 12), (3, 1.5, 26)])
            bar(m, slot, plain(ink(spec.color), 0.0), 7, 2.5, up=(-0.5, 1, 0), n=20)
        elif style == "horsebit":
            r = int(np.searchsorted(upper[:, 0, 0], -44))
            at = upper[r, 0].astype(np.float64) + (-2, 7, 0)
            bar(
                m,
                [at + (0, -14, -48), at + (0, 0, -20), at + (0, 1, 20), at + (0, -14, 48)],
                metal(),
                7,
                7,
                n=16,
            )
            for s in (-1, 1):
                a = np.linspace(0, 2 * np.pi, 30)
                ring = at + np.stack(
                    [15 * np.cos(a), -18 + 10 * np.sin(a) - 0 * a, s * (54 + 9 * np.sin(-a))], -1
                )
                m.add(
                    swept(np.concatenate([ring, ring[1:2]]), 6, sides=8, up=(0, 1, s)),
                    metal(),
                    away=ring.mean(0),
                    closed=True,
                )
        else:
            for s in (-1, 1):
                r = int(np.searchsorted(upper[:, 0, 0], -50))
                at = upper[r, 0] + np.array([0.0, 8.0, s * 14.0])
                bar(m, [at, at + (-20, -4, s * 4), at + (-48, -22, s * 8)], trim, 16, 8, n=10)
    else:
        rows = [int(np.searchsorted(upper[:, 0, 0], x)) for x in (-120, -90, -60, -30)]
        front_laces(m, spec, upper, rows, darker(spec.color, 0.5), darker(spec.color, 0.5))
    wall = welt_paint(spec, base, False)
    low = r0.copy()
    low[:, 1] = np.maximum(low[:, 1] - (12 if ballet else 16), 0)
    sole(m, r0, wall, welt=3 if ballet else 8, bottom=low, belly=0.5)
    if ballet:
        block(
            m,
            loop(170, 294, [(0, 56), (0.5, 62), (1, 54)], flat(14), ends=(5, 2.6)),
            loop(172, 293, [(0, 56), (0.5, 62), (1, 54)], flat(0), ends=(5, 2.6)),
            plain(darker(base, 0.2)),
        )
    else:
        stitches(m, grown(r0, 5.5, dy=1.0), lighter(base, 0.35))
        block(
            m,
            loop(158, 300, [(0, 66), (0.5, 72), (1, 62)], [(0, 26), (1, 34)], ends=(5, 2.8)),
            loop(164, 299, [(0, 66), (0.5, 71), (1, 61)], flat(0), ends=(5, 2.8)),
            plain(darker(base, 0.3), 0.2),
        )
    m.pair = APART
    return m


def sandals(spec: Spec) -> Model:
    """Slides, strappy flats and walking sandals."""
    style = str(spec.get("sandal", "slide"))
    base = str(spec.get("sole", "#b08d62"))
    sport = style == "sport"
    m = Model(tilt=17.0)
    lift: Table = (
        [(0, 56), (0.2, 46), (0.35, 46), (0.6, 58), (0.8, 58), (1, 64)]
        if style != "strap"
        else [(0, 26), (0.4, 22), (1, 26)]
    )
    r0 = loop(-298, 300, SOLE, lift, skew=-40, ends=(2.8, 2.8))
    split = grown(r0, 0, dy=0)
    split[:, 1] = np.maximum(r0[:, 1] * 0.46, 12)
    outer = darker(base, 0.4) if not sport else "#2b2b2e"
    cork = plain(base, 0.0, tint=0.05, high=0.5)
    sole(m, r0, cork, welt=5, bottom=split, belly=2)
    sole(m, grown(split, 1), welt_paint(spec, outer, True), welt=5, belly=1)
    bed = lid(grown(r0, 1, dy=1), -9, n=16)
    m.add(bed, plain(darker(base, 0.06), 0.03, tint=0.03, high=0.35), toward=(0, 1, 0), closed=True)
    bar(
        m,
        np.concatenate([grown(r0, 1, dy=1), grown(r0, 1, dy=1)[1:3]]),
        plain(darker(base, 0.12), 0.05),
        7,
        6,
        n=90,
    )
    leather = cloth(spec, wrinkle=0.4)
    if style == "slide":
        two = spec.get("two", True)
        for x, half, tall, width in (
            ((-158, 106, 92, 104), (-14, 102, 112, 104)) if two else ((-90, 106, 102, 190),)
        ):
            path = hoop(m, x, 44, half, tall, leather, width, dx=26, thick=7)
            for e in (-1, 1):  # stitched edges
                art_path = path[3:-3] + np.array([e * (width / 2 - 9), 0, 0])
                c = path.mean(0)
                d = art_path - c * (1, 1, 0) - np.array([0, -30, 0])
                d[:, 0] = 0
                art_path = art_path + d / np.linalg.norm(d, axis=1, keepdims=True) * 3.6
                p = spline(art_path, 60)
                for k in range(1, 58, 2):
                    seg = np.stack([p[k], (p[k] + p[k + 1]) / 2, p[k + 1]])
                    m.add(
                        swept(seg, 2.2, sides=4),
                        plain(lighter(spec.color, 0.3)),
                        away=seg[1],
                        closed=True,
                        density=0.3,
                    )
            if two:
                top = path[13]
                strap = path[7:20] + np.array([0.0, 4.5, 2.5])
                bar(m, strap, leather, 26, 5, up=(0, 0.8, 0.6), n=20)
                buckle(m, top + np.array([0.0, 6.0, 3.0]), 19, (0, 0.75, 0.66), along=(1, 0, 0))
    elif sport:
        web = spec.second
        for x, half, tall, dx, cross in (
            (-190, 92, 78, 20, 16),
            (-60, 96, 108, 24, -14),
            (60, 84, 140, 34, 10),
        ):
            path = hoop(m, x, 40, half, tall, leather, 38, dx=dx, cross=cross, thick=8)
            up = path - np.array([x, 40 + tall * 0.2, 0])
            bar_path = path[2:-2] + up[2:-2] / np.linalg.norm(up[2:-2], axis=1, keepdims=True) * 3.2
            u = up[2:-2] * (0, 1, 1)
            m.add(
                swept(bar_path, 22, 4, up=u, sides=10, square=3),
                rope(web),
                away=(x, 40 + tall * 0.4, 0),
                closed=True,
            )
        _cuff(m, spec, leather, 62)
    else:
        for x, tall, cross in ((-200, 56, 20), (-110, 88, -26), (0, 130, 20)):
            hoop(m, x, 20, 84, tall, leather, 18, dx=30, cross=cross)
        _cuff(m, spec, leather, 26)
    m.pair = (36.0, 0.0, -276.0)
    return m


def _cuff(m: Model, spec: Spec, paint: Paint, base: float) -> None:
    """A heel strap that closes over the instep."""
    a = np.linspace(-0.72 * np.pi, 0.72 * np.pi, 50)
    path = np.stack([170 + 112 * np.cos(a), base + 96 + 34 * (1 - np.cos(a)) / 2, 72 * np.sin(a)], -1)
    up = np.stack([np.cos(a), np.zeros_like(a), np.sin(a)], -1)
    m.add(swept(path, 36, 8, up=up, sides=12, square=3.2), paint, away=(170, base + 100, 0), closed=True)
    for s in (-1, 1):
        post = [(250, base - 14, s * 62), (262, base + 50, s * 64), (258, base + 96, s * 60)]
        bar(m, post, paint, 30, 7, up=(0.2, 0, s), n=14)
    at = np.array([120.0, base + 118, 76.0])
    buckle(m, at, 15, (-0.1, 0.3, 1), "#2b2b2e" if spec.get("sandal") == "sport" else GOLD)
