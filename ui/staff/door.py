"""Who may see the page: whoever knows the password of the settings. Without that setting there is no page.

It is kept in the page's own session, on the server: no cookie, nothing in the address, asked for again after a reload.
"""

import hmac
import threading
import time
from ipaddress import IPv6Address, ip_address

import streamlit as st

from agent.settings import Settings
from prompts import say
from ui import cards, shop

MOST = 10  # wrong passwords from one address ...
EVERYBODY = 100  # ... and from all of them together ...
WITHIN_S = 60.0  # ... in this time, after which it is not listened to for as long
PREFIX = (
    64  # bits of an IPv6 address that one household or one server has to itself, and may change the rest of
)
_IN = "staff_in"  # of which shop: a page may come back to its session from another shop's address


def password() -> str:
    """The staff's password; empty where there is none, and no page."""
    return _password(shop.here())


@st.cache_resource(show_spinner=False)
def _password(name: str) -> str:
    return _of(shop.settings())


def anywhere() -> bool:
    """Whether any of the shops has a page for its staff."""
    shops = shop.several()
    return any(_of(shops.settings(name)) for name in shops.names()) if shops else bool(password())


def _of(settings: Settings) -> str:
    secret = settings.staff_password
    return secret.get_secret_value() if secret else ""


class Tries:
    """Counts wrong passwords by the address that they come from, so that guessing takes longer than anybody lives and
    shuts nobody out but who guesses. Who guesses from many addresses meets the ceiling for all of them together, which
    does not hold for an address that the right password came from since the start."""

    def __init__(self, most: int = MOST, everybody: int = EVERYBODY, within_s: float = WITHIN_S) -> None:
        self._most, self._everybody, self._within_s = most, everybody, within_s
        self._wrong: list[
            tuple[str, float]
        ] = []  # at most `everybody` strangers' and `most` of each that is known
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def take(self, address: str) -> bool:
        """True where one more may be tried now; it counts as a wrong one until `right` takes it back."""
        now, who = time.monotonic(), household(address)
        with self._lock:
            self._wrong = [(whose, at) for whose, at in self._wrong if now - at < self._within_s]
            mine = sum(whose == who for whose, _ in self._wrong)
            if mine >= self._most or (len(self._wrong) >= self._everybody and who not in self._known):
                return False
            self._wrong.append((who, now))
            return True

    def right(self, address: str) -> None:
        """The last one from there was right."""
        who = household(address)
        with self._lock:
            self._known.add(who)
            for place in range(len(self._wrong) - 1, -1, -1):
                if self._wrong[place][0] == who:
                    del self._wrong[place]
                    return


def household(address: str) -> str:
    """The part of an address that whoever has it cannot change at will; as it is where it is no address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Address(int(found) >> (128 - PREFIX) << (128 - PREFIX)))


TRIES = Tries()


def passed(lang: str) -> bool:
    """True for who is in; else the door is drawn."""
    known = password()
    if not known:
        return False
    if st.session_state.get(_IN) == shop.here():
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
            st.session_state[_IN] = shop.here()
            st.rerun()
        told = f'<div class="dg-error" role="alert">{_say(wrong, lang)}</div>' if wrong else ""
        st.html(f'<div class="dg-told-wrong">{told}</div>')
    return False


def whence() -> str:
    """The address that this page was asked for from, behind a proxy of this machine that of its visitor; empty for this
    machine itself."""
    return st.context.ip_address or ""


def leave() -> None:
    """Shut the door behind oneself."""
    st.session_state.clear()
    st.query_params.clear()


def _refused(given: str, known: str) -> str:
    """Why not; empty for the password."""
    address = whence()
    if not TRIES.take(address):
        return "wait"
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), known.encode()):
        return "wrong"
    TRIES.right(address)
    return ""


def _say(key: str, lang: str) -> str:
    return cards.esc(say("staff", f"door.{key}", lang))
