"""Did the shopper ask for it? Whatever changes something needs the shopper's own words, in this message or as the
answer to what the assistant just asked.

One table says what has effects. A call of a tool that only reads passes; a call with an effect passes when it does no
more than the newest message asks: the same action, a product that the shopper points at or that the open question was
about, a size and a quantity that they said. Only their own words count (`own_words`), never a tool's result.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from agent.planner import (
    conditional,
    history,
    memory_consent,
    order_words,
    patterns,
    policy,
    policy_cart,
    references,
)
from agent.planner.calls import Call, Done, ids_of
from agent.planner.meaning import Meaning, Part
from agent.planner.own_words import has, own_words, unquoted
from agent.planner.state import State
from agent.planner.tagging import Tagged, size_name, tag
from agent.planner.text import clean
from agent.planner.understand import read
from store.orders import numbers
from tools.usual import USUAL

if TYPE_CHECKING:
    from agent.planner.model import OfflinePlanner

READING = frozenset(
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
        "shop_policy",
        "order_status",
    }
)


@dataclass(frozen=True)
class Effect:
    """What a tool changes: `asked` says whether a call does no more than the shopper wants; `reads`: actions of it
    that change nothing; `refused`: what the model is told, a key of prompts/tools.yaml."""

    asked: "Callable[[Mapping[str, Any], Asked], bool]"
    reads: frozenset[str] = frozenset()
    refused: str = "not_asked"


@dataclass(frozen=True)
class Asked:
    """What the newest message asks for, as the planner hears the shopper's own words of it."""

    messages: Sequence[BaseMessage]  # up to now; the newest message with its own words only
    at: int  # where the newest message is
    planner: "OfflinePlanner"
    text: str = ""
    whole: str = ""  # all that was written
    cards: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # of the products shown, the newest
    call: str = ""  # the id of the call that is judged

    @cached_property
    def _heard(self) -> tuple[State, Meaning]:
        return self.planner.meaning(self.messages, self.at)

    @property
    def before(self) -> State:
        """The state that the message met."""
        return self._heard[0]

    @property
    def meaning(self) -> Meaning:
        """What the message means."""
        return self._heard[1]

    @cached_property
    def now(self) -> State:
        """The state with this turn's results folded in."""
        return self._folded(history.results(self.messages[self.at + 1 :]))

    @cached_property
    def unchanged(self) -> State:
        """The state with what this turn has read, before it changed the cart."""
        seen = history.results(self.messages[self.at + 1 :])
        return self._folded(itertools.takewhile(lambda call: not _changes_cart(call), seen))

    def _folded(self, calls: Iterable[Done]) -> State:
        state = self.before.model_copy(deep=True)
        for call in calls:
            if call.artifact is not None and not call.failed:
                state.fold(call.tool, call.args, call.artifact)
        return state

    @cached_property
    def earlier(self) -> list[Call]:
        """What this turn has put into the cart before the call that is judged. Of calls made together the earlier
        ones count, though their results are not there yet: they may be carried out side by side."""
        results = {m.tool_call_id: m for m in self.messages[self.at + 1 :] if isinstance(m, ToolMessage)}
        made: list[Call] = []
        for message in self.messages[self.at + 1 :]:
            for call in message.tool_calls if isinstance(message, AIMessage) else ():
                if self.call and call["id"] == self.call:
                    return made
                result = results.get(str(call["id"]))
                artifact = result.artifact if result and isinstance(result.artifact, dict) else {}
                undone = result is not None and (result.status == "error" or artifact.get("problem"))
                if call["name"] == "cart" and call["args"].get("action") == "add" and not undone:
                    made.append(Call(tool="cart", args=call["args"]))
        return made

    @cached_property
    def planned(self) -> list[Call]:
        """The calls that the message leads to, heard without its quotations and suppositions."""
        return policy.plan(self.meaning, self.before)

    def parts(self, *intents: str) -> list[Part]:
        """The parts of the message that ask for one of `intents`."""
        return [p for p in self.meaning.parts if p.intent in intents]

    @cached_property
    def agrees(self) -> bool:
        """ "Yes", "ok, do it" and nothing else."""
        return patterns.has_cue("agree", clean(self.text))

    @cached_property
    def last_said(self) -> AIMessage | None:
        """The assistant's last words before the message."""
        said = (m for m in reversed(self.messages[: self.at]) if isinstance(m, AIMessage) and m.text)
        return next(said, None)

    @cached_property
    def question(self) -> str:
        """The question that those words end with, clean; empty where they end with none."""
        text = clean(self.last_said.text) if self.last_said else ""
        if not text.rstrip(" )*_\"'").endswith("?"):
            return ""
        return text.rstrip(" )*_\"'?").replace("!", ".").replace("?", ".").rpartition(". ")[2] + "?"

    def named(self, text: str) -> list[str]:
        """Products shown whose names stand in `text`."""
        return references.named(clean(text), self.before)


