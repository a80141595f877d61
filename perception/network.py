"""The network itself, the only module that imports torch. Batch norms are folded into convolutions when it loads."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn

from perception.encoder import STEM_BLOCKS, lite2_weights

Outputs = tuple[np.ndarray, np.ndarray, np.ndarray]


class Tail(nn.Module):
    """The blocks after the shared stem and the last convolution: (n, 88, 17, 17) → (n, 1280, 9, 9)."""

    def __init__(self, net: EfficientNet) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(net._blocks[STEM_BLOCKS:])
        self.conv = net._conv_head
        self.norm = net._bn1
        self.act = nn.ReLU6()

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x)
        return self.act(self.norm(self.conv(x)))


class Stem(nn.Module):
    """Pixels to the shared features: (n, 3, 260, 260) → (n, 88, 17, 17)."""

    def __init__(self, net: EfficientNet) -> None:
        super().__init__()
        self.conv = net._conv_stem
        self.norm = net._bn0
        self.act = nn.ReLU6()
        self.blocks = nn.ModuleList(net._blocks[:STEM_BLOCKS])

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.norm(self.conv(x)))
        for block in self.blocks:
            x = block(x)
        return x


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


def load_network(tail_file: Path, threads: int) -> Callable[[np.ndarray], Outputs]:
    """A function from (n, 260, 260, 3) scaled pixels to (tuned features, ImageNet logits, map of the first view).

    The pretrained tail sees the first view only. Without `tail_file` the tuned features are the pretrained ones.
    """
    torch.set_num_threads(threads)
    net = pretrained()
    stem, tail, classifier = Stem(net), Tail(net), net._fc
    parts: list[nn.Module] = [stem, tail]
    tuned: Tail | None = None
    for part in parts:
        fold_norms(part)
    if tail_file.exists():
        from safetensors.torch import load_file

        tuned = Tail(pretrained())
        fold_norms(tuned)  # the file holds folded weights
        tuned.load_state_dict({k: v.float() for k, v in load_file(tail_file).items()})
        parts.append(tuned)
    for part in parts:
        part.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @torch.inference_mode()
    def run(pixels: np.ndarray) -> Outputs:
        x = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
        shared = stem(x)
        general = tail(shared[:1] if tuned is not None else shared)
        logits = classifier(general.mean((2, 3)))
        fmap = tuned(shared) if tuned is not None else general
        return fmap.mean((2, 3)).numpy(), logits.numpy(), fmap[0].numpy()

    return run
