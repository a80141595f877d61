"""A shopper's own data: get an id, read all that is kept under it, take it along, have it erased."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from agent.assistant import Assistant
from ui.api.caller import Asking, anonymous
from ui.api.problems import ANSWERS, Problem, Told

NAMED = ("export", "erase")  # what makes no sense without saying of whom
router = APIRouter(prefix="/shopper", tags=["shopper"], responses=ANSWERS, route_class=Told)


class ShopperInfo(BaseModel):
    """`id`: to send as `Daogou-Shopper`. Whoever holds it is the shopper: keep it as a secret of that browser."""

    id: str


class Erased(BaseModel):
    """How many notes and conversations are gone."""

    notes: int
    conversations: int


@router.post("", status_code=201)
async def new(asking: Asking) -> ShopperInfo:
    """An id for a shopper who is not signed in at the shop."""
    return ShopperInfo(id=anonymous())


@router.get("", operation_id="export")
async def export(asking: Asking) -> dict[str, Any]:
    """All that is kept of the shopper: the memory, and every conversation with its cart."""
    shopper = _named(asking.shopper)

    def told() -> dict[str, Any]:
        asking.assistant.audit.note("shopper.exported", f"key:{asking.key.id}")
        return _all(asking.assistant, shopper)

    return await run_in_threadpool(told)


@router.delete("", operation_id="erase")
async def erase(asking: Asking) -> Erased:
    """Erase it all: the memory, the conversations, their photos and carts."""
    shopper = _named(asking.shopper)

    def gone() -> Erased:
        sessions = asking.assistant.owners.of(shopper)
        for session in sessions:
            asking.assistant.erase_session(session, by=f"key:{asking.key.id}")
        asking.assistant.audit.note("shopper.erased", f"key:{asking.key.id}")
        return Erased(notes=asking.assistant.forget(shopper), conversations=len(sessions))

    return await run_in_threadpool(gone)


def _named(shopper: str | None) -> str:
    if shopper is None:
        raise Problem(400, "no_shopper")
    return shopper


def _all(assistant: Assistant, shopper: str) -> dict[str, Any]:
    conversations = []
    for session_id in assistant.owners.of(shopper):
        session = assistant.session(session_id, shopper=shopper)
        conversations.append(
            {
                "id": session_id,
                "turns": [turn.model_dump(mode="json") for turn in session.history()],
                "cart": session.cart().model_dump(mode="json"),
                "reactions": session.reactions(),
                "handoffs": [asdict(one) for one in assistant.handoffs.of(session_id)],
            }
        )
    return {"memory": assistant.profile(shopper).model_dump(mode="json"), "conversations": conversations}
