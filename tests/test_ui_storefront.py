"""The shop pages that show how the guide is embedded: what they hold, what they let in, that they can be taken away."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from agent.access.shops import Shops
from agent.assistant import Assistant
from agent.settings import Settings
from tools.results import Price, ProductCard, SizeOption
from ui import storefront
from ui.storefront import pages
from ui.storefront.pages import Page

HOSTILE = "\"><script>alert(1)</script><img src=x onerror='alert(1)'>"


@pytest.fixture(scope="module")
def shops(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shops]:
    made = Shops(Settings(data=tmp_path_factory.mktemp("keys")))
    made.use("", assistant)
    yield made
    made.keys.close()


@pytest.fixture(scope="module")
def store(shops: Shops) -> TestClient:
    return TestClient(
        Starlette(routes=storefront.routes(shops)), headers={"Accept-Language": "zh-CN,zh;q=0.9"}
    )


def test_every_page_embeds_the_guide_by_one_line_and_lets_nothing_else_in(
    store: TestClient, shops: Shops
) -> None:
    for path in ("/store", "/store/p/D0001", "/store?kind=shoes"):
        answer = store.get(path)
        assert answer.status_code == 200 and '<html lang="zh-CN">' in answer.text
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        scripts = re.findall(r"<script[^>]*>", answer.text)
        assert len(scripts) == 2 and all("src=" in one for one in scripts)
        assert " style=" not in answer.text and "<style" not in answer.text and " onclick" not in answer.text
        (key,) = re.findall(r'data-key="(pk_[^"]+)"', answer.text)
        assert shops.keys.find(key).origins == ("self",)
    assert len(shops.keys.all()) == 1, "a key is made once"


def test_the_list_is_searched_filtered_and_turned(store: TestClient) -> None:
    first = store.get("/store?lang=en").text
    assert '<html lang="en">' in first and first.count("<li>") == storefront.SHOWN
    (following,) = re.findall(r'href="/store\?lang=en&amp;after=([^"]+)"', first)
    second = store.get(f"/store?lang=en&after={following}").text
    seen = [set(re.findall(r'href="/store/p/([^?"]+)', page)) for page in (first, second)]
    assert len(seen[0]) == storefront.SHOWN and not seen[0] & seen[1]
    found = store.get("/store", params={"q": "红色连衣裙"}).text
    assert "红色" in found and 'value="红色连衣裙"' in found
    assert "<script>alert" not in store.get("/store", params={"q": HOSTILE}).text


def test_a_product_has_its_sizes_and_the_way_to_ask(store: TestClient) -> None:
    page = store.get("/store/p/D0001?lang=en").text
    assert 'data-product="D0001"' in page and 'data-product-name="White crew-neck cotton T-shirt"' in page
    assert 'value="L" disabled' in page and 'value="M">' in page
    assert "Ask about this" in page and "Which size should I take?" in page
    assert 'href="/store/p/D0001?lang=zh"' in page
    for gone in ("/store/p/nope", "/store/at/other", "/store/files/pages.py"):
        assert store.get(gone).status_code == 404


def test_what_a_shop_wrote_stays_text() -> None:
    card = ProductCard(
        id=HOSTILE,
        name=HOSTILE,
        brand=HOSTILE,
        category="shirt",
        price=Price(amount="1.00", currency="USD", text=HOSTILE),
        image=HOSTILE,
        images=[HOSTILE],
        in_stock=True,
        sizes=[SizeOption(size=HOSTILE, in_stock=True), SizeOption(size="M", in_stock=False)],
        details={"description": HOSTILE, "care": HOSTILE},
        attributes={HOSTILE: HOSTILE},
    )
    page = Page("en", "/store", HOSTILE, "pk_x")
    shown = pages.Shown(HOSTILE, HOSTILE, HOSTILE, {HOSTILE: HOSTILE}, HOSTILE)
    for html in (
        pages.home(page, [card], shown),
        pages.product(page, card),
        pages.shops(page, [(HOSTILE, HOSTILE)]),
    ):
        assert "<script>alert" not in html and "<img src=x" not in html and "onerror='" not in html


def test_the_pages_can_be_taken_away(assistant: Assistant, tmp_path: Path) -> None:
    off = Shops(Settings(data=tmp_path, storefront=False))
    off.use("", assistant)
    client = TestClient(Starlette(routes=storefront.routes(off)))
    assert client.get("/store").status_code == client.get("/store/p/D0001").status_code == 404
    assert off.keys.all() == []
    off.keys.close()


def test_of_several_shops_each_has_its_pages_key_and_pictures(assistant: Assistant, tmp_path: Path) -> None:
    for name in ("amber", "birch", "closed", "silent"):
        (tmp_path / name).mkdir()
        said = {"closed": "storefront = false", "silent": ""}.get(name, "storefront = true")
        (tmp_path / name / "shop.toml").write_text(said, encoding="utf-8")
    several = Shops(Settings(data=tmp_path / "none", shops=tmp_path))
    several.use("amber", assistant)
    several.use("birch", assistant)
    client = TestClient(Starlette(routes=storefront.routes(several)), headers={"Accept-Language": "en"})
    door = client.get("/store").text
    assert "/store/at/amber" in door and "/store/at/birch" in door
    assert "closed" not in door and "silent" not in door
    gone = [
        client.get(path)
        for path in ("/store/at/closed", "/store/at/silent", "/store/at/none", "/store/p/D0001")
    ]
    assert {page.status_code for page in gone} == {404} and len({page.text for page in gone}) == 1
    page = client.get("/store/at/birch").text
    (key,) = re.findall(r'data-key="([^"]+)"', page)
    assert several.keys.find(key).shop == "birch"
    assert "&amp;shop=birch" in page and "/store/at/birch/p/" in page
    several.keys.close()
