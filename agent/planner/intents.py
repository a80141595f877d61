# ruff: noqa: E501 (a pattern is read more safely on one line)
"""Tagged sentences → what each is for, and the whole message as a few parts."""

import re
from collections.abc import Sequence

from agent.planner import anger, patterns, refusal, slots
from agent.planner.meaning import SEARCHES, Part
from agent.planner.references import Found
from agent.planner.tagging import Tagged

INJECTION = 30.0  # weight from which a message is nothing but out of scope
_BOUNDARY = re.compile(
    r"[!?;\n]+|\.(?!\d)|,(?!\d{3})|\band (?=(?:then |also |please |maybe |could you |can you )?(?:add|show|what|how|put|remove|delete|compare|"
    r"tell|find|take|does|do|is|which|give|i need|i want|i'd|i also|can i)\b)|\bthen\b|\balso\b(?= (?:show|add|what|i need|find|do|can))|"
    r"然后|顺便|另外(?!的)|接着|再(?=看|帮|给我|推荐|找|加|把|问)|同时(?!也)|并且|还有(?=,)|\bbtw\b|by the way|"
    r"\bbut (?=(?:please )?(?:don't|do not|never) (?:add|remove|delete|buy|put|take|order|clear|touch)\b)|但是?(?=先?别|不要)"
)
_DISLIKE = re.compile(r"\b(?:don't|do not|not|no longer|none)\b|不|没")
_SIZE_ASKED = re.compile(r"siz|fit|tight|loose|small|big|large|measure|码|号|多大|合身|偏|<(?:REF|SIZE)>")
_NEAR = ("it", "them", "all")


class Sentence:
    """A stretch [start, end) of the tagged text, with its references replaced by <REF> and <DESC> for the rules."""

    def __init__(self, tagged: Tagged, start: int, end: int, found: Sequence[Found]) -> None:
        self.start, self.end = start, end
        self.found = [f for f in found if start <= f.start and f.end <= end]
        text, position, spans = "", start, []
        for one in self.found:
            if one.start < position:
                continue  # a pair is one span with two references
            text += tagged.text[position : one.start]
            spans.append((one.start, one.end))
            text += {"described": "<DESC>", "photo": "<PHOTO>"}.get(one.reference.kind, "<REF>")
            position = one.end
        self.text = (text + tagged.text[position:end]).strip()
        self.spans = spans
        self.tags = tagged.within(start, end)
        self.bare = slots.read(tagged, start, end, skip=spans)
        self.refuses = ""  # the change of the cart that it speaks of without asking for it


def sentences(tagged: Tagged, found: Sequence[Found]) -> list[Sentence]:
    """The message cut where a new wish may begin; never inside a reference."""
    cuts, start = [], 0
    for match in _BOUNDARY.finditer(tagged.text):
        if any(f.start < match.end() and match.start() < f.end for f in found):
            continue
        if match.start() > start:
            cuts.append((start, match.start()))
        start = (
            match.end() if not match.group().strip().isalpha() or match.group()[0] < "㐀" else match.start()
        )
    cuts.append((start, len(tagged.text)))
    return [s for a, b in cuts if (s := Sentence(tagged, a, b, found)).text]


def best(sentence: Sentence) -> tuple[str, float]:
    """The intent of the strongest rule that matches, ("", 0) without one."""
    intent, weight, greeting = "", 0.0, False
    for rule in patterns.intents():
        if rule.weight <= weight and rule.intent != "smalltalk":
            continue
        named = rule.intent in refusal.CHANGES and rule.named(sentence.text)
        if named and refusal.refuses(sentence.text, rule.intent):
            sentence.refuses = sentence.refuses or rule.intent
            continue
        if rule.matches(sentence.text):
            if rule.intent == "smalltalk":
                greeting = True
            if rule.weight > weight:
                intent, weight = rule.intent, rule.weight
    nothing = not sentence.bare and not sentence.found
    if greeting and intent in ("find", "refine") and nothing:
        return "smalltalk", 2.0
    if intent in ("", "find", "refine") and nothing and anger.heard(sentence.text):
        return "smalltalk", 2.0  # "you are useless" looks for nothing
    if intent == "smalltalk" and not sentence.refuses and refusal.denies(sentence.text):
        sentence.refuses = "cart_add"
    if intent == "size_advice" and "category" in sentence.bare and not _SIZE_ASKED.search(sentence.text):
        return "find", 5.0  # "show me dresses, I'm 172cm" is a search
    if sentence.refuses and weight < 9:
        # "did you add it?" is told by the cart; else nothing is to be done
        return ("cart_view", 6.6) if refusal.looks_back(sentence.text) else ("smalltalk", 6.6)
    return intent, weight


def asks(sentence: Sentence) -> list[str]:
    """What the sentence asks about, by the names of product_details."""
    found = [name for name, rules in patterns.asks().items() if any(p.search(sentence.text) for p in rules)]
    return [n for n in found if n != "description"] or found


