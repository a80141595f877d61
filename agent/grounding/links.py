# ruff: noqa: E501 (a pattern is read more safely on one line)
"""Where a reply sends the shopper: addresses, numbers and pictures."""

import re
from collections.abc import Iterator

from agent.grounding.sentences import Sentence

_PICTURE = re.compile(
    r"!\[[^\]]*\]|!\[|<\s*/?\s*(?:img|a|iframe|script|svg|style|link|form|object|embed|video|audio|meta|base)\b",
    re.I,
)
_TARGET = re.compile(r"\[[^\]\n]*\]\s*\(\s*<?([^)\s>]*)|\[[^\]\n]+\]:\s*(\S+)")
_SCHEME = re.compile(
    r"\b(?:javascript|data|file|ftp|mailto|sms|tel|vbscript|blob|chrome|intent)\s*:\s*[^\s，。]+", re.I
)
_URL = re.compile(r"(?:https?|hxxps?)\s*:\s*/\s*/[^\s，。！？”」)\]>]+|\bwww\.[^\s，。！？”」)\]>]+", re.I)
_DOMAIN = re.compile(
    r"(?<![\w@.-])(?:[\w-]+(?:\.|\s?\[\.\]\s?|\s?\(dot\)\s?| dot ))+(?:com|net|org|cn|io|shop|store|example|co|info|ru|xyz|me|app|dev|site|online|top|vip|cc|link|click|tk|gg|ly|invalid|test)\b(?:/[^\s，。]*)?",
    re.I,
)
_MAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+\.[\w.]+", re.I)
_PHONE = re.compile(r"(?<![\w.,$¥€£/-])\+?\(?\d{2,4}\)?(?:[ -]?\d{3,4}){2,3}(?![\d.,])")


_CALLING = re.compile(r"\b(?:call|phone|text|ring|dial|contact|reach)\b|拨打|致电|联系|电话|短信", re.I)
_CONTACT = re.compile(
    r"(?:微信|威信|薇信|vx|wechat|weixin|qq|telegram|whatsapp|line id)\s*(?:号|id)?\s*[:：]?\s*@?([A-Za-z0-9][\w-]{4,})",
    re.I,
)


def links(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """Where it sends the shopper: only to addresses that the shop's own pages and policies have."""
    raw, known = sentence.raw, sentence.known
    for match in _PICTURE.finditer(raw):
        yield "link", match.group()
    for match in _CONTACT.finditer(raw):
        if not any(match.group(1).casefold() in p for p in known.policies):
            yield "link", match.group()
    for pattern_ in (_TARGET, _SCHEME, _URL, _DOMAIN, _MAIL, _PHONE):
        for match in pattern_.finditer(raw):
            found = next((g for g in match.groups() if g), match.group()).rstrip(".,;").casefold()
            if pattern_ is _PHONE and len(re.sub(r"\D", "", found)) < 7:
                continue
            if pattern_ is _PHONE and found.isdigit() and found in known.said and not _CALLING.search(raw):
                continue  # a number that the shopper gave, said back
            if found not in known.links and not any(
                found == k.split("//")[-1].rstrip("/") for k in known.links
            ):
                yield "link", match.group()
