"""What a message is for by what was said before: back to a list, away from what was refused, a pick, a choice left to
the assistant, the one liked, "that size". Runs when the intents are settled. Patterns: understanding/turns.yaml."""

from agent.planner import opinions, ranked, slots
from agent.planner.meaning import SEARCHES, Meaning, Part, Reference
from agent.planner.opinions import Opinion
from agent.planner.patterns import turn_match, turn_says
from agent.planner.state import State
from agent.planner.tagging import Tagged
from prompts import say
from tools import purposes

_IDLE = frozenset(
    {"find", "refine", "recommend", "others", "ask_product", "smalltalk", "out_of_scope", "compare", ""}
)
_ON_PRODUCTS = frozenset(
    {"ask_product", "outfit", "color", "cart_add", "size_advice", "more_like", "compare"}
)
_BUYING = _IDLE | {"cart_add", "cart_view", "policy"}
_NO_WISH = frozenset({"asks", "quantity"})

# how a thing looks or is made
_FEATURES = frozenset({"color", "pattern", "material", "sleeve", "neckline", "length", "style", "brand"})


def steer(parts: list[Part], meaning: Meaning, state: State, tagged: Tagged) -> None:
    """Settle the parts by the conversation; `state` is the one that the message meets, gone back where it says so."""
    if state.back:
        for part in parts:  # "the third one of the first list" points at one thing
            part.references = [r for r in part.references if not turn_says("list_itself", r.text)]
    _liked_one(parts, state, tagged)
    _that_size(parts, state, tagged)
    _more_of_it(parts, tagged)
    _paying(parts, meaning, state, tagged)
    for part in parts:
        if part.intent in ("order", "handoff") and (number := turn_match("order_number", tagged.clean)):
            part.slots["order"] = number.upper()
    if len(parts) != 1 or meaning.look or meaning.telling:
        return
    part = parts[0]
    if state.back and _only_going_back(part, state):
        part.intent, part.references, part.slots = "refine", [], {}
        meaning.back, meaning.unknown, meaning.unclear = True, "", False
        return
    if state.back and part.intent in _IDLE and not _asks(part) and any(r.ids for r in part.references):
        pointed = [
            r
            for r in part.references
            if r.kind in ("ordinal", "best", "first", "final")
            and r.ids
            and not turn_says("list_itself", r.text)
        ]
        if len({i for r in pointed for i in r.ids}) == 1:  # "the third one of the first list"
            part.intent, part.references = "ask_product", pointed[:1]
            part.slots = {"asks": ["description"]}
            return
    if state.seeking and part.intent in _IDLE and turn_says("budget", tagged.clean):
        part.intent, part.references, part.slots = "refine", [], {}  # what it is to be asked of comes next
        meaning.unknown, meaning.unclear = "", False
        return
    idle = part.intent in ("smalltalk", "out_of_scope") and state.seeking and state.latest == "list"
    if idle and turn_says("not_so", tagged.text):  # "不要太修身": no refusal of what is shown
        part.intent, part.references = "refine", []
        meaning.declined, meaning.unclear = False, False
        return
    if idle and not meaning.declined and (refused := _features_refused(tagged)):
        part.intent, part.references = "refine", []  # "no checks" is no "no"
        part.slots = {"not": refused}
        meaning.unknown, meaning.unclear = "", False
        return
    if ranked.settle(part, meaning, state, tagged):
        meaning.unknown, meaning.unclear = "", False
        return
    pointed_at = {"ordinal", "first", "final", "named"} & {r.kind for r in part.references}
    if part.intent == "compare" and not pointed_at and any(t.name == "cart" for t in tagged.tags):
        # its lines with their prices, or that it is empty
        part.intent, part.references, part.slots = "cart_view", [], {}
        return
    if part.intent == "compare" and state.seeking and turn_says("values_alone", tagged.text):
        # "blue or green", of what is sought: nothing shown is weighed
        part.intent, part.references = "refine", []
        part.slots = slots.read(tagged, 0, len(tagged.text))
        return
    told = opinions.find(tagged, state)
    coloured = part.slots.get("asks") == ["colors"] and any(o.because == "colour" for o in told)
    if told and part.intent in _IDLE | {"more_like"} and (coloured or not _asks(part)):
        _by_opinion(part, told, meaning, state)
        return
    weighed = len(state.compared) > 1 and turn_says("weighs", meaning.text.casefold())
    if weighed and part.intent in _IDLE and purposes.asked(meaning.text) and not pointed_at:
        # "which is better in the rain?" of those side by side
        part.intent, part.references = "compare", [Reference(kind="them", text="", ids=list(state.compared))]
        return
    left = bool(state.slots) and turn_says("leave_it", tagged.text)  # "no idea, you choose" among the dresses
    if (left or turn_says("choose", tagged.text)) and _may_choose(part, state, tagged):
        part.intent, part.references, meaning.choosing = "recommend", [], True
    elif turn_says("why", tagged.text) and part.intent in _IDLE and state.newest and not meaning.photos:
        product = state.focus[0] if len(state.focus) == 1 else state.newest[0].id
        part.intent, part.slots = "ask_product", {"asks": ["why"]}
        part.references = [Reference(kind="it", text="", ids=[product])]
        meaning.unknown, meaning.unclear = "", False


def _features_refused(tagged: Tagged) -> slots.Slots:
    """What is refused of how a thing looks or is made, where nothing else is said."""
    said = slots.read(tagged)
    refused: slots.Slots = said.get("not", {})
    return refused if set(said) <= {"not"} and set(refused) <= _FEATURES else {}


