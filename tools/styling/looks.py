"""Two to four whole looks that differ in idea, or the nearest there is and an honest word on what is missing.

Each look is the best of its idea (compose.py) out of what may be worn at all (candidates.py); the next is one that
differs from those chosen in at least two of slots, level, colours and style (ideas.py), and shares no added product.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from store.shop import Shop
from tools.styling.candidates import Candidate, Shelf, candidate, off, shelf
from tools.styling.compose import Built, Composer
from tools.styling.ideas import Idea, aspects, differ, plain, suitable
from tools.styling.learned import Compatibility
from tools.styling.level import level
from tools.styling.piece import Piece, table
from tools.styling.score import Judged, pair, whole
from tools.styling.wish import Need, Wish, cost, need_of

WEAR_AT = 0.5  # a look that goes together less well is no idea
LATER = 0.02  # what an idea costs that suits the wish less than another
STEP_AT_LEAST = 0.2  # of a level, for a look to be called more casual, or smarter
FREE = (
    plain("separates", [["top", "bottom", "shoes"], ["top", "outer", "shoes"]], ["bag", "accessory"]),
    plain("in_one", [["onepiece", "shoes"]], ["bag", "accessory"]),
    plain("with_layer", [["top", "bottom", "outer", "shoes"], ["onepiece", "outer", "shoes"]], ["bag"]),
)


@dataclass(frozen=True)
class Found:
    """A look, how well it goes together, and which wishes it does not meet: (attribute or "occasion", slot)."""

    built: Built
    judged: Judged
    given_up: tuple[tuple[str, str], ...] = ()

    @property
    def pieces(self) -> tuple[Candidate, ...]:
        return self.built.pieces


@dataclass(frozen=True)
class Looks:
    """What was found. `least`: what a whole look costs at the least, in hundredths, where the budget does not do;
    `unfilled`: slots for which nothing at all could be had; `unused`: own pieces that are out of place; `stepped`:
    whether the look is as much more casual (or smarter) as was asked for."""

    found: tuple[Found, ...]
    need: Need
    least: int | None = None
    unfilled: tuple[str, ...] = ()
    unused: tuple[Piece, ...] = ()
    stepped: bool = True


def looks(shop: Shop, wish: Wish) -> Looks:
    """The looks for a wish, the best first."""
    return _Stylist(shop, wish).looks()


class _Stylist:
    """One request: its shelves, and the pair scores that were asked for."""

    def __init__(self, shop: Shop, wish: Wish, need: Need | None = None) -> None:
        self.shop = shop
        self.wish = wish
        self.need = need or need_of(wish)
        self.learned = Compatibility.of(shop)
        self.anchors = _one_a_slot(wish.must)
        self.shelves: dict[str, Shelf] = {}
        self._pairs: dict[tuple[str, str], float] = {}
        self.unused: tuple[Piece, ...] = ()

    def looks(self) -> Looks:
        if self.wish.swap:
            return self._swapped(self.wish.swap)
        if self.need.room is not None and self.need.room < 0:
            return Looks((), self.need, least=None)
        found: list[Found] = []
        stepped = True
        if self.wish.shift and self.wish.before:
            step = self._step()
            found += [step] if step else []
            stepped = step is not None
        self._fill(
            {s for idea in (*suitable(self.need, self._built_on()), *FREE) for o in idea.slots for s in o}
            | {"bag", "accessory"}
        )
        found += self._chosen(suitable(self.need, self._built_on()), found, strict=True, apart=2)
        wanted = min(self.wish.count, int(table("looks")["search"]["at_least"]))
        if len(found) < wanted:
            found += self._chosen(FREE, found, strict=False, apart=1)
        least = None
        if not found and self.need.room is not None:
            least = self._least()
        if not found:
            lacking = self._chosen(FREE, found, strict=False, apart=1, may_miss=True)
            found = [f for f in lacking if not set(f.built.missing) & {"onepiece", "swim"}] or lacking
            fewest = min((len(f.built.missing) for f in found), default=0)
            found = [f for f in found if len(f.built.missing) == fewest]
        if self.wish.shift:
            found = [f for f in found if self._moved(f)] or found
            stepped = stepped or any(self._moved(f) for f in found)
        unfilled = tuple(s for s, one in self.shelves.items() if not one.candidates)
        return Looks(tuple(found[: self.wish.count]), self.need, least, unfilled, self.unused, stepped)

    # ---- what there is

    def _built_on(self) -> list[Piece]:
        return [*self.wish.must, *self.wish.have]

    def _fill(self, slots: set[str]) -> None:
        """Make the shelves. Where the shopper has something for a slot, nothing is bought for it."""
        held = {c.slot for c in self.anchors}
        covered = {s for c in self.anchors for s in c.covers}
        have = [c for p in self.wish.have if (c := candidate(p)) is not None]
        right = [c for c in have if not off(c.piece, self.need)]
        used = right or have
        self.unused = tuple(c.piece for c in have if c not in used)
        order = [s for s in table("looks")["slots"] if s in slots | self.need.needed]
        for slot in order:
            if slot in held | covered or slot in self.need.left_out:
                continue
            mine = tuple(c for c in used if c.slot == slot)
            self.shelves[slot] = Shelf(mine) if mine else shelf(self.shop, slot, self.wish, self.need)
        if self.learned:
            self.learned.prepare([c.piece for one in self.shelves.values() for c in one.candidates])

    def pairs(self, a: Candidate, b: Candidate) -> float:
        """How well two go together, remembered."""
        known = self._pairs.get((a.id, b.id))
        if known is None:
            known = pair(a.piece, b.piece, self.learned).score
            self._pairs[a.id, b.id] = self._pairs[b.id, a.id] = known
        return known

    def _composer(self, anchors: Sequence[Candidate] | None = None, thrifty: bool = False) -> Composer:
        shelves = {slot: one.candidates for slot, one in self.shelves.items() if one.candidates}
        around = self.anchors if anchors is None else anchors
        return Composer(shelves, around, self.need, self.pairs, self.judged, thrifty)

    def judged(self, pieces: Sequence[Candidate]) -> float:
        """How well a whole look goes together."""
        return whole([c.piece for c in pieces], self.learned).score

    # ---- choosing

    def _chosen(
        self,
        ideas: Sequence[Idea],
        before: Sequence[Found],
        strict: bool,
        apart: int,
        may_miss: bool = False,
    ) -> list[Found]:
        """The best looks of these ideas that are another idea than those `before` and than each other."""
        composer = self._composer()
        most = int(table("looks")["search"]["ideas"])
        use = frozenset(c.id for p in self.wish.have if (c := candidate(p)) is not None)
        open_ideas = [i for i in ideas if all(i.takes(a) for a in self.anchors) or not strict][:most]
        chosen: list[Found] = []
        taken = {c.id for f in before for c in f.built.added if not c.own}
        worn: set[str] = set()
        made: dict[str, Built | None] = {}
        while len(before) + len(chosen) < self.wish.count and open_ideas:
            best: tuple[float, Idea, Found] | None = None
            for place, idea in enumerate(open_ideas):
                built = made.get(idea.name)
                if idea.name not in made or (built and {c.id for c in built.added} & (taken | worn)):
                    built = made[idea.name] = self._built(composer, idea, taken, worn, strict, may_miss, use)
                if built is None or (strict and built.judged < WEAR_AT):
                    continue
                mine = aspects(built.pieces, idea)
                gap = min(
                    (differ(mine, aspects(f.pieces, f.built.idea)) for f in (*before, *chosen)), default=4
                )
                if gap < apart:
                    continue
                value = built.quality + 0.03 * gap - LATER * place - 0.3 * len(built.missing)
                if best is None or value > best[0]:
                    judged = whole([c.piece for c in built.pieces], self.learned)
                    best = (value, idea, Found(built, judged, self._given_up(built)))
            if best is None:
                break
            chosen.append(best[2])
            open_ideas = [i for i in open_ideas if i is not best[1]]
            taken |= {c.id for c in best[2].built.added if not c.own}
            worn |= {c.id for c in best[2].built.added if c.own}
        return chosen

    def _built(
        self,
        composer: Composer,
        idea: Idea,
        taken: set[str],
        worn: set[str],
        strict: bool,
        may_miss: bool,
        use: frozenset[str],
    ) -> Built | None:
        """The best look of an idea; of the shopper's own pieces rather others than in the looks before."""
        fresh = composer.best(idea, taken | worn, strict, may_miss, use) if worn else None
        return fresh or composer.best(idea, taken, strict, may_miss, use)

    def _given_up(self, built: Built) -> tuple[tuple[str, str], ...]:
        return tuple(
            (wish, c.slot)
            for c in built.added
            if not c.own and c.slot in self.shelves
            for wish in self.shelves[c.slot].given_up
        )

    # ---- changing a look

    def _swapped(self, slot: str) -> Looks:
        """The same look with other pieces in one slot, of another kind or colour each."""
        kept = [c for p in (*self.wish.must, *self.wish.before) if (c := candidate(p)) and c.slot != slot]
        kept = list({c.slot: c for c in reversed(kept)}.values())[::-1]
        stylist = _Stylist(
            self.shop,
            replace(self.wish, must=tuple(c.piece for c in kept), have=(), swap=None),
        )
        stylist.shelves[slot] = shelf(self.shop, slot, stylist.wish, stylist.need)
        idea = plain("with", [[*(c.slot for c in kept), slot]])
        composer = stylist._composer(kept)
        found: list[Found] = []
        taken: set[str] = set()
        alike: set[tuple[object, ...]] = set()
        while len(found) < self.wish.count:
            built = composer.best(idea, taken, strict=False, may_miss=True)
            if built is None or not built.added:
                break
            new = built.added[0]
            taken.add(new.id)
            key = (new.piece.category, new.piece.colors[:1])
            if key in alike:
                continue
            alike.add(key)
            judged = whole([c.piece for c in built.pieces], self.learned)
            found.append(Found(built, judged, stylist._given_up(built)))
        unfilled = () if found else (slot,)
        return Looks(tuple(found), stylist.need, unfilled=unfilled)

    def _step(self) -> Found | None:
        """The look before with as little changed as makes it more casual, or smarter."""
        up = self.wish.shift > 0
        before = [c for p in self.wish.before if (c := candidate(p)) is not None]
        fixed = {c.slot for c in self.anchors}
        loose = sorted(
            (c for c in before if c.slot not in fixed and c.level is not None),
            key=lambda c: c.level or 0.0,
            reverse=not up,
        )
        aim = self.need.aim if self.need.aim is not None else 2.0
        for change in range(1, len(loose) + 1):
            out = loose[:change]
            kept = [c for c in before if c not in out and c.slot not in fixed]
            anchors = [*self.anchors, *kept]
            mine = replace(
                self.wish,
                must=tuple(c.piece for c in anchors),
                before=(),
                shift=0,
                formality=aim,
                not_ids=self.wish.not_ids | {c.id for c in out},
            )
            stylist = _Stylist(
                self.shop, mine, replace(need_of(mine), gender=self.need.gender, low=0.0, high=4.0)
            )
            if stylist.need.room is not None and stylist.need.room < 0:
                continue
            for c in out:
                stylist.shelves[c.slot] = shelf(self.shop, c.slot, mine, stylist.need)
            idea = plain("step_up" if up else "step_down", [[c.slot for c in (*anchors, *out)]])
            built = stylist._composer(anchors).best(idea, strict=False)
            if built is None:
                continue
            # what stays is no news: it counts as added all the same, for it is to be bought
            whole_look = replace(
                built,
                anchors=tuple(self.anchors),
                added=tuple(c for c in built.pieces if c.slot not in fixed),
            )
            judged = whole([c.piece for c in whole_look.pieces], self.learned)
            found = Found(whole_look, judged, stylist._given_up(built))
            if self._moved(found) and judged.score >= 0.4:
                return found
        return None

    def _moved(self, found: Found) -> bool:
        """Whether a look is more casual (or smarter) than the one before."""
        old = [x for p in (self.wish.before or self._built_on()) if (x := level(p)) is not None]
        new = [c.level for c in found.pieces if c.level is not None]
        if not old or not new:
            return True
        return (fmean(new) - fmean(old)) * self.wish.shift >= STEP_AT_LEAST

    # ---- money

    def _least(self) -> int | None:
        """What the cheapest whole look costs, were there money for it."""
        rich = replace(self.wish, budget=None)
        stylist = _Stylist(self.shop, rich)
        stylist._fill({"top", "bottom", "onepiece", "outer", "shoes"})
        composer = stylist._composer(thrifty=True)
        built = [b for idea in FREE if (b := composer.best(idea, strict=False)) is not None]
        return min((b.cents for b in built), default=None)


