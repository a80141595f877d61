"""What a shop may remember of a shopper: only what the shopper agreed to, all of it seen and erasable.

A shopper is named by an id that only the shopper's own browser (or terminal) holds; the file knows its hash alone.
Before consent nothing is written. Erased notes are overwritten, and no log or damaged copy of the file is left that
would still hold them. A note that cannot be read is passed over, and goes with whatever is erased next.
"""

import hashlib
import logging
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from prompts import taxonomy
from store.conditions import size_name
from store.errors import NoConsent
from store.tables import Connection, Where, opened
from store.types import Amount, Product

log = logging.getLogger(__name__)
Answer = Literal["yes", "no", "unasked"]
How = Literal["shown", "asked", "added", "bought"]
Portion = Literal["all", "sizes", "liked", "refused", "budget", "viewed", "photos"]
CLOTHES = "clothes"  # the kind of a size that was said of no garment in particular: it holds for what is worn but shoes
GENERAL = "general"  # names the budget that was said of no kind in particular
_NOT_CLOTHES = ("shoes", "bag", "accessories")
VIEWED, PHOTOS, NOTES = 40, 12, 120  # the newest kept of each shopper
OFTEN = 2  # a refusal or budget that was only a search's wish counts as a habit from here on
FOND = 3  # and a liking


def _tidy(text: str, most: int) -> str:
    """One line without invisible or control characters, at most `most` characters."""
    shown = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    return " ".join(shown.split())[:most]


def _word(text: str) -> str:
    """A short value. Raises ValueError for what no shop calls anything."""
    if not text or len(text) > 60 or text != _tidy(text, 60):
        raise ValueError("a remembered value is 1 to 60 printable characters")
    return text


Word = Annotated[str, AfterValidator(_word)]
Words = Annotated[str, AfterValidator(lambda text: _tidy(text, 160))]


