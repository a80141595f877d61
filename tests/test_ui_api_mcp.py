"""The shop as an MCP server, asked by the protocol's own client: by HTTP with keys, at two processes in turn, and by
stdio. What it shows is in UCP's shapes; a cart changes when a person agreed, and not before."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from api_shop import PAGE, Door, door, limits, listening
from api_shop import PATH as API
from garment_photos import lying
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, ElicitRequestParams, ElicitResult
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.testclient import TestClient

from agent.assistant import Assistant
from ui.api.guard import Guard
from ui.api.mcp import confirming, goods
from ui.api.mcp.desk import Desk, Refused
from ui.api.mcp.door import PATH
from ui.api.mcp.door import Door as Tools

ROOT = Path(__file__).parent.parent
TOOLS = {
    *(
        "search_catalog",
        "lookup_catalog",
        "get_product",
        "look_at_photo",
        "ask_image",
        "match_outfit",
        "shop_policy",
    ),
    *("create_cart", "get_cart", "update_cart", "cancel_cart"),
}
TEE, SWEATER = "D0001#M", "D0040#S"


@pytest.fixture(scope="module")
def api(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    made = door(assistant, tmp_path_factory.mktemp("keys"))
    yield made
    made.shops.keys.close()


def app(api: Door) -> tuple[Tools, Starlette]:
    """One process's door."""
    tools = Tools(api.shops, 2_000_000)
    guard = Middleware(Guard, prefixes=[PATH], most_bytes=2_000_000, origins=api.shops.keys.origins)
    return tools, Starlette(routes=[Route(PATH, tools)], middleware=[guard])


class InTurn(httpx2.AsyncBaseTransport):
    """Two processes behind one address: the next request goes to the other one."""

    def __init__(self, *apps: Starlette) -> None:
        self._doors, self.asked = [httpx2.ASGITransport(one) for one in apps], 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked += 1
        return await self._doors[self.asked % len(self._doors)].handle_async_request(request)


@asynccontextmanager
async def connected(
    api: Door, headers: dict[str, str] | None = None, processes: int = 2, **how: Any
) -> AsyncIterator[Client]:
    """A client at the HTTP door of so many processes."""
    limits.reset()
    made = [app(api) for _ in range(processes)]
    transport = InTurn(*(served for _, served in made))
    http = httpx2.AsyncClient(transport=transport, headers=headers or api.secret)
    async with AsyncExitStack() as stack:
        for tools, _ in made:
            await stack.enter_async_context(tools.running())
        await stack.enter_async_context(http)
        line = streamable_http_client(f"http://testserver{PATH}", http_client=http)
        yield await stack.enter_async_context(Client(line, **how))


def talk(api: Door, said: Callable[[Client], Awaitable[Any]], **how: Any) -> Any:
    """What comes of talking with the server."""

    async def whole() -> Any:
        async with connected(api, **how) as client:
            return await said(client)

    return anyio.run(whole)


def call(api: Door, tool: str, /, how: dict[str, Any] | None = None, **arguments: Any) -> CallToolResult:
    """One call of a tool."""
    return talk(api, lambda client: client.call_tool(tool, arguments), **{"processes": 1, **(how or {})})  # type: ignore[no-any-return]


def text(result: CallToolResult) -> str:
    return "\n".join(part.text for part in result.content if part.type == "text")


def cart(*items: tuple[str, int], **more: Any) -> dict[str, Any]:
    return {"line_items": [{"item": {"id": one}, "quantity": many} for one, many in items], **more}


