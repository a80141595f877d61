"""The drawing surface of one garment: parts laid over each other, each with seams, marks and folds."""
# ruff: noqa: E501  path data reads better unbroken

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from store.demo.drawing.cloth import Cloth
from store.demo.drawing.geometry import (
    Point,
    Run,
    Shape,
    darker,
    ellipse,
    flip,
    lighter,
    luminance,
    outline,
    path_data,
)
from store.demo.drawing.spec import Spec


@dataclass
class Fold:
    """A ridge (depth > 0) or valley (depth < 0) along a run; `width` in drawing units."""

    run: Run
    width: float
    depth: float


@dataclass
class Part:
    """One piece of cloth, leather or metal. `puff` is how round it stands, `drop` how strong a shadow it throws on
    what lies below it, `gloss` how much it shines, `wrinkle` how much the surface undulates."""

    shape: Shape
    color: str
    fills: list[str]
    puff: float
    drop: float
    gloss: float
    wrinkle: float
    edge: float
    opacity: float
    marks: list[str] = field(default_factory=list)
    folds: list[Fold] = field(default_factory=list)

    def mark(self, svg: str) -> Part:
        """Draw SVG on this part, clipped to it."""
        self.marks.append(svg)
        return self

    def line(
        self,
        run: Sequence[Point],
        width: float = 1.6,
        color: str | None = None,
        opacity: float = 0.7,
        dash: str = "",
    ) -> Part:
        """Draw a line on this part."""
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        return self.mark(
            f'<path d="{path_data([list(run)], close=False)}" fill="none" stroke="{color or self.ink}" '
            f'stroke-width="{width}" opacity="{opacity}"{dashes}/>'
        )

    def seam(
        self,
        run: Sequence[Point],
        stitched: bool = False,
        gap: float = 5.0,
        thread: str | None = None,
        both: bool = False,
    ) -> Part:
        """Draw a seam: a groove, and where `stitched` a row of stitches beside it; `both` mirrors it."""
        for r in (list(run), flip(run)) if both else (list(run),):
            self.line(r, 1.8, opacity=0.55)
            self.folds.append(Fold(r, 7, -0.35))
            if stitched:
                side = gap if r[0][0] < 400 or not both else -gap
                moved = [(x + side * 0.7, y + abs(gap) * 0.7) for x, y in r]
                self.line(moved, 1.5, thread or self.thread, 0.75, "5 3.4")
        return self

    def stitch(self, run: Sequence[Point], color: str | None = None, both: bool = False) -> Part:
        """Draw a row of stitches."""
        for r in (list(run), flip(run)) if both else (list(run),):
            self.line(r, 1.5, color or self.thread, 0.75, "5 3.4")
        return self

    def fold(self, run: Sequence[Point], width: float, depth: float, both: bool = False) -> Part:
        """Add a fold; `both` mirrors it at the centre line."""
        self.folds.append(Fold(list(run), width, depth))
        if both:
            self.folds.append(Fold(flip(run), width, depth))
        return self

    @property
    def ink(self) -> str:
        """The colour of a line on this part."""
        return darker(self.color, 0.5) if luminance(self.color) > 0.13 else lighter(self.color, 0.2)

    @property
    def thread(self) -> str:
        """The colour of stitches on this part."""
        return darker(self.color, 0.3) if luminance(self.color) > 0.5 else lighter(self.color, 0.28)


GLOSS = {
    "leather": 0.5,
    "satin": 0.5,
    "silk": 0.42,
    "nylon": 0.3,
    "down": 0.3,
    "rubber": 0.3,
    "metal": 1.0,
    "velvet": 0.16,
    "polyester": 0.1,
}
WRINKLE = {
    "linen": 1.5,
    "cotton": 1.0,
    "denim": 0.9,
    "viscose": 1.0,
    "chiffon": 1.1,
    "silk": 1.1,
    "satin": 1.2,
    "leather": 0.8,
    "wool": 0.5,
    "knit": 0.45,
    "cashmere": 0.45,
    "canvas": 0.7,
    "fur": 1.15,
    "metal": 0.0,
    "straw": 0.2,
    "rubber": 0.1,
}


