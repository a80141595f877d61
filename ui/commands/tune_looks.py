"""`daogou tune --outfits`: let the shop's own looks or orders teach what goes together; go back; say what is kept."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from prompts import say
from ui.commands import door

if TYPE_CHECKING:
    from rich.table import Table

    from agent.assistant import Assistant

TOLD = 5  # rows that were left out, on a screen


def tune(assistant: "Assistant", path: Path, seed: int, lang: str, as_json: bool) -> None:
    """Learn, measure, keep if better; the figures on stdout."""
    with door.progress(_said("progress.reading", lang)) as report:
        found = assistant.tune_looks(path.expanduser(), seed, _named(report, lang))
    if as_json:
        door.emit(found)
        return
    for sentence in _rows(found, lang):
        door.tell(sentence)
    door.tell(_said("used", lang, **{name: found[name] for name in (
        "looks", "rows", "repeated", "train", "stop", "held_out", "pieces", "pictured")}))  # fmt: skip
    if not found["asked"]:
        door.tell(_said("not_measured", lang))
        return
    door.console().print(_table(found, lang))
    door.tell(_said("kept" if found["kept"] else "not_kept", lang, **_change(found)))
    if found["kept"]:
        door.tell(_said("go_back", lang))
    else:
        door.tell(_said("not_kept_against" if found["better_than_rules"] else "not_surely", lang))


def back(assistant: "Assistant", lang: str, as_json: bool) -> None:
    """Go back to looks by the rules alone."""
    went = assistant.untune_looks()
    if as_json:
        door.emit({"tuned": False, "went_back": went})
    else:
        typer.echo(_said("back" if went else "nothing_to_go_back", lang))


def status(assistant: "Assistant", lang: str) -> None:
    """Say what is in force, and how it did when it was kept."""
    found = assistant.looks_tuning()
    if not found["tuned"]:
        typer.echo(_said("nothing_to_go_back", lang))
    elif not found["usable"] or "figures" not in found:
        typer.echo(_said("unusable", lang, id=found["id"]))
    else:
        before, after = (found["figures"][name]["fitb"]["mean"] for name in ("rules", "blend"))
        told = {"before": before, "after": after}
        typer.echo(_said("in_force", lang, **{k: found[k] for k in ("id", "looks", "weight")}, **told))
        door.console().print(_table(found, lang))


def _rows(found: dict[str, Any], lang: str) -> list[str]:
    """What became of rows that could not be used."""
    out, strange = found["left_out"], found["unknown_ids"]
    told = [_said("left_out", lang, count=len(out))] if out else []
    told += [
        _said("row", lang, line=row["line"], reason=_said(f"rows.{row['code']}", lang)) for row in out[:TOLD]
    ]
    told += [_said("more", lang, count=len(out) - TOLD)] if len(out) > TOLD else []
    if strange:
        value = door.one_line(strange[0]["id"])
        told.append(_said("unknown", lang, count=len(strange), line=strange[0]["line"], value=value))
    return told


def _change(found: dict[str, Any]) -> dict[str, Any]:
    """What the sentences tell: both gains with their intervals."""
    fitb, auc = found["gain"]["fitb"], found["gain"]["auc"]
    told = {"gain": fitb["mean"], "low": fitb["low"], "high": fitb["high"], "weight": found["weight"]}
    return {**told, "auc": auc["mean"], "auc_low": auc["low"], "auc_high": auc["high"]}


def _table(found: dict[str, Any], lang: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for measure in ("fitb", "auc"):
        table.add_column(_said(measure, lang), justify="right")
    for name, figures in found["figures"].items():
        cells = [figures[measure] for measure in ("fitb", "auc")]
        told = [f"{c['mean']:.3f} ({c['low']:.3f}–{c['high']:.3f})" for c in cells]
        table.add_row(_said(f"by.{name}", lang), *told)
    return table


def _named(report: Callable[[int, int, str], None], lang: str) -> Callable[[int, int, str], None]:
    return lambda done, total, step: report(done, total, _said(f"progress.{step}", lang))


def _said(key: str, lang: str, **values: object) -> str:
    return say("tuning", f"looks.{key}", lang, **values)
