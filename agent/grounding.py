"""Is a reply true? Every price, product and count it states must come from a tool result of this conversation.

Used on every model's reply before a shopper sees it; what is not backed is taken out, sentence by sentence.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from langchain_core.messages import AnyMessage, HumanMessage, ToolMessage

from agent.planner.numbers import digits
from prompts import taxonomy

_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_CODES = "USD|CNY|RMB|EUR|GBP|JPY|KRW|HKD|TWD|SGD|AUD|CAD|CHF|INR|THB|VND"
_AMOUNT = re.compile(
    rf"(?:[$¥￥€£₩₹฿₫₽]|{_CODES})[ \t]?({_NUMBER})"
    rf"|({_NUMBER})[ \t]?(?:dollars?|bucks|yuan|euros?|pounds?|yen|won|元|块|美元|美金|刀|欧元|英镑|日元|{_CODES})"
    # two decimals are money even without a sign: "only 39.99"
    r"|(?<![\d.,])(\d[\d,]*\.\d{2})(?![\d%]|[ \t]?(?:cm|kg|km|厘米|公斤|分|stars?|of 5|out of))",
    re.IGNORECASE,
)
_BARE = re.compile(_NUMBER)
_LIMIT_BEFORE = re.compile(
    r"(?:under|below|within|up to|over|above|around|about|budget|按|不超过|预算|低于|高于)[^.。，,]{0,12}$",
    re.I,
)
_LIMIT_AFTER = re.compile(r"^\s*(?:or less|or under|budget|以内|以下|以上|左右|上下|预算)")
_DISCOUNT = re.compile(r"(\d{1,2})\s?% (?:off|discount|less|cheaper)|(\d(?:\.\d)?)\s?折", re.IGNORECASE)
_NAMED = re.compile(
    r"\*\*([^*\n]{3,80})\*\*|「([^」\n]{2,60})」|“([^”\n]{2,80})”|\"([^\"\n]{3,80})\"|《([^》\n]{2,60})》"
)
# "the Velvet Moon gown": a name of its own before what it is
_PROPER = re.compile(r"(?<![.!?] )(?<!^)\b((?:[A-Z][a-z]+[ -]){2,4})(?=([a-z-]+))")
_TITLE = re.compile(r"[A-Z][\w'-]+(?: [A-Z][\w'-]+)+")
_ID = re.compile(r"\b[A-Z]{1,4}-?\d{3,}\b")
_COUNT = re.compile(
    r"(\d+|[一二两三四五六七八九十]+)\s?(?:件|款|双|条|顶|套|个(?:选择|商品))"
    r"|\b(\d+)\s(?:\w+\s){0,3}?(?:options?|products?|items?|pieces?|results?|picks?|looks?|styles?|matches)\b",
    re.IGNORECASE,
)
_STOCK = re.compile(
    r"\b(\d+) (?:(?:are |is )?(?:left|in stock|remaining|available))|(?:只剩|仅剩|还剩|库存)\s?(\d+)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^。！？!?\n]*?(?:[。！？!?]+[”」\"']?|\.(?=\s|$)|\n|$)")
_HAN = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"两": 2}


@dataclass(frozen=True)
class Facts:
    """What the tools returned, and what the shopper said, in this conversation."""

    amounts: frozenset[Decimal]
    names: frozenset[str]
    ids: frozenset[str]
    said: str
    most: int  # the largest count that any result backs
    stock: frozenset[int] = frozenset()
    discounts: frozenset[int] = frozenset()  # percent off, of the sale prices shown


@dataclass(frozen=True)
class Violation:
    """A stated thing without ground: kind is price, product or count; `span` is the sentence it stands in."""

    kind: str
    stated: str
    span: tuple[int, int]


def facts(messages: Sequence[AnyMessage]) -> Facts:
    """Collect the facts of a conversation: from its tools' artifacts, never from what the shopper or a model claims."""
    amounts: set[Decimal] = set()
    names: set[str] = set()
    ids: set[str] = set()
    said: list[str] = []
    stock: set[int] = set()
    discounts: set[int] = set()
    most = 0
    for message in messages:
        if isinstance(message, HumanMessage):
            said.append(str(message.additional_kwargs.get("text", message.text)).casefold())
        elif isinstance(message, ToolMessage) and isinstance(message.artifact, dict):
            for key, value in _leaves(message.artifact):
                if key == "amount":
                    amounts |= set(_decimals([str(value)]))
                elif key in ("min", "max"):  # bounds of a search: a budget, no price
                    said.append(str(value))
                elif key == "name":
                    names.add(str(value).casefold())
                elif key == "id":
                    ids.add(str(value))
                elif key == "quantity" and isinstance(value, int):
                    stock.add(value)
                elif isinstance(value, str) and key != "why":
                    amounts |= set(stated_amounts(value))
                    if key == "text":  # the words searched for may be quoted back
                        said.append(value.casefold())
            discounts |= set(_discounts(message.artifact))
            most = max(most, *_counts(message.artifact))
    return Facts(
        frozenset(amounts),
        frozenset(names),
        frozenset(ids),
        "\n".join(said),
        most,
        frozenset(stock),
        frozenset(discounts),
    )


