# ruff: noqa: E501 (a pattern is read more safely on one line)
"""Sizes and availability that a reply states."""

import re
from collections.abc import Iterator, Sequence

from agent.grounding.records import Record
from agent.grounding.sentences import Clause, Sentence
from agent.grounding.words import denied, has, pattern
from agent.planner.tagging import size_name

_IN_WORD = r"[^\W㐀-鿿]"  # of a word of letters: Chinese ones stand right beside a size ("L码有货")
_LETTERS = re.compile(
    rf"(?<!{_IN_WORD})(?<!['$&-])(xxs|xs|s|m|l|xl|xxl|xxxl|[2-6]xl)(?!{_IN_WORD}|['-])", re.IGNORECASE
)
_NAMED = re.compile(
    r"\b(?:size |sizes |in (?:a |an )?|and |or )(extra small|extra large|small|medium|large)\b(?= (?:size|is|and|or|left|too|as well|only)|\W*$)|(均码|加大码|[大中小]码|one size(?! up| down| larger| smaller))"
)
_NUMERIC = re.compile(
    r"(?<![\w$¥€£.,:-])(\d{2,3}(?:\.5)?)(?=\W*(?:码|号|and|or|to|,|/|、|和|-|–|$|\.|is\b|are\b|left|in stock|有|缺|断|sold|size|too))"
)
SHARE = re.compile(r"(?:^|\D)(\d{1,2}) of (?:them|these|those|the)\b(?: \d{1,2}\b)?[^,.;\d]{0,20}$")
_UNIT = re.compile(r"^ ?(?:cm|kg|%|days?|天|years?|岁|dollars?|元|g\b|°)")


def sizes_in(clause: Clause, sentence: Sentence) -> list[tuple[str, int]]:
    """(size, place in the clause) of every size named; single letters only where they stand in capitals."""
    found: list[tuple[str, int]] = []
    text = clause.text
    cued = (
        has("size_cue", text)
        or has("sold_out", text)
        or has("in_stock", text)
        or any(has("size_cue", c.text) for c in sentence.clauses if c.start < clause.start)
    )
    if not cued:
        return []
    for match in _LETTERS.finditer(text):
        letter = match.group(1)
        if len(letter) > 1 or re.search(
            rf"(?<!{_IN_WORD})(?<!'){letter.upper()}(?!{_IN_WORD}|')", sentence.raw
        ):
            found.append((size_name(letter.casefold()), match.start()))
    for match in _NAMED.finditer(text):
        word = next(g for g in match.groups() if g)
        found.append((size_name(word.rstrip("码") if word[0] in "均加大中小" else word), match.start()))
    yours = re.search(r"\byour (?:usual )?size\b|你(?:要)?的(?:尺)?码", text)
    if yours and not found and sentence.known.size:
        found.append((sentence.known.size, yours.start()))
    numeric = {
        s
        for r in sentence.known.records.values()
        for s in r.sizes
        if s[:1].isdigit() and not s.endswith("XL")
    }
    if numeric and re.search(r"size|码|号|\bin (?:\d{2}|stock)|有货|缺货|sold out|available", text):
        for match in _NUMERIC.finditer(text):
            if not _UNIT.match(text[match.end() :]) and 16 <= float(match.group(1)) <= 190:
                found.append((match.group(1), match.start()))
    return sorted(found, key=lambda f: f[1])


