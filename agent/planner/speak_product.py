"""What is said about one product, or products side by side."""

from collections.abc import Sequence
from typing import Any

from agent.planner import patterns, properties, speak_compare
from agent.planner.calls import Done
from agent.planner.meaning import Meaning, Part
from agent.planner.phrases import Voice, buyable, price_text
from agent.planner.reply import Reply
from agent.planner.speak_found import reasons
from agent.planner.speak_next import after_product
from agent.planner.speak_sizes import chart_of, count_of, sizes_of, stock_of
from agent.planner.speak_which import found_for_question, photo, which
from agent.planner.state import State
from prompts import load, say, taxonomy

_LABELLED = ("material", "sleeve", "pattern", "neckline", "length", "season", "occasion")


def question(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    """Answer from the record, each thing asked in a sentence; what it does not say is said to be missing."""
    unrecorded = properties.asked(meaning.tagged, voice.lang)
    if not done and unrecorded and len(before.newest) > 1:
        reply.sentences.append(voice.line("product.unrecorded", words=voice.join(unrecorded)))
    if not done:
        which(part, before, voice, reply, "ask_product")
        return
    last = done[-1]
    if last.tool == "compare":
        speak_compare.side_by_side(part, meaning, before, last, voice, reply)
        return
    if last.tool == "ask_image":
        photo(part, meaning, before, state, done, voice, reply)
        return
    if last.tool == "search_catalog":
        found_for_question(part, meaning, last, voice, reply)
        return
    if not last.items:
        reply.sentences.append(voice.line("failed"))
        return
    card = last.items[0]
    asked = part.slots.get("asks") or ["description"]
    if part.slots.get("size") and "sizes" not in asked:
        asked = ["sizes", *asked]
    if patterns.has_cue("how_many", part.text) and set(asked) & {"stock", "sizes"}:
        asked = ["count"]
    if "sizes" in asked:
        asked = [a for a in asked if a not in ("stock", "size_chart")]
    asked = [*asked, *(a for a in _LABELLED if part.slots.get(a) and a not in asked)]
    specific = [a for a in asked if a != "description"]
    answers = [_answer(ask, card, part, voice) for ask in (specific or asked)[:4]]
    if asked == ["why"]:
        answers = [_why(before, card, voice)]
    if meaning.picking and not specific:
        answers = [
            voice.line("product.picked", name=card["name"], price=price_text(card)),
            *_reason(before, card, voice),
        ]
    if specific in (["material"], ["care"], ["sizes"]):  # near to what was asked, and not all of it
        told = f"{card['name']} {(card.get('details') or {}).get('description') or ''} {' '.join(answers)}"
        if left := properties.asked(meaning.tagged, voice.lang, told.casefold()):
            answers.append(voice.line("product.unrecorded", words=voice.join(left)))
    first, *more = answers
    if specific and _spoken_of(card, before):
        first = _named_once(first, card["name"], voice)
    reply.sentences += [first, *(_named_once(a, card["name"], voice) for a in more)]
    size = next(iter(part.slots.get("size") or []), "")
    after_product(card, asked, voice, reply, size)


def _spoken_of(card: dict[str, Any], before: State) -> bool:
    """The last reply was about this product by name, and about no other."""
    return (
        before.focus == [card["id"]]
        and before.latest == "product"
        and f"“{card['name']}”" in " ".join(before.said)
    )


def _why(before: State, card: dict[str, Any], voice: Voice) -> str:
    """What spoke for showing it: the reason on its card, else its reviews."""
    shown = before.item(card["id"])
    told = reasons({"why": shown.why if shown else ""}, (), voice)
    of_look = shown is not None and any(card["id"] in look["ids"] for look in before.looks)
    if shown and shown.why and of_look:
        why = shown.why.rstrip(" .。")
        return voice.line("outfit.why_piece", name=card["name"], why=why)
    if told:
        comma = "，" if voice.lang == "zh" else ", "
        return voice.line("product.why_shown", name=card["name"], why=comma.join(told))
    if card.get("rating"):
        values = {"value": f"{card['rating']:g}", "count": card.get("rating_count") or 0}
        return voice.line("product.why_rated", name=card["name"], price=price_text(card), **values)
    return voice.line("product.why_plain", name=card["name"], price=price_text(card))


def _reason(before: State, card: dict[str, Any], voice: Voice) -> list[str]:
    """What the sizes say for buying it."""
    inside = buyable(card)
    return [voice.line("product.picked_sizes", sizes=voice.join(inside))] if len(inside) > 1 else []


def _named_once(sentence: str, name: str, voice: Voice) -> str:
    """A further sentence on the product just named."""
    text = sentence.replace(f"“{name}”", voice.line("words.it"))
    return text[:1].upper() + text[1:]


def _answer(ask: str, card: dict[str, Any], part: Part, voice: Voice) -> str:
    name, lang = card["name"], voice.lang
    match ask:
        case "price":
            if card.get("sale_price"):
                return voice.line(
                    "product.price_sale", name=name, price=price_text(card), before=card["price"]["text"]
                )
            return voice.line("product.price", name=name, price=price_text(card))
        case "discount":
            if card.get("sale_price"):
                return voice.line(
                    "product.price_sale", name=name, price=price_text(card), before=card["price"]["text"]
                )
            return voice.line("product.discount_no", name=name, price=price_text(card))
        case "sizes":
            return sizes_of(card, part.slots.get("size") or [], voice)
        case "count":
            return count_of(card, part.slots.get("size") or [], voice)
        case "stock":
            return (
                sizes_of(card, part.slots.get("size") or [], voice)
                if card.get("sizes")
                else stock_of(card, voice)
            )
        case "colors":
            return colors_of(card, part.slots.get("color") or [], voice)
        case "rating":
            if card.get("rating") is None:
                return voice.line("product.rating_none", name=name)
            return voice.line(
                "product.rating", name=name, value=f"{card['rating']:g}", count=card.get("rating_count", 0)
            )
        case "care":
            care = (card.get("details") or {}).get("care")
            return voice.line("product.care", value=care) if care else _missing("care", voice)
        case "brand":
            return _fact("brand", card.get("brand"), card, voice)
        case "size_chart":
            return chart_of(card, part, voice)
        case "description":
            text = _short((card.get("details") or {}).get("description") or "")
            return voice.line("product.about", name=name, price=price_text(card), text=text)
    if ask in _LABELLED:
        value = (card.get("attributes") or {}).get(say("tools", f"labels.{ask}", lang))
        return _verdict_on(ask, value, part, voice) + _fact(ask, value, card, voice)
    return _missing(ask, voice)


def _verdict_on(ask: str, value: str | None, part: Part, voice: Voice) -> str:
    """Yes or no before the fact, where a value was named: "are they leather?" """
    named = part.slots.get(ask) or []
    if not value or not named or not patterns.has_cue("yes_no", part.text):
        return ""
    met = any(taxonomy.word(ask, v, voice.lang) in value for v in named)
    return voice.line("words.yes" if met else "words.no")


def _fact(ask: str, value: str | None, card: dict[str, Any], voice: Voice) -> str:
    if not value:
        return _missing(ask, voice)
    if ask in load("replies")["product"]["fact_of"]:
        return voice.line(f"product.fact_of.{ask}", name=card["name"], value=value)
    label = say("tools", f"labels.{ask}", voice.lang)
    return voice.line(
        "product.fact_named", name=card["name"], label=label, label_low=label.lower(), value=value
    )


def _missing(ask: str, voice: Voice) -> str:
    known = load("replies")["words"]["ask"]
    label = voice.line(f"words.ask.{ask}") if ask in known else voice.line("words.ask.description")
    return voice.line("product.missing", label=label)


def colors_of(card: dict[str, Any], asked: Sequence[str], voice: Voice) -> str:
    """What a product comes in, and whether that is what was asked."""
    have = card.get("colors") or []
    if not have:
        return _missing("colors", voice)
    words = voice.join([taxonomy.word("color", c, voice.lang) for c in have], "and")
    wanted = voice.join([taxonomy.word("color", c, voice.lang) for c in asked], "or")
    if asked and set(asked) & set(have):
        return voice.line("product.color_yes", name=card["name"], color=wanted)
    if asked:
        return voice.line("product.color_no", name=card["name"], color=words, asked=wanted)
    return voice.line("product.color_only", name=card["name"], color=words)


def _short(text: str) -> str:
    """The first sentences of a description, about 160 characters."""
    if len(text) <= 170:
        return text
    cut = max(text.rfind(mark, 0, 170) for mark in ("。", ". ", "！", "! "))
    return text[: cut + 1] if cut > 40 else text[:160].rstrip() + "…"


def compare(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    """A comparison, or what came instead of one."""
    last = next((d for d in reversed(done) if d.tool == "compare"), None)
    if last is not None:
        speak_compare.side_by_side(part, meaning, before, last, voice, reply)
    elif done and done[-1].tool == "describe_scene":
        photo(part, meaning, before, state, done, voice, reply)
    elif done and done[-1].tool == "product_details":
        question(part, meaning, before, state, done, voice, reply)
    elif done and done[-1].items:
        found_for_question(part, meaning, done[-1], voice, reply)
    else:
        beyond = any(r.kind == "ordinal" and not r.ids for r in part.references)
        if beyond and before.newest:
            reply.sentences.append(voice.line("product.out_of_range", count=len(before.newest)))
        else:
            reply.sentences.append(voice.line("compare.need_two"))
        reply.suggestions += ["compare12", "first"] if before.newest else ["popular"]
