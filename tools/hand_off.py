"""Ask for a person of the shop to take over. Only ever on the shopper's own words."""

from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool

from prompts import tell
from prompts.plain import plain
from tools.context import ToolContext
from tools.results import Handoff

LONGEST = {"reason": 300, "summary": 1500}


@tool(parse_docstring=True, response_format="content_and_artifact")
def hand_off(runtime: ToolRuntime[ToolContext], reason: str, summary: str = "") -> tuple[str, dict[str, Any]]:
    """Ask for a person of the shop to take over. Only when the shopper asked for one in this message.

    Args:
        reason: Why, in the shopper's own words.
        summary: What the person needs to know: what is sought, which products were spoken of, an order number given.
    """
    context = runtime.context
    why, told = plain(reason)[: LONGEST["reason"]], plain(summary)[: LONGEST["summary"]]
    if context.people is None:
        event = Handoff(session=context.session, reason=why, summary=told)
    else:
        event = context.people.ask(context.session, context.lang, why, told)
    key = {"message": "handed_off_later", "person": "handed_off_before"}.get(event.status, "handed_off")
    return tell(key, opens=event.opens or "", name=event.name), event.model_dump(mode="json")
