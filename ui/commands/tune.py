"""`daogou tune`: let the shop's products teach which words go with which pictures; go back; say what is in force."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from prompts import say
from ui.commands import door, tune_looks, tune_orders

if TYPE_CHECKING:
    from rich.table import Table

    from agent.assistant import Assistant

MEASURES = ("recall_at_1", "recall_at_5", "recall_at_10", "mrr")


def tune(assistant: "Assistant", seed: int, lang: str, as_json: bool) -> None:
    """Learn, measure, keep if better; the figures on stdout."""
    with door.progress(_said("progress.looking", lang)) as report:
        found = assistant.tune(seed, _named(report, lang))
    if as_json:
        door.emit(found)
        return
    typer.echo(
        _said("used", lang, **{k: found[k] for k in ("used", "products", "train", "stop", "held_out")})
    )
    door.console().print(_table(found, lang))
    typer.echo(_said("kept" if found["kept"] else "not_kept", lang, **_change(found)))
    if not found["kept"]:
        typer.echo(_said("not_kept_against" if found["better_than_untuned"] else "not_surely", lang))
    if found["kept"]:
        second = found["second_look"]
        if second["gain"]:
            mrr = second["gain"]["mrr"]
            told = {"gain": mrr["mean"], "low": mrr["low"], "high": mrr["high"]}
            typer.echo(_said("second_kept" if second["kept"] else "second_left", lang, **told))
        typer.echo(_said("go_back", lang))


def back(assistant: "Assistant", lang: str, as_json: bool) -> None:
    """Go back to the search as it was before any tuning."""
    went = assistant.untune()
    if as_json:
        door.emit({"tuned": False, "went_back": went})
    else:
        typer.echo(_said("back" if went else "nothing_to_go_back", lang))


def status(assistant: "Assistant", lang: str, as_json: bool) -> None:
    """Say what is in force, and how it did when it was kept; of the looks and the orders, too."""
    found = assistant.tuning()
    if as_json:
        door.emit({**found, "looks": assistant.looks_tuning(), "orders": assistant.orders_tuning()})
        return
    if not found["tuned"]:
        typer.echo(_said("nothing_to_go_back", lang))
    elif not found["usable"]:
        typer.echo(_said("unusable", lang, id=found.get("id", "?")))
    else:
        typer.echo(_said("in_force", lang, id=found["id"], used=found["used"], **_change(found)))
        door.console().print(_table(found, lang))
    tune_looks.status(assistant, lang)
    tune_orders.status(assistant, lang)


def _change(found: dict[str, Any]) -> dict[str, Any]:
    """What the sentences tell: the means before and after, and both gains with their intervals."""
    recall, mrr = found["gain"]["recall_at_10"], found["gain"]["mrr"]
    before, after = found["before"]["mean"]["recall_at_10"], found["after"]["mean"]["recall_at_10"]
    told = {
        "before": before,
        "after": after,
        "gain": recall["mean"],
        "low": recall["low"],
        "high": recall["high"],
    }
    return {**told, "mrr": mrr["mean"], "mrr_low": mrr["low"], "mrr_high": mrr["high"]}


def _table(found: dict[str, Any], lang: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column(_said("measure", lang))
    for column in MEASURES:
        table.add_column(column.replace("recall_at_", "R@").upper(), justify="right")
    for direction in found["before"]:
        name, _, spoken = direction.partition(".")
        told = _said(name, lang, title=spoken) if spoken else _said(name, lang)
        cells = [
            f"{found['before'][direction][m]:.3f} → {found['after'][direction][m]:.3f}" for m in MEASURES
        ]
        table.add_row(told, *cells)
    return table


def _named(report: Callable[[int, int, str], None], lang: str) -> Callable[[int, int, str], None]:
    return lambda done, total, step: report(done, total, _said(f"progress.{step}", lang))


def _said(key: str, lang: str, **values: object) -> str:
    return say("tuning", key, lang, **values)
