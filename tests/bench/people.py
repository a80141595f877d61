"""How long a turn takes with people's conversations in files and in PostgreSQL, the same turns on each in turn:
`python -m tests.bench.people DATA [--rounds 40]`."""

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from agent.assistant import Assistant
from agent.settings import Settings
from tests.postgres_server import PostgresServer

SAID = ("white sneakers under 60", "what about returns?", "add the first one", "红色连衣裙", "推荐一双凉鞋")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("data", type=Path, help="a filled shop; it is copied")
    options.add_argument("--rounds", type=int, default=40)
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="daogou-people-"))
    data = Path(shutil.copytree(given.data, folder / "shop"))
    server = PostgresServer(durable=True).start()
    kept = {
        "files": Assistant.open(Settings(data=data)),
        "PostgreSQL": Assistant.open(Settings(data=data, database=server.url)),  # type: ignore[arg-type]
    }
    try:
        kept["files"].warm()
        kept["PostgreSQL"].__dict__.update(eyes=kept["files"].eyes, shop=kept["files"].shop)
        took: dict[str, list[float]] = {name: [] for name in kept}
        first: dict[str, list[float]] = {name: [] for name in kept}
        for number in range(given.rounds + 2):
            sessions = {name: one.session() for name, one in kept.items()}
            for text in SAID:
                for name, session in sessions.items():
                    began = time.perf_counter()
                    events = session.respond(text)
                    next(events)
                    begun = time.perf_counter()
                    list(events)
                    if number >= 2:  # the first ones warm up
                        took[name].append((time.perf_counter() - began) * 1000)
                        first[name].append((begun - began) * 1000)
        for name, times in took.items():
            part = statistics.quantiles(times, n=20)
            print(f"{name:12} n={len(times)} median {statistics.median(times):.1f} ms, p95 {part[18]:.1f} ms, "
                  f"first event {statistics.median(first[name]):.1f} ms")  # fmt: skip
    finally:
        server.remove()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
