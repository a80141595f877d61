"""`daogou outfit`: what was asked for on the command line, and the looks."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from prompts import say
from ui.commands import door, show

if TYPE_CHECKING:
    from agent.assistant import Assistant


def wishes(**given: Any) -> dict[str, Any]:
    """What `Assistant.outfit` takes; empty where nothing was wished. Raises typer.BadParameter for a word that is none
    of those there are."""
    from agent.outfit_wishes import NoSuchWord
    from agent.outfit_wishes import wishes as wished

    try:
        return wished(**{name: value for name, value in given.items() if value is not None})
    except NoSuchWord as error:
        raise typer.BadParameter(str(error), param_hint=f"--{error.option}") from error


def outfit(
    assistant: "Assistant",
    products: Sequence[str],
    photos: Sequence[Path],
    asked: dict[str, Any],
    lang: str,
    as_json: bool,
    board: Path | None = None,
) -> None:
    """Tell the looks, and what could not be met; `board`: a folder for a picture of each, or the file of the first
    one's. Raises CommandError where there is no look."""
    pictures = [door.read(path) for path in photos]
    with door.waiting(say("terminal", "searching", "en")):
        found = assistant.outfit(products, pictures, lang, **asked)
    named = dict(zip(found["photos"], map(str, photos), strict=True))
    looks = [
        {**look, "own": [{**own, "photo": named[own["photo"]]} for own in look["own"]]}
        for look in found["looks"]
    ]
    if not looks:
        raise door.CommandError("no_look", found["problem"])
    if board is not None:
        for look, path in zip(looks, _saved(assistant, found, pictures, lang, board), strict=False):
            look["board"] = str(path)
    if as_json:
        for look in looks:
            door.emit({**look, **({"problem": found["problem"]} if found["problem"] else {})})
    else:
        show.Screen(lang).event({"type": "outfit", "looks": looks, "problem": found["problem"]})
        for look in looks:
            if "board" in look:
                typer.echo(door.one_line(say("boards", "saved", lang, path=look["board"])))


def _saved(
    assistant: "Assistant", found: dict[str, Any], photos: Sequence[bytes], lang: str, where: Path
) -> list[Path]:
    """The files of the boards. Raises CommandError where none can be written."""
    one = where.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp")
    wanted = {**found, "looks": found["looks"][:1]} if one else found
    drawn = assistant.outfit_boards(wanted, photos, lang)
    paths = [where] if one else [where / f"look-{n}.png" for n in range(1, len(drawn) + 1)]
    try:
        paths[0].parent.mkdir(parents=True, exist_ok=True)
        for image, path in zip(drawn, paths, strict=True):
            image.save(path)
    except OSError as error:
        message = say("terminal", "errors.not_written", lang, path=where)
        raise door.CommandError("not_written", message) from error
    return paths
