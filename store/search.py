"""Query → results: hard filters, then words, vectors and attributes fused into one score, then an order."""

import heapq
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
from opentelemetry import trace

from store import evidence
from store.calibrate import Calibration
from store.conditions import (
    Condition,
    condition,
    conditions,
)
from store.embedder import Embedder, shared_texts
from store.lexical import Lexicon, Match
from store.part import Part
from store.products import Products
from store.ranking import Candidate, missed, order, reasons, spread, weigh
from store.reading import Reading, Speller
from store.relax import Allowed, Gate
from store.tuned import Tuning, Tunings
from store.types import Filters, Hit, Query, Results
from store.words import LONGEST, segment

_TRACER = trace.get_tracer("daogou")
CANDIDATES = 400  # products in a shop, or left by its filters, all of which are weighed
DEEP = 150  # per source, in a larger one
# Where filters leave more, the nearest of all are looked through: as many as are likely to hold WIDE_ENOUGH allowed
# ones, if they are not more than WIDEST, nor than half of the allowed, which are compared one by one then.
WIDE_ENOUGH, WIDEST = 60, 2000
LISTED = 3  # times as many as are asked for are weighed where only an order or a filter says which
TUNED = "tuned"  # the space of store/tuned.py, where one is in force, and the part of a score that words have from it

WORDS_FLOOR = 0.30  # lexical score that makes a product relevant by itself
HINT = 0.1  # text part that has to go with a match in running text only
PICTURED = 0.5  # a picture as near to the words as this makes a product relevant by itself
NEAR_BEST = 0.45  # of the best hit's score: less is not counted as found, where only words or a photo say what is meant
LIKE = 0.25  # a score from a photo that is always counted as found

# filters that say what is wanted; the others (price, size, who it is for) do not make "laptop" any clothing
TOPICAL = (
    "category",
    "color",
    "pattern",
    "material",
    "sleeve",
    "neckline",
    "length",
    "season",
    "occasion",
    "style",
    "brand",
)


Vectors = dict[
    str, list[tuple[str, Sequence[float] | np.ndarray]]
]  # per part: the spaces asked, and with what
Cosines = dict[str, list[dict[str, float]]]  # the answers, in the same order


