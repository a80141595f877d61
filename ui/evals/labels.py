"""A labelled folder of photos: `attributes.jsonl` beside them, or folders named after what is in their photos.

BadLabels     the labels cannot be read; the message names the line
└── NoPhotos  there is nothing to measure on
"""

from collections import defaultdict
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from prompts import load, say, taxonomy

FILE = "attributes.jsonl"
PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif", ".gif", ".bmp", ".tif", ".tiff"}
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


class Boxed(BaseModel):
    """A garment of a photo with several. `box`: [left, top, right, bottom] as fractions 0..1 of the upright photo."""

    category: str
    box: tuple[float, float, float, float]


class Label(BaseModel):
    """What a photo shows, as somebody labelled it. What is None, "na" or "unknown" is not scored."""

    model_config = ConfigDict(populate_by_name=True, extra="ignore")

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
            first = error.errors()[0]
            at = ".".join(map(str, first["loc"]))
            raise BadLabels(f"{where}: {at + ': ' if at else ''}{first['msg']}") from error
        path = folder / label.file
        if not path.is_file():
            raise BadLabels(say("terminal", "errors.no_labelled_photo", "en", where=where, photo=label.file))
        rows.append((label, path))
    return rows


def _sorted_in_folders(folder: Path) -> list[tuple[Label, Path]]:
    return [
        (Label(file=f"{place.name}/{file.name}", category=place.name), file)
        for place in sorted(p for p in folder.iterdir() if p.is_dir())
        for file in sorted(f for f in place.iterdir() if f.suffix.lower() in PICTURES)
    ]


def is_category(found: list[str | None], label: str) -> bool:
    """One of the categories found is the labelled one or a kind of it: a jacket is outwear, outwear is no jacket."""
    return any(taxonomy.is_a(category, label) for category in found if category)


def neighbours(color: str) -> set[str]:
    """Colours that a shopper would accept for this one (prompts/colours.yaml)."""
    pairs = load("colours")["neighbours"]
    return {b for a, b in pairs if a == color} | {a for a, b in pairs if b == color}
