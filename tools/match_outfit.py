"""Build whole looks around products, photos or an occasion, change one, or find what of one kind goes with a thing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool

from perception.photo import Photo
from prompts import say, taxonomy, tell
from store.pool import Demand
from store.shoppers import Profile
from store.types import Filters, Product
from tools.boards.draw import promised
from tools.cards import card, line
from tools.context import ToolContext
from tools.errors import ToolInputError
from tools.reacting import never
from tools.results import Outfit, Products, Used
from tools.search_catalog import filters, in_look
from tools.styling.candidates import prepared
from tools.styling.learned import Compatibility
from tools.styling.looks import Looks, looks, partners
from tools.styling.piece import Piece, table
from tools.styling.score import GOES, pair
from tools.styling.told import after_each_other, told
from tools.styling.wish import LEVELS, WEATHERS, Level, Weather, Wish
from tools.usual import USUAL

PARTNERS = 4
NEAREST = 2  # shown where nothing surely goes with a thing
MOST_SHIFT = 2
MOST = 12  # products, photos or ids that one call may name


@tool(parse_docstring=True, response_format="content_and_artifact")
def match_outfit(
    runtime: ToolRuntime[ToolContext],
    product: str | None = None,
    products: list[str] | None = None,
    photo: str | None = None,
    photos: list[str] | None = None,
    garment: int | None = None,
    want: list[str] | None = None,
    occasion: str | list[str] | None = None,
    season: str | None = None,
    weather: list[Weather] | None = None,
    formality: int | Level | None = None,
    budget: float | None = None,
    where: dict[str, Any] | None = None,
    slots: dict[str, dict[str, Any]] | None = None,
    without: list[str] | None = None,
    look: list[str] | None = None,
    keep: list[str] | None = None,
    swap: str | None = None,
    exclude: list[str] | None = None,
    aside: list[str] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Put together two to four whole looks, or change one. From a product, several (a cart), a garment in a photo,
    several photos of what the shopper owns, or just an occasion. With `want`, only products of those categories that go
    with it.

    Args:
        product: Id of the product that every look is built on.
        products: Ids of several products to use, e.g. those in the cart; each look uses at least one.
        photo: Id of a photo of the shopper's to build on; what it shows is owned and costs nothing.
        photos: Ids of several photos of what the shopper owns; only what is missing is bought.
        garment: Which garment of `photo`, by its place in what was seen of it: 0 is the main one.
        want: Categories asked for, e.g. ["shoes"]; without it, complete looks are built.
        occasion: What the look is for: everyday, work, interview, party, wedding, date, beach, sport, travel, outdoor,
            home or school; several where several hold, e.g. ["wedding", "beach"].
        season: spring, summer, autumn or winter.
        weather: What it has to be right for, e.g. ["hot"] or ["cold", "rain"].
        formality: How dressed, or a step from the look before: -1 more casual, 1 smarter.
        budget: Most that the whole look may cost, with everything that is to be bought, in the shop's currency; with
            `want`, the most that the piece may cost.
        where: What every piece added must be, e.g. {"gender": ["women"], "size": ["M"], "not": {"color": ["white"]}}.
        slots: What the piece of one slot must be, e.g. {"shoes": {"color": ["white"]}}. Slots are top, bottom,
            onepiece, outer, shoes, bag, accessory, swim.
        without: Slots or categories to leave out, e.g. ["bag", "skirt"].
        look: Ids of the look that is to be changed. With `swap` all its other pieces stay; with `formality` what need
            not change stays.
        keep: Ids of pieces of it that every new look must have.
        swap: Slot of which another piece is wanted, e.g. "shoes".
        exclude: Ids that were shown already and should not come again.
        aside: What of the remembered of this shopper is not to be used now: ["all"] when it is for somebody else.
    """
    asked = Asked(
        product=product,
        products=tuple(products or ()),
        photo=photo,
        photos=tuple(photos or ()),
        garment=garment or 0,
        occasions=tuple([occasion] if isinstance(occasion, str) else occasion or ()),
        season=season,
        weather=tuple(weather or ()),
        formality=formality,
        budget=budget,
        where=filters(where),
        slots={slot: filters(one) for slot, one in (slots or {}).items()},
        without=tuple(without or ()),
        look=tuple(look or ()),
        keep=tuple(keep or ()),
        swap=swap,
        exclude=tuple(exclude or ()),
        aside=tuple(aside or ()),
    )
    context = runtime.context
    if want:
        shown = _partners(context, asked, want)
        return "\n".join(map(line, shown.items)) or tell("nothing"), shown.model_dump(mode="json")
    outfit = styled(context, asked)
    outfit = outfit.model_copy(update={"looks": promised(context, outfit.looks)})
    lines = "\n".join(
        f"{look.idea}: {' + '.join([*(o.name for o in look.own), *(i.name for i in look.items)])} = {look.total.text}"
        for look in outfit.looks
    )
    text = tell("looks", count=len(outfit.looks), lines=lines) if outfit.looks else tell("no_looks")
    if outfit.problem:
        text += " " + tell("looks_problem", problem=outfit.problem)
    return text, outfit.model_dump(mode="json")


