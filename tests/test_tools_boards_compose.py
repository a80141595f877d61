"""How a board is laid out, set and painted: of values alone, whatever they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from tools.boards import ground
from tools.boards.compose import Board, BoardPiece, compose
from tools.boards.layout import Shape, lay_out, ordered, size_of, table
from tools.boards.lettering import _has, font, lines, settable, width

ROOM = (960, 760)
SLOTS = ("outer", "top", "bottom", "onepiece", "shoes", "bag", "accessory", "swim", "")
KINDS = ("coat", "shirt", "pants", "dress", "boots", "tote", "hat", "swimwear", "lamp")


def garment(color: str, size: tuple[int, int] = (200, 260)) -> Image.Image:
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    ImageDraw.Draw(picture).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius=20, fill=color)
    return picture


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.sampled_from(range(9)), st.floats(0.05, 12), st.booleans()), min_size=1, max_size=9)
)
def test_whatever_lies_on_a_board_lies_within_it_and_on_nothing_else(
    pieces: list[tuple[int, float, bool]],
) -> None:
    mask = np.ones((40, 40), np.float32)
    shapes = [Shape(mask, SLOTS[k], size_of(KINDS[k], aspect, kids, False)) for k, aspect, kids in pieces]
    places = lay_out(shapes, ROOM)
    assert places == lay_out(shapes, ROOM)
    taken = np.zeros((ROOM[1], ROOM[0]), np.uint8)
    for at in places:
        assert at.x >= 0 and at.y >= 0 and at.x + at.wide <= ROOM[0] and at.y + at.high <= ROOM[1]
        assert min(at.wide, at.high) >= 10
        taken[at.y : at.y + at.high, at.x : at.x + at.wide] += 1
    assert taken.max() == 1


def test_things_lie_in_proportion_and_fill_the_ground() -> None:
    kinds = [("outer", "coat", 0.6), ("top", "shirt", 0.9), ("bottom", "pants", 0.45), ("shoes", "loafers", 1.5),
             ("bag", "tote", 0.9), ("accessory", "jewellery", 1.0)]  # fmt: skip
    mask = np.ones((60, 60), np.float32)
    shapes = [Shape(mask, slot, size_of(kind, aspect, False, False)) for slot, kind, aspect in kinds]
    area = [at.wide * at.high for at in lay_out(shapes, ROOM)]
    coat, shirt, pants, shoes, bag, chain = area
    assert coat > shirt > bag > shoes > chain and pants > bag
    assert sum(area) > 0.45 * ROOM[0] * ROOM[1]
    adult, child = (size_of("coat", 0.6, kids, False) for kids in (False, True))
    assert child[0] < adult[0] and child[1] < adult[1]


def test_a_look_is_read_from_what_is_worn_outermost() -> None:
    slots = ["bag", "strange", "top", "outer", "shoes"]
    assert [slots[k] for k in ordered(slots)] == ["outer", "top", "shoes", "bag", "strange"]


@given(st.text(max_size=300))
def test_no_text_shows_a_letter_that_the_fonts_lack(text: str) -> None:
    for kind in ("sans", "serif"):
        shown = settable(text, kind)
        assert all(_has(kind, letter) for letter in shown)
        assert "\n" not in shown and shown == shown.strip()


@given(st.text(max_size=200), st.integers(60, 500), st.integers(1, 4))
def test_lines_keep_within_their_room(text: str, room: int, most: int) -> None:
    face = font("sans", 24)
    told = lines(settable(text), face, room, most)
    assert len(told) <= most
    assert all(width(line, face) <= room for line in told)


def test_chinese_and_english_can_be_set_and_half_a_name_in_another_script_is_none() -> None:
    for text in (
        "藏青色双排扣羊毛大衣 男款",
        "Navy wool coat, ½ price · €39",
        "繁體中文連衣裙",
        "Blåbær café – 4½″",
    ):
        assert settable(text) == text
    assert settable("เสื้อโค้ทขนสัตว์") == "" and settable("معطف صوف") == ""
    assert settable("Wool 🧥 coat\u202e\x1b[31m") == "Wool coat"
    assert settable("Women’s “best” coat…") == 'Women\'s "best" coat...'


def test_a_long_name_ends_in_dots_and_a_line_does_not_begin_with_a_closing_mark() -> None:
    face = font("sans", 24)
    long = lines("驼色系带羊毛大衣，" * 20, face, 300, 2)
    assert len(long) == 2 and long[-1].endswith("…") and not any(line.startswith("，") for line in long)
    assert lines("Superbly extravagantly longwinded wool overcoat", face, 200, 2)[-1].endswith("...")


@pytest.mark.parametrize("color", ["#fdfdfd", "#0b0b0c", "#e9e2d6", "#c9bda9", "#dfe3e7"])
def test_the_ground_is_one_that_the_garments_do_not_sink_into(color: str) -> None:
    chosen = ground.choose([garment(color)], [color])
    assert np.linalg.norm(ground.lab_of(chosen) - ground.lab_of(color)) > ground.SINKS


def test_the_ground_suits_the_colours() -> None:
    warm, cool = (ground.choose([garment(c)], [c]) for c in ("#b5532d", "#2d5fb5"))
    assert ground.lab_of(warm)[2] > ground.lab_of(cool)[2]
    assert all(choice in table()["grounds"] for choice in (warm, cool))


def test_the_strip_has_each_colour_once() -> None:
    assert ground.strip(["#101010", "#121213", "#a02020", "#a32222", "#f0f0f0"]) == [
        "#101010",
        "#a02020",
        "#f0f0f0",
    ]
    assert ground.main_color(garment("#204080")).startswith("#") and ground.main_color(
        Image.new("RGBA", (9, 9), (0, 0, 0, 0))
    )


@pytest.fixture(scope="module")
def hard() -> Board:
    """All that is hard at once: names, prices, shapes, pictures that are none."""
    noise = np.random.default_rng(1).integers(0, 255, (90, 900, 3), dtype=np.uint8)
    long = "Superbly Extravagantly Longwinded Merino Wool-Blend Overcoat With Detachable Hood " * 9
    return Board(
        (
            BoardPiece(
                "outer", "coat", garment("#0a0a0a"), long, "¥123,456,789,012.00", was="¥999,999,999,999.00"
            ),
            BoardPiece(
                "top", "shirt", garment("#ffffff", (900, 20)), "<script>alert(1)</script>\u202e", "$0.00"
            ),
            BoardPiece(
                "bottom", "pants", Image.fromarray(noise), "加大" * 60, "", mark="你的" * 40, note="已售罄"
            ),
            BoardPiece("shoes", "boots", Image.new("RGB", (3, 900), "teal"), "ไทย"),
            BoardPiece("bag", "bag", Image.new("RGBA", (1, 1), (9, 9, 9, 255)), ""),
            BoardPiece("accessory", "hat", None, "No picture 草帽", "$1", tint="#ffffff"),
            BoardPiece("", "lamp", None, "", tint="#000000"),
            BoardPiece("outer", "lamp", Image.new("RGBA", (60, 60), (0, 0, 0, 0)), "nothing to see"),
            BoardPiece("strange", "", garment("#cc3355", (20, 900)), "thin"),
        ),
        title="一个非常非常长的名字" * 12,
        shop="A Shop With A Very Long Name " * 5,
        total="¥123,456,789,012,345,678.00",
        total_label="整套" * 30,
    )


def test_the_same_board_is_the_same_picture(hard: Board) -> None:
    one, two = compose(hard), compose(hard)
    assert one.size == (1080, 1350) and one.mode == "RGB" and one.tobytes() == two.tobytes()


def test_nothing_at_all_makes_a_board() -> None:
    assert compose(Board((BoardPiece("", "", None, ""),))).size == (1080, 1350)


def test_a_mark_and_a_price_are_seen_on_the_board() -> None:
    plain = BoardPiece("top", "shirt", garment("#3060a0"), "Shirt")
    bare, priced, marked = (
        np.asarray(compose(Board((piece,))), np.int16)
        for piece in (
            plain,
            BoardPiece("top", "shirt", garment("#3060a0"), "Shirt", price="$9.00"),
            BoardPiece("top", "shirt", garment("#3060a0"), "Shirt", mark="yours"),
        )
    )
    assert (np.abs(bare - marked).max(-1) > 40).sum() > 150
    assert (np.abs(bare - priced).max(-1) > 40).sum() > 100
