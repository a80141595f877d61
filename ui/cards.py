"""Events as HTML: pure functions, no Streamlit, no state.

Everything that comes from outside (names, replies, passages, file names) passes `esc` or `prose`; nothing else may put
text into the markup. Classes are styled in `style.css`. `url` turns a picture name or photo id into an address, empty
where there is no such picture.
"""

import re
from collections.abc import Callable, Iterable
from html import escape
from typing import Any, Literal

from prompts import load, say
from prompts.plain import RUN, one_line, plain
from tools.results import Answer, Cart, CartLine, Comparison, ComparisonRow, Policy, Preview, ProductCard
from ui.pictures import sources

Url = Callable[[str], str]

SURE, FAIRLY = 0.8, 0.55  # a confidence in words: from here on "quite sure", "fairly sure"
LOW_STOCK = 3
LINES_SHOWN = 6  # of the cart, after a turn; all of them stand in the side bar
MOST_SAID = 4_000  # characters of a message that are shown; a longer one is not answered either
ONE_SIZE = {"one size", "one-size", "onesize", "os", "free size", "均码"}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!$~:<>|&@/])")
_CSS_UNSAFE = re.compile(r"[^\w\s·]")


def esc(text: object) -> str:
    """Text as HTML, safe in content and in quoted attributes."""
    return escape(str(text), quote=True)


def visible(text: object) -> str:
    """Text as HTML content: what is written from right to left keeps to itself, so that a price beside it stays where
    it was written; what cannot be seen is left out."""
    return RUN.sub(r"<bdi>\g<0></bdi>", esc(plain(str(text))))


def label(text: str) -> str:
    """Text for a Streamlit label, which is markdown: every mark is shown as it is, on one line."""
    return _MARKDOWN.sub(r"\\\1", one_line(text))


def prose(text: str) -> str:
    """A reply as HTML: paragraphs, "- " lists and **bold**; everything else is shown as written."""
    blocks: list[str] = []
    for chunk in re.split(r"\n\s*\n", text.strip()):
        lines = chunk.split("\n")
        for is_list, group in _grouped(lines):
            if is_list:
                items = "".join(f"<li>{_inline(re.sub(_BULLET, '', line))}</li>" for line in group)
                blocks.append(f"<ul>{items}</ul>")
            else:
                blocks.append(f"<p>{'<br>'.join(_inline(line) for line in group)}</p>")
    return "".join(blocks)


_BULLET = re.compile(r"^\s*[-*•]\s+")


def _grouped(lines: Iterable[str]) -> list[tuple[bool, list[str]]]:
    groups: list[tuple[bool, list[str]]] = []
    for line in lines:
        is_list = bool(_BULLET.match(line))
        if groups and groups[-1][0] == is_list:
            groups[-1][1].append(line)
        else:
            groups.append((is_list, [line]))
    return groups


def _inline(line: str) -> str:
    return re.sub(r"\*\*(?=\S)(.{1,200}?)(?<=\S)\*\*", r"<strong>\1</strong>", visible(line))


def _say(key: str, lang: str, **values: object) -> str:
    return esc(say("ui", key, lang, **values))


CARD = "(max-width: 40rem) 92vw, 19rem"  # how wide pictures are shown: on a card,
THUMB, TILE = "4rem", "12rem"  # in a list of few words, in a strip


def picture(name: str | None, alt: str, url: Url, *, css: str = "", wide: str = CARD) -> str:
    """A picture with alt text, or an empty frame, which has the alt text too, where there is none. `wide`: how wide
    it is shown, as the `sizes` of HTML; the browser fetches no more pixels than that."""
    address = url(name) if name else ""
    if not address:
        return f'<div class="dg-nopic {css}" role="img" aria-label="{esc(alt)}"></div>'
    return (
        f'<img class="{css}" src="{esc(address)}" srcset="{esc(sources(address))}" sizes="{esc(wide)}"'
        f' alt="{esc(alt)}" loading="lazy" decoding="async">'
    )


# -- the conversation -------------------------------------------------------------------------------------------------


def said(text: str, pictures: list[str], names: list[str], about: str, lang: str, url: Url) -> str:
    """The shopper's message. `names`: files not shown as pictures; `about`: name of the product pointed at."""
    shown = "".join(
        picture(p, say("ui", "input.photo", lang), url, css="dg-photo", wide=TILE) for p in pictures
    )
    files = "".join(
        f'<span class="dg-file">{_say("input.photo_unread", lang, name=short(one_line(name), 40))}</span>'
        for name in names
    )
    photos = f'<div class="dg-photos">{shown}{files}</div>' if shown or files else ""
    tag = f'<div class="dg-about">{visible(about)}</div>' if about else ""
    body = (
        f'<div class="dg-bubble">{tag}<div class="dg-text">{visible(short(text, MOST_SAID))}</div></div>'
        if text or tag
        else ""
    )
    return f'<div class="dg-said" role="group" aria-label="{_say("turn.you", lang)}">{photos}{body}</div>'


