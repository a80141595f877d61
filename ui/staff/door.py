"""Who may see the page: whoever knows the password of the settings. Without that setting there is no page.

It is kept in the page's own session, on the server: no cookie, nothing in the address, asked for again after a reload.
"""

import hmac
import threading
import time

import streamlit as st

from agent.settings import Settings
from prompts import say
from ui import cards

MOST = 10  # wrong passwords, of whomever, ...
WITHIN_S = 60.0  # ... in this time, after which nobody is let in for as long
_IN = "staff_in"


@st.cache_resource(show_spinner=False)
def password() -> str:
    """The staff's password; empty where there is none, and no page."""
    secret = Settings().staff_password
    return secret.get_secret_value() if secret else ""


class Tries:
    """Counts wrong passwords of the whole process, so that guessing takes longer than anybody lives."""

    def __init__(self, most: int = MOST, within_s: float = WITHIN_S) -> None:
        self._most, self._within_s = most, within_s
        self._wrong: list[float] = []
        self._lock = threading.Lock()

    def take(self) -> bool:
        """True where one more may be tried now; it counts as a wrong one until `right` takes it back."""
        now = time.monotonic()
        with self._lock:
            self._wrong = [at for at in self._wrong if now - at < self._within_s]
            if len(self._wrong) >= self._most:
                return False
            self._wrong.append(now)
            return True

    def right(self) -> None:
        """The last one was right."""
        with self._lock:
            self._wrong = self._wrong[:-1]


TRIES = Tries()


def passed(lang: str) -> bool:
    """True for who is in; else the door is drawn."""
    known = password()
    if not known:
        return False
    if st.session_state.get(_IN):
        return True
    with st.container(key="staff-door"):
        st.html(
            f'<section class="dg-welcome" lang="{cards.esc(lang)}"><h1>{_say("heading", lang)}</h1>'
            f"<p>{_say('text', lang)}</p></section>"
        )
        with st.form("staff-door-form", border=False):
            given = st.text_input(
                say("staff", "door.password", lang), type="password", autocomplete="current-password"
            )
            sent = st.form_submit_button(say("staff", "door.enter", lang), type="primary")
        wrong = _refused(given, known) if sent else ""
        if sent and not wrong:
            st.session_state[_IN] = True
            st.rerun()
        told = f'<div class="dg-error" role="alert">{_say(wrong, lang)}</div>' if wrong else ""
        st.html(f'<div class="dg-told-wrong">{told}</div>')
    return False


def leave() -> None:
    """Shut the door behind oneself."""
    st.session_state.clear()
    st.query_params.clear()


def _refused(given: str, known: str) -> str:
    """Why not; empty for the password."""
    if not TRIES.take():
        return "wait"
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), known.encode()):
        return "wrong"
    TRIES.right()
    return ""


def _say(key: str, lang: str) -> str:
    return cards.esc(say("staff", f"door.{key}", lang))
