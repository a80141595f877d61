"""What a conversation's tools returned, gathered once before each reply: the only ground that a reply can stand on."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from agent.grounding.records import Record, amount, decimal, strings
from agent.grounding.words import read
from agent.planner.lexicon import Lexicon
from agent.planner.tagging import size_name, tag

_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?")
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s)\]>\"'“”，。]+|[\w.+-]+@[\w-]+\.[\w.]+|\+?\d[\d ()-]{6,}\d", re.IGNORECASE
)
_TOGETHER = 8  # prices of that many products are also known in pairs: their sums and differences


@dataclass(frozen=True)
class Done:
    """A tool call of this turn that went well."""

    tool: str
    args: Mapping[str, Any]
    artifact: Mapping[str, Any]


@dataclass(frozen=True)
class Facts:
    """See the module. `lists`: ids of every list shown, oldest first; `turn`: those of this turn; `subject`: the
    products that the sentence before was about (see `heard`)."""

    records: Mapping[str, Record]
    lists: tuple[tuple[str, ...], ...] = ()
    turn: tuple[tuple[str, ...], ...] = ()
    photos: tuple[str, ...] = ()
    amounts: frozenset[Decimal] = frozenset()
    pairs: frozenset[Decimal] = frozenset()
    numbers: frozenset[Decimal] = frozenset()
    said: str = ""
    said_numbers: frozenset[Decimal] = frozenset()
    counts: frozenset[int] = frozenset()
    turn_counts: frozenset[int] = frozenset()
    left: frozenset[int] = frozenset()  # what the cart says is left of a product
    discounts: frozenset[int] = frozenset()
    policies: tuple[str, ...] = ()
    policy_amounts: frozenset[Decimal] = frozenset()
    links: frozenset[str] = frozenset()
    cart: tuple[Mapping[str, Any], ...] | None = None
    done: tuple[Done, ...] = ()
    lowest: frozenset[str] = frozenset()  # first of a search by price, of all that the shop has of it
    figures: frozenset[tuple[Decimal, str]] = frozenset()  # numbers with their units
    cart_total: Decimal | None = None
    line_totals: frozenset[Decimal] = frozenset()
    size: str = ""  # the shopper's own, as last said
    texts: str = ""  # everything that the tools put into words
    previews: frozenset[str] = frozenset()  # colours that a preview was shown in
    ideas: frozenset[str] = frozenset()  # what the looks are called
    own: frozenset[str] = frozenset()  # what of the shopper's own they use: "your red dress"
    look_totals: frozenset[Decimal] = frozenset()
    notes: frozenset[str] = (
        frozenset()
    )  # labels and texts of what this turn kept, erased or read of the memory
    lexicon: Lexicon = field(default_factory=Lexicon, compare=False)
    subject: tuple[str, ...] = ()

    @property
    def names(self) -> dict[str, set[str]]:
        """Every name → the ids of the products that bear it."""
        found: dict[str, set[str]] = {}
        for record in self.records.values():
            for name in record.names:
                found.setdefault(name, set()).add(record.id)
        return found

    @property
    def shown(self) -> tuple[str, ...]:
        """Products that an unnamed "they" can be: those of this turn, else of the newest list."""
        lists = self.turn or self.lists[-1:]
        return tuple(dict.fromkeys(i for one in lists for i in one))

    @property
    def everything(self) -> tuple[str, ...]:
        """Products of the whole conversation, oldest first."""
        return tuple(i for i, r in self.records.items() if not r.photo)


def facts(messages: Sequence[AnyMessage], lexicon: Lexicon | None = None) -> Facts:
    """Collect the facts of a conversation: from its tools' artifacts and what was seen in photos, never from what the
    shopper or a model claims. `lexicon`: the shop's vocabulary, its brands among it."""
    gathered = _Gathered(lexicon or Lexicon())
    turn = max(
        (i for i, m in enumerate(messages) if isinstance(m, HumanMessage) and "text" in m.additional_kwargs),
        default=max((i for i, m in enumerate(messages) if isinstance(m, HumanMessage)), default=-1),
    )
    calls: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for place, message in enumerate(messages):
        if isinstance(message, HumanMessage):
            gathered.hear(message)
        elif isinstance(message, AIMessage):
            calls |= {str(c["id"]): (c["name"], c["args"]) for c in message.tool_calls}
        elif (
            isinstance(message, ToolMessage)
            and isinstance(message.artifact, dict)
            and message.status != "error"
        ):
            name, args = calls.get(message.tool_call_id, (message.name or "", {}))
            gathered.take(Done(name, args, message.artifact), now=place > turn)
    return gathered.facts()


