"""The events of a turn: the wire format of every door (chat, API, command line, dialog tests).

A turn is `turn_started … done`. Facts (name, price, stock, sizes) come from the store by id, never from a model.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

from tools.results import Answer, Cart, Comparison, Handoff, Memory, Order, Outfit, Policy, Preview, Products


class TurnStarted(BaseModel):
    type: Literal["turn_started"] = "turn_started"
    session: str
    turn: int
    language: str


class Thinking(BaseModel):
    """What the assistant is doing; `label` is shown to the shopper. `call`: the id that the result will have, of a
    tool's."""

    type: Literal["thinking"] = "thinking"
    call: str = Field(default="", exclude_if=lambda call: not call)
    tool: str
    label: str
    args: dict[str, Any] = {}


class Looked(BaseModel):
    """What was seen in the `nth` photo of the message (from 1): `look` as `daogou look` prints it, `card` the same in
    the shopper's words."""

    type: Literal["looked"] = "looked"
    photo: str
    nth: int = 1
    look: dict[str, Any]
    card: dict[str, str] = {}


class Speaker(BaseModel):
    """Who speaks from here on: the assistant, a person (`name`), or the assistant still, while the shopper is `waiting`
    for a person (at `position`) or has left a `message` for one. `text`: the same in the shopper's words."""

    type: Literal["speaker"] = "speaker"
    state: Literal["assistant", "waiting", "message", "person"]
    name: str = ""
    position: int | None = None
    text: str


class Person(BaseModel):
    """What a person of the shop says: plain text."""

    type: Literal["person"] = "person"
    name: str
    text: str


class Token(BaseModel):
    """A piece of the reply; joined in order they are the reply."""

    type: Literal["token"] = "token"
    text: str


class Suggestions(BaseModel):
    """Short messages the shopper may want to send next."""

    type: Literal["suggestions"] = "suggestions"
    items: list[str]


class Error(BaseModel):
    """`code` is stable; `message` is for the shopper, in the shopper's language. The conversation goes on."""

    type: Literal["error"] = "error"
    code: str
    message: str


class Usage(BaseModel):
    """What models cost in a turn. `cached_tokens` are those of `input_tokens` that the provider had kept; `model_calls`
    counts every request to a model, failed ones too, and not the offline planner. `estimated`: the provider did not say
    how many tokens of some call. `cost`: a decimal string in `currency`, where the settings name prices."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    model_calls: int = 0
    estimated: bool = False
    cost: str | None = None
    currency: str | None = None


def untimed() -> dict[str, float | None]:
    """The timings of a turn that nobody timed."""
    return {"first_event_ms": None, "products_ms": None, "total_ms": None}


class Done(BaseModel):
    """The turn is over. `timings` in milliseconds: first_event_ms, products_ms (None without products), total_ms.
    `answered_by`: who led the turn: "offline", the model as the settings name it, or "person"."""

    type: Literal["done"] = "done"
    text: str
    usage: Usage = Usage()
    answered_by: str = "offline"
    timings: dict[str, float | None] = Field(default_factory=untimed)


Event = Annotated[
    TurnStarted
    | Thinking
    | Looked
    | Products
    | Outfit
    | Comparison
    | Answer
    | Preview
    | Cart
    | Policy
    | Memory
    | Handoff
    | Speaker
    | Person
    | Order
    | Token
    | Suggestions
    | Error
    | Done,
    Field(discriminator="type"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
