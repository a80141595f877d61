"""Text from strangers (messages, feeds, lettering in photos) made fit to be kept, spoken of and shown.

What a person can see stays; what only a machine would act on goes: terminal sequences, control characters, overrides of
the writing direction, letters without a shape, half of a character. Nothing here knows what a text means.
"""

import re
import unicodedata

MOST_MARKS = (
    5  # on one letter; no living language stacks more, and a tower of them covers the lines around it
)

# Text of letters, digits, signs and marks of which none is special: by far the most, and done at one glance.
_ORDINARY = re.compile(
    r"[\n\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u205e\u2070-\u20cf\u2100-\u2bff"
    r"\u3000-\u3029\u3030-\u3098\u309b-\u3163\u3165-\u9fff\uac00-\ud7a3\uff01-\uff9f\uffe0-\uffee]*"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# What a terminal takes as an order: CSI, OSC/DCS/APC/PM/SOS up to their end, and the two-letter ones.
_ORDERS = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]{0,512}(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]?"
)
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff\U0001bca0-\U0001bca3]"
)
_JOINERS = re.compile(
    r"(?<![^\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f])|(?<=[\u200c\u200d])[\u200c\u200d]+"
)
_RIGHT_TO_LEFT = r"\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
RUN = re.compile(rf"[{_RIGHT_TO_LEFT}]+(?:[ \u00a0'\u2019-]{{1,3}}[{_RIGHT_TO_LEFT}]+)*")
_BEFORE_FIGURES = re.compile(rf"([{_RIGHT_TO_LEFT}][^\w\n$€£¥\u200e{_RIGHT_TO_LEFT}]*)(?=[\d$€£¥])")
_UNPRINTABLE = re.compile(
    r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)


def whole(text: str) -> str:
    """The text with halves of characters joined; a half that stands alone becomes a mark."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def plain(text: str) -> str:
    """The text as a person sees it: lines kept, everything unseen gone. What is clean comes back as it is."""
    if _ORDINARY.fullmatch(text):
        return text
    text = _BREAKS.sub("\n", _ORDERS.sub("", whole(text))).replace("\t", " ")
    text = _JOINERS.sub("", _UNSEEN.sub("", text))
    return text if _ORDINARY.fullmatch(text) else _few_marks(text)


def one_line(text: str) -> str:
    """`plain`, on one line without spaces around: a name, a brand, a size."""
    return " ".join(plain(text).split())


def for_terminal(text: str) -> str:
    """`plain`, with a price after a name in Hebrew or Arabic kept where it was written: a terminal that knows both
    directions would draw it before the name."""
    return _BEFORE_FIGURES.sub("\\1\u200e", plain(text))


def in_json(text: str) -> str:
    """JSON text with what no screen should act on written as an escape; it says the same."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _few_marks(text: str) -> str:
    kept, marks = [], 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char)[0] == "M" else 0
        if marks <= MOST_MARKS:
            kept.append(char)
    return "".join(kept)
