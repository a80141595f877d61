"""The widget on a shop's page, in a real browser: on pages of another origin under the strictest policy, and on ours.

The server is in this process (the same routes and the same guard as `daogou serve`), the shop's pages on a second port.
"""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from conftest import free_port
from shopper import PHONE
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from test_page import serious

from agent.access.shops import Shops
from agent.assistant import Assistant
from agent.settings import Settings
from ui import storefront, widget
from ui.api import limits
from ui.api.app import PATH, api
from ui.api.guard import Guard

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

TURN_MS = 60_000
PHOTOS = Path(__file__).parents[1] / "dialogs" / "photos"
HOSTILE = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>[a](javascript:window.hurt=1)'
# Puts a file of three red pixels on the clipboard's way into the window.
PASTE = """el => { const c = document.createElement('canvas'); c.width = c.height = 64; const p = c.getContext('2d');
  p.fillStyle = '#b00'; p.fillRect(0, 0, 64, 64);
  return new Promise(done => c.toBlob(blob => { const data = new DataTransfer();
    data.items.add(new File([blob], 'pasted.png', {type: 'image/png'}));
    const how = {clipboardData: data, bubbles: true, composed: true, cancelable: true};
    el.dispatchEvent(new ClipboardEvent('paste', how));
    done() })) }"""
CAMERA = """const c = document.createElement('canvas'); c.width = 320; c.height = 240;
  navigator.mediaDevices.getUserMedia = async () => {
    setInterval(() => c.getContext('2d').fillRect(0, 0, 320, 240), 50);
    return c.captureStream(); };"""


class Host:
    """A shop's own pages at `url`. `put` sets what stands under a path; every page has the strictest policy."""

    def __init__(self, server: str) -> None:
        self.pages: dict[str, str] = {}
        policy = (
            f"default-src 'none'; script-src {server} 'self'; connect-src {server}; img-src {server} data: blob:; "
            "require-trusted-types-for 'script'"
        )
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = host.pages.get(self.path.partition("?")[0])
                self.send_response(200 if body is not None else 404)
                self.send_header(
                    "Content-Type",
                    "text/javascript" if self.path.endswith(".js") else "text/html; charset=utf-8",
                )
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write((body or "").encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def put(self, path: str, body: str, head: str = "") -> str:
        """The address of a page with this body."""
        start = f"<!doctype html><html lang=en><head><title>Shop</title>{head}</head><body>"
        self.pages[path] = f"{start}<main><h1>Shop</h1>{body}</main></body></html>"
        return self.url + path

    def close(self) -> None:
        self._server.shutdown()


class Guide:
    """What a person does with the widget."""

    def __init__(self, page: "Page") -> None:
        self.page, self.all = page, page.locator("daogou-chat")
        self.box, self.launcher = self.all.locator("textarea"), self.all.locator(".launcher")
        self.turns, self.errors = self.all.locator(".turn"), self.all.locator(".error")

    def open(self) -> None:
        self.launcher.click()
        self.all.locator(".chip").first.wait_for()

    def say(self, text: str) -> "Locator":
        """Send a message; its turn when it is answered."""
        self.box.fill(text)
        self.box.press("Enter")
        return self.answered()

    def answered(self) -> "Locator":
        self.page.wait_for_function(
            "() => { const r = document.querySelector('daogou-chat').shadowRoot;"
            " return r.querySelector('.turn') && !r.querySelector('.send').disabled }",
            timeout=TURN_MS,
        )
        return self.turns.last


@pytest.fixture(scope="module")
def server(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Shops]]:
    shops = Shops(Settings(data=tmp_path_factory.mktemp("widget")))
    shops.use("", assistant)
    limits.reset()
    app = Starlette(
        routes=[*widget.ROUTES, *storefront.routes(shops), Mount(PATH, api(shops))],
        middleware=[
            Middleware(Guard, prefixes=[f"{PATH}/"], most_bytes=20_000_000, origins=shops.keys.origins)
        ],
    )
    port = free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", timeout_graceful_shutdown=1)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not running.started and time.monotonic() < until:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}", shops
    running.should_exit = True
    thread.join(5)
    shops.keys.close()