class Note(BaseModel):
    """`words`: what the shopper said; `at`: when, last; `times`: how often; `stated`: said as a thing to know, where
    the others were only wishes of a search."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    words: Words = ""
    at: datetime = Field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    times: int = Field(default=1, ge=1)
    stated: bool = True


class SizeNote(Note):
    """A size as the shop names it, of a kind of garment (a category of the taxonomy, or "clothes")."""

    kind: Word = CLOTHES
    size: Word

    @property
    def name(self) -> str:
        return self.kind


class Taste(Note):
    """A value liked or refused: ("pattern", "dotted")."""

    attribute: Word
    value: Word
    liked: bool

    @property
    def name(self) -> str:
        return f"{self.attribute}={self.value}"

    @property
    def holds(self) -> bool:
        """Said as such, or wished often enough to be a habit."""
        return self.stated or self.times >= (FOND if self.liked else OFTEN)


class BudgetNote(Note):
    """What a piece may cost; `category` None: in general."""

    category: Word | None = None
    min: Amount | None = Field(default=None, ge=0)
    max: Amount | None = Field(default=None, gt=0)
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")

    @property
    def name(self) -> str:
        return self.category or ""

    @property
    def holds(self) -> bool:
        return self.stated or self.times >= OFTEN


class Viewed(Note):
    """A product looked at: shown in detail, asked about, put into the cart or bought."""

    product: str = Field(min_length=1, max_length=100)
    how: How = "shown"

    @property
    def name(self) -> str:
        return self.product


class Reacted(Note):
    """A product that the shopper liked or did not like; `stated`: by saying so, not by picking it of two."""

    product: str = Field(min_length=1, max_length=100)
    liked: bool

    @property
    def name(self) -> str:
        return self.product


class SeenPhoto(Note):
    """What a photo of the shopper's shows, without the photo: the vector of its main garment in the photo space, two
    bytes a number in base64, and `made_by` which eyes; the kind of garment and its colours."""

    photo: str = Field(pattern=r"^[0-9a-f]{16}$")
    image: str = Field(default="", max_length=20_000)
    made_by: str = Field(default="", max_length=200)
    category: Word | None = None
    colors: list[Word] = Field(default=[], max_length=6)
    pattern: Word | None = None

    @property
    def name(self) -> str:
        return self.photo


class Profile(BaseModel):
    """All that is kept of a shopper, the newest of each first."""

    consent: Answer = "unasked"
    consent_at: datetime | None = None
    sizes: list[SizeNote] = []
    liked: list[Taste] = []
    refused: list[Taste] = []
    budgets: list[BudgetNote] = []
    viewed: list[Viewed] = []
    reactions: list[Reacted] = []
    photos: list[SeenPhoto] = []

    def to_json(self) -> dict[str, Any]:
        """The same in short, without words and times: {"consent": true, "sizes": {"tops": "M"}, "likes": {"color":
        ["navy"]}, "refuses": {"pattern": ["dotted"]}, "budget": {"all": {"max": "80.00"}}, "viewed": ["p1"],
        "liked_products": [...], "disliked_products": [...], "photos": [ids]}; only what there is. A general budget
        stands under "all"."""

        def grouped(tastes: list[Taste]) -> dict[str, list[str]]:
            found: dict[str, list[str]] = {}
            for taste in tastes:
                found.setdefault(taste.attribute, []).append(taste.value)
            return found

        bounds = {"min", "max", "currency"}
        told: dict[str, Any] = {
            "consent": self.consent == "yes",
            "sizes": {note.kind: note.size for note in self.sizes},
            "likes": grouped(self.liked),
            "refuses": grouped(self.refused),
            "budget": {
                note.category or "all": note.model_dump(mode="json", include=bounds, exclude_none=True)
                for note in self.budgets
            },
            "viewed": [note.product for note in self.viewed],
            "liked_products": [note.product for note in self.reactions if note.liked],
            "disliked_products": [note.product for note in self.reactions if not note.liked],
            "photos": [note.photo for note in self.photos],
        }
        return {name: value for name, value in told.items() if value}

    @property
    def empty(self) -> bool:
        """Nothing is kept but, perhaps, the answer to whether it may be."""
        kept = (self.sizes, self.liked, self.refused, self.budgets, self.viewed, self.reactions, self.photos)
        return not any(kept)

    def without(self, portions: Iterable[str]) -> "Profile":
        """The same less "size", "tastes", "budget" or "all"."""
        parts = {"size": ["sizes"], "budget": ["budgets"]}
        parts["tastes"] = ["liked", "refused", "reactions", "photos"]
        parts["all"] = [*parts["size"], *parts["tastes"], *parts["budget"]]
        gone: dict[str, list[Note]] = {name: [] for portion in portions for name in parts.get(portion, [])}
        return self.model_copy(update=gone) if gone else self

    def size_for(self, category: str) -> SizeNote | None:
        """The size of that kind of garment: of the nearest kind above it, else of clothes in general."""
        lineage = taxonomy.ancestors(category)
        for kind in (*reversed(lineage), *(() if lineage[0] in _NOT_CLOTHES else (CLOTHES,))):
            found = next((note for note in self.sizes if note.kind == kind), None)
            if found:
                return found
        return None

    def size_of(self, product: Product) -> str | None:
        """The shopper's size as this product's own list spells it; None where it has no such size."""
        note = self.size_for(product.category)
        if note is None or len(product.sizes) < 2:
            return None
        wanted = size_name(note.size)
        return next((s.size for s in product.sizes if size_name(s.size) == wanted), None)

    def budget_for(self, categories: Sequence[str]) -> BudgetNote | None:
        """The budget of that kind (nearest first), else the general one."""
        held = {note.category: note for note in self.budgets if note.holds}
        lineages = [tuple(reversed(taxonomy.ancestors(c))) for c in categories]
        kinds = [kind for lineage in lineages for kind in lineage] if len(lineages) == 1 else []
        return next((held[kind] for kind in (*kinds, None) if kind in held), None)


_NARROWS: dict[str, frozenset[str]] = {
    "all": frozenset(),
    "sizes": frozenset({"kind"}),
    "liked": frozenset({"attribute", "value", "product"}),
    "refused": frozenset({"attribute", "value", "product"}),
    "budget": frozenset({"kind"}),
    "viewed": frozenset({"product"}),
    "photos": frozenset({"photo"}),
}


class Scope(BaseModel):
    """What is to be forgotten: a portion, or of it one kind, value or product. Raises ValueError for what narrows
    another portion than the one that is named: it would be passed over, and too much be erased."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    portion: Portion = "all"
    kind: str | None = (
        None  # of sizes and budgets: the category; GENERAL for the budget of no kind in particular
    )
    attribute: str | None = None
    value: str | None = None
    product: str | None = None
    photo: str | None = None

    @model_validator(mode="after")
    def _of_its_portion(self) -> "Scope":
        narrowed = {
            name
            for name in ("kind", "attribute", "value", "product", "photo")
            if getattr(self, name) is not None
        }
        if strange := sorted(narrowed - _NARROWS[self.portion]):
            raise ValueError(
                f"{', '.join(strange)} cannot narrow {self.portion!r}: name the portion it is of"
            )
        return self

    def covers(self, note: Note) -> bool:
        """True when the note is part of it."""
        match note:
            case SizeNote():
                return self.portion in ("all", "sizes") and self.kind in (None, note.kind)
            case Taste():
                named = self.portion == "all" or self.portion == ("liked" if note.liked else "refused")
                spoken = self.attribute in (None, note.attribute) and self.value in (None, note.value)
                return named and spoken and self.product is None
            case Reacted():
                named = self.portion == "all" or self.portion == ("liked" if note.liked else "refused")
                spoken = self.attribute is None and self.value is None
                return named and spoken and self.product in (None, note.product)
            case BudgetNote():
                return self.portion in ("all", "budget") and self.kind in (None, note.category or GENERAL)
            case Viewed():
                return self.portion in ("all", "viewed") and self.product in (None, note.product)
            case SeenPhoto():
                return self.portion in ("all", "photos") and self.photo in (None, note.photo)
        return False


