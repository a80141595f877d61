"""What a person does on the chat's page."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

TURN_MS = 60_000  # the first turn may have to wait for the models
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


class Shopper:
    """What a person does on the page."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.box.wait_for(timeout=TURN_MS)

    @property
    def box(self) -> "Locator":
        return self.page.get_by_test_id("stChatInputTextArea")

    @property
    def turns(self) -> "Locator":
        return self.page.locator(".dg-said")

    @property
    def last(self) -> "Locator":
        return self.page.locator("[class*='st-key-turn-']").last

    def attach(self, *photos: Path) -> None:
        self.page.locator("[data-testid=stChatInput] input[type=file]").first.set_input_files(list(photos))
        self.page.get_by_test_id("stFileChipImagePreview").nth(len(photos) - 1).wait_for()

    def say(self, text: str) -> "Locator":
        """Send a message; the turn when it is over."""
        before = self.turns.count()
        self.box.fill(text)
        self.box.press("Enter")
        return self.answered(before)

    def answered(self, before: int) -> "Locator":
        """The turn that comes after `before` others, once it is complete."""
        self.page.wait_for_function(
            "n => !document.querySelector('.dg-status, .dg-writing')"
            " && document.querySelectorAll('.dg-said').length > n"
            " && [...document.querySelectorAll('.dg-reply, .dg-error')].length > n",
            arg=before,
            timeout=TURN_MS,
        )
        self.page.wait_for_timeout(400)
        return self.last

    def sizes_of(self, card: "Locator") -> list[str]:
        """The sizes that a card shows as in stock."""
        return [t.strip() for t in card.locator(".dg-sizes li:not(:has(s))").all_inner_texts()]
