"""Make agent/planner/weights/ears.safetensors from training/utterances.jsonl, and measure it on the held-out file.

    python -m training.ears

Three linear models with L2, by L-BFGS; five-fold figures of the training file are printed first.
"""

import argparse
import json
from collections.abc import Sequence

import numpy as np
import torch
from safetensors.numpy import save_file
from torch.nn.functional import cross_entropy, embedding_bag

from agent.planner import intents, references, slots
from agent.planner.ears import (
    BUCKETS,
    INTENTS,
    ROLES,
    SENTENCE,
    WEIGHTS,
    Message,
    buckets,
    meant_features,
    message_features,
    role_features,
    scaled,
)
from agent.planner.understand import read
from perception.encoder import TextEncoder
from training.utterances import HELD, TRAINED, context, lexicon, load

Array = np.ndarray
FOLDS = 5
DECAY, ROLE_DECAY, MEANT_DECAY = 0.1, 0.1, 0.1


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


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--no-folds", action="store_true", help="skip the five-fold figures")
    options = parser.parse_args()
    rows = [r for r in load(TRAINED) if r["intent"] in INTENTS]
    heard = messages(rows)
    folds = np.random.default_rng(0).permutation(len(rows)) % FOLDS
    vectors = TextEncoder().encode([m.tagged.clean for m in heard])
    y = np.array([INTENTS.index(r["intent"]) for r in rows])
    intent = Linear([buckets(message_features(m)) for m in heard], y, len(INTENTS), vectors)
    crossed = intent.crossed(folds, DECAY)
    # Roles learn from the intents that are heard, mistakes and all, not from the labelled ones.
    told = [INTENTS[k] for k in crossed.argmax(1)]
    features, roles, whose = role_rows(rows, heard, told)
    role = Linear(features, roles, len(ROLES))
    report = {"trained on": len(rows), "intent, five-fold": float((crossed.argmax(1) == y).mean())}
    if not options.no_folds:
        report["role, five-fold"] = float((role.crossed(folds[whose], ROLE_DECAY).argmax(1) == roles).mean())
    features, meant, whose_meant = meant_rows(rows, heard, told)
    pointing = Linear(features, meant, 2)
    if not options.no_folds:
        said = pointing.crossed(folds[whose_meant], MEANT_DECAY).argmax(1)
        wrong = set(whose_meant[said != meant].tolist())
        pointed = {n for n in whose_meant.tolist() if rows[n].get("refs")}
        report["meant, five-fold, where something is"] = 1 - len(wrong & pointed) / len(pointed)
        nothing = set(whose_meant.tolist()) - pointed
        report["meant, five-fold, where nothing is"] = 1 - len(wrong & nothing) / len(nothing)
    meant_named, meant_bias, _ = pointing.fit(np.arange(len(meant)), MEANT_DECAY)
    named, bias, dense = intent.fit(np.arange(len(rows)), DECAY)
    role_named, role_bias, _ = role.fit(np.arange(len(roles)), ROLE_DECAY)
    WEIGHTS.parent.mkdir(exist_ok=True)
    save_file(
        {
            "intent.named": named.numpy().astype(np.float16), "intent.bias": bias[0].numpy(),
            "intent.sentence": dense.numpy().astype(np.float16),
            "role.named": role_named.numpy().astype(np.float16), "role.bias": role_bias[0].numpy(),
            "meant.named": meant_named.numpy().astype(np.float16), "meant.bias": meant_bias[0].numpy(),
        },
        WEIGHTS,
    )  # fmt: skip
    held = [r for r in load(HELD) if r["intent"] in INTENTS]
    mine = messages(held)
    vectors = TextEncoder().encode([m.tagged.clean for m in mine])
    y = np.array([INTENTS.index(r["intent"]) for r in held])
    check = Linear([buckets(message_features(m)) for m in mine], y, len(INTENTS), vectors)
    hits = check.scores(np.arange(len(held)), named, bias, dense).numpy().argmax(1) == y
    report |= {"held out": len(held), "intent, held out": float(hits.mean())}
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
