# ruff: noqa: E501 (a pattern is read more safely on one line)
"""What a reply says was done, will be done, is the shop's rule or is the most of all; and where it sends the shopper."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from agent.grounding.money import AMOUNT
from agent.grounding.records import Record
from agent.grounding.sentences import Clause, Sentence
from agent.grounding.stock import sizes_in
from agent.grounding.words import acts, denied, group, has, pattern
from agent.planner.tagging import size_name


def deeds(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """ "I've added it", "reserved for you", "a colleague will call": only what a tool of this turn did is so."""
    for clause in sentence.claims:
        for act, wording in acts():
            match = wording.search(clause.text)
            if (
                match is None
                or denied(clause.text, match.start(), match.start() + 1)
                or denied(clause.text, match.start(), match.end())
            ):
                continue
            if _refusal(clause.text) or _in_rules(sentence, match.group()):
                continue
            if not act.get("tool"):
                yield "promise", match.group()
            elif not _did(sentence, act, clause):
                yield "action", match.group()
        yield from _cart(sentence, clause)


def _refusal(text: str) -> bool:
    """ "I can't transfer you", 没法转接: no claim of having done it."""
    return bool(
        re.search(
            r"\b(?:can't|cannot|can not|unable|couldn't|could not|won't|didn't|haven't|isn't|not able)\b|没法|无法|不能|没有?办法|还没",
            text,
        )
    )


def _in_rules(sentence: Sentence, words: str) -> bool:
    """The very words stand in a passage of the shop's policies."""
    return any(words.strip() in p for p in sentence.known.policies) or _rests_on_policy(sentence)


def _rests_on_policy(sentence: Sentence) -> bool:
    """Nearly every word of the sentence is a passage's: it is being quoted."""
    words = set(re.findall(r"[a-z]{3,}|[㐀-鿿]{2}|\d+", sentence.text))
    return bool(words) and any(
        sum(w in p for w in words) >= 0.8 * len(words) for p in sentence.known.policies
    )


def _repeats(sentence: Sentence) -> bool:
    """The words of the sentence are one passage's, in its order."""
    words = re.findall(r"[a-z]{3,}|[㐀-鿿]|\d+", sentence.text)
    for passage in sentence.known.policies:
        rest = iter(re.findall(r"[a-z]{3,}|[㐀-鿿]|\d+", passage))
        if words and all(word in rest for word in words):
            return True
    return False


def _did(sentence: Sentence, act: dict[str, Any], clause: Clause) -> bool:
    tools = act["tool"] if isinstance(act["tool"], list) else [act["tool"]]
    wanted = act.get("action")
    done = [
        d
        for d in sentence.known.done
        if d.tool in tools and (wanted is None or d.args.get("action") in wanted)
    ]
    if done and "cart" in tools and "add" in (wanted or []) and not _as_in_cart(sentence, clause):
        return False
    named = {i for m in sentence.marks for i in m.ids}
    products = {str(d.args.get("product")) for d in done}
    if named and "cart" in tools and done:
        cleared = any(d.args.get("action") == "clear" for d in done)
        return cleared or bool(named & products)
    return bool(done)


def _as_in_cart(sentence: Sentence, clause: Clause) -> bool:
    """Sizes and quantities said of what was put into the cart are those of its lines."""
    lines = sentence.known.cart or ()
    held = {size_name(str(line.get("size") or "").casefold()) for line in lines}
    quantities = {int(line.get("quantity", 1)) for line in lines}
    quantities |= {sum(quantities), len(lines), sum(int(line.get("quantity", 1)) for line in lines)}
    said = [size for size, _ in sizes_in(clause, sentence)]
    counts = [
        int(m.group(1))
        for m in re.finditer(
            r"(?<![\d$¥.])(\d{1,3}) ?(?:[件双条个顶套]|pairs?|pieces?|of)(?!\w)", clause.text
        )
    ]
    return set(said) <= held and set(counts) <= quantities


