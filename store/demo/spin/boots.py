"""Boots in the round, toe to the left: chelsea, lace-up, rain, snow, heeled and tall ones."""
# ruff: noqa: RUF005  points are arrays: + moves them

import numpy as np

from store.demo.drawing.geometry import Shape, darker, lighter, luminance
from store.demo.drawing.spec import Spec
from store.demo.spin.footwear import ROUND, SOLE, Table, _side, bar, flat, grown, loop, sole
from store.demo.spin.mesh import Array, Model, lid, rings, swept
from store.demo.spin.paint import Art, cloth, over, plain, raised
from store.demo.spin.parts import SKIN, block, front_laces, stitches, welt_paint


def boots(spec: Spec) -> Model:
    """Chelsea, lace-up, rain, snow, heeled and tall boots."""
    style = str(spec.get("boot", "chelsea"))
    tops = {"chelsea": 390.0, "lace": 440.0, "tall": 610.0, "rain": 490.0, "snow": 430.0, "heeled": 400.0}
    top_y = tops[style]
    base = str(spec.get("sole", "#2b2522"))
    heeled, rain = style == "heeled", style == "rain"
    wide = 20.0 if style in ("rain", "snow") else 0.0
    m = Model(tilt=11.0 if style != "tall" else 9.0)
    up = 44.0 if heeled else 0.0
    lift: Table = (
        [(0, 48), (0.35, 44), (0.65, 48), (1, 54)]
        if rain
        else [(0, 34), (0.3, 27), (0.6, 44 + up * 0.55), (0.82, 56 + up), (1, 60 + up)]
    )
    grow = 1.06 if rain else 0.96 if heeled else 1.0
    ends = (2.0, 2.8) if heeled else (2.8, 2.8)
    r0 = loop(-296, 292, SOLE, lift, scale=grow, skew=-36, ends=ends)
    r1 = loop(-298, 295, SOLE, [(q, y + 30) for q, y in lift], scale=grow * 1.04, skew=-36, ends=ends)
    u = up * 0.7
    controls = [
        r0,
        r1,
        loop(
            -254,
            293,
            [(0, 66), (0.3, 92), (0.5, 90), (0.75, 74), (1, 64)],
            [(0, 112), (0.25, 124), (0.6, 128 + u), (1, 142 + up)],
            scale=grow,
            skew=-26,
        ),
        loop(
            -168,
            286,
            [(0, 58), (0.3, 74), (0.6, 70), (1, 58)],
            [(0, 150), (0.35, 176), (0.7, 188 + u), (1, 204 + up)],
            skew=-14,
        ),
        loop(
            -54,
            274,
            [(0, 46), (0.35, 58), (0.6, 62), (1, 52)],
            [(0, 198), (0.4, 232 + u * 0.5), (1, 252 + up * 0.7)],
        ),
        loop(
            10 - wide * 0.5,
            266 + wide * 0.3,
            [(0, 44), (0.4, 58 + wide * 0.5), (1, 50 + wide * 0.5)],
            [(0, 272), (0.5, 288), (1, 300 + u * 0.4)],
        ),
    ]
    if style == "tall":
        controls.append(loop(6, 276, [(0, 50), (0.5, 66), (1, 58)], [(0, 400), (1, 412)]))
        controls.append(loop(4, 284, [(0, 56), (0.5, 74), (1, 64)], [(0, 510), (1, 520)]))
    controls.append(
        loop(
            30 - wide,
            272 + wide,
            [(0, 46 + wide * 0.5), (0.5, 62 + wide), (1, 54 + wide * 0.6)]
            if style != "tall"
            else [(0, 58), (0.5, 78), (1, 66)],
            [(0, top_y), (0.5, top_y - 12), (1, top_y + 6)],
            ends=(2.3, 2.3),
        )
    )
    n = 12 * (len(controls) - 1) + 1
    upper = rings(np.stack(controls), n)
    if style in ("tall", "chelsea", "heeled", "lace", "snow"):
        # leather breaks over the ankle
        y = upper[..., 1]
        depth = 3.4 if style != "lace" else 2.2
        ripple = np.sin((y - 0.25 * upper[..., 0]) / 11.5) * np.exp(-(((y - 262) / 48) ** 2)) * depth
        centre = upper[:, :-1].mean(1, keepdims=True)
        d = (upper - centre) * (1, 0, 1)
        upper = (
            upper + d / np.maximum(np.linalg.norm(d, axis=-1, keepdims=True), 1) * ripple[..., None]
        ).astype(np.float32)
    art = _boot_art(spec, style, top_y)
    gloss = 0.85 if rain else None
    paint = over(
        cloth(spec, wrinkle=1.0 if not rain else 0.3, gloss=gloss),
        art,
        _side,
        gloss=0.05 if style == "chelsea" else None,
    )
    m.add(
        upper,
        paint,
        away=(60, 150, 0),
        closed=True,
        lining=plain(darker(spec.color, 0.5) if not rain else "#d9d6cf", 0.0, high=0.2),
    )
    rim = upper[-1]
    if rain:
        band = np.stack([grown(upper[-5], 2.5), grown(upper[-1], 3.0), grown(upper[-1], -3)])
        m.add(rings(band, 7), plain(spec.second, 0.6), away=(150, top_y - 30, 0), closed=True)
    elif style == "snow" or spec.get("fur"):
        _fur(m, rim, str(spec.get("fur", "#e9dfcd")), spec.seed)
    else:
        bar(
            m, np.concatenate([rim, rim[1:3]]), cloth(spec, darker(spec.color, 0.12), wrinkle=0.2), 6, 6, n=90
        )
    if style in ("lace", "snow"):
        first = int(np.searchsorted(upper[:, 0, 1], 158))
        last = int(np.searchsorted(upper[:, 0, 1], top_y - 20))
        tongue = upper[first - 2 :, -8:-1].copy(), upper[first - 2 :, :8].copy()
        slab = np.concatenate([tongue[0], tongue[1]], 1).astype(np.float64)
        keep = np.clip(slab[..., 2], -26, 26)
        slab[..., 2] = keep
        slab += np.array([-1.2, 1.6, 0])
        ext = slab[-1:] + np.array([-4.0, 26.0, 0.0])
        tone = cloth(spec, darker(spec.color, 0.25), wrinkle=0.5)
        m.add(np.concatenate([slab, ext]), tone, toward=(-1, 0.6, 0), lining=tone)
        rows = np.linspace(first, last, 8).astype(int)
        front_laces(m, spec, upper, list(rows), str(spec.get("laces", "#cfae7a")), "#b79a5a")
    if style == "chelsea":
        for s, at in ((1, upper[-1, ROUND // 2]),):
            top = at.astype(np.float64)
            bar(
                m,
                [
                    top + (3, -46, 0),
                    top + (9, -4, 0),
                    top + (6, 30 * s, 0),
                    top + (-8, 26, 0),
                    top + (-14, -24, 0),
                ],
                cloth(spec, darker(spec.color, 0.25), wrinkle=0),
                26,
                5,
                up=(1, 0.2, 0),
                n=26,
            )
    m.add(lid(grown(r0, -8, dy=4)), plain(darker(SKIN, 0.4), 0.0), toward=(0, 1, 0), closed=True, density=0.4)
    wall = welt_paint(spec, base, style in ("lace", "snow", "rain"))
    if rain:
        sole(m, r0, wall, welt=9, belly=2)
    else:
        thin = 18 if heeled else 22
        low = r0.copy()
        low[:, 1] = np.maximum(low[:, 1] - thin, 0)
        sole(m, r0, wall, welt=4 if heeled else 10, bottom=low, belly=1)
        if style in ("lace", "chelsea"):
            stitches(
                m,
                grown(r0, 6.5, dy=1.2),
                "#d8b46a"
                if style == "lace"
                else darker(base, -0.0)
                if luminance(base) > 0.3
                else lighter(base, 0.3),
            )
        heel_top = loop(
            150,
            301 if not heeled else 290,
            [(0, 70), (0.5, 78), (1, 66)],
            [(0, 34 + up * 0.8), (0.5, 44 + up * 0.95), (1, 46 + up)],
            ends=(5, 2.8),
        )
        heel_low = loop(
            160 if not heeled else 204,
            300 if not heeled else 286,
            [(0, 70), (0.5, 76), (1, 64)] if not heeled else [(0, 48), (0.5, 52), (1, 44)],
            flat(0),
            ends=(5, 2.8),
        )
        block(m, heel_top, heel_low, plain(darker(base, 0.2), 0.25))
    m.pair = (40.0, 0.0, -268.0 - wide)
    return m


def _boot_art(spec: Spec, style: str, top_y: float) -> Art:
    art = Art(0, -40, 800, 1040)
    base, y0 = spec.color, 640 - top_y
    if style == "chelsea":
        dark = darker(base, 0.4) if luminance(base) > 0.12 else "#2c2c30"
        gore: Shape = [
            [(496, y0 - 40), (590, y0 - 40)],
            [(590, y0 - 40), (590, 360), (566, 452), (548, 478)],
            [(548, 478), (530, 460), (504, 380), (496, y0 - 40)],
        ]
        art.fill(gore, dark, -1.0)
        for k in range(14):
            x = 500.0 + 7 * k
            art.line([(x, y0 - 40), (x, 480)], 2.6, lighter(dark, 0.2), 0.7, 0.45)
        art.sewn(
            [(488, y0 - 20), (496, 380), (524, 466), (548, 488), (574, 460), (598, 366), (598, y0 - 20)], base
        )
        art.seam([(548, 490), (500, 540), (440, 620)], base)
        art.sewn([(556, 496), (508, 546), (448, 622)], base)
    if style in ("lace", "snow"):
        stay: Shape = [
            [(280, 504), (330, 470), (396, 420), (424, 360), (424, y0 - 30)],
            [(424, y0 - 30), (478, y0 - 30)],
            [(478, y0 - 30), (474, 370), (452, 424), (396, 486), (300, 540)],
            [(300, 540), (280, 504)],
        ]
        art.fill(stay, lighter(base, 0.03), 2.0)
        art.sewn([(304, 532), (394, 478), (446, 420), (468, 368), (472, y0 - 10)], base)
        art.seam([(100, 566), (180, 520), (250, 524), (300, 610)], base)
        art.sewn([(100, 558), (180, 511), (258, 516), (309, 606)], base)
        art.seam([(470, 400), (500, 430), (456, 612)], base)
        art.sewn([(480, 400), (509, 430), (465, 612)], base)
        art.sewn([(560, y0 - 20), (566, 400), (610, 500), (690, 520)], base)
    if style == "rain":
        art.line([(90, 560), (240, 552), (440, 566), (710, 556)], 7, darker(base, 0.1), 2.5, 0.5)
        art.line([(550, y0 - 10), (560, 560)], 3, darker(base, 0.2), 1.5, 0.4)
    if style in ("tall", "heeled"):
        run = [(610, y0 - 20), (606, 300 if style == "tall" else 360), (590, 566)]
        art.line(run, 15, darker(base, 0.3), -1.2)
        art.line(run, 6.5, "#b9bbbe", 1.5, 1.0, "3.4 2.2")
        art.sewn([(x - 12, y) for x, y in run], base)
        art.sewn([(x + 12, y) for x, y in run], base)
        art.seam([(470, y0 - 20), (480, 430), (420, 620)], base) if style == "heeled" else None
    return art


def _fur(m: Model, rim: Array, tone: str, seed: int) -> None:
    """A roll of pile round an edge."""
    rnd = np.random.default_rng(seed)
    base = swept(np.concatenate([rim, rim[1:3]]), 34, 40, up=(0, 1, 0), n=100, sides=16).astype(np.float64)
    lump = rnd.normal(0, 2.2, base.shape[:2])
    centre = base[:, :-1].mean(1, keepdims=True)
    d = base - centre
    d /= np.maximum(np.linalg.norm(d, axis=-1, keepdims=True), 1e-6)
    lump[:, -1] = lump[:, 0]

    def tuft(points: Array, normal: Array, lengths: Array) -> Array:
        return (
            3.0
            * np.sin(points[..., 0] * 0.9 + 3 * np.sin(points[..., 1] * 0.6))
            * np.sin(points[..., 2] * 0.8)
        )

    m.add(
        base + d * lump[..., None],
        raised(plain(tone, 0.0, tint=0.06, high=1.5), tuft),
        away=rim.mean(0),
        closed=True,
    )