@dataclass(frozen=True)
class Asked:
    """The arguments of `match_outfit`, checked; `shown`: photos that no conversation holds, by id (of a command)."""

    product: str | None = None
    products: tuple[str, ...] = ()
    photo: str | None = None
    photos: tuple[str, ...] = ()
    garment: int = 0
    occasions: tuple[str, ...] = ()
    season: str | None = None
    weather: tuple[str, ...] = ()
    formality: int | str | None = None
    budget: float | Decimal | None = None
    where: Filters = field(default_factory=Filters)
    slots: dict[str, Filters] | None = None
    without: tuple[str, ...] = ()
    look: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    swap: str | None = None
    exclude: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    sizes: dict[str, str] | None = None
    count: int = 3
    shown: dict[str, Photo] | None = None


def styled(context: ToolContext, asked: Asked) -> Outfit:
    """The looks, as every door shows them. Raises ToolInputError, UnknownProduct, UnknownPhoto for what cannot be used;
    a shop or a photo that has nothing for it is no error but the `problem` of the answer."""
    lang = context.lang
    must, have, unseen = _given(context, asked)
    profile = context.profile().without(asked.aside)
    sold = _sold(context)
    wish = _wish(context, asked, must, have, profile)
    notes: list[str] = []
    strangers = [p for p in must if p.slot is None and p.product is not None]
    if strangers:
        name = strangers[0].product.title.get(lang) if strangers[0].product else ""
        return Outfit(looks=[], problem=say("looks", "problem.not_worn", lang, name=name))
    if not sold:
        return Outfit(looks=[], problem=say("looks", "problem.lamps", lang))
    if unseen and not must and not have:
        if not asked.occasions:
            return Outfit(looks=[], problem=say("looks", "problem.no_garment", lang))
        notes.append(say("looks", "problem.photo_passed", lang))
    elif unseen:
        notes.append(say("looks", "problem.no_garment_some", lang, count=unseen))
    shown, used = _with_memory(context, wish, profile, lang)
    outfit = told(shown, wish, _currency(context, sold, [*must, *have]), lang, Compatibility.of(context.shop))
    if kinds := _only_kinds(sold, shown):
        notes.append(_one_kind(kinds, bool(outfit.looks), lang))
        outfit = outfit.model_copy(update={"problem": ""})
    said = after_each_other([*notes, outfit.problem], lang)
    return outfit.model_copy(update={"problem": said, "remembered": used})


# ---- what is given


