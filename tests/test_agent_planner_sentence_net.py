"""The NumPy network that hears and the torch one that learns are the same function."""

import numpy as np
import pytest
import torch

from agent.planner import sentence_net
from training.sentence_net import Example, Net, scores


@pytest.mark.parametrize("length", [1, 2, 3, 17])
def test_numpy_and_torch_agree(length: int) -> None:
    torch.manual_seed(length)
    net = Net().eval()
    pieces = np.random.default_rng(length).normal(0, 0.3, (length, 512)).astype(np.float32)
    weights = {k.removeprefix("net."): v for k, v in net.weights().items() if k.startswith("net.")}
    meant, heard = sentence_net.forward(weights, pieces)
    assert meant.shape == heard.shape == (512,)
    flags = torch.relu(net.context(torch.zeros(1, net.context.in_features)))
    both = torch.cat([3.0 * torch.tensor(meant)[None], torch.tensor(heard)[None], flags], 1).float()
    with torch.no_grad():
        told = net.intent(torch.relu(net.hidden(both))).numpy()[0]
    trained, _, _ = scores(net, [Example(pieces, [], 0, [], several=False)])
    assert np.allclose(trained[0], told, atol=1e-4)


def test_padding_changes_nothing() -> None:
    torch.manual_seed(0)
    net, random = Net(), np.random.default_rng(0)
    short, long = (
        Example(random.normal(0, 0.3, (n, 512)).astype(np.float32), ["list"], 0, [], several=False)
        for n in (4, 30)
    )
    alone, beside = scores(net, [short])[0][0], scores(net, [short, long])[0][0]
    assert np.allclose(alone, beside, atol=1e-4)
