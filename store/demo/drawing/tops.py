"""Tops: T-shirts, tanks, shirts, blouses, polos, sweaters, cardigans, hoodies and sweatshirts."""
# ruff: noqa: E501  path data reads better unbroken

from store.demo.drawing import motifs, necks, torso
from store.demo.drawing.canvas import Canvas, Part
from store.demo.drawing.geometry import Run, Shape, band, box, darker, ellipse, mirrored, whole
from store.demo.drawing.torso import TOP, Cut


def _finish(c: Canvas, cut: Cut, body: Part, *, hem: bool = True) -> None:
    torso.drape(c, body, cut)
    if hem:
        torso.hem_stitch(c, body, cut)
    if c.back:
        body.seam(
            [
                (400 - cut.shoulder + 10, TOP + cut.slope + 30),
                (400, TOP + 74),
                (400 + cut.shoulder - 10, TOP + cut.slope + 30),
            ]
        ) if c.spec.kind in ("shirt", "blouse") else None
    if c.spec.pattern == "graphic" and not c.back:
        motifs.draw(c, body, 400, TOP + (cut.hem_y - TOP) * 0.43, 118 if not c.spec.kids else 112)
    if c.spec.pattern == "colourblock":
        colour_blocks(c, body, cut)
    for side in (1, -1):
        hole = torso.armhole(cut)
        run = [(400 + side * (x - 400), y) for x, y in hole]
        if c.spec.sleeve not in (None, "sleeveless"):
            body.line(run, 2.2, opacity=0.55)
    c.focus = (400, TOP + 120, 380)


def colour_blocks(c: Canvas, body: Part, cut: Cut) -> None:
    """Large fields of the second (and third) colour across the body."""
    style = c.spec.get("blocks", "chest")
    if style == "none":
        return
    h = cut.hem_y - TOP
    if style == "half":
        body.mark(f'<rect x="400" y="0" width="500" height="1200" fill="{c.spec.second}"/>')
    elif style == "yoke":
        body.mark(
            f'<path d="M0 0H800V{TOP + h * 0.3:.0f}L400 {TOP + h * 0.36:.0f}L0 {TOP + h * 0.3:.0f}Z" fill="{c.spec.second}"/>'
        )
    else:
        a, b = TOP + h * 0.36, TOP + h * 0.62
        body.mark(f'<rect x="0" y="{a:.0f}" width="800" height="{b - a:.0f}" fill="{c.spec.second}"/>')
        if c.spec.get("third_block"):
            body.mark(f'<rect x="0" y="{b:.0f}" width="800" height="900" fill="{c.spec.third}"/>')


def chest_pocket(
    c: Canvas, x: float = 468, y: float = 330, w: float = 74, flap: bool = False, color: str | None = None
) -> None:
    """A patch pocket on the chest."""
    if c.back:
        return
    h = w * 1.12
    shape: Shape = [
        [(x - w / 2, y), (x + w / 2, y)],
        [(x + w / 2, y), (x + w / 2, y + h * 0.82)],
        [(x + w / 2, y + h * 0.82), (x, y + h)],
        [(x, y + h), (x - w / 2, y + h * 0.82)],
        [(x - w / 2, y + h * 0.82), (x - w / 2, y)],
    ]
    p = c.part(shape, color, at=(400, TOP), puff=0.25, drop=0.5)
    p.stitch(
        [
            (x - w / 2 + 4, y),
            (x - w / 2 + 4, y + h * 0.8),
            (x, y + h - 5),
            (x + w / 2 - 4, y + h * 0.8),
            (x + w / 2 - 4, y),
        ][0:2]
    )
    p.stitch([(x + w / 2 - 4, y), (x + w / 2 - 4, y + h * 0.8)])
    p.stitch([(x - w / 2, y + 12), (x + w / 2, y + 12)])
    if flap:
        f: Shape = [
            [(x - w / 2 - 3, y - 8), (x + w / 2 + 3, y - 8)],
            [(x + w / 2 + 3, y - 8), (x + w / 2 + 3, y + 18)],
            [(x + w / 2 + 3, y + 18), (x, y + 34)],
            [(x, y + 34), (x - w / 2 - 3, y + 18)],
            [(x - w / 2 - 3, y + 18), (x - w / 2 - 3, y - 8)],
        ]
        q = c.part(f, color, at=(400, TOP), puff=0.3, drop=0.8)
        q.stitch([(x - w / 2 + 2, y + 13), (x, y + 27)])
        q.stitch([(x, y + 27), (x + w / 2 - 2, y + 13)])
        c.button(x, y + 20, r=6)


