"""The format of a dialog script (`*.yaml`), checked strictly: an unknown key is an error, not ignored.

ScriptError   a file that is no script: what is wrong and where
"""

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML, YAMLError
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from prompts import taxonomy

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
CAPTURE = re.compile(r"^[a-z_]\w*$")
GROUNDING = ("no_invented_product", "no_unbacked_price", "cards_equal_prose")


class ScriptError(ValueError):
    """A script cannot be used. `code` is stable."""

    code = "bad_script"


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Localised(Strict):
    """A value for each language; a script runs in the languages all its texts are given in."""

    zh: str | None = None
    en: str | None = None

    def get(self, lang: Lang) -> str | None:
        return self.zh if lang == "zh" else self.en


def localised(value: "str | Localised | None", lang: Lang) -> str | None:
    """The value in `lang`; a plain string is the same in both."""
    return value.get(lang) if isinstance(value, Localised) else value


class Touched(Strict):
    """A garment in a photo of the conversation: of the newest one, where `photo` (an id, by `$capture`) is not given.
    `garment`: its place in what was seen, 0 the main one, or its category: the first of that kind."""

    photo: str | None = None
    garment: Annotated[int, Field(ge=0)] | str = 0

    @model_validator(mode="after")
    def known_category(self) -> Self:
        if isinstance(self.garment, str) and self.garment not in taxonomy.values("category"):
            raise ValueError(f"garment is neither a place nor a category: {self.garment!r}")
        return self


class User(Strict):
    """What the shopper sends. `photo`, `photos`: files beside the script or in its folder's `photos/`; `focus`: the
    product whose button was pressed, or the garment of a photo that was touched."""

    text: str | Localised | None = None
    photo: str | None = None
    photos: list[str] = []
    focus: str | Touched | None = None

    @model_validator(mode="after")
    def something(self) -> Self:
        if self.text is None and not self.files():
            raise ValueError("a turn needs text or a photo")
        return self

    def files(self) -> list[str]:
        return ([self.photo] if self.photo else []) + self.photos


class Bounds(Strict):
    """A range. `below` and `above` are strict. A value may be a `$capture`."""

    min: float | str | None = None
    max: float | str | None = None
    below: float | str | None = None
    above: float | str | None = None


class Criteria(Strict):
    """What a product must be, checked on the shop's record. A list is "any of"; a category covers its subtree."""

    id: str | list[str] | None = None
    category: str | list[str] | None = None
    color: str | list[str] | None = None
    pattern: str | list[str] | None = None
    material: str | list[str] | None = None
    sleeve: str | list[str] | None = None
    neckline: str | list[str] | None = None
    length: str | list[str] | None = None
    gender: str | list[str] | None = None
    age_group: str | list[str] | None = None
    season: str | list[str] | None = None
    occasion: str | list[str] | None = None
    style: str | list[str] | None = None
    brand: str | list[str] | None = None
    size: str | list[str] | None = None
    slot: str | list[str] | None = None
    price: Bounds | None = None
    rating: Bounds | None = None
    in_stock: bool | None = None
    on_sale: bool | None = None
    nearest: bool | None = None

    @model_validator(mode="after")
    def known_values(self) -> Self:
        """A value that the vocabulary does not have would make a gate that always, or never, holds."""
        for attribute in taxonomy.ATTRIBUTES:
            given = getattr(self, attribute)
            for value in [given] if isinstance(given, str) else given or []:
                if not value.startswith("$") and value not in taxonomy.values(attribute):
                    raise ValueError(f"{attribute} knows no {value!r}")
        return self


class ExpectProducts(Strict):
    """The cards of the turn (products, outfits, comparisons; each product once)."""

    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)
    every: Criteria | None = None
    some: Criteria | None = None
    none: Criteria | None = None
    new: bool | None = None  # true: none of them was shown earlier in this conversation
    sorted: Literal["price_asc", "price_desc", "rating"] | None = None
    relaxed: bool | None = None  # true: nothing met every condition and the event says what was given up


class ToolUse(Strict):
    """A call with (at least) these arguments."""

    name: str
    args: dict[str, Any] = {}


class ExpectTools(Strict):
    """`called`: all of these; `not_called`: none; `any`: at least one. `cart.add`: `cart` with that action."""

    called: list[str | ToolUse] = []
    not_called: list[str | ToolUse] = []
    any: list[str | ToolUse] = []


class CartLine(Strict):
    id: str
    qty: int = Field(ge=1)
    size: str | None = None


class ExpectState(Strict):
    """`unchanged`: as before this turn. A list: exactly these lines, in any order."""

    cart: Literal["unchanged", "changed", "empty"] | list[CartLine]


class ExpectReply(Strict):
    """`asks`: the reply puts a question about one of these; `language`: the one it is written in."""

    asks: (
        Literal["size", "product", "photo", "more"] | list[Literal["size", "product", "photo", "more"]] | None
    ) = None
    language: Lang | Localised | None = None
    max_chars: int | None = None


class ExpectLook(Strict):
    """What was seen in the photos of the turn: the main garment of one of them."""

    category: str | list[str] | None = None
    color: str | list[str] | None = None
    pattern: str | list[str] | None = None
    garments: int | None = None


class ExpectOutfit(Strict):
    """The looks of the turn: how many, how many pieces in each, slots each must fill, the most one may cost."""

    min: int | None = None
    max: int | None = None
    items_min: int | None = None
    slots: list[str] = []
    max_total: float | str | None = None


class ExpectComparison(Strict):
    items: list[str] = []
    rows_min: int | None = None


class ExpectAnswer(Strict):
    """`value` is compared as it is; `source` may be any of several."""

    about: str | None = None
    source: str | list[str] | None = None
    value: Any = None
    min_confidence: float | None = None
    max_confidence: float | None = None


