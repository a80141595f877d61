"""A reply, sentence by sentence and clause by clause: what each is about, and whether it claims anything."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from agent.grounding.calling import called
from agent.grounding.facts import Facts
from agent.grounding.records import Record, same_group
from agent.grounding.words import Word, clauses, group, has, pattern, read, vocabulary
from agent.planner.text import is_han
from prompts import taxonomy

_END = re.compile(r"[。！？!?]+[”」\"'』)）]*|\.(?=\s|$)|\n")
_WHOLE = re.compile(
    r"!?\[[^\]\n]*\]\([^)\n]*\)|(?:https?|ftp)://[^\s，。！？”」]+|\bwww\.[^\s，。！？”」]+", re.IGNORECASE
)
_MARKUP = re.compile(r"[*`#~]+|(?<!\w)_+|_+(?!\w)")
_CELLS = re.compile(r"[ \t]*\|[ \t]*")  # of a table: each a clause
_NAME = 0xE000  # where the names of products stood: private characters, one each
_DEFINITE = re.compile(
    r"(?:\b(?:the|this|that|these|those|your|our|both|all|every|each)(?: of the)?|[这那][件个款条双顶只])\W*$"
)
_POINTED = re.compile(r"^\W*(?:的|色的)?\W*(?:ones?\b|那[件个款条双顶只]|这[件个款条双顶只]|款)")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences of a reply; a link is never cut in two."""
    whole = [m.span() for m in _WHOLE.finditer(text)]
    start = 0
    for match in _END.finditer(text):
        if any(a <= match.start() < b for a, b in whole) or match.end() <= start:
            continue
        yield start, match.end()
        start = match.end()
    if start < len(text):
        yield start, len(text)


@dataclass(frozen=True)
class Mark:
    """Something in a sentence that says which products are meant."""

    start: int
    end: int
    ids: tuple[str, ...]
    aside: bool = False  # what others are like, or go with
    described: bool = False


@dataclass(frozen=True)
class Clause:
    """[start, end) of a sentence's text. `asks`: a question, an offer or a condition: no claim."""

    start: int
    end: int
    text: str
    asks: bool


