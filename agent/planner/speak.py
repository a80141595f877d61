"""Results → reply: what was found and why, how it differs from what was asked, one next step. All words are in
prompts/replies.yaml; every fact comes from an artifact of this turn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.planner import speak_cart, speak_product, speak_search, speak_sizes, speak_which
from agent.planner.calls import Done
from agent.planner.meaning import SEARCHES, Meaning, Part
from agent.planner.phrases import Voice
from agent.planner.state import Pending, State
from agent.planner.text import LIMIT


@dataclass
class Reply:
    """What is said, the short messages offered next, and the question left open, if any."""

    sentences: list[str] = field(default_factory=list)
    suggestions: list[str] = field(default_factory=list)
    pending: Pending | None = None


def speak(
    meaning: Meaning, before: State, state: State, done: Sequence[Done]
) -> tuple[str, list[str], Pending | None]:
    """(text, suggestions, open question). `before` is the state the message met, `state` has the results folded in."""
    seed = f"{state.turn}|" + ",".join(i["id"] for d in done for i in d.items[:1])
    voice = Voice(meaning.language, seed)
    reply = Reply()
    if meaning.clipped:
        reply.sentences.append(voice.line("clipped", limit=LIMIT))
    left = _latest_cart(done)
    for part in meaning.parts:
        mine = [d for d in left if d.tool in _TOOLS_OF.get(part.intent, _ALL)]
        if mine and len(meaning.parts) > 1:
            mine = _own(part, mine)
        left = [d for d in left if d not in mine]
        _part(part, meaning, before, state, mine, voice, reply)
    if len(meaning.parts) > 1:
        reply.sentences = _one_question(reply.sentences)
    suggestions = [
        voice.line(f"quick.{s}") if s.isidentifier() and _known(s) else s for s in reply.suggestions
    ]
    return voice.text(reply.sentences), list(dict.fromkeys(suggestions))[:3], reply.pending


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


def _own(part: Part, mine: list[Done]) -> list[Done]:
    """Calls of one part, where two parts use the same tool: those up to a change of action."""
    if part.intent.startswith("cart_"):
        if part.intent == "cart_add":
            return [d for d in mine if d.tool != "cart" or d.args.get("action") == "add"]
        action = {"cart_view": "view", "cart_remove": "remove", "cart_change": "change"}.get(part.intent)
        return [d for d in mine if d.args.get("action") in (action, "clear", "view")] or mine
    return mine


def _known(name: str) -> bool:
    from prompts import load

    return name in load("replies")["quick"]


def _one_question(sentences: list[str]) -> list[str]:
    """Several answers in one reply: only the last one ends with a question."""
    kept = [
        s for i, s in enumerate(sentences) if i == len(sentences) - 1 or not s.rstrip().endswith(("?", "？"))
    ]
    return kept or sentences


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
        reply.sentences += [voice.line("failed"), voice.line("failed_next")]
        return
    worked = [d for d in done if d.artifact is not None and not d.failed]
    speaker = _SPEAKERS.get(part.intent, _scope)
    speaker(part, meaning, before, state, worked, voice, reply)


_Speaker = Callable[[Part, Meaning, State, State, Sequence[Done], Voice, Any], None]
_ALL = frozenset(
    {
        "search_catalog",
        "product_details",
        "ask_image",
        "describe_scene",
        "match_outfit",
        "compare",
        "cart",
        "shop_policy",
    }
)
_TOOLS_OF: dict[str, frozenset[str]] = {
    **dict.fromkeys(SEARCHES, frozenset({"search_catalog"})),
    "color": frozenset({"search_catalog", "product_details"}),
    "ask_product": frozenset({"product_details", "compare", "ask_image", "search_catalog"}),
    "ask_photo": frozenset({"ask_image"}),
    "describe": frozenset({"describe_scene"}),
    "compare": frozenset({"compare", "search_catalog", "describe_scene", "product_details"}),
    "outfit": frozenset({"match_outfit", "search_catalog"}),
    "size_advice": frozenset({"product_details", "shop_policy"}),
    "cart_add": frozenset({"cart", "search_catalog"}),
    **dict.fromkeys(("cart_remove", "cart_change", "cart_view"), frozenset({"cart"})),
    **dict.fromkeys(("policy", "order", "handoff"), frozenset({"shop_policy"})),
    **dict.fromkeys(("smalltalk", "out_of_scope", "memory", "try_on"), frozenset()),
}


def _policy(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    found = next((d.artifact for d in done if d.artifact and d.artifact.get("passage")), {})
    whole = (
        part.intent != "policy"
    )  # whom to turn to is told in full; a question gets the sentences that answer it
    passage = str((not whole and found.get("answer")) or found.get("passage") or "")
    if part.intent == "order":
        reply.sentences += [voice.line("order"), passage]
    elif part.intent == "handoff":
        reply.sentences += [voice.line("handoff"), passage] if passage else [voice.line("handoff_plain")]
    elif passage:
        reply.sentences += [voice.line("policy.passage", passage=passage)]
    else:
        reply.sentences.append(voice.line("policy.none"))
    topic = next((str(d.artifact.get("topic")) for d in done if d.artifact), "")
    open_topics = [s for s in ("returns", "shipping", "checkout") if not topic.startswith(s[:4])]
    reply.suggestions += [*open_topics[:2], "popular"]


def _try_on(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    reply.sentences.append(voice.line("try_on"))
    reply.suggestions += ["sizes", "outfit"] if state.focus else ["popular", "dresses"]


def _memory(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    if meaning.reset:
        reply.sentences.append(voice.line("memory_forget"))
    elif before.slots:
        reply.sentences.append(voice.line("memory", subject=voice.subject(before.slots)))
    else:
        reply.sentences.append(voice.line("memory_empty"))
    reply.suggestions += ["restart", "popular"]


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
    """Which small talk: hello, thanks, bye, who, praise, no or ok."""
    from agent.planner import patterns

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
    **dict.fromkeys(SEARCHES, speak_search.search),
    "color": speak_search.color,
    "ask_product": speak_product.question,
    "size_advice": speak_sizes.size_advice,
    "ask_photo": speak_which.photo,
    "describe": speak_which.photo,
    "compare": speak_product.compare,
    "outfit": speak_search.outfit,
    "cart_add": speak_cart.add,
    "cart_remove": speak_cart.edit,
    "cart_change": speak_cart.edit,
    "cart_view": speak_cart.view,
    "policy": _policy,
    "order": _policy,
    "handoff": _policy,
    "try_on": _try_on,
    "memory": _memory,
    "smalltalk": _smalltalk,
    "out_of_scope": _scope,
}
