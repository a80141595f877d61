"""One shopper's line to the shop: HTTP/1.1 over asyncio, as lean as it can be, so that who measures takes little of the
machine that is measured. Every shopper comes from a loopback address of its own, as shoppers do.

Lost       a connection that broke: what was asked may be asked again
Refused    an answer of another status than was expected
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

PATH = "/api/v1"
_WAIT_S = 60.0  # for a line of an answer


class Lost(Exception):
    pass


class Refused(Exception):
    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"{status}: {body[:300].decode(errors='replace')}")
        self.status = status


@dataclass
class Answer:
    """The head of an answer, and what reads its body."""

    status: int
    headers: dict[str, str]
    reader: asyncio.StreamReader = field(repr=False)
    writer: asyncio.StreamWriter = field(repr=False)  # one that nobody holds closes its connection

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises Lost where it breaks off."""
        if self.headers.get("transfer-encoding") == "chunked":
            while size := int(await _line(self.reader), 16):
                yield await _exactly(self.reader, size)
                await _line(self.reader)
            await _line(self.reader)
        elif (length := int(self.headers.get("content-length", "0"))) > 0:
            yield await _exactly(self.reader, length)


@dataclass
class Line:
    """`bases`: addresses of the workers, or of the proxy before them; the next one is asked when one cannot be had."""

    bases: list[str]
    headers: dict[str, str]
    address: str = "127.0.0.1"
    at: int = 0
    lost: int = 0
    _open: tuple[int, asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Ask, and read the head of the answer. Raises Lost."""
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            reader, writer = await self._line()
            host = urlsplit(self.bases[self.at]).netloc
            fields = {"Host": host, "Content-Length": str(len(data)), **self.headers, **headers}
            if body is not None:
                fields.setdefault("Content-Type", "application/json")
            head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            writer.write(f"{method} {PATH}{path} HTTP/1.1\r\n{head}\r\n".encode() + data)
            await writer.drain()
            status = int((await _line(reader)).split()[1])
            told = {}
            while line := await _line(reader):
                name, _, value = line.partition(":")
                told[name.lower()] = value.strip()
        except (OSError, Lost, ValueError, IndexError) as error:
            self.drop()
            raise Lost(str(error)) from error
        if told.get("connection") == "close":
            self._open = None
        return Answer(status, told, reader, writer)

    async def json(self, method: str, path: str, body: Any = None, expect: int = 200, **headers: str) -> Any:
        """Ask until it is answered, and read the whole of it. Raises Refused; Lost when nobody answers for a while."""
        for _ in range(60):
            try:
                answer = await self.ask(method, path, body, **headers)
                whole = b"".join([piece async for piece in answer.pieces()])
            except Lost:
                self.drop()
                await asyncio.sleep(0.5)
                continue
            if answer.status in (502, 503, 504):  # a proxy that has not found out, or a store that is away
                await asyncio.sleep(0.5)
                self.lost += 1
                continue
            if answer.status != expect:
                raise Refused(answer.status, whole)
            return json.loads(whole) if whole else None
        raise Lost("nobody answers")

    def drop(self) -> None:
        """Hang up; the next question goes to the next address."""
        self.lost += 1
        if self._open:
            self._open[2].close()
            self._open = None
        self.at = (self.at + 1) % len(self.bases)

    def wander(self) -> None:
        """Go on at another address, as a balancer would have it that knows nobody."""
        if len(self.bases) > 1:
            if self._open:
                self._open[2].close()
                self._open = None
            self.at = (self.at + 1) % len(self.bases)

    async def _line(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._open and not self._open[1].at_eof() and not self._open[2].is_closing():
            return self._open[1], self._open[2]
        parts = urlsplit(self.bases[self.at])
        reader, writer = await asyncio.open_connection(
            parts.hostname, parts.port, limit=1 << 20, local_addr=(self.address, 0)
        )
        self._open = self.at, reader, writer
        return reader, writer


async def events(answer: Answer) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """(id, event) of a stream, as they come. Raises Lost where it breaks off."""
    rest = b""
    async for piece in answer.pieces():
        *blocks, rest = (rest + piece).split(b"\n\n")
        for block in blocks:
            fields = dict(line.split(b": ", 1) for line in block.split(b"\n") if b": " in line[:10])
            if b"id" in fields:
                yield fields[b"id"].decode(), json.loads(fields[b"data"])


async def _line(reader: asyncio.StreamReader) -> str:
    try:
        line = await asyncio.wait_for(reader.readline(), _WAIT_S)
    except (OSError, TimeoutError) as error:
        raise Lost(repr(error)) from error
    if not line.endswith(b"\n"):
        raise Lost("broken off")
    return line.rstrip(b"\r\n").decode("latin-1")


async def _exactly(reader: asyncio.StreamReader, size: int) -> bytes:
    try:
        return await asyncio.wait_for(reader.readexactly(size), _WAIT_S)
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        raise Lost(repr(error)) from error
