"""The shops that scripts talk to: made once from a script's fixture, lent to many runs. Sessions keep their
own carts, so runs do not meet.

The demo shop takes a minute to draw; a finished one is kept in the user's cache folder under a digest of
everything that it is made from, and copied."""

import hashlib
import importlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from agent.access.customers import vouched
from prompts import load
from ui.dialogs import draws
from ui.dialogs.recording import Tape
from ui.dialogs.script import Script, ScriptError

if TYPE_CHECKING:
    from agent.assistant import Assistant
    from agent.settings import Settings

Report = Callable[[int, int, str], None]
RETURN_RULES = "return_rules: {days: 30, sealed: [swimwear, jewellery], topic: returns}"  # of a lent shop
FEW = 4  # small shops that stay open at once
KEPT = 2  # finished demo shops that stay in the cache


@dataclass(frozen=True)
class Stock:
    """What a shop sells: the demo catalogue, or the rows of a feed in an order, and the rows that somebody
    smuggled in."""

    demo: bool
    feed: str = ""
    rows: str = "[]"
    hostile: str = "[]"
    order: tuple[int, int] = (0, 1)  # seed, run
    orders: bool = False


class Shops:
    """The assistants, by what they sell and who leads the conversation; opened at first use, reopened by a
    restart step.

    `demo`: a data folder that stands for the catalogue "demo"; where it is empty it is filled with the demo
    shop. `model`: leads every conversation, instead of what the scripts say. `tape`: what records or replays
    a model."""

    def __init__(
        self,
        demo: Path | None,
        scratch: Path,
        model: str | None = None,
        report: Report | None = None,
        tape: Tape | None = None,
        seed: int = 0,
    ) -> None:
        self.demo = demo
        self.scratch = scratch
        self.model = model
        self.report = report
        self.tape = tape or Tape()
        self.seed = seed
        self._open: dict[Stock, tuple[str, Assistant]] = {}
        self._known: dict[Stock, tuple[dict[str, set[str]], set[str]]] = {}
        self._folders: dict[Stock, Path] = {}

    def model_of(self, script: Script) -> str:
        """Who leads the conversation of a script, as the setting takes it."""
        return self.tape.model_of(script) or self.model or script.model.removeprefix("live:")

    def assistant(self, script: Script, run: int = 1) -> "Assistant":
        """The assistant for a run of a script. Raises ScriptError for a feed that is not there or has a bad
        row, and what opening raises."""
        stock, model = self.stock(script, run), self.model_of(script)
        led_by = f"{model}, played" if self.tape.model_of(script) else model
        before, assistant = self._open.get(stock, ("", None))
        if assistant is not None and before == led_by:
            return assistant
        if assistant is not None:  # a folder is open once
            self._open.pop(stock)[1].close()
        for idle in [s for s in self._open if not s.demo or s.hostile != "[]"][: -(FEW - 1) or None]:
            self._open.pop(idle)[1].close()
        opened = self._make(stock, model, script)
        self._open[stock] = led_by, opened
        return opened

    def restart(self, script: Script, run: int = 1) -> "Assistant":
        """Close the assistant and open it anew on the same folder, as a new process would."""
        if (stock := self.stock(script, run)) in self._open:
            self._open.pop(stock)[1].close()
        return self.assistant(script, run)

    def known(self, script: Script, run: int = 1) -> tuple[dict[str, set[str]], set[str]]:
        """The shop's titles (title → ids) and all its ids."""
        stock = self.stock(script, run)
        if stock not in self._known:
            titles: dict[str, set[str]] = {}
            ids = set()
            for product in self.assistant(script, run).products():
                ids.add(product.id)
                for title in filter(None, (product.title.zh, product.title.en)):
                    titles.setdefault(title, set()).add(product.id)
            self._known[stock] = titles, ids
        return self._known[stock]

    def stock(self, script: Script, run: int) -> Stock:
        """What the shop of a run of a script sells. The products of the demo catalogue stay in their
        order."""
        fixture = script.fixture
        hostile = json.dumps([h.row() for h in fixture.hostile], ensure_ascii=False, sort_keys=True)
        if fixture.catalog == "demo":
            return Stock(demo=True, hostile=hostile, orders=fixture.orders == "demo")
        order = (self.seed, run)
        if isinstance(fixture.catalog, str):
            place = (script.path.parent / fixture.catalog).resolve()
            return Stock(demo=False, feed=str(place), hostile=hostile, order=order)
        return Stock(
            demo=False, rows=json.dumps(fixture.catalog, ensure_ascii=False), hostile=hostile, order=order
        )

    def close(self) -> None:
        """Let go of every file."""
        for _, assistant in self._open.values():
            assistant.close()
        self._open.clear()

    # -- making one --

    def _make(self, stock: Stock, model: str, script: Script) -> "Assistant":
        from agent.assistant import Assistant
        from agent.settings import Settings

        folder = self._folders.setdefault(stock, self._place(stock))
        settings = Settings(data=folder, model=model)
        if stock.demo and not (folder / "chroma").exists():
            self._stand_in(settings, folder, stock)
        assistant = Assistant.open(settings, self.tape.leader)
        try:
            if not assistant.count():
                if stock.demo:
                    assistant.load_demo(progress=self.report)
                else:
                    self._import(assistant, self._rows(stock, script), folder, script)
            if stock.hostile != "[]" and not (folder / "hostile.jsonl").exists():
                self._import(assistant, json.loads(stock.hostile), folder, script, "hostile.jsonl")
            if stock.orders and not (folder / "orders.sqlite").exists():
                rules = folder / "policies.yaml"
                if "return_rules" not in (text := rules.read_text(encoding="utf-8")):
                    rules.write_text(f"{text}\n{RETURN_RULES}\n", encoding="utf-8")
                assistant.demo_orders()
        except BaseException:
            assistant.close()
            raise
        return assistant

    def _place(self, stock: Stock) -> Path:
        if stock.demo and stock.hostile == "[]" and self.demo and not stock.orders:
            return self.demo
        return self.scratch / f"shop-{hashlib.sha256(repr(stock).encode()).hexdigest()[:16]}"

    def _stand_in(self, settings: "Settings", folder: Path, stock: Stock) -> None:
        """Put a copy of the demo shop into `folder`: of the one that is lent, else of the finished one in the
        cache."""
        if folder == self.demo:
            return  # given, and to be filled
        source = (
            self.demo
            if self.demo and (self.demo / "chroma").exists()
            else finished_demo(settings, self.report)
        )
        copied(source, folder)

    def _rows(self, stock: Stock, script: Script) -> list[Any]:
        rows = json.loads(stock.rows)
        if stock.feed:
            try:
                rows = [
                    json.loads(x)
                    for x in Path(stock.feed).read_text(encoding="utf-8").splitlines()
                    if x.strip()
                ]
            except (OSError, ValueError) as exc:
                raise ScriptError(f"{script.path}: the feed {stock.feed} cannot be read: {exc}") from exc
        seed, run = stock.order
        return draws.shuffled(rows, seed, run)

    def _import(
        self,
        assistant: "Assistant",
        rows: list[Any],
        folder: Path,
        script: Script,
        name: str = "catalog.jsonl",
    ) -> None:
        file = folder / name
        file.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
        catalog = script.fixture.catalog
        beside = (script.path.parent / catalog).parent if isinstance(catalog, str) else script.path.parent
        done = assistant.import_feed(file, images=beside, progress=self.report)
        if done["errors"]:
            first = done["errors"][0]
            row = rows[first["line"] - 1]
            raise ScriptError(
                f"{script.path}: product {first['id'] or row} of the fixture: {first['message']}"
            )


