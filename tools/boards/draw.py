"""From a promised board to its picture: names, prices and stock as the shop has them now."""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from PIL import Image

from perception.eyes import Eyes
from perception.look import Garment
from perception.mattes import Mattes
from perception.photo import Album, PhotoError, PhotoNotFound
from prompts import say, taxonomy
from store.errors import PictureNotFound
from store.shop import Shop
from store.types import PLAIN_VIEWS, Money, Product
from tools.boards.compose import Board, BoardPiece, compose
from tools.boards.lettering import settable
from tools.boards.shelf import Boards, Bought, Owned, Recipe
from tools.cards import money
from tools.context import ToolContext
from tools.results import LookOutfit, OwnPiece

log = logging.getLogger(__name__)
DRAWN_BY = "2"  # changes when boards are drawn in another way, so that all are drawn anew
MOST = 9  # pieces on a board
SIDE_BY_SIDE = 2  # pieces that are lifted at a time
Read = Callable[[str], bytes]
See = Callable[[str], Sequence[Garment]]


def promised(context: ToolContext, looks: Sequence[LookOutfit]) -> list[LookOutfit]:
    """The looks, each with the name of its board and what to say in its place; as they are where none are kept."""
    return [_promised(context, look) for look in looks]


def _promised(context: ToolContext, look: LookOutfit) -> LookOutfit:
    if context.boards is None or not (look.items or look.own):
        return look

    def seen(photo: str) -> Sequence[Garment]:
        try:
            return context.eyes.look(context.album.get(photo), context.lang).garments
        except PhotoNotFound:
            return ()

    items = [Bought(id=item.id, slot=item.slot or "", image=item.image) for item in look.items]
    try:
        name = context.boards.promise(recipe(context.lang, look.idea, items, look.own, seen))
    except OSError as error:  # a full or read-only disk costs the board, not the look
        log.warning("no board can be kept: %s", error)
        return look
    return look.model_copy(update={"board": name, "board_alt": alt(look, context.lang)})


def recipe(lang: str, idea: str, items: Sequence[Bought], own: Sequence[OwnPiece], seen: See) -> Recipe:
    """What is to lie on a board; `seen`: the garments of a photo by its id."""
    owned = []
    for piece in own:
        garments = seen(piece.photo)
        there = 0 <= piece.garment < len(garments)
        one = garments[piece.garment] if there else None
        owned.append(
            Owned(
                photo=piece.photo,
                slot=piece.slot,
                name=piece.name,
                category=(one.kind or one.category) if one else "",
                box=one.box if one and len(garments) > 1 else None,
            )
        )
    return Recipe(lang=lang, idea=idea, items=list(items)[: max(MOST - len(owned), 1)], own=owned[:MOST])


def alt(look: LookOutfit, lang: str) -> str:
    """A sentence that says what the board shows, for who cannot see it."""
    pieces = [own.name for own in look.own] + [
        f"{item.name} {(item.sale_price or item.price).text}" for item in look.items
    ]
    listed = say("boards", "alt.between", lang).join(pieces)
    key = "alt.titled" if look.idea else "alt.untitled"
    said = say("boards", key, lang, idea=look.idea, pieces=listed)
    return say("boards", "alt.total", lang, said=said, total=look.total.text) if look.items else said


