"""`make bench-load`: fifty shoppers at once, what they wait for, and whether anything of theirs is lost or crossed.

    python -m tests.bench.load DATA [--parts paced,full,kill,postgres,chroma] [--shoppers 50] [--seconds 180]
    python -m tests.bench.load --url URL --url URL2 --key KEY --parts paced         a shop that runs already

`paced`  shoppers in Chinese and English, with words and photos, think and type for 8 s on average between two
         messages (log-normal, 1 s to 32 s): some 5 messages a second for 50 of them. Each comes from an address of its
         own, has a word of its own in what it says, puts things into its cart twice under one key, and holds the shop's
         record against its own in the end.
`full`   8 shoppers who never think, in words alone: turns a second, against a bare `Session.respond` in a process of
         its own, one after the other in turns of a few seconds, so that both see the same machine; and CPU a turn.
`kill`   the topology of compose.yaml (tests/topology.py): two workers behind a proxy that sends any request to any of
         them, PostgreSQL, a Chroma server. Again and again a worker is killed (-9) and comes back; shoppers think half
         as long. No turn may be lost without being told, no line lost or doubled.
`postgres`, `chroma`   the same while that part is away for 20 s.

The server is `daogou serve` on loopback with the offline planner, as it is installed; only the limit of messages a
minute is lifted. The machine's load at the beginning is printed: other work on it slows everything.
"""

import argparse
import asyncio
import base64
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import psutil

from tests.bench.load_client import Line
from tests.bench.load_shopper import PHOTO, TALKS, WANTS, Shopper, Tally
from tests.bench.run import PHOTOS, SHARED, distinct_photos
from tests.topology import Topology

ROOT = Path(__file__).parent.parent.parent
PAGE = "https://shop.example"
ENV = {
    "HF_HUB_OFFLINE": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "OMP_NUM_THREADS": "1",  # as a server with several requests at a time has it
    "DAOGOU_MESSAGES_PER_MINUTE": "1000000",
    "DAOGOU_LOG_LEVEL": "error",
    "PYTHONPATH": str(ROOT),
}
SERVE = [sys.executable, "-m", "ui.cli", "serve"]


class Worker:
    """One `daogou serve`."""

    def __init__(self, data: Path, port: int, env: Mapping[str, str] = MappingProxyType({})) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._data, self._port, self._env = data, port, {**os.environ, **ENV, **env}
        self.begin()

    def begin(self) -> None:
        """Start it, or start it again."""
        command = [*SERVE, "--data", str(self._data), "--port", str(self._port)]
        self._process = subprocess.Popen(command, env=self._env, cwd=self._data, stdout=subprocess.DEVNULL)

    def ready(self, key: str) -> None:
        """Wait until it answers a message."""
        for _ in range(240):
            with suppress(OSError):
                _ask(f"{self.url}/api/v1/search", key, {"text": "shirt", "limit": 1})
                return
            if self._process.poll() is not None:
                raise SystemExit("the shop does not start")
            time.sleep(0.5)
        raise SystemExit("the shop does not answer")

    def kill(self) -> None:
        """End it as a machine does that loses its power."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def end(self) -> None:
        """End it as one does."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def cpu_s(self) -> float:
        """Seconds of CPU that it has used."""
        times = psutil.Process(self._process.pid).cpu_times()
        return times.user + times.system

    def memory_mb(self) -> float:
        """Megabytes that it holds."""
        return psutil.Process(self._process.pid).memory_info().rss / 1e6


