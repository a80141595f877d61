"""Talk of orders, through the one door: what is told when, what a model may do, and what is kept of an address."""

import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agent.access.customers import customer, vouched
from agent.planner import order_words
from store.demo import orders as demo_orders
from store.orders import CsvOrders, Desk
from store.orders.ledger import Ledger
from store.orders.returns import Rules
from store.orders.sources import FILE, Closed, SqliteOrders
from tests.api_shop import door

if TYPE_CHECKING:
    from agent.assistant import Assistant

TODAY = date(2026, 11, 24)
EMAIL, PHONE = "demo@example.com", "138 0013 8000"


class Shelf(SqliteOrders):
    """The demo shop's orders, of a day that stays."""

    def __init__(self, folder: Path) -> None:
        demo_orders.build(folder / FILE, TODAY)
        super().__init__(folder / FILE)


@pytest.fixture
def shop(assistant: "Assistant", tmp_path: Path) -> Iterator["Assistant"]:
    """The demo shop with its orders, at a desk where nobody has asked yet."""
    yield from opened(assistant, Shelf(tmp_path), tmp_path)


def opened(assistant: "Assistant", orders: Any, folder: Path) -> Iterator["Assistant"]:
    parts = assistant.__dict__
    before = {name: parts.pop(name, None) for name in ("order_desk", "graph")}
    rules = Rules(30, (), ("swimwear",), "returns")
    parts["order_desk"] = Desk(orders, Ledger(folder), lambda: rules, assistant._kind, lambda: TODAY)
    yield assistant
    parts.pop("order_desk").close()
    parts.pop("graph", None)
    parts.update({name: part for name, part in before.items() if part is not None})


class Talk:
    """A conversation: what each message brings, as a door sees it."""

    def __init__(self, shop: "Assistant", shopper: str | None = None) -> None:
        self.shop, self.session = shop, shop.session(None, "auto", shopper)

    def say(self, text: str) -> dict[str, Any]:
        events = [event.model_dump(mode="json") for event in self.session.respond(text)]
        assert not [event for event in events if event["type"] == "error"], events
        orders = [event for event in events if event["type"] == "order"]
        newest: dict[str, Any] = orders[-1] if orders else {"outcome": "", "orders": [], "returning": None}
        reply = next(event["text"] for event in events if event["type"] == "done")
        return {
            **newest,
            "reply": reply,
            "events": events,
            "stage": (newest["returning"] or {}).get("stage", ""),
        }


# -- what is told when -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "messages",
    [
        [f"where is my order A1002? {EMAIL}"],
        ["where is my order", f"it's a1002 and {EMAIL}"],
        ["where is my order", "A 1002", EMAIL],
        [f"my e-mail is {EMAIL}, where is my parcel", "A1002"],
        ["track order #A1002", "the phone number is +1 555 0100 001"],
        [f"订单A1002什么时候到，邮箱{EMAIL}"],
        ["我的订单到哪了", "Ａ１００２", EMAIL],
        ["帮我查下快递", f"单号a-1002，{EMAIL.upper()}"],
        ["我的包裹怎么还没到", "订单号是A1002", "看看红色连衣裙", f"邮箱 {EMAIL}"],
    ],
)
def test_an_order_is_told_once_it_is_shown_to_be_theirs(shop: "Assistant", messages: list[str]) -> None:
    talk = Talk(shop)
    *before, last = [talk.say(text) for text in messages]
    assert not any(told["orders"] for told in before)
    assert all("DP10022026" not in told["reply"] for told in before)
    assert last["outcome"] == "shown" and "DP10022026" in last["reply"]
    assert not any(address in str(last["events"]) for address in ("demo@", "555"))


def test_what_is_wrong_and_what_is_unknown_are_said_in_the_same_words(shop: "Assistant") -> None:
    told = {
        Talk(shop)
        .say(f"where is order {number}, my e-mail is mallory@example.com")["reply"]
        .replace(number, "N")
        for number in ("A1001", "A9999")
    }
    assert len(told) == 1
    asked = {Talk(shop).say(f"where is order {number}")["reply"] for number in ("A1001", "A9999")}
    assert len(asked) == 1