def covered(
    name: str,
    args: Mapping[str, Any],
    messages: Sequence[BaseMessage],
    planner: "OfflinePlanner",
    call: str = "",
) -> bool:
    """True when a call of the tool `name` may be carried out. A tool that nobody has listed may not. `call` is its id,
    where `messages` hold it already."""
    effect = EFFECTS.get(name)
    if effect is None:
        return name in READING
    if args.get("action", "view") in effect.reads:
        return True
    at = max((i for i, m in enumerate(messages) if isinstance(m, HumanMessage)), default=-1)
    if at < 0:
        return False
    message = messages[at]
    whole = str(message.additional_kwargs.get("text", message.text))
    text = own_words(whole, heard=name == "cart")
    own = message.model_copy(update={"additional_kwargs": {**message.additional_kwargs, "text": text}})
    heard = [*messages[:at], own, *messages[at + 1 :]]
    return effect.asked(args, Asked(heard, at, planner, text, whole, _cards(messages), call))


# -- the cart --------------------------------------------------------------------------------------------------------


def _cart(args: Mapping[str, Any], asked: Asked) -> bool:
    if not conditional.met(asked.text, _card(args, asked), asked.planner.lexicon()):
        return False
    match args.get("action"):
        case "add":
            return _add(args, asked)
        case "remove":
            return _remove(args, asked)
        case "change":
            return _change(args, asked)
        case "clear":
            return any(c.tool == "cart" and c.args.get("action") == "clear" for c in asked.planned)
    return False


def _add(args: Mapping[str, Any], asked: Asked) -> bool:
    parts = asked.parts("cart_add")
    if asked.agrees and not _planners(asked):
        return _agreed(args, asked)
    if not parts:
        return False
    if args.get("product") not in {i for p in parts for i in _pointed(p, asked)}:
        return False
    wanted = max([1, *(n for p in parts if isinstance(n := p.slots.get("quantity"), int))])
    sizes = [s for p in parts for s in policy_cart.sizes_said(p)]
    of_it = [r.own for p in parts for r in p.references if r.own and args.get("product") in r.ids]
    if of_it:  # said of this product and not of the others
        wanted = max([own.get("quantity", wanted) for own in of_it])
        sizes = [s for own in of_it for s in own.get("size", sizes)]
    return _adds_no_more(args, wanted, sizes, asked) and _size_fits(args, sizes, asked)


def _agreed(args: Mapping[str, Any], asked: Asked) -> bool:
    """ "Yes" to the question of another model's: only to a question that offers exactly this."""
    question = asked.question
    if not any(p.search(question) for p in patterns.cue("offer")) or has("not_offered", question):
        return False
    named = asked.named(question) or (asked.named(asked.last_said.text) if asked.last_said else [])
    products = named or asked.before.focus
    if len(products) != 1 or args.get("product") != products[0]:
        return False
    tagged = read(question, asked.planner.lexicon())
    offered = [v for t in tagged.tags for v in t.mention.meanings.slots.get("size", [])]
    wanted = max([1, *_quantities(tagged)])
    return _adds_no_more(args, wanted, offered, asked) and _size_fits(args, offered, asked)


