"""The one useful next step that a reply ends with, and the short messages offered. What a reply asks about ("your
budget?") or offers ("what goes with it?") is brought up once."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from agent.planner.meaning import Meaning, Part, Slots
from agent.planner.patterns import turn_says
from agent.planner.phrases import Voice, buyable
from agent.planner.reply import Reply
from agent.planner.state import Pending, State
from prompts import taxonomy

MANY = 5  # products from which a list is worth narrowing
CHOICES = 3
# what people choose by where they wear it
_FOR_OCCASIONS = ("dress", "skirt", "shirt", "blouse", "blazer", "suit", "coat", "heels", "bag")


def after_list(
    part: Part, meaning: Meaning, state: State, items: list[dict[str, Any]], voice: Voice, reply: Reply
) -> None:
    """After a list: narrow it by what is still open, or look closer."""
    slots = meaning.slots
    if len(items) == 1:
        _after_one(items[0], voice, reply)
        return
    if part.intent == "recommend" and not slots:
        reply.offer("who", voice.line("search.next.who"))
    if len(items) >= MANY:
        _narrow(meaning, state, items, voice, reply)
    several = any(len(i.get("sizes") or []) > 1 and not i.get("your_size") for i in items)
    sized = several and bool(slots.get("category"))
    if not slots.get("size") and sized and state.turn % 2:
        reply.offer("size", voice.line("search.next.narrow_size"))
    if turn_says("budget", meaning.text.casefold()):  # the word alone: how much?
        ask = Pending(intent="refine", slot="price")
        if reply.pending is None:
            reply.steps[:0], reply.pending = [voice.line("search.next.narrow_budget")], ask
            reply.asked.append("budget")
    looking = ["details", "compare", "outfit"] if len(items) <= 4 else ["details", "outfit"]
    start = state.turn % len(looking)
    reply.steps += [voice.line(f"search.next.{s}") for s in looking[start:] + looking[:start]]
    reply.suggestions += _suggest(slots, items)


def _narrow(meaning: Meaning, state: State, items: list[dict[str, Any]], voice: Voice, reply: Reply) -> None:
    slots = meaning.slots
    some_color = not slots.get("color") and "color" not in meaning.dropped
    if some_color and not state.photo and not state.like and (choices := _colors(items)):
        words = [taxonomy.word("color", c, voice.lang) for c in choices]
        line = voice.line("search.next.narrow_color", choices=voice.join(words, "or"))
        if reply.offer("color", line):
            return
    dressed = any(taxonomy.is_a(i["category"], c) for i in items for c in _FOR_OCCASIONS)
    grown = "kids" not in slots.get("age_group", [])
    if (
        dressed
        and grown
        and not slots.get("occasion")
        and reply.offer("occasion", voice.line("search.next.narrow_occasion"))
    ):
        return
    kept_to = any(mark.startswith("budget:") for mark in state.recall.told)
    open_price = not slots.get("price") and not slots.get("price_pref") and "price" not in meaning.dropped
    if open_price and not kept_to:
        ask = Pending(intent="refine", slot="price")
        reply.offer("budget", voice.line("search.next.narrow_budget"), ask)


def _colors(items: list[dict[str, Any]]) -> list[str]:
    """The commonest main colours of a list, where there is a choice."""
    counted = Counter(i["colors"][0] for i in items if i.get("colors"))
    common = [c for c, _ in counted.most_common(CHOICES)]
    return common if len(common) > 1 else []


def _after_one(card: dict[str, Any], voice: Voice, reply: Reply) -> None:
    sizes = buyable(card)
    if not card.get("in_stock"):
        reply.sentences.append(voice.line("product.but_gone"))
        reply.sentences.append(voice.line("product.next.alternative"))
        reply.pending = Pending(intent="more_like", slot="yes", product=card["id"])
        reply.suggestions += ["similar", "others"]
        return
    several = len(sizes) > 1
    reply.steps.append(voice.line("product.next.add_size" if several else "product.next.add"))
    reply.pending = Pending(
        intent="cart_add",
        slot="size" if several else "yes",
        product=card["id"],
        choices=sizes if several else [],
    )
    reply.suggestions += ["details1", "add_it", "similar"]


def after_product(
    card: dict[str, Any], asked: Sequence[str], voice: Voice, reply: Reply, size: str = ""
) -> None:
    """After an answer about a product: something close where it cannot be had, else its sizes, an outfit, the cart;
    each is brought up once for a product. `size`: the one that was asked about."""
    inside = buyable(card)
    missing = bool(size) and not any(s.casefold() == size.casefold() for s in inside)
    if not card.get("in_stock") or missing:
        reply.sentences.append(voice.line("product.next.alternative"))
        reply.pending = Pending(intent="more_like", slot="yes", product=card["id"])
        reply.suggestions += ["similar", "others"]
        return
    product = card["id"]
    add = Pending(intent="cart_add", slot="yes", product=product)
    if len(inside) > 1 and not size:
        # A size that is said next is one to add: it was asked for, or is all that the answer was about.
        sizes = Pending(intent="cart_add", slot="size", product=product, choices=inside)
        if "sizes" in asked:
            reply.offer(f"add:{product}", voice.line("product.next.add_size"), sizes)
            reply.pending = reply.pending or sizes
        else:
            outfit = Pending(intent="outfit", slot="yes", product=product)
            reply.offer(f"outfit:{product}", voice.line("product.next.outfit"), outfit)
            reply.offer(
                f"sizes:{product}",
                voice.line("product.next.sizes"),
                Pending(intent="ask_product", slot="yes", product=product, slots={"asks": ["sizes"]}),
            )
        reply.suggestions += inside[:2] if "sizes" in asked else ["sizes"]
    else:
        held = add.model_copy(update={"slots": {"size": [size]}}) if size else add
        reply.offer(f"add:{product}", voice.line("product.next.add"), held)
        reply.offer(
            f"outfit:{product}",
            voice.line("product.next.outfit"),
            Pending(intent="outfit", slot="yes", product=product),
        )
    reply.suggestions += ["add_it", "outfit", "material" if "material" not in asked else "similar"]


def _suggest(slots: Slots, items: list[dict[str, Any]]) -> list[str]:
    wanted = ["others"] if len(items) >= 4 else []
    if slots.get("price_pref") != "cheaper" and not slots.get("price"):
        wanted.append("cheaper")
    return [*wanted, "compare12" if len(items) >= 2 else "details1", "outfit1"]
