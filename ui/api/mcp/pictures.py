"""Pictures of goods as resources: what a client without the shop's web server at hand reads them by."""

from collections.abc import Callable
from urllib.parse import quote, unquote

from mcp.server.mcpserver import Context as Call
from mcp.server.mcpserver.exceptions import ResourceNotFoundError

from ui.api.mcp.desk import small
from ui.api.mcp.server import ShopServer, desk

SCHEME = "daogou://pictures/"
_OPEN = ("images/", "board-")  # of goods; and boards, whose names nobody comes upon
WIDTH = 720


def address(name: str) -> str:
    """Of a picture, for a client that cannot fetch it by HTTP."""
    return SCHEME + quote(name, safe="/")


def install(server: ShopServer) -> None:
    """Give the server the resource."""
    template: Callable[..., Callable[..., object]] = server.resource
    template(
        SCHEME + "{+name}",
        name="picture",
        description="A picture of a product or a look, as its `media` or `board` names it.",
        mime_type="image/jpeg",
    )(_picture)


def _picture(name: str, call: Call) -> bytes:
    """A product's picture, or a look's board. A shopper's photo is nobody's to read here."""
    plain = unquote(name)
    try:
        if not plain.startswith(_OPEN):
            raise FileNotFoundError(plain[:80])
        return small(desk(call).assistant.picture(plain), WIDTH)
    except OSError as error:
        raise ResourceNotFoundError(f"no picture {plain[:80]!r}") from error
