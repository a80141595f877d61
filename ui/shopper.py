"""Who comes back: a random id in a cookie that only the server reads, and what is remembered under it.

The cookie is gone with the browser's window until the shopper agrees to being remembered; from then on it stays a year.
No address and no page ever carries the id, so nobody can be handed another's, and a script on the page cannot read it.
"""

import re
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from prompts import load
from ui import shop

COOKIE = "daogou_shopper"
YEAR = 365 * 24 * 3600
PATH = "/shopper"
_NOT_OURS = "/store"  # pages that stand for a shop's own: the widget on them keeps an id of its own
_ID = re.compile(r"[A-Za-z0-9_-]{32}")  # as Assistant.new_shopper makes them: 192 bits


def named(cookies: Any) -> str | None:
    """The shopper's id among the cookies of a request; None for one that we did not make."""
    value = str(cookies.get(COOKIE) or "")
    return value if _ID.fullmatch(value) else None


class Shoppers:
    """Gives every browser that opens a page its id, and keeps it for who agreed to be remembered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD", "DELETE"):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        known, path = named(connection.cookies), scope["path"]

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                html = headers.get("content-type", "").startswith("text/html")
                page = path == "/" or (html and not path.startswith(_NOT_OURS))
                if page or (known and path.startswith((PATH, "/pictures/"))):
                    stays = bool(known) and await run_in_threadpool(_agreed, str(known))
                    if page or stays:
                        secure = scope.get("scheme") == "https"
                        headers.append("set-cookie", _cookie(known, stays, secure))
            await send(message)

        await self.app(scope, receive, sent)


def _cookie(known: str | None, stays: bool, secure: bool) -> str:
    made = Response()
    made.set_cookie(
        COOKIE,
        known or shop.new_shopper(),
        max_age=YEAR if stays else None,
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    return made.headers["set-cookie"]


def _agreed(shopper: str) -> bool:
    try:
        return shop.assistant().profile(shopper).consent == "yes"
    except Exception:  # whatever the reason, it is no reason to keep a cookie
        shop.log.exception("the memory cannot be read")
        return False


async def send_profile(request: Request) -> Response:
    """What is kept of the shopper whose cookie it is: GET shows it, DELETE erases it (or the part in the query)."""
    shopper = named(request.cookies)
    if shopper is None:
        return _json({"error": {"code": "no_shopper", "message": _sentence("no_shopper")}}, 401)
    part = dict(request.query_params) or None
    try:
        if request.method != "DELETE":
            profile = await run_in_threadpool(shop.assistant().profile, shopper)
            return _json(profile.model_dump(mode="json"))
        gone = await run_in_threadpool(shop.assistant().forget, shopper, part)
    except ValueError:
        return _json({"error": {"code": "bad_scope", "message": _sentence("bad_scope")}}, 400)
    except Exception:  # locked or not to be written: said as such, not as a fault of the page
        shop.log.exception("the memory cannot be read or erased")
        return _json({"error": {"code": "not_kept", "message": _sentence("not_kept")}}, 503)
    return _json({"forgotten": gone})


def _json(value: Any, status: int = 200) -> JSONResponse:
    return JSONResponse(value, status_code=status, headers={"Cache-Control": "no-store"})


def _sentence(code: str) -> str:
    return str(load("ui")["errors"][code]["en"])


ROUTES = [Route(PATH, send_profile, methods=["GET", "DELETE"])]
