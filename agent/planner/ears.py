"""What a message most likely means, learned from labelled examples: its intent, what it asks about, which of the words
that name a colour, a garment, … say what is wanted, what is not, and what only points at something, and which numbers
and letters are sizes or quantities.

A sentence encoder fine-tuned on the examples, and beside it linear models on named features, hashed (Weinberger et al.
2009). The rules of prompts/understanding are among those: where they are right, the examples taught to follow them.
Trained by training/ears.py from training/utterances.jsonl.
"""

import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from agent.planner import intents, references, sentence_net
from agent.planner.counts import Candidate
from agent.planner.meaning import Reference
from agent.planner.state import Item, State
from agent.planner.tagging import Tag, Tagged
from prompts import taxonomy

Array = np.ndarray
WEIGHTS = Path(__file__).parent / "weights" / "ears.safetensors"
BUCKETS = 1 << 15
SENTENCE = 3.0  # scale of the sentence vector beside the named features
ANSWER = "answer"  # to the open question
INTENTS = (
    "find", "refine", "more_like", "others", "ask_product", "ask_photo", "describe", "compare", "outfit", "recommend",
    "color", "try_on", "cart_add", "cart_remove", "cart_change", "cart_view", "size_advice", "policy", "order",
    "handoff", "memory", "smalltalk", "out_of_scope",
    ANSWER,
)  # fmt: skip
ASKS = (
    "price", "sizes", "stock", "material", "care", "rating", "brand", "colors", "pattern", "sleeve", "neckline",
    "length", "weight", "warmth", "origin", "occasion", "season", "other",
)  # fmt: skip
AROUND = ("fresh", "list", "several kinds", "seeking", "focus", "photo", "photo before", "cart", "asked")
ROLES = ("points", "wanted", "refused")
COUNTS = ("neither", "size", "quantity")
NET = 0.65  # weight of the fine-tuned encoder's opinion on the intent; the rest is the linear model's
_TOKENS = re.compile(r"<[A-Z_]+>|[a-z']+|\d+|[㐀-鿿]|[?!]")


@dataclass(frozen=True)
class Heard:
    """Chances of each of INTENTS to be the message's first, of each of ASKS to be asked about, of several wishes."""

    intents: dict[str, float]
    asks: dict[str, float]
    several: float


@dataclass(frozen=True)
class Message:
    """A tagged message with what the rules make of it, and the conversation that it comes in."""

    tagged: Tagged
    found: Sequence[references.Found]
    ruled: Sequence[tuple[str, float]]  # (intent, weight) of each part, by the rules
    state: State
    photos: Sequence[str]

    @cached_property
    def words(self) -> str:
        """The tagged text with references as <REF>, <DESC>, <PHOTO>."""
        text, at = "", 0
        for one in self.found:
            if one.start >= at:
                kind = {"described": "<DESC>", "photo": "<PHOTO>"}.get(one.reference.kind, "<REF>")
                text, at = text + self.tagged.text[at : one.start] + kind, one.end
        return text + self.tagged.text[at:]

    @cached_property
    def around(self) -> list[str]:
        """What the conversation is about, as flags."""
        state = self.state
        flags = {
            "fresh": not (state.lists or state.pictures or self.photos or state.latest == "cart"),
            "list": bool(state.newest),
            "several kinds": len({i.category for i in state.newest}) > 1,
            "seeking": state.seeking,
            "focus": bool(state.focus),
            "photo": bool(self.photos),
            "photo before": bool(state.pictures) and not self.photos,
            "cart": state.latest == "cart",
            "asked": state.pending is not None,
        }
        return [name for name, on in flags.items() if on]


def message_features(message: Message) -> set[str]:
    """Named features for the intent."""
    tokens = ["^", *_TOKENS.findall(message.words), "$"]
    named = {"w " + " ".join(tokens[i : i + n]) for n in (1, 2, 3) for i in range(len(tokens) - n + 1)}
    named |= {f"s {a} * {b}" for a, b in zip(tokens, tokens[2:], strict=False)}
    ruled = {f"r {intent}" for intent, _ in message.ruled}
    ruled |= {f"r {intent} {weight // 2}" for intent, weight in message.ruled}
    ruled |= {"r first " + intent for intent, _ in message.ruled[:1]}
    for sentence in intents.sentences(message.tagged, message.found):
        ruled.add("b " + intents.best(sentence)[0])
        ruled |= {"a " + asked for asked in intents.asks(sentence)}
    ruled |= {"t " + tag.name for tag in message.tagged.tags}
    crossed = {f"{flag} x {one}" for flag in message.around for one in ruled}
    return (
        named | ruled | crossed | {"c " + flag for flag in message.around} | {"c " + ",".join(message.around)}
    )


