"""Products as JSON Lines: our own shape, and the simple flat shape that spreadsheets turn into.

A row that cannot be read is reported with its line and reason; the others are read all the same.
"""

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationError

from store.conditions import canonical
from store.errors import FeedError
from store.types import Product

LISTS = ("colors", "season", "occasion", "style")
VALUES = ("category", "pattern", "material", "sleeve", "neckline", "length", "gender", "age_group")


@dataclass(frozen=True)
class RowError:
    """Why a row was left out. `line` counts from 1; `id` where the row had one."""

    line: int
    id: str | None
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
    return read_lines(text.splitlines())


def read_lines(lines: Iterable[str]) -> Feed:
    """Read the products of `lines`; empty ones are skipped."""
    found: dict[str, Product] = {}
    errors: list[RowError] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        row: Any = None
        try:
            row = json.loads(line)
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


def adopt_pictures(products: list[Product], source: Path, images: Path) -> list[Product]:
    """Copy the pictures of `products` from the feed's folder into the shop's `images` folder.

    Returns the products with the new names. A picture that is missing, or that a name tries to reach outside the
    feed's folder, is left out.
    """
    out = []
    root = source.resolve()
    for product in products:
        names = []
        for name in product.images:
            try:
                file = (root / name).resolve()
                inside = file.is_relative_to(root) and file.is_file()
            except (OSError, ValueError):  # too long, or with a NUL in it
                inside = False
            if not inside:
                continue
            target = "-".join(PurePosixPath(name).parts)
            images.mkdir(parents=True, exist_ok=True)
            if not (images / target).exists():
                shutil.copyfile(file, images / target)
            names.append(target)
        out.append(product.model_copy(update={"images": names}))
    return out
