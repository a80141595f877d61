"""A product's pictures, or a look's board, large and over the page: what is fetched once somebody touches a picture.

`opener` is the button over a picture, `/viewer` answers with what stands in the window that viewer.js opens. No page
carries the viewers of all its cards along, and none of their pictures is fetched before it is wanted.
"""

from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from prompts import LANGUAGES, say
from ui import shop
from ui.cards import esc, visible
from ui.gallery import gallery

PATH = "/viewer"
WIDE = "(max-width: 40rem) 92vw, 34rem"  # how wide the large picture of the window is, as style.css has it
LONGEST = 300  # characters of a name that are shown
_HEADERS = {"Cache-Control": "private, max-age=300", "X-Content-Type-Options": "nosniff"}


def address(name: str) -> str:
    """Where `ui.server` serves a picture of that name."""
    return f"pictures/{quote(name)}"


def opener(name: str, lang: str, *, product: str = "", board: str = "") -> str:
    """The button over a picture that opens its viewer: of a `product` by its id, or of a `board` by its picture."""
    asked = {"product": product} if product else {"board": board, "name": name}
    where = f"{PATH[1:]}?{urlencode({**asked, 'lang': lang})}"
    label = _say("look_board" if board else "open", lang, name=name)
    own = f' data-product="{esc(product)}"' if product else ""
    return (
        f'<button type="button" class="dg-open" data-viewer="{esc(where)}"{own} aria-haspopup="dialog"'
        f' aria-label="{label}" data-failed="{_say("failed", lang)}"></button>'
    )


def links(board: str, name: str, lang: str) -> str:
    """To keep a board as a file, and to send it on where the browser can do that (viewer.js shows the button then)."""
    file, kept = f"{name or 'look'}.png", f"{address(board)}?as=png"
    return (
        f'<div class="dg-links"><a href="{esc(kept)}" download="{esc(file)}">{_say("download", lang)}</a>'
        f'<button type="button" class="dg-share" hidden data-share="{esc(kept)}" data-file="{esc(file)}">'
        f"{_say('share', lang)}</button></div>"
    )


def of_product(product_id: str, lang: str) -> str:
    """What stands in the window for a product; empty for one that is not there, or has no picture."""
    found = next(iter(shop.assistant().products([product_id])), None)
    if found is None:
        return ""
    name = found.title.get(lang)
    seen = gallery(name, found.images, found.views, found.spin, lang, address, wide=WIDE)
    return _window(name, seen, lang) if seen else ""


def of_board(board: str, name: str, lang: str) -> str:
    """What stands in the window for the board of a look; empty where there is no such picture."""
    size = shop.picture_size(board)
    if size is None:
        return ""
    seen = gallery(name, [board], {}, [], lang, address, ratio=size, wide=WIDE)
    return _window(name, seen + links(board, name, lang), lang)


def _window(name: str, body: str, lang: str) -> str:
    return (
        f'<header><h2>{visible(name)}</h2><button type="button" class="dg-shut" aria-label="{_say("close", lang)}">'
        f'<span aria-hidden="true">✕</span></button></header>{body}'
    )


async def send(request: Request) -> Response:
    """The inside of the window, as HTML; 404 where there is nothing to show."""
    asked = request.query_params
    lang = asked.get("lang", "") if asked.get("lang") in LANGUAGES else "en"
    if board := asked.get("board"):
        body = await run_in_threadpool(of_board, board, asked.get("name", "")[:LONGEST], lang)
    else:
        body = await run_in_threadpool(of_product, asked.get("product", ""), lang)
    return HTMLResponse(body, 200 if body else 404, _HEADERS if body else {"Cache-Control": "no-store"})


def _say(key: str, lang: str, **values: object) -> str:
    return esc(say("ui", f"gallery.{key}", lang, **values))


ROUTES = [Route(PATH, send, methods=["GET"])]
