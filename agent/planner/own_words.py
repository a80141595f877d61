"""Of a message only what is the shopper's own wish: not what they quote, report, paste, deny, suppose, put off or ask
about.

A message in which nobody asks for anything to be done comes back as it was, and so does one that is a wish and nothing
else. Words in prompts/understanding/consent.yaml.
"""

import re
import unicodedata
from functools import cache

from agent.planner import patterns, references
from agent.planner.intents import sentences
from agent.planner.lexicon import Lexicon
from agent.planner.tagging import tag
from agent.planner.text import clean, simplified
from prompts import load

_QUOTED = re.compile(
    r"“([^”]*)”|「([^」]*)」|『([^』]*)』|\"([^\"]*)\"|(?<!\w)'((?:[^'\n]|(?<=\w)'(?=\w)){4,}?)'(?!\w)|«([^»]*)»|(?m:^\s*>\s?(.*)$)"
)
_PASTED_LINES = 3
_SENTENCE = re.compile(r"[^.!?\n。！？]*[.!?\n。！？]*")


@cache
def _pattern(name: str) -> re.Pattern[str]:
    node = load("understanding/consent")[name]
    text = "|".join(f"(?:{p})" for p in node) if isinstance(node, list) else str(node)
    return re.compile(text.replace("~", "[^.!?;]{0,40}?"), re.IGNORECASE)


def has(name: str, text: str) -> bool:
    """True when the pattern of consent.yaml is in clean text."""
    return bool(_pattern(name).search(text))


def found(name: str, text: str) -> list[str]:
    """What the groups of the pattern hold, wherever it is in clean text."""
    return [next((g for g in m.groups() if g), "") for m in _pattern(name).finditer(text)]


def own_words(text: str, heard: bool = False) -> str:
    """`text` without what is no wish of its writer's; as it is where that is nothing. `heard`: what they deny stays,
    for the one who hears the rest to judge (`refusal` does, of changes of the cart)."""
    if not _acts(clean(text)) and not _acts(text.casefold()):
        return text
    kept = _machine(_folded(text))
    kept = _pasted(kept)
    kept = _quoted(kept)
    kept = _without("taken_back", kept)
    kept = "".join(_sentence(m.group(), heard) for m in _SENTENCE.finditer(kept))
    same = re.sub(r"\W", "", clean(kept)) == re.sub(r"\W", "", clean(text))
    return text if same else kept.strip()


def unquoted(text: str) -> bool:
    """True for one line in which nobody else's words stand."""
    folded = _folded(text).strip()
    return "\n" not in folded and not _QUOTED.search(folded) and not has("reported", clean(folded))


def _folded(text: str) -> str:
    """Full-width letters and marks as their plain ones, lines kept."""
    return unicodedata.normalize("NFKC", text.replace("、", ",")).replace("。", ". ")


def _machine(text: str) -> str:
    return _pattern("machine").sub("\n", text)


def pasted(text: str) -> bool:
    """A page of a shop was copied into the message: what stands there says nothing of the shopper."""
    return _marks(text) + (len(_lines(text)) >= _PASTED_LINES) >= 3


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _marks(text: str) -> int:
    """How many kinds of things there are that stand on pages: a price, stars, buttons, an article number …"""
    kinds = load("understanding/consent")["page"]
    return sum(bool(re.search(p, text, re.IGNORECASE)) for p in kinds) + has("buttons", text)


def _pasted(text: str) -> str:
    """A page that was copied in: without the labels of its buttons."""
    lines, marks = _lines(text), _marks(text)
    label = _pattern("buttons")
    if len(lines) >= _PASTED_LINES:
        return "\n".join(line for line in lines if not label.fullmatch(line.strip(" \t-*•|[]().!")))
    return label.sub(" ", text) if marks >= 4 else text


def _quoted(text: str) -> str:
    """Without quotations that ask for something, unless the whole message is one."""
    whole = text.strip(" .!?。！？\n")
    if any(m.group() == whole for m in _QUOTED.finditer(whole)):
        return text
    return _QUOTED.sub(lambda m: " … " if _acts(clean(m.group())) else m.group(), text)


def _sentence(text: str, heard: bool) -> str:
    """Without the clauses that report, suppose or put it off, or ask about it; unless `heard`, that deny it."""
    for name in ("reported", *(() if heard else ("denied",)), "later", "supposed", "asked"):
        if name != "asked" or not has("request", text.casefold()):
            text = _without(name, text)
    return text


def _without(name: str, text: str) -> str:
    """Without what the pattern finds, where that asks for something."""
    folded = simplified(text.casefold().replace("’", "'"))
    if len(folded) != len(text):
        text = folded
    spans = [m.span() for m in _pattern(name).finditer(folded) if name == "denied" or _acts(m.group())]
    for start, end in reversed(spans):
        text = text[:start] + " … " + text[end:]
    return text


def _acts(text: str) -> bool:
    """True for words that may ask for something to be done, those of the rules for the cart among them."""
    return has("deed", text) or has("wish", text) or _adds(text)


def _adds(text: str) -> bool:
    tagged = tag(text, Lexicon())
    said = sentences(tagged, references.find(tagged))
    return any(r.named(s.text) for r in patterns.intents() if r.intent == "cart_add" for s in said)
