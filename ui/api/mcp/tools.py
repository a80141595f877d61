"""The tools that look: at the catalogue, a photo, what goes together, the shop's rules. None changes anything."""

import base64
import binascii
import logging
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context as Call
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, CallToolResult, ToolAnnotations
from pydantic import Field

from agent.assistant import Assistant
from prompts import say
from store.types import Filters, Product
from ui.api.mcp import goods
from ui.api.mcp.desk import Desk, Refused, small
from ui.api.mcp.server import ShopServer, desk, reply
from ui.api.mcp.shapes import (
    LOOKUP,
    MOST_ITEMS,
    SEARCH,
    Answered,
    AnsweredAbout,
    Context,
    Detail,
    Detailed,
    Envelope,
    Listed,
    LookedAt,
    Looks,
    LookShape,
    Lookup,
    Media,
    Message,
    OwnGarment,
    Page,
    PolicyShape,
    Price,
    ProductShape,
    Search,
    SearchFilters,
)

log = logging.getLogger(__name__)
PAGE, DEEPEST = 25, 100  # products at a time, and how far down a search goes
MOST_PHOTOS = 6
THUMB, PICTURE, BOARD = 200, 480, 540  # pixels across
Occasion = Literal[
    "everyday",
    "work",
    "interview",
    "party",
    "wedding",
    "date",
    "beach",
    "sport",
    "travel",
    "outdoor",
    "home",
    "school",
]
Photo = Annotated[str, Field(max_length=40_000_000, description="a photo: see the server's instructions")]
Meta = Annotated[dict[str, Any] | None, Field(description="of the protocol: ucp-agent, idempotency-key")]


def search_catalog(call: Call, catalog: Search, meta: Meta = None) -> Annotated[CallToolResult, Listed]:
    """Search the shop's products: in words (Chinese or English, with kinds, colours, prices, sizes as a shopper says
    them), by a photo of something to resemble, by filters, or all together."""
    at = desk(call)
    lang = at.spoken(catalog.query, catalog.context)
    where = _where(at.assistant, catalog.filters)
    if not catalog.query.strip() and catalog.photo is None and not where:
        raise Refused("nothing_asked")
    photo = at.photo(catalog.photo) if catalog.photo is not None else None
    start, limit = _start(catalog.pagination.cursor), min(catalog.pagination.limit, PAGE)
    until = min(start + limit, DEEPEST)
    found = at.assistant.search(catalog.query, photo, where, until, lang)
    total = max([int(hit["total"]) for hit in found[:1]] + [len(found)])
    page = found[start:until]
    shown = [_found(hit, lang, at) for hit in page]
    more = total > until and until < DEEPEST and bool(page)
    cursor = _cursor(until) if more else None
    answer = Listed(
        ucp=Envelope.of(SEARCH),
        products=shown,
        pagination=Page(cursor=cursor, has_next_page=more, total_count=total),
        messages=_nearest(page, lang) or None,
    )
    said = [say("mcp", "texts.found" if shown else "texts.nothing", lang, shown=len(shown), total=total)]
    said += [m.content for m in answer.messages or [] if m.path is None]
    said += [goods.told(product) for product in shown]
    said += [say("mcp", "texts.more", lang, cursor=cursor)] if cursor else []
    names = [hit["images"][0] for hit in page[:MOST_PHOTOS] if hit.get("images")] if catalog.pictures else []
    return reply(answer, "\n".join(said), _pictures(at, names, THUMB))


