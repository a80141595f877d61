"""A shop's feed in any of the formats that shops have: `opened` finds out which one, and reads it.

source.py      bytes → text: the encoding, lines of a bounded length         tables.py   text → the cells of a record
google.py · shopify.py · acp.py · schema_org.py · jsonl.py · plain.py        a format's rows → offers (record.py)
normal.py      an offer's fields → our values (values.py, attributes.py, filing.py, words.yaml)
assemble.py    the rows of one group → one product
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from store.errors import FeedError
from store.feeds import acp, google, jsonl, plain, schema_org, shopify, tables
from store.feeds.record import Reading, Refused
from store.feeds.source import Source

FORMATS = ("google", "shopify", "acp", "schema", "jsonl", "csv")
_GOOGLE = frozenset(
    ("image link", "link", "availability", "google product category", "item group id", "g:id")
)


@dataclass
class Feed:
    """A feed that is open: what it is, how far it was read (bytes), and its offers."""

    path: Path
    format: str
    encoding: str
    read: Callable[[], Reading]
    source: Source | None = None

    @property
    def progress(self) -> tuple[int, int]:
        """(bytes read, bytes of all); (0, 0) for a folder."""
        return (self.source.done, self.source.size) if self.source else (0, 0)


def opened(
    path: Path, format: str = "auto", mapping: Mapping[str, str] | None = None, encoding: str | None = None
) -> Feed:
    """The feed at `path`. `mapping`: column → field, for plain tables and objects (ValueError for what is no field).

    Raises FeedError for a file that cannot be read, and for a format that nobody knows or nothing tells.
    """
    if format not in ("auto", *FORMATS):
        raise FeedError(f"the format {format!r} is not known; known: {', '.join(FORMATS)}")
    columns = plain.fields_of(mapping or {})
    if path.is_dir():
        return _folder(path, format, columns, encoding)
    source = Source(path, encoding)
    kind = format if format != "auto" else _told(source.head(), path, bool(columns))
    head = source.head()
    is_json = head.lstrip("\ufeff \t\r\n").startswith(("{", "["))
    readers: dict[str, Callable[[], Reading]] = {
        "google": lambda: (
            google.read_xml(source) if head.lstrip().startswith("<") else google.read_table(source)
        ),
        "shopify": lambda: shopify.read(source),
        "acp": lambda: acp.read(source),
        "schema": lambda: schema_org.read(path, encoding),
        "jsonl": lambda: plain.read_lines(source, columns),
        "csv": lambda: plain.read_lines(source, columns) if is_json else plain.read_table(source, columns),
    }
    return Feed(path, kind, source.encoding, readers[kind], source)


def _folder(path: Path, format: str, columns: Mapping[str, str], encoding: str | None) -> Feed:
    """A folder is a protocol's feed with its metadata, or a folder of pages."""
    feed = path / "products.jsonl"
    if format in ("auto", "acp") and feed.is_file():
        return opened(feed, "acp", columns, encoding)
    if format in ("auto", "schema"):
        if not any(f.suffix.lower() in schema_org.PAGES for f in path.rglob("*")):
            raise FeedError(f"{path} holds no page")
        return Feed(path, "schema", encoding or "utf-8", lambda: schema_org.read(path, encoding))
    raise FeedError(f"{path} is a folder; the format {format} is a file")


def _told(head: str, path: Path, mapped: bool) -> str:
    """The format, from the beginning of the text."""
    start = head.lstrip("\ufeff \t\r\n\0")
    if not start:
        raise FeedError(f"{path} has no lines")
    if start.startswith("<"):
        low = head[:20_000].casefold()
        is_page = "<html" in low or "<!doctype html" in low or "ld+json" in low
        return "schema" if is_page and "<rss" not in low else "google"
    if start.startswith(("{", "[")):
        return _told_json(start)
    names = tables.header(start, tables.delimiter_of(start))
    if shopify.is_header(names):
        return "shopify"
    if "id" in names and "title" in names and len(_GOOGLE & set(names)) >= 2 and not mapped:
        return "google"
    return "csv"


def _told_json(start: str) -> str:
    for line in start.splitlines()[:20]:
        try:
            first = jsonl.parsed(line)
        except Refused:
            continue
        if "@type" in first or "@graph" in first or "@context" in first:
            return "schema"
        return "acp" if acp.is_product(first) and not jsonl.is_own(first) else "jsonl"
    return "schema" if '"@context"' in start or '"@type"' in start else "jsonl"
