"""For a shop's own servers and help desks: the queue, its conversations, and answers that come from outside.

Asked with a secret key; the signed webhook and Chatwoot prove themselves by their signatures and need none.
"""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from agent.access.shops import Shops, UnknownShop
from agent.assistant import Assistant
from agent.handoff import chatwoot, webhook
from agent.handoff.case import Case, case_of
from agent.handoff.desk import CHATWOOT, WEBHOOK
from agent.handoff.errors import BadSignature, NoHandoff
from agent.settings import Settings
from ui.api import limits
from ui.api.caller import Asking, Caller
from ui.api.problems import ANSWERS, Problem, Told

router = APIRouter(tags=["the shop's people"], responses=ANSWERS, route_class=Told)
incoming = APIRouter(tags=["the shop's people"], responses=ANSWERS, route_class=Told)
HandoffId = Annotated[str, Path(pattern=r"^h_[0-9a-f]{32}$", description="of an entry of the queue")]
PER_MINUTE = 600  # that come in from outside, from one address


class Waiting(BaseModel):
    """An entry of the queue. `asked`: when, in seconds since 1970."""

    id: str
    session: str
    state: str
    person: str
    language: str
    asked: float


class Deed(BaseModel):
    """What a person did: `taken`, `message` (with `text`, or `products` by id), `given_back`, `released` (back into the
    queue) or `closed`; `name`: who, as the shopper sees it."""

    model_config = ConfigDict(extra="forbid")
    type: Literal["taken", "message", "given_back", "released", "closed"]
    name: str = Field(min_length=1, max_length=60)
    text: str = Field(default="", max_length=4_000)
    products: list[str] = Field(default=[], max_length=6)


class Signed(Deed):
    """The same by signed webhook: `handoff` is the id of the entry."""

    handoff: str = Field(pattern=r"^h_[0-9a-f]{32}$")


class Outcome(BaseModel):
    """`turn`: of what was said to the shopper. `heard`: false for what had been heard before, or is none of ours."""

    turn: int | None = None
    heard: bool = True


async def secret(asking: Asking) -> Caller:
    """Raises Problem (403) for any key but a secret one."""
    if not asking.trusted:
        raise Problem(403, "secret_needed")
    return asking


Trusted = Annotated[Caller, Depends(secret)]


@router.get("/handoffs")
async def queue(asking: Trusted) -> list[Waiting]:
    """Who waits for a person, and whom one has; who waits longest comes first."""
    found = await run_in_threadpool(asking.assistant.handoffs.queue)
    return [Waiting.model_validate({name: getattr(e, name) for name in Waiting.model_fields}) for e in found]


@router.get("/handoffs/{handoff}")
async def read(asking: Trusted, handoff: HandoffId) -> Case:
    """A conversation with its summary, as whoever takes it over needs it."""

    def found() -> Case:
        entry = asking.assistant.handoffs.get(handoff)
        if entry is None:
            raise NoHandoff
        asking.assistant.audit.note("handoff.read", f"key:{asking.key.id}", entry.session, entry.id)
        return case_of(asking.assistant, entry)

    return await run_in_threadpool(found)


@router.post("/handoffs/{handoff}/events")
async def tell(
    asking: Trusted,
    handoff: HandoffId,
    deed: Deed,
    idempotency_key: Annotated[str, Header(max_length=200)] = "",
) -> Outcome:
    """Take over, answer, give back."""

    def done() -> Outcome:
        by = f"key:{asking.key.id}"
        if not idempotency_key:
            return _do(asking.assistant, handoff, deed, by)
        key = f"{asking.key.id}:{handoff}:{idempotency_key}"
        with _once(asking.assistant, key, deed.model_dump_json()) as fresh:
            return _do(asking.assistant, handoff, deed, by) if fresh else Outcome(heard=False)

    return await run_in_threadpool(done)


@incoming.post("/incoming/webhook")
@incoming.post("/incoming/webhook/{shop}", include_in_schema=False)
async def signed(request: Request, shop: str = "") -> Outcome:
    """The same, signed as the outgoing webhook is (standardwebhooks.com) with the same secret. An id is heard once."""
    settings, body = await _settings(request, shop), await request.body()
    known = settings.handoff_secret
    if known is None:
        raise Problem(404, "not_found")
    told = {name: request.headers.get(name, "") for name in webhook.HEADERS}

    def done() -> Outcome:
        number, found = webhook.verified(known.get_secret_value(), body, told)
        deed, assistant = _shaped(found), _opened(request, shop)
        with _once(assistant, f"webhook:{number}"[:200], deed.model_dump_json()) as fresh:
            if not fresh:
                raise Problem(409, "heard_before")
            return _do(assistant, deed.handoff, deed, WEBHOOK)

    return await run_in_threadpool(done)