Held = Literal[
    "", "few", "many"
]  # room that is kept for words above their results: few for a list, many for looks


def reply(text: str, lang: str, *, writing: bool = False, held: Held = "") -> str:
    """The assistant's words. `writing`: more is coming; `held`: results below are not to be moved by them."""
    css = f"dg-reply dg-held dg-{held}" if held else "dg-reply"
    if writing:
        css += ' dg-writing" aria-busy="true'  # not read aloud word by word
    who = _say("turn.guide", lang)
    return f'<div class="{css}" role="group" lang="{esc(lang)}" aria-label="{who}">{prose(text)}</div>'


def coming(lang: str, held: Held) -> str:
    """The place of words that come after their results."""
    return (
        f'<div class="dg-held dg-{held} dg-coming" lang="{esc(lang)}" aria-hidden="true"><i></i><i></i></div>'
    )


def status(text: str) -> str:
    """What the assistant is doing right now."""
    pulse = '<span class="dg-pulse" aria-hidden="true"></span>'
    return f'<div class="dg-status" role="status">{pulse}{visible(text)}</div>'


def error(text: str) -> str:
    """Something did not work; the conversation goes on."""
    return f'<div class="dg-error" role="alert">{visible(text)}</div>'


# -- products ---------------------------------------------------------------------------------------------------------


def size_name(size: str, lang: str) -> str:
    """A size as it is read: "one size" in the shopper's language, any other as the shop writes it."""
    return say("ui", "card.one_size", lang) if size.strip().casefold() in ONE_SIZE else size


def slot_name(slot: str | None, lang: str) -> str:
    """A slot of a look as it stands over a piece."""
    words = load("tools")["outfit"]["slots"].get(slot or "")
    return words[lang] if words else slot or ""


def price(card: ProductCard, lang: str) -> str:
    """The price, or the sale price with the old one struck through; spoken as such by screen readers."""
    if not card.sale_price:
        return f'<p class="dg-price">{esc(card.price.text)}</p>'
    now = f'<span class="dg-sr">{_say("card.now", lang)} </span><b>{esc(card.sale_price.text)}</b>'
    return (
        f'<p class="dg-price dg-sale">{now}'
        f' <span class="dg-sr">{_say("card.was", lang)} </span><del>{esc(card.price.text)}</del></p>'
    )


def sizes(card: ProductCard, lang: str) -> str:
    """The sizes; those out of stock struck through."""
    if not card.in_stock:
        return f'<p class="dg-out">{_say("card.sold_out", lang)}</p>'
    shown = []
    for option in card.sizes:
        if option.in_stock:
            few = option.quantity is not None and option.quantity <= LOW_STOCK
            low = _say("card.low", lang, count=option.quantity) if few else ""
            title = f' class="dg-low" title="{low}"' if low else ""
            shown.append(f"<li{title}>{esc(size_name(option.size, lang))}</li>")
        else:
            out = _say("card.size_out", lang, size=option.size)
            shown.append(f'<li title="{out}"><s aria-label="{out}">{esc(option.size)}</s></li>')
    return (
        f'<ul class="dg-sizes" aria-label="{_say("card.sizes", lang)}">{"".join(shown)}</ul>' if shown else ""
    )


def _rating(card: ProductCard, lang: str) -> str:
    if card.rating is None:
        return ""
    spoken = _say("card.rating", lang, value=f"{card.rating:.1f}", count=card.rating_count)
    return (
        f'<p class="dg-rating" title="{spoken}"><span class="dg-sr">{spoken}</span><span aria-hidden="true">★ '
        f"{card.rating:.1f} <small>({card.rating_count})</small></span></p>"
    )


def _pictures(card: ProductCard, lang: str, url: Url, badges: str) -> str:
    """The picture with what lies over it."""
    if not card.image:
        return f'<div class="dg-pic dg-unseen">{badges}</div>'
    alt = say("ui", "card.picture", lang, name=card.name)
    second = next((name for name in card.images if name != card.image and url(name)), None)
    over = picture(second, "", url, css="dg-second") if second else ""
    css = "dg-pic" if card.in_stock else "dg-pic dg-gone"
    return f'<div class="{css}">{picture(card.image, alt, url)}{over}{badges}</div>'


