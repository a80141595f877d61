"""What the desk shows as HTML: pure functions. Whatever a shopper, a model or another program wrote passes `visible`:
it is text, never Markdown and never HTML."""

from collections.abc import Mapping, Sequence

from agent.handoff.case import Case, Utterance
from agent.handoff.records import Entry, Line
from agent.transcripts import Turn
from prompts import LANGUAGES
from tools.results import ProductCard
from ui import cards
from ui.cards import Url, esc, visible
from ui.staff.views import heading, quiet, scrolling, text


def present(me: str, names: Sequence[str], lang: str) -> str:
    """Who is at the desk."""
    others = [name for name in names if name != me]
    told = text("people.you", lang, name=me)
    if others:
        told += " · " + text("people.others", lang, names=", ".join(others))
    return f'<p class="dg-quiet" role="status">{told}</p>'


def empty(lang: str) -> str:
    """Nobody waits."""
    title, more = text("people.nobody", lang), text("people.nobody_text", lang)
    return f'<section class="dg-welcome"><h1>{title}</h1><p>{more}</p></section>'


def waits(entry: Entry, last: Turn | None, now: float, lang: str) -> str:
    """A row of the queue: since when, in which language, what was said last, who has it."""
    state = text(f"people.state.{entry.state}", lang, name=entry.person)
    said = visible(cards.short(last.text, 140)) if last and last.text else visible(entry.reason)
    spoken = text(f"people.language.{entry.language if entry.language in LANGUAGES else 'en'}", lang)
    contact = f" · {visible(entry.contact)}" if entry.contact else ""
    since = text("people.since", lang, time=lasted(now - entry.asked))
    about = f"{state} · {since} · {spoken}{contact}"
    return f'<div class="dg-waits"><p class="dg-who">{about}</p><p>“{said}”</p></div>'


def lasted(seconds: float) -> str:
    """How long something has been waiting: 0:42, 12:05, 3:04:00."""
    whole = max(0, int(seconds))
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def standing(entry: Entry, me: str, lang: str) -> str:
    """Who has the conversation."""
    if entry.over:
        return quiet(f"people.over.{entry.how}", lang, name=entry.person)
    if entry.state == "person":
        return quiet("people.mine" if entry.person == me else "people.theirs", lang, name=entry.person)
    return quiet(f"people.state.{entry.state}", lang)


def transcript(case: Case, lang: str, url: Url) -> str:
    """All that was said, with the pictures that were sent."""
    return (
        f'<div class="dg-talk" role="log">{"".join(_said(one, lang, url) for one in case.transcript)}</div>'
    )


def _said(one: Utterance, lang: str, url: Url) -> str:
    who = visible(one.name) if one.name else text(f"people.by.{one.who}", lang)
    words = "<br>".join(visible(line) for line in one.text.split("\n"))
    photos = "".join(cards.picture(p, "", url, css="dg-photo") for p in one.photos if url(p))
    gone = sum(not url(p) for p in one.photos)
    note = f'<p class="dg-quiet">{text("people.photo_gone", lang)}</p>' if gone else ""
    shown = (
        f'<p class="dg-quiet">{text("people.shown", lang, ids=", ".join(one.products))}</p>'
        if one.products
        else ""
    )
    return (
        f'<div class="dg-uttered dg-by-{esc(one.who)}"><p class="dg-who">{who}</p><p>{words}</p>'
        f"{f'<div class=dg-photos>{photos}</div>' if photos else ''}{note}{shown}</div>"
    )


def bottom(count: int) -> str:
    """Keep the newest line in sight; `count` of lines: only a new one moves the page."""
    return (
        "<script>(() => { const talk = document.querySelector('.st-key-people-talk .dg-talk');"
        f" const box = talk?.closest('[data-testid=stVerticalBlock]'); if (talk?.dataset.told !== '{count:d}')"
        f" {{ if (talk) talk.dataset.told = '{count:d}';"
        " talk?.lastElementChild?.scrollIntoView({block: 'nearest'}); } })()</script>"
    )


def summary(case: Case, lang: str) -> str:
    """What has to be known, in the language of the page; in the others behind a fold."""
    told = "".join(f"<li>{visible(line)}</li>" for line in case.summary[lang])
    more = "".join(
        f"<details><summary>{text(f'people.language.{other}', lang)}</summary><ul>"
        + "".join(f"<li>{visible(line)}</li>" for line in case.summary[other])
        + "</ul></details>"
        for other in LANGUAGES
        if other != lang
    )
    return f'{heading("people.summary", lang)}<div class="dg-summary"><ul>{told}</ul>{more}</div>'


def product(card: ProductCard, lang: str, url: Url) -> str:
    """A product that was shown, small."""
    shown = cards.picture(card.image, "", url) if card.image else ""
    return (
        f'<div class="dg-small">{shown}<div><b>{visible(card.name)}</b><br>{cards.price(card, lang)}'
        f'<span class="dg-quiet">{visible(card.id)}</span></div></div>'
    )


def undelivered(counts: Mapping[str, int], lang: str) -> str:
    """What other programs have not been told yet."""
    told = [
        text(f"people.outbox.{name}", lang, count=n)
        for name, n in counts.items()
        if name in ("open", "given_up")
    ]
    return f'<p class="dg-quiet">{" · ".join(told)}</p>' if told else ""


def log(lines: Sequence[tuple[str, Line]], lang: str) -> str:
    """The audit log as a table: (when, line)."""
    columns = ("at", "what", "who", "session", "about", "detail")
    head = "".join(f'<th scope="col">{text(f"audit.{name}", lang)}</th>' for name in columns)
    rows = "".join(
        f"<tr><td>{esc(at)}</td>"
        + "".join(f"<td>{visible(getattr(line, name))}</td>" for name in columns[1:])
        + "</tr>"
        for at, line in lines
    )
    table = f'<table class="dg-table dg-audit"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return scrolling(text("audit.heading", lang), table)
