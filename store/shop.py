"""The shop: one door to records, filters, words and vectors."""

import io
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from filelock import FileLock, Timeout
from PIL import Image

from store import single
from store.calibrate import Calibration, measure
from store.chroma import Server
from store.conditions import conditions
from store.embedder import Embedder, details, shared_texts, signature
from store.errors import PictureNotFound, ProductNotFound
from store.lexical import Lexicon, vocabulary
from store.products import Entry, Hashes, Products
from store.search import Search
from store.tuned import Details, Picture, Tunings
from store.types import Filters, PhotoVectors, Product, Query, Results, fingerprint
from store.words import content

MODEL = "model"  # note of the lexicon: which model made the vectors
BATCH = 32  # products embedded at a time: memory stays small and progress moves
LARGEST = 1600  # pixels of a side
WRITE = 128  # products written at a time: each write costs Chroma a sync
CALIBRATION = "calibration"
IMPORT_LOCK = "import.lock"  # held by who fills the shop from feeds
Fill = Callable[[Sequence[Product], Callable[[int], None] | None], int]
LOOK_S = 1.0  # how often a server is asked whether another machine has written


@dataclass(frozen=True)
class Facets:
    """What is in the shop: values with how many products have them, most frequent first."""

    count: int
    brands: dict[str, int]
    categories: dict[str, int]
    colors: dict[str, int]
    sizes: dict[str, int]
    price_min: Decimal | None
    price_max: Decimal | None
    currency: str


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
        self._look_again = 0.0
        self._elsewhere = 0
        self.tunings = tunings
        self._search = Search(self._products, self._lexicon, embedder, tunings)
        self._writing = threading.Lock()
        self._state = threading.Lock()
        self._facets: Facets | None = None
        self._open_words()
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

    def facets(self) -> Facets:
        """What there is to choose from; remembered until the shop changes."""
        self._refresh()
        facets = self._facets
        if facets is None:
            facets = self._facets = _facets(self.all())
        return facets

    def picture(self, name: str) -> Path:
        """The file of a picture named in `Product.images`.

        Raises PictureNotFound, also for a name that leads out of the folder.
        """
        folder = (self.data_dir / "images").resolve()
        try:
            path = (folder / name.removeprefix("images/")).resolve()
            inside = path.is_relative_to(folder) and path.is_file()
        except (OSError, ValueError):  # too long, or with a NUL in it
            inside = False
        if not inside:
            raise PictureNotFound(f"no picture {name!r} in this shop")
        return path

    def names(self, word: str) -> bool:
        """Whether a product bears the word in its title, its brand or the words for what it is."""
        self._refresh()
        return bool(self._lexicon.named(content(word)))

    def look_at(self, name: str) -> Image.Image | None:
        """The picture as models are shown it, None where it cannot be opened."""
        try:
            return shown(self.picture(name).read_bytes())
        except (PictureNotFound, OSError):
            return None

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
            entries: list[Entry] = []
            done = 0
            for place in range(0, len(products), BATCH):
                part = list(products[place : place + BATCH])
                made, looked = self._entries(part, known)
                entries += made
                done += looked
                if progress:
                    progress(place + len(part))
            if entries:
                self._products.put(entries)
                self._lexicon.put([e.product for e in entries])
                self._untune([e.product.id for e in entries if e.image is None and not e.picture_kept])
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
            self._untune(ids)

    def pictured(self, known: Details) -> Iterator[list[tuple[Product, Picture]]]:
        """Every product that has a picture which can be opened, in parts. What perception leaves of a picture is taken
        from `known`, and kept there once it was looked at."""
        look, ids = details(self._embedder), self.ids()
        for start in range(0, len(ids) if look else 0, BATCH):
            part = ids[start : start + BATCH]
            hashes, products = self._products.hashes(part), self._products.get_many(part)
            shared = self._products.vectors("shared", part)
            part = [i for i in part if i in products and i in shared and hashes[i].image]
            rows = known.of(hashes[i].image for i in part)
            opened = {i: shown(self._picture_bytes(products[i])) for i in part if hashes[i].image not in rows}
            new = {hashes[i].image: picture for i, picture in opened.items() if picture is not None}
            if new and look:
                made = dict(zip(new, look(list(new.values())), strict=True))
                known.put(made)
                rows |= made
            yield [
                (products[i], Picture(i, hashes[i].image, rows[hashes[i].image], shared[i]))
                for i in part
                if hashes[i].image in rows
            ]

    def close(self) -> None:
        """Let go of the files."""
        self._lexicon.close()
        if self.tunings:
            self.tunings.close()

    # ---- inside

    def _entries(self, part: list[Product], known: dict[str, Hashes]) -> tuple[list[Entry], int]:
        """Those of the products that changed, with their vectors: stored ones where they still hold, else new ones."""
        model = signature(self._embedder).encode()
        texts = {p.id: embedded_text(p) for p in part}
        pictures = {p.id: self._picture_bytes(p) for p in part}
        hashes = {
            p.id: Hashes(
                fingerprint(model, texts[p.id].encode()),
                fingerprint(model, pictures[p.id]) if pictures[p.id] else "",
                p.fingerprint,
            )
            for p in part
        }
        old = {p.id: known.get(p.id, Hashes()) for p in part}
        part = [p for p in part if old[p.id] != hashes[p.id]]
        vectors = self._products.vectors("text", [p.id for p in part if old[p.id].text == hashes[p.id].text])
        changed = [p.id for p in part if p.id not in vectors]
        if changed:
            vectors |= dict(zip(changed, self._embedder.texts([texts[i] for i in changed]), strict=True))
        repaint: dict[str, Image.Image] = {}
        for p in part:
            if pictures[p.id] and old[p.id].image != hashes[p.id].image:
                picture = shown(pictures[p.id])
                if picture is None:
                    hashes[p.id] = hashes[p.id]._replace(
                        image=""
                    )  # unreadable: tried again at the next import
                else:
                    repaint[p.id] = picture
        photo_space: dict[str, np.ndarray] = {}
        text_space: dict[str, np.ndarray] = {}
        if repaint:
            made = self._embedder.images(list(repaint.values()))
            photo_space, text_space = (dict(zip(repaint, rows, strict=True)) for rows in made)
            self._tune(repaint, hashes, text_space)
        entries = [
            Entry(
                product=p,
                text=vectors[p.id],
                image=photo_space.get(p.id),
                shared=text_space.get(p.id),
                hashes=hashes[p.id],
                picture_kept=bool(hashes[p.id].image) and p.id not in repaint,
            )
            for p in part
        ]
        return entries, len(set(changed) | set(repaint))

    def _tune(
        self, pictures: dict[str, Image.Image], hashes: dict[str, Hashes], shared: dict[str, np.ndarray]
    ) -> None:
        """Project new pictures into the tuned space in force; that they were just looked at makes it cheap."""
        tuning, look = self.tunings.now() if self.tunings else None, details(self._embedder)
        if tuning and look:
            rows = look(list(pictures.values()))
            tuning.put(
                [Picture(i, hashes[i].image, row, shared[i]) for i, row in zip(pictures, rows, strict=True)]
            )

    def _untune(self, ids: Sequence[str]) -> None:
        """Forget these in the tuned space."""
        tuning = self.tunings.now() if self.tunings else None
        if tuning:
            tuning.delete(ids)

    def _picture_bytes(self, product: Product) -> bytes:
        """The bytes of the first picture, empty where there is none."""
        if not product.images:
            return b""
        try:
            return self.picture(product.images[0]).read_bytes()
        except (PictureNotFound, OSError):
            return b""

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Records and words change together: who is killed in between leaves a mark, which `_open_words` finds."""
        with self._writing:
            self._lexicon.begin()
            yield
            if self._server:
                self._products.written()
            self._lexicon.finish()
            self._refresh(own=True)

    def _refresh(self, own: bool = False) -> None:
        """Drop what is remembered when the shop has changed; `own`: by this very object, else by another process."""
        revision = self._newest(at_once=own)
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
                self._follow()
            kept = self._notes.note(CALIBRATION)
            self._search.calibration = Calibration.model_validate_json(kept) if kept else Calibration()
            self._facets = None
            self._revision = self._lexicon.revision, revision[1]

    def _newest(self, at_once: bool) -> tuple[int, int]:
        """The revisions of words and products. A server is asked once a second, less often where following it takes
        long."""
        if self._server and (at_once or time.monotonic() >= self._look_again):
            self._elsewhere = self._products.revision
            self._look_again = time.monotonic() + LOOK_S
        return self._lexicon.revision, self._elsewhere

    def _open_words(self) -> None:
        """Make the words agree with the records: after a kill, when the index was lost, when another machine wrote."""
        known = self._lexicon.fingerprints()
        if self._server:
            self._follow()
        elif (
            self._lexicon.writing or set(self._products.ids()) != known.keys()
        ) and not self._being_filled():
            self._products.drop_orphans()  # on a server they may be what another machine has just begun to write
            self._follow()

    def _being_filled(self) -> bool:
        """An import is at work in this folder: what looks left over is what it has just written."""
        try:
            with FileLock(self.data_dir / IMPORT_LOCK, timeout=0, thread_local=False):
                return False
        except Timeout:
            return True
        except (OSError, NotImplementedError):  # a folder that cannot be written is filled by nobody
            return False

    def _follow(self) -> None:
        """Index what is not indexed as it is in the product store."""
        began = time.monotonic()
        stored, known = self._products.fingerprints(), self._lexicon.fingerprints()
        changed = [i for i, mark in stored.items() if known.get(i) != mark]
        gone = known.keys() - stored.keys()
        if changed or gone or self._lexicon.writing:
            self._lexicon.begin()
            self._lexicon.delete(gone)
            for start in range(0, len(changed), 500):
                self._lexicon.put(self._products.get_many(changed[start : start + 500]).values())
            self._lexicon.finish()
        self._look_again = time.monotonic() + max(LOOK_S, 10 * (time.monotonic() - began))


def _further(progress: Callable[[int, int], None], start: int, total: int, done: int) -> None:
    progress(start + done, total)


def embedded_text(product: Product) -> str:
    """The words whose vector stands for the product: its titles, every word for its category, the usual word for its
    attributes, in both languages in one text. Of the forms tried on graded queries this one found best."""

    def words(lang: str) -> list[str]:
        out = vocabulary("category", product.category, lang)
        out += [vocabulary("category", c, lang)[0] for c in product.categories[:-1]]
        for name in ("pattern", "material", "sleeve", "neckline", "length", "gender", "age_group"):
            value = getattr(product, name)
            if value and value != "plain":
                out.append(vocabulary(name, value, lang)[0])
        for name, held in (
            ("color", product.colors),
            ("season", product.season),
            ("occasion", product.occasion),
            ("style", product.style),
        ):
            out += [vocabulary(name, v, lang)[0] for v in held]
        return out

    texts = (product.title.zh, product.title.en, "、".join(words("zh")), ", ".join(words("en")))
    return "。".join(t for t in texts if t)


def _facets(products: Iterator[Product]) -> Facets:
    brands: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    colors: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    currencies: Counter[str] = Counter()
    prices: list[Decimal] = []
    for p in products:
        brands.update([p.brand] if p.brand else [])
        categories.update(p.categories)
        colors.update(p.colors)
        sizes.update(s.size for s in p.sizes)
        prices.append(p.current_price.amount)
        currencies.update([p.price.currency])
    return Facets(
        count=len(prices),
        brands=dict(brands.most_common()),
        categories=dict(categories.most_common()),
        colors=dict(colors.most_common()),
        sizes=dict(sizes.most_common()),
        price_min=min(prices, default=None),
        price_max=max(prices, default=None),
        currency=currencies.most_common(1)[0][0] if currencies else "USD",
    )


def shown(data: bytes) -> Image.Image | None:
    """The picture, no larger than anybody looks at it: a batch of photos as cameras make them would fill the memory."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.draft("RGB", (LARGEST, LARGEST))  # a JPEG need not be decoded whole
            if max(picture.size) > LARGEST:
                picture.thumbnail((LARGEST, LARGEST), reducing_gap=2.0)
            return picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
