"""JSON-LD nodes that name one another: `{"@id": "#red"}` stands for the node of that name, wherever on the page it is.

`families` gives the products and groups of products of a page with what they name put in, each once, and each group
with its variants, whichever of the two names the other: `hasVariant`, `isVariantOf` or `inProductGroupWithID`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from store.feeds.record import listed

DEEPEST = 12
MOST = 50_000  # nodes of a page that are put in for their names: who names himself over and over would fill the memory
_PRODUCTS = frozenset(
    ("product", "productmodel", "individualproduct", "someproducts", "vehicle", "car", "book")
)
_LEADS = (
    "@graph",
    "mainEntity",
    "mainEntityOfPage",
    "itemListElement",
    "item",
    "itemOffered",
    "hasPart",
    "about",
)
# What of a product is asked for, and what of that again.
_PRICED: dict[str, Any] = {"priceSpecification": {}, "inventoryLevel": {}, "availability": {}}
_PARTS: dict[str, Any] = {
    "offers": {"offers": _PRICED, **_PRICED},
    "brand": {}, "manufacturer": {}, "image": {}, "audience": {}, "aggregateRating": {}, "category": {}, "color": {},
    "additionalProperty": {}, "size": {}, "material": {}, "pattern": {}, "name": {}, "description": {},
}  # fmt: skip
_FAMILY = ("hasVariant", "isVariantOf")
Node = dict[str, Any]


def products(value: Any, depth: int = 0) -> Iterator[Node]:
    """The outermost products and groups of products in a piece of JSON-LD."""
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for inner in value:
            yield from products(inner, depth + 1)
    elif isinstance(value, dict):
        if is_group(value) or _kinds(value) & _PRODUCTS:
            yield value
            return
        for name in _LEADS:
            if name in value:
                yield from products(value[name], depth + 1)


def is_group(node: Node) -> bool:
    """Whether it is a group of variants."""
    return "productgroup" in _kinds(node)


def families(pieces: Sequence[tuple[int, Any]]) -> list[tuple[int, Node]]:
    """(line, product) of each product of a page that is no other's variant there. `pieces`: (line, JSON-LD)."""
    nodes = _Nodes([value for _, value in pieces])
    found: list[tuple[int, Node]] = []
    named: set[str] = set()
    for line, value in pieces:
        for product in products(value):
            if not _new(product, named):
                continue
            found.append((line, nodes.whole(product)))
            found += [(line, nodes.whole(group)) for group in _groups_in(found[-1][1]) if _new(group, named)]
    groups: dict[str, Node] = {}
    for _, product in found:
        if is_group(product):
            groups |= {mark: product for mark in _marks(product) if mark not in groups}
    inside = {id(v) for g in groups.values() for v in listed(g.get("hasVariant"))}
    in_groups = {name for g in groups.values() for v in listed(g.get("hasVariant")) if (name := _name(v))}
    alone = []
    for line, product in found:
        group = None if is_group(product) else next((groups[m] for m in _above(product) if m in groups), None)
        if group is not None and _name(product) not in in_groups and id(product) not in inside:
            group.setdefault("hasVariant", []).append(product)  # a list of its own: see `_Nodes.whole`
        elif group is None and (is_group(product) or _name(product) not in in_groups):
            alone.append((line, product))
    return alone


def _new(node: Node, named: set[str]) -> bool:
    """Whether a node of that name has not been met, and noted from now on."""
    marks = {_name(node)} if _name(node) else set(_marks(node))
    known = bool(marks & named)
    named |= marks
    return not known


def _groups_in(product: Node) -> list[Node]:
    """The groups that stand, with all that is said of them, in a variant of theirs."""
    return [
        p for p in listed(product.get("isVariantOf")) if isinstance(p, dict) and is_group(p) and p.get("name")
    ]


class _Nodes:
    """The nodes of a page by their names."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._by_name: dict[str, Node] = {}
        self._left = MOST
        level: list[Any] = list(values)
        for _ in range(DEEPEST):
            for node in level:
                if isinstance(node, dict) and (name := _name(node)):
                    self._by_name[name] = node | self._by_name.get(name, {})
            level = [
                inner
                for outer in level
                if isinstance(outer, dict | list)
                for inner in (outer.values() if isinstance(outer, dict) else outer)
                if isinstance(inner, dict | list)
            ]

    def whole(self, product: Node) -> Node:
        """The product with all that its parts, variants and group name."""
        own = self._put_in(product, _PARTS)
        for name in _FAMILY:
            if name in own:
                own[name] = [self._put_in(one, _PARTS) for one in listed(own[name])]
        return own

    def _put_in(self, value: Any, parts: Mapping[str, Any]) -> Any:
        if isinstance(value, str) and value in self._by_name and parts is _PARTS:
            value = {"@id": value}
        if not isinstance(value, dict) or self._left <= 0:
            return value
        self._left -= 1
        own = self._by_name.get(_name(value), {}) | value
        for name, inner in parts.items():
            if name in own:
                put = [self._put_in(one, inner) for one in listed(own[name])]
                own[name] = put if isinstance(own[name], list) else next(iter(put), None)
        return own


def _name(node: Any) -> str:
    name = node.get("@id") if isinstance(node, dict) else None
    return name if isinstance(name, str) else ""


def _marks(group: Node) -> list[str]:
    """What a variant may call its group."""
    return [f"@{_name(group)}"] * bool(_name(group)) + [
        f"#{mark}" for mark in listed(group.get("productGroupID"))[:1] if isinstance(mark, str | int)
    ]


def _above(product: Node) -> list[str]:
    """What the product calls the groups that it is a variant of."""
    above = [
        mark
        for parent in listed(product.get("isVariantOf"))
        if isinstance(parent, dict)
        for mark in _marks(parent)
    ]
    return above + [
        f"#{mark}" for mark in listed(product.get("inProductGroupWithID")) if isinstance(mark, str | int)
    ]


def _kinds(node: Node) -> set[str]:
    return {str(kind).rsplit("/", 1)[-1].casefold() for kind in listed(node.get("@type"))}