def _adds_no_more(args: Mapping[str, Any], wanted: int, sizes: Sequence[str], asked: Asked) -> bool:
    """With what this turn has added of the product already, no more than is `wanted` of it; so many of each of `sizes`,
    where several are named."""
    alike = [c.args for c in asked.earlier if c.args.get("product") == args.get("product")]
    if len({_size(s) for s in sizes}) > 1 and all(_named(a) for a in (args, *alike)):
        alike = [a for a in alike if _named(a) == _named(args)]
    counts = [a.get("quantity", 1) for a in (args, *alike)]
    return all(isinstance(n, int) for n in counts) and sum(max(1, n) for n in counts) <= wanted


def _named(args: Mapping[str, Any]) -> str | None:
    """The size that a call names, None where it leaves it to the shop or the shopper's memory."""
    size = _size(args.get("size") or USUAL)
    return None if size == _size(USUAL) else size


def _size(size: Any) -> str:
    return size_name(str(size).strip().casefold())


def _quantities(tagged: Tagged) -> list[int]:
    """The numbers that say how many."""
    counts = (t.mention.meanings.effects.get("quantity") for t in tagged.tags)
    return [n for n in counts if isinstance(n, int)]


def _planners(asked: Asked) -> bool:
    """The assistant's last words were the planner's, who wrote down what it had asked."""
    return asked.last_said is not None and "state" in asked.last_said.additional_kwargs


def _pointed(part: Part, asked: Asked) -> set[str]:
    """The products that the shopper wants: pointed at, or what was just talked about."""
    planned = {
        str(c.args["product"]) for c in asked.planned if c.tool == "cart" and c.args.get("action") == "add"
    }
    vague = all(r.kind in ("it", "them") and not r.where for r in part.references)
    pending = asked.before.pending
    if vague and not asked.meaning.answers_pending and not (pending and planned) and not _planners(asked):
        named = asked.named(asked.last_said.text) if asked.last_said else []
        if len(named) == 1:
            return set(named)
    if planned:
        return planned
    found = [
        i for call in history.results(asked.messages[asked.at + 1 :]) if not call.failed for i in call.items
    ]
    ids = {str(card["id"]) for card in found}
    if len(ids) == 1:  # "find me … and add it": the one that there is
        return ids
    named = asked.named(asked.last_said.text) if asked.last_said else []
    fitting = [i for i in ids_of(part) if i in named]
    return set(fitting) if len(fitting) == 1 else set()


def _size_fits(args: Mapping[str, Any], said: Sequence[str], asked: Asked) -> bool:
    """A size is the one said now; else one said before, held in the cart, or the only one that there is."""
    size = args.get("size")
    if size is None or (size == USUAL and any(c.args.get("size") == USUAL for c in asked.planned)):
        return True
    wanted = _size(size)
    if said:
        return wanted in {_size(s) for s in said}
    item = asked.now.item(str(args.get("product")))
    known = {_size(s) for s in item.sizes} if item and len(item.sizes) == 1 else set()
    held = {
        _size(line["size"])
        for line in asked.now.cart
        if line.get("id") == args.get("product") and line.get("size")
    }
    return wanted in known | held | _own_sizes(asked)


def _own_sizes(asked: Asked) -> set[str]:
    """Sizes that the shopper spoke of in this conversation."""
    lexicon = asked.planner.lexicon()
    texts = [
        clean(str(m.additional_kwargs.get("text", m.text)))
        for m in asked.messages[: asked.at + 1]
        if isinstance(m, HumanMessage)
    ]
    return {
        v for t in texts for one in tag(t, lexicon).tags for v in one.mention.meanings.slots.get("size", [])
    }


