"""One product: what the feed says beside what was seen, what staff put right, and what is near to it."""

from typing import Any

import streamlit as st

from agent.catalogue import Catalogue, Fact, Sheet
from agent.errors import ImportBusy, UnknownProduct
from prompts import say, taxonomy
from ui import cards, shop
from ui.buttons import url
from ui.staff import lists, views

NEAR = 12
NOTHING = ""  # stands for "none" among the values of an attribute


def draw(catalogue: Catalogue, product_id: str, lang: str) -> None:
    """The product of the address."""
    st.button(say("staff", "sheet.back", lang), key="back", on_click=_back, icon=":material/arrow_back:")
    try:
        found = catalogue.sheet(product_id, lang)
    except UnknownProduct:
        st.html(views.quiet("sheet.gone", lang))
        return
    with st.container(key="detail-sheet"):
        st.html(views.about(found, lang, url))
    with st.container(key="seen-now"):
        _seen(catalogue, found, lang)
    st.html(views.heading("sheet.facts", lang))
    st.html(views.facts(found, lang))
    with st.container(key="fix"):
        _fix(catalogue, found, lang)
    for by, nothing in (("look", "sheet.no_look"), ("words", "sheet.no_words")):
        st.html(views.heading(f"sheet.{by}", lang))
        near = catalogue.neighbours(product_id, "look" if by == "look" else "words", lang, NEAR)
        if near:
            lists.draw_shelf(near, f"near-{by}", lang)
        else:
            st.html(views.quiet(nothing, lang))


def _seen(catalogue: Catalogue, found: Sheet, lang: str) -> None:
    """What the eyes see in its picture, once it was asked for: they may be a provider's, and slow."""
    state, image = st.session_state, found.entry.card.image
    if "picture" in found.entry.problems or not image:
        return
    state.staff_look = st.toggle(
        say("staff", "eyes.show", lang), value=state.get("staff_look", False), key=f"staff-look-{lang}"
    )
    if not state.staff_look:
        return
    key = (found.product.id, image, lang)
    if state.get("staff_looked", (None,))[0] != key:
        try:
            with st.spinner(say("staff", "eyes.looking", lang), show_time=False):
                state.staff_looked = key, catalogue.look(found.product.id, lang)
        except Exception:
            shop.log.exception("a picture cannot be looked at")
            st.html(cards.error(say("staff", "eyes.failed", lang)))
            return
    look = state.staff_looked[1]
    if look is not None:
        st.html(views.looked_at(look, found.entry.card, lang, url))


def _back() -> None:
    st.query_params.pop("p", None)


def _fix(catalogue: Catalogue, found: Sheet, lang: str) -> None:
    """Choose an attribute and its value; what was corrected before, with a button to take it back."""
    product = found.product.id
    st.html(views.heading("fix.heading", lang) + views.quiet("fix.text", lang))
    with st.container(horizontal=True, key="fix-choice", vertical_alignment="bottom"):
        attribute = st.selectbox(
            say("staff", "fix.which", lang),
            taxonomy.ATTRIBUTES,
            index=taxonomy.ATTRIBUTES.index(st.session_state.get("staff_attribute", "color")),
            format_func=lambda name: say("staff", f"attribute.{name}", lang),
            key=f"fix-which-{product}-{lang}",  # a box of the same key would go on in the other language
        )
        st.session_state.staff_attribute = attribute
        fact = next(f for f in found.facts if f.attribute == attribute)
        key = f"fix-{product}-{attribute}-{lang}"
        _values(fact, key, lang)
        st.button(
            say("staff", "fix.save", lang),
            key="fix-save",
            type="primary",
            on_click=_save,
            args=(catalogue, product, attribute, key, lang),
        )
    told = st.session_state.pop("staff_told", "")
    st.html(f'<p class="dg-told" role="status">{cards.esc(told)}</p>')
    for fact in found.facts:
        if fact.correction:
            _made(catalogue, product, fact, lang)


def _values(fact: Fact, key: str, lang: str) -> None:
    """What the attribute should be: a box whose value is kept under `key`."""
    known = taxonomy.values(fact.attribute)
    holds = [value for value in fact.holds if value in known]

    def shown(value: str) -> str:
        if value == NOTHING:
            return say("staff", "sheet.none_of_it", lang)
        if fact.attribute == "category":
            return lists.kind_name(value, lang)
        return taxonomy.word(fact.attribute, value, lang)

    if fact.several:
        st.multiselect(
            say("staff", "fix.several", lang),
            known,
            default=holds,
            format_func=shown,
            key=key,
            placeholder=say("staff", "fix.choose", lang),
        )
        return
    options = known if fact.attribute == "category" else [NOTHING, *known]
    st.selectbox(
        say("staff", "fix.values", lang),
        options,
        index=options.index(holds[0]) if holds else None if fact.attribute == "category" else 0,
        format_func=shown,
        key=key,
        placeholder=say("staff", "fix.choose", lang),
    )


def _made(catalogue: Catalogue, product: str, fact: Fact, lang: str) -> None:
    correction = fact.correction
    if correction is None:
        return
    named = say("staff", f"attribute.{fact.attribute}", lang)
    after = views.words(fact.attribute, correction.values, lang)
    said = views.text("fix.made", lang, attribute=named, feed="\0", values="\1")
    said = said.replace("\0", views.words(fact.attribute, correction.feed, lang))
    said = said.replace("\1", after if correction.values else views.text("sheet.none_of_it", lang))
    at = views.text("fix.at", lang, at=correction.at[:10])
    with st.container(horizontal=True, key=f"made-{fact.attribute}", vertical_alignment="center"):
        st.html(f'<p>{said} <small class="dg-quiet">{at}</small></p>', width="stretch")
        st.button(
            say("staff", "fix.take_back", lang),
            key=f"take-back-{fact.attribute}",
            on_click=_take_back,
            args=(catalogue, product, fact.attribute, lang),
        )


def _save(catalogue: Catalogue, product: str, attribute: str, key: str, lang: str) -> None:
    # Read here, not where the page was drawn: who is quick saves before the page has heard of the choice.
    chosen = st.session_state.get(key) or []
    values = [chosen] if isinstance(chosen, str) else list(chosen)
    _do(catalogue.correct, "fix.saved", product, attribute, lang, values)


def _take_back(catalogue: Catalogue, product: str, attribute: str, lang: str) -> None:
    if _do(catalogue.take_back, "fix.taken_back", product, attribute, lang):
        st.session_state.pop(f"fix-{product}-{attribute}-{lang}", None)


def _do(work: Any, done: str, product: str, attribute: str, lang: str, *more: Any) -> bool:
    """Do it and say what came of it, where it can be read."""
    state = st.session_state
    try:
        work(product, attribute, *more)
    except UnknownProduct:
        state.staff_told = say("staff", "sheet.gone", lang)
    except ImportBusy:
        state.staff_told = say("staff", "fix.busy", lang)
    except Exception:
        shop.log.exception("a correction is not kept")
        state.staff_told = say("staff", "fix.not_kept", lang)
    else:
        state.staff_told = say("staff", done, lang, attribute=say("staff", f"attribute.{attribute}", lang))
        return True
    return False
