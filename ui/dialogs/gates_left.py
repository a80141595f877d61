"""Gates on what a turn leaves behind: the cart, what is kept of the shopper, the language."""

from collections.abc import Iterator
from typing import Any

from ui.dialogs import script as form
from ui.dialogs.observed import Conversation, Event, Failure, Observed, matches


def state(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    if not expect.state:
        return
    yield from _cart(expect.state.cart, turn, talk)
    yield from _profile(expect.state.profile, turn, talk)
    lang = form.localised(expect.state.language, turn.lang)
    if lang and turn.language != lang:
        yield Failure("state.language", f"the conversation's language is {turn.language}, not {lang}")


def _cart(wanted: Any, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    before, after = lines(turn.cart_before), lines(turn.cart)
    if isinstance(wanted, list):
        asked = [talk.resolve(line.model_dump(exclude_none=True)) for line in wanted]
        left = list(after)
        for line in asked:
            found = next((have for have in left if matches(line, have)), None)
            if found is None:
                break
            left.remove(found)
        else:
            if not left:
                return
        yield Failure("state.cart", f"the cart is {after}, not {asked}")
    elif wanted == "empty" and after:
        yield Failure("state.cart", f"the cart is {after}, not empty")
    elif wanted == "unchanged" and before != after:
        yield Failure("state.cart", f"the cart was {before} and is {after}")
    elif wanted == "changed" and before == after:
        yield Failure("state.cart", f"the cart is still {after}")


def _profile(wanted: Any, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    before, after = turn.profile_before, turn.profile
    if isinstance(wanted, dict):
        for key, value in talk.resolve(wanted).items():
            if value is None and after.get(key):
                yield Failure("state.profile", f"{key} is kept: {after[key]}")
            elif value is not None and not matches(value, after.get(key)):
                yield Failure("state.profile", f"{key} is {after.get(key)}, not {value}")
    elif wanted == "empty" and any(value for key, value in after.items() if key != "consent"):
        yield Failure("state.profile", f"kept is {after}")
    elif wanted == "unchanged" and before != after:
        yield Failure("state.profile", f"kept was {before}, and is {after}")
    elif wanted == "changed" and before == after:
        yield Failure("state.profile", f"kept is still {after}")


def lines(cart: Event) -> list[dict[str, Any]]:
    """A cart's lines as scripts write them."""
    return [{"id": line["id"], "qty": line["quantity"], "size": line.get("size")} for line in cart["lines"]]
