"""A scripted assistant for tests of the page: real events, no models. Names and replies are hostile on purpose."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent.events import Done, Error, Event, Looked, Suggestions, Thinking, Token, TurnStarted
from agent.focus import Focus, InPhoto
from agent.handoff.desk import Standing
from agent.transcripts import Turn
from prompts import language
from store.types import Money, Product, Size, Text
from tools.results import (
    Answer,
    Cart,
    CartLine,
    Comparison,
    ComparisonRow,
    LookOutfit,
    Memory,
    Outfit,
    OwnPiece,
    Picks,
    Policy,
    Price,
    ProductCard,
    Products,
    Remembered,
    SizeOption,
)

SEEN = [
    {
        "box": [0.1, 0.05, 0.9, 0.5],
        "category": "shirt",
        "colors": ["lightblue", "white"],
        "pattern": "striped",
        "sleeve": "long",
        "confidence": {"category": 0.93, "color": 0.8},
    },
    {"box": [0.2, 0.5, 0.8, 0.98], "category": "pants", "colors": ["navy"], "confidence": {"category": 0.4}},
]  # a shopper's photo of two garments, the second one doubtful
HOSTILE = "<b onmouseover=alert(1)>Linen</b> *shirt* $5$ :red[x] [a](javascript:alert(1))"


def price(amount: float) -> Price:
    return Price(amount=f"{amount:.2f}", currency="USD", text=f"${amount:.2f}")


def card(i: int, lang: str = "en", **more: Any) -> ProductCard:
    name = (
        ["海蓝亚麻衬衫", "象牙白府绸衬衫", "墨绿灯芯绒衬衫"]
        if lang == "zh"
        else ["Sea linen shirt", HOSTILE, "Cord shirt"]
    )
    fields: dict[str, Any] = {
        "id": f"p{i}",
        "name": name[i % 3],
        "brand": "Mulin",
        "category": "shirt",
        "colors": ["lightblue"],
        "price": price(40 + i),
        "sale_price": price(30 + i) if i % 2 == 0 else None,
        "image": f"p{i}.webp",
        "images": [f"p{i}.webp", f"p{i}-b.webp"],
        "in_stock": i != 3,
        "sizes": [
            SizeOption(size=s, in_stock=s != "S", quantity=0 if s == "S" else 2 if s == "L" else 9)
            for s in "SML"
        ],
        "rating": 4.6,
        "rating_count": 120,
        "why": "颜色和你的照片接近" if lang == "zh" else "close in colour to your photo",
        "attributes": {"材质": "亚麻"} if lang == "zh" else {"Material": "linen"},
    }
    return ProductCard(**fields | more)


@dataclass
class FakeSession:
    """Answers by keyword; keeps history and cart like the real one."""

    id: str
    lang: str = "auto"
    shopper: str | None = None
    kept: list[Remembered] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    lines: list[CartLine] = field(default_factory=list)
    asked: list[tuple[str, int, Focus | None]] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    rounds: int = 0  # of choosing between two pictures
    picks: list[str | None] = field(default_factory=list)

    def history(self) -> list[Turn]:
        return list(self.turns)

    def standing(self, lang: str | None = None) -> Standing:
        return Standing()

    def cart(self) -> Cart:
        total = sum(float(x.price.amount) * x.quantity for x in self.lines)
        return Cart(lines=list(self.lines), total=price(total) if self.lines else None)

    def memory(self) -> Memory:
        return Memory(action="view", consent="yes" if self.kept else "unasked", notes=list(self.kept))

    def forget(self, scope: dict[str, str] | None = None) -> int:
        before = len(self.kept)
        self.kept[:] = [note for note in self.kept if scope is not None and note.scope != scope]
        return before - len(self.kept)

    def react(self, product: str, value: str) -> None:
        self.said[product] = value

    def for_you(self, k: int = 6) -> Products | None:
        liked = [p for p, value in self.said.items() if value == "like"]
        items = [card(i, self.lang, why="because you liked it") for i in range(k)] if liked else []
        return Products(items=items, total=len(items)) if items else None

    def first_picks(self) -> Picks | None:
        done = len(self.picks)
        if done >= self.rounds:
            return None
        items = [card(2 * done, self.lang), card(2 * done + 1, self.lang)]
        return Picks(question="Which of these is more you?", items=items, nth=done + 1, of=3)

    def picked(self, product: str | None) -> Picks | None:
        self.picks.append(product)
        if product:
            self.said[product] = "like"
        return self.first_picks()

    def reactions(self) -> dict[str, str]:
        return {product: value for product, value in self.said.items() if value != "none"}

    def respond(
        self,
        text: str,
        photos: Sequence[bytes] = (),
        focus: Focus | None = None,
        door: str = "",
        key: str | None = None,
    ) -> Iterator[Event]:
        self.asked.append((text, len(photos), focus))
        lang = self.lang if self.lang != "auto" else language.detect(text, door or "en")
        turn = Turn(text=text, focus=focus, language=lang)
        self.turns.append(turn)
        for event in self._events(text, photos, focus, lang, turn):
            turn.events.append(event)
            yield event

    def _events(
        self, text: str, photos: Sequence[bytes], focus: Focus | None, lang: str, turn: Turn
    ) -> Iterator[Event]:
        yield TurnStarted(session=self.id, turn=len(self.turns) - 1, language=lang)
        for i, data in enumerate(photos):
            if not data:
                yield Error(code="empty_file", message="That file is empty.")
                continue
            turn.photos.append(f"{i:016x}")
            garments = [] if data == b"a street" else SEEN
            facts = (
                {"品类": "衬衫", "颜色": "浅蓝色、白色", "画面": "平铺"}
                if lang == "zh"
                else {"Type": "shirt", "Colour": "light blue, white", "Setting": "laid flat"}
            )
            look = {
                "photo": turn.photos[-1],
                "caption": "一件浅蓝色衬衫" if lang == "zh" else "A light blue shirt",
            }
            yield Looked(photo=turn.photos[-1], look=look | {"garments": garments}, card=facts)
        yield Thinking(tool="search_catalog", label="在店里找" if lang == "zh" else "Searching the shop")
        reply = yield from self._reply(text.lower(), None if isinstance(focus, InPhoto) else focus, lang)
        for piece in reply.split(" "):
            yield Token(text=piece + " ")
        yield Suggestions(
            items=["更便宜的", "换个颜色"] if lang == "zh" else ["Cheaper ones", "Only *blue* for $5"]
        )
        yield Done(text=reply)

    def _reply(self, text: str, focus: str | None, lang: str) -> Iterator[Event]:
        if "break" in text:
            raise RuntimeError("the tool broke")
        if "outfit" in text or "goes with" in text or "搭配" in text:
            items = [card(0, lang, slot="top"), card(1, lang, slot="bottom"), card(2, lang, slot="shoes")]
            looks = [LookOutfit(items=items, total=price(120), score=0.8, reasons=["navy is a neutral"])]
            if "two" in text:
                own = OwnPiece(photo="0" * 16, slot="outer", name="your navy blazer")
                more = {"idea": "Easy *layers*", "board": "board.png", "left": price(30), "missing": ["bag"]}
                looks.insert(0, looks[0].model_copy(update=more))
                looks[1] = looks[1].model_copy(update={"own": [own], "given_up": ["formal"]})
            yield Outfit(looks=looks, problem="Nothing here is for a gala." if "two" in text else "")
            return "Three pieces that work together."
        if "compare" in text or "对比" in text:
            rows = [
                ComparisonRow(label="Price", values=["$30", "$41"]),
                ComparisonRow(label="<i>Fit</i>", values=["a", "b"]),
            ]
            yield Comparison(items=[card(0, lang), card(1, lang)], rows=rows)
            return "The first is cheaper."
        if "return" in text:
            yield Policy(
                topic="returns", title="Returns", passage="30 days, <script>alert(1)</script> unworn."
            )
            return "You have 30 days."
        if "what is" in text or "材质" in text:
            yield Answer(about="p0", answer="Linen.", source="image", confidence=0.6)
            chart = {"S": {"chest": 90.0}, "M": {"chest": 96.0, "sleeve": 61.5}}
            details = {"description": "Woven in a mill.", "care": "Wash cold.", "size_chart": chart}
            yield Products(items=[card(0, lang, details=details)], total=1)
            return "It looks like linen, though I only have the picture."
        if "cart" in text or "购物车" in text:
            return (yield from self._cart(text, focus, lang))
        yield Products(items=[card(i, lang, nearest=i == 4) for i in range(6)], total=14)
        return (
            "找到 14 件，先看这 6 件。"
            if lang == "zh"
            else "I found 14; **these six** are closest to <b>it</b> for $5 or $6."
        )

    def _cart(self, text: str, focus: str | None, lang: str) -> Iterator[Event]:
        if "remove" in text or "删" in text:
            self.lines[:] = [x for x in self.lines if x.id != focus]
        elif not any(f" {s}" in text for s in "sml"):
            yield Cart(lines=list(self.lines), problem="need_size", product=focus, choices=["M", "L"])
            return "Which size?"
        else:
            chosen = card(int((focus or "p0")[1:]), lang)
            line = CartLine(
                id=chosen.id, name=chosen.name, size="M", quantity=1, price=chosen.price, image=chosen.image
            )
            self.lines[:] = [*(x for x in self.lines if x.id != focus), line]
        yield self.cart()
        return "Done."


class FakeAssistant:
    """Stands where `agent.assistant.Assistant` stands."""

    shop_name = "Mulin & <Co>"
    wording = None  # ours
    rounds = 0  # of choosing between two pictures that its conversations offer

    def __init__(self, pictures: Path | None = None, stocked: int = 5) -> None:
        self.pictures, self.stocked, self.sessions = pictures, stocked, dict[str, FakeSession]()

    def session(
        self, session_id: str | None = None, lang: str = "auto", shopper: str | None = None
    ) -> FakeSession:
        key = session_id or f"session{len(self.sessions):04d}"
        known = self.sessions.get(key) or FakeSession(key, rounds=self.rounds)
        # the caller's own, as with the real one; what was said and done is shared
        found = self.sessions[key] = replace(known, lang=lang, shopper=shopper)
        return found

    def resume(self, session_id: str, lang: str = "auto", shopper: str | None = None) -> FakeSession | None:
        return self.session(session_id, lang, shopper) if session_id in self.sessions else None

    def first_questions(self, lang: str) -> list[str]:
        return (
            ["找一件浅蓝色衬衫", "三百以内的连衣裙"]
            if lang == "zh"
            else ["A light blue shirt", "Dresses under $50"]
        )

    def count(self) -> int:
        return self.stocked

    def sells(self, product_id: str) -> bool:
        return any(p.id == product_id for p in self.products())

    def is_empty(self) -> bool:
        return not self.stocked

    def products(self, ids: Sequence[str] | None = None) -> Iterator[Product]:
        if ids is not None:
            yield from (found for found in self.products() if found.id in ids)
            return
        for i, category in enumerate(["shirt", "jeans", "dress", "coat", "boots", "tote"][: self.stocked]):
            title = Text(zh="样品", en="Sample")
            yield Product(
                id=f"p{i}",
                title=title,
                category=category,
                price=Money(amount=30),  # type: ignore[arg-type]
                sizes=[Size(size="M", quantity=2)],
                images=[f"p{i}.webp"],
            )

    def picture(self, name: str) -> Path:
        if self.pictures is None or not (self.pictures / name).is_file():
            raise FileNotFoundError(name)
        return self.pictures / name

    def has_to_draw(self, name: str) -> bool:
        return False

    def warm(self) -> None:
        pass
