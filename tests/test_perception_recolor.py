"""A garment in another colour: what changes, what must not."""

import numpy as np
import pytest
from PIL import Image

from perception import ground
from perception.difference import ciede2000, similarity
from perception.recolor import NothingToRecolor, Target, ground_color, recolor

SIDE = 160
ON = np.zeros((SIDE, SIDE), bool)
ON[20:140, 30:130] = True


def cloth(color: str, *, folds: float = 0.25, seed: int = 0) -> np.ndarray:
    """A square of cloth with soft folds on a wooden floor, RGB uint8."""
    y, x = np.mgrid[:SIDE, :SIDE]
    shade = 1 + folds * np.sin(x / 17 + np.sin(y / 23)) * np.cos(y / 31)
    noise = np.random.default_rng(seed).normal(1, 0.02, (SIDE, SIDE))
    lab = np.array(Target.of(color).lab, np.float32)
    linear = (ground.to_rgb(lab) ** 2.2) * (shade * noise)[..., None]
    picture = np.full((SIDE, SIDE, 3), (168, 132, 96), np.float32)
    picture[ON] = (np.clip(linear, 0, 1) ** (1 / 2.2) * 255)[ON]
    return picture.astype(np.uint8)


def middle(picture: Image.Image, where: np.ndarray = ON) -> np.ndarray:
    return np.median(ground.to_lab(np.asarray(picture))[where], 0)


COLORS = ["#1c1c1e", "#f6f5f1", "#8b8d91", "#c22a2e", "#1e4f38", "#f0c93f", "#1e2a4a", "#a7cbe8", "#6f4a9c"]


@pytest.mark.parametrize("before", COLORS)
@pytest.mark.parametrize("wanted", ["#1c1c1e", "#f6f5f1", "#722f37", "#f0c93f", "#1e2a4a"])
def test_the_cloth_reaches_the_colour_keeps_its_folds_and_leaves_the_rest(before, wanted):
    picture = Image.fromarray(cloth(before))
    done = recolor(picture, ON.astype(np.float32), wanted)
    assert ciede2000(middle(done), np.array(Target.of(wanted).lab)) < 8
    old, new = (ground.to_lab(np.asarray(p))[..., 0] for p in (picture, done))
    assert similarity(old, new)[1][ON].mean() > 0.65  # folds as strong as these cannot all stay in black
    assert np.corrcoef(old[ON], new[ON])[0, 1] > 0.9
    assert (np.asarray(done)[~ON] == np.asarray(picture)[~ON]).all()


def test_stripes_stay_and_their_ground_changes():
    rgb = cloth("#f6f5f1", folds=0.1)
    stripes = ON & (np.arange(SIDE)[:, None] % 16 < 5)
    rgb[stripes] = cloth("#1e2a4a", folds=0.1)[stripes]
    done = recolor(Image.fromarray(rgb), ON.astype(np.float32), "#c22a2e")
    assert ciede2000(middle(done, ON & ~stripes), np.array(Target.of("#c22a2e").lab)) < 8
    assert ciede2000(middle(done, stripes), middle(Image.fromarray(rgb), stripes)) < 5


def test_stripes_that_would_vanish_take_the_old_colour_of_the_ground():
    rgb = cloth("#f6f5f1", folds=0.1)
    stripes = ON & (np.arange(SIDE)[:, None] % 16 < 5)
    rgb[stripes] = cloth("#1e2a4a", folds=0.1)[stripes]
    done = recolor(Image.fromarray(rgb), ON.astype(np.float32), "#1e2a4a")
    apart = ciede2000(middle(done, stripes), middle(done, ON & ~stripes))
    assert apart > 30 and middle(done, stripes)[0] > middle(done, ON & ~stripes)[0]


def test_a_print_and_a_hand_in_front_keep_their_colours():
    rgb = cloth("#2d62b4")
    rgb[60:90, 60:100] = (230, 60, 40)
    rgb[110:130, 40:60] = (224, 172, 140)
    done = np.asarray(recolor(Image.fromarray(rgb), ON.astype(np.float32), "#1e4f38")).astype(int)
    assert abs(done[62:88, 62:98] - rgb[62:88, 62:98]).mean() < 6
    assert abs(done[112:128, 42:58] - rgb[112:128, 42:58]).mean() < 6


def test_a_soft_edge_leaves_no_rim_of_the_old_colour():
    rgb, alpha = cloth("#1c1c1e").astype(np.float32), np.zeros((SIDE, SIDE), np.float32)
    alpha[20:140, 30:130] = 1
    for i, part in enumerate((0.25, 0.5, 0.75)):
        alpha[20:140, 27 + i] = part
        rgb[20:140, 27 + i] = part * rgb[20:140, 31] + (1 - part) * np.array((168, 132, 96))
    done = np.asarray(recolor(Image.fromarray(rgb.astype(np.uint8)), alpha, "#f6f5f1")).astype(int)
    assert done[30:130, 28].mean() > 150  # between the floor and white cloth, not towards black


def test_a_target_is_a_hex_code_or_nothing():
    assert Target.of("#ffffff").lab[0] == pytest.approx(100, abs=0.1)
    with pytest.raises(ValueError):
        Target.of("hungry blue")


def test_where_nothing_is_cut_out_nothing_is_recoloured():
    picture = Image.fromarray(cloth("#2d62b4"))
    for alpha in (np.zeros((SIDE, SIDE), np.float32), np.eye(SIDE, dtype=np.float32) * 0.1):
        with pytest.raises(NothingToRecolor):
            recolor(picture, alpha, "#1e4f38")
    with pytest.raises(NothingToRecolor):
        ground_color(Image.new("RGB", (1, 1)), np.ones((1, 1), np.float32))


def test_the_ground_is_told_without_its_pattern():
    rgb = cloth("#f6f5f1", folds=0.1)
    rgb[40:70, 50:100] = (30, 42, 74)
    found = ground_color(Image.fromarray(rgb), ON.astype(np.float32))
    assert ciede2000(np.array(found), np.array(Target.of("#f6f5f1").lab)) < 6
