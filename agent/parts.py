"""What an assistant is made of: settings → stores, eyes, planner, model and the agent's graph, each made when first
needed."""

import logging
import re
import threading
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from agent.access.customers import customer
from agent.errors import BadWording
from agent.settings import Settings
from agent.transcripts import Transcripts
from prompts import load, taxonomy

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agent.access.owners import Owners
    from agent.access.threads import Threads
    from agent.checkpoints import Checkpoints
    from agent.floor import Floor, Lock
    from agent.handoff.courier import Courier
    from agent.handoff.desk import Desk
    from agent.openings import Openings
    from agent.planner.ears import Ears
    from agent.planner.lexicon import Lexicon
    from agent.planner.model import OfflinePlanner
    from agent.planner.state import State
    from agent.server_checkpoints import ServerCheckpoints
    from perception.eyes import Eyes
    from perception.made import Made
    from perception.photo import Album
    from prompts.own import Wording
    from store.audit import Audit
    from store.carts import Carts
    from store.chroma import Server
    from store.claims import Claims
    from store.facets import Facets
    from store.handoffs import Handoffs
    from store.orders import Desk as OrderDesk
    from store.outbox import Outbox
    from store.policies import Policies
    from store.reactions import Reactions
    from store.shop import Shop
    from store.shoppers import Shoppers
    from store.tables import Where
    from store.together import Together
    from tools.boards.draw import Studio
    from tools.context import ToolContext

log = logging.getLogger(__name__)
_PHOTO_ID = re.compile(r"[0-9a-f]{16}")
Leader = Callable[[Settings, "OfflinePlanner"], "BaseChatModel"]


class Part(cached_property[Any]):
    """A part of the assistant, made once at first use, also when two threads ask for it at the same moment."""

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        with instance._lock:
            return super().__get__(instance, owner)