def _given(context: ToolContext, asked: Asked) -> tuple[list[Piece], list[Piece], int]:
    """The pieces that every look has, those it may use, and how many photos showed nothing to wear. Raises
    ToolInputError where nothing was given."""
    named = dict.fromkeys([*([asked.product] if asked.product else []), *asked.keep])
    must = [prepared(context.product(i)) for i in list(named)[:MOST]]
    several = [i for i in dict.fromkeys(asked.products) if i not in named][:MOST]
    have = [prepared(context.product(i)) for i in several]
    if _worn_at_once([*must, *have]):
        must, have = [*must, *have], []
    unseen = 0
    photos = list(dict.fromkeys([*([asked.photo] if asked.photo else []), *asked.photos]))[:MOST]
    for name in photos:
        own = _own(context, asked, name, whole=len(photos) > 1)
        if not own:
            unseen += 1
        elif len(photos) == 1:
            must = [*own[:1], *must]
        else:
            have += own
    if len(must) == 0 and len(have) == 1:
        must, have = have, []
    if not (must or have or photos or asked.occasions or asked.look or _says_something(asked)):
        raise ToolInputError(tell("outfit_of_what"))
    return must, have, unseen


def _worn_at_once(pieces: list[Piece]) -> bool:
    """Whether one person can wear all of these together: then whoever chose them wants them all in the look."""
    slots, covers = [p.slot for p in pieces], table("looks")["covers"]
    taken = {s for p in pieces for s in covers.get(p.slot, [])}
    return None not in slots and len(set(slots)) == len(slots) and not taken & set(slots)


def _says_something(asked: Asked) -> bool:
    return bool(
        asked.season
        or asked.weather
        or asked.formality is not None
        or asked.budget is not None
        or asked.where.to_json()
        or asked.slots
        or asked.without
    )


def _own(context: ToolContext, asked: Asked, name: str, whole: bool) -> list[Piece]:
    """What a photo shows of the shopper's own: the garment meant, first; with `whole`, all of them."""
    picture = (asked.shown or {}).get(name) or context.photo(name)
    garments = context.eyes.look(picture, context.lang).garments
    if not garments:
        return []
    first = in_look(context, picture, asked.garment) if name == asked.photo else 0
    order = [first, *(i for i in range(len(garments)) if i != first)]
    pieces = [Piece.seen(garments[i], name, i) for i in (order if whole else order[:1])]
    return [p for p in pieces if p.slot]


def _wish(context: ToolContext, asked: Asked, must: list[Piece], have: list[Piece], profile: Profile) -> Wish:
    where, sizes = _sizes(asked, profile)
    shift, level = _formality(asked.formality)
    before = [prepared(p) for p in context.shop.get_many(list(dict.fromkeys(asked.look))[:MOST])]
    if asked.swap and asked.swap not in table("looks")["slots"]:
        slot = Piece(asked.swap).slot
        if slot is None:
            raise ToolInputError(
                tell("no_slot", slot=asked.swap[:40], slots=", ".join(table("looks")["slots"]))
            )
        where = where.model_copy(update={"category": [asked.swap]})
    else:
        slot = asked.swap
    gone = {p.product.id for p in before if p.product and slot and p.slot == slot}
    if asked.look and not slot:  # another look, or the same with another level
        stays = {p.product.id for p in must if p.product}
        gone = set(asked.look) - stays if not shift else set()
    if asked.budget is not None and not 0 <= asked.budget < math.inf:
        raise ToolInputError(tell("bad_budget"))
    kept = {p.product.id for p in must if p.product}
    return Wish(
        must=tuple(must),
        have=tuple(have),
        occasions=tuple(dict.fromkeys(asked.occasions)),
        season=asked.season,
        weather=tuple(w for w in asked.weather if w in WEATHERS),
        formality=level,
        shift=shift,
        budget=None if asked.budget is None else Decimal(str(asked.budget)),
        where=where,
        per_slot=asked.slots or {},
        without=asked.without,
        sizes=sizes,
        not_ids=frozenset((set(asked.exclude) | gone | never(context)) - kept),
        before=tuple(before),
        swap=slot,
        count=max(1, min(asked.count, int(table("looks")["search"]["at_most"]))),
    )


def _formality(asked: int | str | None) -> tuple[int, float | None]:
    """(steps, level)."""
    if asked is None:
        return 0, None
    if isinstance(asked, int):
        return max(-MOST_SHIFT, min(asked, MOST_SHIFT)), None
    if asked not in LEVELS:
        raise ToolInputError(tell("no_level", levels=", ".join(LEVELS)))
    return 0, float(table("looks")["levels"]["words"][asked])


