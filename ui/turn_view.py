"""What a turn of the chat shows: cards, tables, photos and their buttons, drawn from its events.

Drawing is the same code for a turn that is being worked out and for one of an hour ago: it walks over events.
"""

from collections.abc import Iterable
from typing import Any, cast

import streamlit as st

from agent.events import (
    Done,
    Error,
    Looked,
    Person,
    Speaker,
    Suggestions,
    Thinking,
    Token,
    TurnStarted,
)
from agent.focus import Focus, InPhoto, look_with
from prompts import LANGUAGES, say
from tools.results import (
    Answer,
    Cart,
    CartLine,
    Comparison,
    Order,
    Outfit,
    Policy,
    Preview,
    ProductCard,
    Products,
)
from ui import cards, looked, shop, takeover
from ui.buttons import actions, add_button, draw_swatches, marks, over, send, url
from ui.gallery import gallery
from ui.look_view import draw_outfit
from ui.looks import problem as look_problem
from ui.order_view import order
from ui.turns import Live, Turn
from ui.viewer import address


def draw_products(event: Products, key: str, lang: str) -> None:
    """A grid of cards; a single product whose details were asked for at length."""
    if event.relaxed:
        st.html(cards.relaxed(lang))
    if len(event.items) == 1 and event.items[0].details:
        with st.container(key=f"detail-{key}"):
            card = event.items[0]
            # the others as the record names them: asking for a file may draw it, and no page waits for that
            known = url(card.image) if card.image else ""
            pictures = gallery(card.name, card.images, card.views, card.spin, lang, address) if known else ""
            st.html(cards.detail(card, lang, url, pictures=pictures, marks=marks(card, lang)))
            draw_swatches(card, f"{key}-0", lang)
            actions(card, f"{key}-0", lang)
        return
    with st.container(key=f"grid-{key}"):
        for i, card in enumerate(event.items):
            with st.container(key=f"card-{key}-{i}"):
                number = i + 1 if len(event.items) > 1 else None
                st.html(cards.product(card, lang, url, number=number, over=over(card, lang)))
                draw_swatches(card, f"{key}-{i}", lang)
                actions(card, f"{key}-{i}", lang)


def draw_comparison(event: Comparison, key: str, lang: str) -> None:
    """The table, and a button to add each of its products."""
    st.html(cards.comparison(event, lang, url))
    with st.container(horizontal=True, key=f"compared-{key}"):
        for i, card in enumerate(event.items):
            add_button(card, f"add-{key}-{i}", lang, named=True)


def draw_carts(events: list[Cart], key: str, lang: str) -> None:
    """The cart after all that a turn did to it; the sizes of the first product that one is missing of, which is the one
    that the reply asks about."""
    if events[-1].lines:
        st.html(cards.cart(events[-1], lang, url))
    asked = next((event for event in events if event.choices), None)
    if asked:
        with st.container(horizontal=True, key=f"chips-size-{key}"):
            for i, size in enumerate(asked.choices):
                words = say("ui", "say.size", lang, size=size)
                st.button(
                    cards.label(size), key=f"size-{key}-{i}", on_click=send, args=(words, asked.product)
                )


def draw_looked(event: Looked, key: str, lang: str) -> None:
    """The photo with a box for each garment, and a chip for each; touching one searches for it."""
    found = looked.garments(event.look, lang)
    size = shop.picture_size(event.photo)
    st.html(looked.style(key, found, size))
    with st.container(key=f"looked-{key}"):
        with st.container(key=f"photo-{key}"):
            st.html(looked.photo(event, lang, url) if size else looked.gone(lang))
            for i, shown in enumerate(found):
                if shown.box and size:
                    draw_garment(f"box-{key}-{i}", looked.box_label(i + 1, shown, lang), event.photo, shown)
        with st.container(key=f"seen-{key}"):
            st.html(looked.heading(event, lang))
            if found:
                with st.container(horizontal=True, key=f"chips-seen-{key}"):
                    for i, shown in enumerate(found):
                        text = looked.chip_label(i + 1, shown, lang)
                        draw_garment(f"chip-seen-{key}-{i}", text, event.photo, shown, disabled=not size)
            if below := looked.facts(event, lang, touchable=bool(found and size)):
                st.html(below)


