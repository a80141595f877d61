"""Dresses in the round, on an invisible figure."""

import numpy as np

from store.demo.drawing.geometry import darker
from store.demo.drawing.spec import Spec
from store.demo.spin.figure import NECK_Y, figure, panel
from store.demo.spin.footwear import bar
from store.demo.spin.mesh import Model, rings
from store.demo.spin.paint import cloth, over, raised
from store.demo.spin.trimmings import (
    arms,
    back_art,
    back_bow,
    bare_shoulders,
    belt,
    buttons,
    collar,
    flat_spot,
    front_art,
    neck_edge,
)


def dress(spec: Spec) -> Model:
    """Fit-and-flare, slip, sheath, shirt, wrap, knit, tiered and pleated dresses."""
    style = str(spec.get("dress", "flare"))
    f = figure(spec)
    m = Model(tilt=5.0, lift=70.0)
    main = cloth(spec, wrinkle=0.75)
    if style == "knit":
        main = raised(main, lambda p, n, s: 1.1 * np.abs(np.sin(s[..., 0] * 0.33)))
    inside = cloth(spec, darker(spec.color, 0.32), wrinkle=0.4)
    front, first = panel(f, spec, False)
    back, _ = panel(f, spec, True)
    # the sides meet at the seam
    k = first
    for e in (0, -1):
        seam = (front[:k, e] + back[:k, e]) / 2
        front[:k, e] = back[:k, e] = seam
    m.add(front, over(main, front_art(spec, f, style), flat_spot(f, 1)), toward=(0, 0, 1), lining=inside)
    m.add(back, over(main, back_art(spec, f), flat_spot(f, -1)), toward=(0, 0, -1), lining=inside)
    trim_color = str(spec.get("trim") or darker(spec.color, 0.06))
    trim = cloth(spec, trim_color, wrinkle=0)
    bare = spec.neckline in ("straps", "offshoulder")
    for side in (front, back):
        inner = side[-1] if bare else neck_edge(side, f)
        if len(inner) > 2 and spec.neckline not in ("turtleneck",):
            bar(m, inner, trim, 7, 5, up=(0, 0.6, 1), n=70)
    hem = np.concatenate([front[0], back[0][::-1], front[0][:2]])
    bar(m, hem, cloth(spec, darker(spec.color, 0.03), wrinkle=0), 4, 4, n=240)
    if bare:
        bare_shoulders(m, spec, f, front, back, main, trim)
    else:
        arms(m, spec, f, front, back, first, main, inside, trim)
    if spec.neckline == "turtleneck":
        rows = [
            (NECK_Y + 30, 80, 58),
            (NECK_Y + 6, 64, 52),
            (NECK_Y - 24, 58, 50),
            (NECK_Y - 62, 58, 50),
            (NECK_Y - 70, 63, 55),
            (NECK_Y - 60, 68, 60),
            (NECK_Y - 8, 70, 60),
        ]
        a = np.linspace(-np.pi / 2, 1.5 * np.pi, 61)
        neck = rings(
            np.stack(
                [
                    np.stack([rx * np.cos(a), f.high(y) + 0 * a, -12 + rz * np.sin(a)], -1)
                    for y, rx, rz in rows
                ]
            ),
            40,
        )
        rib = raised(cloth(spec, wrinkle=0.2), lambda p, n, s: 1.6 * np.abs(np.sin(s[..., 0] * 0.3)))
        m.add(neck, rib, away=(0, float(f.high(NECK_Y)) - 20, -12), closed=True, lining=inside)
    if spec.neckline == "collar":
        collar(
            m,
            spec,
            f,
            cloth(spec, str(spec.get("collar_color")) if spec.get("collar_color") else None, wrinkle=0.1),
        )
    if style == "shirt":
        buttons(m, spec, f, front)
    if spec.get("belt") or style == "wrap":
        belt(m, spec, f, style)
    if spec.get("bow_back"):
        back_bow(m, f, main)
    return m
