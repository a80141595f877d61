"""Make agent/planner/weights/ears.safetensors from training/utterances.jsonl, and measure it on the held-out file.

    python -m training.ears

The fine-tuned sentence encoder of training/sentence_net.py, and linear models with L2, by L-BFGS: of the intent, of
what a named value is for, of sizes and quantities, of the products meant.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch.nn.functional import cross_entropy, embedding_bag

from agent.planner import intents, references, slots
from agent.planner.counts import candidates
from agent.planner.ears import (
    BUCKETS,
    COUNTS,
    INTENTS,
    ROLES,
    SENTENCE,
    WEIGHTS,
    Ears,
    Message,
    buckets,
    count_features,
    meant_features,
    message_features,
    role_features,
    scaled,
)
from agent.planner.understand import read
from perception.encoder import TextEncoder
from training import sentence_net
from training.sentence_net import Example
from training.utterances import HELD, TRAINED, context, lexicon, load, shared

Array = np.ndarray
FOLDS = 5
DECAY = 0.1


def messages(rows: Sequence[dict]) -> list[Message]:
    """The rows as the planner meets them."""
    words, made = lexicon(), []
    for row in rows:
        state, photos = context(row["context"])
        tagged = read(row["text"], words)
        found = references.find(tagged)
        ruled = [(part.intent, part.weight) for part, _ in intents.parts(tagged, found)]
        made.append(Message(tagged, found, ruled, state, photos))
    return made


class Linear:
    """Softmax of hashed features and, where given, of dense vectors."""

    def __init__(self, features: list[Array], y: Array, classes: int, dense: Array | None = None) -> None:
        self.features, self.y, self.classes = features, torch.tensor(y), classes
        self.dense = None if dense is None else torch.tensor(SENTENCE * dense)

    def fit(
        self, rows: Array, decay: float, steps: int = 60
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(named, bias, sentence) weights from these rows."""
        width = 1 if self.dense is None else self.dense.shape[1]
        named, bias, dense = (torch.zeros(n, self.classes, requires_grad=True) for n in (BUCKETS, 1, width))
        optimizer = torch.optim.LBFGS([named, bias, dense], max_iter=steps, history_size=8)
        y = self.y[rows]

        def closure() -> torch.Tensor:
            optimizer.zero_grad()
            loss = cross_entropy(self.scores(rows, named, bias, dense), y)
            loss = loss + decay * ((named**2).sum() + (dense**2).sum()) / len(rows)
            loss.backward()
            return loss

        optimizer.step(closure)
        return named.detach(), bias.detach(), dense.detach()

    def scores(
        self, rows: Array, named: torch.Tensor, bias: torch.Tensor, dense: torch.Tensor
    ) -> torch.Tensor:
        """(rows, classes)."""
        picked = [torch.from_numpy(self.features[i]) for i in rows]
        starts = torch.tensor([0, *(len(p) for p in picked[:-1])]).cumsum(0)
        weights = torch.cat([torch.full((len(p),), scaled(len(p))) for p in picked])
        found = embedding_bag(torch.cat(picked), named, starts, mode="sum", per_sample_weights=weights) + bias
        return found if self.dense is None else found + self.dense[rows] @ dense

    def crossed(self, folds: Array, decay: float) -> Array:
        """(rows, classes) scores of each row by weights that other folds made."""
        out = np.zeros((len(self.y), self.classes), np.float32)
        for fold in range(FOLDS):
            rest, own = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
            out[own] = self.scores(own, *self.fit(rest, decay)).numpy()
        return out


def role_rows(
    rows: Sequence[dict], heard: Sequence[Message], told: Sequence[str]
) -> tuple[list[Array], Array, Array]:
    """(features, role, row) of everything that a tag names. `told`: the intent each row is taken for."""
    features, roles, whose = [], [], []
    for n, (row, message, intent) in enumerate(zip(rows, heard, told, strict=True)):
        said, refused = row["said"], row["said"].get("not", {})
        excluded = slots.refused(message.tagged)
        for tag in message.tagged.tags:
            named = [(a, v) for a, values in tag.mention.meanings.slots.items() for v in values]
            if not named:
                continue
            wanted = any(v in said.get(a, []) for a, v in named)
            role = 1 if wanted else 2 if any(v in refused.get(a, []) for a, v in named) else 0
            features.append(buckets(role_features(message, tag, intent, tag in excluded)))
            roles.append(role)
            whose.append(n)
    return features, np.array(roles), np.array(whose)


def meant_rows(
    rows: Sequence[dict], heard: Sequence[Message], told: Sequence[str]
) -> tuple[list[Array], Array, Array]:
    """(features, 1 where meant, row) of every product of the newest list."""
    features, meant, whose = [], [], []
    for n, (row, message, intent) in enumerate(zip(rows, heard, told, strict=True)):
        ruled = [
            references.resolve(f.reference, message.state, message.photos, row["lang"]) for f in message.found
        ]
        for at, item in enumerate(message.state.newest):
            features.append(buckets(meant_features(message, ruled, at, intent)))
            meant.append(int(item.id in row.get("refs", [])))
            whose.append(n)
    return features, np.array(meant), np.array(whose)


