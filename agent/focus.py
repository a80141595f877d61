"""What a shopper points at with a message: a product on its card, or a garment in a photo of theirs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from perception.captioner import joined, noun, the_noun, with_article
from perception.look import Look
from perception.order import Box, in_order
from prompts import load, say, taxonomy


class InPhoto(BaseModel):
    """A garment of a photo of this conversation. `garment`: its place in the photo's look, 0 the main one. Two garments
    of a photo may share every word there is for them, so a touch is told by place and not by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    photo: str = Field(max_length=64)
    garment: int = Field(default=0, ge=0)


Focus = str | InPhoto
"""A product id, or a garment in a photo."""


def look_with(looks: Iterable[tuple[str, dict[str, Any]]], pointed: InPhoto) -> dict[str, Any] | None:
    """The look that has the garment pointed at, from (photo id, look) pairs; None when there is none."""
    for photo, look in looks:
        if photo == pointed.photo and pointed.garment < len(look.get("garments") or []):
            return look
    return None


def counted(boxes: Sequence[Box | None]) -> list[int]:
    """The places of a look's garments in the order in which people count them; as they stand, where the box of one is
    not known."""
    known = [box for box in boxes if box is not None]
    return in_order(known) if len(known) == len(boxes) else list(range(len(boxes)))


def tells_why(caption: str | None, lang: str) -> bool:
    """True for a caption that says why a photo is hard to see: too dark, too small, blurred."""
    return caption in [words[lang] for words in load("seen")["caption"]["hard"].values()]


def garment_name(garment: Mapping[str, Any], lang: str) -> str:
    """A garment in a few words, without an article: "navy striped shirt", "藏青色条纹衬衫"."""
    colors, pattern = garment.get("colors") or [], garment.get("pattern")
    parts = [taxonomy.word("color", str(colors[0]), lang)] if colors else []
    if pattern and pattern not in ("plain", "other"):
        known = load("seen")["caption"]["pattern"].get(pattern)
        parts.append(str(known[lang]) if known else taxonomy.word("pattern", str(pattern), lang))
    kind = noun(_kind(garment), lang)
    parts.append(kind.removeprefix("pair of ").removeprefix("piece of ") if lang == "en" else kind)
    return ("" if lang == "zh" else " ").join(part for part in parts if part)


def named_together(garments: Sequence[Mapping[str, Any]], lang: str) -> str:
    """Garments in a list: "navy jeans and a white T-shirt", "一条藏青色牛仔裤和一件白色T恤"."""
    names = []
    for garment in garments:
        name, kind = garment_name(garment, lang), _kind(garment)
        uncounted = lang == "en" and noun(kind, lang).startswith(("pair of ", "piece of "))
        names.append(name if uncounted else with_article(name, kind, lang))
    return joined(names, lang)


def told_apart(garments: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    """Each garment of a photo in words that mean no other one: "the navy trousers"; where two would be called the same,
    by their places: "the T-shirt on the left". Its pattern, which is seldom said, is left out."""
    names = [that_garment({**garment, "pattern": None}, lang) for garment in garments]
    look = Look.model_validate({"photo": "", "garments": list(garments)})
    return [n if names.count(n) == 1 else the_noun(look, i, lang) for i, n in enumerate(names)]


def that_garment(garment: Mapping[str, Any], lang: str) -> str:
    """The garment as pointed at: "the navy striped shirt", "这件藏青色条纹衬衫"."""
    nouns = load("seen")["caption"]["noun"]
    measures = [nouns[c]["measure"] for c in taxonomy.ancestors(_kind(garment)) if c in nouns]
    measure = measures[-1] if measures else "件"
    return say("session", "that_garment", lang, measure=measure, name=garment_name(garment, lang))


def _kind(garment: Mapping[str, Any]) -> str:
    return str(garment.get("kind") or garment.get("category") or "")
