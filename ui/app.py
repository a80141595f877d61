"""The browser chat: one page, drawn from the events of the session. `ui.server` serves it.

Every button sends a message the shopper could have typed; there is no other way to act. Drawing a turn is the same code
for a turn that is being worked out and for one of an hour ago: it walks over events.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import streamlit as st

from agent.events import Done, Error, Looked, Suggestions, Thinking, Token, TurnStarted
from agent.focus import Focus, InPhoto, look_with
from prompts import LANGUAGES, load, say
from tools.results import Answer, Cart, CartLine, Comparison, Outfit, Policy, ProductCard, Products
from ui import cards, looked, shop
from ui.turns import FLOOR, Live, Message, Turn

HERE = Path(__file__).parent
PHOTO_TYPES = [
    "jpg",
    "jpeg",
    "png",
    "webp",
    "gif",
    "bmp",
    "tif",
    "tiff",
    "heic",
    "heif",
    "avif",
    "svg",
    "pdf",
]
# The last two cannot be looked at, but are better answered in the shopper's language than refused by the input box.
UPLOAD_MB = 64  # above what the eyes accept, so that "too large" is said in the shopper's language
TURNS_SHOWN = 8  # older ones behind a button: every card has four buttons, and a page run draws them all
SESSION_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def url(name: str) -> str:
    """Where `ui.server` serves a picture."""
    return f"pictures/{quote(name)}"


# -- state ------------------------------------------------------------------------------------------------------------


def language() -> str:
    """The language of the page: the one chosen, else that of the last turn, else the browser's."""
    state = st.session_state
    if state.get("choice") in LANGUAGES:
        return str(state.choice)
    spoken = next(
        (
            e.language
            for t in reversed(state.get("turns", []))
            for e in t.events
            if isinstance(e, TurnStarted)
        ),
        "",
    )
    return spoken or ("zh" if (st.context.locale or "").lower().startswith("zh") else "en")


def open_session() -> Any:
    """The session named in the address (`?s=`), or a new one, with its conversation and cart in `st.session_state`."""
    state = st.session_state
    asked = st.query_params.get("s", "")
    if "choice" not in state:
        state.choice = st.query_params.get("lang") if st.query_params.get("lang") in LANGUAGES else "auto"
    if "session" not in state or (asked and asked != state.session.id):
        session = shop.assistant().session(asked if SESSION_ID.fullmatch(asked) else None, lang=state.choice)
        if live := FLOOR.running(session.id):  # the page was reloaded in the middle of a turn
            st.html(cards.status(say("ui", "turn.working", language())))
            for _ in live.follow():
                pass
        state.session = session
        state.turns = [
            Turn(t.text, list(t.photos), events=list(t.events), focus=t.focus) for t in session.history()
        ]
        state.cart = session.cart()
        state.queue, state.live, state.focus, state.shot = [], None, None, None
        state.shown, state.arrived = TURNS_SHOWN, bool(state.turns)
    st.query_params["s"] = state.session.id
    return state.session


def choose_language() -> None:
    """Follow the switch: for the page, for the replies and in the address."""
    state = st.session_state
    state.choice = state.get("language_switch") or "auto"
    state.session = shop.assistant().session(state.session.id, lang=state.choice)
    if state.choice == "auto":
        st.query_params.pop("lang", None)
    else:
        st.query_params["lang"] = state.choice


def new_conversation() -> None:
    """Begin again with an empty conversation and an empty cart."""
    st.query_params.pop("s", None)
    st.session_state.pop("session", None)


def send(text: str, focus: Focus | None = None, photos: tuple[tuple[str, bytes], ...] = ()) -> None:
    """Queue a message; the page run that follows sends it."""
    st.session_state.queue.append(Message(text, photos, focus))
    st.session_state.focus = st.session_state.shot = None


def ask_about(card: ProductCard | None) -> None:
    """Make the next message one about this product, or about none."""
    st.session_state.focus = card


def typed() -> None:
    """Take what was written and attached below."""
    value = st.session_state.message
    photos = tuple((file.name, file.getvalue()) for file in value.files)
    if shot := st.session_state.shot:
        photos += (shot,)
    if value.text.strip() or photos:
        focus = st.session_state.focus
        send(value.text, focus.id if focus else None, photos)


