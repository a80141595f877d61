"""What a shopper does beside the talk: likes, dislikes, looks, buys. It counts at once, in the very next reply."""

from collections.abc import Sequence
from typing import Literal

from store.reactions import Action, Reaction, as_note, of_note
from store.shoppers import Kept, Profile, Scope
from tools.context import ToolContext
from tools.errors import UnknownProduct

Reacting = Literal["like", "dislike", "none", "view", "buy"]
Opinion = Literal["like", "dislike"]
_ACTIONS: dict[str, Action] = {"like": "liked", "dislike": "disliked", "view": "viewed", "buy": "bought"}


def react(context: ToolContext, product_id: str, reaction: Reacting) -> None:
    """Keep it with the conversation and, where the shopper agreed to being remembered, beyond it; "none" takes a like
    or dislike back everywhere. Raises UnknownProduct, and NotKept where it cannot be written."""
    if context.reactions is None:
        raise ValueError("nothing can be kept of what is done here")
    if reaction == "none":
        context.reactions.drop(context.session, product_id, ["liked", "disliked"], context.who)
        if context.shopper and context.shopper.consent == "yes":
            context.shopper.forget(Scope(portion="liked", product=product_id))
            context.shopper.forget(Scope(portion="refused", product=product_id))
        return
    if reaction not in _ACTIONS:
        raise ValueError(f"no reaction {reaction!r}; there are {', '.join([*_ACTIONS, 'none'])}")
    if context.shop.get(product_id) is None:
        raise UnknownProduct(product_id)
    done = Reaction(action=_ACTIONS[reaction], product=product_id)
    context.reactions.add(context.session, [done], context.who)
    note = as_note(done)
    if note is not None and context.shopper and context.shopper.consent == "yes":
        context.shopper.keep([note])


def opinions(context: ToolContext) -> dict[str, Opinion]:
    """Which products the shopper likes or does not, as far as is known here: product id → like or dislike."""
    found: dict[str, Opinion] = {
        note.product: "like" if note.liked else "dislike"
        for note in context.profile().reactions
        if note.stated
    }
    for one in context.done():
        if one.action in ("liked", "disliked"):
            found[one.product] = "like" if one.action == "liked" else "dislike"
    return found


def never(context: ToolContext) -> frozenset[str]:
    """What the shopper does not want to see again: what they disliked, here or before."""
    return frozenset(product for product, opinion in opinions(context).items() if opinion == "dislike")


def known(context: ToolContext, profile: Profile, aside: Sequence[str] = ()) -> list[Reaction]:
    """What this shopper did: in this conversation and, as far as it is remembered, before. For somebody else ("all" set
    aside) nothing of it counts but what they do not want to see again."""
    here = context.done()
    if {"all", "tastes"} & set(aside):
        return [one for one in here if one.action in ("disliked", "shown")]
    mine = {(one.action, one.name): one for one in here}
    notes: list[Kept] = [
        *profile.viewed,
        *profile.reactions,
        *profile.liked,
        *profile.refused,
        *profile.photos,
    ]
    before = [one for note in notes if (one := of_note(note))]
    undone = {one.name for one in here if one.action in ("liked", "disliked", "picked", "passed")}
    older = [
        one
        for one in before
        if (one.action, one.name) not in mine
        and not (one.action in ("liked", "disliked", "picked") and one.name in undone)
        and not (one.action == "wished" and ("refused", one.name) in mine)
        and not (one.action == "refused" and ("wished", one.name) in mine)
    ]
    return [*older, *here]