def test_three_wrong_addresses_end_it(shop: "Assistant") -> None:
    talk = Talk(shop)
    outcomes = [talk.say(f"order A1001, {who}@example.com")["outcome"] for who in ("a", "b", "c", "demo")]
    assert outcomes == ["not_proven"] * 3 + ["too_many_tries"]
    assert "转人工" in str(Talk(shop).say("订单A1001，x@example.com")["events"])  # a person is offered


def test_a_customer_of_the_shop_sees_their_own(shop: "Assistant") -> None:
    assert customer(vouched("", "demo-customer")) == "demo-customer" and customer("anon_x") == ""
    talk = Talk(shop, vouched("", "demo-customer"))
    assert talk.say("where is my order")["choices"]
    assert talk.say("A1003")["outcome"] == "shown"
    assert talk.say("and order A1005?")["outcome"] == "need_proof"


def test_who_only_calls_themselves_a_customer_is_none(shop: "Assistant", tmp_path: Path) -> None:
    api = door(shop, tmp_path / "keys")
    answer = api.client.post(
        "/api/v1/sessions",
        headers={**api.public, "Daogou-Shopper": "demo-customer", "Daogou-Proof": "0" * 64},
    )
    assert answer.status_code in (401, 403)
    session = api.begin()
    assert [e["outcome"] for _, e in api.say(session, "where is my order A1002") if e["type"] == "order"] == [
        "need_proof"
    ]


def test_orders_that_cannot_be_had_are_said_to_be_so(assistant: "Assistant", tmp_path: Path) -> None:
    for shop in opened(assistant, Closed("gone"), tmp_path):
        told = Talk(shop).say("where is order A1001? demo@example.com")
        assert told["outcome"] == "orders_away" and not told["orders"]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("when will it come?", "shown"), ("什么时候到", "shown"), ("我的退款呢", "shown"), ("where is my refund", "shown"),
     ("can I change the address?", ""), ("取消吧", ""), ("how long does shipping take?", "")],
)  # fmt: skip
def test_what_is_asked_next_is_of_the_order_told_of(shop: "Assistant", text: str, outcome: str) -> None:
    talk = Talk(shop)
    talk.say(f"order A1002 {EMAIL}")
    told = talk.say(text)
    assert told["outcome"] == outcome and told["stage"] == ""


# -- what is kept ----------------------------------------------------------------------------------------------------


def test_no_address_is_kept_of_what_was_said(shop: "Assistant", caplog: pytest.LogCaptureFixture) -> None:
    talk = Talk(shop)
    for text in ("where is my order A1002", f"{EMAIL}", f"and A1005, phone {PHONE}"):
        talk.say(text)
    said = [turn.text for turn in shop.session(talk.session.id).history()]
    assert said[1] == "d•••@example.com" and "8000" not in said[2]
    files = [f for f in shop.data.rglob("*.sqlite*") if f.is_file() and f.name != FILE]
    # by another process: to close a file here lets go of the locks that SQLite holds on it
    held = subprocess.run(["cat", *map(str, files)], capture_output=True, check=True).stdout
    assert talk.session.id.encode() in held
    assert EMAIL.encode() not in held and b"13800138000" not in held and PHONE.encode() not in held
    assert EMAIL not in caplog.text


@pytest.mark.parametrize("text", [f"{EMAIL} A1002", f"A1002，{EMAIL}", f"1002, {EMAIL}", f"a1002 {PHONE}"])
def test_a_number_and_an_address_alone_are_talk_of_an_order(shop: "Assistant", text: str) -> None:
    talk = Talk(shop)
    told = talk.say(text)
    (said,) = [turn.text for turn in shop.session(talk.session.id).history()]
    assert EMAIL not in said and PHONE not in said
    assert told["outcome"], told["reply"]


def test_an_address_that_is_no_proof_is_left_as_it_is(shop: "Assistant") -> None:
    talk = Talk(shop)
    talk.say("write to me at ann@example.com when the red dress is back")
    assert "ann@example.com" in shop.session(talk.session.id).history()[0].text


def test_an_address_for_a_person_reaches_them(shop: "Assistant") -> None:
    talk = Talk(shop)
    talk.say("where is my order A1002")
    entry, _ = shop.handoffs.ask(talk.session.id, "en", "message", "a person please", "")
    list(talk.session.respond("ann@example.com"))
    assert shop.handoffs.get(entry.id).contact == "ann@example.com"  # type: ignore[union-attr]
    shop.handoffs.end(entry.id, "left")
    list(talk.session.respond(f"and order A1002 was placed with {EMAIL}"))
    assert EMAIL not in shop.session(talk.session.id).history()[-1].text


