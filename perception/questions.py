"""What a question about a garment asks: the attribute, the values named, and the kind of answer wanted (zh and en)."""

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from perception import pointing
from perception.pointing import Pointing
from perception.wording import HAN, Wording, fold, has, is_choice, is_what, read
from prompts import load, taxonomy

__all__ = ["Asked", "Kind", "Pointing", "fold", "parse"]

Kind = Literal["what", "is", "which", "read", "count", "describe", "match", "unseen", "detail", "unknown"]

_VALUED = ("category", "color", "pattern", "material", "sleeve", "neckline", "length", "season", "occasion", "style",
           "gender")  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """`attribute`: a taxonomy attribute, or text, brand, count, setting, match, describe, detail, a topic of `unseen`
    or of `labels` in prompts/questions.yaml; None when unclear. `value`: the value of a yes/no question; `values`: all
    values named ("black or navy"). `kind`: "is" wants yes or no, "which" one of `values`, "read" what is written,
    "match" whether two go together, "unseen" what no photo shows, "detail" a part that is not looked for. `word`: the
    value as the shopper said it. `negated`: asked in the negative; `value` stays the positive one. `at`: the garment
    pointed at; `partner`: what it is to go with. `text`: the question, folded."""

    attribute: str | None
    value: str | None
    kind: Kind
    values: tuple[str, ...] = ()
    word: str = ""
    negated: bool = False
    at: Pointing | None = None
    partner: Pointing | None = None
    text: str = ""


@dataclass(frozen=True)
class _Named:
    attribute: str
    value: str
    start: int
    word: str


@dataclass(frozen=True)
class _Heard:
    """A question taken apart: `text` without the words that point, `all` with them."""

    text: str
    all: str
    wording: Wording
    pointed: tuple[Pointing, ...]
    named: tuple[_Named, ...]

    def asked(
        self,
        attribute: str | None,
        value: str | None,
        kind: Kind,
        values: tuple[str, ...] = (),
        word: str = "",
    ) -> Asked:
        at = self.pointed[0] if self.pointed else None
        negated = self.wording.negated and kind == "is"
        return Asked(attribute, value, kind, values, word, negated, at, None, self.all)


def parse(question: str, lang: str = "en", recorded: bool = False) -> Asked:
    """Read a question. Words of both languages are understood whatever `lang` is; never raises. `recorded`: it is about
    a product, whose record tells its colours and sizes ("does it come in red?")."""
    wording = read(question)
    if not wording.text:
        return Asked(None, None, "unknown")
    found = pointing.find(wording.text)
    text = pointing.blanked(wording.text, found)
    heard = _Heard(text, wording.text, wording, tuple(f.pointing for f in found), tuple(_named(text)))
    if not recorded and _meant(heard, ("offer",)):
        return heard.asked("stock", None, "unseen")
    for reader in (_label, _match, _hidden, _asks_text, _valued):
        asked = reader(heard)
        if asked is not None:
            return asked if _plain(asked, heard) else heard.asked(None, None, "unknown")
    if _mentions(load("questions")["details"], text):
        return heard.asked("detail", None, "detail")
    about = re.fullmatch(r"(?:and |so |then )?(?:what|how) about it\W*", text)
    if found and (about or (not is_what(text) and not wording.yes_no)):
        return heard.asked("category", None, "what")  # "the second one?"
    kinds = found[0].pointing.categories if found else ()
    if kinds and re.fullmatch(r"(?:is|are|was|were)(?: not)? it\W*", text):
        return replace(heard.asked("category", kinds[0], "is", kinds), at=None)  # "are those shoes?"
    return heard.asked(None, None, "unknown")


def _label(heard: _Heard) -> Asked | None:
    """What a label, a tag or a size chart says."""
    data = load("questions")["labels"]
    on, chart = _mentions(data["where"], heard.all), _mentions(data["chart"], heard.all)
    measure = _measure(heard.all)
    if measure and (chart or on or _size(heard.all)) and "neck" not in heard.all:
        return heard.asked("measure", None, "read", word=measure)
    if _mentions(data["what"]["composition"], heard.all):
        return heard.asked("composition", None, "read")
    if not on:
        return None
    told = {k: v for k, v in data["what"].items() if _mentions(v, heard.all)}
    topic = next(iter(told), None)
    if topic == "material":
        topic = "composition"
    if chart and topic in (None, "size"):
        topic = "text"
    if topic is None and _mentions({"zh": ["水洗", "洗标"], "en": ["care label", "care tag"]}, heard.all):
        topic = "care"
    return heard.asked(topic or "text", None, "read")


