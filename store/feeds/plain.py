"""Tables and lines of JSON without a format of their own: columns by their usual names, or as a map says."""

from collections.abc import Iterator, Mapping
from typing import Any

from store.feeds import jsonl
from store.feeds.record import FIELDS, Offer, Problem, Reading, Refused, listed
from store.feeds.source import Source
from store.feeds.tables import delimiter_of, name_of, records
from store.feeds.values import meanings

_OWN = frozenset((*FIELDS, "id", "group"))


def fields_of(mapping: Mapping[str, str]) -> dict[str, str]:
    """A map of columns to fields, checked. Raises ValueError that names what there is."""
    known = {name_of(field): field for field in _OWN}
    found = {}
    for column, field in mapping.items():
        meant = known.get(name_of(field)) or meanings("columns").get(name_of(field))
        if meant is None and field:
            raise ValueError(f"{field!r} is no field; fields are: {', '.join(sorted(_OWN))}")
        found[name_of(column)] = meant or ""
    return found


def read_table(source: Source, mapping: Mapping[str, str]) -> Reading:
    """The rows of a table."""
    for record in records(source, delimiter_of(source.head())):
        if record.refused:
            yield record.refused.problem(record.line, None)
            continue
        yield offer(record.line, [(n, v) for n, v in record.cells.items() if v], mapping, table=True)


def read_lines(source: Source, mapping: Mapping[str, str]) -> Reading:
    """The objects of a file with one a line: products in our own shape, or flat ones."""
    for line, row in jsonl.objects(source):
        if isinstance(row, Refused):
            yield row.problem(line)
        elif jsonl.is_own(row) and not mapping:
            yield jsonl.whole(line, row)
        else:
            yield from _flat(line, row, mapping)


def _flat(line: int, row: dict[str, Any], mapping: Mapping[str, str]) -> Iterator[Offer | Problem]:
    pairs = [(name_of(str(name)), value) for name, value in row.items() if value is not None]
    yield offer(line, pairs, mapping)


def offer(line: int, pairs: list[tuple[str, Any]], mapping: Mapping[str, str], table: bool = False) -> Offer:
    """An offer of (normalised column, value) pairs. What the map names wins over what a column's name means; of two
    columns that mean the same the first one that is filled does."""
    fields: dict[str, Any] = {}
    ordered = [(mapping[n], v) for n, v in pairs if n in mapping]
    ordered += [(_meant(n), v) for n, v in pairs if n not in mapping]
    images: list[Any] = []
    spin: list[Any] = []
    for field, value in ordered:
        if field == "images":
            images += _pictures(value, table)
        elif field == "spin":
            spin += _pictures(value, table)
        elif field == "size" and isinstance(value, list):
            fields.setdefault("sizes", [v if isinstance(v, dict) else {"size": str(v)} for v in value])
        elif field and value not in ("", None):
            fields.setdefault(field, value)
    fields["images"] = images
    if spin:
        fields["spin"] = spin
    found, group = fields.pop("id", None), fields.pop("group", None)
    as_text = [
        None if v is None or isinstance(v, dict | list) else str(v).strip() or None for v in (found, group)
    ]
    return Offer(line, as_text[0], fields, as_text[1])


def _meant(column: str) -> str:
    return meanings("columns").get(column) or (column if column in _OWN else "")


def _pictures(value: Any, table: bool) -> list[str]:
    """Pictures of a cell: several are apart by "|", ";" or line breaks, or by commas where each is an address."""
    found: list[str] = []
    for one in listed(value):
        text = str(one.get("url") or "") if isinstance(one, dict) else str(one)
        parts = [text]
        for mark in ("\n", "|", ";") if table else ():
            parts = [piece for part in parts for piece in part.split(mark)]
        if table and text.count("http") > 1:
            parts = [piece for part in parts for piece in part.split(",")]
        found += [part.strip() for part in parts if part.strip()]
    return found
