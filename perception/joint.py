"""A space of photos and titles that was tuned on a shop's own products, and how near a title's words are to a picture.

A vector is the untuned one beside a learned one, each with its share: a shop that taught nothing keeps what it had.
Made by perception/tuning; only numpy here, since every search asks for a title's vector.

JointError
└── Unfit        the file is damaged, or was made with other eyes: tune again
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from perception.details import CELLS
from perception.garments import softmax

Array = np.ndarray
Texts = Callable[[Sequence[str]], Array]
FORMAT = "1"
USE_SCALE = 4.0  # of the sentence's vector beside the counts of its words
MOST_WORDS = 12  # of a title that the second look compares
_LATIN, _HAN = re.compile(r"[a-z0-9]+"), re.compile(r"[㐀-鿿]+")


class JointError(Exception):
    """Base of what a tuned space raises; `code` is stable."""

    code = "joint_error"


class Unfit(JointError):
    """The file cannot be used with these eyes."""

    code = "tuning_unfit"


@dataclass(frozen=True)
class Encoders:
    """The frozen encoders of sentences: `use` into 512 dimensions, `base` into the space of the pictures' untuned
    vectors (often the same)."""

    use: Texts
    base: Texts


def title_words(text: str) -> list[str]:
    """The words of a title, each once: Latin ones without a plural's s, Chinese ones as pairs of characters."""
    text = unicodedata.normalize("NFKC", text).lower()
    found = [
        w[:-1] if len(w) > 3 and w.endswith("s") and not w.endswith("ss") else w for w in _LATIN.findall(text)
    ]
    for run in _HAN.findall(text):
        found += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
    return list(dict.fromkeys(found))


def bags(texts: Sequence[str], vocabulary: Mapping[str, int]) -> Array:
    """(n, words) float32: 1 for each word that a text has."""
    out = np.zeros((len(texts), len(vocabulary)), np.float32)
    for place, text in enumerate(texts):
        out[place, [vocabulary[w] for w in title_words(text) if w in vocabulary]] = 1
    return out


class Joint:
    """Weights in the shop's data folder. Safe to share between threads."""

    def __init__(self, tensors: Mapping[str, Array], meta: Mapping[str, str], encoders: Encoders) -> None:
        self.id, self.eyes = meta["id"], meta["eyes"]
        self.vocabulary = {word: place for place, word in enumerate(json.loads(meta["vocabulary"]))}
        self._t = {name: np.asarray(value, np.float32) for name, value in tensors.items()}
        self._encoders = encoders
        self._word = lru_cache(maxsize=8192)(self._word_vector)

    @classmethod
    def load(cls, path: Path, encoders: Encoders, eyes: str) -> "Joint":
        """Read the file at `path`, made with the eyes named `eyes`. Raises Unfit."""
        try:
            with safe_open(path, "numpy") as file:
                meta = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
        except (OSError, SafetensorError) as error:
            raise Unfit(f"{path.name} cannot be read: {error}") from error
        if meta.get("format") != FORMAT or meta.get("eyes") != eyes:
            raise Unfit(f"{path.name} was tuned with other eyes than the shop's now")
        return cls(tensors, meta, encoders)

    @property
    def reranks(self) -> bool:
        """Whether there is a second look at the best candidates."""
        return "second.query" in self._t

    def photos(self, details: Array, shared: Array) -> Array:
        """(n, d) of length 1 at most. `details`: rows of perception/details.py, or their first part; `shared`: the
        pictures' untuned vectors (n, s)."""
        weight = self._t["photo.weight"]
        learned = _unit(np.asarray(details, np.float32)[:, : len(weight)] @ weight + self._t["photo.bias"])
        return self._joined(np.asarray(shared, np.float32), learned)

    def texts(self, texts: Sequence[str]) -> Array:
        """(n, d) of length 1 at most."""
        use = self._encoders.use(list(texts))
        base = use if self._encoders.base is self._encoders.use else self._encoders.base(list(texts))
        return self.project_texts(use, base, texts)

    def project_texts(self, use: Array, base: Array, texts: Sequence[str]) -> Array:
        """The same from what the encoders made of the texts."""
        x = np.concatenate([USE_SCALE * use, bags(texts, self.vocabulary)], 1)
        return self._joined(base, _unit(x @ self._t["text.weight"] + self._t["text.bias"]))

    def second_look(self, text: str, cosines: Array, details: Array) -> Array:
        """(n,) the cosines of a text with n pictures, corrected by how its words attend to the parts of each."""
        asked = [w for w in title_words(text) if w in self.vocabulary][:MOST_WORDS]
        if not self.reranks or not asked or not len(details):
            return cosines
        t = self._t
        words = np.stack([self._word(w) for w in asked])  # (w, d)
        rows = np.asarray(details, np.float32)
        seen = len(t["photo.weight"])
        cells = rows[:, seen:].reshape(len(rows), CELLS, -1)
        whole = (rows[:, :seen] @ t["second.whole"] + t["second.whole_bias"])[:, None]
        memory = np.concatenate([whole, cells @ t["second.cells"] + t["second.cells_bias"]], 1)  # (n, r, 2d)
        keys, values = np.split(memory, 2, axis=2)
        query = words @ t["second.query"]
        attention = softmax(np.einsum("wd,nrd->nwr", query, keys) / np.sqrt(len(query[0])))
        context = np.einsum("nwr,nrd->nwd", attention, values)
        scores = (words[None] * context).sum(2).mean(1) / np.sqrt(len(query[0]))
        return np.asarray(cosines + float(t["second.reach"][0]) * np.tanh(scores))

    def _word_vector(self, word: str) -> Array:
        use = USE_SCALE * self._encoders.use([word])[0]
        return np.asarray(use @ self._t["second.use"] + self._t["second.words"][self.vocabulary[word]])

    def _joined(self, base: Array, learned: Array) -> Array:
        share = float(self._t["share"][0])
        return np.concatenate([np.sqrt(share) * base, np.sqrt(1 - share) * learned], 1).astype(np.float32)


def _unit(rows: Array) -> Array:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))
