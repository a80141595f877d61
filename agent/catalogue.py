"""The shop's own side of the counter: what its staff sees of the catalogue, and what they may put right in it.

Nothing here is for shoppers: a door that shows it asks for the staff's password first (ui/staff).
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from filelock import FileLock, Timeout

from agent import importing, reports
from agent.errors import ImportBusy, UnknownProduct
from prompts import taxonomy
from store.conditions import held
from store.corrections import DENIED, SEVERAL, Correction, Corrections, said
from store.errors import ProductNotFound
from store.feeds.filing import UNFILED as UNFILED  # the category of what nobody filed
from store.instep import IMPORT_LOCK
from store.ranking import WEIGHTS
from store.types import Filters, Product
from tools import cards
from tools.results import ProductCard

if TYPE_CHECKING:
    from perception.look import Look
    from store.facets import Facets
    from store.shop import Shop

State = Literal["all", "in_stock", "sold_out", "problems", "corrected"]
By = Literal["look", "words"]
Find = Callable[..., list[dict[str, Any]]]
See = Callable[[bytes, str], "Look"]
PARTS = tuple(WEIGHTS)  # of a score, in the order in which they are shown
PROBLEMS = ("picture", "category", "words", "colour", "seen")
_WAIT_S = 2.0  # for an import that is about to end


@dataclass(frozen=True)
class Entry:
    """A product in a list. `problems`: of `PROBLEMS`; `parts`, `reasons`, `score` where it was searched for, `near`
    (a cosine) where it stands beside another."""

    card: ProductCard
    problems: tuple[str, ...] = ()
    corrected: bool = False
    score: float | None = None
    parts: dict[str, float] = field(default_factory=dict)
    reasons: tuple[dict[str, str], ...] = ()
    near: float | None = None


@dataclass(frozen=True)
class Fact:
    """An attribute of a product: what the feed says, what was seen in its picture (and how surely, 0..1), what staff
    put right (None: nothing), and what holds. `several`: a product may have some; `denied`: staff says that what was
    seen is not so."""

    attribute: str
    feed: tuple[str, ...]
    seen: tuple[str, ...]
    confidence: float | None
    correction: Correction | None
    holds: tuple[str, ...]
    several: bool
    denied: bool


@dataclass(frozen=True)
class Sheet:
    """All of a product."""

    entry: Entry
    product: Product
    facts: tuple[Fact, ...]


class Catalogue:
    """The catalogue of one shop. Safe to share between threads. Raises NotKept where a correction cannot be kept."""

    def __init__(self, shop: "Shop", find: Find, see: See) -> None:
        """`find`, `see`: how shoppers search and are seen (`Assistant.search`, `Assistant.look`)."""
        self._shop, self._find, self._see = shop, find, see
        self.corrections = Corrections(shop.data_dir)
        self._problems: tuple[Facets, dict[str, tuple[str, ...]]] | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of the file."""
        self.corrections.close()

    # ---- lists

    def facets(self) -> "Facets":
        """What there is to choose from."""
        return self._shop.facets()

    def browse(
        self,
        lang: str,
        category: str = "",
        brand: str = "",
        state: State = "all",
        start: int = 0,
        count: int = 24,
    ) -> tuple[list[Entry], int]:
        """`count` products from the place `start` on, in the shop's order (corrected ones: the last one first), and how
        many there are in all."""
        where = Filters(
            category=[category] if category else [],
            brand=[brand] if brand else [],
            in_stock=state == "in_stock",
        )
        ids = self._shop.ids(where)
        if state == "sold_out":
            buyable = set(self._shop.ids(Filters(in_stock=True)))
            ids = [i for i in ids if i not in buyable]
        elif state == "problems":
            troubled = self._troubled()
            ids = [i for i in ids if i in troubled]
        elif state == "corrected":
            among = set(ids)
            ids = [i for i in self.corrections.ids() if i in among]
        return self._entries(self._shop.get_many(ids[start : start + count]), lang), len(ids)

    def search(
        self,
        text: str,
        lang: str,
        photo: bytes | None = None,
        where: dict[str, Any] | None = None,
        k: int = 24,
    ) -> list[Entry]:
        """What a shopper would find, with the parts of each score; the product with that very id comes first. Raises
        EmptyShop, PhotoError."""
        named = self._shop.get(text.strip())
        found = self._find(text, photo=photo, where=where, k=k, lang=lang)
        hits = {hit["id"]: hit for hit in found}
        products = self._shop.get_many(list(hits))
        if named:
            products = [named, *(p for p in products if p.id != named.id)]
        out = []
        for entry in self._entries(products, lang):
            hit = hits.get(entry.card.id, {"score": None, "parts": {}, "reasons": [], "why": ""})
            shown = entry.card.model_copy(update={"why": hit["why"], "nearest": bool(hit.get("nearest"))})
            parts = {name: hit["parts"][name] for name in PARTS if name in hit["parts"]}
            out.append(
                Entry(shown, entry.problems, entry.corrected, hit["score"], parts, tuple(hit["reasons"]))
            )
        return out

    def neighbours(self, product_id: str, by: By, lang: str, count: int = 12) -> list[Entry]:
        """The nearest products by picture or by words, nearest first. Raises UnknownProduct."""
        try:
            near = self._shop.neighbours(product_id, "image" if by == "look" else "text", count)
        except ProductNotFound as error:
            raise UnknownProduct(id=product_id) from error
        entries = self._entries([product for product, _ in near], lang)
        return [
            Entry(e.card, e.problems, e.corrected, near=round(cosine, 4))
            for e, (_, cosine) in zip(entries, near, strict=True)
        ]

    # ---- one product

    def sheet(self, product_id: str, lang: str) -> Sheet:
        """All of a product. Raises UnknownProduct."""
        product = self._product(product_id)
        made = self.corrections.of([product_id]).get(product_id, {})
        card = cards.card(product, lang, with_details=True)
        entry = Entry(card, problems(product, self._pictured(product)), bool(made))
        facts = tuple(_fact(product, attribute, made.get(attribute)) for attribute in taxonomy.ATTRIBUTES)
        return Sheet(entry, product, facts)

    def look(self, product_id: str, lang: str) -> dict[str, Any] | None:
        """What the eyes see in its picture now, as a photo of a shopper is seen; None where it has none. Raises
        UnknownProduct, PhotoError."""
        product = self._product(product_id)
        if not self._pictured(product):
            return None
        data = self._shop.picture(product.images[0]).read_bytes()
        return self._see(data, lang).model_dump(mode="json", exclude_none=True)

    def correct(self, product_id: str, attribute: str, values: Sequence[str]) -> None:
        """Put an attribute right, at once and for every import to come. Raises UnknownProduct, ImportBusy,
        CorrectionError, NotKept."""
        with self._alone():
            self._shop.upsert([self.corrections.keep(self._product(product_id), attribute, values)])

    def take_back(self, product_id: str, attribute: str) -> None:
        """Go back to what the feed says. Raises UnknownProduct, ImportBusy, NotKept."""
        with self._alone():
            self._shop.upsert([self.corrections.without(self._product(product_id), attribute)])
            self.corrections.forget(product_id, attribute)

    # ---- imports

    def report(self, lang: str) -> dict[str, Any] | None:
        """What came of the last import (see agent.reports)."""
        return reports.last(self._shop.data_dir, lang, importing.told)

    # ---- inside

    def _product(self, product_id: str) -> Product:
        found = self._shop.get(product_id)
        if found is None:
            raise UnknownProduct(id=product_id)
        return found

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While no import is at work, which might write over it what it had read before."""
        try:
            with FileLock(self._shop.data_dir / IMPORT_LOCK, timeout=_WAIT_S, thread_local=False):
                yield
        except Timeout as error:
            raise ImportBusy(minutes=0) from error

    def _entries(self, products: Sequence[Product], lang: str) -> list[Entry]:
        made = self.corrections.of([p.id for p in products])
        return [Entry(cards.card(p, lang), problems(p, self._pictured(p)), p.id in made) for p in products]

    def _pictured(self, product: Product) -> bool:
        folder = self._shop.data_dir / "images"
        return bool(product.images) and (folder / product.images[0].removeprefix("images/")).is_file()

    def _troubled(self) -> dict[str, tuple[str, ...]]:
        """Every product with problems. All records are read, once until the shop changes."""
        facets = self._shop.facets()  # the same object until then
        with self._lock:
            if self._problems is None or self._problems[0] is not facets:
                found = {p.id: problems(p, self._pictured(p)) for p in self._shop.all()}
                self._problems = facets, {i: kinds for i, kinds in found.items() if kinds}
            return self._problems[1]


def problems(product: Product, pictured: bool) -> tuple[str, ...]:
    """What somebody should look into: no picture, a category that the vocabulary does not know, no description, no
    colour of something to wear, an attribute that only its picture says."""
    known = product.category in taxonomy.values("category")
    guessed = any(name in product.seen for name in ("colors", *taxonomy.ATTRIBUTES))
    found = {
        "picture": not pictured,
        "category": not known,
        "words": not (product.description.zh or product.description.en),
        "colour": known and not held(product, "color"),
        "seen": guessed,
    }
    return tuple(name for name in PROBLEMS if found[name])


def _fact(product: Product, attribute: str, made: Correction | None) -> Fact:
    name = "colors" if attribute == "color" else attribute
    denied = product.seen.get(DENIED, {})
    value = product.seen.get(name, denied.get(name))
    listed = value if isinstance(value, list) else [value] if value else []
    own = said(product, attribute)
    seen = tuple(str(v) for v in listed)
    feed = tuple(v for v in (made.feed if made else own) if v != UNFILED)
    return Fact(
        attribute=attribute,
        feed=feed,
        seen=seen,
        confidence=product.seen.get("confidence", {}).get(name),
        correction=made,
        holds=made.values if made else feed or seen,
        several=attribute in SEVERAL,
        denied=name in denied,
    )


def weight(part: str) -> float:
    """How much a part counts in a score, where the query gives it something to say."""
    return WEIGHTS[part]
