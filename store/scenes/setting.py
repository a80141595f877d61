"""What a painted place is: the picture and its light."""

from dataclasses import dataclass, field

import numpy as np

Array = np.ndarray


@dataclass(frozen=True)
class Setting:
    """A place to show a product in. `picture`: (1000, 800, 3) linear light. `base`: the height in pixels at which
    things stand. `key`, `fill`: (3,) colour and strength of the main light and of the light from all around, white and
    1 in a studio; `side`: where the main light comes from, -1 left to 1 right; `low`: how low it stands, 0..1: longer
    shadows; `ahead`: how far shadows fall towards the eye, as a share of a thing's height; `shadow`: how dark they
    are; `mirror`: how much the ground reflects; `wall`: how near a wall is that takes a shadow, 0 none; `rail`: what
    garments hang on; `air`: light between eye and product, as in haze."""

    picture: Array
    base: float
    key: Array
    fill: Array
    side: float
    low: float = 0.4
    ahead: float = 0.1
    shadow: float = 0.6
    mirror: float = 0.0
    wall: float = 0.0
    rail: str = "oak"
    air: Array = field(default_factory=lambda: np.zeros(3, np.float32))
