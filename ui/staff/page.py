"""The staff's page: what is drawn around its views, and which of them. `ui.app` serves it at /staff.

Which view is open, and of which product, stands in the address; nothing else does.
"""

from itertools import takewhile
from pathlib import Path
from time import time_ns
from zlib import crc32

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from prompts import LANGUAGES, say
from ui import cards, shop
from ui.staff import door, lists, log, people, report, sheet, views

HERE = Path(__file__).parent.parent
CLOSED = (
    "<script>if (innerWidth < 768) document.querySelector("
    "'[data-testid=\"stSidebarCollapseButton\"] button')?.click(); /* {} */</script>"
)
VIEWS = {
    "browse": lists.browse,
    "search": lists.search,
    "report": report.draw,
    "people": people.draw,
    "audit": log.draw,
}
PRODUCT = "product"  # open from any of them


def language() -> str:
    """The language chosen, else that of the address, else the browser's."""
    asked = st.session_state.get("staff_language") or st.query_params.get("lang")
    return (
        asked if asked in LANGUAGES else "zh" if (st.context.locale or "").lower().startswith("zh") else "en"
    )


def view() -> str:
    """The view of the address."""
    asked = st.query_params.get("view", "")
    return asked if asked in VIEWS else "browse"


def main() -> None:
    """Draw the page."""
    st.set_page_config(page_icon=str(HERE / "icon.svg"), layout="wide")
    lang = language()
    tag = "zh-CN" if lang == "zh" else "en"
    st.html(f"<script>document.documentElement.lang = '{tag}'</script>", unsafe_allow_javascript=True)
    if not door.passed(lang):
        return
    try:
        with st.spinner(say("staff", "opening", lang), show_time=False):
            catalogue, name = shop.assistant().catalogue, shop.assistant().shop_name
    except Exception:
        shop.log.exception("the catalogue cannot be opened")
        st.html(cards.error(say("ui", "errors.opening", lang)))
        return
    st.set_page_config(page_title=say("staff", "title", lang, shop=name))
    _side(name, lang)
    _from_the_top()
    with _place():
        if shop.is_empty():
            st.html(cards.empty_shop(lang))
        elif product := st.query_params.get("p"):
            sheet.draw(catalogue, product, lang)
        else:
            VIEWS[view()](catalogue, lang)


def _side(name: str, lang: str) -> None:
    st.html(views.menu(lang))
    if st.session_state.pop("staff_chosen", False):  # on a phone the side bar lies over what was chosen in it
        st.html(CLOSED.format(time_ns()), unsafe_allow_javascript=True)
    with st.sidebar:
        st.html(cards.wordmark(name, lang, say("staff", "tagline", lang)))
        names = {key: say("staff", f"view.{key}", lang) for key in VIEWS}
        for key, text in names.items():
            st.button(
                text,
                key=f"view-{key}",
                on_click=_see,
                args=(key,),
                width="stretch",
                type="primary" if key == view() else "secondary",
            )
        with st.container(key="settings"):
            tongues = {"zh": "中文", "en": "English"}
            st.segmented_control(
                say("ui", "side.language", lang),
                list(tongues),
                default=lang,
                format_func=tongues.__getitem__,
                key="staff_language_switch",
                on_change=_speak,
                required=True,
            )
            st.button(say("staff", "door.leave", lang), key="leave", on_click=door.leave, width="stretch")


def _place() -> DeltaGenerator:
    """What is open has a place of its own. Streamlit keeps what stood in a place until all is drawn: in one place for
    all, the cards of a list would stand one below the other in the midst of the product that was opened from it."""
    opened = PRODUCT if st.query_params.get("p") else view()
    for _ in takewhile(lambda name: name != opened, (*VIEWS, PRODUCT)):
        st.empty()
    return st.container(key="staff")


def _from_the_top() -> None:
    """What is opened is read from its beginning: the browser would keep the place in what was shown before."""
    where = (view(), st.query_params.get("p"), st.session_state.get("shelf"))
    st.html(
        "<script>document.querySelector('[data-testid=\"stMain\"]')?.scrollTo({top: 0, behavior: 'instant'});"
        f"/* {crc32(repr(where).encode('utf-8', 'replace'))} */</script>",
        unsafe_allow_javascript=True,
    )


def _see(key: str) -> None:
    st.session_state.staff_chosen = True
    st.query_params["view"] = key
    st.query_params.pop("p", None)
    st.query_params.pop("h", None)


def _speak() -> None:
    st.session_state.staff_language = st.query_params["lang"] = st.session_state.staff_language_switch


if __name__ == "__main__":
    main()
