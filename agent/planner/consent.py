"""Did the shopper ask for it? Whatever changes something needs the shopper's own words, in this message or as the
answer to what the assistant just asked.

One table says what has effects. A call of a tool that only reads passes; a call with an effect passes when it does no
more than the newest message asks: the same action, a product that the shopper points at or that the open question was
about, a size and a quantity that they said. Only their own words count (`own_words`), never a tool's result.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from agent.planner import conditional, history, memory_consent, patterns, policy, policy_cart, references
from agent.planner.calls import Call, ids_of
from agent.planner.meaning import Meaning, Part
from agent.planner.numbers import digits
from agent.planner.own_words import has, own_words, unquoted
from agent.planner.state import State
from agent.planner.tagging import size_name, tag
from agent.planner.text import clean
from agent.planner.understand import read

if TYPE_CHECKING:
    from agent.planner.model import OfflinePlanner

READING = frozenset(
    {
        "search_catalog",
        "product_details",
        "ask_image",
        "describe_scene",
        "match_outfit",
        "compare",
        "shop_policy",
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
        state = self.before.model_copy(deep=True)
        for call in history.results(self.messages[self.at + 1 :]):
            if call.artifact is not None and not call.failed:
                state.fold(call.tool, call.args, call.artifact)
        return state

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
    name: str, args: Mapping[str, Any], messages: Sequence[BaseMessage], planner: "OfflinePlanner"
) -> bool:
    """True when a call of the tool `name` may be carried out. A tool that nobody has listed may not."""
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
    text = own_words(whole)
    own = message.model_copy(update={"additional_kwargs": {**message.additional_kwargs, "text": text}})
    heard = [*messages[:at], own, *messages[at + 1 :]]
    return effect.asked(args, Asked(heard, at, planner, text, whole, _cards(messages)))


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
    product, many = args.get("product"), args.get("quantity", 1)
    if not isinstance(many, int) or product not in {i for p in parts for i in _pointed(p, asked)}:
        return False
    wanted = max([1, *(n for p in parts if isinstance(n := p.slots.get("quantity"), int))])
    return many <= wanted and _size_fits(args, [s for p in parts for s in p.slots.get("size", [])], asked)


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
    slots: list[Any] = [t.mention.meanings.slots.get("quantity") for t in tagged.tags]
    counts = [n for n in slots if isinstance(n, int)]
    many = args.get("quantity", 1)
    return isinstance(many, int) and many <= max([1, *counts]) and _size_fits(args, offered, asked)


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
    if size is None or (size == "usual" and any(c.args.get("size") == "usual" for c in asked.planned)):
        return True
    wanted = size_name(str(size).strip().casefold())
    if said:
        return wanted in {size_name(str(s).casefold()) for s in said}
    item = asked.now.item(str(args.get("product")))
    known = {size_name(s.casefold()) for s in item.sizes} if item and len(item.sizes) == 1 else set()
    held = {
        size_name(str(line["size"]).casefold())
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
    planned = {
        c.args.get("product") for c in asked.planned if c.tool == "cart" and c.args.get("action") == "remove"
    }
    if any(c.tool == "cart" and c.args.get("action") == "clear" for c in asked.planned):
        return True
    if product in planned:
        return True
    if planned or asked.meaning.intent != "cart_remove":
        return False
    rest = patterns.has_cue("rest_of_cart", asked.meaning.tagged)
    targets = {policy_cart.cart_target(p, asked.now) for p in parts}
    return not rest and product is not None and product in targets


def _change(args: Mapping[str, Any], asked: Asked) -> bool:
    for part in asked.parts("cart_change"):
        target = policy_cart.cart_target(part, asked.now)
        if target is None or args.get("product") != target:
            continue
        wanted = policy_cart.cart_call(part, target, asked.now).args
        held = next((line for line in asked.now.cart if line["id"] == target), {})
        numbers = {int(n) for n in re.findall(r"(?<![\d.])\d{1,3}(?![\d.])", digits(clean(asked.text)))}
        quantities = {
            wanted["quantity"],
            *numbers,
            *([held.get("quantity"), 1] if part.slots.get("size") else []),
        }
        sized = args.get("size") in (None, held.get("size")) or size_name(
            str(args["size"]).casefold()
        ) == size_name(str(wanted.get("size", "")).casefold())
        if args.get("quantity", 1) in quantities and sized:
            return True
    return False


# -- the rest --------------------------------------------------------------------------------------------------------


def _hand_off(args: Mapping[str, Any], asked: Asked) -> bool:
    """A person of the shop is called only for who asks for one, or agrees to be handed on."""
    return bool(asked.parts("handoff")) or any(c.tool == "hand_off" for c in asked.planned)


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