class Expect(Strict):
    """What must hold after a turn. An error event fails the turn unless `error` names its code."""

    tools: ExpectTools | None = None
    products: ExpectProducts | None = None
    looked: ExpectLook | None = None
    outfit: ExpectOutfit | None = None
    comparison: ExpectComparison | None = None
    answer: ExpectAnswer | None = None
    policy: str | list[str] | None = None
    capture: dict[str, str] = {}
    grounding: list[Literal["no_invented_product", "no_unbacked_price", "cards_equal_prose"]] = []
    state: ExpectState | None = None
    reply: ExpectReply | None = None
    events: list[str | dict[str, Any]] = []  # each: a type, or a partial event
    no_events: list[str | dict[str, Any]] = []
    error: str | list[str] | None = None
    any_of: list["Expect"] = []

    @field_validator("capture")
    @classmethod
    def names(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if not CAPTURE.match(name):
                raise ValueError(f"{name!r} is no name for a capture")
        return value


class Turn(Strict):
    """A message with what must hold after it, or a restart of the assistant in the middle of the conversation."""

    user: User | None = None
    expect: Expect = Expect()
    restart: bool = False

    @model_validator(mode="after")
    def one_thing(self) -> Self:
        if (self.user is None) != self.restart:
            raise ValueError("a step is either `user` or `restart: true`")
        return self


class Fixture(Strict):
    """`catalog`: "demo", or a feed beside the script. `locale`: the language of texts given as a plain string."""

    catalog: str = "demo"
    locale: Literal["auto", "zh", "en"] = "auto"


class Runs(Strict):
    """Every one of `n` runs must pass: `require` is "pass^n"."""

    n: int = Field(default=1, ge=1, le=100)
    require: str = ""

    @model_validator(mode="after")
    def all_of_them(self) -> Self:
        if self.require not in ("", f"pass^{self.n}"):
            raise ValueError(f"require must be pass^{self.n} when n is {self.n}")
        return self


class Script(Strict):
    """One conversation, run in each language that all its texts are given in."""

    id: str = Field(pattern=r"^[\w-]+$")
    why: str = Field(min_length=1)
    tags: list[str] = []
    fixture: Fixture = Fixture()
    model: str = Field(default="offline", pattern=r"^(offline|live:.+:.+)$")
    runs: Runs = Runs()
    turns: list[Turn] = Field(min_length=1)
    _path: Path = Path()

    @property
    def path(self) -> Path:
        return self._path

    def langs(self) -> tuple[Lang, ...]:
        """The languages it can run in: those of its localised texts, else its locale, else both."""
        texts = [t.user.text for t in self.turns if t.user and isinstance(t.user.text, Localised)]
        if texts:
            return tuple(lang for lang in LANGS if all(text.get(lang) is not None for text in texts))
        return LANGS if self.fixture.locale == "auto" else (self.fixture.locale,)

    def photo(self, name: str) -> Path:
        """Where a photo of the script lies. Raises ScriptError."""
        for place in (self._path.parent / "photos" / name, self._path.parent / name):
            if place.is_file():
                return place
        raise ScriptError(f"{self._path}: no photo {name} beside it or in photos/")


def load(path: Path) -> Script:
    """Read one script. Raises ScriptError with the file and the place of the first mistake."""
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        # YAML 1.2: `{zh: 配什么鞋?, en: What goes with it?}` is what it looks like; a key given twice is an error
        value = YAML(typ="safe", pure=True).load(text)
        script = Script.model_validate(value)
    except (OSError, UnicodeDecodeError, RecursionError, YAMLError) as exc:
        raise ScriptError(f"{path}: {' '.join(str(exc).split())}") from exc
    except ValidationError as exc:
        marked = YAML(typ="rt", pure=True).load(text)
        mistakes = "; ".join(
            _mistake(error["type"], error["loc"], error["msg"], marked) for error in exc.errors()[:3]
        )
        raise ScriptError(f"{path}: {mistakes}") from exc
    script._path = path
    if not script.langs():
        raise ScriptError(f"{path}: no language in which every text is given")
    for turn in script.turns:
        for name in turn.user.files() if turn.user else []:
            script.photo(name)
    return script


def _mistake(kind: str, place: tuple[int | str, ...], reason: str, marked: Any) -> str:
    """A mistake in words, with the line of the innermost key or list item on its way that the file has."""
    line, at = 0, marked
    for step in place:
        if isinstance(at, CommentedMap) and step in at:
            line = at.lc.key(step)[0]
        elif isinstance(at, CommentedSeq) and isinstance(step, int) and step < len(at):
            line = at.lc.item(step)[0]
        else:
            continue  # the name of a model of ours that the value was tried as, or a key that is missing
        at = at[step]
    if kind == "extra_forbidden":
        where = ".".join(map(str, place[:-1]))
        what = f"unknown key {place[-1]!r}" + (f" in {where}" if where else "")
    else:
        what = (f"{'.'.join(map(str, place))}: " if place else "") + reason
    return f"line {line + 1}: {what}"


def collect(paths: list[Path]) -> list[Script]:
    """The scripts of files and folders (searched through). Raises ScriptError, also for an id given twice."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted([*path.rglob("*.yaml"), *path.rglob("*.yml")])
        elif path.is_file():
            files.append(path)
        else:
            raise ScriptError(f"{path}: no such file or folder")
    scripts = [load(file) for file in dict.fromkeys(files)]
    seen: dict[str, Path] = {}
    for script in scripts:
        if script.id in seen:
            raise ScriptError(f"{script.path}: id {script.id} is also the id of {seen[script.id]}")
        seen[script.id] = script.path
    return scripts
