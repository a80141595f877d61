"""The order in which people count the garments of a photo: from left to right, or from the top down where they lie
above one another. "The second one", the numbers on a photo and captions go by it; a look has its main garment first."""

from collections.abc import Sequence

Box = tuple[float, float, float, float]


def in_order(boxes: Sequence[Box]) -> list[int]:
    """The places of `boxes` (left, top, right, bottom; any unit that both axes share) as people count them."""
    xs = [left + right for left, _, right, _ in boxes]
    ys = [top + bottom for _, top, _, bottom in boxes]
    if not boxes:
        return []
    along = xs if max(xs) - min(xs) >= max(ys) - min(ys) else ys
    return sorted(range(len(boxes)), key=along.__getitem__)
