"""Advice on sizes and comparisons through a session's events, with the real tools on the demo shop."""

from collections.abc import Sequence

from agent.assistant import Assistant
from agent.events import Done
from tools.results import Comparison, Products


def last(events: Sequence[object], kind: type) -> object:
    return [e for e in events if isinstance(e, kind)][-1]


def test_the_card_carries_the_advice_and_the_reply_says_all_of_it(assistant: Assistant) -> None:
    session = assistant.session()
    list(session.respond("show me women's jeans"))
    for said, by in (
        ("I wear M at Uniqlo, which size of the first one?", "worn"),
        ("my waist is 72", "measured"),
    ):
        events = list(session.respond(said))
        shown, done = last(events, Products), last(events, Done)
        assert isinstance(shown, Products) and isinstance(done, Done)
        card = shown.items[0]
        advice = card.advice
        assert advice is not None and by in advice.by
        assert advice.size in [s.size for s in card.sizes]
        assert advice.in_stock == next(s.in_stock for s in card.sizes if s.size == advice.size)
        assert all(sentence in done.text for sentence in advice.text)  # nothing of it had to be cut


def test_the_verdict_of_a_table_is_what_the_reply_says(assistant: Assistant) -> None:
    session = assistant.session()
    list(session.respond("看看双肩包"))
    events = list(session.respond("比较前三个，哪个能放电脑？"))
    table, done = last(events, Comparison), last(events, Done)
    assert isinstance(table, Comparison) and isinstance(done, Done)
    assert table.rows[0].key == "laptop" and table.rows[0].asked
    assert table.verdict and table.verdict in done.text
    assert all(len(set(row.values)) > 1 or row.asked for row in table.rows)
