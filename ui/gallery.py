"""All pictures of a product in one place: thumbnails, a large one to zoom into, and a full turn. Pure functions, no
Streamlit; `gallery.js` brings it to life, style.css dresses it. Without script the first picture stands there.
"""

from collections.abc import Mapping, Sequence

from prompts import load, say
from ui.cards import Url, esc
from ui.pictures import sources

STAGE = "(max-width: 40rem) 92vw, 20rem"  # how wide the large picture is shown
TOUCHED = 8  # frames of a turn that make it one; fewer are no turn
TURN = "360°"  # stands in the labels of the button, too, in every language


def what(view: str | None, n: int, count: int, lang: str) -> str:
    """A picture's label: what it shows where that is known, and its place among the others; empty where there is
    nothing to say."""
    if view and view in load("ui")["gallery"]:
        return say("ui", "gallery.labelled", lang, what=say("ui", f"gallery.{view}", lang), n=n, count=count)
    return say("ui", "gallery.nth", lang, n=n, count=count) if count > 1 else ""


def gallery(
    name: str,
    images: Sequence[str],
    views: Mapping[str, str],
    spin: Sequence[str],
    lang: str,
    url: Url,
    ratio: tuple[int, int] | None = None,
    wide: str = STAGE,
) -> str:
    """The viewer of a product's pictures, as HTML; empty where none of them is there.

    `images`: picture names, front first; `views`: what some of them show; `spin`: the frames of a full turn, the first
    from the front (none, or less than eight: no turn is offered; one frame missing: neither); `ratio`: width and height
    of the large picture where it is another than a product's; `wide`: how wide it is shown, as the `sizes` of HTML.
    """
    shown = [(image, address) for image in images if (address := url(image))]
    frames = [address for frame in spin if (address := url(frame))]
    turns = len(frames) == len(spin) >= TOUCHED
    if not shown:
        return ""
    hint = "closer" if ratio else "hint"
    labels = [what(views.get(image), n, len(shown), lang) for n, (image, _) in enumerate(shown, 1)]
    first = shown[0][1]
    alt = f"{name}: {labels[0]}" if labels[0] else name
    form = f' style="aspect-ratio: {ratio[0]:d} / {ratio[1]:d}"' if ratio else ""
    stage = (
        f'<div class="dg-stage"{form} tabindex="0" role="group" aria-label="{_say("stage", lang, name=name)}"'
        f' data-zoom="{_say(hint, lang)}" data-drag="{_say("turn_hint", lang)}" data-wait="{_say("wait", lang)}">'
        f'<img src="{esc(first)}" srcset="{esc(sources(first))}" sizes="{esc(wide)}" data-full="{esc(first)}"'
        f' alt="{esc(alt)}" draggable="false" decoding="async"></div>'
    )
    told = f'<p class="dg-view-told" role="status">{esc(labels[0])}</p>'
    buttons = "".join(
        f'<button type="button" class="dg-view" data-view="{esc(address)}" data-srcset="{esc(sources(address))}"'
        f' data-told="{esc(label)}" aria-pressed="{"true" if i == 0 else "false"}" aria-label="{esc(label)}">'
        f'<img src="{esc(address)}?w=120" alt="" loading="lazy" decoding="async"></button>'
        for i, ((_, address), label) in enumerate(zip(shown, labels, strict=True))
    )
    slider = ""
    if turns:
        buttons += (
            '<button type="button" class="dg-view dg-turn" data-turn aria-pressed="false"'
            f' aria-label="{_say("spin", lang)}">{TURN}</button>'
        )
        texts = [say("ui", "gallery.view", lang, n=n, count=len(frames)) for n in range(1, len(frames) + 1)]
        slider = (
            f'<input type="range" class="dg-angle" min="1" max="{len(frames)}" value="1" hidden'
            f' aria-label="{_say("turn", lang, name=name)}" aria-valuetext="{esc(texts[0])}"'
            f' data-frames="{esc(" ".join(frames))}" data-texts="{esc("|".join(texts))}">'
        )
    strip = f'<div class="dg-views">{buttons}</div>' if len(shown) > 1 or turns else ""
    return (
        f'<div class="dg-gallery" role="group" aria-label="{_say("label", lang, name=name)}" data-name="{esc(name)}">'
        f'{stage}<div class="dg-below">{told}{slider}</div>{strip}</div>'
    )


def _say(key: str, lang: str, **values: object) -> str:
    return esc(say("ui", f"gallery.{key}", lang, **values))
