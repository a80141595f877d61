"""Results → reply: what was found and why, how it differs from what was asked, one next step. All words are in
prompts/replies.yaml; every fact comes from an artifact of this conversation."""

from collections.abc import Callable, Sequence

from agent.planner import (
    anger,
    policy,
    speak_cart,
    speak_found,
    speak_memory,
    speak_outfit,
    speak_person,
    speak_product,
    speak_service,
    speak_sizes,
    speak_which,
)
from agent.planner.calls import Done
from agent.planner.meaning import SEARCHES, Meaning, Part
from agent.planner.phrases import Voice
from agent.planner.reply import Reply, Spoken
from agent.planner.state import State
from agent.planner.text import LIMIT


def speak(meaning: Meaning, before: State, state: State, done: Sequence[Done]) -> Spoken:
    """The reply. `before` is the state the message met, `state` has the results folded in."""
    seed = f"{state.turn}|" + ",".join(i["id"] for d in done for i in d.items[:1])
    voice = Voice(meaning.language, seed, before.lines)
    reply = Reply(before=before.asked)
    if meaning.clipped:
        reply.sentences.append(voice.line("clipped", limit=LIMIT))
    for part, mine in _shared_out(meaning, before, _latest_cart(done)):
        earlier, reply.steps = reply.steps, []  # the step is that of the last thing asked
        _part(part, meaning, before, state, mine, voice, reply)
        reply.steps += earlier
    speak_memory.offer(meaning, before, state, done, voice, reply)
    speak_person.offer(meaning, before, state, done, voice, reply)
    suggestions = [
        voice.line(f"quick.{s}") if s.isidentifier() and _known(s) else s for s in reply.suggestions
    ]
    told = reply.told(before.said)
    return Spoken(
        text=voice.text(told),
        sentences=told,
        suggestions=list(dict.fromkeys(suggestions))[:3],
        pending=reply.pending,
        asked=reply.asked,
        lines=voice.used,
        size=reply.size,
        about=reply.about,
    )


def _shared_out(meaning: Meaning, before: State, done: Sequence[Done]) -> list[tuple[Part, list[Done]]]:
    """Each part with the calls that it asked for; a call that followed from a result goes to the first part that has
    results and uses its tool."""
    if len(meaning.parts) == 1:
        return [(meaning.parts[0], list(done))]
    left, shares = list(done), []
    for part in meaning.parts:
        planned = [(c.tool, c.args) for c in policy.planned(part, meaning, before)]
        mine = [d for d in left if (d.tool, d.args) in planned]
        left = [d for d in left if d not in mine]
        shares.append((part, mine))
    for call in left:
        users = [mine for part, mine in shares if call.tool in _TOOLS_OF.get(part.intent, _ALL)]
        (next((m for m in users if m), None) or (users[0] if users else shares[0][1])).append(call)
    return shares


def _latest_cart(done: Sequence[Done]) -> list[Done]:
    """The same calls, the cart in each as the last one left it: what is said of the cart is so now."""
    last = next(
        (d.artifact for d in reversed(done) if d.tool == "cart" and d.artifact and not d.failed), None
    )
    if last is None:
        return list(done)
    now = {k: last.get(k) for k in ("lines", "total")}
    return [
        d.model_copy(update={"artifact": {**d.artifact, **now}}) if d.tool == "cart" and d.artifact else d
        for d in done
    ]


def _known(name: str) -> bool:
    from prompts import load

    return name in load("replies")["quick"]