def data_url(photo: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(photo).decode()


# -- what there is


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_tools_say_what_they_are(api: Door, mode: str) -> None:
    async def said(client: Client) -> tuple[Any, str]:
        return (await client.list_tools()).tools, str(client.instructions)

    tools, instructions = talk(api, said, mode=mode)
    guide = (ROOT / "docs/mcp.md").read_text(encoding="utf-8")
    assert {tool.name for tool in tools} == TOOLS and "confirmation" in instructions
    for tool in tools:
        assert tool.description and tool.output_schema and f"`{tool.name}" in guide, tool.name
        changes = tool.name in ("create_cart", "update_cart", "cancel_cart")
        assert tool.annotations.read_only_hint is not changes
        assert bool(tool.annotations.destructive_hint) == (tool.name in ("update_cart", "cancel_cart"))


def test_products_come_in_the_protocols_shape(api: Door, assistant: Assistant) -> None:
    asked = {"query": "red dress under 80", "pagination": {"limit": 4}, "pictures": True}
    result = call(api, "search_catalog", catalog=asked)
    told = result.structured_content or {}
    assert not result.is_error and told["ucp"]["version"] == "2026-04-08"
    assert 1 <= len(told["products"]) <= 4 and told["pagination"]["total_count"] >= len(told["products"])
    for shown in told["products"]:
        record = next(assistant.products([shown["id"]]))
        paid = record.current_price
        assert shown["price_range"]["min"] == {"amount": int(paid.amount * 100), "currency": paid.currency}
        assert [v["availability"]["available"] for v in shown["variants"]].count(True) == len(
            record.sizes_in_stock()
        )
        assert shown["id"] in text(result) and shown["metadata"]["why"]
    picture = told["products"][0]["media"][0]["url"]
    assert picture.startswith("http://testserver/api/v1/pictures/images/")
    assert [part.type for part in result.content[1:]] == ["image"] * len(told["products"])


def test_pages_follow_one_another(api: Door) -> None:
    async def both(client: Client) -> tuple[CallToolResult, CallToolResult]:
        asked = {"query": "连衣裙", "pagination": {"limit": 3}}
        first = await client.call_tool("search_catalog", {"catalog": asked})
        cursor = (first.structured_content or {})["pagination"]["cursor"]
        asked = {"query": "连衣裙", "pagination": {"limit": 3, "cursor": cursor}}
        return first, await client.call_tool("search_catalog", {"catalog": asked})

    pages = talk(api, both)
    ids = [product["id"] for page in pages for product in page.structured_content["products"]]
    assert len(ids) == len(set(ids)) == 6
    assert "编号" in text(pages[0])  # asked in Chinese, told in Chinese


def test_filters_hold(api: Door, assistant: Assistant) -> None:
    filters = {"categories": ["shoes"], "price": {"max": 6000}, "exclude": {"color": ["white"]}}
    told = call(api, "search_catalog", catalog={"filters": filters}).structured_content or {}
    assert told["products"]
    for record in assistant.products([one["id"] for one in told["products"]]):
        assert "shoes" in record.categories and record.current_price.amount <= 60
        assert "white" not in record.colors


def test_ids_are_looked_up_as_the_protocol_wants(api: Door) -> None:
    ids = ["D0001", TEE, TEE, "nothing", "D0040#XXXL"]
    told = call(api, "lookup_catalog", catalog={"ids": ids}).structured_content or {}
    (product,) = told["products"]
    inputs = {one["id"]: one["match"] for variant in product["variants"] for one in variant["inputs"]}
    assert inputs == {"D0001": "featured", TEE: "exact"}
    missing = [m["content"] for m in told["messages"] if m["code"] == "not_found"]
    assert missing == ["nothing", "D0040#XXXL"]
    with pytest.RaisesGroup(pytest.RaisesExc(MCPError, match="at most"), flatten_subgroups=True):
        call(api, "lookup_catalog", catalog={"ids": [f"D{n}" for n in range(60)]})


def test_a_product_in_full_says_what_there_is_of_a_size(api: Door, assistant: Assistant) -> None:
    context = {"language": "zh-Hans"}
    result = call(api, "get_product", catalog={"id": "D0001#m", "context": context})
    product = (result.structured_content or {})["product"]
    record = next(assistant.products(["D0001"]))
    assert product["title"] == record.title.zh and product["selected"] == [{"name": "尺码", "label": "M"}]
    assert [v["id"] for v in product["variants"]] == [TEE]
    stock = {v["label"]: v["available"] for v in product["options"][0]["values"]}
    assert stock == {s.size: s.available for s in record.sizes}
    assert result.content[1].type == "image"
    none = call(api, "get_product", catalog={"id": "none", "context": context})
    assert (
        none.is_error and (none.structured_content or {})["ucp"]["status"] == "error" and "none" in text(none)
    )


@pytest.mark.parametrize(("currency", "amount"), [("USD", 2499), ("JPY", 25), ("KWD", 24990)])
def test_minor_units_are_the_currencys_own(currency: str, amount: int) -> None:
    value = "25" if currency == "JPY" else "24.99"
    assert goods.minor(value, currency) == amount
    assert float(goods.major(amount, currency)) == float(value)


# -- photos


def test_a_photo_is_looked_at_and_asked(api: Door) -> None:
    photo = data_url(lying(("D0040", "top"))[0])
    seen = call(api, "look_at_photo", photo=photo)
    garment = (seen.structured_content or {})["garments"][0]
    assert (
        garment["category"] and garment["colors"] and (seen.structured_content or {})["caption"] in text(seen)
    )
    answer = call(api, "ask_image", question="它是什么颜色？", photo=photo)
    assert (answer.structured_content or {})["source"] in ("image", "unknown") and "依据" in text(answer)


NO_PHOTOS: list[tuple[str, str]] = [
    ("http://127.0.0.1:8501/coat.jpg", "open internet"),
    ("http://169.254.169.254/latest", "open internet"),
    ("/etc/passwd", "data URL"),
    ("file:///etc/passwd", "data URL"),
    ("data:image/png;base64,bm90IGEgcGljdHVyZQ==", ""),
    ("data:text/html,x", "image"),
]


def test_what_is_no_photo_is_told_and_opens_nothing(api: Door) -> None:
    async def asked(client: Client) -> None:
        for photo, said in NO_PHOTOS:
            result = await client.call_tool("look_at_photo", {"photo": photo})
            assert result.is_error and said in text(result) and "root:" not in text(result), photo

    talk(api, asked, processes=1)


def test_a_path_is_read_only_in_a_folder_that_is_open(assistant: Assistant, tmp_path: Path) -> None:
    inside, outside = tmp_path / "photos", tmp_path / "private"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "a.png").write_bytes(b"bytes of " + folder.name.encode())
    (inside / "way-out.png").symlink_to(outside / "a.png")
    desk = Desk(assistant, "stdio", None, "en", str, "seal", (inside.resolve(),))
    assert desk.photo(str(inside / "a.png")) == desk.photo(f"file://{inside}/a.png") == b"bytes of photos"
    for path in (
        outside / "a.png",
        inside / "way-out.png",
        inside / ".." / "private" / "a.png",
        inside,
        "\0",
    ):
        with pytest.raises(Refused) as refused:
            desk.photo(str(path))
        assert refused.value.code == "photo_elsewhere"


