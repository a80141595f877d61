"""What a reply says that a product is: colour, fabric, cut, brand, origin and the like, held against its record."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from agent.grounding.records import Record, same_group
from agent.grounding.sentences import Clause, Sentence
from agent.grounding.stock import SHARE
from agent.grounding.words import CHECKED, Word, denied, group, has, pattern
from prompts import load, taxonomy

_HARD = frozenset(CHECKED)
_CONTRADICTED = frozenset({"season", "occasion", "gender", "age_group"})
_ANYTIME = frozenset({"everyday", "unisex", "adult"})
_COUNTED = re.compile(r"(?:^|\D)(\d{1,2}) ?(?:[件款双条顶个只]|\w+ )?[^,.;\d]{0,14}$")
_OTHERS = re.compile(r"\b(?:other|more|else|another|further)\b|别的|其他|更多|其它|另外")


def attributes(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """Words of the taxonomy, and brands, that no record of what the sentence is about bears."""
    for clause in sentence.stated:
        words = [w for w in sentence.words if clause.start <= w.start < clause.end and not _idle(w)]
        words = [w for w in words if not _set_aside(sentence, clause, w)]
        if not words or not _claims(sentence, clause, words):
            continue
        if re.search(r"\bor\b|或", clause.text):
            words = _without_alternatives(sentence, clause, words)
        phrases = same_group(words, sentence.text)
        wrong = [list(_phrase(sentence, clause, phrase)) for phrase in phrases]
        if re.search(r"\bor\b|或", clause.text) and (not all(wrong) or _either(sentence, clause, phrases)):
            continue  # "two black or grey ones" are so when all of them are black, or each is one of the two
        yield from (one for found in wrong for one in found)


def _without_alternatives(sentence: Sentence, clause: Clause, words: list[Word]) -> list[Word]:
    """The words less those of which everything shown bears one ("all of these are black or grey")."""
    either = [w for w in words if not any(a == "category" for a, _ in w.values)]
    pool = [r for r in sentence.pool(words[0].start, clause)[0] if not r.photo]
    if len(either) > 1 and pool and all(any(_backed(r, w) for w in either) for r in pool):
        return [w for w in words if w not in either]
    return words


def _either(sentence: Sentence, clause: Clause, phrases: Sequence[Sequence[Word]]) -> bool:
    """Each of several that the clause is about bears one of what it names: "both are black or grey"."""
    if not phrases:
        return False
    pool, single = sentence.pool(phrases[0][0].start, clause)
    sold = [r for r in pool if not r.photo]
    return (
        not single
        and len(sold) > 1
        and all(any(all(_backed(r, w) for w in phrase) for phrase in phrases) for r in sold)
    )


def _phrase(sentence: Sentence, clause: Clause, phrase: Sequence[Word]) -> Iterator[tuple[str, str]]:
    first = phrase[0].start
    pool, single = sentence.pool(first, clause)
    last = phrase[-1].end
    if (for_it := re.match(r"\W*for (?:the |that )?", sentence.text[last:])) and (
        whose := [m for m in sentence.marks if last < m.start <= last + for_it.end() + 1]
    ):
        pool, single = sentence.records(whose[0].ids), True  # "suede for the boots"
    if not pool and not any(a in _HARD for w in phrase for a, _ in w.values):
        return  # "every day", "in summer": of nothing that is sold
    marked = [m for m in sentence.marks if m.start <= first < m.end]
    if marked:
        return  # "the red one": whoever it points at is red
    if denied(clause.text, first - clause.start, phrase[-1].end - clause.start):
        if _OTHERS.search(clause.text):
            return
        such = [r for r in pool if all(_stands(r, w) for w in phrase)]
        if (
            such
            and (single or any("category" in dict(w.values) for w in phrase))
            and (single or len(phrase) > 1)
        ):
            yield "attribute", sentence.text[first : phrase[-1].end]
        return
    own = bool(
        pattern("each_its_own").search(clause.text[: max(0, first - clause.start)])
        or pattern("its_own_after").match(sentence.text[last:])
    )
    if own and single:  # "one in pink, one in green": of any that is spoken of
        each = (*(i for m in sentence.marks for i in m.ids), *sentence.known.shown)
        pool = sentence.records(tuple(dict.fromkeys(each))) or pool
    everyone = single or (has("all_of", clause.text) and len(pool) > 1 and not sentence.known.subject)
    if everyone and not single and not has("photo", clause.text):
        pool = [r for r in pool if not r.photo]
    either = bool(re.search(r"\bor\b|或", clause.text))
    if _only_kind(phrase) and not single and (either or not _results(sentence, clause)):
        return
    for word in phrase:
        if everyone and not single and not own:
            true = all(_backed(r, word) for r in pool)
        else:
            others = [w for w in phrase if not {a for a, _ in w.values} & {a for a, _ in word.values}]
            true = any(_backed(r, word) and all(_backed(r, o) for o in others) for r in pool)
            if single and len(pool) > 1 and not (_plural_apart(sentence) or own or either):
                true = true and all(_backed(r, word) for r in pool)
        if not true:
            yield "attribute", word.text
    lead = clause.text[: first - clause.start]
    counted, share = _COUNTED.search(lead), SHARE.search(lead)
    kind = any("category" in dict(w.values) for w in phrase)
    if not single and not either and ((counted and kind) or share):
        number = int((share or counted).group(1))  # type: ignore[union-attr]
        lists = [sentence.records(ids) for ids in sentence.known.turn]
        if len(lists) > 1:  # each of the lists of this turn is counted by itself
            pool = max(lists, key=lambda one: sum(all(_backed(r, w) for w in phrase) for r in one))
        fitting = sum(all(_backed(r, w) for w in phrase) for r in pool if not r.photo)
        if 1 < number <= len(pool) and 0 < fitting < number:
            yield "attribute", sentence.text[first : phrase[-1].end]
        elif number > max(1, len(pool)) and number not in sentence.known.counts and not share:
            yield "count", f"{number} {phrase[-1].text}"


def _only_kind(phrase: Sequence[Word]) -> bool:
    return all(a == "category" for w in phrase for a, _ in w.values)


def _results(sentence: Sentence, clause: Clause) -> bool:
    """The clause presents what this turn found."""
    return bool(sentence.known.turn) and bool(
        re.search(r"\b(?:here|found|got|picked|shows?|these)\b|找到|挑|给你|为你|这[几些\d]", clause.text)
    )


def _plural_apart(sentence: Sentence) -> bool:
    """Several products in one breath, each with its own ("one in red, the other in blue"): any of them will do."""
    return not has("all_of", sentence.text)


def _backed(record: Record, word: Word) -> bool:
    """Its record, or what was told of it, bears the word; of what it is good for, nothing else is on record."""
    hard: dict[str, list[str]] = {}
    for attribute, value in word.values:
        if attribute in _HARD:
            hard.setdefault(attribute, []).append(value)
        elif attribute in _CONTRADICTED and value not in _ANYTIME:
            known = {v for a, v in record.values if a == attribute}
            if (
                known
                and value not in known
                and (attribute, value) not in record.told
                and not known & _ANYTIME
            ):
                return False
    return all(any(record.bears(a, v) for v in values) for a, values in hard.items()) or (
        bool(hard) and word.text in record.text
    )


def _stands(record: Record, word: Word) -> bool:
    """Its own record bears every value of the word, so that it cannot be denied."""
    hard = [(a, v) for a, v in word.values if a in _HARD]
    return bool(hard) and all(pair in record.values for pair in hard)


def _idle(word: Word) -> bool:
    """A word of the trade that as often means something else."""
    return word.text in _vague() or not any(a in _HARD or a in _CONTRADICTED for a, _ in word.values)


@cache
def _vague() -> frozenset[str]:
    return frozenset(str(w) for w in load("grounding")["vague"])


def _set_aside(sentence: Sentence, clause: Clause, word: Word) -> bool:
    """It stands after "you asked for", "goes well with" and the like, or tells the colour of a preview."""
    before = clause.text[: word.start - clause.start]
    recolored = {("color", c) for c in sentence.known.previews}
    if has("preview", clause.text) and set(word.values) <= recolored and not _offered(clause):
        return True  # said of the picture, not of something to be had
    if has("advice", before) or pattern("absent_after").match(clause.text[word.end - clause.start :]):
        return True
    wishes = list(pattern("wish").finditer(before))
    if not wishes:
        return False
    return not has("found", clause.text[wishes[-1].end() :])


def _offered(clause: Clause) -> bool:
    """The clause says that something can be bought, without a "not" before it."""
    return any(
        not denied(clause.text, match.start(), match.end())
        for match in pattern("offered").finditer(clause.text)
    )


def _claims(sentence: Sentence, clause: Clause, words: Sequence[Word]) -> bool:
    """The clause speaks of products, not of fabrics or colours as such."""
    if any(clause.start <= m.start < clause.end for m in sentence.marks):
        return True
    if has("general", clause.text) and not has("anchor", clause.text):
        return False
    if any(m.end <= clause.start for m in sentence.marks) or has("photo", clause.text):
        return True
    if _generic(clause, words):
        return False
    return (
        has("anchor", clause.text)
        or (bool(sentence.known.subject) and clause.start > 0)
        or (
            clause.start > 0 and any(has("anchor", c.text) for c in sentence.claims if c.start < clause.start)
        )
    )


def _generic(clause: Clause, words: Sequence[Word]) -> bool:
    """ "Linen is cool in summer": said of the stuff, not of a product."""
    lead = clause.text[: words[0].start - clause.start]
    rest = clause.text[words[0].end - clause.start :].strip()
    bare = len(re.sub(r"\W|\b(?:and|a|an|or|as for)\b|[的跟]", "", lead)) <= 2
    return bare and bool(pattern("generic").match(rest))


def features(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """What the taxonomy has no words for: waterproof, lined, washable, made in Italy, loved by all who bought it."""
    for clause in sentence.stated:
        pool, _ = sentence.pool(clause.start, clause)
        inside = [w for w in sentence.words if clause.start <= w.start < clause.end]
        if inside and _generic(clause, inside) and not sentence.marks:
            continue
        for name, wording in group("features").items():
            for match in wording.finditer(clause.text):
                if _skipped(name, sentence, clause, match) or _told(
                    name, wording, match, clause, pool, sentence
                ):
                    continue
                yield "feature", match.group()
        for match in pattern("colours").finditer(clause.text):
            number = int(next(g for g in match.groups() if g))
            if not any(len(r.known("color")) == number for r in pool) and number > 1:
                yield "count", match.group()
        for match in pattern("origin").finditer(clause.text):
            place = next((g for g in match.groups() if g), match.group())
            where = sentence.records(sentence.about(clause.start + match.start())) or pool
            if _set_aside_text(clause, match) or _quoted(sentence, match.group()):
                continue
            if not any(place in r.text for r in where):
                yield "feature", match.group()
        for match in pattern("made_from").finditer(clause.text):
            yield from _made_from(sentence, clause, match, pool)
        for match in pattern("reviews").finditer(clause.text):
            if not _quoted(sentence, match.group()) and not any(match.group() in r.text for r in pool):
                yield "rating", match.group()


_PRAISE = frozenset({"shrink"})
_NEVER_PART = frozenset({"vegan", "fur", "recycled", "organic"})  # "vegan leather" is more than leather


def _skipped(name: str, sentence: Sentence, clause: Clause, match: re.Match[str]) -> bool:
    """Set aside, quoted from the shopper, not found, or part of a word of the vocabulary."""
    if _set_aside_text(clause, match) or _quoted(sentence, match.group()):
        return True
    if has("not_found", clause.text) and denied(clause.text, match.start(), match.end()):
        return True
    if name == "gift" and group("rules")["gift"].search(sentence.text):
        return True  # what the shop's wrapping includes is held against its policies
    if name in _NEVER_PART:
        return False
    at = clause.start + match.start()
    if any(m.described and m.start <= at < m.end for m in sentence.marks):
        return True
    return any(w.start <= at < w.end and w.end - w.start > len(match.group()) for w in sentence.words)


def _made_from(
    sentence: Sentence, clause: Clause, match: re.Match[str], pool: Sequence[Record]
) -> Iterator[tuple[str, str]]:
    """A stuff that the vocabulary has no word for ("woven from hemp") has to stand in a text of the product."""
    begin, end = (clause.start + at for at in match.span())
    if _set_aside_text(clause, match) or any(begin <= w.start < end for w in sentence.words):
        return
    stuff = next(g for g in match.groups() if g)
    words = re.findall(r"[a-z]{4,}|[㐀-鿿]{2}", stuff)[:3]
    if words and not any(w in r.text for w in words for r in pool):
        yield "attribute", match.group()


def _told(
    name: str,
    wording: re.Pattern[str],
    match: re.Match[str],
    clause: Clause,
    pool: Sequence[Record],
    sentence: Sentence,
) -> bool:
    """A text of a product it can be about says so too, and neither or both of them say "not". Care may also be the
    shop's general advice."""
    no = denied(clause.text, match.start(), match.end()) or bool(
        pattern("denied_after").match(clause.text[match.end() :])
    )
    texts = [r.text for r in pool] or [r.text for r in sentence.records(sentence.known.everything)]
    if name in (
        "machine_wash",
        "hand_wash",
        "dry_clean",
        "tumble",
        "iron",
        "wash_cold",
        "shrink",
        "real",
        "gift",
    ):
        texts += list(sentence.known.policies)
    if any(rule.search(clause.text) for rule in group("rules").values()):
        texts += list(sentence.known.policies)
    if no and name in _PRAISE:
        # "won't fade" says something good of it
        return any(denied(text, at.start(), at.end()) for text in texts for at in wording.finditer(text))
    number = _number_of(clause.text, match)
    if name == "model_wears":
        said = set(pattern("model_size").findall(clause.text))
        return any(said <= set(pattern("model_size").findall(t)) for t in texts if wording.search(t))
    also = load("grounding")["backed_too"]
    if name in also and not no and any(pattern(f"backed_too.{name}").search(r.text) for r in pool):
        return True
    for text in texts:
        for at in wording.finditer(text):
            begin = max(text.rfind(".", 0, at.start()), text.rfind(",", 0, at.start())) + 1
            same = denied(text[begin:], at.start() - begin, at.end() - begin) == no
            if no and not same and _same_word(name, at.group(), match.group()):
                return False
            if (
                same
                and _same_word(name, at.group(), match.group())
                and number in (None, _number_of(text, at))
            ):
                return True
    return no  # nobody said so: but nobody said the contrary, which alone would be untrue