class Search:
    """Searches one shop. Safe to use from several threads."""

    def __init__(
        self, products: Products, lexicon: Lexicon, embedder: Embedder, tunings: Tunings | None = None
    ) -> None:
        self._products = products
        self._lexicon = lexicon
        self._embedder = embedder
        self._tunings = tunings
        self.gate = Gate(products, lexicon)
        self.calibration = Calibration()
        self._speller: Speller | None = None

    def forget(self) -> None:
        """The shop has changed. Searches that are under way go on with what they know of it."""
        self.gate = Gate(self._products, self._lexicon)
        self._lexicon.forget()
        self._speller = None

    def __call__(self, query: Query) -> Results:
        """Find the best `query.k` products. See `Results` for what `total` and `relaxed` mean."""
        with _TRACER.start_as_current_span(
            "search", record_exception=False
        ):  # nothing, unless traces are sent
            return self._searched(query)

    def _searched(self, query: Query) -> Results:
        reading = Reading.of(query, self._spelt(query.text))
        if (
            query.text.strip()
            and query.photo is None
            and not query.where.to_json()
            and not segment(query.text[:LONGEST])
        ):
            return Results(hits=[], total=0)  # "???", "😀": nothing was said
        gate, asked = self.gate, conditions(query.where)
        allowed = gate.allow(asked)
        if allowed.part is not None and not allowed.part:
            return Results(hits=[], total=0)
        found, total = self._found(query, reading, gate, allowed)
        hits = self._hits(found, query, allowed, asked)
        relaxed = list(dict.fromkeys(c.name for c in allowed.given_up)) if hits else []
        if query.fill and not allowed.given_up and len(hits) < query.k:
            wide = gate.widened(asked, query.fill)
            if wide.part:
                near, _ = self._found(query, reading, gate, wide)
                hits += self._hits(near, query, wide, asked)[: query.k - len(hits)]
        return Results(hits=hits, total=total, relaxed=relaxed)

    def _spelt(self, text: str) -> str:
        if not text.strip():
            return ""
        speller = self._speller
        if speller is None:
            speller = self._speller = Speller(self._lexicon)
        return speller(text)

    def _found(
        self, query: Query, reading: Reading, gate: Gate, allowed: Allowed
    ) -> tuple[list[Candidate], int]:
        """What counts as found among the allowed, in order, and how many: of a long list only its head."""
        listing = not reading.text and query.photo is None
        candidates = self._candidates(query, reading, gate, allowed)
        for candidate in candidates:
            weigh(candidate, reading, allowed.given_up, query)
        relevant = self._relevant(candidates, query, reading)
        whole = len(gate.whole()) if allowed.part is None else len(allowed.part)
        return order(relevant, query, listing), whole if listing else len(relevant)

    def _hits(
        self, found: list[Candidate], query: Query, allowed: Allowed, asked: Sequence[Condition]
    ) -> list[Hit]:
        seen = set(query.exclude_ids)
        fresh = [c for c in found if c.product.id not in seen]
        if query.sort == "relevance":
            fresh = spread(fresh, query.k)
        return [
            Hit(
                product=c.product,
                score=round(c.score, 4),
                parts={name: round(value, 4) for name, value in c.parts.items()},
                reasons=reasons(c, query, asked, allowed.given_up),
                missed=missed(c.product, allowed.given_up) if allowed.wider else [],
            )
            for c in fresh[: query.k]
        ]

    # ---- candidates

    def _candidates(self, query: Query, reading: Reading, gate: Gate, allowed: Allowed) -> list[Candidate]:
        among = allowed.part
        vectors: Vectors = {}
        matches: dict[str, Match] = {}
        unwanted: set[str] = set()
        to_shared = shared_texts(self._embedder)
        tuning = self._tunings.now() if self._tunings else None
        if reading.text:
            vectors["text"] = [("text", self._embedder.texts([reading.text])[0])]
            if tuning:
                vectors[TUNED] = [(TUNED, tuning.space.texts([reading.text])[0])]
            elif to_shared is not None and np.any(words := to_shared([reading.text])[0]):
                vectors["pictured"] = [("shared", words)]
            every = gate.whole().every if among is None else among
            matches = self._lexicon.match(reading.words, every, reading.same)
            unwanted = self._lexicon.named(reading.refused)
        if query.photo is not None and query.photo.image:
            vectors["image"] = [("image", query.photo.image)]
        if query.photo is not None and query.photo.seen and tuning:
            seen, shared = np.array([query.photo.seen]), np.array([query.photo.text])
            vectors["shared"] = [(TUNED, tuning.space.photos(seen, shared)[0])]
        elif query.photo is not None and query.photo.text:
            spaces = ("text", "shared") if to_shared is None else ("shared",)
            vectors["shared"] = [(space, query.photo.text) for space in spaces]
        cosines: Cosines = {
            part: [self._nearest(tuning, space, vector, gate, among) for space, vector in asked]
            for part, asked in vectors.items()
        }
        small = (len(among) if among is not None else len(gate.whole())) <= CANDIDATES
        best_words = heapq.nlargest(CANDIDATES if small else DEEP, matches, key=lambda i: matches[i].score)
        ids = dict.fromkeys([*(i for maps in cosines.values() for m in maps for i in m), *best_words])
        if not vectors or (
            not small and query.sort != "relevance" and query.photo is None and _topical(query)
        ):
            ids = dict.fromkeys(self._head(query, reading, gate, allowed))
        elif among is not None and len(among) <= CANDIDATES:
            ids |= dict.fromkeys(among.ids)
        if not small:
            self._complete(vectors, cosines, ids)
        ranges = self.calibration
        if tuning:
            ranges = ranges.model_copy(update={TUNED: tuning.ranges.tuned})
            if any(space == TUNED for space, _ in vectors.get("shared", [])):
                ranges = ranges.model_copy(update={"shared": tuning.ranges.shared})
            if TUNED in cosines:
                cosines[TUNED] = [tuning.looked_again(reading.text, cosines[TUNED][0])]
        records = self._products.get_many(list(ids))
        out = []
        for product_id in ids:
            if product_id not in records:
                continue  # deleted while we searched
            candidate = Candidate(records[product_id], refused=product_id in unwanted)
            for part, maps in cosines.items():
                value = max(m.get(product_id, 0.0) for m in maps)
                candidate.parts[part] = ranges.scaled(part, value)
                if part == "text":
                    candidate.cosine = value
            if reading.text:
                match = matches.get(product_id, Match())
                candidate.parts["lexical"] = match.score
                candidate.words, candidate.named = match.words, match.named
            out.append(candidate)
        return out

    def _head(self, query: Query, reading: Reading, gate: Gate, allowed: Allowed) -> list[str]:
        """The allowed that may come first where nothing but filters, wishes and an order was said: found without their
        records."""
        places = gate.places(allowed.part)
        if len(places) <= CANDIDATES:
            return [gate.ids()[i] for i in places]
        number = {name: gate.number(name)[places] for name in ("cents", "trusted", "discount", "in_stock")}
        wished = np.zeros(len(places))
        for attribute, values in reading.wishes:
            wished -= evidence.weight(attribute) * gate.mask(condition(attribute, values))[places]
        if any(c.name == "price" for c in allowed.given_up):
            wished += abs(number["cents"] - _bound(query.where)) / 1e6  # the nearest to what was asked for
        first = {
            "price_asc": (number["cents"], wished),
            "price_desc": (-number["cents"], wished),
            "discount": (-number["discount"], wished),
            "rating": (-number["trusted"], wished),
            "relevance": (wished, -number["in_stock"]),
        }[query.sort]
        order = np.lexsort((-number["trusted"], *reversed(first)))
        most = max(CANDIDATES, LISTED * query.k + len(query.exclude_ids))
        return [gate.ids()[i] for i in places[order[:most]]]

    def _nearest(
        self,
        tuning: Tuning | None,
        space: str,
        vector: Sequence[float] | np.ndarray,
        gate: Gate,
        among: Part | None,
    ) -> dict[str, float]:
        many = len(gate.whole()) if among is None else len(among)
        most = CANDIDATES if many <= CANDIDATES else DEEP
        if tuning and space == TUNED:
            return tuning.nearest(np.asarray(vector, np.float32), most, None if among is None else among.ids)
        if among is None:
            return self._products.nearest(space, vector, most)
        wide = max(DEEP, round(WIDE_ENOUGH * len(gate.whole()) / max(many, 1)))
        while many > CANDIDATES and wide <= min(WIDEST, many // 2):
            near = self._products.nearest(space, vector, wide)
            kept = {i: cosine for i, cosine in near.items() if i in among}
            if len(kept) >= WIDE_ENOUGH // 2:
                return dict(islice(kept.items(), most))
            wide *= 4
        return self._products.nearest(space, vector, most, among.ids)

    def _complete(self, vectors: Vectors, cosines: Cosines, ids: Iterable[str]) -> None:
        """The cosines of candidates that another source found, where not all were asked for: no nearer than the last of
        what was found, and taken to be as near; those without a vector have none."""
        for part, maps in cosines.items():
            for (space, _), known in zip(vectors[part], maps, strict=True):
                last = min(known.values(), default=0.0)
                having = self._products.having("image" if space == TUNED else space)
                known |= {i: last for i in ids if i not in known and i in having}

    # ---- scores

    def _relevant(self, candidates: list[Candidate], query: Query, reading: Reading) -> list[Candidate]:
        """What counts as found. Filters that say what is wanted decide alone; else words and photo have to."""
        if _topical(query) or (not reading.text and query.photo is None):
            return candidates
        found = candidates
        if query.photo is None:
            found = [c for c in candidates if _meant(c, reading) or _said(c) or c.cosine >= self.calibration.text_floor
                     or c.parts.get("pictured", 0.0) >= PICTURED]  # fmt: skip
        best = max((c.score for c in found), default=0.0)
        floor = NEAR_BEST * best
        if query.photo is not None:
            floor = min(floor, LIKE)  # a photo of the very product must not outshine everything like it
        return [c for c in found if c.score >= floor]


def _topical(query: Query) -> bool:
    """Its filters say what is wanted."""
    return any(getattr(query.where, name) for name in TOPICAL)


def _meant(c: Candidate, reading: Reading) -> bool:
    """It is something that was wished for: a thing for children is no bicycle for being for children."""
    return any(reading.explained or attribute in TOPICAL for attribute, _ in c.met)


def _said(c: Candidate) -> bool:
    """Its words make it relevant. Running text alone does not: a bag that "fits a laptop" is no laptop."""
    return c.parts.get("lexical", 0.0) >= WORDS_FLOOR and (c.named or c.parts.get("text", 0.0) >= HINT)


def _bound(where: Filters) -> float:
    """The price that was asked for, in hundredths: where there are two, the upper one."""
    bounds = where.price
    asked = bounds and (bounds.max if bounds.max is not None else bounds.min)
    return float(asked or 0) * 100