def _match(heard: _Heard) -> Asked | None:
    """Whether it goes with something: another garment of the photo, a product, or what was only named."""
    data = load("questions")
    if not any(re.search(p, heard.all) for p in data["match"]):
        return None
    categories = [n for n in heard.named if n.attribute == "category"]
    colors = tuple(n.value for n in heard.named if n.attribute == "color")
    pointed = [p for p in heard.pointed if p]
    named = Pointing(tuple(c.value for c in categories), colors)
    at: Pointing | None
    partner: Pointing | None
    if len(pointed) > 1:
        at, partner = pointed[0], pointed[1]
    elif categories or colors:
        at, partner = (pointed[0] if pointed else None), named
    elif pointed and re.search(data["with_named"], heard.all):
        at, partner = None, pointed[0]
    elif any(re.search(p, heard.all) for p in data["together"]) and not (pointed and pointed[0].other):
        at, partner = (pointed[0] if pointed else None), Pointing(other=True)
    else:
        at, partner = None, (pointed[0] if pointed else None)
    return Asked("match", None, "match", (), "", heard.wording.negated, at, partner, heard.all)


def _hidden(heard: _Heard) -> Asked | None:
    """What no photo of a garment shows."""
    topic = _first_cue("unseen", heard.text)
    if topic is not None and (asked := _by_word(heard, topic)):
        return asked
    topic = _meant(heard, tuple(t for t in load("questions")["hidden"] if t != "offer"))
    if topic is None or (topic in _WORN and {n.attribute for n in heard.named} & {"season", "occasion"}):
        return None
    if _mentions(load("questions")["details"], heard.text):
        return heard.asked("detail", None, "detail")
    return heard.asked(_TOLD_AS.get(topic, topic), None, "unseen")


def _by_word(heard: _Heard, topic: str) -> Asked | None:
    """The topic that a word names, unless the words around it ask for something that a photo shows."""
    attributes = {n.attribute for n in heard.named}
    if topic == "person" and re.search(r"\bwearing\b|穿[着的]|戴", heard.text) and not _whose(heard.text):
        return None  # "what is the model wearing"
    sizes = topic == "size" and heard.wording.yes_no and attributes & {"sleeve", "length"}
    cue = _first_cue("cues", heard.text)
    if sizes or (topic == "size" and cue in ("length", "sleeve", "color") and not heard.wording.yes_no):
        return None
    if topic == "warmth" and attributes & {"season", "occasion"}:
        return None  # "is it warm enough for winter"
    if topic == "authentic" and "material" in attributes:
        return None  # "is it genuine leather"
    return heard.asked(topic, None, "unseen")


# Topics of `hidden` in prompts/questions.yaml that are answered as another, and those that an occasion or a season
# named beside them makes a question of what it suits ("can my sister wear it to a wedding").
_TOLD_AS = {"offer": "stock", "delivery": "stock", "inside": "back", "fit": "size"}
_WORN = frozenset({"fit", "comfort", "person", "opinion", "age"})


def _whose(text: str) -> bool:
    return bool(re.search(r"\bwho\b|谁|名字|几岁|多大|年纪", text))


def _meant(heard: _Heard, only: tuple[str, ...]) -> str | None:
    """The first of these topics of `hidden` that the question means."""
    topics = load("questions")["hidden"]
    return next((t for t in only if any(re.search(p, heard.text) for p in topics[t])), None)


def _plain(asked: Asked, heard: _Heard) -> bool:
    """False where a general question ("how many", "what is it", "how long") has words beside it that are none of a
    garment in a photo: something else is asked for then."""
    general = asked.kind in ("count", "describe") or (
        asked.kind == "what" and asked.attribute in ("category", "length")
    )
    if not general:
        return True
    ordinary = load("questions")["ordinary"]
    text = heard.text
    for named in sorted(heard.named, key=lambda n: -len(n.word)):
        text = text.replace(named.word, " ")
    english = (w for w in re.findall(r"[a-z]{2,}", text) if not {w, w.rstrip("s")} & _everyday())
    if next(english, None):
        return False
    for word in sorted(ordinary["zh"], key=lambda w: -len(w)):
        text = text.replace(word, " ")
    return len(HAN.findall(text)) < 2


@cache
def _everyday() -> frozenset[str]:
    return frozenset(load("questions")["ordinary"]["en"])


