"""What people call colours."""

import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageColor

from perception import shades
from perception.difference import ciede2000
from prompts import load, taxonomy


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("酒红色", "red"), ("墨绿", "green"), ("莫兰迪粉", "pink"), ("dark green", "green"), ("Dusty Rose", "pink"),
        ("navy blue please", "navy"), ("#8a2be2", "purple"), ("#abc", "lightblue"), ("rebeccapurple", "purple"),
        ("medium sea green", "green"), ("blue green", "green"), ("浅墨绿", "green"), ("a rust one", "orange"),
    ],
)  # fmt: skip
def test_a_colour_is_known_by_its_words_or_its_code(words, kind):
    heard = shades.heard(words)
    assert heard.shade is not None and heard.shade.kind == kind and heard.strange == ""


@pytest.mark.parametrize(
    ("words", "strange"),
    [("hungry blue", "hungry"), ("饿了的蓝", "饿了"), ("quarrelsome old rose", "quarrelsome")],
)
def test_of_a_colour_that_nobody_knows_the_known_part_is_taken_and_the_rest_is_named(words, strange):
    heard = shades.heard(words)
    assert heard.shade is not None and heard.strange == strange


@pytest.mark.parametrize("words", ["hungry", "饿了", "", "  ", "#12", "multicolour", "wine"])
def test_no_colour_is_made_up(words):
    assert shades.heard(words).shade is None and shades.heard(words).change is None


def test_how_a_colour_is_changed_is_heard_with_how_much():
    darker, bit, lot = (shades.heard(w).change for w in ("darker", "a bit darker", "much darker"))
    assert darker and bit and lot and lot.l < darker.l < bit.l < 0
    assert shades.heard("稍微浅一点").change == shades.heard("a bit lighter").change
    brighter = shades.heard("brighter").change
    assert brighter and brighter.c > 1 and brighter.of((50, 20, 0)) == pytest.approx((58, 27, 0))


def test_a_word_before_a_colour_changes_it():
    plain, pale, dark = (shades.heard(w).shade for w in ("teal", "pale teal", "dark teal"))
    assert plain and pale and dark and dark.lab[0] < plain.lab[0] < pale.lab[0]


def test_every_shade_is_of_the_palette_and_looks_like_it():
    for name, entry in load("shades")["shades"].items():
        assert entry["of"] in taxonomy.values("color"), name
        looks = [shades.lab_of(code) for code in load("colours")["prototypes"][entry["of"]]]
        apart = min(float(ciede2000(np.array(shades.lab_of(entry["srgb"])), np.array(lab))) for lab in looks)
        assert apart < 20, (name, apart)


def test_no_word_stands_for_two_shades():
    words = [w for entry in load("shades")["shades"].values() for w in (*entry["zh"], *entry["en"])]
    assert len(words) == len(set(words)) > 600


def test_a_code_comes_back_as_it_was():
    for code in ("#000000", "#ffffff", "#8a2be2", "#1d4435"):
        assert shades.hex_of(shades.lab_of(code)) == code


def test_a_browsers_name_is_known_whatever_pillow_did_with_it_before():
    ImageColor.getrgb("rebeccapurple")
    shades._browsers.cache_clear()
    shade = shades.heard("rebeccapurple").shade
    assert shade is not None and shade.srgb == "#663399"


def test_the_colours_in_a_title_are_found_where_they_stand():
    title = "Men's forest green checked flannel shirt in navy"
    assert [title[a:b] for a, b in shades.within(title)] == ["forest green", "navy"]
    assert shades.within("redress the greenhouse") == []


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=string.printable + "红色的深蓝#一点", max_size=60))
def test_whatever_is_said_is_heard_without_a_fault(text):
    heard = shades.heard(text)
    assert heard.shade is None or heard.shade.kind in taxonomy.values("color")
    shades.within(text)
