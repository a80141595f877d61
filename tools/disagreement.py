"""Where a product's picture shows something else than its record: only what is surely seen, and never a neighbour."""

from perception import captioner, pointing
from perception.look import Garment, Look
from perception.values import alike
from prompts import load, taxonomy
from store.types import Product

SURE = {"color": 0.8, "category": 0.97}  # for the others:
OTHERWISE = 0.92
_FIELDS = {"color": "colors", "category": "category"}


def seen(product: Product, look: Look, attribute: str, lang: str) -> str | None:
    """What the picture shows of `attribute`, in words, where it is not what the record says; else None."""
    if not look.garments:
        return None
    garment = look.garments[0]
    if garment.confidence.get(attribute, 0.0) < SURE.get(attribute, OTHERWISE):
        return None
    if attribute != "category" and not pointing.compatible(garment.category, product.category):
        return None  # it looks at something else than the product
    if attribute == "color":
        return _color(product, garment, lang)
    if attribute == "category":
        if pointing.compatible(garment.category, product.category) or _near(garment, product):
            return None
        return captioner.a_noun(garment, lang)
    recorded, shown = getattr(product, attribute), getattr(garment, attribute, None)
    if shown is None or recorded is None or alike(attribute, shown, recorded):
        return None
    entry = load("seen")["caption"].get(attribute, {}).get(shown)
    return str(entry[lang]) if entry else taxonomy.word(attribute, shown, lang)


def _color(product: Product, garment: Garment, lang: str) -> str | None:
    shown = garment.colors[0] if garment.colors else None
    if shown is None or "multicolour" in (shown, *product.colors):
        return None
    if any(alike("color", shown, c) for c in product.colors):
        return None
    return taxonomy.word("color", shown, lang)


def _near(garment: Garment, product: Product) -> bool:
    """Kinds that the ten classes of the network do not part: a suit is seen as outerwear or trousers."""
    known = {"tops", "bottoms", "onepiece", "outwear", "shoes", "hat"}
    return not known & set(taxonomy.ancestors(product.category)) or product.category in ("suit", "jumpsuit")
