"""What a tuning minimises."""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, log_softmax


def contrastive(scores: Tensor, same: Tensor) -> Tensor:
    """Symmetric InfoNCE (Radford et al. 2021) of (n, n) scores, texts down and photos across; `same` (n, n) bool: which
    text goes with which photo, its own and those of products called alike (Khosla et al. 2020, the mean outside)."""
    goal = same.to(scores.dtype)
    down = -(goal / goal.sum(0, keepdim=True) * log_softmax(scores, 0)).sum(0).mean()
    across = -(goal / goal.sum(1, keepdim=True) * log_softmax(scores, 1)).sum(1).mean()
    return (down + across) / 2


def attributes(scores: dict[str, Tensor], labels: dict[str, Tensor]) -> Tensor:
    """Mean cross-entropy over the attributes; `labels`: (n,) index of the value, -1 where the record does not say."""
    parts = [
        cross_entropy(scores[name], labels[name], ignore_index=-1)
        for name in scores
        if bool((labels[name] >= 0).any())
    ]
    return torch.stack(parts).mean() if parts else torch.zeros(())


def title_words(scores: Tensor, words: Tensor) -> Tensor:
    """How badly (n, words) scores tell which words the titles have (1) and have not (0): binary cross-entropy summed
    over the words, the rare ones as they come, by the mean number of words a title has."""
    return binary_cross_entropy_with_logits(scores, words, reduction="sum") / words.sum().clamp(min=1)
