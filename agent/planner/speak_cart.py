"""What is said about the cart. A change is claimed only when the artifact shows it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from agent.planner.calls import Done
from agent.planner.meaning import Meaning, Part
from agent.planner.phrases import Voice
from agent.planner.reply import Reply
from agent.planner.speak_which import found_for_question, which
from agent.planner.state import Pending, State
from agent.planner.tagging import size_name

_DEAR, _CHEAP = ("<EXPENSIVE>", "<PRICIER>"), ("<CHEAP>", "<CHEAPER>")


def add(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    """Added, or what stands in the way: one short question with the choices."""
    calls = [d for d in done if d.tool == "cart" and d.args.get("action") == "add"]
    if not calls:
        if done and done[-1].items:
            found_for_question(part, meaning, done[-1], voice, reply)
        else:
            which(part, before, voice, reply, "cart_add")
        return
    added = [d for d in calls if not (d.artifact or {}).get("problem") and _held(d)]
    refused = [d for d in calls if (d.artifact or {}).get("problem")]
    if added:
        last = added[-1].artifact or {}
        names = [name for d in added if (name := _name(d, state))]
        if len(names) > 1:
            said = voice.join([f"“{n}”" for n in names], "and")
            reply.sentences.append(voice.line("cart.added_several", names=said, **_sum(last, voice)))
        else:
            line = _line(added[-1])
            text = _form(line, voice)
            reply.sentences.append(
                voice.line("cart.added", name=names[0] if names else "", size=text, **_sum(last, voice))
            )
        for line in filter(None, map(_line, added)):
            if others := line.get("other_colors"):
                said = voice.join(others, "and")
                reply.sentences.append(voice.line("cart.colors", color=line["color"], others=said))
    waiting = [d for d in refused if (d.artifact or {}).get("problem") == "need_size"]
    if len(waiting) > 1:
        reply.sentences.append(voice.line("cart.need_sizes"))
    for call in [d for d in refused if d not in waiting[1:]]:
        _problem(call, state, voice, reply, "cart_add")
    if reply.pending:
        queued = before.pending.rest[1:] if meaning.answers_pending and before.pending else []
        reply.pending.rest = [*(str(d.args["product"]) for d in waiting[1:]), *queued]
    if added and not refused:
        reply.steps += [voice.line("cart.next"), voice.line("cart.next_more")]
        reply.suggestions += ["outfit", "cart", "checkout"]


def edit(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    """Removed, changed, cleared; or which line is meant."""
    if not done:
        reply.sentences.append(voice.line("cart.empty"))
        return
    last = done[-1]
    artifact, action = last.artifact or {}, last.args.get("action")
    if artifact.get("problem"):
        _problem(last, state, voice, reply, part.intent)
        return
    if action == "clear":
        reply.sentences.append(voice.line("cart.cleared"))
        reply.suggestions += ["popular", "dresses"]
        return
    if action == "view":
        if not artifact.get("lines"):
            reply.sentences.append(voice.line("cart.empty"))
        elif part.intent == "cart_change" and len(artifact["lines"]) == 1:
            reply.sentences.append(voice.line("cart.which_size_change"))
        else:
            reply.sentences.append(voice.line("cart.which_line", lines=_lines(artifact, voice)))
        return
    name = _name(last, state)
    if action == "remove":
        gone = [n for d in done if d.args.get("action") == "remove" and (n := _name(d, state))]
        if len(gone) > 1:
            said = voice.join([f"“{n}”" for n in dict.fromkeys(gone)], "and")
            reply.sentences.append(voice.line("cart.removed_several", names=said))
        else:
            reply.sentences.append(voice.line("cart.removed", name=name))
    else:
        line = next((x for x in artifact.get("lines", []) if x["id"] == last.args.get("product")), None)
        if line is None:
            reply.sentences.append(voice.line("cart.removed", name=name))
        else:
            size = _form(line, voice)
            reply.sentences.append(
                voice.line("cart.changed", name=line["name"], size=size, quantity=line["quantity"])
            )
    if artifact.get("lines"):
        reply.sentences.append(voice.line("cart.now", **_sum(artifact, voice)))
    else:
        reply.sentences.append(voice.line("cart.empty_now"))
    reply.suggestions += ["cart", "popular", "checkout"]


def view(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    """What is in the cart."""
    artifact = (done[-1].artifact or {}) if done else {}
    if not artifact.get("lines"):
        reply.sentences.append(voice.line("cart.empty"))
        reply.suggestions += ["popular", "dresses"]
        return
    total = (artifact.get("total") or {}).get("text", "")
    if edge := _edge(artifact["lines"], meaning, voice):
        reply.sentences.append(edge)
    reply.sentences.append(voice.line("cart.view", lines=_lines(artifact, voice), total=total))
    reply.steps.append(voice.line("cart.checkout"))
    reply.suggestions += ["checkout", "shipping", "returns"]


def _edge(lines: Sequence[dict[str, Any]], meaning: Meaning, voice: Voice) -> str:
    """ "Which is the most expensive in my cart?", told where there is more than one."""
    dear, cheap = (any(tag in meaning.tagged for tag in tags) for tags in (_DEAR, _CHEAP))
    if len({line["id"] for line in lines}) < 2 or dear == cheap:
        return ""
    amounts = [Decimal(str(line["price"]["amount"])) for line in lines]
    edge = max(amounts) if dear else min(amounts)
    at_edge = [line for line, price in zip(lines, amounts, strict=True) if price == edge]
    names = list(dict.fromkeys(f"“{line['name']}”" for line in at_edge))
    key = ("dearest" if dear else "lowest") + ("_several" if len(names) > 1 else "")
    return voice.line(f"cart.{key}", names=voice.join(names, "and"), price=at_edge[0]["price"]["text"])


def gone(done: Sequence[Done], before: State, voice: Voice, reply: Reply) -> None:
    """Lines whose product the shop no longer has, by the names they had."""
    ids = dict.fromkeys(i for d in done for i in (d.artifact or {}).get("gone") or [])
    held = {str(line["id"]): str(line["name"]) for line in before.cart if line.get("name")}
    names = [f"“{n}”" for i in ids if (n := held.get(i) or ((x := before.item(i)) and x.name))]
    if ids and len(names) == len(ids):
        key = "cart.gone" if len(names) == 1 else "cart.gone_several"
        reply.sentences.append(voice.line(key, names=voice.join(names, "and")))
    elif ids:
        reply.sentences.append(voice.line("cart.gone_unnamed", count=len(ids)))


def _problem(call: Done, state: State, voice: Voice, reply: Reply, intent: str) -> None:
    artifact, args = call.artifact or {}, call.args
    problem, choices = str(artifact.get("problem")), [str(c) for c in artifact.get("choices") or []]
    name, size = _name(call, state), str(args.get("size") or "")
    sizes = voice.join(choices)
    pending = Pending(
        intent=intent,
        slot="size",
        product=args.get("product"),
        quantity=int(args.get("quantity") or 1),
        choices=choices,
    )
    if problem == "need_size":
        usual = artifact.get("your_size")
        key = "cart.need_size" if not usual else f"remember.need_size{'' if usual in choices else '_gone'}"
        reply.sentences.append(voice.line(key, name=name, sizes=sizes, usual=usual))
        if usual in choices:  # offered, never put in unasked
            pending.slots, choices = {"size": [usual]}, [usual, *(c for c in choices if c != usual)]
        reply.suggestions += choices[:4]
        reply.pending = pending
    elif problem == "size_unknown" and choices:
        reply.sentences.append(voice.line("cart.size_unknown", name=name, size=size, sizes=sizes))
        reply.suggestions += choices[:3]
        reply.pending = pending
    elif problem == "out_of_stock" and choices and size:
        reply.sentences.append(voice.line("cart.size_out", name=name, size=size, sizes=sizes))
        reply.suggestions += [*choices[:2], "similar"]
        reply.pending = pending
    elif problem in ("out_of_stock", "size_unknown"):
        reply.sentences.append(voice.line("cart.out_of_stock", name=name))
        reply.suggestions += ["similar", "others"]
    elif problem == "too_many" and artifact.get("left"):
        reply.sentences.append(voice.line("cart.too_many_left", name=name, left=artifact["left"]))
        reply.suggestions += ["cart", "popular"]
    else:
        key = problem if problem in ("too_many", "not_in_cart") else "unknown_product"
        reply.sentences.append(voice.line(f"cart.{key}", name=name))
        reply.suggestions += ["cart", "popular"]


def _held(call: Done) -> bool:
    """The cart has what the call put in."""
    return any(x["id"] == call.args.get("product") for x in (call.artifact or {}).get("lines") or [])


def _name(call: Done, state: State) -> str:
    product = str(call.args.get("product") or "")
    line = next((x for x in (call.artifact or {}).get("lines") or [] if x["id"] == product), None)
    item = state.item(product)
    held = next((x for x in state.cart if x["id"] == product), None)
    return str(line["name"]) if line else item.name if item else str(held["name"]) if held else product


def _line(call: Done) -> dict[str, Any] | None:
    """The line of the cart that a call was about."""
    wanted = str(call.args.get("size") or "").casefold()
    product = call.args.get("product")
    lines = [x for x in (call.artifact or {}).get("lines") or [] if x["id"] == product]
    exact = next((x for x in lines if str(x.get("size") or "").casefold() == wanted), None)
    return exact or (lines[-1] if lines else None)


def _form(line: dict[str, Any] | None, voice: Voice) -> str:
    """In which colour and size a line is, in brackets; of one size for all there is nothing to say."""
    color, size = ((line or {}).get(name) for name in ("color", "size"))
    if size and size_name(str(size)) == size_name("one size"):
        size = None
    if color and size:
        return voice.line("cart.color_size", color=color, size=size)
    return voice.line("cart.size", size=color or size) if color or size else ""


def _sum(artifact: dict[str, Any], voice: Voice) -> dict[str, Any]:
    count = sum(int(x["quantity"]) for x in artifact.get("lines") or [])
    noun = voice.line("words.item" if count == 1 else "words.items")
    return {"count": count, "noun": noun, "total": (artifact.get("total") or {}).get("text", "")}


def _lines(artifact: dict[str, Any], voice: Voice) -> str:
    said = []
    for line in artifact.get("lines") or []:
        size = _form(line, voice)
        said.append(voice.line("cart.line", name=line["name"], size=size, quantity=line["quantity"]))
    return voice.join(said)
