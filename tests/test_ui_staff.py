"""The staff's page without a browser, on a small shop of its own: the door, the lists, a product, the last import."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from filelock import FileLock
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

import agent.assistant
from agent.assistant import Assistant
from agent.catalogue import UNFILED
from agent.importing import Wish
from agent.settings import Settings
from store.shop import Shop
from tests.fakes import FakeEmbedder
from tests.feeds import table
from ui import server
from ui.staff import absent, door, lists
from ui.staff import sheet as sheet_page

ROOT = Path(__file__).parent.parent / "ui"
PASSWORD = "correct horse"
ROWS = [
    {"id": f"p{n}", "title": f"{color} {kind} {n}", "price": f"{10 + n}.00 USD", "color": color, "brand": brand,
     "image": f"{color}.png" if n != 2 else "", "description": "Soft" if n != 3 else "",
     "availability": "out of stock" if n == 4 else "in stock"}
    for n, (color, kind, brand) in enumerate(
        [("red", "dress", "Lin"), ("blue", "shirt", "Lin"), ("black", "skirt", "Oak"), ("white", "coat", "Oak")] * 3)
]  # fmt: skip
REFUSED = [{"id": "bad", "title": "<b>No</b> price"}, {"id": "p0", "title": "Twice", "price": "1.00 USD"}]


def seen(eyes: Any, products: Sequence[Any], pictures: Any) -> list[dict[str, Any]]:
    """Perception that sees stripes in every picture, and says how surely."""
    return [{"pattern": "striped", "confidence": {"pattern": 0.83}} for _ in products]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a feed and a shop that was filled from it, two rows refused."""
    folder = tmp_path_factory.mktemp("staff")
    for color in ("red", "blue", "black", "white"):
        Image.new("RGB", (16, 16), color).save(folder / f"{color}.png")
    (folder / "feed.csv").write_text(table(ROWS + REFUSED), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agent.importing.proposals", seen)
        patch.setattr(Assistant, "eyes", None)
        assistant = opened(folder / "shop")
        assistant.import_feeds([folder / "feed.csv"], Wish(fetch=False))
        assistant.close()
    return folder


def opened(data: Path) -> Assistant:
    assistant = Assistant.open(Settings(data=data, model="offline"))
    assistant.__dict__["shop"] = Shop.open(data, FakeEmbedder())
    return assistant


@pytest.fixture
def desk(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Assistant]:
    """An assistant on a copy of that shop, which the page opens."""
    monkeypatch.setenv("DAOGOU_STAFF_PASSWORD", PASSWORD)
    monkeypatch.setattr("agent.importing.proposals", seen)
    monkeypatch.setattr(Assistant, "eyes", SimpleNamespace(vectors=None))
    assistant = opened(Path(shutil.copytree(filled / "shop", tmp_path / "shop")))
    monkeypatch.setattr(agent.assistant.Assistant, "open", lambda *_: assistant)
    monkeypatch.setattr(door, "TRIES", door.Tries())
    monkeypatch.setattr(lists, "COUNT", 8)  # a page of few is drawn soon
    monkeypatch.setattr(sheet_page, "NEAR", 4)
    st.cache_resource.clear()
    yield assistant
    st.cache_resource.clear()
    assistant.close()


@pytest.fixture
def page(desk: Assistant) -> AppTest:
    """The page with the door open."""
    shown = fresh()
    return enter(shown)


def fresh(**address: str) -> AppTest:
    shown = AppTest.from_file(str(ROOT / "staff" / "page.py"), default_timeout=20)
    for name, value in address.items():
        shown.query_params[name] = value
    return run(shown)


def run(shown: AppTest) -> AppTest:
    shown.run()
    assert not shown.exception, shown.exception
    return shown


def enter(shown: AppTest, password: str = PASSWORD) -> AppTest:
    shown.text_input[0].set_value(password)
    return press(shown, "Open")


def press(shown: AppTest, label: str, nth: int = 0) -> AppTest:
    [b for b in shown.button if b.label == label][nth].click()
    return run(shown)


def html(shown: AppTest) -> str:
    return "\n".join(str(part.value) for part in shown.html if not str(part.value).startswith("<style"))


def choose(shown: AppTest, label: str, value: Any) -> AppTest:
    next(box for box in shown.selectbox if box.label == label).set_value(value)
    return run(shown)


# -- the door ---------------------------------------------------------------------------------------------------------


def test_nothing_is_seen_without_the_password(desk: Assistant) -> None:
    shown = fresh(view="report", p="p1")
    assert "for the shop&#x27;s staff" in html(shown) and "blue" not in html(shown) and not shown.selectbox
    enter(shown, "correct hors")
    assert "not the password" in html(shown) and "dg-card" not in html(shown)
    enter(shown)
    assert "blue shirt 1" in html(shown)
    assert PASSWORD not in json.dumps(dict(shown.query_params))
    press(shown, "Leave")
    assert "dg-card" not in html(shown) and "Staff password" in [t.label for t in shown.text_input]


def test_guessing_is_ended_for_who_guesses_and_for_nobody_else(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "whence", lambda: "203.0.113.9")
    stranger = fresh()
    for _ in range(door.MOST):
        enter(stranger, "guess again")
        assert "not the password" in html(stranger)
    enter(stranger)
    assert "come back in a minute" in html(stranger) and "dg-card" not in html(stranger)
    assert "red dress 0" in html(run(page))  # who is in stays in
    monkeypatch.setattr(door, "whence", lambda: "203.0.113.10")
    assert "red dress 0" in html(enter(fresh()))  # and who knows it comes in from elsewhere


def test_after_a_minute_the_door_opens_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(door.time, "monotonic", lambda: now[0])
    tries = door.Tries(most=2, within_s=60)
    assert [tries.take("a"), tries.take("a"), tries.take("a"), tries.take("b")] == [True, True, False, True]
    now[0] = 61.0
    assert tries.take("a")
    tries.right("a")
    assert [tries.take("a"), tries.take("a"), tries.take("a")] == [True, True, False]


def test_who_guesses_from_many_addresses_meets_a_ceiling_that_does_not_hold_for_staff() -> None:
    tries = door.Tries(most=2, everybody=5)
    assert tries.take("192.0.2.1")
    tries.right("192.0.2.1")
    assert [tries.take(f"198.51.100.{n}") for n in range(7)] == [True] * 5 + [False] * 2
    assert [tries.take("192.0.2.1") for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "nobody knows", False),
    ],
)
def test_addresses_of_one_house_are_one(one: str, other: str, same: bool) -> None:
    assert (door.household(one) == door.household(other)) is same


