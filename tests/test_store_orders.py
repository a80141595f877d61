"""Orders: files read and told of, whose they are, how often it may be tried, what may come back."""

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from store.demo import orders as demo_orders
from store.orders import (
    CsvOrders,
    Desk,
    Line,
    NeedNumber,
    NeedProof,
    NoReturnRules,
    NotProven,
    Order,
    OrderError,
    OrdersAway,
    OrdersUnreadable,
    SqliteOrders,
    TooManyTries,
    numbers,
    opened,
)
from store.orders.desk import Asker
from store.orders.ledger import Ledger
from store.orders.reading import read
from store.orders.returns import Rules, judged
from store.orders.sources import FILE, write

HEAD = "order,date,status,product,name,size,quantity,price,carrier,tracking,expected,delivered,email,phone,customer\n"
TODAY = date(2026, 11, 24)


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Shelf:
    """A shop's order system in memory."""

    def __init__(self, *orders: Order) -> None:
        self.orders = orders

    def find(self, key: str) -> Order | None:
        return next((order for order in self.orders if numbers.key(order.number) == key), None)

    def of(self, customer: str) -> list[Order]:
        return [order for order in self.orders if order.customer == customer]


def bought(number: str = "A1001", **said: object) -> Order:
    lines = (Line(1, "Green dress", "D1"), Line(2, "White sneakers", "D2", "41"), Line(3, "Bikini", "D3"))
    kept: dict[str, object] = {
        "placed": date(2026, 11, 1),
        "status": "delivered",
        "delivered": date(2026, 11, 10),
        "lines": lines,
        "email": "ann@example.com",
        "phone": numbers.phone("+86 138 0013 8000"),
        "customer": "c-17",
    }
    return Order(number=number, **{**kept, **said})  # type: ignore[arg-type]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Desk:
    shelf = Shelf(
        bought(),
        bought("B2002", email="bob@example.com", phone="", customer=""),
        bought("C3", email="", phone="", customer=""),
    )
    return Desk(
        shelf,
        Ledger(tmp_path, clock),
        lambda: Rules(30, ("swimwear",)),
        lambda p: "swimwear" if p == "D3" else "",
        lambda: TODAY,
    )


def says(desk: Desk, session: str, text: str) -> None:
    desk.hear(session, numbers.hidden(text))


# -- how people write things -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written", ["A1001", "a1001", "#A1001", "a 1001", "A-1001", "Ａ１００１", "#a–1001 "]
)
def test_a_number_is_its_letters_and_digits(written: str) -> None:
    assert numbers.key(written) == "A1001"


@pytest.mark.parametrize("written", ["", "hello", "#", "订单", "1" * 200])
def test_what_is_no_number(written: str) -> None:
    assert numbers.key(written) == ""


@pytest.mark.parametrize(
    "written",
    ["13800138000", "+86 138-0013-8000", "138 0013 8000", "008613800138000", "１３８００１３８０００"],
)
def test_a_phone_number_is_the_same_with_and_without_its_prefix(written: str) -> None:
    assert numbers.phone(written) == numbers.phone("13800138000") != ""


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("order A1001, Ann.B+c@Example.com!", "order A1001, A•••@Example.com!"),
        ("订单A1001，手机13800138000", "订单A1001，手机•••••••••00"),
        ("１３８ ００１３ ８０００", "•••••••••00"),
        ("1001 13800138000", "1001 •••••••••00"),
        ("tel: 5551234567", "tel: •••••••••67"),
        ("#1001 +44 7700 900123", "#1001 •••••••••23"),
    ],
)
def test_addresses_are_hidden(text: str, hidden: str) -> None:
    assert numbers.hidden(text).text == hidden and numbers.hidden(text)


@pytest.mark.parametrize(
    "text",
    [
        "order 13800138000",
        "订单号 20231187001",
        "between 200-300",
        "on 2026-11-20",
        "size 38 or 40",
        "a@b",
        "D0012",
    ],
)
def test_what_is_no_address_stays(text: str) -> None:
    assert numbers.hidden(text).text == text and not numbers.hidden(text)


