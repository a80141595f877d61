"""What a reply says are the shop's rules: a passage of its policies, read in this conversation, has to say so too.

A figure belongs to what it is said of: "5-9 days" of a parcel abroad are none for one at home, a fee below the
threshold is none above it. So each figure of a claim has to stand in a statement of a passage that is about the same.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from agent.grounding.money import AMOUNT, stated_amounts
from agent.grounding.sentences import Clause, Sentence
from agent.grounding.words import denied, group, has, pattern, refusal, rows

_STATEMENT = re.compile(r"(?<!\d)[,:]|[,:](?!\d)|[.;](?=\s|$)")
_SAYING = re.compile(r";|(?<!\d)\.(?!\d)|\.(?=\s|$)")
# rules of which any synonym will do; of the others the very word has to stand in the passage
_WORD_BY_WORD = ("payment", "everywhere", "membership", "store", "store_credit")
_WITH_CONDITION = ("free_shipping", "free_return", "promotion")


def rules(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """The shop's rules: a passage of its policies has to say so too, with the same numbers and conditions."""
    policies = sentence.known.policies
    for clause in sentence.stated:
        if has("wish", clause.text):
            continue
        ruled = False
        for name, wording in group("rules").items():
            match = wording.search(clause.text)
            if match is None or has("no_rule", clause.text) or (refusal(clause.text) and name != "final"):
                continue
            ruled = True
            if not _said_by_rule(name, wording, match, clause, sentence) and not _repeats(sentence):
                yield "policy", match.group()
        if ruled and not _repeats(sentence):
            yield from _unbacked_figures(sentence, clause)
            yield from _against_a_condition(sentence, clause)
            yield from _threshold(sentence, clause)
    if not policies:
        for clause in sentence.claims:
            match = pattern("duration").search(clause.text)
            if match and not set(re.findall(r"\d+", match.group())) <= {
                str(n) for n in sentence.known.numbers | sentence.known.said_numbers
            }:
                yield "policy", match.group()


# -- figures -----------------------------------------------------------------------------------------------------------


def _unbacked_figures(sentence: Sentence, clause: Clause) -> Iterator[tuple[str, str]]:
    """Spans of time, numbers of things and fees that no statement about the same has."""
    own = sentence.known.amounts & {p for r in sentence.known.records.values() for p in r.amounts}
    fees = {
        ("", "", f"{a:f}")
        for a in stated_amounts(clause.text)
        if a not in own and a not in sentence.known.pairs
    }
    for figure in sorted(_figures(clause.text) | fees):
        if not any(
            figure in _figures(said) | _amounts(said)
            and _about_the_same(sentence.text, said, f"{_SAYING.split(passage)[0]}. {saying}")
            for passage in sentence.known.policies
            for saying in _SAYING.split(passage)
            for said in _STATEMENT.split(saying)
        ):
            yield "policy", " ".join(part for part in figure if part)


def _amounts(text: str) -> set[tuple[str, ...]]:
    return {("", "", f"{a:f}") for a in stated_amounts(text)}


def _about_the_same(claim: str, said: str, saying: str) -> bool:
    """What narrows the statement is spoken of in the claim, and the other way round; and so is its subject."""
    narrowed, asked = _kinds("narrows", said), _kinds("narrows", claim)
    if not narrowed <= asked or not asked <= _kinds("narrows", saying):
        return False
    subject, spoken = _kinds("subjects", said), _kinds("subjects", claim)
    return not (subject and spoken) or bool(subject & spoken)


def _kinds(name: str, text: str) -> set[str]:
    return {kind for kind, wording in group(name).items() if wording.search(text)}


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


# -- conditions --------------------------------------------------------------------------------------------------------


def _against_a_condition(sentence: Sentence, clause: Clause) -> Iterator[tuple[str, str]]:
    """ "You can return it even after wearing it", where the rule wants it unworn."""
    if not (group("subjects")["return"].search(clause.text) and has("returnable", clause.text)):
        return
    for says, rule in rows("return_states", "says", "rule"):
        match = says.search(clause.text)
        if (
            match
            and not denied(clause.text, match.start(), match.end())
            and any(rule.search(p) for p in sentence.known.policies)
        ):
            yield "policy", match.group()


