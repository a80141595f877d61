"""A labelled folder of photos: `attributes.jsonl` beside them, or folders named after what is in their photos.

BadLabels     the labels cannot be read; the message names the line
└── NoPhotos  there is nothing to measure on
"""

import re
from collections import defaultdict
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from prompts import load, say, taxonomy

FILE = "attributes.jsonl"
PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif", ".gif", ".bmp", ".tif", ".tiff"}
ALMOST = 0.7  # likeness (difflib) from which a key is one of ours misspelt
SILENT = {"na", "unknown", ""}  # does not apply; does not show: neither is scored
CUT = (
    "pattern",
    "sleeve",
    "neckline",
    "length",
    "material",
)  # told of a garment, beside category and colours
ATTRIBUTES = (*CUT, "setting")


class BadLabels(Exception):
    code = "bad_labels"


class NoPhotos(BadLabels):
    code = "no_photos"

    def __init__(self, folder: Path) -> None:
        super().__init__(say("terminal", "errors.no_photos", "en", folder=folder))


@cache
def allowed(attribute: str) -> tuple[str, ...]:
    """The values that a label may give to one of ATTRIBUTES, "category" or "color"."""
    if attribute == "setting":
        return (*load("seen")["caption"]["setting"], "other")
    return tuple(dict.fromkeys([*taxonomy.values(attribute), *load("seen")["caption"].get(attribute, ())]))


def meant(attribute: str, said: str) -> str:
    """The value that `said` is, or is a word for, as people write it: "Jackets" is jacket, "solid" is plain. Raises
    ValueError with what would fit, for a word that means none or several."""
    if said in SILENT or said in allowed(attribute):
        return said
    found = {value for word in _singular(said) for value in _words(attribute).get(word, ())}
    if len(found) == 1:
        return found.pop()
    near = get_close_matches(_flat(said), _words(attribute), 3)
    values = dict.fromkeys(sorted(found) or [v for word in near for v in sorted(_words(attribute)[word])])
    key = "label_near" if values else "label_value"
    fits = ", ".join(values or allowed(attribute))
    raise ValueError(say("evaluation", f"bad.{key}", "en", value=said, attribute=attribute, fits=fits))


@cache
def _words(attribute: str) -> dict[str, set[str]]:
    """Every word for a value of the attribute, and the values it may mean; a value's own name means that one."""
    words: dict[str, set[str]] = defaultdict(set)
    if attribute in taxonomy.ATTRIBUTES:
        for value in taxonomy.values(attribute):
            for spoken in taxonomy.words(attribute, value).values():
                for word in spoken:
                    words[_flat(word)].add(value)
    return words | {_flat(value): {value} for value in allowed(attribute)}


def _flat(text: str) -> str:
    return re.sub(r"[-_\s]+", " ", text.casefold()).strip()


def _singular(text: str) -> list[str]:
    flat = _flat(text)
    return [flat, *(flat.removesuffix(end) for end in ("s", "es") if flat.endswith(end))]


