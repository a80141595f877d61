"""Filling a shop and making it better: the demo, feeds, orders, and what is learned of them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.parts import Part
from agent.questions import Questions

if TYPE_CHECKING:
    from agent.catalogue import Catalogue
    from agent.importing import Wish

Progress = Callable[[int, int, str], None]


class Upkeep(Questions):
    """What the shop's own people have done."""

    @Part
    def catalogue(self) -> "Catalogue":
        """What the shop's staff sees and puts right; for no shopper's eyes."""
        from agent.catalogue import Catalogue

        return Catalogue(self.shop, self.search, self.look)

    def load_demo(self, progress: Progress | None = None) -> int:
        """Draw and load the demo catalogue; what is there unchanged costs nothing. Returns the number of products."""
        from store import demo

        drawn = demo.build(self.data, _named(progress, "drawing"))
        self.shop.upsert(self.catalogue.corrections.applied(drawn), _named(progress, "indexing"))
        self.__dict__.pop("policies", None)
        return len(drawn)

    def begin_policies(self) -> Path | None:
        """Give a shop that has no `policies.yaml` a template to fill in; its path, None where it has one already.

        Raises PolicyError where the one that it has cannot be read, OSError where nothing can be written."""
        from store import policies

        if path := policies.begin(self.data):
            return path
        policies.Policies(self.data).topics()
        return None

    def import_feed(
        self,
        path: Path,
        images: Path | None = None,
        dry_run: bool = False,
        format: str = "auto",
        progress: Progress | None = None,
    ) -> dict[str, Any]:
        """Bring in one feed as `import_feeds` does, without asking the network for anything: what came of it."""
        from agent.importing import Wish

        wish = Wish(format=format, images=images, dry_run=dry_run, fetch=False)
        return self.import_feeds([path], wish, progress)[0]

    def import_feeds(
        self, paths: Sequence[Path], wish: "Wish | None" = None, progress: Progress | None = None
    ) -> list[dict[str, Any]]:
        """Bring in feeds (see docs/feeds.md); for each {"feed", "format", "encoding", "rows", "read", "new", "changed",
        "unchanged", "removed", "refused", "errors": [{"line", "id", "field", "code", "reason", "fix", "message"}],
        "warnings": [the same], …}. A bad row never stops the rest; a picture that cannot be had is a warning.

        Raises BadFeed when a feed cannot be read at all, ImportBusy when another import is under way."""
        from agent import importing

        wish = wish or importing.Wish()
        if not wish.workers:
            return importing.import_feeds(self.shop, self.eyes, paths, wish, progress)
        from agent.fleet import Fleet

        told = (lambda done, of: progress(done, of, "looking")) if progress else None
        with Fleet(self.settings, self.data, wish.workers, told) as fleet, self.eyes.helped(fleet.shelf):
            return importing.import_feeds(self.shop, self.eyes, paths, wish, progress, fleet.look_ahead)

    def import_orders(self, path: Path, dry_run: bool = False) -> dict[str, Any]:
        """Take in the shop's orders, in the place of those taken in before; what came of it (docs/orders.md). A bad row
        never stops the rest. Raises BadOrders, OSError."""
        from agent import order_files

        told = order_files.take_in(path, self.data, self.shop.facets().currency, dry_run)
        self._orders_anew()
        return told

    def demo_orders(self) -> int:
        """Take in the demo shop's invented orders, as they stand today; how many. Raises OSError."""
        from agent import order_files

        count = order_files.demo(self.data)
        self._orders_anew()
        return count

    def _orders_anew(self) -> None:
        with self._lock:
            for part in ("order_desk", "graph"):  # the agent's tools depend on it
                self.__dict__.pop(part, None)

    def returns(self) -> list[dict[str, Any]]:
        """The returns that shoppers asked for, the oldest first."""
        from agent import order_files

        return order_files.returns(self.order_desk)

    def tune(self, seed: int = 0, progress: Progress | None = None) -> dict[str, Any]:
        """Learn which words go with which pictures from the shop's own products, and keep it if it is better on
        products held out; the figures (docs/tuning.md). Raises EmptyShop, TooFewToTune, TuneRunning, NotKept."""
        from agent import tuning

        self._stocked()
        return tuning.tune(self.shop, self.eyes, seed, self.settings.device, progress or (lambda *_: None))

    def tuning(self) -> dict[str, Any]:
        """What is in force: {"tuned": whether, "usable": with the models as they are set, …its figures}."""
        found = self.shop.tunings
        known = found.figures() if found else {}
        return {"tuned": bool(found and found.id), "usable": bool(found and found.now()), **known}

    def tune_looks(self, path: Path, seed: int = 0, progress: Progress | None = None) -> dict[str, Any]:
        """Learn what goes together from the shop's own looks or orders, JSON Lines of {"items": [ids]}, and keep it if
        it is better than the rules on looks held out; the figures (docs/outfits.md). Raises EmptyShop, BadLooks,
        TooFewLooks, TuneRunning, NotKept."""
        from agent import looks

        self._stocked()
        return looks.tune(self.shop, path, seed, progress or (lambda *_: None))

    def tune_orders(self, path: Path, seed: int = 0, progress: Progress | None = None) -> dict[str, Any]:
        """Learn what is bought together from the shop's orders, JSON Lines or CSV, and keep it if it foresees more than
        the best sellers do; the figures (docs/recommendation.md). Raises EmptyShop, BadOrders, TooFewOrders,
        NotKept."""
        from agent import orders

        self._stocked()
        return orders.tune(self.shop, path, seed, progress or (lambda *_: None))

    def orders_tuning(self) -> dict[str, Any]:
        """What was learned from orders: {"tuned": whether, "made", "orders"}."""
        made = self.together.note("made")
        return {
            "tuned": bool(made),
            **({"made": made, "orders": self.together.note("orders")} if made else {}),
        }

    def untune_orders(self) -> bool:
        """Recommend without orders again; False where nothing was learned."""
        return self.together.drop()

    def looks_tuning(self) -> dict[str, Any]:
        """What was learned from looks: {"tuned": whether, "usable": with the models as they are set, …its figures}."""
        from tools.styling import kept
        from tools.styling.learned import Compatibility

        there = kept.current(self.data)
        usable = bool(there) and Compatibility.of(self.shop) is not None
        return {
            "tuned": bool(there),
            "usable": usable,
            **({"id": there} if there else {}),
            **kept.figures(self.data),
        }

    def untune_looks(self) -> bool:
        """Score looks by the rules alone again; False where nothing was learned."""
        from tools.styling import kept

        return kept.back(self.data)

    def untune(self) -> bool:
        """Go back to the search as it was before any tuning; False where none was in force."""
        return self.shop.tunings.back() if self.shop.tunings else False


def _named(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    return (lambda done, total: progress(done, total, what)) if progress else None