def test_without_the_setting_there_is_no_page(desk: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAOGOU_STAFF_PASSWORD")
    st.cache_resource.clear()
    shown = fresh()
    assert not shown.text_input and "dg-card" not in html(shown)
    chat = run(AppTest.from_file(str(ROOT / "app.py"), default_timeout=20))
    assert chat.chat_input


@pytest.mark.parametrize(("spoken", "told"), [("zh-CN,zh;q=0.9", "设一个密码"), ("fr,en", "with a password")])
@pytest.mark.parametrize("path", ["/staff", "/staff/"])
def test_its_address_tells_then_how_to_have_one(
    path: str, spoken: str, told: str, desk: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DAOGOU_STAFF_PASSWORD")
    st.cache_resource.clear()
    routes = Starlette(routes=absent.ROUTES)
    answer = TestClient(routes).get(path, headers={"accept-language": spoken}, follow_redirects=False)
    assert answer.status_code == 404 and told in answer.text and "DAOGOU_STAFF_PASSWORD" in answer.text


@pytest.mark.parametrize("known", [True, False])
def test_the_server_serves_that_page_only_without_a_password(
    known: bool, desk: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not known:
        monkeypatch.delenv("DAOGOU_STAFF_PASSWORD")
    st.cache_resource.clear()
    given: dict[str, Any] = {}
    monkeypatch.setattr(server.st, "App", lambda *_, **more: given.update(more))
    server.application()
    assert any(route in given["routes"] for route in absent.ROUTES) is not known


def test_the_shoppers_page_leads_nowhere_near_it(desk: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Assistant, "first_questions", lambda *_: ["a dress"])
    chat = run(AppTest.from_file(str(ROOT / "app.py"), default_timeout=20))
    assert chat.chat_input and "staff" not in html(chat).casefold()
    assert not [b for b in chat.button if "staff" in b.label.casefold() or "taff" in str(b.key)]


def test_a_password_that_anybody_guesses_is_a_bad_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAOGOU_STAFF_PASSWORD", "short")
    with pytest.raises(ValueError, match="staff_password"):
        Settings()
    monkeypatch.setenv("DAOGOU_STAFF_PASSWORD", "")  # as compose files pass on what is not set: no page
    assert Settings().staff_password is None


# -- the catalogue ----------------------------------------------------------------------------------------------------


def names(shown: AppTest) -> list[str]:
    return [line.split("</h3>")[0] for line in html(shown).split("<h3>")[1:]]


def test_the_catalogue_is_shown_in_pages(page: AppTest) -> None:
    assert len(names(page)) == 8 and "1–8 of 12 products" in html(page)
    first = names(page)
    press(page, "Next")
    assert len(names(page)) == 4 and "9–12 of 12" in html(page) and not set(first) & set(names(page))
    assert [b.disabled for b in page.button if b.label == "Next"] == [True, True]
    press(page, "Previous")
    assert names(page) == first


def test_filters_go_together_begin_at_the_first_page_and_can_be_cleared(page: AppTest) -> None:
    press(page, "Next")
    choose(page, "Type", "dress")
    assert "1–3 of 3" in html(page) and all("dress" in name for name in names(page))
    choose(page, "Brand", "Oak")
    assert "No product meets these conditions" in html(page)
    press(page, "Show all")
    assert "of 12" in html(page)


def test_filters_outlive_a_look_at_a_product(page: AppTest) -> None:
    choose(page, "Type", "dress")
    press(page, "Open")
    assert "id p0" in html(page)
    press(page, "Back")
    assert "1–3 of 3" in html(page)
    assert next(box for box in page.selectbox if box.label == "Type").value == "dress"


@pytest.mark.parametrize(("state", "ids"), [("sold_out", {"4"}), ("in_stock", set("0123"))])
def test_stock(page: AppTest, state: str, ids: set[str]) -> None:
    choose(page, "Show", state)
    shown = {name.rsplit(" ", 1)[1] for name in names(page)}
    assert shown == ids if state == "sold_out" else shown >= ids and "4" not in shown


def test_what_is_to_look_into_is_said_on_the_card(page: AppTest, desk: Assistant) -> None:
    assert html(page).count("No picture") == 1 and html(page).count("No description") == 1
    (desk.data / "images" / desk.shop.get_many(["p1"])[0].images[0]).unlink()
    choose(page, "Show", "problems")
    assert html(page).count("No picture") == 2 and html(page).count("Something only its picture says") == 7


# -- the search -------------------------------------------------------------------------------------------------------


@pytest.fixture
def found(page: AppTest) -> Callable[[str], str]:
    def search(words: str) -> str:
        next(b for b in page.button if b.key == "view-search").click()
        run(page)
        page.text_input[0].set_value(words)
        next(b for b in page.button if b.label == "Search" and b.key != "view-search").click()
        return html(run(page))

    return search


def test_a_search_shows_the_parts_of_each_score_and_its_reasons(found: Callable[[str], str]) -> None:
    shown = found("blue shirt")
    assert "blue shirt" in shown.split("<h3>")[1] and shown.count('class="dg-score"') >= 3
    assert all(f"{part} <small>" in shown for part in ("Words", "Meaning", "Attributes"))
    assert "Colour: blue (record)" in shown


def test_a_search_by_id_finds_it_first(found: Callable[[str], str]) -> None:
    assert "white coat 3<" in found("p3").split("<h3>")[1]


def test_a_search_without_hits_says_so(found: Callable[[str], str]) -> None:
    assert "Nothing was found" in found("xylophone")


def test_a_file_that_is_no_photo_is_told_and_can_be_dropped(page: AppTest, desk: Assistant) -> None:
    next(b for b in page.button if b.key == "view-search").click()
    run(page)
    page.file_uploader[0].upload("a.jpg", b"none", "image/jpeg")
    next(b for b in page.button if b.label == "Search" and b.key != "view-search").click()
    run(page)
    assert "isn&#x27;t a photo" in html(page)
    for view in ("browse", "search"):  # back from elsewhere the photo still counts, and is named
        next(b for b in page.button if b.key == f"view-{view}").click()
        run(page)
    assert "isn&#x27;t a photo" in html(page) and "Photo: a.jpg" in html(page)
    press(page, "Without the photo")
    assert "a.jpg" not in html(page) and "isn&#x27;t a photo" not in html(page)


# -- a product --------------------------------------------------------------------------------------------------------


def sheet(page: AppTest, product: str) -> AppTest:
    page.query_params["p"] = product
    return run(page)


def test_what_was_seen_stands_beside_what_the_feed_says_marked_as_seen(page: AppTest) -> None:
    shown = html(sheet(page, "p0"))
    row = shown.split("Pattern</th>")[1].split("</tr>")[0]
    assert row.startswith("<td>—</td>") and "striped" in row and "83% sure" in row and ">seen<" in row
    assert "<td>red</td><td>—</td><td>red</td>" in shown.split("Colour</th>")[1]


def test_what_is_seen_in_its_picture_is_framed_and_told_once_asked_for(
    page: AppTest, desk: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen_now = {"garments": [{"category": "dress", "colors": ["red"], "box": (0.1, 0.2, 0.6, 0.9),
                "confidence": {"category": 0.91}}], "caption": "A <b>red</b> dress."}  # fmt: skip
    asked: list[bytes] = []

    def look(data: bytes, lang: str) -> SimpleNamespace:
        asked.append(data)
        return SimpleNamespace(model_dump=lambda **_: seen_now)

    monkeypatch.setattr(desk.catalogue, "_see", look)
    sheet(page, "p0")
    assert not asked and "dg-frame" not in html(page)
    page.toggle[0].set_value(True)
    shown = html(run(page))
    assert "left:10.00%;top:20.00%;width:50.00%;height:70.00%" in shown and "Red dress" in shown
    assert "91%" in shown and "A &lt;b&gt;red&lt;/b&gt; dress." in shown
    run(page)
    assert len(asked) == 1 and asked[0].startswith(b"\x89PNG")
    assert "dg-frame" not in html(sheet(page, "p2")) and not page.toggle  # it has no picture
    monkeypatch.setattr(desk.catalogue, "_see", lambda *_: 1 / 0)
    assert "This picture cannot be looked at" in html(sheet(page, "p1"))


def test_what_nobody_filed_is_said_to_be_unfiled(page: AppTest, desk: Assistant) -> None:
    (product,) = desk.shop.get_many(["p0"])
    desk.shop.upsert([product.model_copy(update={"category": UNFILED})])
    run(page)
    shown = next(box for box in page.selectbox if box.label == "Type")
    assert "not filed anywhere" in shown.options and UNFILED not in shown.options
    assert "<td>—</td><td>—</td><td>—</td>" in html(sheet(page, "p0")).split("Type</th>")[1].split("</tr>")[0]


def test_its_neighbours_by_look_and_by_words_are_shown_and_lead_on(page: AppTest) -> None:
    sheet(page, "p0")
    assert html(page).count("cosine 1.000") >= 2  # all red pictures are one
    assert {b.key for b in page.button if "open-near-look" in str(b.key)} == {
        f"open-near-look-{n}" for n in range(4)
    }
    next(b for b in page.button if b.key == "open-near-look-0").click()
    run(page)
    assert "red dress" in html(page).split("<h3>")[1] and page.query_params["p"] != ["p0"]
    assert "nothing is near by look" in html(sheet(page, "p2"))


def test_a_correction_holds_survives_imports_and_is_taken_back(
    page: AppTest, desk: Assistant, filled: Path
) -> None:
    sheet(page, "p0")
    page.multiselect[0].set_value(["navy", "white"])
    press(page, "Save")  # before the page was drawn with the choice in it, as one who is quick does
    assert "Saved: Colour" in html(page) and "corrected by staff" in html(page)
    assert desk.shop.get_many(["p0"])[0].colors == ["navy", "white"]
    changed = filled / "changed.csv"
    changed.write_text(
        table([ROWS[0] | {"color": "green", "price": "99.00 USD"}, *ROWS[1:]]), encoding="utf-8"
    )
    for feed in (filled / "feed.csv", changed):
        desk.import_feeds([feed], Wish(fetch=False))
        assert desk.shop.get_many(["p0"])[0].colors == ["navy", "white"]
    run(page)
    assert "Colour: green → navy, white" in html(page) and "$99.00" in html(page)
    press(page, "Take back")
    assert "Taken back: Colour" in html(page) and desk.shop.get_many(["p0"])[0].colors == ["green"]
    assert page.multiselect[0].value == ["green"]


def test_that_it_has_none_can_be_said_and_what_was_seen_is_struck_out(page: AppTest, desk: Assistant) -> None:
    sheet(page, "p0")
    choose(page, "Which attribute", "pattern")
    choose(page, "It should be", "")
    press(page, "Save")
    row = html(page).split("Pattern</th>")[1].split("</tr>")[0]
    assert "<s>striped</s>" in row and "staff says no" in row and "none" in row
    assert not desk.search("striped", where={"pattern": ["striped"]}, k=40) or "p0" not in {
        hit["id"] for hit in desk.search("striped", where={"pattern": ["striped"]}, k=40)
    }
    press(page, "Back")
    choose(page, "Show", "corrected")
    assert names(page) == ["red dress 0"]


def test_while_an_import_is_at_work_nothing_is_corrected(page: AppTest, desk: Assistant) -> None:
    sheet(page, "p0")
    page.multiselect[0].set_value(["navy"])
    run(page)
    with FileLock(desk.data / "import.lock", thread_local=False):
        press(page, "Save")
    assert "An import is at work" in html(page) and desk.shop.get_many(["p0"])[0].colors == ["red"]


@pytest.mark.parametrize("product", ["nobody", "../../etc", "<script>alert(1)</script>"])
def test_a_product_that_is_not_there_is_told(page: AppTest, product: str) -> None:
    assert "no longer has this product" in html(sheet(page, product)) and "<script>alert" not in html(page)


# -- the last import --------------------------------------------------------------------------------------------------


def test_the_last_import_is_told_row_by_row_in_either_language(page: AppTest) -> None:
    next(b for b in page.button if b.key == "view-report").click()
    shown = html(run(page))
    assert "<td>14</td><td>12</td>" in shown and "Rows that were refused (2)" in shown
    assert "there is no price" in shown and "use an id once" in shown and "<td>14</td><td>bad</td>" in shown
    page.sidebar.button_group[0].set_value("zh")
    shown = html(run(page))
    assert "没有收进来的行（2）" in shown and "没有价格" in shown


def test_the_report_outlives_the_process_and_a_check_leaves_it(
    page: AppTest, desk: Assistant, filled: Path
) -> None:
    before = desk.catalogue.report("en")
    desk.import_feeds([filled / "feed.csv"], Wish(fetch=False, dry_run=True))
    assert desk.catalogue.report("en") == before and before is not None
    assert [p["id"] for p in before["feeds"][0]["errors"]] == ["bad", "p0"]


@pytest.mark.parametrize("kept", [None, "", "[]", '{"feeds": [{"errors": [{"x": 1}]}]}'])
def test_without_a_report_it_says_how_to_import(page: AppTest, desk: Assistant, kept: str | None) -> None:
    file = desk.data / "last-import.json"
    file.unlink()
    if kept is not None:
        file.write_text(kept)
    next(b for b in page.button if b.key == "view-report").click()
    assert "daogou import FEED" in html(run(page))


def test_the_whole_page_speaks_chinese(desk: Assistant) -> None:
    shown = fresh(lang="zh")
    shown.text_input[0].set_value(PASSWORD)
    press(shown, "进入")
    assert "共 12 件" in html(shown) and {"目录", "搜索", "上次导入"} <= {b.label for b in shown.button}
    shown.query_params["p"] = "p0"
    run(shown)
    assert all(
        word in html(shown) for word in ("商品数据里写的", "从图里看到的", "条纹", "把握 83%", "样子最像的")
    )
