"""A heart and a thumb down on every card: what a shopper likes, and never wants to see again.

They act at once and not through a message: the reply that follows feels them (`Session.react`), and until then nothing
is talked about. The buttons are HTML; reactions.js sends what was touched to `/reactions` and shows it on all cards of
the product.
"""

from collections import OrderedDict
from threading import Lock
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from prompts import say
from ui import shop, shopper
from ui.cards import esc

PATH = "/reactions"
MOST_BYTES = 2_000
MOST_OPEN = 10_000  # conversations without a word so far that a page shows

Said = Literal["like", "dislike", "none", "view"]


class Reaction(BaseModel):
    """What the page sends: a heart, a thumb down, neither any more, or that the pictures were opened. `session` is the
    one in the page's address."""

    model_config = ConfigDict(extra="forbid")
    session: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    product: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    value: Said


def buttons(product: str, name: str, said: str, lang: str) -> str:
    """The heart and the thumb of a card, with what the card says once its product is refused. `said`: the reaction so
    far: "like", "dislike", or nothing."""
    made = "".join(
        f'<button type="button" class="dg-{kind}" data-react="{kind}" aria-pressed="{str(said == kind).lower()}"'
        f' aria-label="{_say(f"{kind}_of", lang, name=name)}" title="{_say(kind, lang)}"></button>'
        for kind in ("like", "dislike")
    )
    undo = (
        f'<button type="button" data-react="none" aria-label="{_say("undo_of", lang, name=name)}">'
        f"{_say('undo', lang)}</button>"
    )
    return (
        f'<div class="dg-react" data-product="{esc(product)}" data-said="{esc(said or "none")}"'
        f' data-failed="{_say("failed", lang)}">'
        f'<p class="dg-refused" role="status"><span>{_say("refused", lang)}</span> {undo}</p>'
        f'<div class="dg-marks-of">{made}</div></div>'
    )


class Open:
    """The conversations that pages of this process show, with words or without: an id that a stranger made up is none
    of them."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    def add(self, session: str) -> None:
        """A page shows this one."""
        shown = f"{shop.here()} {session}"
        with self._lock:
            self._ids[shown] = None
            self._ids.move_to_end(shown)
            while len(self._ids) > MOST_OPEN:
                self._ids.popitem(last=False)

    def __contains__(self, session: str) -> bool:
        shown = f"{shop.here()} {session}"
        with self._lock:
            return shown in self._ids


OPEN = Open()


def keep(reaction: Reaction, whose: str | None) -> bool:
    """Hand it to its conversation; False where there is no such conversation or product."""
    assistant = shop.assistant()
    known = (
        assistant.session(reaction.session, shopper=whose)
        if reaction.session in OPEN
        else assistant.resume(reaction.session, shopper=whose)
    )
    if known is None or not assistant.sells(reaction.product):
        return False
    known.react(reaction.product, reaction.value)
    return True


async def send(request: Request) -> Response:
    """Keep a reaction: 200, or 400 for one of another shape, 404 for a conversation or a product that is not there, 503
    where nothing can be kept just now."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return _json({"kept": False}, 400)  # also what a form on somebody else's page could send
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return _json({"kept": False}, 400)
    try:
        reaction = Reaction.model_validate_json(body)
    except ValidationError:
        return _json({"kept": False}, 400)
    try:
        kept = await run_in_threadpool(keep, reaction, shopper.named(request.cookies))
    except Exception:  # whatever the reason, the card goes back to what it was, and the page says so
        shop.log.exception("a reaction cannot be kept")
        return _json({"kept": False}, 503)
    return _json({"kept": kept}, 200 if kept else 404)


def _json(value: dict[str, bool], status: int) -> JSONResponse:
    return JSONResponse(value, status_code=status, headers={"Cache-Control": "no-store"})


def _say(key: str, lang: str, **values: object) -> str:
    return esc(say("ui", f"react.{key}", lang, **values))


ROUTES = [Route(PATH, send, methods=["POST"])]
