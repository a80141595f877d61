"""schema.org products as JSON-LD, in HTML pages (a file or a folder of them) or in files of JSON.

Products are found wherever they stand: at the top, in lists, in `@graph`, as the main entity of a page, as items of a
list; a ProductGroup's variants are those that it names, or that name it (linked.py).
"""

import json
import re
from pathlib import Path
from typing import Any

from store.errors import FeedError
from store.feeds.jsonl import whole_characters
from store.feeds.linked import families, is_group
from store.feeds.record import Offer, Problem, Reading, Refused, filled, listed, shown
from store.feeds.source import page_text
from store.feeds.values import price

MOST_PAGE = 20_000_000  # bytes
PAGES = (".html", ".htm", ".xhtml", ".json", ".jsonld")
_SCRIPT = re.compile(
    r"<script\b[^>]{0,500}?type\s*=\s*[\"']?application/ld\+json[^>]{0,500}?>(.*?)</script\s*>",
    re.DOTALL | re.IGNORECASE,
)
_GTINS = ("gtin", "gtin13", "gtin14", "gtin12", "gtin8")


def read(path: Path, encoding: str | None = None) -> Reading:
    """The products of a page, or of every page in a folder, by name."""
    pages = sorted(f for f in path.rglob("*") if f.suffix.lower() in PAGES) if path.is_dir() else [path]
    for page in pages:
        named = str(page.relative_to(path)) if path.is_dir() else ""
        where = named.encode("utf-8", "replace").decode()  # a name need not be UTF-8
        try:
            text = page_text(page, MOST_PAGE)
        except FeedError as error:
            yield Problem(0, None, None, "page_unreadable", {"reason": shown(error)}, where)
            continue
        yield from of_page(text, where, page.suffix.lower() in (".json", ".jsonld"))


def of_page(text: str, where: str = "", is_json: bool = False) -> Reading:
    """The products of one page; a Problem where there is none."""
    found = 0
    pieces: list[tuple[int, Any]] = []
    scripts = [(1, text)] if is_json else [
        (text.count("\n", 0, match.start()) + 1, match.group(1)) for match in _SCRIPT.finditer(text)
    ]  # fmt: skip
    for line, script in scripts:
        try:
            value = json.loads(whole_characters(_bare(script)), strict=False)
        except (ValueError, RecursionError) as error:
            reason, column = getattr(error, "msg", str(error)), getattr(error, "colno", 1)
            found += 1
            yield Refused("not_json", None, reason=reason, column=column).problem(line, None, where)
            continue
        pieces.append((line, value))
    for line, product in families(pieces):
        found += 1
        yield from _offers(line, product, where)
    if not found:
        yield Refused("no_product").problem(0, None, where)


def _bare(script: str) -> str:
    """The JSON without what pages put around it: comments, CDATA, a last semicolon."""
    plain = script.strip()
    for start, end in (
        ("<!--", "-->"),
        ("//<![CDATA[", "//]]>"),
        ("<![CDATA[", "]]>"),
        ("/*<![CDATA[*/", "/*]]>*/"),
    ):
        plain = plain.removeprefix(start).removesuffix(end).strip()
    return plain.removesuffix(";")


def _offers(line: int, product: dict[str, Any], where: str) -> Reading:
    variants = [
        v for v in listed(product.get("hasVariant")) if isinstance(v, dict) and ("name" in v or "offers" in v)
    ]
    if not variants and is_group(product) and not product.get("offers"):
        # its variants have pages of their own
        group = _text(product.get("productGroupID")) or _id(product)
        yield Offer(line, group, _fields(product), group, base=True, where=where)
        return
    if not variants:
        own = _id(product)
        parent = next((p for p in listed(product.get("isVariantOf")) if isinstance(p, dict)), {})
        group = _text(product.get("inProductGroupWithID") or parent.get("productGroupID")) or _id(parent)
        yield Offer(
            line, own, _fields(parent) | _fields(product) if parent else _fields(product), group, where=where
        )
        return
    group = _text(product.get("productGroupID")) or _id(product) or _id(variants[0])
    about = _fields(product)
    about.setdefault("title", _text(variants[0].get("name")))
    yield Offer(line, group, about, group, base=True, where=where)
    for place, variant in enumerate(variants, start=1):
        fields = _fields(variant)
        fields["variant_image"] = next(iter(fields.pop("images", [])), "")
        for name in ("price", "currency", "availability"):
            if name in about:
                fields.setdefault(name, about[name])
        own = _id(variant) or (f"{group}/{place}" if group else None)
        yield Offer(line, own, fields, group, continues=True, scoped=True, where=where)


