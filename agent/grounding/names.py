# ruff: noqa: E501 (a pattern is read more safely on one line)
"""Products that a reply names: by id, in quotation marks, in bold, or as A Name In Capitals."""

import re
from collections.abc import Iterator

from agent.grounding.attributes import category_words
from agent.grounding.sentences import Sentence
from agent.grounding.words import read

_NAMED = re.compile(
    r"\*\*([^*\n]{3,80})\*\*|「([^」\n]{2,60})」|“([^”\n]{2,80})”|\"([^\"\n]{3,80})\"|《([^》\n]{2,60})》|『([^』\n]{2,60})』"
)
# "the Velvet Moon gown": a name of its own before what it is
_PROPER = re.compile(r"(?<![.!?] )(?<!^)\b((?:[A-Z][a-z]+[ -]){2,4})(?=([a-z-]+))")
_CAPITAL = re.compile(r"\b((?:[A-Z][\w'-]+ ){1,4}[A-Z][\w'-]+)\b")
_TITLE = re.compile(r"[A-Z][\w'-]+(?: [A-Z][\w'-]+)+")
# "Nike Air Max would suit you": what is recommended is something that is sold, whatever it is called
_RECOMMENDED = re.compile(
    r"\b([A-Z][\w'-]+(?: (?:[A-Z][\w'-]*|\d+))+)(?='?s? (?:(?:would|will|could|might|may|should) (?:also |really )?(?:suit|go with|go well|fit|look (?:good|great|nice|lovely))|(?:also )?suits|is (?:also )?(?:worth|a (?:good|great|nice|lovely|safe) (?:choice|option|pick|match|alternative))))"
)
_ID = re.compile(r"\b[A-Z]{1,4}-?\d{3,}\b")


def names(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """Names and ids of products that no tool returned."""
    raw, known = sentence.raw, sentence.known
    shown = frozenset(known.names)
    for match in _NAMED.finditer(raw):
        name = next(g for g in match.groups() if g).strip()
        if _names_a_product(name) and not _known(name, shown, known.said):
            yield "product", match.group()
    for match in _PROPER.finditer(raw):
        kind = match.group(2)
        brand = match.group(1).strip(" -").casefold() in {
            str(r.brand).casefold() for r in known.records.values()
        }
        if (
            {kind, kind.removesuffix("s")} & category_words()
            and not brand
            and not _known(match.group(1), shown, known.said)
        ):
            yield "product", match.group()
    for match in _CAPITAL.finditer(raw):
        last = match.group().split()[-1].casefold()
        if (last in category_words() or last.removesuffix("s") in category_words()) and not _known(
            match.group(), shown, known.said
        ):
            words = match.group().casefold().split()[:-1]
            if not all(w in known.lexicon.brands for w in words) and not any(
                match.group().casefold() in r.text for r in known.records.values()
            ):
                yield "product", match.group()
    for match in _RECOMMENDED.finditer(raw):
        name = match.group(1)
        if not (_known(name, shown, known.said) or _in_words(name, sentence)):
            yield "product", name
    ids = {i.casefold() for i in known.records}
    for match in _ID.finditer(raw):
        if match.group().casefold() not in ids and match.group().casefold() not in known.said:
            yield "product", match.group()


def _names_a_product(name: str) -> bool:
    """Quoted or in bold: a phrase with a category in it, or a Name In Capitals. A category word alone names nothing."""
    folded = name.casefold()
    if folded in category_words():
        return False
    return bool(_TITLE.fullmatch(name)) or any(word in folded for word in category_words())


def _known(name: str, shown: frozenset[str], said: str) -> bool:
    folded = read(name.strip(" *.,!?，。！？:："))
    return bool(folded) and (folded in said or any(folded in one or one in folded for one in shown if one))


def _in_words(name: str, sentence: Sentence) -> bool:
    """A capital in it is only the shop's own or the trade's word ("Light Blue"), or a text has the name."""
    words = set(read(name).split()) - {"the", "a", "an", "our", "this", "that", "your"}
    spoken = {part for w in sentence.words for part in w.text.split()}
    texts = [*sentence.known.policies, *(r.text for r in sentence.known.records.values())]
    return words <= spoken or any(read(name) in text for text in texts)