def lookup_catalog(call: Call, catalog: Lookup, meta: Meta = None) -> Annotated[CallToolResult, Listed]:
    """Read products by id, of a product or of a variant, several at once."""
    at = desk(call)
    lang = at.spoken(context=catalog.context)
    ids = list(dict.fromkeys(one[:200] for one in catalog.ids))
    if len(ids) > MOST_ITEMS:
        raise MCPError(code=INVALID_PARAMS, message=f"catalog.ids: at most {MOST_ITEMS}")
    known = resolved(at.assistant, ids)
    asked: dict[str, list[tuple[str, str | None]]] = {}
    for one, (product, size) in known.items():
        asked.setdefault(product.id, []).append((one, size))
    records = {product.id: product for product, _ in known.values()}
    shown = [goods.looked_up(records[name], wanted, lang, at.address) for name, wanted in asked.items()]
    missing = [Message(type="info", code="not_found", content=one) for one in ids if one not in known]
    lines = [goods.told(goods.shaped(records[name], lang, at.address)) for name in asked]
    lines += [say("mcp", "texts.not_found", lang, id=message.content) for message in missing]
    return reply(Listed(ucp=Envelope.of(LOOKUP), products=shown, messages=missing or None), "\n".join(lines))


def get_product(call: Call, catalog: Detail, meta: Meta = None) -> Annotated[CallToolResult, Detailed]:
    """Read one product in full, with stock by size, care, size chart and picture. Do so before it goes into a cart."""
    at = desk(call)
    lang = at.spoken(context=catalog.context)
    found = resolved(at.assistant, [catalog.id]).get(catalog.id)
    if found is None:
        told = say("mcp", "errors.no_product", lang, id=catalog.id[:100])
        message = Message(type="error", code="not_found", content=told, severity="unrecoverable")
        return reply(Answered(ucp=Envelope.of(LOOKUP, status="error"), messages=[message]), told, error=True)
    product, size = found
    shape = goods.detailed(product, size, catalog.selected, lang, at.address)
    record = [f"{name}: {value}" for name, value in shape.metadata.items() if value]
    said = "\n".join([goods.told(goods.shaped(product, lang, at.address)), shape.description.plain, *record])
    pictures = _pictures(at, product.images[:1], PICTURE) if catalog.picture else []
    return reply(Detailed(ucp=Envelope.of(LOOKUP), product=shape), said, pictures)


def look_at_photo(
    call: Call, photo: Photo, context: Context | None = None
) -> Annotated[CallToolResult, LookedAt]:
    """See what a photo shows: the garments with kind, colours, pattern and cut, the setting, text on them."""
    at = desk(call)
    lang = at.spoken(context=context)
    look = at.assistant.look(at.photo(photo), lang)
    shape = LookedAt.model_validate(look.model_dump(mode="json", exclude={"photo"}))
    if not look.garments and not look.text:
        return reply(shape, say("mcp", "texts.nothing_seen", lang))
    said = [say("mcp", "texts.seen", lang, caption=look.caption)]
    said += [say("mcp", "texts.read", lang, text=look.text)] if look.text else []
    return reply(shape, "\n".join(said))


def ask_image(
    call: Call,
    question: Annotated[str, Field(min_length=1, max_length=2_000)],
    photo: Photo | None = None,
    product: Annotated[str | None, Field(max_length=170, description="id of a product")] = None,
    context: Context | None = None,
) -> Annotated[CallToolResult, AnsweredAbout]:
    """Answer a question about a photo, or about a product from its record and its picture. Says when it cannot tell."""
    at = desk(call)
    lang = at.spoken(question, context)
    if (photo is None) == (product is None):
        raise Refused("one_of")
    target: bytes | str = at.photo(photo) if photo is not None else _known(at.assistant, str(product)).id
    shape = AnsweredAbout.model_validate(at.assistant.ask(target, question, lang))
    told = say(
        "mcp",
        "texts.answer",
        lang,
        answer=shape.answer,
        source=shape.source,
        confidence=f"{shape.confidence:.2f}",
    )
    return reply(shape, told)


