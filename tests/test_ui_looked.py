"""The "what I see" card: which words and which style a look becomes, whatever is in it."""

import math
import re

import pytest
from fake_shop import HOSTILE, SEEN
from hypothesis import given
from hypothesis import strategies as st

from agent.events import Looked
from ui import looked

BOX = {"box": [0.1, 0.2, 0.4, 0.9], "category": "shirt"}


def test_a_garment_in_words_says_nothing_twice_and_no_figures() -> None:
    [shirt, trousers] = looked.garments({"garments": SEEN}, "en")
    assert (shirt.name, shirt.told, shirt.sure) == (
        "Light blue striped shirt",
        ("white", "long-sleeved"),
        "sure",
    )
    assert (trousers.name, trousers.sure) == ("Maybe navy trousers", "unsure")
    assert shirt.wish == "Find something like the light blue striped shirt in my photo"
    assert trousers.wish == "Find something like the navy trousers in my photo"
    assert shirt.figures == "Type 93%, Colour 80%"
    assert not re.search(r"\d", looked.chip_label(1, shirt, "en").replace("**1**", ""))


SKIRT, SHIRT = (
    {"box": [0.55, 0.1, 0.95, 0.9], "category": "skirt"},
    {"box": [0.05, 0.1, 0.45, 0.9], "category": "shirt"},
)


def test_garments_are_numbered_as_people_count_them_and_keep_their_place() -> None:
    look = {"garments": [SKIRT, SHIRT]}
    shown = looked.garments(look, "en")
    assert [(g.name, g.place) for g in shown] == [("Shirt", 1), ("Skirt", 0)]
    assert [looked.pointed(look, place, "en") for place in (0, 1)] == ["2 · Skirt", "1 · Shirt"]
    assert [g.place for g in looked.garments({"garments": [SKIRT, SHIRT | {"box": None}]}, "en")] == [0, 1]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_the_name_says_is_not_said_again(lang: str) -> None:
    garment = {
        "category": "longsleeve",
        "sleeve": "long",
        "pattern": "striped",
        "length": "maxi",
        "neckline": "crew",
    }
    [shown] = looked.garments({"garments": [garment]}, lang)
    assert shown.told == ({"zh": "圆领", "en": "crew neck"}[lang],)


def test_chinese_uses_the_measure_word_of_the_garment() -> None:
    wishes = [g.wish for g in looked.garments({"garments": SEEN}, "zh")]
    assert wishes == ["找和图里这件浅蓝色条纹衬衫差不多的", "找和图里这条藏青色长裤差不多的"]
    [boots] = looked.garments({"garments": [{"category": "shoes", "kind": "boots"}]}, "zh")
    assert boots.wish == "找和图里这双靴子差不多的" and boots.sure == "" and boots.box is None


@pytest.mark.parametrize(
    "box",
    [
        None,
        [],
        [0, 0, 1],
        [0.5, 0, 0.5, 1],
        [0, 0.9, 1, 0.1],
        ["0", 0, 1, 1],
        [math.nan, 0, 1, 1],
        "0011",
        {},
    ],
)
def test_a_box_that_is_none_is_not_drawn(box: object) -> None:
    [shown] = looked.garments({"garments": [BOX | {"box": box}]}, "en")
    assert shown.box is None and ".st-key-box-k-0{" not in looked.style("k", [shown], (3, 4))


def test_style_places_boxes_dashes_the_doubtful_and_lights_a_box_from_its_chip() -> None:
    style = looked.style("k", looked.garments({"garments": SEEN}, "en"), (600, 800))
    assert "--ratio:0.7500" in style
    assert (
        ".st-key-box-k-0{left:min(10.00%,100% - 2rem);top:min(5.00%,100% - 2rem);width:80.00%;height:45.00%;"
        in style
    )
    assert "box-k-1 button{border-style:dashed}" in style and "box-k-0 button{border-style" not in style
    assert (
        ".st-key-looked-k:has(.st-key-chip-seen-k-1 button:is(:hover,:focus-visible)) .st-key-box-k-1 button{"
        in style
    )
    assert "#a7cbe8" in style and "#1e2a4a" in style


def test_the_smaller_of_two_boxes_lies_above_and_names_do_not_cover_one_another() -> None:
    inner = BOX | {"box": [0.1, 0.2, 0.3, 0.4]}
    style = looked.style("k", looked.garments({"garments": [BOX, inner]}, "en"), (3, 4))
    order = [int(z) for z in re.findall(r"z-index:(\d+)", style)]
    corners = re.findall(r"align-items:([\w-]+);justify-content:([\w-]+)", style)
    assert order[0] > order[1] and corners[0] != corners[1]


def test_a_name_at_the_right_edge_stays_in_its_box() -> None:
    edge = BOX | {"box": [0.85, 0.3, 1.0, 0.6]}
    style = looked.style("k", looked.garments({"garments": [edge]}, "en"), (3, 4))
    assert "align-items:flex-start;justify-content:flex-start" in style


@given(
    st.lists(
        st.fixed_dictionaries(
            {"category": st.text(max_size=20) | st.sampled_from(["shirt", HOSTILE, "</style><script>"])},
            optional={
                "box": st.lists(st.floats(), min_size=4, max_size=4),
                "colors": st.lists(
                    st.text(max_size=9) | st.sampled_from(["navy", "red;}", "</style>"]), max_size=5
                ),
                "confidence": st.dictionaries(
                    st.text(max_size=9), st.floats() | st.text(max_size=3), max_size=3
                ),
            },
        ),
        max_size=5,
    ),
    st.sampled_from(["zh", "en"]),
)
def test_nothing_of_a_look_gets_into_the_style(found: list[dict[str, object]], lang: str) -> None:
    shown = looked.garments({"garments": found}, lang)
    style = looked.style("k", shown, (3, 4))
    assert re.fullmatch(r"<style>[\w\s.,:;(){}%#/\-]*</style>", style), style
    for i, one in enumerate(shown):
        for text in (looked.box_label(i + 1, one, lang), looked.chip_label(i + 1, one, lang)):
            assert not re.search(r"(?<!\\)(?:\\\\)*[$:\[<`_~]", text)


def test_no_garment_is_said_kindly_in_both_languages() -> None:
    event = Looked(photo="a", look={"garments": [], "caption": "something else"})
    assert "没看到" in looked.heading(event, "zh") and "Nothing to wear" in looked.heading(event, "en")
    assert looked.facts(event, "en", touchable=False) == ""
