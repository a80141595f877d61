"""Judgements of the demo catalogue: the rules of tests/data/search_queries.jsonl, spelt out as grades.

    python -m tests.graded DEMO_SHOP       writes tests/data/search_graded.jsonl, for `daogou eval search`

Each line of the rules is a shopper's need, said once in Chinese and once in English, with what would answer it, thought
out from the records and never from what a search found: 3 what was meant, 2 a good substitute, 1 the right kind of
thing. A rule names attributes of the record as they are stored; nothing of store/ is used to read it. What is made for
children is worth 1 at most unless the rule speaks of them. Half of the needs, by a hash of their number, are held out:
no weight, no word and no rule of the search is chosen on them.
"""

import argparse
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
NEEDS, GRADED = DATA / "search_queries.jsonl", DATA / "search_graded.jsonl"
LISTS = {"season", "occasion", "style"}
Rule = Mapping[str, Any]


def needs() -> list[dict[str, Any]]:
    """The needs, in the order of the file."""
    return [json.loads(line) for line in NEEDS.read_text(encoding="utf-8").splitlines()]


def part(need: str) -> str:
    """Which half a need belongs to: `tuned` or `held`."""
    return "held" if hashlib.sha256(need.encode()).digest()[0] % 2 else "tuned"


def grade(need: Mapping[str, Any], product: Mapping[str, Any]) -> int:
    """0..3 for a product in its JSON form."""
    for level in sorted(need["grades"], reverse=True):
        rules = need["grades"][level]
        met = [rule for rule in (rules if isinstance(rules, list) else [rules]) if holds(rule, product)]
        if met:
            grown_up = product.get("age_group") != "kids" or any("age" in rule for rule in met)
            return int(level) if grown_up else min(int(level), 1)
    return 0


def holds(rule: Rule, product: Mapping[str, Any]) -> bool:
    """True when every condition of the rule holds; under `not`, none may."""
    refused = rule.get("not", {})
    return all(_one(name, wanted, product) for name, wanted in rule.items() if name != "not") and not any(
        _one(name, wanted, product) for name, wanted in refused.items()
    )


def _one(name: str, wanted: Any, product: Mapping[str, Any]) -> bool:
    price = Decimal((product.get("sale_price") or product["price"])["amount"])
    if name == "max":
        return price <= wanted
    if name == "min":
        return price >= wanted
    if name == "sale":
        return product.get("sale_price") is not None
    if name == "text":
        texts = (*product["title"].values(), *product["description"].values())
        return any(re.search(wanted, text) for text in texts)
    values = set(wanted) if isinstance(wanted, list) else {wanted}
    return "any" in values if name == "age" and "any" in values else bool(values & _held(name, product))


def _held(name: str, product: Mapping[str, Any]) -> set[str]:
    if name == "category":
        return set(product["categories"])
    if name == "main":
        return set(product["colors"][:1]) | {v["color"] for v in product["variants"]}
    if name == "color":
        return set(product["colors"]) | {v["color"] for v in product["variants"]}
    if name == "gender":
        return {"women", "men", "unisex"} if product["gender"] == "unisex" else {product.get("gender")}
    if name == "age":
        return {product.get("age_group")}
    if name == "size":
        return {size["size"] for size in product["sizes"] if size["quantity"]}
    if name in LISTS:
        return set(product[name])
    if name not in {"pattern", "material", "sleeve", "neckline", "length", "brand"}:
        raise ValueError(f"a rule speaks of {name!r}")
    return {product.get(name)} - {None}


def graded(products: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    """A line of the graded file for each query: both languages of every need."""
    every = list(products)
    for need in needs():
        grades = {p["id"]: found for p in every if (found := grade(need, p))}
        for lang in ("zh", "en"):
            yield {
                "query": need[lang],
                "lang": lang,
                "kind": need["kind"],
                "part": part(need["need"]),
                "need": need["need"],
                "grades": grades,
            }


def main() -> None:
    from agent.assistant import Assistant
    from agent.settings import Settings

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    assistant = Assistant.open(Settings(data=parser.parse_args().data))
    products = [p.model_dump(mode="json") for p in assistant.products()]
    lines = [json.dumps(line, ensure_ascii=False) for line in graded(products)]
    GRADED.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
