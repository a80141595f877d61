"""The queue, the outbox and the audit log, in a folder and on a server: one winner, one delivery, order, no trace."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from store.audit import Audit
from store.handoffs import BROKEN_OFF_S, Handoffs
from store.outbox import DELAYS_S, Outbox
from store.tables import Where


@pytest.fixture
def queue(where: Where) -> Handoffs:
    return Handoffs(where)


@pytest.fixture
def outbox(where: Where) -> Outbox:
    return Outbox(where)


def test_a_conversation_stands_in_the_queue_once_and_in_its_order(queue: Handoffs, where: Where) -> None:
    others = [queue, Handoffs(where)]
    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(lambda n: others[n % 2].ask("s1", "zh", "waiting", f"{n}", ""), range(8)))
    assert len({entry.id for entry, _ in asked}) == 1 and sum(new for _, new in asked) == 1
    second, _ = queue.ask("s2", "en", "waiting", "why", "")
    assert [e.session for e in queue.queue()] == ["s1", "s2"] and queue.position(second) == 2
    queue.end(asked[0][0].id, "left")
    assert queue.position(second) == 1 and queue.open("s1") is None
    again, new = queue.ask("s1", "zh", "message", "again", "")
    assert new and [e.id for e in queue.of("s1")] == [asked[0][0].id, again.id]
    assert queue.queue_up(again.id) and not queue.queue_up(again.id)


def test_of_many_who_take_it_at_once_one_has_it(queue: Handoffs, where: Where) -> None:
    entry, _ = queue.ask("s", "en", "waiting", "", "")
    others = [queue, Handoffs(where)]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: others[n % 2].take(entry.id, f"p{n}"), range(16)))
    assert sum(won) == 1
    found = queue.get(entry.id)
    assert found and found.person == f"p{won.index(True)}" and found.state == "person"
    assert not queue.release(entry.id, "stranger") and not queue.end(entry.id, "closed", "stranger")
    assert queue.release(entry.id, found.person) and queue.take(entry.id, "next")
    assert queue.end(entry.id, "given_back", "next") and not queue.take(entry.id, "late")


def test_what_a_dead_process_was_at_work_on_is_done_by_the_next(
    queue: Handoffs, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert queue.meet("a", "hello") == "new"  # and nobody ever says that it is done
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + BROKEN_OFF_S + 1)
    assert [queue.meet("a", "hello") for _ in range(2)] == ["new", "at_work"]


def test_what_came_in_is_known_again(queue: Handoffs) -> None:
    entry, _ = queue.ask("s", "en", "waiting", "", "")
    assert queue.meet("a", "hello") == "new" and queue.meet("a", "hello") == "at_work"
    queue.unhear("a")
    assert queue.meet("a", "hello") == "new"
    queue.dealt_with("a")
    assert queue.meet("a", "hello") == "again" and queue.meet("a", "goodbye") == "other"
    queue.link(entry.id, "there", "1")
    queue.link(entry.id, "there", "2")
    found = queue.by_link("there", "2")
    assert queue.linked(entry.id) == {"there": "2"} and found and found.id == entry.id
    queue.here("Lin")
    queue.here("Lin")
    assert queue.present() == ["Lin"]
    assert queue.erase("s") == [entry.id] and queue.by_link("there", "2") is None and queue.erase("s") == []


def test_a_parcel_is_claimed_by_one_and_the_next_waits_for_it(outbox: Outbox, where: Where) -> None:
    first = outbox.put("webhook", "h1", "s", "asked")
    outbox.put("webhook", "h1", "s", "message", 3)
    outbox.put("chatwoot", "h1", "s", "asked")
    others = [outbox, Outbox(where)]
    with ThreadPoolExecutor(8) as pool:
        got = [p for p in pool.map(lambda n: others[n % 2].claim(), range(16)) if p]
    assert sorted((p.target, p.number) for p in got) == [("chatwoot", 0), ("webhook", 0)]
    outbox.write(first, "body")
    outbox.delivered(first)
    following = outbox.claim()
    assert following and (following.kind, following.turn) == ("message", 3)
    assert outbox.of("h1")[0].body == ""  # nothing of what was delivered is kept


def test_what_fails_comes_again_later_and_is_given_up_in_the_end(outbox: Outbox) -> None:
    outbox.put("webhook", "h1", "s", "asked")
    delays = []
    for _ in range(len(DELAYS_S)):
        outbox._changed("UPDATE outbox SET due = 0")
        parcel = outbox.claim()
        assert parcel and outbox.failed(parcel, "HTTP 500", soon=lambda s: delays.append(s) or s)
    outbox._changed("UPDATE outbox SET due = 0")
    parcel = outbox.claim()
    assert parcel and not outbox.failed(parcel, "HTTP 500") and outbox.claim() is None
    assert delays == sorted(delays) and sum(delays) > 2 * 24 * 3600 and outbox.counts() == {"given_up": 1}
    assert outbox.next_due() is None
    outbox.erase("s")
    assert outbox.of("h1") == []


def test_the_log_is_read_by_kind_and_conversation_and_loses_who_was_erased(where: Where) -> None:
    log = Audit(where)
    log.note("cart.add", "words", "s1", "p1", "1 M")
    log.note("handoff.asked", "button", "s1", "h1")
    log.note("cart.add", "key:k", "s2", "p2")
    assert [one.what for one in log.lines(session="s1")] == ["handoff.asked", "cart.add"]
    assert [one.session for one in log.lines(what="cart.", newest=False)] == ["s1", "s2"]
    log.unlink("s1")
    gone = [one.session for one in log.lines() if one.session != "s2"]
    assert len(set(gone)) == 1 and gone[0].startswith("erased-") and not log.lines(session="s1")
    assert log.prune(1.0) == 0 and log.prune(-1.0) == 3 and log.lines() == []
