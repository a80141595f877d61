"""The shop's policies: `policies.yaml` in the data folder, found by keyword and by meaning.

topics:
  returns:
    title:    {zh: 退换货, en: Returns and exchanges}
    passage:  {zh: ..., en: ...}
    keywords: {zh: [退货, 换货], en: [return, send back, refund]}
return_rules: {days: 30, never: [swimwear], topic: returns}    # what may be sent back, where orders can be looked up
"""

import re
import threading
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from prompts import load
from store.embedder import Embedder
from store.errors import StoreError
from store.orders.returns import Rules
from store.types import Text
from store.words import content, plain, segment

KEYWORD = 1.0  # what a keyword of the topic in the question is worth
WORD = 0.25  # and a word of its title
MEANING_FLOOR = 0.5  # cosine below which a topic is about something else
ENOUGH = 0.5  # score from which a topic answers the question
MOST_SAID = 2  # sentences of a passage that are said; the whole is shown beside
SHARED_WORD = 0.1
OF_KIND = 0.5  # what it is worth that a sentence tells what the question is after: a time, a price, a place
# what a question tells of, whose topic no word of it need name: "the zip broke"
DECIDING = ("defect", "photos")
OPENING = (
    0.3,
    0.15,
)  # what the first sentences of a passage are worth to a question after nothing in particular
NEARLY = 0.75
CLOSE = 0.6  # of the best: further passages worth reading


RETURN_RULES = "return_rules"  # the one key beside the topics
MOST_DAYS = 3650
TEMPLATE = Path(__file__).with_name("policies_template.yaml")


class PolicyError(StoreError):
    """policies.yaml cannot be read; the message says where."""

    code = "bad_policies"


@dataclass(frozen=True)
class Passage:
    """One topic in one language; `score` says how surely it answers, from 0.5 up."""

    topic: str
    title: str
    passage: str
    score: float = 1.0


@dataclass(frozen=True)
class Topic:
    name: str
    title: Text
    passage: Text
    keywords: tuple[str, ...]

    @property
    def phrases(self) -> list[str]:
        """The keywords that mean something alone: "send it back", not "back"."""
        return [k for k in self.keywords if (len(k) > 2 if not k.isascii() else " " in k or len(k) > 6)]


def begin(data_dir: Path | str) -> Path | None:
    """Write a commented template of `policies.yaml` where there is no such file; its path, None where there is one. All
    of it is comment: the shop has no policies until somebody writes some. Raises OSError."""
    path = Path(data_dir) / "policies.yaml"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE.read_text(encoding="utf-8"))
    except FileExistsError:
        return None
    return path


