"""Tool calls and what came back of them; the conditions and products that a part of a message names."""

from typing import Any

from pydantic import BaseModel

from agent.planner.meaning import Part, Slots

MAX_CALLS = 6
LIMIT = 6
HARD = (
    "category",
    "color",
    "pattern",
    "material",
    "sleeve",
    "neckline",
    "length",
    "gender",
    "age_group",
    "brand",
    "size",
)
SOFT = ("season", "occasion", "style")


class Call(BaseModel):
    """One tool call to make."""

    tool: str
    args: dict[str, Any] = {}


class Done(BaseModel):
    """A call of this turn that came back; `artifact` is None when the tool failed."""

    tool: str
    args: dict[str, Any] = {}
    artifact: dict[str, Any] | None = None
    failed: bool = False
    refused: bool = False  # the shopper had not asked for it

    @property
    def items(self) -> list[dict[str, Any]]:
        """The cards of a list of products."""
        return list((self.artifact or {}).get("items") or [])


def conditions(slots: Slots) -> dict[str, Any]:
    """The hard conditions among slots, in the shape of store.types.Filters."""
    where: dict[str, Any] = {a: list(slots[a]) for a in HARD if slots.get(a)}
    if slots.get("not"):
        where["not"] = {a: list(v) for a, v in slots["not"].items()}
    for name in ("price", "rating_min", "on_sale", "in_stock"):
        if slots.get(name):
            where[name] = slots[name]
    return where


def ids_of(part: Part) -> list[str]:
    return list(dict.fromkeys(i for r in part.references for i in r.ids))


def described_in(part: Part) -> dict[str, Any]:
    where: dict[str, Any] = {}
    for reference in part.references:
        for attribute, values in reference.where.items():
            where.setdefault(attribute, []).extend(v for v in values if v not in where.get(attribute, []))
    return where or conditions({k: v for k, v in part.slots.items() if k not in ("size", "quantity")})