def match_outfit(
    call: Call,
    products: Annotated[list[str], Field(max_length=12, description="ids that the looks are built on")] = [],  # noqa: B006
    photos: Annotated[
        list[str], Field(description="of what the shopper owns; only what is missing is bought")
    ] = [],  # noqa: B006
    occasions: list[Occasion] = [],  # noqa: B006
    season: Literal["spring", "summer", "autumn", "winter"] | None = None,
    weather: list[Literal["hot", "warm", "mild", "cool", "cold", "snow", "rain", "wind"]] = [],  # noqa: B006
    budget: Annotated[int | None, Field(ge=0, description="for all that is bought, in minor units")] = None,
    filters: Annotated[SearchFilters | None, Field(description="of every piece that is bought")] = None,
    without: Annotated[list[str], Field(max_length=12, description='left out, e.g. ["bag"]')] = [],  # noqa: B006
    count: Annotated[int, Field(ge=1, le=4)] = 2,
    context: Context | None = None,
    pictures: Annotated[bool, Field(description="with a board of each look")] = True,
) -> Annotated[CallToolResult, Looks]:
    """Put together whole looks that can be bought here: around products, around photos of what somebody owns, or for an
    occasion. Says what could not be met."""
    at = desk(call)
    lang = at.spoken(context=context)
    if len(photos) > MOST_PHOTOS:
        raise Refused("too_many_photos", most=MOST_PHOTOS)
    own = [at.photo(one) for one in photos]
    currency = at.assistant.currency
    found = at.assistant.outfit(
        [_known(at.assistant, one).id for one in products],
        own,
        lang,
        True,
        occasions=tuple(occasions),
        season=season,
        weather=tuple(weather),
        budget=Decimal(goods.major(budget, currency)) if budget is not None else None,
        where=Filters.model_validate(_where(at.assistant, filters or SearchFilters())),
        without=tuple(without),
        count=count,
    )
    looks = [_look(one, found["photos"], lang, at) for one in found["looks"]]
    messages = (
        [Message(type="info", code="not_all_met", content=found["problem"])] if found["problem"] else None
    )
    said = [found["problem"]] if found["problem"] else []
    said += [_told(nth, look, lang) for nth, look in enumerate(looks, 1)] or [
        say("mcp", "texts.no_looks", lang)
    ]
    boards: list[bytes] = []
    if pictures and looks:
        kept = [one["board"] for one in found["looks"] if one.get("board")]
        drawn = [] if kept else at.assistant.outfit_boards(found, own, lang)
        boards = _pictures(at, kept, BOARD) or [small(board, BOARD) for board in drawn]
    return reply(Looks(ucp=Envelope(), looks=looks, messages=messages), "\n".join(filter(None, said)), boards)


def shop_policy(
    call: Call,
    question: Annotated[str, Field(min_length=1, max_length=2_000, description="as the shopper asks it")],
    context: Context | None = None,
) -> Annotated[CallToolResult, PolicyShape]:
    """Read the shop's own rules on shipping, returns, exchanges, payment, care and the like, word for word."""
    at = desk(call)
    lang = at.spoken(question, context)
    found = at.assistant.policy(question, lang)
    shape = PolicyShape.model_validate(found.model_dump(exclude={"type", "call"}))
    if not found.topic:
        return reply(shape, say("mcp", "texts.no_policy", lang, topics=", ".join(found.topics) or "–"))
    return reply(shape, say("mcp", "texts.policy", lang, title=found.title, passage=found.passage))


LOOKING: list[tuple[Callable[..., CallToolResult], bool]] = [  # and whether it may ask the open internet
    (search_catalog, True),
    (lookup_catalog, False),
    (get_product, False),
    (look_at_photo, True),
    (ask_image, True),
    (match_outfit, True),
    (shop_policy, False),
]


def install(server: ShopServer) -> None:
    """Give the server the tools that look."""
    for tool, outside in LOOKING:
        hints = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=outside)
        server.add_tool(tool, annotations=hints)


def resolved(assistant: Assistant, ids: Iterable[str]) -> dict[str, tuple[Product, str | None]]:
    """Id → the product and, of a variant's, the size; what there is not is missing."""
    meant = {one: goods.parted(one) for one in ids}
    names = dict.fromkeys(product for pairs in meant.values() for product, _ in pairs)
    there = {product.id: product for product in assistant.products(list(names))}
    found: dict[str, tuple[Product, str | None]] = {}
    for one, pairs in meant.items():
        for name, size in pairs:
            product = there.get(name)
            held = goods.size_of(product, size) if product else None
            if product and (held or not size):
                found.setdefault(one, (product, held))
    return found