def _cart(sentence: Sentence, clause: Clause) -> Iterator[tuple[str, str]]:
    lines = sentence.known.cart
    match = pattern("cart_empty").search(clause.text)
    if match:
        if lines and not denied(clause.text, match.start(), match.end()):
            yield "action", match.group()
        return
    match = pattern("cart_state").search(clause.text)
    if match is None or denied(clause.text, match.start(), match.end()):
        return
    held = {str(line["id"]) for line in lines or ()}
    spoken = [c for c in sentence.claims if c.start >= clause.start and not has("advice", c.text)]
    marks = [m for m in sentence.marks if not m.aside and any(c.start <= m.start < c.end for c in spoken)]
    if {i for m in marks for i in m.ids} - held or lines is None:
        yield "action", match.group()
    quantity = sum(int(line.get("quantity", 1)) for line in lines or ())
    for count in re.finditer(r"(?<![\d$¥.])(\d{1,3}) ?(?:items?|pieces?|products?|things|件)", clause.text):
        if lines is not None and int(count.group(1)) not in {
            quantity,
            len(lines),
            *(int(x.get("quantity", 1)) for x in lines),
        }:
            yield "count", count.group()


def rules(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """The shop's rules: a passage of its policies has to say so too, with the same numbers and conditions."""
    policies = " . ".join(sentence.known.policies)
    for clause in sentence.stated:
        if has("wish", clause.text):
            continue
        for name, wording in group("rules").items():
            match = wording.search(clause.text)
            if match is None or _refusal(clause.text) or _no_rule(clause.text):
                continue
            if not _said_by_rule(name, wording, match, clause, sentence) and not _repeats(sentence):
                yield "policy", match.group()
            elif not _figures(clause.text) <= {s for p in sentence.known.policies for s in _figures(p)}:
                yield "policy", clause.text.strip()
    if not policies:
        for clause in sentence.claims:
            match = pattern("duration").search(clause.text)
            if match and not set(re.findall(r"\d+", match.group())) <= {
                str(n) for n in sentence.known.numbers | sentence.known.said_numbers
            }:
                yield "policy", match.group()


def _figures(text: str) -> set[tuple[str, ...]]:
    """Spans of time, and numbers with what they count ("38 countries"), but prices."""
    bare = AMOUNT.sub(" ", text)
    counted = re.finditer(r"(?<![\d.-])(\d+) ?([a-z]{4,}|[个次件张期])", bare)
    return _spans(text) | {(m.group(1), m.group(2)) for m in counted}


def _spans(text: str) -> set[tuple[str, ...]]:
    """Spans of time: (least, most, unit)."""
    return {
        (
            m.group(1),
            m.group(2) or "",
            re.sub(r"[\d\s~到至–-]+|s$|工作|business|working|calendar|个", "", m.group()),
        )
        for m in pattern("duration").finditer(text)
    }


def _no_rule(text: str) -> bool:
    """ "I don't know our return policy", "the policies don't cover that"."""
    return bool(
        re.search(
            r"\b(?:don't|do not|not sure|doesn't|does not|isn't|nothing)\b ?(?:\w+ ){0,3}(?:know|have|cover|mention|say|state|information)|没有?(?:写|提到|说明|相关|找到)|不(?:清楚|确定|知道)|\bpolic(?:y|ies)\b ?(?:on|for|about)|(?:customer service|客服)",
            text,
        )
    )


def _said_by_rule(
    name: str, wording: re.Pattern[str], match: re.Match[str], clause: Clause, sentence: Sentence
) -> bool:
    no = denied(clause.text[max(0, match.start() - 18) :], min(18, match.start()), match.end())
    for passage in sentence.known.policies:
        for said in re.split(r"[.;](?=\s|$)", passage):
            for at in wording.finditer(said):
                if (
                    name in ("payment", "abroad", "membership", "store")
                    and at.group() != match.group()
                    and match.group() not in passage
                ):
                    continue
                conditions = set(re.findall(r"\d+", said))
                if (
                    name in ("free_shipping", "free_return", "promotion")
                    and conditions
                    and not conditions & set(re.findall(r"\d+", sentence.text))
                ):
                    continue  # "over 60 USD" belongs to it
                if denied(said, at.start(), at.end()) != no and not (
                    conditions & set(re.findall(r"\d+", sentence.text)) and name == "free_shipping"
                ):
                    continue
                return True
    return False


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
            among = [known.lists[-1], known.shown, known.everything] if known.lists else [known.everything]
            if not any(
                _is_most(name, about[0], sentence.records(ids))
                for ids in among
                if about[0].id in ids and (len(ids) > 1 or len(known.everything) == 1)
            ):
                yield "most", match.group()
        yield from _compared(sentence, clause)


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

    if name == "best_reviewed":  # nobody is both liked better and by as many
        return not any((r.rating or 0) > (record.rating or 0) and r.reviews >= record.reviews for r in others)
    values = [v for r in others if (v := key(r)) is not None]
    own = key(record)
    if own is None or not values:
        return False
    return own <= min(values) if name == "cheapest" else own >= max(values)


def _price_of(record: Record) -> float | None:
    return None if record.price is None else float(record.price)


_COMPARISONS: tuple[tuple[str, int, Callable[[Record], float | None]], ...] = (
    ("cheaper", -1, _price_of),
    ("dearer", 1, _price_of),
    ("better_rated", 1, lambda record: record.rating),
    ("more_reviews", 1, lambda record: float(record.reviews)),
)


def _compared(sentence: Sentence, clause: Clause) -> Iterator[tuple[str, str]]:
    marks = [m for m in sentence.marks if clause.start <= m.start < clause.end]
    for name, sign, key in _COMPARISONS:
        match = pattern(name).search(clause.text)
        if match is None or denied(clause.text, match.start(), match.end()) or not marks:
            continue
        if re.search(r"原价|\b(?:before|was|original|usual|regular)", clause.text):
            continue  # than it was itself
        one = _values(sentence.records(marks[0].ids), key)
        if len(marks) >= 2 and has("comparing", clause.text):
            others = _values(sentence.records(marks[1].ids), key)
        elif len(marks) == 1 and marks[0].start < clause.start + match.start():
            others = _values(sentence.records(tuple(set(sentence.known.everything) - set(marks[0].ids))), key)
        else:
            continue
        if one and others and not any(sign * (a - b) > 0 for a in one for b in others):
            yield "most", match.group()


def _values(records: list[Record], key: Callable[[Record], float | None]) -> list[float]:
    return [v for r in records if (v := key(r)) is not None]


_PICTURE = re.compile(
    r"!\[[^\]]*\]|!\[|<\s*/?\s*(?:img|a|iframe|script|svg|style|link|form|object|embed|video|audio|meta|base)\b",
    re.I,
)
_TARGET = re.compile(r"\[[^\]\n]*\]\s*\(\s*<?([^)\s>]*)|\[[^\]\n]+\]:\s*(\S+)")
_SCHEME = re.compile(
    r"\b(?:javascript|data|file|ftp|mailto|sms|tel|vbscript|blob|chrome|intent)\s*:\s*[^\s，。]+", re.I
)
_URL = re.compile(r"(?:https?|hxxps?)\s*:\s*/\s*/[^\s，。！？”」)\]>]+|\bwww\.[^\s，。！？”」)\]>]+", re.I)
_DOMAIN = re.compile(
    r"(?<![\w@.-])(?:[\w-]+(?:\.|\s?\[\.\]\s?|\s?\(dot\)\s?| dot ))+(?:com|net|org|cn|io|shop|store|example|co|info|ru|xyz|me|app|dev|site|online|top|vip|cc|link|click|tk|gg|ly|invalid|test)\b(?:/[^\s，。]*)?",
    re.I,
)
_MAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+\.[\w.]+", re.I)
_PHONE = re.compile(r"(?<![\w.,$¥€£/-])\+?\(?\d{2,4}\)?(?:[ -]?\d{3,4}){2,3}(?![\d.,])")


_CALLING = re.compile(r"\b(?:call|phone|text|ring|dial|contact|reach)\b|拨打|致电|联系|电话|短信", re.I)
_CONTACT = re.compile(
    r"(?:微信|威信|薇信|vx|wechat|weixin|qq|telegram|whatsapp|line id)\s*(?:号|id)?\s*[:：]?\s*@?([A-Za-z0-9][\w-]{4,})",
    re.I,
)


def links(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """Where it sends the shopper: only to addresses that the shop's own pages and policies have."""
    raw, known = sentence.raw, sentence.known
    for match in _PICTURE.finditer(raw):
        yield "link", match.group()
    for match in _CONTACT.finditer(raw):
        if not any(match.group(1).casefold() in p for p in known.policies):
            yield "link", match.group()
    for pattern_ in (_TARGET, _SCHEME, _URL, _DOMAIN, _MAIL, _PHONE):
        for match in pattern_.finditer(raw):
            found = next((g for g in match.groups() if g), match.group()).rstrip(".,;").casefold()
            if pattern_ is _PHONE and len(re.sub(r"\D", "", found)) < 7:
                continue
            if pattern_ is _PHONE and found.isdigit() and found in known.said and not _CALLING.search(raw):
                continue  # a number that the shopper gave, said back
            if found not in known.links and not any(
                found == k.split("//")[-1].rstrip("/") for k in known.links
            ):
                yield "link", match.group()
