"""The shop: one door to records, filters, words and vectors."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from store import single
from store.calibrate import Calibration, measure
from store.chroma import Server
from store.conditions import conditions
from store.embedder import Embedder, shared_texts, signature
from store.entries import Maker
from store.errors import ProductNotFound
from store.facets import Facets, facets_of
from store.gallery import Gallery
from store.instep import InStep
from store.lexical import Lexicon
from store.pool import Demand, Pool, pool
from store.products import Entry, Products
from store.projecting import Projecting
from store.search import Search
from store.tuned import Details, Picture, Tunings
from store.types import Filters, PhotoVectors, Product, Query, Results
from store.words import content

MODEL = "model"  # note of the lexicon: which model made the vectors
BATCH = 32  # products embedded at a time: memory stays small and progress moves
WRITE = 128  # products written at a time: each write costs Chroma a sync
CALIBRATION = "calibration"
Fill = Callable[[Sequence[Product], Callable[[int], None] | None], int]


class Shop:
    """A shop in a data folder: `chroma/`, `lexical.sqlite` and `images/`. Safe to use from several threads.

    With a `server` the products lie on it instead of in `chroma/`, for every machine that uses it; each keeps its own
    index of words, which follows the records.
    """

    def __init__(
        self,
        data_dir: Path,
        embedder: Embedder,
        server: Server | None = None,
        tunings: Tunings | None = None,
    ) -> None:
        self.data_dir = data_dir
        self._embedder = embedder
        self._server = server
        self._products = Products(server or data_dir / "chroma")
        self._lexicon = Lexicon(data_dir / "lexical.sqlite")
        self._notes = (
            self._products if server else self._lexicon
        )  # what all who use the products must agree on
        self.tunings = tunings
        self._words = InStep(self._products, self._lexicon, data_dir, shared=server is not None)
        self._gallery = Gallery(data_dir)
        self._projecting = Projecting(self._products, self._gallery, embedder, tunings)
        self._maker = Maker(self._products, self._gallery, embedder, self._projecting)
        self._search = Search(self._products, self._lexicon, embedder, tunings)
        self._writing = threading.Lock()
        self._state = threading.Lock()
        self._facets: Facets | None = None
        self._words.open()
        self._revision: tuple[int, int] | None = None
        self._refresh()

    @classmethod
    def open(
        cls,
        data_dir: Path | str,
        embedder: Embedder,
        server: Server | None = None,
        tunings: Tunings | None = None,
    ) -> "Shop":
        """Open the shop in `data_dir`, creating an empty one; `tunings`: its own, to search with. Raises StoreCorrupt
        when the folder cannot be used, StoreAway when the server cannot."""
        return cls(Path(data_dir), embedder, server, tunings)

    # ---- reading

    def get(self, product_id: str) -> Product | None:
        """The record, None for an unknown id."""
        self._refresh()
        return self._products.get_many([product_id]).get(product_id)

    def get_many(self, ids: Sequence[str]) -> list[Product]:
        """The records of those ids that exist, in the order asked for."""
        self._refresh()
        found = self._products.get_many(ids)
        return [found[i] for i in ids if i in found]

    def all(self) -> Iterator[Product]:
        """Every product, in the order of the store."""
        self._refresh()
        ids = self._search.gate.ids()
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            found = self._products.get_many(part)
            yield from (found[i] for i in part if i in found)

    def ids(self, where: Filters | None = None) -> list[str]:
        """Every product id, in the order of the store; with `where` of those that meet all of it, nothing given up."""
        if where is None:
            return self._products.ids()
        self._refresh()
        return self._search.gate.exactly(conditions(where))

    def pool(self, demand: Demand) -> Pool:
        """Some of what meets a demand, to choose from: see `store.pool`."""
        self._refresh()
        return pool(self._search.gate, demand)

    def count(self) -> int:
        """How many products there are."""
        return self._products.count()

    def search(self, query: Query) -> Results:
        """Search: see `Query` and `Results`."""
        self._refresh()
        return self._search(query)

    def ranked_by(self, one: Literal["words", "text", "photo"], query: Query) -> list[str]:
        """Ids of the `query.k` best by one kind of evidence alone, to measure `search` against; no filters."""
        self._refresh()
        if one == "words":
            return single.by_words(self._lexicon, query.text, query.k)
        if one == "text":
            return single.by_text(self._products, self._embedder, query.text, query.k)
        return single.by_photo(self._products, query.photo.image, query.k) if query.photo else []

    def similar(
        self,
        product_id: str,
        k: int = 6,
        where: Filters | None = None,
        exclude_ids: Sequence[str] = (),
    ) -> Results:
        """Products that look and read like this one, itself left out. Raises ProductNotFound."""
        vectors = self.vectors_of(product_id)
        if vectors is None:
            raise ProductNotFound(product_id)
        return self.search(
            Query(photo=vectors, where=where or Filters(), exclude_ids=[product_id, *exclude_ids], k=k)
        )

    def neighbours(
        self, product_id: str, space: Literal["image", "text"], k: int
    ) -> list[tuple[Product, float]]:
        """The `k` products nearest to one by picture or by words alone, with the cosine, nearest first; none where it
        has no picture. Raises ProductNotFound."""
        self._refresh()
        if self.get(product_id) is None:
            raise ProductNotFound(product_id)
        vector = self._products.vectors(space, [product_id]).get(product_id)
        near = {} if vector is None else self._products.nearest(space, vector, k + 1)
        found = self._products.get_many(list(near))
        return [(found[i], cosine) for i, cosine in near.items() if i in found and i != product_id][:k]

    def vectors_of(self, product_id: str) -> PhotoVectors | None:
        """The product as a photo would be: its picture's vector and its text vector; None for an unknown id.

        `image` is empty for a product without a picture.
        """
        text = self._products.vectors("text", [product_id]).get(product_id)
        if text is None:
            return None
        image = self._products.vectors("image", [product_id]).get(product_id)
        if shared_texts(self._embedder) is not None:  # photos and texts meet in the space of the pictures
            text = self._products.vectors("shared", [product_id]).get(product_id, np.zeros(0))
        return PhotoVectors(image=[] if image is None else image.tolist(), text=text.tolist())

    @property
    def signature(self) -> str:
        """Names the models behind the vectors."""
        return signature(self._embedder)

    def vectors(self, space: Literal["image", "text"], ids: Sequence[str]) -> dict[str, np.ndarray]:
        """The vectors of pictures or of words, float32, of those products that have one."""
        return self._products.vectors(space, ids)

    def facets(self) -> Facets:
        """What there is to choose from; remembered until the shop changes."""
        self._refresh()
        facets = self._facets
        if facets is None:
            facets = self._facets = facets_of(self.all())
        return facets

    def picture(self, name: str) -> Path:
        """The file of a picture named in `Product.images`.

        Raises PictureNotFound, also for a name that leads out of the folder.
        """
        return self._gallery.file(name)

    def has_to_draw(self, name: str) -> bool:
        """Whether `picture` would draw it first: one of the demo's that nobody has asked for yet."""
        return self._gallery.has_to_draw(name)

    def names(self, word: str) -> bool:
        """Whether a product bears the word in its title, its brand or the words for what it is."""
        self._refresh()
        return bool(self._lexicon.named(content(word)))

    def look_at(self, name: str) -> Image.Image | None:
        """The picture as models are shown it, None where it cannot be opened."""
        return self._gallery.look_at(name)

    # ---- writing

    def upsert(self, products: Sequence[Product], progress: Callable[[int, int], None] | None = None) -> int:
        """Insert or replace; `progress(done, of)` is called as it goes. Returns how many needed a model's work.

        A product whose words (or picture) did not change keeps its vectors: a new price costs no model pass, and a
        product that did not change at all costs nothing.
        """
        if self.stale:
            products = [*self.all(), *products]
        products = list({p.id: p for p in products}.values())
        worked = 0
        with self.filling() as fill:
            for start in range(0, len(products), WRITE):
                told = partial(_further, progress, start, len(products)) if progress else None
                worked += fill(products[start : start + WRITE], told)
        return worked

    @contextmanager
    def filling(self) -> Iterator[Fill]:
        """To write many products in parts, none of which is kept in memory: `fill(products)` embeds and writes each and
        returns how many needed a model's work. What is written stays, also after a kill; it is searched for by the
        words and the ranges of all only at the end."""
        worked = 0

        def fill(products: Sequence[Product], progress: Callable[[int], None] | None = None) -> int:
            nonlocal worked
            known = {} if fresh else self._products.hashes([p.id for p in products])
            tuning = self._projecting.now()
            entries: list[Entry] = []
            done = 0
            for place in range(0, len(products), BATCH):
                part = list(products[place : place + BATCH])
                made, looked = self._maker.entries(part, known)
                entries += made
                done += looked
                if progress:
                    progress(place + len(part))
            if entries:
                self._products.put(entries)
                self._lexicon.put([e.product for e in entries])
                self._projecting.forget(
                    [e.product.id for e in entries if e.image is None and not e.picture_kept]
                )
                if self._projecting.now() is not tuning:  # it came in between, and may have missed these
                    self._projecting.catch_up([e.product.id for e in entries])
            worked += done
            return done

        with self._change():
            fresh = self.stale
            if fresh:
                self._products.drop_pictures()
            else:
                # At once, so that who opens the shop while it is being filled does not take it for an old one.
                self._notes.keep(MODEL, signature(self._embedder))
            yield fill
            self._projecting.agree()
            if worked or self._notes.note(CALIBRATION) is None:
                self._notes.keep(CALIBRATION, measure(self._products, self._embedder).model_dump_json())
            self._notes.keep(MODEL, signature(self._embedder))

    @property
    def stale(self) -> bool:
        """True when another model made the vectors: photos cannot be searched for until `upsert` has made them anew,
        which the next one does for every product, whatever it is given (`upsert([])` will do)."""
        return self.count() > 0 and self._notes.note(MODEL) != signature(self._embedder)

    def delete(self, ids: Sequence[str]) -> None:
        """Remove products; unknown ids are ignored."""
        with self._change():
            self._products.delete(ids)
            self._lexicon.delete(ids)
            self._projecting.forget(ids)

    def pictured(self, known: Details) -> Iterator[list[tuple[Product, Picture]]]:
        """Every product that has a picture which can be opened, in parts. What perception leaves of a picture is taken
        from `known`, and kept there once it was looked at."""
        return self._projecting.pictured(self.ids(), known)

    def mend(self) -> None:
        """Index what an earlier write that broke off has left out; for who holds the lock of the imports."""
        with self._writing:
            self._words.mend(alone=True)

    def close(self) -> None:
        """Let go of the files."""
        self._lexicon.close()
        self._products.close()
        if self.tunings:
            self.tunings.close()

    # ---- inside

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Records and words change together: who is killed in between, or breaks off, leaves a mark."""
        with self._writing:
            agreed = self._words.mend()
            self._lexicon.begin()
            yield
            if self._server:
                self._products.written()
            self._lexicon.finish(agreed)
            self._refresh(own=True)

    def _refresh(self, own: bool = False) -> None:
        """Drop what is remembered when the shop has changed; `own`: by this very object, else by another process."""
        revision = self._words.revision(at_once=own)
        with self._state:
            before = self._revision
            if revision == before:
                return
            steps = [now - then for now, then in zip(revision, before or (), strict=False)]
            foreign = before is not None and not (own and max(steps) == 1)
            if foreign:
                self._products.reopen()
            self._products.forget()
            self._search.forget()
            if self._server and foreign:
                self._words.follow()
            kept = self._notes.note(CALIBRATION)
            self._search.calibration = Calibration.model_validate_json(kept) if kept else Calibration()
            self._facets = None
            self._revision = self._lexicon.revision, revision[1]


def _further(progress: Callable[[int, int], None], start: int, total: int, done: int) -> None:
    progress(start + done, total)
