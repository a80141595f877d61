"""`compose.yaml` as processes of this machine: PostgreSQL, a Chroma server, workers of `daogou serve`, a proxy.

    with Topology.start(folder, data, workers=2, database="postgres") as shop:
        client = httpx.Client(base_url=shop.url, headers=shop.secret)
        shop.kill(0)                        # kill -9 of a worker
        shop.stop_part("postgres")          # or "chroma"; start_part brings it back at the same address

`data` is a filled shop (a copy: it is written to); every log lies in `folder`. By hand, until Ctrl-C:

    python tests/topology.py DATA [--workers 2] [--database postgres] [--port 8500]
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol

import httpx

ROOT = Path(__file__).parent.parent
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from agent.access.keys import Keys  # noqa: E402
from store.tables import Server  # noqa: E402
from tests.chroma_server import ChromaServer  # noqa: E402
from tests.postgres_server import PostgresServer  # noqa: E402

START_S, STOP_S = 240.0, 30.0
Database = Literal["sqlite", "postgres"]
Part = Literal["postgres", "chroma"]


class _Server(Protocol):
    """What the workers lean on."""

    def start(self) -> object: ...

    def stop(self) -> None: ...


@dataclass
class Program:
    """One process that can be started again; what it says goes on in `log`."""

    command: Sequence[str | Path]
    log: Path
    port: int
    settings: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.log.parent, env=environment(self.settings), stdout=log, stderr=log
            )

    def wait(self, path: str, until: float) -> None:
        """Until it answers `path` with 200. Raises RuntimeError, with the end of its log."""
        while time.monotonic() < until and self.process and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}{path}", timeout=5).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        said = self.log.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{self.log.stem} does not come up: {said}")

    def end(self, how: signal.Signals = signal.SIGTERM) -> int | None:
        """Signal it and wait until it is gone; killed where it takes too long. Its exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(settings: Mapping[str, str] = {}) -> dict[str, str]:
    """The environment of a worker: of ours, what is no setting, and `settings`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DAOGOU_", "OTEL_", "LANG"))}
    quiet = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "ANONYMIZED_TELEMETRY": "False"}
    return {**kept, **quiet, "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), **settings}


class Topology:
    """The running parts. `url`: of the proxy; `workers`: behind it; `secret`, `public`: headers with a key of either
    kind, the second for pages of PAGE."""

    PAGE = "https://shop.example"

    def __init__(self, folder: Path, data: Path) -> None:
        self.folder, self.data = folder, data
        self.workers: list[Program] = []
        self.parts: dict[str, _Server] = {}
        self._open = ExitStack()

    @classmethod
    def start(
        cls,
        folder: Path,
        data: Path,
        workers: int = 2,
        database: Database = "sqlite",
        chroma: bool = True,
        settings: Mapping[str, str] = {},
        port: int | None = None,
        caddy: str | None = None,
    ) -> "Topology":
        """Start every part and wait until all workers are ready. `chroma`: products on a server, which takes over
        those in `data`. `settings`: more of DAOGOU_*. `caddy`: the program, to stand before the workers in the place
        of our own proxy. Raises RuntimeError."""
        made = cls(folder, data)
        try:
            made._start(workers, database, chroma, settings, port or free_port(), caddy)
        except BaseException:
            made.stop()
            raise
        return made

    def _start(
        self,
        workers: int,
        database: Database,
        chroma: bool,
        settings: Mapping[str, str],
        port: int,
        caddy: str | None,
    ) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        # An ordinary machine has a core or more for a worker; here all parts share a few, and threads would fight.
        given = {
            "OMP_NUM_THREADS": "1",
            "DAOGOU_DATA": str(self.data),
            "DAOGOU_TRUSTED_PROXIES": "127.0.0.1",
            **settings,
        }
        if chroma:
            given["DAOGOU_CHROMA"] = self._chroma()
        if database == "postgres":
            given["DAOGOU_DATABASE"] = self._postgres()
        self._keys(given)
        until = time.monotonic() + START_S
        for number in range(workers):
            one = worker(self.folder / f"worker{number}.log", free_port(), given)
            self.workers.append(one)
            self._open.callback(one.end)
            one.start()
        self.proxy = self._proxy(port, caddy)
        self._open.callback(self.proxy.end)
        self.proxy.start()
        self.url = self.proxy.url
        for one in self.workers:
            one.wait("/readyz", until)

    def _proxy(self, port: int, caddy: str | None) -> Program:
        log, ports = self.folder / "proxy.log", [one.port for one in self.workers]
        if caddy is None:
            program: list[str | Path] = [sys.executable, ROOT / "tests" / "reverse_proxy.py"]
            return Program([*program, "--port", str(port), "--workers", ",".join(map(str, ports))], log, port)
        given = {
            "DAOGOU_SITE": f"http://127.0.0.1:{port}",
            "DAOGOU_WORKERS": " ".join(f"127.0.0.1:{one}" for one in ports),
            **{"XDG_DATA_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)},
        }
        config = ["--config", ROOT / "deploy" / "Caddyfile", "--adapter", "caddyfile"]
        return Program([caddy, "run", *config], log, port, given)

    def _chroma(self) -> str:
        """The address of a Chroma server that has the products of the folder."""
        from store.chroma import Server as Chroma
        from store.lexical import Lexicon
        from store.products import Products
        from store.shop import CALIBRATION, MODEL

        server = ChromaServer(self.data / "chroma").start()
        self._open.callback(server.stop)
        self.parts["chroma"] = server
        words, products = Lexicon(self.data / "lexical.sqlite"), Products(Chroma(server.url))
        for note in (
            MODEL,
            CALIBRATION,
        ):  # of a folder they lie beside its words, of a server with the products
            if (kept := words.note(note)) and not products.note(note):
                products.keep(note, kept)
        words.close()
        return server.url

    def _postgres(self) -> str:
        server = PostgresServer()
        self._open.callback(server.remove)
        server.start()
        self.parts["postgres"] = server
        return server.url

    def _keys(self, settings: Mapping[str, str]) -> None:
        address = settings.get("DAOGOU_DATABASE")
        keys = Keys(Server(address) if address else self.data)
        secret, public = keys.make("secret"), keys.make("publishable", origins=[self.PAGE])
        self.secret = {"Authorization": f"Bearer {secret.token}"}
        self.public = {"Authorization": f"Bearer {public.token}", "Origin": self.PAGE}

    # -- what goes wrong ---------------------------------------------------------------------------------------------

    def kill(self, worker: int) -> None:
        """End a worker as the kernel would, in the middle of whatever it does."""
        self.workers[worker].end(signal.SIGKILL)

    def revive(self, worker: int) -> None:
        """Start a worker again, and wait until it is ready."""
        self.workers[worker].start()
        self.workers[worker].wait("/readyz", time.monotonic() + START_S)

    def stop_part(self, part: Part) -> None:
        """Take PostgreSQL or Chroma away."""
        self.parts[part].stop()

    def start_part(self, part: Part) -> None:
        """Bring it back where it was."""
        self.parts[part].start()

    def stop(self) -> None:
        """End every part, the proxy first."""
        self._open.close()

    def __enter__(self) -> "Topology":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def worker(log: Path, port: int, settings: Mapping[str, str]) -> Program:
    """A process of `daogou serve`, not started yet."""
    command = [sys.executable, "-m", "ui.cli", "serve", "--host", "127.0.0.1", "--port", str(port)]
    return Program(command, log, port, settings)


def main() -> None:
    options = argparse.ArgumentParser(description="The shop as several processes, until Ctrl-C.")
    options.add_argument("data", type=Path, help="a filled shop; it is written to")
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    options.add_argument("--port", type=int, default=8500)
    options.add_argument("--caddy", metavar="PROGRAM", help="Caddy, to stand before the workers")
    options.add_argument("--logs", type=Path, default=Path("out/topology"))
    given = options.parse_args()
    started = time.monotonic()
    with Topology.start(
        given.logs.resolve(),
        given.data.resolve(),
        given.workers,
        given.database,
        port=given.port,
        caddy=given.caddy,
    ) as shop:
        print(f"{shop.url}, ready after {time.monotonic() - started:.1f} s; logs in {shop.folder}")
        print(f"a key for its API: {shop.secret['Authorization'].removeprefix('Bearer ')}", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("stopping")


if __name__ == "__main__":
    sys.exit(main())
