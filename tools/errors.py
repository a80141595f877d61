"""Errors a tool raises when it was asked for something that is not there.

ToolInputError
├── UnknownProduct   no product has this id
├── UnknownPhoto     no photo with this id is in the conversation
├── NoColor          no word of the colour asked for is known
├── NoPicture        a product has no picture that can be read
├── CannotRecolor    there is no picture of it that can be shown in another colour
└── BadFilters       the conditions do not have the shape of store.types.Filters

The message is for the model: it says how to recover. The agent turns it into an error ToolMessage.
"""

from pydantic import ValidationError

from prompts import tell
from store.types import unfit


class ToolInputError(ValueError):
    """A tool was called with something it cannot use."""


class UnknownProduct(ToolInputError):
    def __init__(self, product_id: str) -> None:
        super().__init__(tell("unknown_product", id=product_id))


class UnknownPhoto(ToolInputError):
    def __init__(self, photo_id: str) -> None:
        super().__init__(tell("unknown_photo", id=photo_id))


class NoColor(ToolInputError):
    def __init__(self, words: str) -> None:
        super().__init__(tell("no_color", words=words[:80]))


class NoPicture(ToolInputError):
    def __init__(self) -> None:
        super().__init__(tell("no_picture"))


class CannotRecolor(ToolInputError):
    def __init__(self) -> None:
        super().__init__(tell("cannot_recolor"))


class BadFilters(ToolInputError):
    def __init__(self, cause: ValidationError) -> None:
        super().__init__(f"bad conditions: {unfit(cause, 'en')}")
