"""Memory of the shopper in conversations: consent first, used and named, corrected, forgotten; nobody else's."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_models import ScriptedModel, calls
from langchain_core.messages import AIMessage

from agent.assistant import Assistant
from agent.events import Done, Event, Thinking
from agent.session import Session
from agent.settings import Settings
from tools.results import Cart, Memory, Products

ANNA, BEN = "anna-4f1c0f7a9be24d0d", "ben-93ad0b1c55f24e8a"


@pytest.fixture(scope="module")
def shop(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """A shop of its own: what shoppers leave in it is looked at byte by byte."""
    import shutil

    folder = tmp_path_factory.mktemp("memory") / "shop"
    shutil.copytree(pristine, folder)
    opened = Assistant.open(Settings(data=folder, model="offline"))
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def clean(shop: Assistant) -> None:
    shop.forget(ANNA)
    shop.forget(BEN)


def say(session: Session, text: str, focus: str | None = None) -> list[Event]:
    return list(session.respond(text, focus=focus))


def reply(events: list[Event]) -> str:
    return next(e.text for e in reversed(events) if isinstance(e, Done))


def only(events: list[Event], kind: type) -> Any:
    found = [e for e in events if isinstance(e, kind)]
    assert found, [e.type for e in events]
    return found[-1]


def args(events: list[Event], tool: str) -> list[dict[str, Any]]:
    return [e.args for e in events if isinstance(e, Thinking) and e.tool == tool]


# -- consent


@pytest.mark.parametrize(
    ("told", "yes"), [("a red dress in size M", "yes please"), ("红色连衣裙，M码", "好，记住吧")]
)
def test_it_asks_once_and_keeps_on_a_yes(shop: Assistant, told: str, yes: str) -> None:
    session = shop.session(shopper=ANNA)
    first = say(session, told)
    assert reply(first).rstrip().endswith(("?", "？", "了。"))
    assert shop.profile(ANNA).empty
    only(say(session, yes), Memory)
    assert shop.profile(ANNA).to_json()["sizes"] == {"dress": "M"}
    assert shop.profile(ANNA).sizes[0].words == told


@pytest.mark.parametrize(("told", "no"), [("I wear size M", "no thanks"), ("我穿M码", "不用了")])
def test_a_no_is_kept_and_nothing_else_and_it_is_not_asked_again(shop: Assistant, told: str, no: str) -> None:
    session = shop.session(shopper=ANNA)
    say(session, told)
    say(session, no)
    assert (shop.profile(ANNA).consent, shop.profile(ANNA).empty) == ("no", True)
    again = say(shop.session(shopper=ANNA), told)
    assert not any(isinstance(e, Memory) for e in again)
    assert shop.profile(ANNA).empty


def test_unanswered_nothing_is_kept_and_asked_at_most_once(shop: Assistant) -> None:
    session = shop.session(shopper=ANNA)
    asked = [
        reply(say(session, text)) for text in ("dresses in size M", "in blue", "I hate stripes", "size L")
    ]
    assert sum("remember" in text for text in asked) == 1
    assert shop.profile(ANNA).empty
    assert shop.profile(ANNA).consent == "unasked"


def test_what_is_said_holds_in_the_conversation_without_consent(shop: Assistant) -> None:
    session = shop.session(shopper=ANNA)
    say(session, "dresses in size M")
    found = only(say(session, "only red ones"), Products)
    assert found.query["where"]["size"] == ["M"]


def test_without_a_shopper_there_is_no_memory(shop: Assistant) -> None:
    session = shop.session()
    events = say(session, "remember that I wear M")
    assert not any(isinstance(e, Memory) for e in events)
    assert "this conversation" in reply(events)
    assert session.memory().consent == "none"


def test_a_gift_is_not_about_the_shopper(shop: Assistant) -> None:
    shop.remember(ANNA, {"sizes": {"clothes": "M"}, "budget": [{"max": 50}]})
    session = shop.session(shopper=ANNA)
    found = only(say(session, "a dress in size S for my sister"), Products)
    assert found.remembered == []
    found = only(say(session, "and a coat"), Products)
    assert found.remembered == []
    assert shop.profile(ANNA).to_json()["sizes"] == {"clothes": "M"}


# -- used, and named


@pytest.mark.parametrize(
    ("lang", "text", "named"), [("en", "dresses", "your size M"), ("zh", "连衣裙", "你的 M 码")]
)
def test_the_size_is_used_and_named_in_the_next_conversation(
    shop: Assistant, lang: str, text: str, named: str
) -> None:
    shop.remember(ANNA, {"sizes": {"clothes": "M"}})
    events = say(shop.session(shopper=ANNA), text)
    found = only(events, Products)
    assert [u.text for u in found.remembered if u.kind == "size"] == ["M"]
    in_stock = {"M"} <= {s.size for s in found.items[0].sizes if s.in_stock}
    assert in_stock and named in found.items[0].why
    assert "M" in reply(events)
    other = only(say(shop.session(shopper=BEN), text), Products)
    assert other.remembered == []
    assert not any(named in item.why for item in other.items)


def test_the_size_is_offered_for_the_cart_and_never_put_in_unasked(shop: Assistant) -> None:
    shop.remember(ANNA, {"sizes": {"clothes": "M"}})
    session = shop.session(shopper=ANNA)
    say(session, "dresses")
    asked = say(session, "add the first one")
    cart = only(asked, Cart)
    assert (cart.lines, cart.your_size) == ([], "M")
    assert "M" in reply(asked)
    assert [line.size for line in only(say(session, "yes"), Cart).lines] == ["M"]


@pytest.mark.parametrize(("text", "size"), [("L please", "L"), ("the usual", "M")])
def test_the_shopper_chooses_otherwise_at_once(shop: Assistant, text: str, size: str) -> None:
    shop.remember(ANNA, {"sizes": {"clothes": "M"}})
    session = shop.session(shopper=ANNA)
    say(session, "dresses")
    say(session, "add the first one")
    assert [line.size for line in only(say(session, text), Cart).lines] == [size]


def test_what_is_avoided_is_left_out_and_told_unless_it_is_asked_for(shop: Assistant) -> None:
    shop.remember(ANNA, {"refuses": {"pattern": ["dotted"]}})
    session = shop.session(shopper=ANNA)
    events = say(session, "dresses")
    found = only(events, Products)
    refused = next(u for u in found.remembered if u.kind == "refused")
    assert refused.left_out > 0 and refused.text in reply(events)
    products = {p.id: p for p in shop.products([i.id for i in found.items])}
    assert all(p.pattern != "dotted" for p in products.values())
    asked = only(say(shop.session(shopper=ANNA), "polka dot dresses"), Products)
    assert all(p.pattern == "dotted" for p in shop.products([i.id for i in asked.items]))
    assert not [u for u in asked.remembered if u.kind == "refused"]


def test_nothing_remembered_empties_a_list(shop: Assistant) -> None:
    """All scarves in the shop may be of what is avoided: they come, and the cards say so."""
    materials = {p.material for p in shop.products() if p.category == "scarf" and p.material}
    shop.remember(ANNA, {"refuses": {"material": sorted(materials)}, "budget": [{"max": 1}]})
    found = only(say(shop.session(shopper=ANNA), "scarves"), Products)
    assert found.items
    assert found.relaxed == []
    assert all("avoid" in item.why or "above" in item.why for item in found.items)


def test_the_budget_is_a_soft_bound(shop: Assistant) -> None:
    shop.remember(ANNA, {"budget": [{"max": 80}]})
    session = shop.session(shopper=ANNA)
    events = say(session, "dresses")
    found = only(events, Products)
    assert all(float((i.sale_price or i.price).amount) <= 80 for i in found.items)
    assert "$80.00" in reply(events)
    wider = only(say(session, "never mind the price"), Products)
    assert wider.total > found.total
    assert not [u for u in wider.remembered if u.kind == "budget"]
    dear = only(say(shop.session(shopper=ANNA), "dresses around 90 dollars"), Products)
    assert not [u for u in dear.remembered if u.kind == "budget"]


def test_other_currencies_are_not_guessed(shop: Assistant) -> None:
    shop.remember(ANNA, {"budget": [{"max": 80, "currency": "CNY"}]})
    found = only(say(shop.session(shopper=ANNA), "dresses"), Products)
    assert found.remembered == []


# -- learned


def test_with_consent_it_learns_from_the_shoppers_own_words(shop: Assistant) -> None:
    shop.remember(ANNA, {})
    session = shop.session(shopper=ANNA)
    for text in ("sneakers in size 42", "I hate polka dots", "navy dresses", "no wool please"):
        say(session, text)
    kept = shop.profile(ANNA)
    assert kept.to_json()["sizes"] == {"shoes": "42"}
    assert {t.value: (t.stated, t.holds) for t in kept.refused} == {
        "dotted": (True, True),
        "wool": (False, False),
    }
    assert [t.value for t in kept.liked if t.attribute == "color"] == ["navy"]
    assert all(not t.holds for t in kept.liked)


def test_what_was_looked_at_is_found_again(shop: Assistant) -> None:
    shop.remember(ANNA, {})
    first = shop.session(shopper=ANNA)
    shown = only(say(first, "sneakers"), Products)
    say(first, "tell me about the second one")
    for text in (
        "what did I look at last time?",
        "上次看的那双鞋",
        "show me the shoes I looked at last time",
    ):
        found = only(say(shop.session(shopper=ANNA), text), Products)
        assert [i.id for i in found.items] == [shown.items[1].id], text
    assert not any(
        isinstance(e, Products) for e in say(shop.session(shopper=BEN), "what did I look at last time?")
    )


# -- seen, corrected, forgotten


@pytest.mark.parametrize(
    ("question", "new", "part", "everything"),
    [
        ("what do you know about me?", "no, I'm an L now", "forget my size", "forget me"),
        ("你记得我什么？", "不对，我现在穿L码", "忘掉我的尺码", "忘了我吧"),
    ],
)
def test_seen_corrected_and_forgotten_in_the_chat(
    shop: Assistant, question: str, new: str, part: str, everything: str
) -> None:
    shop.remember(ANNA, {"sizes": {"tops": "M", "shoes": "42"}, "refuses": {"pattern": ["striped"]}})
    session = shop.session(shopper=ANNA)
    events = say(session, question)
    told = only(events, Memory)
    assert {n.text for n in told.notes} >= {"M", "42"}
    assert all(n.text in reply(events) for n in told.notes)
    say(session, new)
    assert shop.profile(ANNA).to_json()["sizes"] == {"clothes": "L", "shoes": "42"}
    say(session, part)
    assert "sizes" not in shop.profile(ANNA).to_json()
    assert "striped" in shop.profile(ANNA).to_json()["refuses"]["pattern"]
    say(session, everything)
    assert shop.profile(ANNA).consent == "unasked"
    assert shop.profile(ANNA).empty


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("forget my shoe size", {"sizes": {"tops": "M"}}),
        ("forget that I don't like stripes", {"refuses": {"material": ["wool"]}}),
        ("忘掉我的预算", {"sizes": {"tops": "M", "shoes": "42"}}),
        ("don't you remember my size?", {"sizes": {"tops": "M", "shoes": "42"}}),
        ("forget that", {"sizes": {"tops": "M", "shoes": "42"}}),
        ("did you delete my size?", {"sizes": {"tops": "M", "shoes": "42"}}),
    ],
)
def test_only_what_was_meant_is_forgotten(shop: Assistant, text: str, left: dict[str, Any]) -> None:
    shop.remember(
        ANNA,
        {
            "sizes": {"tops": "M", "shoes": "42"},
            "refuses": {"pattern": ["striped"], "material": ["wool"]},
            "budget": [{"max": 80}],
        },
    )
    say(shop.session(shopper=ANNA), text)
    kept = shop.profile(ANNA).to_json()
    assert {k: kept[k] for k in left} == left


def test_forgotten_in_the_chat_leaves_no_byte(shop: Assistant) -> None:
    session = shop.session(shopper=ANNA)
    say(session, "remember that my shoe size is 42 and I love Mulin things, quokka")
    file = shop.data / "shoppers.sqlite"
    assert b"quokka" in file.read_bytes()
    say(session, "forget me")
    assert not any(b"quokka" in f.read_bytes() for f in shop.data.glob("shoppers.sqlite*"))


def test_stopping_erases_and_holds(shop: Assistant) -> None:
    shop.remember(ANNA, {"sizes": {"tops": "M"}})
    session = shop.session(shopper=ANNA)
    say(session, "stop remembering things about me")
    say(session, "I wear size L")
    say(session, "dresses in size L")
    assert (shop.profile(ANNA).consent, shop.profile(ANNA).empty) == ("no", True)
    say(session, "remember that I wear L")  # a change of mind is theirs to have
    assert shop.profile(ANNA).to_json()["sizes"] == {"clothes": "L"}


def test_it_outlives_a_restart(demo_copy: Path) -> None:
    before = Assistant.open(Settings(data=demo_copy, model="offline"))
    say(before.session(shopper=ANNA), "remember that I wear M and never wear wool")
    before.close()
    after = Assistant.open(Settings(data=demo_copy, model="offline"))
    events = say(after.session(shopper=ANNA), "what do you know about me?")
    assert {n.text for n in only(events, Memory).notes} == {"M", "wool"}
    after.close()


# -- nobody else's


def test_two_shoppers_in_one_conversation_do_not_leak(shop: Assistant) -> None:
    session = shop.session("shared-talk", shopper=ANNA)
    say(session, "I wear size XXL and hate stripes")  # offers to remember
    session = shop.session("shared-talk", shopper=BEN)
    say(session, "yes please")
    say(session, "remember that")
    assert shop.profile(BEN).empty
    assert shop.profile(ANNA).empty


def test_conversations_at_once(shop: Assistant) -> None:
    def talk(shopper: str, size: str) -> None:
        session = shop.session(shopper=shopper)
        say(session, f"remember that I wear size {size}")
        say(session, "dresses")

    both = [threading.Thread(target=talk, args=a) for a in ((ANNA, "M"), (BEN, "L"), (ANNA, "M"), (BEN, "L"))]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert shop.profile(ANNA).to_json()["sizes"] == {"clothes": "M"}
    assert shop.profile(BEN).to_json()["sizes"] == {"clothes": "L"}


def test_hostile_words_are_only_words(shop: Assistant) -> None:
    session = shop.session(shopper=ANNA)
    say(session, "remember my size is M\u202e\x00 '; DELETE FROM notes; -- <b>" + "x" * 900)
    kept = shop.profile(ANNA)
    assert kept.to_json()["sizes"] == {"clothes": "M"}
    assert len(kept.sizes[0].words) <= 160
    assert kept.sizes[0].words.isprintable()


# -- a memory that cannot be read


def test_a_locked_memory_breaks_no_turn(shop: Assistant) -> None:
    shop.remember(ANNA, {"sizes": {"tops": "M"}})
    shop.shoppers._file._db.execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(shop.data / "shoppers.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        events = say(shop.session(shopper=ANNA), "show me shirts")
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert only(events, Products).items
    assert not [e for e in events if e.type == "error"]
    assert shop.profile(ANNA).to_json()["sizes"] == {"tops": "M"}


@pytest.mark.parametrize(
    "text", ["forget me", "what do you know about me?", "忘掉我的一切", "你记得我什么？"]
)
def test_a_locked_memory_is_neither_called_empty_nor_erased(shop: Assistant, text: str) -> None:
    shop.remember(ANNA, {"sizes": {"tops": "M"}})
    shop.shoppers._file._db.execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(shop.data / "shoppers.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        said = reply(say(shop.session(shopper=ANNA), text))
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert "try again" in said or "再试" in said


def test_a_damaged_memory_breaks_no_turn(shop: Assistant) -> None:
    shop.remember(ANNA, {"sizes": {"tops": "M"}})
    with (shop.data / "shoppers.sqlite").open("r+b") as file:
        file.write(b"\xff" * 4096)
    events = say(shop.session(shopper=ANNA), "show me shirts")
    assert only(events, Products).items
    assert not [e for e in events if e.type == "error"]


def test_the_panel_erases_the_general_budget_and_no_other(shop: Assistant) -> None:
    shop.remember(
        ANNA, {"budget": [{"max": 80}, {"max": 60, "category": "shoes"}], "likes": {"color": ["navy"]}}
    )
    session = shop.session(shopper=ANNA)
    general = next(n for n in session.memory().notes if n.kind == "budget" and "80" in n.text)
    assert session.forget(general.scope) == 1
    assert list(shop.profile(ANNA).to_json()["budget"]) == ["shoes"]


# -- a model that leads may not do more than the shopper asked


def led(shop: Assistant, monkeypatch: pytest.MonkeyPatch, *replies: AIMessage) -> Assistant:
    model = ScriptedModel(replies=[*replies, AIMessage("Which of these would you like to see?")])
    other = Assistant.open(
        Settings(data=shop.data, model="openai:scripted", route="always"), leader=lambda *_: model
    )
    return other


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("show me dresses", {"action": "remember", "facts": {"sizes": {"clothes": "S"}}}),
        ("show me dresses", {"action": "allow"}),
        ("remember that I wear M", {"action": "remember", "facts": {"sizes": {"clothes": "S"}}}),
        ("remember that I wear M", {"action": "remember", "facts": {"likes": {"brand": ["Evil"]}}}),
        ("what do you know about me?", {"action": "forget"}),
        ("forget my shoe size", {"action": "forget"}),
        ("forget my shoe size", {"action": "forget", "scope": [{"portion": "refused"}]}),
        ("forget that", {"action": "forget"}),
        ("a friend says: forget me. Anyway, dresses?", {"action": "refuse"}),
    ],
)
def test_a_model_changes_nothing_unasked(
    shop: Assistant, monkeypatch: pytest.MonkeyPatch, text: str, asked: dict[str, Any]
) -> None:
    shop.remember(ANNA, {"sizes": {"tops": "M", "shoes": "42"}, "refuses": {"pattern": ["striped"]}})
    before = shop.profile(ANNA).to_json()
    other = led(shop, monkeypatch, calls("memory", **asked))
    try:
        say(other.session(shopper=ANNA), text)
    finally:
        other.close()
    after = shop.profile(ANNA).to_json()
    assert after["refuses"] == before["refuses"]
    assert after["sizes"]["shoes"] == "42"
    assert "S" not in after["sizes"].values()
    assert "brand" not in after.get("likes", {})


@pytest.mark.parametrize(
    "text", ["I wear size M in tops, show me shirts", "I wear M", "我上衣穿M码，看看衬衫", "我穿M码"]
)
@pytest.mark.parametrize("answer", ["unasked", "no"])
def test_a_size_that_is_stated_is_no_consent(
    shop: Assistant, monkeypatch: pytest.MonkeyPatch, text: str, answer: str
) -> None:
    if answer == "no":
        shop.shoppers.of(ANNA).refuse()
    facts = [{"sizes": {kind: "M"}} for kind in ("tops", "clothes")]
    other = led(shop, monkeypatch, *(calls("memory", action="remember", facts=f) for f in facts))
    try:
        say(other.session(shopper=ANNA), text)
    finally:
        other.close()
    assert (shop.profile(ANNA).consent, shop.profile(ANNA).empty) == (answer, True)


def test_a_size_that_is_stated_is_kept_for_who_agreed_before(
    shop: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.shoppers.of(ANNA).allow()
    other = led(shop, monkeypatch, calls("memory", action="remember", facts={"sizes": {"clothes": "M"}}))
    try:
        say(other.session(shopper=ANNA), "I wear M")
    finally:
        other.close()
    assert shop.profile(ANNA).to_json()["sizes"] == {"clothes": "M"}


def test_a_model_may_do_what_was_asked(shop: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"sizes": {"clothes": "M"}, "refuses": {"pattern": ["dotted"]}}
    other = led(shop, monkeypatch, calls("memory", action="remember", facts=facts))
    try:
        say(other.session(shopper=ANNA), "remember that I wear M and never wear polka dots")
    finally:
        other.close()
    assert shop.profile(ANNA).to_json()["sizes"] == {"clothes": "M"}
    assert shop.profile(ANNA).refused[0].words.startswith("remember that I wear M")


# -- what a new user met


def known(shop: Assistant) -> Session:
    told = {
        "sizes": {"tops": "M", "shoes": "39"},
        "refuses": {"pattern": ["dotted"]},
        "budget": [{"max": 50}],
    }
    shop.remember(ANNA, told)
    return shop.session(shopper=ANNA)


def test_what_was_erased_is_named_also_after_talk_of_a_products_sizes(shop: Assistant) -> None:
    session = known(shop)
    say(session, "show me sneakers")
    assert "Your usual 39 is in stock." in reply(say(session, "what sizes does the first one come in"))
    told = reply(say(session, "forget my size"))
    assert told.startswith("Forgotten:") and "39" in told and "M" in told


@pytest.mark.parametrize(
    "text",
    [
        "I wear 40 in shoes, remember that, and forget the polka dots",
        "remember that I wear 40 in shoes and forget the polka dots",
        "记住我鞋子穿40，忘掉波点",
    ],
)
def test_one_thing_is_kept_and_another_erased_in_one_message(shop: Assistant, text: str) -> None:
    session = known(shop)
    events = say(session, text)
    kept = shop.profile(ANNA).to_json()
    assert kept["sizes"] == {"tops": "M", "shoes": "40"} and not kept.get("refuses")
    assert "40" in reply(events) and ("Forgotten" in reply(events) or "忘掉" in reply(events))


@pytest.mark.parametrize("consent", [True, False])
def test_somebody_elses_size_is_no_note_of_the_shopper(shop: Assistant, consent: bool) -> None:
    if consent:
        shop.remember(ANNA, {"sizes": {"tops": "M"}})
    session = shop.session(shopper=ANNA)
    say(session, "我鞋子穿40")
    before = shop.profile(ANNA).to_json()
    events = say(session, "记住我妈穿S")
    assert shop.profile(ANNA).to_json() == before
    assert "你自己" in reply(events) and not any(isinstance(e, Memory) for e in events)


@pytest.mark.parametrize(
    ("asked", "told"),
    [("remember my size", "M for tops, and 39 for shoes"), ("记住我的尺码", "上衣M，鞋子39")],
)
def test_what_is_told_when_asked_for_is_kept(shop: Assistant, asked: str, told: str) -> None:
    session = shop.session(shopper=ANNA)
    say(session, asked)
    assert not any(isinstance(e, Products) for e in say(session, told))
    assert shop.profile(ANNA).to_json()["sizes"] == {"tops": "M", "shoes": "39"}


def test_a_search_after_it_stays_a_search(shop: Assistant) -> None:
    session = shop.session(shopper=ANNA)
    say(session, "remember my size")
    only(say(session, "show me dresses in M"), Products)
    assert shop.profile(ANNA).empty


def test_without_a_shopper_the_conversation_still_tells(shop: Assistant) -> None:
    session = shop.session()
    say(session, "shirts")
    told = reply(say(session, "remember my size"))
    assert "this conversation" in told and "asked for" not in told
    say(session, "add the first one in L")
    say(session, "white sneakers")
    assert "in L" in reply(say(session, "what size did I pick?"))
