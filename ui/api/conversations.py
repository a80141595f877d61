"""Conversations: begin one, say something, read the events that answer it, take a broken stream up again."""

from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import StreamingResponse

from agent.errors import NotFetched
from agent.events import Event
from agent.focus import InPhoto
from agent.session import LONGEST_ID, Session
from agent.telemetry import about
from prompts import LANGUAGES
from tools.results import Cart
from ui.api import limits, streams
from ui.api.caller import Asking, Caller
from ui.api.photos import data_url
from ui.api.problems import ANSWERS, Problem, Told
from ui.api.streams import Place
from ui.ops.closing import admit
from ui.turns import FLOOR, Live, Message

router = APIRouter(prefix="/sessions", tags=["conversations"], responses=ANSWERS, route_class=Told)
SessionId = Annotated[str, Path(pattern=r"^[0-9a-f]{24}$", description="as `POST /sessions` gave it")]
KeyHeader = Annotated[
    str,
    Header(
        max_length=200, description="your own name for the message: sent again with it, it is answered once"
    ),
]


_TEXT_CHARS = 20_000
_PHOTOS = 12
_WAITING = 256  # messages that are begun or wait, of all conversations together


class NewSession(BaseModel):
    """`language`: of the replies; `auto` follows the shopper."""

    model_config = ConfigDict(extra="forbid")
    language: str = Field(default="auto", pattern=r"^(auto|zh|en)$")


class SessionInfo(BaseModel):
    """A conversation. `starters`: what a shopper might begin with, made of what the shop has."""

    id: str
    shop: str
    language: str
    starters: list[str] = []


class Sent(BaseModel):
    """What the shopper says. `photos`: data URLs (`data:image/jpeg;base64,…`) or addresses on the open internet;
    `focus`: the id of a product that is pointed at, or a garment in a photo of this conversation."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(default="", max_length=_TEXT_CHARS)
    photos: list[str] = Field(default=[], max_length=_PHOTOS)
    focus: Annotated[str, Field(max_length=LONGEST_ID)] | InPhoto | None = None


class TurnInfo(BaseModel):
    """One turn: what was said, and the events that answered it. `outside`: nobody's message began it, a person of the
    shop did."""

    text: str
    photos: list[str]
    language: str
    outside: bool = False
    events: list[Event]


class History(BaseModel):
    """The turns from `since` on, the oldest first, and the cart as it is now."""

    id: str
    turns: list[TurnInfo]
    cart: Cart


@router.post("", status_code=201)
async def begin(asking: Asking, response: Response, wished: NewSession | None = None) -> SessionInfo:
    """Begin a conversation."""
    language = wished.language if wished else "auto"

    def made() -> SessionInfo:
        most = asking.assistant.settings.sessions_per_minute
        limits.share(asking.counts, "sessions", most, asking.key.id, asking.address)
        session = asking.assistant.session(lang=language, shopper=asking.shopper)
        asking.assistant.owners.add(session.id, asking.shopper, asking.key.id)
        spoken = language if language in LANGUAGES else asking.lang
        starters = asking.assistant.first_questions(spoken)
        return SessionInfo(
            id=session.id, shop=asking.assistant.shop_name, language=language, starters=starters
        )

    info = await run_in_threadpool(made)
    response.headers["Location"] = f"/api/v1/sessions/{info.id}"
    return info


@router.get("/{session_id}")
async def read(
    asking: Asking, session_id: SessionId, since: Annotated[int, Query(ge=0, le=10**6)] = 0
) -> History:
    """What was said so far."""

    def told() -> History:
        session = opened(asking, session_id)
        turns = [
            TurnInfo(text=t.text, photos=t.photos, language=t.language, outside=t.outside, events=t.events)
            for t in session.history()
        ]
        return History(id=session.id, turns=turns[since:], cart=session.cart())

    return await run_in_threadpool(told)


@router.post(
    "/{session_id}/messages",
    response_class=StreamingResponse,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": Sent.model_json_schema(ref_template="#/components/schemas/{model}")
                },
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "text": {"type": "string", "maxLength": _TEXT_CHARS},
                            "focus": {"type": "string", "maxLength": LONGEST_ID},
                            "photo": {
                                "type": "array",
                                "maxItems": _PHOTOS,
                                "items": {"type": "string", "format": "binary"},
                            },
                        },
                    }
                },
            },
        }
    },
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "the events of the turn, as they come"},
        415: ANSWERS[422] | {"description": "neither JSON nor a form"},
    },
)
async def say(
    asking: Asking, request: Request, session_id: SessionId, idempotency_key: KeyHeader = ""
) -> Response:
    """Say something; the answer is a stream of events, each with an id from which it can be taken up again."""
    admit()
    session = await run_in_threadpool(opened, asking, session_id)
    message = await _message(asking, request, session, idempotency_key)
    # A message may wait for the one before: in threads of its own kind, so that nobody else waits with it.
    live = await to_thread.run_sync(_started, asking, session, message, limiter=_line())
    return _stream(request, session, live, None)


@router.get(
    "/{session_id}/turns/{turn}/events",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "the events of the turn that follow"}
    },
)
async def again(
    asking: Asking,
    request: Request,
    session_id: SessionId,
    turn: Annotated[int, Path(ge=0, le=10**6)],
    last_event_id: Annotated[str, Header(pattern=rf"^(?:{streams.ID})?$")] = "",
) -> Response:
    """The events of a turn from the one on that follows `Last-Event-ID`; all of them without it."""
    had = (Place.read(last_event_id) if last_event_id else None) or Place(turn)
    if had.turn != turn:
        raise Problem(404, "not_found", {"header.last-event-id": "no id of an event of this turn"})
    session = await run_in_threadpool(opened, asking, session_id)
    live = FLOOR.running(session.id)
    if live is None or _turn_of(live) != turn:
        live = None
        if not await run_in_threadpool(session.events, turn):
            raise Problem(404, "not_found")
    return _stream(request, session, live, had)


@lru_cache(maxsize=1)
def _line() -> CapacityLimiter:
    return CapacityLimiter(_WAITING)


def opened(asking: Caller, session_id: str) -> Session:
    """The conversation, where it was begun through a key of this shop and for this shopper. Raises Problem (404)."""
    about.note(session=about.mark(session_id))
    if not asking.assistant.owners.owned(session_id, asking.shopper):
        raise Problem(404, "no_session")
    session = asking.assistant.session(session_id, shopper=asking.shopper)
    session.by = f"key:{asking.key.id}"
    return session


def _started(asking: Caller, session: Session, message: Message) -> Live:
    """The turn that answers the message: a new one, or the one at which it is being answered."""
    running = FLOOR.running(session.id)
    if running and message.key and running.message.key == message.key:
        if _same(running.message, message):
            return running
        raise Problem(409, "key_reused")
    photos = [data for _, data in message.photos]
    if message.key and session.is_another(message.key, message.text, photos, message.focus):
        raise Problem(409, "key_reused")
    if not (message.key and session.knows(message.key)):  # what is told again costs nothing
        asking.spend(session.id)
    return FLOOR.start(session, message, asking.lang)


def _same(one: Message, other: Message) -> bool:
    """True for the same words, photos and focus, whatever the files are called."""
    return (one.text, one.focus, [data for _, data in one.photos]) == (
        other.text,
        other.focus,
        [data for _, data in other.photos],
    )


async def _message(asking: Caller, request: Request, session: Session, key: str) -> Message:
    """What was sent, in either form. Raises Problem."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        if not (await request.body()).rstrip(b"\r\n").endswith(b"--"):
            raise Problem(422, "invalid", {"body": "the form breaks off"})
        async with request.form(max_files=_PHOTOS, max_fields=4) as form:
            _fits(form)
            text, focus = form.get("text", ""), form.get("focus") or None
            files = [part for part in form.getlist("photo") if isinstance(part, UploadFile)]
            photos = [(part.filename or "photo", await part.read()) for part in files]
        sent = _checked({"text": text, "focus": focus})
    elif kind == "application/json":
        sent = _checked(await request.body())
        photos = [
            (f"photo {n}", await photo(asking, f"body.photos.{n}", one)) for n, one in enumerate(sent.photos)
        ]
    else:
        raise Problem(415, "not_understood")
    door = "api" if asking.trusted else "widget"
    return Message(sent.text, tuple(photos), sent.focus, key or None, door)


