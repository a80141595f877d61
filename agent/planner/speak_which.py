"""What is said where it is not clear which product is meant, and about photos."""

from collections.abc import Sequence

from agent.planner.calls import Done
from agent.planner.meaning import Meaning, Part
from agent.planner.phrases import Voice, amount, price_text, span
from agent.planner.reply import Reply
from agent.planner.speak_photo import after_answer
from agent.planner.state import Pending, State

UNSURE = 0.6  # below this a picture's answer is told as a guess


def found_for_question(part: Part, meaning: Meaning, found: Done, voice: Voice, reply: Reply) -> None:
    items = found.items
    subject = voice.subject((found.args or {}).get("where") or {})
    if not items:
        reply.sentences.append(
            voice.line("search.nothing", subject=subject, hint=voice.line("search.hint_other"))
        )
        return
    adding = part.intent == "cart_add"
    if len(items) == 1:
        line = "cart.found_one_to_add" if adding else "product.found_one_for_question"
        reply.sentences.append(voice.line(line, name=items[0]["name"], price=price_text(items[0])))
        if adding:
            kept = {k: v for k, v in part.slots.items() if k in ("size", "quantity")}
            reply.pending = Pending(
                intent="cart_add",
                slot="yes",
                product=items[0]["id"],
                quantity=part.slots.get("quantity", 1),
                slots=kept,
            )
        else:
            reply.pending = Pending(
                intent="ask_product",
                slot="yes",
                product=items[0]["id"],
                slots={"asks": part.slots.get("asks", [])},
            )
        return
    low, high = price_text(min(items, key=amount)), price_text(max(items, key=amount))
    reply.sentences.append(
        voice.line(
            "cart.found_to_add" if adding else "product.found_for_question",
            subject=subject,
            count=len(items),
            range=span(low, high, voice),
        )
    )
    wanted = ("size", "quantity") if adding else ("asks",)
    reply.pending = Pending(
        intent="cart_add" if adding else "ask_product",
        slot="product",
        slots={k: v for k, v in part.slots.items() if k in wanted},
        quantity=part.slots.get("quantity", 1) if adding else 1,
    )
    reply.suggestions += ["first", "second", "third"][: len(items)]


def which(part: Part, before: State, voice: Voice, reply: Reply, intent: str) -> None:
    """Nothing is pointed at: one short question."""
    if not before.newest:
        reply.sentences.append(voice.line("product.none_shown"))
        reply.suggestions += ["popular", "dresses", "sneakers"]
        return
    fitting = list(dict.fromkeys(i for r in part.references for i in r.ids))
    items = [i for f in fitting if (i := before.item(f))]
    beyond = [r for r in part.references if r.kind == "ordinal" and not r.ids]
    if len(items) > 1:
        names = voice.join([f"“{i.name}”" for i in items[:4]])
        reply.sentences.append(voice.line("product.which_of", names=names))
        reply.suggestions += [i.name for i in items[:3]]
    elif beyond:
        reply.sentences.append(voice.line("product.out_of_range", count=len(before.newest)))
        reply.suggestions += ["first", "second", "third"][: len(before.newest)]
    else:
        reply.sentences.append(voice.line("product.which"))
        reply.suggestions += ["first", "second", "third"][: len(before.newest)]
    keep = {k: v for k, v in part.slots.items() if k in ("size", "quantity", "asks", "category")}
    reply.pending = Pending(intent=intent, slot="product", slots=keep, quantity=part.slots.get("quantity", 1))


def photo(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    """An answer about a photo: as given, as a guess, or "I can't tell"."""
    if not done:
        reply.sentences.append(voice.line("photo.missing"))
        reply.suggestions += ["popular", "dresses"]
        return
    if len(done) > 1:
        for n, one in enumerate(done, 1):
            text = _closed(str((one.artifact or {}).get("answer") or "").strip(), voice)
            reply.sentences.append(voice.line("words.photo_at", n=n, answer=text))
        reply.suggestions += ["similar", "outfit"]
        return
    artifact = done[-1].artifact or {}
    answer, source = str(artifact.get("answer") or "").strip(), artifact.get("source")
    if not answer or source == "unknown":
        reply.sentences.append(answer if answer and source == "unknown" else voice.line("photo.unknown"))
    elif source == "image" and float(artifact.get("confidence") or 0) < UNSURE:
        reply.sentences.append(voice.line("photo.unsure", answer=_closed(answer, voice)))
    else:
        reply.sentences.append(_closed(answer, voice))
    if done[-1].args.get("photo"):
        after_answer(done[-1].args["photo"], state, voice, reply)
    else:
        reply.suggestions += ["add_it", "sizes", "outfit"]


def _closed(sentence: str, voice: Voice) -> str:
    if sentence[-1:] in ".!?。！？":
        return sentence
    return sentence + ("。" if voice.lang == "zh" else ".")
