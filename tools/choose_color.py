"""A product, or what a photo shows, in another colour: as the shop has it, else as a recoloured preview."""

from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool
from PIL import Image

from perception import shades
from perception.cutout import cutout
from perception.photo import Photo
from perception.recolor import NothingToRecolor, Target, ground_color, recolor
from perception.shades import Heard, Shade
from prompts import LANGUAGES, say, taxonomy, tell
from store.errors import PictureNotFound
from store.types import Product, Variant
from tools.cards import card, line, money
from tools.context import ToolContext
from tools.errors import CannotRecolor, NoColor, ToolInputError
from tools.family import called, in_color
from tools.results import Color, Preview, ProductCard, Products, SizeOption


@tool(parse_docstring=True, response_format="content_and_artifact")
def choose_color(
    runtime: ToolRuntime[ToolContext],
    color: str,
    product: str | None = None,
    photo: str | None = None,
    garment: int | None = None,
    preview: bool = False,
) -> tuple[str, dict[str, Any]]:
    """One product, or the garment in a photo of the shopper's, in another colour: the same design where the shop has it
    in that colour, else a preview picture, recoloured, which is no stock.

    Args:
        color: The colour in the shopper's words, e.g. "dark green", "酒红色", "#8a2be2", "a bit darker".
        product: Id of a product.
        photo: Id of a photo of the shopper's.
        garment: Which garment of the photo, from 0; the main one where not given.
        preview: Show a preview even where the shop has it.
    """
    context = runtime.context
    heard = shades.heard(color)
    if heard.shade is None and heard.change is None:
        raise NoColor(color)
    if product:
        record = context.product(product)
        found = in_color(context.shop, record, heard.shade) if heard.shade and not preview else []
        return stocked(context, record, found, heard) if found else _previewed(context, record, heard)
    if photo:
        return _of_photo(context, context.photo(photo), garment, heard)
    raise ToolInputError("choose_color needs the id of a photo or of a product")


def recolored(
    context: ToolContext, picture: Photo, heard: Heard, garment: int | None = None
) -> tuple[Image.Image, Shade]:
    """The picture with its main garment, or that one, in the colour heard, and which colour that came to. Raises
    CannotRecolor."""
    box = None
    if garment is not None:
        seen = context.eyes.look(picture, context.lang).garments
        if not 0 <= garment < len(seen):
            raise CannotRecolor
        box = seen[garment].box
    cut = cutout(picture.image, context.eyes, box)
    if cut.quality <= 0:
        raise CannotRecolor
    try:
        shade = heard.shade or _changed(heard, ground_color(picture.image, cut.alpha))
        return recolor(picture.image, cut.alpha, Target(shade.lab)), shade
    except NothingToRecolor as error:
        raise CannotRecolor from error


def picture_of(context: ToolContext, record: Product) -> Photo:
    """The picture that stands for a product. Raises CannotRecolor where there is none that can be read."""
    try:
        with Image.open(context.shop.picture(record.plain_image or "")) as image:
            return Photo.of(image)
    except (PictureNotFound, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise CannotRecolor from error


def _changed(heard: Heard, lab: shades.Lab) -> Shade:
    """The colour that there is, changed as was asked, under the palette's name."""
    changed = heard.change.of(lab) if heard.change else lab
    kind = shades.nearest(changed)
    return Shade(
        kind, shades.hex_of(changed), {lang: taxonomy.word("color", kind, lang) for lang in LANGUAGES}
    )


def stocked(
    context: ToolContext, record: Product, found: list[tuple[Product, Variant | None]], heard: Heard
) -> tuple[str, dict[str, Any]]:
    """What is told and shown where the shop has it in that colour (`found`, of family.in_color)."""
    cards = [_card(context, one, variant) for one, variant in found[:4]]
    shade = heard.shade
    name = shade.names[context.lang] if shade else ""
    its_own = called(*found[0], shade) if shade else None
    query = {
        "called": its_own.names[context.lang] if its_own else "",
        "product": record.id,
        "color": shade.kind if shade else "",
        "words": name,
        "instead_of": heard.strange,
    }
    event = Products(items=cards, total=len(found), query=query)
    key = "has_it" if found[0][0].id == record.id and found[0][1] is None else "comes_in"
    lines = "\n".join(line(shown) for shown in cards)
    if its_own:
        told = tell("comes_near", color=name, called=its_own.names[context.lang], lines=lines)
        return told, event.model_dump(mode="json")
    return tell(key, color=name, lines=lines), event.model_dump(mode="json")


def _card(context: ToolContext, product: Product, variant: Variant | None) -> ProductCard:
    """The card, of a variant with the picture, the price and the stock of its own colour: what is left in another one
    is not left in this."""
    plain = card(product, context.lang)
    if variant is None:
        return plain
    mine = [v for v in product.variants if v.color == variant.color]
    left = [v for v in mine if v.quantity != 0] if product.availability == "in_stock" else []
    changes: dict[str, Any] = {"in_stock": bool(left), "sizes": _sizes(mine, left)}
    if variant.image and variant.image in product.images:
        changes["image"] = variant.image
    if variant.price:
        changes["price"] = money(variant.price)
        changes["sale_price"] = money(variant.sale_price) if variant.sale_price else None
    return plain.model_copy(update=changes)


def _sizes(variants: list[Variant], left: list[Variant]) -> list[SizeOption]:
    """The sizes of these variants in the record's order, and which of them are among those `left`."""
    options = []
    for size in dict.fromkeys(v.size for v in variants if v.size):
        counts = [v.quantity for v in left if v.size == size]
        known = [count for count in counts if count is not None]
        quantity = sum(known) if len(known) == len(counts) else None
        options.append(SizeOption(size=size, in_stock=bool(counts), quantity=quantity))
    return options


def _previewed(context: ToolContext, record: Product, heard: Heard) -> tuple[str, dict[str, Any]]:
    name, picture = record.plain_image or "", picture_of(context, record)
    made, shade = _made(context, name, picture, heard, None)
    event = Preview(
        product=record.id,
        name=record.title.get(context.lang),
        picture=made,
        original=name,
        color=_color(shade, context.lang),
        label=say("tools", "preview.label", context.lang),
        instead_of=heard.strange,
    )
    return _told(event), event.model_dump(mode="json")


def _of_photo(
    context: ToolContext, photo: Photo, garment: int | None, heard: Heard
) -> tuple[str, dict[str, Any]]:
    made, shade = _made(context, photo.id, photo, heard, garment)
    event = Preview(
        photo=photo.id,
        picture=made,
        original=photo.id,
        color=_color(shade, context.lang),
        label=say("tools", "preview.label", context.lang),
        instead_of=heard.strange,
    )
    return _told(event), event.model_dump(mode="json")


def _made(
    context: ToolContext, source: str, picture: Photo, heard: Heard, garment: int | None
) -> tuple[str, Shade]:
    """The name of the kept preview, and its colour."""
    image, shade = recolored(context, picture, heard, garment)
    name = context.made.name(source, f"{picture.id} {garment} {shade.srgb}")
    context.made.put(name, image)
    return name, shade


def _color(shade: Shade, lang: str) -> Color:
    return Color(name=shade.names[lang], srgb=shade.srgb, kind=shade.kind)


def _told(event: Preview) -> str:
    strange = tell("preview_strange", words=event.instead_of) if event.instead_of else ""
    return tell("preview", color=event.color.name, strange=strange)
