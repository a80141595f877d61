"""Going back: "go back to the shoes", 回到刚才的裙子, "the second of the first list". The earlier list is taken up with
what it was the answer to, and is the newest again. Patterns are in prompts/understanding/turns.yaml."""

from collections.abc import Sequence

from agent.planner.patterns import turn_says
from agent.planner.state import State
from agent.planner.tagging import Tagged
from prompts import taxonomy


def taken_up(tagged: Tagged, state: State) -> State:
    """The state with the earlier list that a message means as the newest; the same state where it means none."""
    place = _place(tagged, state)
    if place is None:
        return state
    gone = state.model_copy(deep=True)
    gone.take_up(place)
    return gone


def _place(tagged: Tagged, state: State) -> int | None:
    back = turn_says("back", tagged.text)
    if not state.lists or not (back or turn_says("earlier", tagged.text)):
        return None
    newest = len(state.lists) - 1
    categories = _categories(tagged)
    if turn_says("first_list", tagged.text):
        return 0 if not categories else _of(categories, state, range(newest + 1))
    if categories:
        # Of several such lists the one before the newest is meant by going back, the newest by "刚才的".
        order = [*range(newest - 1, -1, -1), newest] if back else [*range(newest, -1, -1)]
        return _of(categories, state, order)
    if turn_says("newest_list", tagged.text):
        return newest
    return newest - 1 if newest and not tagged.tags else None


def _categories(tagged: Tagged) -> list[str]:
    return list(dict.fromkeys(c for t in tagged.tags for c in t.mention.meanings.slots.get("category", [])))


def _of(categories: Sequence[str], state: State, order: Sequence[int]) -> int | None:
    """The first list in this order that was the answer to a search for these kinds, else that holds one of them."""
    for place in order:
        sought = state.sought[place].slots.get("category", []) if place < len(state.sought) else []
        if any(taxonomy.is_a(s, c) or taxonomy.is_a(c, s) for s in sought for c in categories):
            return place
    for place in order:
        if any(taxonomy.is_a(i.category, c) for i in state.lists[place] for c in categories):
            return place
    return None
