"""Whether two garments go together, by the rules of outfits: of one photo, a photo and a product, or only named."""

from collections.abc import Sequence

from perception import captioner, pointing
from perception.look import Garment, Look
from perception.pointing import Pointing
from perception.questions import Asked
from prompts import say, taxonomy
from store.types import Product
from tools.results import Answer
from tools.styling.piece import Piece
from tools.styling.score import CLASHES, GOES, pair

TRUST = 0.8  # how far a rule of thumb is trusted
SURE = 1.0


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
        return _verdict(about, asked, _told(look, index, lang), Piece.seen(second), name, lang, _p(second))
    piece = _described(partner)
    if piece is None:
        return _unknown(about, say("seen", "answer.match_alone", lang))
    return _verdict(about, asked, _told(look, index, lang), piece, _words(piece, lang), lang)


def of_product(product: Product, asked: Asked, lang: str) -> Answer:
    """Whether a product goes with what the question describes."""
    piece = _described(asked.partner)
    if piece is None:
        return _unknown(product.id, say("record", "goes.with_what", lang))
    own = (Piece.of(product), product.title.get(lang), SURE)
    told = _verdict(product.id, asked, own, piece, _words(piece, lang), lang)
    return told if told.source == "unknown" else told.model_copy(update={"source": "catalog"})


def _told(look: Look, index: int, lang: str) -> tuple[Piece, str, float]:
    garment = look.garments[index]
    return Piece.seen(garment), captioner.the_noun(look, index, lang), _p(garment)


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
    if partner is None or not partner.categories:
        return None
    return Piece(partner.categories[0], partner.colors)


def _words(piece: Piece, lang: str) -> str:
    kind = captioner.noun(piece.category, lang).removeprefix("pair of ").removeprefix("piece of ")
    if not piece.colors:
        return kind
    color = taxonomy.word("color", piece.colors[0], lang)
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
    pairing = pair(piece, other)
    key = "yes" if pairing.score >= GOES else "no" if pairing.score < CLASHES else "maybe"
    if not (piece.colors and other.colors) and key != "no":  # no colour mends a suit with flip-flops
        return _unknown(about, say("record", "goes.which_colour", lang))
    reason = pairing.reason(lang)
    reason = reason[:1].lower() + reason[1:]
    text = say(
        "record",
        f"goes.{key}_because" if reason and key != "maybe" else f"goes.{key}",
        lang,
        reason=reason,
        **values,
    )
    verdict = {"yes": True, "no": False}.get(key)
    return Answer(about=about, answer=text, value=verdict, source="image", confidence=confidence)


def _unknown(about: str, text: str) -> Answer:
    return Answer(about=about, answer=text, source="unknown", confidence=0.0)