def test_looks_are_put_together_with_their_boards(api: Door) -> None:
    result = call(api, "match_outfit", products=[TEE], count=1, context={"language": "zh"})
    (look,) = (result.structured_content or {})["looks"]
    assert "D0001" in [one["id"] for one in look["products"]]
    assert look["total"]["amount"] == sum(one["price_range"]["min"]["amount"] for one in look["products"])
    assert [part.type for part in result.content] == ["text", "image"]
    assert (
        look["board"]["url"].startswith("http://testserver/api/v1/pictures/board-")
        and look["board"]["alt_text"]
    )


def test_the_shops_rules_are_told_word_for_word(api: Door, assistant: Assistant) -> None:
    result = call(api, "shop_policy", question="Can I send it back?")
    told = result.structured_content or {}
    assert told["topic"] == "returns" and told["passage"] == assistant.policy("Can I send it back?").passage
    assert told["passage"] in text(result)


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("search_catalog", {"catalog": {}}, "at least one"),
    ("search_catalog", {"query": "shirts"}, "no argument query"),
    (
        "search_catalog",
        {"catalog": {"query": "x", "filters": {"colour": ["red"]}}},
        "catalog.filters.colour",
    ),
    ("search_catalog", {"catalog": {"query": "x", "pagination": {"cursor": "AAAA"}}}, "cursor"),
    ("ask_image", {"question": "what is it?"}, "one of them"),
    ("match_outfit", {"products": ["none"]}, "search_catalog"),
    ("get_cart", {"id": "0" * 24}, "create_cart"),
    ("pay", {}, "no tool called pay"),
    ("get_cart", {"id": "0" * 24, "context": {"language": "zh"}}, "没有这个购物车"),
]


def test_what_goes_wrong_is_said_in_words(api: Door) -> None:
    async def asked(client: Client) -> None:
        for tool, arguments, said in WRONG:
            result = await client.call_tool(tool, arguments)
            assert result.is_error and said in text(result), (tool, arguments)
            (message,) = (result.structured_content or {})["messages"]
            assert message["type"] == "error" and message["content"] == text(result)

    talk(api, asked, processes=1)


# -- the cart


