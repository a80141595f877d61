"""The page, run without a browser on a scripted assistant: what is shown, and what each button says for the shopper."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from fake_shop import FakeAssistant, FakeSession
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

import agent.assistant
from agent.focus import InPhoto
from store.errors import NotKept

APP = str(Path(__file__).parent.parent / "ui" / "app.py")


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAssistant]:
    for nth in range(3):  # the shopper's photos, by the ids that the scripted session gives them
        Image.new("RGB", (60, 80)).save(tmp_path / f"{nth:016x}", "PNG")
    for nth in range(6):
        Image.new("RGB", (6, 8)).save(tmp_path / f"p{nth}.webp")
    fake = FakeAssistant(tmp_path)
    monkeypatch.setattr(agent.assistant.Assistant, "open", lambda *_: fake)
    st.cache_resource.clear()
    yield fake
    st.cache_resource.clear()


@pytest.fixture
def page(shop: FakeAssistant) -> AppTest:
    return run(AppTest.from_file(APP, default_timeout=20))


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception, page.exception
    return page


def html(page: AppTest) -> str:
    return "\n".join(str(part.value) for part in page.html if not str(part.value).startswith("<style"))


def say(page: AppTest, text: str) -> AppTest:
    page.chat_input[0].set_value(text)
    return run(page)


def garments(page: AppTest, part: str) -> list[Button]:
    """The boxes ("box") or chips ("chip-seen") of all photos, in order."""
    return [b for b in page.button if str(b.key).startswith(f"{part}-")]


def session(shop: FakeAssistant) -> FakeSession:
    return next(iter(shop.sessions.values()))


def press(page: AppTest, label: str, nth: int = 0) -> AppTest:
    [b for b in page.button if b.label == label][nth].click()
    return run(page)


def test_a_picture_that_is_gone_is_an_empty_frame(page: AppTest, shop: FakeAssistant) -> None:
    assert shop.pictures is not None
    (shop.pictures / "p1.webp").unlink()
    say(page, "dresses")
    assert "pictures/p1" not in html(page) and "pictures/p0" in html(page)
    assert html(page).count("dg-nopic") > 0


def test_an_empty_conversation_greets_and_suggests(page: AppTest, shop: FakeAssistant) -> None:
    assert "What are you looking for?" in html(page) and html(page).count('src="pictures/p') == 5
    press(page, "A light blue shirt")
    assert session(shop).asked == [("A light blue shirt", 0, None)]
    assert "dg-welcome" not in html(page)


def test_a_message_is_answered_with_words_cards_and_next_steps(page: AppTest, shop: FakeAssistant) -> None:
    say(page, "a light blue shirt for $40")
    shown = html(page)
    assert "a light blue shirt for $40" in shown and "<strong>these six</strong>" in shown
    assert (
        shown.count('<article class="dg-card"') == 6 and "Nearest" in shown and "<del>$40.00</del>" in shown
    )
    assert "&lt;b onmouseover" in shown and "<b onmouseover" not in shown
    assert {"Cheaper ones", r"Only \*blue\* for \$5"} <= {b.label for b in page.button}


def test_photos_and_words_go_together_and_what_is_seen_is_shown(page: AppTest, shop: FakeAssistant) -> None:
    page.chat_input[0].set_value("有类似但便宜的吗")
    page.chat_input[0].upload("a.jpg", b"one", "image/jpeg").upload("b.png", b"two", "image/png")
    run(page)
    assert session(shop).asked == [("有类似但便宜的吗", 2, None)]
    assert html(page).count('class="dg-seen-photo"') == 2 and html(page).count("我看到的") == 2
    assert len(garments(page, "chip-seen")) == len(garments(page, "box")) == 4
    assert garments(page, "chip-seen")[0].label == r"**1** 浅蓝色条纹衬衫 *白色 · 长袖 · 很有把握*"


def test_touching_a_garment_asks_for_that_one(page: AppTest, shop: FakeAssistant) -> None:
    page.chat_input[0].set_value("hello").upload("a.jpg", b"one", "image/jpeg")
    run(page)
    shown = html(page)
    assert "What I see" in shown and "Your photo, with 2 outlined" in shown and "laid flat" in shown
    box, chip = garments(page, "box")[1], garments(page, "chip-seen")[1]
    assert "**2** Maybe navy trousers" in box.label and "find something like it" in box.label
    assert "not certain" in chip.label and "40" not in chip.label and "40" in chip.help
    box.click()
    run(page)
    asked = ("Find something like the navy trousers in my photo", 0, InPhoto(photo=f"{0:016x}", garment=1))
    assert session(shop).asked[-1] == asked
    assert '<div class="dg-about">2 · Maybe navy trousers</div>' in html(page) and asked[0] in html(page)
    garments(page, "chip-seen")[0].click()
    run(page)
    assert session(shop).asked[-1][2] == InPhoto(photo=f"{0:016x}", garment=0)


def test_a_photo_of_nothing_to_wear_is_told_kindly_and_has_no_boxes(
    page: AppTest, shop: FakeAssistant
) -> None:
    page.chat_input[0].set_value("看看").upload("a.jpg", b"a street", "image/jpeg")
    run(page)
    assert "没看到可穿戴的东西" in html(page) and "点一下" not in html(page)
    assert not garments(page, "box") and not garments(page, "chip-seen")


def test_boxes_come_back_with_the_conversation_and_a_lost_photo_is_told(
    page: AppTest, shop: FakeAssistant
) -> None:
    page.chat_input[0].set_value("hello").upload("a.jpg", b"one", "image/jpeg")
    run(page)
    again = AppTest.from_file(APP, default_timeout=20)
    again.query_params["s"] = page.query_params["s"]
    run(again)
    garments(again, "box")[0].click()
    run(again)
    assert session(shop).asked[-1][2] == InPhoto(photo=f"{0:016x}", garment=0)
    assert shop.pictures is not None
    (shop.pictures / f"{0:016x}").unlink()
    run(again)
    assert "no longer kept" in html(again) and not garments(again, "box")
    assert f"pictures/{0:016x}" not in html(again)
    assert all(chip.disabled for chip in garments(again, "chip-seen"))


def test_a_photo_alone_is_enough(page: AppTest, shop: FakeAssistant) -> None:
    page.chat_input[0].upload("a.jpg", b"one", "image/jpeg")
    run(page)
    assert session(shop).asked == [("", 1, None)]


def test_an_unusable_photo_is_told_and_the_talk_goes_on(page: AppTest, shop: FakeAssistant) -> None:
    page.chat_input[0].set_value("this one").upload("a.jpg", b"", "image/jpeg")
    run(page)
    assert "That file is empty." in html(page) and "a.jpg" in html(page)
    say(page, "shirts")
    assert html(page).count('class="dg-said"') == 2


@pytest.mark.parametrize(
    ("button", "said"),
    [("Similar", "Do you have something similar to this one?"), ("Match", "What goes with this one?")],
)
def test_buttons_say_what_a_shopper_would_say(
    page: AppTest, shop: FakeAssistant, button: str, said: str
) -> None:
    say(page, "shirts")
    press(page, button, nth=2)
    assert session(shop).asked[-1] == (said, 0, "p2")
    assert '<div class="dg-about">Cord shirt</div>' in html(page)


def test_asking_about_a_product_waits_for_the_question(page: AppTest, shop: FakeAssistant) -> None:
    say(page, "shirts")
    press(page, "Ask", nth=1)
    assert "Asking about" in html(page) and len(session(shop).asked) == 1
    say(page, "what is it made of")
    assert session(shop).asked[-1] == ("what is it made of", 0, "p1")
    assert "Asking about" not in html(page)
    assert "Seen in the picture" in html(page) and "fairly sure" in html(page) and "Size chart" in html(page)


def test_a_question_can_be_dropped(page: AppTest, shop: FakeAssistant) -> None:
    say(page, "shirts")
    press(page, "Ask")
    press(page, "Never mind")
    say(page, "and now")
    assert session(shop).asked[-1] == ("and now", 0, None)


def test_adding_asks_for_one_of_the_sizes_in_stock(page: AppTest, shop: FakeAssistant) -> None:
    say(page, "shirts")
    assert list(page.menu_button[0].options) == ["M", "L"]
    page.menu_button[0].set_value("M")
    run(page)
    assert session(shop).asked[-1] == ("Add this one to my cart in size M", 0, "p0")
    side = "\n".join(str(part.value) for part in page.sidebar.html)
    assert "Sea linen shirt" in side and "$40.00" in side
    press(page, "Remove")
    assert session(shop).asked[-1] == ("Remove this one in size M from my cart", 0, "p0")
    assert "Empty so far" in "\n".join(str(part.value) for part in page.sidebar.html)


def test_quantities_change_by_asking(page: AppTest, shop: FakeAssistant) -> None:
    say(page, "衬衫")
    page.menu_button[0].set_value("L")
    run(page)
    press(page, "+")
    assert session(shop).asked[-1] == ("把购物车里这件 M 码的数量改成 2", 0, "p0")
    press(page, "−")
    assert session(shop).asked[-1] == ("把这件 M 码从购物车里删掉", 0, "p0")


def test_a_missing_size_is_offered_as_buttons(page: AppTest, shop: FakeAssistant) -> None:
    say(page, "put it in the cart")
    press(page, "M")
    assert session(shop).asked[-1][0] == "Size M"


def test_outfits_comparisons_and_policies_have_their_own_shape(page: AppTest, shop: FakeAssistant) -> None:
    say(page, "an outfit please")
    assert "Look 1" in html(page) and "Navy is a neutral" in html(page) and "$120.00" in html(page)
    say(page, "compare them")
    assert 'class="dg-table dg-compare"' in html(page) and "&lt;i&gt;Fit" in html(page)
    say(page, "can I return it")
    assert "<blockquote>" in html(page) and "<script>alert" not in html(page)


def test_the_newest_looks_can_be_had_another_way_or_bought_whole(page: AppTest, shop: FakeAssistant) -> None:
    say(page, "an outfit please")
    press(page, "Smarter")
    assert session(shop).asked[-1][0] == "Make the look smarter"
    say(page, "two outfits please")
    assert [tab.label for tab in page.tabs] == ["**1** Easy \\*layers\\*", "Look 2"]
    assert len([b for b in page.button if b.label == "Smarter"]) == 2, "only the newest looks"
    shown = html(page)
    assert (
        "Left of your budget" in shown
        and "Nothing found that fits: bag" in shown
        and "Not met: formal" in shown
    )
    assert shown.count("Nothing here is for a gala") == 1
    assert "your navy blazer" in shown and "Yours already" in shown
    assert shown.count('src="pictures/board.png"') == 1 and "data-share" in shown
    press(page, "Add the whole look", nth=1)
    assert session(shop).asked[-1] == ("Add the whole of the second look to my cart", 0, None)
    press(page, "Swap", nth=2)
    assert session(shop).asked[-1][0] == "Swap the shoes in the first look for another"


def test_every_card_has_a_heart_and_a_thumb_as_they_stand(page: AppTest, shop: FakeAssistant) -> None:
    session(shop).said.update(p1="like", p2="dislike")
    for wish, cards in (("shirts", 6), ("an outfit please", 9), ("what is it made of", 10)):
        say(page, wish)
        assert html(page).count('class="dg-react"') == cards
    assert html(page).count('data-said="like"') == 2 == html(page).count('data-said="dislike"')
    assert html(page).count('class="dg-open"') == 9, "the one told at length has its viewer in it"


def test_who_comes_back_is_shown_what_is_for_them(page: AppTest, shop: FakeAssistant) -> None:
    assert "For you" not in html(page)
    session(shop).said["p1"] = "like"
    again = AppTest.from_file(APP, default_timeout=20)
    again.query_params["s"] = page.query_params["s"]
    run(again)
    assert "For you" in html(again) and html(again).count("because you liked it") == 6
    press(again, "Cord shirt")
    assert session(shop).asked == [("Tell me about this one", 0, "p2")]


def test_a_stranger_may_choose_between_two_pictures(shop: FakeAssistant) -> None:
    shop.rounds = 3
    page = run(AppTest.from_file(APP, default_timeout=20))
    assert "more you" not in html(page)
    press(page, "Pick between two pictures, so I learn your taste")
    assert "Which of these is more you?" in html(page) and "1 of 3" in html(page)
    press(page, "Sea linen shirt")
    press(page, "Neither")
    assert session(shop).picks == ["p0", None] and "3 of 3" in html(page)
    press(page, "Skip")
    assert session(shop).picks == ["p0", None] and "For you" in html(page)
    press(page, "New conversation")
    assert "Pick between two pictures" in str([b.label for b in page.button])


def test_a_taste_that_cannot_be_read_takes_nothing_along(
    monkeypatch: pytest.MonkeyPatch, shop: FakeAssistant
) -> None:
    def fail(*_: object) -> None:
        raise OSError("locked")

    for name in ("for_you", "first_picks", "reactions"):
        monkeypatch.setattr(FakeSession, name, fail)
    page = run(AppTest.from_file(APP, default_timeout=20))
    assert html(page).count('src="pictures/p') == 5 and "locked" not in html(page)
    say(page, "shirts")
    assert html(page).count('class="dg-react"') == 6


def test_a_failing_turn_is_told_in_the_shoppers_language(page: AppTest, shop: FakeAssistant) -> None:
    say(page, "衬衫")
    say(page, "break 一下吧")
    assert "抱歉，刚才出了点问题" in html(page) and "Traceback" not in html(page)
    say(page, "衬衫")
    assert html(page).count('class="dg-said"') == 3


def test_the_page_follows_the_language_of_the_talk(page: AppTest, shop: FakeAssistant) -> None:
    say(page, "想要一件衬衫")
    assert "购物车" in "\n".join(str(part.value) for part in page.sidebar.html)
    assert "相似" in {b.label for b in page.button}
    say(page, "something in English please")
    assert "Your cart" in "\n".join(str(part.value) for part in page.sidebar.html)


def test_a_language_can_be_chosen_and_stays_in_the_address(page: AppTest, shop: FakeAssistant) -> None:
    page.sidebar.button_group[0].set_value("zh")
    run(page)
    assert "想找点什么" in html(page) and page.query_params["lang"] == "zh"
    say(page, "hello there")
    assert "购物车" in "\n".join(str(part.value) for part in page.sidebar.html)
    assert session(shop).lang == "zh"


def test_a_reload_finds_the_conversation_and_the_cart(page: AppTest, shop: FakeAssistant) -> None:
    say(page, "shirts")
    page.menu_button[0].set_value("M")
    run(page)
    again = AppTest.from_file(APP, default_timeout=20)
    again.query_params["s"] = page.query_params["s"]
    run(again)
    assert html(again).count('class="dg-said"') == 2 and html(again).count('<article class="dg-card"') == 6
    assert "Sea linen shirt" in "\n".join(str(part.value) for part in again.sidebar.html)
    say(again, "compare them")
    assert len(shop.sessions) == 1 and len(session(shop).turns) == 3


def test_a_new_conversation_begins_empty(page: AppTest, shop: FakeAssistant) -> None:
    say(page, "shirts")
    before = page.query_params["s"]
    press(page, "New conversation")
    assert page.query_params["s"] != before and "What are you looking for?" in html(page)


@pytest.mark.parametrize("address", ["../../etc", "<script>", "x", "a" * 500])
def test_a_strange_address_opens_a_new_conversation(shop: FakeAssistant, address: str) -> None:
    page = AppTest.from_file(APP, default_timeout=20)
    page.query_params["s"] = address
    run(page)
    assert page.query_params["s"] == session(shop).id and address not in shop.sessions


def test_an_address_with_an_id_that_nobody_made_opens_a_conversation_of_its_own(shop: FakeAssistant) -> None:
    page = AppTest.from_file(APP, default_timeout=20)
    page.query_params["s"] = "0123456789abcdef01234567"
    run(page)
    assert page.query_params["s"] == session(shop).id != "0123456789abcdef01234567"


def test_what_a_shopper_types_is_shown_without_what_nobody_sees(page: AppTest, shop: FakeAssistant) -> None:
    say(page, "\u202etxet\u202c <b>x</b> $y$ \x1b[31mz\u0301\u0301\u0301\u0301\u0301\u0301\u0301 שמלה")
    shown = html(page)
    assert "txet &lt;b&gt;x&lt;/b&gt; $y$ z" + "\u0301" * 5 + " <bdi>שמלה</bdi>" in shown
    assert "\u202e" not in shown and "\x1b" not in session(shop).asked[0][0]


def test_a_long_talk_draws_only_its_end_until_asked(page: AppTest, shop: FakeAssistant) -> None:
    for n in range(10):
        say(page, f"return policy {n}")
    again = AppTest.from_file(APP, default_timeout=20)
    again.query_params["s"] = page.query_params["s"]
    run(again)
    assert html(again).count('class="dg-said"') == 8 and "return policy 1<" not in html(again)
    press(again, "Show 2 earlier messages")
    assert html(again).count('class="dg-said"') == 10


def test_an_empty_shop_says_how_to_fill_it(shop: FakeAssistant) -> None:
    shop.stocked = 0
    page = run(AppTest.from_file(APP, default_timeout=20))
    assert "daogou import FEED\ndaogou demo" in html(page) and not page.chat_input


def test_a_shop_that_cannot_be_opened_is_told_without_details(
    monkeypatch: pytest.MonkeyPatch, shop: FakeAssistant
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret path")

    monkeypatch.setattr(agent.assistant.Assistant, "open", fail)
    page = run(AppTest.from_file(APP, default_timeout=20))
    assert "cannot be opened" in html(page) and "secret" not in html(page)


def test_a_page_that_cannot_be_opened_now_is_opened_the_next_time(
    shop: FakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(session: FakeSession) -> None:
        raise NotKept("the server is away")

    page = AppTest.from_file(APP, default_timeout=20)
    with monkeypatch.context() as patch:
        patch.setattr(FakeSession, "cart", away)
        assert "cannot be opened right now" in html(run(page))
    assert "What are you looking for?" in html(run(page))