@pytest.fixture(scope="module")
def host(server: tuple[str, Shops]) -> Iterator[Host]:
    made = Host(server[0])
    yield made
    made.close()


@pytest.fixture(scope="module")
def line(server: tuple[str, Shops], host: Host) -> Callable[..., str]:
    """The one line that embeds the guide on `host`, with more attributes."""
    key = server[1].keys.make("publishable", origins=[host.url])

    def embedded(**more: str) -> str:
        given = {"key": str(key.token), **more}
        attributes = " ".join(f"data-{name.replace('_', '-')}='{value}'" for name, value in given.items())
        return f'<script src="{server[0]}/widget.js" {attributes} async></script>'

    return embedded


def heard(page: "Page") -> list[dict[str, Any]]:
    """What the page heard from the widget."""
    return list(page.evaluate("window.heard"))


HEAR = """window.heard = []; for (const name of ['add-to-cart', 'cart', 'open-product', 'checkout'])
  document.addEventListener('daogou:' + name, e => { window.heard.push({...e.detail, name});
    if (window.taken === name) e.preventDefault(); });
  document.addEventListener('securitypolicyviolation',
    e => window.heard.push({name: 'violation', what: e.violatedDirective}));"""


def test_one_line_on_a_page_of_the_strictest_policy(
    host: Host,
    line: Callable[..., str],
    open_page: Callable[..., "Page"],
    keep: Callable[["Page", str], None],
) -> None:
    host.pages["/hear.js"] = HEAR
    once = line(accent="rgb(0, 80, 60)")  # in the head, and twice; whichever comes first stays
    url = host.put("/strict", "<p>goods</p>", '<script src="/hear.js"></script>' + once + once)
    page = open_page(url)
    guide = Guide(page)
    assert guide.all.count() == 1
    guide.open()
    turn = guide.say("white shirt for work")
    assert turn.locator(".card").count() >= 2 and turn.locator(".guide").inner_text().strip()
    assert (
        guide.all.evaluate("a => getComputedStyle(a.shadowRoot.querySelector('.send')).backgroundColor")
        == "rgb(0, 80, 60)"
    )
    page.wait_for_function(
        "() => document.querySelector('daogou-chat').shadowRoot.querySelector('.card img')?.naturalWidth > 0"
    )

    card = turn.locator(".card").first
    card.locator(".add").click()
    card.locator(".size").first.click()
    card.locator(".add:has-text('Added')").wait_for()
    added, cart = [e for e in heard(page) if e["name"] != "violation"][:2]
    assert (
        added["name"] == "add-to-cart"
        and added["quantity"] == 1
        and added["by"] == "button"
        and added["size"]
    )
    assert cart["name"] == "cart" and [(c["id"], c["quantity"]) for c in cart["lines"]] == [(added["id"], 1)]

    page.evaluate("window.taken = 'open-product'")
    card.locator(".look").click()
    assert heard(page)[-1]["name"] == "open-product" and guide.turns.count() == 1, "the page took it over"
    page.evaluate("window.taken = 'add-to-cart'")
    other = turn.locator(".card").nth(1)
    other.locator(".add").click()
    if other.locator(".size").count():
        other.locator(".size").first.click()
    page.wait_for_function("() => window.heard.filter(e => e.name === 'add-to-cart').length === 2")
    guide.say("what's in my cart?")
    assert [e["name"] for e in heard(page)].count("cart") == 1, "what the page took over is not in the cart"
    page.evaluate("window.taken = ''")
    guide.say("make it two")
    told = [e for e in heard(page) if e["name"] in ("add-to-cart", "cart")][-2:]
    assert (told[0]["id"], told[0]["quantity"], told[0]["by"]) == (added["id"], 1, "talk")
    assert told[1]["lines"][0]["quantity"] == 2
    assert serious(page) == []
    keep(page, "cart")
    assert [e for e in heard(page) if e["name"] == "violation"] == []