class Canvas:
    """Collects the parts of a garment, lowest first."""

    def __init__(self, spec: Spec, view: str) -> None:
        """Prepare an empty canvas for one view ("front", "back" or "detail")."""
        self.spec = spec
        self.view = view
        self.cloth = Cloth(spec)
        self.parts: list[Part] = []
        self.rnd = random.Random(spec.seed * 31 + 7)
        self.focus: tuple[float, float, float] | None = None  # x, y and width of the detail view
        self.margin = 1.0  # share of the usual frame that the garment fills

    @property
    def back(self) -> bool:
        """True when seen from behind."""
        return self.view == "back"

    def part(
        self,
        shape: Shape,
        color: str | None = None,
        *,
        patterned: bool = True,
        angle: float = 0.0,
        at: Point = (400.0, 300.0),
        scale: float = 1.0,
        puff: float = 1.0,
        drop: float = 1.0,
        gloss: float | None = None,
        wrinkle: float | None = None,
        edge: float = 0.5,
        opacity: float = 1.0,
    ) -> Part:
        """Lay a part on top; without a colour it is cut from the main cloth, with one it is plain."""
        main = color is None
        color = color or self.spec.color
        fills = self.cloth.overlays(color, patterned and main, angle, scale, at)
        part = Part(
            shape,
            color,
            fills,
            puff,
            drop,
            GLOSS.get(self.spec.material, 0.0) if gloss is None else gloss,
            WRINKLE.get(self.spec.material, 0.8) if wrinkle is None else wrinkle,
            edge,
            opacity,
        )
        self.parts.append(part)
        return part

    def button(self, x: float, y: float, r: float = 7.5, color: str | None = None) -> Part:
        """A sewn button."""
        c = color or (
            darker(self.spec.color, 0.4)
            if luminance(self.spec.color) > 0.3
            else lighter(self.spec.color, 0.35)
        )
        p = self.part(ellipse(x, y, r, r), c, puff=0.5, drop=0.7, gloss=0.4, wrinkle=0)
        hole = darker(c, 0.5)
        d = r * 0.27
        p.mark(
            "".join(
                f'<circle cx="{x + a * d:.1f}" cy="{y + b * d:.1f}" r="{r * 0.13:.1f}" fill="{hole}"/>'
                for a in (-1, 1)
                for b in (-1, 1)
            )
        )
        return p

    def zip(self, run: Run, color: str | None = None, pull: bool = True, width: float = 9.0) -> None:
        """A zip along a run from top to bottom, with its pull at the top."""
        from store.demo.drawing.geometry import band

        metal = color or "#b9bbbe"
        tape = self.part(
            band(run, width * 1.9), darker(self.spec.color, 0.25), puff=0.2, drop=0.2, gloss=0.0, wrinkle=0.2
        )
        tape.line(run, width, metal, 0.95, "3.2 2.4")
        tape.line(run, 1.4, "#3c3c40", 0.7)
        if pull:
            x, y = run[0]
            self.part([*ellipse(x, y + 12, 6.5, 9)], metal, puff=0.5, drop=0.8, gloss=0.7, wrinkle=0)
            self.part([*ellipse(x, y + 32, 4.6, 14)], metal, puff=0.5, drop=0.8, gloss=0.7, wrinkle=0)

    def pair(self, first: int, dx: float, dy: float) -> None:
        """Put a copy of all parts from index `first` on, moved by (dx, dy), behind them: the other shoe."""

        def moved(shape: Shape) -> Shape:
            return [[(x + dx, y + dy) for x, y in run] for run in shape]

        copies = []
        for p in self.parts[first:]:
            marks = [f'<g transform="translate({dx} {dy})">{m}</g>' for m in p.marks]
            folds = [Fold(moved([f.run])[0], f.width, f.depth) for f in p.folds]
            copies.append(replace(p, shape=moved(p.shape), marks=marks, folds=folds))
        self.parts[first:first] = copies

    def bounds(self) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1 of everything laid so far."""
        points = [p for part in self.parts for p in outline(part.shape, 4)]
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        return min(xs), min(ys), max(xs), max(ys)

    def frame(self, width: int, height: int) -> tuple[float, float, float]:
        """Scale and shift (s, tx, ty) that put the garment into a picture of width x height."""
        if self.view == "detail" and self.focus:
            x, y, w = self.focus
            s = width / w
            return s, width / 2 - x * s, height / 2 - y * s
        x0, y0, x1, y1 = self.bounds()
        s = min(width * 0.82 / (x1 - x0), height * 0.84 / (y1 - y0)) * self.margin
        s = min(s, 1.9 * width / 800)
        return s, width / 2 - (x0 + x1) / 2 * s, height * 0.5 - (y0 + y1) / 2 * s

    def svg(self, width: int, height: int) -> str:
        """The garment's flat colours, patterns, seams and marks as SVG on a transparent ground."""
        s, tx, ty = self.frame(width, height)
        body: list[str] = []
        clips: list[str] = []
        for i, part in enumerate(self.parts):
            d = path_data(part.shape)
            group = [f'<path d="{d}" fill="{part.color}" stroke="{part.color}" stroke-width=".8"/>']
            group += [f'<path d="{d}" fill="{fill}"/>' for fill in part.fills]
            if part.marks:
                clips.append(f'<clipPath id="c{i}"><path d="{d}"/></clipPath>')
                group.append(f'<g clip-path="url(#c{i})">{"".join(part.marks)}</g>')
            if part.edge:
                group.append(
                    f'<path d="{d}" fill="none" stroke="{darker(part.color, 0.45)}" stroke-width="1.5" opacity="{part.edge}"/>'
                )
            body.append(
                "".join(group) if part.opacity == 1 else f'<g opacity="{part.opacity}">{"".join(group)}</g>'
            )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
            f"<defs>{''.join(self.cloth.defs.values())}{''.join(clips)}</defs>"
            f'<g transform="translate({tx:.2f} {ty:.2f}) scale({s:.4f})">{"".join(body)}</g></svg>'
        )
