"""Tell how far an order is, to whom it belongs."""

from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool

from tools import orders
from tools.context import ToolContext


@tool(parse_docstring=True, response_format="content_and_artifact")
def order_status(runtime: ToolRuntime[ToolContext], number: str = "") -> tuple[str, dict[str, Any]]:
    """Tell how far an order is: its status, what is in it, carrier, tracking number, when it is expected.

    Whose it is, is checked here: against the e-mail address or phone number that the shopper wrote themselves (you see
    it hidden, and need not pass it on), or against who is signed in.

    Args:
        number: The order number as the shopper wrote it; empty where they gave none.
    """
    event = orders.status(runtime.context, number[:100])
    return orders.words(event), event.model_dump(mode="json")