def _asks_text(heard: _Heard) -> Asked | None:
    """Lettering, brand, number of things, a description."""
    text, yes_no = heard.text, heard.wording.yes_no
    cue = _first_cue("cues", text)
    detail = _mentions(load("questions")["details"], text)
    if detail and cue in (None, "count", "color", "category", "neckline"):
        return heard.asked("detail", None, "detail")
    if cue == "text":
        return heard.asked("text", None, "is" if yes_no and not is_what(text) else "read")
    if cue == "brand":
        return heard.asked("brand", None, "read")
    if cue == "count":
        counted = next((n for n in heard.named if n.attribute == "category"), None)
        what = "color" if _mentions(load("questions")["cues"]["color"], text) else None
        foreign = re.search(r"stripe|dot|people|person|人|条纹|朵|flower|logo|words|letter", text)
        if foreign:
            return heard.asked("detail", None, "detail")
        if what:
            return heard.asked("color", None, "what")
        return heard.asked("count", counted.value if counted else None, "count")
    if cue == "describe" and not heard.named:
        return heard.asked("describe", None, "describe")
    return None


def _valued(heard: _Heard) -> Asked | None:
    """The attributes that a look holds: what, which, or yes or no."""
    text, yes_no = heard.text, heard.wording.yes_no
    cue = _first_cue("cues", text)
    if cue == "sleeve" and _first_cue("cues", _without_kinds(heard)) != "sleeve":
        cue = None  # 长袖上衣 is a kind of garment
    found = _about(list(heard.named), cue, text)
    if found:
        attribute = found[0].attribute
        values = tuple(dict.fromkeys(n.value for n in found))
        if len(values) > 1 and is_choice(text):
            return heard.asked(attribute, None, "which", values)
        if attribute == "category" and _worn_with(heard, values[0]):
            return heard.asked("detail", None, "detail")  # "does this dress have a belt?"
        if yes_no or cue in (None, attribute, "describe", "category"):
            if cue == attribute and not yes_no and is_what(text):
                return heard.asked(attribute, None, "what")
            if (
                is_what(text)
                and not yes_no
                and cue in (None, "category", "describe")
                and attribute == "category"
            ):
                return heard.asked("category", None, "what")
            return heard.asked(attribute, values[0], "is", values, found[0].word)
    if cue in ("text", "brand", "count", "describe"):
        return None
    if cue:
        whether = yes_no and cue in ("sleeve", "pattern", "neckline") and not is_what(text)
        return heard.asked(cue, None, "is" if whether else "what")
    return None


def _without_kinds(heard: _Heard) -> str:
    """The question without the kinds of garment that it names."""
    text = heard.text
    for named in heard.named:
        if named.attribute == "category":
            text = text[: named.start] + " " * len(named.word) + text[named.start + len(named.word) :]
    return text


def _worn_with(heard: _Heard, value: str) -> bool:
    """A belt, a bag asked for on a garment that is pointed at: a part of it that is not looked for."""
    pointed = heard.pointed[0].categories if heard.pointed else ()
    small = any(taxonomy.is_a(value, c) for c in ("accessories", "bag"))
    return (
        small
        and bool(pointed)
        and not any(taxonomy.is_a(p, value) or taxonomy.is_a(value, p) for p in pointed)
    )


def _about(named: list[_Named], cue: str | None, text: str) -> list[_Named]:
    """The named values the question is about. "Is this dress red" names a category only to point; "are the sleeves
    long" names its value by an adjective beside the cue."""
    if cue in ("sleeve", "neckline", "length", "pattern"):
        own = [n for n in named if n.attribute == cue]
        if own and not is_choice(text):
            return own
        data = load("questions")["beside"].get(cue, {})
        rest = "".join(
            " " if any(n.start <= i < n.start + len(n.word) for n in own) else c for i, c in enumerate(text)
        )
        for value, forms in data.items():
            places = [_place(rest, w) for w in (*forms["zh"], *forms["en"])]
            if any(p >= 0 for p in places) and all(n.value != value for n in own):
                word = taxonomy.word(cue, value, "en")
                own.append(_Named(cue, value, min(p for p in places if p >= 0), word))
        if own or cue != "length":
            own = sorted(own, key=lambda n: n.start)
            return own if is_choice(text) else own[:1]
    if cue in _VALUED and any(n.attribute == cue for n in named) and cue != "category":
        return [n for n in named if n.attribute == cue]
    others = [n for n in named if n.attribute not in ("category", "gender", "style")]
    pick = others or [n for n in named if n.attribute == "category"] or named
    return [n for n in pick if n.attribute == pick[0].attribute] if pick else []


