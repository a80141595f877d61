"""The network, as torch modules: EfficientNet-Lite2 cut into a stem and a tail, and what stands on the tail.

The stem stays as ImageNet made it; it feeds two tails, ImageNet's own and ours. Our tail carries the heads (what is it)
and the parts (where is it). Running it is the business of perception/graph.py.
"""

import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn
from torch.nn.functional import interpolate

from perception.encoder import lite2_weights

STEM_BLOCKS = 8  # blocks that the pretrained tail and our own share
FINE, MIDDLE, DEEP = 48, 120, 1280  # channels of the maps of 33, 17 and 9 cells a side
FINE_AT, MIDDLE_AT = 6, 14  # the blocks that those maps come from


class Stem(nn.Module):
    """(n, 3, 260, 260) scaled pixels → (n, 48, 33, 33) and (n, 88, 17, 17)."""

    def __init__(self, net: EfficientNet) -> None:
        super().__init__()
        self.conv = net._conv_stem
        self.norm = net._bn0
        self.act = nn.ReLU6()
        self.blocks = nn.ModuleList(net._blocks[:STEM_BLOCKS])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = fine = self.act(self.norm(self.conv(x)))
        for i, block in enumerate(self.blocks):
            x = block(x)
            fine = x if i == FINE_AT else fine
        return fine, x


class Tail(nn.Module):
    """The blocks after the stem and the last convolution: (n, 88, 17, 17) → (n, 120, 17, 17) and (n, 1280, 9, 9)."""

    def __init__(self, net: EfficientNet) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(net._blocks[STEM_BLOCKS:])
        self.conv = net._conv_head
        self.norm = net._bn1
        self.act = nn.ReLU6()

    def forward(self, x: Tensor, drop: float = 0.0) -> tuple[Tensor, Tensor]:
        """`drop`: the last block's chance to be skipped in training, less for earlier ones (stochastic depth)."""
        middle, last = x, STEM_BLOCKS + len(self.blocks)
        for i, block in enumerate(self.blocks, STEM_BLOCKS):
            x = block(x, drop_connect_rate=drop * i / last if drop else None)
            middle = x if i == MIDDLE_AT else middle
        return middle, self.act(self.norm(self.conv(x)))


class Heads(nn.Module):
    """One linear head per attribute, on the mean of the deep map and on what the head's own attention picks from the
    deep and the middle map. A neckline is two cells of eighty-one: a mean alone would drown it."""

    def __init__(self, sizes: list[int]) -> None:
        super().__init__()
        self.deep = nn.Conv2d(DEEP, len(sizes), 1)
        self.middle = nn.Conv2d(MIDDLE, len(sizes), 1)
        self.outs = nn.ModuleList(nn.Linear(2 * DEEP + MIDDLE, n) for n in sizes)

    def features(self, middle: Tensor, deep: Tensor) -> Tensor:
        """(n, heads, 2 * DEEP + MIDDLE)."""
        near = _attended(deep, self.deep(deep))
        fine = _attended(middle, self.middle(middle))
        mean = deep.mean((2, 3))[:, None].expand(-1, near.shape[1], -1)
        return torch.cat([mean, near, fine], 2)

    def forward(self, features: Tensor) -> list[Tensor]:
        """A list of (n, classes)."""
        return [out(features[:, j]) for j, out in enumerate(self.outs)]


def _attended(cells: Tensor, scores: Tensor) -> Tensor:
    """(n, c, h, w) cells weighed by softmax of (n, heads, h, w) scores → (n, heads, c)."""
    return torch.softmax(scores.flatten(2), 2) @ cells.flatten(2).transpose(1, 2)


class Parts(nn.Module):
    """Where is what: a class per cell of the fine map, from coarse to fine (feature pyramid, Lin et al. 2017)."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.deep = nn.Conv2d(DEEP, 96, 1)
        self.middle = nn.Conv2d(MIDDLE, 96, 1)
        self.mix = nn.Conv2d(96, 96, 3, padding=1, groups=96)
        self.narrow = nn.Conv2d(96, 64, 1)
        self.fine = nn.Conv2d(FINE, 64, 1)
        self.spread = nn.Conv2d(64, 64, 3, padding=1, groups=64)
        self.join = nn.Conv2d(64, 64, 1)
        self.out = nn.Conv2d(64, classes, 1)
        self.act = nn.ReLU6()

    def forward(self, fine: Tensor, middle: Tensor, deep: Tensor) -> Tensor:
        """(n, classes, 33, 33) scores."""
        x = self.act(_larger(self.deep(deep), 17) + self.middle(middle))
        x = self.act(self.narrow(self.act(self.mix(x))))
        x = self.act(_larger(x, 33) + self.fine(fine))
        x = self.act(self.join(self.act(self.spread(x))))
        return self.out(x)


def _larger(x: Tensor, side: int) -> Tensor:
    return interpolate(x, (side, side), mode="bilinear", align_corners=False)


def pretrained() -> EfficientNet:
    """EfficientNet-Lite2 with its ImageNet weights, in evaluation mode. Raises WeightsChanged."""
    net = EfficientNet.from_name("efficientnet-lite2")
    net.load_state_dict(torch.load(lite2_weights(), map_location="cpu", weights_only=True))
    return net.eval()


def fold_norms(module: nn.Module) -> None:
    """Fold each batch norm into the convolution before it, in place: same output, fewer passes over memory."""
    pairs = (
        ("conv", "norm"),
        ("_expand_conv", "_bn0"),
        ("_depthwise_conv", "_bn1"),
        ("_project_conv", "_bn2"),
    )
    for part in module.modules():
        for conv_name, norm_name in pairs:
            conv, norm = getattr(part, conv_name, None), getattr(part, norm_name, None)
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                if norm.running_mean is None or norm.running_var is None:
                    continue
                weight, bias = torch.nn.utils.fuse_conv_bn_weights(
                    conv.weight,
                    conv.bias,
                    norm.running_mean,
                    norm.running_var,
                    norm.eps,
                    norm.weight,
                    norm.bias,
                )
                conv.weight, conv.bias = weight, bias
                setattr(part, norm_name, nn.Identity())
