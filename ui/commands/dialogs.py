"""`daogou test`: dialog scripts run, shown as a table, and written as JUnit for a build server."""

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from prompts import say
from ui.commands import door
from ui.dialogs import runner
from ui.dialogs.runner import Result
from ui.dialogs.script import LANGS, collect


def run(
    paths: list[Path],
    data: Path | None = None,
    model: str | None = None,
    langs: Sequence[str] = LANGS,
    as_json: bool = False,
    quiet: bool = False,
) -> list[Result]:
    """Run every script in every language it has and every run it asks for. Raises ScriptError, CommandError."""
    scripts = collect(paths)
    work = [
        (s, lang, n) for s in scripts for lang in s.langs() if lang in langs for n in range(1, s.runs.n + 1)
    ]
    if not work:
        raise door.CommandError("no_scripts", say("terminal", "errors.no_scripts", "en"))
    results: list[Result] = []
    with (
        door.progress(say("terminal", "running_dialogs", "en")) as report,
        runner.shops(data.expanduser().resolve() if data else None, model, report) as shops,
    ):
        for script, lang, number in work:
            results.append(runner.run(script, lang, shops, number))
            report(len(results), len(work), script.id)
            if as_json:
                door.emit(to_json(results[-1]))
    if not as_json and not quiet:
        table(results)
    return results


def to_json(result: Result) -> dict[str, Any]:
    """A run as an object."""
    return {
        "id": result.script.id,
        "lang": result.lang,
        "run": result.run,
        "passed": result.passed,
        "seconds": round(result.seconds, 2),
        "failures": result.why(),
        "turns": [
            {
                "turn": t.number,
                "text": t.text,
                "reply": t.reply,
                "ms": round(t.ms, 1),
                "failures": [{"gate": f.gate, "message": f.message} for f in t.failures],
            }
            for t in result.turns
        ],
    }


def table(results: list[Result]) -> None:
    """A line a run, then what went wrong, then the sum."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    out = door.console()
    made = Table("", "script", "turns", "slowest", "why it is there", box=box.SIMPLE_HEAD, header_style="dim")
    for result in results:
        slowest = max((t.ms for t in result.turns), default=0.0)
        made.add_row(
            "[green]pass[/]" if result.passed else "[red]FAIL[/]",
            escape(result.name),
            str(len(result.turns)),
            f"{slowest:.0f} ms",
            escape(result.script.why),
        )
    out.print(made)
    for result in results:
        for reason in result.why():
            out.print(f"[red]{escape(result.name)}[/] {escape(reason)}", soft_wrap=True)
    failed = sum(not result.passed for result in results)
    out.print(f"{len(results) - failed} passed, {failed} failed in {sum(r.seconds for r in results):.1f} s")


def to_junit(results: list[Result]) -> str:
    """The runs as JUnit XML."""
    failed = sum(not result.passed for result in results)
    total = f"{sum(r.seconds for r in results):.3f}"
    numbers = {"tests": str(len(results)), "failures": str(failed), "errors": "0", "time": total}
    root = ElementTree.Element("testsuites", numbers)
    suite = ElementTree.SubElement(root, "testsuite", {"name": "dialogs", **numbers})
    for result in results:
        attributes = {"classname": result.script.id, "name": result.name, "time": f"{result.seconds:.3f}"}
        case = ElementTree.SubElement(suite, "testcase", attributes)
        if not result.passed:
            reasons = result.why()
            failure = ElementTree.SubElement(case, "failure", {"message": _clean(reasons[0])})
            failure.text = _clean("\n".join([result.script.why, *reasons]))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _clean(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(c for c in text if c in "\t\n" or c >= " ")


def figures(results: list[Result]) -> dict[str, Any]:
    """How many held, by gate where not, and how long a turn takes."""
    times = sorted(t.ms for r in results for t in r.turns)
    broken = [f.gate for r in results for t in r.turns for f in t.failures]
    return {
        "suite": "dialogs",
        "runs": len(results),
        "passed": sum(r.passed for r in results),
        "turns": len(times),
        "failed_gates": {gate: broken.count(gate) for gate in sorted(set(broken))},
        "median_ms": round(statistics.median(times), 1) if times else None,
        "p95_ms": round(times[int(0.95 * (len(times) - 1))], 1) if times else None,
    }
