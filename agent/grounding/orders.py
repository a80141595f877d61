"""Is what a reply says of an order so? It is on its way, delivered, coming back, only where its record says that."""

import re

from agent.grounding.sentences import Sentence
from agent.grounding.words import has
from prompts import load


def of_order(sentence: Sentence) -> bool:
    """The sentence speaks of an order that was told of in this turn, and says no more of it than its record does. What
    it counts is looked at as ever."""
    told = [d.artifact for d in sentence.known.done if d.artifact.get("type") == "order"]
    if not told or not has("of_order", sentence.text):
        return False
    shown = [*(told[-1].get("orders") or []), *(told[-1].get("choices") or [])]
    true = {str(order["status"]) for order in shown}
    if any(line.get("returning") for order in shown for line in order["lines"]):
        true.add("return_made")
    so = load("grounding")["order_says"]
    return all(true & set(claim["so"]) for claim in so if _says(claim["any"], sentence.text))


def _says(patterns: list[str], text: str) -> bool:
    return any(re.search(pattern, text) for pattern in patterns)