def _ask(url: str, key: str, body: Any) -> Any:
    headers = {"Authorization": f"Bearer {key}", "Origin": PAGE, "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


@contextmanager
def served(
    data: Path, workers: int, env: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple[list[Worker], str]]:
    """(the workers of a copy of the shop, a key for its page)."""
    with tempfile.TemporaryDirectory(prefix="daogou-load-") as folder:
        shop = Path(shutil.copytree(data, Path(folder) / "shop"))
        made = subprocess.run(
            [sys.executable, "-m", "ui.cli", "keys", "make", "--origin", PAGE, "--json", "--data", str(shop)],
            env={**os.environ, **ENV},
            check=True,
            capture_output=True,
        )
        key = str(json.loads(made.stdout)["token"])
        begun = [Worker(shop, _free_port(), env) for _ in range(workers)]
        try:
            for worker in begun:
                worker.ready(key)
            yield begun, key
        finally:
            for worker in begun:
                worker.end()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


async def shopping(
    urls: list[str],
    key: str,
    count: int,
    seconds: float,
    think_s: float,
    photos: list[str],
    breakdowns: bool = False,
) -> Tally:
    """`count` shoppers for so long; what they saw."""
    tally, rng = Tally(), random.Random(8)
    headers = {"Authorization": f"Bearer {key}", "Origin": PAGE, "Accept-Language": "en"}
    until = time.monotonic() + seconds
    shoppers = [
        Shopper(
            Line(urls, headers, f"127.0.{1 + n // 250}.{1 + n % 250}", at=n % len(urls)),
            ("zh", "en")[n % 2],
            tally,
            photos,
            think_s,
            random.Random(rng.random()),
            breakdowns,
        )
        for n in range(count)
    ]
    await asyncio.gather(*(shopper.shop(until) for shopper in shoppers))
    return tally


def told(tally: Tally) -> dict[str, Any]:
    """The figures of a part."""

    def spread(values: list[tuple[bool, float]], photo: bool | None = None) -> dict[str, float]:
        found = sorted(ms for has, ms in values if photo is None or has == photo)
        at = lambda share: round(found[min(len(found) - 1, int(share * len(found)))], 1)  # noqa: E731
        return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "n": len(found)} if found else {"n": 0}

    return {
        "turns": len(tally.whole),
        "first event": spread(tally.first),
        "first event of photo turns": spread(tally.first, True),
        "first event after turn_started": spread(tally.news),
        "whole text turn": spread(tally.whole, False),
        "whole photo turn": spread(tally.whole, True),
        "cart lines": tally.lines,
        "conversations held against the record": tally.checked,
        "wrong": dict(tally.wrong),
        "examples": tally.examples,
        "connections taken up again": tally.resumed,
        "why": dict(tally.lost.most_common(5)),
        "turns told as interrupted": tally.interrupted,
        "told as away": dict(tally.away),
    }


def paced(data: Path, given: argparse.Namespace, photos: list[str]) -> dict[str, Any]:
    """Shoppers as they are."""
    if given.url:
        return told(
            asyncio.run(shopping(given.url, given.key, given.shoppers, given.seconds, given.think, photos))
        )
    with served(data, given.workers) as (workers, key):
        before, began = sum(w.cpu_s() for w in workers), time.monotonic()
        urls = [w.url for w in workers]
        figures = told(asyncio.run(shopping(urls, key, given.shoppers, given.seconds, given.think, photos)))
        used = sum(w.cpu_s() for w in workers) - before
        figures["cores used by the shop"] = round(used / (time.monotonic() - began), 2)
        figures["memory of a worker, MB"] = round(max(w.memory_mb() for w in workers))
        return figures


def full(data: Path, given: argparse.Namespace) -> dict[str, Any]:
    """As many turns as there can be, and what a bare conversation has."""
    rounds = []
    with served(data, given.workers) as (workers, key), _bare(data) as bare:
        for _ in range(given.rounds):
            alone = bare(given.breath)
            before = sum(w.cpu_s() for w in workers)
            began = time.monotonic()
            tally = asyncio.run(shopping([w.url for w in workers], key, 8, given.breath * 2, 0, []))
            wall, used = time.monotonic() - began, sum(w.cpu_s() for w in workers) - before
            turns = len(tally.whole)
            rounds.append(
                {
                    "served": turns / wall,
                    "bare": alone["turns"] / alone["wall_s"],
                    "served_cpu_ms": 1000 * used / max(1, turns),
                    "bare_cpu_ms": 1000 * alone["cpu_s"] / alone["turns"],
                    "wrong": dict(tally.wrong),
                }
            )

    def middle(value: Callable[[dict[str, Any]], float]) -> float:
        return round(statistics.median(map(value, rounds)), 2)

    return {
        "text turns a second": middle(lambda r: r["served"]),
        "bare respond, turns a second": middle(lambda r: r["bare"]),
        "ratio": middle(lambda r: r["served"] / r["bare"]),
        "CPU ms a turn, served": middle(lambda r: r["served_cpu_ms"]),
        "CPU ms a turn, bare": middle(lambda r: r["bare_cpu_ms"]),
        "CPU ratio": middle(lambda r: r["served_cpu_ms"] / r["bare_cpu_ms"]),
        "rounds": rounds,
        "wrong": {kind: n for r in rounds for kind, n in r["wrong"].items()},
    }


@contextmanager
def _bare(data: Path) -> Iterator[Callable[[float], dict[str, float]]]:
    """What runs a bare conversation for so many seconds whenever it is asked to."""
    with tempfile.TemporaryDirectory(prefix="daogou-bare-") as folder:
        shop = Path(shutil.copytree(data, Path(folder) / "shop"))
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.load", str(shop), "--bare"],
            env={**os.environ, **ENV},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin and process.stdout
        process.stdout.readline()  # it is warm

        def run(seconds: float) -> dict[str, float]:
            assert process.stdin and process.stdout
            process.stdin.write(f"{seconds}\n")
            process.stdin.flush()
            found: dict[str, float] = json.loads(process.stdout.readline())
            return found

        try:
            yield run
        finally:
            process.stdin.close()
            process.wait(20)


