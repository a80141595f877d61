"""A conversation with the offline planner over the demo catalogue's records: the tools' cards are the real ones,
the search is a plain filter, so that no model is needed."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from agent.planner.lexicon import Lexicon
from agent.planner.model import OfflinePlanner
from perception import shades
from prompts import language, taxonomy
from store import demo
from store.types import Filters, Money, Product
from tools import purposes
from tools.cards import card, money
from tools.compare import compared
from tools.sizing.advice import Shopper, advise
from tools.sizing.systems import Worn
from tools.verdict import Wanted

_ORDER = (
    "size",
    "color",
    "pattern",
    "material",
    "price",
    "sleeve",
    "neckline",
    "brand",
    "rating_min",
    "on_sale",
    "not",
)


@cache
def catalogue() -> dict[str, Product]:
    return {p.id: p for p in demo.products()}


@cache
def lexicon() -> Lexicon:
    return Lexicon(brands={p.brand for p in catalogue().values() if p.brand}, currency="USD")


_FIELDS = {"color": "colors"}  # attribute of a search → field of a product


def fits(product: Product, where: Filters) -> bool:
    """Every condition holds."""
    for name in ("pattern", "material", "sleeve", "neckline", "length", "age_group"):
        if getattr(where, name) and getattr(product, name) not in getattr(where, name):
            return False
    if where.category and not any(taxonomy.is_a(product.category, c) for c in where.category):
        return False
    if where.gender and product.gender not in (*where.gender, "unisex"):
        return False
    if where.color and not set(where.color) & set(product.colors):
        return False
    if where.brand and product.brand not in where.brand:
        return False
    if where.size and not set(where.size) & set(product.sizes_in_stock()):
        return False
    amount = product.current_price.amount
    if where.price and not (where.price.min or 0) <= amount <= (where.price.max or Decimal(10**6)):
        return False
    if (where.on_sale and product.sale_price is None) or (product.rating or 0) < (where.rating_min or 0):
        return False
    for name, values in where.not_.items():
        have = product.colors if name == "color" else [getattr(product, name, None)]
        if any(v in have for v in values) or (
            name == "category" and any(taxonomy.is_a(product.category, v) for v in values)
        ):
            return False
    return True


LEAST_OF_A_LOOK = 40
_IDEAS = {"zh": ("利落", "轻松"), "en": ("Sharp lines", "Easy does it")}
_WORN = (("tops", "top"), ("bottoms", "bottom"), ("shoes", "shoes"))


def _look(args: dict[str, Any], nth: int, lang: str) -> dict[str, Any]:
    """A look: the product it is built on or what is kept, and of every other slot the next that was not shown."""
    held = [catalogue()[i] for i in dict.fromkeys([*_ids(args, "product"), *args.get("keep", [])])]
    if args.get("swap"):
        swapped = next((kind for kind, slot in _WORN if slot == args["swap"]), "bag")
        worn = [catalogue()[i] for i in args["look"]]
        held = [p for p in worn if not taxonomy.is_a(p.category, swapped)]
    pieces = [(p, next((s for k, s in _WORN if taxonomy.is_a(p.category, k)), "outer")) for p in held]
    gone = {*(args.get("exclude") or []), *(args.get("look") or [])}
    for kind, slot in _WORN:
        if slot in {s for _, s in pieces}:
            continue
        fitting = [p for p in catalogue().values() if taxonomy.is_a(p.category, kind) and p.id not in gone]
        pieces.append((fitting[2 * nth], slot))
    items = [card(p, lang, slot=slot, why="").model_dump(mode="json") for p, slot in pieces]
    total = money(Money(amount=sum((p.current_price.amount for p, _ in pieces), Decimal(0))))
    told = {"total": total.model_dump(mode="json"), "score": 0.8, "idea": _IDEAS[lang][nth]}
    return {"items": items, "reasons": ["素色托着花色" if lang == "zh" else "plain sets off plain"], **told}


def _ids(args: dict[str, Any], name: str) -> list[str]:
    return [args[name]] if args.get(name) else []


@dataclass
class Talk:
    """One conversation. `say` runs a turn and returns the reply; `calls` and `artifacts` are the turn's."""

    lang: str | None = None
    messages: list[BaseMessage] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    lines: list[tuple[str, str | None, int]] = field(default_factory=list)
    broken: frozenset[str] = frozenset()
    gone: list[str] = field(default_factory=list)  # products that left the catalogue
    suggestions: list[str] = field(default_factory=list)

    def say(self, text: str, photos: list[dict[str, Any]] | None = None, focus: str | None = None) -> str:
        """The reply to a message."""
        lang = self.lang or language.detect(text)
        extra = {"text": text, "photos": photos or [], "focus": focus, "lang": lang}
        self.messages.append(HumanMessage(text, additional_kwargs=extra))
        self.calls, self.artifacts = [], []
        planner = OfflinePlanner(lexicon=lexicon)
        for _ in range(8):
            answer = planner.invoke(self.messages)
            assert isinstance(answer, AIMessage)
            self.messages.append(answer)
            if not answer.tool_calls:
                self.suggestions = answer.additional_kwargs["suggestions"]
                return str(answer.content)
            for call in answer.tool_calls:
                self.messages.append(self._run(call, lang))
        raise AssertionError("the planner never came to a reply")

    def _run(self, call: Any, lang: str) -> ToolMessage:
        self.calls.append((call["name"], call["args"]))
        if call["name"] in self.broken:
            return ToolMessage("failed", tool_call_id=call["id"], name=call["name"], status="error")
        artifact = getattr(self, f"_{call['name']}")(call["args"], lang)
        self.artifacts.append(artifact)
        return ToolMessage("done", tool_call_id=call["id"], name=call["name"], artifact=artifact)

    def _search_catalog(self, args: dict[str, Any], lang: str) -> dict[str, Any]:
        if args.get("ids"):
            again = [card(catalogue()[i], lang).model_dump(mode="json") for i in args["ids"]]
            return {"type": "products", "items": again, "total": len(again), "relaxed": []}
        where = Filters.model_validate(args.get("where") or {})
        prefer = args.get("prefer") or {}
        left = [
            p
            for p in catalogue().values()
            if p.id not in (*(args.get("exclude") or []), *self.gone, args.get("like"))
        ]
        found, relaxed = [p for p in left if fits(p, where)], []
        for name in _ORDER:
            if found:
                break
            if name in where.to_json():
                where = Filters.model_validate({k: v for k, v in where.to_json().items() if k != name})
                relaxed.append(name)
                found = [p for p in left if fits(p, where)]
        match args.get("sort"):
            case "price_asc":
                found.sort(key=lambda p: p.current_price.amount)
            case "price_desc":
                found.sort(key=lambda p: -p.current_price.amount)
            case "rating":
                found.sort(key=lambda p: -(p.rating or 0))
            case _:
                found.sort(
                    key=lambda p: (
                        -sum(bool(set(v) & set(getattr(p, _FIELDS.get(k, k)))) for k, v in prefer.items())
                    )
                )
        shown = found[: args.get("limit", 6)]
        why = "评分 {}" if lang == "zh" else "rated {}"
        items = [
            card(p, lang, why=why.format(p.rating) if i == 0 else "", nearest=bool(relaxed))
            for i, p in enumerate(shown)
        ]
        return {
            "type": "products",
            "items": [i.model_dump(mode="json") for i in items],
            "total": len(found),
            "relaxed": relaxed,
        }

    def _recommend(self, args: dict[str, Any], lang: str) -> dict[str, Any]:
        where = {**(args.get("where") or {}), **({"category": [args["kind"]]} if args.get("kind") else {})}
        where |= {"price": {"max": args["budget"]}} if args.get("budget") else {}
        asked = {"where": where, "sort": "rating", "limit": args["limit"], "exclude": args.get("exclude")}
        return self._search_catalog(asked, lang) | {"query": {"recommend": True, "ground": "popular"}}

    def _product_details(self, args: dict[str, Any], lang: str) -> dict[str, Any]:
        shown = card(catalogue()[args["product"]], lang, with_details=True)
        return {"type": "products", "items": [shown.model_dump(mode="json")], "total": 1, "relaxed": []}

    def _advise_size(self, args: dict[str, Any], lang: str) -> dict[str, Any]:
        product = catalogue()[args["product"]]
        who = Shopper(args.get("measures") or {}, [Worn(**w) for w in args.get("wears") or []])
        shown = card(product, lang, with_details=True).model_copy(
            update={"advice": advise(product, who, lang)}
        )
        return {"type": "products", "items": [shown.model_dump(mode="json")], "total": 1, "relaxed": []}

    def _compare(self, args: dict[str, Any], lang: str) -> dict[str, Any]:
        wanted = Wanted(
            args.get("aspects") or [], args.get("wants") or {}, purposes.asked(args.get("purpose", ""))
        )
        return compared([catalogue()[i] for i in args["products"]], wanted, lang).model_dump(mode="json")

    def _match_outfit(self, args: dict[str, Any], lang: str) -> dict[str, Any]:
        want = args.get("want") or ["shoes"]
        found = [p for p in catalogue().values() if any(taxonomy.is_a(p.category, c) for c in want)][:3]
        if args.get("want"):
            items = [card(p, lang).model_dump(mode="json") for p in found]
            return {"type": "products", "items": items, "total": len(items), "relaxed": []}
        if args.get("budget") and args["budget"] < LEAST_OF_A_LOOK:
            return {"type": "outfit", "looks": [], "problem": "不够。" if lang == "zh" else "Too little."}
        return {"type": "outfit", "looks": [_look(args, nth, lang) for nth in range(2)], "problem": ""}

    def _ask_image(self, args: dict[str, Any], lang: str) -> dict[str, Any]:
        answer = "蓝色" if lang == "zh" else "It is blue"
        about = args.get("photo") or args.get("product")
        return {"type": "answer", "about": about, "answer": answer, "source": "image", "confidence": 0.9}

    def _describe_scene(self, args: dict[str, Any], lang: str) -> dict[str, Any]:
        answer = "一件蓝白条纹衬衫" if lang == "zh" else "A blue and white striped shirt"
        return {
            "type": "answer",
            "about": args["photo"],
            "answer": answer,
            "source": "image",
            "confidence": 0.9,
        }

    def _choose_color(self, args: dict[str, Any], lang: str) -> dict[str, Any]:
        shade = shades.heard(args["color"]).shade
        shade = shade or shades.Shade("blue", "#31496d", {"zh": "蓝色", "en": "blue"})
        about = {k: args[k] for k in ("product", "photo") if args.get(k)}
        name = catalogue()[args["product"]].title.get(lang) if args.get("product") else ""
        color = {"name": shade.names[lang], "srgb": shade.srgb, "kind": shade.kind}
        return {"type": "image", "kind": "preview", "name": name, "picture": "made", "color": color} | about

    def _shop_policy(self, args: dict[str, Any], lang: str) -> dict[str, Any]:
        passage = "30 天内可以退货。" if lang == "zh" else "You can return items within 30 days."
        told = {"type": "policy", "topic": "returns", "title": "Returns", "passage": passage}
        return told | {"topics": ["returns", "shipping", "payment"]}

    def _hand_off(self, args: dict[str, Any], lang: str) -> dict[str, Any]:
        return {"type": "handoff", "session": "talk", **args}

    def _cart(self, args: dict[str, Any], lang: str) -> dict[str, Any]:
        problem, choices, product, size = None, [], args.get("product"), args.get("size")
        if args["action"] == "clear":
            self.lines = []
        elif args["action"] == "remove":
            kept = [x for x in self.lines if x[0] != product]
            problem, self.lines = ("not_in_cart" if len(kept) == len(self.lines) else None), kept
        elif args["action"] in ("add", "change"):
            choices = catalogue()[str(product)].sizes_in_stock()
            if size is None and len(choices) > 1 and args["action"] == "add":
                problem = "need_size"
            elif size and size not in choices:
                problem = "size_unknown"
            else:
                if args["action"] == "change":
                    self.lines = [x for x in self.lines if x[0] != product]
                self.lines.append(
                    (str(product), size or (choices[0] if choices else None), args.get("quantity", 1))
                )
        lines, total = [], Decimal(0)
        for product_id, held, quantity in self.lines:
            record = catalogue()[product_id]
            total += record.current_price.amount * quantity
            price = money(record.current_price).model_dump(mode="json")
            lines.append(
                {
                    "id": product_id,
                    "name": record.title.get(lang),
                    "size": held,
                    "quantity": quantity,
                    "price": price,
                }
            )
        summed = money(Money(amount=total)).model_dump(mode="json") if lines else None
        return {
            "type": "cart",
            "lines": lines,
            "total": summed,
            "problem": problem,
            "product": product,
            "choices": choices if problem else [],
            "gone": self.gone,
        }