def arrive(assistant: "Assistant", script: Script, known: bool) -> str:
    """A shopper comes: the id of one whom the shop knows as the fixture says, or (not `known`) of a stranger. Raises
    ScriptError for a profile that cannot be."""
    wanted = script.fixture.shopper
    signed_in = known and wanted is not None and wanted.customer
    shopper = vouched("", wanted.customer) if signed_in and wanted else assistant.new_shopper()
    if known and wanted is not None:
        try:
            if wanted.profile:
                assistant.remember(shopper, wanted.profile)
            elif wanted.consent == "yes":
                assistant.shoppers.of(shopper).allow()
            elif wanted.consent == "no":
                assistant.shoppers.of(shopper).refuse()
        except ValueError as exc:
            raise ScriptError(f"{script.path}: the fixture's shopper cannot be: {exc}") from exc
    return shopper


def open_desk(assistant: "Assistant", script: Script) -> None:
    """Let a run find the desk for orders as nobody has asked there: no tries, no returns."""
    if script.fixture.orders != "none" and assistant.order_desk:
        assistant.order_desk.ledger.clear()


def fill_cart(assistant: "Assistant", script: Script, session: str) -> None:
    """Put into a conversation's cart what the fixture has in it. Raises ScriptError where the shop cannot."""
    for line in script.fixture.cart:
        try:
            assistant.carts.add(session, line.id, line.size, line.qty)
        except Exception as exc:  # a cart's own errors; the fixture is wrong, whatever the reason
            raise ScriptError(f"{script.path}: the fixture's cart cannot hold {line.id}: {exc}") from exc


