"""The storefront's HTML: pure functions; whatever a shop wrote passes `esc`, and nothing is in a script or a style."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from prompts import load, say
from tools.results import Price, ProductCard
from ui.cards import esc
from ui.pictures import WIDTHS

_JS_WORDS = ("added", "cart_empty", "remove", "checkout", "no_checkout", "close", "cart", "choose")


@dataclass(frozen=True)
class Page:
    """What every page of a shop knows. `base`: where its pages are; `shop`: its name among several."""

    lang: str
    base: str
    title: str = "Daogou"
    key: str = ""
    shop: str = ""

    def say(self, key: str, /, **values: object) -> str:
        """A sentence of the pages, as HTML."""
        return esc(say("widget", f"store.{key}", self.lang, **values))

    def link(self, path: str = "", **query: str) -> str:
        """The address of another page in the same language, as HTML."""
        asked = urlencode({"lang": self.lang} | {name: value for name, value in query.items() if value})
        return esc(f"{self.base}{path}?{asked}")

    def picture(self, name: str, width: int) -> str:
        """The address of a picture, as HTML."""
        query = urlencode({"w": width} | ({"shop": self.shop} if self.shop else {}))
        return esc(f"/api/v1/pictures/{quote(name)}?{query}")


@dataclass(frozen=True)
class Shown:
    """What a list shows. `following`: where the next page begins; `example`: of a search that finds
    something; `total`: how many were found."""

    query: str = ""
    kind: str = ""
    following: str | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)
    example: str = ""
    total: int = 0


def home(page: Page, cards: Sequence[ProductCard], shown: Shown) -> str:
    """The list of products."""
    kinds = [
        ("", page.say("all")),
        *((kind, esc(word)) for kind, word in shown.kinds.items()),
    ]
    here = "" if shown.query else shown.kind
    chips = "".join(
        f'<a href="{page.link(kind=kind)}"{_current(kind == here and not shown.query)}>{word}</a>'
        for kind, word in kinds
    )
    if not shown.kinds:
        listed = f'<p class="note">{page.say("empty")}</p>'
    elif cards:
        listed = (
            f'<ul class="goods" id="goods">{"".join(_card(page, one, n) for n, one in enumerate(cards))}</ul>'
        )
    else:
        listed = f'<p class="note">{page.say("nothing")}</p>'
    found = (
        f'<h1 class="found">{page.say("found", query=shown.query, count=shown.total)}</h1>'
        if shown.query
        else ""
    )
    more = (
        f'<p class="more"><a class="button" href="{page.link(after=shown.following)}">{page.say("next")}</a></p>'
        if shown.following
        else ""
    )
    band = "" if shown.query or shown.kind else f'<p class="band">{page.say("about")}</p>'
    nav = f'<nav class="kinds" aria-label="{page.say("all")}">{chips}</nav>' if shown.kinds else ""
    heading = found or f'<h1 class="hidden">{esc(page.title)}</h1>'
    return _whole(page, page.title, f"{heading}{band}{nav}{listed}{more}", shown=shown)


def product(page: Page, card: ProductCard) -> str:
    """One product."""
    details = card.details or {}
    name = esc(card.name)
    pictures = "".join(
        f'<li><img src="{page.picture(n, 720)}" srcset="{_sources(page, n)}" sizes="(max-width: 760px) 92vw, 520px" '
        f'alt="{page.say("picture", name=card.name, n=i)}" width="720" height="900"{"" if i == 1 else LAZY}></li>'
        for i, n in enumerate(card.images[:6], start=1)
    )
    facts = "".join(f"<div><dt>{esc(k)}</dt><dd>{esc(v)}</dd></div>" for k, v in card.attributes.items())
    care = f"<h2>{page.say('care')}</h2><p>{esc(details['care'])}</p>" if details.get("care") else ""
    brand = f'<p class="brand">{esc(card.brand)}</p>' if card.brand else ""
    rating = (
        f'<p class="quiet">{page.say("rated", value=card.rating, count=card.rating_count)}</p>'
        if card.rating
        else ""
    )
    asks = "".join(
        f'<button type="button" class="ask" data-ask="{page.say(one)}" data-id="{esc(card.id)}">'
        f"{page.say(one)}</button>"
        for one in (("ask_size", "ask_match") if len(card.sizes) > 1 else ("ask_match",))
    )
    body = (
        f'<article class="one"><ul class="pictures">{pictures}</ul><div class="about">{brand}<h1 dir="auto">{name}</h1>'
        f'<p class="price">{_price(page, card)}</p>{rating}{_buy(page, card)}'
        f'<div class="asks"><button type="button" class="ask first" data-id="{esc(card.id)}" data-name="{name}">'
        f"{page.say('ask')}</button>{asks}</div>"
        f'<p class="told" dir="auto">{esc(details.get("description") or "")}</p><dl>{facts}</dl>{care}</div></article>'
    )
    return _whole(page, card.name, body, product=card)


def told(page: Page, what: str) -> str:
    """What stands where there is no such product or shop ("gone"), or the shop cannot be reached ("away")."""
    back = f'<a href="{page.link()}">{page.say("gone_back")}</a>'
    body = f'<div class="note"><h1>{page.say(what)}</h1><p>{back}</p></div>'
    return _whole(page, page.title, body)


def shops(page: Page, names: Sequence[tuple[str, str]]) -> str:
    """The way to each of several shops: (name, what it is called)."""
    listed = "".join(
        f'<li><a href="{page.link("/at/" + quote(name))}">{esc(title)}</a></li>' for name, title in names
    )
    return _whole(page, page.title, f'<h1>{page.say("shops")}</h1><ul class="shops">{listed}</ul>')


LAZY = ' loading="lazy"'


def _path(card: ProductCard) -> str:
    return f"/p/{quote(card.id, safe='')}"


def _card(page: Page, card: ProductCard, n: int) -> str:
    lazy = LAZY if n > 7 else ""
    image = (
        f'<img src="{page.picture(card.image, 360)}" srcset="{_sources(page, card.image, 480)}" '
        f'sizes="(max-width: 760px) 45vw, 260px" alt="" width="360" height="450"{lazy}>'
        if card.image
        else '<span class="none"></span>'
    )
    sold = "" if card.in_stock else f'<span class="sold">{page.say("sold_out")}</span>'
    brand = f'<span class="brand">{esc(card.brand)}</span>' if card.brand else ""
    return (
        f'<li><a href="{page.link(_path(card))}">{image}{sold}{brand}'
        f'<span class="name" dir="auto">{esc(card.name)}</span></a><p class="price">{_price(page, card)}</p></li>'
    )


def _buy(page: Page, card: ProductCard) -> str:
    """The sizes and the button, or that there is nothing to be had."""
    if not card.in_stock:
        return f'<p class="note">{page.say("sold_out")}</p>'
    sizes = "".join(_size(page, size.size, size.in_stock) for size in card.sizes)
    price = card.sale_price or card.price
    choice = (
        f"<fieldset><legend>{page.say('sizes')}</legend>{sizes}</fieldset>" if len(card.sizes) > 1 else ""
    )
    only = card.sizes[0].size if len(card.sizes) == 1 else ""
    return (
        f'<form id="buy" data-id="{esc(card.id)}" data-name="{esc(card.name)}" data-amount="{esc(price.amount)}" '
        f'data-currency="{esc(price.currency)}" data-text="{esc(price.text)}" data-size="{esc(only)}" '
        f'data-image="{page.picture(card.image, 120) if card.image else ""}">{choice}'
        f'<button class="button" type="submit">{page.say("add")}</button></form>'
    )


def _size(page: Page, size: str, there: bool) -> str:
    name = esc(size)
    shown = name if there else f'<s>{name}</s><span class="hidden"> {page.say("sold_out")}</span>'
    off = "" if there else " disabled"
    return f'<label><input type="radio" name="size" value="{name}"{off}><span>{shown}</span></label>'


def _price(page: Page, card: ProductCard) -> str:
    def text(price: Price) -> str:
        return esc(price.text)

    if card.sale_price is None:
        return f"<b>{text(card.price)}</b>"
    now, was = page.say("now"), page.say("was")
    return (
        f'<span class="hidden">{now} </span><b class="sale">{text(card.sale_price)}</b> '
        f'<span class="hidden">{was} </span><s>{text(card.price)}</s>'
    )


def _sources(page: Page, name: str, most: int = 960) -> str:
    return ", ".join(f"{page.picture(name, width)} {width}w" for width in WIDTHS if 240 <= width <= most)


def _current(yes: bool) -> str:
    return ' aria-current="page"' if yes else ""


def _whole(
    page: Page, title: str, main: str, product: ProductCard | None = None, shown: Shown | None = None
) -> str:
    """A page around its main part, with the widget on it."""
    told = load("widget")["store"]
    words = " ".join(f'data-{name.replace("_", "-")}="{esc(told[name][page.lang])}"' for name in _JS_WORDS)
    html = "zh-CN" if page.lang == "zh" else "en"
    return (
        f'<!doctype html><html lang="{html}"><head><meta charset="utf-8"><title>{esc(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="stylesheet" href="/store/files/store.css">'
        '<link rel="icon" href="/store/files/icon.svg"></head><body>'
        f'<a class="skip" href="#main">{page.say("skip")}</a>{_header(page, product, shown or Shown())}'
        f'<main id="main">{main}</main><p id="told" role="status"></p>'
        f'<dialog id="cart" aria-label="{page.say("cart")}" data-shop="{esc(page.shop)}" data-lang="{html}" '
        f"{words}></dialog>{_embedded(page, product)}"
        '<script src="/store/files/store.js" defer></script></body></html>'
    )


def _header(page: Page, product: ProductCard | None, shown: Shown) -> str:
    """The shop's name, the search, the cart, the other language."""
    tongue = Page("en" if page.lang == "zh" else "zh", page.base)
    here = tongue.link(_path(product)) if product else tongue.link(q=shown.query, kind=shown.kind)
    hint = page.say("search_hint", example=shown.example) if shown.example else page.say("search")
    tools = (
        f'<form class="search" role="search" action="{esc(page.base)}">'
        f'<input type="hidden" name="lang" value="{page.lang}"><input type="search" name="q" maxlength="200" '
        f'aria-label="{page.say("search")}" placeholder="{hint}" value="{esc(shown.query)}"></form>'
        f'<button type="button" class="bag" aria-haspopup="dialog">{page.say("cart")} <b hidden></b></button>'
    )
    return (
        f'<header><a class="mark" href="{page.link()}">{esc(page.title)}</a>{tools if page.key else ""}'
        f'<a class="tongue" lang="{"en" if tongue.lang == "en" else "zh-CN"}" hreflang="{tongue.lang}" href="{here}">'
        f"{page.say('other_language')}</a></header>"
    )


def _embedded(page: Page, product: ProductCard | None) -> str:
    """The one line that embeds the guide."""
    if not page.key:
        return ""
    data = {
        "key": page.key,
        "lang": page.lang,
        "product-url": f"{page.base}/p/{{id}}?lang={page.lang}",
        "checkout": "",
    }
    if product:
        data |= {"product": product.id, "product-name": product.name}
    attributes = " ".join(f'data-{name}="{esc(value)}"' for name, value in data.items())
    return f'<script src="/widget.js" {attributes} async></script>'
