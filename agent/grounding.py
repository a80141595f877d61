"""Is a reply true? Every price, product and count it states must come from a tool result of this conversation.

Used on every model's reply before a shopper sees it; what is not backed is taken out, sentence by sentence.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from langchain_core.messages import AnyMessage, HumanMessage, ToolMessage

from prompts import taxonomy

_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_AMOUNT = re.compile(
    rf"(?:[$¥￥€£]|US\$|USD|CNY|RMB)[ \t]?({_NUMBER})"
    rf"|({_NUMBER})[ \t]?(?:dollars?|bucks|USD|CNY|RMB|yuan|euros?|pounds?|元|块|美元|美金|刀|欧元|英镑)",
    re.IGNORECASE,
)
_BARE = re.compile(_NUMBER)
_NAMED = re.compile(
    r"\*\*([^*\n]{3,80})\*\*|「([^」\n]{2,60})」|“([^”\n]{2,80})”|\"([^\"\n]{3,80})\"|《([^》\n]{2,60})》"
)
_ID = re.compile(r"\b[A-Z]{1,4}-?\d{3,}\b")
_COUNT = re.compile(
    r"(\d+|[一二两三四五六七八九十]+)\s?(?:件|款|双|条|顶|套|个(?:选择|商品))"
    r"|\b(\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\s(?:\w+\s){0,3}?"
    r"(?:options?|products?|items?|pieces?|results?|picks?|looks?|styles?|matches)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^。！？!?\n]*?(?:[。！？!?]+[”」\"']?|\.(?=\s|$)|\n|$)")
_HAN = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"两": 2}
_ENGLISH = dict(
    zip(
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        range(2, 13),
        strict=True,
    )
)


@dataclass(frozen=True)
class Facts:
    """What the tools returned, and what the shopper said, in this conversation."""

    amounts: frozenset[Decimal]
    names: frozenset[str]
    ids: frozenset[str]
    said: str
    most: int  # the largest count that any result backs


@dataclass(frozen=True)
class Violation:
    """A stated thing without ground: kind is price, product or count; `span` is where it stands in the text."""

    kind: str
    stated: str
    span: tuple[int, int]

    @classmethod
    def of(cls, kind: str, match: re.Match[str]) -> "Violation":
        """What the pattern found."""
        return cls(kind, match.group(0), match.span())


def facts(messages: Sequence[AnyMessage]) -> Facts:
    """Collect the facts of a conversation from its tool artifacts and the shopper's messages."""
    amounts: set[Decimal] = set()
    names: set[str] = set()
    ids: set[str] = set()
    said: list[str] = []
    most = 0
    for message in messages:
        if isinstance(message, HumanMessage):
            text = str(message.additional_kwargs.get("text", message.text))
            said.append(text.casefold())
            amounts |= set(_decimals(_BARE.findall(text)))
        elif isinstance(message, ToolMessage) and isinstance(message.artifact, dict):
            for key, value in _leaves(message.artifact):
                if key in ("amount", "min", "max"):
                    amounts |= set(_decimals([str(value)]))
                elif key == "name":
                    names.add(str(value).casefold())
                elif key == "id":
                    ids.add(str(value))
                elif key == "text":  # the words searched for may be quoted back
                    said.append(str(value).casefold())
                    amounts |= set(stated_amounts(str(value)))
                elif isinstance(value, str):
                    amounts |= set(stated_amounts(value))
            most = max(most, *_counts(message.artifact))
    return Facts(frozenset(amounts), frozenset(names), frozenset(ids), "\n".join(said), most)


def violations(text: str, known: Facts) -> list[Violation]:
    """Everything in `text` that `known` does not back."""
    found = [Violation.of("price", m) for m in _AMOUNT.finditer(text) if not set(_matched(m)) & known.amounts]
    for match in _NAMED.finditer(text):
        name = next(g for g in match.groups() if g).strip().casefold()
        if _names_a_product(name) and not _known_name(name, known):
            found.append(Violation.of("product", match))
    for match in _ID.finditer(text):
        if match.group(0) not in known.ids and match.group(0).casefold() not in known.said:
            found.append(Violation.of("product", match))
    for match in _COUNT.finditer(text):
        number = _count(match.group(1) or match.group(2))
        if number > max(known.most, 1) and str(number) not in known.said:
            found.append(Violation.of("count", match))
    return found


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
    return _decimals([match.group(1) or match.group(2)])


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


def _names_a_product(name: str) -> bool:
    """A category word alone ("shoes") names no product."""
    return name not in _category_words() and any(word in name for word in _category_words())


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
    if word.casefold() in _ENGLISH:
        return _ENGLISH[word.casefold()]
    if "十" in word:
        tens, _, ones = word.partition("十")
        return _HAN.get(tens, 1) * 10 + _HAN.get(ones, 0)
    return _HAN.get(word, 0)