class Parts:
    """The parts of one shop's assistant, made at first use, and the hand that closes them."""

    def __init__(self, settings: Settings, leader: Leader | None = None) -> None:
        self.settings = settings
        self._leader = leader
        self.data = settings.data
        # Held as long as somebody talks in a session, so that its turns queue up; all else of it is in the files.
        self._floors: WeakValueDictionary[str, Floor] = WeakValueDictionary()
        self._heard: dict[str, State] = {}  # of `understand`, which acts on nothing; the newest `_MOST_HEARD`
        self._goods: tuple[Facets, list[str], list[str]] | None = (
            None  # the shop's own words for what it sells
        )
        self._pruned: float | None = None
        self.warmed = False  # True once every model is loaded that a first turn needs
        self._openings: tuple[Facets, Openings] | None = None
        self._lock = threading.RLock()

    @property
    def shop_name(self) -> str:
        """The name shown to shoppers."""
        return self.settings.shop_name

    def close(self) -> None:
        """Let go of every file. The assistant cannot be used afterwards."""
        courier = self.__dict__.pop("courier", None)
        if courier is not None:
            courier.close()
        with self._lock:
            for name in (
                "catalogue",
                "shop",
                "carts",
                "shoppers",
                "reactions",
                "transcripts",
                "owners",
                "threads",
                "handoffs",
                "outbox",
                "audit",
                "checkpoints",
                "_claims",
                "order_desk",
            ):
                part = self.__dict__.pop(name, None)
                if part is not None:
                    part.close()
            self.__dict__.pop("graph", None)
            self._floors.clear()

    @Part
    def eyes(self) -> "Eyes":
        """What sees. Raises BadModel or HubError when a setting names a model that cannot be used."""
        from agent.sight import opened

        return opened(self.settings)

    def see_with(self, other: "Parts") -> None:
        """Share the eyes of another assistant, before any are opened of one's own: they weigh the most of all."""
        with self._lock:
            self.__dict__.setdefault("eyes", other.eyes)

    @Part
    def shop(self) -> "Shop":
        """What is sold."""
        from agent.tuning import tunings
        from store.shop import Shop

        shop = Shop.open(self.data, self.eyes, self._server(), tunings(self.data, lambda: self.eyes))
        if shop.stale:
            log.warning(
                "The perception has changed since %s was filled; looking at every picture again.", self.data
            )
            shop.upsert([])
        return shop

    def _server(self) -> "Server | None":
        from store.chroma import DEFAULT_DATABASE, DEFAULT_TENANT, Server

        chosen = self.settings
        if not chosen.chroma:
            return None
        token = chosen.chroma_token.get_secret_value() if chosen.chroma_token else ""
        tenant, database = chosen.chroma_tenant or DEFAULT_TENANT, chosen.chroma_database or DEFAULT_DATABASE
        return Server(chosen.chroma.rstrip("/"), token, tenant, database)

    @Part
    def album(self) -> "Album":
        """The shoppers' photos."""
        from perception.photo import Album

        return Album(self.data / "photos")

    @Part
    def made(self) -> "Made":
        """Previews that were made of other pictures."""
        from perception.made import Made

        return Made(self.data / "previews")

    @Part
    def boards(self) -> "Studio":
        """Where the boards of looks are drawn."""
        from perception.mattes import Mattes
        from tools.boards.draw import Studio
        from tools.boards.shelf import Boards

        mattes, boards = Mattes(self.data / "boards" / "mattes"), Boards(self.data / "boards")
        return Studio(self.shop, self.eyes, self.album, mattes, boards, self.shop_name)

    @Part
    def people(self) -> "Where":
        """Where the stores of what belongs to people lie. Raises BadDatabase."""
        from agent.people import where

        return where(self.settings)

    @Part
    def _claims(self) -> "Claims | None":
        from store.tables import Server

        if not isinstance(self.people, Server):
            return None
        from store.claims import Claims

        return Claims(self.people)

    @Part
    def carts(self) -> "Carts":
        """The shoppers' carts."""
        from store.carts import Carts

        return Carts(self.people, lambda product: self.shop.get(product))

    @Part
    def shoppers(self) -> "Shoppers":
        """What shoppers agreed to be remembered by."""
        from store.shoppers import Shoppers

        return Shoppers(self.people)

    @Part
    def reactions(self) -> "Reactions":
        """What shoppers did in conversations."""
        from store.reactions import Reactions

        return Reactions(self.people)

    @Part
    def together(self) -> "Together":
        """What is bought together."""
        from store.together import Together

        return Together(self.data)

    @Part
    def owners(self) -> "Owners":
        """Whose conversations those are that were begun through the API."""
        from agent.access.owners import Owners

        return Owners(self.people)

    @Part
    def threads(self) -> "Threads":
        """Which conversation a list of messages is, for clients that send it whole."""
        from agent.access.threads import Threads

        return Threads(self.people)

    @Part
    def handoffs(self) -> "Handoffs":
        """Conversations that a person is to take over."""
        from store.handoffs import Handoffs

        return Handoffs(self.people)

    @Part
    def outbox(self) -> "Outbox":
        """What other programs have to be told of them."""
        from store.outbox import Outbox

        return Outbox(self.people)

    @Part
    def audit(self) -> "Audit":
        """What changed a cart, or left to a person or another program."""
        from store.audit import Audit

        return Audit(self.people)

    @Part
    def desk(self) -> "Desk":
        """Where a person is asked for, and takes over."""
        from agent.handoff.desk import Desk

        return Desk(self)

    @Part
    def courier(self) -> "Courier":
        """Who delivers what is in the outbox."""
        from agent.handoff.courier import Courier

        return Courier(self)

    @Part
    def policies(self) -> "Policies":
        """The shop's rules."""
        from store.policies import Policies

        return Policies(self.data, self.eyes)

    @Part
    def order_desk(self) -> "OrderDesk | None":
        """Where shoppers ask for their orders; None in a shop that has none to be asked for. While its orders cannot be
        read it says so to whoever asks."""
        from store.orders import Desk, OrdersUnreadable, opened
        from store.orders.ledger import Ledger
        from store.orders.sources import Closed

        try:
            orders = opened(self.settings.orders, self.data, lambda: self.shop.facets().currency)
        except OrdersUnreadable as error:
            log.error("no order can be told: %s", error)
            orders = Closed(str(error))
        if orders is None:
            return None
        return Desk(orders, Ledger(self.people), lambda: self.policies.return_rules, self._kind)

    def _kind(self, product: str) -> str:
        found = self.shop.get(product)
        return found.category if found else ""

    @Part
    def transcripts(self) -> Transcripts:
        """What was said. Opening it lets go of what is older than the settings say."""
        return Transcripts(self.people)

    @Part
    def checkpoints(self) -> "Checkpoints | ServerCheckpoints":
        """What the agent remembers."""
        from store.tables import Server

        if isinstance(self.people, Server):
            from agent.server_checkpoints import ServerCheckpoints

            return ServerCheckpoints(self.people)
        from agent.checkpoints import Checkpoints

        return Checkpoints.open(self.data / "checkpoints.sqlite")

    @Part
    def planner(self) -> "OfflinePlanner":
        """The offline model."""
        from agent.planner.model import OfflinePlanner

        return OfflinePlanner(lexicon=self.lexicon, ears=self._ears)

    @Part
    def wording(self) -> "Wording | None":
        """The shop's own words, where it has any. Raises BadWording, as opening the shop does."""
        from prompts import own

        try:
            return own.read(self.data)
        except own.BadWording as error:
            raise BadWording(path=str(self.data / own.NAME), why=error.why) from error

    @Part
    def graph(self) -> Any:
        """The LangChain agent. Raises BadModel when the model setting cannot be used."""
        from agent import graph, models

        model = (self._leader or models.chat_model)(self.settings, self.planner)
        wishes = self.wording.instructions if self.wording else ""
        orders = self.order_desk is not None
        return graph.build(self.settings, model, self.planner, self.checkpoints, orders, wishes)

    @Part
    def _ears(self) -> "Ears":
        from agent.planner.ears import Ears

        return Ears(lambda texts: self.eyes.sentences(texts), lambda text: self.eyes.pieces(text))

    def picture(self, name: str) -> Path:
        """The file of a product picture, of a preview, of a look's board or, by its id, of a shopper's photo. Raises
        FileNotFoundError."""
        from perception.photo import PhotoNotFound
        from store.errors import PictureNotFound

        try:
            if name.startswith("board-"):
                return self.boards.file(name)
            if name.startswith("made-"):
                return self.made.path(name)
            return self.album.path(name) if _PHOTO_ID.fullmatch(name) else self.shop.picture(name)
        except (PhotoNotFound, PictureNotFound) as error:
            raise FileNotFoundError(name) from error

    def has_to_draw(self, name: str) -> bool:
        """Whether a picture is one that is drawn when it is first asked for, and was not yet. Raises FileNotFoundError
        for a board that nobody was promised."""
        if name.startswith("board-"):
            return self.boards.has_to_draw(name)
        return self.shop.has_to_draw(name)

    def lexicon(self) -> "Lexicon":
        """The words by which the planner knows this shop's goods."""
        from agent.planner.lexicon import Lexicon
        from store.feeds.filing import UNFILED

        facets = self.shop.facets()
        if self._goods is None or self._goods[0] is not facets:
            known = taxonomy.values("category")
            kinds = [name for name in facets.categories if name not in known and name != UNFILED]
            goods = load("understanding/words")["marks"]["other_goods"] if kinds else []
            self._goods = facets, kinds, [str(word) for word in goods if self.shop.names(str(word))]
        _, kinds, sold = self._goods
        return Lexicon(
            list(facets.brands), facets.currency, kinds=kinds, sold=sold, orders=self.order_desk is not None
        )

    def tool_context(
        self,
        session_id: str,
        lang: str,
        photos: frozenset[str] | None = None,
        shopper: str | None = None,
        by: str = "words",
    ) -> "ToolContext":
        """What a tool gets in a turn of this session."""
        from tools.context import ToolContext

        return ToolContext(
            shop=self.shop,
            carts=self.carts,
            policies=self.policies,
            eyes=self.eyes,
            album=self.album,
            made=self.made,
            boards=self.boards.boards,
            session=session_id,
            lang=lang,
            photos=photos,
            shopper=self.shoppers.of(shopper) if shopper else None,
            reactions=self.reactions,
            together=self.together,
            people=self.desk,
            ledger=self.audit,
            by=by,
            order_desk=self.order_desk,
            customer=customer(shopper),
        )

    def _floor(self, session: str) -> "Floor":
        from agent.floor import Floor, LockFile
        from store.claims import Claim

        with self._lock:
            floor = self._floors.get(session)
            if floor is None:
                made: Callable[[], Lock]
                if self._claims is not None:
                    made = partial(Claim, self._claims, session)
                else:
                    made = partial(LockFile, self.data / "locks" / f"{session}.lock")
                floor = self._floors[session] = Floor(made, self.settings.turn_wait_s)
            return floor