def _part(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    if done and all(d.failed or d.artifact is None for d in done):
        if any(d.refused for d in done):
            reply.sentences.append(voice.line("unasked"))
            return
        reply.sentences.append(voice.line("failed"))
        reply.steps.append(voice.line("failed_next"))
        return
    worked = [d for d in done if d.artifact is not None and not d.failed]
    speak_cart.gone(worked, before, voice, reply)
    speaker = _SPEAKERS.get(part.intent, _scope)
    speaker(part, meaning, before, state, worked, voice, reply)


_Speaker = Callable[[Part, Meaning, State, State, Sequence[Done], Voice, Reply], None]
_ALL = frozenset(
    {
        "search_catalog",
        "product_details",
        "advise_size",
        "ask_image",
        "describe_scene",
        "choose_color",
        "match_outfit",
        "recommend",
        "compare",
        "cart",
        "shop_policy",
        "hand_off",
        "memory",
        "order_status",
        "request_return",
    }
)
_TOOLS_OF: dict[str, frozenset[str]] = {
    **dict.fromkeys(SEARCHES, frozenset({"search_catalog", "recommend"})),
    "color": frozenset({"search_catalog", "product_details", "choose_color"}),
    "ask_product": frozenset({"product_details", "compare", "ask_image", "search_catalog"}),
    "ask_photo": frozenset({"ask_image"}),
    "describe": frozenset({"describe_scene"}),
    "compare": frozenset({"compare", "search_catalog", "describe_scene", "product_details"}),
    "outfit": frozenset({"match_outfit", "search_catalog"}),
    "size_advice": frozenset({"advise_size", "shop_policy"}),
    "cart_add": frozenset({"cart", "search_catalog"}),
    **dict.fromkeys(("cart_remove", "cart_change", "cart_view"), frozenset({"cart"})),
    "policy": frozenset({"shop_policy"}),
    "order": frozenset({"shop_policy", "hand_off", "order_status", "request_return"}),
    "handoff": frozenset({"shop_policy", "hand_off"}),
    "memory": frozenset({"memory"}),
    **dict.fromkeys(("smalltalk", "out_of_scope", "try_on"), frozenset()),
}


def _smalltalk(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    if meaning.declined:
        reply.sentences.append(voice.line("cart.left_out"))
        reply.suggestions += ["others", "cart"] if before.seeking else ["popular", "dresses"]
        return
    kind = small_kind(meaning)
    if kind == "praise" and not state.focus:
        kind = "ok"
    reply.sentences.append(voice.line(f"small.{kind}"))
    if kind in ("hello", "who"):
        reply.suggestions += ["popular", "dresses", "sneakers"]
    elif kind == "praise":
        reply.suggestions += ["sizes", "add_it", "outfit"]
    elif kind != "bye":
        reply.suggestions += ["others", "cart"] if before.seeking else ["popular", "dresses"]


def small_kind(meaning: Meaning) -> str:
    """Which small talk: hello, thanks, bye, who, praise, angry, no or ok."""
    from agent.planner import patterns

    if anger.heard(meaning.text):
        return "angry"
    return next((kind for kind in patterns.small_kinds() if patterns.is_small(kind, meaning.tagged)), "ok")


def _scope(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    if meaning.foreign:
        reply.sentences.append(voice.line("foreign"))
    elif meaning.unknown:
        example = voice.line("scope.example")
        reply.sentences.append(voice.line("unknown", words=meaning.unknown, example=example))
    elif meaning.unclear:
        reply.sentences.append(voice.line("unclear", example=voice.line("scope.example")))
    elif part.weight >= 30:
        reply.sentences.append(voice.line("scope.rules"))
    elif "<GOODS>" in meaning.tagged:
        reply.sentences.append(voice.line("scope.goods"))
    else:
        reply.sentences.append(voice.line("scope.other"))
    reply.suggestions += ["popular", "dresses", "sneakers"]


_SPEAKERS: dict[str, _Speaker] = {
    **dict.fromkeys(SEARCHES, speak_found.search),
    "color": speak_found.color,
    "ask_product": speak_product.question,
    "size_advice": speak_sizes.size_advice,
    "ask_photo": speak_which.photo,
    "describe": speak_which.photo,
    "compare": speak_product.compare,
    "outfit": speak_outfit.outfit,
    "cart_add": speak_cart.add,
    "cart_remove": speak_cart.edit,
    "cart_change": speak_cart.edit,
    "cart_view": speak_cart.view,
    "policy": speak_service.policy,
    "order": speak_service.order,
    "handoff": speak_service.handoff,
    "try_on": speak_service.try_on,
    "memory": speak_memory.memory,
    "smalltalk": _smalltalk,
    "out_of_scope": _scope,
}
