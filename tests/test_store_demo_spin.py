"""Products in the round: every kind turns about itself, stands in the studio and keeps its colours."""

import numpy as np
import pytest

from store.demo import catalog
from store.demo.drawing import Spec, webp
from store.demo.drawing.geometry import rgb
from store.demo.spin import SHAPES, NoSpin, frames

SMALL = {"width": 96, "height": 120}


def _specs() -> dict[str, tuple[Spec, str]]:
    """One spec of the shop for each silhouette that has styles of its own, and its backdrop."""
    found: dict[str, tuple[Spec, str]] = {}
    for entry in catalog.entries().values():
        spec = entry.spec
        if spec.kind in SHAPES:
            style = next(
                (
                    spec.get(k)
                    for k in ("shoe", "boot", "heel", "loafer", "sandal", "bag", "dress")
                    if spec.get(k)
                ),
                "",
            )
            found.setdefault(
                f"{spec.kind}-{style}-{spec.neckline or ''}-{spec.get('bucket', '')}", (spec, entry.backdrop)
            )
    return found


SPECS = _specs()
KINDS = {name.split("-")[0]: name for name in reversed(SPECS)}  # one of each


def _array(picture) -> np.ndarray:
    return np.asarray(picture, np.float32)


@pytest.mark.parametrize("name", sorted(KINDS.values()))
def test_every_shape_is_in_the_picture_from_all_sides(name: str) -> None:
    spec, backdrop = SPECS[name]
    turn = [_array(f) for f in frames(spec, 4, **SMALL, backdrop=backdrop)]
    assert [f.shape for f in turn] == [(120, 96, 3)] * 4
    room = np.median([f[:6].mean((0, 1)) for f in turn], 0)
    for frame in turn:
        border = np.concatenate(
            [frame[:3].reshape(-1, 3), frame[:, :2].reshape(-1, 3), frame[:, -2:].reshape(-1, 3)]
        )
        assert np.abs(border - room).max() < 60, "nothing is cut off by the frame"
        product = np.abs(frame - room).max(-1) > 60
        assert 0.015 < product.mean() < 0.75


def test_it_turns_and_comes_back() -> None:
    spec, _ = SPECS["sneakers-court--"]
    turn = [_array(f) for f in frames(spec, 8, **SMALL)]
    steps = [np.abs(turn[k] - turn[(k + 1) % 8]).mean() for k in range(8)]
    assert min(steps) > 1.0
    assert np.abs(turn[0] - turn[4]).mean() > max(steps) * 0.5, "the other side is another picture"


def test_the_front_comes_first_and_turns_to_the_products_left() -> None:
    """The cap's peak points at the viewer, then to the viewer's right, which is the product's left."""
    spec = Spec(kind="cap", color="#1f2b4b")
    front, left, _, right = (_array(f) for f in frames(spec, 4, **SMALL))
    low = slice(60, 84)

    def reach(frame: np.ndarray) -> tuple[int, int]:
        columns = np.flatnonzero((frame[low].sum(-1) < 300).any(0))
        return 48 - int(columns.min()), int(columns.max()) - 48

    assert abs(np.subtract(*reach(front))) <= 3
    wide_left, wide_right = reach(left), reach(right)
    assert sum(wide_left) > sum(reach(front)) * 1.2
    crown = _array(frames(spec, 4, **SMALL)[1])[30:50].sum(-1) < 300
    assert np.flatnonzero(crown.any(0)).mean() < 48 < 48 + wide_left[1]
    assert sum(wide_right) == pytest.approx(sum(wide_left), abs=4)


def test_the_same_spec_gives_the_same_frames() -> None:
    spec, _ = SPECS["dress-flare-crew-"]
    once, again = frames(spec, 2, **SMALL), frames(spec, 2, **SMALL)
    assert [f.tobytes() for f in once] == [f.tobytes() for f in again]


@pytest.mark.parametrize(
    ("kind", "color"), [("sneakers", "#c22a2e"), ("tote", "#2d62b4"), ("dress", "#2f7d4f")]
)
def test_it_has_the_colour_of_its_spec(kind: str, color: str) -> None:
    frame = _array(frames(Spec(kind=kind, color=color, seed=4), 1, **SMALL)[0])
    room = frame[:6].mean((0, 1))
    product = frame[np.abs(frame - room).max(-1) > 70]
    middle = np.median(product, 0)
    assert np.argmax(middle) == np.argmax(rgb(color))


def test_stripes_are_seen() -> None:
    plain = Spec(kind="dress", color="#f5f4ef", neckline="crew", length="knee")
    striped = Spec(
        kind="dress", color="#f5f4ef", second="#1f2b4b", pattern="striped", neckline="crew", length="knee"
    )
    a, b = (_array(frames(s, 1, **SMALL)[0]) for s in (plain, striped))
    box = (slice(50, 80), slice(40, 56))
    assert b[box].std() > 3 * a[box].std()


def test_a_frame_is_light_to_send() -> None:
    spec, backdrop = SPECS["dress-wrap-vneck-"]
    assert len(webp(frames(spec, 1, backdrop=backdrop)[0], 74)) < 25_000


def test_what_has_no_shape_is_refused() -> None:
    with pytest.raises(NoSpin, match="'scarf'"):
        frames(Spec(kind="scarf", color="#c22a2e"), 1, **SMALL)
