"""What a shopper tells of themselves that could be kept: sizes, tastes, budgets; as tool arguments and as notes."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from prompts import taxonomy
from store.shoppers import CLOTHES, BudgetNote, Kept, SizeNote, Taste, Word, Words

Values = dict[str, list[Word]]
_OPEN = ("brand",)  # attributes whose values are the shop's own and not the vocabulary's
_MOST = 12  # of each kind, told at once


class Spend(BaseModel):
    """What a piece may cost; `category` None: in general."""

    model_config = ConfigDict(extra="forbid")
    category: str | None = None
    min: Decimal | None = Field(default=None, ge=0)
    max: Decimal | None = Field(default=None, gt=0)
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")


class Facts(BaseModel):
    """`sizes`: kind of garment (a category, or "clothes") → size; `likes`, `refuses`: attribute → values."""

    model_config = ConfigDict(extra="forbid")
    sizes: dict[str, Word] = Field(default={}, max_length=_MOST)
    likes: Values = Field(default={}, max_length=_MOST)
    refuses: Values = Field(default={}, max_length=_MOST)
    budget: list[Spend] = Field(default=[], max_length=_MOST)

    @field_validator("sizes")
    @classmethod
    def _kinds(cls, value: dict[str, str]) -> dict[str, str]:
        for kind in value:
            if kind != CLOTHES and kind not in taxonomy.values("category"):
                raise ValueError(f"no kind of garment {kind[:40]!r}; use a category or {CLOTHES!r}")
        return value

    @field_validator("likes", "refuses")
    @classmethod
    def _vocabulary(cls, value: Values) -> Values:
        for attribute, values in value.items():
            if attribute in _OPEN:
                continue
            if attribute not in taxonomy.ATTRIBUTES:
                raise ValueError(f"no attribute {attribute[:40]!r}")
            if unknown := [v for v in values[:_MOST] if v not in taxonomy.values(attribute)]:
                raise ValueError(f"{attribute} knows no {unknown[0]!r}")
        return {attribute: values[:_MOST] for attribute, values in value.items() if values}

    @property
    def empty(self) -> bool:
        return not (self.sizes or self.likes or self.refuses or self.budget)

    def to_json(self) -> dict[str, Any]:
        """Only what is there, as tool arguments."""
        return self.model_dump(mode="json", exclude_defaults=True, exclude_none=True)

    def with_(self, newer: "Facts") -> "Facts":
        """Both; where they disagree, the newer."""

        def joined(old: Values, new: Values, against: Values) -> Values:
            both = {a: list(dict.fromkeys([*old.get(a, []), *new.get(a, [])])) for a in (*old, *new)}
            kept = {a: [v for v in vs if v not in against.get(a, [])] for a, vs in both.items()}
            return {a: vs[-_MOST:] for a, vs in kept.items() if vs}

        spends = {spend.category: spend for spend in (*self.budget, *newer.budget)}
        return Facts(
            sizes=_newest({**self.sizes, **newer.sizes}),
            likes=joined(self.likes, newer.likes, newer.refuses),
            refuses=joined(self.refuses, newer.refuses, newer.likes),
            budget=list(spends.values())[-_MOST:],
        )

    def within(self, heard: "Facts") -> bool:
        """True when every fact of it is one of those heard."""

        def part(mine: Values, theirs: Values) -> bool:
            return all(set(vs) <= set(theirs.get(a, [])) for a, vs in mine.items())

        return (
            all(heard.sizes.get(kind) == size for kind, size in self.sizes.items())
            and part(self.likes, heard.likes)
            and part(self.refuses, heard.refuses)
            and all(spend in heard.budget for spend in self.budget)
        )

    def notes(self, said: Sequence[str] = (), stated: bool = True) -> list[Kept]:
        """As notes, each with the message of `said` (newest first) that it was taken from."""
        found: list[Kept] = [
            SizeNote(kind=kind, size=size, words=_source([size], said), stated=stated)
            for kind, size in self.sizes.items()
        ]
        for values, liked in ((self.likes, True), (self.refuses, False)):
            for attribute, value in ((a, v) for a, vs in values.items() for v in vs):
                words = _source(_words(attribute, value), said)
                found.append(Taste(attribute=attribute, value=value, liked=liked, words=words, stated=stated))
        for spend in self.budget:
            amounts = [f"{a:g}" for a in (spend.max, spend.min) if a is not None]
            found.append(BudgetNote(**spend.model_dump(), words=_source(amounts, said), stated=stated))
        return found


def said_in(messages: Sequence[Any]) -> list[str]:
    """The shopper's own messages of a conversation, the newest first, as far back as it is likely to matter."""
    told = [m for m in reversed(messages) if getattr(m, "type", "") == "human"]
    return [str(m.additional_kwargs.get("text", m.text)) for m in told[:12]]


def _newest(sizes: dict[str, Word]) -> dict[str, Word]:
    return dict(list(sizes.items())[-_MOST:])


def _words(attribute: str, value: str) -> list[str]:
    if attribute in _OPEN:
        return [value]
    return [w for words in taxonomy.words(attribute, value).values() for w in words]


def _source(words: Iterable[str], said: Sequence[str]) -> Words:
    """The newest message with one of the words in it, else the newest one."""
    wanted = [w.casefold() for w in words]
    found = next((text for text in said if any(w in text.casefold() for w in wanted)), None)
    return found if found is not None else next(iter(said), "")
