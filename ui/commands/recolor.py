"""`daogou recolor`: a garment in another colour, written to a file."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from prompts import say
from ui.commands import door

if TYPE_CHECKING:
    from agent.assistant import Assistant

_KINDS = (".png", ".jpg", ".jpeg", ".webp")


def recolor(assistant: "Assistant", target: str, color: str, out: Path, lang: str, as_json: bool) -> None:
    """Write the preview of a photo (a path) or a product (an id) to `out`. Raises CommandError, and what
    `Assistant.recolor` raises."""
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
        image, named = assistant.recolor(door.read(path) if path.is_file() else target, color, lang)
    try:
        image.save(out)
    except OSError as error:
        message = say("terminal", "errors.not_written", lang, path=out)
        raise door.CommandError("not_written", message) from error
    if as_json:
        door.emit({"out": str(out), "preview": True, "color": named})
        return
    if named["instead_of"]:
        values = {"words": named["instead_of"], "color": named["name"]}
        typer.echo(door.one_line(say("terminal", "recolor.strange", lang, **values)))
    typer.echo(door.one_line(say("terminal", "recolor.done", lang, path=out, color=named["name"])))