_TABLE: dict[str, type[Note]] = {
    "size": SizeNote,
    "taste": Taste,
    "budget": BudgetNote,
    "viewed": Viewed,
    "reaction": Reacted,
    "photo": SeenPhoto,
}
_KIND = {model: kind for kind, model in _TABLE.items()}
_MOST = {"viewed": VIEWED, "photo": PHOTOS}
Kept = SizeNote | Taste | BudgetNote | Viewed | Reacted | SeenPhoto
WAIT_S = 3.0  # for another process that writes; a turn waits for it
_SCHEMA = """
CREATE TABLE IF NOT EXISTS shoppers (key TEXT PRIMARY KEY, consent TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS notes (
    place INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    note TEXT NOT NULL, UNIQUE (key, kind, name))
"""


class Shoppers:
    """The shoppers of a shop, in its data folder or on a server. Safe from several threads and processes; raises
    NotKept while they cannot be read or written."""

    def __init__(self, where: Where | str, clock: Callable[[], datetime] | None = None) -> None:
        self._clock = clock or (lambda: datetime.now(UTC).replace(microsecond=0))
        self._file = opened(where, "shoppers", _SCHEMA, wait_s=WAIT_S, erasing=True)
        self._raw = self._file.raw("note")

    def of(self, shopper: str) -> "Shopper":
        """The memory of one shopper. Raises ValueError for an id that is empty or longer than 200 characters."""
        if not 0 < len(shopper) <= 200:
            raise ValueError("a shopper's id has 1 to 200 characters")
        return Shopper(self, shopper)

    def close(self) -> None:
        self._file.close()

    # ---- by key

    def profile(self, key: str) -> Profile:
        rows = self._file.read("SELECT consent, at FROM shoppers WHERE key = ?", (key,))
        consent, at = _answered(*rows[0]) if rows else ("unasked", None)
        sql = f"SELECT kind, {self._raw} FROM notes WHERE key = ? ORDER BY place DESC"
        found = [note for kind, raw in self._file.read(sql, (key,)) if (note := _read(kind, raw))]
        tastes = [note for note in found if isinstance(note, Taste)]
        return Profile(
            consent=consent,
            consent_at=at,
            sizes=[note for note in found if isinstance(note, SizeNote)],
            liked=[note for note in tastes if note.liked],
            refused=[note for note in tastes if not note.liked],
            budgets=[note for note in found if isinstance(note, BudgetNote)],
            viewed=[note for note in found if isinstance(note, Viewed)],
            reactions=[note for note in found if isinstance(note, Reacted)],
            photos=[note for note in found if isinstance(note, SeenPhoto)],
        )

    def answer(self, key: str, consent: Literal["yes", "no"]) -> None:
        def put(db: Connection) -> None:
            db.execute(
                "INSERT INTO shoppers (key, consent, at) VALUES (?, ?, ?)"
                " ON CONFLICT (key) DO UPDATE SET consent = excluded.consent, at = excluded.at",
                (key, consent, self._clock().isoformat()),
            )
            if consent == "no":
                db.execute("DELETE FROM notes WHERE key = ?", (key,))

        self._file.change(put)

    def keep(self, key: str, notes: Iterable[Kept]) -> list[Kept]:
        wanted = list(notes)

        def put(db: Connection) -> list[Kept]:
            row = db.execute("SELECT consent FROM shoppers WHERE key = ?", (key,)).fetchone()
            if row is None or row[0] != "yes":
                raise NoConsent("the shopper has not agreed to being remembered")
            return [self._put(db, key, note) for note in wanted]

        return self._file.change(put)

    def _put(self, db: Connection, key: str, note: Kept) -> Kept:
        kind = _KIND[type(note)]
        if isinstance(note, SizeNote) and note.kind == CLOTHES and note.stated:
            _outgrow(db, key, self._raw)
        where = "WHERE key = ? AND kind = ? AND name = ?"
        held = db.execute(f"SELECT {self._raw} FROM notes {where}", (key, kind, note.name)).fetchone()
        merged = _merged(_read(kind, held[0]) if held else None, note)
        merged = merged.model_copy(update={"at": self._clock()})
        db.execute(f"DELETE FROM notes {where}", (key, kind, note.name))
        db.execute(
            "INSERT INTO notes (key, kind, name, note) VALUES (?, ?, ?, ?)",
            (key, kind, note.name, merged.model_dump_json()),
        )
        db.execute(
            "DELETE FROM notes WHERE key = :k AND kind = :d AND place NOT IN (SELECT place FROM notes"
            " WHERE key = :k AND kind = :d ORDER BY place DESC LIMIT :most)",
            {"k": key, "d": kind, "most": _MOST.get(kind, NOTES)},
        )
        return merged

    def forget(self, key: str, scope: Scope) -> int:
        def whole(db: Connection) -> int:
            db.execute("DELETE FROM shoppers WHERE key = ?", (key,))
            return db.execute("DELETE FROM notes WHERE key = ?", (key,)).rowcount

        def part(db: Connection) -> int:
            rows = db.execute(f"SELECT place, kind, {self._raw} FROM notes WHERE key = ?", (key,)).fetchall()
            read = [(place, _read(kind, raw)) for place, kind, raw in rows]
            gone = [(place,) for place, note in read if note is None or scope.covers(note)]
            db.executemany("DELETE FROM notes WHERE place = ?", gone)
            return len(gone)

        return self._file.change(whole if scope == Scope() else part)


