"""A set of looks in the chat: one beside the other as tabs, each with its board large, what it is made of, why, what it
costs and what can be done about it.

What is done to a whole look is offered at the newest looks alone: "the second look" is one of those.
"""

import streamlit as st

from prompts import say
from tools.results import LookOutfit, Outfit, ProductCard
from ui import cards, looks, viewer
from ui.buttons import add_button, over, send, url


def draw_outfit(event: Outfit, key: str, lang: str, *, newest: bool = True) -> None:
    """The looks of one answer. `newest`: none were shown after them."""
    if len(event.looks) == 1:
        draw_look(event.looks[0], 0, 1, key, lang, newest=newest)
        return
    with st.container(key=f"looks-{key}"):
        tabs = st.tabs([_tab(look, n, lang) for n, look in enumerate(event.looks, start=1)])
        for n, (tab, look) in enumerate(zip(tabs, event.looks, strict=True)):
            with tab:
                draw_look(look, n, len(event.looks), key, lang, newest=newest)


def _tab(look: LookOutfit, nth: int, lang: str) -> str:
    """A look's place and idea, as a label."""
    return (
        f"**{nth}** {cards.label(name(look, nth, lang))}" if look.idea else cards.label(name(look, nth, lang))
    )


def name(look: LookOutfit, nth: int, lang: str) -> str:
    """What a look is called: its idea, else its number."""
    return look.idea or say("ui", "outfit.heading", lang, n=nth)


def draw_look(look: LookOutfit, n: int, count: int, key: str, lang: str, *, newest: bool) -> None:
    """Look `n` (from 0) of `count`: the board beside what is said of it and its pieces."""
    called = name(look, n + 1, lang)
    with st.container(key=f"look-{key}-{n}"):
        if look.board:
            st.html(looks.board(look, called, lang, viewer.address))
        with st.container(key=f"told-look-{key}-{n}"):
            st.html(looks.look_header(look, called, lang))
            if newest:
                whole_look(n, count, f"{key}-{n}", lang, buyable=any(c.in_stock for c in look.items))
            with st.container(key=f"pieces-{key}-{n}"):
                swap = newest and len(look.items) + len(look.own) > 1
                for i, card in enumerate(look.items):
                    with st.container(key=f"piece-{key}-{n}-{i}"):
                        st.html(looks.piece(card, lang, url, over(card, lang)))
                        with st.container(horizontal=True, key=f"actions-{key}-{n}-{i}", gap="small"):
                            if swap:
                                draw_swap(card, n, count, f"{key}-{n}-{i}", lang)
                            add_button(card, f"add-{key}-{n}-{i}", lang)
                for piece in look.own:
                    st.html(looks.own_piece(piece, lang, url))


def which(n: int, count: int, lang: str) -> str:
    """How a shopper calls look `n` (from 0) of `count`: "the look" where it is the only one."""
    places = ("first", "second", "third", "fourth")
    key = "only" if count == 1 else places[n] if n < len(places) else "other"
    return say("ui", f"outfit.which.{key}", lang, n=n + 1)


def whole_look(n: int, count: int, key: str, lang: str, *, buyable: bool) -> None:
    """What can be done about a look as a whole: buy it, or have it another way."""
    look = which(n, count, lang)
    with st.container(horizontal=True, key=f"whole-{key}", gap="small"):
        for what in ("add_look", "casual", "smarter"):
            text = say("ui", f"outfit.{what}", lang)
            words = say("ui", f"say.{what}", lang, look=look)
            kind = "primary" if what == "add_look" else "secondary"
            st.button(
                text,
                key=f"{what}-{key}",
                on_click=send,
                args=(words,),
                type=kind,  # type: ignore[arg-type]
                disabled=what == "add_look" and not buyable,
            )


def draw_swap(card: ProductCard, n: int, count: int, key: str, lang: str) -> None:
    """Have another piece in this one's place."""
    look = which(n, count, lang)
    words = say("ui", "say.swap", lang, look=look, slot=looks.slot_word(card, lang))
    st.button(
        say("ui", "outfit.swap", lang), key=f"swap-{key}", on_click=send, args=(words,), type="tertiary"
    )
