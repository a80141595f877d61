"""The buttons of the chat: each sends a message the shopper could have typed. What acts without one stands in
`ui.reactions` and `ui.memory_panel`.
"""

from collections.abc import Iterable
from typing import Literal

import streamlit as st

from agent.focus import Focus
from prompts import say
from prompts.plain import plain
from tools.results import ProductCard
from ui import cards, reactions, shop, viewer
from ui.turns import Message


def url(name: str) -> str:
    """Where `ui.server` serves a picture; empty where the file is gone."""
    return viewer.address(name) if shop.picture(name) else ""


def send(text: str, focus: Focus | None = None, photos: tuple[tuple[str, bytes], ...] = ()) -> None:
    """Queue a message; the page run that follows sends it."""
    st.session_state.queue.append(Message(plain(text), photos, focus))
    st.session_state.focus = st.session_state.shot = None


def change(
    action: Literal["add", "remove", "change"],
    words: str,
    product: str,
    size: str | None = None,
    quantity: int = 1,
) -> None:
    """Change the cart: by a message to the assistant or, while a person would get that message, at once."""
    state = st.session_state
    if state.get("with_person"):
        state.cart = state.session.change_cart(action, product, size or None, quantity)
    else:
        send(words, product)


def ask_about(card: ProductCard | None) -> None:
    """Make the next message one about this product, or about none."""
    st.session_state.focus = card


def add_button(card: ProductCard, key: str, lang: str, *, named: bool = False) -> None:
    """Add to the cart; where there are sizes to choose from, the button opens them. `named`: away from its card."""
    buyable = [s.size for s in card.sizes if s.in_stock]
    text = say("ui", "actions.add", lang)
    if named:
        text = cards.label(say("ui", "actions.of", lang, action=text, name=cards.short(card.name, 22)))
    if not card.in_stock:
        st.button(text, key=key, disabled=True, type="primary")
    elif len(buyable) > 1:

        def chosen() -> None:
            size = st.session_state[key]
            if size is not None:
                change("add", say("ui", "say.add_size", lang, size=size), card.id, size)

        st.menu_button(text, buyable, key=key, format_func=cards.label, on_click=chosen, type="primary")
    else:
        size = buyable[0] if buyable else ""
        chosen_by_shop = cards.size_name(size, lang) != size  # "in size one size" is no sentence
        words = (
            say("ui", "say.add_size", lang, size=size)
            if size and not chosen_by_shop
            else say("ui", "say.add", lang)
        )
        st.button(text, key=key, on_click=change, args=("add", words, card.id, size), type="primary")


def actions(
    card: ProductCard, key: str, lang: str, names: Iterable[str] = ("similar", "match", "ask")
) -> None:
    """The row of buttons under a card."""
    with st.container(horizontal=True, key=f"actions-{key}", gap="small"):
        for name in names:
            text = say("ui", f"actions.{name}", lang)
            if name == "ask":
                st.button(text, key=f"{name}-{key}", on_click=ask_about, args=(card,), type="tertiary")
            else:
                args = (say("ui", f"say.{name}", lang), card.id)
                st.button(text, key=f"{name}-{key}", on_click=send, args=args, type="tertiary")
        add_button(card, f"add-{key}", lang)


def draw_swatches(card: ProductCard, key: str, lang: str) -> None:
    """The colours that a product comes in, to touch: the first few, and how many more there are."""
    if not card.swatches:
        return
    shown = card.swatches
    with st.container(horizontal=True, key=f"swatches-{key}", gap="small"):
        st.html(cards.swatch_style(f"swatch-{key}", (s.srgb for s in shown)))
        for i, one in enumerate(shown):
            words = say("ui", "swatches.say", lang, color=one.asked)
            name = cards.label(one.name)
            st.button(name, key=f"swatch-{key}-{i}", help=name, on_click=send, args=(words, card.id))
        if card.more_colors:
            text = say("ui", "swatches.more", lang, count=card.more_colors)
            args = (say("ui", "swatches.all", lang), card.id)
            st.button(text, key=f"more-swatches-{key}", on_click=send, args=args, type="tertiary")


def marks(card: ProductCard, lang: str) -> str:
    """The heart and the thumb of a card, as they stand now."""
    said = st.session_state.get("reactions", {}).get(card.id, "")
    return reactions.buttons(card.id, card.name, said, lang)


def over(card: ProductCard, lang: str) -> str:
    """What lies over a card's picture: its viewer, its heart and its thumb."""
    seen = viewer.opener(card.name, lang, product=card.id) if card.image else ""
    return seen + marks(card, lang)