def violations(text: str, known: Facts) -> list[Violation]:
    """Everything in `text` that `known` does not back. Numbers in words count as numbers."""
    found = []
    for match in _SENTENCE.finditer(text):
        for kind, stated in _unbacked(digits(match.group(0)), known):
            found.append(Violation(kind, stated, match.span()))
    return found


def _unbacked(sentence: str, known: Facts) -> Iterator[tuple[str, str]]:
    for match in _AMOUNT.finditer(sentence):
        if not set(_matched(match)) & known.amounts and not _said_limit(sentence, match, known):
            yield "price", match.group(0)
    for match in _DISCOUNT.finditer(sentence):
        percent = int(match.group(1)) if match.group(1) else round(100 - 10 * float(match.group(2)))
        if not any(abs(percent - backed) <= 1 for backed in known.discounts):
            yield "price", match.group(0)
    for match in _NAMED.finditer(sentence):
        name = next(g for g in match.groups() if g).strip()
        if _names_a_product(name) and not _known_name(name.casefold(), known):
            yield "product", match.group(0)
    for match in _PROPER.finditer(sentence):
        if match.group(2).rstrip("s") in _category_words() and not _known_name(
            match.group(1).strip().casefold(), known
        ):
            yield "product", match.group(0)
    for match in _ID.finditer(sentence):
        if match.group(0) not in known.ids and match.group(0).casefold() not in known.said:
            yield "product", match.group(0)
    for match in _COUNT.finditer(sentence):
        number = _count(match.group(1) or match.group(2))
        if number > max(known.most, 1) and str(number) not in known.said:
            yield "count", match.group(0)
    for match in _STOCK.finditer(sentence):
        if int(match.group(1) or match.group(2)) not in known.stock | {known.most}:
            yield "count", match.group(0)


def _said_limit(sentence: str, match: re.Match[str], known: Facts) -> bool:
    """The shopper's own budget said back ("under $80") is no price."""
    limit = _LIMIT_BEFORE.search(sentence[: match.start()]) or _LIMIT_AFTER.search(sentence[match.end() :])
    said = set(_decimals(_BARE.findall(digits(known.said))))
    return bool(limit) and bool(set(_matched(match)) & said)


def corrected(text: str, known: Facts) -> str:
    """`text` less every sentence that holds a violation; may be empty. Each round removes at least one sentence."""
    while found := violations(text, known):
        spans = [v.span for v in found]
        text = "".join(
            sentence.group(0)
            for sentence in _SENTENCE.finditer(text)
            if not any(start < sentence.end() and sentence.start() < end for start, end in spans)
        )
    return text.strip()


def stated_amounts(text: str) -> list[Decimal]:
    """Amounts of money written in `text`, in zh or en."""
    return [amount for match in _AMOUNT.finditer(text) for amount in _matched(match)]


def _matched(match: re.Match[str]) -> list[Decimal]:
    return _decimals([next(g for g in match.groups() if g)])


def _decimals(numbers: Iterable[str]) -> list[Decimal]:
    found = []
    for number in numbers:
        try:
            found.append(Decimal(number.replace(",", "")).normalize())
        except InvalidOperation:
            continue
    return found


def _leaves(node: Any, key: str = "") -> Iterable[tuple[str, Any]]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _leaves(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from _leaves(value, key)
    elif node is not None:
        yield key, node


def _counts(artifact: dict[str, Any]) -> list[int]:
    lists = [artifact.get(name) or [] for name in ("items", "looks", "lines", "choices")]
    quantities = [line.get("quantity", 0) for line in artifact.get("lines") or []]
    total = artifact.get("total")
    return [*map(len, lists), sum(quantities), *quantities, total if isinstance(total, int) else 0]


def _discounts(artifact: dict[str, Any]) -> Iterator[int]:
    cards = [
        *(artifact.get("items") or []),
        *(i for look in artifact.get("looks") or [] for i in look.get("items") or []),
    ]
    for item in cards:
        if item.get("sale_price"):
            before, now = (Decimal(item[key]["amount"]) for key in ("price", "sale_price"))
            yield round(100 * (before - now) / before)


def _names_a_product(name: str) -> bool:
    """Quoted or in bold: a phrase with a category in it, or a Name In Capitals. A category word alone names nothing."""
    folded = name.casefold()
    if folded in _category_words():
        return False
    return bool(_TITLE.fullmatch(name)) or any(word in folded for word in _category_words())


@cache
def _category_words() -> frozenset[str]:
    return frozenset(
        word.casefold()
        for category in taxonomy.values("category")
        for words in taxonomy.words("category", category).values()
        for word in words
        if len(word) > 1
    )


def _known_name(name: str, known: Facts) -> bool:
    return name in known.said or any(name in shown or shown in name for shown in known.names)


def _count(word: str) -> int:
    if word.isdigit():
        return int(word)
    if "十" in word:
        tens, _, ones = word.partition("十")
        return _HAN.get(tens, 1) * 10 + _HAN.get(ones, 0)
    return _HAN.get(word, 0)
