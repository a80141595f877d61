"""The pictures of an empty conversation: what is recommended to a shopper whose taste is known, else some of the shop,
and for who likes a choice between two pictures, three times at most, from which a taste is known.

All of it takes the room of one strip; a shop without pictures has none of it. A choice acts at once, without a message.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from prompts import say
from tools.results import Picks, ProductCard, Products
from ui import cards, reactions, shop
from ui.buttons import send, url

SHOWN = 6  # of what is recommended


def draw_strip(lang: str) -> None:
    """The strip under the greeting."""
    state = st.session_state
    if state.get("picking"):
        draw_pair(state.picking, lang)
        return
    shown = recommended(lang)
    if shown:
        st.html(f'<h2 class="dg-h dg-for-you">{cards.esc(say("ui", "for_you.heading", lang))}</h2>')
    with st.container(key="examples"):
        if shown:
            for card in shown:
                draw_tile(card, lang)
            return
        for product, picture, name in shop.showcase(lang):
            with st.container(key=f"example-{product}"):
                st.html(cards.picture(picture, "", url, wide=cards.TILE))
                about = (say("ui", "say.about", lang), product)
                st.button(cards.label(name), key=f"about-{product}", on_click=send, args=about)


def draw_tile(card: ProductCard, lang: str) -> None:
    """What is recommended, with why; touching it asks about it."""
    with st.container(key=f"example-{card.id}"):
        said = st.session_state.get("reactions", {}).get(card.id, "")
        shown = cards.picture(card.image, "", url, wide=cards.TILE)
        marks = reactions.buttons(card.id, card.name, said, lang)
        st.html(f'<div class="dg-pic">{shown}{marks}</div>')
        about = (say("ui", "say.about", lang), card.id)
        st.button(cards.label(card.name), key=f"about-{card.id}", on_click=send, args=about)
        why = f'<p class="dg-why">{cards.visible(card.why)}</p>' if card.why else ""
        now = card.sale_price or card.price
        st.html(f'<div class="dg-tile"><p class="dg-price">{cards.esc(now.text)}</p>{why}</div>')


def draw_offer(lang: str) -> None:
    """The way to the choice between two pictures, for a stranger of a shop with pictures. Which two is found out once
    somebody wants it: no page waits for that."""
    state = st.session_state
    if state.get("picking") or state.get("picks_over") or recommended(lang) or not shop.showcase(lang, 1):
        return
    text = say("ui", "for_you.offer", lang)
    st.button(text, key="pick-offer", on_click=begin, args=(lang,), icon=":material/compare:")


def draw_pair(pair: Picks, lang: str) -> None:
    """Two pictures to choose from."""
    with st.container(key="picking"):
        nth = cards.esc(say("ui", "for_you.nth", lang, n=pair.nth, count=pair.of))
        st.html(
            f'<h2 class="dg-h" role="status">{cards.esc(pair.question)} <small class="dg-quiet">{nth}</small></h2>'
        )
        with st.container(key="pair"):
            for card in pair.items:
                with st.container(key=f"pick-{card.id}"):
                    st.html(
                        f'<div class="dg-pic">{cards.picture(card.image, "", url, wide=cards.CARD)}</div>'
                    )
                    name = cards.label(card.name)
                    st.button(name, key=f"choose-{card.id}", on_click=choose, args=(card.id, lang))
        with st.container(horizontal=True, key="pick-other", gap="small"):
            neither, skip = (say("ui", f"for_you.{name}", lang) for name in ("neither", "skip"))
            st.button(neither, key="pick-neither", on_click=choose, args=(None, lang), type="tertiary")
            st.button(skip, key="pick-skip", on_click=leave, type="tertiary")


def begin(lang: str) -> None:
    """Show the first two; where there is nothing to choose from, the offer goes."""
    state = st.session_state
    state.picking = asked(conversation(lang).first_picks)
    state.picks_over = state.picking is None


def choose(product: str | None, lang: str) -> None:
    """Tell which of the two it is (none: neither), and show the next two, or what that makes of it."""
    state = st.session_state
    try:
        state.picking = conversation(lang).picked(product)
    except ValueError:  # touched twice, or in another window: the two that are to be shown now
        state.picking = asked(conversation(lang).first_picks)
    except Exception:  # it cannot be kept: the conversation does not hang on it
        shop.log.exception("a choice between two pictures cannot be kept")
        st.toast(say("ui", "react.failed", lang))
        state.picking = None
    state.picks_over = state.picking is None
    state.pop("for_you", None)


def leave() -> None:
    """Enough of it; what was chosen so far counts."""
    state = st.session_state
    state.picking, state.picks_over = None, True
    state.pop("for_you", None)


def forget() -> None:
    """A conversation begins: nothing of the one before is shown."""
    for name in ("picking", "picks_over", "for_you"):
        st.session_state.pop(name, None)


def recommended(lang: str) -> list[ProductCard]:
    """What is recommended, asked for once a conversation and language; a product without a picture is left out, and too
    few are no strip."""
    state = st.session_state
    if state.get("for_you", ("", None))[0] != lang:
        found: Products | None = asked(lambda: conversation(lang).for_you(SHOWN))
        shown = [card for card in found.items if card.image and url(card.image)] if found else []
        state.for_you = lang, shown[:SHOWN] if len(shown) > 1 else []
    return list(state.for_you[1])


def conversation(lang: str) -> Any:
    """The conversation in the language of the page: one without a word so far has none of its own."""
    session = st.session_state.session
    return shop.assistant().session(session.id, lang=lang, shopper=session.shopper)


def asked(give: Callable[[], Any]) -> Any:
    """What a conversation gives; None while it cannot: the page goes on without."""
    try:
        return give()
    except Exception:
        shop.log.exception("nothing can be recommended")
        return None
