"""What is said about one product, or products side by side."""

from collections.abc import Sequence
from typing import Any

from agent.planner import leftovers, patterns, properties
from agent.planner.calls import Done
from agent.planner.meaning import Meaning, Part
from agent.planner.phrases import Voice, amount, buyable, price_text
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
        compare(part, meaning, before, state, done, voice, reply)
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
    """What differs where it matters: what was asked, price, rating."""
    last = next((d for d in reversed(done) if d.tool == "compare"), None)
    if last is None and done and done[-1].tool == "describe_scene":
        photo(part, meaning, before, state, done, voice, reply)
        return
    if last is None and done and done[-1].tool == "product_details":
        question(part, meaning, before, state, done, voice, reply)
        return
    if last is None:
        if done and done[-1].items:
            found_for_question(part, meaning, done[-1], voice, reply)
            return
        beyond = any(r.kind == "ordinal" and not r.ids for r in part.references)
        if beyond and before.newest:
            reply.sentences.append(voice.line("product.out_of_range", count=len(before.newest)))
        else:
            reply.sentences.append(voice.line("compare.need_two"))
        reply.suggestions += ["compare12", "first"] if before.newest else ["popular"]
        return
    items, rows = last.items, (last.artifact or {}).get("rows") or []
    for aspect in [a for a in last.args.get("aspects") or [] if a not in ("price", "rating")][:2]:
        label = say("tools", f"labels.{aspect}", voice.lang)
        row = next((r for r in rows if r["label"] == label), None)
        if row:
            pairs = zip(items, row["values"], strict=False)
            values = [voice.line("compare.row_item", name=i["name"], value=v) for i, v in pairs]
            reply.sentences.append(voice.line("compare.row", label=label, values=voice.join(values)))
    told = _values_asked(part, items, voice)
    left = properties.asked(meaning.tagged, voice.lang)
    if left and not told:
        reply.sentences.append(voice.line("product.unrecorded", words=voice.join(left)))
    reply.sentences += told
    if meaning.order and not told and _first_told(meaning.order, items, voice, reply):
        return
    again = [i["id"] for i in items] == before.focus and not told and not last.args.get("aspects")
    if left and not told:
        reply.sentences += _verdict(items, voice)
    elif again and leftovers.content(part.text):
        reply.sentences.append(voice.line("compare.unsaid"))
    elif not told:
        reply.sentences += _verdict(items, voice)
    others = [r["label"] for r in rows if len(set(r["values"])) > 1][:6]
    whom = say("tools", "labels.gender", voice.lang)
    others = [voice.line("words.for_whom") if o == whom else o for o in others]
    plain = {say("tools", f"labels.{n}", voice.lang) for n in ("price", "rating")}
    others = [o if voice.lang == "zh" else o.lower() for o in others if o not in plain][:3]
    if others and not told and not last.args.get("aspects"):
        reply.sentences.append(voice.line("compare.differs", labels=voice.join(others, "and")))
    reply.steps.append(voice.line("compare.next"))
    reply.suggestions += ["first", "second", "outfit1"]


def _first_told(order: str, items: list[dict[str, Any]], voice: Voice, reply: Reply) -> bool:
    """The cheapest, dearest or best rated, where there is one, and what may be done with it."""

    def key(item: dict[str, Any]) -> float:
        return float(item["rating"] or 0) if order == "rating" else amount(item)

    best = (min if order == "price_asc" else max)(items, key=key)
    if sum(key(i) == key(best) for i in items) > 1 or (order == "rating" and best.get("rating") is None):
        return False
    line = {"price_asc": "cheapest", "price_desc": "dearest", "rating": "rated"}[order]
    values = {"name": best["name"], "price": price_text(best)}
    if order == "rating":
        values["value"] = f"{best['rating']:g}"
    reply.sentences.append(voice.line(f"compare.{line}", **values))
    reply.about = best["id"]
    after_product(best, (), voice, reply)
    return True


def _values_asked(part: Part, items: list[dict[str, Any]], voice: Voice) -> list[str]:
    """ "which one is blue?": those that are, by their records, or what each is instead."""
    said = []
    for attribute in ("color", *_LABELLED):
        for value in (part.slots.get(attribute) or [])[:2]:
            word = taxonomy.word(attribute, value, voice.lang)
            label = say("tools", f"labels.{attribute}", voice.lang)
            own = [str((i.get("attributes") or {}).get(label) or "") for i in items]
            met = [f"“{i['name']}”" for i, has in zip(items, own, strict=True) if word in has]
            if met:
                key = "compare.has" if len(met) == 1 else "compare.have"
                said.append(voice.line(key, names=voice.join(met, "and"), value=word))
            else:
                rows = [
                    voice.line(
                        "compare.row_item",
                        name=i["name"],
                        value=has or say("tools", "values.none", voice.lang),
                    )
                    for i, has in zip(items, own, strict=True)
                ]
                said.append(voice.line("compare.has_none", value=word, values=voice.join(rows)))
    return said


def _verdict(items: list[dict[str, Any]], voice: Voice) -> list[str]:
    """The cheapest and the best rated, as on the cards."""
    cheapest = min(items, key=amount)
    same = all(amount(i) == amount(cheapest) for i in items)
    rated = [i for i in items if i.get("rating") is not None]
    best = max(rated, key=lambda i: i["rating"]) if rated else None
    tied = best is not None and all(i["rating"] == best["rating"] for i in rated)
    if best is not None and best is cheapest and not same and not tied:
        return [
            voice.line("compare.both", name=best["name"], price=price_text(best), value=f"{best['rating']:g}")
        ]
    said = []
    if same:
        said.append(voice.line("compare.same_price", price=price_text(cheapest)))
    elif len(items) == 2:
        other = next(i for i in items if i is not cheapest)
        said.append(
            voice.line(
                "compare.cheaper_by",
                name=cheapest["name"],
                price=price_text(cheapest),
                other=price_text(other),
            )
        )
    else:
        said.append(voice.line("compare.cheapest", name=cheapest["name"], price=price_text(cheapest)))
    if best is not None and len(rated) == len(items):
        key = "compare.rated_same" if tied else "compare.rated"
        said.append(voice.line(key, name=best["name"], value=f"{best['rating']:g}"))
    return said
