"""The server: its tools by name, who is served in a call, and errors in words.

One server answers for all shops of a deployment: it keeps nothing between two calls, so that any process may answer any
of them.
"""

import base64
import logging
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any, cast

from mcp.server.mcpserver import Context as Call
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.request_state import RequestStateSecurity
from mcp_types import CallToolResult, ImageContent, InputRequiredResult, TextContent
from pydantic import BaseModel, ValidationError

from agent.telemetry.assistants import watched
from prompts import LANGUAGES, say
from ui.api.mcp.desk import Desk, Refused, desk_of, wording
from ui.api.mcp.shapes import Answered, Envelope, Message

log = logging.getLogger(__name__)
_FINAL = ("no_product", "no_cart", "unknown_product")  # asking the same again is of no use


class ShopServer(MCPServer[Any]):
    """The MCP server of the shops. `alone`: whom every call serves, where there is but one caller."""

    def __init__(self, shop: str, lang: str, seal: str, alone: Desk | None = None) -> None:
        folders = ", ".join(map(str, alone.folders)) if alone else ""
        paths = say("mcp", "paths", lang, folders=folders) if folders else ""
        super().__init__(
            "daogou",
            title=shop,
            version=version("daogou"),
            instructions=say("mcp", "instructions", lang, shop=shop, paths=paths),
            request_state_security=RequestStateSecurity(keys=[seal], bind_principal=self._bound),
            log_level="WARNING",
            subscriptions=False,
        )
        self._alone = alone

    def desk(self, call: Call[Any, Any]) -> Desk:
        """Who is served in this call."""
        found = self._alone or desk_of(call)
        if found is None:
            raise RuntimeError("a call reached the tools past the door")
        return found

    @staticmethod
    def _bound(context: Any) -> str | None:
        """Whose a question is that was sent out and comes back with its answer."""
        request = context.request
        desk: Desk | None = request.scope.get("daogou.desk") if request is not None else None
        return f"{desk.key} {desk.shopper or ''}" if desk else None

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Call[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool. Whatever goes wrong is an answer in words, with a code, and says what to do."""
        desk = self.desk(context) if context is not None else self._alone
        lang = _language(arguments) or (desk.lang if desk else "en")
        known = any(tool.name == name for tool in await self.list_tools())
        with watched(name if known else "") as outcome:
            try:
                await self._check(name, arguments)
                result = await super().call_tool(name, arguments, context)
            except Refused as error:
                result = failed(error, lang)
            except ToolError as error:
                result = failed(error.__cause__ or error, lang)
            outcome(not (isinstance(result, CallToolResult) and result.is_error))
        return result

    async def _check(self, name: str, arguments: Mapping[str, Any]) -> None:
        """Raises Refused for a tool, or an argument's name, that there is not: it would silently change nothing."""
        tool = next((t for t in await self.list_tools() if t.name == name), None)
        if tool is None:
            raise Refused("unknown_tool", name=name[:60])
        known = tool.input_schema.get("properties", {})
        if strange := [key[:60] for key in arguments if key not in known]:
            raise Refused("unknown_arguments", names=", ".join(strange[:5]), known=", ".join(known))


def desk(call: Call[Any, Any]) -> Desk:
    """Who is served in a call of a tool."""
    return cast(ShopServer, call.mcp_server).desk(call)


def reply(shape: BaseModel, text: str, pictures: Sequence[bytes] = (), error: bool = False) -> CallToolResult:
    """What a tool answers: words for a model, the same as data, and pictures (JPEG)."""
    shown = [
        ImageContent(type="image", data=base64.b64encode(data).decode(), mime_type="image/jpeg")
        for data in pictures
    ]
    return CallToolResult(
        content=[TextContent(type="text", text=text), *shown],
        structured_content=shape.model_dump(mode="json", exclude_none=True),
        is_error=error,
    )


def failed(error: BaseException, lang: str) -> CallToolResult:
    """An error as an answer."""
    if isinstance(error, ValidationError):
        error = Refused("bad_arguments", fields=_fields(error))
    named = wording(error, lang)
    if named is None:
        log.error("a tool failed", exc_info=error)
        named = "internal", say("api", "problems.internal.detail", lang)
    code, told = named
    severity = "unrecoverable" if code in _FINAL else "recoverable"
    message = Message(type="error", code=code, content=told, severity=severity)  # type: ignore[arg-type]
    return reply(Answered(ucp=Envelope(status="error"), messages=[message]), told, error=True)


def _fields(error: ValidationError) -> str:
    """What is wrong with arguments; never what was sent."""
    return "; ".join(f"{'.'.join(map(str, e['loc']))[:100]}: {e['msg'][:200]}" for e in error.errors()[:6])


def _language(arguments: Mapping[str, Any]) -> str | None:
    """The language that a call asks to be answered in."""
    places = [arguments, *(v for v in arguments.values() if isinstance(v, dict))]
    for place in places:
        context = place.get("context")
        asked = str(context.get("language", "")) if isinstance(context, dict) else ""
        if (lang := asked.partition("-")[0].lower()) in LANGUAGES:
            return lang
    return None
