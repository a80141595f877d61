"""The page before the page: our style and scripts, and a skeleton of what comes, in the HTML that Streamlit serves.

Streamlit's shell is empty until its scripts have run, and style that comes with the first content moves what was drawn
before it. What stands in the shell itself is there at the first paint. The style stands at the top of the body, so that
our rules come after Streamlit's of the same weight, and before those that a card brings along for itself.
"""

from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HERE = Path(__file__).parent
SCRIPTS = ("frames.js", "gallery.js", "viewer.js", "reactions.js")
ROOT = b'<div id="root"></div>'
SKELETON = (
    b'<div id="root"><div class="dg-skeleton" aria-hidden="true"><i></i><i></i><p>'
    + b"<b></b>" * 6
    + b"</p></div></div>"
)


def dressed(html: bytes) -> bytes:
    """Streamlit's shell with our style and the skeleton; anything else as it is."""
    if ROOT not in html:
        return html
    style = b"<style>" + (HERE / "style.css").read_bytes() + b"</style>"
    scripts = b"".join((HERE / name).read_bytes() for name in SCRIPTS)
    script = b"<script>" + scripts + b"</script>"
    return html.replace(ROOT, style + SKELETON, 1).replace(b"</body>", script + b"</body>", 1)


class FirstPaint:
    """Dresses every HTML page on its way out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        if "." not in scope["path"].rpartition("/")[2]:  # a page, which Streamlit may send packed
            plain_only = [(k, v) for k, v in scope["headers"] if k.lower() != b"accept-encoding"]
            scope = {**scope, "headers": plain_only}
        held: list[Message] = []
        body = b""

        async def sent(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                plain = "content-encoding" not in headers
                if plain and headers.get("content-type", "").startswith("text/html"):
                    held.append(message)  # its length is not known yet
                    return
            if not held or message["type"] != "http.response.body":
                await send(message)
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            start = held.pop()
            whole = dressed(body)
            headers = MutableHeaders(scope=start)
            headers["content-length"] = str(len(whole))
            for name in (
                "etag",
                "last-modified",
            ):  # the file's own, which know nothing of what was put into it
                if whole is not body and name in headers:
                    del headers[name]
            await send(start)
            await send({"type": "http.response.body", "body": whole})

        await self.app(scope, receive, sent)
