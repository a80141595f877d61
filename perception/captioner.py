"""One sentence for a look, in zh or en: never more than was recognised."""

from perception.look import Garment, Look
from prompts import load, say, taxonomy

HEDGE_BELOW = 0.6
# What the noun says already is not said again.
_IMPLIED = {
    ("t-shirt", "sleeve", "short"), ("longsleeve", "sleeve", "long"), ("shirt", "sleeve", "long"),
    ("shirt", "neckline", "collar"), ("outwear", "sleeve", "long"), ("t-shirt", "neckline", "crew"),
    ("pants", "length", "maxi"), ("jeans", "material", "denim"), ("jeans", "length", "maxi"),
}  # fmt: skip


def _part(attribute: str, value: str | None, lang: str) -> str:
    entry = load("seen")["caption"].get(attribute, {}).get(value) if value else None
    return str(entry[lang]) if entry else ""


def noun(category: str, lang: str) -> str:
    """ "pair of trousers", "长裤"."""
    entry = load("seen")["caption"]["noun"].get(category)
    return str(entry[lang]) if entry else taxonomy.word("category", category, lang)


def with_article(phrase: str, category: str, lang: str) -> str:
    """ "a shirt", "an orange hat", "一件衬衫"."""
    if lang == "zh":
        entry = load("seen")["caption"]["noun"].get(category)
        return f"一{entry['measure'] if entry else '件'}{phrase}"
    return f"{'an' if phrase[:1].lower() in 'aeio' else 'a'} {phrase}"


def a_noun(garment: Garment, lang: str) -> str:
    """The garment's bare name with its article."""
    category = garment.kind or garment.category
    return with_article(noun(category, lang), category, lang)


def colors_phrase(colors: list[str], lang: str) -> str:
    """ "navy", "navy and white", "navy, white and red"; 藏青色配白色."""
    words = [taxonomy.word("color", c, lang) for c in colors]
    if len(words) < 2:
        return words[0] if words else ""
    first = "、".join(words[:-1]) if lang == "zh" else ", ".join(words[:-1])
    return str(load("seen")["caption"]["and"][lang]).format(first, words[-1])


def phrase(garment: Garment, lang: str) -> str:
    """The garment as a noun phrase with all that is known: "a navy and white striped long-sleeved top"."""
    category = garment.kind or garment.category

    def part(attribute: str, value: str | None) -> str:
        if value is None or {(category, attribute, value), (garment.category, attribute, value)} & _IMPLIED:
            return ""
        return _part(attribute, value, lang)

    pattern = (
        "" if garment.pattern in ("plain", "other") and garment.colors else part("pattern", garment.pattern)
    )
    if garment.pattern == "other":
        pattern = _part("pattern", "other", lang)
    length = part("length", garment.length) if garment.category in ("dress", "skirt") else ""
    before = [
        colors_phrase(garment.colors, lang), pattern, part("material", garment.material), length,
        part("sleeve", garment.sleeve),
    ]  # fmt: skip
    name = noun(category, lang)
    if lang == "en" and name.startswith("pair of "):
        body = "pair of " + " ".join(p for p in (*before, name.removeprefix("pair of ")) if p)
    elif lang == "en":
        body = " ".join(p for p in (*before, name) if p)
    else:
        colours = before[0] + ("的" if before[0] and len(garment.colors) > 1 else "")
        body = colours + "".join(before[1:]) + name
    neck = part("neckline", garment.neckline)
    if neck:
        body = f"{body} {neck}" if lang == "en" else f"{neck}{body}" if not before[0] else f"{body}（{neck}）"
    return with_article(body, category, lang)


def caption(look: Look, lang: str) -> str:
    """One sentence a person would write under the photo."""
    if not look.garments:
        return say("seen", "caption.nothing", lang)
    main = look.garments[0]
    what = phrase(main, lang)
    setting = _part("setting", look.setting, lang)
    if setting:
        what = f"{what}, {setting}" if lang == "en" else f"{what}，{setting}"
    sure = main.confidence.get("category", 1.0) >= HEDGE_BELOW
    if sure and lang == "en":
        what = what[0].upper() + what[1:]
    return say("seen", "caption.sure" if sure else "caption.hedged", lang, what=what)


def description(look: Look, lang: str, unsure: list[str]) -> str:
    """The caption, what is written on it, and what the photo does not tell (names of attributes)."""
    parts = [caption(look, lang)]
    if look.text:
        parts.append(say("seen", "caption.reads", lang, text=look.text))
    if unsure and look.garments:
        words = [say("seen", f"caption.attribute.{a}", lang) for a in unsure]
        last = " or " if lang == "en" else "和"
        what = (", " if lang == "en" else "、").join(words[:-1]) + (last if words[:-1] else "") + words[-1]
        parts.append(say("seen", "caption.unsure", lang, what=what))
    return ("" if lang == "zh" else " ").join(parts)