def _only_going_back(part: Part, state: State) -> bool:
    """Nothing is wished of the list but to see it again."""
    pointed = any(
        r.kind in ("ordinal", "best", "first", "final", "pair", "described") and r.ids
        for r in part.references
    )
    own = set(state.slots.get("category", [])) | {i.category for i in state.newest}
    wished = {k: v for k, v in part.slots.items() if k not in _NO_WISH}
    known = set(wished) <= {"category"} or all(
        v == state.slots.get(k) for k, v in wished.items() if k != "category"
    )
    return (
        not pointed
        and known
        and part.intent in _IDLE | {"more_like", "color"}
        and bool(own)
        and not _asks(part)
    )


def _asks(part: Part) -> bool:
    return bool(set(part.slots.get("asks", [])) - {"description"})


def _by_opinion(part: Part, told: list[Opinion], meaning: Meaning, state: State) -> None:
    refused = next((o for o in reversed(told) if not o.liked), None)
    liked = next((o for o in reversed(told) if o.liked), None)
    if liked and liked.because == "pricey":  # "I like the third, but it's too expensive"
        part.intent, part.slots = "more_like", {"price_pref": "cheaper"}
        part.references = [Reference(kind="named", text="", ids=[liked.ids[-1]])]
    elif liked and not refused:
        if part.intent in ("ask_product", "smalltalk", "out_of_scope", ""):
            part.intent, part.slots = "ask_product", {"asks": ["description"]}
            part.references = [Reference(kind="named", text="", ids=[i]) for i in liked.ids[-1:]]
            meaning.picking = True
    elif refused:
        _away_from(part, refused, meaning, state)
    meaning.unknown, meaning.unclear = "", False


def _away_from(part: Part, refused: Opinion, meaning: Meaning, state: State) -> None:
    """ "not that one, too flashy": others like what is sought, without what was wrong about it."""
    if part.intent in SEARCHES and set(part.slots) - _NO_WISH - {"price_pref"}:
        return  # "not that one, something in blue": the wish is said
    item = state.item(refused.ids[-1])
    slots = {k: v for k, v in part.slots.items() if k == "price_pref"}
    references: list[Reference] = []
    if refused.because == "pricey":
        slots["price_pref"] = "cheaper"
        references = [Reference(kind="named", text="", ids=[refused.ids[-1]])]
    elif refused.because == "colour" and item and item.colors:
        slots["not"] = {"color": item.colors[:1]}
    elif refused.because == "flashy":
        slots["pattern"] = ["plain"]
    part.intent, part.slots, part.references = "others", slots, references
    meaning.refusing = list(refused.ids)


def _may_choose(part: Part, state: State, tagged: Tagged) -> bool:
    # what the ears point at with the whole message is no choice of the shopper's
    said = [r for r in part.references if r.kind not in ("them", "all", "it") and r.text != tagged.clean]
    named = {i for r in said for i in r.ids}
    return (
        part.intent
        in (
            "recommend",
            "compare",
            "ask_product",
            "smalltalk",
            "out_of_scope",
            "find",
            "refine",
            "others",
            "",
        )
        and len(state.newest) > 1
        and not named
        and not set(part.slots) - _NO_WISH
    )


def _liked_one(parts: list[Part], state: State, tagged: Tagged) -> None:
    if not state.liked or not turn_says("the_liked", tagged.text):
        return
    for part in parts:
        if part.intent in _ON_PRODUCTS and not any(r.kind == "ordinal" and r.ids for r in part.references):
            part.references = [Reference(kind="named", text="", ids=[state.liked[-1]])]


def _more_of_it(parts: list[Part], tagged: Tagged) -> None:
    """ "make it two more", 减一件: by so many, not to so many."""
    less = turn_says("fewer", tagged.text)
    for part in parts:
        count = part.slots.get("quantity") or int(turn_match("so_many_more", tagged.clean) or 1)
        if part.intent == "cart_change" and (less or turn_says("more_of_it", tagged.text)):
            part.more = -count if less else count
        number = turn_match("so_many_more", tagged.clean)
        if number and part.intent == "cart_add" and "quantity" not in part.slots:
            part.slots["quantity"] = int(number)


def _paying(parts: list[Part], meaning: Meaning, state: State, tagged: Tagged) -> None:
    """ "Check out": what lies in the cart, and how it is paid. Of something talked about that is not in it yet, to have
    it; with neither, it is asked which."""
    if len(parts) != 1 or parts[0].intent not in _BUYING or not turn_says("checkout", tagged.clean):
        return
    held = {str(line["id"]) for line in state.cart}
    if state.latest == "product" and len(state.focus) == 1 and not held & set(state.focus):
        parts[0].intent, parts[0].slots = "cart_add", {}
        parts[0].references = [Reference(kind="it", text="", ids=list(state.focus))]
    elif held:
        pay = say("replies", "quick.checkout", meaning.language)
        parts[:] = [Part(intent="cart_view", text=tagged.text), Part(intent="policy", text=pay, said=[pay])]
    else:
        parts[0].intent, parts[0].slots, parts[0].references = "cart_add", {}, []
    meaning.unknown, meaning.unclear = "", False


def _that_size(parts: list[Part], state: State, tagged: Tagged) -> None:
    if state.size and turn_says("that_size", tagged.text):
        for part in parts:
            if part.intent in ("cart_add", "cart_change", "ask_product") and not part.slots.get("size"):
                part.slots["size"] = [state.size]