def test_it_survives_a_reload_and_a_lost_network_and_says_nothing_twice(
    host: Host, line: Callable[..., str], open_page: Callable[..., "Page"]
) -> None:
    page = open_page(host.put("/network", "", line()))
    guide, context = Guide(page), page.context
    guide.open()
    sent: list[str] = []

    def lost(route: "Route") -> None:
        sent.append(route.request.headers["idempotency-key"])
        if len(sent) == 1:  # it arrives, its answer does not
            with contextlib.suppress(Exception):
                route.fetch(timeout=20_000)
        route.abort() if len(sent) <= 2 else route.continue_()

    page.route("**/messages", lost)
    guide.say("navy dress")
    assert len(sent) == 3 and len(set(sent)) == 1
    page.unroute("**/messages")

    context.set_offline(True)
    guide.box.fill("something cheaper")
    guide.box.press("Enter")
    guide.all.locator(".working", has_text="Connection lost").wait_for()
    context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    guide.answered()
    assert guide.turns.count() == 2 and guide.errors.count() == 0
    told = guide.all.locator(".turn .guide").all_inner_texts()

    page.reload()
    guide.turns.nth(1).wait_for()
    assert guide.turns.count() == 2 and guide.all.locator(".turn .guide").all_inner_texts() == told
    assert page.evaluate("document.activeElement.tagName") == "BODY", "the page keeps the focus"

    # the page goes away in the middle of a turn
    guide.box.fill("what goes with the first one?")
    guide.box.press("Enter")
    guide.turns.nth(2).wait_for()
    page.reload()
    guide.turns.nth(2).wait_for(timeout=TURN_MS)
    assert guide.answered().locator(".outfit").count() >= 1
    said = guide.all.locator(".you p").all_inner_texts()
    assert said == ["navy dress", "something cheaper", "what goes with the first one?"]


def test_keys_and_a_screen_reader_are_enough(
    server: tuple[str, Shops], open_page: Callable[..., "Page"], keep: Callable[["Page", str], None]
) -> None:
    page = open_page(
        f"{server[0]}/store/p/D0001", locale="zh-CN", color_scheme="dark", reduced_motion="reduce"
    )
    guide = Guide(page)
    guide.launcher.wait_for()
    guide.launcher.focus()
    page.keyboard.press("Enter")
    inside = "() => document.activeElement.shadowRoot?.activeElement?."
    assert page.evaluate(inside + "tagName") == "TEXTAREA"
    guide.all.get_by_role("button", name="我该买几码？").wait_for()
    assert "白色圆领短袖纯棉T恤" in guide.all.locator(".pin").inner_text()
    assert serious(page) == []
    guide.all.get_by_role("button", name="怎么洗？").press("Enter")
    guide.answered()
    assert page.evaluate(inside + "tagName") == "TEXTAREA", "a chip that went away leaves nobody lost"
    guide.all.locator("[aria-live=polite]:has-text('洗')").wait_for(state="attached")
    assert guide.all.locator("[role=log]").get_attribute("aria-live") == "off", (
        "words are not read as they trickle in"
    )
    keep(page, "asked")
    assert serious(page) == []

    guide.all.get_by_role("button", name="购物车", exact=True).press("Enter")
    sheet = guide.all.locator(".sheet")
    sheet.wait_for()
    assert serious(page) == []
    page.keyboard.press("Escape")
    sheet.wait_for(state="detached")
    assert page.evaluate(inside + "ariaLabel") == "购物车" and guide.all.locator(".panel[open]").count() == 1
    page.keyboard.press("Escape")
    assert guide.all.locator(".panel[open]").count() == 0
    assert page.evaluate(inside + "className") == "launcher"

    page.locator("label:has(input[value=M])").click()
    page.locator("#buy button").click()
    page.locator("button.bag b:has-text('1')").wait_for()
    guide.launcher.click()
    turn = guide.say("购物车里有什么？")
    assert "白色圆领短袖纯棉T恤" in turn.inner_text(), "the guide knows of the page's own cart"


