"""Who asks: the key, the shop it opens, and the shopper on whose behalf."""

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Header, Request
from starlette.concurrency import run_in_threadpool

from agent.access.counts import Counts
from agent.access.customers import vouched
from agent.access.keys import Key, KeyUnknown, allow, check_proof, origin
from agent.access.shops import Shops
from agent.assistant import Assistant
from agent.telemetry import about
from ui import which
from ui.api import limits
from ui.api.problems import spoken

_MADE = re.compile(
    r"anon_[A-Za-z0-9_-]{32}"
)  # as `anonymous` makes them; no shop's own id can be taken for one
SHOPPER_CHARS = 120


@dataclass(frozen=True)
class Caller:
    """One request's. `shopper`: whose memory it may use; `lang`: in which problems are told; `address`: where it comes
    from, for limits."""

    key: Key
    assistant: Assistant
    shopper: str | None
    lang: str
    address: str
    counts: Counts

    @property
    def trusted(self) -> bool:
        """True for a shop's own server."""
        return self.key.kind == "secret"

    def spend(self, *who: str) -> None:
        """Count a message of `who` (nobody: without a limit of the minute) and of the key's day. Raises Problem."""
        settings = self.assistant.settings
        if who:
            limits.share(self.counts, "messages", settings.messages_per_minute, *who)
        per_day = settings.messages_per_day if self.key.per_day is None else self.key.per_day
        limits.spend(self.counts, per_day, self.key.id)


def anonymous() -> str:
    """An id for a shopper whom nobody vouches for: whoever holds it is the one."""
    return f"anon_{Assistant.new_shopper()}"


def own_origin(request: Request) -> str:
    """The origin under which this request reached us. Of a page that the browser itself says is ours, that page's: a
    proxy that ends TLS makes every scheme look like http."""
    page = request.headers.get("origin")
    if page and request.headers.get("sec-fetch-site") == "same-origin":
        return page
    return f"{request.url.scheme}://{request.url.netloc}"


def _referring(request: Request) -> str | None:
    """The origin of the page that names itself as the one that asks. Over plain http a browser says neither `Origin`
    nor `Sec-Fetch-Site` when a page of ours reads something."""
    try:
        return origin("{0.scheme}://{0.netloc}".format(urlsplit(request.headers.get("referer", ""))))
    except ValueError:
        return None


async def caller(
    request: Request,
    authorization: Annotated[str, Header(description="`Bearer` and the key", include_in_schema=False)] = "",
    daogou_shopper: Annotated[
        str, Header(max_length=SHOPPER_CHARS, description="who is shopping; anonymous without it")
    ] = "",
    daogou_proof: Annotated[
        str,
        Header(max_length=200, description="HMAC-SHA256 of the shopper's id, for one signed in at the shop"),
    ] = "",
) -> Caller:
    """Whoever asks, let in. Raises AccessError, Problem."""
    shops: Shops = request.app.state.shops
    return await admitted(request, shops, authorization, daogou_shopper, daogou_proof)


async def admitted(
    request: Request, shops: Shops, authorization: str, daogou_shopper: str = "", daogou_proof: str = ""
) -> Caller:
    """Check the key against the page it came from, and the shopper against the proof. Raises AccessError, Problem."""
    scheme, _, token = authorization.partition(" ")
    token = token.strip() if scheme.lower() == "bearer" else ""
    asking = await run_in_threadpool(_let_in, request, shops, token, daogou_shopper, daogou_proof)
    about.note(shop=asking.key.shop, key=asking.key.id)
    most = asking.assistant.settings.requests_per_minute
    limits.count("requests", most, asking.key.id, asking.address)
    return asking


def _let_in(request: Request, shops: Shops, token: str, named: str, proof: str) -> Caller:
    """The same with the key alone, in a thread: keys lie in a file, or on a server."""
    key = shops.keys.find(token)
    page = request.headers.get("origin")
    from_page = request.headers.get("sec-fetch-site") in ("same-origin", "same-site", "cross-site")
    asks = page if page or from_page or key.kind == "secret" else _referring(request)
    allow(key, asks, own_origin(request), browser=from_page)
    request.state.page = page
    if which.CURRENT.get() not in ("", key.shop):
        raise KeyUnknown  # another shop's: here it is none
    assistant, shopper = shops.open(key.shop), _whose(shops, key, named, proof)
    address = limits.neighbourhood(request.client.host if request.client else "")
    return Caller(key, assistant, shopper, spoken(request), address, shops.counts)


def _whose(shops: Shops, key: Key, named: str, proof: str) -> str | None:
    """The shopper under whose name the memory is kept. An id that we made is its own proof: nobody guesses one. Any
    other has to be vouched for by the shop, and stands under a name that no id of ours can have."""
    if not named or _MADE.fullmatch(named):
        return named or None
    if key.kind == "publishable":
        check_proof(shops.keys.vouching(key.shop), named, proof)
    return vouched(key.shop, named)


Asking = Annotated[Caller, Depends(caller)]
