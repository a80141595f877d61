"""Questions on labelled photos, made from the labels and the templates of prompts/evaluation.yaml; the same for a seed.

Yes/no questions follow POPE (Li et al. 2023, "Evaluating object hallucination in large vision-language models"): for
each labelled value one question to be affirmed and, for each kind of negative, one to be denied: a *random* other
value, the most *popular* one of the folder, and the *adversarial* one, which most often goes with the photo's labels.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from prompts import load, taxonomy
from ui.evals.labels import CUT, Label, neighbours

Kind = Literal["what", "is", "unanswerable"]
ASKED = ("category", "color", *CUT)
NEGATIVES = ("random", "popular", "adversarial")
UNANSWERABLE = 2  # of a photo, in each language
VAGUE = {"other", "multicolour"}  # labels that no question names


@dataclass(frozen=True)
class Question:
    """`about`: the attribute, or the topic of an unanswerable one. `truth`: the labelled values, main first; True or
    False; None where no photo answers. `against`: the kinds of negatives that a yes/no question is counted under."""

    lang: str
    kind: Kind
    about: str
    text: str
    truth: Any
    against: tuple[str, ...] = ()


class Corpus:
    """How often values occur, and occur together, in the labels of a folder."""

    def __init__(self, labels: Sequence[Label]) -> None:
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._together: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
        for label in labels:
            held = [(attribute, value) for attribute in ASKED for value in label.values(attribute)]
            for attribute, value in held:
                self.counts[attribute][value] += 1
            for one in held:
                self._together[one].update(other for other in held if other != one)

    def negatives(self, label: Label, attribute: str, rng: random.Random) -> dict[str, str]:
        """A wrong value for each of NEGATIVES; empty where the folder has no value that is wrong for this photo."""
        right = true_of(label, attribute)
        wrong = sorted(v for v in self.counts[attribute] if v not in right and v not in VAGUE)
        if not wrong:
            return {}
        popularity = self.counts[attribute]
        held = [(a, v) for a in ASKED for v in label.values(a)]

        def beside(value: str) -> float:
            """How often `value` occurs where this photo's labels do, summed over those labels."""
            return sum(self._together[own][attribute, value] / self.counts[own[0]][own[1]] for own in held)

        return {
            "random": rng.choice(wrong),
            "popular": max(wrong, key=lambda v: (popularity[v], v)),
            "adversarial": max(wrong, key=lambda v: (beside(v), popularity[v], v)),
        }


def true_of(label: Label, attribute: str) -> set[str]:
    """Every value that a shopper may find true of the photo: those labelled, and those that can be true beside them."""
    right = set(label.values(attribute))
    pairs = load("evaluation")["both_true"].get(attribute, [])
    for value in tuple(right):
        right |= {b for a, b in pairs if a == value} | {a for a, b in pairs if b == value}
        if attribute == "category":
            right |= taxonomy.descendants(value) | set(taxonomy.ancestors(value))
        if attribute == "color":
            right |= neighbours(value)
    return right


def questions(label: Label, corpus: Corpus, seed: int, langs: Sequence[str]) -> Iterator[Question]:
    """Every question on a photo. The same label, folder and seed give the same questions."""
    templates = load("evaluation")
    values = random.Random(f"{seed}:{label.file}")
    negatives = {attribute: corpus.negatives(label, attribute, values) for attribute in ASKED}
    for lang in langs:
        rng = random.Random(f"{seed}:{lang}:{label.file}")
        for attribute in ASKED:
            truth = label.values(attribute)
            if not truth or truth[0] in VAGUE:
                continue
            wording = rng.choice(templates["what"][attribute][lang])
            yield Question(lang, "what", attribute, wording, tuple(truth))
            yield from _pope(attribute, truth[0], negatives[attribute], lang, rng)
        topics = [t for t in templates["unanswerable"] if not (t == "maker" and label.text)]
        for topic in rng.sample(topics, UNANSWERABLE):
            yield Question(
                lang, "unanswerable", topic, rng.choice(templates["unanswerable"][topic][lang]), None
            )


def _pope(
    attribute: str, truth: str, negatives: Mapping[str, str], lang: str, rng: random.Random
) -> Iterator[Question]:
    if not negatives:
        return
    kinds: dict[str, list[str]] = defaultdict(list)
    for kind, value in negatives.items():
        kinds[value].append(kind)
    yield Question(lang, "is", attribute, worded(attribute, truth, lang, rng), True, NEGATIVES)
    for value, against in kinds.items():  # one question, counted under each kind that chose the value
        yield Question(lang, "is", attribute, worded(attribute, value, lang, rng), False, tuple(against))


def worded(attribute: str, value: str, lang: str, rng: random.Random) -> str:
    """A yes/no question for a value."""
    template = rng.choice(load("evaluation")["is"][attribute][lang])
    given = load("evaluation")["spoken"].get(attribute, {}).get(value)
    if attribute == "category":
        return str(template).format(a_noun=given[lang] if given else a_noun(value, lang))
    return str(template).format(value=given[lang] if given else taxonomy.word(attribute, value, lang))


def a_noun(category: str, lang: str) -> str:
    """ "a dress", "an umbrella", "一条连衣裙": a category as a caption names it."""
    entry = load("seen")["caption"]["noun"].get(category)
    noun = str(entry[lang]) if entry else taxonomy.word("category", category, lang)
    if lang == "zh":
        return f"一{entry['measure'] if entry else '件'}{noun}"
    return f"{'an' if noun[:1].lower() in 'aeio' else 'a'} {noun}"