def bare(data: Path) -> None:
    """`Session.respond` on the texts of the talks, for as many seconds as every line of stdin says."""
    from agent.assistant import Assistant
    from agent.settings import Settings

    assistant = Assistant.open(Settings(data=data, model="offline"))
    assistant.warm()
    rng = random.Random(8)
    print("warm", flush=True)
    for line in sys.stdin:
        began, cpu, turns = time.monotonic(), time.process_time(), 0
        while time.monotonic() - began < float(line):
            lang = rng.choice(["zh", "en"])
            session, want = assistant.session(lang=lang), rng.choice(WANTS[lang])
            for step in rng.choice(TALKS[lang]):
                if PHOTO not in step and not step.startswith("<"):
                    turns += any(
                        e.type == "done" for e in session.respond(step.format(mark="qzbcdfghxq", want=want))
                    )
        spent = {
            "turns": turns,
            "wall_s": time.monotonic() - began,
            "cpu_s": time.process_time() - cpu,
        }
        print(json.dumps(spent), flush=True)
    assistant.close()


def trouble(
    data: Path,
    given: argparse.Namespace,
    photos: list[str],
    happens: Callable[[Topology], Coroutine[Any, Any, None]],
) -> dict[str, Any]:
    """Shoppers at the proxy of the whole topology while something goes wrong."""
    with tempfile.TemporaryDirectory(prefix="daogou-load-") as folder:
        shop = Path(shutil.copytree(data, Path(folder) / "shop"))
        lifted = {"DAOGOU_MESSAGES_PER_MINUTE": "1000000"}
        with Topology.start(Path(folder) / "logs", shop, 2, given.database, True, lifted) as running:
            key = running.public["Authorization"].removeprefix("Bearer ")

            async def both() -> Tally:
                mishap = asyncio.create_task(happens(running))
                seconds = given.trouble_seconds
                tally = await shopping(
                    [running.url], key, given.shoppers, seconds, given.think / 2, photos, True
                )
                await mishap
                return tally

            return told(asyncio.run(both()))


def kill(data: Path, given: argparse.Namespace, photos: list[str]) -> dict[str, Any]:
    """Workers die in turn, each coming back as a supervisor would have it."""

    async def happens(running: Topology) -> None:
        until, number = time.monotonic() + given.trouble_seconds - 20, 0
        while time.monotonic() < until:
            await asyncio.sleep(8)
            running.kill(number)
            await asyncio.sleep(2)
            await asyncio.to_thread(running.revive, number)
            number = 1 - number

    return trouble(data, given, photos, happens)


def away(part: Literal["postgres", "chroma"]) -> Callable[..., dict[str, Any]]:
    """What to measure while a part of the topology is away for 20 s."""

    async def happens(running: Topology) -> None:
        await asyncio.sleep(15)
        await asyncio.to_thread(running.stop_part, part)
        await asyncio.sleep(20)
        await asyncio.to_thread(running.start_part, part)

    return lambda data, given, photos: trouble(data, given, photos, happens)


def main() -> None:
    """Measure what was asked for; a table, then JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, nargs="?", help="a demo shop; a copy of it is served")
    parser.add_argument("--parts", default="paced,full,kill,postgres,chroma")
    parser.add_argument("--shoppers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument(
        "--trouble-seconds", type=float, default=80, help="of the parts in which something dies"
    )
    parser.add_argument(
        "--database", choices=("sqlite", "postgres"), default="postgres", help="of those parts"
    )
    parser.add_argument("--think", type=float, default=8.0, help="seconds between two messages, on average")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--breath", type=float, default=8.0, help="seconds of the bare half of a round")
    parser.add_argument("--url", action="append", default=[], help="of a shop that runs already")
    parser.add_argument("--key", default="")
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.bare:
        bare(given.data)
        return
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    photos = [
        "data:image/jpeg;base64," + base64.b64encode(data).decode() for data in distinct_photos(SHARED, 40)
    ] if PHOTOS.is_dir() else []  # fmt: skip
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "paced": lambda: paced(given.data, given, photos),
        "full": lambda: full(given.data, given),
        "kill": lambda: kill(given.data, given, photos),
        "postgres": lambda: away("postgres")(given.data, given, photos),
        "chroma": lambda: away("chroma")(given.data, given, photos),
    }
    found = {}
    for name in given.parts.split(","):
        found[name] = parts[name]()
        print(f"\n{name}")
        for what, figure in found[name].items():
            if what != "rounds":
                print(f"  {what:42} {figure}", flush=True)
    print(json.dumps(found))
    if any(figures["wrong"] for figures in found.values()):
        sys.exit(1)


if __name__ == "__main__":
    main()
