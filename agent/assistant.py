"""The composition root: settings → store + eyes + model → `Assistant`, which every door holds one of.

Opening is cheap; the shop, the eyes and the agent are made when first needed.
"""

import gc
import hashlib
import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from pydantic import ValidationError

from agent.access.customers import customer
from agent.errors import BadFilters, BadWording, EmptyShop, NothingSeen, UnknownProduct
from agent.settings import Settings
from agent.transcripts import Transcripts, Turn
from prompts import language, load, say, taxonomy
from prompts.plain import plain
from store.errors import NotKept, StoreAway
from store.types import Filters, PhotoVectors, Product, Query, unfit
from tools import cards

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from PIL import Image

    from agent.access.owners import Owners
    from agent.access.threads import Said, Threads
    from agent.catalogue import Catalogue
    from agent.checkpoints import Checkpoints
    from agent.floor import Floor, Lock
    from agent.handoff.courier import Courier
    from agent.handoff.desk import Desk
    from agent.importing import Wish
    from agent.openings import Openings
    from agent.planner.ears import Ears
    from agent.planner.lexicon import Lexicon
    from agent.planner.model import OfflinePlanner
    from agent.planner.state import State
    from agent.server_checkpoints import ServerCheckpoints
    from agent.session import Session
    from perception.eyes import Eyes
    from perception.look import Look
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
    from store.shoppers import Profile, Shoppers
    from store.tables import Where
    from store.together import Together
    from tools.boards.draw import Studio
    from tools.context import ToolContext
    from tools.results import LookOutfit, Memory, Policy, ProductCard

log = logging.getLogger(__name__)
Progress = Callable[[int, int, str], None]
Leader = Callable[[Settings, "OfflinePlanner"], "BaseChatModel"]
_SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OUR_ID = re.compile(r"[0-9a-f]{24}")  # 96 bits: nobody comes upon another's by trying
_MOST_HEARD = 10_000
_A_DAY = 24 * 3600.0
_ELSEWHERE = 12  # turns that were said elsewhere and are told again
_PHOTO_S = 10.0  # for a photo that is fetched from an address
_PHOTO_ID = re.compile(r"[0-9a-f]{16}")


class Part(cached_property[Any]):
    """A part of the assistant, made once at first use, also when two threads ask for it at the same moment."""

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        with instance._lock:
            return super().__get__(instance, owner)


