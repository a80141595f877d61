"""A sentence or two for a look, in zh or en: never more than was recognised."""

from collections.abc import Sequence

from perception import suits
from perception.look import Garment, Look
from perception.order import in_order
from perception.quality import Trouble
from perception.wording import HAN
from prompts import load, say, taxonomy

HEDGE_BELOW = 0.6
NAMED = 4  # garments that a caption names
APART = (
    0.25  # how far the middles of two garments lie apart, in the photo's sides, to be told above or beside
)
SUITS = 2  # points from which a caption says what the main garment suits
# What the noun says already is not said again.
_IMPLIED = {
    ("t-shirt", "sleeve", "short"), ("longsleeve", "sleeve", "long"), ("shirt", "sleeve", "long"),
    ("shirt", "neckline", "collar"), ("outwear", "sleeve", "long"), ("t-shirt", "neckline", "crew"),
    ("pants", "length", "maxi"), ("jeans", "material", "denim"), ("jeans", "length", "maxi"),
    ("hoodie", "neckline", "hooded"), ("hoodie", "sleeve", "long"), ("sweatshirt", "sleeve", "long"),
    ("sweater", "material", "knit"), ("sweater", "sleeve", "long"), ("cardigan", "material", "knit"),
    ("cardigan", "sleeve", "long"), ("puffer", "material", "down"), ("blouse", "sleeve", "long"),
    ("tank", "sleeve", "sleeveless"), ("vest", "sleeve", "sleeveless"), ("beanie", "material", "knit"),
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


def any_noun(category: str, lang: str, word: str = "") -> str:
    """What is looked for and not seen: "a dress", 连衣裙; in zh by the shopper's own `word`, where there is one."""
    if lang == "en":
        return with_article(noun(category, lang), category, lang)
    return word if HAN.search(word) else noun(category, lang)


def is_plural(garment: Garment) -> bool:
    """True for what English has in pairs: trousers, shoes."""
    return noun(garment.kind or garment.category, "en").startswith("pair of ")


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
    name, neck = noun(category, lang), part("neckline", garment.neckline)
    if lang == "en" and name.startswith("pair of "):
        body = "pair of " + " ".join(p for p in (*before, name.removeprefix("pair of ")) if p)
    elif lang == "en":
        body = " ".join(p for p in (*before, name) if p)
    else:
        colours = before[0] + ("的" if before[0] and len(garment.colors) > 1 else "")
        body = colours + "".join(before[1:]) + neck + name
    if neck and lang == "en":
        body = f"{body} {neck}"
    return with_article(body, category, lang)


def joined(phrases: Sequence[str], lang: str) -> str:
    """ "a shirt", "a shirt and a hat", "a shirt, a hat and a bag"."""
    if len(phrases) < 2:
        return "".join(phrases)
    several = load("seen")["caption"]["several"]
    return str(several["comma"][lang].join(phrases[:-1]) + several["last"][lang] + phrases[-1])


def occasion(attribute: str, value: str, lang: str) -> str:
    """A season or an occasion inside a sentence: "a job interview", 面试."""
    entry = load("tools")["occasions"].get(value) if attribute == "occasion" else None
    return str(entry[lang]) if entry else taxonomy.word(attribute, value, lang)


def the_noun(look: Look, index: int, lang: str) -> str:
    """A garment of the look told from the others: "the shirt", "the shirt on the left"."""
    garment = look.garments[index]
    bare = noun(garment.kind or garment.category, lang)
    for counted in ("pair of ", "piece of "):
        bare = bare.removeprefix(counted) if lang == "en" else bare
    alike = [
        g
        for g in look.garments
        if noun(g.kind or g.category, lang) == noun(garment.kind or garment.category, lang)
    ]
    if len(alike) < 2:
        return say("seen", "the", lang, noun=bare)
    return say("seen", f"the_placed.{_place(garment, alike)}", lang, noun=bare)


def _middle(garment: Garment) -> tuple[float, float]:
    left, top, right, bottom = garment.box
    return (left + right) / 2, (top + bottom) / 2


def _place(garment: Garment, among: Sequence[Garment]) -> str:
    x = [_middle(g)[0] for g in among]
    y = [_middle(g)[1] for g in among]
    wide = max(x) - min(x) >= max(y) - min(y)
    own, all_, ends = (
        (_middle(garment)[0], x, ("left", "right")) if wide else (_middle(garment)[1], y, ("top", "bottom"))
    )
    return ends[0] if own == min(all_) else ends[1] if own == max(all_) else "middle"


def _together(look: Look, lang: str) -> str:
    """The garments as one noun phrase: "a navy top above a pair of blue jeans"."""
    garments = look.garments[:NAMED]
    phrases = [phrase(g, lang) for g in garments]
    if len(garments) == 1:
        return phrases[0]
    several = load("seen")["caption"]["several"]
    if len(garments) == 2 and look.setting != "worn":
        (x0, y0), (x1, y1) = _middle(garments[0]), _middle(garments[1])
        if abs(y0 - y1) >= APART and abs(y0 - y1) >= abs(x0 - x1):
            first, second = phrases if y0 < y1 else phrases[::-1]
            return str(several["above"][lang]).format(first, second)
        if abs(x0 - x1) >= APART:
            first, second = phrases if x0 < x1 else phrases[::-1]
            return str(several["beside"][lang]).format(first, second)
    phrases = [phrases[i] for i in in_order([g.box for g in garments])]
    return str(several["list"][lang]).format(phrases[0], joined(phrases[1:], lang))


def caption(look: Look, lang: str, trouble: Trouble | None = None) -> str:
    """One sentence a person would write under the photo; where it shows nothing to wear, why that may be (`trouble`:
    what makes it hard to see)."""
    if not look.garments:
        return say("seen", f"caption.hard.{trouble}" if trouble else "caption.nothing", lang)
    what = _together(look, lang)
    sure = look.garments[0].confidence.get("category", 1.0) >= HEDGE_BELOW
    if look.setting == "worn":
        what = say("seen", "caption.worn" if sure else "caption.worn_hedged", lang, what=what)
        return say("seen", "caption.sure", lang, what=what)
    setting = _part("setting", look.setting, lang)
    if setting:
        what = f"{what}, {setting}" if lang == "en" else f"{what}，{setting}"
    if sure and lang == "en":
        what = what[0].upper() + what[1:]
    return say("seen", "caption.sure" if sure else "caption.hedged", lang, what=what)


def _mood(garment: Garment, lang: str) -> str:
    """How it comes across, by the table of prompts/seen.yaml; empty where too little was recognised."""
    own = {
        "pattern": garment.pattern,
        "material": garment.material,
        "category": garment.category,
        "color": garment.colors[0] if garment.colors else None,
    }
    for entry in load("seen")["caption"]["moods"]:
        if all(own[attribute] in values for attribute, values in entry["when"].items()):
            return str(entry[lang])
    return ""


def impression(look: Look, lang: str) -> str:
    """A sentence on mood and on what it would suit; empty where neither follows from what was recognised."""
    main = look.garments[0]
    if main.confidence.get("category", 1.0) < HEDGE_BELOW:
        return ""
    told = joined([occasion("occasion", v, lang) for v in suits.best(main, "occasion", SUITS)[:2]], lang)
    season = next(iter(suits.best(main, "season", SUITS)), None)
    if told and season:
        told = say("seen", "caption.in_season", lang, suits=told, season=occasion("season", season, lang))
    mood = _mood(main, lang)
    if not mood:
        return say("seen", "caption.suits_alone", lang, suits=told) if told else ""
    key = "caption.mood_many" if len(look.garments) > 1 else "caption.mood"
    mood = say("seen", key, lang, mood=mood)
    if not told:
        return say("seen", "caption.sure", lang, what=mood)
    return say("seen", "caption.suits", lang, mood=mood, suits=told)


def description(look: Look, lang: str, unsure: list[str], trouble: Trouble | None = None) -> str:
    """The caption, how it comes across and what it suits, what is written on it, and what the photo does not tell
    (`unsure`: names of attributes; `trouble`: what makes it hard to see)."""
    if not look.garments:
        return caption(look, lang, trouble)
    parts = [caption(look, lang), impression(look, lang)]
    if look.text:
        parts.append(say("seen", "caption.reads", lang, text=look.text))
    if unsure:
        words = [say("seen", f"caption.attribute.{a}", lang) for a in unsure]
        last = " or " if lang == "en" else "和"
        what = (", " if lang == "en" else "、").join(words[:-1]) + (last if words[:-1] else "") + words[-1]
        parts.append(say("seen", "caption.unsure", lang, what=what))
    if trouble:
        parts.append(say("seen", f"caption.hard.{trouble}", lang))
    return ("" if lang == "zh" else " ").join(p for p in parts if p)
