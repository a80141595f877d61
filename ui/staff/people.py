"""The staff's desk: who waits for a person, and a conversation that one has taken over, to read and to answer.

Everybody shares the password and says their name, as shoppers see it. Both parts look again by themselves every few
seconds; which conversation is open stands in the address.
"""

from time import time

import streamlit as st

from agent.catalogue import Catalogue
from agent.errors import DaogouError
from agent.handoff.case import Case, case_of
from agent.handoff.desk import Desk, named
from agent.handoff.records import Entry, NotKept
from prompts import say
from ui import cards, shop
from ui.buttons import url
from ui.staff import people_views, views

LOOK_S = 3.0
SHOWN = 40  # of the queue: every one is looked at again each time
_NAME, _OPEN = "staff_name", "h"


def draw(catalogue: Catalogue, lang: str) -> None:
    """The queue, or the conversation that the address names."""
    if not st.session_state.get(_NAME):
        _who(lang)
        return
    if handoff := st.query_params.get(_OPEN):
        _conversation(handoff, lang)
    else:
        st.fragment(_queue, run_every=LOOK_S)(lang)


def _who(lang: str) -> None:
    st.html(views.heading("people.heading", lang) + views.quiet("people.who", lang))
    with st.form("staff-who", border=False):
        name = st.text_input(say("staff", "people.name", lang), max_chars=40)
        if st.form_submit_button(say("staff", "people.begin", lang), type="primary") and name.strip():
            st.session_state[_NAME] = named(name)
            st.rerun()


def _queue(lang: str) -> None:
    if st.query_params.get(_OPEN):  # a button of this part was pressed: the page is another one now
        st.rerun()
    store, me = shop.assistant().handoffs, st.session_state[_NAME]
    store.here(me)
    found, present = store.queue(SHOWN), store.present()
    st.html(views.heading("people.heading", lang) + people_views.present(me, present, lang))
    if not found:
        st.html(people_views.empty(lang))
    for entry in found:
        with st.container(key=f"waits-{entry.id}"):
            last = shop.assistant().transcripts.last(entry.session)
            st.html(people_views.waits(entry, last[1] if last else None, time(), lang))
            if entry.state == "person" and entry.person != me:
                label = "people.read"
            else:
                label = "people.open" if entry.person == me else "people.take"
            kind = "primary" if entry.state != "person" else "secondary"
            st.button(
                say("staff", label, lang),
                key=f"take-{entry.id}",
                on_click=_take if label == "people.take" else _see,
                args=(entry.id,),
                type=kind,  # type: ignore[arg-type]
            )
    if (more := store.count() - len(found)) > 0:
        st.html(views.quiet("people.more", lang, count=more))
    if told := st.session_state.pop("staff_told", ""):
        st.html(cards.error(told))
    if counts := {k: n for k, n in shop.assistant().outbox.counts().items() if k != "delivered"}:
        st.html(people_views.undelivered(counts, lang))


def _conversation(handoff: str, lang: str) -> None:
    assistant, me = shop.assistant(), st.session_state[_NAME]
    entry = assistant.handoffs.get(handoff)
    st.button(
        say("staff", "people.back", lang), key="people-back", on_click=_see, args=("",), type="tertiary"
    )
    if told := st.session_state.pop("staff_told", ""):
        st.html(cards.error(told))
    if entry is None:
        st.html(views.quiet("people.gone", lang))
        return
    _noted(entry, me)
    talk, facts = st.columns([3, 2], gap="large")
    with talk:
        st.fragment(_talk, run_every=LOOK_S)(handoff, lang)
    with facts:
        st.fragment(_facts, run_every=2 * LOOK_S)(handoff, lang)
    mine = entry.state == "person" and entry.person == me and not entry.over
    with talk:
        if mine:
            _answer(entry, case_of(assistant, entry), lang)
        elif not entry.over and entry.state != "person":
            with st.container(horizontal=True, key="people-untaken"):
                st.button(
                    say("staff", "people.take", lang),
                    key="people-take",
                    on_click=_take,
                    args=(handoff,),
                    type="primary",
                )
                st.button(
                    say("staff", "people.close", lang), key="people-close", on_click=_close, args=(handoff,)
                )


