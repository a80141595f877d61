# ruff: noqa: E501 (a pattern is read more safely on one line)
"""What is said about sizes, stock and size charts."""

import re
from collections.abc import Sequence
from typing import Any

from agent.planner.calls import Done
from agent.planner.meaning import Meaning, Part
from agent.planner.phrases import Voice, buyable
from agent.planner.speak_which import which
from agent.planner.state import State
from prompts import load

_FEW = 3
_MEASURE = re.compile(
    r"(?P<name>chest|bust|waist|hips?|shoulder|foot|胸围|腰围|臀围|肩宽|脚长)\D{0,8}(?P<value>\d{2,3}(?:\.\d)?)|"
    r"(?P<value2>\d{2,3}) ?(?:cm)? ?(?P<name2>chest|bust|waist|hips?)"
)
_MEASURES = {"胸围": ("chest", "bust"), "腰围": ("waist",), "臀围": ("hip", "hips"), "肩宽": ("shoulder",), "脚长": ("foot", "foot_length"),
             "chest": ("chest", "bust"), "bust": ("bust", "chest"), "waist": ("waist",), "hip": ("hip", "hips"), "hips": ("hips", "hip"),
             "shoulder": ("shoulder",), "foot": ("foot", "foot_length")}  # fmt: skip


def stock_of(card: dict[str, Any], voice: Voice) -> str:
    return voice.line("product.stock_yes" if card.get("in_stock") else "product.stock_no", name=card["name"])


def count_of(card: dict[str, Any], asked: Sequence[str], voice: Voice) -> str:
    """How many are in stock, by size, as the card counts them; without counts, what sizes there are."""
    name, options = card["name"], card.get("sizes") or []
    inside = [o for o in options if o["in_stock"]]
    wanted = [o for o in inside if any(o["size"].casefold() == a.casefold() for a in asked)]
    if not inside or (asked and not wanted) or any(not o.get("quantity") for o in wanted or inside):
        return sizes_of(card, asked, voice)
    if wanted:
        return voice.text(
            [voice.line("product.size_count", name=name, size=o["size"], count=o["quantity"]) for o in wanted]
        )
    count = sum(o["quantity"] for o in inside)
    if len(options) == 1:
        return voice.line("product.stock_count_one", name=name, count=count)
    sizes = [voice.line("product.size_and_count", size=o["size"], count=o["quantity"]) for o in inside]
    return voice.line("product.stock_count", name=name, count=count, sizes=voice.join(sizes))


def sizes_of(card: dict[str, Any], asked: Sequence[str], voice: Voice) -> str:
    name, options, inside = card["name"], card.get("sizes") or [], buyable(card)
    if not options:
        return stock_of(card, voice)
    if len(options) == 1 and not asked:
        return (
            voice.line("product.one_size", name=name) if inside else voice.line("product.stock_no", name=name)
        )
    if not inside:
        return voice.line("product.size_all_gone", name=name)
    said = voice.join(inside)
    if not asked:
        gone = [o["size"] for o in options if o["size"] not in inside]
        text = voice.line("product.sizes", name=name, sizes=said)
        return voice.text([text, voice.line("product.sizes_gone", sizes=voice.join(gone))]) if gone else text
    answers = []
    for size in asked[:2]:
        option = next((o for o in options if o["size"].casefold() == size.casefold()), None)
        if option is None:
            answers.append(voice.line("product.size_none", name=name, size=size, sizes=said))
        elif not option["in_stock"]:
            answers.append(voice.line("product.size_out", name=name, size=option["size"], sizes=said))
        else:
            few = 0 < option.get("quantity", 99) < _FEW
            answers.append(
                voice.line("product.size_few" if few else "product.size_yes", name=name, size=option["size"])
            )
    return voice.text(answers)


def chart_of(card: dict[str, Any], part: Part, voice: Voice) -> str:
    chart: dict[str, dict[str, float]] = (card.get("details") or {}).get("size_chart") or {}
    if not chart:
        return voice.line("product.chart_none", name=card["name"])
    rows = []
    for size, measures in list(chart.items())[:6]:
        parts = " ".join(f"{_measure(m, voice)} {v:g}" for m, v in list(measures.items())[:2])
        rows.append(f"{size} {parts}")
    joined = ("；" if voice.lang == "zh" else "; ").join(rows)
    return voice.line("product.chart", rows=joined)


def _measure(name: str, voice: Voice) -> str:
    known = load("replies")["words"]["measure"]
    return voice.line(f"words.measure.{name}") if name in known else name.replace("_", " ")


def size_advice(
    part: Part, meaning: Meaning, before: State, state: State, done: Sequence[Done], voice: Voice, reply: Any
) -> None:
    """The size chart, and a size from it where the shopper gave a measure it has."""
    if not done:
        which(part, before, voice, reply, "size_advice")
        return
    last = done[-1]
    if last.tool == "shop_policy":
        passage = str((last.artifact or {}).get("passage") or "")
        reply.sentences.append(passage or voice.line("product.none_shown"))
        reply.suggestions += ["popular", "dresses"]
        return
    card = last.items[0] if last.items else None
    if card is None:
        reply.sentences.append(voice.line("failed"))
        return
    chart: dict[str, dict[str, float]] = (card.get("details") or {}).get("size_chart") or {}
    pick = _fitting(chart, meaning.text.casefold())
    reply.sentences.append(chart_of(card, part, voice))
    if pick:
        measure, value, size = pick
        reply.sentences.append(
            voice.line("product.chart_pick", measure=_measure(measure, voice), value=f"{value:g}", size=size)
        )
        reply.sentences.append(sizes_of(card, [size], voice))
    else:
        reply.sentences.append(sizes_of(card, [], voice))
        first = next(iter(chart.values()), {})
        if first:
            reply.sentences.append(
                voice.line("product.chart_ask", measure=_measure(next(iter(first)), voice))
            )
    reply.suggestions += ["add_it", "outfit", "material"]


def _fitting(chart: dict[str, dict[str, float]], text: str) -> tuple[str, float, str] | None:
    """(measure, value, size): the smallest size whose measure is not below the shopper's."""
    found = _MEASURE.search(text)
    if not found or not chart:
        return None
    name, value = (
        found.group("name") or found.group("name2"),
        float(found.group("value") or found.group("value2")),
    )
    for measure in _MEASURES[name]:
        sizes = sorted((m[measure], size) for size, m in chart.items() if measure in m)
        fits = next((size for at, size in sizes if at >= value), None)
        if fits:
            return measure, value, fits
    return None
