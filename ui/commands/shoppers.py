"""`daogou shopper`: what is kept of a shopper, seen and erased by whoever runs the shop, at the shopper's request."""

from typing import TYPE_CHECKING

from rich.markup import escape

from prompts import say
from ui.commands import door, show

if TYPE_CHECKING:
    from agent.assistant import Assistant


def shopper(assistant: "Assistant", name: str, forget: bool, lang: str, as_json: bool) -> None:
    """Print what is kept of the shopper, or erase it and print how much that was."""
    if forget:
        gone = assistant.forget(name)
        assistant.audit.note("shopper.erased", "command")
        if as_json:
            door.emit({"forgotten": gone})
        else:
            key = "forgotten_one" if gone == 1 else "forgotten"
            door.tell(say("terminal", f"shopper.{key}", lang, count=gone))
        return
    if as_json:
        door.emit(assistant.profile(name).model_dump(mode="json"))
        return
    event = assistant.memory(name, lang)
    door.tell(say("terminal", f"shopper.consent.{event.consent}", lang))
    if event.notes:
        made = show.table(lang, "what", "remembered", "words", "when")
        for note in event.notes:
            made.add_row(
                escape(note.label), escape(note.text), escape(note.words), note.at[:16].replace("T", " ")
            )
        door.console().print(made)
