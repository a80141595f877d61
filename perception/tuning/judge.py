"""A tuned space against the untuned one, on products that neither its training nor its stopping has seen."""

from dataclasses import dataclass, replace

import numpy as np

from perception.joint import Joint
from perception.tuning import measure
from perception.tuning.measure import Interval
from perception.tuning.pairs import Pairs, Parts
from perception.tuning.train import CANDIDATES, Made, Titles, texts_of

Array = np.ndarray
Ranks = dict[str, Array]  # "title_to_photo.en" → (held,) ranks; NaN where there is no title in the language
MOST_ASKED = 1000  # held-out products that are measured with
MOST_SECOND = 400  # of them, those that the second look is measured with


@dataclass(frozen=True)
class Verdict:
    """`before`, `after`: ranks untuned and tuned, the second look included where it earns its place; `second`: what it
    adds to the projections alone, None where there is none."""

    before: Ranks
    projections: Ranks
    after: Ranks
    gain: dict[str, Interval]
    second: dict[str, Interval] | None
    second_kept: bool
    looked: Ranks | None  # with the second look, whether it is kept or not

    @property
    def better(self) -> bool:
        return measure.better(self.gain)


def untuned(pairs: Pairs, titles: Titles, asked: Array) -> Ranks:
    """As the shop matches titles and photos without a tuning: the photo's vector in the space of sentences."""
    return both_ways(pairs, asked, pairs.shared.astype(np.float32), titles.base)


def tuned(pairs: Pairs, titles: Titles, asked: Array, joint: Joint, second: bool) -> Ranks:
    """In the joint space; with `second`, the best CANDIDATES in the order of the second look."""
    photos, texts = joint.photos(pairs.details, pairs.shared), texts_of(joint, titles, pairs)
    found = both_ways(pairs, asked, photos, texts)
    return _looked_twice(pairs, asked, joint, photos, texts, found) if second else found


def judge(pairs: Pairs, parts: Parts, titles: Titles, joint: Joint, seed: int) -> Verdict:
    """Measure `joint` on the held-out products, each among all the shop's."""
    asked = parts.held[:MOST_ASKED]
    before, projections = untuned(pairs, titles, asked), tuned(pairs, titles, asked, joint, second=False)
    second, looked, kept, after = None, None, False, projections
    if joint.reranks:
        some = asked[:MOST_SECOND]
        looked = tuned(pairs, titles, some, joint, second=True)
        second = measure.gains(_first(projections, len(some)), looked, seed)
        kept = measure.better(second)
        if kept:
            after, before, projections = looked, _first(before, len(some)), _first(projections, len(some))
    return Verdict(before, projections, after, measure.gains(before, after, seed), second, kept, looked)


def without_second(made: Made) -> Made:
    """The same without its second look."""
    return replace(made, tensors={n: t for n, t in made.tensors.items() if not n.startswith("second.")})


def _first(found: Ranks, n: int) -> Ranks:
    return {name: ranks[:n] for name, ranks in found.items()}


def both_ways(pairs: Pairs, asked: Array, photos: Array, texts: dict[str, Array]) -> Ranks:
    """Titles that look for their photo and photos that look for their title, in each language, among all products.
    `photos` (n, d) and `texts` (language → (n, d)) are vectors of one space."""
    found: Ranks = {}
    for lang in pairs.langs():
        among = np.array([i for i, title in enumerate(pairs.titles[lang]) if title])
        known = np.isin(asked, among)
        own = np.searchsorted(among, asked[known])
        for name, q, g in (("title_to_photo", texts[lang], photos), ("photo_to_title", photos, texts[lang])):
            ranks = np.full(len(asked), np.nan)
            ranks[known] = measure.ranks(q[asked[known]] @ g[among].T, own)
            found[f"{name}.{lang}"] = ranks
    return found


def _looked_twice(
    pairs: Pairs, asked: Array, joint: Joint, photos: Array, texts: dict[str, Array], first: Ranks
) -> Ranks:
    found: Ranks = {}
    for lang in pairs.langs():
        titles = pairs.titles[lang]
        among = np.array([i for i, title in enumerate(titles) if title])
        for name in ("title_to_photo", "photo_to_title"):
            ranks = first[f"{name}.{lang}"].copy()
            for row, place in enumerate(asked):
                if not titles[place]:
                    continue
                if name == "title_to_photo":
                    cosines = photos[among] @ texts[lang][place]
                else:
                    cosines = texts[lang][among] @ photos[place]
                near = np.argsort(-cosines)[:CANDIDATES]
                own = np.flatnonzero(among[near] == place)
                if not len(own):
                    continue
                if name == "title_to_photo":
                    again = joint.second_look(titles[place], cosines[near], pairs.details[among[near]])
                else:
                    again = np.concatenate([
                        joint.second_look(titles[i], cosines[[k]], pairs.details[[place]])
                        for k, i in zip(near, among[near], strict=True)
                    ])  # fmt: skip
                ranks[row] = measure.ranks(again[None], own)[0]
            found[f"{name}.{lang}"] = ranks
    return found
