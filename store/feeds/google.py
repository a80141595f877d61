"""Google Merchant Center: RSS 2.0 or Atom with the `g:` names, or a table with them as its header.

The XML is cut into its items as text, and each is parsed by itself: memory stays flat, an item that is broken costs
that item alone, and whatever a DOCTYPE declares is never part of what is parsed.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from html.entities import html5
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from store.feeds.record import Offer, Problem, Reading, Refused
from store.feeds.source import BAD, Source
from store.feeds.tables import delimiter_of, name_of, records
from store.feeds.values import meanings

LONGEST_ITEM = 1_000_000  # characters
CHUNK = 1 << 16
_OPEN = re.compile(r"<!--|<!\[CDATA\[|<(?:([A-Za-z_][\w.-]*):)?(item|entry)(?=[\s>])")
_INNER = re.compile(r"<(?:([A-Za-z_][\w.-]*):)?(item|entry)(?=[\s>])")
_ASIDE = {"<!--": "-->", "<![CDATA[": "]]>"}  # what stands between items and may hold what looks like one
_NAMESPACES = re.compile(r"\sxmlns:([A-Za-z_][\w.-]*)\s*=")
_PREFIXES = re.compile(r"(?:<|</|\s)([A-Za-z_][\w.-]*):[A-Za-z_]")
_ENTITY = re.compile(r"&(#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});|&")
_CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_XML_OWN = frozenset(("amp", "lt", "gt", "quot", "apos"))
# Google's names → ours, where they differ.
_NAMES = {
    "item group id": "group", "link": "url", "canonical link": "url", "summary": "description",
    "content": "description", "google product category": "google_category", "product type": "product_type",
    "sale price": "sale_price", "sale price effective date": "sale_dates", "age group": "age_group",
    "sell on google quantity": "quantity", "inventory": "quantity", "colour": "color",
}  # fmt: skip
_PICTURES = ("image link", "additional image link", "additional image links", "lifestyle image link")
_TAKEN = frozenset((
    "id", "title", "description", "brand", "color", "size", "material", "pattern", "gender", "availability", "price",
    "gtin", "quantity", "currency", "season", "occasion", "style", "sleeve", "neckline", "length",
))  # fmt: skip


def read_xml(source: Source) -> Reading:
    """The items of an RSS or Atom feed."""
    with source.text() as stream:
        for line, piece in items(iter(lambda: stream.read(CHUNK), "")):
            if isinstance(piece, Problem):
                yield piece
                continue
            if isinstance(piece, Refused):
                yield piece.problem(line)
                continue
            try:
                yield offer(line, list(_pairs(_element(piece))))
            except Refused as refused:
                yield replace(
                    refused.problem(line, _id_in(piece)), group=_id_in(piece, "item_group_id") or ""
                )


def read_table(source: Source) -> Reading:
    """The rows of a table whose header has Google's names."""
    for record in records(source, delimiter_of(source.head())):
        if record.refused:
            grouped = any(name.removeprefix("g:") == "item group id" for name in record.cells)
            # cells may have slipped: which product's variant the row is, nobody can say
            yield record.refused.problem(record.line, None if grouped else record.cells.get("id"))
            continue
        pairs = [(name.removeprefix("g:"), value) for name, value in record.cells.items() if value]
        yield offer(record.line, pairs, split_pictures=True)


def offer(line: int, pairs: list[tuple[str, Any]], split_pictures: bool = False) -> Offer:
    """An item's (name, value) pairs as an offer; names as `tables.name_of` makes them."""
    fields: dict[str, Any] = {}
    pictures: list[str] = []
    spin: list[str] = []
    for name, value in pairs:
        ours = _NAMES.get(name, name.replace(" ", "_") if name in _TAKEN else _also(name))
        if name in _PICTURES or ours == "images":
            parts = value.split(",") if split_pictures and name != "image link" else [value]
            at = len(pictures) if name != "image link" else 0
            pictures[at:at] = [part.strip() for part in parts if part.strip()]
        elif ours == "spin":
            spin += [part.strip() for part in value.split(",") if part.strip()]
        elif name in ("product detail", "custom attribute") and isinstance(value, tuple):
            fields.setdefault("detail", {})[value[0]] = value[1]
        elif ours and (ours not in fields or (name == "description" and not fields[ours])):
            fields[ours] = value
    for said, value in fields.pop("detail", {}).items():
        for attribute in ("sleeve", "neckline", "length", "season", "occasion", "style"):
            if said.startswith(attribute):
                fields.setdefault(attribute, value)
    fields["images"] = pictures
    if spin:
        fields["spin"] = spin
    group = str(fields.pop("group", "") or "").strip() or None
    return Offer(line, str(fields.pop("id", "") or "").strip() or None, fields, group)


def _also(name: str) -> str:
    """What a column means that Google does not know, in a feed that is otherwise Google's: "image", "care"."""
    meant = meanings("columns").get(name, "")
    return meant if meant not in ("id", "group", "title", "price") else ""


# ---- items of a stream