def _fields(product: dict[str, Any]) -> dict[str, Any]:
    audience = next((a for a in listed(product.get("audience")) if isinstance(a, dict)), {})
    rated = next((r for r in listed(product.get("aggregateRating")) if isinstance(r, dict)), {})
    more = {
        str(p.get("name", "")).casefold(): p.get("value")
        for p in listed(product.get("additionalProperty"))
        if isinstance(p, dict) and not isinstance(p.get("value"), dict | list)
    }
    category = [_name(c) for c in listed(product.get("category"))]
    own = filled(
        [
            ("title", _name(product.get("name"))),
            ("description", _name(product.get("description"))),
            ("brand", _name(product.get("brand")) or _name(product.get("manufacturer"))),
            ("product_type", category[0] if len(category) == 1 else category),
            ("color", _name(product.get("color")) or more.get("color")),
            ("size", _name(product.get("size")) or more.get("size")),
            ("material", _name(product.get("material")) or more.get("material")),
            ("pattern", _name(product.get("pattern")) or more.get("pattern")),
            ("gender", _text(audience.get("suggestedGender")) or more.get("gender")),
            ("images", [u for u in map(_picture, listed(product.get("image"))) if u]),
            ("url", _text(product.get("url"))),
            ("gtin", next((_text(product[n]) for n in _GTINS if product.get(n)), None)),
            ("rating", rated.get("ratingValue")),
            ("rating_count", rated.get("reviewCount") or rated.get("ratingCount")),
        ]
    )  # fmt: skip
    if own.get("gender"):
        own["gender"] = str(own["gender"]).rsplit("/", 1)[-1]
    return own | _priced(product)


def _priced(product: dict[str, Any]) -> dict[str, Any]:
    """The cheapest offer that can be bought; of none that can, the first."""
    choices = []
    for offer in listed(product.get("offers")):
        if not isinstance(offer, dict):
            continue
        inner = [o for o in listed(offer.get("offers")) if isinstance(o, dict)]
        for one in inner or [offer]:
            specified: dict[str, Any] = next(
                (s for s in listed(one.get("priceSpecification")) if _asked(s)), {}
            )
            asked = one.get("price", one.get("lowPrice", specified.get("price")))
            currency = (
                one.get("priceCurrency") or offer.get("priceCurrency") or specified.get("priceCurrency")
            )
            stock = _name(one.get("availability") or offer.get("availability"))
            left = one.get("inventoryLevel")
            many = left.get("value") if isinstance(left, dict) else left
            choices.append(
                filled(
                    [("price", asked), ("currency", currency), ("availability", stock), ("quantity", many)]
                )
            )

    def order(choice: dict[str, Any]) -> tuple[bool, float]:
        gone = (
            str(choice.get("availability", "")).casefold().endswith(("outofstock", "soldout", "discontinued"))
        )
        try:
            return gone, float(price(choice.get("price"), "price", choice.get("currency"))[0])
        except Refused:
            return True, float("inf")

    return min(choices, key=order, default={})


def _asked(specified: Any) -> bool:
    """Whether a specification is the price that everybody pays for the thing: not one that is crossed out, of members
    only, or of a part of it."""
    if not isinstance(specified, dict) or specified.get("validForMemberTier"):
        return False
    kind = str(specified.get("priceType") or "").rsplit("/", 1)[-1].casefold()
    return kind in ("", "saleprice") and not specified.get("referenceQuantity")


def _id(product: dict[str, Any]) -> str | None:
    """What names the product: its number, its stock number, its address without what is before its last part."""
    for name in ("productID", "sku", "mpn", "gtin13", "gtin", "gtin14", "gtin12", "gtin8"):
        if found := _text(product.get(name)):
            return found
    for name in ("@id", "url"):
        if found := _text(product.get(name)):
            return found if len(found) <= 100 else found.rstrip("/").rsplit("/", 1)[-1][:100]
    return None


def _picture(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("contentUrl") or value.get("url") or value.get("@id")
    return str(value).strip() if isinstance(value, str) else ""


def _name(value: Any) -> str | None:
    """A text, or the name of a thing; of several the first."""
    value = next(iter(listed(value)), None)
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value") or value.get("value")
    return _text(value)


def _text(value: Any) -> str | None:
    value = next(iter(listed(value)), None)
    return None if value is None or isinstance(value, dict) else str(value).strip() or None