def test_nothing_changes_before_it_was_told_and_agreed_to(api: Door) -> None:
    """A client that cannot ask its person: told first, done with the token, and only that."""

    async def shopping(client: Client) -> None:
        async def ask(tool: str, **arguments: Any) -> Any:
            result = await client.call_tool(tool, arguments)
            return result.structured_content, text(result)

        told, said = await ask("create_cart", cart=cart((TEE, 2)))
        assert "id" not in told and told["messages"][0]["code"] == "confirmation_required"
        assert told["messages"][0]["severity"] == "requires_buyer_review"
        assert "48.00 USD" in told["confirmation"]["change"] and told["confirmation"]["token"] in said
        token = told["confirmation"]["token"]
        other, _ = await ask("create_cart", cart=cart((TEE, 3)), confirmation=token)  # another wish
        assert "id" not in other and other["messages"][0]["code"] == "confirmation_stale"
        made, _ = await ask("create_cart", cart=cart((TEE, 2)), confirmation=token)
        again, _ = await ask("create_cart", cart=cart((TEE, 2)), confirmation=token)  # sent twice
        assert made["id"] == again["id"] and made["totals"][-1]["amount"] == 4800
        name = made["id"]
        shown = api.client.get(f"{API}/sessions/{name}/cart", headers=api.secret).json()
        assert [(line["id"], line["size"], line["quantity"]) for line in shown["lines"]] == [
            ("D0001", "M", 2)
        ]

        wish: dict[str, Any] = {"id": name, "cart": cart((SWEATER, 1), context={"language": "zh"})}
        told, said = await ask("update_cart", **wish)
        assert told["totals"][-1]["amount"] == 4800 and "拿出" in said and "放入" in said
        token = told["confirmation"]["token"]
        api.client.delete(f"{API}/sessions/{name}/cart", headers=api.secret)  # in the meantime
        told, _ = await ask("update_cart", **wish, confirmation=token)
        assert told["messages"][0]["code"] == "confirmation_stale" and told["line_items"] == []
        told, _ = await ask("update_cart", **wish, confirmation=told["confirmation"]["token"])
        assert [line["item"]["id"] for line in told["line_items"]] == [SWEATER]
        idle, _ = await ask("update_cart", **wish)
        assert "confirmation" not in idle and idle["line_items"] == told["line_items"]

        noted = api.shops.open().audit.lines(session=name, what="cart.replace")
        assert len(noted) == 2 and all(line.who.startswith("mcp:") for line in noted)

        told, _ = await ask("cancel_cart", id=name)
        gone, _ = await ask("cancel_cart", id=name, confirmation=told["confirmation"]["token"])
        assert [line["item"]["id"] for line in gone["line_items"]] == [SWEATER]
        _, said = await ask("get_cart", id=name)
        assert "no such cart" in said

    talk(api, shopping)


@pytest.mark.parametrize(
    ("action", "confirm", "done"),
    [("accept", True, True), ("accept", False, False), ("decline", None, False)],
)
def test_a_client_that_can_ask_asks_the_person(
    api: Door, action: Any, confirm: bool | None, done: bool
) -> None:
    asked: list[str] = []

    async def person(_: Any, question: ElicitRequestParams) -> ElicitResult:
        asked.append(question.message)
        return ElicitResult(action=action, content={"confirm": confirm} if confirm is not None else None)

    result = call(api, "create_cart", {"elicitation_callback": person, "processes": 2}, cart=cart((TEE, 1)))
    assert len(asked) == 1 and "24.00 USD" in asked[0]
    assert ("id" in (result.structured_content or {})) is done


def test_what_the_shop_does_not_have_is_told_before_anybody_is_asked(api: Door) -> None:
    async def person(_: Any, question: ElicitRequestParams) -> ElicitResult:
        raise AssertionError("asked in vain")

    async def asked(client: Client) -> None:
        for item, many, code in [
            ("D0001", 1, "need_size"),
            ("D0001#L", 1, "out_of_stock"),
            (SWEATER, 90, "too_many"),
        ]:
            result = await client.call_tool("create_cart", {"cart": cart((item, many))})
            told = result.structured_content or {}
            assert result.is_error and told["messages"][0]["code"] == code and "id" not in told

    talk(api, asked, processes=1, elicitation_callback=person)


