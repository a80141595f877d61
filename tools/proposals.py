"""What perception proposes of a product's picture where the shop's record says nothing.

Marked as seen, never mixed with the record: `Product.seen`. Only of things that are worn, and only of the garment that
the record names: a photo of trousers shows shoes as well, and a sofa may look like a bag.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from PIL import Image

from perception.look import Garment, Look
from prompts import taxonomy
from store.types import Product

SURE = 0.9  # of the category, where the record has none
ATTRIBUTES = ("colors", "pattern", "material", "sleeve", "neckline", "length")


class Sees(Protocol):
    """What is asked of the eyes."""

    def shown(self, images: Sequence[Image.Image]) -> list[Look]:
        """What each picture shows, main garment first."""
        ...


def proposals(
    eyes: Sees, products: Sequence[Product], pictures: Sequence[Image.Image]
) -> list[dict[str, Any]]:
    """For each product what is seen of it in its picture and missing in its record: {"colors": ["navy"], "pattern":
    "striped", "confidence": {"colors": 0.9, "pattern": 0.8}}; empty where nothing is sure enough."""
    looks = eyes.shown(pictures)
    return [_proposal(product, look) for product, look in zip(products, looks, strict=True)]


def _proposal(product: Product, look: Look) -> dict[str, Any]:
    garment = _meant(product, look)
    if garment is None:
        return {}
    seen: dict[str, Any] = {}
    confidence: dict[str, float] = {}
    for attribute in ATTRIBUTES:
        value = getattr(garment, attribute)
        if value and not getattr(product, attribute):
            seen[attribute] = value
            sure = garment.confidence.get("color" if attribute == "colors" else attribute)
            if sure is not None:
                confidence[attribute] = sure
    if product.category not in taxonomy.values("category"):
        seen["category"] = garment.kind or garment.category
        confidence["category"] = garment.confidence.get("category", 0.0)
    return seen | {"confidence": confidence} if seen else {}


def _meant(product: Product, look: Look) -> Garment | None:
    """The garment of the picture that is the product: of its kind, else none; of a product without a kind the main one,
    where it is surely a garment."""
    if product.category in taxonomy.values("category"):
        root = taxonomy.ancestors(product.category)[0]
        return next((g for g in look.garments if taxonomy.ancestors(g.category)[0] == root), None)
    sure = [g for g in look.garments[:1] if g.confidence.get("category", 0.0) >= SURE]
    return sure[0] if sure and not product.path else None
