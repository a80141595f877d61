"""The cart and what a shopper thinks of products and replies, changed with the buttons of a door."""

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from agent.session import Session
from prompts.plain import plain
from tools.results import Cart, NotTaken
from ui.api.caller import Asking
from ui.api.conversations import SessionId, opened
from ui.api.goods import ProductId
from ui.api.problems import ANSWERS, Problem, Told

router = APIRouter(prefix="/sessions/{session_id}", tags=["shopping"], responses=ANSWERS, route_class=Told)
_NO = {name: name for name in ("need_size", "out_of_stock", "size_unknown", "not_in_cart", "key_reused")} | {
    "too_many": "too_many_wanted"
}  # what the cart says → the problem that it is
Size = Annotated[str | None, Field(max_length=60)]


class NewLine(BaseModel):
    """What is put into the cart. `size`: needed where the product comes in several."""

    model_config = ConfigDict(extra="forbid")
    product: str = Field(min_length=1, max_length=100)
    size: Size = None
    quantity: int = Field(default=1, ge=1, le=99)


class Change(BaseModel):
    """How many of a line there should be (0 takes it out), or in which `new_size`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "anyOf": [
                {"required": ["quantity"], "properties": {"quantity": {"type": "integer"}}},
                {"required": ["new_size"], "properties": {"new_size": {"type": "string", "minLength": 1}}},
            ]
        },
    )
    size: Size = None
    quantity: int | None = Field(default=None, ge=0, le=99)
    new_size: Size = None


class Liking(BaseModel):
    """What the shopper thinks of a product, or did with it: `none` takes a like or dislike back."""

    model_config = ConfigDict(extra="forbid")
    reaction: Literal["like", "dislike", "none", "view"]


class Liked(BaseModel):
    """Product id → what the shopper thinks of it."""

    reactions: dict[str, Literal["like", "dislike"]]


class Cartful(BaseModel):
    """The cart that the shop's own page has."""

    model_config = ConfigDict(extra="forbid")
    lines: list[NewLine] = Field(max_length=100)


class Taken(BaseModel):
    """The cart as it is now, and the lines that could not be taken over as they are."""

    cart: Cart
    missed: list[NotTaken]


class Feedback(BaseModel):
    """What the shopper thinks of a reply."""

    model_config = ConfigDict(extra="forbid")
    verdict: Literal["good", "bad"]
    comment: str = Field(default="", max_length=2_000)


@router.get("/cart")
async def read(asking: Asking, session_id: SessionId) -> Cart:
    """The cart, with today's names and prices."""
    return await run_in_threadpool(lambda: opened(asking, session_id).cart())


@router.put("/cart")
async def put(asking: Asking, session_id: SessionId, wished: Cartful) -> Taken:
    """Make the cart what the shop's own page has in its, so that the conversation knows of it."""
    lines = [(line.product, line.size, line.quantity) for line in wished.lines]

    def done() -> Taken:
        cart, missed = opened(asking, session_id).take_over_cart(lines)
        return Taken(cart=cart, missed=missed)

    return await run_in_threadpool(done)


@router.post("/cart/lines", status_code=201)
async def add(
    asking: Asking,
    session_id: SessionId,
    line: NewLine,
    idempotency_key: Annotated[str, Header(max_length=200)] = "",
) -> Cart:
    """Put something into the cart. With an `Idempotency-Key` it is put there once, however often it is sent."""

    def done() -> Cart:
        session = opened(asking, session_id)
        return _agreed(
            session.change_cart("add", line.product, line.size, line.quantity, key=idempotency_key or None)
        )

    return await run_in_threadpool(done)


@router.patch("/cart/lines/{product_id}")
async def change(asking: Asking, session_id: SessionId, product_id: ProductId, wished: Change) -> Cart:
    """Set the quantity or the size of a line."""
    if wished.quantity is None and not wished.new_size:
        raise Problem(422, "invalid", {"body": "neither quantity nor new_size"})

    def done() -> Cart:
        session, cart = opened(asking, session_id), None
        if wished.new_size:
            cart = _agreed(session.resize(product_id, wished.size, wished.new_size))
        if wished.quantity is not None:
            cart = _set(session, product_id, wished.new_size or wished.size, wished.quantity)
        return cart or session.cart()

    return await run_in_threadpool(done)


@router.delete("/cart/lines/{product_id}")
async def remove(asking: Asking, session_id: SessionId, product_id: ProductId, size: Size = None) -> Cart:
    """Take a line out; without a size, every line of the product."""
    return await run_in_threadpool(
        lambda: _agreed(opened(asking, session_id).change_cart("remove", product_id, size))
    )


@router.delete("/cart")
async def clear(asking: Asking, session_id: SessionId) -> Cart:
    """Empty the cart."""
    return await run_in_threadpool(lambda: _agreed(opened(asking, session_id).change_cart("clear")))


@router.get("/reactions")
async def liked(asking: Asking, session_id: SessionId) -> Liked:
    """What the shopper likes and does not."""
    return await run_in_threadpool(lambda: Liked(reactions=opened(asking, session_id).reactions()))


@router.put("/reactions/{product_id}")
async def react(asking: Asking, session_id: SessionId, product_id: ProductId, given: Liking) -> Liked:
    """Like a product or not: it counts from the next reply on."""

    def done() -> Liked:
        session = opened(asking, session_id)
        session.react(product_id, given.reaction)
        return Liked(reactions=session.reactions())

    return await run_in_threadpool(done)


@router.put("/turns/{turn}/feedback", status_code=204)
async def feedback(
    asking: Asking,
    session_id: SessionId,
    turn: Annotated[int, Path(ge=0, le=10**6)],
    given: Feedback,
) -> None:
    """Say whether a reply was any good. The last word counts."""

    def kept() -> None:
        session = opened(asking, session_id)
        if not session.events(turn):
            raise Problem(404, "not_found")
        asking.assistant.transcripts.rate(session.id, turn, given.verdict, plain(given.comment))

    await run_in_threadpool(kept)


def _set(session: Session, product_id: str, size: str | None, quantity: int) -> Cart:
    return _agreed(session.change_cart("change", product_id, size, quantity))


def _agreed(cart: Cart) -> Cart:
    """The cart as it is now. Raises Problem (409) with what can be had, where the shop could not do it."""
    if cart.problem in _NO:
        fields = {"choices": ", ".join(cart.choices)} if cart.choices else {}
        raise Problem(
            409, _NO[str(cart.problem)], fields, choices=", ".join(cart.choices) or "–", left=cart.left or 0
        )
    return cart
