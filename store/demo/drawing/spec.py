"""What there is to draw: one garment in one colourway."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Spec:
    """A garment to draw. `kind` is a taxonomy leaf (it chooses the silhouette), `color` the main cloth and `second`,
    `third` the pattern's or trim's colours as "#rrggbb"; attributes have the taxonomy's values. `details` are
    options of the silhouette (fit, hem, pockets, motif ...). Same spec, same picture."""

    kind: str
    color: str
    second: str = "#f6f5f1"
    third: str = "#c22a2e"
    pattern: str = "plain"
    material: str = "cotton"
    sleeve: str | None = None
    neckline: str | None = None
    length: str | None = None
    kids: bool = False
    men: bool = False
    details: dict[str, Any] = field(default_factory=dict, hash=False)
    seed: int = 0

    def get(self, name: str, default: Any = None) -> Any:
        """An option of the silhouette."""
        return self.details.get(name, default)
