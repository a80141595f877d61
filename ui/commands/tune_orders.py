"""`daogou tune --orders`: let the shop's orders teach what is bought together; go back; say what is in force."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from prompts import say
from ui.commands import door

if TYPE_CHECKING:
    from agent.assistant import Assistant

TOLD = 5  # rows that were left out, on a screen


def tune(assistant: "Assistant", path: Path, seed: int, lang: str, as_json: bool) -> None:
    """Learn, measure, keep if better; the figures on stdout."""
    with door.progress(_said("reading", lang)) as report:
        found = assistant.tune_orders(
            path.expanduser(), seed, lambda done, of, step: report(done, of, _said(step, lang))
        )
    if as_json:
        door.emit(found)
        return
    counted = ("orders", "rows", "several", "held_out", "unusable", "unknown")
    door.tell(_said("used", lang, **{name: found[name] for name in counted}))
    for row in found["left_out"][:TOLD]:
        door.tell(_said("row", lang, line=row["line"], reason=_said(f"rows.{row['reason']}", lang)))
    low, high = found["gain"]["interval"]
    told = {
        **{name: found[name] for name in ("hit_rate", "best_sellers", "k")},
        "mean": found["gain"]["mean"],
    }
    door.tell(_said("kept" if found["kept"] else "not_kept", lang, **told, low=low, high=high))
    if found["kept"]:
        door.tell(_said("go_back", lang))


def back(assistant: "Assistant", lang: str, as_json: bool) -> None:
    """Recommend without orders again."""
    went = assistant.untune_orders()
    if as_json:
        door.emit({"tuned": False, "went_back": went})
    else:
        typer.echo(_said("back" if went else "nothing_to_go_back", lang))


def status(assistant: "Assistant", lang: str) -> None:
    """Say what is in force."""
    found = assistant.orders_tuning()
    if found["tuned"]:
        typer.echo(_said("in_force", lang, orders=found["orders"], made=found["made"]))
    else:
        typer.echo(_said("nothing_to_go_back", lang))


def _said(key: str, lang: str, **values: object) -> str:
    return say("tuning", f"orders.{key}", lang, **values)
