"""A shopper who talks, shows photos, puts things into the cart, and knows afterwards what should be there.

What is wrong is counted, never raised: a measurement goes on. `Tally.wrong` has every kind of wrong with an example.
"""

import asyncio
import random
import re
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.bench.load_client import Line, Lost, Refused, events

ADD = "<puts one of what is shown into the cart, with the button>"
PHOTO = "<photo>"
TALKS = {
    "en": [
        ["hi, {mark} here", "{want}", "cheaper", "tell me about the second one", ADD, "what's in my cart?"],
        ["{want}", "show me others", "compare the first two", ADD, "what goes with the first one?", "thanks, {mark}"],
        [PHOTO + "anything similar?", "cheaper", ADD, "can I return it?", "what's in my cart?"],
        ["{want}", ADD, PHOTO + "what goes with this?", "how long does shipping take?", "thanks, {mark}"],
    ],
    "zh": [
        ["你好，我是{mark}", "{want}", "便宜点的", "第二件什么材质", ADD, "看看购物车"],
        ["{want}", "换一批", "比较前两件", ADD, "第一件怎么搭", "谢谢，{mark}"],
        [PHOTO + "有没有类似的？", "便宜点的", ADD, "可以退货吗", "看看购物车"],
        ["{want}", ADD, PHOTO + "配什么好看？", "多久能送到", "谢谢，{mark}"],
    ],
}  # fmt: skip
WANTS = {
    "en": ["white shirts under 60", "red dresses", "a warm coat", "navy jeans", "brown bags", "kids hoodies",
           "black boots", "a striped t-shirt", "gold jewellery", "linen trousers"],
    "zh": ["红色连衣裙", "白色衬衫，60以内", "冬天穿的大衣", "牛仔裤", "棕色的包",
           "儿童卫衣", "黑色靴子", "条纹T恤", "金色首饰", "亚麻裤子"],
}  # fmt: skip
MARK = re.compile(r"qz[a-z]{6}xq")
TOLD = ("interrupted", "store_away", "store_away_midway", "not_kept", "not_kept_midway", "not_saved")
GIVE_UP_S = 120.0  # for one message, a worker's death included


def mark() -> str:
    """A word that no other shopper says."""
    return "qz" + "".join(random.SystemRandom().choices("bcdfghkmnpqrstvw", k=6)) + "xq"


@dataclass
class Tally:
    """What all shoppers saw. Times in milliseconds from the sending of a message; `photo`: whether it had one."""

    first: list[tuple[bool, float]] = field(default_factory=list)
    news: list[tuple[bool, float]] = field(default_factory=list)
    whole: list[tuple[bool, float]] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    resumed: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    interrupted: int = 0
    away: Counter[str] = field(default_factory=Counter)
    lines: int = 0
    checked: int = 0
    turns_at: list[float] = field(default_factory=list)

    def bad(self, kind: str, about: object) -> None:
        """Count something that must not be."""
        self.wrong[kind] += 1
        self.examples.setdefault(kind, str(about)[:300])


