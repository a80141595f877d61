"""What was seen of a picture as bytes, to be sent and kept: plain data, which runs nothing when it is read."""

import io
import json
from dataclasses import asdict
from typing import Any

import numpy as np

from perception.color import Colors, Named
from perception.garments import Reading
from perception.sight import GarmentSight, Sight

_ARRAYS = ("image", "shared", "details")
_REST = "sight"


def packed(sight: Sight) -> bytes:
    """The sight as an npz file: the arrays of each garment, and the rest as JSON."""
    files: dict[str, Any] = {
        f"{n}.{name}": getattr(g, name) for n, g in enumerate(sight.garments) for name in _ARRAYS
    }
    rest = {
        "nothing": sight.nothing,
        "setting": sight.setting,
        "garments": [
            {"reading": asdict(g.reading), "colors": asdict(g.colors), "box": list(g.box)}
            for g in sight.garments
        ],
    }
    files[_REST] = np.frombuffer(json.dumps(rest, default=float).encode(), np.uint8)
    out = io.BytesIO()
    np.savez(out, **files)
    return out.getvalue()


def unpacked(data: bytes) -> Sight:
    """The sight that was packed. Raises ValueError, KeyError or OSError for other bytes."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        rest: dict[str, Any] = json.loads(file[_REST].tobytes())
        garments = tuple(
            GarmentSight(
                reading=_reading(told["reading"]),
                colors=Colors([Named(**one) for one in told["colors"]["named"]], told["colors"]["sure"]),
                box=tuple(told["box"]),
                **{name: file[f"{n}.{name}"] for name in _ARRAYS},
            )
            for n, told in enumerate(rest["garments"])
        )
    return Sight(garments, rest["nothing"], rest["setting"])


def _reading(told: dict[str, Any]) -> Reading:
    return Reading(told["scores"], told["outside"], tuple(told["finer"]) if told["finer"] else None)
