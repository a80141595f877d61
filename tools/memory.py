"""What the shop remembers of the shopper: look at it, keep something, erase. Only ever on the shopper's own words."""

from collections.abc import Sequence
from typing import Any, Literal

from langchain.tools import ToolRuntime
from langchain_core.tools import tool
from pydantic import ValidationError

from prompts import say, taxonomy, tell
from store.shoppers import (
    CLOTHES,
    GENERAL,
    BudgetNote,
    Kept,
    Profile,
    Reacted,
    Scope,
    SeenPhoto,
    SizeNote,
    Taste,
    Viewed,
)
from store.types import Filters, Money
from tools.cards import card, line, money
from tools.context import ToolContext
from tools.errors import BadFilters, ToolInputError
from tools.facts import Facts, said_in
from tools.results import Memory, Products, Remembered

Action = Literal["view", "viewed", "remember", "forget", "allow", "refuse"]
SHOWN = 6  # of the products looked at before


@tool(parse_docstring=True, response_format="content_and_artifact")
def memory(
    runtime: ToolRuntime[ToolContext],
    action: Action,
    facts: dict[str, Any] | None = None,
    scope: list[dict[str, str]] | None = None,
    where: dict[str, Any] | None = None,
) -> tuple[str, dict[str, Any]]:
    """See or change what is remembered of the shopper from one visit to the next. Change it only on their own words.

    Args:
        action: view; viewed (products they looked at before, as a list); remember (also gives their consent); forget;
            allow (they agree to being remembered); refuse (they do not want it: everything is erased).
        facts: For remember: {"sizes": {"tops": "M"}, "likes": {"color": ["navy"]}, "refuses": {"pattern": ["dotted"]},
            "budget": [{"max": 80, "currency": "USD"}]}. Sizes by category, or "clothes".
        scope: For forget, what to erase, e.g. [{"portion": "sizes", "kind": "shoes"}], [{"portion": "refused",
            "attribute": "pattern", "value": "dotted"}]; portions: sizes, liked, refused, budget, viewed,
            photos. None: all.
        where: For viewed: conditions, e.g. {"category": ["shoes"]}.
    """
    context = runtime.context
    if action == "viewed":
        shown = _looked_at(context, where)
        lines = "\n".join(map(line, shown.items))
        return lines or tell("viewed_none"), shown.model_dump(mode="json")
    event = change(context, action, facts, scope, said_in(runtime.state.get("messages", [])))
    return _summary(event), event.model_dump(mode="json")


def change(
    context: ToolContext,
    action: Literal["view", "remember", "forget", "allow", "refuse"],
    facts: dict[str, Any] | None = None,
    scope: list[dict[str, str]] | None = None,
    said: Sequence[str] = (),
) -> Memory:
    """Carry it out. `said`: the shopper's messages that it rests on, the newest first.

    Raises ToolInputError for facts or a scope of another shape."""
    shopper, changed = context.shopper, []
    if shopper is None:
        return Memory(action=action, consent="none")
    if action == "remember":
        try:
            told = Facts.model_validate(facts or {})
        except ValidationError as error:
            raise ToolInputError(_first(error, "facts")) from error
        shopper.allow()
        changed = [kept(note, context) for note in shopper.keep(told.notes(said))]
    elif action == "allow":
        shopper.allow()
    elif action == "refuse":
        shopper.refuse()
    elif action == "forget":
        try:
            scopes = [Scope.model_validate(one) for one in scope or [{}]]
        except ValidationError as error:
            raise ToolInputError(_first(error, "scope")) from error
        held = everything(shopper.profile())
        for one in scopes:
            shopper.forget(one)
            if context.reactions:  # also what counts only in conversations
                context.reactions.forget(one, shopper.mark)
            changed += [kept(note, context) for note in held if one.covers(note)]
    return told_of(context, action, changed)


def told_of(
    context: ToolContext,
    action: Literal["view", "remember", "forget", "allow", "refuse", "learned"],
    changed: list[Remembered] | None = None,
) -> Memory:
    """What is kept now, as an event."""
    if context.shopper is None:
        return Memory(action=action, consent="none")
    profile = context.shopper.profile()
    notes = [kept(note, context) for note in everything(profile)]
    return Memory(action=action, consent=profile.consent, notes=notes, changed=changed or [])


def everything(profile: Profile) -> list[Kept]:
    """All notes: sizes, likes, refusals, budgets, then what was looked at and sent."""
    liked = [note for note in profile.reactions if note.liked]
    disliked = [note for note in profile.reactions if not note.liked]
    tastes: list[Kept] = [*profile.liked, *liked, *profile.refused, *disliked]
    return [*profile.sizes, *tastes, *profile.budgets, *profile.viewed, *profile.photos]