class Policies:
    """The policies of a data folder; none where the file is missing. With an embedder, also found by meaning."""

    def __init__(self, data_dir: Path | str, embedder: Embedder | None = None) -> None:
        self._path = Path(data_dir) / "policies.yaml"
        self._embedder = embedder
        self._lock = threading.Lock()

    @cached_property
    def _raw(self) -> dict[str, Any]:
        if not self._path.is_file():
            return {}
        try:
            return dict(yaml.safe_load(self._path.read_text(encoding="utf-8")) or {})
        except (yaml.YAMLError, TypeError, ValueError, OSError) as e:
            raise PolicyError(f"{self._path}: {e}") from e

    @cached_property
    def _topics(self) -> list[Topic]:
        try:
            entries: dict[str, Any] = self._raw.get("topics") or self._raw
            return [_topic(str(name), entry) for name, entry in entries.items() if name != RETURN_RULES]
        except (AttributeError, KeyError, TypeError, ValueError) as e:
            raise PolicyError(f"{self._path}: {e}") from e

    @cached_property
    def return_rules(self) -> Rules | None:
        """What may be sent back; None where the file does not say. Raises PolicyError."""
        raw = self._raw.get(RETURN_RULES)
        if raw is None:
            return None
        try:
            days, kept = int(raw["days"]), [raw.get("never") or [], raw.get("sealed") or []]
            unknown = set(raw) - {"days", "never", "sealed", "topic"}
            if not 0 <= days <= MOST_DAYS or not all(isinstance(kinds, list) for kinds in kept) or unknown:
                raise ValueError(f"{RETURN_RULES}: {', '.join(sorted(unknown)) or 'days, never, sealed'}")
            never, sealed = (tuple(map(str, kinds)) for kinds in kept)
            return Rules(days, never, sealed, str(raw.get("topic") or Rules.topic))
        except (AttributeError, KeyError, TypeError, ValueError) as e:
            raise PolicyError(f"{self._path}: {e}") from e

    @cached_property
    def _vectors(self) -> tuple[np.ndarray, list[int]]:
        """A vector per title, keyword and sentence, and the topic that each belongs to."""
        texts: list[str] = []
        owner: list[int] = []
        for place, topic in enumerate(self._topics):
            for text in dict.fromkeys([topic.title.zh, topic.title.en, *_sentences(topic), *topic.phrases]):
                if text:
                    texts.append(text)
                    owner.append(place)
        if not texts or self._embedder is None:
            return np.zeros((0, 1), dtype=np.float32), []
        return np.asarray(self._embedder.texts(texts)), owner

    def topics(self) -> list[str]:
        """The names of the topics, in the order of the file. Raises PolicyError."""
        return [t.name for t in self._topics]

    def get(self, topic: str, lang: str) -> Passage | None:
        """One topic in `lang`."""
        return next((_passage(t, lang, 1.0) for t in self._topics if t.name == topic), None)

    def find(self, question: str, lang: str) -> list[Passage]:
        """The passages that answer `question`, best first; empty when the policies do not speak of it."""
        with self._lock:
            topics = self._topics
            if not topics or not question.strip():
                return []
            meaning = self._meaning(question)
        asked = plain(question[:1000])
        stems = {_stem(w) for w in segment(asked)}
        said = {_stem(w) for w in content(asked)}
        scored: list[tuple[float, Topic]] = []
        after = _after(question)
        named = [[k for k in topic.keywords if _says(asked, stems, k)] for topic in topics]
        after = _after(asked)
        # "how long" asks of any topic: it decides only where nothing else is named
        bare = all("duration" in _after(k) for keywords in named for k in keywords)
        for place, topic in enumerate(topics):
            keywords = [k for k in named[place] if bare or "duration" not in _after(k)]
            # a longer keyword says more: "send back" outweighs "back"
            score = KEYWORD * min(1.5, sum(min(1.0, 0.6 + 0.1 * len(plain(k))) for k in keywords))
            title = {_stem(w) for text in (topic.title.zh, topic.title.en) for w in content(text)}
            score += WORD * len(said & title)
            score += KEYWORD * any(kind in after and _speaks_of(kind, topic) for kind in DECIDING)
            if "hours" in after and any(
                _tells("hours", t) for t in (topic.passage.zh, topic.passage.en) if t
            ):
                score += ENOUGH
            score += max(0.0, meaning[place] - MEANING_FLOOR) / (1 - MEANING_FLOOR) + (
                ENOUGH if meaning[place] >= MEANING_FLOOR else 0.0
            )
            scored.append((score, topic))
        scored.sort(key=lambda pair: -pair[0])
        best = scored[0][0]
        if best < ENOUGH:
            return []
        return [_passage(t, lang, round(s, 3)) for s, t in scored if s >= max(ENOUGH, CLOSE * best)][:3]

    def answer(self, question: str, passage: Passage) -> str:
        """The one or two sentences of `passage` that answer `question` best, in their order; all of a short passage."""
        sentences = _split(passage.passage, "。！？!?")
        if len(sentences) <= MOST_SAID or self._embedder is None:
            return passage.passage
        asked, *meant = self._embedder.texts([question[:1000], *sentences])
        said = {_stem(w) for w in content(plain(question[:1000]))}
        after = _after(question)
        scores = []
        for sentence, vector in zip(sentences, meant, strict=True):
            meaning = float(vector @ asked)
            shared = len(said & {_stem(w) for w in content(plain(sentence))})
            told = sum(_tells(kind, sentence) for kind in after)
            abroad = bool(after) and "place" not in after and _tells("place", sentence)
            scores.append(meaning + SHARED_WORD * shared + OF_KIND * (told - abroad))
        for place, worth in enumerate(() if after else OPENING):
            scores[place] += worth
        best = max(scores)
        chosen = sorted(sorted(range(len(scores)), key=lambda i: -scores[i])[:MOST_SAID])
        space = "" if passage.passage[-1:] in "。！？" else " "
        return space.join(sentences[i] for i in chosen if scores[i] >= NEARLY * best)

    def _meaning(self, question: str) -> list[float]:
        """Per topic, the best cosine of the question to anything it says."""
        vectors, owner = self._vectors
        best = [0.0] * len(self._topics)
        if owner and self._embedder is not None:
            for place, cosine in zip(
                owner, vectors @ self._embedder.texts([question[:1000]])[0], strict=True
            ):
                best[place] = max(best[place], float(cosine))
        return best


