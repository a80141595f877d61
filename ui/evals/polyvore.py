"""A folder in the Polyvore Outfits format (Vasileva et al. 2018): outfits, questions with a blank, and outfits to tell
from chance.

    polyvore_item_metadata.json      id → title, category_id, semantic_category …
    categories.csv                   category_id, name, semantic category
    images/ID.jpg
    [disjoint/|nondisjoint/]         one of them, or the same files in the folder itself:
      train.json  valid.json  test.json     [{"set_id", "items": [{"index", "item_id"}]}]
      fill_in_blank_test.json               [{"question": ["SET_INDEX"…], "answers": [four], "blank_position"}]
      compatibility_test.txt                "1 SET_INDEX SET_INDEX …", 0 for outfits by chance

The right answer is the one of the question's own set. Only test.json and one file of questions must be there.

BadPolyvore   a file is missing or not in this format; the message names it
"""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from prompts import say, taxonomy
from ui.evals.labels import meant

PARTS = ("nondisjoint", "disjoint")
# Of the format's own eleven types: the category of ours that they are, and what a finer one has to be a kind of.
TYPES = {
    "tops": ("tops", "tops"),
    "bottoms": ("bottoms", "bottoms"),
    "all-body": ("dress", "onepiece"),
    "outerwear": ("outwear", "outwear"),
    "shoes": ("shoes", "shoes"),
    "bags": ("bag", "bag"),
    "hats": ("hat", "hat"),
    "scarves": ("scarf", "scarf"),
    "jewellery": ("jewellery", "jewellery"),
    "accessories": ("accessories", "accessories"),
    "sunglasses": ("accessories", "accessories"),
}
Look = tuple[str, ...]  # item ids


class BadPolyvore(Exception):
    code = "bad_polyvore"


@dataclass(frozen=True)
class Item:
    """A thing of an outfit. `category`: one of ours, None where its type is not told; `picture`: where it should be."""

    id: str
    title: str
    category: str | None
    picture: Path


@dataclass(frozen=True)
class Blank:
    """A look with a blank: the same look with each option in it, the right one first. `set_id`: whose look it is."""

    set_id: str
    options: tuple[Look, ...]


@dataclass(frozen=True)
class Polyvore:
    """`blanks`: questions; `looks`: (look, whether people put it together); `left_out`: questions on items that no file
    tells of, or whose right answer is not among the options."""

    items: Mapping[str, Item]
    train: list[Look]
    valid: list[Look]
    blanks: list[Blank]
    looks: list[tuple[Look, bool]]
    left_out: int = 0
    part: str = ""

    def asked(self) -> set[str]:
        """Every item of a question."""
        looks = [look for look, _ in self.looks] + [look for blank in self.blanks for look in blank.options]
        return {item for look in looks for item in look}

    def used(self) -> list[str]:
        """Every item that is asked of or learned from, in order."""
        return sorted(self.asked() | {item for look in (*self.train, *self.valid) for item in look})


def read(folder: Path, part: str = "", limit: int | None = None, asked: str = "test") -> Polyvore:
    """The folder's questions, `limit` of each kind and ten times as many looks to learn from, evenly spread. `part`:
    which of PARTS where there are both; `asked`: test or valid. Raises BadPolyvore."""
    place, part = _place(folder, part)
    root = folder if (folder / "polyvore_item_metadata.json").is_file() else place.parent
    about = _about(root)
    outfits = {name: _outfits(place / f"{name}.json") for name in ("train", "valid", "test")}
    if not outfits[asked]:
        raise BadPolyvore(_said("no_file", path=place / f"{asked}.json"))
    ids = {
        f"{set_id}_{index}": item
        for sets in outfits.values()
        for set_id, items in sets.items()
        for index, item in items.items()
    }
    left_out = 0
    blanks, looks = [], []
    for row in _json(place / f"fill_in_blank_{asked}.json", list) or []:
        blank = _blank(row, ids)
        blanks += [blank] if blank else []
        left_out += blank is None
    for label, names in _lines(place / f"compatibility_{asked}.txt"):
        known = [ids[name] for name in names if name in ids]
        if len(known) == len(names) > 1:
            looks.append((tuple(known), label))
        else:
            left_out += 1
    if not blanks and not looks:
        raise BadPolyvore(_said("no_questions", path=place))
    some = (
        _spread(blanks, limit),
        [look for label in (True, False) for look in _spread([x for x in looks if x[1] is label], limit)],
    )
    more = limit * 10 if limit else None
    learned = {
        name: _spread([tuple(items.values()) for items in outfits[name].values() if len(items) > 1], more)
        for name in ("train", "valid")
        if name != asked
    }
    found = Polyvore({}, learned.get("train", []), learned.get("valid", []), *some, left_out, part)
    items = {name: _item(name, about.get(name, {}), root) for name in found.used()}
    return replace(found, items=items)


