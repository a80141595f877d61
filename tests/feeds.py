"""Feeds for tests: read one to its products and problems without a shop; write small ones."""

import csv
import io
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from store.feeds import opened
from store.feeds.currency import settled
from store.feeds.intake import Intake, made, take_in
from store.feeds.record import Problem, Refused
from store.feeds.staging import Staging
from store.types import Product


@dataclass
class Read:
    """What a feed came to, without a shop."""

    format: str
    encoding: str
    products: list[Product] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    state: Intake = field(default_factory=Intake)

    @property
    def codes(self) -> list[str]:
        return [p.code for p in self.refused]


def read_feed(path: Path, currency: str | None = None, **how: Any) -> Read:
    """Read it as an import would."""
    feed = opened(path, **how)
    read = Read(feed.format, feed.encoding)
    with tempfile.TemporaryDirectory() as folder:
        staging = Staging(Path(folder) / "staging.sqlite")
        for read.state in take_in(feed, staging, currency):
            pass
        usual, guessed = settled(staging, currency, None)
        if guessed:
            staging.report(guessed)
        for product_id, line, rows in staging.products():
            try:
                read.products.append(made(product_id, rows, usual))
            except Refused as refused:
                staging.report(refused.problem(line, product_id))
        read.refused = list(staging.problems(refused=True))
        read.warnings = list(staging.problems(refused=False))
        staging.close()
    return read


def table(rows: list[dict[str, str]], delimiter: str = ",") -> str:
    """Rows as delimited text; the header is every column that any of them has."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=delimiter, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def rss(
    *items: str, head: str = "", channel: str = 'xmlns:g="http://base.google.com/ns/1.0" version="2.0"'
) -> str:
    """An RSS feed of items given as the XML inside `<item>`."""
    inner = "\n".join(f"<item>{item}</item>" for item in items)
    start = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f"{start}{head}<rss {channel}><channel>\n<title>Shop</title>{inner}\n</channel></rss>\n"


def item(id: str, title: str = "Red dress", price: str = "15.00 USD", **more: str) -> str:
    """The inside of an item, with what every item has."""
    fields = {
        "id": id,
        "title": title,
        "price": price,
        "availability": "in_stock",
        "link": "https://x.test/p",
    } | more
    return "".join(f"<g:{name}>{value}</g:{name}>" for name, value in fields.items())