@dataclass
class Sentence:
    """`raw` as it will be shown, `text` clean, each product's name one private character."""

    raw: str
    known: Facts
    text: str = ""
    marks: list[Mark] = field(default_factory=list)

    @classmethod
    def of(cls, raw: str, known: Facts) -> "Sentence":
        """Read a sentence in the light of what is known."""
        made = cls(raw, known, read(_CELLS.sub(" ; ", _MARKUP.sub("", raw)).strip(" ;")))
        made._names()
        made._places()
        made._calls()
        made._descriptions()
        made._contrasts()
        made._others()
        made.marks = sorted((replace(m, aside=made._aside(m)) for m in made.marks), key=lambda m: m.start)
        return made

    @cached_property
    def words(self) -> list[Word]:
        """Words of the vocabulary, but those that quote the shopper."""
        quoted = [
            m.span()
            for m in re.finditer(r'"([^"]{1,80})"|\'([^\']{2,80})\'(?!\w)', self.text)
            if (m.group(1) or m.group(2)).strip() in self.known.said
        ]
        said = vocabulary(self.text, self.known.lexicon)
        for value, wording in group("says").items():
            attribute, _, name = value.partition("/")
            for m in wording.finditer(self.text):
                said = [
                    w for w in said if w.end <= m.start() or m.end() <= w.start or w.values[0][0] != attribute
                ]
                said.append(Word(m.start(), m.end(), m.group(), ((attribute, name),)))
        said.sort(key=lambda w: w.start)
        return [w for w in said if not any(a < w.end and w.start < b for a, b in quoted)]

    @cached_property
    def clauses(self) -> list[Clause]:
        """Its clauses in order."""
        spans = [(a, b) for a, b in clauses(self.text) if self.text[a:b].strip()]
        ends_asking = bool(re.search(r"[?]\W*$|[吗呢]\W*$", self.text))
        found = []
        for place, (a, b) in enumerate(spans):
            part = self.text[a:b]
            asks = (
                (ends_asking and place == len(spans) - 1)
                or part.rstrip().endswith("?")
                or has("question", part)
                or has("conditional", part)
                or has("unsure", part)
            )
            found.append(Clause(a, b, part, asks))
        for place in range(len(found) - 1, 0, -1):  # "red, navy, or another colour?" asks in all its parts
            if found[place].asks and re.match(r"\W*(?:or\b|还是|或者)", found[place].text):
                found[place - 1] = replace(found[place - 1], asks=True)
        # "Waterproof or not, the record doesn't say": the first clause only names what is not known
        return [
            replace(c, asks=True) if has("unsure", after.text) and not has("predicate", c.text) else c
            for c, after in zip(found, [*found[1:], *found[-1:]], strict=True)
        ]

    @property
    def claims(self) -> list[Clause]:
        """The clauses that say that something is so."""
        return [c for c in self.clauses if not c.asks]

    @property
    def stated(self) -> list[Clause]:
        """The claims that no tool has put into these very words."""
        return [c for c in self.claims if len(c.text.strip()) < 10 or c.text.strip() not in self.known.texts]

    def about(self, place: int) -> tuple[str, ...]:
        """Ids of the products that words at `place` are about: named before them, else just after, else what the
        sentence before was about; empty when that cannot be told."""
        marks = [m for m in self.marks if not m.aside]
        if self.marks and not marks:
            return ()
        before = [m for m in marks if m.start <= place]
        if before:
            same = [m for m in before if not re.search(r"[,;.]", self.text[m.end : before[-1].start])]
            joined = [
                m
                for m in same
                if re.fullmatch(r'[\s"]*(?:and|&|,|和|与|跟|、)?[\s"]*', self.text[m.end : before[-1].start])
            ]
            return tuple(dict.fromkeys(i for m in [*joined, before[-1]] for i in m.ids))
        after = [m for m in marks if m.start > place]
        if after:
            return after[0].ids
        return () if self._presents() else self.known.subject

    def _presents(self) -> bool:
        """One of several lists of this turn is presented, whatever was spoken of before: "8 shirts, here are 3"."""
        sizes = {len(ids) for ids in self.known.turn if len(ids) > 1} if len(self.known.turn) > 1 else set()
        return any(int(n) in sizes for n in re.findall(r"(?<![\d.$])\d{1,2}(?![\d.])", self.text))

    def records(self, ids: tuple[str, ...]) -> list[Record]:
        return [self.known.records[i] for i in ids if i in self.known.records]

    def pool(self, place: int, clause: Clause) -> tuple[list[Record], bool]:
        """(records that words at `place` can be about, whether those are products singled out)."""
        photos = self.records(self.known.photos)
        if photos and has("photo", clause.text):
            return [*photos, *self.records(self.about(place))], False
        named = self.records(self.about(place))
        if named:
            return named, True
        shown = self.records(self.counted(clause.text) or self.known.shown)
        if len(shown) == 1 and not photos:
            return shown, True
        if shown:
            return [*shown, *photos], False
        return [*self.records(self.known.everything), *photos], False

    def counted(self, text: str) -> tuple[str, ...]:
        """The list that "all five" means: the newest of as many products; empty where no number says which."""
        if not has("all_of", text):
            return ()
        said = {int(m.group(1)) for m in pattern("how_many").finditer(text)}
        return next((one for one in reversed(self.known.lists) if len(one) in said and len(one) > 1), ())

    def _aside(self, mark: Mark) -> bool:
        """Similar to it, goes with it: others are spoken of."""
        before, after = self.text[max(0, mark.start - 28) : mark.start], self.text[mark.end : mark.end + 8]
        return bool(pattern("aside_before").search(before) or pattern("aside_after").match(after))

    # -- which products ------------------------------------------------------------------------------------------------

    def _names(self) -> None:
        names = self.known.names
        place = 0
        for name in sorted((n for n in names if len(n) >= 3), key=len, reverse=True):
            edge = r"(?<![a-z0-9])" if name[0].isascii() else ""
            tail = r"(?:(?:e?s)?(?![a-z0-9]))" if name[-1].isascii() else ""
            if name in self.text and re.search(edge + re.escape(name) + tail, self.text):
                self.text = re.sub(edge + re.escape(name) + tail, chr(_NAME + place), self.text)
                self._ids = {**getattr(self, "_ids", {}), chr(_NAME + place): tuple(sorted(names[name]))}
                place += 1
        ids = getattr(self, "_ids", {})
        self.marks += [Mark(i, i + 1, ids[c]) for i, c in enumerate(self.text) if c in ids]
        for product in self.known.records:
            if product.casefold() in self.text and re.search(r"\d", product):
                standing = rf"(?<![\w-]){re.escape(product.casefold())}(?![\w-])"
                for match in re.finditer(standing, self.text):
                    self.marks.append(Mark(match.start(), match.end(), (product,)))
        for word, ids_ in self._own_words().items():
            if word in self.text:
                for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", self.text):
                    self.marks.append(Mark(match.start(), match.end(), tuple(sorted(ids_))))

    def _own_words(self) -> dict[str, set[str]]:
        """A word that only one product's name has calls it: "the Harbour one"."""
        found: dict[str, set[str]] = {}
        for name, ids in self.known.names.items():
            spoken = [(w.start, w.end) for w in vocabulary(name, self.known.lexicon)]
            for match in re.finditer(r"[a-z][a-z'-]{3,}", name):
                if not any(a <= match.start() < b for a, b in spoken):
                    found.setdefault(match.group(), set()).update(ids)
        return {w: ids for w, ids in found.items() if len(ids) == 1}

    def _places(self) -> None:
        """ "The first one", 第 2 款, "the latter"."""
        for match in pattern("place").finditer(self.text):
            word = next(g for g in match.groups() if g)
            ids = self._nth(_ORDINALS.get(word, int(word) if word.isdigit() else 0))
            if ids:
                self.marks.append(Mark(match.start(), match.end(), ids))

    def _contrasts(self) -> None:
        """ "… the navy ones, as only one is left in green": the green ones."""
        for phrase in same_group(vocabulary(self.text, self.known.lexicon), self.text):
            start, end = phrase[0].start, phrase[-1].end
            if not pattern("in_contrast").search(self.text[:start]):
                continue
            named = {i for m in self.marks if m.end <= start for i in m.ids}
            pool = [i for i in self.known.everything if i not in named]
            fitting = tuple(i for i in pool if all(_bears(self.known.records[i], w) for w in phrase))
            if named and fitting and not any(m.start < end and start < m.end for m in self.marks):
                self.marks.append(Mark(start, end, fitting, described=True))

    def _others(self) -> None:
        """ "The other two", 另外两件: all shown but those named before."""
        for match in pattern("others").finditer(self.text):
            named = {i for m in self.marks if m.end <= match.start() for i in m.ids}
            rest = tuple(i for i in self.known.shown if i not in named)
            if named and rest:
                self.marks.append(Mark(match.start(), match.end(), rest, described=True))

    def _nth(self, n: int) -> tuple[str, ...]:
        lists = [one for one in reversed(self.known.lists) if len(one) >= max(abs(n), 2)]
        if n == 0 or not lists:
            return ()
        return (lists[0][n - 1 if n > 0 else len(lists[0]) + n],)

    def _calls(self) -> None:
        """ "The ivory turtleneck", 驼色那件: words of a name that tell one product from the others."""
        pool = self.known.everything
        if len(pool) < 2 or has("photo", self.text):
            return

        def bears(product: str, word: Word) -> bool:
            return _bears(self.known.records[product], word)

        said = vocabulary(self.text, self.known.lexicon)
        for found in called(self.text, self.known.names, said, bears, pool):
            if not any(m.start < found.end and found.start < m.end for m in self.marks):
                near = tuple(i for i in found.ids if i in self.known.shown) or found.ids
                self.marks.append(Mark(found.start, found.end, near, described=True))

    def _descriptions(self) -> None:
        """ "The red one", "that linen dress", 那件黑色的: the products shown that fit it, where there are any."""
        for phrase in same_group(vocabulary(self.text, self.known.lexicon), self.text):
            before, after = self.text[: phrase[0].start], self.text[phrase[-1].end :]
            pointed = _POINTED.match(after)
            if (
                not (_DEFINITE.search(before) and (pointed or _kind(phrase)))
                and not (pointed and re.match(r"的?[那这]", after))
                and not (
                    _kind(phrase)
                    and re.fullmatch(r"(?:.*[和与跟,])?[ ,]*", before)
                    and re.match(r"[和与跟是有的要比只打也还都]", after)
                )
            ):
                continue
            if has("photo", self.text) or any(m.start <= phrase[0].start < m.end for m in self.marks):
                continue
            pool = self.known.shown or self.known.everything
            fitting = tuple(i for i in pool if all(_bears(self.known.records[i], w) for w in phrase))
            if fitting and len(fitting) < max(2, len(pool)):
                self.marks.append(Mark(phrase[0].start, phrase[-1].end, fitting, described=True))


