"""The "what I see" card: a photo with a box for each garment, and the garments in words. Pure functions, no Streamlit.

Boxes and chips are Streamlit's own buttons, so that mouse, touch, keyboard and screen readers all have them; what is
made here is their text and the style that lays them over the photo. `key` names a card; its parts are `photo-…`,
`box-…-i` and `chip-seen-…-i`.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.events import Looked
from agent.focus import counted, garment_name, that_garment
from prompts import load, say, taxonomy
from ui.cards import FAIRLY, SURE, Url, esc, label, short

Box = tuple[float, float, float, float]
_TOLD = ("pattern", "sleeve", "neckline", "length", "material")
_NAME = 40  # characters of a name on a button
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_RATIO_OF_NONE = 1.8  # of the note in the place of a photo that is gone
_RAINBOW = "#c22a2e,#f0c93f,#2f7d4f,#2d62b4,#6f4a9c"
# A name tag, about, as fractions of a photo as it is shown, where it is shown at its widest: its height; its width
# without words, of a letter, of 字. A narrow photo is shown less wide, by its shape (see style.css).
_WIDEST, _TALLEST = 19.0, 21.0  # rem
_TAG_HEIGHT, _TAG_WIDTH, _LETTER, _HAN = 0.09, 0.12, 0.022, 0.042


@dataclass(frozen=True)
class Shown:
    """A garment as it is shown. `place`: in the look, 0 the main one; `box` None: where it is, is not known; `sure`:
    "sure", "fairly", "unsure" or "" where nothing was said of it; `wish`: what touching it says."""

    place: int
    name: str
    told: tuple[str, ...]
    colors: tuple[str, ...]
    box: Box | None
    sure: str
    figures: str
    wish: str


def garments(look: Mapping[str, Any], lang: str) -> list[Shown]:
    """The garments of a look (as in the event) in words of `lang`, in the order in which people count them."""
    found = look.get("garments") or []
    return [_shown(found[i], i, lang) for i in counted([_box(g.get("box")) for g in found])]


def pointed(look: Mapping[str, Any], place: int, lang: str) -> str:
    """Number and name of the garment at a place of a look, as on its box."""
    return next(f"{n} · {g.name}" for n, g in enumerate(garments(look, lang), 1) if g.place == place)


def _shown(garment: Mapping[str, Any], place: int, lang: str) -> Shown:
    confidence = {k: float(v) for k, v in (garment.get("confidence") or {}).items() if _share(v)}
    p = confidence.get("category")
    sure = "" if p is None else "sure" if p >= SURE else "fairly" if p >= FAIRLY else "unsure"
    colors = tuple(str(c) for c in garment.get("colors") or [])
    # What the name says already is not said again.
    rest = [taxonomy.word("color", c, lang) for c in colors[1:]]
    rest += [
        taxonomy.word(a, str(garment[a]), lang) for a in _TOLD if garment.get(a) and _worth_saying(a, garment)
    ]
    name = garment_name(garment, lang)
    labels = load("tools")["labels"]
    figures = [
        say("ui", "looked.share", lang, name=labels[k][lang], percent=min(99, round(100 * v)))
        for k, v in confidence.items()
        if k in labels
    ]
    if sure == "unsure":
        name = say("ui", "looked.maybe", lang, name=name)
    return Shown(
        place=place,
        name=short(name[:1].upper() + name[1:], _NAME),
        told=tuple(word for word in rest if word.casefold() not in name.casefold()),
        colors=colors,
        box=_box(garment.get("box")),
        sure=sure,
        figures=_list(figures, lang),
        wish=say("ui", "say.garment", lang, that=that_garment(garment, lang)),
    )


def _worth_saying(attribute: str, garment: Mapping[str, Any]) -> bool:
    """Not the pattern that the name has told; of lengths only those that people speak of."""
    if attribute == "pattern":
        return garment["pattern"] in ("plain", "other")
    return attribute != "length" or garment.get("category") in ("dress", "skirt", "coat")


def _list(words: Sequence[str], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(words)


def _share(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 1


def _box(value: object) -> Box | None:
    """Four fractions with something between them; None for anything else."""
    if not isinstance(value, list | tuple) or len(value) != 4:
        return None
    if not all(isinstance(v, int | float) and math.isfinite(v) for v in value):
        return None
    left, top, right, bottom = (min(1.0, max(0.0, float(v))) for v in value)
    return (left, top, right, bottom) if right > left and bottom > top else None


# -- text -------------------------------------------------------------------------------------------------------------


def box_label(number: int, shown: Shown, lang: str) -> str:
    """The text of a box, as Streamlit's markdown: number, name and (for screen readers) what it does."""
    return f"**{number}** {label(shown.name)} *{label(say('ui', 'looked.find', lang))}*"


def chip_label(number: int, shown: Shown, lang: str) -> str:
    """The text of a chip: number, name, and what else was seen with how sure it is."""
    more = [*shown.told, say("ui", f"answer.{shown.sure}", lang)] if shown.sure else [*shown.told]
    return f"**{number}** {label(shown.name)}" + (f" *{label(' · '.join(more))}*" if more else "")


def heading(event: Looked, lang: str) -> str:
    """Above the chips: what the picture is as a whole. Where nothing was seen in it, that is for the reply to say."""
    seen = bool(event.look.get("garments"))
    text = f"<p>{esc(event.look['caption'])}</p>" if seen and event.look.get("caption") else ""
    title = say("ui", "looked.heading" if seen else "looked.nothing", lang)
    return f'<div class="dg-seen"><h3>{esc(title)}</h3>{text}</div>'


