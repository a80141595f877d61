"""How dressed a piece is, 0 (sport, home) to 4 (black tie): what the score knows of formality, in looks' own steps."""

from tools.styling.piece import Piece
from tools.styling.traits import traits

STEPS = 4 / 10  # the score counts to ten


def level(piece: Piece) -> float | None:
    """None for a kind that is not known."""
    known = traits(piece).rank.level
    return None if known is None else known * STEPS
