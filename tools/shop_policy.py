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
    event = answered(runtime.context, question)
    said = tell("policy", title=event.title, passage=event.passage) if event.topic else tell("no_policy")
    return said, event.model_dump(mode="json")


def answered(context: ToolContext, question: str) -> Policy:
    """The passage that a question is answered from; none (an empty `topic`) where the policies say nothing of it."""
    passages, topics = context.policies.find(question, context.lang), context.policies.topics()
    if not passages:
        return Policy(topic="", title="", passage="", topics=topics)
    best = passages[0]
    answer = context.policies.answer(question, best)
    return Policy(topic=best.topic, title=best.title, passage=best.passage, answer=answer, topics=topics)