def test_what_was_shown_goes_with_the_conversation(shop: "Assistant") -> None:
    talk = Talk(shop)
    assert talk.say(f"order A1002 {EMAIL}")["outcome"] == "shown"
    shop.erase_session(talk.session.id)
    again = shop.session(talk.session.id)
    events = [e.model_dump() for e in again.respond("where is order A1002")]
    assert [e["outcome"] for e in events if e["type"] == "order"] == ["need_proof"]


# -- what may come back ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "messages",
    [
        ["I want to return the shoes from order A1001", EMAIL, "too small", "yes"],
        ["where is order A1001", EMAIL, "please return the sneakers, they are too small", "yes please"],
        [f"我要退订单A1001的鞋，{EMAIL}", "小了", "确认退货"],
        [f"订单A1001 {EMAIL}", "我想退货", "第二件", "穿着太紧", "好的"],
        [
            f"I'd like to return something from A1001, {EMAIL}",
            "the white ones",
            "show me red dresses",
            "they pinch",
            "yes",
        ],
    ],
)
def test_a_return_is_made_after_a_yes_and_once(shop: "Assistant", messages: list[str]) -> None:
    talk = Talk(shop)
    *before, last = [talk.say(text) for text in messages]
    assert not any(told["stage"] == "made" for told in before) and before[-1]["stage"] == "confirm"
    assert (
        last["stage"] == "made"
        and last["returning"]["lines"] == [2]
        and last["returning"]["id"] in last["reply"]
    )
    assert before[-1]["returning"]["passage"] and before[-1]["returning"]["answer"] in before[-1]["reply"]
    again = talk.say("I want to return the sneakers")
    assert again["returning"]["id"] == last["returning"]["id"] and len(shop.returns()) == 1


@pytest.mark.parametrize(
    "answer",
    [
        "no",
        "no, leave it",
        "算了不退了",
        "never mind",
        "show me skirts",
        "how long do I have?",
        "yes but only if it is free",
    ],
)
def test_without_a_yes_nothing_is_made(shop: "Assistant", answer: str) -> None:
    talk = Talk(shop)
    for text in (f"I want to return the shoes from order A1001, {EMAIL}", "too small", answer, "ok thanks"):
        assert talk.say(text)["stage"] != "made"
    assert shop.returns() == []


def test_another_line_or_reason_is_confirmed_anew(shop: "Assistant") -> None:
    talk = Talk(shop)
    for text in (f"I want to return the shoes from order A1001, {EMAIL}", "too small"):
        talk.say(text)
    other = talk.say("yes, the dress")
    assert other["stage"] == "confirm" and other["returning"]["lines"] == [1]
    assert talk.say("yes")["returning"]["lines"] == [1]


@pytest.mark.parametrize(("number", "why"), [("A1002", "not_delivered"), ("A1004", "too_late")])
def test_what_may_not_come_back_is_refused_with_the_rule(shop: "Assistant", number: str, why: str) -> None:
    told = Talk(shop).say(f"I want to return order {number}, {EMAIL}")
    assert told["stage"] == "refused" and {k["why"] for k in told["returning"]["kept"]} == {why}
    assert told["returning"]["answer"] in told["reply"]


# -- what is no talk of an order -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["which order do I wear these in", "in order to look good, show me shirts", "return to the first list",
     "order two of these",
     "show me shirts in order of price", "I'd like to order a red dress", "按价格排序看看衬衫", "怎么退货",
     "can I return things?",
     "退货运费谁出", "how long do refunds take", "what is your return policy"],
)  # fmt: skip
def test_another_word_is_no_order(shop: "Assistant", text: str) -> None:
    talk = Talk(shop)
    talk.say("show me white shirts")
    assert not [e for e in talk.say(text)["events"] if e["type"] == "order"]


@pytest.mark.parametrize(
    ("text", "number"),
    [("order A1001", "A1001"), ("订单号：dg 2023 1187", "DG 2023 1187"), ("#1001", "1001"), ("订单Ａ１００１", "A1001"),
     ("my order number is 20231187, ok?", "20231187"), ("I want to order 100 shirts", ""), ("order 2000 of them", ""),
     ("in order 1", "")],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str, number: str) -> None:
    assert order_words.read(text).number == number


