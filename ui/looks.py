"""Looks as HTML: pure functions, no Streamlit, no state; as in `ui.cards`, what comes from outside passes `esc` or
`visible`."""

from prompts import load, say, taxonomy
from tools.results import LookOutfit, OwnPiece, ProductCard
from ui import viewer
from ui.cards import Url, esc, picture, price, slot_name, visible

PIECE = "6rem"  # how wide a piece is shown,
BOARD = "(max-width: 40rem) 92vw, 26rem"  # and the board


def _say(key: str, lang: str, **values: object) -> str:
    return esc(say("ui", f"outfit.{key}", lang, **values))


def problem(text: str) -> str:
    """A line above looks that meet not all that was wished."""
    return f'<p class="dg-relaxed">{visible(text)}</p>'


def board(look: LookOutfit, name: str, lang: str, url: Url) -> str:
    """The look as one picture, which opens large, with what can be done with the picture. It is drawn when it is first
    asked for: its room is there at once, and no page waits for it."""
    shown = picture(look.board, look.board_alt or say("ui", "outfit.board", lang, name=name), url, wide=BOARD)
    opener = viewer.opener(name, lang, board=look.board or "")
    return (
        f'<figure class="dg-board" lang="{esc(lang)}"><div class="dg-board-pic">{shown}{opener}</div>'
        f"{viewer.links(look.board or '', name, lang)}</figure>"
    )


def look_header(look: LookOutfit, name: str, lang: str) -> str:
    """Name, total, what is left of the budget and the reasons of an outfit, and what it lacks."""
    reasons = "".join(
        f"<li>{visible(reason[:1].upper() + reason[1:])}</li>" for reason in dict.fromkeys(look.reasons)
    )
    left = f"<p><span>{_say('left', lang)}</span> <b>{esc(look.left.text)}</b></p>" if look.left else ""
    join = say("tools", "why.and", lang)
    slots = load("tools")["outfit"]["slots"]
    lacking = [
        (key, join.join(texts))
        for key, texts in (
            ("missing", [str(slots[s][lang]) if s in slots else s for s in look.missing]),
            ("given_up", look.given_up),
        )
        if texts
    ]
    lacks = "".join(f'<p class="dg-lacks">{_say(f"{key}", lang, what=what)}</p>' for key, what in lacking)
    return (
        f'<header class="dg-look" lang="{esc(lang)}"><h3>{visible(name)}</h3>'
        f'<div class="dg-sums"><p><span>{_say("total", lang)}</span> <b>{esc(look.total.text)}</b></p>{left}'
        f"</div><ul>{reasons}</ul>{lacks}</header>"
    )


def piece(card: ProductCard, lang: str, url: Url, over: str = "") -> str:
    """A piece of a look: its place in it, name, price and why it goes with the others; `over`: buttons of ours that lie
    over its picture, as HTML. Without a picture there is no empty frame."""
    css = "dg-pic" if card.in_stock else "dg-pic dg-gone"
    shown = (
        picture(card.image, say("ui", "card.picture", lang, name=card.name), url, wide=PIECE)
        if card.image
        else ""
    )
    why = f'<p class="dg-why">{visible(card.why)}</p>' if card.why else ""
    out = "" if card.in_stock else f'<p class="dg-out">{esc(say("ui", "card.sold_out", lang))}</p>'
    bare = "" if card.image else " dg-bare"
    return (
        f'<article class="dg-card dg-piece{bare}" lang="{esc(lang)}"><div class="{css}">{shown}{over}</div>'
        f'<div class="dg-body"><p class="dg-slot">{esc(slot_name(card.slot, lang))}</p><h3>{visible(card.name)}</h3>'
        f"{price(card, lang)}{out}{why}</div></article>"
    )


def own_piece(piece: OwnPiece, lang: str, url: Url) -> str:
    """A garment of the shopper's own in a look: their photo, and that it costs nothing."""
    shown = picture(piece.photo, say("ui", "input.photo", lang), url, wide=PIECE)
    return (
        f'<article class="dg-card dg-piece dg-own" lang="{esc(lang)}"><div class="dg-pic">{shown}</div>'
        f'<div class="dg-body"><p class="dg-slot">{esc(slot_name(piece.slot, lang))}</p><h3>{visible(piece.name)}</h3>'
        f'<p class="dg-price">{_say("own", lang)}</p></div></article>'
    )


def slot_word(card: ProductCard, lang: str) -> str:
    """What a shopper calls a piece of a look: by its slot where that is a word people use, else by its kind."""
    said = load("ui")["outfit"]["slot"].get(card.slot or "")
    return str(said[lang]) if said else taxonomy.word("category", card.category, lang)
