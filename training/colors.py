"""Trains the network that names colours, on the pixels of labelled garments as the installed eyes cut them out."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import Tensor, nn

from perception.color import AROUND, CLOTH, COLORS, SCALE, sample, to_lab
from perception.encoder import WEIGHTS
from perception.mask import FEW, Mask
from prompts import load, taxonomy
from training.weights import write_sums

Array = np.ndarray
HIDDEN, EMBEDDED, STEPS, DROPOUT, LR, DECAY = 128, 32, 1500, 0.2, 4e-3, 1e-3
BATCH, CLOTH_SEEN, AROUND_SEEN, SWATCHES = 64, 96, 48, 8
FIRST_LABELLER = 2.0  # how much more often his photos are shown: by his way of naming it is judged
LIGHTS = (0.02, 0.25, 0.5, 0.75, 0.98)


@dataclass(frozen=True)
class Pixels:
    """Of n photos: `cloth` (n, CLOTH, 3), `around` (n, AROUND, 3) RGB; `target` (n, names), the main colour first in
    weight; `main` (n,) its index; `weight` (n,) how often to show it."""

    cloth: Array
    around: Array
    target: Array
    main: Array
    weight: Array


def pixels_of(mask: Mask) -> tuple[Array, Array]:
    """What main_colors looks at."""
    around = mask.pixels[mask.background] if mask.background.sum() >= FEW else mask.pixels.reshape(-1, 3)
    return sample(mask.pixels[mask.garment], CLOTH), sample(around, AROUND)


def targets(colors: list[list[str]]) -> tuple[Array, Array]:
    """Shares and main index from labelled colours, main first."""
    names = taxonomy.values("color")
    target = np.zeros((len(colors), len(names)), np.float32)
    for i, said in enumerate(colors):
        for name, weight in zip(said, (0.7, 0.3, 0.2) if len(said) > 1 else (1.0,), strict=False):
            target[i, names.index(name)] += weight
    main = np.array([names.index(said[0]) for said in colors])
    return target / target.sum(1, keepdims=True), main


class Net(nn.Module):
    """The network of perception/color.py; layer names are those of the file."""

    def __init__(self) -> None:
        super().__init__()
        names = len(taxonomy.values("color"))
        self.e1, self.e2 = nn.Linear(3, EMBEDDED), nn.Linear(EMBEDDED, EMBEDDED)
        self.context = nn.Linear(4 * EMBEDDED + 24, HIDDEN)
        self.pixel = nn.Linear(3 + EMBEDDED + HIDDEN, HIDDEN)
        self.name, self.whole = nn.Linear(HIDDEN, names), nn.Linear(HIDDEN, names)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, cloth: Tensor, around: Tensor) -> tuple[Tensor, Tensor]:
        """(n, p, 3) and (n, q, 3) scaled CIELAB → shares (n, names), scores of the main colour (n, names)."""
        eg, eb = self._embed(cloth), self._embed(around)
        seen = [eg.mean(1), eg.amax(1), eb.mean(1), eb.amax(1), _statistics(cloth), _statistics(around)]
        context = self.drop(torch.relu(self.context(torch.cat(seen, 1))))
        rows = torch.cat([cloth, eg, context[:, None].expand(-1, cloth.shape[1], -1)], 2)
        each = torch.softmax(self.name(torch.relu(self.pixel(rows))), -1)
        return each.mean(1), self.whole(context)

    def _embed(self, x: Tensor) -> Tensor:
        return torch.relu(self.e2(torch.relu(self.e1(x))))


def _statistics(x: Tensor) -> Tensor:
    lights = torch.quantile(x[..., 0], torch.tensor(LIGHTS), dim=1).T
    spread = x.std(1)
    return torch.cat([x.mean(1), spread, lights, spread[:, :1]], 1)


def fit(data: Pixels, rows: Array, seed: int = 0) -> Net:
    """Trained on `rows`: photos in other lights (all pixels of a photo alike), and swatches of known names between."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = Net()
    optimizer = torch.optim.AdamW(net.parameters(), lr=LR, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    chance = data.weight[rows] / data.weight[rows].sum()
    swatches = _swatches()
    for _ in range(STEPS):
        i = rng.choice(rows, BATCH, p=chance)
        cloth = data.cloth[i][:, rng.integers(0, CLOTH, CLOTH_SEEN)].astype(np.float32)
        around = data.around[i][:, rng.integers(0, AROUND, AROUND_SEEN)].astype(np.float32)
        gain = rng.uniform(0.8, 1.2, (BATCH, 1, 1)) * rng.uniform(0.95, 1.05, (BATCH, 1, 3))
        extra, extra_around, extra_target, extra_main = swatches(rng)
        x = scaled(np.concatenate([np.clip(cloth * gain, 0, 255), extra]))
        y = scaled(np.concatenate([np.clip(around * gain, 0, 255), extra_around]))
        shares, whole = net(x, y)
        target = torch.tensor(np.concatenate([data.target[i], extra_target]))
        main = torch.tensor(np.concatenate([data.main[i], extra_main]))
        loss = -(target * torch.log(shares + 1e-4)).sum(1).mean()
        loss = loss + 0.5 * nn.functional.cross_entropy(whole, main, label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return net.eval()


def scaled(rgb: Array) -> Tensor:
    """(n, p, 3) RGB 0..255 → scaled CIELAB."""
    flat = to_lab(rgb.reshape(-1, 3).astype(np.float32)) / SCALE
    return torch.from_numpy(flat.reshape(rgb.shape).astype(np.float32))


def _swatches() -> Callable[[np.random.Generator], tuple[Array, Array, Array, Array]]:
    """SWATCHES plain cloths of the colours of prompts/colours.yaml, before white, warm or grey."""
    names = taxonomy.values("color")
    known = [
        (names.index(name), [int(code[i : i + 2], 16) for i in (1, 3, 5)])
        for name, codes in load("colours")["prototypes"].items()
        for code in codes
    ]
    grounds = np.array([[247, 247, 247], [205, 196, 186], [140, 133, 124]], np.float32)

    def draw(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
        picked = [known[k] for k in rng.integers(0, len(known), SWATCHES)]
        main = np.array([k for k, _ in picked])
        cloth = np.array([c for _, c in picked], np.float32)[:, None] + rng.normal(
            0, 6, (SWATCHES, CLOTH_SEEN, 3)
        )
        around = grounds[rng.integers(0, 3, SWATCHES)][:, None] + rng.normal(0, 6, (SWATCHES, AROUND_SEEN, 3))
        target = np.eye(len(names), dtype=np.float32)[main]
        return np.clip(cloth, 0, 255), np.clip(around, 0, 255), target, main

    return draw


@torch.inference_mode()
def judge(net: Net, data: Pixels, rows: Array) -> tuple[Array, Array]:
    """(n, names) shares and chances of the main colour."""
    shares, whole = net(scaled(data.cloth[rows]), scaled(data.around[rows]))
    return shares.numpy(), torch.softmax(whole, 1).numpy()


def blend(shares: Array, whole: Array, seen: Array, main: Array) -> dict[str, float]:
    """The weights of the three opinions under which the labelled main colours are likeliest."""
    opinions = [torch.tensor(np.log(p + 1e-3)) for p in (shares, whole, seen)]
    w = torch.tensor([0.5, 0.5, 0.5], requires_grad=True)
    optimizer = torch.optim.LBFGS([w], max_iter=60, line_search_fn="strong_wolfe")
    target = torch.tensor(main)

    def closure() -> Tensor:
        optimizer.zero_grad()
        z = sum(w[k] * opinions[k] for k in range(3))
        loss = nn.functional.cross_entropy(z, target)
        loss.backward()
        return loss

    optimizer.step(closure)
    return dict(zip(("shares", "whole", "seen"), (round(float(v), 3) for v in w.detach()), strict=True))


def write(net: Net, weights: dict[str, float]) -> None:
    """The weight file."""
    tensors = {
        k: np.ascontiguousarray(v.detach().numpy().astype(np.float16)) for k, v in net.state_dict().items()
    }
    metadata = {"names": json.dumps(taxonomy.values("color")), "weights": json.dumps(weights)}
    save_file(tensors, WEIGHTS / COLORS, metadata=metadata)
    write_sums()
