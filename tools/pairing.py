"""Whether two garments go together, by the rules of outfits: of one photo, a photo and a product, or only named."""

from collections.abc import Sequence

from perception import captioner, pointing
from perception.look import Garment, Look
from perception.pointing import Pointing
from perception.questions import Asked
from prompts import say, taxonomy
from store.types import Product
from tools import outfits
from tools.outfits import Piece
from tools.results import Answer

GOES, CLASHES = 0.6, 0.5  # pair scores from which two pieces go together, and below which they do not
TRUST = 0.8  # how far a rule of thumb is trusted
SURE = 1.0


def seen(garment: Garment) -> Piece:
    """The piece that a garment of a photo is."""
    return Piece(garment.kind or garment.category, tuple(garment.colors), garment.pattern)


def in_photo(look: Look, asked: Asked, product: Product | None, lang: str) -> Answer:
    """Whether a garment of the photo goes with what the question names: a product given, another garment of the photo,
    or something described ("black shoes"). Source "unknown" where one of the two is missing."""
    about = look.photo
    if not look.garments:
        return _unknown(about, say("seen", "answer.nothing", lang))
    partner = asked.partner
    if product is not None:
        index = pointing.resolve(asked.at, look.garments) or 0
        return _verdict(
            about, asked, _told(look, index, lang), Piece.of(product), product.title.get(lang), lang
        )
    index, other = _two(look.garments, asked.at, partner)
    if other is not None:
        second = look.garments[other]
        name = captioner.the_noun(look, other, lang)
        return _verdict(about, asked, _told(look, index, lang), seen(second), name, lang, _p(second))
    piece = _described(partner)
    if piece is None:
        key = (
            "answer.match_alone" if partner is None or not partner.categories else "record.goes.which_colour"
        )
        file, key = ("seen", key) if key.startswith("answer") else ("record", key.removeprefix("record."))
        return _unknown(about, say(file, key, lang))
    return _verdict(about, asked, _told(look, index, lang), piece, _words(piece, lang), lang)


def of_product(product: Product, asked: Asked, lang: str) -> Answer:
    """Whether a product goes with what the question describes."""
    piece = _described(asked.partner)
    if piece is None:
        key = "goes.which_colour" if asked.partner and asked.partner.categories else "goes.with_what"
        return _unknown(product.id, say("record", key, lang))
    own = (Piece.of(product), product.title.get(lang), SURE)
    return _verdict(product.id, asked, own, piece, _words(piece, lang), lang).model_copy(
        update={"source": "catalog"}
    )


def _told(look: Look, index: int, lang: str) -> tuple[Piece, str, float]:
    garment = look.garments[index]
    return seen(garment), captioner.the_noun(look, index, lang), _p(garment)


def _p(garment: Garment) -> float:
    return min(garment.confidence.get("category", 0.5), garment.confidence.get("color", 0.5))


def _two(
    garments: Sequence[Garment], at: Pointing | None, partner: Pointing | None
) -> tuple[int, int | None]:
    """Indices of the garment asked about and of its partner in the photo; None where no other one is meant."""
    first = pointing.resolve(at, garments) or 0
    if partner is None:
        return first, None
    second = pointing.resolve(partner, garments)
    if second == first and (partner.other or at is None):
        rest = [i for i in range(len(garments)) if i != first]
        if partner.other:
            second = rest[0] if rest else None
        elif (
            partner.categories and not partner.colors and rest
        ):  # "these trousers" are the main garment itself
            first = rest[0]
    if second == first or (second is not None and not _named_so(garments[second], partner)):
        return first, None
    return first, second


def _named_so(garment: Garment, partner: Pointing) -> bool:
    """Not "a skirt" where the photo has jeans, not "black shoes" where it has white ones."""
    own = [c for c in (garment.kind, garment.category) if c]
    called = any(taxonomy.is_a(o, c) or taxonomy.is_a(c, o) for o in own for c in partner.categories)
    colored = not partner.colors or bool(set(partner.colors) & set(garment.colors))
    return not partner.categories or (called and colored)


def _described(partner: Pointing | None) -> Piece | None:
    if partner is None or not partner.categories or not partner.colors:
        return None
    return Piece(partner.categories[0], partner.colors, None)


def _words(piece: Piece, lang: str) -> str:
    color = taxonomy.word("color", piece.colors[0], lang)
    kind = captioner.noun(piece.category, lang).removeprefix("pair of ").removeprefix("piece of ")
    return f"{color}{kind}" if lang == "zh" else f"{color} {kind}"


def _verdict(
    about: str,
    asked: Asked,
    own: tuple[Piece, str, float],
    other: Piece,
    name: str,
    lang: str,
    p: float = SURE,
) -> Answer:
    piece, mine, sure = own
    confidence = round(min(sure, p) * TRUST, 3)
    values = {"a": mine[:1].upper() + mine[1:], "b": name}
    if piece.slot == other.slot and piece.slot in ("bottom", "shoes", "onepiece"):
        text = say("record", "goes.same_place", lang, **values)
        return Answer(about=about, answer=text, value=False, source="image", confidence=confidence)
    pairing = outfits.pair(piece, other)
    if not piece.colors or not other.colors:
        return _unknown(about, say("record", "goes.which_colour", lang))
    reason = pairing.reason(lang)
    reason = reason[:1].lower() + reason[1:]
    key = "yes" if pairing.score >= GOES else "no" if pairing.score < CLASHES else "maybe"
    text = say(
        "record",
        f"goes.{key}_because" if reason and key == "yes" else f"goes.{key}",
        lang,
        reason=reason,
        **values,
    )
    verdict = {"yes": True, "no": False}.get(key)
    return Answer(about=about, answer=text, value=verdict, source="image", confidence=confidence)


def _unknown(about: str, text: str) -> Answer:
    return Answer(about=about, answer=text, source="unknown", confidence=0.0)