def draw_garment(key: str, text: str, photo: str, shown: looked.Shown, *, disabled: bool = False) -> None:
    """A button that searches for a garment of a photo."""
    args = (shown.wish, InPhoto(photo=photo, garment=shown.place))
    tip = cards.label(shown.figures) or None if key.startswith("chip") else None
    st.button(text, key=key, on_click=send, args=args, help=tip, disabled=disabled)


DRAW = {"products": draw_products, "comparison": draw_comparison}


def draw_turn(
    turn: Turn, number: int, lang: str, *, live: Live | None = None, last: bool = False, looks: bool = True
) -> None:
    """One turn. With `live` the events are drawn as they come and collected in `turn.events`; `looks`: no turn after it
    shows looks."""
    key, text, seen, sighted = f"t{number}", "", 0, 0
    answers: list[Answer] = []
    carts: list[Cart] = []
    orders: list[Order] = []
    chips: list[str] = []
    with st.container(key=f"turn-{number}"):
        bubble, working = place(said(turn, lang)), st.empty()
        sights = st.container(key=f"sights-{key}")
        words, sources = place("" if live else words_of(turn, lang)), st.container(key=f"sources-{key}")
        results = st.container(key=f"results-{key}")
        after = (
            st.empty()
        )  # emptied at once in the next run, not at its end, when it would pull up what came below it

        def keep_room() -> None:
            if live and not text:
                working.empty()
                words.html(cards.coming(lang, held(turn)))

        if live:
            scroll_to(number)
            working.html(cards.status(say("ui", "turn.working", lang)))
        for event in live.follow() if live else turn.events:
            if live:
                turn.events.append(event)
            match event:
                case TurnStarted():
                    lang = event.language if event.language in LANGUAGES else lang
                case Thinking() if live:
                    working.html(cards.status(event.label))
                case Looked():
                    if event.photo not in turn.photos:
                        turn.photos.append(event.photo)
                    turn.names.pop(event.nth, None)
                    bubble.html(said(turn, lang))
                    with sights:
                        draw_looked(event, f"{key}-p{sighted}", lang)
                    sighted += 1
                case Token():
                    text += event.text
                    if live:
                        working.empty()
                        words.html(cards.reply(text, lang, writing=True, held=held(turn)))
                case Cart():
                    carts.append(event)
                    seen += 1
                case Products() | Outfit() | Comparison():
                    keep_room()
                    with results:
                        if isinstance(event, Outfit):
                            draw_outfit(event, f"{key}-{seen}", lang, newest=looks)
                        else:
                            cast(Any, DRAW[event.type])(event, f"{key}-{seen}", lang)
                    seen += 1
                case Preview():
                    results.html(cards.preview(event, lang, url))
                case Order():
                    orders.append(event)
                    seen += bool(event.orders or event.choices)
                case Policy() if event.passage:
                    keep_room()
                    results.html(cards.policy(event, lang))
                case Answer():
                    answers.append(event)
                case Suggestions():
                    chips = event.items
                case Error():
                    sights.html(cards.error(event.message))
                case Person():
                    results.html(takeover.said(event, lang))
                case Speaker():
                    results.html(takeover.note(event))
                case Done() if event.answered_by != "person":
                    text = event.text or text
        working.empty()
        if live and (told := words_of(turn, lang)):
            words.html(told)
        elif live:
            words.empty()
        for event in turn.events:
            if isinstance(event, Outfit) and event.problem and event.problem.strip(" 。.") not in text:
                sources.html(
                    look_problem(event.problem)
                )  # said once, by whoever leads the conversation or by us
        if carts:
            with results:
                draw_carts(carts, key, lang)
        for event in orders[-1:]:  # a turn may have looked more than once: as it stands now
            if told_of := order(event, lang, url):
                results.html(told_of)
        for event in answers:
            sources.html(cards.answer(event, lang, text))
        offered = {size for event in turn.events if isinstance(event, Cart) for size in event.choices}
        if last and (
            chips := [text for text in chips if text not in offered]
        ):  # sizes have buttons of their own
            with after.container():
                draw_chips(chips, key)


