"""The audit log on the staff's page."""

from datetime import UTC, datetime

import streamlit as st

from agent.catalogue import Catalogue
from prompts import say
from ui import shop
from ui.staff import people_views, views

COUNT = 200
KINDS = ("", "cart.", "handoff.", "sent.", "session.", "shopper.")


def draw(catalogue: Catalogue, lang: str) -> None:
    """The newest lines, of all kinds or of one."""
    st.html(views.heading("audit.heading", lang) + views.quiet("audit.text", lang))
    kind = st.selectbox(
        say("staff", "audit.what", lang),
        KINDS,
        format_func=lambda k: say("staff", f"audit.kind.{k.rstrip('.') or 'all'}", lang),
        key="audit-kind",
    )
    lines = shop.assistant().audit.lines(what=kind or "", limit=COUNT)
    if not lines:
        st.html(views.quiet("audit.none", lang))
        return
    at = [datetime.fromtimestamp(line.at, UTC).strftime("%Y-%m-%d %H:%M:%S") for line in lines]
    st.html(people_views.log(list(zip(at, lines, strict=True)), lang))