def product(card: ProductCard, lang: str, url: Url, *, number: int | None = None, over: str = "") -> str:
    """A product card for a grid. `number`: its place in the list, so that a shopper can say "the second one"; `over`:
    buttons of ours that lie over its picture, as HTML."""
    badges = over
    if number is not None:
        badges += f'<span class="dg-number" title="{_say("card.number", lang, n=number)}">{number}</span>'
    if card.nearest:
        badges += f'<span class="dg-badge">{_say("card.nearest", lang)}</span>'
    elif card.sale_price:
        badges += f'<span class="dg-badge dg-badge-sale">{_say("card.sale", lang)}</span>'
    slot = f'<p class="dg-slot">{esc(slot_name(card.slot, lang))}</p>' if card.slot else ""
    brand = f'<p class="dg-brand">{visible(card.brand)}</p>' if card.brand else ""
    why = f'<p class="dg-why">{visible(card.why)}</p>' if card.why else ""
    return (
        f'<article class="dg-card" lang="{esc(lang)}">{_pictures(card, lang, url, badges)}'
        f'<div class="dg-body">{slot}{brand}'
        f'<h3>{visible(card.name)}</h3><div class="dg-line">{price(card, lang)}{_rating(card, lang)}</div>'
        f"{sizes(card, lang)}{why}</div></article>"
    )


def detail(card: ProductCard, lang: str, url: Url, *, pictures: str = "", marks: str = "") -> str:
    """One product at length: its pictures, what the record says, care and the size chart where they were asked for.

    `pictures`: the viewer of all of them, in place of the card's own; `marks`: its heart and thumb, as HTML."""
    more = card.details or {}
    facts = "".join(f"<div><dt>{esc(k)}</dt><dd>{visible(v)}</dd></div>" for k, v in card.attributes.items())
    advice = _advice(card, lang)
    about = prose(str(more["description"])) if more.get("description") else ""
    folded = ""
    if more.get("care"):
        folded += _folded(_say("card.care", lang), prose(str(more["care"])))
    if more.get("size_chart"):
        folded += _folded(_say("card.size_chart", lang), size_chart(more["size_chart"], lang))
    brand = f'<p class="dg-brand">{visible(card.brand)}</p>' if card.brand else ""
    why = f'<p class="dg-why">{visible(card.why)}</p>' if card.why else ""
    return (
        f'<article class="dg-card dg-detail" lang="{esc(lang)}">{pictures or _pictures(card, lang, url, "")}'
        f'<div class="dg-body">{brand}<h3>{visible(card.name)}</h3>'
        f'<div class="dg-line">{price(card, lang)}{_rating(card, lang)}{marks}</div>{sizes(card, lang)}{advice}{why}'
        f"{about}<dl>{facts}</dl>{folded}</div></article>"
    )


def _advice(card: ProductCard, lang: str) -> str:
    """The size that was advised and how sure it is; the reply says why."""
    told = card.advice
    if told is None or told.size is None:
        return ""
    if not told.in_stock and told.nearest:
        size = _say("card.advice_nearest", lang, size=told.size, near=told.nearest)
    else:
        size = _say("card.advice", lang, size=told.size)
    sure = _say(f"card.sure.{told.sure}", lang)
    return f'<p class="dg-advice"><b>{size}</b> <span>{sure}</span></p>'


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>{body}</details>"


