"""In the chat: who speaks, the place in the queue, leaving it, where to be answered; what a person says, as it comes.

While a person is wanted or has the conversation, a small part of the page looks every other second whether there is
more.
"""

import streamlit as st

from agent.events import Person, Speaker
from agent.handoff.desk import Standing
from agent.handoff.errors import HandoffError
from agent.handoff.records import NotKept
from prompts import say
from ui import cards, shop
from ui.cards import esc, visible
from ui.turns import FLOOR, Turn

LOOK_S = 2.0


def said(event: Person, lang: str) -> str:
    """What a person says, under their name: plain text, whatever is written in it."""
    lines = "<br>".join(visible(line) for line in event.text.split("\n"))
    who = esc(say("ui", "takeover.by", lang, name=event.name))
    return (
        f'<div class="dg-person" role="group" lang="{esc(lang)}" aria-label="{who}">'
        f'<p class="dg-who">{visible(say("ui", "takeover.by", lang, name=event.name))}</p><p>{lines}</p></div>'
    )


def note(event: Speaker) -> str:
    """Who speaks from here on."""
    return f'<p class="dg-speaker" role="status">{visible(event.text)}</p>'


def draw(lang: str) -> None:
    """The line above the message box, where a person is wanted or has the conversation."""
    if standing(lang).state != "assistant":
        st.fragment(_line, run_every=LOOK_S)(lang)


def standing(lang: str) -> Standing:
    """Who speaks now; the assistant while it cannot be read."""
    try:
        return st.session_state.session.standing(lang)  # type: ignore[no-any-return]
    except NotKept:
        shop.log.exception("who speaks cannot be read")
        return Standing()


def _line(lang: str) -> None:
    state, now = st.session_state, standing(lang)
    if _news() or now.state == "assistant":
        st.rerun()
    with st.container(horizontal=True, key="takeover", vertical_alignment="center"):
        st.html(f'<p class="dg-speaker" role="status">{visible(now.text)}</p>')
        if now.state == "message" or now.attended is False:
            _contact(now, lang)
        key = "back" if now.state == "person" else "leave"
        if st.button(say("ui", f"takeover.{key}", lang), key="takeover-leave", type="tertiary"):
            shop.assistant().desk.leave(state.session.id, lang)
            _news()
            st.rerun()


def _contact(now: Standing, lang: str) -> None:
    """Where the shopper wants to be answered."""
    label = say("ui", "takeover.contact_kept" if now.contact else "takeover.contact", lang)
    with st.popover(label, key="takeover-contact"), st.form("contact", border=False, clear_on_submit=False):
        given = st.text_input(say("ui", "takeover.contact_label", lang), max_chars=120)
        agreed = st.checkbox(say("ui", "takeover.consent", lang))
        if st.form_submit_button(say("ui", "takeover.keep", lang), type="primary"):
            try:
                told = shop.assistant().desk.reach(st.session_state.session.id, given, agreed)
            except HandoffError as error:
                st.html(cards.error(error.message(lang)))
            else:
                st.html(
                    f'<p class="dg-speaker" role="status">{visible(say("ui", "takeover.kept", lang, contact=told))}</p>'
                )


def _news() -> bool:
    """Take in what came outside the page's own turns; True where there was something."""
    state = st.session_state
    if state.queue or state.live or FLOOR.running(state.session.id):
        return False
    if shop.assistant().turns_of(state.session.id) == len(state.turns):
        return False
    kept = state.session.history()
    if not all(turn.over for turn in kept):  # another window, or process, works on one
        return False
    state.turns = [Turn(t.text, list(t.photos), events=list(t.events), focus=t.focus) for t in kept]
    state.arrived = True
    return True
