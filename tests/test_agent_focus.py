"""A garment pointed at in a photo: which one is meant is told by its place, whatever the words are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_shop import SEEN
from garment_photos import ToldEyes, lying

from agent.assistant import Assistant
from agent.events import Event, Looked
from agent.focus import InPhoto, garment_name, look_with, that_garment
from agent.planner.state import State
from agent.planner.understand import understand
from agent.settings import Settings
from prompts import taxonomy

PHOTO = "a" * 16
WISH = {"en": "Find something like {that} in my photo", "zh": "找和图里{that}差不多的"}


def seen() -> State:
    state = State()
    state.add_pictures([{"id": PHOTO, "look": {"garments": SEEN}}])
    return state


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("place", [0, 1])
def test_the_words_of_a_touch_name_the_garment_and_ask_for_nothing_more(lang: str, place: int) -> None:
    said = WISH[lang].format(that=that_garment(SEEN[place], lang))
    meaning = understand(said, [], seen(), language=lang, garment=(PHOTO, place))
    assert meaning.tool == "search_catalog" and meaning.intents == ["more_like"]
    assert meaning.args["photo"] == PHOTO and meaning.args["garment"] == place
    assert meaning.args["where"] == {"category": [SEEN[place]["category"]]} and not meaning.args["query"]


@pytest.mark.parametrize(("lang", "said"), [("en", "in red, under $50"), ("zh", "红色的，50以内")])
def test_what_is_said_beside_a_touch_is_a_wish(lang: str, said: str) -> None:
    meaning = understand(said, [], seen(), language=lang, garment=(PHOTO, 1))
    where = meaning.args["where"]
    assert where["category"] == ["pants"] and where["color"] == ["red"] and where["price"]["max"] == 50
    assert meaning.args["garment"] == 1


def test_two_garments_of_one_category_are_told_apart_by_place() -> None:
    looks = [(PHOTO, {"garments": [{"category": "t-shirt"}, {"category": "t-shirt"}]})]
    state = State()
    state.add_pictures([{"id": PHOTO, "look": looks[0][1]}])
    for said, lang in (
        ("找和图里这件T恤差不多的", "zh"),
        ("Find something like the T-shirt in my photo", "en"),
    ):
        calls = [understand(said, [], state, language=lang, garment=(PHOTO, n)).args for n in (0, 1)]
        assert [call["garment"] for call in calls] == [0, 1]
    assert look_with(looks, InPhoto(photo=PHOTO, garment=1)) is looks[0][1]
    assert look_with(looks, InPhoto(photo=PHOTO, garment=2)) is None
    assert look_with(looks, InPhoto(photo="b" * 16)) is None


def test_a_garment_in_words() -> None:
    names = [garment_name(g, lang) for g in SEEN for lang in ("en", "zh")]
    assert names == ["light blue striped shirt", "浅蓝色条纹衬衫", "navy trousers", "藏青色长裤"]


# -- through the session ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """The demo shop, with eyes that are told where a shirt and trousers lie."""
    import shutil

    data = shutil.copytree(pristine, tmp_path_factory.mktemp("told") / "shop")
    assistant = Assistant.open(Settings(data=data))
    assistant.__dict__["eyes"] = ToldEyes(assistant.eyes, PAIR[1])
    yield assistant
    assistant.close()


PAIR = lying(("D0024", "top"), ("D0054", "bottom"))


def categories(events: list[Event]) -> list[str]:
    """Of the products shown."""
    return [item.category for e in events if e.type == "products" for item in e.items]


def prices(events: list[Event]) -> list[float]:
    return [float((i.sale_price or i.price).amount) for e in events if e.type == "products" for i in e.items]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_touch_finds_that_garment_and_the_talk_goes_on_about_it(told: Assistant, lang: str) -> None:
    session = told.session(f"touch-{lang}", lang=lang)
    first = list(session.respond("", [PAIR[0]]))
    look: dict[str, Any] = next(e.look for e in first if isinstance(e, Looked))
    photo, [shirt, trousers] = look["photo"], look["garments"]
    assert taxonomy.is_a(shirt["category"], "tops") and trousers["category"] == "pants"
    assert all(taxonomy.is_a(c, "tops") for c in categories(first))

    said = WISH[lang].format(that=that_garment(trousers, lang))
    second = list(session.respond(said, focus=InPhoto(photo=photo, garment=1)))
    assert len(categories(second)) >= 2 and all(taxonomy.is_a(c, "pants") for c in categories(second))
    third = list(session.respond({"en": "something cheaper?", "zh": "有便宜点的吗？"}[lang]))
    assert categories(third) and all(taxonomy.is_a(c, "pants") for c in categories(third))
    assert max(prices(third)) < max(prices(second))
    call = next(e for e in third if e.type == "thinking")
    assert call.args["photo"] == photo and call.args["garment"] == 1

    fourth = list(session.respond(WISH[lang].format(that=""), focus=InPhoto(photo=photo)))
    assert categories(fourth) and all(taxonomy.is_a(c, "tops") for c in categories(fourth))
    kept = told.transcripts.read(session.id)
    assert [turn.focus for turn in kept] == [
        None,
        InPhoto(photo=photo, garment=1),
        None,
        InPhoto(photo=photo, garment=0),
    ]


@pytest.mark.parametrize("place", [2, 99])
def test_a_garment_that_is_not_there_is_told(told: Assistant, place: int) -> None:
    session = told.session(f"none-{place}", lang="en")
    first = list(session.respond("", [PAIR[0]]))
    photo = next(e.photo for e in first if isinstance(e, Looked))
    events = list(session.respond("like this", focus=InPhoto(photo=photo, garment=place)))
    assert [e.type for e in events] == ["turn_started", "error", "done"]
    assert events[1].type == "error" and events[1].code == "garment_not_found"


def test_a_photo_of_another_conversation_cannot_be_pointed_at(told: Assistant) -> None:
    first = list(told.session("mine", lang="en").respond("", [PAIR[0]]))
    photo = next(e.photo for e in first if isinstance(e, Looked))
    events = list(told.session("yours", lang="zh").respond("像这条", focus=InPhoto(photo=photo, garment=1)))
    assert [e.type for e in events] == ["turn_started", "error", "done"]
