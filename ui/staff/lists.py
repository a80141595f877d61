"""Lists of products: the catalogue by its filters, and what a search finds with the parts of its scores."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import streamlit as st

from agent.catalogue import UNFILED, Catalogue, Entry, State
from prompts import LANGUAGES, load, say, taxonomy
from ui import cards, shop
from ui.buttons import url
from ui.staff import views

COUNT = 24  # of a page
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True)
class Shelf:
    """What is being looked through."""

    category: str = ""
    brand: str = ""
    state: State = "all"
    start: int = 0


@dataclass(frozen=True)
class Asked:
    """What is searched for. `photo`: its name and bytes."""

    words: str = ""
    photo: tuple[str, bytes] | None = None


def open_product(product_id: str) -> None:
    """Go to a product; from one to the next as well."""
    st.query_params["p"] = product_id


def draw_shelf(entries: Sequence[Entry], key: str, lang: str) -> None:
    """A grid of products, each with a button that opens it."""
    with st.container(key=f"shelf-{key}"):
        for i, entry in enumerate(entries):
            with st.container(key=f"card-{key}-{i}"):
                st.html(views.card(entry, lang, url))
                with st.container(horizontal=True, key=f"actions-{key}-{i}"):
                    st.button(
                        say("staff", "browse.open", lang),
                        key=f"open-{key}-{i}",
                        on_click=open_product,
                        args=(entry.card.id,),
                    )


# -- the catalogue ----------------------------------------------------------------------------------------------------


def browse(catalogue: Catalogue, lang: str) -> None:
    """The catalogue by its filters, some at a time."""
    shelf: Shelf = st.session_state.get("shelf", Shelf())
    facets = catalogue.facets()
    known = [c for c in taxonomy.values("category") if c in facets.categories]
    kinds = ["", *known, *sorted(c for c in facets.categories if c not in known)]
    anything = say("staff", "browse.any", lang)
    with st.container(horizontal=True, key="shelf-filters"):
        _choice("category", kinds, shelf, lang, lambda v: kind_name(v, lang) if v else anything)
        _choice("brand", ["", *sorted(facets.brands)], shelf, lang, lambda v: v or anything)
        _choice("state", STATES, shelf, lang, lambda v: say("staff", f"browse.states.{v}", lang))
    entries, count = catalogue.browse(lang, shelf.category, shelf.brand, shelf.state, shelf.start, COUNT)
    if not count:
        with st.container(key="shelf-nothing"):
            st.html(views.quiet("browse.nothing", lang))
            st.button(say("staff", "browse.clear", lang), key="clear", on_click=_keep, args=(Shelf(),))
        return
    draw_pager(shelf.start, count, COUNT, "browse.count", "above", _turn, lang)
    draw_shelf(entries, "browse", lang)
    draw_pager(shelf.start, count, COUNT, "browse.count", "below", _turn, lang)


def draw_pager(start: int, count: int, of: int, sentence: str, key: str, turn: Any, lang: str) -> None:
    """Which part of a list is shown, and two buttons, which stay where they are."""
    with st.container(horizontal=True, key=f"pager-{key}", vertical_alignment="center"):
        last = min(start + of, count)
        st.html(views.quiet(sentence, lang, count=count, first=start + 1, last=last), width="stretch")
        steps = (("before", start - of, start <= 0), ("after", start + of, last >= count))
        for name, place, off in steps:
            text = say("staff", f"browse.{name}", lang)
            st.button(text, key=f"{name}-{key}", on_click=turn, args=(max(place, 0),), disabled=off)


def kind_name(category: str, lang: str) -> str:
    """A category with what is above it: "tops › T-shirt"."""
    if category == UNFILED:
        return say("staff", "browse.unfiled", lang)
    return " › ".join(taxonomy.word("category", c, lang) for c in taxonomy.ancestors(category))


def _choice(name: str, options: Sequence[str], shelf: Shelf, lang: str, shown: Any) -> None:
    held = getattr(shelf, name)

    def chosen() -> None:
        _keep(replace(shelf, start=0, **{name: st.session_state[f"shelf_{name}_{lang}"]}))

    st.selectbox(
        say("staff", f"browse.{name}", lang),
        options,
        index=options.index(held) if held in options else 0,
        format_func=shown,
        key=f"shelf_{name}_{lang}",
        on_change=chosen,
    )


def _keep(shelf: Shelf) -> None:
    """Look through these; the boxes follow, in both languages."""
    for name in ("category", "brand", "state"):
        for lang in LANGUAGES:
            st.session_state.pop(f"shelf_{name}_{lang}", None)
    st.session_state.shelf = shelf


def _turn(start: int) -> None:
    st.session_state.shelf = replace(st.session_state.get("shelf", Shelf()), start=start)


# -- the search -------------------------------------------------------------------------------------------------------


def search(catalogue: Catalogue, lang: str) -> None:
    """What a shopper would find, and why."""
    asked: Asked = st.session_state.get("asked", Asked())
    st.html(views.worded(lang))
    with st.form("staff-search", border=False):
        st.text_input(
            say("staff", "search.words", lang),
            value=asked.words,
            key="asked_words",
            placeholder=say("staff", "search.placeholder", lang),
        )
        st.file_uploader(
            say("staff", "search.photo", lang),
            type=shop.PHOTO_TYPES,
            key="asked_photo",
            max_upload_size=shop.UPLOAD_MB,
        )
        st.form_submit_button(say("staff", "search.go", lang), type="primary", on_click=_ask)
    kept = st.session_state.photo_kept = bool(asked.photo and not st.session_state.get("asked_photo"))
    if kept and asked.photo:  # the box above is empty again after a look elsewhere
        with st.container(horizontal=True, key="asked-photo", vertical_alignment="center"):
            name = cards.short(asked.photo[0], 60)
            st.html(views.quiet("search.with_photo", lang, name=name), width="content")
            st.button(say("staff", "search.drop", lang), key="drop-photo", on_click=_drop, type="tertiary")
    if not (asked.words or asked.photo):
        st.html(views.quiet("search.hint", lang))
        return
    try:
        entries = catalogue.search(asked.words, lang, asked.photo[1] if asked.photo else None, k=COUNT)
    except Exception as error:
        sentence = load("session")["errors"].get(getattr(error, "code", ""))  # of a photo that cannot be used
        if sentence is None:
            shop.log.exception("the search failed")
        st.html(cards.error(sentence[lang] if sentence else say("staff", "search.failed", lang)))
        return
    key = "search.found" if entries else "search.nothing"
    st.html(views.quiet(key, lang, count=len(entries)))
    draw_shelf(entries, "search", lang)


def _ask() -> None:
    state, file = st.session_state, st.session_state.asked_photo
    kept = state.asked.photo if state.get("photo_kept") else None
    state.asked = Asked(state.asked_words.strip(), (file.name, file.getvalue()) if file else kept)


def _drop() -> None:
    st.session_state.asked = replace(st.session_state.asked, photo=None)
