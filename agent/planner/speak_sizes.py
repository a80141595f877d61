"""What is said about sizes, stock and size charts."""

from collections.abc import Sequence
from typing import Any

from agent.planner import measures, speak_memory
from agent.planner.calls import Done
from agent.planner.meaning import Meaning, Part
from agent.planner.phrases import Voice, buyable
from agent.planner.reply import Reply
from agent.planner.speak_next import after_product
from agent.planner.speak_which import which
from agent.planner.state import Pending, State
from prompts import load

_FEW = 3
_TOLD = ("height", "weight")  # what people give and few charts go by
_ROWS = 8


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
        told = [voice.line("product.sizes", name=name, sizes=said)]
        told += [voice.line("product.sizes_gone", sizes=voice.join(gone))] if gone else []
        return voice.text([*told, speak_memory.your_size(card, voice)])
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
    """The size chart by the measure that it goes by first."""
    chart = _chart(card)
    return _row(chart, measures.leading(chart), voice) or voice.line("product.chart_none", name=card["name"])


def _chart(card: dict[str, Any]) -> dict[str, dict[str, float]]:
    return (card.get("details") or {}).get("size_chart") or {}


def _row(chart: measures.Chart, key: str, voice: Voice) -> str:
    """ "By chest, in cm: S 92, M 98, L 104." """
    pairs = [
        voice.line("words.size_at", size=size, value=f"{row[key]:g}")
        for size, row in chart.items()
        if key in row
    ]
    if not key or not pairs:
        return ""
    return voice.line(
        "product.chart", measure=_measure(key, voice), unit=_unit(key, voice), rows=voice.join(pairs[:_ROWS])
    )


def _unit(key: str, voice: Voice) -> str:
    return voice.line("product.unit.kg" if measures.name_of(key) == "weight" else "product.unit.cm")


def _measure(name: str, voice: Voice) -> str:
    known = load("replies")["words"]["measure"]
    return voice.line(f"words.measure.{name}") if name in known else name.replace("_", " ")


def size_advice(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    """The advice, and the measure that would make it surer asked for once; where nothing is known of the shopper, what
    the chart goes by."""
    details = next((d for d in reversed(done) if d.tool == "advise_size" and d.items), None)
    if details is not None:
        _advised(details.items[0], part, state, voice, reply)
        return
    if not done:
        which(part, before, voice, reply, "size_advice")
        return
    artifact = done[-1].artifact or {}
    general = str(artifact.get("answer") or artifact.get("passage") or "")
    reply.sentences.append(general or voice.line("product.none_shown"))
    reply.offer("size_of_what", voice.line("product.chart_what"))
    reply.suggestions += ["popular", "dresses"]


def _advised(card: dict[str, Any], part: Part, state: State, voice: Voice, reply: Reply) -> None:
    chart, named = _chart(card), part.slots.get("size") or []
    advice = card.get("advice") or {}
    if advice.get("text"):
        reply.sentences += advice["text"]
        wants = advice.get("wants") or []
        if wants and advice.get("want"):
            ask = None
            if wants[0] != "worn":
                ask = Pending(intent="size_advice", slot="measure", product=card["id"], choices=[wants[0]])
            reply.offer(f"measure:{wants[0]}", advice["want"], ask)
        size = advice.get("size") if advice.get("in_stock") else advice.get("nearest")
        reply.size = size or ""
        after_product(card, ["sizes"], voice, reply, size or "")
        return
    if len(named) == 1:
        reply.sentences.append(sizes_of(card, named, voice))
        reply.size = named[0]
        after_product(card, ["sizes"], voice, reply, named[0])
        return
    inside = [s for s in buyable(card) if s.casefold() in {n.casefold() for n in named}]
    if len(named) > 1 and len(inside) == 1:
        gone = next(n for n in named if n.casefold() != inside[0].casefold())
        reply.sentences.append(voice.line("product.only_size", name=card["name"], size=inside[0], gone=gone))
        reply.size = inside[0]
        after_product(card, ["sizes"], voice, reply, inside[0])
        return
    key = measures.leading(chart)
    given = [_measure(name, voice) for name in _TOLD if name in state.measures]
    if given and key:  # a size is not guessed from what the chart does not go by
        reply.sentences.append(
            voice.line("product.chart_not_by", given=voice.join(given, "and"), measure=_measure(key, voice))
        )
    reply.sentences.append(chart_of(card, part, voice))
    reply.sentences.append(sizes_of(card, [], voice))
    if key:
        ask = Pending(
            intent="size_advice", slot="measure", product=card["id"], choices=[measures.name_of(key)]
        )
        reply.offer(
            f"measure:{key}",
            voice.line("product.chart_ask", measure=_measure(key, voice), unit=_unit(key, voice)),
            ask,
        )
    reply.suggestions += ["add_it", "outfit", "material"]
