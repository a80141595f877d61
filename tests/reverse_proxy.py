"""The reverse proxy of `compose.yaml` as a small program: what the tests put before several workers.

It does what the Caddyfile asks of Caddy: the doors of machines (API, OpenAI, MCP, pictures) go round the workers, a
page of the chat stays with one (a cookie), a worker that is not ready gets nothing, a connection that is refused is
tried at the next one, what comes is passed on as it comes, and inside paths are nobody's from outside.

    python tests/reverse_proxy.py --port 8500 --workers 8501,8502
"""

import argparse
import asyncio
import itertools
import re
import sys
from collections.abc import Iterable
from contextlib import suppress

# The conversation is in no process.
ANY_WORKER = ("/api/", "/v1/", "/mcp", "/mcp/", "/pictures/", "/widget.js", "/store", "/store/")
INSIDE = ("/metrics", "/healthz", "/readyz")
COOKIE = re.compile(rb"\bdaogou_worker=(\d)\b")
HEAD_BYTES, BODY_BYTES = 65_536, 64_000_000
CHECK_S, DOWN_S, CONNECT_S = 0.5, 1.0, 1.0
REFUSED = {404: b"Not Found", 413: b"Content Too Large", 502: b"Bad Gateway"}
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Proxy:
    """Passes requests on to `ports` of this machine."""

    def __init__(self, ports: Iterable[int]) -> None:
        self._ports = list(ports)
        self._ready = dict.fromkeys(self._ports, True)
        self._round = itertools.count()

    async def serve(self, port: int) -> None:
        """Listen until cancelled."""
        server = await asyncio.start_server(self._client, "127.0.0.1", port, limit=HEAD_BYTES, backlog=512)
        async with server, asyncio.TaskGroup() as group:
            for worker in self._ports:
                group.create_task(self._check(worker))
            await server.serve_forever()

    async def _check(self, worker: int) -> None:
        """Ask a worker again and again whether it can answer."""
        while True:
            try:
                async with asyncio.timeout(DOWN_S * 3):
                    reader, writer = await asyncio.open_connection("127.0.0.1", worker)
                    writer.write(b"GET /readyz/here HTTP/1.1\r\nHost: worker\r\nConnection: close\r\n\r\n")
                    line = await reader.readline()
                    writer.close()
                self._ready[worker] = b" 200 " in line
            except (OSError, TimeoutError):
                self._ready[worker] = False
            await asyncio.sleep(CHECK_S)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await self._pass_on(reader, writer)
        with suppress(OSError):
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, path, *_ = head.split(b" ", 2)
        plain = path.decode("latin-1").partition("?")[0]
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if plain.startswith(INSIDE):
            return _refuse(writer, 404)
        if length and int(length[1]) > BODY_BYTES:
            return _refuse(writer, 413)
        anywhere = plain.startswith(ANY_WORKER)
        named = None if anywhere else COOKIE.search(head)
        for worker in self._order(int(named[1]) if named else None):
            try:
                async with asyncio.timeout(CONNECT_S):
                    ends = await asyncio.open_connection("127.0.0.1", worker, limit=HEAD_BYTES)
            except (OSError, TimeoutError):
                self._ready[worker] = False
                continue
            ends[1].write(_forwarded(head, writer.get_extra_info("peername")[0]))
            cookie = None if anywhere else self._ports.index(worker)
            if await _exchange((reader, writer), ends, cookie):
                return None
            if method not in (b"GET", b"HEAD"):
                break  # nobody knows how much of it was done: the client asks again, with the same key
        return _refuse(writer, 502)

    def _order(self, named: int | None) -> list[int]:
        """The workers in the order in which they are tried."""
        turn = (next(self._round) if named is None else named) % len(self._ports)
        around = self._ports[turn:] + self._ports[:turn]
        return sorted(around, key=lambda worker: not self._ready[worker])


async def _exchange(client: Ends, worker: Ends, cookie: int | None) -> bool:
    """Carry bytes both ways until either end closes. False where the worker closed without a word."""
    upwards = asyncio.create_task(_carry(client[0], worker[1]))
    try:
        try:
            head = await worker[0].readuntil(b"\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError):
            return False
        if cookie is not None:
            line = b"\r\nSet-Cookie: daogou_worker=%d; Path=/; HttpOnly; SameSite=Lax" % cookie
            head = head.replace(b"\r\n", line + b"\r\n", 1)
        client[1].write(head)
        downwards = asyncio.create_task(_carry(worker[0], client[1]))
        done, _ = await asyncio.wait({upwards, downwards}, return_when=asyncio.FIRST_COMPLETED)
        if upwards in done and not upwards.result():  # it takes no more, but may have something to say
            await downwards
        downwards.cancel()
        return True
    finally:
        upwards.cancel()
        with suppress(OSError):
            worker[1].close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Pass on what comes, as it comes. True once the one who speaks has gone, False where the other takes no more."""
    while True:
        try:
            piece = await reader.read(HEAD_BYTES)
        except OSError:
            return True
        if not piece:
            return True
        try:
            writer.write(piece)
            await writer.drain()
        except OSError:
            return False


def _forwarded(head: bytes, address: str) -> bytes:
    """The head as the worker gets it: from whom it comes, and one exchange to a connection (a websocket stays one)."""
    lines = head[:-4].split(b"\r\n")
    upgraded = any(line.lower().startswith(b"upgrade:") for line in lines)
    dropped = (b"x-forwarded-", *(() if upgraded else (b"connection:", b"keep-alive:")))
    kept = [lines[0], *(line for line in lines[1:] if not line.lower().startswith(dropped))]
    kept += [b"X-Forwarded-For: " + address.encode(), b"X-Forwarded-Proto: http"]
    kept += [] if upgraded else [b"Connection: close"]
    return b"\r\n".join(kept) + b"\r\n\r\n"


def _refuse(writer: asyncio.StreamWriter, status: int) -> None:
    told = REFUSED[status]
    writer.write(
        b"HTTP/1.1 %d %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
        % (status, told, len(told), told)
    )


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--workers", required=True, help="ports, with commas")
    given = options.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(Proxy(map(int, given.workers.split(","))).serve(given.port))


if __name__ == "__main__":
    sys.exit(main())
