"""Is a reply true? What it states of products and of the shop must come from a tool result of this conversation.

Used on every model's reply before a shopper sees it; what is not backed is taken out, sentence by sentence. `facts` is
computed once before a reply; `violations` and `heard` then go over it as it comes, sentence by sentence:

    known = facts(messages, lexicon)
    for sentence in …:
        if violations(sentence, known): …                     # do not show it
        known = heard(sentence, known)                        # whom the next one's "it" means

`watch(known)` is the same as a function that is asked of one sentence after another.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from agent.grounding import (
    attributes,
    deeds,
    links,
    makers,
    money,
    names,
    orders,
    policies,
    ranks,
    sentences,
    stock,
)
from agent.grounding.facts import Facts, facts
from agent.grounding.money import stated_amounts
from agent.grounding.sentences import Sentence
from agent.grounding.words import has, vocabulary

__all__ = ["Facts", "Violation", "corrected", "facts", "heard", "stated_amounts", "violations", "watch"]

_CHECKS: tuple[Callable[[Sentence], Iterator[tuple[str, str]]], ...] = (
    links.links,
    names.names,
    makers.makers,
    money.prices,
    money.counts,
    money.ratings,
    money.measures,
    money.numbers,
    stock.sizes,
    stock.stock,
    attributes.attributes,
    attributes.features,
    deeds.deeds,
    policies.rules,
    ranks.most,
)


# What a tool put into these very words may be repeated: but not that something was done, nor where to go.
_TOLD = frozenset(
    {
        makers.makers,
        money.ratings,
        money.measures,
        stock.sizes,
        stock.stock,
        attributes.attributes,
        attributes.features,
        policies.rules,
    }
)


# what is so of an order is no promise of the shop's, no rule and nothing that is sold
_OF_ORDER = frozenset(
    {
        links.links,
        money.measures,
        stock.sizes,
        stock.stock,
        attributes.attributes,
        attributes.features,
        deeds.deeds,
        policies.rules,
    }
)


@dataclass(frozen=True)
class Violation:
    """A stated thing without ground; `span` is the sentence it stands in. `kind`: price, product, count, stock, size,
    attribute, feature, brand, rating, number, policy, action, promise, most or link."""

    kind: str
    stated: str
    span: tuple[int, int]


def violations(text: str, known: Facts, granted: frozenset[str] = frozenset()) -> list[Violation]:
    """Everything in `text`, one sentence or many, that `known` does not back, but for kinds that are `granted`. Numbers
    in words count as numbers."""
    found = []
    for start, end in sentences.sentences(text):
        sentence = Sentence.of(_without_ideas(text[start:end], known), known)
        if not sentence.text:
            continue
        told = _told(sentence) or _of_memory(sentence)
        ordered = orders.of_order(sentence)
        for check in _CHECKS:
            if (told and check in _TOLD) or (ordered and check in _OF_ORDER):
                continue
            wrong = [(kind, stated) for kind, stated in check(sentence) if kind not in granted]
            found += [Violation(kind, stated, (start, end)) for kind, stated in wrong]
        known = heard(text[start:end], known)
    return found


def _without_ideas(text: str, known: Facts) -> str:
    """What a look is called ("Relaxed tailoring") and what the shopper has is called ("your red dress"): names, which
    state nothing of a product."""
    for idea in known.ideas:
        text = re.sub(rf"[“\"「]{re.escape(idea)}[”\"」]", " look ", text, flags=re.IGNORECASE)
    for name in known.own:
        text = re.sub(rf"(?<![a-z]){re.escape(name)}(?![a-z])", " … ", text, flags=re.IGNORECASE)
    return text


def _told(sentence: Sentence) -> bool:
    words = sentence.text.strip(" .!,;:\"'")
    return len(words) >= 6 and words in sentence.known.texts


def _of_memory(sentence: Sentence) -> bool:
    """It says of the shopper what the memory's notes of this turn say, and nothing besides."""
    notes = sentence.known.notes
    if not notes or not has("of_memory", sentence.text) or any(not m.described for m in sentence.marks):
        return False
    rest = sentence.text
    for note in sorted(notes, key=len, reverse=True):
        if note in rest:
            rest = re.sub(rf"(?<![a-z0-9]){re.escape(note)}(?![a-z0-9])", " ", rest)
    return rest != sentence.text and not re.search(r"\d", rest) and not _stated(rest, sentence)


def _stated(text: str, sentence: Sentence) -> bool:
    """Words of the vocabulary, sizes or something about stock are left in `text`."""
    if has("in_stock", text) or has("sold_out", text):
        return True
    return bool(vocabulary(text, sentence.known.lexicon)) or bool(
        re.search(r"(?<![a-z0-9'])(?:xx?s|[sml]|x{1,3}l|[2-6]xl)(?![a-z0-9'])", text)
    )


def heard(text: str, known: Facts) -> Facts:
    """The facts as the sentence after `text` stands under them: with the products that its "it" means."""
    subject = sentences.heard(text, known)
    return known if subject == known.subject else replace(known, subject=subject)


def watch(known: Facts) -> Callable[[str], bool]:
    """Asked of the sentences of one reply in their order: may this one be shown?"""

    def passes(sentence: str) -> bool:
        nonlocal known
        found = violations(sentence, known)
        known = heard(sentence, known)
        return not found

    return passes


def corrected(text: str, known: Facts, granted: frozenset[str] = frozenset()) -> str:
    """`text` less every sentence that holds a violation; may be empty. Each round removes at least one sentence."""
    while found := violations(text, known, granted):
        wrong = {v.span for v in found}
        text = "".join(text[a:b] for a, b in sentences.sentences(text) if (a, b) not in wrong)
    return text.strip()
