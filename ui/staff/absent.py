"""What is at the staff's address where the settings have no password: that there is no such page, and how to have one.

Plain HTML and status 404; nothing of the shop is opened for it.
"""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from prompts import say
from ui.cards import esc

PATHS = ("/staff", "/staff/")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "no-store",
}
_STYLE = (
    "body{margin:0;background:#fbf9f5;color:#25211d;font:1rem/1.6 system-ui,'PingFang SC','Noto Sans SC',sans-serif}"
    "main{max-width:34rem;margin:14vh auto 0;padding:0 1.25rem}h1{font:600 1.6rem/1.3 Georgia,'Songti SC',serif}"
    "pre{background:#f3efe8;border-radius:.7rem;padding:.9rem 1.1rem;white-space:pre-wrap;overflow-wrap:anywhere}"
    "a{color:#9c3a2b}"
)


async def send(request: Request) -> Response:
    """The page, in the first language that the browser asks for."""
    lang = "zh" if request.headers.get("accept-language", "").strip().lower().startswith("zh") else "en"
    title, text, command, chat = (
        esc(say("staff", f"door.none.{key}", lang)) for key in ("title", "text", "command", "chat")
    )
    return HTMLResponse(
        f'<!doctype html><html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>{title}</h1><p>{text}</p><pre>{command}</pre>"
        f'<p><a href="./">{chat}</a></p></main></body></html>',
        status_code=404,
        headers=_HEADERS,
    )


ROUTES = [Route(path, send) for path in PATHS]