def role_features(message: Message, tag: Tag, intent: str, refused: bool) -> set[str]:
    """Named features for the role of what `tag` names, in a message taken for `intent`. `refused`: the rules find it in
    a negation's scope."""
    text, slots = message.tagged.text, tag.mention.meanings.slots
    left = (["^"] * 4 + _TOKENS.findall(text[: tag.start]))[-4:]
    right = (_TOKENS.findall(text[tag.end :]) + ["$"] * 4)[:4]
    inside = next((f.reference.kind for f in message.found if f.start <= tag.start and tag.end <= f.end), "-")
    kinds = [t for t in message.tagged.tags if "category" in t.mention.meanings.slots]
    around, named = ",".join(message.around), "+".join(slots)
    left2, right2 = " ".join(left[-2:]), " ".join(right[:2])
    features = {
        "a " + named, "m " + tag.mention.text, "i " + intent, f"ai {named} {intent}", f"ac {named} {around}",
        f"aic {named} {intent} {around}", "c " + around, "l1 " + left[-1], "l2 " + left2, "l3 " + " ".join(left[-3:]),
        "r1 " + right[0], "r2 " + right2, f"lr {left[-1]} {right[0]}", f"al {named} {left[-1]}",
        f"ar {named} {right[0]}", f"all {named} {left2}", f"arr {named} {right2}", f"x {refused}",
        f"xi {refused} {intent}", "in " + inside, f"ain {named} {inside}", f"iin {intent} {inside}",
        f"n {len(message.tagged.tags)}", f"q {'?' in text}", f"kinds {len(kinds)}",
        f"last {tag in kinds[-1:]}", f"first {tag in kinds[:1]}",
    }  # fmt: skip
    features |= {f"v {value}" for values in slots.values() for value in values}
    features |= {"bl " + w for w in left} | {"br " + w for w in right}
    return features | {f"c {flag} {named}" for flag in message.around}


def count_features(message: Message, candidate: Candidate, intent: str) -> set[str]:
    """Named features for whether a candidate is a size, a quantity or neither, in a message taken for `intent`."""
    text, around = message.tagged.text, ",".join(message.around)
    left = (["^"] * 4 + _TOKENS.findall(text[: candidate.start]))[-4:]
    right = (_TOKENS.findall(text[candidate.end :]) + ["$"] * 4)[:4]
    what = candidate.kind
    features = {
        "k " + what, f"ki {what} {intent}", f"kt {what} {candidate.tag}", f"kc {what} {around}", "t " + candidate.tag,
        f"ti {candidate.tag} {intent}", "v " + candidate.text, f"kl {what} {left[-1]}", f"kr {what} {right[0]}",
        f"kll {what} {' '.join(left[-2:])}", f"krr {what} {' '.join(right[:2])}", f"klr {what} {left[-1]} {right[0]}",
        f"kil {what} {intent} {left[-1]}", f"kir {what} {intent} {right[0]}", "i " + intent, f"q {what} {'?' in text}",
    }  # fmt: skip
    return features | {f"bl {what} {w}" for w in left} | {f"br {what} {w}" for w in right}


def meant_features(message: Message, ruled: Sequence[Reference], at: int, intent: str) -> set[str]:
    """Named features for whether the message means the product at a place of the newest list. `ruled`: the references
    that the rules find, resolved."""
    shown, state = message.state.newest, message.state
    item, place, last = shown[at], f"{at}", f"{at - len(shown)}"
    cart = {line["id"] for line in state.cart}
    about = {
        "focus": item.id in state.focus if state.focus else None,
        "cart": item.id in cart if state.latest == "cart" else None,
        "asked": item.id == state.pending.product if state.pending else None,
    }
    flags = {f"{name} {on}" for name, on in about.items() if on is not None}
    ids = [i for r in ruled for i in r.ids]
    named = {f"place {place}", f"last {last}", f"n {len(shown)}", f"i {intent}", f"refs {len(ruled)}"}
    named |= {f"ruled {item.id in ids} {bool(ids)}", f"ruled {bool(ids)} {intent}"}
    for r in ruled:
        inside = item.id in r.ids
        named |= {
            f"k {r.kind} {inside}",
            f"ki {r.kind} {inside} {intent}",
            f"kn {r.kind} {inside} {len(r.ids)}",
        }
    for tag in message.tagged.tags:
        for attribute, values in tag.mention.meanings.slots.items():
            hits = [_is(one, attribute, values) for one in shown]
            if any(hits):
                left = _TOKENS.findall(message.tagged.text[: tag.start])[-2:]
                right = _TOKENS.findall(message.tagged.text[tag.end :])[:2]
                hit, after = f"{attribute} {hits[at]}", " ".join(right)
                named |= {
                    f"h {hit}",
                    f"hi {hit} {intent}",
                    f"hn {hit} {sum(hits)}",
                    f"hl {hit} {' '.join(left[-1:])}",
                }
                named |= {
                    f"hl2 {hit} {' '.join(left)}",
                    f"hr {hit} {' '.join(right[:1])}",
                    f"hr2 {hit} {after}",
                }
    prices = [round(one.price) for one in shown]
    for number in {int(n) for n in re.findall(r"\d{1,6}", message.tagged.clean)} & set(prices):
        named |= {f"price {number == prices[at]}", f"price {number == prices[at]} {intent}"}
    rank = "least" if prices[at] == min(prices) else "most" if prices[at] == max(prices) else "between"
    words = [
        "^",
        *("#" if w.isdigit() and len(w) > 1 else w for w in _TOKENS.findall(message.tagged.text)),
        "$",
    ]
    for n in (1, 2, 3):
        for i in range(len(words) - n + 1):
            gram = " ".join(words[i : i + n])
            named |= {f"w {gram} {place}", f"w {gram}"}
            if n < 3:
                named |= {f"wl {gram} {last}", f"wr {gram} {rank}"}
            if n == 1:
                named |= {f"wf {gram} {flag}" for flag in flags}
    crossed = {f"{flag} x {one}" for flag in flags for one in (f"i {intent}", f"ruled {bool(ids)}")}
    return named | flags | crossed