def place(html: str) -> Any:
    """A place for what may change. What is known is drawn at once: were it empty first, what is below would jump up
    and down again wherever the browser is quick enough to show that."""
    return st.html(html) if html else st.empty()


def said(turn: Turn, lang: str) -> str:
    """What the shopper sent, empty where that was nothing that can be seen."""
    if not (turn.text or turn.photos or turn.names):
        return ""
    kept = [photo for photo in turn.photos if shop.picture(photo)]
    return cards.said(turn.text, kept, list(turn.names.values()), about(turn.focus, lang), lang, url)


def words_of(turn: Turn, lang: str) -> str:
    """The reply as it stands in the end; empty where it is an error, which is shown once, as an error."""
    text, errors = "", set()
    for event in turn.events:
        match event:
            case TurnStarted() if event.language in LANGUAGES:
                lang = event.language
            case Token():
                text += event.text
            case Error():
                errors.add(event.message)
            case Done() if event.answered_by != "person":
                text = event.text or text
    return cards.reply(text, lang, held=held(turn)) if text and text not in errors else ""


def held(turn: Turn) -> cards.Held:
    """The room that the words keep above what the turn has shown so far."""
    shown = [e for e in turn.events if isinstance(e, (Cart, Products, Outfit, Comparison))]
    if any(isinstance(event, Outfit) and event.looks for event in shown):
        return "many"
    told = any(
        (isinstance(event, Order) and (event.orders or event.choices))
        or (isinstance(event, Policy) and event.passage)
        for event in turn.events
    )
    return "few" if shown or told else ""


def draw_chips(items: Iterable[str], key: str) -> None:
    """Messages to send with one click."""
    with st.container(horizontal=True, key=f"chips-{key}"):
        for i, text in enumerate(items):
            st.button(cards.label(text), key=f"chip-{key}-{i}", on_click=send, args=(text,))


def about(focus: Focus | None, lang: str) -> str:
    """The name of what a message was about, from the cards shown so far."""
    if not focus:
        return ""
    events = [event for turn in reversed(st.session_state.turns) for event in reversed(turn.events)]
    if isinstance(focus, InPhoto):
        look = look_with(((e.photo, e.look) for e in events if isinstance(e, Looked)), focus)
        return looked.pointed(look, focus.garment, lang) if look else ""
    name = next((item.name for event in events for item in named(event) if item.id == focus), None)
    return name or next((line.name for line in st.session_state.cart.lines if line.id == focus), "")


def named(event: Any) -> list[ProductCard] | list[CartLine]:
    """The products that an event shows."""
    match event:
        case Products() | Comparison():
            return event.items
        case Outfit():
            return [card for look in event.looks for card in look.items]
        case Cart():
            return event.lines
    return []


def scroll_to(number: int) -> None:
    """Bring the new turn to the top of the window, so that the reply is read from its beginning: again and again while
    it is being worked out, since what a picture needs is not there before it is, until the shopper moves the page."""
    st.html(
        "<script>(() => { let tries = 0, moved = false; const stop = () => { moved = true; };"
        "for (const move of ['wheel', 'touchmove', 'keydown', 'pointerdown'])"
        " addEventListener(move, stop, {once: true});"
        f"const go = () => {{ const turn = document.querySelector('.st-key-turn-{number:d}');"
        "if (moved || tries > 14) return; if (turn) turn.scrollIntoView({behavior: 'instant', block: 'start'});"
        "tries = turn?.querySelector('.dg-status, .dg-writing, .dg-coming') ? 0 : tries + 1;"
        "setTimeout(go, 150); }; go(); })()</script>",
        unsafe_allow_javascript=True,
    )