def _talk(handoff: str, lang: str) -> None:
    """What was said, as it comes."""
    assistant, me = shop.assistant(), st.session_state[_NAME]
    assistant.handoffs.here(me)
    entry = assistant.handoffs.get(handoff)
    if entry is None:
        st.html(views.quiet("people.gone", lang))
        return
    before = st.session_state.get("staff_seen")
    st.session_state.staff_seen = now = (handoff, entry.state, entry.person, entry.over)
    if before and before[0] == handoff and before != now:  # taken, left or given back meanwhile
        st.rerun()
    case = case_of(assistant, entry)
    st.html(people_views.standing(entry, me, lang))
    with st.container(key="people-talk", height=520):
        st.html(people_views.transcript(case, lang, url))
    st.html(people_views.bottom(len(case.transcript)), unsafe_allow_javascript=True)


def _facts(handoff: str, lang: str) -> None:
    """The summary, the cart, what was shown."""
    entry = shop.assistant().handoffs.get(handoff)
    if entry is None:
        return
    case = case_of(shop.assistant(), entry)
    st.html(people_views.summary(case, lang))
    if case.cart.lines:
        st.html(views.heading("people.cart", lang) + cards.cart(case.cart, lang, url))
    if case.products:
        st.html(views.heading("people.products", lang))
        with st.container(key="people-products"):
            st.html("".join(people_views.product(card, lang, url) for card in case.products[:12]))


def _answer(entry: Entry, case: Case, lang: str) -> None:
    names = {card.id: card.name for card in case.products}
    st.multiselect(
        say("staff", "people.show", lang),
        list(names),
        format_func=lambda i: cards.label(f"{names[i]} · {i}" if i in names else i),
        key=_shown(entry.id),
        accept_new_options=True,
        placeholder=say("staff", "people.show_hint", lang),
        max_selections=6,
    )
    if text := st.chat_input(say("staff", "people.answer", lang), key=f"answer-{entry.id}"):
        _said(entry.id, text)
        st.rerun()
    with st.container(horizontal=True, key="people-done"):
        if st.session_state.get(_shown(entry.id)):
            st.button(
                say("staff", "people.send_products", lang),
                key="people-send",
                on_click=_said,
                args=(entry.id, ""),
            )
        for how in ("given_back", "released", "closed"):
            st.button(
                say("staff", f"people.{how}", lang), key=f"people-{how}", on_click=_give, args=(entry.id, how)
            )


def _noted(entry: Entry, me: str) -> None:
    """Reading somebody's conversation is in the audit log, once a visit."""
    read = st.session_state.setdefault("staff_read", set())
    if entry.id not in read:
        read.add(entry.id)
        try:
            shop.assistant().audit.note("handoff.read", f"staff:{me}", entry.session, entry.id)
        except NotKept:
            shop.log.exception("that a conversation was read is not in the audit log")


def _see(handoff: str) -> None:
    if handoff:
        st.query_params[_OPEN] = handoff
    else:
        st.query_params.pop(_OPEN, None)


def _take(handoff: str) -> None:
    if _done(lambda desk, me: desk.take(handoff, me)):
        _see(handoff)


def _close(handoff: str) -> None:
    if _done(lambda desk, me: desk.close(handoff, me)):
        _see("")


def _give(handoff: str, how: str) -> None:
    if _done(lambda desk, me: desk.give_back(handoff, me, how)):
        _see("")


def _said(handoff: str, text: str) -> None:
    shown = list(st.session_state.get(_shown(handoff)) or [])
    if _done(lambda desk, me: desk.say(handoff, me, text, shown)):
        st.session_state.staff_answers = st.session_state.get("staff_answers", 0) + 1


def _shown(handoff: str) -> str:
    """The name of the box of products for the next answer: after each there is a new, empty one."""
    return f"show-{handoff}-{st.session_state.get('staff_answers', 0)}"


def _done(work: object) -> bool:
    """Do something at the desk; what cannot be done is told on the page."""
    desk: Desk = shop.assistant().desk
    lang = "zh" if st.session_state.get("staff_language") == "zh" else st.query_params.get("lang", "en")
    try:
        work(desk, st.session_state[_NAME])  # type: ignore[operator]
    except DaogouError as error:
        st.session_state.staff_told = error.message(lang if lang in ("zh", "en") else "en")
        return False
    except NotKept:
        shop.log.exception("nothing can be written at the desk")
        st.session_state.staff_told = say("staff", "people.not_kept", lang if lang in ("zh", "en") else "en")
        return False
    return True
