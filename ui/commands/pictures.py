"""`daogou recolor` and `daogou scene`: what a photo or a product shows, made over and written to a file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from prompts import say
from ui.commands import door

if TYPE_CHECKING:
    from PIL import Image

    from agent.assistant import Assistant

    Make = Callable[[bytes | str], tuple[Image.Image, dict[str, Any]]]

_KINDS = (".png", ".jpg", ".jpeg", ".webp")


def recolor(assistant: "Assistant", target: str, color: str, out: Path, lang: str, as_json: bool) -> None:
    """Write the preview of a photo (a path) or a product (an id) to `out`. Raises CommandError, and what
    `Assistant.recolor` raises."""
    named = _written(assistant, target, out, lang, lambda what: assistant.recolor(what, color, lang))
    if as_json:
        door.emit({"out": str(out), "preview": True, "color": named})
        return
    if named["instead_of"]:
        values = {"words": named["instead_of"], "color": named["name"]}
        typer.echo(door.one_line(say("terminal", "recolor.strange", lang, **values)))
    typer.echo(door.one_line(say("terminal", "recolor.done", lang, path=out, color=named["name"])))


def scene(assistant: "Assistant", target: str, scene: str, out: Path, lang: str, as_json: bool) -> None:
    """Write the picture of a photo (a path) or a product (an id) in a drawn place to `out`. Raises CommandError, and
    what `Assistant.scene` raises."""
    told = _written(assistant, target, out, lang, lambda what: assistant.scene(what, scene, lang))
    if as_json:
        door.emit({"out": str(out), **told})
        return
    typer.echo(door.one_line(say("scenes", "saved", lang, path=out, scene=told["name"], label=told["label"])))


def _written(assistant: "Assistant", target: str, out: Path, lang: str, make: "Make") -> dict[str, Any]:
    """Make the picture of a path's bytes or of an id, write it to `out`; what is told of it. Raises CommandError."""
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
        image, told = make(door.read(path) if path.is_file() else target)
    try:
        image.save(out)
    except OSError as error:
        message = say("terminal", "errors.not_written", lang, path=out)
        raise door.CommandError("not_written", message) from error
    return told