def parts(tagged: Tagged, found: Sequence[Found]) -> list[tuple[Part, list[Sentence]]]:
    """Parts of the message with their sentences: sentences of one intent, and all searches, are one part; a sentence
    without an intent belongs to the one before it (the first to the one after)."""
    grouped: list[tuple[Part, list[Sentence]]] = []
    waiting: list[Sentence] = []
    for sentence in sentences(tagged, found):
        intent, weight = best(sentence)
        if _take_back(grouped, sentence, waiting):
            continue
        if weight >= INJECTION:
            return [(Part(intent=intent, weight=weight, text=sentence.text), [sentence])]
        asked = asks(sentence)
        if intent == "smalltalk" and any(s.bare for s in waiting):
            grouped.append((Part(intent="", text=waiting[0].text), waiting))
            waiting = []
        if not intent and not asked:
            if grouped and not (grouped[-1][0].intent == "smalltalk" and (sentence.bare or sentence.found)):
                grouped[-1][1].append(sentence)
            else:
                waiting.append(sentence)
            continue
        if asked and _asking(intent, weight, sentence):
            intent, weight = "ask_product", max(weight, 6.0)
        part = Part(intent=intent or "find", weight=weight, text=sentence.text)
        if asked and intent in ("ask_product", "ask_photo", "compare"):
            part.slots["asks"] = asked
        same = next((g for g in grouped if _together(g[0].intent, part.intent)), None)
        if same is None:
            grouped.append((part, [*waiting, sentence]))
        else:
            _join(same[0], part)
            same[1].extend([*waiting, sentence])
        waiting = []
    if waiting:
        grouped.append((Part(intent="", text=waiting[0].text), waiting))
    return _without_manners(grouped)


def refused(tagged: Tagged, found: Sequence[Found]) -> bool:
    """True when a sentence of the message speaks of a change of the cart and does not want it."""
    return any(best(s) and s.refuses for s in sentences(tagged, found))


def _take_back(
    grouped: list[tuple[Part, list[Sentence]]], sentence: Sentence, waiting: list[Sentence]
) -> bool:
    """True when the sentence takes back the change of the cart just asked for, which then is refused small talk."""
    last = grouped[-1] if grouped and grouped[-1][0].intent in refusal.CHANGES and not waiting else None
    if last is None:
        return False
    pointed = {(f.reference.kind, f.reference.n) for f in sentence.found if f.reference.kind not in _NEAR}
    before = {(f.reference.kind, f.reference.n) for s in last[1] for f in s.found}
    same = sentence.refuses == last[0].intent and pointed <= before
    if not same and (sentence.found or not refusal.takes_back(sentence.text, last[0].intent)):
        return False
    sentence.refuses = last[0].intent
    for withdrawn in last[1]:
        withdrawn.refuses = last[0].intent
    last[0].intent, last[0].weight, last[0].slots = "smalltalk", 6.6, {}
    last[0].text = sentence.text
    last[1].append(sentence)
    return True


def _asking(intent: str, weight: float, sentence: Sentence) -> bool:
    """A question on a product, where no stronger rule says otherwise: what is asked about, and of what."""
    if weight > 6.5 or intent in ("others", "more_like", "recommend", "ask_product"):
        return intent == "ask_product"
    pointed = any(f.reference.kind != "photo" for f in sentence.found)
    question = re.search(
        r"[?吗么呢]|^\W*(?:and |so |but |ok |okay |hi |hey )*(?:what|which|how|is|are|does|do|can|could|will|would|has|have|when|where|who|why|any)\b|"
        r"多少|什么|哪|几|怎么|如何|有没有|能不能|可不可以|是不是|tell me|know|check|remind|curious|wonder",
        sentence.text + ("?" if len(sentence.text) < 12 and not sentence.bare else ""),
    )
    if pointed:
        return bool(question) or intent in ("", "refine")
    return (
        bool(question)
        and "category" not in sentence.bare
        and not (set(sentence.bare) & {"price", "price_pref", "on_sale", "in_stock", "rating_min", "sort"})
    )


def _together(a: str, b: str) -> bool:
    return a == b or (a in SEARCHES and b in SEARCHES)


def _join(part: Part, other: Part) -> None:
    if other.weight > part.weight and not (part.intent == "find" and other.intent == "refine"):
        part.intent, part.weight = other.intent, other.weight
    for name in other.slots.get("asks", []):
        if name not in part.slots.setdefault("asks", []):
            part.slots["asks"].append(name)


def _without_manners(grouped: list[tuple[Part, list[Sentence]]]) -> list[tuple[Part, list[Sentence]]]:
    """A greeting or thanks beside a wish is only manners."""
    wishes = [g for g in grouped if g[0].intent != "smalltalk"]
    if wishes and len(wishes) < len(grouped):
        manners = [
            s
            for g in grouped
            if g[0].intent == "smalltalk"
            for s in g[1]
            if (s.bare or s.found) and not s.refuses
        ]
        wishes[0][1][:0] = manners
    if len(wishes) > 1:  # "不要了,从购物车删掉": the first half is no search of its own
        wishes = [
            g
            for g in wishes
            if g[0].intent not in ("refine", "others")
            or any(s.bare or (s.found and g[0].intent == "refine") for s in g[1])
            or (g[0].intent == "others" and not all(_DISLIKE.search(s.text) for s in g[1]))
        ] or wishes
    return wishes or grouped