def test_a_token_grows_old(api: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    deed = confirming.Deed("put in", ("key", "cart"), "seal")
    token, _ = deed.token(1_000.0)
    assert deed.good(token, 1_000.0) and deed.good(f" {token}\n", 1_500.0)
    assert not deed.good(token, 1_000.0 + confirming.FOR_S)
    for forged in ("", ".", "zz.zz", token[:-1], f"ffffffff.{token.partition('.')[2]}", "é.é"):
        assert not deed.good(forged, 1_000.0)
    assert not confirming.Deed("put in", ("other key", "cart"), "seal").good(token, 1_000.0)
    assert not confirming.Deed("put in", ("key", "cart"), "other seal").good(token, 1_000.0)


def test_a_cart_is_its_shoppers_own(api: Door) -> None:
    mine = {**api.secret, "Daogou-Shopper": "customer of mcp"}

    async def begun(client: Client) -> Any:
        told = (await client.call_tool("create_cart", {"cart": cart((TEE, 1))})).structured_content or {}
        token = told["confirmation"]["token"]
        return (
            await client.call_tool("create_cart", {"cart": cart((TEE, 1)), "confirmation": token})
        ).structured_content

    name = talk(api, begun, headers=mine)["id"]
    assert not call(api, "get_cart", {"headers": mine}, id=name).is_error
    for other in ({**api.secret, "Daogou-Shopper": "other customer of mcp"}, api.secret):
        for tool, more in (("get_cart", {}), ("cancel_cart", {}), ("update_cart", {"cart": cart()})):
            assert call(api, tool, {"headers": other}, id=name, **more).is_error


# -- the door


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "no_key"),
        ({"Authorization": "Bearer sk_nonsense"}, 401, "bad_key"),
        ("public", 403, "secret_needed"),
        ("page", 403, "secret_in_browser"),
    ],
)
def test_only_a_secret_key_opens_the_door(api: Door, headers: Any, status: int, code: str) -> None:
    known = {"public": api.public, "page": {**api.secret, "Origin": PAGE}}
    client = TestClient(app(api)[1])
    answer = client.post(
        PATH, json={}, headers=known.get(headers, headers) if isinstance(headers, str) else headers
    )
    assert answer.status_code == status and answer.json()["code"] == code


def test_the_door_takes_posts_of_a_size(api: Door) -> None:
    client = TestClient(app(api)[1])
    answer = client.get(PATH, headers=api.secret)
    assert answer.status_code == 405 and answer.headers["allow"] == "POST"
    assert client.post(PATH, content=b"x" * 2_000_001, headers=api.secret).status_code == 413


def test_a_desktop_assistant_starts_it_and_asks(demo_data: Path) -> None:
    """`daogou mcp` as another program runs it: nothing but the protocol on stdout, in the older version's manner."""
    asked: list[str] = []

    async def person(_: Any, question: ElicitRequestParams) -> ElicitResult:
        asked.append(question.message)
        return ElicitResult(action="accept", content={"confirm": True})

    async def whole() -> None:
        program = StdioServerParameters(
            command=sys.executable,
            args=["-m", "ui.cli", "mcp", "--data", str(demo_data), "--lang", "zh"],
            env={"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"},
        )
        async with Client(program, mode="legacy", elicitation_callback=person) as client:
            assert "购物车" in str(client.instructions)
            result = await client.call_tool("create_cart", {"cart": cart((TEE, 1))})
            assert (result.structured_content or {})["line_items"][0]["item"]["id"] == TEE and len(asked) == 1
            shown = await client.call_tool("get_product", {"catalog": {"id": "D0001", "picture": False}})
            address = (shown.structured_content or {})["product"]["media"][0]["url"]
            (picture,) = (await client.read_resource(address)).contents
            assert base64.b64decode(picture.blob)[:3] == b"\xff\xd8\xff"  # type: ignore[union-attr]
            for secret in ("daogou://pictures/keys.sqlite", "daogou://pictures/images/..%2Fcarts.sqlite"):
                with pytest.raises(MCPError):
                    await client.read_resource(secret)

    anyio.run(whole)


def test_the_guides_client_finds_something(api: Door) -> None:
    guide = (ROOT / "docs/mcp.md").read_text(encoding="utf-8")
    program = guide.split("```python\n")[1].partition("```")[0]
    tools, served = app(api)
    served.router.lifespan_context = lambda _: tools.running()
    limits.reset()
    with listening(served) as port:
        done = subprocess.run(
            [sys.executable, "-c", program.replace("localhost:8501", f"127.0.0.1:{port}")],
            env={"DAOGOU_KEY": api.secret["Authorization"].split()[1], "LANG": "C.UTF-8", "PATH": os.defpath},
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    assert "裙" in done.stdout


def test_the_guide_shows_what_a_client_can_read(api: Door) -> None:
    guide = (ROOT / "docs/mcp.md").read_text(encoding="utf-8")
    blocks = [block.partition("```")[0] for block in guide.split("```json\n")[1:]]
    assert len(blocks) >= 2 and all(json.loads(block) for block in blocks)