@contextmanager
def shops(
    demo: Path | None = None,
    model: str | None = None,
    report: Report | None = None,
    tape: Tape | None = None,
    seed: int = 0,
) -> Iterator[Shops]:
    """Shops in a folder of their own that is gone afterwards; `demo` stays."""
    with tempfile.TemporaryDirectory(prefix="daogou-dialogs-", ignore_cleanup_errors=True) as scratch:
        made = Shops(demo, Path(scratch), model, report, tape, seed)
        try:
            yield made
        finally:
            made.close()


# -- the finished demo shop --


def finished_demo(settings: "Settings", report: Report | None = None) -> Path:
    """The folder of a demo shop that nobody has talked in, from the cache, where it is made at the first
    time."""
    from agent.assistant import Assistant

    cache = Path(platformdirs.user_cache_dir("daogou")) / "demo-shops"
    place = cache / _made_from(settings)
    if place.is_dir():
        os.utime(place)
        return place
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="part-", ignore_cleanup_errors=True) as part:
        folder = Path(part) / "shop"
        assistant = Assistant.open(settings.model_copy(update={"data": folder, "model": "offline"}))
        try:
            assistant.load_demo(progress=report)
        finally:
            assistant.close()
        try:
            folder.rename(place)
        except OSError:
            if not place.is_dir():  # else somebody else was faster
                raise
    for old in sorted(cache.glob("[0-9a-f]*"), key=lambda p: p.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return place


def _made_from(settings: "Settings") -> str:
    """A digest of the code, data and weights that make the demo shop, and of the settings that change how it
    is seen."""
    digest = hashlib.sha256(f"{settings.attributes}|{settings.space}|{metadata.version('chromadb')}".encode())
    for package in ("store", "perception"):
        root = Path(str(importlib.import_module(package).__file__)).parent
        for file in sorted(f for f in root.rglob("*") if f.suffix in (".py", ".yaml", ".safetensors")):
            digest.update(file.relative_to(root).as_posix().encode() + file.read_bytes())
    for name in ("taxonomy", "colours", "search", "seen"):  # the words that products are indexed by
        digest.update(repr(load(name)).encode())
    return digest.hexdigest()[:24]


def copied(source: Path, folder: Path) -> None:
    """Copy a shop nobody has talked in: what is written into is copied, pictures are linked where that is
    possible."""

    def link(src: str, dst: str) -> str:
        try:
            os.link(src, dst)
        except OSError:
            shutil.copy2(src, dst)
        return dst

    def keep(where: str, names: list[str]) -> list[str]:
        talked = ("carts", "checkpoints", "conversations", "shoppers", "photos", "images")
        return [n for n in names if n.startswith(talked)] if Path(where) == source else []

    shutil.copytree(source, folder, ignore=keep, dirs_exist_ok=True)
    shutil.copytree(source / "images", folder / "images", copy_function=link, dirs_exist_ok=True)