def _threshold(sentence: Sentence, clause: Clause) -> Iterator[tuple[str, str]]:
    """Free of postage, or not, by what it costs: as the rule has it for this price."""
    rule = next((found for p in sentence.known.policies if (found := _postage(p))), None)
    if rule is None:
        return
    free_from, fee = rule
    said = set(stated_amounts(clause.text))
    about = {p for r in sentence.records(sentence.about(clause.start)) if (p := r.price) is not None}
    prices = {p for r in sentence.known.records.values() if (p := r.price) is not None}
    spent = (set(stated_amounts(sentence.text)) & prices - {free_from, fee}) or about
    if not spent or _kinds("narrows", sentence.text) & {"express", "abroad"} or has("below", clause.text):
        return
    free = group("rules")["free_shipping"].search(clause.text)
    if free and not denied(clause.text, free.start(), free.end()):
        if max(spent) < free_from and free_from not in stated_amounts(sentence.text):
            yield "policy", free.group()
    elif fee in said and min(spent) >= free_from and group("rules")["shipping"].search(clause.text):
        yield "policy", clause.text.strip()


def _postage(passage: str) -> tuple[Decimal, Decimal] | None:
    """(from which order on postage is free, what it costs below)."""
    sayings = _SAYING.split(passage)
    for place, saying in enumerate(sayings):
        if not group("rules")["free_shipping"].search(saying):
            continue
        found = stated_amounts(" . ".join(sayings[place : place + 2]))
        if len(found) == 2:
            return max(found), min(found)
    return None


def _said_by_rule(
    name: str, wording: re.Pattern[str], match: re.Match[str], clause: Clause, sentence: Sentence
) -> bool:
    no = denied(clause.text[max(0, match.start() - 18) :], min(18, match.start()), match.end())
    if name == "warranty" and _contradicted(no, wording, clause, sentence):
        return False
    topics = _topics(clause.text)
    for passage in sentence.known.policies:
        title = _SAYING.split(passage)[0]
        for said in _SAYING.split(passage):
            whole = f"{title}. {said}"
            if name == "free" and not (
                topics & _topics(whole) and _kinds("narrows", clause.text) <= _kinds("narrows", whole)
            ):
                continue
            if name == "final" and not _things(clause.text) & _things(said):
                continue
            for at in wording.finditer(said):
                if name in _WORD_BY_WORD and at.group() != match.group() and match.group() not in passage:
                    continue
                conditions = {f"{a:f}" for a in stated_amounts(said)}
                if name in _WITH_CONDITION and conditions and not _fulfilled(sentence, conditions):
                    continue  # "over 60 USD" belongs to it
                if denied(said, at.start(), at.end()) != no and not (
                    conditions & set(re.findall(r"\d+", sentence.text)) and name == "free_shipping"
                ):
                    continue
                return True
    return False


def _contradicted(no: bool, wording: re.Pattern[str], clause: Clause, sentence: Sentence) -> bool:
    """A passage says the contrary of the very thing ("accidents are not covered")."""
    stems = {thing[:5] for thing in _things(clause.text)}
    return any(
        denied(said, at.start(), at.end()) != no and stems & {thing[:5] for thing in _things(said)}
        for passage in sentence.known.policies
        for said in _SAYING.split(passage)
        for at in wording.finditer(said)
        if at.group() in clause.text
    )


def _things(text: str) -> set[str]:
    """What a clause speaks of: its longer words, Chinese ones as pairs of letters."""
    named = {text[i : i + 2] for i in range(len(text)) if re.fullmatch(r"[㐀-鿿]{2}", text[i : i + 2])}
    return {
        w for w in re.findall(r"[a-z]{5,}", text) if not w.startswith(("return", "refund", "exchang"))
    } | {pair for pair in named if not set(pair) & set("退换不可能以的")}


def _topics(text: str) -> set[str]:
    """What a rule is about."""
    return {name for name, wording in group("rules").items() if name != "free" and wording.search(text)}


def _fulfilled(sentence: Sentence, conditions: set[str]) -> bool:
    """The condition is said too, or what it is about costs enough."""
    if conditions & set(re.findall(r"\d+(?:\.\d+)?", sentence.text)):
        return True
    about = sentence.records(sentence.about(0)) or sentence.records(sentence.known.shown)
    prices = [p for r in about if (p := r.price) is not None]
    return bool(prices) and min(prices) >= max(Decimal(c) for c in conditions)


def _repeats(sentence: Sentence) -> bool:
    """The words of the sentence are one passage's, in its order."""
    words = re.findall(r"[a-z]{3,}|[㐀-鿿]|\d+", sentence.text)
    for passage in sentence.known.policies:
        rest = iter(re.findall(r"[a-z]{3,}|[㐀-鿿]|\d+", passage))
        if words and all(word in rest for word in words):
            return True
    return False
