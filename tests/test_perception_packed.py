"""A sight comes back from bytes as it went in, and bytes of another kind run nothing."""

import io
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from perception.color import Colors, Named
from perception.garments import Reading
from perception.packed import packed, unpacked
from perception.sight import GarmentSight, Sight


def garment(seed: int, finer: tuple[str, float] | None) -> GarmentSight:
    draw = np.random.default_rng(seed)
    reading = Reading({"category": {"dress": np.float32(0.7), "skirt": 0.3}}, {"bag": 0.1}, finer)  # type: ignore[dict-item]
    return GarmentSight(
        reading,
        Colors([Named("navy", 0.9), Named("white", 0.1)], 0.8),
        (0.0, 0.1, 0.5, 1.0),
        draw.random(9, np.float32),
        draw.random(5, np.float32),
        draw.random(7).astype(np.float16),
    )


def test_it_comes_back_as_it_went_in() -> None:
    sight = Sight((garment(1, ("sneakers", 0.6)), garment(2, None)), False, {"studio": 0.9})
    again = unpacked(packed(sight))
    for one, other in zip(sight.garments, again.garments, strict=True):
        for name in ("image", "shared", "details"):
            here, there = getattr(one, name), getattr(other, name)
            assert here.dtype == there.dtype
            assert np.array_equal(here, there)
        assert (one.box, one.colors, one.reading.finer) == (other.box, other.colors, other.reading.finer)
        assert other.reading.scores["category"] == pytest.approx(one.reading.scores["category"])
    assert replace(again, garments=()) == replace(sight, garments=())


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def test_a_pickle_in_its_place_is_not_run(tmp_path: Path) -> None:
    trap = Trap(tmp_path / "sprung")
    with pytest.raises((ValueError, KeyError, OSError)):
        unpacked(pickle.dumps(trap))
    inside = io.BytesIO()
    np.savez(inside, sight=np.array([trap], dtype=object))
    with pytest.raises((ValueError, KeyError, OSError)):
        unpacked(inside.getvalue())
    assert not trap.path.exists()
