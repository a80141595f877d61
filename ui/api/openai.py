"""OpenAI's protocol: any chat client or help desk that speaks it can put the assistant behind its own window.

`model` names nothing but the assistant. System messages, tools and sampling parameters are the client's own affair
and change nothing here: what may be said and done in the shop is not for a client to decide.
"""

import hashlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any, Literal

from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response, StreamingResponse

from agent.access.shops import Shops
from agent.events import Done, Error, Event, Token, Usage
from agent.session import Session
from agent.transcripts import Turn
from ui.api import markdown, problems, streams
from ui.api.caller import Asking, Caller, own_origin
from ui.api.conversations import photo
from ui.api.problems import Problem, ProblemBody, Told
from ui.ops.closing import admit
from ui.ops.requests import NOT_FASTAPIS
from ui.turns import FLOOR, Live, Message

PATH = "/v1"
MODEL = "daogou"
router = APIRouter(route_class=Told)


class ImageUrl(BaseModel):
    """A picture: a data URL, or an address on the open internet."""

    url: str


class Piece(BaseModel):
    """A part of a message: text, or a picture."""

    type: str
    text: str = ""
    image_url: ImageUrl | None = None


class Uttered(BaseModel):
    """A message of the list."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Piece] | None = None

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(p.text for p in self.content or [] if p.text)

    @property
    def mark(self) -> str:
        """Its words and what stands for its pictures: two who say the same of different photos are two."""
        return " ".join([self.text, *(hashlib.sha256(p.encode()).hexdigest() for p in self.pictures)])

    @property
    def pictures(self) -> list[str]:
        """Addresses of its pictures."""
        return [p.image_url.url for p in self.content or [] if isinstance(p, Piece) and p.image_url]


class StreamOptions(BaseModel):
    include_usage: bool = False


class Completion(BaseModel):
    """What is asked. Whatever else the protocol knows is taken and changes nothing."""

    model_config = ConfigDict(extra="ignore")
    model: str = MODEL
    messages: list[Uttered] = Field(min_length=1, max_length=400)
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: int = Field(default=1, ge=1, le=1)


def openai(shops: Shops) -> FastAPI:
    """The app that speaks the protocol; to be mounted at PATH."""
    app = FastAPI(
        title="Daogou (OpenAI's protocol)",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry=NOT_FASTAPIS,
    )
    app.state.shops = shops
    problems.install(app)

    app.state.shape = _error
    app.include_router(router)
    return app


def _error(body: ProblemBody) -> dict[str, Any]:
    """A problem in the protocol's shape."""
    kind = {401: "authentication_error", 429: "rate_limit_error"}.get(body.status, "invalid_request_error")
    told = " ".join([body.detail, *(f"{place}: {why}" for place, why in body.fields.items())])
    return {
        "error": {
            "message": told,
            "type": "server_error" if body.status >= 500 else kind,
            "param": next(iter(body.fields), None),
            "code": body.code,
        }
    }


@router.get("/models")
async def models(asking: Asking) -> dict[str, Any]:
    """The one model there is."""
    return {"object": "list", "data": [_model()]}


@router.get("/models/{name}")
async def model(asking: Asking, name: str) -> dict[str, Any]:
    """The same by name."""
    if name != MODEL:
        raise Problem(404, "not_found")
    return _model()


@router.post("/chat/completions")
async def complete(
    asking: Asking,
    request: Request,
    wanted: Completion,
) -> Response:
    """Answer the last of the messages."""
    admit()
    before, new = _parted(wanted.messages)
    session, number, missed = await run_in_threadpool(_session, asking, before)
    pictures = [url for m in new for url in m.pictures][:12]
    photos = tuple(
        [(f"photo {n}", await photo(asking, f"messages.{n}", url)) for n, url in enumerate(pictures)]
    )
    message = Message("\n".join(m.text for m in new if m.text), photos, door="openai")
    live = await run_in_threadpool(FLOOR.start, session, message, asking.lang)
    address = markdown.pictures(own_origin(request), asking.key.shop)

    async def keep(reply: str) -> None:
        now = [*((m.role, m.mark) for m in (*before, *new)), ("assistant", reply)]
        kept = asking.assistant.threads.keep
        await run_in_threadpool(kept, _owner(asking), now, session.id, number + 1)

    base = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": MODEL}
    if wanted.stream:
        usage = bool(wanted.stream_options and wanted.stream_options.include_usage)
        body = _streamed(base, live, address, keep, usage, missed)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(body, headers=headers, media_type="text/event-stream")
    reply, spent = "", Usage()
    async for piece, done in _pieces(live, address, missed):
        reply += piece
        spent = done.usage if done else spent
    await keep(reply)
    answered = {"role": "assistant", "content": reply, "refusal": None}
    choice = {"index": 0, "message": answered, "finish_reason": "stop", "logprobs": None}
    return JSONResponse({**base, "object": "chat.completion", "choices": [choice], "usage": _usage(spent)})


