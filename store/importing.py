"""Filling a shop from feeds: one import at a time, in small batches that stay, told row by row.

`Import` reads each feed to its end into a file beside the shop (store/feeds/intake.py), then goes through its products:
what the feed says as last time is left alone; of the others the pictures are taken over, perception is asked for what
the feed does not say (`see`, handed in: the store knows no model), and the batch is written. A batch is written as a
whole or not at all, and an import that was killed is gone on with by doing it again: it ends as an unbroken one would.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any

from filelock import FileLock, Timeout
from PIL import Image

from store.corrections import Corrections, Made, corrected, uncorrected
from store.errors import ImportRunning
from store.feeds import Feed
from store.feeds.currency import settled
from store.feeds.fetch import PictureRefused
from store.feeds.intake import Intake, made, take_in
from store.feeds.ledger import Known, Ledger
from store.feeds.pictures import Pictures
from store.feeds.record import Problem, Refused
from store.feeds.staging import Staging
from store.instep import IMPORT_LOCK
from store.shop import Fill, Shop
from store.types import SPIN_AT_LEAST, Product, Variant

AHEAD = 128  # batches whose pictures are looked at ahead of their turn, where somebody helps
BATCH = 64  # products written at a time: what a kill costs at most
LOOKING = 16  # pictures in memory
FETCHING = 8  # pictures fetched side by side
VERSION = "2"  # of how feeds are read; another one reads every product anew
SEEN = ("colors", "pattern", "material", "sleeve", "neckline", "length")  # what perception may propose
See = Callable[[Sequence[Product], Sequence[Image.Image]], list[dict[str, Any]]]
Ahead = Callable[[Sequence[Path]], None]
Told = Callable[[str, int, int], None]  # phase ("reading", in bytes; "importing", in products), done, of


@dataclass
class Outcome:
    """What one feed came to. `rows`: read from it; `looked`: products whose words or picture a model had to take in."""

    feed: Feed
    rows: int = 0
    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    warnings: int = 0
    looked: int = 0
    finished: bool = False
    seconds: float = 0.0


@dataclass
class _Item:
    """A product on its way: as the feed has it, as the shop had it, and what the ledger will keep."""

    product: Product
    line: int
    digest: str
    before: Product | None
    known: Known | None
    made: Made
    pending: bool = False


class Import:
    """One import into a shop, as a context: it holds the lock of the shop's folder. Raises ImportRunning where another
    one does.

    `dry`: nothing is written, and nothing fetched; `see`: proposes attributes from pictures; `currency`: of amounts
    that stand alone, and the only one that is let in; where it is not given, see store/feeds/currency.py.
    `ahead`: is given the pictures of many products before their turn comes.
    """

    def __init__(
        self,
        shop: Shop,
        see: See | None = None,
        dry: bool = False,
        currency: str | None = None,
        told: Told | None = None,
        wait_s: float = 0.0,
        ahead: Ahead | None = None,
    ) -> None:
        self._shop, self._see, self._dry, self._currency = shop, see, dry, currency
        self._told = told or (lambda phase, done, of: None)
        self._wait_s, self._ahead = wait_s, ahead
        self._lock = FileLock(shop.data_dir / IMPORT_LOCK, thread_local=False)
        self.outcomes: list[Outcome] = []
        self.removed: list[str] = []

    def __enter__(self) -> "Import":
        try:
            self._lock.acquire(timeout=self._wait_s, poll_interval=0.1)
        except Timeout as error:
            raise ImportRunning(_age(self._shop.data_dir / IMPORT_LOCK)) from error
        with suppress(OSError):
            (self._shop.data_dir / IMPORT_LOCK).touch()
        self.ledger = Ledger(self._shop.data_dir)
        self.staging = Staging(self._shop.data_dir / "import.staging.sqlite")
        self._corrections = Corrections(self._shop.data_dir)
        self._shop.mend()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._corrections.close()
        self.staging.close()
        self.ledger.close()
        self._lock.release()

    # ---- a feed

    def feed(self, feed: Feed, pictures: Pictures) -> Outcome:
        """Read a feed and bring its products in."""
        started = time.monotonic()
        if self.outcomes:
            self.staging.next_feed()
        outcome = Outcome(feed)
        self.outcomes.append(outcome)
        state = Intake()
        own = self._own_currency()
        for state in take_in(feed, self.staging, self._currency or own):
            if state.rows % 200 == 0:
                self._told("reading", *feed.progress)
        outcome.rows, outcome.finished = state.rows, state.finished
        currency, guessed = settled(self.staging, self._currency, own)
        if guessed:
            self.staging.report(guessed)
        if self._dry:
            for batch in self._batches(currency):
                self._weigh(batch, outcome, pictures)
        else:
            with self._shop.filling() as fill:
                batches = self._batches(currency)
                while window := list(islice(batches, AHEAD if self._ahead else 1)):
                    self._look_ahead(window, pictures)
                    for batch in window:
                        self._bring_in(batch, outcome, pictures, fill)
        outcome.refused = sum(self.staging.tally(refused=True).values())
        outcome.warnings = sum(self.staging.tally(refused=False).values())
        outcome.read = outcome.new + outcome.changed + outcome.unchanged + outcome.refused
        outcome.seconds = time.monotonic() - started
        return outcome

    def remove_others(self) -> list[str]:
        """Remove the products that none of the feeds names; what was refused is named as well. Returns their ids.

        Nothing is removed where a feed was not read to its end, names nothing, or has rows of which nobody can say
        which product they are: a problem says so.
        """
        why: dict[str, str] = {}
        unknown = self.staging.unidentified()
        if not all(outcome.finished for outcome in self.outcomes):
            why = {"why": "unfinished"}
        elif not any(o.new + o.changed + o.unchanged for o in self.outcomes):
            why = {"why": "nothing"}
        elif unknown:
            why = {"why": "unidentified", "count": str(unknown)}
        if why:
            self.staging.report(Problem(0, None, None, "not_removed", why, refused=False))
            if self.outcomes:
                self.outcomes[-1].warnings += 1
            return []
        gone = [i for i in self._shop.ids() if not self.staging.has(i)]
        for start in range(0, len(gone), 1000) if not self._dry else ():
            self._shop.delete(gone[start : start + 1000])
            self.ledger.forget(gone[start : start + 1000])
        self.removed = gone
        return gone

    # ---- inside

    def _own_currency(self) -> str | None:
        """The currency of the shop as it is; a shop has one."""
        return next((p.price.currency for p in self._shop.get_many(self._shop.ids()[:1])), None)

    def _batches(self, currency: str) -> Iterator[list[_Item]]:
        """The products of the feed, some at a time; one that cannot be made is reported."""
        total, done = self.staging.count, 0
        groups = self.staging.products()
        self._told("importing", 0, total)
        while part := list(islice(groups, BATCH)):
            products: list[tuple[Product, int]] = []
            for product_id, line, rows in part:
                try:
                    products.append((made(product_id, rows, currency), line))
                except Refused as refused:
                    self.staging.report(refused.problem(line, product_id, str(rows[0].get("where", ""))))
            ids = [product.id for product, _ in products]
            before = {p.id: p for p in self._shop.get_many(ids)}
            known = self.ledger.known(ids)
            right = self._corrections.applied([product for product, _ in products], noted=not self._dry)
            made_right = self._corrections.of(ids)
            yield [
                _Item(p, line, "", before.get(p.id), known.get(p.id), made_right.get(p.id, {}))
                for p, (_, line) in zip(right, products, strict=True)
            ]
            done += len(part)
            self._told("importing", done, total)

    def _digest(self, product: Product, pictures: Pictures) -> str:
        stamps = "\n".join(pictures.stamp(name) for name in (*product.images, *product.spin))
        said = f"{VERSION}\n{product.model_dump_json(exclude_computed_fields=True)}\n{stamps}"
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def _sort(self, batch: Sequence[_Item], outcome: Outcome, pictures: Pictures) -> list[_Item]:
        """Those that have to be worked on; the others are as they were."""
        left = []
        for item in batch:
            item.digest = self._digest(uncorrected(item.product, item.made), pictures)
            same = item.known is not None and item.before is not None and item.known.digest == item.digest
            same = same and corrected(item.before, item.made) == item.before  # type: ignore[arg-type]
            if same and not item.known.pending and item.known.record == _record(item.before):  # type: ignore[union-attr,arg-type]
                outcome.unchanged += 1
            else:
                left.append(item)
        return left

    def _weigh(self, batch: Sequence[_Item], outcome: Outcome, pictures: Pictures) -> None:
        """What bringing the batch in would come to, pictures left aside."""
        for item in self._sort(batch, outcome, pictures):
            same = item.before is not None and _bare(item.before) == _bare(item.product)
            if item.before is None:
                outcome.new += 1
            elif same and (item.known is None or item.known.digest == item.digest):
                outcome.unchanged += 1
            else:
                outcome.changed += 1

    def _look_ahead(self, window: Sequence[Sequence[_Item]], pictures: Pictures) -> None:
        """Take over the first pictures of what will be worked on, and hand them to who helps."""
        if self._ahead is None:
            return
        files: dict[Path, None] = {}
        for batch in window:
            items = [replace(item) for item in self._sort(batch, Outcome(self.outcomes[-1].feed), pictures)]
            self.ledger.keep([], self._adopt(items, pictures, report=False))
            for item in items:
                if (name := item.product.plain_image) is not None:
                    files[self._shop.picture(name)] = None
        self._ahead(list(files))

    def _bring_in(self, batch: Sequence[_Item], outcome: Outcome, pictures: Pictures, fill: Fill) -> None:
        items = self._sort(batch, outcome, pictures)
        kept = self._adopt(items, pictures)
        self._look(items)
        outcome.looked += fill([item.product for item in items], None) if items else 0
        self.ledger.keep(
            [(i.product.id, Known(i.digest, _record(i.product), i.pending)) for i in items], kept
        )
        for item in items:
            if item.before is None:
                outcome.new += 1
            elif _record(item.before) == _record(item.product):
                outcome.unchanged += 1
            else:
                outcome.changed += 1

    def _adopt(
        self, items: Sequence[_Item], pictures: Pictures, report: bool = True
    ) -> list[tuple[str, str, str, str]]:
        """Take the pictures over, several at a time. What cannot be had is reported; for it stays what the shop had of
        that name or, where nothing else takes it, in that place. Returns what the ledger is to keep of them."""
        earlier = self.ledger.pictures([i.product.id for i in items]) if items else {}

        def take(item: _Item, place: int, name: str) -> tuple[str, str] | PictureRefused:
            stamp = pictures.stamp(name)
            before = earlier.get((item.product.id, name))
            if before and before[0] == stamp and pictures.has(before[1]):
                return stamp, before[1]
            try:
                return stamp, pictures.take(item.product.id, place, name)
            except PictureRefused as refused:
                return refused

        kept: list[tuple[str, str, str, str]] = []
        failed: list[tuple[_Item, str, PictureRefused]] = []
        with ThreadPoolExecutor(FETCHING) as pool:
            jobs = [
                (item, name, pool.submit(take, item, place, name))
                for item in items
                for place, name in enumerate(
                    dict.fromkeys((*item.product.images, *item.product.spin)), start=1
                )
            ]
            names: dict[str, dict[str, str]] = {item.product.id: {} for item in items}
            for item, name, job in jobs:
                got = job.result()
                if isinstance(got, PictureRefused):
                    item.pending = True
                    known = earlier.get((item.product.id, name))
                    if known and pictures.has(known[1]):
                        names[item.product.id][name] = known[1]
                        kept.append((item.product.id, name, *known))
                    failed.append((item, name, got))
                else:
                    names[item.product.id][name] = got[1]
                    kept.append((item.product.id, name, *got))
        for item, name, refused in failed:
            held = names[item.product.id]
            old = None if name in held else _in_place(item, name)
            if old and old not in held.values() and pictures.has(old):
                held[name] = old
            if report:
                values = {"picture": name[:200], "why": refused.code, **refused.values}
                code = "picture_kept" if name in held else "picture_left_out"
                self.staging.report(Problem(item.line, item.product.id, "image", code, values, refused=False))
        for item in items:
            turned = len(item.product.spin)
            item.product = _with_pictures(item.product, names[item.product.id])
            if turned and not item.product.spin and report:
                short = {"least": str(SPIN_AT_LEAST)}
                self.staging.report(
                    Problem(item.line, item.product.id, "spin", "spin_broken", short, refused=False)
                )
        return kept

    def _look(self, items: Sequence[_Item]) -> None:
        """Let perception propose what the feed does not say, from the first picture; what it proposed of the same
        picture before is kept."""
        if self._see is None:
            return
        unknown: list[_Item] = []
        fed = {i.product.id: uncorrected(i.product, i.made, kind=False) for i in items}
        for item in items:
            missing = lacking(fed[item.product.id])
            if not missing or not item.product.images or item.product.seen:
                continue
            before = uncorrected(item.before, item.made, kind=False) if item.before else None
            if before and before.plain_image == item.product.plain_image and lacking(before) == missing:
                item.product = item.product.model_copy(update={"seen": before.seen})
            else:
                unknown.append(item)
        for start in range(0, len(unknown), LOOKING):
            part = [
                (i, p)
                for i in unknown[start : start + LOOKING]
                if (p := self._shop.look_at(i.product.plain_image or ""))
            ]
            if part:
                proposals = self._see([fed[i.product.id] for i, _ in part], [picture for _, picture in part])
                for (item, _), seen in zip(part, proposals, strict=True):
                    item.product = item.product.model_copy(update={"seen": seen})
        for item in items:
            item.product = corrected(item.product, item.made)


def lacking(product: Product) -> list[str]:
    """The attributes that perception may propose, as far as the record has none."""
    return [name for name in SEEN if not getattr(product, name)]


def _in_place(item: _Item, name: str) -> str | None:
    """The picture that the shop had where the feed now has `name`."""
    if item.before is None or name not in item.product.images:
        return None
    place = item.product.images.index(name)
    return item.before.images[place] if place < len(item.before.images) else None


def _with_pictures(product: Product, names: dict[str, str]) -> Product:
    """The product with the shop's names of its pictures; of one that could not be had there is none."""
    variants: list[Variant] = [
        v.model_copy(update={"image": names.get(v.image) if v.image else None}) for v in product.variants
    ]
    images = list(dict.fromkeys(names[name] for name in product.images if name in names))
    views = {names[name]: view for name, view in product.views.items() if name in names}
    spin = [names[name] for name in product.spin if name in names]
    if len(spin) < SPIN_AT_LEAST:
        spin = []
    return product.model_copy(update={"images": images, "views": views, "spin": spin, "variants": variants})


def _record(product: Product) -> str:
    said = product.model_dump_json(exclude_computed_fields=True)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _bare(product: Product) -> Product:
    """Without what depends on pictures."""
    variants = [v.model_copy(update={"image": None}) for v in product.variants]
    return product.model_copy(
        update={"images": [], "views": {}, "spin": [], "seen": {}, "variants": variants}
    )


def _age(lock: Path) -> float:
    """Minutes since the lock was taken."""
    try:
        return max(0.0, (time.time() - lock.stat().st_mtime) / 60)
    except OSError:
        return 0.0