def test_on_a_phone_it_is_all_of_the_screen(
    server: tuple[str, Shops], open_page: Callable[..., "Page"], keep: Callable[["Page", str], None]
) -> None:
    page = open_page(f"{server[0]}/store", reduced_motion="reduce", **PHONE)
    guide = Guide(page)
    guide.launcher.tap()
    guide.all.locator(".chip").first.wait_for()
    box = guide.all.locator(".panel").bounding_box()
    assert box == {"x": 0, "y": 0, "width": PHONE["width"], "height": PHONE["height"]}
    assert guide.all.locator(".panel").evaluate("p => p.matches(':modal')"), (
        "nothing behind it can be reached"
    )
    guide.all.locator("input[type=file]").first.set_input_files(PHOTOS / "red_dress.webp")
    guide.all.locator(".tray img").wait_for()
    turn = guide.say("do you have something like this?")
    assert turn.locator(".you img").count() == 1 and "What I see" in turn.inner_text()
    assert turn.locator(".card").count() >= 1
    keep(page, "photo")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.reload()
    guide.launcher.wait_for()
    assert guide.all.locator(".panel[open]").count() == 0, "a new page is not covered"
    guide.launcher.tap()
    guide.turns.first.wait_for()
    assert guide.all.locator(".you img").count() == 1


def test_photos_are_pasted_taken_and_dropped_where_nothing_can_be_kept(
    host: Host, line: Callable[..., str], open_page: Callable[..., "Page"]
) -> None:
    url = host.put("/blocked", "", line())
    page = open_page("about:blank")
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})"
    )
    page.add_init_script(CAMERA)
    page.goto(url)
    guide = Guide(page)
    guide.open()
    guide.box.evaluate(PASTE)
    guide.all.locator(".tray img").wait_for()
    guide.all.get_by_role("button", name="Take a photo").click()
    guide.all.locator(".sheet video").wait_for()
    page.wait_for_function(
        "() => document.querySelector('daogou-chat').shadowRoot.querySelector('video').videoWidth > 0"
    )
    guide.all.locator(".sheet .add").click()
    guide.all.locator(".tray img").nth(1).wait_for()
    guide.all.locator(".drop").first.click()
    assert guide.all.locator(".tray img").count() == 1
    guide.all.locator("input[type=file]").first.set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"}
    )
    guide.all.get_by_text("is no photo").wait_for()
    assert guide.say("do you have this?").locator(".you img").count() == 1
    assert guide.say("show me others").inner_text() and guide.turns.count() == 2 and guide.errors.count() == 0


@pytest.mark.parametrize(
    ("key", "code"), [("", "no_key"), ("pk_nonsense", "bad_key"), (None, "foreign_origin")]
)
def test_a_page_that_may_not_use_it_is_told_why_and_its_shopper_kindly(
    key: str | None,
    code: str,
    server: tuple[str, Shops],
    host: Host,
    line: Callable[..., str],
    open_page: Callable[..., "Page"],
) -> None:
    elsewhere = str(server[1].keys.make("publishable", origins=["https://elsewhere.example"]).token)
    page = open_page("about:blank")
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(host.put("/key", "", line(key=elsewhere if key is None else key)))
    guide = Guide(page)
    guide.launcher.click()
    guide.errors.wait_for()
    assert "not available on this page" in guide.errors.inner_text()
    assert any(
        text.startswith("[daogou]") and ("data-key" if code == "no_key" else code) in text for text in told
    ), told


