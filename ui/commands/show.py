"""Results as a person reads them in a terminal: small tables, no JSON."""

from typing import TYPE_CHECKING, Any

from rich import markup

from agent.focus import counted
from prompts import load, say, taxonomy
from prompts.plain import for_terminal, plain
from ui.commands.door import console

if TYPE_CHECKING:
    from rich.table import Table

WIDE = 72  # columns of a terminal from which a product's row has room for its score and reasons


def table(lang: str, *columns: str) -> "Table":
    """An airy table whose heads are words of prompts/terminal.yaml."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for column in columns:
        made.add_column(
            say("terminal", f"columns.{column}", lang) if column else "",
            justify="right" if column in ("price", "score", "sure") else "left",
            no_wrap=column in ("id", "price", "score", "sure"),
            overflow="fold",  # Chinese has no spaces to break at: what is too long goes on below, never into "…"
        )
    return made


def escape(text: object) -> str:
    """Text from outside as rich's markup: neither its brackets nor its control characters do anything."""
    return markup.escape(for_terminal(str(text)))


def money(value: dict[str, Any] | None) -> str:
    """A price as a shopper reads it: the text a card carries, else amount and currency."""
    return "" if not value else escape(value.get("text") or f"{value['amount']} {value['currency']}")


def price(item: dict[str, Any], lang: str) -> str:
    """What is paid now, with the usual price below it where there is a sale."""
    if item.get("sale_price"):
        was = say("terminal", "chat.was", lang, price=money(item["price"]))
        return f"[red]{money(item['sale_price'])}[/]\n[dim]{was}[/]"
    return money(item["price"])


def sizes(item: dict[str, Any], lang: str) -> str:
    """The sizes that can be bought now."""
    if not item.get("in_stock", item.get("availability") == "in_stock"):
        return f"[dim]{say('terminal', 'chat.sold_out', lang)}[/]"
    return " ".join(escape(s["size"]) for s in item.get("sizes", []) if s.get("quantity") != 0)


def name(item: dict[str, Any], lang: str) -> str:
    """A product's name: a card carries it, a product has it in both languages."""
    title = item.get("title") or {}
    return escape(
        str(item.get("name") or title.get(lang) or title.get("en") or title.get("zh") or item["id"])
    )


