"""The demo catalogue as data: designs x colourways -> products, the same at every run."""

import random
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from prompts import taxonomy
from store.demo import gallery, sizes
from store.demo.drawing.spec import Spec
from store.types import Money, Product, Size, Text, Variant

HERE = Path(__file__).parent
SEED = 20240607
WHO = {
    "women": ("women", "adult"),
    "men": ("men", "adult"),
    "unisex": ("unisex", "adult"),
    "girls": ("women", "kids"),
    "boys": ("men", "kids"),
    "kids": ("unisex", "kids"),
}
CARE = {
    "wool": "delicate",
    "cashmere": "delicate",
    "silk": "delicate",
    "chiffon": "delicate",
    "satin": "delicate",
    "knit": "delicate",
    "leather": "leather",
    "suede": "suede",
    "down": "down",
    "straw": "wipe",
    "rubber": "wipe",
    "metal": "metal",
    "fur": "delicate",
    "velvet": "delicate",
    "lace": "delicate",
}


@dataclass(frozen=True)
class Entry:
    """A product with what is needed to draw it."""

    product: Product
    spec: Spec
    backdrop: str


@cache
def read(name: str) -> Any:
    """One of this package's YAML files."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((HERE / f"{name}.yaml").read_text(encoding="utf-8"), Loader=loader)


@cache
def entries() -> dict[str, Entry]:
    """Every product of the shop by id, in order."""
    out: dict[str, Entry] = {}
    for design in read("designs"):
        looks = design["looks"]
        for k, look in enumerate(looks[:1] if design.get("one") else looks):
            pid = f"D{len(out) + 1:04d}"
            out[pid] = _entry(pid, design, look, k)
    return out


def _entry(pid: str, design: dict[str, Any], look: list[str], k: int) -> Entry:
    rnd = random.Random(f"{SEED}:{design['key']}:{'-'.join(look)}")
    palette = read("palette")
    gender, age = WHO[design["who"]]
    kids = age == "kids"
    pattern = design.get("pattern", "plain")
    price = Decimal(design["price"])
    sale = _sale(price, rnd)
    chart = sizes.chart(design["cat"], gender, kids)
    stock = _stock(list(chart), rnd)
    title = {lang: _title(design[lang], look, lang) for lang in ("zh", "en")}
    views = gallery.views(pid, design["cat"], design["occasion"], kids)
    product = Product(
        id=pid,
        title=Text(**title),
        description=_description(design, look, rnd, kids),
        brand=design["brand"],
        category=design["cat"],
        colors=_colors(design, look, pattern),
        pattern=pattern,
        material=design["material"],
        sleeve=design.get("sleeve"),
        neckline=design.get("neck"),
        length=design.get("length"),
        gender=gender,
        age_group=age,
        season=design["season"],
        occasion=design["occasion"],
        style=design["style"],
        price=Money(amount=price),
        sale_price=Money(amount=sale) if sale else None,
        availability="in_stock" if any(s.quantity for s in stock) else "out_of_stock",
        sizes=stock,
        variants=_variants(pid, design, rnd),
        size_chart={name: row for name, row in chart.items() if row},
        care=Text(**read("words")["care"][_care(design)]),
        rating=round(min(5.0, max(3.1, rnd.gauss(4.35, 0.38))), 1),
        rating_count=int(rnd.lognormvariate(3.6, 1.1)) + 3,
        images=list(views),
        views=views,
        spin=gallery.turn(pid, design["cat"]),
    )
    shades = [palette[s][1] for s in look]
    spec = Spec(
        kind=design["cat"],
        color=shades[0],
        second=shades[1] if len(shades) > 1 else "#f5f4ef",
        third=shades[2] if len(shades) > 2 else shades[-1],
        pattern=pattern,
        material=design["material"],
        sleeve=design.get("sleeve"),
        neckline=design.get("neck"),
        length=design.get("length"),
        kids=kids,
        men=(gender == "men" and not kids) or (gender == "unisex" and not kids),
        details=design.get("d", {}),
        seed=rnd.randrange(1000),
    )
    return Entry(product, spec, read("brands")[design["brand"]]["backdrop"])


def _title(template: str, look: list[str], lang: str) -> str:
    words = [str(read("palette")[s][2 if lang == "zh" else 3]) for s in look]
    c, c2 = words[0], words[1] if len(words) > 1 else ""
    if (lang == "zh" and "{c}{c2}" in template) or "{c2}{c}" in template:
        c, c2 = (c.removesuffix("色"), c2) if "{c}{c2}" in template else (c, c2.removesuffix("色"))
    text = template.format(c=c, c2=c2)
    return text[0].upper() + text[1:]


def _colors(design: dict[str, Any], look: list[str], pattern: str) -> list[str]:
    """Canonical colours that cover a fair part of the product: the ground first."""
    count = 1
    if pattern in ("striped", "colourblock", "dotted", "graphic") or design.get("accent"):
        count = 2
    if pattern in ("checked", "floral", "camouflage") or design.get("d", {}).get("third_block"):
        count = 3
    if pattern == "checked" and design.get("d", {}).get("checks") in ("houndstooth", "window"):
        count = 2
    if pattern == "animal":
        count = 3
    shades = look[:count]
    if design.get("swap"):
        shades = shades[::-1]
    return list(dict.fromkeys(read("palette")[s][0] for s in shades))


def _sale(price: Decimal, rnd: random.Random) -> Decimal | None:
    if rnd.random() > 0.24:
        return None
    cut = price * Decimal(rnd.choice(("0.85", "0.8", "0.75", "0.7", "0.6")))
    return (cut.quantize(Decimal(1)) - Decimal("0.10")).quantize(Decimal("0.01"))


def _stock(names: list[str], rnd: random.Random) -> list[Size]:
    """Middle sizes are stocked deeper; about one size in eight has sold out, and one product in eighteen."""
    gone = rnd.random() < 0.055
    mid = (len(names) - 1) / 2
    out = []
    for i, name in enumerate(names):
        depth = 14 - 3 * abs(i - mid) if len(names) > 1 else 20
        quantity = (
            0
            if gone or (rnd.random() < 0.13 and len(names) > 1)
            else max(1, round(rnd.uniform(0.3, 1.4) * max(depth, 3)))
        )
        out.append(Size(size=name, quantity=quantity))
    return out


def _variants(pid: str, design: dict[str, Any], rnd: random.Random) -> list[Variant]:
    if not design.get("one"):
        return []
    colors = [read("palette")[look[0]][0] for look in design["looks"]]
    return [
        Variant(id=f"{pid}-{c}", color=c, quantity=rnd.choice((0, 3, 6, 9, 14)) if i else 8)
        for i, c in enumerate(colors)
    ]


def _care(design: dict[str, Any]) -> str:
    cat, material = design["cat"], design["material"]
    if cat == "swimwear":
        return "swim"
    if cat in ("coat", "blazer", "suit") and material == "wool":
        return "dry"
    if taxonomy.is_a(cat, "bag") and material in ("nylon", "canvas"):
        return "wipe"
    if material == "canvas" or (taxonomy.is_a(cat, "shoes") and material in ("polyester", "nylon")):
        return "canvas"
    return CARE.get(material, "wash")


def _description(design: dict[str, Any], look: list[str], rnd: random.Random, kids: bool) -> Text:
    """The design's own words, then one or two sentences on cloth, colour or fit, never the same mix in a row."""
    words = read("words")
    color = read("palette")[look[0]][0]
    who = "shoes" if taxonomy.is_a(design["cat"], "shoes") else "kids" if kids else design["who"]
    sized = design["cat"] != "jeans" and not any(
        taxonomy.is_a(design["cat"], c) for c in ("bag", "accessories")
    )
    kinds = ["fabric", "color"] + (["fit"] if sized else [])
    if design.get("one") or taxonomy.is_a(design["cat"], "jewellery"):
        kinds.remove("color")
    rnd.shuffle(kinds)
    kinds = kinds[: rnd.choice((1, 2, 2))]
    picks = {}
    for kind in kinds:
        pool = words[kind].get({"fabric": design["material"], "color": color, "fit": who}[kind])
        if pool:
            picks[kind] = rnd.random()
    first = "color" in picks and rnd.random() < 0.35
    out = {}
    for lang in ("zh", "en"):
        extra = {}
        for kind, at in picks.items():
            pool = words[kind][{"fabric": design["material"], "color": color, "fit": who}[kind]]
            extra[kind] = pool[lang][int(at * min(len(pool["zh"]), len(pool["en"])))]
        story = design["zhd" if lang == "zh" else "end"]
        order = [extra.pop("color")] if first else []
        parts = [*order, story, *extra.values()]
        out[lang] = ("" if lang == "zh" else " ").join(parts)
    return Text(**out)
