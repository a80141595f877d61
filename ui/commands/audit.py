"""`daogou audit`: what changed a cart, what left to a person or another program, what was read and erased."""

import time
from datetime import datetime
from typing import Annotated

import typer

from ui.commands import door
from ui.commands.keys import ShopName
from ui.options import Data, Json

DAY_S = 24 * 3600.0


def audit(
    session: Annotated[str, typer.Option("--session", metavar="ID", help="Of one conversation.")] = "",
    what: Annotated[
        str, typer.Option("--what", metavar="KIND", help="Of one kind, or all that begin so (cart.).")
    ] = "",
    days: Annotated[float, typer.Option("--days", min=0, help="Of the last days.")] = 30.0,
    count: Annotated[int, typer.Option("--count", min=1, max=100_000, help="At most so many lines.")] = 200,
    shop: ShopName = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Print the audit log, the newest line last."""
    from agent.access.shops import Shops

    with door.errors(as_json):
        shops = Shops(door.settings(data))
        lines = shops.open(shop).audit.lines(time.time() - days * DAY_S, session, what, count)
        shops.close()
        for line in reversed(lines):
            at = datetime.fromtimestamp(line.at).astimezone().isoformat(timespec="seconds")
            if as_json:
                door.emit({"at": at, "what": line.what, "who": line.who, "session": line.session,
                           "about": line.about, "detail": line.detail})  # fmt: skip
            else:
                door.tell(
                    f"{at}  {line.what:<20}{line.who:<16}{line.session}  {line.about}  {line.detail}".rstrip()
                )
