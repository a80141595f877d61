"""Which a reply says is the most of all, or more than another: cheapest, best rated, cheaper than."""

import re
from collections.abc import Callable, Iterator

from agent.grounding.records import Record
from agent.grounding.sentences import Clause, Sentence
from agent.grounding.words import denied, group, has, pattern
from prompts import load


def most(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """Cheapest, best rated, cheaper than: as the products shown have it."""
    known = sentence.known
    for clause in sentence.claims:
        for name, wording in group("most").items():
            match = wording.search(clause.text)
            if (
                match is None
                or denied(clause.text, match.start(), match.end())
                or has("wish", clause.text[: match.start()])
            ):
                continue
            about = [r for r in sentence.records(_subject(sentence, clause, match)) if not r.photo]
            if has("whole_shop", clause.text) or not known.everything:
                if not (name == "cheapest" and {r.id for r in about} & known.lowest):
                    yield "most", match.group()
                continue
            if len(about) != 1:
                continue
            among = [*known.turn, *known.lists[-1:], known.shown, known.everything]
            if not any(
                _is_most(name, about[0], sentence.records(ids))
                for ids in among
                if about[0].id in ids and (len(ids) > 1 or len(known.everything) == 1)
            ):
                yield "most", match.group()
        yield from _compared(sentence, clause)
        yield from _shared(sentence, clause)


def _subject(sentence: Sentence, clause: Clause, match: re.Match[str]) -> tuple[str, ...]:
    """Whom a superlative is said of: the product named after it ("the cheapest is …"), else the one before."""
    after = [m for m in sentence.marks if clause.start + match.end() <= m.start < clause.end]
    before = [m for m in sentence.marks if clause.start <= m.start < clause.start + match.start()]
    if before:
        return before[-1].ids
    return after[0].ids if after else sentence.about(clause.start + match.start())


def _is_most(name: str, record: Record, others: list[Record]) -> bool:
    def key(r: Record) -> float | None:
        if name in ("cheapest", "priciest"):
            return None if r.price is None else float(r.price)
        return float(r.reviews) if name == "most_reviews" else r.rating

    if name in ("shortest", "longest"):
        own, least = _length(record), name == "shortest"
        lengths = [n for r in others if (n := _length(r)) is not None]
        return own is not None and own == (min if least else max)(lengths)
    if name == "best_reviewed":  # nobody is both liked better and by as many
        return not any((r.rating or 0) > (record.rating or 0) and r.reviews >= record.reviews for r in others)
    values = [v for r in others if (v := key(r)) is not None]
    own = key(record)
    if own is None or not values:
        return False
    return own <= min(values) if name == "cheapest" else own >= max(values)


def _length(record: Record) -> float | None:
    """How long its record says that it is, as a place in a row; None where it says nothing."""
    row = load("grounding")["lengths"]
    return next((float(row.index(v)) for v in record.known("length") if v in row), None)


def _price_of(record: Record) -> float | None:
    return None if record.price is None else float(record.price)


_COMPARISONS: tuple[tuple[str, int, Callable[[Record], float | None]], ...] = (
    ("cheaper", -1, _price_of),
    ("dearer", 1, _price_of),
    ("better_rated", 1, lambda record: record.rating),
    ("worse_rated", -1, lambda record: record.rating),
    ("more_reviews", 1, lambda record: float(record.reviews)),
)


def _compared(sentence: Sentence, clause: Clause) -> Iterator[tuple[str, str]]:
    marks = [m for m in sentence.marks if m.start < clause.end]
    if not any(clause.start <= m.start for m in marks) and not has("comparing", sentence.text):
        return
    for name, sign, key in _COMPARISONS:
        match = pattern(name).search(clause.text)
        if match is None or denied(clause.text, match.start(), match.end()) or not marks:
            continue
        if has("of_itself_before", clause.text):
            continue  # than it was itself
        than = [m for m in marks if pattern("than").search(sentence.text[: m.start])]
        one_of = [m for m in marks if m not in than]
        whole = not than and any(clause.start <= m.start < clause.start + match.start() for m in one_of)
        if than:
            others = _values(sentence.records(than[-1].ids), key)
            near = [m for m in one_of if m.start >= clause.start] or one_of
            whose = near[0].ids if near else _the_one(sentence)
        elif whole or (one_of and has("of_these", clause.text)):
            whose = ([m for m in one_of if clause.start <= m.start < clause.start + match.start()] or one_of)[
                -1
            ].ids
            others = _values(sentence.records(tuple(set(_among(sentence)) - set(whose))), key)
        else:
            continue
        one = _values(sentence.records(whose), key)
        if one and others and not any(sign * (a - b) > 0 for a in one for b in others):
            yield "most", match.group()


def _shared(sentence: Sentence, clause: Clause) -> Iterator[tuple[str, str]]:
    """ "All four are by the same brand", "they cost the same"."""
    named = tuple(i for m in sentence.marks for i in m.ids)
    ids = named if len(named) > 1 else sentence.counted(clause.text) or sentence.known.shown
    for name, wording in group("shared").items():
        match = wording.search(clause.text)
        if match is None or len(ids) < 2 or denied(clause.text, match.start(), match.end()):
            continue
        values = [_trait(name, r) for r in sentence.records(ids)]
        if any(v != values[0] for v in values):
            yield "most", match.group()


def _trait(name: str, record: Record) -> object:
    return record.known("material") if name == "material" else getattr(record, name)


def _the_one(sentence: Sentence) -> tuple[str, ...]:
    """The product that an "it" means."""
    subject = sentence.known.subject or sentence.known.shown
    return subject if len(subject) == 1 else ()


def _among(sentence: Sentence) -> tuple[str, ...]:
    """What it is compared with where nothing is named: all that was shown."""
    return sentence.known.shown if len(sentence.known.shown) > 1 else sentence.known.everything


def _values(records: list[Record], key: Callable[[Record], float | None]) -> list[float]:
    return [v for r in records if (v := key(r)) is not None]