def partners(shop: Shop, anchor: Piece, kinds: Sequence[str], wish: Wish) -> list[tuple[Candidate, float]]:
    """What of these kinds there is, with how well it goes with a piece, the best first; nothing that is not as asked
    for."""
    learned = Compatibility.of(shop)
    mine = replace(wish, where=wish.where.model_copy(update={"category": list(kinds)}))
    need = replace(
        need_of(mine), room=None if wish.budget is None else int(wish.budget * 100), left_out=frozenset()
    )
    slots = dict.fromkeys(s for k in kinds if (s := Piece(k).slot))
    rated: list[tuple[Candidate, float]] = []
    for slot in slots:
        one = shelf(shop, slot, mine, need)
        if set(one.given_up) <= {"occasion"}:
            rated += [(c, pair(anchor, c.piece, learned).score) for c in one.candidates]
    rated.sort(key=lambda r: -(r[1] + 0.3 * r[0].met))
    return rated


def spent(wish: Wish) -> int:
    """What is settled to be bought already, in hundredths."""
    return cost(wish.must)


def _one_a_slot(pieces: Sequence[Piece]) -> list[Candidate]:
    """The pieces that have a slot, the first of each."""
    made = [c for p in pieces if (c := candidate(p)) is not None]
    return list({c.slot: c for c in reversed(made)}.values())[::-1]
