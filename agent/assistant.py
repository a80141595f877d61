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
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from pydantic import ValidationError

from agent.errors import BadFilters, EmptyShop, NothingSeen, UnknownProduct
from agent.settings import Settings
from agent.transcripts import Transcripts
from prompts import language, load, say, taxonomy
from prompts.plain import plain
from store.errors import NotKept, StoreAway
from store.types import Filters, PhotoVectors, Product, Query, unfit
from tools import cards

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from PIL import Image

    from agent.catalogue import Catalogue
    from agent.checkpoints import Checkpoints
    from agent.floor import Floor
    from agent.importing import Wish
    from agent.openings import Openings
    from agent.planner.ears import Ears
    from agent.planner.lexicon import Lexicon
    from agent.planner.model import OfflinePlanner
    from agent.planner.state import State
    from agent.session import Session
    from perception.eyes import Eyes
    from perception.look import Look
    from perception.made import Made
    from perception.photo import Album
    from store.carts import Carts
    from store.chroma import Server
    from store.facets import Facets
    from store.policies import Policies
    from store.shop import Shop
    from store.shoppers import Profile, Shoppers
    from tools.context import ToolContext
    from tools.results import Memory

log = logging.getLogger(__name__)
Progress = Callable[[int, int, str], None]
Leader = Callable[[Settings, "OfflinePlanner"], "BaseChatModel"]
_SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OUR_ID = re.compile(r"[0-9a-f]{24}")  # 96 bits: nobody comes upon another's by trying
_MOST_HEARD = 10_000
_A_DAY = 24 * 3600.0
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
        self._openings: tuple[Facets, Openings] | None = None
        self._lock = threading.RLock()

    @classmethod
    def open(cls, settings: Settings | None = None, leader: Leader | None = None) -> "Assistant":
        """Open the shop in `settings.data`; the folder is made when it is not there. `leader` makes the model of the
        conversation in the place of the one that the settings name: what records a model, or plays it again."""
        chosen = settings or Settings()
        chosen.data.mkdir(parents=True, exist_ok=True)
        return cls(chosen, leader)

    def close(self) -> None:
        """Let go of every file. The assistant cannot be used afterwards."""
        with self._lock:
            for name in ("catalogue", "shop", "carts", "shoppers", "transcripts", "checkpoints"):
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
    def carts(self) -> "Carts":
        """The shoppers' carts."""
        from store.carts import Carts

        return Carts(self.data, lambda product: self.shop.get(product))

    @Part
    def shoppers(self) -> "Shoppers":
        """What shoppers agreed to be remembered by."""
        from store.shoppers import Shoppers

        return Shoppers(self.data)

    @Part
    def policies(self) -> "Policies":
        """The shop's rules."""
        from store.policies import Policies

        return Policies(self.data, self.eyes)

    @Part
    def transcripts(self) -> Transcripts:
        """What was said. Opening it lets go of what is older than the settings say."""
        return Transcripts(self.data / "conversations.sqlite")

    def prune(self) -> int:
        """Let go of conversations that are older than `keep_days`, with their carts and the photos that no other one
        has. Returns how many. Done at the first session of a process, then once a day; one that cannot be let go of
        as a whole, now, stays on record for the next time."""
        self._pruned = time.monotonic()
        days, gone = self.settings.keep_days, 0
        try:
            for session in self.transcripts.old(days):
                gone += self._let_go(session, days)
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
                self.carts.clear(session)
                if not self.checkpoints.forget(session):
                    raise NotKept("checkpoints.sqlite cannot be written")
                for photo in self.transcripts.own_photos(session):
                    self.album.drop(photo)
                    self.made.drop(photo)
                self.transcripts.expire(session)
                floor.leave()
                return True
        except (Busy, NotKept, OSError) as error:
            log.warning("the old conversation %s stays for now: %r", session, error)
            return False

    @Part
    def checkpoints(self) -> "Checkpoints":
        """What the agent remembers."""
        from agent.checkpoints import Checkpoints

        return Checkpoints.open(self.data / "checkpoints.sqlite")

    @Part
    def planner(self) -> "OfflinePlanner":
        """The offline model."""
        from agent.planner.model import OfflinePlanner

        return OfflinePlanner(lexicon=self._lexicon, ears=self._ears)

    @Part
    def graph(self) -> Any:
        """The LangChain agent. Raises BadModel when the model setting cannot be used."""
        from agent import graph, models

        model = (self._leader or models.chat_model)(self.settings, self.planner)
        return graph.build(self.settings, model, self.planner, self.checkpoints)

    @Part
    def _ears(self) -> "Ears":
        from agent.planner.ears import Ears

        return Ears(lambda texts: self.eyes.sentences(texts), lambda text: self.eyes.pieces(text))

    def _lexicon(self) -> "Lexicon":
        from agent.planner.lexicon import Lexicon
        from store.feeds.filing import UNFILED

        facets = self.shop.facets()
        if self._goods is None or self._goods[0] is not facets:
            known = taxonomy.values("category")
            kinds = [name for name in facets.categories if name not in known and name != UNFILED]
            goods = load("understanding/words")["marks"]["other_goods"] if kinds else []
            self._goods = facets, kinds, [str(word) for word in goods if self.shop.names(str(word))]
        _, kinds, sold = self._goods
        return Lexicon(list(facets.brands), facets.currency, kinds=kinds, sold=sold)

    def check_model(self) -> None:
        """Find out, without asking it anything, whether the model of the conversation can be used. Raises BadModel."""
        from agent import models

        models.check(self.settings)

    def warm(self) -> None:
        """Load every model that a first turn needs, so that no shopper waits for it."""
        self.eyes.warm()
        self.shop.search(Query(text="shirt 衬衫", where=Filters(in_stock=True)))
        self.policies.find("returns 退货", "en")
        _ = self.graph
        gc.collect()  # what stays for good need not be looked through again in the middle of a turn
        gc.freeze()

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

        wanted = Scope.model_validate(scope) if scope is not None else None
        return self.shoppers.of(shopper).forget(wanted)

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

    def tool_context(
        self,
        session_id: str,
        lang: str,
        photos: frozenset[str] | None = None,
        shopper: str | None = None,
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
            session=session_id,
            lang=lang,
            photos=photos,
            shopper=self.shoppers.of(shopper) if shopper else None,
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
        """The file of a product picture, of a preview or, by its id, of a shopper's photo. Raises FileNotFoundError."""
        from perception.photo import PhotoNotFound
        from store.errors import PictureNotFound

        try:
            if name.startswith("made-"):
                return self.made.path(name)
            return self.album.path(name) if _PHOTO_ID.fullmatch(name) else self.shop.picture(name)
        except (PhotoNotFound, PictureNotFound) as error:
            raise FileNotFoundError(name) from error

    def has_to_draw(self, name: str) -> bool:
        """Whether a product picture is one that is drawn when it is first asked for, and was not yet."""
        return self.shop.has_to_draw(name)

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
        meaning, _ = hear(query, [], State(), self._lexicon(), lang)
        read: dict[str, Any] = meaning.args if meaning.tool == "search_catalog" else {}
        seen = load_photo(photo) if photo else None
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
        product: str | None = None,
        photo: bytes | None = None,
        lang: str = "auto",
        occasion: str | None = None,
        budget: float | None = None,
    ) -> list[dict[str, Any]]:
        """Looks around a product or a photo: {"items": [product JSON + slot], "total", "score", "reasons"}.

        Raises EmptyShop, UnknownProduct, PhotoError, NothingSeen."""
        from perception.photo import load_photo
        from tools.errors import ToolInputError
        from tools.match_outfit import looks_for

        self._stocked()
        context = self.tool_context("desk", "en" if lang == "auto" else lang)
        anchor = self._product(product) if product else load_photo(photo or b"")
        try:
            looks = looks_for(context, anchor, occasion, budget)
        except ToolInputError as error:
            raise NothingSeen from error
        found = []
        for look in looks:
            items = [
                {**p.model_dump(mode="json", exclude_none=True), "slot": item.slot, "why": item.why}
                for item in look.items
                if (p := self.shop.get(item.id)) is not None
            ]
            total = look.total.model_dump(include={"amount", "currency"})
            found.append({"items": items, "total": total, "score": look.score, "reasons": look.reasons})
        return found

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
            meaning, self._heard[session] = hear(plain(text), seen, before, self._lexicon(), ears=self._ears)
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

    def untune(self) -> bool:
        """Go back to the search as it was before any tuning; False where none was in force."""
        return self.shop.tunings.back() if self.shop.tunings else False

    # -- helpers -----------------------------------------------------------------------------------------------------

    def _floor(self, session: str) -> "Floor":
        from agent.floor import Floor

        with self._lock:
            floor = self._floors.get(session)
            if floor is None:
                path = self.data / "locks" / f"{session}.lock"
                floor = self._floors[session] = Floor(path, self.settings.turn_wait_s)
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