def kept(note: Kept, context: ToolContext) -> Remembered:
    """A note in the shopper's language."""
    lang = context.lang
    common: dict[str, Any] = {"words": note.words, "at": note.at.isoformat(), "times": note.times}
    match note:
        case SizeNote():
            label = say("tools", "remembered.label.size", lang, kind=kind_word(note.kind, lang))
            scope = {"portion": "sizes", "kind": note.kind}
            return Remembered(kind="size", label=label, text=note.size, scope=scope, **common)
        case Taste():
            kind: Literal["liked", "refused"] = "liked" if note.liked else "refused"
            return Remembered(
                kind=kind,
                label=say("tools", f"remembered.label.{kind}", lang),
                text=taxonomy.word(note.attribute, note.value, lang),
                holds=note.holds,
                scope={"portion": kind, "attribute": note.attribute, "value": note.value},
                **common,
            )
        case BudgetNote():
            label = say("tools", "remembered.label.budget", lang)
            if note.category:
                label = say("tools", "remembered.label.budget_of", lang, kind=kind_word(note.category, lang))
            scope = {"portion": "budget", "kind": note.category or GENERAL}
            text = _bounds(note, context)
            return Remembered(kind="budget", label=label, text=text, holds=note.holds, scope=scope, **common)
        case Reacted():
            record = context.shop.get(note.product)
            kind = "liked" if note.liked else "refused"
            return Remembered(
                kind=kind,
                label=say("tools", f"remembered.label.{kind}", lang),
                text=record.title.get(lang) if record else note.product,
                scope={"portion": kind, "product": note.product},
                **common,
            )
        case SeenPhoto():
            words = [taxonomy.word("color", c, lang) for c in note.colors[:1]]
            words += [taxonomy.word("category", note.category, lang)] if note.category else []
            return Remembered(
                kind="photo",
                label=say("tools", "remembered.label.photo", lang),
                text=("" if lang == "zh" else " ").join(words) or note.photo,
                scope={"portion": "photos", "photo": note.photo},
                **common,
            )
        case Viewed():
            record = context.shop.get(note.product)
            return Remembered(
                kind="viewed",
                label=say("tools", f"remembered.label.{note.how}", lang),
                text=record.title.get(lang) if record else note.product,
                scope={"portion": "viewed", "product": note.product},
                **common,
            )


def kind_word(kind: str, lang: str) -> str:
    """A kind of garment: 上衣, "Tops"."""
    if kind == CLOTHES:
        return say("tools", "remembered.clothes", lang)
    word = taxonomy.word("category", kind, lang)
    return word[:1].upper() + word[1:]


def _bounds(note: BudgetNote, context: ToolContext) -> str:
    currency = note.currency or context.shop.facets().currency
    low, high = (money(Money(amount=a, currency=currency)).text if a else "" for a in (note.min, note.max))
    key = "between" if low and high else "most" if high else "least"
    return say("tools", f"remembered.bounds.{key}", context.lang, low=low, high=high)


def _looked_at(context: ToolContext, where: dict[str, Any] | None) -> Products:
    """Products looked at before that meet the conditions and are still sold, the newest first."""
    try:
        wanted = Filters.model_validate(where or {})
    except ValidationError as error:
        raise BadFilters(error) from error
    viewed = [note.product for note in context.profile().viewed]
    records = [r for r in context.shop.get_many(viewed) if _fits(r.category, r.colors, wanted)]
    items = [card(record, context.lang) for record in records[:SHOWN]]
    return Products(items=items, total=len(records), query={"viewed": True, "where": wanted.to_json()})


def _fits(category: str, colors: list[str], wanted: Filters) -> bool:
    kind = not wanted.category or any(taxonomy.is_a(category, c) for c in wanted.category)
    return kind and (not wanted.color or bool(set(wanted.color) & set(colors)))


def _first(error: ValidationError, what: str) -> str:
    first = error.errors()[0]
    return f"bad {what} at {'.'.join(map(str, first['loc']))}: {first['msg']}"


def _summary(event: Memory) -> str:
    if event.consent == "none":
        return tell("memory_nobody")
    notes = "; ".join(f"{n.label}: {n.text}" for n in event.notes if n.kind != "viewed") or "nothing"
    return tell("memory", action=event.action, consent=event.consent, notes=notes)
