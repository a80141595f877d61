"""What the staff's page shows as HTML: pure functions, no Streamlit, no state. As in `ui.cards`, everything that comes
from outside passes `esc` or `visible`."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from agent.catalogue import PARTS, Entry, Fact, Sheet, weight
from prompts import load, say, taxonomy
from tools.results import ProductCard
from ui import cards
from ui.cards import Url, esc, visible
from ui.looked import garments

COUNTS = ("read", "new", "changed", "unchanged", "removed", "refused", "warned")


def text(key: str, lang: str, **values: object) -> str:
    """A sentence of prompts/staff.yaml as HTML."""
    return esc(say("staff", key, lang, **values))


def quiet(key: str, lang: str, **values: object) -> str:
    """The same as a quiet paragraph."""
    return f'<p class="dg-quiet">{text(key, lang, **values)}</p>'


def heading(key: str, lang: str, **values: object) -> str:
    """The same as a heading."""
    return f'<h2 class="dg-h">{text(key, lang, **values)}</h2>'


def worded(lang: str) -> str:
    """Style that puts our words on the button for a photo, which Streamlit has in English only."""
    part = ".st-key-asked_photo section [data-testid=stBaseButton-secondary]::after"
    return f"<style>{part}{{content:'{cards.css_text(say('staff', 'search.choose', lang))}'}}</style>"


def menu(lang: str) -> str:
    """Style that puts a word on the button that opens the side bar."""
    text_ = cards.css_text(say("staff", "view.menu", lang))
    return f"<style>[data-testid=stExpandSidebarButton]::after{{content:'{text_}'}}</style>"


def card(entry: Entry, lang: str, url: Url) -> str:
    """A product of a list: its card, what is to look into, and why it was found."""
    near = (
        f'<p class="dg-quiet">{text("sheet.near", lang, cosine=f"{entry.near:.3f}")}</p>'
        if entry.near is not None
        else ""
    )
    shown = cards.product(entry.card, lang, url)
    return f'{shown}<div class="dg-staff">{near}{marks(entry, lang)}{score(entry, lang)}</div>'


def marks(entry: Entry, lang: str) -> str:
    """Its problems, and whether staff has corrected it."""
    known = [f'<li class="dg-mark-fixed">{text("sheet.corrected", lang)}</li>'] if entry.corrected else []
    known += [f"<li>{text(f'problem.{kind}', lang)}</li>" for kind in entry.problems]
    return f'<ul class="dg-marks">{"".join(known)}</ul>' if known else ""


def score(entry: Entry, lang: str) -> str:
    """The score with its parts and its reasons; empty where nothing was searched for."""
    if entry.score is None:
        return ""
    rows = "".join(
        f'<div><dt title="{text("search.weight", lang, weight=f"{weight(name):.2f}")}">{text(f"part.{name}", lang)}'
        f" <small>×{weight(name):.2f}</small></dt>"
        f'<dd><span class="dg-bar" aria-hidden="true"><i style="width:{100 * min(max(entry.parts[name], 0), 1):.0f}%">'
        f"</i></span>{entry.parts[name]:.2f}</dd></div>"
        for name in PARTS
        if name in entry.parts
    )
    why = "".join(f"<li>{visible(reason(r, lang))}</li>" for r in entry.reasons)
    missed = f'<li class="dg-mark-fixed">{text("search.nearest", lang)}</li>' if entry.card.nearest else ""
    return (
        f'<p class="dg-score"><span>{text("search.score", lang)}</span> <b>{entry.score:.3f}</b></p>'
        f'<dl class="dg-parts">{rows}</dl><ul class="dg-marks">{missed}{why}</ul>'
    )


def reason(found: Mapping[str, str], lang: str) -> str:
    """A reason of a hit in words."""
    kind, attribute, value = found["kind"], found.get("attribute", ""), found.get("value", "")
    key = kind if kind in load("staff")["reason"] else "other"
    named = load("staff")["attribute"].get(attribute)
    label = named[lang] if named else attribute
    shown = taxonomy.word(attribute, value, lang) if named else value
    return say("staff", f"reason.{key}", lang, attribute=label, value=shown or kind)


def facts(sheet: Sheet, lang: str) -> str:
    """The attributes: what the feed says, what was seen and how surely, what holds."""
    columns = ("attribute", "feed", "seen", "holds")
    head = "".join(f'<th scope="col">{text(f"sheet.{name}", lang)}</th>' for name in columns)
    rows = "".join(
        f'<tr><th scope="row">{text(f"attribute.{fact.attribute}", lang)}</th>'
        f"<td>{words(fact.attribute, fact.feed, lang)}</td><td>{_seen(fact, lang)}</td>"
        f"<td>{_holds(fact, lang)}</td></tr>"
        for fact in sheet.facts
    )
    return scrolling(
        text("sheet.facts", lang),
        f'<table class="dg-table dg-facts"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>',
    )


def scrolling(label: str, table: str) -> str:
    """A table that scrolls by itself, with the keyboard as well; `label`: its name, as HTML."""
    return f'<div class="dg-scroll" tabindex="0" role="region" aria-label="{label}">{table}</div>'


def looked_at(look: Mapping[str, Any], card: ProductCard, lang: str, url: Url) -> str:
    """The picture with a numbered frame around each garment, and what was seen of each beside it with how surely."""
    found = garments(look, lang)
    frames = "".join(
        f'<span class="dg-frame" aria-hidden="true" style="left:{g.box[0]:.2%};top:{g.box[1]:.2%};'
        f'width:{g.box[2] - g.box[0]:.2%};height:{g.box[3] - g.box[1]:.2%}"><b>{n}</b></span>'
        for n, g in enumerate(found, 1)
        if g.box
    )
    told = ""
    for g in found:
        more = [*g.told, say("ui", f"answer.{g.sure}", lang)] if g.sure else [*g.told]
        figures = f"<small>{visible(g.figures)}</small>" if g.figures else ""
        told += f"<li><b>{visible(g.name)}</b> <span>{visible(' · '.join(more))}</span>{figures}</li>"
    listed = f"<ol>{told}</ol>" if told else f"<p>{esc(say('ui', 'looked.nothing', lang))}</p>"
    caption = f"<p>{visible(look['caption'])}</p>" if found and look.get("caption") else ""
    shown = cards.picture(card.image, say("ui", "card.picture", lang, name=card.name), url)
    return (
        f'<figure class="dg-eyes"><div>{shown}{frames}</div><figcaption>{caption}{listed}{quiet("eyes.text", lang)}'
        "</figcaption></figure>"
    )


def words(attribute: str, values: Sequence[str], lang: str) -> str:
    """Values of an attribute in words; a dash for none."""
    joined = say("tools", "why.and", lang).join(taxonomy.word(attribute, v, lang) for v in values)
    return visible(joined) if values else text("sheet.nothing", lang)


def _seen(fact: Fact, lang: str) -> str:
    if not fact.seen:
        return text("sheet.nothing", lang)
    said = words(fact.attribute, fact.seen, lang)
    said = f"<s>{said}</s>" if fact.denied else said
    badge = "sheet.denied" if fact.denied else "sheet.seen_badge"
    sure = (
        f" <small>{text('sheet.sure', lang, percent=f'{100 * fact.confidence:.0f}')}</small>"
        if fact.confidence is not None
        else ""
    )
    return f'{said} <span class="dg-source">{text(badge, lang)}</span>{sure}'


def _holds(fact: Fact, lang: str) -> str:
    if fact.correction:
        said = words(fact.attribute, fact.holds, lang) if fact.holds else text("sheet.none_of_it", lang)
        return f'<b>{said}</b> <span class="dg-source dg-fixed">{text("sheet.corrected", lang)}</span>'
    badge = (
        f' <span class="dg-source">{text("sheet.seen_badge", lang)}</span>'
        if fact.holds and not fact.feed
        else ""
    )
    return words(fact.attribute, fact.holds, lang) + badge


def about(sheet: Sheet, lang: str, url: Url) -> str:
    """The product at length, with its id, where the shop files it, and what is to look into."""
    filed = (
        f"<p>{text('sheet.path', lang, path=' › '.join(sheet.product.path))}</p>"
        if sheet.product.path
        else ""
    )
    found = marks(sheet.entry, lang)
    listed = f"<div>{found}</div>" if found else ""
    shown = cards.detail(sheet.entry.card.model_copy(update={"attributes": {}}), lang, url)
    named = f"<p>{text('sheet.id', lang, id=sheet.product.id)}</p>"
    return f'{shown}<div class="dg-staff dg-about-product">{named}{filed}{listed}</div>'


# -- the report -------------------------------------------------------------------------------------------------------


def counts(report: Mapping[str, Any], lang: str) -> str:
    """What came of each feed, as a table."""
    names = [say("feeds", f"summary.{'warnings' if n == 'warned' else n}", lang) for n in COUNTS]
    head = "".join(
        f'<th scope="col">{esc(name)}</th>'
        for name in [say("staff", "report.feed", lang), say("staff", "report.format", lang), *names]
    )
    rows = ""
    for feed in report["feeds"]:
        notes = [text("report.cut_off", lang)] if not feed.get("finished") else []
        notes += [text("report.resumed", lang)] if feed.get("resumed") else []
        note = f"<br><small>{' · '.join(notes)}</small>" if notes else ""
        cells = "".join(f"<td>{esc(feed.get(name, 0))}</td>" for name in COUNTS)
        rows += (
            f'<tr><th scope="row">{visible(PurePath(str(feed["feed"])).name)}{note}</th>'
            f"<td>{esc(feed['format'])}</td>{cells}</tr>"
        )
    table = f'<table class="dg-table dg-counts"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return scrolling(text("report.heading", lang), table)


def problems(found: Sequence[Mapping[str, Any]], label: str, lang: str) -> str:
    """Refused rows or warnings, as a table: where, which product, why, what to do."""
    columns = ("line", "product", "field", "reason", "fix")
    head = "".join(f'<th scope="col">{text(f"report.{name}", lang)}</th>' for name in columns)
    rows = ""
    for problem in found:
        place = " ".join(str(part) for part in (problem.get("page"), problem["line"] or "") if part)
        cells = (place, problem["id"] or "", problem["field"] or "", problem["reason"], problem["fix"])
        rows += f"<tr>{''.join(f'<td>{visible(cell)}</td>' for cell in cells)}</tr>"
    table = f'<table class="dg-table dg-problems"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return scrolling(esc(label), table)
