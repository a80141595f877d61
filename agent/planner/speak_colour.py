"""What is said of one thing in another colour: that the shop has it so, or that a picture is only a preview."""

from collections.abc import Sequence
from typing import Any

from agent.planner.calls import Done
from agent.planner.meaning import Meaning, Part
from agent.planner.phrases import Voice
from agent.planner.reply import Reply
from perception import shades


def chosen(part: Part, meaning: Meaning, done: Sequence[Done], voice: Voice, reply: Reply) -> None:
    """Reply to what `choose_color` came to, or to its failing."""
    last = next((d for d in done if d.tool == "choose_color"), None)
    if last is None or last.artifact is None or last.failed:
        reply.sentences.append(voice.line("color_choice.none", color=_wanted(meaning, voice)))
        return
    event = last.artifact
    if event["type"] == "image":
        _preview(event, meaning, voice, reply)
        return
    _strange(event["query"], str(event["query"].get("words") or ""), voice, reply)
    items, words = event["items"], str(event["query"].get("words") or "")
    own = items[0]["id"] == event["query"].get("product")
    key = "own" if own else "other" if len(items) == 1 else "others"
    called = str(event["query"].get("called") or "")
    key = f"near_{key}" if called else key
    values = {"called": called, "name": items[0]["name"], "price": _price(items[0]), "count": len(items)}
    reply.sentences.append(voice.line(f"color_choice.{key}", color=words, **values))
    if not items[0].get("in_stock"):
        reply.sentences.append(voice.line("color_choice.sold_out"))
        return
    reply.suggestions += ["sizes", "outfit"]


def _preview(event: dict[str, Any], meaning: Meaning, voice: Voice, reply: Reply) -> None:
    words = event["color"]["name"]
    _strange(event, words, voice, reply)
    if event.get("photo"):
        key = "photo_change" if shades.heard(meaning.shade).change else "photo"
    elif shades.heard(meaning.shade).change:
        key = "change"
    else:
        key = "seen" if meaning.previewing else "not_sold"
    reply.sentences.append(voice.line(f"color_choice.{key}", color=words, name=event.get("name") or ""))


def _strange(event: dict[str, Any], nearest: str, voice: Voice, reply: Reply) -> None:
    if event.get("instead_of"):
        reply.sentences.append(voice.line("color_choice.strange", words=event["instead_of"], color=nearest))


def _wanted(meaning: Meaning, voice: Voice) -> str:
    shade = shades.heard(meaning.shade).shade
    return shade.names[voice.lang] if shade else meaning.shade


def _price(card: dict[str, Any]) -> str:
    return str((card.get("sale_price") or card["price"])["text"])
