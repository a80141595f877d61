"""What came of the last import: counts, every refused row with its reason and what to do, the same as JSON."""

import json
from typing import Any

import streamlit as st

from agent.catalogue import Catalogue
from prompts import say
from ui.staff import lists, views

COUNT = 50  # problems of a page


def draw(catalogue: Catalogue, lang: str) -> None:
    """The report of the last import, or how to make one."""
    report = catalogue.report(lang)
    st.html(views.heading("report.heading", lang))
    if report is None:
        st.html(
            f'<section class="dg-welcome dg-none">{views.quiet("report.none", lang)}{views.quiet("report.how", lang)}'
            "<pre>daogou import FEED</pre></section>"
        )
        return
    at = str(report["at"])[:16].replace("T", " ")
    with st.container(horizontal=True, key="report-head", vertical_alignment="center"):
        st.html(views.quiet("report.at", lang, at=at), width="stretch")
        st.download_button(
            say("staff", "report.download", lang),
            json.dumps(report, ensure_ascii=False, indent=2),
            file_name="import-report.json",
            mime="application/json",
            key="download",
        )
    st.html(views.counts(report, lang))
    refused = _listed(report, "errors", "refused", lang)
    _listed(report, "warnings", "warned", lang)
    if not refused:
        st.html(views.quiet("report.all_in", lang))


def _listed(report: dict[str, Any], name: str, counted: str, lang: str) -> int:
    """The problems of a kind, of all feeds; how many there were."""
    found = [problem for feed in report["feeds"] for problem in feed[name]]
    count = sum(feed[counted] for feed in report["feeds"])
    if not found:
        return count
    key = "refused" if name == "errors" else "warnings"
    label = say("staff", f"report.{key}", lang, count=count)
    st.html(views.heading(f"report.{key}", lang, count=count))
    if count > len(found):
        st.html(views.quiet("report.some", lang, kept=len(found)))
    start = min(st.session_state.get(f"report_{name}", 0), len(found) - 1)
    if len(found) > COUNT:

        def turn(place: int) -> None:
            st.session_state[f"report_{name}"] = place

        lists.draw_pager(start, len(found), COUNT, "report.count", name, turn, lang)
    st.html(views.problems(found[start : start + COUNT], label, lang))
    return count
