"""A shop's own pages with the widget on them, at `/store`: what is sold, one product, "ask about this", a cart.

They are here to show and to test how the guide is embedded, under the strictest policy that a shop might have: no
inline script, no inline style, nothing from elsewhere. `DAOGOU_STOREFRONT=false` takes them away. What the pages say is
in prompts/widget.yaml, what they look like in store.css, what they do in store.js.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from agent.access.keys import OWN, Key
from agent.access.shops import Shops, UnknownShop
from agent.assistant import Assistant
from ui.api.problems import spoken
from ui.storefront import pages
from ui.storefront.pages import Page

log = logging.getLogger(__name__)
HERE = Path(__file__).parent
PATH = "/store"
LABEL = "the demo shop pages"  # of the key that they use
SHOWN = 24  # products on a page
AWAY = ("store_away", "not_kept")  # codes of what passes by itself
FILES = {"store.css": HERE / "store.css", "store.js": HERE / "store.js", "icon.svg": HERE.parent / "icon.svg"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'self'; require-trusted-types-for 'script'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}


def key_for(shops: Shops, shop: str) -> Key:
    """The publishable key that pages of this very server use; made when there is none in force."""
    known = (
        k
        for k in shops.keys.all()
        if k.label == LABEL and k.shop == shop and k.revoked is None and k.origins == (OWN,)
    )
    return next(known, None) or shops.keys.make("publishable", shop, LABEL, [OWN])


def routes(shops: Shops) -> list[Route]:
    """The pages of every shop that has them."""

    def served(draw: Callable[[Assistant, Page, Request], Response]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            return await run_in_threadpool(_served, shops, request, draw)

        return answer

    async def door(request: Request) -> Response:
        return await run_in_threadpool(_door, shops, request)

    return [
        Route(PATH, door),
        Route(f"{PATH}/files/{{name}}", _file),
        Route(f"{PATH}/p/{{product:path}}", served(_product)),
        Route(f"{PATH}/at/{{shop}}", served(_home)),
        Route(f"{PATH}/at/{{shop}}/p/{{product:path}}", served(_product)),
    ]


def _door(shops: Shops, request: Request) -> Response:
    """The one shop; of several, the way to each."""
    names = [name for name in shops.names() if _shown(shops, name)]
    if names == [""]:
        return _served(shops, request, _home)
    if len(names) == 1:
        return RedirectResponse(f"{PATH}/at/{names[0]}")
    page = Page(lang=_lang(request), base=PATH)
    return _html(
        pages.shops(page, [(name, shops.open(name).shop_name) for name in names]), 200 if names else 404
    )


def _shown(shops: Shops, name: str) -> bool:
    """Whether a shop has pages. One of several has to say so: they tell everybody that there is this shop."""
    try:
        own = shops.settings(name)
    except UnknownShop:
        return False
    return own.storefront and (not name or "storefront" in own.model_fields_set)


def _served(shops: Shops, request: Request, draw: Callable[[Assistant, Page, Request], Response]) -> Response:
    name = request.path_params.get("shop", "")
    lang = _lang(request)
    if not _shown(shops, name):
        return _html(pages.told(Page(lang=lang, base=PATH), "gone"), 404)
    base = f"{PATH}/at/{quote(name)}" if name else PATH
    assistant = shops.open(name)
    try:
        page = Page(lang, base, assistant.shop_name, key_for(shops, name).token or "", name)
        return draw(assistant, page, request)
    except Exception as error:
        if getattr(error, "code", "") not in AWAY:
            raise
        log.warning("the shop's pages cannot be drawn: %s", error)
        return _html(pages.told(Page(lang, base, assistant.shop_name), "away"), 503)


def _home(assistant: Assistant, page: Page, request: Request) -> Response:
    """Products: all of them by pages, those of a kind, or those that a search finds."""
    asked = request.query_params
    query, kind, after = asked.get("q", "").strip()[:200], asked.get("kind", ""), asked.get("after", "")[:100]
    kinds = assistant.kinds(page.lang)
    following: str | None = None
    total = 0
    if not kinds:
        ids = []
    elif query or kind in kinds:
        where = {"category": [kind]} if kind in kinds else {}
        hits = assistant.search(query, None, where, 2 * SHOWN, page.lang)
        ids, total = [str(hit["id"]) for hit in hits], int(hits[0]["total"]) if hits else 0
    else:
        found, following = assistant.page(after, SHOWN)
        ids = [product.id for product in found]
    example = next(iter(assistant.searches(page.lang)), "") if kinds else ""
    shown = pages.Shown(query, kind if kind in kinds else "", following, kinds, example, total)
    return _html(pages.home(page, assistant.cards(ids, page.lang), shown))


def _product(assistant: Assistant, page: Page, request: Request) -> Response:
    found = assistant.cards([request.path_params["product"][:100]], page.lang, details=True)
    return _html(pages.product(page, found[0])) if found else _html(pages.told(page, "gone"), 404)


async def _file(request: Request) -> Response:
    """The pages' own script and style."""
    path = FILES.get(request.path_params["name"])
    if path is None:
        return Response(status_code=404)
    return FileResponse(path, headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"})


def _html(body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(body, status, _HEADERS)


def _lang(request: Request) -> str:
    asked = request.query_params.get("lang", "")
    return asked if asked in ("zh", "en") else spoken(request)