def test_whatever_a_shop_or_a_model_wrote_stays_text(
    host: Host, line: Callable[..., str], open_page: Callable[..., "Page"]
) -> None:
    host.pages["/hear.js"] = HEAR
    page = open_page(
        host.put(
            "/hostile",
            "",
            '<script src="/hear.js"></script>'
            + line(title=HOSTILE.replace("'", ""), product_url="javascript:window.hurt=1//{id}"),
        )
    )
    price = {"amount": "1.00", "currency": "USD", "text": HOSTILE}
    product = {
        "id": HOSTILE,
        "name": HOSTILE,
        "price": price,
        "sale_price": price,
        "image": HOSTILE,
        "images": [HOSTILE] * 2,
    }
    product |= {
        "in_stock": True,
        "sizes": [{"size": HOSTILE, "in_stock": True}] * 2,
        "why": HOSTILE,
        "slot": HOSTILE,
    }
    product |= {"swatches": [{"name": HOSTILE, "srgb": "red;background:url(javascript:window.hurt=1)"}] * 2}
    look = {
        "items": [product],
        "total": price,
        "reasons": [HOSTILE],
        "idea": HOSTILE,
        "board": HOSTILE,
        "own": [{"name": HOSTILE}],
    }
    events: list[dict[str, Any]] = [
        {"type": "turn_started", "turn": 0},
        {"type": "thinking", "label": HOSTILE},
        {"type": "looked", "card": {HOSTILE: HOSTILE}},
        {"type": "products", "items": [product], "relaxed": []},
        {"type": "outfit", "looks": [look], "problem": HOSTILE},
        {
            "type": "comparison",
            "items": [product],
            "rows": [{"label": HOSTILE, "values": [HOSTILE]}],
            "verdict": HOSTILE,
        },
        {
            "type": "cart",
            "lines": [{"id": HOSTILE, "name": HOSTILE, "size": HOSTILE, "quantity": 1, "price": price}],
        },
        {"type": "image", "original": HOSTILE, "picture": HOSTILE, "label": HOSTILE},
        {
            "type": "order",
            "orders": [
                {"number": HOSTILE, "status_text": HOSTILE, "lines": [{"name": HOSTILE, "quantity": 1}]}
            ],
        },
        {"type": "policy", "title": HOSTILE, "passage": HOSTILE},
        {"type": "speaker", "state": "person", "name": HOSTILE, "text": HOSTILE},
        {"type": "person", "name": HOSTILE, "text": HOSTILE},
        {"type": "something_new", "text": HOSTILE},
        {"type": "error", "code": "x", "message": HOSTILE},
        {"type": "token", "text": f"**{HOSTILE}**\n\n- {HOSTILE}"},
        {"type": "suggestions", "items": [HOSTILE]},
        {"type": "done", "text": HOSTILE},
    ]
    stream = "".join(f"id: 0.{n}.0\ndata: {json.dumps(event)}\n\n" for n, event in enumerate(events))
    headers = {"Access-Control-Allow-Origin": host.url, "Content-Type": "text/event-stream"}
    page.route("**/messages", lambda route: route.fulfill(body=stream, headers=headers))
    guide = Guide(page)
    guide.open()
    turn = guide.say(HOSTILE)
    assert turn.locator(".person").count() == 1 and turn.locator(".card").count() == 2
    assert (
        HOSTILE in guide.all.locator("h2").first.inner_text()
        or "<img" in guide.all.locator("h2").first.inner_text()
    )
    turn.locator(".look").first.click()
    page.wait_for_timeout(300)
    assert page.evaluate("window.hurt") is None
    assert (
        guide.all.evaluate(
            "a => a.shadowRoot.querySelectorAll('script, [onerror], [href^=javascript]').length"
        )
        == 0
    )
    assert [e for e in heard(page) if e["name"] == "violation" and "img" not in e["what"]] == []


def test_two_shoppers_of_one_browser_do_not_see_each_others_talk(
    server: tuple[str, Shops], host: Host, line: Callable[..., str], open_page: Callable[..., "Page"]
) -> None:
    from agent.access.keys import proof

    page = open_page(host.put("/shoppers", "", line()))
    guide = Guide(page)
    guide.open()
    guide.say("a red dress")
    signed = proof(server[1].keys.vouching(), "ann")
    page.evaluate("([who, proof]) => daogou.shopper(who, proof)", ["ann", signed])
    guide.all.locator(".greeting").wait_for()
    assert guide.turns.count() == 0
    guide.say("a blue dress")
    assert guide.turns.count() == 1
    guide.box.fill("what goes with the first one?")
    guide.box.press("Enter")
    guide.turns.nth(1).wait_for()  # somebody else takes over in the middle of an answer
    page.evaluate("daogou.shopper('bob', 'f'.repeat(64))")
    page.wait_for_timeout(200)
    assert guide.turns.count() == 0
    guide.box.fill("a green dress")
    guide.box.press("Enter")
    guide.errors.first.wait_for()
    page.evaluate("daogou.shopper()")
    guide.turns.first.wait_for()
    assert guide.all.locator(".you p").all_inner_texts() == ["a red dress"]


