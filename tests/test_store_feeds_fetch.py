"""Pictures from addresses: fetched within limits, and never from inside, however the address is written."""

import ipaddress
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.feeds.fetch import Fetcher, Limits, PictureRefused, public

QUICK = Limits(bytes=5_000, connect_s=1, read_s=0.4, total_s=0.8, redirects=2, failures=2)


class Pages(BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.asked.append(self.path)
        kind, _, rest = self.path.strip("/").partition("/")
        if kind == "to":
            self.send_response(302)
            self.send_header("Location", unquote(rest))
            self.end_headers()
            return
        if kind == "status":
            self.send_response(int(rest))
            self.end_headers()
            return
        self.send_response(200)
        if kind == "announced":
            self.send_header("Content-Length", "9999999")
        if kind == "drops":
            self.flush_headers()
        else:
            self.end_headers()
        if kind == "endless":
            self.wfile.write(b"x" * 20_000)
        elif kind == "slow":
            for _ in range(40):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        elif kind == "drops":  # a header that never ends, a byte at a time
            with suppress(OSError):
                for _ in range(100):
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.05)
        elif kind == "silent":
            time.sleep(0.8)
        else:
            self.wfile.write(self.path.encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_address[1]}"
    httpd.shutdown()


def fetcher(**how: object) -> Fetcher:
    """One that may ask the test's own server."""
    return Fetcher(QUICK, permitted=lambda address: public(address) or address.is_loopback, **how)  # type: ignore[arg-type]


def code(job: Callable[[], object]) -> str:
    with pytest.raises(PictureRefused) as refused:
        job()
    return refused.value.code


def test_a_picture_is_fetched_also_behind_a_redirect(server: str) -> None:
    one = fetcher()
    assert one.get(f"{server}/a b.jpg?x=1&y=ü") == b"/a%20b.jpg?x=1&y=%C3%BC"
    assert one.get(f"{server}/to//to//fine") == b"/fine"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/status/404", "status"),
        ("/announced", "too_large"),
        ("/endless", "too_large"),
        ("/slow", "too_slow"),
        ("/silent", "too_slow"),
        ("/to//to//to//fine", "redirects"),
        ("/to/file:///etc/passwd", "not_http"),
        ("/to/ftp://127.0.0.1/a", "not_http"),
        ("/to/http://10.0.0.8/a.jpg", "private"),
        ("/to/http://[::ffff:169.254.169.254]/latest", "private"),
        ("/to/http://[64:ff9b::a00:1]/", "private"),
    ],
)
def test_what_is_too_much_or_leads_inside_is_refused(server: str, path: str, told: str) -> None:
    assert code(lambda: fetcher().get(server + path)) == told


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/a.jpg",
        "http://localhost/a.jpg",
        "http://2130706433/a.jpg",
        "http://0x7f.1/a.jpg",
        "http://[::1]/a.jpg",
        "http://0.0.0.0/a.jpg",
        "http://user@127.0.0.1:80/a.jpg",
        "http://169.254.169.254/latest/meta-data",
        "http://192.168.1.1/a.jpg",
        "http://100.64.0.1/a.jpg",
        "http://[fec0::1]/a.jpg",
        "http://168.63.129.16/machine",
        "http://192.0.0.8/a.jpg",
        "http://[64:ff9b:1::a00:1]/a.jpg",
    ],
)
def test_an_address_inside_is_refused_however_it_is_written(address: str) -> None:
    assert code(lambda: Fetcher(QUICK).get(address)) == "private"


@pytest.mark.parametrize(
    ("address", "told"),
    [("file:///etc/passwd", "not_http"), ("gopher://x/", "not_http"), ("http://", "bad_url"),
     ("http://x:99999/", "bad_url"), ("http://a\nb/", "bad_url"), ("http://[::1", "bad_url")],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str, told: str) -> None:
    assert code(lambda: Fetcher(QUICK).get(address)) == told


def test_a_name_is_asked_for_once_and_the_very_address_that_was_checked_is_connected_to(server: str) -> None:
    """A name that changes its mind between the check and the connection has nothing to change."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    port = server.rsplit(":", 1)[1]
    one = fetcher(resolve=lambda host, at: next(answers))
    assert one.get(f"http://shop.test:{port}/x") == b"/x"
    assert (
        code(lambda: fetcher(resolve=lambda host, at: ["93.184.215.14", "10.0.0.1"]).get("http://shop.test/"))
        == "private"
    )


def test_time_is_over_also_for_who_sends_a_byte_of_a_header_at_a_time(server: str) -> None:
    began = time.monotonic()
    assert code(lambda: fetcher().get(f"{server}/drops")) == "too_slow"
    assert time.monotonic() - began < 3


def test_a_host_that_fails_is_left_alone_and_no_other(server: str) -> None:
    def resolve(host: str, port: int) -> list[str]:
        if host == "gone.test":
            raise OSError("no such host")
        return ["127.0.0.1"]

    one = fetcher(resolve=resolve)
    told = [code(lambda: one.get("http://gone.test/a.jpg")) for _ in range(3)]
    assert told == ["no_host", "no_host", "given_up"]
    assert one.get(server.replace("127.0.0.1", "fine.test") + "/x") == b"/x"


@given(st.ip_addresses(v=4))
def test_ipv4_inside_ipv6_is_judged_as_what_it_is(address: ipaddress.IPv4Address) -> None:
    mapped = ipaddress.ip_address(f"::ffff:{address}")
    through = ipaddress.ip_address(int(ipaddress.ip_address("64:ff9b::")) + int(address))
    assert public(mapped) == public(through) == public(address)
    assert not (public(address) and (address.is_private or address.is_loopback or address.is_link_local))
