"""A person takes over a conversation: the queue, what comes outside a turn, the assistant afterwards, the audit log."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from agent.assistant import Assistant
from agent.events import Event, Speaker
from agent.handoff import contact
from agent.handoff.case import case_of
from agent.handoff.errors import BadContact, NoConsent, NoHandoff, NothingSaid, NotYours, Taken
from agent.handoff.hours import BadHours, Hours, worded
from agent.handoff.summary import checked
from agent.session import Session
from agent.transcripts import Turn
from tools.results import Handoff

ALWAYS = Hours.read("", "UTC")


@pytest.fixture(autouse=True)
def nobody_waits(assistant: Assistant) -> Iterator[None]:
    yield
    for entry in assistant.handoffs.queue():
        assistant.handoffs.end(entry.id, "left")
    assistant.desk.hours = ALWAYS


def say(session: Session, text: str) -> list[Event]:
    return list(session.respond(text))


def only(events: list[Event], kind: type) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


def waiting(assistant: Assistant, *said: str) -> tuple[Session, str]:
    """A conversation that waits for a person, and the id of its entry."""
    session = assistant.session()
    for text in (*said, "can I talk to a human"):
        say(session, text)
    entry = assistant.handoffs.open(session.id)
    assert entry
    return session, entry.id


@pytest.mark.parametrize(
    "text", ["转人工", "我要找真人客服", "let me speak to a person", "I want to make a complaint"]
)
def test_whoever_asks_for_a_person_stands_in_the_queue_once(assistant: Assistant, text: str) -> None:
    session = assistant.session()
    for _ in range(2):
        (event,) = only(say(session, text), Handoff)
        assert isinstance(event, Handoff) and event.status == "waiting" and event.position == 1
    assert [e.session for e in assistant.handoffs.queue()] == [session.id]


def test_the_one_who_waits_longest_is_first_and_the_shopper_sees_the_place(assistant: Assistant) -> None:
    first, one = waiting(assistant)
    second, _ = waiting(assistant)
    assert (first.standing().position, second.standing().position) == (1, 2)
    assistant.desk.take(one, "Lin")
    assert (
        second.standing("zh").text.endswith("等的时候助手照样可以帮忙。") and second.standing().position == 1
    )


def test_while_a_person_has_it_the_assistant_says_nothing_and_does_nothing(assistant: Assistant) -> None:
    session, handoff = waiting(assistant, "show me red dresses")
    assistant.desk.take(handoff, "Lin")
    events = say(session, "add the second one to my cart")
    assert [e.type for e in events] == ["turn_started", "speaker", "done"]
    assert not session.cart().lines and events[-1].text == ""  # type: ignore[union-attr]
    assert "Lin" in only(events, Speaker)[0].text  # type: ignore[union-attr]


def test_two_of_the_staff_cannot_have_the_same_one(assistant: Assistant) -> None:
    _, handoff = waiting(assistant)
    assistant.desk.take(handoff, "Lin")
    with pytest.raises(Taken) as refused:
        assistant.desk.take(handoff, "Zhao")
    assert "Lin" in refused.value.message("zh")
    with pytest.raises(NotYours):
        assistant.desk.say(handoff, "Zhao", "hello")
    assistant.desk.take(handoff, "Lin")  # a second click changes nothing


def test_what_a_person_says_is_in_the_conversation_and_nobodys_command(assistant: Assistant) -> None:
    session, handoff = waiting(assistant, "show me red dresses")
    desk, product = assistant.desk, next(iter(assistant.products())).id
    desk.take(handoff, "Lin")
    with pytest.raises(NothingSaid):
        desk.say(handoff, "Lin", " \u200b ", ["no-such-product"])
    desk.say(handoff, "Lin", "This one. Shall I add it to your cart in M?", [product])
    turn = session.history()[-1]
    assert turn.outside and [e.type for e in turn.events] == ["turn_started", "person", "products", "done"]
    desk.give_back(handoff, "Lin")
    say(session, "yes")
    assert not session.cart().lines  # who asked was not the assistant
    events = say(session, "and what about red shoes")
    assert "products" in [e.type for e in events] and session.standing().state == "assistant"
    with pytest.raises(NoHandoff):
        desk.say(handoff, "Lin", "one more thing")


def test_the_shopper_may_leave(assistant: Assistant) -> None:
    session, handoff = waiting(assistant)
    assistant.desk.take(handoff, "Lin")
    assert assistant.desk.leave(session.id, "en") and not assistant.desk.leave(session.id, "en")
    assert "done" in [e.type for e in say(session, "show me boots")] and not assistant.desk.holder(session.id)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_summary_tells_what_was_wanted_shown_and_liked(assistant: Assistant, lang: str) -> None:
    session, handoff = waiting(
        assistant, "show me red dresses, no stripes", "I like the first one", "add it in M"
    )
    entry = assistant.handoffs.get(handoff)
    assert entry
    case = case_of(assistant, entry)
    told = "\n".join(case.summary[lang])
    cart = session.cart().lines
    names = [p.title.get(lang) for p in assistant.products([line.id for line in cart])]
    for words in (
        {"zh": ["红色", "喜欢", "talk to a human"], "en": ["red dresses", "Likes", "talk to a human"]}
    )[lang]:
        assert words in told
    assert all(name in told for name in names)
    assert [one.who for one in case.transcript[:2]] == ["shopper", "assistant"] and case.products


def test_a_models_note_loses_the_figures_that_nobody_named() -> None:
    turns = [(0, Turn(text="is it 45 dollars?"))]
    note = "The shopper asks about a price of 45. They were promised 20 % off. Be kind."
    assert checked(note, turns) == "The shopper asks about a price of 45. Be kind."


def test_outside_hours_a_message_is_taken_with_a_contact(assistant: Assistant) -> None:
    assistant.desk.hours = Hours.read("Mon-Sun 09:00-09:01", "Asia/Shanghai")
    if assistant.desk.hours.opens() is None:
        pytest.skip("it is this very minute")
    session = assistant.session()
    (event,) = only(say(session, "我要投诉，转人工"), Handoff)
    assert isinstance(event, Handoff) and event.status == "message" and "09:00" in str(event.opens)
    handoff = assistant.handoffs.open(session.id)
    assert handoff and "products" in [e.type for e in say(session, "看看红色连衣裙")]  # the assistant goes on
    done = say(session, "我的邮箱是 mei@example.com")[-1]
    kept = assistant.handoffs.open(session.id)
    assert kept and kept.contact == "mei@example.com"
    assert "m***@example.com" in done.text  # type: ignore[union-attr]
    with pytest.raises(NoConsent):
        assistant.desk.reach(session.id, "mei@example.com", consent=False)
    assistant.desk.hours = ALWAYS
    say(session, "转人工")
    assert session.standing().state == "waiting"


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("a@b.co", "a@b.co"),
        (" +86 138-0013-8000 ", "+8613800138000"),
        ("13800138000", "13800138000"),
        ("a@b", None),
        ("a..b@c.de", None),
        ("<b>a@b.co</b>", None),
        ("12345", None),
        ("a@b.co; DROP", None),
    ],
)
def test_a_contact_is_an_address_or_a_number(text: str, known: str | None) -> None:
    if known is None:
        with pytest.raises(BadContact):
            contact.checked(text)
    else:
        assert contact.checked(text) == known


@pytest.mark.parametrize(
    ("hours", "utc", "told"),
    [
        ("Mon-Fri 09:00-18:00", "2026-11-24T05:30", None),
        ("Mon-Fri 09:00-18:00", "2026-11-24T12:30", "Wednesday 09:00 (Asia/Shanghai)"),
        ("Mon-Fri 09:00-18:00", "2026-11-28T05:00", "Monday 09:00 (Asia/Shanghai)"),
        ("Sat 22:00-02:00", "2026-11-28T17:30", None),
        ("Fri-Mon 10:00-11:00", "2026-11-29T02:30", None),
        ("daily 00:00-00:00", "2026-11-29T02:30", None),
    ],
)
def test_hours_are_those_of_the_shop(hours: str, utc: str, told: str | None) -> None:
    now = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    opens = Hours.read(hours, "Asia/Shanghai").opens(now)
    assert (worded(opens, "en") if opens else None) == told


@pytest.mark.parametrize("hours", ["9-5", "Mon 9:00", "Mon 09:00-25:00", "Xyz 09:00-10:00", "Mon-Fri"])
def test_hours_that_are_none_are_refused(hours: str) -> None:
    with pytest.raises(BadHours):
        Hours.read(hours, "UTC")


def test_the_log_names_who_changed_a_cart_and_no_words(assistant: Assistant) -> None:
    session, handoff = waiting(assistant, "show me red dresses", "add the first one in M")
    (line,) = session.cart().lines
    session.change_cart("change", line.id, line.size, 2)
    assistant.desk.take(handoff, "Lin")
    told = [(one.what, one.who, one.about) for one in assistant.audit.lines(session=session.id, newest=False)]
    assert told == [
        ("cart.add", "words", line.id),
        ("handoff.asked", "words", handoff),
        ("cart.change", "button", line.id),
        ("handoff.taken", "staff:Lin", handoff),
    ]


def test_what_is_erased_leads_to_nobody(assistant: Assistant) -> None:
    session, handoff = waiting(assistant, "show me red dresses", "add the first one in M")
    assistant.desk.take(handoff, "Lin")
    assistant.erase_session(session.id)
    assert assistant.handoffs.get(handoff) is None and not assistant.audit.lines(session=session.id)
    after = [one for one in assistant.audit.lines() if one.about == handoff or one.what == "session.erased"]
    assert {"handoff.asked", "handoff.taken", "session.erased"} <= {one.what for one in after}
    assert len({one.session for one in after if one.about == handoff}) == 1 and session.id not in str(after)