def _place(folder: Path, part: str) -> tuple[Path, str]:
    """Where the outfits lie, and the name of the part where there are several."""
    if part and not (folder / part).is_dir():
        raise BadPolyvore(_said("no_part", path=folder, part=part))
    for name in [part] if part else ["", *PARTS]:
        if (folder / name / "test.json").is_file():
            return folder / name, name
    raise BadPolyvore(_said("no_file", path=folder / part / "test.json"))


def _about(root: Path) -> dict[str, dict[str, Any]]:
    """Item id → its metadata, with its category's name."""
    names: dict[str, tuple[str, str]] = {}
    path = root / "categories.csv"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            names = {
                row[0].strip(): (row[1].strip(), row[2].strip()) for row in csv.reader(file) if len(row) > 2
            }
    except FileNotFoundError:
        pass  # the types are in the metadata as well
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadPolyvore(_said("not_read", path=path, reason=error)) from error
    found = _json(root / "polyvore_item_metadata.json", dict) or {}
    about = {}
    for item, row in found.items():
        if isinstance(row, dict):
            name, kind = names.get(str(row.get("category_id")), ("", ""))
            about[item] = {**row, "name": name, "type": row.get("semantic_category") or kind}
    return about


def _item(item: str, row: Mapping[str, Any], root: Path) -> Item:
    title = next((str(row[k]).strip() for k in ("title", "url_name", "description") if row.get(k)), "")
    return Item(
        item,
        title,
        category(str(row.get("name", "")), str(row.get("type", ""))),
        root / "images" / f"{item}.jpg",
    )


def category(name: str, kind: str) -> str | None:
    """Our category for the format's own: by the name ("Ankle Booties", "Skinny Jeans": its last words tell), where that
    is of the right type, else by the type alone."""
    given, root = TYPES.get(kind.strip().lower(), (None, None))
    words = name.split()
    for start in range(len(words)):
        try:
            found = meant("category", " ".join(words[start:]))
        except ValueError:
            continue
        if found in taxonomy.values("category") and (root is None or taxonomy.is_a(found, root)):
            return found
    return given


def _outfits(path: Path) -> dict[str, dict[int, str]]:
    """Set id → index → item id; nothing where there is no such file."""
    found: dict[str, dict[int, str]] = {}
    for row in _json(path, list) or []:
        try:
            items = {int(one["index"]): str(one["item_id"]) for one in row["items"]}
            found[str(row["set_id"])] = dict(sorted(items.items()))
        except (KeyError, TypeError, ValueError) as error:
            raise BadPolyvore(
                _said("not_read", path=path, reason=f"{type(error).__name__}: {error}")
            ) from error
    return found


def _blank(row: Any, ids: Mapping[str, str]) -> Blank | None:
    """None where it names what no file tells of, or has not one right answer."""
    try:
        rest, answers = [str(name) for name in row["question"]], [str(name) for name in row["answers"]]
    except (KeyError, TypeError):
        return None
    if not rest or len(answers) < 2 or any(name not in ids for name in (*rest, *answers)):
        return None
    own = rest[0].rpartition("_")[0]
    right = [name for name in answers if name.rpartition("_")[0] == own]
    position = row.get("blank_position")
    if len(right) > 1 and position is not None:
        right = [name for name in right if name == f"{own}_{position}"]
    if len(right) != 1:
        return None
    ordered = [*right, *(name for name in answers if name != right[0])]
    return Blank(own, tuple((*(ids[name] for name in rest), ids[answer]) for answer in ordered))


def _lines(path: Path) -> Iterable[tuple[bool, list[str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise BadPolyvore(_said("not_read", path=path, reason=error)) from error
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if words and words[0] not in ("0", "1"):
            raise BadPolyvore(_said("not_read", path=f"{path}:{number}", reason=words[0][:20]))
        if words:
            yield words[0] == "1", words[1:]


def _json(path: Path, kind: type) -> Any:
    """What a file holds, None where there is none. Raises BadPolyvore for another kind of thing."""
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise BadPolyvore(_said("not_read", path=path, reason=error)) from error
    if not isinstance(found, kind):
        raise BadPolyvore(_said("not_read", path=path, reason=type(found).__name__))
    return found


def _spread(rows: list[Any], limit: int | None) -> list[Any]:
    """`limit` of them, evenly spread."""
    if limit is None or len(rows) <= limit:
        return rows
    return [rows[n * len(rows) // limit] for n in range(limit)]


def _said(key: str, **values: object) -> str:
    return say("evaluation", f"polyvore.{key}", "en", **values)