def size_chart(chart: dict[str, dict[str, float]], lang: str) -> str:
    """Body measurements in centimetres per size, as a table."""
    known = load("ui")["card"]["measure"]
    measures = list(dict.fromkeys(m for row in chart.values() for m in row))
    head = "".join(f'<th scope="col">{esc(known[m][lang] if m in known else m)}</th>' for m in measures)
    rows = "".join(
        f'<tr><th scope="row">{esc(size)}</th>'
        + "".join(f"<td>{_number(row.get(m))}</td>" for m in measures)
        + "</tr>"
        for size, row in chart.items()
    )
    caption = _say("card.size_chart", lang)
    return f'<div class="dg-scroll" tabindex="0" role="region" aria-label="{caption}">' + (
        f'<table class="dg-table dg-chart"><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def relaxed(lang: str) -> str:
    """A line above a list that met not every condition."""
    return f'<p class="dg-relaxed">{_say("card.relaxed", lang)}</p>'


def comparison(event: Comparison, lang: str, url: Url) -> str:
    """Products side by side, a picture on top of each column: what differs, with marks on what it speaks for and on the
    one of the verdict, which the reply says; and what is alike in a line."""
    seen = any(c.image for c in event.items)  # else there is nothing to set side by side
    pictures = [
        picture(c.image, say("ui", "card.picture", lang, name=c.name), url, wide=TILE) if seen else ""
        for c in event.items
    ]
    pick = f'<span class="dg-pick">★ {_say("comparison.pick", lang)}</span>'
    heads = "".join(
        f'<th scope="col">{shown}<span>{visible(c.name)}</span>{pick if c.id == event.pick else ""}</th>'
        for shown, c in zip(pictures, event.items, strict=True)
    )
    rows = "".join(_compared(row, lang) for row in event.rows)
    same = f'<p class="dg-same">{visible(event.same)}</p>' if event.same else ""
    title = _say("comparison.heading", lang)
    return (
        f'<div class="dg-scroll" tabindex="0" role="region" aria-label="{title}"><table class="dg-table dg-compare">'
        f'<thead><tr><td><span class="dg-sr">{_say("comparison.feature", lang)}</span></td>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{same}"
    )


def _compared(row: ComparisonRow, lang: str) -> str:
    """One row, with a mark on what it speaks for, told to those who cannot see it too."""
    mark = f'<span class="dg-sr"> ({_say("comparison.best", lang)})</span>'
    cells = "".join(
        f'<td class="dg-best">{visible(value)}{mark}</td>' if at in row.best else f"<td>{visible(value)}</td>"
        for at, value in enumerate(row.values)
    )
    asked = ' class="dg-asked"' if row.asked else ""
    return f'<tr{asked}><th scope="row">{visible(row.label)}</th>{cells}</tr>'


# -- answers ----------------------------------------------------------------------------------------------------------


def answer(event: Answer, lang: str, said_already: str = "") -> str:
    """Where an answer comes from and how sure it is; the answer itself unless the reply has said it."""
    badge = (
        f'<span class="dg-source dg-{esc(event.source)}">{_say(f"answer.source.{event.source}", lang)}</span>'
    )
    sure = ""
    if event.source in ("image", "text_in_image"):
        word = "sure" if event.confidence >= SURE else "fairly" if event.confidence >= FAIRLY else "unsure"
        sure = f'<span class="dg-sure">{_say(f"answer.{word}", lang)}</span>'
    text = "" if event.answer.strip(" 。.") in said_already else f"<p>{visible(event.answer)}</p>"
    return f'<aside class="dg-answer">{text}<p class="dg-meta">{badge}{sure}</p></aside>'


def preview(event: Preview, lang: str, url: Url) -> str:
    """A recoloured picture beside the one that it was made of, labelled as what it is."""
    name = event.name or say("ui", "preview.yours", lang)
    made = say("ui", "preview.made", lang, name=name, color=event.color.name)
    before = picture(event.original, say("ui", "preview.before", lang, name=name), url)
    after = picture(event.picture, made, url)
    dot = f'<i style="background: {_hex(event.color.srgb)}" aria-hidden="true"></i>'
    return (
        f'<div class="dg-preview" role="group" aria-label="{esc(made)}">'
        f"<figure>{before}<figcaption>{_say('preview.original', lang)}</figcaption></figure>"
        f'<figure>{after}<figcaption>{dot}<span class="dg-source">{visible(event.label)}</span>'
        f"{visible(event.color.name)}</figcaption></figure></div>"
        f'<p class="dg-preview-note">{_say("preview.note", lang)}</p>'
    )


def swatch_style(key: str, codes: Iterable[str]) -> str:
    """The colours of a row of swatches, whose buttons have the keys `key`-0, `key`-1 …"""
    rules = (f".st-key-{key}-{i} button {{ background: {_hex(code)}; }}" for i, code in enumerate(codes))
    return f"<style>{''.join(rules)}</style>"


def _hex(code: str) -> str:
    """A colour for a style: nothing else gets through."""
    return code if re.fullmatch(r"#[0-9a-f]{6}", code) else "transparent"


def policy(event: Policy, lang: str) -> str:
    """The passage the reply rests on, quoted."""
    return (
        f'<figure class="dg-policy"><figcaption><span class="dg-source">{_say("policy.badge", lang)}</span>'
        f"<b>{visible(event.title)}</b></figcaption><blockquote>{prose(event.passage)}</blockquote></figure>"
    )


def cart_line(line: Any, lang: str, url: Url) -> str:
    """A line of the cart: picture, name, size, price of one."""
    size = f"<span>{_say('cart.size', lang, size=line.size)}</span>" if line.size else ""
    color = f"<span>{visible(line.color)}</span>" if line.color else ""
    each = f" <small>{_say('cart.each', lang)}</small>" if line.quantity > 1 else ""
    shown = (
        picture(line.image, say("ui", "card.picture", lang, name=line.name), url, wide=THUMB)
        if line.image
        else ""
    )
    return (
        f'<div class="dg-cartline">{shown}'
        f"<div><b>{visible(line.name)}</b><p>{color}{size}<span>{esc(line.price.text)}{each}</span></p></div></div>"
    )


def cart(event: Cart, lang: str, url: Url) -> str:
    """The cart as it is after the turn: its newest lines, how many things there are, the total."""
    shown = event.lines[-LINES_SHOWN:]
    more = len(event.lines) - len(shown)
    lines = "".join(f"<li>{_line_of_thread(line, lang, url)}</li>" for line in shown)
    if more:
        lines = f'<li class="dg-quiet">{_say("cart.earlier", lang, count=more)}</li>{lines}'
    count = _say("cart.count", lang, count=sum(x.quantity for x in event.lines))
    total = f"<b>{esc(event.total.text)}</b>" if event.total else ""
    return (
        f'<aside class="dg-cart" lang="{esc(lang)}"><ul>{lines}</ul>'
        f'<p class="dg-cart-sum"><span>{count}</span>{total}</p></aside>'
    )


def _line_of_thread(line: CartLine, lang: str, url: Url) -> str:
    told = [visible(line.color)] if line.color else []
    told += [_say("cart.size", lang, size=line.size)] if line.size else []
    told += [f"×{line.quantity}"] if line.quantity > 1 else []
    shown = (
        picture(line.image, say("ui", "card.picture", lang, name=line.name), url, wide=THUMB)
        if line.image
        else ""
    )
    about = f"<small>{' · '.join(told)}</small>" if told else ""
    return (
        f'{shown}<span class="dg-cart-name">{visible(line.name)}{about}</span><b>{esc(line.price.text)}</b>'
    )


def cart_total(event: Cart, lang: str) -> str:
    """The last line of the cart in the side bar."""
    total = esc(event.total.text) if event.total else ""
    return f'<p class="dg-total"><span>{_say("cart.total", lang)}</span><b>{total}</b></p>'


def pinned(name: str, image: str | None, title: str, url: Url) -> str:
    """What the next message is about."""
    shown = picture(image, "", url, wide=THUMB) if image else ""
    return f'<div class="dg-pinned">{shown}<p><small>{esc(title)}</small><b>{visible(short(name, 60))}</b></p></div>'


def css_text(text: str) -> str:
    """Text for a `content` of ours in a style sheet."""
    return _CSS_UNSAFE.sub("", text)


def worded(count: int, lang: str) -> str:
    """Style that puts our words on two buttons of Streamlit's: the cart's count on the one that opens the side bar, and
    the shutter of the camera, which Streamlit has in English only."""
    words = {
        "stExpandSidebarButton": say("ui", "cart.count" if count else "cart.heading", lang, count=int(count)),
        "stCameraInputButton": say("ui", "input.shutter", lang),
    }
    rules = (f"[data-testid='{part}']::after{{content:'{css_text(text)}'}}" for part, text in words.items())
    return f"<style>{''.join(rules)}</style>"


# -- the page ---------------------------------------------------------------------------------------------------------


def welcome(lang: str) -> str:
    """The greeting of an empty conversation."""
    return (
        f'<section class="dg-welcome" lang="{esc(lang)}"><h1>{_say("welcome.heading", lang)}</h1>'
        f"<p>{_say('welcome.text', lang)}</p></section>"
    )


def welcome_try(lang: str) -> str:
    """What leads to the first questions."""
    return f'<p class="dg-try">{_say("welcome.try", lang)}</p>'


def empty_shop(lang: str) -> str:
    """What to do about a shop without products."""
    return (
        f'<section class="dg-welcome" lang="{esc(lang)}"><h1>{_say("empty.heading", lang)}</h1>'
        f"<p>{_say('empty.text', lang)}</p><pre>daogou import FEED\ndaogou demo</pre></section>"
    )


def wordmark(shop: str, lang: str, tagline: str = "") -> str:
    """The name of the shop, at the top of the side bar and of the page."""
    below = esc(tagline) or _say("tagline", lang)
    return f'<div class="dg-mark"><b>{esc(shop)}</b><span>{below}</span></div>'


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def short(text: str, limit: int) -> str:
    """At most `limit` characters, the last one "…" where something is left out."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