def products(items: list[dict[str, Any]], lang: str, score: bool = False) -> "Table":
    """Products, numbered as the shopper will speak of them ("the second one"). Where a terminal is narrow, its room is
    for what they are and cost."""
    width = console().width
    wide = width >= WIDE
    more = [*(["score"] if score else []), "why"] if wide else []
    made = table(lang, "", "name", "price", "sizes", *more, "id")
    made.columns[2].no_wrap = wide
    made.columns[3].max_width = max(width // 7, 6)  # sizes read as well on two lines, a name does not
    if wide and lang == "zh":  # as with the sizes: it breaks anywhere
        made.columns[-2].max_width = width // 8
    for number, item in enumerate(items, 1):
        told = {"score": f"{item['score']:.2f}" if score else "", "why": escape(str(item.get("why") or ""))}
        made.add_row(
            str(number),
            name(item, lang),
            price(item, lang),
            sizes(item, lang),
            *(told[column] for column in more),
            f"[dim]{escape(item['id'])}[/]",
        )
    return made


def looked(path: object, look: dict[str, Any], lang: str) -> str:
    """A photo: its name, the caption, a row for each garment (as people count them), setting and lettering. Text, not
    printed: a progress bar may be on the screen, which has to make room first."""
    out = console()
    settings = load("tools")["values"]["setting"]
    whole = {
        "setting": settings[look["setting"]][lang] if look.get("setting") in settings else "",
        "text": look.get("text"),
    }
    with out.capture() as told:
        out.print(f"[bold]{escape(str(path))}[/]", soft_wrap=True)
        out.print(escape(str(look.get("caption") or "—")), soft_wrap=True)
        if look.get("garments"):
            out.print(garments(look["garments"], lang))
        for name, value in whole.items():
            if value:
                out.print(f"[dim]{say('tools', f'labels.{name}', lang)}[/] {escape(value)}")
    return told.get()


def garments(found: list[dict[str, Any]], lang: str) -> "Table":
    """The garments of a photo, with the box of each as percent of the photo's width and height."""
    made = table(lang, "", "garment", "sure", "colors", "more", "box")
    comma = "、" if lang == "zh" else ", "
    order = counted([garment["box"] for garment in found])
    for number, garment in enumerate((found[i] for i in order), 1):
        more = [
            taxonomy.word(a, garment[a], lang)
            for a in ("pattern", "sleeve", "neckline", "length", "material")
            if garment.get(a)
        ]
        sure = garment.get("confidence", {}).get("category")
        made.add_row(
            str(number),
            taxonomy.word("category", garment.get("kind") or garment["category"], lang),
            "" if sure is None else f"{min(sure, 0.99):.0%}",
            comma.join(taxonomy.word("color", c, lang) for c in garment.get("colors", [])),
            comma.join(more),
            " ".join(f"{100 * edge:.0f}" for edge in garment["box"]),
        )
    return made


class Screen:
    """Draws a turn's events as they come."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.out = console()
        self.status: Any = None
        self.speaking = False
        self.spoken = ""  # the end of it

    def say(self, text: str) -> None:
        """A line with rich's markup."""
        self.out.print(text)

    def event(self, event: dict[str, Any]) -> None:
        """Draw one event; a type that has no drawing of its own is carried by the reply's words."""
        if event["type"] != "token":
            self._end_speech()
        draw = getattr(self, f"_{event['type']}", None)
        if draw:
            draw(event)

    def suggestions(self, items: list[str]) -> None:
        """What the shopper may say next."""
        if items:
            words = " · ".join(escape(item) for item in items)
            self.out.print(f"[dim]{say('terminal', 'chat.try', self.lang)}: {words}[/]")

    def cart(self, cart: dict[str, Any], empty: bool = False) -> None:
        """The cart's lines and total."""
        if not cart["lines"]:
            if empty:
                self.out.print(say("terminal", "chat.cart_empty", self.lang))
            return
        made = table(self.lang, "name", "", "price", "id")
        for line in cart["lines"]:
            made.add_row(
                name(line, self.lang),
                f"{escape(' '.join(filter(None, (line.get('color'), line.get('size')))))} ×{line['quantity']}",
                money(line["price"]),
                escape(line["id"]),
            )
        self.out.print(f"[bold]{say('terminal', 'chat.cart', self.lang)}[/]")
        self.out.print(made)
        self.out.print(f"{say('terminal', 'chat.total', self.lang)}: [bold]{money(cart.get('total'))}[/]")

    def _end_speech(self) -> None:
        if self.speaking:
            self.out.print()
            self.speaking = False

    def _rest(self) -> None:
        if self.status:
            self.status.stop()
            self.status = None

    def _turn_started(self, event: dict[str, Any]) -> None:
        self.lang = event["language"]

    def _speaker(self, event: dict[str, Any]) -> None:
        self._rest()
        self.out.print(f"[dim]{escape(event['text'])}[/]")

    def _person(self, event: dict[str, Any]) -> None:
        self._rest()
        by = say("ui", "takeover.by", self.lang, name=event["name"])
        self.out.print(f"[bold]{escape(by)}:[/] {escape(event['text'])}")

    def _thinking(self, event: dict[str, Any]) -> None:
        if not self.out.is_terminal:
            return
        self._rest()
        self.status = self.out.status(f"[dim]{escape(event['label'])}[/]")
        self.status.start()

    def _looked(self, event: dict[str, Any]) -> None:
        self._rest()
        if not event["look"].get("garments") and not event["card"]:
            return  # that there is nothing to wear in it is for the reply to say
        seen = event["card"] or {"": event["look"].get("caption", "")}
        words = " · ".join(escape(f"{k} {v}".strip()) for k, v in seen.items())
        self.out.print(f"[dim]{say('terminal', 'chat.seen', self.lang)}:[/] {words}")

    def _token(self, event: dict[str, Any]) -> None:
        self._rest()
        # After a table a new line has begun already.
        piece = event["text"] if self.speaking else event["text"].lstrip()
        if piece:
            self.out.print(self._said(piece), end="", markup=False, soft_wrap=True)
            self.speaking = True

    def _said(self, piece: str) -> str:
        """A piece of the reply for the screen: a price in it stays behind a name that is written from right to left."""
        before, self.spoken = self.spoken, (self.spoken + plain(piece))[-80:]
        return for_terminal(before + piece).removeprefix(for_terminal(before))

    def _products(self, event: dict[str, Any]) -> None:
        self._rest()
        if event["items"]:
            self.out.print(products(event["items"], self.lang))

    def _outfit(self, event: dict[str, Any]) -> None:
        self._rest()
        for number, look in enumerate(event["looks"], 1):
            reasons = escape("; ".join(look.get("reasons", [])))
            title = say("terminal", "chat.look", self.lang, n=number)
            idea = f" · {escape(look['idea'])}" if look.get("idea") else ""
            self.out.print(f"[bold]{title}{idea}[/] {money(look['total'])} [dim]{reasons}[/]")
            if look.get("own"):
                self.out.print(f"[dim]+ {escape(', '.join(own['name'] for own in look['own']))}[/]")
            self.out.print(products(look["items"], self.lang))
        if event.get("problem"):
            self.out.print(escape(event["problem"]))

    def _comparison(self, event: dict[str, Any]) -> None:
        self._rest()
        made = table(self.lang, "")
        for item in event["items"]:
            made.add_column(f"[bold]{name(item, self.lang)}[/]")
        for row in event["rows"]:
            best = row.get("best") or []
            values = (
                f"[bold]{escape(v)}[/]" if i in best else escape(v) for i, v in enumerate(row["values"])
            )
            made.add_row(f"[dim]{escape(row['label'])}[/]", *values)
        self.out.print(made)
        if event.get("same"):
            self.out.print(f"[dim]{escape(event['same'])}[/]")

    def _cart(self, event: dict[str, Any]) -> None:
        self._rest()
        self.cart(event)

    def _policy(self, event: dict[str, Any]) -> None:
        self._rest()
        if event["passage"]:
            self.out.print(f"[dim]{escape(event['title'])} │ {escape(event['passage'])}[/]")

    def _order(self, event: dict[str, Any]) -> None:
        self._rest()
        for one in event["orders"]:
            made = table(self.lang, "", "name", "", "price", "id")
            for line in one["lines"]:
                made.add_row(
                    str(line["place"]),
                    name(line, self.lang),
                    f"{escape(line['size'] or '')} ×{line['quantity']}",
                    money(line["price"]),
                    escape(line["product"] or ""),
                )
            heading = say("orders", "card.heading", self.lang, number=one["number"])
            self.out.print(f"[bold]{escape(heading)}[/] · {escape(one['status_text'])}")
            self.out.print(made)

    def _memory(self, event: dict[str, Any]) -> None:
        self._rest()
        if event["action"] == "view" and event["notes"]:
            made = table(self.lang, "what", "remembered", "words")
            for note in event["notes"]:
                made.add_row(escape(note["label"]), escape(note["text"]), escape(note["words"]))
            self.out.print(made)

    def _suggestions(self, event: dict[str, Any]) -> None:
        self._rest()
        self.suggestions(event["items"])

    def _error(self, event: dict[str, Any]) -> None:
        self._rest()
        self.out.print(f"[red]{escape(event['message'])}[/]")

    def _done(self, event: dict[str, Any]) -> None:
        self._rest()