def _place(text: str, word: str) -> int:
    if word not in text or not word.isascii():
        return text.find(word)
    match = re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text)
    return match.start() if match else -1


def _mentions(words: dict[str, list[str]], text: str) -> bool:
    return any((w == "%" and "%" in text) or has(text, w) for w in (*words["zh"], *words["en"]))


def _measure(text: str) -> str | None:
    """The measurement of a size chart that is asked for."""
    best = [
        (len(w) * (3 if HAN.search(w) else 1), name)
        for name, words in load("questions")["measures"].items()
        for w in (*words["zh"], *words["en"])
        if has(text, w)
    ]
    return max(best)[1] if best else None


def _size(text: str) -> bool:
    return bool(
        re.search(
            r"(?<![a-z0-9])(?:xxs|xs|s|m|l|x{1,3}l|[2-5]xl|size \d+|\d{2})(?: ?码|号)?(?![a-z0-9])", text
        )
    )


def _first_cue(group: str, text: str) -> str | None:
    """The attribute whose longest cue the text holds; "what kind of" counts only beside no other ("of neckline")."""
    best: tuple[int, str] | None = None
    for attribute, words in _folded(group):
        for word, weight in words:
            if (best is None or weight > best[0]) and has(text, word):
                best = weight, attribute
    if group != "cues":
        return best[1] if best else None
    cues = dict(_folded(group))
    if best and best[1] == "length" and any(has(text, w) for w, _ in cues["sleeve"]):
        return "sleeve"  # "how long are the sleeves"
    if best and best[1] == "text" and any(has(text, w) for w, _ in cues["pattern"]) and not _letters(text):
        return "pattern"  # 印了什么花纹
    if best:
        return best[1]
    asking = load("questions")["asking"]
    return next((a for a, patterns in asking.items() if any(re.search(p, text) for p in patterns)), None)


def _letters(text: str) -> bool:
    return bool(re.search(r"[字写念读]|\b(?:letter\w*|words?|text|say|read|written|writing)\b", text))


@cache
def _folded(group: str) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    """Per attribute: its cues, folded, with their weights. A Chinese character says about as much as three letters."""
    weak = load("questions")["weak"]
    made = []
    for attribute, words in load("questions")[group].items():
        cues = []
        for word in (*words["zh"], *words["en"]):
            weight = 1 if word in weak else len(word) * (3 if HAN.search(word) else 1)
            cues.append((fold(word), weight - (100 if attribute in ("category", "describe") else 0)))
        made.append((attribute, tuple(cues)))
    return tuple(made)


@cache
def _vocabulary() -> list[tuple[str, str, str, re.Pattern[str]]]:
    """(folded word, attribute, value, pattern), longest first."""
    entries = []
    generic = set(load("questions")["generic"])
    for attribute in _VALUED:
        for value in taxonomy.values(attribute):
            if value == "other":
                continue
            spoken = taxonomy.words(attribute, value)
            for word in {fold(w) for w in (*spoken["zh"], *spoken["en"], value)} - generic:
                han = bool(HAN.search(word))
                pattern = re.compile(
                    re.escape(word) if han else rf"(?<![a-z0-9]){re.escape(word)}(?:s|es)?(?![a-z0-9])"
                )
                entries.append((word, attribute, value, pattern))
    return sorted(entries, key=lambda e: -len(e[0]) * (3 if HAN.search(e[0]) else 1))


def _named(text: str) -> list[_Named]:
    """Values named in the text, in order; a longer word hides the shorter ones inside it ("jeans jacket")."""
    taken = [False] * len(text)
    found = []

    def take(attribute: str, value: str, match: re.Match[str]) -> None:
        if not any(taken[match.start() : match.end()]):
            taken[match.start() : match.end()] = [True] * (match.end() - match.start())
            found.append(_Named(attribute, value, match.start(), match.group()))

    for attribute, value, pattern in _spoken():
        for match in pattern.finditer(text):
            take(attribute, value, match)
    for _, attribute, value, pattern in _vocabulary():
        for match in pattern.finditer(text):
            take(attribute, value, match)
    return sorted(found, key=lambda n: n.start)


@cache
def _spoken() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    entries = load("questions")["spoken"]
    return tuple((e["attribute"], e["value"], re.compile(p)) for e in entries for p in e["any"])