async def _pieces(
    live: Live, address: markdown.Address, missed: Sequence[Turn]
) -> AsyncIterator[tuple[str, Done | None]]:
    """The reply's Markdown as it comes: what a person said meanwhile, the words, then what is shown beside them."""
    for turn in missed:
        for card in turn.events:
            if text := markdown.told(card, turn.language, address):
                yield f"{text}\n\n", None
    shown: list[Event] = []
    lang, spoke = "en", False
    async for batch in streams.follow(live, None):
        if not batch:
            yield "", None
        for _, event in batch:
            match event:
                case Token():
                    spoke = True
                    yield event.text, None
                case Error() if not spoke:
                    spoke = True
                    yield event.message, None
                case Done():
                    if not spoke and event.text:
                        yield event.text, None
                    for card in shown:
                        if text := markdown.told(card, lang, address):
                            yield f"\n\n{text}", None
                    yield "", event
                case _:
                    lang = getattr(event, "language", lang)
                    shown.append(event)


async def _streamed(
    base: dict[str, Any],
    live: Live,
    address: markdown.Address,
    keep: Any,
    usage: bool,
    missed: Sequence[Turn],
) -> AsyncIterator[bytes]:
    reply = ""

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return _data({**base, "object": "chat.completion.chunk", "choices": [choice]})

    yield chunk({"role": "assistant", "content": ""})
    spent = Usage()
    async for piece, done in _pieces(live, address, missed):
        if done:
            spent = done.usage
        elif piece:
            reply += piece
            yield chunk({"content": piece})
        else:
            yield streams.PING
    await keep(reply)
    yield chunk({}, "stop")
    if usage:
        yield _data({**base, "object": "chat.completion.chunk", "choices": [], "usage": _usage(spent)})
    yield b"data: [DONE]\n\n"


def _parted(messages: Sequence[Uttered]) -> tuple[list[Uttered], list[Uttered]]:
    """(what was said before, what the user says now). Raises Problem where the last word is not the user's."""
    spoken = [m for m in messages if m.role in ("user", "assistant") and (m.text or m.pictures)]
    place = max((n for n, m in enumerate(spoken) if m.role == "assistant"), default=-1) + 1
    if place == len(spoken):
        raise Problem(422, "invalid", {"messages": "the last one is not the user's"})
    return spoken[:place], spoken[place:]


def _session(asking: Caller, before: Sequence[Uttered]) -> tuple[Session, int, list[Turn]]:
    """(the conversation to go on in, how many of its turns are over, those of a person that the client has not seen): a
    copy of the one that this is, or a new one that is told what was said elsewhere."""
    assistant = asking.assistant
    asking.spend(*([] if asking.trusted else [asking.key.id, asking.address]))
    known = assistant.threads.find(_owner(asking), [(m.role, m.mark) for m in before]) if before else None
    if known:
        session_id, turns = known
        missed = assistant.since(session_id, turns)
        if missed is not None:  # a person has, or had, this very conversation: no copy of it would be theirs
            return assistant.session(session_id, shopper=asking.shopper), turns + len(missed), missed
        session = assistant.branched(session_id, turns, asking.shopper)
    else:
        session = assistant.begun_elsewhere([(m.role, m.text) for m in before], asking.shopper)
        turns = assistant.turns_of(session.id)
    assistant.owners.add(session.id, asking.shopper, asking.key.id)
    return session, turns, []


def _owner(asking: Caller) -> str:
    return asking.shopper or asking.key.id


def _model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": "daogou"}


def _usage(spent: Usage) -> dict[str, int]:
    read, written = spent.input_tokens, spent.output_tokens
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _data(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"
