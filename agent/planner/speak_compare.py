"""What is said of products side by side: the verdict of the table with its ground, and what differs."""

from typing import Any

from agent.planner import leftovers, properties
from agent.planner.calls import Done
from agent.planner.meaning import Meaning, Part
from agent.planner.phrases import Voice, amount, price_text
from agent.planner.reply import Reply
from agent.planner.speak_next import after_product
from agent.planner.state import State
from prompts import load

_PLAIN = ("price", "rating", "sizes")  # their differences are told by the verdict
_FEW = 3


def side_by_side(part: Part, meaning: Meaning, before: State, last: Done, voice: Voice, reply: Reply) -> None:
    """The verdict on its ground; where nothing in particular was asked, what else differs."""
    table, items = last.artifact or {}, last.items
    if meaning.order == "price_desc" and _dearest_told(items, voice, reply):
        return
    asked = any(last.args.get(name) for name in ("aspects", "wants", "purpose"))
    left = [] if last.args.get("purpose") else properties.asked(meaning.tagged, voice.lang)
    if left:
        reply.sentences.append(voice.line("product.unrecorded", words=voice.join(left)))
    again = [i["id"] for i in items] == before.focus and not asked and not left
    if again and leftovers.content(part.text):
        reply.sentences.append(voice.line("compare.unsaid"))
    else:
        reply.sentences.append(str(table.get("verdict") or ""))
    pick = next((i for i in items if i["id"] == table.get("pick")), None)
    if pick is not None and (asked or meaning.order):
        reply.about = pick["id"]
        after_product(pick, (), voice, reply)
        return
    if not asked:
        _differing(table, voice, reply)
    reply.steps.append(voice.line("compare.next"))
    reply.suggestions += ["first", "second", "outfit1"]


def _differing(table: dict[str, Any], voice: Voice, reply: Reply) -> None:
    """What differs beside prices and reviews, where the verdict has not told it."""
    rows = [r for r in table.get("rows") or [] if r.get("key") not in _PLAIN and len(set(r["values"])) > 1]
    labels = [_label(r, voice) for r in rows[:_FEW]]
    if labels and not any(label in str(table.get("verdict")) for label in labels):
        reply.sentences.append(voice.line("compare.differs", labels=voice.join(labels, "and")))


def _label(row: dict[str, Any], voice: Voice) -> str:
    if row.get("key") == "gender" and "for_whom" in load("replies")["words"]:
        return voice.line("words.for_whom")
    label = str(row["label"])
    return label if voice.lang == "zh" else label.lower()


def _dearest_told(items: list[dict[str, Any]], voice: Voice, reply: Reply) -> bool:
    """The one that costs most, where there is one, and what may be done with it."""
    best = max(items, key=amount)
    if sum(amount(i) == amount(best) for i in items) > 1:
        return False
    reply.sentences.append(voice.line("compare.dearest", name=best["name"], price=price_text(best)))
    reply.about = best["id"]
    after_product(best, (), voice, reply)
    return True
