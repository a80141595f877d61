"""`daogou test`: dialog scripts run and shown as a table; their reports are written by `ui.dialogs.report`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent import models
from agent.settings import Settings
from prompts import say
from ui.commands import door
from ui.dialogs import fixtures, report, runner
from ui.dialogs.draws import shuffled
from ui.dialogs.reading import collect
from ui.dialogs.recording import Tape
from ui.dialogs.report import exit_code, figures, to_html, to_json, to_junit, to_markdown
from ui.dialogs.runner import Result
from ui.dialogs.script import LANGS, Lang, Script

__all__ = ["Wish", "exit_code", "figures", "run", "to_junit", "write"]


@dataclass(frozen=True)
class Wish:
    """What to run. `runs`: instead of what each script asks for; `record`: keep what `model` replies; `tags`: only
    scripts with one of these."""

    paths: list[Path]
    data: Path | None = None
    model: str | None = None
    langs: Sequence[str] = LANGS
    runs: int | None = None
    seed: int = 0
    tags: Sequence[str] = ()
    record: bool = False


def run(wish: Wish, as_json: bool = False, quiet: bool = False) -> list[Result]:
    """Run every script in every language it has and every run it asks for. Raises ScriptError, CommandError, and
    BadModel for a local model that cannot be used."""
    work = _work(wish)
    if wish.model and models.is_local(wish.model):
        models.check(Settings(model=wish.model))  # rather than in every turn
    tape = Tape(record=wish.model if wish.record else None, seed=wish.seed, runs=wish.runs)
    results: list[Result] = []
    folder = wish.data.expanduser().resolve() if wish.data else None
    with (
        door.progress(say("terminal", "running_dialogs", "en")) as told,
        fixtures.shops(folder, wish.model, told, tape, wish.seed) as shops,
    ):
        for script, lang, number, of in work:
            results.append(runner.run(script, lang, shops, number, of))
            told(len(results), len(work), script.id)
            if as_json:
                door.emit(to_json(results[-1]))
    for path in tape.save():
        door.tell(say("terminal", "recorded_dialog", "en", path=path)) if not as_json else None
    results.sort(key=lambda r: (r.script.path, r.lang, r.run))
    if as_json:
        door.emit(figures(results))
    elif not quiet:
        table(results)
    return results


def _work(wish: Wish) -> list[tuple[Script, Lang, int, int]]:
    """(script, language, number of the run, how many): a round of all scripts after another, each in its own order."""
    scripts = [s for s in collect(wish.paths) if not wish.tags or set(wish.tags) & set(s.tags)]
    work: list[tuple[Script, Lang, int, int]] = []
    for number in range(1, 1 + max((wish.runs or s.runs.n for s in scripts), default=0)):
        here = [
            (s, lang, number, wish.runs or s.runs.n)
            for s in scripts
            for lang in s.langs()
            if lang in wish.langs and number <= (wish.runs or s.runs.n)
        ]
        work += shuffled(here, wish.seed, number)
    if not work:
        raise door.CommandError("no_scripts", say("terminal", "errors.no_scripts", "en"))
    return work


def write(results: list[Result], path: Path) -> None:
    """The report: Markdown, HTML or JSON, by the file's ending."""
    import json

    if path.suffix == ".json":
        whole: Any = {"figures": figures(results), "runs": [to_json(r) for r in results]}
        text = json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
    else:
        text = to_html(results) if path.suffix in (".html", ".htm") else to_markdown(results)
    path.write_text(text, encoding="utf-8", errors="backslashreplace")


def table(results: list[Result]) -> None:
    """A line for each script and language, then what went wrong, then the sum."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    out = door.console()
    made = Table(
        "", "script", "runs", "turns", "slowest", "why it is there", box=box.SIMPLE_HEAD, header_style="dim"
    )
    groups = report.grouped(results)
    for group in groups:
        slowest = max((t.ms for r in group.runs for t in r.turns), default=0.0)
        state = "[red]FAIL[/]" if not group.good else "[yellow]known[/]" if group.excuse else "[green]pass[/]"
        made.add_row(
            state,
            escape(group.name),
            f"{group.passes}/{len(group.runs)}",
            str(max(len(r.turns) for r in group.runs)),
            f"{slowest:.0f} ms",
            escape(group.runs[0].script.why),
        )
    out.print(made)
    for group in groups:
        if group.surprising:
            out.print(
                f"[red]{escape(group.name)}[/] {escape(say('terminal', 'passes_now', 'en', reason=group.excuse))}"
            )
        for result in group.runs if not group.good else ():
            for reason in result.why():
                out.print(f"[red]{escape(result.name)}[/] {escape(reason)}", soft_wrap=True)
    known = [r for g in groups if g.excuse and not g.surprising for r in g.runs if not r.passed]
    failed = sum(not r.passed for r in results) - len(known)
    sums = f"{sum(r.passed for r in results)} passed, {failed} failed"
    sums += f", {len(known)} known to fail" if known else ""
    out.print(f"{sums} in {sum(r.seconds for r in results):.1f} s")
    chances = figures(results)["pass^k"]
    if len(chances) > 1:
        out.print("  ".join(f"pass^{k} {value:.3f}" for k, value in chances.items()))
