"""One message, several wishes: cut where each half alone is clearly heard as something else.

The rules cut where a new wish usually begins; where the ears hear several wishes and the rules found one, every place
at which a sentence may end is tried, and the cut whose halves are heard best is taken."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from agent.planner import intents
from agent.planner.ears import Ears, Heard, Message
from agent.planner.intents import Sentence
from agent.planner.meaning import SEARCHES, Part
from agent.planner.references import Found, original
from agent.planner.refusal import CHANGES
from agent.planner.tagging import Tagged

SURE_OF_SEVERAL = 0.4  # chance of several wishes from which they are looked for
SURE_OF_HALF = 0.5  # chance from which a half is what it is heard as
SURE_ALL_THE_SAME = 0.9  # where several wishes are not heard in the whole
STRONG = 9.0  # weight of a rule that needs no context
MOST = 4  # wishes looked for in one message
CUTS = 8  # places tried in one message
# where a wish may end: marks, "and", a space between Chinese words, 再 or 顺便 before the next
_CUT = re.compile(
    r"\s*[,;!?\n]+\s*(?:(?:and|then|also|but|so|oh|btw)\b\s*)*|\.(?!\d)\s*|\s+(?:and|then|also|but|plus|while)\b\s*"
    r"|(?<=[㐀-鿿])\s+(?=[㐀-鿿<])|(?<=>)\s+(?=[㐀-鿿])|(?<!^)(?=(?:然后|顺便|另外|再|反正|并且|接着)(?!一点|便宜|<))"
)
_WITH_A_THING = frozenset({"outfit", "compare"})
_VALUE = re.compile(r"(?:<(?:SIZE|QTY|COLOR)>|\W|[码号的]|please|in|size)*")
_KIND = re.compile(r"<CAT")
_SERVICE = frozenset({"policy", "order", "handoff"})
_SILENT = frozenset({"smalltalk", "out_of_scope"})

Read = Callable[[str], tuple[Tagged, Sequence[Found]]]


@dataclass(frozen=True)
class Half:
    """A stretch of the message as one wish: what the rules make of it, and what the ears hear in it alone."""

    part: Part
    sentence: Sentence
    message: Message
    heard: Heard

    @property
    def intent(self) -> str:
        return max(self.heard.intents, key=self.heard.intents.__getitem__)

    @property
    def ruled(self) -> bool:
        """A rule that needs no context says the same, of a matter that nothing else sounds like."""
        return self.part.weight >= STRONG and self.part.intent == self.intent and self.intent in _SERVICE

    @property
    def chance(self) -> float:
        return self.heard.intents[self.intent]


def divide(ears: Ears, message: Message, several: float, read: Read) -> list[Half]:
    """The wishes of a message in which `several` are heard; [] where no cut makes two of it."""
    sure = SURE_OF_HALF if several >= SURE_OF_SEVERAL else SURE_ALL_THE_SAME
    halves = _cut(ears, message, 0, len(message.tagged.text), read, sure)
    while 1 < len(halves) < MOST:
        for at, half in enumerate(halves):
            further = half.heard.several >= SURE_OF_SEVERAL and _cut(
                ears, message, half.sentence.start, half.sentence.end, read, SURE_OF_HALF
            )
            if further:
                halves[at : at + 1] = further
                break
        else:
            break
    return halves


def _cut(ears: Ears, message: Message, start: int, end: int, read: Read, sure: float) -> list[Half]:
    best: list[Half] = []
    surest = 0.0
    for a, b in list(_places(message, start, end))[:CUTS]:
        halves = [_half(ears, message, *span, read) for span in ((start, a), (b, end))]
        left, right = halves
        alike = left.intent == right.intent or {left.intent, right.intent} <= SEARCHES
        if any(h.intent in CHANGES for h in halves) and any(
            _VALUE.fullmatch(h.sentence.text) for h in halves
        ):
            continue  # "the first in the cart, size M": it says of which the change is
        if left.intent in CHANGES and _VALUE.fullmatch(_CUT.split(right.sentence.text.strip())[0]):
            continue  # "the first in the cart, size M, then show me jeans": nor does the next wish begin with it
        if right.intent in CHANGES and left.intent in SEARCHES and not _KIND.search(left.sentence.text):
            continue  # "the beige one, size S, in the cart": it says which one, and seeks none
        if alike or any(
            h.intent in _SILENT or h.chance < (SURE_OF_HALF if h.ruled else sure) for h in halves
        ):
            continue
        if sure > SURE_OF_HALF and any(h.intent in CHANGES and h.part.intent != h.intent for h in halves):
            continue  # a change of the cart is not found where nobody heard two wishes
        pair = {left.intent, right.intent}
        if sure > SURE_OF_HALF and pair & SEARCHES and pair & _WITH_A_THING:
            continue  # "I have a green skirt, what goes with it": what there is to it is told first
        if left.chance * right.chance > surest:
            best, surest = halves, left.chance * right.chance
    return best


def _places(message: Message, start: int, end: int) -> Iterator[tuple[int, int]]:
    """(end of the left half, start of the right half) of each cut, never through a tag or a reference."""
    taken = [(t.start, t.end) for t in message.tagged.tags] + [(f.start, f.end) for f in message.found]
    text = message.tagged.text
    for match in _CUT.finditer(text, start, end):
        if not text[start : match.start()].strip() or not text[match.end() : end].strip():
            continue
        if not any(a < match.end() and match.start() < b for a, b in taken):
            yield match.start(), match.end()


def _half(ears: Ears, message: Message, start: int, end: int, read: Read) -> Half:
    sentence = Sentence(message.tagged, start, end, message.found)
    intent, weight = intents.best(sentence)
    asked = intents.asks(sentence)
    part = Part(intent=intent or "find", weight=weight, text=sentence.text)
    if asked and intent in ("ask_product", "ask_photo", "compare"):
        part.slots["asks"] = asked
    own, found = read(original(message.tagged, start, end))
    alone = Message(own, found, [(part.intent, part.weight)], message.state, message.photos)
    return Half(part, sentence, alone, ears.hear(alone))
