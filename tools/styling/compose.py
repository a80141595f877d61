"""From what could fill each slot to the best look of an idea: a beam search over slots, instead of every combination.

A state is a look begun; a step adds one piece of the next slot. What makes a look impossible (two people, seasons that
never meet, a slot that is covered, more money than there is) is cut off at once; the rest is ranked by how well its
pieces go together and by how well they are what the idea asks for.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import fmean

from tools.styling.candidates import Candidate
from tools.styling.ideas import Idea, clashes, families, keeps, main_color, neutral
from tools.styling.piece import Piece, table
from tools.styling.wish import Need

Pairs = Callable[[Candidate, Candidate], float]
Whole = Callable[[Sequence[Candidate]], float]
BODY = frozenset({"top", "bottom"})
ROOM_FOR = BODY | {"onepiece", "swim"}  # an idea has to have room for these, where a look is built on one
CLASH = 0.2  # what a piece costs that leads away from the idea's colours
WORST = 0.3  # how much of how a look goes together its worst pair says
EXTRA_AT_WORST = 0.45  # no extra that quarrels with a piece that is there
JUDGED = 3  # finished looks of which the whole is judged
ALL_SEASONS = frozenset({"spring", "summer", "autumn", "winter"})


@dataclass(frozen=True)
class Built:
    """A look: its idea, the pieces it was built on, those added, the slots it lacks; `judged`, how well it goes
    together, and `quality`, by which looks are ranked: also how well it is what the idea asks for, both 0..1."""

    idea: Idea
    anchors: tuple[Candidate, ...]
    added: tuple[Candidate, ...]
    missing: tuple[str, ...]
    judged: float
    quality: float

    @property
    def pieces(self) -> tuple[Candidate, ...]:
        return (*self.anchors, *self.added)

    @property
    def cents(self) -> int:
        """What is to be paid for it, in hundredths."""
        return sum(c.cents for c in self.pieces)


@dataclass(frozen=True)
class _State:
    added: tuple[Candidate, ...]
    slots: frozenset[str]
    covered: frozenset[str]
    gender: str | None
    seasons: frozenset[str]
    currency: str | None
    left: int | None
    pairs: float
    worst: float
    count: int
    fit: float
    clashes: int
    loud: frozenset[str]
    shared: frozenset[str] | None

    def standing(self, share: float) -> float:
        together = (1 - WORST) * self.pairs / self.count + WORST * self.worst if self.count else 0.5
        fit = self.fit / len(self.added) if self.added else 0.5
        return (1 - share) * together + share * fit - CLASH * self.clashes


class Composer:
    """Builds looks out of shelves (slot -> candidates) around anchors."""

    def __init__(
        self,
        shelves: Mapping[str, Sequence[Candidate]],
        anchors: Sequence[Candidate],
        need: Need,
        pairs: Pairs,
        whole: Whole,
        thrifty: bool = False,
    ) -> None:
        """`thrifty`: the best is what costs least."""
        self._shelves = shelves
        self._anchors = tuple(anchors)
        self._need = need
        self._pairs = pairs
        self._whole = whole
        self._thrifty = thrifty
        self._start = self._begun()
        self._tuning = table("looks")["search"]

    def best(
        self,
        idea: Idea,
        taken: Collection[str] = (),
        strict: bool = True,
        may_miss: bool = False,
        use: Collection[str] = (),
    ) -> Built | None:
        """The best look of an idea without the products `taken`; None where there is none. `strict`: of its kinds, in
        its colours. `may_miss`: a slot that nothing fills is left out. `use`: ids of which one at least is in it."""
        found: list[Built] = []
        for slots in idea.slots:
            built = self._filled(idea, slots, taken, strict, may_miss, use)
            if built is not None:
                found.append(built)
                if not built.missing:
                    break
        return max(found, key=lambda b: (-len(b.missing), b.quality), default=None)

    # ---- inside

    def _begun(self) -> _State:
        seasons = self._need.seasons or ALL_SEASONS
        people = {c.piece.gender for c in self._anchors} & {"women", "men"}
        currency = next((c.piece.product.price.currency for c in self._anchors if c.piece.product), None)
        loud: frozenset[str] = frozenset()
        shared: frozenset[str] | None = None
        for c in self._anchors:
            if c.piece.season and c.piece.season & seasons:
                seasons &= c.piece.season
            loud, shared = _colours(c, loud, shared)
        pairs = [self._pairs(a, b) for n, a in enumerate(self._anchors) for b in self._anchors[:n]]
        return _State(
            added=(),
            slots=frozenset(c.slot for c in self._anchors),
            covered=frozenset(s for c in self._anchors for s in c.covers),
            gender=self._need.gender or (people.pop() if len(people) == 1 else None),
            seasons=seasons,
            currency=currency,
            left=self._need.room,
            pairs=sum(pairs),
            worst=min(pairs, default=1.0),
            count=len(pairs),
            fit=0.0,
            clashes=0,
            loud=loud,
            shared=shared,
        )

    def _order(self, idea: Idea, slots: Sequence[str]) -> list[str] | None:
        """The slots of an alternative that are still to be filled; None where it has no room for an anchor, or leaves
        out what is needed."""
        start, need = self._start, self._need
        wanted = [s for s in slots if s not in need.left_out]
        wanted += [s for s in need.needed if s not in wanted and s in self._shelves]
        for anchor in self._anchors:
            if anchor.slot in ROOM_FOR and anchor.slot not in (*wanted, *idea.extras):
                return None
        return [s for s in dict.fromkeys(wanted) if s not in start.slots and s not in start.covered]

    def _filled(
        self,
        idea: Idea,
        slots: Sequence[str],
        taken: Collection[str],
        strict: bool,
        may_miss: bool,
        use: Collection[str],
    ) -> Built | None:
        order = self._order(idea, slots)
        if order is None:
            return None
        shelves = {
            s: self._seen(idea, s, taken, strict, use) for s in (*order, *idea.extras) if s in self._shelves
        }
        states, missing = [self._start], []
        share = float(self._tuning["fit_share"])
        least = {s: min((c.cents for c, _ in shelves.get(s, ())), default=0) for s in order}
        for place, slot in enumerate(order):
            rest = 0 if may_miss else sum(least[s] for s in order[place + 1 :])
            grown = [
                new
                for state in states
                for c, fit in shelves.get(slot, ())
                if (new := self._with(state, c, fit, idea, rest)) is not None
            ]
            covered = [s for s in states if slot in s.covered]  # by a suit, a one-piece
            if not grown and not covered:
                if not may_miss:
                    return None
                missing.append(slot)
                continue
            grown += covered
            grown.sort(key=lambda s: -self._standing(s, share))
            states = self._kept(grown, use)
        ended = (self._ended(idea, s, shelves, missing, strict, may_miss, use, share) for s in states)
        found = islice((built for built in ended if built is not None), 1 if self._thrifty else JUDGED)
        return max(found, key=lambda built: built.quality, default=None)

    def _standing(self, state: _State, share: float) -> float:
        if self._thrifty:
            return -float(sum(c.cents for c in state.added))
        return state.standing(share)

    def _kept(self, grown: list[_State], use: Collection[str]) -> list[_State]:
        """The best, among them some with what is to be used, and some that cost little."""
        beam = int(self._tuning["beam"])
        kept = grown[:beam]
        if use:
            kept += [s for s in grown[beam:] if any(c.id in use for c in s.added)][: beam // 2]
        if self._need.room is not None and len(grown) > beam:
            kept += sorted(grown[beam:], key=lambda s: -(s.left or 0))[: beam // 3]
        return kept

    def _ended(
        self,
        idea: Idea,
        state: _State,
        shelves: Mapping[str, Sequence[tuple[Candidate, float]]],
        missing: Sequence[str],
        strict: bool,
        may_miss: bool,
        use: Collection[str],
        share: float,
    ) -> Built | None:
        """A finished look with its extras; None where it is no whole look, or not what its idea says."""
        if not self._thrifty:
            state = self._extras(idea, state, shelves, share)
        filled = state.slots | state.covered
        whole = filled >= BODY or "onepiece" in state.slots or "swim" in state.slots
        if not whole and not may_miss:
            return None
        if use and not any(c.id in use for c in (*self._anchors, *state.added)):
            return None
        pieces = [c.piece for c in (*self._anchors, *state.added)]
        if strict and not keeps(idea, pieces, [c.piece for c in state.added]):
            return None
        if strict and not self._dressed(state.added):
            return None
        lacking = [s for s in missing if s not in filled]
        if not state.added:
            return None
        judged = self._whole((*self._anchors, *state.added))
        quality = (1 - share) * judged + share * state.fit / len(state.added) - CLASH * state.clashes
        return Built(idea, self._anchors, state.added, tuple(lacking), judged, quality)

    def _dressed(self, added: Sequence[Candidate]) -> bool:
        """Whether a look is as dressed as was asked for."""
        levels = [c.level for c in (*self._anchors, *added) if c.level is not None]
        slack = 0.35
        return not levels or self._need.low - slack <= fmean(levels) <= self._need.high + slack

    def _extras(
        self,
        idea: Idea,
        state: _State,
        shelves: Mapping[str, Sequence[tuple[Candidate, float]]],
        share: float,
    ) -> _State:
        """With what rounds a look off, where it goes well with all of it."""
        for slot in idea.extras:
            if slot in state.slots or slot in state.covered or slot in self._need.left_out:
                continue
            grown = [
                new
                for c, fit in shelves.get(slot, ())
                if (new := self._with(state, c, fit, idea, 0)) is not None and new.clashes == state.clashes
            ]
            best = max(grown, key=lambda s: s.standing(share), default=None)
            if best is None:
                continue
            gained = (best.pairs - state.pairs) / max(best.count - state.count, 1)
            if (
                gained >= float(self._tuning["extra_at"])
                and best.standing(share) >= state.standing(share) - 0.05
            ):
                state = best
        return state

    def _seen(
        self, idea: Idea, slot: str, taken: Collection[str], strict: bool, use: Collection[str]
    ) -> list[tuple[Candidate, float]]:
        """The candidates of a slot that an idea looks at, with how well they fit: the best, the cheapest, own ones."""
        rated: list[tuple[float, float, Candidate]] = []
        for c in self._shelves.get(slot, ()):
            if c.id in taken or (strict and not idea.takes(c)):
                continue
            fit = idea.fit(c, self._need)
            beside = fmean([self._pairs(a, c) for a in self._anchors]) if self._anchors else 0.5
            lead = clashes(idea, c.piece, self._start.loud, self._start.shared)
            rated.append((fit + beside - 2 * CLASH * lead + (0.5 if c.id in use else 0.0), fit, c))
        rated.sort(key=lambda one: -one[0])
        most = int(self._tuning["seen"])
        chosen = _spread(rated, most)
        if self._need.room is not None or self._thrifty:
            chosen += sorted(rated, key=lambda one: one[2].cents)[:3]
        return list({c.id: (c, fit) for _, fit, c in chosen}.values())

    def _with(self, state: _State, c: Candidate, fit: float, idea: Idea, rest: int) -> _State | None:
        """The look with one piece more; None where that cannot be worn together, or paid."""
        piece = c.piece
        if c.slot in state.slots or c.slot in state.covered or c.covers & state.slots:
            return None
        if state.left is not None and c.cents + rest > state.left:
            return None
        gender = piece.gender if piece.gender in ("women", "men") else None
        if gender and state.gender and gender != state.gender:
            return None
        seasons = state.seasons & piece.season if piece.season else state.seasons
        if not seasons:
            if not c.own:
                return None
            seasons = state.seasons
        currency = piece.product.price.currency if piece.product else None
        if currency and state.currency and currency != state.currency:
            return None
        pairs = [self._pairs(other, c) for other in (*self._anchors, *state.added)]
        loud, shared = _colours(c, state.loud, state.shared)
        return _State(
            added=(*state.added, c),
            slots=state.slots | {c.slot},
            covered=state.covered | c.covers,
            gender=state.gender or gender,
            seasons=seasons,
            currency=state.currency or currency,
            left=None if state.left is None else state.left - c.cents,
            pairs=state.pairs + sum(pairs),
            worst=min(state.worst, *pairs) if pairs else state.worst,
            count=state.count + len(pairs),
            fit=state.fit + fit,
            clashes=state.clashes + clashes(idea, piece, state.loud, state.shared),
            loud=loud,
            shared=shared,
        )


def _colours(
    c: Candidate, loud: frozenset[str], shared: frozenset[str] | None
) -> tuple[frozenset[str], frozenset[str] | None]:
    """The loud families with this piece, and the families that the clothes share."""
    color = main_color(c.piece)
    if color is None:
        return loud, shared
    if not neutral(color):
        loud = loud | families(color)
    if c.slot in ("top", "bottom", "onepiece", "outer", "swim"):
        shared = families(color) if shared is None else shared & families(color)
    return loud, shared


def _spread(
    rated: Sequence[tuple[float, float, Candidate]], most: int
) -> list[tuple[float, float, Candidate]]:
    """The best of many, no more than a few of one colour and kind."""
    held: dict[tuple[str, str | None], int] = {}
    chosen: list[tuple[float, float, Candidate]] = []
    for one in rated:
        key = (one[2].piece.category, main_color(one[2].piece))
        if held.get(key, 0) < 2:
            chosen.append(one)
            held[key] = held.get(key, 0) + 1
            if len(chosen) == most:
                break
    return chosen


def anchored(pieces: Sequence[Piece], candidates: Sequence[Candidate]) -> bool:
    """Whether all pieces have a slot, and no two the same."""
    return len(pieces) == len(candidates) == len({c.slot for c in candidates})
