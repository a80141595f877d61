"""Products as JSON Lines: our own shape, and the simple flat shape that spreadsheets turn into.

A row that cannot be read is reported with its line and reason; the others are read all the same.
"""

import hashlib
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from pydantic import ValidationError

from store.conditions import canonical
from store.errors import FeedError
from store.types import Product

PICTURES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}  # Pillow format → ending
LISTS = ("colors", "season", "occasion", "style")
VALUES = ("category", "pattern", "material", "sleeve", "neckline", "length", "gender", "age_group")


@dataclass(frozen=True)
class RowError:
    """Why a row was left out. `line` counts from 1; `id` where the row had one."""

    line: int
    id: str | None
    reason: str


_MONEY = re.compile(r"([A-Za-z]{3})?\s*(\d[\d,]*(?:\.\d+)?)\s*([A-Za-z]{3})?")


def _money(value: Any) -> Any:
    """A price as spreadsheets and Google feeds write it ("30.00 USD", "30", 30); anything else is left as it is."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    match = _MONEY.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return value
    money = {"amount": match.group(2).replace(",", "")}
    currency = match.group(1) or match.group(3)
    return money | {"currency": currency.upper()} if currency else money


@dataclass(frozen=True)
class PictureLeftOut:
    """A picture that the product has to do without, and why."""

    id: str
    name: str
    reason: str


@dataclass
class Feed:
    """What was read: products (the last row of an id wins) and the rows that could not be."""

    products: list[Product] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


def read(path: Path) -> Feed:
    """Read the products of a JSON Lines file (UTF-8, a BOM is fine). Raises FeedError when there is no such file."""
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as e:
        raise FeedError(f"{path} cannot be read: {e.strerror}") from e
    return read_lines(text.split("\n"))  # not splitlines: a raw U+2028 may stand inside a JSON string


def read_lines(lines: Iterable[str]) -> Feed:
    """Read the products of `lines`; empty ones are skipped."""
    found: dict[str, Product] = {}
    errors: list[RowError] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        row: Any = None
        try:
            row = _parsed(line)
            if not isinstance(row, dict):
                raise ValueError("not an object")
            product = Product.model_validate(normalised(row))
            found[product.id] = product
        except ValidationError as e:
            first = e.errors()[0]
            errors.append(RowError(number, _id(row), f"{'.'.join(map(str, first['loc']))}: {first['msg']}"))
        except (ValueError, TypeError, RecursionError) as e:
            errors.append(RowError(number, _id(row), str(e)))
    return Feed(list(found.values()), errors)


def _parsed(line: str) -> Any:
    """The line's value. Raises ValueError that says it is no JSON, and where."""
    try:
        return json.loads(line)
    except json.JSONDecodeError as e:
        raise ValueError(f"not JSON: {e.msg} (column {e.colno})") from e


def _id(row: Any) -> str | None:
    return str(row["id"]) if isinstance(row, dict) and "id" in row else None


def normalised(row: dict[str, Any]) -> dict[str, Any]:
    """A row of either shape as `Product` wants it: flat titles joined, singular names made plural, words canonical."""
    out = {k: v for k, v in row.items() if v is not None}
    for name in ("title", "description", "care"):
        flat, chinese = out.get(name), out.pop(f"{name}_zh", None)
        english = out.pop(f"{name}_en", None)
        if not isinstance(flat, dict) and (flat or chinese or english):
            out[name] = {"zh": str(chinese or ""), "en": str(english or flat or "")}
    title = out.get("title")
    if isinstance(title, dict) and not any(str(v).strip() for v in title.values()):
        out.pop("title")  # so that the row is refused for it
    for name in ("price", "sale_price"):
        if name in out:
            out[name] = _money(out[name])
    if isinstance(out.get("availability"), str):
        out["availability"] = out["availability"].strip().casefold().replace(" ", "_")
    for plural, singular in (("colors", "color"), ("images", "image")):
        if plural not in out and singular in out:
            out[plural] = out[singular]
    for name in (*LISTS, "images"):
        if name in out and not isinstance(out[name], list):
            out[name] = [out[name]]
    for name in LISTS:
        if name in out:
            attribute = name.removesuffix("s") if name == "colors" else name
            out[name] = list(dict.fromkeys(canonical(attribute, str(v)) for v in out[name]))
    for name in VALUES:
        if isinstance(out.get(name), str):
            out[name] = canonical(name, out[name])
    return out


def adopt_pictures(
    products: list[Product], source: Path, images: Path
) -> tuple[list[Product], list[PictureLeftOut]]:
    """Copy the pictures of `products` from the feed's folder `source` into the shop's `images` folder.

    Each gets a name of its own, from the product's id and the picture's content, so that two feeds never share one and
    a changed picture is a new one. A name that the shop has already (its own export) is kept. Only what Pillow opens
    as a photo is taken. Returns the products with the new names, and what was left out.
    """
    adopted, left_out = [], []
    for product in products:
        names = []
        for place, name in enumerate(product.images, start=1):
            try:
                names.append(_adopted(product.id, place, name, source.resolve(), images.resolve()))
            except (OSError, ValueError, Image.DecompressionBombError) as e:
                left_out.append(PictureLeftOut(product.id, name, str(e)))
        adopted.append(product.model_copy(update={"images": names}))
    return adopted, left_out


def _adopted(product_id: str, place: int, name: str, source: Path, images: Path) -> str:
    """The name of the picture in the shop. Raises OSError or ValueError with the reason why it cannot be taken."""
    own = (images / name.removeprefix("images/")).resolve()
    if own.is_relative_to(images) and own.is_file():
        return name
    file = (source / name).resolve()
    if not file.is_relative_to(source):
        raise ValueError("the name leads out of the feed's folder")
    if not file.is_file():
        raise FileNotFoundError("there is no such file")
    data = file.read_bytes()
    with Image.open(io.BytesIO(data), formats=list(PICTURES)) as picture:
        ending = PICTURES[str(picture.format)]
        picture.verify()
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", product_id)[:60]
    target = images / f"{stem}-{place}-{hashlib.sha256(data).hexdigest()[:8]}.{ending}"
    images.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        target.write_bytes(data)
    return target.name
