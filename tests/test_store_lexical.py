"""The full-text index."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import matching
from store.lexical import NUMBERS, Lexicon
from store.part import Whole
from store.words import content
from tests.store_samples import SHOP, product


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    index = Lexicon(tmp_path_factory.mktemp("lexical") / "lexical.sqlite")
    index.put(SHOP)
    return index


def best(lexicon: Lexicon, text: str) -> str | None:
    found = lexicon.match(content(text))
    return max(found, key=lambda i: found[i].score) if found else None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("red floral dresses", "d-red"),
        ("碎花连衣裙", "d-red"),
        ("連衣裙 格子", "d-blue"),
        ("linen", "s-navy"),
        ("亚麻衬衫", "s-navy"),
        ("gown black", "d-black"),
        ("草帽", "h-straw"),
        ("Ode Oak shirt", "s-white"),
    ],
)
def test_words_find_products_in_both_languages(lexicon: Lexicon, query: str, expected: str) -> None:
    assert best(lexicon, query) == expected


def test_unknown_words_find_nothing_and_lower_the_score(lexicon: Lexicon) -> None:
    assert lexicon.match(["refrigerator"]) == {}
    whole = lexicon.match(["jeans"])["j-navy"].score
    half = lexicon.match(["jeans", "refrigerator"])["j-navy"].score
    assert whole == pytest.approx(1.0, abs=0.05)
    assert half < 0.6


def test_a_phrase_of_the_vocabulary_is_not_found_by_its_parts(lexicon: Lexicon) -> None:
    assert "d-blue" not in lexicon.match(content("washing powder"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.lists(st.text(min_size=1), max_size=5), st.text())
def test_no_text_breaks_the_query_language(lexicon: Lexicon, words: list[str], text: str) -> None:
    safe = [w.encode("utf-8", "ignore").decode() for w in words]
    lexicon.match(safe)
    lexicon.match(content(text))


@pytest.mark.parametrize(
    "text", ['"', "NEAR(", "a AND", "title:x", "*", "^a", "a*b OR c", "'; DROP TABLE docs; --", "{a}:b", "\0"]
)
def test_operators_are_only_words(lexicon: Lexicon, text: str) -> None:
    lexicon.match([text])
    lexicon.match(content(text))
    assert lexicon.match(["jeans"])


def test_replacing_and_deleting(tmp_path: Path) -> None:
    index = Lexicon(tmp_path / "l.sqlite")
    index.put(SHOP[:2])
    index.put([product("d-red", "绿色围巾", "Green scarf", "scarf", "9")])
    assert "d-red" not in index.match(["floral"])
    assert set(index.match(["scarf"])) == {"d-red"}
    index.delete(["d-red", "unknown"])
    assert index.match(["scarf"]) == {}
    assert index.fingerprints().keys() == {"d-black"}


def test_a_broken_file_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "l.sqlite").write_bytes(b"this is not a database, " * 100)
    index = Lexicon(tmp_path / "l.sqlite")
    assert index.writing
    assert index.fingerprints() == {}


@pytest.mark.parametrize(
    "query", ["red floral dresses", "亚麻衬衫", "gown black", "Ode Oak shirt", "white shirt linen"]
)
def test_where_not_all_matches_are_looked_at_the_best_are_the_same(
    lexicon: Lexicon, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    exact = lexicon.match(content(query))
    monkeypatch.setattr(matching, "BROAD", 0)
    quick = lexicon.match(content(query))
    whole = Whole([p.id for p in SHOP], lexicon.row_numbers)
    within = lexicon.match(content(query), whole.every)
    first = max(exact, key=lambda i: exact[i].score)
    for found in (quick, within):
        assert found[first].score == max(m.score for m in found.values()) <= 1
        assert found[first].named
    assert set(quick) == set(exact) == set(within)
    assert set(lexicon.match(content(query), whole.named([first]))) == {first}


def test_numbers_stay_in_step_with_the_records(tmp_path: Path) -> None:
    index = Lexicon(tmp_path / "lexical.sqlite")
    assert index.numbers()[1].shape == (0, len(NUMBERS))
    index.put([product("a", "衬衫", "Shirt", "shirt", "30"), product("b", "衬衫", "Shirt", "shirt", "50")])
    index.put([product("a", "衬衫", "Shirt", "shirt", "20", rating=4.0, rating_count=95)])
    index.delete(["b"])
    ids, rows = index.numbers()
    kept = dict(zip(NUMBERS, rows[0], strict=True))
    assert ids == ["a"] and kept["cents"] == 2000 and kept["trusted"] == pytest.approx(3.975)