def _outgrow(db: Connection, key: str, note: str) -> None:
    """Drop sizes by letter of single kinds of clothes: "I'm an L now" is said of them all."""
    sql = f"SELECT place, {note} FROM notes WHERE key = ? AND kind = 'size'"
    for place, raw in db.execute(sql, (key,)).fetchall():
        held = _read("size", raw)
        if not isinstance(held, SizeNote):
            continue
        worn = taxonomy.ancestors(held.kind)[0] not in _NOT_CLOTHES
        if worn and held.kind != CLOTHES and not held.size[:1].isdigit():
            db.execute("DELETE FROM notes WHERE place = ?", (place,))


def _read(kind: str, raw: Any) -> Note | None:
    """A note as it is kept; None for one that cannot be read."""
    model = _TABLE.get(kind)
    try:
        return model.model_validate_json(raw) if model else None
    except (ValueError, TypeError):
        log.warning("a remembered %s cannot be read and is passed over", model.__name__ if model else "note")
        return None


def _answered(consent: Any, at: Any) -> tuple[Answer, datetime | None]:
    """The kept answer; one that cannot be read is none."""
    try:
        told = Profile(consent=consent, consent_at=at)
    except ValueError:
        log.warning("whether a shopper may be remembered cannot be read")
        return "unasked", None
    return told.consent, told.consent_at


class Shopper:
    """The memory of one shopper; whoever holds the id may read and erase it, nobody else."""

    def __init__(self, shoppers: Shoppers, shopper: str) -> None:
        self._shoppers = shoppers
        self._key = hashlib.sha256(f"daogou shopper {shopper}".encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def mark(self) -> str:
        """A short mark by which one shopper is told from another; nothing can be looked up with it."""
        return self._key[:12]

    def profile(self) -> Profile:
        """All that is kept; an unknown shopper is one who was never asked."""
        return self._shoppers.profile(self._key)

    @property
    def consent(self) -> Answer:
        """Whether notes may be kept."""
        return self.profile().consent

    def allow(self) -> None:
        """The shopper agreed to being remembered."""
        self._shoppers.answer(self._key, "yes")

    def refuse(self) -> None:
        """The shopper does not want it: what was kept is erased, and only this answer stays."""
        self._shoppers.answer(self._key, "no")

    def keep(self, notes: Iterable[Kept]) -> list[Kept]:
        """Keep notes; one of the same name is brought up to date and counted. Raises NoConsent."""
        return self._shoppers.keep(self._key, notes)

    def forget(self, scope: Scope | None = None) -> int:
        """Erase; without a scope everything, the answer about consent included. Returns how many notes are gone."""
        return self._shoppers.forget(self._key, scope or Scope())


def _merged(old: Note | None, new: Kept) -> Kept:
    """The new note with what the old one counted: the same again is said more often, something else starts anew."""
    if old is None:
        return new
    same = {"at", "times", "words", "stated", "how"}
    if new.model_dump(exclude=same) != old.model_dump(exclude=same):
        if old.stated and not new.stated and not isinstance(new, Viewed):
            return _kept(old)  # one search for dots does not unsay "I never wear dots"
        return new
    stated = old.stated or new.stated
    more: dict[str, object] = {"times": old.times + 1, "stated": stated, "words": new.words or old.words}
    if stated and not new.stated:
        more["words"] = old.words  # what was said as such tells more than a search
    if isinstance(new, Viewed) and isinstance(old, Viewed):
        order: list[How] = ["shown", "asked", "added", "bought"]
        more["how"] = max(old.how, new.how, key=order.index)
    return new.model_copy(update=more)


def _kept(old: Note) -> Kept:
    if not isinstance(old, Kept):
        raise TypeError("a note of no kind")
    return old
