"""What perception says of a photo: values only."""

from pydantic import BaseModel


class Garment(BaseModel):
    """One garment. `box`: [left, top, right, bottom] as fractions 0..1 of the upright photo. `colors`: main first, 1–3;
    `shares`: of the garment, 0..1, one for each. `kind`: a finer leaf below the category (sneakers for shoes), where
    one was seen. An attribute that is not sure enough is None. `confidence`: calibrated probability per attribute
    given."""

    box: tuple[float, float, float, float]
    category: str
    kind: str | None = None
    colors: list[str] = []
    shares: list[float] = []
    pattern: str | None = None
    sleeve: str | None = None
    neckline: str | None = None
    length: str | None = None
    material: str | None = None
    confidence: dict[str, float] = {}


class Look(BaseModel):
    """A photo as seen: the main garment first; none when nothing wearable was recognised. `text`: what was read."""

    photo: str
    caption: str = ""
    garments: list[Garment] = []
    setting: str | None = None
    text: str = ""
