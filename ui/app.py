"""The browser chat: one page, drawn from the events of the session. `ui.server` serves it; `ui.turn_view` draws turns.
Beside it, at /staff and only where the settings have a password for it, the page of the shop's staff (ui/staff).

Buttons send messages that the shopper could have typed. What acts without one is the shopper's own to keep or to erase:
the memory in the side bar, a heart or a thumb on a card, the choice between two pictures.
"""

from pathlib import Path
from typing import Any

import streamlit as st

from agent.events import Speaker, TurnStarted
from prompts import LANGUAGES, load, say
from prompts.own import adopt
from tools.results import Cart, Handoff, Outfit, ProductCard
from ui import cards, for_you, memory_panel, reactions, shop, shopper, takeover
from ui.buttons import change, send, url
from ui.staff import door
from ui.turn_view import draw_chips, draw_turn, scroll_to
from ui.turns import FLOOR, Live, Message, Turn

HERE = Path(__file__).parent
TURNS_SHOWN = 8  # older ones behind a button: every card has four buttons, and a page run draws them all


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
        mine = shop.assistant().resume(asked, state.choice, whose()) if asked else None
        session = mine or shop.assistant().session(lang=state.choice, shopper=whose())
        if live := FLOOR.running(session.id):  # the page was reloaded in the middle of a turn
            st.html(cards.status(say("ui", "turn.working", language())))
            for _ in live.follow():
                pass
        turns = [
            Turn(t.text, list(t.photos), events=list(t.events), focus=t.focus) for t in session.history()
        ]
        cart = (
            session.cart()
        )  # all of it or nothing: what cannot be read now is read when the page is opened again
        state.session, state.turns, state.cart = session, turns, cart
        state.queue, state.live, state.focus, state.shot = [], None, None, None
        state.shown, state.arrived = TURNS_SHOWN, bool(state.turns)
        for_you.forget()
    st.query_params["s"] = state.session.id
    reactions.OPEN.add(state.session.id)
    return state.session


def whose() -> str | None:
    """The shopper that this browser's cookie names; None where there is no cookie, and nothing is remembered."""
    return shopper.named(st.context.cookies)


def reacted() -> dict[str, str]:
    """What the shopper said of products by heart and thumb, by id; nothing while it cannot be read."""
    try:
        return dict(st.session_state.session.reactions())
    except Exception:  # whatever the reason, the conversation goes on without
        shop.log.exception("the reactions cannot be read")
        return {}


def choose_language() -> None:
    """Follow the switch: for the page, for the replies and in the address."""
    state = st.session_state
    state.choice = state.get("language_switch") or "auto"
    state.session = shop.assistant().session(state.session.id, lang=state.choice, shopper=whose())
    if state.choice == "auto":
        st.query_params.pop("lang", None)
    else:
        st.query_params["lang"] = state.choice


def new_conversation() -> None:
    """Begin again with an empty conversation and an empty cart."""
    st.query_params.pop("s", None)
    st.session_state.pop("session", None)


def typed() -> None:
    """Take what was written and attached below."""
    value, st.session_state.heard = st.session_state.message, True
    photos = tuple((file.name, file.getvalue()) for file in value.files)
    if shot := st.session_state.shot:
        photos += (shot,)
    if value.text.strip() or photos:
        focus = st.session_state.focus
        send(value.text, focus.id if focus else None, photos)


# -- the page around the conversation ---------------------------------------------------------------------------------


def draw_side(lang: str, top: Any) -> None:
    """Shop name (at the `top`), cart, language, a new conversation."""
    state = st.session_state
    event: Cart = state.cart
    count = sum(line.quantity for line in event.lines)
    st.html(cards.worded(count, lang))
    top.html(cards.wordmark(shop.assistant().shop_name, lang))
    with st.sidebar:
        with st.container(key="cart"):
            st.html(f'<h2 class="dg-h">{cards.esc(say("ui", "cart.heading", lang))}</h2>')
            if not event.lines:
                st.html(f'<p class="dg-quiet">{cards.esc(say("ui", "cart.empty", lang))}</p>')
            for i, line in enumerate(event.lines):
                draw_cart_line(line, i, lang)
            if event.lines:
                st.html(cards.cart_total(event, lang))
        if state.session.shopper:
            memory_panel.draw(state.session, lang)
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
            st.button(
                say("ui", "side.person", lang),
                key="person",
                on_click=send,
                args=(say("replies", "quick.human", lang),),
                width="stretch",
            )
            st.button(say("ui", "side.new", lang), key="new", on_click=new_conversation, width="stretch")
            # For the shapes of Chinese characters, and for screen readers, which read a log's news aloud.
            tag = "zh-CN" if lang == "zh" else "en"
            st.html(
                f"<script>document.documentElement.lang = '{tag}';"
                "(function mark(tries) { const talk = document.querySelector('.st-key-talk');"
                " if (talk) talk.setAttribute('role', 'log');"
                " else if (tries) setTimeout(mark, 100, tries - 1); })(300)</script>",
                unsafe_allow_javascript=True,
            )


