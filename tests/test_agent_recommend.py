"""Reactions at the door: felt in the next reply, across visits with consent alone, erased wherever they are."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_models import ScriptedModel, calls
from langchain_core.messages import AIMessage

from agent.assistant import Assistant
from agent.errors import UnknownProduct
from agent.session import Session
from agent.settings import Settings
from store.types import Filters
from tools.results import Memory, Products

ANNA = "anna-77d0e1c0a2b44f1e"


@pytest.fixture(scope="module")
def shop(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """A shop of its own, in which a model says what a test scripts; most tests talk to the planner."""
    folder = Path(shutil.copytree(pristine, tmp_path_factory.mktemp("recommend") / "shop"))
    opened = Assistant.open(Settings(data=folder, model="offline"))
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def clean(shop: Assistant) -> None:
    shop.forget(ANNA)


def some(shop: Assistant, count: int, **where: Any) -> list[str]:
    return shop.shop.ids(Filters(in_stock=True, **where))[:count]


def listed(session: Session, text: str) -> list[str]:
    events = list(session.respond(text))
    return [item.id for e in events if isinstance(e, Products) for item in e.items]


def test_a_like_and_a_dislike_are_felt_in_the_next_reply(shop: Assistant) -> None:
    session = shop.session(lang="en")
    first = listed(session, "show me dresses")
    session.react(first[0], "dislike")
    session.react(first[1], "like")
    assert session.reactions() == {first[0]: "dislike", first[1]: "like"}
    assert first[0] not in listed(session, "show me dresses")
    found = session.for_you()
    assert found is not None and first[0] not in [i.id for i in found.items]
    assert all(item.why for item in found.items)
    session.react(first[0], "none")
    assert session.reactions() == {first[1]: "like"}


def test_a_stranger_has_no_row_but_a_choice_of_two(shop: Assistant) -> None:
    session = shop.session(lang="zh")
    assert session.for_you() is None
    pair = session.first_picks()
    assert pair is not None and len(pair.items) == 2 and pair.question.endswith("？")
    while pair is not None:
        pair = session.picked(pair.items[1].id)
    row = session.for_you(4)
    assert row is not None and len(row.items) == 4
    assert session.first_picks() is None


def test_no_such_product_is_an_error_and_nothing_is_kept(shop: Assistant) -> None:
    session = shop.session()
    for bad in ("nope", "", "x" * 300, "'; DROP TABLE reactions; --"):
        with pytest.raises(UnknownProduct):
            session.react(bad, "like")
    with pytest.raises(ValueError, match="no reaction"):
        session.react(some(shop, 1)[0], "love")  # type: ignore[arg-type]
    assert session.reactions() == {}


def test_what_a_turn_looked_at_counts_without_anybody_being_known(shop: Assistant) -> None:
    session = shop.session(lang="en")
    shown = listed(session, "show me sneakers")
    list(session.respond("what sizes does it come in?", focus=shown[0]))
    done = {(one.action, one.product) for one in shop.reactions.of(session.id)}
    assert ("asked", shown[0]) in done and ("shown", shown[1]) in done
    row = session.for_you()
    assert row is not None and any(item.category == "sneakers" for item in row.items)


def test_across_visits_with_consent_and_not_without(shop: Assistant) -> None:
    liked = some(shop, 2, category=["coat"])
    first = shop.session(shopper=ANNA)
    first.react(liked[0], "like")
    assert shop.profile(ANNA).empty
    assert shop.session(shopper=ANNA).for_you() is None
    shop.shoppers.of(ANNA).allow()
    list(first.respond("show me coats"))  # what was liked before goes with the consent
    assert [n.product for n in shop.profile(ANNA).reactions] == [liked[0]]
    first.react(liked[1], "dislike")
    later = shop.session(shopper=ANNA)
    assert later.reactions() == {liked[0]: "like", liked[1]: "dislike"}
    row = later.for_you()
    assert row is not None and liked[1] not in [i.id for i in row.items]
    assert shop.session().reactions() == {}


def test_it_is_seen_and_erased_one_by_one_and_as_a_whole(shop: Assistant) -> None:
    liked = some(shop, 2, category=["coat"])
    shop.shoppers.of(ANNA).allow()
    session = shop.session(shopper=ANNA, lang="en")
    session.react(liked[0], "like")
    session.react(liked[1], "dislike")
    session.react(liked[1], "buy")
    notes = {(n.label, n.kind): n for n in session.memory().notes}
    assert {kind for _, kind in notes} == {"liked", "refused", "viewed"}
    title = shop.shop.get(liked[0]).title.en  # type: ignore[union-attr]
    assert notes["Likes", "liked"].text == title
    assert shop.profile(ANNA).to_json() == {
        "consent": True, "liked_products": [liked[0]], "disliked_products": [liked[1]], "viewed": [liked[1]],
    }  # fmt: skip
    assert session.forget(notes["Likes", "liked"].scope) == 1
    assert session.reactions() == {liked[1]: "dislike"}
    session.forget()
    assert (session.reactions(), shop.profile(ANNA).empty, shop.reactions.of(session.id, "")) == (
        {},
        True,
        [],
    )
    assert shop.session(session.id, shopper=ANNA).for_you() is None


def test_a_stranger_can_erase_what_was_done_here(shop: Assistant) -> None:
    session = shop.session()
    session.react(some(shop, 1)[0], "like")
    assert session.forget() == 1
    assert session.for_you() is None


def test_forgetting_in_words_reaches_what_counts_here_too(shop: Assistant) -> None:
    shop.shoppers.of(ANNA).allow()
    session = shop.session(shopper=ANNA, lang="en")
    session.react(some(shop, 1)[0], "like")
    events = list(session.respond("forget everything about me"))
    assert any(isinstance(e, Memory) for e in events)
    assert session.reactions() == {}


def test_two_who_share_a_conversation_share_no_taste(shop: Assistant) -> None:
    one = shop.session(shopper=ANNA)
    one.react(some(shop, 1)[0], "dislike")
    assert shop.session(one.id, shopper="ben-1").reactions() == {}
    assert shop.session(one.id).reactions() == {}


def test_it_goes_with_the_conversation(shop: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    session = shop.session(lang="en")
    listed(session, "show me hats")
    session.react(some(shop, 1)[0], "like")
    monkeypatch.setattr(shop.settings, "keep_days", 1e-9)
    monkeypatch.setattr(shop.transcripts, "old", lambda days, one=None: [session.id])
    shop.prune()
    assert shop.reactions.of(session.id) == []


def test_a_photo_counts_and_only_what_it_shows_is_remembered(shop: Assistant) -> None:
    dress = some(shop, 1, category=["dress"])[0]
    name = next(iter(shop.products([dress]))).images[0]
    photo = shop.picture(name).read_bytes()
    shop.shoppers.of(ANNA).allow()
    session = shop.session(shopper=ANNA, lang="en")
    list(session.respond("what is this?", photos=[photo]))
    kept = shop.profile(ANNA).photos
    assert len(kept) == 1 and len(kept[0].image) < 20_000
    assert "photo" in {n.kind for n in session.memory().notes}
    row = session.for_you()
    assert row is not None and any("photo" in item.why for item in row.items)
    told = list(session.respond("what do you remember about me?"))[-1].text  # type: ignore[union-attr]
    assert "photo" in told and "went wrong" not in told
    list(session.respond("forget my photos"))
    assert shop.profile(ANNA).photos == []


def test_a_model_that_asks_for_recommendations_gets_them(demo_copy: Path) -> None:
    model = ScriptedModel(
        replies=[calls("recommend", kind="dress", limit=3, budget=100), AIMessage("Here you go.")]
    )
    assistant = Assistant.open(
        Settings(data=demo_copy, model="offline", route="always"), leader=lambda *_: model
    )
    events = list(assistant.session(lang="en").respond("what would you recommend for me?"))
    found = next(e for e in events if isinstance(e, Products))
    assert found.query["ground"] == "popular" and len(found.items) == 3
    assert all(i.category == "dress" and float((i.sale_price or i.price).amount) <= 100 for i in found.items)
    assistant.close()