class Assistant:
    """One shop's assistant. Safe to share between threads; `close` before the data folder is opened again."""

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

    @classmethod
    def open(cls, settings: Settings | None = None, leader: Leader | None = None) -> "Assistant":
        """Open the shop in `settings.data`; the folder is made when it is not there. `leader` makes the model of the
        conversation in the place of the one that the settings name: what records a model, or plays it again."""
        chosen = settings or Settings()
        chosen.data.mkdir(parents=True, exist_ok=True)
        made = cls(chosen, leader)
        _ = made.wording
        return made

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

    # -- the parts -----------------------------------------------------------------------------------------------

    @Part
    def eyes(self) -> "Eyes":
        """What sees. Raises BadModel or HubError when a setting names a model that cannot be used."""
        from agent.sight import opened

        return opened(self.settings)

    def see_with(self, other: "Assistant") -> None:
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
    def catalogue(self) -> "Catalogue":
        """What the shop's staff sees and puts right; for no shopper's eyes."""
        from agent.catalogue import Catalogue

        return Catalogue(self.shop, self.search, self.look)

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

    def prune(self) -> int:
        """Let go of conversations that are older than `keep_days`, with their carts and the photos that no other one
        has. Returns how many. Done at the first session of a process, then once a day; one that cannot be let go of
        as a whole, now, stays on record for the next time."""
        self._pruned = time.monotonic()
        days, gone = self.settings.keep_days, 0
        try:
            self.audit.prune(self.settings.audit_days)
            for session in self.transcripts.old(days):
                gone += self._let_go(session, days)
            for session in self.owners.before(days):  # begun, and never a word said
                if not (self.transcripts.has(session) or self.transcripts.was_expired(session)):
                    self.owners.drop(session)
        except NotKept as error:
            log.warning("old conversations stay for now: %s", error)
        if gone:
            log.info("%d conversations were older than %g days", gone, days)
        return gone

    def _let_go(self, session: str, days: float) -> bool:
        """Delete a conversation, its record last; False where that has to wait."""
        from agent.floor import Busy

        try:
            floor = self._floor(session)
            with floor.held(wait_s=0):
                if not self.transcripts.old(days, session):  # somebody has come back to it
                    return False
                self._drop(session)
                self.audit.unlink(session)
                floor.leave()
                return True
        except (Busy, NotKept, OSError) as error:
            log.warning("the old conversation %s stays for now: %r", session, error)
            return False

    def erase_session(self, session: str, by: str = "shopper") -> None:
        """Erase a conversation with its cart and the photos that no other one has, once nobody speaks in it. Raises
        Busy, NotKept."""
        floor = self._floor(session)
        with floor.held():
            self._drop(session)
            self.owners.drop(session)
            self.audit.note("session.erased", by, session)
            self.audit.unlink(session)
            floor.leave()

    def _drop(self, session: str) -> None:
        """Delete all of a conversation, its record last."""
        self.carts.drop(session)
        self.reactions.clear(session)
        self.desk.erase(session)
        if self.order_desk:
            self.order_desk.ledger.drop(session)
        if not self.checkpoints.forget(session):
            raise NotKept("the checkpoints cannot be written")
        for photo in self.transcripts.own_photos(session):
            self.album.drop(photo)
            self.made.drop(photo)
            self.boards.drop(photo)
        self.transcripts.expire(session)

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

    def check_model(self) -> None:
        """Find out, without asking it anything, whether the model of the conversation can be used. Raises BadModel."""
        from agent import models

        models.check(self.settings)

    def warm(self) -> None:
        """Load every model that a first turn needs, so that no shopper waits for it."""
        self.eyes.warm()
        self.shop.search(Query(text="shirt 衬衫", where=Filters(in_stock=True)))
        self._looked_once()
        self.policies.find("returns 退货", "en")
        _ = self.graph
        self.warmed = True
        gc.collect()  # what stays for good need not be looked through again in the middle of a turn
        gc.freeze()

    def _looked_once(self) -> None:
        """Have a look put together: of a large shop, the store is asked for each colour, kind and style but once."""
        from tools.match_outfit import Asked, styled

        for person in ("women", "men"):
            wanted = Filters(gender=[person])
            styled(self.tool_context("desk", "en"), Asked(occasions=("everyday", "work"), where=wanted))

    # -- conversations -------------------------------------------------------------------------------------------

    def session(
        self, session_id: str | None = None, lang: str = "auto", shopper: str | None = None
    ) -> "Session":
        """The conversation with this id, or a new one. An id that is not [A-Za-z0-9_-]{1,64} stands under a name made
        from it. What comes back is the caller's own: others who hold the id share the conversation and the cart, and
        neither the language nor the shopper.

        `shopper` (1 to 200 characters, else ValueError) is whose memory the conversation may use and, with consent, add
        to; without one nothing is remembered beyond the conversation. Several conversations may share a shopper.
        Whoever holds the id has the profile, so a door on a network gives out `new_shopper()`, keeps it out of
        addresses, and never takes one that a page or a link names."""
        from agent.session import Session

        key = session_id or secrets.token_hex(12)
        if not _SESSION_ID.fullmatch(key):
            key = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        if self._pruned is None or time.monotonic() - self._pruned > _A_DAY:
            self.prune()
        return Session(self, key, lang, shopper, self._floor(key))

    @staticmethod
    def new_shopper() -> str:
        """An id for a shopper that nobody can guess."""
        return secrets.token_urlsafe(24)

    def profile(self, shopper: str) -> "Profile":
        """What is kept of a shopper; of an unknown one, nothing."""
        return self.shoppers.of(shopper).profile()

    def memory(self, shopper: str, lang: str = "en") -> "Memory":
        """The same in words of `lang`, as the doors show it."""
        from tools.memory import told_of

        return told_of(self.tool_context("desk", lang, shopper=shopper), "view")

    def forget(self, shopper: str, scope: dict[str, str] | None = None) -> int:
        """Erase what is kept of a shopper, or the part in `scope` ({"portion": "sizes", "kind": "shoes"}, see
        store.shoppers.Scope); without one also their answer about being remembered. Returns how many notes are gone.

        Raises ValidationError (a ValueError) for a scope of another shape."""
        from store.shoppers import Scope

        wanted = Scope.model_validate(scope) if scope is not None else Scope()
        known = self.shoppers.of(shopper)
        self.reactions.forget(wanted, known.mark)  # also what counts only in their conversations
        return known.forget(wanted)

    def forget_in(self, session: str, shopper: str | None, scope: dict[str, str] | None = None) -> int:
        """The same from within a conversation: of somebody whom the door does not know, what was done in it."""
        from store.shoppers import Scope

        if shopper:
            return self.forget(shopper, scope)
        return self.reactions.forget(Scope.model_validate(scope or {}), "", session)

    def remember(self, shopper: str, facts: dict[str, Any]) -> "Profile":
        """Keep facts that the shopper gave elsewhere with their consent, in a form or another system: {"sizes":
        {"tops": "M"}, "likes": {"color": ["navy"]}, "refuses": {"pattern": ["dotted"]}, "budget": [{"max": 80}],
        "viewed": [ids]}.

        Raises ValidationError (a ValueError) for facts of another shape."""
        from store.shoppers import Viewed
        from tools.facts import Facts

        given = dict(facts)
        viewed = [Viewed(product=product, stated=False) for product in given.pop("viewed", [])]
        notes = Facts.model_validate(given).notes()
        known = self.shoppers.of(shopper)
        known.allow()
        known.keep([*notes, *viewed])
        return known.profile()

    def resume(self, session_id: str, lang: str = "auto", shopper: str | None = None) -> "Session | None":
        """The conversation with an id that came from a stranger, in an address: only one that we made (one that is no
        longer kept begins anew, and says so). None for any other, also for names that a caller of `session` chose."""
        kept = self.transcripts
        if not _OUR_ID.fullmatch(session_id) or not (kept.has(session_id) or kept.was_expired(session_id)):
            return None
        return self.session(session_id, lang, shopper)

    def turns_of(self, session_id: str) -> int:
        """How many turns a conversation has."""
        last = self.transcripts.last(session_id)
        return last[0] + 1 if last else 0

    def since(self, session_id: str, turns: int) -> list[Turn] | None:
        """What people of the shop did in a conversation since its first `turns` turns, where nobody else did anything;
        None for one that no person ever was asked into, or that has gone on."""
        if not self.handoffs.of(session_id):
            return None
        later = self.transcripts.read(session_id, turns)
        return later if all(turn.outside for turn in later) else None

    def branched(self, session_id: str, turns: int, shopper: str | None = None) -> "Session":
        """A new conversation that begins with the first `turns` turns of another, and with its cart."""
        session = self.session(shopper=shopper)
        self.transcripts.copy(session_id, session.id, turns)
        self.carts.copy(session_id, session.id)
        return session

    def begun_elsewhere(self, said: "Sequence[Said]", shopper: str | None = None) -> "Session":
        """A new conversation of which something was said where we did not hear it: (role, text) in order."""
        from agent import identity
        from agent.events import Done, Token

        session = self.session(shopper=shopper)
        pairs: list[list[str]] = []
        for role, text in said:
            if role == "user" and (not pairs or pairs[-1][1]):
                pairs.append(["", ""])
            pairs = pairs or [["", ""]]
            pairs[-1][role != "user"] = f"{pairs[-1][role != 'user']}\n{text}".strip()
        limit = self.settings.max_message_chars
        for number, (asked, told) in enumerate(pairs[-_ELSEWHERE:]):
            reply = plain(told)[:limit]
            asked = identity.hidden(self.order_desk, plain(asked)[:limit])
            turn = Turn(text=asked, language=language.detect(asked or told))
            turn.events = [Token(text=reply), Done(text=reply)]
            self.transcripts.write(session.id, number, turn)
        return session

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

    @property
    def shop_name(self) -> str:
        """The name shown to shoppers."""
        return self.settings.shop_name

    @property
    def tool_names(self) -> list[str]:
        """Names of the agent's tools."""
        return tool_names()

    def first_questions(self, lang: str) -> list[str]:
        """What a shopper might start with, made of what this shop has; none where it is empty."""
        return self._invites().questions(lang)

    def searches(self, lang: str) -> list[str]:
        """Words that a search finds something for, made of what this shop has."""
        return self._invites().subjects(lang)

    def _invites(self) -> "Openings":
        from agent.openings import Openings
        from store.policies import PolicyError

        facets = self.shop.facets()  # the same object until the shop changes
        if self._openings is None or self._openings[0] is not facets:
            try:
                topics = self.policies.topics()
            except PolicyError as error:  # told where the rules are asked for; here they are only not offered
                log.warning("no question about the shop's rules is offered: %s", error)
                topics = []
            self._openings = facets, Openings.of(self.shop.all(), topics)
        return self._openings[1]

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

    @property
    def currency(self) -> str:
        """Of the shop's prices; of several, of most of them."""
        return self.shop.facets().currency

    def count(self) -> int:
        """Products in the shop."""
        return self.shop.count()

    def is_empty(self) -> bool:
        """True when there are no products; False while the catalogue cannot be reached, which a turn tells."""
        try:
            return self.count() == 0
        except StoreAway:
            return False

    def sells(self, product_id: str) -> bool:
        """True for the id of a product of the shop."""
        return self.shop.get(product_id) is not None

    def fetched(self, address: str) -> bytes:
        """The picture at an address of the open internet; never one inside our own network. Raises NotFetched."""
        from agent.errors import NotFetched
        from perception.photo import MAX_BYTES
        from store.feeds.fetch import Fetcher, Limits, PictureRefused

        fetcher = Fetcher(Limits(bytes=MAX_BYTES, total_s=_PHOTO_S))
        try:
            return fetcher.get(address)
        except PictureRefused as refused:
            raise NotFetched(why=refused.code) from refused
        finally:
            fetcher.close()

    # -- single questions, outside a conversation ------------------------------------------------------------------

    def look(self, data: bytes, lang: str = "en", forced: bool = False) -> "Look":
        """What a photo shows. `forced`: the likeliest value of every attribute, sure or not. Raises PhotoError."""
        from perception.photo import load_photo

        return self.eyes.look(load_photo(data), lang, forced=forced)

    def ask(self, target: bytes | str, question: str, lang: str = "auto") -> dict[str, Any]:
        """Answer a question about a photo (bytes) or a product (id): {"answer","value","source","confidence"}.

        Raises PhotoError, or UnknownProduct for an id that the shop does not have."""
        from perception.photo import load_photo
        from tools.ask_image import about_photo, about_product

        lang = language.detect(question) if lang == "auto" else lang
        context = self.tool_context("desk", lang)
        if isinstance(target, bytes):
            answer = about_photo(context, load_photo(target), question)
        else:
            answer = about_product(context, self._product(target), question)
        return answer.model_dump(mode="json", exclude={"type", "about"})

    def policy(self, question: str, lang: str = "auto") -> "Policy":
        """What the shop's rules say to a question; no `topic` where they say nothing of it. Raises PolicyError."""
        from tools.shop_policy import answered

        return answered(
            self.tool_context("desk", language.detect(question) if lang == "auto" else lang), question
        )

    def recolor(
        self, target: bytes | str, color: str, lang: str = "auto"
    ) -> tuple["Image.Image", dict[str, str]]:
        """What a photo (bytes) or a product (id) shows in another colour, and which colour that came to: {"name",
        "srgb", "kind", "instead_of": words that no colour is known by}. It is a preview, whatever the shop sells.

        Raises PhotoError, UnknownProduct, UnknownColor, NoPreview."""
        from agent.errors import NoPreview, UnknownColor
        from perception import shades
        from perception.photo import load_photo
        from tools.choose_color import picture_of, recolored
        from tools.errors import CannotRecolor

        lang = language.detect(color) if lang == "auto" else lang
        heard = shades.heard(color)
        if heard.shade is None and heard.change is None:
            raise UnknownColor(words=color[:80])
        context = self.tool_context("desk", lang)
        try:
            own = load_photo(target) if isinstance(target, bytes) else None
            picture = own or picture_of(context, self._product(str(target)))
            image, shade = recolored(context, picture, heard)
        except CannotRecolor as error:
            raise NoPreview from error
        named = {"name": shade.names[lang], "srgb": shade.srgb, "kind": shade.kind}
        return image, {**named, "instead_of": heard.strange}

    def scene(
        self, target: bytes | str, scene: str, lang: str = "en"
    ) -> tuple["Image.Image", dict[str, Any]]:
        """What a photo (bytes) or a product (id) shows, in a drawn place: the picture and {"scene", "name", "composed":
        False where it could not be cut out well and its photo is shown as it is, "quality" of the cut-out 0..1,
        "label": what to say of it}.

        Raises PhotoError, UnknownProduct, UnknownScene, NoPicture."""
        from agent.errors import NoPicture, UnknownScene
        from store import scenes
        from tools.errors import NoPicture as ToolNoPicture
        from tools.scenes import of_photo, of_product

        if scene not in scenes.SCENES:
            known = [f"{name}（{say('scenes', f'names.{name}', lang)}）" if lang == "zh" else name
                     for name in scenes.SCENES]  # fmt: skip
            raise UnknownScene(scene=scene[:80], known=("、" if lang == "zh" else ", ").join(known))
        context = self.tool_context("desk", lang)
        try:
            if isinstance(target, bytes):
                made = of_photo(context, target, scene)
            else:
                made = of_product(context, self._product(target), scene)
        except ToolNoPicture as error:
            raise NoPicture(id=target) from error
        label = say("scenes", "label.composed" if made.composed else "label.framed", lang)
        told = {"scene": scene, "name": say("scenes", f"names.{scene}", lang), "composed": made.composed,
                "quality": round(made.quality, 3), "label": label}  # fmt: skip
        return made.picture, told

    def search(
        self,
        query: str = "",
        photo: bytes | None = None,
        where: dict[str, Any] | None = None,
        k: int = 6,
        lang: str = "auto",
    ) -> list[dict[str, Any]]:
        """Ranked products: each is the product's JSON with score, parts, reasons, why, nearest, relaxed, total.

        The words of `query` are read as a shopper's; conditions in `where` are added and win over them.
        Where fewer than `k` meet every condition that was read from the words, those that miss only a taste follow
        (`nearest`, with what they miss in `relaxed`); conditions in `where`, prices and sizes always hold. Words beside
        a photo that name no kind of thing ("in blue") are about the kind of thing it shows, as in a conversation.

        Raises EmptyShop, BadFilters, PhotoError."""
        from agent.planner.model import hear
        from agent.planner.state import State
        from perception.photo import load_photo
        from tools.search_catalog import TASTES, find

        self._stocked()
        lang = language.detect(query) if lang == "auto" else lang
        meaning, _ = hear(query, [], State(), self.lexicon(), lang)
        read: dict[str, Any] = meaning.args if meaning.tool == "search_catalog" else {}
        seen = load_photo(photo) if photo is not None else None
        vectors = self.eyes.vectors(seen.image) if seen else None
        wanted = _merged(read.get("where", {}), where or {}, lang)
        kept = list(where or {})
        if seen and query.strip() and not wanted.category:
            shown = [g.category for g in self.eyes.look(seen, lang).garments[:1]]
            wanted.category = [c for c in shown if c not in wanted.not_.get("category", [])]
            kept.append("category")  # what is of another kind is not like it at all
        results = find(
            self.shop,
            Query(
                text=query,
                photo=PhotoVectors(image=vectors.image, text=vectors.text, seen=vectors.seen)
                if vectors
                else None,
                where=wanted,
                prefer=Filters.model_validate(read.get("prefer", {})),
                fill=[name for name in TASTES if name not in kept],
                sort=read.get("sort", "relevance"),
                k=k,
            ),
        )
        return [
            {
                **hit.product.model_dump(mode="json", exclude_none=True),
                "score": round(hit.score, 4),
                "parts": {name: round(part, 4) for name, part in hit.parts.items()},
                "reasons": [reason.model_dump(exclude_none=True) for reason in hit.reasons],
                "why": cards.why(hit, lang, relaxed=results.relaxed or hit.missed),
                "nearest": bool(results.relaxed or hit.missed),
                "relaxed": results.relaxed or hit.missed,
                "total": results.total,
            }
            for hit in results.hits
        ]

    def outfit(
        self,
        products: Sequence[str] = (),
        photos: Sequence[bytes] = (),
        lang: str = "auto",
        boards: bool = False,
        **wishes: Any,
    ) -> dict[str, Any]:
        """Looks around products, photos of what the shopper owns, or an occasion: {"looks": [{"idea", "items": [product
        JSON + slot, why], "own", "total", "left", "score", "reasons", "missing", "given_up"}], "problem": what could
        not be met, "photos": their ids}. `wishes`: as `tools.match_outfit.Asked` has them. `boards`: with the name of
        its "board", for `picture`, of each look in which nothing is the shopper's own.

        Raises EmptyShop, UnknownProduct, PhotoError, BadFilters, NothingSeen."""
        from perception.photo import load_photo
        from tools.boards.draw import promised
        from tools.errors import ToolInputError
        from tools.match_outfit import Asked, styled

        self._stocked()
        for one in products:
            self._product(one)
        loaded = [load_photo(data) for data in photos]
        context = self.tool_context("desk", "en" if lang == "auto" else lang)
        seen = (context.eyes.look(photo, context.lang).garments for photo in loaded)
        if loaded and not wishes.get("occasions") and not any(seen):
            raise NothingSeen
        one_product = {"product": products[0]} if len(products) == 1 else {"products": tuple(products)}
        ids = [photo.id for photo in loaded]
        given = {"photo": ids[0]} if len(ids) == 1 else {"photos": tuple(ids)}
        shown = dict(zip(ids, loaded, strict=True))
        try:
            outfit = styled(context, Asked(**one_product, **given, shown=shown, **wishes))  # type: ignore[arg-type]
        except ToolInputError as error:
            raise BadFilters(reason=error) from error
        looks = promised(context, outfit.looks) if boards and not loaded else outfit.looks
        return {
            "looks": [self._look(look) for look in looks],
            "problem": outfit.problem,
            "photos": ids,
        }

    def outfit_boards(
        self, found: dict[str, Any], photos: Sequence[bytes] = (), lang: str = "en"
    ) -> list["Image.Image"]:
        """The looks that `outfit` found for `photos` as pictures, drawn now and kept nowhere. RGB, 1080 x 1350."""
        from perception.photo import load_photo
        from tools.boards.draw import recipe
        from tools.boards.shelf import Bought
        from tools.results import OwnPiece

        own = {photo.id: photo for photo in map(load_photo, photos)}
        return [
            self.boards.image(
                recipe(
                    lang,
                    look["idea"],
                    [Bought(id=item["id"], slot=item["slot"] or "") for item in look["items"]],
                    [OwnPiece.model_validate(piece) for piece in look["own"]],
                    lambda photo: self.eyes.look(own[photo], lang).garments,
                ),
                lambda photo: own[photo].data,
            )
            for look in found["looks"]
        ]

    def _look(self, look: "LookOutfit") -> dict[str, Any]:
        """A look as JSON, with whole products in it."""
        money = {"amount", "currency"}
        items = [
            {**p.model_dump(mode="json", exclude_none=True), "slot": item.slot, "why": item.why}
            for item in look.items
            if (p := self.shop.get(item.id)) is not None
        ]
        return {
            "idea": look.idea,
            "items": items,
            "own": [own.model_dump() for own in look.own],
            "total": look.total.model_dump(include=money),
            **({"left": look.left.model_dump(include=money)} if look.left else {}),
            "score": look.score,
            "reasons": look.reasons,
            **({"missing": look.missing} if look.missing else {}),
            **({"given_up": look.given_up} if look.given_up else {}),
            **({"board": look.board, "board_alt": look.board_alt} if look.board else {}),
        }

    def page(self, after: str = "", limit: int = 50) -> tuple[list[Product], str | None]:
        """(a page of the catalogue, what to give as `after` for the next one; None on the last). An id that there is
        not, or is no more, begins anew."""
        ids = self.shop.ids()
        start = ids.index(after) + 1 if after in ids else 0
        part = ids[start : start + limit]
        more = part and start + len(part) < len(ids)
        return self.shop.get_many(part), part[-1] if more else None

    def kinds(self, lang: str) -> dict[str, str]:
        """The kinds of things that are sold, the widest ones, the most frequent first: category → "shoes", 鞋."""
        from agent.planner.phrases import Voice

        voice = Voice(lang, "")
        widest = [kind for kind in self.shop.facets().categories if taxonomy.ancestors(kind)[0] == kind]
        return {kind: voice.subject({"category": [kind]}) for kind in widest}

    def cards(self, ids: Sequence[str], lang: str, details: bool = False) -> "list[ProductCard]":
        """Products as they are shown, in the order of `ids`; an unknown id is simply missing."""
        return [cards.card(p, lang, with_details=details) for p in self.shop.get_many(list(ids))]

    def products(self, ids: Sequence[str] | None = None) -> Iterator[Product]:
        """The catalogue, or the products with these ids in their order; an unknown id is simply missing."""
        if ids is None:
            yield from self.shop.all()
        else:
            yield from self.shop.get_many(list(ids))

    def understand(self, session: str, text: str, photos: Sequence[bytes] = ()) -> dict[str, Any]:
        """What the offline planner makes of a message, without acting. State is kept per session id, in memory."""
        from agent.planner.model import hear
        from agent.planner.state import State
        from perception.photo import load_photo

        seen = []
        for data in photos:
            photo = load_photo(data)
            seen.append(
                {"id": photo.id, "look": self.eyes.look(photo).model_dump(mode="json", exclude_none=True)}
            )
        with self._lock:
            before = self._heard.pop(session, State())
            meaning, self._heard[session] = hear(plain(text), seen, before, self.lexicon(), ears=self._ears)
            while len(self._heard) > _MOST_HEARD:
                del self._heard[next(iter(self._heard))]
        return {"session": session, **meaning.to_json()}

    # -- filling the shop ------------------------------------------------------------------------------------------

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

    # -- learning the shop -----------------------------------------------------------------------------------------

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

    # -- helpers -----------------------------------------------------------------------------------------------------

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

    def _stocked(self) -> None:
        if self.count() == 0:
            raise EmptyShop

    def _product(self, product_id: str) -> Product:
        found = self.shop.get(product_id)
        if found is None:
            raise UnknownProduct(id=product_id)
        return found


def tool_names() -> list[str]:
    """Names of the agent's tools."""
    from tools import TOOLS

    return [t.name for t in TOOLS]


def _merged(read: dict[str, Any], given: dict[str, Any], lang: str) -> Filters:
    try:
        explicit = Filters.model_validate(given).to_json()
    except ValidationError as error:
        raise BadFilters(reason=unfit(error, lang)) from error
    return Filters.model_validate({**read, **explicit})


def _named(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    return (lambda done, total: progress(done, total, what)) if progress else None
