# ruff: noqa: E501 (records are read more easily on few lines)
"""Conversations with known results, to hold sentences against: tests/data/grounding*.yaml say which are true in each."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from agent.planner.lexicon import Lexicon
from prompts import say, taxonomy

DATA = [
    Path(__file__).parent / "data" / name
    for name in (
        "grounding.yaml", "grounding_more.yaml", "grounding_second.yaml", "grounding_held.yaml",
        *(f"grounding_demo{part}.yaml" for part in ("", "_second", "_third", "_fourth", "_held")),
    )
]  # fmt: skip
RECORDED = Path(__file__).parent / "data" / "grounding_demo_shop.json"
BRANDS = (
    "Mori", "Northlane", "Velden", "木林", "北巷", "Tidal",
    "Halden & Rowe", "Juniper Lane", "North Quay", "Mori Atelier", "Tidewell", "Ostra", "Casa Lune", "Inkwell Street",
)  # fmt: skip
LEXICON = Lexicon(brands=BRANDS)


@dataclass(frozen=True)
class Case:
    """One sentence of a scene; `held`: nothing was tuned by it."""

    scene: str
    text: str
    true: bool
    held: bool


def price(amount: float, currency: str = "USD") -> dict[str, str]:
    sign = "¥" if currency == "CNY" else "$"
    return {"amount": f"{amount:.2f}", "currency": currency, "text": f"{sign}{amount:.2f}"}


def card(
    lang: str, product: str, name: str, brand: str, category: str, colors: list[str], cost: float, *,
    sale: float | None = None, sizes: dict[str, int] | None = None, rating: float | None = None, reviews: int = 0,
    details: dict[str, Any] | None = None, **attributes: Any,
) -> dict[str, Any]:  # fmt: skip
    """A product card as the tools make it."""
    currency = "CNY" if lang == "zh" else "USD"
    joint = say("tools", "why.and", lang)
    labelled = {"color": colors, **{k: v if isinstance(v, list) else [v] for k, v in attributes.items()}}
    return {
        "id": product, "name": name, "brand": brand, "category": category, "colors": colors,
        "price": price(cost, currency), "sale_price": price(sale, currency) if sale else None,
        "image": f"{product}.webp", "images": [f"{product}.webp"],
        "in_stock": any((sizes or {"": 1}).values()),
        "sizes": [{"size": s, "in_stock": n > 0, "quantity": n} for s, n in (sizes or {}).items()],
        "rating": rating, "rating_count": reviews, "why": "", "details": details, "slot": None, "nearest": False,
        "attributes": {
            say("tools", f"labels.{a}", lang): joint.join(taxonomy.word(a, v, lang) for v in values)
            for a, values in labelled.items()
        },
    }  # fmt: skip


def asked(text: str, lang: str = "en", **extra: Any) -> HumanMessage:
    return HumanMessage(
        text, additional_kwargs={"text": text, "photos": [], "focus": None, "lang": lang, **extra}
    )


def did(tool: str, artifact: dict[str, Any], **args: Any) -> list[AnyMessage]:
    """A call and its result."""
    call = f"call-{tool}-{len(str(artifact))}"
    return [
        AIMessage("", tool_calls=[{"name": tool, "args": args, "id": call}]),
        ToolMessage("done", tool_call_id=call, name=tool, artifact=artifact),
    ]


def products(items: Sequence[dict[str, Any]], total: int | None = None) -> dict[str, Any]:
    return {
        "type": "products",
        "items": list(items),
        "total": total or len(items),
        "query": {},
        "relaxed": [],
    }


def cart(lines: list[tuple[dict[str, Any], str, int]], **more: Any) -> dict[str, Any]:
    made = [
        {
            "id": c["id"], "name": c["name"], "size": size, "quantity": n,
            "price": c["sale_price"] or c["price"], "image": None,
        }
        for c, size, n in lines
    ]  # fmt: skip
    total = sum(float(line["price"]["amount"]) * line["quantity"] for line in made)
    currency = made[0]["price"]["currency"] if made else "USD"
    return {"type": "cart", "lines": made, "total": price(total, currency) if made else None, **more}


DRESSES = [
    card("en", "D0011", "Harbour linen dress", "Mori", "dress", ["lightblue"], 59.00,
         sizes={"S": 2, "M": 4, "L": 0}, rating=4.6, reviews=128, pattern="plain", material="linen",
         sleeve="sleeveless", neckline="vneck", length="midi", season=["summer"], occasion=["wedding", "date"]),
    card("en", "D0012", "Juniper wrap dress", "Northlane", "dress", ["green"], 79.00, sale=63.20,
         sizes={"S": 0, "M": 1, "L": 3}, rating=4.2, reviews=41, pattern="floral", material="viscose",
         sleeve="short", neckline="vneck", length="knee", season=["spring", "summer"], occasion=["wedding", "party"]),
    card("en", "D0013", "Ember satin slip", "Velden", "dress", ["red"], 75.00,
         sizes={"XS": 0, "S": 0, "M": 0}, rating=4.8, reviews=302, pattern="plain", material="satin",
         sleeve="sleeveless", neckline="straps", length="maxi", season=["summer"], occasion=["party"]),
    card("en", "D0014", "Cove shirt dress", "Mori", "dress", ["white", "blue"], 48.50,
         sizes={"S": 6, "M": 6, "L": 6, "XL": 6}, pattern="striped", material="cotton",
         sleeve="short", neckline="collar", length="knee", season=["summer"]),
]  # fmt: skip
HARBOUR = DRESSES[0] | {
    "details": {
        "description": "Woven from French flax. Two side pockets and a full lining. Cut for a relaxed fit.",
        "care": "Machine wash at 30 °C. Do not tumble dry.",
        "size_chart": {"S": {"chest": 86.0}, "M": {"chest": 92.0}, "L": {"chest": 98.0}},
        "url": "https://shop.example/p/D0011",
    }
}
JACKETS = [
    card("zh", "Z0021", "山岚连帽夹克", "木林", "jacket", ["olive"], 420, sizes={"M": 3, "L": 0, "XL": 5},
         rating=4.5, reviews=86, pattern="plain", material="nylon", sleeve="long", neckline="hooded",
         season=["autumn", "spring"], occasion=["outdoor"]),
    card("zh", "Z0022", "晚秋羊毛大衣", "北巷", "coat", ["beige"], 899, sale=719.20, sizes={"S": 1, "M": 2},
         rating=4.7, reviews=210, pattern="plain", material="wool", sleeve="long", neckline="collar",
         length="midi", season=["winter"]),
    card("zh", "Z0023", "晴川牛仔外套", "木林", "jacket", ["blue"], 359, sizes={"M": 0, "L": 0},
         pattern="plain", material="denim", sleeve="long", neckline="collar", season=["autumn"]),
]  # fmt: skip
SHANLAN = JACKETS[0] | {
    "details": {
        "description": "面料防泼水，带两个拉链口袋，帽子可拆卸。",
        "care": "30°C 机洗，不可干洗。",
        "size_chart": {"M": {"chest": 108.0}, "L": {"chest": 112.0}, "XL": {"chest": 116.0}},
        "url": None,
    }
}
SHOES = [
    card("en", "S0031", "Tidal canvas sneaker", "Tidal", "sneakers", ["white"], 55.00,
         sizes={"38": 2, "39": 5, "40": 0}, rating=4.4, reviews=75, material="canvas", pattern="plain"),
    card("en", "S0032", "Quarry suede boot", "Northlane", "boots", ["brown"], 120.00,
         sizes={"38": 1, "39": 1, "41": 4}, rating=4.4, reviews=18, material="suede", pattern="plain"),
]  # fmt: skip
SHIPPING = {
    "type": "policy", "topic": "shipping", "title": "Shipping",
    "passage": "Orders over 60 USD ship free; below that shipping is 5 USD. Standard delivery takes 2-4 working days. "
    "Express delivery costs 12 USD and arrives the next working day. We deliver to 38 countries. "
    "Write to help@shop.example or call 020 7946 0018.",
}  # fmt: skip
RETURNS_ZH = {
    "type": "policy", "topic": "returns", "title": "退货",
    "passage": "收货后 30 天内可退货，商品需未穿着并保留吊牌。退货免运费。我们收到后 3 个工作日内原路退款。泳衣拆封后不能退。",
}  # fmt: skip
PHOTO = {
    "id": "ab" * 8,
    "look": {
        "caption": "A blue and white striped shirt laid flat",
        "garments": [{"category": "shirt", "colors": ["blue", "white"], "pattern": "striped", "sleeve": "long",
                      "neckline": "collar"}],
    },
}  # fmt: skip
SHIRTS = [
    card("en", "T0041", "Breton cotton tee", "Mori", "t-shirt", ["navy", "white"], 25.00, sizes={"S": 3, "M": 3},
         rating=4.1, reviews=12, pattern="striped", material="cotton", sleeve="short", neckline="crew"),
    card("en", "T0042", "Clifton striped shirt", "Velden", "shirt", ["blue", "white"], 45.00, sizes={"M": 2, "L": 2},
         rating=4.9, reviews=9, pattern="striped", material="cotton", sleeve="long", neckline="collar"),
]  # fmt: skip
SCENES: dict[str, list[AnyMessage]] = {
    "dresses": [
        asked("A silk dress for a summer wedding, under $80. I wear M."),
        *did("search_catalog", products(DRESSES, 9), query="dress"),
    ],
    "harbour": [
        asked("A dress for a summer wedding"),
        *did("search_catalog", products(DRESSES, 9), query="dress"),
        AIMessage("Here are four dresses."),
        asked("Tell me more about the first one. How is shipping?"),
        *did("product_details", products([HARBOUR]), product="D0011"),
        *did("shop_policy", SHIPPING, question="shipping"),
    ],
    "jackets": [
        asked("想要一件防水的外套，800 以内，我穿 L 码", "zh"),
        *did("search_catalog", products(JACKETS, 12), query="外套"),
    ],
    "shanlan": [
        asked("想要一件外套", "zh"),
        *did("search_catalog", products(JACKETS, 12), query="外套"),
        AIMessage("看看这几件。"),
        asked("第一件怎么样？要 M 码的，加购物车。能退吗？", "zh"),
        *did("product_details", products([SHANLAN]), product="Z0021"),
        *did("cart", cart([(JACKETS[0], "M", 1)]), action="add", product="Z0021", size="M"),
        *did("shop_policy", RETURNS_ZH, question="能退吗"),
    ],
    "shoes": [
        asked("Compare the canvas sneakers with the suede boots and add the sneakers in 39, two pairs"),
        *did("search_catalog", products(SHOES), query="shoes"),
        *did(
            "compare",
            {"type": "comparison", "items": SHOES, "rows": [
                {"label": "Price", "values": ["$55.00", "$120.00"]},
                {"label": "Material", "values": ["canvas", "suede"]},
                {"label": "Rating", "values": ["4.4 of 5 (75 reviews)", "4.4 of 5 (18 reviews)"]},
            ]},
            products=["S0031", "S0032"],
        ),
        *did("cart", cart([(SHOES[0], "39", 2)]), action="add", product="S0031", size="39", quantity=2),
    ],
    "nothing": [asked("hi, do you have a membership?")],
    "photo": [
        asked("something like this", photos=[PHOTO]),
        *did("search_catalog", products(SHIRTS, 2), photo=PHOTO["id"]),
    ],
}  # fmt: skip


def recorded() -> dict[str, list[AnyMessage]]:
    """Conversations that were had with the demo shop: what was asked, and what its tools returned."""
    data = json.loads(RECORDED.read_text(encoding="utf-8"))

    def whole(node: Any) -> Any:
        if isinstance(node, dict) and "card" in node:
            kept = data["cards"][node["card"]]
            sizes = [{"size": s, "quantity": n, "in_stock": n > 0} for s, n in kept["sizes"]]
            return kept | {"sizes": sizes, "details": node.get("details")}
        if isinstance(node, dict):
            return {key: whole(value) for key, value in node.items()}
        return [whole(value) for value in node] if isinstance(node, list) else node

    made: dict[str, list[AnyMessage]] = {}
    for name, turns in data["scenes"].items():
        made[name] = []
        for turn in turns:
            if "asked" in turn:
                made[name].append(asked(turn["asked"], turn["lang"] or "en"))
            elif "said" in turn:
                made[name].append(AIMessage(turn["said"]))
            else:
                made[name] += did(turn["tool"], whole(turn["artifact"]), **turn["args"])
    return made


SCENES |= recorded()


@cache
def cases() -> list[Case]:
    """All sentences; those of the files so named are held out."""
    return [
        Case(scene, text, kind == "true", path.stem.endswith("held"))
        for path in DATA
        for scene, lists in yaml.safe_load(path.read_text(encoding="utf-8")).items()
        for kind in ("true", "untrue")
        for text in lists[kind]
    ]