def tee(c: Canvas) -> None:
    """T-shirt and long-sleeved top."""
    cut = torso.cut_for(c)
    second = c.spec.second if c.spec.get("raglan") or c.spec.get("sleeve_second") else None
    torso.inner_back(c, cut)
    torso.sleeves(c, cut, c.spec.sleeve, color=second, cuff="rib" if c.spec.get("rib_cuffs") else "hem")
    body = torso.front(c, cut)
    _finish(c, cut, body)
    if c.spec.neckline == "turtleneck":
        necks.turtleneck(c, cut, 58)
    else:
        necks.ribbed_neck(c, cut, 17, color=c.spec.get("trim") or second)
    if c.spec.get("henley"):
        necks.placket(c, cut, end=TOP + 176, n=3, width=30, r=6)
    if c.spec.get("pocket"):
        chest_pocket(c)


def tank(c: Canvas) -> None:
    """Sleeveless tops: vests, camisoles."""
    cami = c.spec.neckline == "straps"
    cut = torso.cut_for(c, shoulder=140)
    if cami:
        _camisole(c, cut)
        return
    torso.inner_back(c, cut)
    body = torso.front(c, cut, armless=30)
    _finish(c, cut, body)
    necks.ribbed_neck(c, cut, 13)
    for side in (1, -1):
        sx, sy = cut.shoulder - 30, TOP + cut.slope * (1 - 30 / cut.shoulder)
        run: Run = [
            (400 + side * sx, sy),
            (400 + side * (sx - 8), sy + (cut.armpit - sy) * 0.45),
            (400 + side * (cut.chest - 26), cut.armpit - 32),
            (400 + side * cut.chest, cut.armpit),
        ]
        torso.trim(c, run, 12, drop=0.3)


def _camisole(c: Canvas, cut: Cut) -> None:
    top = 292.0
    for side in (1, -1):
        back: Run = [(400 + side * 84, top - 2), (400 + side * 80, 200), (400 + side * 70, 142)]
        c.part(band(back, 7), darker(c.spec.color, 0.12), puff=0.8, drop=0.4)
    rear = c.part(
        whole(
            [
                [(400, top + 34), (400 + 80, top + 30), (400 + cut.chest - 4, top + 52)],
                [(400 + cut.chest - 4, top + 52), (400 + cut.chest - 10, top + 120)],
                [(400 + cut.chest - 10, top + 120), (400, top + 130)],
            ]
        ),
        darker(c.spec.color, 0.3),
        puff=0.2,
        drop=0,
    )
    rear.line([(260, top + 40), (400, top + 42), (540, top + 40)], 2)
    dip = 50 if not c.back else 34
    half: Shape = [
        [(400, top + dip), (400 + 42, top + dip * 0.62), (400 + 86, top - 4)],
        [(400 + 86, top - 4), (400 + 116, top + 40), (400 + cut.chest - 2, top + 66)],
        [
            (400 + cut.chest - 2, top + 66),
            (400 + cut.waist, cut.waist_y),
            (400 + cut.hem + 8, cut.hem_y - 40),
        ],
        [(400 + cut.hem + 8, cut.hem_y - 40), (400 + cut.hem * 0.5, cut.hem_y - 30), (400, cut.hem_y - 28)],
    ]
    body = c.part(whole(half), at=(400, TOP), puff=1.0)
    torso.drape(c, body, cut)
    for run in ([*mirrored([half[0]])[0], *half[0][1:]],):
        edge = c.part(band(run, 9), c.spec.get("trim") or darker(c.spec.color, 0.06), puff=0.5, drop=0.4)
        edge.line(run, 1, opacity=0.4)
    body.stitch([(400 - cut.hem, cut.hem_y - 54), (400, cut.hem_y - 42), (400 + cut.hem, cut.hem_y - 54)])
    for side in (1, -1):
        run2: Run = [(400 + side * 86, top + 2), (400 + side * 88, 210), (400 + side * 72, 140)]
        c.part(band(run2, 8), c.spec.color, puff=0.9, drop=0.6)
        c.part(ellipse(400 + side * 87, top - 34, 7, 7), "#c9a24b", puff=0.4, drop=0.6, gloss=1)
    if c.spec.pattern == "graphic" and not c.back:
        motifs.draw(c, body, 400, 500, 100)
    c.focus = (400, top + 60, 360)


