"""Talk of an order, over as many messages as it takes: its number, whose it is, what is to come back, why, and yes.

Whatever else is said in between is answered as ever; the talk stays open for a few turns. Runs when the other parts are
settled, and only where the shop lets orders be asked for."""

from agent.planner import slots
from agent.planner.calls import Call, Done
from agent.planner.meaning import SEARCHES, Meaning, Part
from agent.planner.order_words import Bought, Doing, OrderSaid, OrderTalk, read
from agent.planner.state import State
from agent.planner.tagging import Tagged
from agent.planner.text import clean
from prompts import taxonomy

OPEN = 3  # turns for which a question of ours waits beside other talk
NEAR = 2  # turns for which "when will it come?" means it
RECENT = 8  # turns for which "I want to return it" means the order told of before
_SHORT = 25  # words of a reason
_IDLE = frozenset({"smalltalk", "out_of_scope", "find", "refine", "ask_product", "size_advice", "policy", "order", "",
                   "others", "compare", "handoff"})  # fmt: skip
_OUTRIGHT = 9.0  # weight of a rule that needs no context


def settle(parts: list[Part], meaning: Meaning, state: State, tagged: Tagged) -> None:
    """Put what the message says of an order in the place of what its words were taken for."""
    said, talk = read(meaning.text), state.order_talk
    named = slots.read(tagged, 0, len(tagged.text))
    said.kinds, said.colors, said.text = named.get("category", []), named.get("color", []), tagged.clean
    doing = _doing(parts, said, talk, state, tagged)
    if not doing:
        return
    said.doing = doing
    if doing in ("status", "return"):
        _fill(said, talk, meaning.text)
    meaning.order_said = said
    mine = Part(intent="order", weight=10.0, text=tagged.clean, said=[meaning.text])
    if said.number:
        mine.slots["order"] = said.number
    others = [part for part in parts if _beside(part, said)]
    first = next((n for n, part in enumerate(parts) if part.intent == "order"), 0)
    parts[:] = [*others[:first], mine, *others[first:]]
    meaning.unclear, meaning.unknown, meaning.declined = False, "", False
    meaning.answers_pending = meaning.answers_pending and bool(others)


def call(meaning: Meaning, state: State) -> list[Call]:
    """What is to be looked up or sent back."""
    said = meaning.order_said
    if said.doing == "status":
        return [Call(tool="order_status", args={"number": said.number})]
    if said.doing != "return":
        return []
    args = {"number": said.number, "lines": said.lines, "reason": said.reason, "words": said.words}
    return [Call(tool="request_return", args={k: v for k, v in args.items() if v} | _confirm(said))]


def follow_up(meaning: Meaning, done: Done) -> Call | None:
    """The lines that the message names, once it is known what is in the order."""
    artifact = done.artifact or {}
    returning = artifact.get("returning") or {}
    if done.tool != "request_return" or done.args.get("lines") or returning.get("stage") != "which":
        return None
    bought = [Bought.model_validate(line) for line in artifact["orders"][0]["lines"]]
    lines = _lines(meaning.order_said, bought)
    return Call(tool="request_return", args={**done.args, "lines": lines}) if lines else None


def _confirm(said: OrderSaid) -> dict[str, bool]:
    return {"confirm": True} if said.confirm else {}


def _doing(parts: list[Part], said: OrderSaid, talk: OrderTalk, state: State, tagged: Tagged) -> Doing:
    """What of an order the message is about; "" where it is about something else."""
    waits = talk.waits if talk.age < OPEN else ""
    orderish = any(part.intent == "order" for part in parts)
    numbered = bool(said.number or (said.loose and (said.proof or waits or orderish)))
    newer = talk.age > 0 and state.pending is not None  # another question of ours is nearer
    if waits and (said.drop or said.no) and not (said.proof or numbered or newer) and _only_that(parts):
        return "drop"
    if (
        said.without
        and (waits in ("number", "proof") or (orderish and said.about))
        and not (said.proof or numbered)
    ):
        return "without"
    told = bool(talk.number and talk.bought) and talk.age < NEAR  # the order was told of just now
    if said.change and (orderish or said.wish == "status" or said.number or told) and said.wish != "return":
        return "change"
    if said.cancel and told and not state.cart:
        return "change"
    if said.wish == "return" and not _of_the_cart(parts, state, said):
        return "return"
    known = bool(talk.number) and talk.age < RECENT
    if (
        said.returns
        and said.wish != "status"
        and not said.rules
        and (numbered or (known and not _of_the_cart(parts, state, said)))
    ):
        return "return"
    if said.returns and said.number and "policy" not in (p.intent for p in parts if p.weight >= _OUTRIGHT):
        return "return"
    if told and said.follow and talk.doing == "status" and not said.seeks:
        return "status"
    if orderish or said.wish == "status" or (said.number and said.about):
        return "status"
    if said.proof and (numbered or waits or said.about):
        return talk.doing or "status"
    if waits and _answers(parts, said, talk, tagged):
        return talk.doing
    return ""