def _sizes(asked: Asked, profile: Profile) -> tuple[Filters, dict[str, str]]:
    """The conditions without "usual", and sizes by kind of garment: those said, else those remembered."""
    said = [s for s in asked.where.size if s != USUAL]
    where = asked.where.model_copy(update={"size": said})
    remembered = {} if said else {note.kind: note.size for note in profile.sizes}
    return where, {**remembered, **(asked.sizes or {})}


def _with_memory(context: ToolContext, wish: Wish, profile: Profile, lang: str) -> tuple[Looks, list[Used]]:
    """The looks without what the shopper is known to avoid; nothing remembered may leave them without a look."""
    asked = {v for name in ("color", "pattern", "material", "category") for v in getattr(wish.where, name)}
    avoided = [t for t in profile.refused if t.holds and t.value not in asked]
    if avoided:
        refused = {a: list(v) for a, v in wish.where.not_.items()}
        for taste in avoided:
            refused.setdefault(taste.attribute, []).append(taste.value)
        narrowed = replace(wish, where=wish.where.model_copy(update={"not_": refused}))
        found = looks(context.shop, narrowed)
        if found.found:
            return found, [Used(kind="refused", text=_values(avoided, lang))]
    return looks(context.shop, wish), []


def _values(tastes: Sequence[Any], lang: str) -> str:
    words = (taxonomy.word(t.attribute, t.value, lang) for t in tastes)
    return say("looks", "and", lang).join(dict.fromkeys(words))


# ---- what the shop has


def _sold(context: ToolContext) -> dict[str, str]:
    """The slots of which the shop sells anything, with the id of one such product."""
    rules: dict[str, list[str]] = table("looks")["slots"]
    found = {s: context.shop.pool(Demand(Filters(category=kinds), k=1)) for s, kinds in rules.items()}
    return {slot: pool.ids[0] for slot, pool in found.items() if pool.ids}


def _currency(context: ToolContext, sold: dict[str, str], pieces: Sequence[Piece]) -> str:
    """What the shop's prices are in, to name a sum that belongs to no product."""
    known = [p.product for p in pieces if p.product] or context.shop.get_many(list(sold.values())[:1])
    return known[0].price.currency if known else "USD"


def _only_kinds(sold: dict[str, str], shown: Looks) -> list[str]:
    """The slots that the shop sells anything for, where that is too little for a look; empty where it is not."""
    enough = {"onepiece", "swim"} & set(sold) or {"top", "bottom"} <= set(sold) or len(sold) > 2
    whole = any(not f.built.missing for f in shown.found)
    return [] if enough or whole else list(sold)


def _one_kind(kinds: Sequence[str], found: bool, lang: str) -> str:
    names = say("looks", "and", lang).join(say("looks", f"slots.{k}", lang) for k in kinds)
    return say("looks", f"problem.{'one_kind' if found else 'one_kind_same'}", lang, kinds=names)


# ---- what of one kind goes with a thing


def _partners(context: ToolContext, asked: Asked, want: Sequence[str]) -> Products:
    """Products of the wanted categories, best match first, each with the ground of its score as `why`."""
    must, have, _ = _given(context, asked)
    anchors = [*must, *have]
    if not anchors:
        raise ToolInputError(tell("outfit_of_what"))
    anchor = anchors[0]
    wish = _wish(context, asked, [anchor], [], context.profile().without(asked.aside))
    rated = partners(context.shop, anchor, want, wish)
    learned = Compatibility.of(context.shop)
    surely = [(c, score) for c, score in rated if score >= GOES]
    goes, rated = bool(surely), surely or rated[:NEAREST]  # else the nearest, with what speaks against them
    total = len(rated)
    records: list[Product] = [c.piece.product for c, _ in rated if c.piece.product][:PARTNERS]
    items = [
        card(p, context.lang, why=pair(anchor, prepared(p), learned).reason(context.lang, nth))
        for nth, p in enumerate(records)
    ]
    occasion = next(iter(asked.occasions), None)
    query = {"want": list(want), "occasion": occasion, "goes": goes}
    return Products(items=items, total=total, query=query)