def sizes(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """A size is said to be there, or gone, or not made: as the records have it."""
    for clause in sentence.stated:
        named = sizes_in(clause, sentence)
        wish = has("wish", clause.text) and not re.search(
            r"[有缺没]|in stock|available|comes|have", clause.text
        )
        if has("every_size", clause.text) and not wish and not denied(clause.text, len(clause.text), 0):
            pool = _pool(sentence, clause, 0)
            out = has("sold_out", clause.text)
            if not any(all((n > 0) != out for n in r.sizes.values()) for r in pool):
                yield "size", clause.text.strip()
        if not named or wish or has("advice", clause.text):
            continue
        pool = _pool(sentence, clause, named[0][1])
        if not pool:
            continue
        gone = pattern("sold_out").search(clause.text)
        for size, place in named:
            pool = _pool(sentence, clause, place)
            no = denied(clause.text, place, place) or bool(
                re.search(
                    r"没有?(?:了|货|\W*$)|不(?:做|出|产|卖)|\b(?:neither|none|not)\b|n't\b",
                    clause.text[place:],
                )
            )
            every = has("all_of", clause.text) and len(pool) > 1 and not no
            some = all if every and not sentence.about(clause.start + place) else any
            if has("measure", clause.text):
                true = any(size in r.sizes for r in pool)
            elif gone:
                true = some(_gone(r, size) for r in pool)
            elif no:
                true = any(size not in r.available for r in pool)
            elif has("comes_in", clause.text) and not has("in_stock", clause.text):
                true = some(size in r.sizes for r in pool)
            else:
                true = some(size in r.available for r in pool)
            if not true:
                yield "size", size
        span = [(a, b) for a, b in _ranges(clause.text)]
        for low, high in span:
            if len(pool) == 1 and not {low, high} <= set(pool[0].sizes):
                yield "size", f"{low}-{high}"
        if (
            has("only", clause.text)
            and not has("cart_word", clause.text)
            and not gone
            and len(pool) == 1
            and not re.search(
                r"\d ?(?:left|件|in stock)|\b(?:only|just) (?:\d|one|a few|few)|[只仅]\w? ?\d", clause.text
            )
        ):
            only = pattern("only").search(clause.text)
            after = {s for s, p in named if only and p >= only.start()}
            if after and not re.search(r"\bbut\b|few", clause.text) and set(pool[0].available) - after:
                yield "size", ", ".join(sorted(after))


def _ranges(text: str) -> Iterator[tuple[str, str]]:
    for match in re.finditer(
        rf"(?<!{_IN_WORD})(xxs|xs|s|m|l|\d{{2}}) ?(?:码)?(?:to|through|-|–|到|至|~) ?(xs|s|m|l|xl|xxl|3xl|\d{{2}})(?!{_IN_WORD})",
        text,
    ):
        yield size_name(match.group(1)), size_name(match.group(2))


def _gone(record: Record, size: str) -> bool:
    return size not in record.available


def _pool(sentence: Sentence, clause: Clause, place: int) -> list[Record]:
    named = sentence.records(sentence.about(clause.start + place))
    shown = sentence.records(sentence.known.shown) or sentence.records(sentence.known.everything)
    return [r for r in named or shown if not r.photo]


def stock(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """In stock, sold out, nearly gone, on sale: said of products that it holds for."""
    for clause in sentence.stated:
        text = clause.text
        if has("wish", text) and not has("found", text):
            continue
        pool = _pool(sentence, clause, 0)
        earlier = [s for c in sentence.clauses if c.start < clause.start for s, _ in sizes_in(c, sentence)]
        named = any(clause.start <= m.start < clause.end for m in sentence.marks)
        whole = not sizes_in(clause, sentence)
        if whole and earlier and named and has("sold_out", text) and any(_gone(r, earlier[-1]) for r in pool):
            continue  # "your size, L: this one is out of it"
        if whole and earlier and not named:
            whole = False  # "M measures 96 cm, but is sold out"
            if has("sold_out", text) and not any(_gone(r, earlier[-1]) for r in pool):
                yield "stock", earlier[-1]
        single = len(pool) == 1 or bool(sentence.about(clause.start))
        if whole and (match := pattern("sold_out").search(text)):
            if not _all_or_any(pool, single, lambda r: r.in_stock is False) and not _other_than_stock(
                sentence, clause
            ):
                yield "stock", match.group()
        elif whole and (match := pattern("in_stock").search(text)):
            no = denied(text, match.start(), match.end())
            none = bool(re.search(r"\bnone\b|\bneither\b|都没", text))
            right = _all_or_any(pool, single and not no, lambda r, no=no: (r.in_stock is not True) == no)
            if none and no:
                right = all(r.in_stock is False for r in pool)
            elif has("all_of", text) and not no and not has("not_all", text):
                right = bool(pool) and all(r.in_stock is True for r in pool)
            if not right and not _other_than_stock(sentence, clause):
                yield "stock", match.group()
        if (match := pattern("few").search(text)) and not any(
            0 < n <= 5 for r in pool for n in (*r.sizes.values(), sum(r.sizes.values()))
        ):
            yield "stock", match.group()
        if (match := pattern("plenty").search(text)) and not any(
            n > 5 for r in pool for n in r.sizes.values()
        ):
            yield "stock", match.group()
        if (match := pattern("on_sale").search(text)) and not _policy_says(sentence, match.group()):
            no = denied(text, match.start(), match.end())
            about = [r for r in pool if r.price is not None]
            if no:
                if single and any(r.before for r in about):
                    yield "price", match.group()
            elif (share := SHARE.search(text[: match.start()])) and sum(bool(r.before) for r in about) < int(
                share.group(1)
            ):
                yield "count", match.group()
            elif not (all if _of_all(sentence, clause) else any)(r.before for r in about):
                yield "price", match.group()


def _of_all(sentence: Sentence, clause: Clause) -> bool:
    """All that is shown is spoken of, not one of it."""
    return has("all_of", clause.text) and not has("not_all", clause.text) and not sentence.marks


def _all_or_any(pool: Sequence[Record], single: bool, holds: object) -> bool:
    check = holds if callable(holds) else bool
    return bool(pool) and (all(map(check, pool)) if single and len(pool) <= 2 else any(map(check, pool)))


def _other_than_stock(sentence: Sentence, clause: Clause) -> bool:
    """ "Available in navy", "we don't have it in silk": it is the colour or the cloth that is spoken of."""
    return any(
        clause.start <= w.start < clause.end
        and any(a in ("color", "material", "pattern", "category") for a, _ in w.values)
        for w in sentence.words
    ) and not re.search(r"sold.?out|out of stock|缺货|售罄|断货|有货|in stock", clause.text)


def _policy_says(sentence: Sentence, words: str) -> bool:
    return any(words in p for p in sentence.known.policies)
