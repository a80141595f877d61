"""The widget: one script that puts the guide on a shop's own pages.

It is the same for everybody. Its parts are joined into one function, its words and style put in, so that a page loads
one file; a browser keeps it for an hour and then asks whether it is still the same.
"""

import gzip
import hashlib
import json
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from prompts import LANGUAGES, load
from ui.widget import lean

HERE = Path(__file__).parent
PATH = "/widget.js"
HOUR = 3600
_SERVER_SIDE = {"greeting", "greeting_product", "about_product", "store"}  # words that travel with an answer
_ONCE = (
    "if (window.daogouIsHere) {\n"
    "  console.warn('[daogou] widget.js is on this page twice; the first one stays.');\n"
    "  return;\n}\n"
    "window.daogouIsHere = true;\n"
)


@cache
def script() -> bytes:
    """The widget, whole."""
    words = {
        name: [text[lang] for lang in LANGUAGES]
        for name, text in load("widget").items()
        if name not in _SERVER_SIDE
    }
    code = "".join(part.read_text(encoding="utf-8") for part in sorted((HERE / "parts").glob("*.js")))
    style = lean.style((HERE / "widget.css").read_text(encoding="utf-8"))
    code = lean.script(f'(() => {{\n"use strict";\n{_ONCE}{code}}})();\n')
    return code.replace('"%WORDS%"', _json(words)).replace('"%CSS%"', _json(style)).encode()


@cache
def packed() -> bytes:
    """The same for browsers that unpack it, which all do."""
    return gzip.compress(script(), 9, mtime=0)


async def send(request: Request) -> Response:
    """The script. Any page may load it: what it may do there, its key says."""
    small = "gzip" in request.headers.get("accept-encoding", "").lower()
    body = packed() if small else script()
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": f"public, max-age={HOUR}, stale-while-revalidate={24 * HOUR}",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    known = request.headers.get("if-none-match", "")
    if tag in (one.strip().removeprefix("W/") for one in known.split(",")):
        return Response(status_code=304, headers=headers)
    if small:
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type="text/javascript; charset=utf-8", headers=headers)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


ROUTES = [Route(PATH, send, methods=["GET"])]
