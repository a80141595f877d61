"""What a reply says was done, or will be done; and what is in the cart."""

import re
from collections.abc import Iterator
from typing import Any

from agent.grounding.sentences import Clause, Sentence
from agent.grounding.stock import sizes_in
from agent.grounding.words import acts, denied, has, pattern, refusal
from agent.planner.tagging import size_name


def deeds(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """ "I've added it", "reserved for you", "a colleague will call": only what a tool of this turn did is so."""
    for clause in sentence.claims:
        for act, wording in acts():
            match = wording.search(clause.text)
            if (
                match is None
                or denied(clause.text, match.start(), match.start() + 1)
                or denied(clause.text, match.start(), match.end())
            ):
                continue
            if refusal(clause.text) or _in_rules(sentence, match.group()):
                continue
            if not act.get("tool"):
                yield "promise", match.group()
            elif not _did(sentence, act, clause):
                yield "action", match.group()
        yield from _cart(sentence, clause)


def _in_rules(sentence: Sentence, words: str) -> bool:
    """The very words stand in a passage of the shop's policies."""
    return any(words.strip() in p for p in sentence.known.policies) or _rests_on_policy(sentence)


def _rests_on_policy(sentence: Sentence) -> bool:
    """Nearly every word of the sentence is a passage's: it is being quoted."""
    words = set(re.findall(r"[a-z]{3,}|[㐀-鿿]{2}|\d+", sentence.text))
    return bool(words) and any(
        sum(w in p for w in words) >= 0.8 * len(words) for p in sentence.known.policies
    )


def _did(sentence: Sentence, act: dict[str, Any], clause: Clause) -> bool:
    tools = act["tool"] if isinstance(act["tool"], list) else [act["tool"]]
    wanted = act.get("action")
    done = [
        d
        for d in sentence.known.done
        if d.tool in tools and (wanted is None or d.args.get("action") in wanted)
    ]
    if done and "cart" in tools and "add" in (wanted or []) and not _as_in_cart(sentence, clause):
        return False
    named = {i for m in sentence.marks for i in m.ids}
    products = {str(d.args.get("product")) for d in done}
    if named and "cart" in tools and done:
        cleared = any(d.args.get("action") == "clear" for d in done)
        return cleared or bool(named & products)
    return bool(done)


def _as_in_cart(sentence: Sentence, clause: Clause) -> bool:
    """Sizes and quantities said of what was put into the cart are those of its lines."""
    lines = sentence.known.cart or ()
    held = {size_name(str(line.get("size") or "").casefold()) for line in lines}
    quantities = {int(line.get("quantity", 1)) for line in lines}
    quantities |= {sum(quantities), len(lines), sum(int(line.get("quantity", 1)) for line in lines)}
    said = [size for size, _ in sizes_in(clause, sentence)]
    counts = [
        int(m.group(1))
        for m in re.finditer(
            r"(?<![\d$¥.])(\d{1,3}) ?(?:[件双条个顶套]|pairs?|pieces?|of)(?!\w)", clause.text
        )
    ]
    return set(said) <= held and set(counts) <= quantities


def _cart(sentence: Sentence, clause: Clause) -> Iterator[tuple[str, str]]:
    lines = sentence.known.cart
    if lines is not None and has("cart_word", clause.text) and not denied(clause.text, len(clause.text), 0):
        held = {size_name(str(line.get("size") or "").casefold()) for line in lines}
        yield from (("size", size) for size, _ in sizes_in(clause, sentence) if size not in held)
    match = pattern("cart_empty").search(clause.text)
    if match:
        if lines and not denied(clause.text, match.start(), match.end()):
            yield "action", match.group()
        return
    match = pattern("cart_state").search(clause.text)
    if match is None or denied(clause.text, match.start(), match.end()):
        return
    held = {str(line["id"]) for line in lines or ()}
    spoken = [c for c in sentence.claims if c.start >= clause.start and not has("advice", c.text)]
    marks = [m for m in sentence.marks if not m.aside and any(c.start <= m.start < c.end for c in spoken)]
    if {i for m in marks for i in m.ids} - held or lines is None:
        yield "action", match.group()
    quantity = sum(int(line.get("quantity", 1)) for line in lines or ())
    if lines and (counted := pattern("counted_in_cart").search(clause.text)):
        at = range(clause.start + counted.start(), clause.start + counted.end())
        named = {i for m in marks if m.start in at for i in m.ids}
        values = [pair for w in sentence.words if w.start in at for pair in w.values]
        of = [x for x in lines if str(x["id"]) in named] or [
            x
            for x in lines
            if (r := sentence.known.records.get(str(x["id"]))) and all(r.bears(*v) for v in values)
        ]
        if int(counted.group(1)) not in {
            sum(int(x.get("quantity", 1)) for x in of),
            *((quantity, len(lines)) if len(of) == len(lines) else ()),
        }:
            yield "count", counted.group()
    for count in re.finditer(r"(?<![\d$¥.])(\d{1,3}) ?(?:items?|pieces?|products?|things|件)", clause.text):
        if lines is not None and int(count.group(1)) not in {
            quantity,
            len(lines),
            *(int(x.get("quantity", 1)) for x in lines),
        }:
            yield "count", count.group()
