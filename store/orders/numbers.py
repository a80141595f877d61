"""Order numbers, e-mail addresses and phone numbers as people write them, and how an address is hidden.

An order number is what letters and digits are left of it: "#A-1001", "a 1001" and "Ａ１００１" are the same one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from prompts.plain import one_line

LONGEST = 40  # characters of an order number
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x2010: 0x2D, 0x2011: 0x2D,
         0x2012: 0x2D, 0x2013: 0x2D, 0x2014: 0x2D, 0x2212: 0x2D}  # fmt: skip
_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+'-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}")
_PHONE = re.compile(r"(?<![A-Za-z0-9@.#])\+?\(?\d[\d ()./-]{5,19}\d(?![A-Za-z0-9@])")
_MOBILE = re.compile(r"(?<![A-Za-z0-9@.#+])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![A-Za-z0-9@])")
_DATE = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}")
_OF_ORDER = re.compile(
    r"(?:order|number|no\.?|id|#|订单|訂單|单号|單號|编号|号)\W{0,3}(?:is|为|是)?\W{0,3}$", re.IGNORECASE
)
_OF_PHONE = re.compile(
    r"(?:phone|mobile|cell|tel|call|text|电话|電話|手机|手機|号码是?|手机号)\D{0,16}$", re.IGNORECASE
)
_OWN_DIGITS = 10  # of a phone number, from its end: what stands before them is a prefix that may be left away


@dataclass(frozen=True)
class Told:
    """What a message proves with: addresses as they are compared. `text`: the message with them hidden."""

    text: str
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.emails or self.phones)


def narrow(text: str) -> str:
    """The text with full-width letters, digits and signs made ordinary, character by character."""
    return text.translate(_WIDE)


def key(number: str) -> str:
    """What tells an order from another: its letters and digits, in capitals; "" for what is none."""
    if len(number) > 2 * LONGEST:
        return ""
    found = "".join(c for c in narrow(number).upper() if c.isalnum())
    return found if len(found) <= LONGEST and any(c.isdigit() for c in found) else ""


def email(text: str) -> str:
    """An address as it is compared; "" for what is none."""
    found = _EMAIL.fullmatch(narrow(text).strip())
    return found[0].casefold() if found else ""


def phone(text: str) -> str:
    """The digits by which a phone number is compared, without what is dialled before them; "" for what is none."""
    digits = "".join(c for c in narrow(text) if c.isdigit())
    return digits[-_OWN_DIGITS:] if 7 <= len(digits) <= 15 else ""


def hidden(text: str) -> Told:
    """The e-mail addresses and phone numbers of a message, and the message with no more of them than their owner needs
    to know them by: "d•••@example.com", "•••••••••00"."""
    plain = narrow(text)
    spans = [(m.start(), m.end(), "email") for m in _EMAIL.finditer(plain)]
    for match in _MOBILE.finditer(plain):  # before what may be taken for one with an order's number before it
        if not _within(match, spans) and not _said_of_order(plain[: match.start()]):
            spans.append((match.start(), match.end(), "phone"))
    for match in _PHONE.finditer(plain):
        start = match.start()
        if " " in match[0] and _said_of_order(plain[:start]):  # "order 1001 0151 23456789"
            start += match[0].index(" ") + 1
        if not _within(match, spans) and _is_phone(plain[start : match.end()], plain[:start]):
            spans.append((start, match.end(), "phone"))
    if not spans:
        return Told(text)
    pieces, at = [], 0
    emails, phones = [], []
    for start, end, kind in sorted(spans):
        pieces.append(text[at:start])
        found = plain[start:end]
        if kind == "email":
            emails.append(found.casefold())
            pieces.append(f"{found[0]}•••{found[found.index('@') :]}")
        else:
            phones.append(phone(found))
            pieces.append("•" * 9 + found[-2:])
        at = end
    return Told("".join([*pieces, text[at:]]), tuple(dict.fromkeys(emails)), tuple(dict.fromkeys(phones)))


def without(text: str) -> str:
    """The message without any: what language it is in, an address does not tell."""
    plain = narrow(text)
    return (
        _PHONE.sub(" ", _MOBILE.sub(" ", _EMAIL.sub(" ", plain)))
        if _EMAIL.search(plain) or _MOBILE.search(plain)
        else text
    )


def _within(match: re.Match[str], spans: Sequence[tuple[int, int, str]]) -> bool:
    return any(start < match.end() and match.start() < end for start, end, _ in spans)


def _said_of_order(before: str) -> bool:
    """What comes next is said to be an order's number, and no phone's."""
    return bool(_OF_ORDER.search(before[-24:])) and not _OF_PHONE.search(before[-24:])


def _is_phone(found: str, before: str) -> bool:
    """Digits alone may be an order's number as well: those with a phone's signs and those that are said to be a phone's
    are not."""
    digits = "".join(c for c in found if c.isdigit())
    if not 7 <= len(digits) <= 15 or _DATE.fullmatch(found.strip()):
        return False
    if _said_of_order(before):
        return False
    if _OF_PHONE.search(before[-24:]) or found.lstrip().startswith(("+", "(")):
        return True
    groups = [g for g in re.split(r"\D+", found) if g]
    return (len(groups) > 1 and len(digits) >= 9) or (digits[0] == "0" and 9 <= len(digits) <= 12)


def plain_cell(text: str) -> str:
    """A cell on one line, without what only a machine would act on."""
    return one_line(text)[:300]