def _is(item: Item, attribute: str, values: Sequence[str]) -> bool:
    if attribute == "category":
        return any(taxonomy.is_a(item.category, v) for v in values)
    if attribute == "color":
        return bool(set(values) & set(item.colors))
    return item.brand in values if attribute == "brand" else bool(set(values) & set(item.words))


def buckets(features: Iterable[str]) -> Array:
    """(n,) indices of the features, each bucket once."""
    return np.unique([zlib.crc32(one.encode()) % BUCKETS for one in features])


def scaled(count: int) -> float:
    """The value of each of `count` features: long messages weigh no more than short ones."""
    return 3.0 / float(np.sqrt(max(count, 1)))


class Ears:
    """The trained models. `vectors`: sentences → (n, 512), rows of length 1; `pieces`: a sentence → (n, 512) vectors of
    its pieces. Safe to share between threads."""

    def __init__(
        self,
        vectors: Callable[[Sequence[str]], Array],
        pieces: Callable[[str], Array],
        weights: Path = WEIGHTS,
    ) -> None:
        self._vectors, self._pieces, self._file = vectors, pieces, weights

    @cached_property
    def _weights(self) -> dict[str, Array]:
        return {name: tensor.astype(np.float32) for name, tensor in load_file(self._file).items()}

    @cached_property
    def _encoder(self) -> dict[str, Array]:
        return {k.removeprefix("net."): v for k, v in self._weights.items() if k.startswith("net.")}

    def hear(self, message: Message) -> Heard:
        """What the message is for."""
        w = self._weights
        at = buckets(message_features(message))
        linear = w["intent.named"][at].sum(0) * scaled(len(at)) + w["intent.bias"]
        linear += SENTENCE * self._vectors([message.tagged.clean])[0] @ w["intent.sentence"]
        intents, asks, several = self.net(message.tagged.clean, message.around)
        chances = NET * _softmax(intents) + (1 - NET) * _softmax(linear)
        if message.state.pending is None:
            chances[INTENTS.index(ANSWER)] = 0.0  # there is nothing to answer
        chances /= chances.sum()
        return Heard(
            dict(zip(INTENTS, chances.tolist(), strict=True)),
            dict(zip(ASKS, _sigmoid(asks).tolist(), strict=True)),
            float(_sigmoid(several)[0]),
        )

    def net(self, text: str, around: Sequence[str]) -> tuple[Array, Array, Array]:
        """Scores of INTENTS, of ASKS and (1,) of several wishes, by the fine-tuned encoder alone."""
        w = self._weights
        meant, heard = sentence_net.forward(self._encoder, self._pieces(text or " "))
        flags = np.array([name in around for name in AROUND], np.float32)
        context = np.maximum(flags @ w["head.context"] + w["head.context_b"], 0)
        hidden = np.concatenate([SENTENCE * meant, heard, context]) @ w["head.hidden"] + w["head.hidden_b"]
        hidden = np.maximum(hidden, 0)
        intents, asks, several = (
            hidden @ w[f"head.{k}"] + w[f"head.{k}_b"] for k in ("intent", "asks", "several")
        )
        return intents, asks, several

    def role(self, message: Message, tag: Tag, intent: str, refused: bool) -> dict[str, float]:
        """Probability of each of ROLES for what a tag names, in a message of this intent."""
        at = buckets(role_features(message, tag, intent, refused))
        scores = self._weights["role.named"][at].sum(0) * scaled(len(at)) + self._weights["role.bias"]
        return dict(zip(ROLES, _softmax(scores).tolist(), strict=True))

    def count(self, message: Message, candidate: Candidate, intent: str) -> dict[str, float]:
        """Probability of each of COUNTS for a number or letter, in a message of this intent."""
        at = buckets(count_features(message, candidate, intent))
        scores = self._weights["count.named"][at].sum(0) * scaled(len(at)) + self._weights["count.bias"]
        return dict(zip(COUNTS, _softmax(scores).tolist(), strict=True))

    def meant(self, message: Message, ruled: Sequence[Reference], intent: str) -> list[str]:
        """Ids of the products of the newest list that the message means."""
        found = []
        for at, item in enumerate(message.state.newest):
            one = buckets(meant_features(message, ruled, at, intent))
            score = self._weights["meant.named"][one].sum(0) * scaled(len(one)) + self._weights["meant.bias"]
            if score[1] > score[0]:
                found.append(item.id)
        return found


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def _softmax(x: Array) -> Array:
    e = np.exp(x - x.max())
    return np.asarray(e / e.sum())
