"""What looks teach: a taste that no rule knows is learned and scored, chance is not; bad files and bad rows."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tastes
from hypothesis import given
from hypothesis import strategies as st

from agent import looks as teaching
from store.types import Money, Product, Text
from tools.styling import kept, lookbook, verdict
from tools.styling.learned import Compatibility, NotFitting, scored
from tools.styling.piece import Piece
from tools.styling.score import pair
from tools.styling.teaching import Goods

COLORS = ("black", "white", "red", "blue", "green", "beige")
KINDS = {
    "shirt": "top",
    "sweater": "top",
    "jeans": "bottom",
    "skirt": "bottom",
    "sneakers": "shoes",
    "bag": "bag",
}


def product(number: int, category: str, color: str) -> Product:
    return Product(id=f"P{number}", title=Text(en=f"{color} {category}"), category=category, colors=[color],
                   price=Money(amount=10))  # fmt: skip


def goods() -> Goods:
    """72 products without pictures."""
    kinds = [(kind, color) for kind in KINDS for color in COLORS for _ in range(2)]
    return Goods([Piece.of(product(n, *each)) for n, each in enumerate(kinds)], {})


def taught(trait: tastes.Trait, count: int = 220) -> tuple[Goods, Compatibility, verdict.Questions]:
    of = goods()
    looks = [tuple(sorted(look)) for look in tastes.looks(of.pieces, count, trait)]
    looks = list(dict.fromkeys(looks))
    held, stop, train = looks[:60], looks[60:90], looks[90:]
    made = teaching.learned(of, looks, train, stop, 0, "eyes", lambda *_: None)
    return of, made, teaching.asking(of, held, looks, 0)


@pytest.fixture(scope="module")
def planted() -> tuple[Goods, Compatibility, verdict.Questions]:
    return taught(tastes.main_color)


def test_a_taste_that_no_rule_knows_is_learned(
    planted: tuple[Goods, Compatibility, verdict.Questions],
) -> None:
    of, made, asked = planted
    rules, blend, alone = (
        verdict.outcome(asked, score)
        for score in (teaching.by_rules(of), teaching.by_rules(of, made), teaching.by_looks(of, made))
    )
    assert verdict.better(verdict.gains(rules, blend))
    assert alone.fitb > rules.fitb + 0.08  # two products of each colour: half of what is right is a tie
    assert alone.auc > rules.auc + 0.1


def test_of_chance_nothing_is_learned() -> None:
    of, made, asked = taught(tastes.by_chance)
    rules, blend = (
        verdict.outcome(asked, score) for score in (teaching.by_rules(of), teaching.by_rules(of, made))
    )
    assert not verdict.better(verdict.gains(rules, blend))


def test_scores_and_what_none_can_tell(planted: tuple[Goods, Compatibility, verdict.Questions]) -> None:
    of, made, _ = planted
    top, other, trousers, shoes = (of.pieces[n] for n in (0, 14, 26, 50))
    assert made.score(top, other) is None  # two tops
    assert made.score(top, Piece("swimwear")) is None and made.score(Piece("lamp"), shoes) is None
    score = made.score(top, trousers)
    assert score is not None and 0 <= score <= 1
    assert made.score(trousers, top) == pytest.approx(score)
    blended = pair(top, trousers, made).score
    expected = made.weight * score + (1 - made.weight) * pair(top, trousers).score
    assert blended == pytest.approx(expected, abs=0.01)
    assert scored([top, other], made) == 0.5
    seen = Piece("shirt", ("black",))  # of a photo: known by its attributes alone
    told = made.score(seen, trousers)
    assert told is not None and abs(told - score) < 0.35


def test_a_product_that_came_later_is_known_by_its_vectors(
    planted: tuple[Goods, Compatibility, verdict.Questions],
) -> None:
    _, made, _ = planted
    asked: list[list[str]] = []

    def vectors(block: str, ids: list[str]) -> dict[str, np.ndarray]:
        asked.append(list(ids))
        return {}

    bound = replace(made, vectors=vectors, _units={}, _later={})  # type: ignore[arg-type]
    late = [Piece.of(product(900 + n, "sneakers", "red")) for n in range(3)]
    bound.prepare(late)
    assert asked == [["P900", "P901", "P902"]] * 2
    first = bound.score(late[0], Piece.of(product(990, "jeans", "blue")))
    assert first is not None and len(asked) == 4  # only the jeans were asked for anew


def test_kept_opened_and_gone_back_from(
    planted: tuple[Goods, Compatibility, verdict.Questions], tmp_path: Path
) -> None:
    of, made, asked = planted
    assert Compatibility.open(tmp_path) is None
    (tmp_path / "styling" / "abandoned").mkdir(parents=True)  # somebody was killed
    kept.keep(tmp_path, made, {"n": 1})
    again = Compatibility.open(tmp_path)
    assert again is not None and again is Compatibility.open(tmp_path)
    assert not (tmp_path / "styling" / "abandoned").exists()
    assert (again.weight, again.id, kept.figures(tmp_path)) == (made.weight, made.id, {"n": 1})
    for look in asked.looks[:10]:
        pieces = [of.pieces[n] for n in look]
        assert scored(pieces, again) == pytest.approx(scored(pieces, made), abs=0.01)
    assert kept.back(tmp_path) and not kept.back(tmp_path)
    assert Compatibility.open(tmp_path) is None and kept.figures(tmp_path) == {}


@pytest.mark.parametrize("damage", [b"", b"nothing of ours", None])
def test_a_damaged_file_is_not_used_and_said_so(
    planted: tuple[Goods, Compatibility, verdict.Questions], tmp_path: Path, damage: bytes | None,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    made = planted[1]
    caplog.set_level("WARNING")
    kept.keep(tmp_path, made, {})
    path = tmp_path / "styling" / made.id / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-1000] if damage is None else damage)
    with pytest.raises(NotFitting):
        Compatibility.load(path)
    assert Compatibility.open(tmp_path) is None
    assert "not used" in caplog.text


def test_stand_ins_are_of_the_kind_and_no_more_or_less_usual_than_what_they_stand_in_for() -> None:
    of = goods()
    kinds, slots = [p.category for p in of.pieces], [p.slot for p in of.pieces]
    draw = np.random.default_rng(0)
    usual = [1 / (1 + n % 12) for n in range(72)]  # what sells, sells

    def one(slot: str) -> int:
        pool = [n for n, name in enumerate(slots) if name == slot]
        chance = np.array([usual[n] for n in pool])
        return int(draw.choice(pool, p=chance / chance.sum()))

    looks = [(one("top"), one("bottom"), one("shoes")) for _ in range(600)]
    asked = verdict.questions(looks[:200], looks, kinds, slots, 3)
    assert len(asked.swapped[0]) == 5
    for place, options in zip(asked.of, asked.blanks, strict=True):
        assert options[0] == asked.looks[place] and len(set(options)) == 4
        (blank,) = [n for n in range(3) if len({option[n] for option in options}) == 4]
        assert len({kinds[option[blank]] for option in options}) == 1
    popular = verdict.outcome(asked, lambda look: sum(usual[n] for n in look))
    sees = verdict.gains(verdict.outcome(asked, lambda look: 0.0), popular)
    assert abs(sees["fitb"].mean) < 0.05 and abs(sees["auc"].mean) < 0.03
    before = {(a, b) for look in looks[200:] for a in look for b in look}
    known = verdict.outcome(asked, lambda look: sum((a, b) in before for a in look for b in look))
    assert not verdict.better(verdict.gains(popular, known))


def test_figures_of_a_score_that_knows_and_of_one_that_does_not() -> None:
    blanks, of = np.array([1.0, 0.1, 0.2, 0.3] * 40), [n // 2 for n in range(40)]
    knows = verdict.judged(np.ones(20), np.zeros(40), blanks, of)
    guesses = verdict.judged(np.ones(20), np.ones(40), np.ones(160), of)
    assert (knows.fitb, knows.auc, guesses.fitb, guesses.auc) == (1.0, 1.0, 0.25, 0.5)
    assert verdict.better(verdict.gains(guesses, knows)) and not verdict.better(verdict.gains(knows, knows))
    assert verdict.best([guesses, knows, knows]) == 1


SLOTS = {"a": "top", "b": "bottom", "c": "top", "d": "shoes", "lamp": None}


def read(*lines: str | bytes) -> lookbook.Lookbook:
    return lookbook.parsed([line if isinstance(line, bytes) else line.encode() for line in lines], SLOTS)


def test_rows_of_looks_and_of_orders() -> None:
    book = read(
        '\ufeff{"items": ["a", "b"]}',
        "",
        '{"order": 7, "items": [{"id": "b"}, {"product_id": "d", "quantity": 2}, {"id": "b"}]}',
        '{"items": ["b", "a"], "name": "the same again"}',
        '{"items": ["a", "b", "gone", "lamp"]}',
    )
    assert book.looks == [("a", "b"), ("b", "d")]
    assert (book.rows, book.repeated, book.left_out) == (4, 2, [])
    assert [(row.line, row.value) for row in book.unknown] == [(5, "gone")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{", "not_json"), (b"\xff\xfe", "not_json"), ("[" * 20000, "not_json"), ("[]", "no_items"),
        ('{"items": "a,b"}', "no_items"), ('{"items": []}', "no_items"), ('{"items": ["a", null]}', "bad_item"),
        ('{"items": ["a", true]}', "bad_item"), ('{"items": ["x", "y"]}', "all_unknown"),
        ('{"items": ["a", "c"]}', "too_few_pieces"), ('{"items": ["a", "lamp"]}', "too_few_pieces"),
        ('{"items": ["a"]}', "too_few_pieces"), (b" " * 1_000_001 + b"{}", "too_long"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_and_the_others_are_read(row: str | bytes, reason: str) -> None:
    book = read('{"items": ["a", "b"]}', row, '{"items": ["c", "d"]}')
    assert [(r.line, r.reason) for r in book.left_out] == [(2, reason)]
    assert len(book.looks) == 2


def test_who_buys_thirteen_things_is_stocking_up() -> None:
    slots = {str(n): "top" if n % 2 else "bottom" for n in range(13)}
    book = lookbook.parsed([json.dumps({"items": list(slots)}).encode()], slots)
    assert [r.reason for r in book.left_out] == ["too_many_pieces"]


@given(st.lists(st.binary(max_size=60) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["items", "id", "x"]), inner, max_size=3), max_leaves=8,
).map(lambda value: json.dumps(value).encode()), max_size=8))  # fmt: skip
def test_any_rows_are_read_or_named(lines: list[bytes]) -> None:
    book = lookbook.parsed(lines, SLOTS)
    assert book.rows == len(book.left_out) + book.repeated + len(book.looks)
