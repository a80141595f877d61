"""Meaning and state → tool calls. `plan`: what a message asks for; `follow_up`: what a result calls for."""

from collections.abc import Callable, Sequence

from agent.planner import order_talk, policy_memory, policy_recommend, policy_service, ruled_out
from agent.planner.calls import MAX_CALLS, Call, Done
from agent.planner.meaning import SEARCHES, Meaning, Part
from agent.planner.policy_cart import cart_add, cart_call, cart_edit, cart_target, cart_view, changes
from agent.planner.policy_products import (
    ask_photo,
    ask_product,
    aspects,
    describe,
    outfit_of,
    plan_compare,
    plan_outfit,
    size_advice,
    wanted_with,
)
from agent.planner.policy_search import (
    all_seen,
    alone_of_its_kind,
    beside_preview,
    beyond,
    bounded_out,
    edge_of_seen,
    plan_search,
    says_nothing_of_it,
    seen_before,
    wider,
    without_words,
)
from agent.planner.state import State


def plan(meaning: Meaning, state: State) -> list[Call]:
    """The calls for all parts of the message, in its order, at most four; without any, the reply is words alone."""
    calls: list[Call] = []
    for part in meaning.parts:
        calls += [c for c in planned(part, meaning, state) if c not in calls]
    return [ruled_out.hold(c, meaning.never) for c in calls[:MAX_CALLS]]


def planned(part: Part, meaning: Meaning, state: State) -> list[Call]:
    """The calls for one part."""
    return _PLANS.get(part.intent, _nothing)(part, meaning, state)


def follow_up(meaning: Meaning, state: State, done: Sequence[Done]) -> list[Call]:
    """Calls that the results so far call for. `state` has them folded in."""
    return [ruled_out.hold(c, meaning.never) for c in _followed(meaning, state, done)]


def _followed(meaning: Meaning, state: State, done: Sequence[Done]) -> list[Call]:
    last = done[-1]
    if (similar := beside_preview(meaning, state, last, done)) is not None:
        return [similar]
    if last.failed or last.artifact is None or len(done) >= MAX_CALLS:
        return []
    if (nearest := policy_recommend.instead(last, meaning)) is not None:
        return [nearest]
    if (named := order_talk.follow_up(meaning, last)) is not None:
        return [named]
    if bounded_out(meaning, state, last, done):
        return [edge_of_seen(meaning, last, state.items())]
    if says_nothing_of_it(last, meaning):
        return [without_words(last)]
    if seen_before(last):
        return [Call(tool=last.tool, args={k: v for k, v in last.args.items() if k != "exclude"})]
    if all_seen(meaning, last) and (call := beyond(last)) is not None:
        return [call]
    if alone_of_its_kind(meaning, last):
        return [wider(last)]
    for part in meaning.parts:
        if (
            part.intent == "outfit"
            and last.tool == "search_catalog"
            and last.args.get("limit") == 1
            and last.items
            and not _went("match_outfit", done)
        ):
            return [outfit_of(last.items[0]["id"], part, meaning, state, wanted_with(part))]
        if (
            part.intent in ("cart_remove", "cart_change")
            and last.tool == "cart"
            and last.args.get("action") == "view"
        ):
            target = cart_target(part, state)
            if target and changes(part):
                return [cart_call(part, target, state)]
        if (
            part.intent == "compare"
            and last.tool == "search_catalog"
            and len(last.items) >= 2
            and not _went("compare", done)
        ):
            return [
                Call(
                    tool="compare",
                    args={"products": [i["id"] for i in last.items[:3]], "aspects": aspects(part)},
                )
            ]
    return []


def _went(tool: str, done: Sequence[Done]) -> bool:
    return any(d.tool == tool for d in done)


def _nothing(part: Part, meaning: Meaning, state: State) -> list[Call]:
    return []


_PLANS: dict[str, Callable[[Part, Meaning, State], list[Call]]] = {
    **dict.fromkeys(SEARCHES, plan_search),
    "ask_product": ask_product,
    "ask_photo": ask_photo,
    "describe": describe,
    "compare": plan_compare,
    "outfit": plan_outfit,
    "size_advice": size_advice,
    "cart_add": cart_add,
    "cart_remove": cart_edit,
    "cart_change": cart_edit,
    "cart_view": cart_view,
    "policy": policy_service.policy,
    "order": policy_service.order,
    "handoff": policy_service.handoff,
    "memory": policy_memory.plan,
}
