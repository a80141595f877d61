"""Restart one worker after the other while shoppers talk: does anybody notice, is anything lost or done twice?

Each shopper says a list of messages, each with an `Idempotency-Key`, and adds one line to the cart; what is refused for
the moment (503) or breaks off is sent again with the same key, as docs/api.md says. In the end every conversation has
to have every message once, each answered, and one line in its cart.

    python -m tests.bench.restart DATA --folder /tmp/restart [--shoppers 8] [--caddy PROGRAM] [--kill]
"""

import argparse
import json
import shutil
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.api_shop import told
from tests.topology import Topology

SAID = (
    "white shirts under 60",
    "cheaper ones",
    "红色连衣裙",
    "what shoes go with the first one?",
    "再便宜点的",
)
PATIENCE_S = 30.0


@dataclass
class Shopper(threading.Thread):
    """One conversation."""

    shop: Topology
    number: int
    stop: threading.Event
    again: int = 0
    said: int = 0
    wrong: list[str] = field(default_factory=list)
    slowest_s: float = 0.0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        try:
            self.talk()
        except Exception as error:
            self.wrong.append(repr(error)[:200])

    def talk(self) -> None:
        headers = {**self.shop.secret, "Accept-Language": "en"}
        with httpx.Client(base_url=f"{self.shop.url}/api/v1", headers=headers, timeout=60) as client:
            session = self.asked(client, "POST", "/sessions", json={}).json()["id"]
            page = self.asked(client, "GET", "/products").json()
            line = {"product": page["products"][self.number]["id"], "quantity": 1}
            sizes = page["products"][self.number]["sizes"]
            line |= {"size": next(s["size"] for s in sizes if s["quantity"] != 0)} if sizes else {}
            self.asked(
                client,
                "POST",
                f"/sessions/{session}/cart/lines",
                json=line,
                headers={"Idempotency-Key": "line"},
            )
            while not self.stop.is_set():
                self.say(client, session)
                time.sleep(0.1)
            turns = self.asked(client, "GET", f"/sessions/{session}").json()
        texts = [turn["text"] for turn in turns["turns"]]
        if texts != [self.text(n) for n in range(self.said)]:
            self.wrong.append(f"{self.said} said, {len(texts)} kept")
        if [(one["id"], one["quantity"]) for one in turns["cart"]["lines"]] != [(line["product"], 1)]:
            self.wrong.append("the cart is another")

    @staticmethod
    def text(number: int) -> str:
        return SAID[number % len(SAID)]

    def say(self, client: httpx.Client, session: str) -> None:
        began = time.monotonic()
        answer = self.asked(
            client,
            "POST",
            f"/sessions/{session}/messages",
            json={"text": self.text(self.said)},
            headers={"Idempotency-Key": f"message-{self.said}"},
        )
        events = [event for _, event in told(answer.text)]
        if not events or events[-1]["type"] != "done":
            self.wrong.append(f"message {self.said} has no end")
        self.wrong += [f"message {self.said}: {e['code']}" for e in events if e["type"] == "error"]
        self.said += 1
        self.slowest_s = max(self.slowest_s, time.monotonic() - began)

    def asked(self, client: httpx.Client, method: str, path: str, **more: object) -> httpx.Response:
        """The answer, asked for again while it is refused for the moment."""
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                answer = client.request(method, path, **more)  # type: ignore[arg-type]
                if answer.status_code < 400:
                    return answer
                why = f"{answer.status_code} {answer.text[:80]}"
                passing = answer.status_code in (502, 503)
            except httpx.TransportError as error:
                why, passing = repr(error), True
            if not passing or time.monotonic() > until:
                self.wrong.append(f"{method} {path}: {why}")
                raise RuntimeError(why)
            self.again += 1
            time.sleep(0.5)


def main() -> int:
    options = argparse.ArgumentParser(description="Restart the workers one by one while shoppers talk.")
    options.add_argument("data", type=Path)
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--shoppers", type=int, default=8)
    options.add_argument("--caddy")
    options.add_argument("--kill", action="store_true", help="kill -9 instead of a restart in order")
    given = options.parse_args()
    shutil.rmtree(given.folder, ignore_errors=True)
    data = Path(shutil.copytree(given.data, given.folder / "shop"))
    limits = dict.fromkeys(("MESSAGES", "SESSIONS", "REQUESTS"), "100000")
    settings = {f"DAOGOU_{name}_PER_MINUTE": most for name, most in limits.items()}
    settings |= {"DAOGOU_SHUTDOWN_LEAD_S": "5", "DAOGOU_LOG": "json"}
    with Topology.start(
        given.folder / "logs", data, database="postgres", settings=settings, caddy=given.caddy
    ) as shop:
        stop = threading.Event()
        shoppers = [Shopper(shop, number, stop) for number in range(given.shoppers)]
        began = time.monotonic()
        for shopper in shoppers:
            shopper.start()
        ends = []
        for worker in range(2):
            time.sleep(5)
            ended = time.monotonic()
            if given.kill:
                shop.kill(worker)
            else:
                shop.workers[worker].end()
            ends.append(round(time.monotonic() - ended, 1))
            shop.revive(worker)
        time.sleep(5)
        stop.set()
        for shopper in shoppers:
            shopper.join(60)
        took = time.monotonic() - began
    wrong = [f"{s.number}: {why}" for s in shoppers for why in s.wrong]
    said = sum(s.said for s in shoppers)
    print(
        json.dumps(
            {
                "shoppers": given.shoppers,
                "messages": said,
                "seconds": round(took, 1),
                "per_second": round(said / took, 1),
                "asked_again": sum(s.again for s in shoppers),
                "slowest_s": round(max(s.slowest_s for s in shoppers), 2),
                "workers_ended_in_s": ends,
                "wrong": wrong[:20],
            },
            ensure_ascii=False,
        )
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