def _number_of(text: str, match: re.Match[str]) -> str | None:
    """ "Two pockets", 4 个口袋."""
    found = re.search(r"(?<![\d.])(\d{1,2}) ?(?:[个道条颗]|[a-z]+ ){0,2}\w{0,2}$", text[: match.start()])
    return found.group(1) if found else None


def _same_word(name: str, have: str, said: str) -> bool:
    """Of a group whose words are no synonyms, the same word."""
    if name == "waterproof":
        return have == said
    if name in ("fit", "slit", "hood", "heel", "gold", "gift", "thickness", "tumble", "iron", "worn_by"):
        alike = have == said or have.rstrip("s") == said.rstrip("s") or have[:4] == said[:4]
        return alike or (not said.isascii() and len(set(have) & set(said)) >= 2)
    return True


def _set_aside_text(clause: Clause, match: re.Match[str]) -> bool:
    before = clause.text[: match.start()]
    return has("advice", before) or (has("wish", before) and not has("found", before))


def _quoted(sentence: Sentence, words: str) -> bool:
    """It is the shopper's own phrase, in quotation marks."""
    return any(
        words in m.group() and m.group().strip('"') in sentence.known.said
        for m in re.finditer(r'"[^"]{1,80}"', sentence.text)
    )


@cache
def category_words() -> frozenset[str]:
    """Every word for a kind of garment, of two letters or more."""
    return frozenset(
        word.casefold()
        for category in taxonomy.values("category")
        for words in taxonomy.words("category", category).values()
        for word in words
        if len(word) > 1
    )
