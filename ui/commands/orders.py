"""`daogou orders`: what shoppers may ask for, brought in; and the returns that they asked for, taken out."""

import csv
import sys
from pathlib import Path
from typing import Annotated

import typer

from prompts import say
from prompts.plain import for_terminal
from ui.commands import door
from ui.options import Data, Json, Language, spoken

app = typer.Typer(
    name="orders",
    help="The shop's orders, for shoppers who ask for theirs; docs/orders.md.",
    no_args_is_help=True,
)
SHOWN = 20  # rows that are told of one by one
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@app.command("import", epilog="Example:  daogou orders import orders.csv")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or TSV with a header.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is in it, and keep nothing.")] = False,
    data: Data = None,
    lang: Language = None,
    as_json: Json = False,
) -> None:
    """Take in the shop's orders, in the place of those taken in before. A row that cannot be used is reported, and the
    others are kept."""
    with door.errors(as_json), door.shop(data, empty_ok=True) as assistant:
        told = assistant.import_orders(file, dry_run)
        if as_json:
            door.emit(told)
            return
        language = spoken(lang)
        for row in told["left_out"][:SHOWN]:
            reason = say("orders", f"rows.{row['reason']}", language, value=row["value"])
            typer.echo(
                for_terminal(say("terminal", "orders.row", language, line=row["line"], reason=reason)),
                err=True,
            )
        key = "orders.would_import" if dry_run else "orders.imported"
        door.tell(say("terminal", key, language, **{k: told[k] for k in ("orders", "rows", "unusable")}))


@app.command(epilog="Example:  daogou demo && daogou orders demo && daogou chat")
def demo(data: Data = None, lang: Language = None, as_json: Json = False) -> None:
    """Take in invented orders of the demo shop, as they stand today, to try things out with."""
    with door.errors(as_json), door.shop(data) as assistant:
        count = assistant.demo_orders()
        if as_json:
            door.emit({"orders": count})
        else:
            door.tell(say("terminal", "orders.demo", spoken(lang), orders=count))


@app.command(epilog="Example:  daogou orders returns --csv > returns.csv")
def returns(
    as_csv: Annotated[bool, typer.Option("--csv", help="As a table for a spreadsheet.")] = False,
    data: Data = None,
    lang: Language = None,
    as_json: Json = False,
) -> None:
    """Print the returns that shoppers asked for in the chat, the oldest first."""
    with door.errors(as_json), door.shop(data, empty_ok=True) as assistant:
        found = assistant.returns()
        if as_csv:
            table = csv.writer(sys.stdout)
            table.writerow(["return", "order", "lines", "reason", "words", "at"])
            for one in found:
                lines = " ".join(map(str, one["lines"]))
                table.writerow(
                    [
                        _inert(str(c))
                        for c in (one["id"], one["order"], lines, one["reason"], one["words"], one["at"])
                    ]
                )
        elif as_json:
            for one in found:
                door.emit(one)
        elif not found:
            door.tell(say("terminal", "orders.no_returns", spoken(lang)))
        else:
            for one in found:
                reason = say("orders", f"reasons.{one['reason']}", spoken(lang))
                values = {**one, "lines": ", ".join(map(str, one["lines"])), "reason": reason}
                door.tell(for_terminal(say("terminal", "orders.returned", spoken(lang), **values)))


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