def shirt(c: Canvas) -> None:
    """Shirts and blouses with a buttoned front."""
    cut = torso.cut_for(c, curve=8)
    torso.inner_back(c, cut, label=False)
    long = c.spec.sleeve in ("long", "threequarter")
    torso.sleeves(
        c, cut, c.spec.sleeve, cuff="shirt" if long and c.spec.get("cuff", "shirt") == "shirt" else "hem"
    )
    body = torso.front(c, cut)
    _finish(c, cut, body)
    if c.spec.get("ruffle") and not c.back:
        for side in (1, -1):
            run: Run = [
                (400 + side * 26, TOP + 70),
                (400 + side * 44, TOP + 170),
                (400 + side * 34, TOP + 290),
                (400 + side * 26, TOP + 390),
            ]
            p = c.part(band(run, 40, 26), at=(400, TOP), puff=0.9, drop=0.9)
            for k in range(9):
                y = TOP + 80 + 36 * k
                p.fold([(400 + side * 14, y), (400 + side * 62, y + 12)], 11, -0.8 if k % 2 else 0.7)
    necks.placket(
        c, cut, end=cut.hem_y + (6 if c.spec.get("hem") == "tail" else cut.curve - 2), n=7, width=32
    )
    if c.spec.get("pocket"):
        chest_pocket(c, flap=bool(c.spec.get("flap")))
        if c.spec.get("pocket") == 2:
            chest_pocket(c, x=332, flap=bool(c.spec.get("flap")))
    if c.spec.get("bow") and not c.back:
        _bow(c)
    else:
        necks.shirt_collar(
            c, cut, open_=True, camp=bool(c.spec.get("camp")), color=c.spec.get("collar_color")
        )


def _bow(c: Canvas) -> None:
    y = TOP + 62
    for side in (1, -1):
        neck: Run = [(400 + side * 64, TOP - 16), (400 + side * 44, TOP + 26), (400 + side * 8, y - 2)]
        c.part(band(neck, 26, 18), at=(400, TOP), puff=0.8, drop=0.8)
    for side in (1, -1):
        tail: Run = [(400 + side * 6, y), (400 + side * 24, y + 80), (400 + side * 30, y + 190 + 14 * side)]
        p = c.part(band(tail, 26, 40), at=(400, TOP), puff=0.7, drop=1.0)
        p.fold([(400 + side * 8, y + 10), (400 + side * 24, y + 90), (400 + side * 22, y + 180)], 10, -0.7)
        loop: Shape = [
            [
                (400, y - 8),
                (400 + side * 40, y - 40),
                (400 + side * 88, y - 26),
                (400 + side * 84, y + 16),
                (400 + side * 40, y + 20),
                (400, y + 8),
            ],
            [(400, y + 8), (400, y - 8)],
        ]
        q = c.part(loop, at=(400, TOP), puff=1.0, drop=1.0)
        q.fold([(400 + side * 10, y), (400 + side * 44, y - 6), (400 + side * 76, y - 8)], 13, -0.8)
    c.part(box(388, y - 14, 412, y + 15, 8), at=(400, TOP), puff=1.0, drop=0.9)


def polo(c: Canvas) -> None:
    """Polo shirts."""
    cut = torso.cut_for(c)
    torso.inner_back(c, cut, label=False)
    torso.sleeves(c, cut, c.spec.sleeve or "short", cuff="rib" if not c.spec.get("no_rib") else "hem")
    body = torso.front(c, cut)
    _finish(c, cut, body)
    necks.placket(c, cut, end=TOP + 190, n=3, width=34, r=6.5)
    necks.shirt_collar(c, cut, size=0.9, open_=True, color=c.spec.get("trim") or c.spec.color)


def sweater(c: Canvas) -> None:
    """Sweaters in any neckline."""
    cut = torso.cut_for(c, curve=4, sleeve_w=64, hem_y=690 if not c.spec.men else 725)
    torso.inner_back(c, cut)
    torso.sleeves(c, cut, c.spec.sleeve or "long", cuff="rib", puff=1.15)
    body = torso.front(c, cut, puff=1.2)
    _finish(c, cut, body, hem=False)
    torso.trim(
        c,
        [
            (400 - cut.hem + 5, cut.hem_y - 4),
            (400, cut.hem_y + cut.curve - 2),
            (400 + cut.hem - 5, cut.hem_y - 4),
        ],
        46,
        up=False,
    )
    if c.spec.neckline == "turtleneck":
        necks.turtleneck(c, cut)
    elif c.spec.neckline == "collar":
        necks.placket(c, cut, end=TOP + 190, n=3, width=32, r=6.5)
        necks.shirt_collar(c, cut, size=0.9, open_=True, color=c.spec.get("trim") or c.spec.color)
    else:
        necks.ribbed_neck(c, cut, 26)


