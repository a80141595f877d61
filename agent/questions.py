"""What can be asked of a shop outside a conversation: its goods and pictures, and one question at a time."""

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from agent.errors import BadFilters, EmptyShop, NothingSeen, UnknownProduct
from agent.parts import Parts
from prompts import language, say, taxonomy
from prompts.plain import plain
from store.errors import StoreAway
from store.types import Filters, PhotoVectors, Product, Query, unfit
from tools import cards

if TYPE_CHECKING:
    from PIL import Image

    from agent.openings import Openings
    from perception.look import Look
    from tools.results import LookOutfit, Policy, ProductCard

log = logging.getLogger(__name__)
_MOST_HEARD = 10_000
_PHOTO_S = 10.0  # for a photo that is fetched from an address


class Questions(Parts):
    """Single questions: nothing is remembered of who asked."""

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

    def products(self, ids: Sequence[str] | None = None) -> Iterator[Product]:
        """The catalogue, or the products with these ids in their order; an unknown id is simply missing."""
        if ids is None:
            yield from self.shop.all()
        else:
            yield from self.shop.get_many(list(ids))

    def cards(self, ids: Sequence[str], lang: str, details: bool = False) -> "list[ProductCard]":
        """Products as they are shown, in the order of `ids`; an unknown id is simply missing."""
        return [cards.card(p, lang, with_details=details) for p in self.shop.get_many(list(ids))]

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

    def _stocked(self) -> None:
        if self.count() == 0:
            raise EmptyShop

    def _product(self, product_id: str) -> Product:
        found = self.shop.get(product_id)
        if found is None:
            raise UnknownProduct(id=product_id)
        return found


def _merged(read: dict[str, Any], given: dict[str, Any], lang: str) -> Filters:
    try:
        explicit = Filters.model_validate(given).to_json()
    except ValidationError as error:
        raise BadFilters(reason=unfit(error, lang)) from error
    return Filters.model_validate({**read, **explicit})