@dataclass(frozen=True)
class _Piece:
    """A piece with where its picture comes from."""

    shown: BoardPiece
    data: bytes | None
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Studio:
    """Where boards are drawn. `shop_name`: as shoppers read it."""

    shop: Shop
    eyes: Eyes
    album: Album
    mattes: Mattes
    boards: Boards
    shop_name: str = ""

    def file(self, name: str) -> Path:
        """The picture of a promised board, drawn where nobody has asked for it since something on it changed. Raises
        FileNotFoundError: never promised, or of a photo that is gone, or of nothing that is still sold."""
        recipe, pieces, state = self._now(name)
        path = self.boards.path(name, state)
        return path if path.is_file() else self.boards.put(name, state, self._drawn(recipe, pieces))

    def drop(self, photo: str) -> None:
        """Delete all that was made of a shopper's photo."""
        self.mattes.drop(photo)
        self.boards.drop(photo)

    def has_to_draw(self, name: str) -> bool:
        """Whether `file` would draw it first. Raises FileNotFoundError as it does."""
        _, _, state = self._now(name)
        return not self.boards.path(name, state).is_file()

    def image(self, recipe: Recipe, read: Read | None = None) -> Image.Image:
        """A board now, kept nowhere; `read`: the bytes of a shopper's photo by its id, else from the album. Raises
        FileNotFoundError."""
        return self._drawn(recipe, self._pieces(recipe, read or self._photo))

    def _now(self, name: str) -> tuple[Recipe, list[_Piece], str]:
        recipe = self.boards.recipe(name)
        pieces = self._pieces(recipe, self._photo)
        facts = [
            DRAWN_BY,
            self.shop_name,
            recipe.model_dump_json(),
            *(
                [p.shown.slot, p.shown.name, p.shown.price, p.shown.was, p.shown.note, _digest(p.data)]
                for p in pieces
            ),
        ]
        return recipe, pieces, _digest(json.dumps(facts, ensure_ascii=False).encode())[:16]

    def _photo(self, photo: str) -> bytes:
        try:
            return self.album.get(photo).data
        except PhotoNotFound as error:
            raise FileNotFoundError(photo) from error

    def _pieces(self, recipe: Recipe, read: Read) -> list[_Piece]:
        """What is on the board now: what left the shop is not."""
        known = {p.id: p for p in self.shop.get_many([item.id for item in recipe.items])}
        found = [self._bought(known[item.id], item, recipe.lang) for item in recipe.items if item.id in known]
        found += [self._own(own, read(own.photo), recipe.lang) for own in recipe.own]
        if not found:
            raise FileNotFoundError("nothing of the look is sold any more")
        return found

    def _own(self, own: Owned, data: bytes, lang: str) -> _Piece:
        shown = BoardPiece(
            own.slot,
            own.category,
            None,
            _name(own.name, own.category, lang),
            mark=say("boards", "yours", lang),
            note=say("boards", "owned", lang),
        )
        return _Piece(shown, data, own.box)

    def _bought(self, product: Product, item: Bought, lang: str) -> _Piece:
        now, usual = product.current_price, product.price
        color = product.colors[0] if product.colors else None
        shown = BoardPiece(
            item.slot,
            product.category,
            None,
            _name(product.title.get(lang), product.category, lang),
            price=money(now).text,
            was=money(usual).text if usual.amount > now.amount else "",
            note="" if _to_be_had(product) else say("boards", "sold_out", lang),
            kids=product.age_group == "kids",
            tint=(taxonomy.swatch(color) if color else None) or "",
        )
        return _Piece(shown, self._data(product, item.image))

    def _data(self, product: Product, chosen: str | None) -> bytes | None:
        """The bytes of the picture that shows it alone, that of the chosen colour where it does."""
        plain = chosen in product.images and product.views.get(str(chosen), "front") in PLAIN_VIEWS
        try:
            return self.shop.picture((chosen if plain else product.plain_image) or "").read_bytes()
        except (PictureNotFound, OSError):
            return None

    def _drawn(self, recipe: Recipe, pieces: Sequence[_Piece]) -> Image.Image:
        total, whole = self._total(recipe)
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:  # what lifts them leaves the interpreter to the others
            pictured = tuple(pool.map(self._pictured, pieces))
        return compose(
            Board(
                pieces=pictured,
                title=recipe.idea,
                shop=self.shop_name,
                total=total,
                total_label=say("boards", "total" if whole else "total_left", recipe.lang) if total else "",
            )
        )

    def _pictured(self, piece: _Piece) -> BoardPiece:
        """The piece with its picture lifted off its ground; without one where there is none to be seen."""
        if piece.data is None:
            return piece.shown
        try:
            matte = self.mattes.of(piece.data, self.eyes, piece.shown.category, piece.box)
        except PhotoError as error:  # damaged, or a pixel to hold a place
            log.info("a picture of %r cannot be seen: %s", piece.shown.name[:80], error.code)
            return piece.shown
        return piece.shown.with_picture(matte.picture)

    def _total(self, recipe: Recipe) -> tuple[str, bool]:
        """What all that can be bought costs now, and whether that is all of it."""
        products = self.shop.get_many([item.id for item in recipe.items])
        sold = [p.current_price for p in products if _to_be_had(p)]
        sums: dict[str, Decimal] = {}
        for price in sold:
            sums[price.currency] = sums.get(price.currency, Decimal(0)) + price.amount
        told = [money(Money(amount=amount, currency=currency)).text for currency, amount in sums.items()]
        return say("boards", "plus", recipe.lang).join(told), len(sold) == len(recipe.items)


def _to_be_had(product: Product) -> bool:
    return product.in_stock or product.availability in ("preorder", "backorder")


def _name(name: str, category: str, lang: str) -> str:
    """What can be set of it; of a name in letters that no font here has, the kind of thing."""
    shown = settable(name)
    if shown:
        return shown
    known = category in taxonomy.values("category")
    return taxonomy.word("category", category, lang) if known else say("boards", "piece", lang)


def _digest(data: bytes | None) -> str:
    return hashlib.sha256(data or b"").hexdigest()