def _of_the_cart(parts: list[Part], state: State, said: OrderSaid) -> bool:
    """ "把第二件退掉", with things in the cart and no order spoken of."""
    return (
        bool(state.cart)
        and any(p.intent == "cart_remove" for p in parts)
        and not (said.about or state.order_talk.number)
    )


def _only_that(parts: list[Part]) -> bool:
    return all(p.intent in _IDLE or p.intent.startswith(("cart_", "memory")) for p in parts)


def _answers(parts: list[Part], said: OrderSaid, talk: OrderTalk, tagged: Tagged) -> bool:
    """Whether the message is what was asked for."""
    wishes = said.seeks or any(p.intent.startswith("cart_") and p.weight >= _OUTRIGHT for p in parts)
    match talk.waits:
        case "number" | "proof":
            alone = len(tagged.words) <= 6 and not wishes
            return bool(said.number) or (not wishes and bool(said.loose)) or (alone and bool(said.digits))
        case "lines":
            return not wishes and bool(_lines(said, talk.bought))
        case "reason":
            return bool(said.reason) or (not wishes and _own_words(parts, tagged))
        case "confirm":
            return talk.age == 0 and said.agree and not wishes
    return False


def _own_words(parts: list[Part], tagged: Tagged) -> bool:
    """A reason that no rule knows: a statement, of nothing that is sought or asked."""
    asks = tagged.clean.rstrip().endswith(("?", "？", "吗", "呢"))
    idle = all(p.intent in _IDLE and p.weight < _OUTRIGHT for p in parts)
    return idle and not asks and len(tagged.words) <= _SHORT


def _fill(said: OrderSaid, talk: OrderTalk, text: str) -> None:
    """Together with what was said of it before."""
    waiting = talk.waits == "number" and talk.age < OPEN
    number = said.number or said.loose or (said.digits if waiting or talk.waits == "proof" else "")
    same = not number or number == talk.number
    said.number = number or (talk.number if talk.age < RECENT else "")
    if said.doing != "return":
        return
    going = same and talk.doing == "return" and talk.age < RECENT
    if talk.doing == "return" and talk.waits in ("number", "proof") and talk.age < OPEN and not said.named:
        for name, value in talk.named.items():  # "the shoes", said before it was known what is in the order
            setattr(said, name, value)
    said.lines = _lines(said, talk.bought) if same and talk.bought else []
    going = going and (bool(talk.waits) or said.agree)  # once all is done, only a yes is of the same
    if going:
        said.lines = said.lines or list(talk.lines)
    if (
        going
        and talk.waits == "reason"
        and not (said.reason or said.named or number)
        and said.wish != "return"
    ):
        said.reason, said.words = "other", text
    elif said.reason:
        said.words = text
    elif going:
        said.reason, said.words = talk.reason, talk.words
    said.confirm = going and talk.waits == "confirm" and talk.age == 0 and _agrees(said, talk)


def _agrees(said: OrderSaid, talk: OrderTalk) -> bool:
    """Yes to just what was to be confirmed: another line or reason is to be confirmed anew."""
    return said.agree and said.lines == talk.lines and said.reason == talk.reason and not said.drop


def _lines(said: OrderSaid, bought: list[Bought]) -> list[int]:
    """The lines that are named: all, by their place, by what they are, or by words of their name."""
    places = [line.place for line in bought]
    if said.everything:
        return places
    kinds, colors = said.kinds, said.colors
    named = [
        line.place
        for line in bought
        if (kinds or colors)
        and (not kinds or any(_is(line, kind) for kind in kinds))
        and (not colors or bool(set(colors) & set(line.colors)))
    ]
    if named:
        return named
    numbered = [places[n - 1 if n > 0 else n] for n in said.places if places and n <= len(places)]
    return numbered or _by_name(said.text, bought)


def _is(line: Bought, kind: str) -> bool:
    return bool(line.category) and (taxonomy.is_a(line.category, kind) or taxonomy.is_a(kind, line.category))


def _by_name(text: str, bought: list[Bought]) -> list[int]:
    """Lines of which a telling word of the name is said, that no other line has."""
    words = [set(_words(line.name)) for line in bought]
    found = []
    for n, line in enumerate(bought):
        own = words[n] - set().union(*(w for m, w in enumerate(words) if m != n))
        if any(word in (text if not word.isascii() else text.split()) for word in own):
            found.append(line.place)
    return found


def _words(name: str) -> list[str]:
    folded = clean(name)
    latin = [word for word in folded.split() if word.isascii() and len(word) > 3]
    han = [folded[i : i + 2] for i in range(len(folded) - 1) if not folded[i : i + 2].isascii()]
    return [*latin, *han]


def _beside(part: Part, said: OrderSaid) -> bool:
    """A wish of its own beside the order: something sought, or put into the cart, by a rule that needs no context."""
    if part.intent in ("order", "smalltalk", "out_of_scope", "", "handoff", "memory"):
        return part.intent == "handoff" and part.weight >= _OUTRIGHT
    if part.intent in SEARCHES:
        return said.seeks and said.doing == "status" and bool(part.slots.get("category"))
    if part.intent == "policy":
        return said.rules and said.doing == "status"
    return part.intent == "cart_add" and part.weight >= _OUTRIGHT and said.seeks
