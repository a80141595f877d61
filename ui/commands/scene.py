"""`daogou scene`: a product or what a photo shows in a drawn place, written to a file."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from prompts import say
from ui.commands import door

if TYPE_CHECKING:
    from agent.assistant import Assistant

_KINDS = (".png", ".jpg", ".jpeg", ".webp")


def scene(assistant: "Assistant", target: str, scene: str, out: Path, lang: str, as_json: bool) -> None:
    """Write the picture of a photo (a path) or a product (an id) to `out`. Raises CommandError, and what
    `Assistant.scene` raises."""
    if out.suffix.lower() not in _KINDS:
        raise door.CommandError(
            "bad_picture_file", say("terminal", "errors.bad_picture_file", lang, path=out)
        )
    path = Path(target).expanduser()
    if not path.is_file() and not list(assistant.products([target])):
        raise door.CommandError(
            "unknown_target", say("terminal", "errors.no_such_target", lang, target=target)
        )
    with door.waiting(say("terminal", "looking", lang)):
        image, told = assistant.scene(door.read(path) if path.is_file() else target, scene, lang)
    try:
        image.save(out)
    except OSError as error:
        message = say("terminal", "errors.not_written", lang, path=out)
        raise door.CommandError("not_written", message) from error
    if as_json:
        door.emit({"out": str(out), **told})
        return
    typer.echo(door.one_line(say("scenes", "saved", lang, path=out, scene=told["name"], label=told["label"])))