def _known(assistant: Assistant, one: str) -> Product:
    found = resolved(assistant, [one]).get(one)
    if found is None:
        raise Refused("no_product", id=one[:100])
    return found[0]


def _where(assistant: Assistant, filters: SearchFilters) -> dict[str, Any]:
    """Conditions as the shop's search takes them."""
    given = filters.model_dump(exclude_defaults=True)
    where: dict[str, Any] = {
        k: v for k, v in given.items() if k not in ("categories", "price", "availability", "exclude")
    }
    if filters.categories:
        where["category"] = filters.categories
    if filters.exclude:
        where["not"] = filters.exclude
    if filters.availability:
        where["in_stock"] = True
    if filters.price:
        bounds = filters.price.model_dump(exclude_none=True)
        where["price"] = {name: goods.major(bound, assistant.currency) for name, bound in bounds.items()}
    return where


def _found(hit: dict[str, Any], lang: str, at: Desk) -> ProductShape:
    told = {"why": hit["why"], "score": hit["score"], **({"nearest": True} if hit["nearest"] else {})}
    return goods.shaped(Product.model_validate(hit), lang, at.address, told)


def _nearest(page: Sequence[dict[str, Any]], lang: str) -> list[Message]:
    """What is to be known of products that miss a condition."""
    near = [(nth, hit) for nth, hit in enumerate(page) if hit["nearest"]]
    if near and len(near) == len(page):
        missed = list(dict.fromkeys(name for _, hit in near for name in hit["relaxed"]))
        told = say("mcp", "texts.nearest", lang, relaxed=", ".join(missed))
        return [Message(type="warning", code="nearest", content=told)]
    one = say("mcp", "texts.some_nearest", lang)
    return [
        Message(type="warning", code="nearest", content=one, path=f"$.products[{nth}]") for nth, _ in near
    ]


def _look(look: dict[str, Any], photos: Sequence[str], lang: str, at: Desk) -> LookShape:
    def money(value: dict[str, str] | None) -> Price | None:
        known = value and Price(
            amount=goods.minor(value["amount"], value["currency"]), currency=value["currency"]
        )
        return known or None

    return LookShape(
        idea=look["idea"],
        products=[
            goods.shaped(Product.model_validate(i), lang, at.address, {"slot": i["slot"], "why": i["why"]})
            for i in look["items"]
        ],
        owned=[
            OwnGarment(photo=photos.index(o["photo"]), slot=o["slot"], name=o["name"]) for o in look["own"]
        ],
        total=money(look["total"]) or Price(amount=0, currency=at.assistant.currency),
        left=money(look.get("left")),
        score=look["score"],
        reasons=look["reasons"],
        missing=look.get("missing", []),
        given_up=look.get("given_up", []),
        board=Media(url=at.address(look["board"]), alt_text=look["board_alt"]) if look.get("board") else None,
    )


def _told(nth: int, look: LookShape, lang: str) -> str:
    total = f"{goods.major(look.total.amount, look.total.currency)} {look.total.currency}"
    lines = [say("mcp", "texts.look", lang, nth=nth, idea=look.idea, total=total)]
    lines += [say("mcp", "texts.owned", lang, name=piece.name) for piece in look.owned]
    lines += [f"- {goods.told(product)}" for product in look.products]
    return "\n".join([*lines, *look.reasons])


def _pictures(at: Desk, names: Iterable[str], width: int) -> list[bytes]:
    """The pictures of those names that can be had; a product without one is shown in words."""
    found = []
    for name in names:
        try:
            found.append(small(at.assistant.picture(name), width))
        except OSError as error:
            log.warning("the picture %r cannot be shown: %s", name[:80], error)
    return found


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(f"p{place}".encode()).decode().rstrip("=")


def _start(cursor: str | None) -> int:
    """Where a page begins. Raises Refused for a cursor that is none of ours."""
    if cursor is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise Refused("bad_cursor") from error
    if not (text[:1] == "p" and text[1:].isascii() and text[1:].isdigit() and int(text[1:]) < DEEPEST):
        raise Refused("bad_cursor")
    return int(text[1:])