class _Gathered:
    """What has been read of a conversation so far."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.records: dict[str, Record] = {}
        self.lists: list[tuple[str, ...]] = []
        self.turn: list[tuple[str, ...]] = []
        self.photos: list[str] = []
        self.amounts: set[Decimal] = set()
        self.numbers: set[Decimal] = set()
        self.said: list[str] = []
        self.said_numbers: set[Decimal] = set()
        self.counts: set[int] = set()
        self.turn_counts: set[int] = set()
        self.left: set[int] = set()
        self.policies: list[str] = []
        self.links: set[str] = set()
        self.cart: tuple[Mapping[str, Any], ...] | None = None
        self.done: list[Done] = []
        self.lowest: set[str] = set()
        self.texts: list[str] = []
        self.chart: set[tuple[Decimal, str]] = set()
        self.cart_total: Decimal | None = None
        self.size = ""
        self.ideas: set[str] = set()
        self.own: set[str] = set()
        self.look_totals: set[Decimal] = set()
        self.notes: set[str] = set()
        self.previews: set[str] = set()

    def hear(self, message: HumanMessage) -> None:
        """The shopper's words, which may be said back; and what their photos show."""
        extra = message.additional_kwargs
        text = str(extra.get("text", message.text))
        self.said += [read(text), text.casefold()]
        self.said_numbers |= set(_numbers(read(text)))
        sizes = [
            v for t in tag(read(text), self.lexicon).tags for v in t.mention.meanings.slots.get("size", [])
        ]
        self.size = sizes[-1] if sizes else self.size
        pictures = list(extra.get("photos") or [])
        for photo in [*pictures, *([extra["garment"]] if extra.get("garment") else [])]:
            record = self.record(str(photo["id"]))
            record.photo = True
            record.take_look(photo.get("look") or {}, self.lexicon)
            self.numbers |= set(_numbers(" ".join(strings((photo.get("look") or {}).get("text")))))
            self.counts.add(len((photo.get("look") or {}).get("garments") or []))
            self.photos.append(record.id)
        self.counts.add(len(pictures))

    def record(self, product: str) -> Record:
        return self.records.setdefault(product, Record(product))

    def take(self, call: Done, now: bool) -> None:
        """One result."""
        artifact = call.artifact
        looks = [look.get("items") or [] for look in artifact.get("looks") or []]
        cards = [*(artifact.get("items") or []), *(card for items in looks for card in items)]
        for card in cards:
            self.record(str(card["id"])).take_card(card, self.lexicon)
            details = card.get("details") or {}
            self._link(details.get("url"))
            sizes = [v for _, v in _leaves(details.get("size_chart")) if isinstance(v, (int, float))]
            self.chart |= {(Decimal(f"{v:g}").normalize(), "cm") for v in sizes}
        for items in [cards, *looks] if len(looks) > 1 else [cards]:
            ids = tuple(dict.fromkeys(str(c["id"]) for c in items))
            if ids and not (looks and items is cards):
                self.lists.append(ids)
                if now:
                    self.turn.append(ids)
        for look in artifact.get("looks") or []:
            self.ideas |= {str(look["idea"])} if look.get("idea") else set()
            self.own |= {str(piece["name"]) for piece in look.get("own") or [] if piece.get("name")}
            total = amount(look.get("total"))
            self.look_totals |= {total} if total is not None else set()
        self._amounts(artifact)
        self._counts(artifact, now)
        match artifact.get("type"):
            case "answer":
                record = self.record(str(artifact.get("about") or "?"))
                record.photo = record.photo or not (record.names or record.values)
                record.take_text(
                    " . ".join(strings([artifact.get("answer"), artifact.get("value")])), self.lexicon
                )
                if now and record.id not in self.photos and not record.photo:
                    self.turn.append((record.id,))
                elif record.photo:
                    self.photos.append(record.id)
            case "image":
                self.previews.add(str((artifact.get("color") or {}).get("kind") or ""))
            case "comparison":
                self._rows(artifact)
            case "policy":
                passage = f"{artifact.get('title', '')}. {artifact.get('passage', '')}"
                self.policies.append(read(passage))
                for link in _LINK.findall(passage):
                    self._link(link)
            case "order":
                self._orders(artifact)
            case "cart":
                self.cart = tuple(artifact.get("lines") or ())
                self.cart_total = amount(artifact.get("total"))
                for line in self.cart:
                    self._line(line)
            case "memory" if now:
                told = [*(artifact.get("notes") or []), *(artifact.get("changed") or [])]
                self.notes |= {
                    read(str(note[key])) for note in told for key in ("label", "text") if note.get(key)
                }
                looked_at = sum(note.get("kind") == "viewed" for note in told)
                self.counts.add(looked_at)
                self.turn_counts.add(looked_at)
            case "products" if call.args.get("sort") == "price_asc" and cards and not artifact.get("relaxed"):
                self.lowest.add(str(cards[0]["id"]))
        if now and not (artifact.get("type") == "cart" and artifact.get("problem")):
            self.done.append(call)

    def _orders(self, artifact: Mapping[str, Any]) -> None:
        """What was bought may be named and counted, and the rule on returns is quoted."""
        state = artifact.get("returning") or {}
        if state.get("passage"):
            self.policies.append(read(f"{state.get('title', '')}. {state['passage']}"))
        for order in artifact.get("orders") or []:
            self.counts |= {len(order["lines"]), *(int(line["quantity"]) for line in order["lines"])}
            for line in order["lines"]:
                if line.get("product"):
                    self.record(str(line["product"])).names.add(read(str(line["name"])))

    def _line(self, line: Mapping[str, Any]) -> None:
        """A product in the cart is one that was shown, under today's price."""
        record = self.record(str(line["id"]))
        record.names.add(read(str(line.get("name", ""))))
        if record.price is None:
            record.price = amount(line.get("price"))
        if line.get("size"):
            record.sizes.setdefault(size_name(str(line["size"]).casefold()), int(line.get("quantity", 1)))
        if not record.told:
            record.take_text(str(line.get("name", "")), self.lexicon)

    def _rows(self, artifact: Mapping[str, Any]) -> None:
        items = artifact.get("items") or []
        for row in artifact.get("rows") or []:
            for card, value in zip(items, row.get("values") or [], strict=False):
                self.record(str(card["id"])).take_text(str(value), self.lexicon)

    def _link(self, link: Any) -> None:
        if link:
            self.links.add(str(link).rstrip(".,;").casefold())

    def _amounts(self, artifact: Mapping[str, Any]) -> None:
        from agent.grounding.money import stated_amounts

        cards = [
            *(artifact.get("items") or []),
            *(i for x in artifact.get("looks") or [] for i in x.get("items") or []),
        ]
        prose = {id(v) for card in cards for v in strings_of(card)}
        for key, value in _leaves(artifact):
            if key == "amount":
                self.amounts |= {d for d in [decimal(str(value))] if d is not None}
            elif key in ("min", "max"):  # bounds of a search: a budget, no price
                self.said_numbers |= {d for d in [decimal(str(value))] if d is not None}
            elif key == "id":
                continue
            elif isinstance(value, str):
                if key != "why" and id(value) not in prose:
                    self.amounts |= set(stated_amounts(value))
                if key == "text":  # the words searched for may be quoted back
                    self.said.append(read(value))
                clean = read(value)
                self.numbers |= set(_numbers(clean))
                if len(clean) >= 6:
                    self.texts.append(clean)
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                self.numbers |= {d for d in [decimal(f"{value:g}")] if d is not None}

    def _counts(self, artifact: Mapping[str, Any], now: bool) -> None:
        found = {len(artifact.get(name) or []) for name in ("items", "looks", "lines", "choices")}
        found |= {len(look.get("items") or []) for look in artifact.get("looks") or []}
        quantities = [int(line.get("quantity", 0)) for line in artifact.get("lines") or []]
        found |= {sum(quantities), *quantities}
        if isinstance(artifact.get("total"), int):
            found.add(artifact["total"])
        if isinstance(artifact.get("left"), int):
            self.left.add(artifact["left"])
            found.add(artifact["left"])
        self.counts |= found
        if now:
            self.turn_counts |= found

    def _figures(self) -> Iterator[tuple[Decimal, str]]:
        from agent.grounding.money import figures

        for text in self.texts:
            for name in ("measured", "duration"):
                yield from figures(text, name)
        yield from self.chart

    def facts(self) -> Facts:
        from agent.grounding.money import stated_amounts

        products = [r for r in self.records.values() if not r.photo]
        discounts = {
            round(100 * (r.before - r.price) / r.before) for r in products if r.before and r.price is not None
        }
        for record in products:
            self.amounts |= record.amounts
        newest = [i for one in (self.turn or self.lists[-1:]) for i in one][:_TOGETHER]
        prices = [p for i in newest if (p := self.records[i].price) is not None]
        pairs = {s.normalize() for a, b in combinations(prices, 2) for s in (abs(a - b), a + b)} | (
            {sum(prices, Decimal(0)).normalize()} if prices else set()
        )
        of_lines = {
            (p * int(x.get("quantity", 1))).normalize()
            for x in self.cart or ()
            if (p := amount(x.get("price"))) is not None
        }
        pairs |= of_lines
        pairs |= {
            (p + fee).normalize() for p in prices for rule in self.policies for fee in stated_amounts(rule)
        }
        return Facts(
            records=self.records,
            lists=tuple(self.lists),
            turn=tuple(self.turn),
            photos=tuple(dict.fromkeys(self.photos)),
            amounts=frozenset(self.amounts),
            pairs=frozenset(pairs),
            numbers=frozenset(self.numbers),
            said="\n".join(self.said),
            said_numbers=frozenset(self.said_numbers),
            counts=frozenset(self.counts),
            turn_counts=frozenset(self.turn_counts - {0}),
            left=frozenset(self.left),
            discounts=frozenset(discounts),
            policies=tuple(self.policies),
            policy_amounts=frozenset(fee for rule in self.policies for fee in stated_amounts(rule)),
            links=frozenset(self.links),
            cart=self.cart,
            done=tuple(self.done),
            lowest=frozenset(self.lowest),
            figures=frozenset(self._figures()),
            cart_total=self.cart_total,
            line_totals=frozenset(of_lines),
            size=self.size,
            texts="\n".join(self.texts),
            ideas=frozenset(self.ideas),
            own=frozenset(self.own),
            look_totals=frozenset(self.look_totals),
            notes=frozenset(self.notes),
            previews=frozenset(self.previews),
            lexicon=self.lexicon,
        )


def strings_of(card: Mapping[str, Any]) -> Iterator[str]:
    """What is written on a card in words: no price that stands there is the shop's."""
    for name in ("name", "brand", "category", "colors", "details", "attributes", "sizes", "why"):
        yield from (value for _, value in _leaves(card.get(name)) if isinstance(value, str))


def _numbers(text: str) -> Iterator[Decimal]:
    for match in _NUMBER.findall(text):
        value = decimal(match)
        if value is not None:
            yield value


def _leaves(node: Any, key: str = "") -> Iterable[tuple[str, Any]]:
    if isinstance(node, Mapping):
        for name, value in node.items():
            yield from _leaves(value, name)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from _leaves(value, key)
    elif node is not None:
        yield key, node