def facts(event: Looked, lang: str, *, touchable: bool) -> str:
    """Below the chips: what touching does, and what holds of the whole picture (setting, lettering)."""
    names = {say("tools", f"labels.{name}", lang) for name in ("setting", "text")}
    rows = "".join(
        f"<div><dt>{esc(name)}</dt><dd>{esc(value)}</dd></div>"
        for name, value in event.card.items()
        if name in names
    )
    hint = f'<p class="dg-hint">{esc(say("ui", "looked.hint", lang))}</p>' if touchable else ""
    return f'<div class="dg-seen">{hint}{f"<dl>{rows}</dl>" if rows else ""}</div>' if hint or rows else ""


def gone(lang: str) -> str:
    """In the place of a photo that is not kept any more."""
    return f'<p class="dg-gone-photo">{esc(say("ui", "looked.gone", lang))}</p>'


def photo(event: Looked, lang: str, url: Url) -> str:
    """The photo that the boxes lie on."""
    boxed = sum(_box(g.get("box")) is not None for g in event.look.get("garments") or [])
    alt = say("ui", "looked.photo", lang, count=boxed) if boxed else say("ui", "input.photo", lang)
    return f'<img class="dg-seen-photo" src="{esc(url(event.photo))}" alt="{esc(alt)}" decoding="async">'


# -- where things lie -------------------------------------------------------------------------------------------------


def style(key: str, found: Sequence[Shown], size: tuple[int, int] | None) -> str:
    """Style of one card: the shape of its photo (`size` in pixels), where its boxes lie, the colours of its chips, and
    that a chip lights its box. Nothing from outside gets in but numbers and known colours."""
    ratio = size[0] / size[1] if size else _RATIO_OF_NONE
    rules = [f".st-key-looked-{key}{{--ratio:{ratio:.4f}}}"]
    corners = _corners(found, _WIDEST / min(_WIDEST, _TALLEST * ratio))
    for i, shown in enumerate(found):
        box, chip = f".st-key-box-{key}-{i}", f".st-key-chip-seen-{key}-{i}"
        rules.append(f"{chip} button{{{_dots(shown.colors)}}}")
        if shown.box is None:
            continue
        left, top, right, bottom = shown.box
        area = (right - left) * (bottom - top)
        # Never so near the edge that the least box a finger can touch would stick out.
        where = f"left:min({left:.2%},100% - 2rem);top:min({top:.2%},100% - 2rem)"
        where += f";width:{right - left:.2%};height:{bottom - top:.2%}"
        rules.append(f"{box}{{{where};z-index:{1 + round(98 * (1 - area))}}}")  # the smaller, the nearer
        if shown.sure == "unsure":
            rules.append(f"{box} button{{border-style:dashed}}")
        vertical, horizontal = corners[i]
        rules.append(f"{box} button{{align-items:{vertical};justify-content:{horizontal}}}")
        lit = f"{chip} button:is(:hover,:focus-visible)"
        rules.append(f".st-key-looked-{key}:has({lit}) {box} button{{{_LIT}}}")
    return f"<style>{''.join(rules)}</style>"


_LIT = "border-color:var(--accent);background:rgba(156,58,43,.22)"


def _dots(colors: Sequence[str]) -> str:
    """A dot for each colour, side by side, as custom properties that style.css draws."""
    images, places = [], []
    for i, color in enumerate(colors[:3]):
        value = taxonomy.swatch(color) or ""
        ring = "rgba(0,0,0,.28)"
        if _HEX.fullmatch(value):
            images.append(f"radial-gradient(circle,{value} 0 .4rem,{ring} .42rem .47rem,transparent .49rem)")
        else:
            images.append(f"conic-gradient({_RAINBOW},#c22a2e)")
        places.append(f"{i * 1.05:.2f}rem 0/1rem 1rem no-repeat")
    drawn = ",".join(f"{image} {place}" for image, place in zip(images, places, strict=True))
    return f"--dots:{drawn or 'none'};--dots-width:{1.05 * len(images):.2f}rem"


def _corners(found: Sequence[Shown], scale: float) -> list[tuple[str, str]]:
    """For each garment the corner of its box where its name stands, as (vertical, horizontal): the first where the name
    stays within the photo and off the names before it; top left preferred. `scale`: of the widths of names."""
    taken: list[Box] = []
    corners = []
    for shown in found:
        left, top, right, bottom = shown.box or (0.0, 0.0, 1.0, 1.0)
        width = scale * (_TAG_WIDTH + sum(_HAN if c > "⺀" else _LETTER for c in shown.name))
        width = min(width, right - left)  # a longer name is cut off: its chip has it in full
        places = {
            ("flex-start", "flex-start"): (left, top),
            ("flex-start", "flex-end"): (right - width, top),
            ("flex-end", "flex-start"): (left, bottom - _TAG_HEIGHT),
            ("flex-end", "flex-end"): (right - width, bottom - _TAG_HEIGHT),
        }
        tags = {corner: (x, y, x + width, y + _TAG_HEIGHT) for corner, (x, y) in places.items()}
        inside = {c: tag for c, tag in tags.items() if tag[0] >= 0 and tag[2] <= 1}
        free = [c for c, tag in inside.items() if not any(_meet(tag, other) for other in taken)]
        corner = free[0] if free else next(iter(inside or tags))
        corners.append(corner)
        if shown.box:
            taken.append(tags[corner])
    return corners


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