def test_a_shop_without_orders_has_no_tools_for_them(assistant: "Assistant") -> None:
    assert assistant.order_desk is None
    events = [
        e.model_dump() for e in assistant.session().respond("where is my order A1001, demo@example.com")
    ]
    assert not [e for e in events if e["type"] == "order" or e.get("tool") == "order_status"]


def test_a_hostile_file_is_only_text_wherever_it_is_shown(assistant: "Assistant", tmp_path: Path) -> None:
    from ui import order_view
    from ui.api import markdown

    path = tmp_path / "o.csv"
    path.write_text(
        "order,date,status,name,carrier,tracking,email\n"
        "X1001,2026-11-20,<script>alert(1)</script>,<img src=x onerror=alert(1)> **bold** [a](http://evil.example),"
        "=1+1,javascript:alert(1),ann@example.com\n",
        encoding="utf-8",
    )
    for shop in opened(assistant, CsvOrders(path), tmp_path):
        talk = Talk(shop)
        told = talk.say("where is order X1001, ann@example.com")
        assert told["outcome"] == "shown" and told["orders"][0]["status"] == "other"
        event = next(e for e in shop.session(talk.session.id).history()[0].events if e.type == "order")
        html = order_view.order(event, "en", lambda name: name)  # type: ignore[arg-type]
        assert (
            "<script" not in html and "<img" not in html and "href" not in html and "&lt;script&gt;" in html
        )
        text = markdown.told(event, "en", lambda name: name)
        assert r"\<img src=x onerror=alert\(1\)\> \*\*bold\*\* \[a\]\(http" in text


def test_orders_are_told_as_markdown_and_drawn_with_their_steps(shop: "Assistant") -> None:
    from ui import order_view
    from ui.api import markdown

    talk = Talk(shop)
    talk.say(f"where is order A1002, {EMAIL}")
    event = next(e for e in shop.session(talk.session.id).history()[0].events if e.type == "order")
    text = markdown.told(event, "en", lambda name: name)
    assert "Order A1002" in text and "DP10022026" in text and "26 November 2026" in text
    html = order_view.order(event, "zh", lambda name: name)  # type: ignore[arg-type]
    assert html.count("<li") == 6 and html.count("aria-current") == 1 and html.count("dg-done") == 3


# -- a model that leads ----------------------------------------------------------------------------------------------


def test_a_model_makes_no_return_that_was_not_agreed_to() -> None:
    from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

    from agent.planner import consent
    from agent.planner.lexicon import Lexicon
    from agent.planner.model import OfflinePlanner

    planner = OfflinePlanner(lexicon=lambda: Lexicon(orders=True))
    ask = {"number": "A1001", "lines": [2], "reason": "too_small"}
    stage = {"stage": "confirm", "lines": [2], "reason": "too_small"}
    artifact = {
        "type": "order",
        "asked": "return",
        "outcome": "shown",
        "number": "A1001",
        "orders": [],
        "returning": stage,
    }

    def heard(text: str) -> HumanMessage:
        return HumanMessage(text, additional_kwargs={"text": text, "lang": "en"})

    before = [
        heard("return the shoes of A1001, too small"),
        AIMessage("", tool_calls=[{"name": "request_return", "args": ask, "id": "1"}]),
        ToolMessage("Nothing is returned yet.", tool_call_id="1", name="request_return", artifact=artifact),
        AIMessage("I would return the sneakers. Shall I?"),
    ]

    def covered(args: dict[str, Any], *messages: Any) -> bool:
        return consent.covered("request_return", args, [*messages], planner)

    sure = {**ask, "confirm": True}
    assert covered(sure, *before, heard("yes please"))
    assert covered(ask, heard("return the shoes"))
    assert not covered(sure, heard("return the shoes"))
    assert not covered(sure, *before, heard("hm, how long do I have?"))
    assert not covered(sure, *before, heard("no"))
    assert not covered({**sure, "lines": [1, 2]}, *before, heard("yes please"))
    assert not covered({**sure, "number": "A1004"}, *before, heard("yes please"))
    side = [heard("show me red dresses"), AIMessage("Here they are. Do you like them?")]
    assert not covered(sure, *before, *side, heard("yes"))
    assert consent.covered("order_status", {"number": "A1001"}, [heard("hi")], planner)