# -- files -----------------------------------------------------------------------------------------------------------

ROWS = (
    "A1001,2026-11-05,delivered,D1,Tee,M,2,24.00,Post,T1,,2026-11-09,Ann@Example.com,13800138000,c-17\n"
    "A1001,,,D2,=cmd|' /C calc'!A0,,1,$9.00,,,,,,,\n"
    "A1001,,,D3,<img src=x onerror=alert(1)>,,1,,,,,,,,\n"
    "A1001,,,D4,Bad,,many,1,,,,,,,\n"
    ",2026-11-05,,,No number,,1,,,,,,,,\n"
    "B2,soon,lost at sea,,Thing,,1,1 2 3,,,,,,,\n"
    "C3,2026年11月3日,运输中,,大衣,,1,,顺丰,SF1,2026/11/30,,,+86 139 0000 1111,\n"
    "C-3,2026-11-03,shipped,,Other,,1,,,,,,,,\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_is_read_and_every_bad_row_told(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "o.csv"
    path.write_bytes((HEAD + ROWS).encode(encoding))
    found = read(path)
    first, second = found.orders
    assert [line.name for line in first.lines] == [
        "Tee",
        "=cmd|' /C calc'!A0",
        "<img src=x onerror=alert(1)>",
    ]
    assert (
        first.lines[0].price
        and first.lines[0].price.amount == Decimal("24.00")
        and first.lines[0].quantity == 2
    )
    assert (first.email, first.status, first.delivered) == ("ann@example.com", "delivered", date(2026, 11, 9))
    assert (second.number, second.status, second.placed) == ("C3", "shipped", date(2026, 11, 3))
    assert second.expected == date(2026, 11, 30) and second.phone == numbers.phone("13900001111")
    told = {(row.line, row.reason, row.lost) for row in found.left_out}
    lost = {(5, "bad_quantity", True), (6, "no_number", True), (9, "same_number", True), (7, "no_date", True)}
    assert lost <= told and (7, "bad_price", False) in told
    assert found.rows == 8 and found.unusable == len(lost)


def test_what_shopify_writes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text(
        "Name,Email,Fulfillment Status,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Phone\n"
        "#1001,ann@example.com,fulfilled,2026-11-05 10:00:00 +0100,1,Tee - M,24.00,D1,\n#1001,,,,2,Belt,9.00,D2,\n",
        encoding="utf-8",
    )
    (order,) = read(path).orders
    assert (order.number, order.status, len(order.lines)) == ("#1001", "shipped", 2)


@pytest.mark.parametrize("text", ["", "colour,price\nred,1\n", "\0\0\0"])
def test_what_is_no_table_of_orders_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "o.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OrdersUnreadable):
        read(path)


def test_what_is_written_comes_back_the_same(tmp_path: Path) -> None:
    orders = demo_orders.orders(TODAY)
    assert write(orders, tmp_path / FILE) == len(orders) and demo_orders.orders(TODAY) == orders
    kept = SqliteOrders(tmp_path / FILE)
    assert [kept.find(numbers.key(order.number)) for order in orders] == orders
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    assert all(order.email.endswith("@example.com") for order in orders)


def test_a_shops_own_sqlite_is_asked_without_a_key_column(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "own.db") as db:
        db.execute("CREATE TABLE orders (number TEXT, date TEXT, status TEXT, email TEXT)")
        db.execute("CREATE TABLE order_lines (number TEXT, line INTEGER, name TEXT)")
        db.execute("INSERT INTO orders VALUES ('#A-1001', '2026-11-05', 'shipped', 'ann@example.com')")
        db.execute("INSERT INTO order_lines VALUES ('#A-1001', 1, 'Tee')")
    orders = opened(tmp_path / "own.db", tmp_path)
    found = orders.find("A1001") if orders else None
    assert found and (found.number, found.lines[0].name) == ("#A-1001", "Tee")
    (tmp_path / "own.db").unlink()
    with pytest.raises(OrdersAway):
        SqliteOrders.find(orders, "A1001")  # type: ignore[arg-type]
    assert opened(None, tmp_path) is None


def test_a_changed_file_is_read_again_and_a_broken_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    orders = CsvOrders(path)
    path.write_text(HEAD + ROWS.replace("C3,", "D4,").replace("C-3,", "D-4,"), encoding="utf-8")
    assert orders.find("D4") and not orders.find("C3")
    path.write_text("nothing\n", encoding="utf-8")
    assert orders.find("D4")


# -- whose it is -----------------------------------------------------------------------------------------------------


def test_nothing_is_told_without_a_number_and_an_address(desk: Desk) -> None:
    asker = Asker("s")
    with pytest.raises(NeedNumber):
        desk.find("", asker)
    with pytest.raises(NeedProof):
        desk.find("A1001", asker)
    with pytest.raises(NeedProof):
        desk.find("Z9", asker)  # also of one that there is not
    says(desk, "s", "ANN@example.com")
    assert desk.find("a-1001", asker).number == "A1001"
    with pytest.raises(NeedProof):
        desk.find("A1001", Asker("another conversation"))


def test_a_whole_phone_number_proves_and_its_end_does_not(desk: Desk) -> None:
    says(desk, "s", "tel 0013 8000")
    with pytest.raises(OrderError):
        desk.find("A1001", Asker("s"))
    says(desk, "s", "+86 138 0013 8000")
    assert desk.find("A1001", Asker("s")).number == "A1001"


@pytest.mark.parametrize("number", ["A1001", "Z9999", "C3"])
def test_wrong_and_unknown_are_the_same_and_tried_three_times(desk: Desk, clock: Clock, number: str) -> None:
    told = []
    for nth in range(5):
        says(desk, "s", f"mallory{nth}@example.com")
        with pytest.raises(OrderError) as caught:
            desk.find(number, Asker("s"))
        told.append((caught.value.code, str(caught.value)))
    assert [code for code, _ in told] == ["not_proven"] * 3 + ["too_many_tries"] * 2
    assert len(set(told[:3])) == 1
    clock.now += 16 * 60
    says(desk, "s", "mallory9@example.com")
    with pytest.raises(NotProven):
        desk.find(number, Asker("s"))


def test_the_same_wrong_address_is_counted_once(desk: Desk) -> None:
    says(desk, "s", "mallory@example.com")
    for _ in range(6):
        with pytest.raises(NotProven):
            desk.find("A1001", Asker("s"))


def test_an_order_rests_whichever_conversations_try_it(desk: Desk, clock: Clock) -> None:
    for number in ("A1001", "Z9999"):
        for nth in range(6):
            says(desk, f"{number}{nth}", "mallory@example.com")
            with pytest.raises(NotProven):
                desk.find(number, Asker(f"{number}{nth}"))
        says(desk, "owner", "ann@example.com")
        with pytest.raises(TooManyTries) as caught:
            desk.find(number, Asker("owner"))
        assert 1 <= caught.value.minutes <= 60
    assert desk.find("A1001", Asker("owner", "c-17")).number == "A1001"  # the shop vouches for them
    clock.now += 61 * 60
    says(desk, "owner", "ann@example.com")
    assert desk.find("A1001", Asker("owner")).number == "A1001"


def test_many_tries_at_the_same_moment_are_no_way_round(desk: Desk) -> None:
    says(desk, "s", "mallory@example.com")
    codes: list[str] = []

    def guess(nth: int) -> None:
        try:
            desk.find(f"A{nth}", Asker("s"))
        except OrderError as error:
            codes.append(error.code)

    threads = [threading.Thread(target=guess, args=(nth,)) for nth in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["not_proven"] * 3 + ["too_many_tries"] * 9


def test_of_many_addresses_two_are_tried(desk: Desk) -> None:
    says(desk, "s", "a@example.com b@example.com ann@example.com")
    with pytest.raises(NotProven):
        desk.find("A1001", Asker("s"))


def test_an_order_without_an_address_is_proven_by_none(desk: Desk) -> None:
    says(desk, "s", "nobody@example.invalid 0000000000")
    with pytest.raises(NotProven):
        desk.find("C3", Asker("s"))


def test_a_customer_sees_their_own_and_nobody_elses(desk: Desk) -> None:
    assert desk.find("", Asker("s", "c-17")).number == "A1001"
    with pytest.raises(NeedProof):
        desk.find("B2002", Asker("s", "c-17"))
    with pytest.raises(NeedProof):
        desk.find("A1001", Asker("s", "c-18"))
    with pytest.raises(NeedProof):
        desk.find("B2002", Asker("s", ""))  # nobody's customer is not everybody's


def test_what_was_shown_holds_for_half_an_hour_and_goes_with_the_conversation(
    desk: Desk, clock: Clock
) -> None:
    says(desk, "s", "ann@example.com")
    desk.find("A1001", Asker("s"))
    clock.now += 29 * 60
    assert desk.find("A1001", Asker("s"))
    clock.now += 2 * 60
    with pytest.raises(NeedProof):
        desk.find("A1001", Asker("s"))
    says(desk, "s", "ann@example.com")
    desk.find("A1001", Asker("s"))
    desk.ledger.drop("s")
    with pytest.raises(NeedProof):
        desk.find("A1001", Asker("s"))


def test_no_address_is_kept(desk: Desk, tmp_path: Path) -> None:
    says(desk, "s", "ann@example.com, 13800138000")
    desk.find("A1001", Asker("s"))
    held = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert b"ann@" not in held and b"3800138000" not in held


# -- what may come back ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, ["", "", "never"]),
        ({"delivered": date(2026, 10, 25)}, ["", "", "never"]),
        ({"delivered": date(2026, 10, 24)}, ["too_late"] * 3),
        ({"status": "shipped", "delivered": None}, ["not_delivered"] * 3),
        ({"status": "cancelled"}, ["cancelled"] * 3),
        ({"delivered": None}, ["unknown_day"] * 3),
        (
            {"lines": (Line(1, "A", "D3", returnable=True), Line(2, "B", "D1", returnable=False))},
            ["", "not_this"],
        ),
    ],
)
def test_the_rules_are_held_against_each_line(said: dict[str, object], why: list[str]) -> None:
    verdicts = judged(bought(**said), Rules(30, ("swimwear",)), {"D3": "swimwear"}, {}, TODAY)
    assert [verdict.why for verdict in verdicts] == why


def test_a_line_comes_back_once(desk: Desk) -> None:
    order = desk.find("", Asker("s", "c-17"))
    made = desk.take_back(order, [1, 2], "too_small", "they pinch", "s")
    assert desk.take_back(order, [2], "other", "", "t") == made
    assert desk.returned(order) == {1: made, 2: made}
    (kept,) = desk.ledger.returns()
    assert (kept.order, kept.lines, kept.words) == ("A1001", (1, 2), "they pinch")
    desk.ledger.drop("s")
    assert desk.ledger.returns()[0].words == ""


def test_returns_at_the_same_moment_are_one(desk: Desk) -> None:
    order = desk.find("", Asker("s", "c-17"))
    made: list[str] = []
    work: Callable[[], None] = lambda: made.append(desk.take_back(order, [1], "other", "", "s"))  # noqa: E731
    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1 and len(desk.ledger.returns()) == 1


def test_without_rules_nothing_may_come_back(tmp_path: Path) -> None:
    desk = Desk(Shelf(bought()), Ledger(tmp_path))
    with pytest.raises(NoReturnRules):
        desk.verdicts(desk.find("", Asker("s", "c-17")))