# -- what a turn shows ------------------------------------------------------------------------------------------------


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
                send(say("ui", "say.add_size", lang, size=size), card.id)

        st.menu_button(text, buyable, key=key, format_func=cards.label, on_click=chosen, type="primary")
    else:
        size = buyable[0] if buyable else ""
        chosen_by_shop = cards.size_name(size, lang) != size  # "in size one size" is no sentence
        words = (
            say("ui", "say.add_size", lang, size=size)
            if size and not chosen_by_shop
            else say("ui", "say.add", lang)
        )
        st.button(text, key=key, on_click=send, args=(words, card.id), type="primary")


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


def draw_products(event: Products, key: str, lang: str) -> None:
    """A grid of cards; a single product whose details were asked for at length."""
    if event.relaxed:
        st.html(cards.relaxed(lang))
    if len(event.items) == 1 and event.items[0].details:
        with st.container(key=f"detail-{key}"):
            st.html(cards.detail(event.items[0], lang, url))
            actions(event.items[0], f"{key}-0", lang)
        return
    with st.container(key=f"grid-{key}"):
        for i, card in enumerate(event.items):
            with st.container(key=f"card-{key}-{i}"):
                number = i + 1 if len(event.items) > 1 else None
                st.html(cards.product(card, lang, url, number=number))
                actions(card, f"{key}-{i}", lang)


def draw_outfit(event: Outfit, key: str, lang: str) -> None:
    """Each look: its reasons and total, then its pieces."""
    for n, look in enumerate(event.looks):
        with st.container(key=f"look-{key}-{n}"):
            st.html(cards.look_header(look, n + 1, lang))
            with st.container(key=f"strip-{key}-{n}"):
                for i, card in enumerate(look.items):
                    with st.container(key=f"card-{key}-{n}-{i}"):
                        st.html(cards.product(card, lang, url))
                        actions(card, f"{key}-{n}-{i}", lang, names=("similar",))


def draw_comparison(event: Comparison, key: str, lang: str) -> None:
    """The table, and a button to add each of its products."""
    st.html(cards.comparison(event, lang, url))
    with st.container(horizontal=True, key=f"compared-{key}"):
        for i, card in enumerate(event.items):
            add_button(card, f"add-{key}-{i}", lang, named=True)


