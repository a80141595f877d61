"""A person takes over: the shopper's side of it, and what comes outside the shopper's own turns."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from agent.events import Speaker
from agent.handoff.desk import Standing
from agent.handoff.errors import NoHandoff
from agent.session import Session
from agent.transcripts import Transcripts
from ui.api import limits, streams
from ui.api.caller import Asking
from ui.api.conversations import SessionId, opened
from ui.api.problems import ANSWERS, Problem, Told
from ui.api.streams import Place, Telling
from ui.ops.closing import CLOSING

router = APIRouter(
    prefix="/sessions/{session_id}", tags=["a person takes over"], responses=ANSWERS, route_class=Told
)
LISTENERS = 8  # of one conversation at a time, in this process: tabs of a browser, a help desk
_LISTENING: Counter[str] = Counter()
LOOK_S = 1.0  # how soon what a person says is there
MOST = 50  # turns told in one go


class Wish(BaseModel):
    """`reason`: why a person is wanted, in the shopper's words."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(default="", max_length=300)


class Reach(BaseModel):
    """Where the shopper wants to be answered, and that they agree to its being kept for that."""

    model_config = ConfigDict(extra="forbid")
    contact: str = Field(min_length=3, max_length=200)
    consent: bool


class Kept(BaseModel):
    """The contact as it may be shown again."""

    contact: str


@router.get("/handoff")
async def standing(asking: Asking, session_id: SessionId) -> Standing:
    """Who speaks in the conversation now."""
    return await run_in_threadpool(lambda: opened(asking, session_id).standing())


@router.post("/handoff", status_code=201)
async def ask(asking: Asking, session_id: SessionId, wish: Wish | None = None) -> Standing:
    """Ask for a person; asked again, it is the same wish."""

    def done() -> Standing:
        limits.share(asking.counts, "messages", asking.assistant.settings.messages_per_minute, session_id)
        session = opened(asking, session_id)
        reason = wish.reason if wish else ""
        lang = session.spoken(asking.lang)
        return asking.assistant.desk.ask_aside(session.id, lang, reason, by=f"key:{asking.key.id}")

    return await run_in_threadpool(done)


@router.delete("/handoff")
async def leave(asking: Asking, session_id: SessionId) -> Standing:
    """Leave the queue, or go back from the person to the assistant."""

    def done() -> Standing:
        session = opened(asking, session_id)
        lang = session.spoken(asking.lang)
        if not asking.assistant.desk.leave(session.id, lang, by=f"key:{asking.key.id}"):
            raise NoHandoff
        return session.standing(lang)

    return await run_in_threadpool(done)


@router.put("/handoff/contact")
async def contact(asking: Asking, session_id: SessionId, reach: Reach) -> Kept:
    """Say where to be answered."""

    def done() -> Kept:
        session = opened(asking, session_id)
        by = f"key:{asking.key.id}"
        return Kept(contact=asking.assistant.desk.reach(session.id, reach.contact, reach.consent, by))

    return await run_in_threadpool(done)


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "content": {"text/event-stream": {}},
            "description": "what comes outside the shopper's own turns",
        }
    },
)
async def listen(
    asking: Asking,
    request: Request,
    session_id: SessionId,
    last_event_id: Annotated[str, Header(pattern=rf"^(?:{streams.ID})?$")] = "",
    seconds: Annotated[
        int, Query(ge=0, le=3600, description="after which the stream ends: connect again")
    ] = 900,
    since: Annotated[int | None, Query(ge=0, le=10**6, description="the first turn to be told")] = None,
) -> StreamingResponse:
    """What comes outside the shopper's own turns: what a person says, who speaks, the place in the queue."""
    had = Place.read(last_event_id) if last_event_id else None
    session = await run_in_threadpool(opened, asking, session_id)
    if _LISTENING[session.id] >= LISTENERS:
        raise Problem(429, "too_many_listeners", wait_s=LOOK_S * 30, most=LISTENERS)
    if had is None:
        known = await run_in_threadpool(asking.assistant.turns_of, session.id)
        had = Place(known if since is None else since)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    body = _outside(request, asking.assistant.transcripts, session, had, time.monotonic() + seconds)
    return StreamingResponse(body, headers=headers, media_type="text/event-stream")


async def _outside(
    request: Request, transcripts: Transcripts, session: Session, had: Place, until: float
) -> AsyncIterator[bytes]:
    """The stream's bytes, until then, or until its reader has gone."""
    _LISTENING[session.id] += 1
    try:
        async for piece in _told(request, transcripts, session, had, until):
            yield piece
    finally:
        _LISTENING[session.id] -= 1
        if not _LISTENING[session.id]:
            del _LISTENING[session.id]


async def _told(
    request: Request, transcripts: Transcripts, session: Session, had: Place, until: float
) -> AsyncIterator[bytes]:
    place, position, heard = had, None, time.monotonic()
    yield streams.PING  # the reader knows that it is connected
    while not await request.is_disconnected():
        turns = await run_in_threadpool(transcripts.numbered, session.id, place.turn)
        for number, turn in turns[:MOST]:
            if not turn.over:
                break
            if turn.outside:
                start = place if number == place.turn else Place(number)
                for at, event in Telling(start)(turn.events):
                    yield streams.sse(at, event)
                    heard = time.monotonic()
            place = Place(number + 1)
        now = await run_in_threadpool(session.standing)
        if now.position != position and now.state == "waiting":
            told = Speaker(state="waiting", position=now.position, text=now.text)
            yield f"event: speaker\ndata: {told.model_dump_json()}\n\n".encode()
            heard = time.monotonic()
        position = now.position
        if time.monotonic() - heard > streams.PING_S:
            yield streams.PING
            heard = time.monotonic()
        if (
            time.monotonic() >= until or CLOSING.refusing
        ):  # whoever listens connects again, to whoever is there
            return
        await asyncio.sleep(LOOK_S)