@incoming.post("/incoming/chatwoot")
@incoming.post("/incoming/chatwoot/{shop}", include_in_schema=False)
async def from_chatwoot(request: Request, shop: str = "", token: str = "") -> Outcome:
    """Chatwoot's webhook: what its people write, and that a conversation was resolved."""
    settings, body = await _settings(request, shop), await request.body()
    if not settings.chatwoot_url:
        raise Problem(404, "not_found")
    if settings.chatwoot_secret is not None:
        chatwoot.verified(
            settings.chatwoot_secret.get_secret_value(),
            body,
            request.headers.get("x-chatwoot-signature", ""),
            request.headers.get("x-chatwoot-timestamp", ""),
        )
    elif not _same(chatwoot.token_of(settings), token):
        raise BadSignature
    try:
        heard = chatwoot.Heard.model_validate_json(body)
    except ValidationError as error:
        raise Problem(422, "invalid", {"body": "no event of Chatwoot's"}) from error
    return await run_in_threadpool(lambda: _heard(_opened(request, shop), heard))


def _heard(assistant: Assistant, heard: chatwoot.Heard) -> Outcome:
    entry = assistant.handoffs.by_link(chatwoot.NAME, heard.of) if heard.of else None
    account = heard.account.id if heard.account else None
    if entry is None or entry.over or account not in (None, assistant.settings.chatwoot_account):
        return Outcome(heard=False)
    if heard.resolved:
        if entry.state == "person":
            assistant.desk.give_back(entry.id, entry.person, by=CHATWOOT)
        else:
            assistant.desk.close(entry.id, "Chatwoot", CHATWOOT)
        return Outcome()
    if not heard.answer:
        return Outcome(heard=False)
    sender = heard.sender or chatwoot.Sender()
    name = sender.available_name or sender.name or "Chatwoot"
    files = [
        one.data_url for one in heard.attachments if one.data_url and one.data_url.startswith("https://")
    ]
    text = "\n".join([heard.content or "", *files]).strip()
    with _once(assistant, f"chatwoot:{heard.id}", text) as fresh:
        if not fresh:
            return Outcome(heard=False)
        if entry.state != "person":
            entry = assistant.desk.take(entry.id, name, CHATWOOT)
        return Outcome(turn=assistant.desk.say(entry.id, entry.person, text, by=CHATWOOT))


@contextmanager
def _once(assistant: Assistant, key: str, said: str) -> Iterator[bool]:
    """Whether what came in under an id is to be dealt with now; False where it was before. One that fails may come
    again, and so may one whose process died over it. Raises Problem (409) for an id that stood for something else,
    (503) while it is being dealt with."""
    store = assistant.handoffs
    met = store.meet(key, hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest())
    if met == "other":
        raise Problem(409, "key_reused")
    if met == "at_work":
        raise Problem(503, "at_work")
    try:
        yield met == "new"
    except Exception:
        if met == "new":
            store.unhear(key)
        raise
    if met == "new":
        store.dealt_with(key)


def _do(assistant: Assistant, handoff: str, deed: Deed, by: str) -> Outcome:
    desk = assistant.desk
    match deed.type:
        case "taken":
            desk.take(handoff, deed.name, by)
        case "message":
            desk.take(handoff, deed.name, by)  # who answers has it
            return Outcome(turn=desk.say(handoff, deed.name, deed.text, deed.products, by))
        case "closed":
            desk.close(handoff, deed.name, by)
        case _:
            desk.give_back(handoff, deed.name, deed.type, by)
    return Outcome()


def _shaped(found: Any) -> Signed:
    try:
        return Signed.model_validate(found)
    except ValidationError as error:
        fields = {
            ".".join(map(str, e["loc"]))[:100] or "body": str(e["msg"])[:200] for e in error.errors()[:10]
        }
        raise Problem(422, "invalid", fields) from error


async def _settings(request: Request, shop: str) -> Settings:
    """Of the shop that is meant, which is not opened for who has proved nothing. Raises UnknownShop."""
    limits.count("incoming", PER_MINUTE, request.client.host if request.client else "")
    shops: Shops = request.app.state.shops
    try:
        return await run_in_threadpool(shops.own, shop)
    except UnknownShop as error:  # the answer of a shop that nothing comes in to
        raise Problem(404, "not_found") from error


def _opened(request: Request, shop: str) -> Assistant:
    shops: Shops = request.app.state.shops
    return shops.open(shop)


def _same(known: str, given: str) -> bool:
    return bool(known) and hmac.compare_digest(known.encode(), given.encode("utf-8", "surrogatepass"))
