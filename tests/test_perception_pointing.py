"""Words that point at one garment of a photo."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception import captioner, pointing
from perception.look import Garment, Look
from perception.order import in_order
from perception.pointing import Pointing
from perception.wording import read

# A top above jeans, shoes below them, a hat at the right.
GARMENTS = [
    Garment(box=(0.2, 0.05, 0.6, 0.45), category="longsleeve", colors=["navy"]),
    Garment(box=(0.2, 0.45, 0.6, 0.85), category="pants", kind="jeans", colors=["blue"]),
    Garment(box=(0.3, 0.85, 0.5, 0.98), category="shoes", colors=["white"]),
    Garment(box=(0.8, 0.1, 0.98, 0.3), category="hat", colors=["black"]),
]


def index(words: str) -> int | None:
    found = [f.pointing for f in pointing.find(read(words).text)]
    return pointing.resolve(found[0] if found else None, GARMENTS)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("what colour are the shoes?", 2),
        ("is the one on the right black", 3),
        ("the jeans in the photo", 1),
        ("what about the trousers", 1),
        ("the white one", 2),
        ("下面那条是什么颜色", 1),
        ("下面那双多少钱", 2),
        ("右边那顶", 3),
        ("鞋是什么颜色的", 2),
        ("照片里的裤子", 1),
        ("最上面那件", 0),
        ("另一件呢", 1),
        ("what colour is it", 0),
        ("the scarf", None),
        ("what is the bag made of", None),
    ],
)
def test_points_at(words: str, meant: int | None) -> None:
    assert index(words) == meant


@given(
    st.lists(
        st.tuples(st.floats(0, 0.4), st.floats(0, 0.4), st.floats(0.6, 1), st.floats(0.6, 1)),
        min_size=1,
        max_size=5,
    )
)
def test_the_nth_garment_is_the_nth_as_people_count_them(
    boxes: list[tuple[float, float, float, float]],
) -> None:
    garments = [Garment(box=box, category="shirt") for box in boxes]
    order = in_order(boxes)
    assert sorted(order) == [*range(len(boxes))]
    meant = [pointing.resolve(Pointing(n=n), garments) for n in range(1, len(boxes) + 1)]
    assert meant == order and pointing.resolve(Pointing(n=-1), garments) == order[-1]


def test_garments_are_counted_from_the_left_or_downwards() -> None:
    left, right = (0.0, 0.2, 0.4, 0.9), (0.6, 0.1, 1.0, 0.8)
    above, below = (0.3, 0.0, 0.7, 0.5), (0.2, 0.5, 0.8, 1.0)
    assert in_order([right, left]) == [1, 0] and in_order([below, above]) == [1, 0] and in_order([]) == []


@pytest.mark.parametrize(
    ("setting", "said"),
    [("worn", "a hat, with a shirt and a skirt"), (None, "hat, with a shirt and a skirt")],
)
def test_a_caption_lists_garments_in_the_order_of_their_numbers(setting: str | None, said: str) -> None:
    kinds = (("skirt", 0.7), ("shirt", 0.35), ("hat", 0.0))
    garments = [Garment(box=(0.2, top, 0.8, top + 0.3), category=kind) for kind, top in kinds]
    assert said in captioner.caption(Look(photo="p", garments=garments, setting=setting), "en")


def test_one_garment_has_no_other() -> None:
    other = pointing.find(read("the other one").text)[0].pointing
    assert pointing.resolve(other, GARMENTS[:1]) is None
    assert pointing.resolve(None, []) is None


@pytest.mark.parametrize(
    "words", ["is this a dress or a skirt", "这是衬衫吗", "有没有帽子", "how many are there"]
)
def test_what_asks_points_at_nothing(words: str) -> None:
    assert not pointing.find(read(words).text)
