"""A person agrees before a cart is changed.

A client that can ask its person (elicitation) is sent the change in words, and a tool goes on once they agreed. One
that cannot is told the change and given a token: the same call with the token carries it out. The token is a signature
over all that was told and over the cart as it was; no process has to remember it, and it is good for nothing else.
"""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Context as Call
from mcp.server.mcpserver.resolve import Elicit
from mcp_types.version import is_version_at_least
from pydantic import BaseModel, Field, create_model

from prompts import say

FOR_S = 600  # that a token is good for
_ASKED_ANEW = "2026-07-28"  # the version from which a question is an answer, and needs no way back


class Agreed(BaseModel):
    """What the person is asked: one box to tick."""

    confirm: bool


@dataclass(frozen=True)
class Deed:
    """What is to be done, as far as agreement binds it. `told`: the change in words, with its prices; `facts`: whose,
    where, from what to what."""

    told: str
    facts: tuple[Any, ...]
    seal: str

    def token(self, now: float) -> tuple[str, str]:
        """(a token for exactly this, until when it is good)."""
        until = int(now) + FOR_S
        return f"{until:x}.{self._mark(until)}", datetime.fromtimestamp(until, UTC).isoformat()

    def good(self, token: str, now: float) -> bool:
        """True for a token that was given out for exactly this, and not too long ago."""
        text, _, mark = token.strip().partition(".")
        try:
            until = int(text, 16)
        except ValueError:
            return False
        return now < until <= now + FOR_S and hmac.compare_digest(mark.encode(), self._mark(until).encode())

    def _mark(self, until: int) -> str:
        told = json.dumps([until, self.told, self.facts], default=str)
        return hmac.new(
            self.seal.encode(), told.encode("utf-8", "surrogatepass"), hashlib.sha256
        ).hexdigest()[:32]


def question(call: Call[Any, Any], deed: Deed | None, token: str | None, lang: str) -> Elicit[Agreed] | None:
    """What to ask the person; None where there is nothing to ask, or no way to."""
    if deed is None or token or not _can_ask(call):
        return None
    return Elicit(say("mcp", "cart.confirm", lang, change=deed.told), _form(lang))


def agreed(deed: Deed, answer: ElicitationResult[Agreed], token: str | None) -> bool | None:
    """Whether the person agreed; None where they have not been asked yet."""
    if not isinstance(answer, AcceptedElicitation):
        return False
    data: Agreed | None = answer.data
    if data is not None:
        return data.confirm
    return True if token and deed.good(token, time.time()) else None


def _can_ask(call: Call[Any, Any]) -> bool:
    known = call.client_capabilities
    forms = known.elicitation if known else None
    if forms is None or (forms.form is None and forms.url is not None):
        return False
    anew = call.protocol_version is not None and is_version_at_least(call.protocol_version, _ASKED_ANEW)
    return anew or bool(call.session.can_send_request)


@cache
def _form(lang: str) -> type[Agreed]:
    title = say("mcp", "cart.agree", lang)
    return create_model("Agreed", __base__=Agreed, confirm=(bool, Field(title=title, description=title)))