def _after(question: str) -> list[str]:
    """What a question is after: hours of the day, a duration, a cost, a place, an exception."""
    asked = plain(question[:1000])
    return [kind for kind, patterns in _kinds().items() if any(p.search(asked) for p in patterns["asked"])]


def _tells(kind: str, sentence: str) -> bool:
    """True when a sentence tells what a question of that kind is after."""
    said = plain(sentence)
    return any(p.search(said) for p in _kinds()[kind]["told"])


def _speaks_of(kind: str, topic: Topic) -> bool:
    return any(_tells(kind, passage) for passage in (topic.passage.zh, topic.passage.en) if passage)


@cache
def _kinds() -> dict[str, dict[str, list[re.Pattern[str]]]]:
    """prompts/understanding/policy_questions.yaml, compiled."""
    data = load("understanding/policy_questions")
    return {
        kind: {side: [re.compile(p) for p in entry[side]] for side in ("asked", "told")}
        for kind, entry in data.items()
    }


def _topic(name: str, entry: dict[str, Any]) -> Topic:
    keywords = entry.get("keywords") or {}
    listed = (
        [w for words in keywords.values() for w in words] if isinstance(keywords, dict) else list(keywords)
    )
    passage = entry.get("passage", entry.get("text"))
    return Topic(name, _text(entry["title"]), _text(passage), tuple(str(k) for k in listed))


def _text(value: Any) -> Text:
    return Text(**value) if isinstance(value, dict) else Text(en=str(value), zh=str(value))


def _passage(topic: Topic, lang: str, score: float) -> Passage:
    return Passage(topic.name, topic.title.get(lang), topic.passage.get(lang).strip(), score)


def _sentences(topic: Topic) -> list[str]:
    return _split(f"{topic.passage.zh}\n{topic.passage.en}")


def _split(text: str, marks: str = "。！？!?;；") -> list[str]:
    for mark in marks:
        text = text.replace(mark, mark + "\n")
    return [s.strip() for s in text.replace(". ", ".\n").splitlines() if len(s.strip()) > 3]


def _says(asked: str, stems: set[str], keyword: str) -> bool:
    """Chinese keywords anywhere in the question; English ones as whole words, whatever their ending."""
    word = plain(keyword)
    if not word.isascii():
        return word in asked
    parts = [_stem(w) for w in word.split()]
    return bool(parts) and all(p in stems for p in parts)


def _stem(word: str) -> str:
    """A crude English stem: enough for return/returns/returned/returning."""
    if not word.isascii() or len(word) < 5:
        return word[:-1] if word.isascii() and len(word) == 4 and word.endswith("s") else word
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending).rstrip("e")
    return word.rstrip("e")
