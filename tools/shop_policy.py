"""Answer from the shop's own policies."""

from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool

from prompts import tell
from tools.context import ToolContext
from tools.results import Policy


@tool(parse_docstring=True, response_format="content_and_artifact")
def shop_policy(runtime: ToolRuntime[ToolContext], question: str) -> tuple[str, dict[str, Any]]:
    """Find the shop's policy on shipping, returns, exchanges, sizes, payment, care, contact and the like.

    Args:
        question: The shopper's question.
    """
    context = runtime.context
    passages = context.policies.find(question, context.lang)
    topics = context.policies.topics()
    if not passages:
        return tell("no_policy"), Policy(topic="", title="", passage="", topics=topics).model_dump(
            mode="json"
        )
    best = passages[0]
    answer = context.policies.answer(question, best)
    event = Policy(topic=best.topic, title=best.title, passage=best.passage, answer=answer, topics=topics)
    return tell("policy", title=event.title, passage=event.passage), event.model_dump(mode="json")