def test_it_is_seen_who_speaks(
    assistant: Assistant, host: Host, line: Callable[..., str], open_page: Callable[..., "Page"]
) -> None:
    page = open_page(host.put("/person", "", line()))
    guide = Guide(page)
    guide.open()
    who = guide.all.locator(".who")
    assert who.inner_text() == "Automatic assistant"
    guide.all.get_by_role("button", name="Talk to a person").click()
    guide.all.get_by_role("button", name="Stop waiting").wait_for()
    assert "number" in who.inner_text() and guide.all.locator(".speaker").count() == 1
    session = page.evaluate("JSON.parse(Object.values(localStorage)[0]).session")
    entry = str(assistant.handoffs.open(session).id)  # type: ignore[union-attr]
    assistant.desk.take(entry, "Lin")
    guide.all.locator(".who", has_text="Lin, a person, is answering").wait_for()
    guide.all.get_by_role("button", name="Close").click()
    assistant.desk.say(entry, "Lin", HOSTILE, ["D0001"])
    guide.launcher.locator(".count", has_text="1").wait_for()
    guide.launcher.click()
    said = guide.all.locator(".person").last
    assert "Lin" in said.inner_text() and HOSTILE in said.inner_text()
    assert guide.all.locator(".card").count() == 1
    guide.say("thank you")
    page.reload()
    guide.all.locator(".who", has_text="Lin, a person, is answering").wait_for()
    assert guide.all.locator(".person").count() == 1 and page.evaluate("window.hurt") is None
    assistant.desk.give_back(entry, "Lin")
    guide.all.locator(".who", has_text="Automatic assistant").wait_for()
    assert guide.say("a red dress").locator(".card").count() >= 1


def test_what_happens_while_the_page_is_away_is_told_once_and_in_every_tab(
    assistant: Assistant, host: Host, line: Callable[..., str], open_page: Callable[..., "Page"]
) -> None:
    host.pages["/hear.js"] = HEAR
    url = host.put("/tabs", "", '<script src="/hear.js"></script>' + line(cart="[]"))
    page = open_page(url)
    guide = Guide(page)
    guide.open()
    guide.say("a red dress")
    session = page.evaluate("JSON.parse(Object.values(localStorage)[0]).session")
    assistant.session(session).change_cart("add", "D0001", "M", 2)

    page.reload()
    page.wait_for_function("() => window.heard.some(e => e.name === 'cart')")
    guide.turns.first.wait_for()
    assert [(e["id"], e["size"], e["quantity"]) for e in heard(page) if e["name"] == "add-to-cart"] == [
        ("D0001", "M", 2)
    ]
    assert [line.quantity for line in assistant.session(session).cart().lines] == [2], "and is not undone"
    other = page.context.new_page()
    other.goto(url)
    there = Guide(other)
    there.turns.first.wait_for()
    other.wait_for_timeout(300)
    assert [e for e in heard(other) if e["name"] == "add-to-cart"] == [], "it was told"
    there.say("something cheaper")
    guide.turns.nth(1).wait_for()
    assert guide.all.locator(".you p").all_inner_texts() == ["a red dress", "something cheaper"]
    there.all.get_by_role("button", name="More").click()
    there.all.get_by_role("button", name="New conversation").click()
    there.say("a scarf")
    guide.all.locator(".you p", has_text="a scarf").wait_for()
    assert guide.turns.count() == there.turns.count() == 1
