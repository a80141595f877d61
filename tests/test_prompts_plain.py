"""What strangers write, as it is kept and shown: what only a machine would act on goes, what is seen stays."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.plain import RUN, for_terminal, in_json, one_line, plain

ANY = st.text(st.characters(codec=None))  # with halves of characters


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("红色连衣裙，200以内\nsize M", "红色连衣裙，200以内\nsize M"),
        ("a\x00b\x07\x1b", "ab"),
        ("\x1b[31;1mred\x1b[0m dress\x1b]0;title\x07!", "red dress!"),
        ("\x9b2Jwiped \x1b(Bout", "wiped out"),
        ("\u202e99.93$\u202c coat", "99.93$ coat"),
        ("p\u200bay\u2060pal\ufeff \U000e0041\U000e0042", "paypal "),
        ("\ud83d\udc57 and half \ud83d one", "👗 and half \ufffd one"),
        ("👩\u200d👧 family, re\u200dd", "👩\u200d👧 family, red"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\r\nb\rc\u2028d\te", "a\nb\nc\nd e"),
        ("z" + "\u0301" * 3000 + "algo", "z" + "\u0301" * 5 + "algo"),
        ("nai\u0308ve ไม่เป็นไร हिन्दी עִבְרִית", "nai\u0308ve ไม่เป็นไร हिन्दी עִבְרִית"),
        ("$x^2$ **b** <b>\\(y\\)</b> 50% off", "$x^2$ **b** <b>\\(y\\)</b> 50% off"),
    ],
)
def test_what_is_seen_stays_and_the_rest_goes(written: str, seen: str) -> None:
    assert plain(written) == seen


@given(ANY)
def test_anything_can_be_kept_sent_and_shown(text: str) -> None:
    kept = plain(text)
    kept.encode("utf-8")
    assert plain(kept) == kept
    assert not any(unicodedata.category(c) in ("Cc", "Cs") and c != "\n" for c in kept)
    assert not set(kept) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    assert "\n" not in one_line(text)


@given(st.text(st.characters(exclude_categories=["C", "M", "Z"])))
def test_letters_signs_and_emoji_are_all_kept(text: str) -> None:
    blank = set("\u115f\u1160\u3164\uffa0\u17b4\u17b5")
    assert plain(text) == "".join(c for c in text if c not in blank)


def test_a_price_stays_behind_a_name_from_right_to_left() -> None:
    assert for_terminal("“שמלה”, $39.99") == "“שמלה”, \u200e$39.99"
    assert for_terminal("dress, $39.99") == "dress, $39.99"
    assert [found[0] for found in RUN.finditer("the “שמלה ארוכה 2”, $39")] == ["שמלה ארוכה"]


@given(ANY)
def test_json_says_the_same_with_nothing_for_a_screen_to_act_on(text: str) -> None:
    import json

    written = in_json(json.dumps(text, ensure_ascii=False))
    assert json.loads(written) == json.loads(json.dumps(text))
    assert not set(written) & {chr(c) for c in (*range(32), *range(0x7F, 0xA0), 0x202E, 0x2066)}


@pytest.mark.parametrize("piece", ["\x1b]", "\x90", "\x9b", "a\u0301", "\u05d0 ", "\u05d0.", "\u200d", "\r"])
def test_length_costs_little(piece: str) -> None:
    import time

    started = time.process_time()
    for_terminal(piece * 50_000)
    assert time.process_time() - started < 1