def cardigan(c: Canvas) -> None:
    """Cardigans: an open v front with buttons."""
    cut = torso.cut_for(c, curve=4, sleeve_w=62, hem_y=690 if not c.spec.get("long") else 850)
    torso.inner_back(c, cut)
    torso.sleeves(c, cut, c.spec.sleeve or "long", cuff="rib", puff=1.15)
    body = torso.front(c, cut, puff=1.2)
    _finish(c, cut, body, hem=False)
    torso.trim(
        c, [(400 - cut.hem + 5, cut.hem_y - 4), (400, cut.hem_y + 2), (400 + cut.hem - 5, cut.hem_y - 4)], 46
    )
    if c.back:
        necks.ribbed_neck(c, cut, 24)
        return
    if c.spec.get("pocket", True):
        for side in (1, -1):
            x = 400 + side * cut.hem * 0.55
            p = c.part(
                box(x - 46, cut.hem_y - 160, x + 46, cut.hem_y - 52, 6), at=(400, TOP), puff=0.4, drop=0.6
            )
            p.line([(x - 44, cut.hem_y - 150), (x + 44, cut.hem_y - 150)], 14, opacity=0.3, dash="2 4")
    low = TOP + torso.neck_depth(c)
    if c.spec.neckline == "crew":
        necks.ribbed_neck(c, cut, 22)
    for side in (1, -1):
        run: Run = (
            [
                (400 + side * cut.neck, TOP - 2),
                (400 + side * cut.neck * 0.66, TOP + (low - TOP) * 0.46),
                (400 + side * 4, low + 4),
            ]
            if c.spec.neckline != "crew"
            else [(400 + side * 4, low)]
        )
        run = [*run, (400 + side * 2, cut.hem_y + 18)]
        if side == 1:
            continue
        torso.trim(c, run[:-1] if len(run) > 3 else run, 26) if c.spec.neckline != "crew" else None
    if c.spec.neckline != "crew":
        torso.trim(
            c,
            [(400 + cut.neck, TOP - 2), (400 + cut.neck * 0.66, TOP + (low - TOP) * 0.46), (404, low + 4)],
            26,
        )
    torso.trim(c, [(400, low - 6), (400, cut.hem_y + 18)], 30)
    for k in range(5):
        c.button(400, low + 22 + (cut.hem_y - low - 30) * k / 4, r=9, color=c.spec.get("buttons"))


def hoodie(c: Canvas) -> None:
    """Hoodies and sweatshirts: fleece with ribbed ends, a pouch or a zip."""
    hooded = c.spec.neckline == "hooded"
    cut = torso.cut_for(c, curve=4, sleeve_w=66, hem_y=690 if not c.spec.men else 725)
    second = c.spec.second if c.spec.get("raglan") else None
    torso.inner_back(c, cut, label=not hooded)
    if hooded and not c.back:
        pass
    torso.sleeves(c, cut, "long", cuff="rib", color=second, puff=1.2)
    body = torso.front(c, cut, puff=1.25)
    _finish(c, cut, body, hem=False)
    torso.trim(
        c, [(400 - cut.hem + 7, cut.hem_y - 2), (400, cut.hem_y + 2), (400 + cut.hem - 7, cut.hem_y - 2)], 48
    )
    if not c.back and (hooded or c.spec.get("pouch")):
        y = cut.hem_y - 190
        w = cut.hem * 0.66
        half: Shape = [
            [(400, y), (400 + w * 0.62, y)],
            [(400 + w * 0.62, y), (400 + w * 0.9, y + 60), (400 + w, y + 110)],
            [(400 + w, y + 110), (400 + w, y + 165)],
            [(400 + w, y + 165), (400, y + 166)],
        ]
        p = c.part(whole(half), at=(400, TOP), puff=0.5, drop=0.9)
        p.stitch([(400 - w * 0.58, y + 7), (400 + w * 0.58, y + 7)])
        p.stitch([(400 + w * 0.56, y + 4), (400 + w * 0.83, y + 62), (400 + w - 8, y + 112)], both=True)
    if c.spec.get("zip") and not c.back:
        c.zip([(400, TOP + torso.neck_depth(c) + (28 if hooded else -4)), (400, cut.hem_y + 20)])
    if hooded:
        necks.hood(c, cut, lined=c.spec.get("lining"))
        cords(c)
    else:
        necks.ribbed_neck(c, cut, 24, color=c.spec.get("trim"))
        if not c.back and c.spec.get("gusset", True):
            body.line([(386, TOP + 66), (400, TOP + 92)], 1.8)
            body.line([(414, TOP + 66), (400, TOP + 92)], 1.8)
    if c.spec.get("stripe_sleeve"):
        pass


def cords(c: Canvas) -> None:
    """Drawstrings, unless the design has none (children's hoods have none, for safety)."""
    if not c.spec.kids and c.spec.get("cords", True):
        necks.cords(c, c.spec.get("cord_color"))