def count_rows(
    rows: Sequence[dict], heard: Sequence[Message], told: Sequence[str]
) -> tuple[list[Array], Array, Array]:
    """(features, place in COUNTS, row) of everything that may be a size or a quantity."""
    features, kinds, whose = [], [], []
    for n, (row, message, intent) in enumerate(zip(rows, heard, told, strict=True)):
        for one in candidates(message.tagged):
            size = one.size in row["said"].get("size", [])
            kind = 1 if size else 2 if one.quantity == row["said"].get("quantity", 0) else 0
            features.append(buckets(count_features(message, one, intent)))
            kinds.append(kind)
            whose.append(n)
    return features, np.array(kinds), np.array(whose)


def examples(rows: Sequence[dict], heard: Sequence[Message], encoder: TextEncoder) -> list[Example]:
    """For the sentence encoder."""
    return [
        Example(
            encoder.pieces(m.tagged.clean or " "), m.around, INTENTS.index(r["intent"]), r["said"].get("asks", []),
            len(r.get("intents", [])) > 1,
        )
        for r, m in zip(rows, heard, strict=True)
    ]  # fmt: skip


def softmax(x: Array) -> Array:
    """Of each row."""
    e = np.exp(x - x.max(1, keepdims=True))
    return np.asarray(e / e.sum(1, keepdims=True))


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=10, help="of the sentence encoder")
    parser.add_argument(
        "--share",
        type=float,
        default=1.0,
        help="of the utterances to train on; below 1 the others are measured on",
    )
    parser.add_argument("--write", type=Path, default=WEIGHTS, help="where the weights go")
    options = parser.parse_args()
    rows, others = shared(load(TRAINED), options.share)
    heard = messages(rows)
    encoder = TextEncoder()
    folds = np.random.default_rng(0).permutation(len(rows)) % FOLDS
    y = np.array([INTENTS.index(r["intent"]) for r in rows])
    vectors = encoder.encode([m.tagged.clean for m in heard])
    intent = Linear([buckets(message_features(m)) for m in heard], y, len(INTENTS), vectors)
    crossed = intent.crossed(folds, DECAY)
    # Roles learn from the intents that are heard, mistakes and all, not from the labelled ones.
    told = [INTENTS[k] for k in crossed.argmax(1)]
    report: dict[str, object] = {
        "trained on": len(rows),
        "intent by the linear model, five-fold": float((crossed.argmax(1) == y).mean()),
    }
    named, bias, dense = intent.fit(np.arange(len(rows)), DECAY)
    found = {"intent.named": named.numpy(), "intent.bias": bias[0].numpy(), "intent.sentence": dense.numpy()}
    for name, (features, kinds, whose), classes in (
        ("role", role_rows(rows, heard, told), len(ROLES)),
        ("count", count_rows(rows, heard, told), len(COUNTS)),
        ("meant", meant_rows(rows, heard, told), 2),
    ):
        model = Linear(features, kinds, classes)
        hits = model.crossed(folds[whose], DECAY).argmax(1) == kinds
        report[f"{name}, five-fold"] = float(hits.mean())
        named, bias, _ = model.fit(np.arange(len(kinds)), DECAY)
        found |= {f"{name}.named": named.numpy(), f"{name}.bias": bias[0].numpy()}
    net = sentence_net.fit(examples(rows, heard, encoder), options.epochs, say=True)
    found |= net.weights()
    options.write.parent.mkdir(exist_ok=True)
    save_file(
        {
            k: np.ascontiguousarray(v.astype(np.float16 if v.ndim > 1 else np.float32))
            for k, v in found.items()
        },
        options.write,
    )
    held = others or load(HELD)
    ears = Ears(encoder.encode, encoder.pieces, options.write)
    told = [ears.hear(m) for m in messages(held)]
    hits = [max(t.intents, key=t.intents.__getitem__) == r["intent"] for t, r in zip(told, held, strict=True)]
    asked = [
        ({a for a, p in t.asks.items() if p > 0.5}, set(r["said"].get("asks", [])))
        for t, r in zip(told, held, strict=True)
    ]
    alone = [(t.several > 0.5) == (len(r.get("intents", [])) > 1) for t, r in zip(told, held, strict=True)]
    both, ours, theirs = (sum(map(len, s)) for s in zip(*[(a & b, a, b) for a, b in asked], strict=True))
    report |= {
        "measured on": len(held),
        "intent": float(np.mean(hits)),
        "asks, F1": 2 * both / max(ours + theirs, 1),
        "several": float(np.mean(alone)),
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