def items(chunks: Iterator[str]) -> Iterator[tuple[int, str | Problem | Refused]]:
    """(line, text) of each item, never more than one in memory; Refused in its place where it is too long. Problems
    of the whole file come as they are met; the last one says that the file ends in the middle."""
    held, line = next(chunks, ""), 1
    yield from _prologue(held)
    last = ""
    while True:
        opened = _OPEN.search(held)
        if opened is None:
            kept = max(held.rfind("<"), len(held) - 200, 0)
            line += held.count("\n", 0, kept)
            last, held = (last + held)[-400:], held[kept:]
            more = next(chunks, "")
            if not more:
                break
            held += more
            continue
        line += held.count("\n", 0, opened.start())
        held = held[opened.start() :]
        if (ends := _ASIDE.get(opened.group(0))) is not None:
            held, line = _skipped(held, line, re.compile(re.escape(ends)), chunks)
            continue
        closing = re.compile(rf"</{re.escape(opened.group(0)[1:])}\s*>")
        end, searched = closing.search(held), 0
        while end is None and len(held) <= LONGEST_ITEM and (more := next(chunks, "")):
            searched = max(0, len(held) - 100)
            held += more
            end = closing.search(held, searched)
        if end is None:
            if len(held) <= LONGEST_ITEM:
                yield line, Problem(line, _id_in(held), None, "cut_off", refused=True)
                return
            yield line, Refused("item_too_long", None, most=LONGEST_ITEM)
            held, line = _skipped(held, line, closing, chunks)
            continue
        piece = held[: end.end()]
        inner = _INNER.search(piece, 5)
        if inner and len(piece) > 200_000:  # an item without an end took others with it
            yield line, Refused("not_xml", None, reason="an item has no end tag")
            line += held.count("\n", 0, inner.start())
            held = held[inner.start() :]
            continue
        yield line, piece
        line += piece.count("\n")
        held = held[end.end() :]
    if not re.search(
        r"</(?:\w+:)?(?:rss|feed|rdf|channel|products|items)\s*>\s*(?:<!--.*)?\Z", last + held, re.I
    ):
        yield line, Problem(line, None, None, "cut_off", refused=False)


def _prologue(head: str) -> Iterator[tuple[int, Problem]]:
    if re.search(r"<!DOCTYPE|<!ENTITY", head, re.IGNORECASE):
        yield 1, Problem(1, None, None, "doctype", refused=False)


def _skipped(held: str, line: int, closing: re.Pattern[str], chunks: Iterator[str]) -> tuple[str, int]:
    """What follows an item that is too long."""
    while (end := closing.search(held)) is None:
        line += held.count("\n", 0, max(0, len(held) - 100))
        held = held[-100:]
        more = next(chunks, "")
        if not more:
            return "", line
        held += more
    return held[end.end() :], line + held.count("\n", 0, end.end())


def _id_in(piece: str, tag: str = "id") -> str | None:
    """The id, as far as it can be seen without parsing: to name an item that is broken."""
    found = re.search(
        rf"<(?:\w+:)?{tag}(?:\s[^>]*)?>\s*(?:<!\[CDATA\[)?\s*([^<\]]{{1,100}})", piece[:200_000]
    )
    return found.group(1).strip() or None if found else None


def _element(piece: str) -> Element:
    """The item, parsed by itself. Raises Refused for what is not well formed and for entities of a DOCTYPE's."""
    if BAD in piece:
        at = piece.index(BAD)
        raise Refused("bad_encoding", None, value=piece[max(0, at - 20) : at + 20].replace(BAD, "?"))
    plain = "".join(
        part if part.startswith("<![CDATA[") else _ENTITY.sub(_resolved, part)
        for part in _CDATA.split(_CONTROLS.sub("", piece))
    )
    head = plain[: plain.index(">") + 1]
    named = {p for p in _PREFIXES.findall(plain) if p not in ("xml", "xmlns")} - set(
        _NAMESPACES.findall(head)
    )
    declared = "".join(f' xmlns:{prefix}="urn:{prefix}"' for prefix in sorted(named)[:50])
    try:
        root: Element = fromstring(f"<feed{declared}>{plain}</feed>", forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise Refused("not_xml", None, reason=error) from error
    return root[0]


def _resolved(found: re.Match[str]) -> str:
    """An entity as XML knows it: HTML's are written out, a bare "&" is one, a declared one is refused."""
    name = found.group(1)
    if name is None:
        return "&amp;"
    if name.startswith("#"):
        code = int(name[2:], 16) if name[1] == "x" else int(name[1:])
        fine = (
            code in (9, 10, 13)
            or 32 <= code < 0xD800
            or 0xE000 <= code < 0xFFFE
            or 0x10000 <= code < 0x110000
        )
        return f"&#{code};" if fine else ""
    if name in _XML_OWN:
        return found.group(0)
    if f"{name};" in html5:
        return html.escape(html5[f"{name};"])
    raise Refused("declared_entity", None, value=found.group(0))


def _pairs(item: Element) -> Iterator[tuple[str, Any]]:
    """(name, text) of an item's children, Google's own name before RSS's of the same name."""
    children = sorted(
        item, key=lambda child: "urn:g}" not in str(child.tag) and "base.google" not in str(child.tag)
    )
    for child in children:
        name = name_of(str(child.tag).rsplit("}", 1)[-1])
        if len(child) and name in ("product detail", "custom attribute"):
            parts = [" ".join("".join(part.itertext()).split()) for part in child]
            if len(parts) >= 2:
                yield name, (name_of(parts[-2]), parts[-1])
        elif len(child) and name not in ("title", "description", "summary", "content"):
            continue  # shipping, tax, instalments: not about the product
        else:
            value = "".join(child.itertext()).strip() or str(child.get("href") or "").strip()
            if value and not (name == "url" and child.get("rel") not in (None, "alternate")):
                yield name, value