def _fits(form: FormData) -> None:
    """Raises Problem for a form that has other parts than ours, or one of ours in another's shape."""
    for name, part in form.multi_items():
        if name not in ("text", "focus", "photo"):
            raise Problem(422, "invalid", {f"body.{name[:80]}": "no such part"})
        if isinstance(part, UploadFile) != (name == "photo"):
            raise Problem(422, "invalid", {f"body.{name}": "photo is a file, text and focus are text"})


def _checked(body: bytes | dict[str, Any]) -> Sent:
    try:
        return Sent.model_validate_json(body) if isinstance(body, bytes) else Sent.model_validate(body)
    except ValidationError as error:
        fields = {
            ".".join(map(str, e["loc"]))[:100] or "body": str(e["msg"])[:200] for e in error.errors()[:10]
        }
        raise Problem(422, "invalid", fields) from error


async def photo(asking: Caller, place: str, text: str) -> bytes:
    """The bytes of a photo. What is no picture is told in the conversation; what is no photo at all, here."""
    if not text.startswith(("http://", "https://")):
        return data_url(text, place)
    try:
        return await run_in_threadpool(asking.assistant.fetched, text)
    except NotFetched as error:
        raise Problem(422, error.code, {place: error.why}) from error


def _turn_of(live: Live) -> int | None:
    events, _ = live.told()
    return getattr(events[0], "turn", None) if events else None


def _stream(request: Request, session: Session, live: Live | None, had: Place | None) -> StreamingResponse:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_wire(session, live, had), headers=headers, media_type="text/event-stream")


async def _wire(session: Session, live: Live | None, had: Place | None) -> AsyncIterator[bytes]:
    """The stream's bytes. The turn goes on when its reader goes away."""
    if live is not None:
        told = streams.follow(live, had)
    elif had is not None:
        told = streams.reread(session, had)
    async for batch in told:
        yield b"".join(streams.sse(*one) for one in batch) or streams.PING
