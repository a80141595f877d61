"""Pictures from addresses that a feed names: what strangers write must not make us knock at doors inside.

An address is resolved, every one of its IP addresses checked, and the connection made to exactly the one that was
checked, at the first address and behind every redirect. Proxies and settings of the environment are not asked.

PictureRefused   a picture that the product has to do without: a code with a sentence in prompts/feeds.yaml
"""

import ipaddress
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import httpcore

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# IANA's registries call these not globally reachable; Python's own list lacks some, more or fewer by version.
_SPECIAL = [
    ipaddress.ip_network(net)
    for net in ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "100::/64", "3fff::/20", "5f00::/16")
]
_INSIDE = frozenset(
    [ipaddress.ip_address("168.63.129.16")]
)  # looks public; inside Azure it is the platform's own
_AGENT = b"daogou-import"


class PictureRefused(Exception):
    """Why a picture was not taken."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, {name: str(value) for name, value in values.items()}


@dataclass(frozen=True)
class Limits:
    """Of one picture. Bytes, seconds, redirects; `failures`: of one host in a row, then it is left alone."""

    bytes: int = 15_000_000
    connect_s: float = 5.0
    read_s: float = 10.0
    total_s: float = 30.0
    redirects: int = 3
    failures: int = 3


def public(address: Address) -> bool:
    """Whether anybody on the internet may be asked at this address; also where IPv6 carries an IPv4 one."""
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return public(inside)
    if address in _INSIDE or any(address in net for net in _SPECIAL):
        return False
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or (isinstance(address, ipaddress.IPv6Address) and address.is_site_local)
    )


def resolved(host: str, port: int) -> list[str]:
    """The IP addresses of a host, as the system gives them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]).split("%")[0] for entry in found))


class _Hurried(threading.local):
    """When what this thread waits for has to be there."""

    deadline = float("inf")

    def left(self, timeout: float | None) -> float:
        """The seconds that may be waited. Raises httpcore.ReadTimeout when there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the picture takes too long")
        return left if timeout is None else min(timeout, left)


_HURRIED = _Hurried()


class _Timed(httpcore.NetworkStream):
    """A stream of which no reading goes on behind the deadline, however little comes at a time."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _HURRIED.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _HURRIED.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._inner.start_tls(ssl_context, server_hostname, _HURRIED.left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Guarded(httpcore.NetworkBackend):
    """Connects to addresses that were checked, and to nothing else."""

    def __init__(
        self, permitted: Callable[[Address], bool], resolve: Callable[[str, int], list[str]]
    ) -> None:
        self._permitted, self._resolve = permitted, resolve
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise PictureRefused("no_host", host=host) from error
        for address in addresses:
            if not self._permitted(ipaddress.ip_address(address)):
                raise PictureRefused("private", address=address)
        failure: Exception | None = None
        for address in addresses[:3]:
            try:
                wait = _HURRIED.left(timeout)
                return _Timed(self._inner.connect_tcp(address, port, wait, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise PictureRefused("no_answer", host=host) from failure

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise PictureRefused("not_http", scheme="unix")

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Fetcher:
    """Fetches pictures. Safe to use from several threads.

    `permitted` and `resolve` are there for tests, and for shops whose pictures lie inside their own network.
    """

    def __init__(
        self,
        limits: Limits = Limits(),
        permitted: Callable[[Address], bool] = public,
        resolve: Callable[[str, int], list[str]] = resolved,
    ) -> None:
        self._limits = limits
        self._pool = httpcore.ConnectionPool(
            max_connections=16,
            max_keepalive_connections=8,
            keepalive_expiry=5,
            network_backend=_Guarded(permitted, resolve),
        )
        self._failed: Counter[str] = Counter()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of every connection."""
        self._pool.close()

    def get(self, address: str) -> bytes:
        """What lies at `address`. Raises PictureRefused."""
        deadline = _HURRIED.deadline = time.monotonic() + self._limits.total_s
        for _ in range(self._limits.redirects + 1):
            url, host = _fit(address)
            with self._lock:
                if self._failed[host] >= self._limits.failures:
                    raise PictureRefused("given_up", host=host)
            try:
                onward, data = self._one(url, host, deadline)
            except PictureRefused as refused:
                with self._lock:
                    self._failed[host] += refused.code in ("no_host", "no_answer", "too_slow")
                raise
            with self._lock:
                self._failed.pop(host, None)
            if onward is None:
                return data
            address = urljoin(url, onward)
        raise PictureRefused("redirects", most=self._limits.redirects)

    def _one(self, url: str, host: str, deadline: float) -> tuple[str | None, bytes]:
        """(where to go on, b"") or (None, the bytes)."""
        limits = self._limits
        waits = {
            "connect": limits.connect_s,
            "read": limits.read_s,
            "write": limits.read_s,
            "pool": limits.total_s,
        }
        headers: Sequence[tuple[bytes, bytes]] = [
            (b"Host", urlsplit(url).netloc.encode()),
            (b"User-Agent", _AGENT),
            (b"Accept", b"image/*"),
            (b"Accept-Encoding", b"identity"),
        ]
        try:
            with self._pool.stream("GET", url, headers=headers, extensions={"timeout": waits}) as answer:
                found = {name.lower(): value for name, value in answer.headers}
                if answer.status in (301, 302, 303, 307, 308) and b"location" in found:
                    return found[b"location"].decode("latin-1"), b""
                if answer.status != 200:
                    raise PictureRefused("status", status=answer.status)
                announced = found.get(b"content-length", b"0")
                if announced.isdigit() and int(announced) > limits.bytes:
                    raise PictureRefused("too_large", most=limits.bytes)
                data = bytearray()
                for piece in answer.iter_stream():
                    data += piece
                    if len(data) > limits.bytes:
                        raise PictureRefused("too_large", most=limits.bytes)
                    if time.monotonic() > deadline:
                        raise PictureRefused("too_slow", most=f"{limits.total_s:g}")
                return None, bytes(data)
        except PictureRefused:
            raise
        except (httpcore.TimeoutException, TimeoutError) as error:
            raise PictureRefused("too_slow", most=f"{limits.read_s:g}") from error
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
            OSError,
        ) as error:
            raise PictureRefused("no_answer", host=host) from error


def _fit(address: str) -> tuple[str, str]:
    """(address as it goes over the wire, host). Raises PictureRefused for what is not http(s), or no address."""
    text = address.strip()
    try:
        parts = urlsplit(text)
        if parts.scheme.casefold() not in ("http", "https"):
            raise PictureRefused("not_http", scheme=parts.scheme or "?")
        host = (parts.hostname or "").rstrip(".")
        if not host or any(ord(c) < 33 for c in text if c not in " "):
            raise PictureRefused("bad_url")
        if not host.isascii():
            host = host.encode("idna").decode()
        port = f":{parts.port}" if parts.port else ""
    except (ValueError, UnicodeError) as error:
        raise PictureRefused("bad_url") from error
    netloc = f"[{host}]{port}" if ":" in host else f"{host}{port}"
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return urlunsplit((parts.scheme.casefold(), netloc, path, query, "")), host