def draw_cart_line(line: Any, i: int, lang: str) -> None:
    """A line of the cart with its quantity."""

    def ask(action: str, n: int = 0) -> tuple[Any, ...]:
        plain = not line.size or cards.size_name(line.size, lang) != line.size
        key = f"say.{action}" if plain else f"say.{action}_size"
        words = say("ui", key, lang, size=line.size, n=n)
        return "change" if n else "remove", words, line.id, line.size, n or 1

    def spoken(action: str) -> str:
        return cards.label(say("ui", f"cart.{action}", lang))

    with st.container(key=f"line-{i}"):
        st.html(cards.cart_line(line, lang, url))
        with st.container(horizontal=True, key=f"quantity-{i}", vertical_alignment="center"):
            fewer = ask("quantity", line.quantity - 1) if line.quantity > 1 else ask("remove")
            st.button(
                "−", key=f"fewer-{i}", on_click=change, args=fewer, help=spoken("fewer"), type="tertiary"
            )
            st.html(f'<span class="dg-quantity">{line.quantity}</span>', width="content")
            more = ask("quantity", line.quantity + 1)
            st.button("+", key=f"more-{i}", on_click=change, args=more, help=spoken("more"), type="tertiary")
            st.button(
                spoken("remove"), key=f"remove-{i}", on_click=change, args=ask("remove"), type="tertiary"
            )


def draw_input(lang: str) -> None:
    """The message box with the camera, and what the next message will be about."""
    state = st.session_state
    with st.bottom:
        if state.focus or state.shot:
            draw_pinned(lang)
        takeover.draw(lang)
        with st.container(horizontal=True, key="writing", vertical_alignment="bottom", gap="small"):
            written = st.chat_input(
                say("ui", "input.placeholder", lang),
                key="message",
                accept_file="multiple",
                file_type=shop.PHOTO_TYPES,
                max_upload_size=shop.UPLOAD_MB,
                on_submit=typed,
            )
            # The first run of a page that has come from another process knows no callbacks yet.
            if written and not state.get("heard"):
                typed()
            state.heard = False
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
    """An empty conversation: a greeting, what may please or some of the shop, first questions."""
    assistant = shop.assistant()
    with st.container(key="welcome"):
        st.html(cards.welcome(lang))
        for_you.draw_strip(lang)
        st.html(cards.welcome_try(lang))
        draw_chips(assistant.first_questions(lang), "first")
        for_you.draw_offer(lang)


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
    before = last_looks(state.turns)
    draw_turn(turn, len(state.turns), lang, live=live, last=not state.queue)
    state.turns.append(turn)
    state.live = None
    outdone = (
        before is not None and last_looks(state.turns) != before
    )  # looks above lose what is done to whole looks
    changed = [event for event in turn.events if isinstance(event, Cart)]
    if changed:
        state.cart = changed[-1]
    people = any(isinstance(event, Handoff | Speaker) for event in turn.events)
    return bool(changed or outdone or people or state.queue or language() != lang)


def last_looks(turns: list[Turn]) -> int | None:
    """The number of the newest turn that shows looks."""
    shown = (n for n in range(len(turns) - 1, -1, -1) if any(isinstance(e, Outfit) for e in turns[n].events))
    return next(shown, None)


def main() -> None:
    """Draw the page that the address names."""
    if not door.password():
        chat()
        return
    from ui.staff import page

    pages = [st.Page(chat, default=True), st.Page(page.main, url_path="staff")]
    st.navigation(pages, position="hidden").run()


def chat() -> None:
    """Draw the conversation."""
    st.set_page_config(page_icon=str(HERE / "icon.svg"), layout="wide")
    lang = language()
    top = st.sidebar.empty()
    top.html(cards.wordmark("", lang))  # gives the side bar its room before there is anything to push aside
    try:
        with st.spinner(say("ui", "opening", lang), show_time=False):
            open_session()
    except Exception:
        shop.log.exception("the page cannot be drawn")
        st.html(cards.error(say("ui", "errors.opening", lang)))
        return
    adopt(shop.assistant().wording)
    lang, state = language(), st.session_state
    state.reactions, state.with_person = reacted(), takeover.standing(lang).state == "person"
    st.set_page_config(page_title=say("ui", "title", lang, shop=shop.assistant().shop_name))
    draw_side(lang, top)
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
        newest = last_looks(state.turns)
        for number, turn in enumerate(state.turns[hidden:], hidden):
            last = not coming and number == len(state.turns) - 1
            draw_turn(turn, number, lang, last=last, looks=number == newest)
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
