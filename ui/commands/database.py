"""`daogou database`: take what belongs to people out of a shop's files into PostgreSQL."""

import typer

from prompts import say
from ui.commands import door
from ui.options import Data, Json, Language, spoken

app = typer.Typer(
    name="database",
    help="The PostgreSQL of DAOGOU_DATABASE: conversations, carts, shoppers, keys.",
    no_args_is_help=True,
)


@app.callback()
def of_the_database() -> None:
    """The PostgreSQL of DAOGOU_DATABASE: conversations, carts, shoppers, keys."""


@app.command(epilog="Example:  DAOGOU_DATABASE=postgresql://… daogou database move")
def move(data: Data = None, lang: Language = None, as_json: Json = False) -> None:
    """Bring what the files of the shop (of DAOGOU_SHOPS: of every shop) hold to the server, while no worker runs. What
    broke off goes on when it is done again; what is there stays."""
    from agent import moving

    with door.errors(as_json):
        shown = spoken(lang)
        with door.progress(say("terminal", "database.moving", shown)) as report:
            done = moving.move(door.settings(data), report)
        if as_json:
            for one in done:
                door.emit({"shop": one.shop, "store": one.store, "found": one.found, "moved": one.fresh})
            return
        for one in done:
            shop = f"{one.shop} " if one.shop else ""
            values = {"shop": shop, "store": one.store, "found": one.found, "fresh": one.fresh}
            door.tell(say("terminal", "database.moved", shown, **values))
        door.tell(say("terminal", "database.kept" if done else "database.nothing", shown))
