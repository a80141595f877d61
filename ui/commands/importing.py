"""`daogou import`: feeds in, with a bar that tells the rate and the time left, and a report that says what to do."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from prompts import say
from ui.commands import door

if TYPE_CHECKING:
    from agent.assistant import Assistant
    from agent.importing import Wish

SHOWN = 20  # problems of a feed on the screen
COUNTS = ("new", "changed", "unchanged", "removed", "refused", "warned")


def columns(pairs: list[str]) -> dict[str, str]:
    """`--map column=field` as a map. Raises typer.BadParameter (exit code 2)."""
    found = {}
    for pair in pairs:
        column, equals, name = pair.rpartition("=")
        if not equals or not column.strip() or not name.strip():
            raise typer.BadParameter(f"{pair!r} is not COLUMN=FIELD", param_hint="--map")
        found[column.strip()] = name.strip()
    return found


def run(assistant: "Assistant", feeds: list[Path], wish: "Wish", as_json: bool) -> bool:
    """Import, show what came of each feed; False where one of them has no product that can be used."""
    with moving(wish.lang) as progress:
        results = assistant.import_feeds(feeds, wish, progress)
    for result in results:
        for problem in result["errors"][:SHOWN] + result["warnings"][:SHOWN]:
            typer.echo(door.one_line(f"daogou: {line(result, problem)}"), err=True)
        hidden = sum(max(0, result[n] - SHOWN) for n in ("refused", "warned"))
        if hidden:
            typer.echo(say("feeds", "summary.more", wish.lang, count=hidden), err=True)
        if as_json:
            door.emit(result)
        else:
            show(result, wish.lang)
    if not wish.dry_run:
        _policies(assistant, wish.lang)
    return all(result["usable"] for result in results)


def _policies(assistant: "Assistant", lang: str) -> None:
    """Say where the shop's rules are to be written, once, and what keeps those that are there from being read."""
    try:
        path = assistant.begin_policies()
    except OSError as error:
        told = say("terminal", "policies.not_written", lang, reason=error)
    except Exception as error:
        if getattr(error, "code", "") != "bad_policies":
            raise
        told = say("terminal", "policies.bad", lang, reason=error)
    else:
        told = say("terminal", "policies.begun", lang, path=path) if path else ""
    if told:
        typer.echo(door.one_line(f"daogou: {told}"), err=True)


def line(result: dict[str, Any], problem: dict[str, Any]) -> str:
    """A problem on one line: where, which product, why, what to do."""
    page = f"/{problem['page']}" if problem.get("page") else ""
    place = f"{result['feed']}{page}:{problem['line']}" if problem["line"] else f"{result['feed']}{page}"
    named = f" {problem['id']}:" if problem["id"] else ""
    return f"{place}:{named} {problem['message']} — {problem['fix']}"


def show(result: dict[str, Any], lang: str) -> None:
    """The counts of a feed, as a table."""
    from rich.markup import escape
    from rich.table import Table

    names = {"feed": Path(result["feed"]).name, "format": result["format"], "encoding": result["encoding"]}
    table = Table(
        title=escape(say("feeds", "summary.title", lang, **names)), title_justify="left", show_header=True
    )
    counted = ["read", *COUNTS]
    for name in counted:
        table.add_column(
            say("feeds", f"summary.{'warnings' if name == 'warned' else name}", lang), justify="right"
        )
    table.add_row(*(str(result[name]) for name in counted))
    out = door.console()
    if result["resumed"]:
        out.print(say("feeds", "resumed", lang, count=result["unchanged"]))
    out.print(table)
    if result["dry_run"]:
        out.print(say("feeds", "summary.dry", lang))
    else:
        took = {"seconds": f"{result['seconds']:.1f}", "rate": f"{result['per_second']:.0f}"}
        out.print(say("feeds", "summary.took", lang, **took))


@contextmanager
def moving(lang: str) -> Iterator[Any]:
    """A callback `(done, of, phase)`, shown on stderr with the rate and the time left: a bar on a terminal, else a line
    every two seconds. Phases: reading (bytes), looking (pictures),
    importing (products)."""
    from rich.progress import (
        BarColumn,
        Progress,
        ProgressColumn,
        Task,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            if task.fields.get("bytes"):
                return Text(f"{task.percentage:.0f} %")
            rate = say("feeds", "rate", lang, rate=f"{task.speed or 0:.0f}")
            return Text(f"{task.completed:.0f}/{task.total or 0:.0f}  {rate}")

    if not sys.stderr.isatty():
        yield _lines(lang)
        return
    shown = (TextColumn("{task.description}"), BarColumn(), Rate(), TimeRemainingColumn())
    with Progress(
        *shown, console=door.console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty()
    ) as bar:
        tasks: dict[str, TaskID] = {}

        def move(done: int, of: int, phase: str) -> None:
            if phase not in tasks or bar.tasks[-1].fields.get("phase") != phase:
                for task in tasks.values():
                    bar.update(task, visible=False)
                label = _label(phase, lang)
                tasks[phase] = bar.add_task(label, total=of or None, bytes=phase == "reading", phase=phase)
            bar.update(tasks[phase], completed=done, total=of or None)

        yield move


def _lines(lang: str) -> Any:
    began = said = time.monotonic()
    before, start = "", 0

    def move(done: int, of: int, phase: str) -> None:
        nonlocal began, said, before, start
        now = time.monotonic()
        if phase != before or done < start:
            began, before, start = now, phase, done
        if now - said < 2 or done >= of or done == start:
            return
        said = now
        rate = (done - start) / max(now - began, 0.001)
        left = say("feeds", "left", lang, time=_clock((of - done) / rate)) if rate else ""
        if phase == "reading":
            typer.echo(f"{_label(phase, lang)}: {100 * done / max(of, 1):.0f} %, {left}", err=True)
        else:
            speed = say("feeds", "rate", lang, rate=f"{rate:.0f}")
            typer.echo(f"{_label(phase, lang)}: {done}/{of}, {speed}, {left}", err=True)

    return move


def _label(phase: str, lang: str) -> str:
    return say("feeds", phase, lang)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