_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "last": -1, "final": -1,
    "former": 1, "latter": -1, "前者": 1, "后者": -1, "最后": -1,
    "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "6th": 6,
}  # fmt: skip


def _kind(group: list[Word]) -> bool:
    return any(a == "category" for w in group for a, _ in w.values)


def _bears(record: Record, word: Word) -> bool:
    if any(a == "category" for a, _ in word.values) and not any(
        taxonomy.is_a(c, v) for a, v in word.values if a == "category" for c in record.known("category")
    ):
        return False
    return all(
        record.bears(a, v)
        for a, v in word.values
        if a in ("category", "color", "pattern", "material", "brand", "sleeve", "neckline", "length")
    )


def heard(text: str, known: Facts) -> tuple[str, ...]:
    """Ids of the products that the sentence after `text` goes on about, when it says "it"."""
    subject = known.subject
    for a, b in sentences(text):
        sentence = Sentence.of(text[a:b], known)
        if sentence.marks:
            subject = sentence.marks[-1].ids if len(sentence.marks) == 1 else _last_named(sentence)
        elif has("plural", sentence.text):
            subject = ()
    return subject


def _last_named(sentence: Sentence) -> tuple[str, ...]:
    ids = tuple(dict.fromkeys(i for m in sentence.marks for i in m.ids))
    return ids if len(ids) <= 4 else ()


def in_chinese(text: str) -> bool:
    """True for a text with Chinese characters."""
    return any(is_han(c) for c in text)
