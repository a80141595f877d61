"""`daogou keys`: make, list and revoke the keys by which pages and servers reach a shop over the network."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from prompts import say
from ui.commands import door
from ui.commands.door import CommandError
from ui.options import Data, Json, Language, spoken

if TYPE_CHECKING:
    from agent.access.keys import Key

app = typer.Typer(
    name="keys",
    help="Keys of the HTTP API: for pages (publishable) and for servers (secret).",
    no_args_is_help=True,
)
ShopName = Annotated[
    str, typer.Option("--shop", metavar="NAME", help="Of several shops (DAOGOU_SHOPS), which.")
]


@app.command(epilog='Example:  daogou keys make --origin https://shop.example --label "our pages"')
def make(
    origin: Annotated[
        list[str] | None,
        typer.Option(
            "--origin", metavar="URL", help="A publishable key, for pages of this origin; repeatable."
        ),
    ] = None,
    label: Annotated[str, typer.Option("--label", help="What it is for.")] = "",
    per_day: Annotated[
        int | None, typer.Option("--per-day", min=0, help="Messages that it may send in a day (UTC).")
    ] = None,
    shop: ShopName = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make a key and print it. Without --origin it is a secret one, which is shown this once."""
    from agent.access.shops import Shops

    with door.errors(as_json):
        shops = Shops(door.settings(data))
        shops.settings(shop)  # raises UnknownShop, BadShop
        kind: Literal["publishable", "secret"] = "publishable" if origin else "secret"
        try:
            key = shops.keys.make(kind, shop, label, origin or [], per_day)
        except ValueError as error:
            raise CommandError("bad_origin", str(error)) from error
        if as_json:
            door.emit(key.model_dump(mode="json"))
            return
        door.tell(str(key.token))
        typer.echo(say("terminal", f"keys.made_{kind}", "en", id=key.id), err=True)


@app.command("list")
def listed(data: Data = None, lang: Language = None, as_json: Json = False) -> None:
    """Print every key, those revoked too; of a secret one only its id."""
    from agent.access.shops import Shops
    from ui.commands import show

    with door.errors(as_json):
        keys = Shops(door.settings(data)).keys.all()
        if as_json:
            for key in keys:
                door.emit(key.model_dump(mode="json"))
        elif not keys:
            door.tell(say("terminal", "keys.none", spoken(lang)))
        else:
            table = show.table(spoken(lang), "id", "key", "shop", "label", "origins", "when")
            for key in keys:
                table.add_row(*map(escape, _row(key, spoken(lang))))
            table.columns[1].no_wrap = True  # a token is copied in one piece
            table.columns[1].min_width = max(len(_row(key, spoken(lang))[1]) for key in keys)
            door.console().print(table)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `daogou keys list` shows it.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Let a key open nothing any more."""
    from agent.access.shops import Shops

    with door.errors(as_json):
        if not Shops(door.settings(data)).keys.revoke(key_id):
            raise CommandError("no_such_key", say("terminal", "keys.no_such", "en", id=key_id[:40]))
        if as_json:
            door.emit({"revoked": key_id})
        else:
            door.tell(say("terminal", "keys.revoked", "en", id=key_id))


@app.command()
def vouching(shop: ShopName = "", data: Data = None, as_json: Json = False) -> None:
    """Print the secret by which the shop's own server proves who a shopper is."""
    from agent.access.shops import Shops

    with door.errors(as_json):
        shops = Shops(door.settings(data))
        shops.settings(shop)
        secret = shops.keys.vouching(shop)
        if as_json:
            door.emit({"shop": shop, "secret": secret})
        else:
            door.tell(secret)


def _row(key: "Key", lang: str) -> tuple[str, ...]:
    state = say("terminal", "keys.state_revoked", lang) if key.revoked else ""
    since = " ".join(filter(None, (key.made[:10], state)))
    return (key.id, key.token or key.kind, key.shop or "–", key.label, ", ".join(key.origins), since)


@app.command()
def chatwoot(shop: ShopName = "", data: Data = None, as_json: Json = False) -> None:
    """Print what stands behind the address of Chatwoot's webhook where Chatwoot signs nothing."""
    from agent.access.shops import Shops
    from agent.handoff.chatwoot import token_of

    with door.errors(as_json):
        token = token_of(Shops(door.settings(data)).settings(shop))
        if not token:
            raise CommandError("no_chatwoot", say("terminal", "keys.no_chatwoot", "en"))
        address = f"/api/v1/incoming/chatwoot{'/' + shop if shop else ''}?token={token}"
        if as_json:
            door.emit({"shop": shop, "address": address})
        else:
            door.tell(address)