@dataclass
class Shopper:
    """`think_s`: how long they read and type on average, 0 for one who never does; `photos`: data URLs to show."""

    line: Line
    lang: str
    tally: Tally
    photos: list[str]
    think_s: float
    rng: random.Random
    breakdowns: bool = False  # a turn may be interrupted, a store may be away: told, and said again
    mark: str = field(default_factory=mark)
    session: str = ""
    sent: list[str] = field(default_factory=list)
    cart: dict[tuple[str, str | None], int] = field(default_factory=dict)
    shown: list[dict[str, Any]] = field(default_factory=list)

    async def shop(self, until: float) -> None:
        """Talk until then, then hold what the shop kept against what was said and done."""
        await asyncio.sleep(self.rng.random() * self.think_s)  # nobody comes with everybody else
        try:
            begun = await self.line.json("POST", "/sessions", {"language": self.lang}, expect=201)
            self.session = begun["id"]
            while time.monotonic() < until:
                want = self.rng.choice(WANTS[self.lang])
                for step in self.rng.choice(TALKS[self.lang]):
                    if time.monotonic() >= until:
                        break
                    self.line.wander()
                    if step == ADD:
                        await self._add()
                    else:
                        await self._say(
                            step.removeprefix(PHOTO).format(mark=self.mark, want=want), PHOTO in step
                        )
                    await self._think()
            await self._check()
        except (Lost, Refused) as error:
            self.tally.bad("given up", error)

    async def _think(self) -> None:
        if self.think_s:
            await asyncio.sleep(
                min(4 * self.think_s, max(1.0, self.rng.lognormvariate(0, 0.5) * self.think_s))
            )

    async def _say(self, text: str, with_photo: bool) -> None:
        photos = [self.rng.choice(self.photos)] if with_photo and self.photos else []
        key, began = secrets.token_hex(8), time.monotonic()
        turn, last, spoken, first, news = -1, "", "", 0.0, 0.0
        errors: list[str] = []
        done: dict[str, Any] | None = None
        self.sent.append(text)
        while done is None:
            if time.monotonic() - began > GIVE_UP_S:
                self.tally.bad("message without an answer", text)
                return
            try:
                if last:
                    path = f"/sessions/{self.session}/turns/{turn}/events"
                    answer = await self.line.ask("GET", path, **{"Last-Event-ID": last})
                else:
                    body = {"text": text, "photos": photos}
                    path = f"/sessions/{self.session}/messages"
                    answer = await self.line.ask("POST", path, body, **{"Idempotency-Key": key})
                if answer.status != 200:
                    told = b"".join([piece async for piece in answer.pieces()])
                    if not (self.breakdowns and answer.status in (502, 503, 504)):
                        self.tally.bad(f"status {answer.status}", f"{path} {last} {told!r}")
                        return
                    self.tally.away[f"status {answer.status}"] += 1
                    await asyncio.sleep(0.5)
                    continue
                async for place, event in events(answer):
                    last = place
                    now = (time.monotonic() - began) * 1000
                    first = first or now
                    kind = event["type"]
                    if kind != "turn_started":
                        news = news or now
                    if kind == "turn_started":
                        turn = event["turn"]
                        if event["session"] != self.session:
                            self.tally.bad("another's session", event)
                    elif kind == "token":
                        spoken += event["text"]
                    elif kind == "products":
                        self.shown = event["items"]
                    elif kind == "error":
                        errors.append(event["code"])
                    elif kind == "done":
                        done = event
                    if MARK.sub("", str(event)) != str(event).replace(self.mark, ""):
                        self.tally.bad("another's words", event)
                if done is None:
                    raise Lost("ended without its end")
            except Lost as lost:
                self.tally.resumed += 1
                self.tally.lost[str(lost)[:60]] += 1
                self.line.drop()
                await asyncio.sleep(0.25)
        self._note(bool(photos), first, news, (time.monotonic() - began) * 1000)
        for code in errors:
            if self.breakdowns and code in TOLD:
                self.tally.interrupted += code == "interrupted"
                self.tally.away[code] += code != "interrupted"
            else:
                self.tally.bad(f"error {code}", text)
        if not errors and spoken != done["text"]:
            self.tally.bad("torn reply", f"{spoken!r} {done['text']!r}")
        if (
            "not_kept" in errors and self.breakdowns
        ):  # it was never taken, and said so: a person sends it again
            self.sent.pop()
            await asyncio.sleep(2)
            await self._say(text, with_photo)

    def _note(self, photo: bool, first: float, news: float, whole: float) -> None:
        self.tally.first.append((photo, first))
        self.tally.news.append((photo, news or whole))
        self.tally.whole.append((photo, whole))
        self.tally.turns_at.append(time.monotonic())

    async def _add(self) -> None:
        """Put one of what was shown into the cart, and again under the same key, as a nervous network does."""
        having = [item for item in self.shown if item["in_stock"]]
        if not having:
            return
        item = self.rng.choice(having)
        sizes = [s["size"] for s in item.get("sizes", []) if s["in_stock"]]
        size = self.rng.choice(sizes) if sizes else None
        headers = {"Idempotency-Key": secrets.token_hex(8)}
        path, wish = f"/sessions/{self.session}/cart/lines", {"product": item["id"], "size": size}
        try:
            for _ in range(2):
                await self.line.json("POST", path, wish, expect=201, **headers)
        except Refused as refused:
            if refused.status != 409:  # 409: no more of it are left
                self.tally.bad(f"cart {refused.status}", refused)
            return
        self.cart[item["id"], size] = self.cart.get((item["id"], size), 0) + 1
        self.tally.lines += 1

    async def _check(self) -> None:
        """The cart and the transcript, as anybody would read them who comes back."""
        kept = await self.line.json("GET", f"/sessions/{self.session}")
        lines = {(x["id"], x["size"]): x["quantity"] for x in kept["cart"]["lines"]}
        if lines != self.cart:
            self.tally.bad("cart lost or doubled", f"{self.session} {lines} {self.cart}")
        said = [turn["text"] for turn in kept["turns"]]
        if said != self.sent:
            missing = Counter(self.sent) - Counter(said)
            self.tally.bad(
                "transcript lost or crossed", f"{self.session} {missing} {said[-3:]} {self.sent[-3:]}"
            )
        if any(turn["events"][-1:] == [] or turn["events"][-1]["type"] != "done" for turn in kept["turns"]):
            self.tally.bad("turn without an end", self.session)
        if set(MARK.findall(str(kept))) - {self.mark}:
            self.tally.bad("another's words", self.session)
        self.tally.checked += 1
