"""The command line: every door of the house for engineers, and the way a shop is filled and served.

Results go to stdout (`--json`: one object a line), errors and progress to stderr. Exit codes: 0 fine, 1 domain error,
2 usage. Whatever is heavy is imported inside a command, so that `--help` answers at once.
"""

import os
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from prompts import say
from prompts.plain import for_terminal
from ui.commands import audit, database, door, keys, orders
from ui.options import Data, Engine, Format, Json, Lang, Language, Model, Suite, condition, spoken

app = typer.Typer(
    name="daogou",
    help="Daogou 导购 — a shopping guide that sees. Words and photos in, real products out; Chinese and English.",
    epilog="Example:  daogou demo && daogou serve",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


app.add_typer(orders.app, epilog="Example:  daogou orders import orders.csv")
app.add_typer(keys.app, epilog="Example:  daogou keys make --origin https://shop.example")
app.command(epilog="Example:  daogou audit --what cart. --days 7")(audit.audit)
app.add_typer(database.app, epilog="Example:  DAOGOU_DATABASE=postgresql://… daogou database move")


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Logs and tracebacks on stderr.")] = False,
) -> None:
    door.logs(verbose)
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"daogou {installed('daogou')}")
        raise typer.Exit


@app.command(
    epilog='Example:  daogou chat --lang zh   |   echo \'{"text": "red dress"}\' | daogou chat --json'
)
def chat(
    data: Data = None,
    model: Model = None,
    lang: Language = None,
    session: Annotated[
        str | None, typer.Option("--session", metavar="ID", help="Go on with a conversation.")
    ] = None,
    shopper: Annotated[
        str | None, typer.Option("--shopper", metavar="ID", help="Who talks: whose memory may be used.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Talk with the assistant: a message a line, `@photo.jpg` attaches a photo.

    With --json each line of stdin is {"text", "photos": [paths], "session", "shopper"} and each line of stdout one
    event; a turn is closed by {"type": "done"}.
    """
    from ui.commands import chat as talk

    if shopper is not None and not 0 < len(shopper) <= 200:
        raise typer.BadParameter("an id has 1 to 200 characters", param_hint="--shopper")
    with door.errors(as_json), door.shop(data, model, lang) as assistant:
        assistant.check_model()
        conversation = talk.Talk(assistant, session, lang.value if lang else "auto", shopper)
        if as_json:
            talk.as_json(conversation, sys.stdin)
        else:
            talk.as_text(conversation, None if sys.stdin.isatty() else sys.stdin)


@app.command(epilog="Example:  daogou look coat.jpg shoes.heic --json")
def look(
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO...")],
    data: Data = None,
    lang: Language = None,
    as_json: Json = False,
) -> None:
    """Say what is in each photo (of a folder: all in it): the garments with their category, colours, cut and box."""
    from ui.commands import looking

    with (
        door.errors(as_json),
        door.shop(data, empty_ok=True) as assistant,
        door.progress(_words("looking")) as report,
    ):
        fine = looking.look(assistant, door.photos(photos), spoken(lang), as_json, report)
    if not fine:
        raise typer.Exit(1)


@app.command(epilog='Example:  daogou ask coat.jpg "is it waterproof?"   |   daogou ask P0012 有没有M码')
def ask(
    target: Annotated[str, typer.Argument(metavar="PHOTO|PRODUCT_ID")],
    question: Annotated[str, typer.Argument()],
    data: Data = None,
    model: Model = None,
    lang: Language = None,
    as_json: Json = False,
) -> None:
    """Ask a question about a photo or a product: the answer, where it comes from, how sure it is."""
    is_file = Path(target).expanduser().is_file()
    with door.errors(as_json):
        if not is_file and door.like_a_photo(target):
            raise door.NoSuchFile(target)
    with door.errors(as_json), door.shop(data, model, lang, empty_ok=is_file) as assistant:
        if not is_file and not list(assistant.products([target])):
            raise door.CommandError("unknown_target", _words("errors.no_such_target", target=target))
        with door.waiting(_words("looking")):
            answer = assistant.ask(door.read(target) if is_file else target, question, spoken(lang, question))
        if as_json:
            door.emit(answer)
        else:
            typer.echo(f"{for_terminal(answer['answer'])}  [{answer['source']}, {answer['confidence']:.0%}]")


@app.command(
    epilog='Example:  daogou recolor coat.jpg "dark green" -o green.png   |   daogou recolor P0012 酒红色'
)
def recolor(
    target: Annotated[str, typer.Argument(metavar="PHOTO|PRODUCT_ID")],
    color: Annotated[
        str, typer.Argument(metavar="COLOR", help='A name, a code (#722f37), or "a bit darker".')
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="FILE", help="Where to write the picture: .png, .jpg or .webp."),
    ] = Path("recolored.png"),
    data: Data = None,
    lang: Language = None,
    as_json: Json = False,
) -> None:
    """Show a garment in another colour: its folds, shadows, pattern and trims stay. A preview, never stock."""
    from ui.commands import pictures

    is_file = Path(target).expanduser().is_file()
    with door.errors(as_json):
        if not is_file and door.like_a_photo(target):
            raise door.NoSuchFile(target)
    with door.errors(as_json), door.shop(data, None, lang, empty_ok=is_file) as assistant:
        pictures.recolor(assistant, target, color, out, spoken(lang, color), as_json)


@app.command(
    epilog="Example:  daogou scene DG0141 beach -o beach.png   |   daogou scene coat.jpg street_rain"
)
def scene(
    target: Annotated[str, typer.Argument(metavar="PHOTO|PRODUCT_ID")],
    scene: Annotated[
        str, typer.Argument(metavar="SCENE", help="beach, office, street_rain, dinner, home or mountain.")
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="FILE", help="Where to write the picture: .png, .jpg or .webp."),
    ] = Path("scene.png"),
    data: Data = None,
    lang: Language = None,
    as_json: Json = False,
) -> None:
    """Show a product, or what a photo shows, in a drawn place: cut out, in its light, with its shadow."""
    from ui.commands import pictures

    is_file = Path(target).expanduser().is_file()
    with door.errors(as_json):
        if not is_file and door.like_a_photo(target):
            raise door.NoSuchFile(target)
    with door.errors(as_json), door.shop(data, None, lang, empty_ok=is_file) as assistant:
        pictures.scene(assistant, target, scene, out, spoken(lang), as_json)


@app.command(epilog="Example:  daogou shopper anna   |   daogou shopper anna --forget")
def shopper(
    name: Annotated[str, typer.Argument(metavar="ID", help="As given to `daogou chat --shopper`.")],
    forget: Annotated[bool, typer.Option("--forget", help="Erase all that is kept of them.")] = False,
    data: Data = None,
    lang: Language = None,
    as_json: Json = False,
) -> None:
    """Show what is kept of a shopper who agreed to it, or erase it."""
    from ui.commands import shoppers

    if not 0 < len(name) <= 200:
        raise typer.BadParameter("an id has 1 to 200 characters", param_hint="ID")
    with door.errors(as_json), door.shop(data, empty_ok=True) as assistant:
        shoppers.shopper(assistant, name, forget, spoken(lang), as_json)


@app.command(
    epilog='Example:  echo \'{"session": "a", "text": "不要黑色的裙子, 300块以内"}\' | daogou understand'
)
def understand(data: Data = None, as_json: Json = False) -> None:
    """Say what the offline planner makes of each message, without acting on it.

    Each line of stdin is {"session", "text", "photos"?}; each line of stdout its intent, slots, references and the tool
    call it would make. A session's lines build on each other.
    """
    from ui.commands import chat as talk

    with door.errors(as_json=True), door.shop(data, empty_ok=True) as assistant:
        for number, line, _ in talk.lines(sys.stdin):
            try:
                if isinstance(line, ValueError):
                    raise line
                photos = [door.read(path) for path in line.photos]
                door.emit(assistant.understand(line.session or "default", line.text, photos))
            except Exception as exc:
                code, message = ("bad_line", str(exc)) if exc is line else door.named(exc)
                door.emit({"error": {"code": code, "message": message, "line": number}})


@app.command(
    epilog='Example:  daogou search "navy coat" --where \'{"price": {"max": 80}}\'   |   daogou search --photo coat.jpg'
)
def search(
    query: Annotated[str, typer.Argument()] = "",
    photo: Annotated[Path | None, typer.Option("--photo", metavar="P", help="Search with a photo.")] = None,
    k: Annotated[int, typer.Option("--k", min=1, max=100, help="How many products.")] = 6,
    where: Annotated[
        str | None, typer.Option("--where", metavar="JSON", help="Hard conditions, as slots.")
    ] = None,
    data: Data = None,
    lang: Language = None,
    as_json: Json = False,
) -> None:
    """Search the shop by words, by a photo, or by both: ranked products with score parts and reasons."""
    conditions = condition(where)
    if not query.strip() and not photo and not conditions:
        raise typer.BadParameter("give words, --photo or --where")
    with door.errors(as_json), door.shop(data) as assistant:
        picture = door.read(photo) if photo else None
        with door.waiting(_words("searching")):
            hits = assistant.search(query, photo=picture, where=conditions, k=k, lang=spoken(lang, query))
        if as_json:
            for hit in hits:
                door.emit(hit)
        else:
            from ui.commands import show

            if hits and hits[0]["relaxed"]:
                given_up = ", ".join(hits[0]["relaxed"])
                typer.echo(f"Nothing meets every condition; these are nearest, without: {given_up}", err=True)
            if hits:
                door.console().print(show.products(hits, spoken(lang, query), score=True))
            else:
                example = next(iter(assistant.searches(spoken(lang, query))), query)
                typer.echo(say("terminal", "no_hits", spoken(lang, query), example=example))


@app.command(
    epilog="Example:  daogou outfit P0012   |   daogou outfit --photo coat.jpg --photo jeans.jpg   |   "
    "daogou outfit --occasion interview --weather hot --budget 300 --gender women --size M --size shoes=38"
)
def outfit(
    products: Annotated[list[str] | None, typer.Argument(metavar="[PRODUCT_ID...]")] = None,
    photos: Annotated[
        list[Path] | None,
        typer.Option(
            "--photo", metavar="P", help="What the shopper owns; several: only what is missing is bought."
        ),
    ] = None,
    occasion: Annotated[
        list[str] | None,
        typer.Option("--occasion", metavar="O", help="work, wedding, beach, ...; repeatable."),
    ] = None,
    season: Annotated[str | None, typer.Option("--season", metavar="S")] = None,
    weather: Annotated[
        list[str] | None,
        typer.Option(
            "--weather", metavar="W", help="hot, warm, mild, cool, cold, snow, rain, wind; repeatable."
        ),
    ] = None,
    formality: Annotated[
        str | None,
        typer.Option(
            "--formality", metavar="F", help="sporty, casual, smart_casual, business, smart, formal."
        ),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option("--budget", min=0, help="Of all that is to be bought, in the shop's currency."),
    ] = None,
    gender: Annotated[str | None, typer.Option("--gender", metavar="G", help="women or men.")] = None,
    sizes: Annotated[
        list[str] | None, typer.Option("--size", metavar="[KIND=]SIZE", help="M, or shoes=38; repeatable.")
    ] = None,
    refused: Annotated[
        list[str] | None,
        typer.Option("--not", metavar="WORD", help="A colour, pattern, material, kind or slot; repeatable."),
    ] = None,
    where: Annotated[
        str | None, typer.Option("--where", metavar="JSON", help="Conditions every added piece must meet.")
    ] = None,
    board: Annotated[
        Path | None,
        typer.Option(
            "--board",
            metavar="DIR|FILE",
            help="Save each look as a picture in DIR, or the first as FILE (.png).",
        ),
    ] = None,
    data: Data = None,
    lang: Language = None,
    as_json: Json = False,
) -> None:
    """Put together whole looks that differ in idea, scored, with reasons: around products (a cart), around photos of
    what the shopper owns, or for an occasion.
    """
    from ui.commands import outfits

    asked = outfits.wishes(
        occasions=occasion,
        season=season,
        weather=weather,
        formality=formality,
        budget=budget,
        gender=gender,
        sizes=sizes,
        refused=refused,
        where=condition(where),
    )
    if not (products or photos or asked):
        raise typer.BadParameter("give a PRODUCT_ID, --photo or --occasion")
    if products and photos:
        raise typer.BadParameter("give PRODUCT_IDs or --photo")
    with door.errors(as_json), door.shop(data) as assistant:
        for one in products or ():
            if not list(assistant.products([one])):
                raise door.CommandError("unknown_product", _words("errors.unknown_product", id=one))
        outfits.outfit(assistant, products or [], photos or [], asked, spoken(lang), as_json, board)


@app.command(epilog="Example:  daogou products | head -3   |   daogou products P0001 P0002")
def products(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID...]")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Print the catalogue, or the products named, as JSON Lines."""
    with door.errors(as_json=True), door.shop(data) as assistant:
        missing = set(ids or ())
        for item in assistant.products(ids or None):
            missing.discard(item.id)
            door.emit(item.model_dump(mode="json", exclude_none=True))
        for one in ids or ():
            if one in missing:
                door.complain("unknown_product", _words("errors.unknown_product", id=one), as_json)
        if missing:
            raise typer.Exit(1)


@app.command(
    "import",
    epilog="Example:  daogou import products_export.csv --images photos.zip --dry-run   |   "
    "daogou import table.csv --map Artikel=title --map Preis=price --currency EUR",
)
def import_(
    feeds: Annotated[list[Path], typer.Argument(metavar="FEED...", help="A file, or a folder of pages.")],
    format_: Annotated[
        Format, typer.Option("--format", help="Format of the feed; auto tells it.")
    ] = Format.auto,
    images: Annotated[
        Path | None, typer.Option("--images", metavar="DIR|ZIP", help="Where the pictures lie.")
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD", help="What a column is; repeatable."),
    ] = None,
    currency: Annotated[
        str | None, typer.Option("--currency", metavar="CODE", help="Of prices that do not say theirs.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", metavar="NAME", help="Of the text, where it is told wrongly.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; change nothing.")] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Remove the products that the feeds no longer have.")
    ] = False,
    fetch: Annotated[
        bool, typer.Option("--fetch/--no-fetch", help="Fetch pictures from http(s) addresses.")
    ] = True,
    look: Annotated[
        bool, typer.Option("--look/--no-look", help="Let perception propose what the feed lacks.")
    ] = True,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for another import to end instead of refusing.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write the whole report as JSON.")
    ] = None,
    engine: Annotated[
        Engine, typer.Option("--engine", help="Who looks at the pictures: this process, or a Ray cluster.")
    ] = Engine.local,
    workers: Annotated[
        int, typer.Option("--workers", min=1, help="With --engine ray: how many look side by side.")
    ] = os.cpu_count() or 1,
    lang: Language = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Bring the shop's own products in: Google Merchant Center, Shopify, Agentic Commerce Protocol, schema.org pages,
    CSV or JSON Lines. A row that cannot be used is told with its line, the reason and what to do; the others go in. An
    import that was cut off is gone on with by doing it again. docs/feeds.md says what becomes of each field.
    """
    from ui.commands import importing

    mapping = importing.columns(columns or [])
    with door.errors(as_json):
        for feed in feeds:
            if not feed.exists():
                raise door.NoSuchFile(feed)
        if images is not None and not images.exists():
            raise door.NoSuchFile(images)
        with door.shop(data, empty_ok=True) as assistant:
            from agent.importing import Wish

            wish = Wish(
                format=format_.value,
                images=images,
                mapping=mapping,
                currency=currency,
                encoding=encoding,
                dry_run=dry_run,
                full=full,
                fetch=fetch,
                look=look,
                report=report,
                lang=spoken(lang),
                wait_s=24 * 3600.0 if wait else 0.0,
                workers=workers if engine is Engine.ray else 0,
            )
            if not importing.run(assistant, feeds, wish, as_json):
                raise typer.Exit(1)


@app.command(
    epilog="Example:  daogou tune   |   daogou tune --outfits looks.jsonl   |   daogou tune --status"
)
def tune(
    outfits: Annotated[
        Path | None,
        typer.Option(
            "--outfits",
            metavar="LOOKS",
            help='Learn what goes together instead, from looks or orders: a line each, {"items": ["P0012", …]}.',
        ),
    ] = None,
    orders: Annotated[
        Path | None,
        typer.Option(
            "--orders",
            metavar="FILE",
            help="Learn what is bought together instead, from orders: CSV (order, product) or JSON Lines.",
        ),
    ] = None,
    orders_back: Annotated[
        bool, typer.Option("--orders-back", help="Go back to recommending without orders.")
    ] = False,
    outfits_back: Annotated[
        bool, typer.Option("--outfits-back", help="Go back to looks by the rules alone.")
    ] = False,
    back: Annotated[
        bool, typer.Option("--back", help="Go back to the search as it was before any tuning.")
    ] = False,
    status: Annotated[bool, typer.Option("--status", help="Say what is in force; change nothing.")] = False,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Draws what is held out, and starts.")] = 0,
    data: Data = None,
    lang: Language = None,
    as_json: Json = False,
) -> None:
    """Learn from the shop's own products which words go with which pictures, or with --outfits from its own looks what
    goes together: minutes on a CPU, no model is changed. It is measured on what was held out, and kept only if better.
    """
    from ui.commands import tune as tuning
    from ui.commands import tune_looks, tune_orders

    given = (back, status, outfits_back, outfits is not None, orders_back, orders is not None)
    if sum(given) > 1:
        raise typer.BadParameter(
            "one of --back, --status, --outfits, --outfits-back, --orders and --orders-back"
        )
    empty_ok = back or status or outfits_back or orders_back
    with door.errors(as_json), door.shop(data, empty_ok=empty_ok) as assistant:
        if outfits is not None:
            tune_looks.tune(assistant, outfits, seed, spoken(lang), as_json)
        elif orders is not None:
            tune_orders.tune(assistant, orders, seed, spoken(lang), as_json)
        elif orders_back:
            tune_orders.back(assistant, spoken(lang), as_json)
        elif outfits_back:
            tune_looks.back(assistant, spoken(lang), as_json)
        elif back:
            tuning.back(assistant, spoken(lang), as_json)
        elif status:
            tuning.status(assistant, spoken(lang), as_json)
        else:
            tuning.tune(assistant, seed, spoken(lang), as_json)


@app.command(epilog="Example:  daogou demo --data ./shop")
def demo(
    data: Data = None,
    if_empty: Annotated[
        bool, typer.Option("--if-empty", help="Do nothing where the shop has products.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Load the demo shop: our own products, drawn by our own code, with policies in both languages."""
    started = time.monotonic()
    with door.errors(as_json), door.shop(data, empty_ok=True) as assistant:
        folder = str(assistant.settings.data)
        if if_empty and assistant.count():
            count, loaded = assistant.count(), False
        else:
            with door.progress(_words("loading_demo")) as report:
                count, loaded = assistant.load_demo(progress=report), True
        took = time.monotonic() - started
        if as_json:
            door.emit({"products": count, "loaded": loaded, "data": folder, "seconds": round(took, 1)})
        elif loaded:
            typer.echo(
                f"{count} products in {folder} ({took:.0f} s). Ask it something: daogou chat --data {folder}"
            )


@app.command(epilog="Example:  daogou mcp --data ./shop --photos ~/Pictures")
def mcp(
    data: Data = None,
    lang: Language = None,
    photos: Annotated[
        list[Path] | None,
        typer.Option(
            "--photos",
            metavar="DIR",
            help="A folder from which photos may be read by their path; repeatable. None without it.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    shopper: Annotated[str | None, typer.Option("--shopper", metavar="ID", help="Whose carts.")] = None,
) -> None:
    """Be an MCP server on stdin and stdout: the shop as tools of an assistant on this machine (docs/mcp.md)."""
    import anyio

    with door.errors(False), door.shop(data, empty_ok=True) as assistant:
        from ui.api.mcp.door import speak

        anyio.run(speak, assistant, spoken(lang), tuple(photos or ()), shopper)


@app.command(epilog="Example:  daogou serve --port 8080 --data ./shop")
def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "localhost",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")] = 8501,
    data: Data = None,
    model: Model = None,
    lang: Language = None,
    as_json: Json = False,
) -> None:
    """Serve the browser chat."""
    with door.errors(as_json):
        settings = door.settings(data, model, lang)
        if settings.shops:
            door.check(settings)
        else:
            with door.shop(data, model, lang) as assistant:
                assistant.check_model()
        # The page runs in this process and reads its settings as every other door does.
        os.environ.update(
            DAOGOU_DATA=str(settings.data), DAOGOU_MODEL=settings.model, DAOGOU_LANGUAGE=settings.language
        )
        from ui import server

        def say_url(url: str) -> None:
            if as_json:
                door.emit({"url": url, "data": str(settings.data), "model": settings.model})
            else:
                typer.echo(f"Daogou is at {url}  (Ctrl-C stops it)")

        server.serve(host, port, settings.data, say_url=say_url)


@app.command(epilog="Example:  daogou test tests/dialogs --runs 4 --report report.html")
def test(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...")],
    model: Annotated[
        str | None, typer.Option("--model", metavar="MODEL", help="Instead of the scripts' own.")
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Keep what the model replies beside the scripts.")
    ] = False,
    runs: Annotated[
        int | None, typer.Option("--runs", min=1, max=100, metavar="N", help="Instead of the scripts' own.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Draws wordings and orders.")] = 0,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="T", help="Only scripts with this tag; repeatable.")
    ] = None,
    lang: Annotated[Lang, typer.Option("--lang", help="Run the scripts in one language only.")] = Lang.auto,
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write a JUnit report.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write a report: .md, .html or .json.")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Run dialog scripts and say which of them hold. Without --data they get a demo shop of their own, kept in your
    cache folder. Exit code 1: a gate did not hold; 2: a script cannot be used.
    """
    from ui.commands import dialogs

    if record and not model:
        raise typer.BadParameter("say which model to record: --model PROVIDER:MODEL", param_hint="--record")
    if report and report.suffix not in (".md", ".html", ".htm", ".json"):
        raise typer.BadParameter("a report is .md, .html or .json", param_hint="--report")
    wish = dialogs.Wish(
        paths=paths,
        data=data,
        model=model,
        langs=("zh", "en") if lang is Lang.auto else (lang.value,),
        runs=runs,
        seed=seed,
        tags=tag or (),
        record=record,
    )
    with door.errors(as_json):
        results = dialogs.run(wish, as_json=as_json)
        if junit:
            junit.write_text(dialogs.to_junit(results), encoding="utf-8")
        if report:
            dialogs.write(results, report)
        if code := dialogs.exit_code(results):
            raise typer.Exit(code)


@app.command(
    "eval",
    epilog="Example:  daogou eval look photos/ --out report/   |   daogou eval caption captions.jsonl --json",
)
def eval_(
    suite: Annotated[Suite, typer.Argument()],
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH...]", help="The labelled folder, file of captions or dialog scripts."),
    ] = None,
    photos: Annotated[
        Path | None,
        typer.Option("--photos", metavar="DIR", help="The labelled folder.", exists=True, file_okay=False),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Photos a category, questions of a kind, shoppers.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where pictures and answers go.", file_okay=False),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Chooses the questions of ask, and the shoppers.")] = 0,
    lang: Annotated[Lang, typer.Option("--lang", help="Ask or caption in one language only.")] = Lang.auto,
    part: Annotated[
        str,
        typer.Option(
            "--part",
            help="Only the graded queries of this part of the file, e.g. held; of outfit, disjoint or nondisjoint.",
        ),
    ] = "",
    relevant: Annotated[
        int, typer.Option("--relevant", min=1, help="The grade from which a product counts as found.")
    ] = 2,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Measure: look and ask (what is seen and answered, against labels), caption (against people's), search (a file of
    graded queries, or the same category found by photo), photos (how like a photo what is found by it is, beside raw
    pixels), outfit (looks told from chance: of a folder in the Polyvore Outfits format, or without one of the demo
    shop), recommend (what shoppers chose, foreseen: of a file of histories, or without one of simulated shoppers),
    dialogs (scripts that hold). docs/evaluation.md says how to label photos and grade queries of your own.
    """
    if suite is Suite.dialogs:
        from ui.commands import dialogs

        with door.errors(as_json):
            wish = dialogs.Wish(paths or [Path("tests/dialogs")], data=data)
            _figures(dialogs.figures(dialogs.run(wish, quiet=True)), as_json)
        return
    given = [photos] if photos else paths or []
    if suite is Suite.outfit and len(given) <= 1:
        from ui.commands import eval_outfit

        with door.errors(as_json):
            told = eval_outfit.measure(data, given[0] if given else None, part, limit, seed)
            if as_json:
                door.emit(told)
            else:
                door.tell(eval_outfit.text(told))
        return
    if suite is Suite.recommend and len(given) <= 1:
        from ui.commands import eval_recommend
        from ui.evals.histories import table as told_recommended

        with door.errors(as_json), door.shop(data) as assistant:
            with door.progress(_words("measuring")) as report:
                file = next(iter(given), None)
                foreseen = eval_recommend.recommend(assistant, file, limit, seed, report, out)
            if as_json:
                door.emit(foreseen)
            else:
                typer.echo(told_recommended(foreseen))
        return
    if len(given) != 1:
        raise typer.BadParameter("give one labelled folder", param_hint="PATH")
    place = given[0]
    from ui.commands import evals

    langs = ("zh", "en") if lang is Lang.auto else (lang.value,)
    with door.errors(as_json):
        if suite is Suite.caption and place.is_file():
            _figures(evals.caption(place), as_json)
            return
        if suite is Suite.search and place.is_file():
            with door.shop(data) as assistant, door.progress(_words("measuring")) as report:
                graded = evals.search_graded(assistant, place, part, report, relevant)
            if as_json:
                door.emit(graded)
            else:
                from ui.evals.ranking import table

                typer.echo(table(graded))
            return
        if not place.is_dir():
            raise door.CommandError("no_such_folder", _words("errors.no_such_folder", path=place))
        if suite is Suite.photos:
            with door.shop(data) as assistant, door.progress(_words("measuring")) as report:
                alike = evals.photos(assistant, place, limit, report)
            if as_json:
                door.emit(alike)
            else:
                from ui.evals.alike import table as told_alike

                typer.echo(told_alike(alike))
            return
        with door.shop(data, empty_ok=suite is not Suite.search) as assistant:
            with door.progress(_words("measuring")) as report:
                if suite is Suite.look:
                    found = [evals.look(assistant, place, limit, report, out)]
                elif suite is Suite.ask:
                    found = [evals.ask(assistant, place, limit, report, out, seed, langs)]
                elif suite is Suite.caption:
                    found = list(evals.caption_photos(assistant, place, limit, report, langs))
                else:
                    found = [evals.search(assistant, place, limit, report)]
            for figures in found:
                _figures(figures, as_json)


def _figures(values: dict[str, Any], as_json: bool) -> None:
    if as_json:
        door.emit(values)
    else:
        from ui.commands import figures

        typer.echo(figures.text(values))


def _words(key: str, **values: object) -> str:
    return say("terminal", key, "en", **values)


if __name__ == "__main__":
    app()
