"""What shoppers notice when a part of the deployment is taken away: `python -m tests.bench.away DATA [--seconds 20]`.

Two workers of `daogou serve`, PostgreSQL, a Chroma server and a proxy, as processes. Shoppers look, ask and put things
into their carts while, one after another, PostgreSQL is stopped for 20 seconds (or hangs), then Chroma, and then one
worker is killed with -9 in the middle of turns. Every wish to add has an idempotency key and is sent again until it was
taken, so that afterwards each cart has to hold exactly what was wished.
"""

import argparse
import itertools
import json
import shutil
import signal
import statistics
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.topology import Topology

API = "/api/v1"
SAID = ("white sneakers under 60", "白色连衣裙", "what about returns?", "show me red dresses", "推荐一双凉鞋")


@dataclass
class Shopper:
    """One who goes on until told to stop. `answers`: (seconds since the start, what came of it, seconds it took)."""

    shop: Topology
    number: int
    goods: list[tuple[str, str]]  # products and sizes
    answers: list[tuple[float, str, float]] = field(default_factory=list)
    wished: Counter[tuple[str, str]] = field(default_factory=Counter)
    sentences: Counter[str] = field(default_factory=Counter)
    session: str = ""

    def go(self, until: threading.Event, began: float) -> None:
        """Talk and put things into the cart, in turn."""
        with httpx.Client(base_url=self.shop.url, headers=self.shop.secret, timeout=60) as client:
            self._begin(client, until)
            for n in itertools.count():
                if until.is_set():
                    return
                at = time.monotonic()
                what = self._say(client, n) if n % 2 else self._add(client, n)
                self.answers.append((at - began, what, time.monotonic() - at))
                until.wait(0.3)

    def _begin(self, client: httpx.Client, until: threading.Event) -> None:
        while not until.is_set():
            answer = client.post(f"{API}/sessions", json={})
            if answer.status_code == 201:
                self.session = answer.json()["id"]
                return
            time.sleep(1)

    def _say(self, client: httpx.Client, n: int) -> str:
        text, key = SAID[(n + self.number) % len(SAID)], f"said-{n}"
        events: list[dict[str, Any]] = []
        try:
            with client.stream(
                "POST",
                f"{API}/sessions/{self.session}/messages",
                json={"text": text},
                headers={"Idempotency-Key": key},
            ) as stream:
                if stream.status_code != 200:
                    stream.read()
                    self._told(stream)
                    return f"message {stream.status_code}"
                events = [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")]
        except httpx.HTTPError as error:
            return f"message: {type(error).__name__}"
        for event in events:
            if event["type"] == "error":
                self.sentences[event["message"]] += 1
        if not events or events[-1]["type"] != "done":
            return "message: broken off"
        failed = [e["code"] for e in events if e["type"] == "error"]
        return f"message: {failed[-1]}" if failed else "message: answered"

    def _add(self, client: httpx.Client, n: int) -> str:
        """Add one thing; where that is not answered, ask again with the same key, until it was taken."""
        product, size = self.goods[(n * 7 + self.number * 13) % len(self.goods)]
        wish = {"product": product, "size": size, "quantity": 1}
        first = ""
        while True:
            try:
                answer = client.post(
                    f"{API}/sessions/{self.session}/cart/lines",
                    json=wish,
                    headers={"Idempotency-Key": f"add-{n}"},
                )
                if answer.status_code == 201:
                    self.wished[product, size] += 1
                    return first or "add: done"
                if answer.status_code in (409, 422):
                    return first or f"add: {answer.json()['code']}, which is done"
                self._told(answer)
                first = first or f"add {answer.status_code}, then done"
            except httpx.HTTPError as error:
                first = first or f"add {type(error).__name__}, then done"
            time.sleep(0.5)

    def _told(self, answer: httpx.Response) -> None:
        try:
            self.sentences[f"{answer.status_code}: {answer.json()['detail']}"] += 1
        except ValueError:
            self.sentences[f"{answer.status_code} without words"] += 1


def signalled(part: Any, how: signal.Signals) -> None:
    """Send a signal to a part and to all of its processes."""
    process = psutil.Process(part._process.pid)
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            one.send_signal(how)


def wrong_carts(shoppers: list[Shopper], client: httpx.Client) -> list[str]:
    """The shoppers whose cart does not hold exactly what they wished."""
    wrong = []
    for one in shoppers:
        held = client.get(f"{API}/sessions/{one.session}").json()["cart"]["lines"]
        cart = Counter({(line["id"], line["size"]): line["quantity"] for line in held})
        if cart != +one.wished:
            wrong.append(
                f"{one.session}: {dict(cart - one.wished)} too many, {dict(one.wished - cart)} too few"
            )
    return wrong


def told(name: str, shoppers: list[Shopper], since: float, back: float, end: float) -> None:
    """Print what came in a phase: while it was away, and after."""
    for what, begin, stop in ((f"{name}: away", since, back), (f"{name}: back", back, end)):
        found = [(kind, took) for s in shoppers for at, kind, took in s.answers if begin <= at < stop]
        times = [took for _, took in found]
        middle = f"{statistics.median(times):.2f} s median, {max(times):.1f} s longest" if times else ""
        print(f"{what:32} {dict(Counter(kind for kind, _ in found))} {middle}", flush=True)
    late = [
        at
        for s in shoppers
        for at, kind, _ in s.answers
        if at >= back and not kind.endswith(("answered", "done"))
    ]
    print(f"{'':32} last trouble {max(late) - back:.1f} s after it was back" if late else "", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("data", type=Path, help="a filled shop; it is copied")
    options.add_argument("--seconds", type=float, default=20, help="how long a part is away")
    options.add_argument("--shoppers", type=int, default=6)
    options.add_argument(
        "--hang", action="store_true", help="they are there and say nothing, instead of stopped"
    )
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="daogou-away-"))
    data = Path(shutil.copytree(given.data, folder / "shop"))
    until = threading.Event()
    settings = {"DAOGOU_MESSAGES_PER_MINUTE": "1000", "DAOGOU_REQUESTS_PER_MINUTE": "100000"}
    with Topology.start(folder / "logs", data, 2, "postgres", settings=settings) as shop:
        client = httpx.Client(base_url=shop.url, headers=shop.secret, timeout=60)
        found = client.get(f"{API}/products", params={"limit": 50}).json()["products"]
        goods = [(p["id"], s["size"]) for p in found for s in p.get("sizes", []) if s.get("quantity", 0) > 3]
        began = time.monotonic()
        shoppers = [Shopper(shop, n, goods) for n in range(given.shoppers)]
        with ThreadPoolExecutor(given.shoppers) as pool:
            working = [pool.submit(one.go, until, began) for one in shoppers]
            time.sleep(10)
            for part in ("postgres", "chroma"):
                since = time.monotonic() - began
                if given.hang:
                    signalled(shop.parts[part], signal.SIGSTOP)
                    time.sleep(given.seconds)
                    signalled(shop.parts[part], signal.SIGCONT)
                else:
                    shop.stop_part(part)  # type: ignore[arg-type]
                    time.sleep(given.seconds)
                    shop.start_part(part)  # type: ignore[arg-type]
                back = time.monotonic() - began
                time.sleep(15)
                told(part, shoppers, since, back, time.monotonic() - began)
            since = time.monotonic() - began
            shop.kill(0)
            time.sleep(given.seconds)
            back = time.monotonic() - began
            shop.revive(0)
            time.sleep(5)
            told("one of two workers", shoppers, since, back, time.monotonic() - began)
            until.set()
            for one in working:
                one.result()
        wrong = wrong_carts(shoppers, client)
        lines = sum(sum(s.wished.values()) for s in shoppers)
        print(f"{lines} wishes of {len(shoppers)} shoppers; carts that are not as wished: {wrong or 'none'}")
        for sentence, times in sum((s.sentences for s in shoppers), Counter()).most_common():
            print(f"  {times:4} × {sentence}")
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
