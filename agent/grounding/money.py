# ruff: noqa: E501 (a pattern is read more safely on one line)
"""Numbers that a reply states: prices, savings, counts, stock, ratings, measures. Each has to come from a result."""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

from agent.grounding.facts import Facts
from agent.grounding.records import Record, amount, decimal
from agent.grounding.sentences import Clause, Sentence
from agent.grounding.stock import sizes_in
from agent.grounding.words import has, pattern

NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_CODES = "USD|CNY|RMB|EUR|GBP|JPY|KRW|HKD|TWD|SGD|AUD|CAD|CHF|INR|THB|VND"
AMOUNT = re.compile(
    rf"(?:[$¥￥€£₩₹฿₫₽]|\b(?:{_CODES})|HK\$|NT\$)[ \t]?({NUMBER})"
    rf"|({NUMBER})[ \t]?(?:dollars?|bucks|yuan|euros?|pounds?|yen|won|元|块|美元|美金|刀|欧元|英镑|日元|{_CODES})"
    # two decimals are money even without a sign: "only 39.99"
    r"|(?<![\d.])(\d+(?:,\d{3})*\.\d{2})(?![\d%]|[ \t]?(?:cm|kg|km|厘米|公斤|分|stars?|of 5|out of))",
    re.IGNORECASE,
)
_RANGE = re.compile(
    rf"\d ?(?:元|块|usd|dollars)? ?(?:to|and|-|–|~|到|至) ?[$¥€£]? ?{NUMBER}|between|range|从低|起",
    re.IGNORECASE,
)
_LIMIT_BEFORE = re.compile(
    r"(?:under|below|within|up to|over|above|around|about|budget|按|不超过|预算|低于|高于|less than|more than)[^.。，,]{0,12}$",
    re.I,
)
_LIMIT_AFTER = re.compile(r"^\s*(?:or less|or under|budget|以内|以下|以上|左右|上下|预算)")
_DISCOUNT = re.compile(
    r"(\d{1,2})\s?% ?(?:off|discount|less|cheaper|reduction|lower|saving)|(?:save|saving|off|discount of|折扣|优惠|便宜了?|降(?:价|了)?)\s?(\d{1,2})\s?%|(\d(?:\.?\d)?)\s?折",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?<![\d第前后.,:])(\d+) ?(?:件|款|双|条|顶|套|个(?:选择|商品|款式|选项))(?!月|装|起|评|留言)"
    r"|(?<![\d$.,:#])\b(\d+) (?:\w+ ){0,3}?(?:options?|products?|items?|pieces?|results?|picks?|looks?|styles?|matches|choices|pairs|ones)\b"
    r"|\b(?:found|picked(?: out)?|selected|here are|got) (\d+)\b(?!\.\d|,\d| ?(?:%|dollars|usd|cm|reviews?|stars?|of 5))",
    re.IGNORECASE,
)
_FOUND = re.compile(
    r"\b(?:here(?:'s| are| is)|found|there (?:are|is)|we have|i have|i've got|picked(?: out)?|got|of|come|show(?:ing)?|selected)\b[^,.;]{0,24}$|(?:找到|有|挑|选|推荐|搭|共|看看|先看)[^,.;]{0,8}$"
)
_STOCK = re.compile(
    r"(?<![\d.,$¥])\b(\d+) (?:\w+ ){0,2}?(?:(?:are |is )?(?:left|in stock|remaining|available))|(?:only|just) (\d+)(?: \w+)? (?:left|remain)|(?:只剩下?|仅剩|还剩下?|剩下?|库存(?:还有|有|为|:)?|还有) ?(\d+) ?(?:件|双|条|个|顶|只|套)|(\d+) ?[件双条个]?(?:库存|现货|在库)",
    re.IGNORECASE,
)


def stated_amounts(text: str) -> list[Decimal]:
    """Amounts of money written in `text`, in zh or en."""
    return [a for m in AMOUNT.finditer(text) for a in _matched(m)]


def _matched(match: re.Match[str]) -> list[Decimal]:
    value = decimal(next(g for g in match.groups() if g))
    return [] if value is None else [value]


