"""How well a score tells looks that people put together from looks that chance did: fill in the blank and AUC, in the
manner of Vasileva et al. (2018), and whether one score surely does it better than another.

A stand-in is of the same kind as what it stands in for, drawn as often as it is in looks, and the right piece is one
more such draw: who only knows what kinds go together, what sells, or what was seen together before wins nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from perception.tuning.measure import RESAMPLES, Interval

Array = np.ndarray
Look = tuple[int, ...]  # places of pieces
Score = Callable[[Look], float]
OPTIONS = 4
ROUNDS, ENOUGH = 5, 1000  # times that a look is asked of at most; questions from which on once will do
SAME = 1e-9  # scores nearer than this are the same


@dataclass(frozen=True)
class Questions:
    """`looks`, as people put them together; `swapped`: for each, as often as there are rounds, one by chance of the
    same kinds; `blanks`: one piece replaced by OPTIONS, the right one first; `of`: the place of a blank's look."""

    looks: list[Look]
    swapped: list[list[Look]]
    blanks: list[tuple[Look, ...]]
    of: list[int]


@dataclass(frozen=True)
class Outcome:
    """What a score makes of them: of each look (n,) the blanks it `filled` right, shares where it could not decide, and
    how many there were (`asked`); `wins` (n, n): how often look i scored above look j swapped, half where the same."""

    filled: Array
    asked: Array
    wins: Array

    @property
    def fitb(self) -> float:
        return float(self.filled.sum() / max(float(self.asked.sum()), 1))

    @property
    def auc(self) -> float:
        return float(self.wins.mean())


def questions(
    asked: Sequence[Look], every: Sequence[Look], kinds: Sequence[str], slots: Sequence[str | None], seed: int
) -> Questions:
    """Questions on the looks `asked`, with stand-ins from `every` look; `kinds` and `slots`: of each place. Few looks
    are asked of in several rounds. Kinds of which looks hold few pieces count as one, with the others such of their
    slot: never as one with those that are usual, or what is rare would be told by that alone.

    Stand-ins are drawn independently, and a blank of which two options are the same is not asked: drawing on until they
    differ would make the right piece a more usual one than its stand-ins."""
    rng = np.random.default_rng(seed)
    worn: dict[str, set[int]] = {}
    for look in every:
        for piece in look:
            worn.setdefault(kinds[piece], set()).add(piece)
    pools: dict[str, list[int]] = {}

    def pool_of(piece: int) -> str:
        return kinds[piece] if len(worn[kinds[piece]]) >= 2 * OPTIONS else f"rest of {slots[piece]}"

    for look in every:
        for piece in look:
            pools.setdefault(pool_of(piece), []).append(piece)
    found = Questions([], [], [], [])

    def others(piece: int, count: int) -> list[int]:
        pool = pools[pool_of(piece)]
        return [pool[place] for place in rng.integers(len(pool), size=count)]

    rounds = max(1, min(ROUNDS, ENOUGH // max(len(asked), 1)))
    for place, look in enumerate(asked):
        found.looks.append(look)
        found.swapped.append([tuple(others(piece, 1)[0] for piece in look) for _ in range(rounds)])
        for _ in range(rounds):
            at = int(rng.integers(len(look)))
            options = [look[at], *others(look[at], OPTIONS - 1)]
            before, after = look[:at], look[at + 1 :]
            if len({*options, *before, *after}) == len(look) + OPTIONS - 1:
                found.blanks.append(tuple((*before, option, *after) for option in options))
                found.of.append(place)
    return found if found.blanks else Questions([], [], [], [])


def outcome(asked: Questions, score: Score) -> Outcome:
    """What `score` makes of the questions."""
    return judged(
        np.array([score(look) for look in asked.looks]),
        np.array([score(look) for rounds in asked.swapped for look in rounds]),
        np.array([score(look) for options in asked.blanks for look in options]),
        asked.of,
    )


def judged(looks: Array, swapped: Array, blanks: Array, of: Sequence[int]) -> Outcome:
    """The same from scores: (n,), (n · rounds,), and of the blanks one after the other, the right option first."""
    options = blanks.reshape(-1, OPTIONS)
    right = options[:, :1]
    higher, alike = (options > right + SAME).any(1), (np.abs(options - right) <= SAME).sum(1)
    ahead = looks[:, None, None] - swapped.reshape(max(len(looks), 1), -1)[None]
    wins = ((ahead > SAME) + 0.5 * (np.abs(ahead) <= SAME)).mean(-1) if len(looks) else np.zeros((0, 0))
    places = np.array(of, int)
    filled = np.bincount(places, np.where(higher, 0.0, 1 / alike), len(looks))
    return Outcome(filled, np.bincount(places, minlength=len(looks)).astype(float), wins)


def figures(found: Outcome, seed: int = 0) -> dict[str, dict[str, float]]:
    """`fitb`, `auc` and the mean of `both`, each with its 95 % interval over the looks (bootstrap)."""
    told = _intervals(found.filled, found.asked, found.wins, seed)
    return {name: interval.to_json() for name, interval in told.items()}


def gains(before: Outcome, after: Outcome, seed: int = 0) -> dict[str, Interval]:
    """How much more `after` has of `fitb`, `auc` and the mean of `both`, and the interval over looks (paired
    bootstrap)."""
    return _intervals(after.filled - before.filled, after.asked, after.wins - before.wins, seed)


def better(gain: Mapping[str, Interval]) -> bool:
    """Whether it is beyond what chance gives: both together surely more, neither less. Of nothing, False."""
    return bool(gain) and gain["both"].low > 0 and all(g.mean >= 0 for g in gain.values())


def best(outcomes: Sequence[Outcome]) -> int:
    """The one with the most of both, the first of several."""
    return int(np.argmax([round(found.fitb + found.auc, 6) for found in outcomes]))


def _intervals(filled: Array, asked: Array, wins: Array, seed: int) -> dict[str, Interval]:
    """A look is drawn with all its swapped ones and blanks."""
    n = len(filled)
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), RESAMPLES).astype(np.float64)
    each = {
        "fitb": counts @ filled / np.maximum(counts @ asked, 1),
        "auc": ((counts @ wins) * counts).sum(1) / n**2,
    }
    each["both"] = (each["fitb"] + each["auc"]) / 2
    means = {"fitb": float(filled.sum() / asked.sum()), "auc": float(wins.mean())}
    means["both"] = (means["fitb"] + means["auc"]) / 2
    return {
        name: Interval(means[name], *map(float, np.percentile(drawn, [2.5, 97.5])))
        for name, drawn in each.items()
    }
