"""Lines of JSON: products in our own shape (as `daogou products` prints them), or flat objects with columns' names."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError

from store.conditions import canonical
from store.feeds.assemble import invalid
from store.feeds.normal import fit_id, fit_title, turn, undecodable
from store.feeds.record import Problem, Refused, Whole
from store.feeds.source import LONGEST, Source
from store.feeds.values import MOST_PRICE, known_currency, words
from store.types import Product

LISTS = ("colors", "season", "occasion", "style")
VALUES = ("category", "pattern", "material", "sleeve", "neckline", "length", "gender", "age_group")
DEEPEST = 40
CHUNK = 1 << 16
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_LIST = re.compile(r'[\ufeff\s]*(?:\{\s*"(?:products|items|data|results)"\s*:\s*)?\[')


def objects(source: Source) -> Iterator[tuple[int, dict[str, Any] | Refused]]:
    """(line, object) of each line that is not empty, or of each element of a list; Refused in its place where there is
    none."""
    if (start := _LIST.match(source.head())) is not None:
        yield from _elements(source, start.end())
        return
    for line, text in source.lines():
        if text is None:
            yield line, Refused("line_too_long", None, most=LONGEST)
        elif text.strip():
            try:
                yield line, parsed(text)
            except Refused as refused:
                yield line, refused


def _elements(source: Source, start: int) -> Iterator[tuple[int, dict[str, Any] | Refused]]:
    """The elements of a list that begins after `start` characters, one in memory at a time. What is no JSON ends it:
    where the next element begins, nobody can say."""
    decoder = json.JSONDecoder()
    with source.text() as stream:
        held = stream.read(start)
        line, held = held.count("\n") + 1, stream.read(CHUNK)
        while True:
            plain = held.lstrip(", \t\r\n")
            line += held.count("\n", 0, len(held) - len(plain))
            held = plain
            if held.startswith("]"):
                return
            try:
                value, end = decoder.raw_decode(held)
            except (ValueError, RecursionError) as error:
                more = "" if len(held) > LONGEST or isinstance(error, RecursionError) else stream.read(CHUNK)
                if more:
                    held += more
                    continue
                yield line, Refused("list_ends", None, reason=getattr(error, "msg", error))
                return
            if isinstance(value, dict) and _depth(value) <= DEEPEST:
                yield line, decoder.decode(whole_characters(held[:end]))
            else:
                yield line, Refused("too_deep" if isinstance(value, dict) else "not_an_object")
            line += held.count("\n", 0, end)
            held = held[end:] or stream.read(CHUNK)


def whole_characters(text: str) -> str:
    """JSON text with U+FFFD for every escaped half of a character: a half is no text, and no file takes it."""
    if "\\ud" not in text and "\\uD" not in text:
        return text
    return _ESCAPE.sub(lambda found: r"\ufffd" if found.group(1) else found.group(0), text)


def parsed(text: str) -> dict[str, Any]:
    """The object that `text` is. Raises Refused."""
    try:
        value = json.loads(whole_characters(text))
    except json.JSONDecodeError as error:
        raise Refused("not_json", None, reason=error.msg, column=error.colno) from error
    except (RecursionError, ValueError) as error:  # ValueError: a number of thousands of digits
        raise Refused("too_deep" if isinstance(error, RecursionError) else "not_json", None,
                      reason=error, column=1) from error  # fmt: skip
    if not isinstance(value, dict):
        raise Refused("not_an_object")
    if _depth(value) > DEEPEST:
        raise Refused("too_deep")
    return value


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return depth


def is_own(row: dict[str, Any]) -> bool:
    """Whether the row is a product in our own shape."""
    return isinstance(row.get("title"), dict) and isinstance(row.get("price"), dict)


def whole(line: int, row: dict[str, Any]) -> Whole | Problem:
    """A row in our own shape, its words canonical."""
    given = row.get("id")
    return Whole(line, str(given) if given is not None else None, row)


def product(row: dict[str, Any], warn: Callable[[Refused], None] = lambda refused: None) -> Product:
    """The product of a row in our own shape; `warn` is told what was left out. Raises Refused with the field and the
    reason."""
    undecodable(row)
    out = {name: value for name, value in row.items() if value is not None}
    fit_id(str(out["id"]) if "id" in out else None)
    for name in LISTS:
        if isinstance(out.get(name), list):
            attribute = name.removesuffix("s") if name == "colors" else name
            out[name] = list(dict.fromkeys(canonical(attribute, str(v)) for v in out[name]))
    for name in VALUES:
        if isinstance(out.get(name), str):
            out[name] = canonical(name, out[name])
    if isinstance(out.get("spin"), list):
        out["spin"] = turn(out["spin"], warn)
    try:
        made = Product.model_validate(out)
    except ValidationError as error:
        raise invalid(error) from error
    title = fit_title(made.title.model_dump())
    if not any(title.values()):
        raise Refused("no_title", "title")
    known_currency(made.price.currency, "price")
    if not made.price.amount:
        raise Refused("zero_price", "price", value=made.price.amount)
    if made.price.amount > MOST_PRICE * (1000 if made.price.currency in words()["weak"] else 1):
        raise Refused("absurd_price", "price", value=made.price.amount)
    return made
