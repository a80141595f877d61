"""Which size of a product the shopper should take."""

from typing import Any, Literal

from langchain.tools import ToolRuntime
from langchain_core.tools import tool
from pydantic import BaseModel, ConfigDict, Field

from prompts import tell
from tools.cards import card, line
from tools.context import ToolContext
from tools.errors import ToolInputError
from tools.results import Products
from tools.sizing.advice import Shopper, advise
from tools.sizing.systems import Worn


class Wears(BaseModel):
    """A size that the shopper wears elsewhere."""

    model_config = ConfigDict(extra="forbid")
    size: str = Field(max_length=20)
    system: Literal["", "eu", "uk", "us", "cn", "jp", "cm"] = ""
    at: str = Field(default="", max_length=40)
    of: Literal["", "shoes", "tops", "bottoms"] = ""


class Measures(BaseModel):
    """Of the body, in centimetres, kilograms and years."""

    model_config = ConfigDict(extra="forbid")
    height: float | None = Field(default=None, ge=0)
    weight: float | None = Field(default=None, ge=0)
    chest: float | None = Field(default=None, ge=0)
    waist: float | None = Field(default=None, ge=0)
    hip: float | None = Field(default=None, ge=0)
    shoulder: float | None = Field(default=None, ge=0)
    inseam: float | None = Field(default=None, ge=0)
    foot: float | None = Field(default=None, ge=0)
    head: float | None = Field(default=None, ge=0)
    age: float | None = Field(default=None, ge=0)


_SANE = {
    "height": (40, 230), "weight": (2, 300), "chest": (25, 200), "waist": (25, 200), "hip": (25, 220),
    "shoulder": (20, 80), "inseam": (20, 120), "foot": (7, 36), "head": (30, 75), "age": (0, 120),
}  # fmt: skip
_UNITS = {"weight": "kg", "age": "years"}


@tool(parse_docstring=True, response_format="content_and_artifact")
def advise_size(
    runtime: ToolRuntime[ToolContext],
    product: str,
    measures: Measures | None = None,
    wears: list[Wears] | None = None,
    fit: Literal["", "loose", "tight"] = "",
    size: str = "",
    other: bool = False,
) -> tuple[str, dict[str, Any]]:
    """Advise which size of a product to take, from its size chart and what the shopper told of their body or sizes.

    Args:
        product: Id of the product.
        measures: Of the body in cm, kg and years, e.g. {"chest": 92, "height": 170, "weight": 60}. Only what was said.
        wears: Sizes worn elsewhere, e.g. [{"size": "M", "at": "Uniqlo"}, {"size": "6", "system": "uk", "of": "shoes"}].
        fit: "loose" or "tight" where the shopper wishes it so.
        size: A size that the shopper asks about, e.g. "L".
        other: True where it is for somebody else, so that nothing remembered of the shopper is used.
    """
    context = runtime.context
    record = context.product(product)
    mine = None if other else context.profile().size_of(record)
    told = (measures or Measures()).model_dump(exclude_none=True)
    for name, value in told.items():
        low, high = _SANE[name]
        if not low <= value <= high:
            raise ToolInputError(f"{name} is in {_UNITS.get(name, 'cm')}, {low} to {high}, not {value:g}")
    who = Shopper(
        measures=told,
        worn=[Worn(size=w.size, system=w.system, at=w.at, of=w.of) for w in wears or [] if w.size.strip()],
        usual=mine,
        wish=fit,
        asked=size.strip()[:20],
    )
    advice = advise(record, who, context.lang)
    shown = card(record, context.lang, with_details=True).model_copy(
        update={"your_size": mine, "advice": advice}
    )
    facts = "\n".join([line(shown), *advice.text, advice.want]).strip()
    if not advice.text:
        facts += "\n" + tell("no_size")
    event = Products(items=[shown], total=1, query={"product": product, "asks": ["size_advice"]})
    return tell("advised", facts=facts), event.model_dump(mode="json")