class _Line(BaseModel):
    """A key that is none of ours is somebody's own and left alone, unless it looks like one of ours misspelt."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _own_keys(cls, value: Any) -> Any:
        names = {*cls.model_fields, *(f.alias for f in cls.model_fields.values() if f.alias)}
        if not isinstance(value, dict):
            return value
        return {k: v for k, v in value.items() if k in names or get_close_matches(k, names, 1, ALMOST)}


class Boxed(_Line):
    """A garment of a photo with several. `box`: [left, top, right, bottom] as fractions 0..1 of the upright photo."""

    category: str
    box: tuple[float, float, float, float]

    @field_validator("category")
    @classmethod
    def _known(cls, value: str) -> str:
        return meant("category", value)


class Label(_Line):
    """What a photo shows, as somebody labelled it. What is None, "na" or "unknown" is not scored, nor is a fabric or a
    setting that the eyes have no word for: people label many that no eye tells."""

    file: str
    category: str | None = Field(default=None, alias="class")
    colors: list[str] = []
    pattern: str | None = None
    sleeve: str | None = None
    neckline: str | None = None
    length: str | None = None
    material: str | None = None
    setting: str | None = None
    text: str | None = None
    sure: bool = True
    garments: list[Boxed] = []
    captions: dict[str, list[str]] = {}
    product: str | None = None  # id of the product in the shop whose very picture this is

    @field_validator("category", *ATTRIBUTES)
    @classmethod
    def _known(cls, value: str | None, info: ValidationInfo) -> str | None:
        try:
            return None if value is None else meant(info.field_name or "", value)
        except ValueError:
            if info.field_name in ("material", "setting"):
                return None
            raise

    @field_validator("colors")
    @classmethod
    def _known_colors(cls, values: list[str]) -> list[str]:
        return [meant("color", value) for value in values]

    @field_validator("captions", mode="before")
    @classmethod
    def _by_language(cls, value: Any) -> Any:
        """A plain list of captions is English or Chinese, as each is written."""
        if not isinstance(value, list):
            return value
        found: dict[str, list[str]] = defaultdict(list)
        for caption in value:
            found["zh" if any("\u3400" <= c <= "\u9fff" for c in str(caption)) else "en"].append(caption)
        return dict(found)

    def value(self, attribute: str) -> str | None:
        """The labelled value of one of ATTRIBUTES or "category"; None where there is nothing to score."""
        value = getattr(self, attribute)
        return None if value is None or value in SILENT else str(value)

    def values(self, attribute: str) -> list[str]:
        """The labelled values of an attribute, main first: the colours of "color", else one or none."""
        if attribute == "color":
            return [c for c in self.colors if c not in SILENT]
        value = self.value(attribute)
        return [] if value is None else [value]


def read(folder: Path, limit: int | None = None) -> list[tuple[Label, Path]]:
    """Each labelled photo with its file; at most `limit` of a category, the first ones.

    Raises BadLabels for a line that is no label or names no photo, NoPhotos where there is none at all."""
    rows = _listed(folder) if (folder / FILE).is_file() else _sorted_in_folders(folder)
    taken: dict[str | None, int] = defaultdict(int)
    kept = []
    for label, path in rows:
        taken[label.category] += 1
        if limit is None or taken[label.category] <= limit:
            kept.append((label, path))
    if not kept:
        raise NoPhotos(folder)
    return kept


def _listed(folder: Path) -> list[tuple[Label, Path]]:
    rows = []
    for number, line in enumerate((folder / FILE).read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        where = f"{folder / FILE}:{number}"
        try:
            label = Label.model_validate_json(line)
        except ValidationError as error:
            raise BadLabels(f"{where}: {_mistake(error)}") from error
        path = folder / label.file
        if not path.is_file():
            raise BadLabels(say("terminal", "errors.no_labelled_photo", "en", where=where, photo=label.file))
        rows.append((label, path))
    return rows


def _mistake(error: ValidationError) -> str:
    """The first mistake of a line: where in it, and what would fit."""
    errors = error.errors()
    # A key that is none explains why another one is missing.
    first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    *above, last = first["loc"] or ("",)
    if first["type"] == "extra_forbidden":
        names = list(Boxed.model_fields) if above else [f.alias or n for n, f in Label.model_fields.items()]
        fits = ", ".join(get_close_matches(str(last), names, 1) or names)
        return say("evaluation", "bad.label_key", "en", name=last, fits=fits)
    at = ".".join(map(str, first["loc"]))
    return (f"{at}: " if at else "") + first["msg"].removeprefix("Value error, ")


def _sorted_in_folders(folder: Path) -> list[tuple[Label, Path]]:
    rows = []
    for place in sorted(p for p in folder.iterdir() if p.is_dir()):
        files = sorted(f for f in place.iterdir() if f.suffix.lower() in PICTURES)
        try:
            category = meant("category", place.name) if files else ""
        except ValueError as error:
            raise BadLabels(f"{place}: {error}") from error
        rows += [(Label(file=f"{place.name}/{file.name}", category=category), file) for file in files]
    return rows


def is_category(found: list[str | None], label: str) -> bool:
    """One of the categories found is the labelled one or a kind of it: a jacket is outwear, outwear is no jacket."""
    return any(taxonomy.is_a(category, label) for category in found if category)


def neighbours(color: str) -> set[str]:
    """Colours that a shopper would accept for this one (prompts/colours.yaml)."""
    pairs = load("colours")["neighbours"]
    return {b for a, b in pairs if a == color} | {a for a, b in pairs if b == color}