def _remove(args: Mapping[str, Any], asked: Asked) -> bool:
    parts = asked.parts("cart_remove", "cart_change")
    if not parts:
        return False
    product = args.get("product")
    planned = [c.args for c in asked.planned if c.tool == "cart"]
    if any(a.get("action") == "clear" for a in planned):
        return True
    removed = [a for a in planned if a.get("action") == "remove"]
    if not removed:
        rest = patterns.has_cue("rest_of_cart", asked.meaning.tagged)
        if rest or asked.meaning.intent != "cart_remove":
            return False
        targets = ((p, policy_cart.cart_target(p, asked.unchanged)) for p in parts)
        removed = [policy_cart.cart_call(p, i, asked.unchanged).args for p, i in targets if i]
    sizes = [a.get("size") for a in removed if product is not None and a.get("product") == product]
    if not sizes or None in sizes:
        return bool(sizes)
    wanted = {_size(s) for s in sizes}
    held = {_size(line.get("size")) for line in asked.now.cart if line["id"] == product}
    return _size(args["size"]) in wanted if args.get("size") else bool(held) and held <= wanted


def _change(args: Mapping[str, Any], asked: Asked) -> bool:
    for part in asked.parts("cart_change"):
        target = policy_cart.cart_target(part, asked.now)
        if target is None or args.get("product") != target:
            continue
        wanted = policy_cart.cart_call(part, target, asked.now).args
        lines = [line for line in asked.now.cart if line["id"] == target]
        said = _size(wanted["size"]) if wanted.get("size") else None
        of = _size(args["size"]) if args.get("size") else None
        held = [line for line in lines if _size(line.get("size")) == (of or said)] or lines[:1]
        quantities = {wanted["quantity"], *_quantities(read(asked.text, asked.planner.lexicon()))}
        if part.slots.get("size"):
            quantities |= {line.get("quantity") for line in held}
            if len(lines) == 1 and _size(lines[0].get("size")) != said == of:
                quantities.add(1)  # the size of a line is exchanged, its quantity stays
        fits = (
            of == said
            or (of is None and len(lines) < 2)
            or (len(lines) == 1 and of == _size(lines[0].get("size")))
        )
        if fits and args.get("quantity", 1) in quantities:
            return True
    return False


def _changes_cart(call: Done) -> bool:
    return call.tool == "cart" and not call.failed and call.args.get("action") != "view"


# -- the rest --------------------------------------------------------------------------------------------------------


def _hand_off(args: Mapping[str, Any], asked: Asked) -> bool:
    """A person of the shop is called only for who asks for one, or agrees to be handed on."""
    return bool(asked.parts("handoff")) or any(c.tool == "hand_off" for c in asked.planned)


def _return(args: Mapping[str, Any], asked: Asked) -> bool:
    """What would come back may be asked; it is made for who says yes to just that, and nothing else in between."""
    if not args.get("confirm"):
        return True
    talk = asked.before.order_talk
    offered = talk.waits == "confirm" and talk.age == 0
    same = (
        numbers.key(str(args.get("number") or "")) == numbers.key(talk.number)
        and sorted(args.get("lines") or []) == sorted(talk.lines)
        and args.get("reason") == talk.reason
    )
    return offered and same and order_words.read(asked.text).agree


def _memory(args: Mapping[str, Any], asked: Asked) -> bool:
    messages = list(asked.messages)
    if args.get("action") == "refuse" and unquoted(asked.whole):
        # "don't remember me" denies, and that is the wish
        fields = {**messages[asked.at].additional_kwargs, "text": asked.whole}
        messages[asked.at] = messages[asked.at].model_copy(update={"additional_kwargs": fields})
    return memory_consent.covered(args, messages, asked.planner.lexicon())


EFFECTS: Mapping[str, Effect] = {
    "cart": Effect(_cart, reads=frozenset({"view"})),
    "hand_off": Effect(_hand_off),
    "request_return": Effect(_return, refused="return_not_agreed"),
    "memory": Effect(_memory, reads=memory_consent.READS, refused="memory_not_asked"),
}


def _cards(messages: Sequence[BaseMessage]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for message in messages:
        if isinstance(message, ToolMessage) and isinstance(message.artifact, dict):
            looks = [look.get("items") or [] for look in message.artifact.get("looks") or []]
            for card in [*(message.artifact.get("items") or []), *(c for items in looks for c in items)]:
                found[str(card["id"])] = card
    return found


def _card(args: Mapping[str, Any], asked: Asked) -> Mapping[str, Any] | None:
    return asked.cards.get(str(args.get("product")))