def prices(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """Amounts and discounts without ground; of a product singled out, amounts that are another's."""
    known, text = sentence.known, sentence.text
    for match in AMOUNT.finditer(text):
        stated = set(_matched(match))
        if _limit(text, match) and stated & known.said_numbers:
            continue
        hedge = _hedge(text, match)
        if hedge and not _exactly(sentence, match, stated) and not stated & known.policy_amounts:
            if not _fits(hedge, sentence, match, max(stated, default=Decimal(0))):
                yield "price", match.group()
            continue
        if not _exactly(sentence, match, stated):
            yield "price", match.group()
    for match in _DISCOUNT.finditer(text):
        tenths = match.group(3)
        tenths = f"{tenths[0]}.{tenths[1]}" if tenths and tenths.isdigit() and len(tenths) == 2 else tenths
        percent = round(100 - 10 * float(tenths)) if tenths else int(match.group(1) or match.group(2))
        about = sentence.records(sentence.about(match.start()))
        backed = (
            {round(100 * (r.before - r.price) / r.before) for r in about if r.before and r.price is not None}
            if about
            else known.discounts
        )
        if not any(abs(percent - b) <= 1 for b in backed) and not _in_policy(sentence, match.group()):
            yield "price", match.group()


def _near(text: str, match: re.Match[str]) -> str:
    return f"{text[max(0, match.start() - 24) : match.start()]} {text[match.end() : match.end() + 14]}"


def _exactly(sentence: Sentence, match: re.Match[str], stated: set[Decimal]) -> bool:
    """The very amount has ground: as a price, a saving or a fee; as a total of the cart; as a difference or a sum."""
    known, text = sentence.known, sentence.text
    near = _near(text, match)
    clause = next((c.text for c in sentence.clauses if c.start <= match.start() < c.end), text)
    if known.cart_total is not None and _of_cart(sentence, clause, near):
        lines = {p for x in known.cart or () if (p := amount(x.get("price"))) is not None}
        if has("would", clause):  # with one more, or less, of what is shown
            lines |= {known.cart_total + sign * p for p in lines | known.amounts for sign in (1, -1)}
        return bool(stated & ({known.cart_total} | known.line_totals | {a.normalize() for a in lines}))
    if has("differs", clause) and not has("of_itself", near) and (gaps := _gaps(sentence)):
        return bool(stated & (gaps | known.amounts))
    compared = has("compared", near)
    if has("to_spare", clause) and any(b - p in stated for b in known.said_numbers for p in known.amounts):
        return True
    if stated & known.look_totals and has("look_named", text[: match.start()]):
        return True
    if not stated & known.amounts:
        return compared and bool(stated & (known.pairs | (_sums(known) if has("sums", clause) else set())))
    if not sentence.marks and not known.subject and stated & known.policy_amounts:
        return True
    if compared or known.cart_total in stated or (stated & known.pairs and known.cart):
        return True
    about = sentence.records(_priced(sentence, match))
    priced = [r for r in about if r.price is not None]
    if not priced or len(about) != len(priced):
        return True
    if len(priced) == 1 and stated == {priced[0].before} and not has("of_itself", clause):
        return priced[0].price in stated_amounts(text)  # the old price, as if it were today's
    return any(stated & r.amounts for r in priced)


def _of_cart(sentence: Sentence, clause: str, near: str) -> bool:
    """It is said of the cart as a whole: "in total" only where the cart is spoken of, or was just changed."""
    known = sentence.known
    spoken = has("cart_word", sentence.text) or any(d.tool == "cart" for d in known.done)
    return has("cart_holds", clause) or has("your_total", clause) or (spoken and has("cart_total", near))


def _gaps(sentence: Sentence) -> set[Decimal]:
    """The differences between the prices of the products that the sentence sets against each other; none where it
    cannot be told which those are."""
    named = [sentence.records(m.ids) for m in sentence.marks]
    if len(named) == 1 and not (own := sentence.records(sentence.known.subject)):
        own = sentence.records(sentence.known.shown)
        named = [own, *named] if len(own) == 1 and own != named[0] else []
    elif len(named) == 1:
        named = [own, *named]
    if len(named) < 2:
        return set()
    sets = [{r.price for r in records if r.price is not None} for records in named]
    return {abs(a - b).normalize() for x, y in combinations(sets, 2) for a in x for b in y} - {Decimal(0)}


def _sums(known: Facts) -> set[Decimal]:
    """What some of what is shown costs together: several of one, or up to three."""
    prices = sorted({p for r in known.records.values() if (p := r.price) is not None})[:12]
    several = {(p * n).normalize() for p in prices for n in range(2, 7)}
    return several | {sum(some, Decimal(0)).normalize() for n in (2, 3) for some in combinations(prices, n)}


def _hedge(text: str, match: re.Match[str]) -> str:
    """ "over", "under" or "about", where the amount is a bound or rounded."""
    before, after = text[max(0, match.start() - 22) : match.start()], text[match.end() :]
    for name in ("about", "over", "under"):
        spoken = list(pattern(f"{name}.before").finditer(before))
        if (spoken and len(before) - spoken[-1].end() <= 2) or pattern(f"{name}.after").match(after):
            return name
    return ""


def _fits(hedge: str, sentence: Sentence, match: re.Match[str], value: Decimal) -> bool:
    """A bound, or a rounded amount, is so of what it is said of."""
    known, near = sentence.known, _near(sentence.text, match)
    clause = next((c.text for c in sentence.clauses if c.start <= match.start() < c.end), sentence.text)
    every = has("all_of", clause)
    if known.cart_total is not None and _of_cart(sentence, clause, near):
        values: set[Decimal] = {known.cart_total}
    elif has("differs", clause) and not has("of_itself", near) and (gaps := _gaps(sentence)):
        values = gaps
    elif has("to_spare", clause):
        asked = {b for b in known.said_numbers if b > value}
        values = {b - p for b in asked for p in known.amounts if b > p}
    else:
        about = sentence.records(_priced(sentence, match))
        values = {a for r in about for a in (r.amounts if hedge == "about" else {r.price}) if a is not None}
        if not values:
            values = _shown_prices(sentence, clause)
            every = every or has("all_of", sentence.text)
            if hedge == "about":
                values = set(known.amounts | (known.pairs | _sums(known) if has("compared", near) else set()))
    if not values:
        return False
    if hedge == "about":
        return any(abs(v - value) <= max(Decimal("0.6"), v * Decimal("0.05")) for v in values)
    holds = [v > value if hedge == "over" else v <= value for v in values]
    return all(holds) if every else any(holds)


def _shown_prices(sentence: Sentence, clause: str) -> set[Decimal]:
    """Prices of the list that is spoken of: the one of as many products as are said, else the newest."""
    known = sentence.known
    return {
        p for r in sentence.records(sentence.counted(clause) or known.shown) if (p := r.price) is not None
    }


def _priced(sentence: Sentence, match: re.Match[str]) -> tuple[str, ...]:
    """The product that a price is said of: named beside it, or the "it" of a sentence without a range of prices."""
    text, at = sentence.text, match.start()
    if _RANGE.search(text[max(0, at - 14) : match.end() + 14]) or has("plural", text):
        return ()
    if any(m.described and len(m.ids) > 1 for m in sentence.marks):
        return ()
    shown = sentence.known.shown if has("it_one", text) and len(sentence.known.shown) == 1 else ()
    return sentence.about(at) or shown


def _limit(text: str, match: re.Match[str]) -> bool:
    """The shopper's own budget said back ("under $80") is no price."""
    return bool(_LIMIT_BEFORE.search(text[: match.start()]) or _LIMIT_AFTER.search(text[match.end() :]))


def _in_policy(sentence: Sentence, stated: str) -> bool:
    share = re.search(r"\d+(?:\.\d)? ?(?:%|折)", stated)
    return share is not None and any(share.group() in p for p in sentence.known.policies)


def counts(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """How many are shown or were found, and how many are left."""
    known, text = sentence.known, sentence.text
    left = [m.span() for m in _STOCK.finditer(text)]
    for match in _COUNT.finditer(text):
        number = int(next(g for g in match.groups() if g))
        if any(a <= match.start() < b for a, b in left) or re.search(
            r"评[价论]\D{0,4}$", text[: match.start()]
        ):
            continue
        if pattern("sized_before").search(text[: match.start()]):
            continue
        found = bool(match.group(3) or _FOUND.search(text[: match.start()]))
        backed = known.turn_counts if found and known.turn_counts else known.counts
        exact = number in backed or (number in known.counts and not found)
        more = number > max(known.counts, default=1) and Decimal(number) not in known.said_numbers
        exact = exact or _so_many(sentence, match, number)
        if not exact and number > 1 and (found or more):
            yield "count", match.group()
    for match in _STOCK.finditer(text):
        number = int(next(g for g in match.groups() if g))
        about = sentence.records(sentence.about(match.start())) or sentence.records(known.shown)
        named = [size for clause in sentence.clauses for size, _ in sizes_in(clause, sentence)]
        if str(number) in named and re.search(r"\bis (?:\w+ )?(?:in stock|available)", match.group()):
            continue  # "your usual 39 is in stock": a size, which is held against the record as one
        quantities = {r.sizes.get(size, 0) for r in about for size in named} or (
            {n for r in about for n in r.sizes.values()} | {sum(r.sizes.values()) for r in about}
        )
        if number in quantities | known.left or (not about and number in known.counts):
            continue
        if number not in known.turn_counts or re.search("stock|left|库存|剩", match.group()):
            yield "stock", match.group()


def _so_many(sentence: Sentence, match: re.Match[str], number: int) -> bool:
    """So many of the list bear what is said of them; or so many are there of a size that is named."""
    known = sentence.known
    sized = [size for clause in sentence.clauses for size, _ in sizes_in(clause, sentence)]
    about = sentence.records(sentence.about(match.start()))
    if sized and number in {r.sizes.get(size, 0) for r in about for size in sized}:
        return True
    clause = next((c for c in sentence.clauses if c.start <= match.start() < c.end), None)
    words = [w for w in sentence.words if clause and clause.start <= w.start < clause.end]
    return any(
        sum(all(r.bears(a, v) for a, v in word.values) for r in sentence.records(list_)) == number
        for word in words
        for list_ in known.lists[-2:]
    )


def ratings(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """Marks out of five, and how many gave them."""
    said = sentence.known.said_numbers
    for clause in sentence.claims:
        pool = sentence.records(sentence.about(clause.start)) or sentence.records(sentence.known.shown)

        def here(match: re.Match[str], clause: Clause = clause, pool: list[Record] = pool) -> list[Record]:
            return sentence.records(sentence.about(clause.start + match.start())) or pool

        for match in pattern("rating").finditer(clause.text):
            value = float(match.group(1) or match.group(2))
            rated = any(r.rating is not None and abs(r.rating - value) < 0.051 for r in here(match))
            if value <= 5 and not rated and decimal(f"{value:g}") not in said:
                yield "rating", match.group()
        for match in pattern("review_count").finditer(clause.text):
            number = decimal(match.group(1) or match.group(2))
            if number not in said and not any(number == r.reviews for r in here(match)):
                yield "rating", match.group()
        for match in pattern("positive_share").finditer(clause.text):
            yield "rating", match.group()
        if (well := pattern("well_rated").search(clause.text)) and not any(
            (r.rating or 0) >= 4 for r in pool
        ):
            yield "rating", well.group()


def measures(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """Numbers with a unit: lengths, weights, degrees, shares of a fibre, spans of time."""
    known, text = sentence.known, sentence.text
    other = [m.span() for p in (_DISCOUNT, AMOUNT) for m in p.finditer(text)]
    if has("positive_share", text):
        return
    for name in ("measured", "duration"):
        for match in pattern(name).finditer(text):
            if any(a <= match.start() < b for a, b in other) or match.group().endswith(" in"):
                continue
            stated = figures(match.group(), name)
            if {n for n, _ in stated} <= known.said_numbers or stated == {(Decimal(100), "%")}:
                continue  # "100% cotton": the cotton is looked at elsewhere
            if not stated <= known.figures and not (has("differs", text) and stated <= _apart(text, name)):
                yield "number", match.group()


def numbers(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """A number that stands nowhere, whatever is counted with it: in no result, no words of the shopper's, and no sum or
    difference of what is shown."""
    known, text = sentence.known, sentence.text
    other = [m.span() for p in (_DISCOUNT, AMOUNT) for m in p.finditer(text)]
    grounds = (
        known.numbers | known.said_numbers | known.pairs | known.amounts | {Decimal(n) for n in known.counts}
    )
    for clause in sentence.stated:
        for match in _PLAIN.finditer(clause.text):
            at = clause.start + match.start()
            value = decimal(match.group())
            if value is None or value < _TELLING or any(a <= at < b for a, b in other):
                continue
            if has("advice", clause.text[: match.start()]) or has("wish", clause.text[: match.start()]):
                continue
            if value in grounds | _sums(known) or value in {n for n, _ in _differences(text)} or value == 100:
                continue
            before, after = clause.text[: match.start()][-14:], clause.text[match.end() :]
            rounded = pattern("hedged_number.before").search(before) or pattern("hedged_number.after").match(
                after
            )
            if not (rounded and any(value * Decimal("0.9") <= n <= value * Decimal("1.5") for n in grounds)):
                yield "number", match.group()


def _differences(text: str) -> set[tuple[Decimal, str]]:
    return {one for name in ("measured", "duration") for one in _apart(text, name)}


_TELLING = 13  # smaller numbers count, order and date
_PLAIN = re.compile(
    r"(?<![\w.,:/-])\d+(?:\.\d+)?(?![\w:/]|[.,]\d|'?s\b)|(?<=[㐀-鿿])\d+(?:\.\d+)?(?=[㐀-鿿])"
)


def _apart(text: str, name: str) -> set[tuple[Decimal, str]]:
    """The differences between the figures of a sentence ("98 cm and 104 cm, 6 cm apart")."""
    found = figures(text, name)
    return {(abs(a - b).normalize(), unit) for a, unit in found for b, other in found if unit == other}


_UNITS = {
    "厘米": "cm", "公分": "cm", "公斤": "kg", "千克": "kg", "克": "g", "度": "°", "°c": "°", "工作日": "day", "天": "day",
    "小时": "hour", "周": "week", "星期": "week", "月": "month", "年": "year", "inches": "inch", "lbs": "lb",
}  # fmt: skip


def figures(text: str, name: str) -> set[tuple[Decimal, str]]:
    """(number, unit) of everything that is measured, or lasts, in a clean text."""
    found = set()
    for match in pattern(name).finditer(text):
        unit = re.sub(
            r"[\d.,\s~–-]|business|working|calendar|个|[到至](?=\d|$)", "", match.group()
        ).removesuffix("s")
        for group in match.groups():
            if group and (number := decimal(group)) is not None:
                found.add((number, _UNITS.get(unit, unit)))
    return found
