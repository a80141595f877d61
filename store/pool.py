"""Some of a shop's products to choose from: all that is demanded holds, what is wished comes first, of all kinds some.

A choice among many that fit as well as each other is worth little where all of them are alike: so of every value of
some attributes (each colour, each kind) the best are taken, and the cheapest beside them, however well the others do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from prompts import taxonomy
from store.conditions import LISTS, SCALARS, Condition, condition, conditions
from store.relax import Gate
from store.types import Filters

RATED = 0.02  # what a star is worth beside wishes of about 1: it settles who comes first of equals
CHEAPEST = 4  # are always among them, so that what can be paid for at all can be found
OF_EACH = 1  # at least, of every value of the attributes that are to be spread


@dataclass(frozen=True)
class Demand:
    """`where` must hold. `open`: what a record says of an attribute must be one of these values; one that says nothing
    will do. `wish`: (attribute, values, weight), any of the values is worth the weight. `spread`: attributes of whose
    every value some are taken. `k`: about how many."""

    where: Filters = field(default_factory=Filters)
    open: Mapping[str, Sequence[str]] = field(default_factory=dict)
    wish: Sequence[tuple[str, tuple[str, ...], float]] = ()
    spread: Mapping[str, Sequence[str]] = field(default_factory=dict)
    k: int = 48


@dataclass(frozen=True)
class Pool:
    """The ids chosen, the best first; how many products meet the demand; the price of the cheapest of them in
    hundredths, None where there is none."""

    ids: list[str]
    total: int
    cheapest: int | None


def pool(gate: Gate, demand: Demand) -> Pool:
    """What `demand` asks for. All of it is done on masks: no record is read."""
    mask = np.ones(len(gate.whole()), dtype=bool)
    for one in conditions(demand.where):
        mask &= _met(gate, one)
    for attribute, values in demand.open.items():
        if values:
            known = gate.mask(condition(attribute, taxonomy.values(attribute)))
            mask &= _any(gate, attribute, values) | ~known
    places = np.flatnonzero(mask)
    if not len(places):
        return Pool([], 0, None)
    ids = gate.whole().ids
    cents = gate.number("cents")[places]
    score = RATED * np.nan_to_num(gate.number("trusted")[places])
    for attribute, values, weight in demand.wish:
        score += weight * _any(gate, attribute, values)[places]
    if len(places) <= demand.k:
        order = np.argsort(-score, kind="stable")
        return Pool([ids[i] for i in places[order]], len(places), int(np.nanmin(cents)))
    chosen = [_best(score, demand.k // 2), _best(-cents + score * 1e-6, CHEAPEST)]
    for attribute, values in demand.spread.items():
        each = max(OF_EACH, demand.k // (4 * max(len(values), 1)))
        for value in values:
            of_it = np.flatnonzero(gate.mask(condition(attribute, (value,)))[places])
            if len(of_it):
                chosen.append(of_it[_best(score[of_it], each)])
    picked = np.unique(np.concatenate(chosen))
    picked = picked[np.argsort(-score[picked], kind="stable")]
    return Pool([ids[places[i]] for i in picked], len(places), int(np.nanmin(cents)))


def _met(gate: Gate, one: Condition) -> np.ndarray:
    """Of which products a condition holds."""
    attribute = next((a for a in one.where if a in (*LISTS, *SCALARS)), None)
    if "$or" not in one.where and (attribute is None or len(one.values) < 2):
        return gate.mask(one)
    name = one.name if one.name != "not" else attribute or next(iter(one.where["$or"][0]))
    found = _any(gate, name, one.values)
    return ~found if one.negated else found


def _any(gate: Gate, attribute: str, values: Sequence[str]) -> np.ndarray:
    """Which products have one of these values. Each value is asked for alone: there are a few hundred of them, and the
    answers are remembered, where every refusal of two colours would be another question to the store."""
    return np.logical_or.reduce([gate.mask(condition(attribute, (value,))) for value in values])


def _best(score: np.ndarray, most: int) -> np.ndarray:
    """Where the highest are, at most so many."""
    if len(score) <= most:
        return np.arange(len(score))
    return np.argpartition(-score, most)[:most]
