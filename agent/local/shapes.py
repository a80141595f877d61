"""What a small model may fill in of a tool: fewer arguments than the tool takes, and for each only what can be right,
the taxonomy's values, the products and photos of this conversation."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from agent.planner.calls import HARD, SOFT
from prompts import load, taxonomy

Schema = dict[str, Any]
_REFUSABLE = ("category", "color", "pattern", "material", "sleeve", "neckline", "length", "style", "brand")
_HARD = (*HARD, "not", "price", "rating_min", "on_sale")
_SHORT = {"type": "string", "maxLength": 12}


def offered(
    tools: Sequence[Mapping[str, Any]],
    products: Sequence[str],
    photos: Sequence[str],
    heard: Mapping[str, Any] | None = None,
) -> dict[str, Schema]:
    """Schema of the arguments by tool name, of the tools that can be called now: one that needs a product is left out
    while none was shown. `tools`: as OpenAI's protocol has them; `products` and `photos`: ids of the conversation;
    `heard`: what the words name, in the shape of store.types.Filters: then a search has just these conditions."""
    known = load("local")["tools"]
    found: dict[str, Schema] = {}
    for tool in tools:
        function = tool["function"]
        schema: Schema = function.get("parameters") or {"type": "object", "properties": {}}
        names = known.get(function["name"], {}).get("args") or list(schema.get("properties", {}))
        fields = {n: schema["properties"][n] for n in names if n in schema.get("properties", {})}
        shaped = {n: _shape(n, s, products, photos, heard) for n, s in fields.items()}
        possible = {n: s for n, s in shaped.items() if s is not None}
        needed = [n for n in fields if n in schema.get("required", ()) or "const" in (possible.get(n) or {})]
        if function["name"] in _ON_SOMETHING and not possible.keys() & _ON_SOMETHING[function["name"]]:
            continue
        if function["name"] == "cart" and not products:
            possible = {"action": {"enum": ["view", "clear"]}}
        if any(n not in possible for n in needed):
            continue
        found[function["name"]] = {
            **({"$defs": schema["$defs"]} if "$defs" in schema else {}),
            "type": "object",
            "properties": possible,
            "required": needed,
        }
    return found


_ON_SOMETHING = {
    "ask_image": {"photo", "product"},
    "match_outfit": {"photo", "product"},
    "choose_color": {"photo", "product"},
}


def _shape(
    name: str,
    schema: Schema,
    products: Sequence[str],
    photos: Sequence[str],
    heard: Mapping[str, Any] | None,
) -> Schema | None:
    """The argument's schema with what is known of it; None where nothing fits yet."""
    match name:
        case "where":
            return conditions() if heard is None else _heard(heard, _HARD)
        case "prefer":
            return None if heard is None else _heard(heard, SOFT)
        case "product" | "like":
            return {"enum": list(products)} if products else None
        case "products" | "exclude":
            least = 2 if name == "products" else 1
            ids = {"type": "array", "items": {"enum": list(products)}, "minItems": least, "maxItems": 4}
            return ids if len(products) >= least else None
        case "photo":
            return {"enum": list(photos)} if photos else None
        case "want":
            return {"type": "array", "items": {"enum": taxonomy.values("category")}, "maxItems": 3}
        case "occasion":
            return {"enum": taxonomy.values("occasion")}
        case "asks" | "aspects":
            return {"type": "array", "items": {"enum": load("local")["asks"]}, "maxItems": 3}
        case "size":
            return _SHORT
        case "quantity":
            return {"type": "integer", "minimum": 0}
    return schema


@cache
def conditions() -> Schema:
    """The shape of store.types.Filters, with the taxonomy's values."""
    lists: dict[str, Schema] = {
        a: {"type": "array", "items": {"enum": taxonomy.values(a)}, "maxItems": 3}
        for a in taxonomy.ATTRIBUTES
    }
    lists["brand"] = {"type": "array", "items": {"type": "string", "maxLength": 30}, "maxItems": 2}
    bound = {"type": "number", "minimum": 0}
    return {
        "type": "object",
        "properties": {
            **lists,
            "size": {"type": "array", "items": _SHORT, "maxItems": 2},
            "price": {"type": "object", "properties": {"min": bound, "max": bound}},
            "rating_min": bound,
            "on_sale": {"const": True},
            "not": {"type": "object", "properties": {a: lists[a] for a in _REFUSABLE}},
        },
    }


def _heard(heard: Mapping[str, Any], names: Sequence[str]) -> Schema | None:
    """Just what was heard of these; None where nothing was. Left to itself a small model adds conditions that nobody
    asked for, and drops or turns round others."""
    found = {k: v for k, v in heard.items() if k in names and v not in (None, [], {})}
    return {"const": found} if found else None
