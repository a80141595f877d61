"""The side bar's panel of what is remembered of the shopper, with a button to erase each thing and one for all.

These buttons act at once and not through a message: whoever leads the conversation, erasing has to work.
"""

from typing import Any

import streamlit as st

from prompts import say
from tools.results import Memory, Remembered
from ui import cards, shop

SHOWN = 30


def draw(session: Any, lang: str) -> None:
    """Draw it for the shopper of a conversation (`agent.session.Session`)."""
    try:
        event: Memory = session.memory()
    except Exception:  # whatever the reason, the conversation beside it goes on
        shop.log.exception("the memory cannot be read")
        st.html(f'<p class="dg-quiet">{cards.esc(say("ui", "memory.unread", lang))}</p>')
        return
    count = len(event.notes)
    heading = cards.label(say("ui", "memory.heading", lang)) + (f" ({count})" if count else "")
    with st.expander(heading, key="memory"):
        if not event.notes:
            key = {"yes": "allowed", "no": "refused"}.get(event.consent, "nothing")
            st.html(f'<p class="dg-quiet">{cards.esc(say("ui", f"memory.{key}", lang))}</p>')
        for i, note in enumerate(event.notes[:SHOWN]):
            with st.container(horizontal=True, key=f"note-{i}", vertical_alignment="center"):
                st.html(_note(note, lang), width="stretch")
                tip = cards.label(say("ui", "memory.erase", lang, what=f"{note.label} {note.text}"))
                st.button(
                    "✕",
                    key=f"erase-{i}",
                    help=tip,
                    on_click=_erase,
                    args=(session, lang, note.scope),
                    type="tertiary",
                )
        if event.notes or event.consent == "yes":
            text = cards.label(say("ui", "memory.erase_all", lang))
            st.button(text, key="erase-all", on_click=_erase, args=(session, lang), width="stretch")


def _erase(session: Any, lang: str, scope: dict[str, str] | None = None) -> None:
    """Erase; what could not be erased is said, and still stands there."""
    try:
        session.forget(scope)
    except Exception:
        shop.log.exception("the memory cannot be erased")
        st.toast(say("ui", "memory.unread", lang))


def _note(note: Remembered, lang: str) -> str:
    """A note as HTML: what, and the words it was taken from."""
    said = say("ui", "memory.words", lang, words=cards.short(note.words, 80)) if note.words else ""
    noticed = "" if note.holds else f" <small>({cards.esc(say('ui', 'memory.noticed', lang))})</small>"
    below = f"<p>{cards.esc(said)}</p>" if said else ""
    what = f"<small>{cards.esc(note.label)}</small> <b>{cards.esc(note.text)}</b>"
    return f'<div class="dg-note">{what}{noticed}{below}</div>'