def draw_cart(event: Cart, key: str, lang: str) -> None:
    """The cart after the turn; sizes to choose from where one is missing."""
    if event.lines:
        st.html(cards.cart(event, lang, url))
    if event.choices:
        with st.container(horizontal=True, key=f"chips-size-{key}"):
            for i, size in enumerate(event.choices):
                words = say("ui", "say.size", lang, size=size)
                st.button(
                    cards.label(size), key=f"size-{key}-{i}", on_click=send, args=(words, event.product)
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


DRAW = {"products": draw_products, "outfit": draw_outfit, "comparison": draw_comparison, "cart": draw_cart}


def draw_turn(turn: Turn, number: int, lang: str, *, live: Live | None = None, last: bool = False) -> None:
    """One turn. With `live` the events are drawn as they come and collected in `turn.events`."""
    key, text, seen, sighted = f"t{number}", "", 0, 0
    answers: list[Answer] = []
    chips: list[str] = []
    told: set[str] = set()
    with st.container(key=f"turn-{number}"):
        bubble, working = st.empty(), st.empty()
        sights = st.container(key=f"sights-{key}")
        words, sources = st.empty(), st.container(key=f"sources-{key}")
        results, after = st.container(key=f"results-{key}"), st.container(key=f"after-{key}")

        def draw_bubble() -> None:
            if turn.text or turn.photos or turn.names:
                kept = [photo for photo in turn.photos if shop.picture(photo)]
                unread = list(turn.names.values())
                bubble.html(cards.said(turn.text, kept, unread, about(turn.focus, lang), lang, url))

        draw_bubble()
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
                    draw_bubble()
                    with sights:
                        draw_looked(event, f"{key}-p{sighted}", lang)
                    sighted += 1
                case Token():
                    text += event.text
                    if live:
                        working.empty()
                        words.html(cards.reply(text, lang, writing=True))
                case Products() | Outfit() | Comparison() | Cart():
                    with results:
                        cast(Any, DRAW[event.type])(event, f"{key}-{seen}", lang)
                    seen += 1
                case Policy() if event.passage:
                    results.html(cards.policy(event, lang))
                case Answer():
                    answers.append(event)
                case Suggestions():
                    chips = event.items
                case Error():
                    sights.html(cards.error(event.message))
                    told.add(event.message)
                case Done():
                    text = event.text or text
        working.empty()
        if text and text not in told:  # an error is shown once, as an error
            words.html(cards.reply(text, lang))
        for event in answers:
            sources.html(cards.answer(event, lang, text))
        offered = {size for event in turn.events if isinstance(event, Cart) for size in event.choices}
        if last and (
            chips := [text for text in chips if text not in offered]
        ):  # sizes have buttons of their own
            with after:
                draw_chips(chips, key)


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
    """Bring the new turn to the top of the window, so that the reply is read from its beginning."""
    st.html(
        "<script>(() => { let tries = 0; const stop = () => { tries = 99; };"
        "for (const move of ['wheel', 'touchmove', 'keydown', 'pointerdown'])"
        " addEventListener(move, stop, {once: true});"
        f"const go = () => {{ const turn = document.querySelector('.st-key-turn-{number:d}');"
        "if (tries > 14) return; if (turn) turn.scrollIntoView({behavior: 'instant', block: 'start'});"
        "tries += 1; setTimeout(go, 150); }; go(); })()</script>",
        unsafe_allow_javascript=True,
    )


# -- the page around the conversation ---------------------------------------------------------------------------------


def draw_side(lang: str) -> None:
    """Shop name, cart, language, a new conversation."""
    state = st.session_state
    event: Cart = state.cart
    count = sum(line.quantity for line in event.lines)
    st.html(cards.worded(count, lang))
    with st.sidebar:
        st.html(cards.wordmark(shop.assistant().shop_name, lang))
        with st.container(key="cart"):
            st.html(f'<h2 class="dg-h">{cards.esc(say("ui", "cart.heading", lang))}</h2>')
            if not event.lines:
                st.html(f'<p class="dg-quiet">{cards.esc(say("ui", "cart.empty", lang))}</p>')
            for i, line in enumerate(event.lines):
                draw_cart_line(line, i, lang)
            if event.lines:
                st.html(cards.cart_total(event, lang))
        with st.container(key="settings"):
            names = {"auto": say("ui", "side.auto", lang), "zh": "中文", "en": "English"}
            st.segmented_control(
                say("ui", "side.language", lang),
                list(names),
                default=state.choice,
                format_func=names.__getitem__,
                key="language_switch",
                on_change=choose_language,
                required=True,
            )
            st.button(say("ui", "side.new", lang), key="new", on_click=new_conversation, width="stretch")
            # For screen readers, and for the shapes of Chinese characters.
            tag = "zh-CN" if lang == "zh" else "en"
            st.html(f"<script>document.documentElement.lang = '{tag}'</script>", unsafe_allow_javascript=True)


def draw_cart_line(line: Any, i: int, lang: str) -> None:
    """A line of the cart with its quantity."""

    def ask(action: str, n: int = 0) -> tuple[str, str]:
        plain = not line.size or cards.size_name(line.size, lang) != line.size
        key = f"say.{action}" if plain else f"say.{action}_size"
        return say("ui", key, lang, size=line.size, n=n), line.id

    def spoken(action: str) -> str:
        return cards.label(say("ui", f"cart.{action}", lang))

    with st.container(key=f"line-{i}"):
        st.html(cards.cart_line(line, lang, url))
        with st.container(horizontal=True, key=f"quantity-{i}", vertical_alignment="center"):
            fewer = ask("quantity", line.quantity - 1) if line.quantity > 1 else ask("remove")
            st.button("−", key=f"fewer-{i}", on_click=send, args=fewer, help=spoken("fewer"), type="tertiary")
            st.html(f'<span class="dg-quantity">{line.quantity}</span>', width="content")
            more = ask("quantity", line.quantity + 1)
            st.button("+", key=f"more-{i}", on_click=send, args=more, help=spoken("more"), type="tertiary")
            st.button(spoken("remove"), key=f"remove-{i}", on_click=send, args=ask("remove"), type="tertiary")


def draw_input(lang: str) -> None:
    """The message box with the camera, and what the next message will be about."""
    state = st.session_state
    with st.bottom:
        if state.focus or state.shot:
            draw_pinned(lang)
        with st.container(horizontal=True, key="writing", vertical_alignment="bottom", gap="small"):
            st.chat_input(
                say("ui", "input.placeholder", lang),
                key="message",
                accept_file="multiple",
                file_type=PHOTO_TYPES,
                max_upload_size=UPLOAD_MB,
                on_submit=typed,
            )
            camera = st.popover(
                say("ui", "input.camera", lang),
                icon=":material/photo_camera:",
                key="camera",
                on_change="rerun",
            )
            if camera.open:  # the browser asks for the camera only when the shopper wants it
                with camera:
                    st.camera_input(
                        say("ui", "input.camera_help", lang), key="shot_taken", on_change=photo_taken
                    )


def photo_taken() -> None:
    """Keep the photo just taken for the next message."""
    if file := st.session_state.get("shot_taken"):
        st.session_state.shot = (file.name, file.getvalue())


def draw_pinned(lang: str) -> None:
    """Above the message box: the product or the photo that the next message is about."""
    state = st.session_state
    with st.container(horizontal=True, key="pinned", vertical_alignment="center"):
        if state.focus:
            card: ProductCard = state.focus
            st.html(
                cards.pinned(card.name, card.image, say("ui", "input.asking", lang), url), width="content"
            )
            for name, words in load("ui")["say"]["ask"].items():
                st.button(words[lang], key=f"ask-{name}", on_click=send, args=(words[lang], card.id))
        if state.shot:
            st.html(cards.pinned(say("ui", "input.photo_taken", lang), None, "", url), width="content")
            st.button(
                say("ui", "input.send_photo", lang),
                key="send-shot",
                on_click=send,
                args=("", None, (state.shot,)),
                type="primary",
            )
        st.button(say("ui", "input.drop", lang), key="unpin", on_click=unpin, type="tertiary")


def unpin() -> None:
    """Forget what the next message was to be about."""
    st.session_state.focus = st.session_state.shot = None


def draw_welcome(lang: str) -> None:
    """An empty conversation: a greeting, some of the shop, first questions."""
    assistant = shop.assistant()
    with st.container(key="welcome"):
        st.html(cards.welcome(shop.showcase(lang), lang, url))
        draw_chips(assistant.first_questions(lang), "first")


def take_turn(lang: str) -> bool:
    """Work out the next message of the queue, drawing as it comes. True when the page has to be drawn again."""
    state = st.session_state
    if state.live is None:
        if not state.queue:
            return False
        message: Message = state.queue.pop(0)
        state.live = FLOOR.start(state.session, message, lang)
    live: Live = state.live
    message = live.message
    turn = Turn(
        message.text,
        names=dict(enumerate((name for name, _ in message.photos), start=1)),
        focus=message.focus,
    )
    draw_turn(turn, len(state.turns), lang, live=live, last=not state.queue)
    state.turns.append(turn)
    state.live = None
    changed = [event for event in turn.events if isinstance(event, Cart)]
    if changed:
        state.cart = changed[-1]
    return bool(changed or state.queue or language() != lang)


def main() -> None:
    """Draw the page."""
    st.set_page_config(page_icon=str(HERE / "icon.svg"), layout="wide")
    st.html(HERE / "style.css")
    lang = language()
    try:
        with st.spinner(say("ui", "opening", lang), show_time=False):
            open_session()
    except Exception:
        shop.log.exception("the page cannot be drawn")
        st.html(cards.error(say("ui", "errors.opening", lang)))
        return
    lang, state = language(), st.session_state
    st.set_page_config(page_title=say("ui", "title", lang, shop=shop.assistant().shop_name))
    draw_side(lang)
    if shop.is_empty():
        st.html(cards.empty_shop(lang))
        return
    draw_input(lang)
    with st.container(key="talk"):
        coming = bool(state.queue or state.live)
        if not state.turns and not coming:
            draw_welcome(lang)
        hidden = max(0, len(state.turns) - state.shown)
        if hidden:
            st.button(
                say("ui", "turn.earlier", lang, count=hidden),
                key="earlier",
                on_click=show_earlier,
                type="tertiary",
            )
        for number, turn in enumerate(state.turns[hidden:], hidden):
            draw_turn(turn, number, lang, last=not coming and number == len(state.turns) - 1)
        if state.arrived and not coming:
            scroll_to(len(state.turns) - 1)
        state.arrived = False
        if take_turn(lang):
            state.arrived = True
            st.rerun()


def show_earlier() -> None:
    """Draw more of the conversation."""
    st.session_state.shown += TURNS_SHOWN


if __name__ == "__main__":
    main()
