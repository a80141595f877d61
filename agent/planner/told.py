"""What another model's tool calls mean, in the planner's terms: so that the planner can word what came of them, and
knows afterwards what is being sought."""

from collections.abc import Sequence
from typing import Any

from agent.planner.calls import Done
from agent.planner.meaning import ATTRIBUTES, Meaning, Part, Reference, Slots
from agent.planner.state import State
from prompts import taxonomy

_CART = {
    "add": "cart_add",
    "remove": "cart_remove",
    "change": "cart_change",
    "clear": "cart_remove",
    "view": "cart_view",
}
_WHERE = (*ATTRIBUTES, "not", "price", "rating_min", "on_sale", "in_stock")
_SORTS = {"price_asc": "cheap", "price_desc": "expensive"}


def meaning(done: Sequence[Done], heard: Meaning, before: State) -> Meaning | None:
    """The message as what was done for it takes it; None where the planner has no words for one of the calls. `heard`:
    what the planner made of the message; only its language and its text count."""
    parts = [part for call in done if (part := _part(call, before)) is not None]
    if not parts or len(parts) < len(done):
        return None
    merged: list[Part] = []
    for part in parts:
        same = next((p for p in merged if p.intent == part.intent), None)
        if same is None:
            merged.append(part)
        else:
            same.references += part.references
            same.slots = part.slots
    search = next((d for d in reversed(done) if d.tool == "search_catalog"), None)
    slots = _slots(search.args) if search else dict(before.slots)
    return Meaning(
        language=heard.language,
        intent=merged[0].intent,
        intents=[p.intent for p in merged],
        said=dict(merged[0].slots),
        slots=slots,
        references=[r for p in merged for r in p.references],
        parts=merged,
        fresh=search is not None and merged[0].intent in ("find", "more_like"),
        words=str(search.args.get("query") or "") if search else "",
        text=heard.text,
        tagged=heard.tagged,
        never=heard.never,
        photo=heard.photo,
        photos=heard.photos,
        confidence=1.0,
    )


def _part(call: Done, before: State) -> Part | None:
    args = call.args
    match call.tool:
        case "search_catalog":
            intent = "more_like" if args.get("photo") or args.get("like") else _search(args, before)
            return Part(intent=intent, weight=6, slots=_slots(args), references=_meant(args, "like"))
        case "product_details":
            asks = {"asks": list(args.get("asks") or ["description"])}
            return Part(intent="ask_product", weight=6, slots=asks, references=_meant(args, "product"))
        case "advise_size":
            return Part(intent="size_advice", weight=6, references=_meant(args, "product"))
        case "ask_image" if args.get("product"):
            return Part(intent="ask_product", weight=6, references=_meant(args, "product"))
        case "ask_image":
            return Part(intent="ask_photo", weight=6, references=_meant(args))
        case "describe_scene":
            return Part(intent="describe", weight=6, references=_meant(args))
        case "choose_color":
            return Part(intent="color", weight=6, references=_meant(args, "product"))
        case "match_outfit":
            slots: Slots = {"category": list(args["want"])} if args.get("want") else {}
            slots |= {"occasion": [args["occasion"]]} if args.get("occasion") else {}
            return Part(intent="outfit", weight=6, slots=slots, references=_meant(args, "product"))
        case "recommend":
            kind = {"category": [args["kind"]]} if args.get("kind") else {}
            budget = {"price": {"max": args["budget"]}} if args.get("budget") else {}
            slots = {**_slots({"where": args.get("where")}), **kind, **budget}
            return Part(intent="recommend", weight=6, slots=slots, references=_meant(args, "like"))
        case "compare":
            asks = {"asks": list(args.get("aspects") or [])}
            found = [Reference(kind="named", text=i, ids=[i]) for i in args.get("products") or []]
            return Part(
                intent="compare", weight=6, slots={k: v for k, v in asks.items() if v}, references=found
            )
        case "cart":
            slots = {"size": [args["size"]]} if args.get("size") else {}
            slots |= {"quantity": args["quantity"]} if args.get("quantity") else {}
            intent = _CART.get(str(args.get("action")), "cart_view")
            return Part(intent=intent, weight=6, slots=slots, references=_meant(args, "product"))
        case "order_status" | "request_return":
            return Part(intent="order", weight=10)
        case "shop_policy":
            return Part(intent="policy", weight=6)
    return None


def _search(args: dict[str, Any], before: State) -> str:
    """A search goes on with the one before where its kind of garment does."""
    new, old = (args.get("where") or {}).get("category") or [], before.slots.get("category") or []
    same = bool(old) and all(any(taxonomy.is_a(n, o) or taxonomy.is_a(o, n) for o in old) for n in new)
    return "refine" if before.seeking and (same or not (new or old)) else "find"


def _slots(args: dict[str, Any]) -> Slots:
    """The conditions of a search as slots."""
    where = {**(args.get("prefer") or {}), **(args.get("where") or {})}
    slots: Slots = {k: v for k, v in where.items() if k in _WHERE and v not in (None, [], {})}
    if args.get("sort") in _SORTS:
        slots["price_pref"] = _SORTS[args["sort"]]
    return slots


def _meant(args: dict[str, Any], key: str = "") -> list[Reference]:
    photo = args.get("photo")
    if key and args.get(key):
        return [Reference(kind="named", text=str(args[key]), ids=[str(args[key])])]
    return [Reference(kind="photo", text="", photo=photo, garment=args.get("garment"))] if photo else []
