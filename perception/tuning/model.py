"""The modules that are trained, in torch; perception/joint.py runs the same sums in numpy."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, normalize

SIZE = 128  # of the learned half of the space
SECOND = 48  # of the second look
DROP = 0.2


class Projections(nn.Module):
    """Photo and title into one space; from what becomes of the photo, its attributes and its title's words, too."""

    def __init__(self, seen: int, text: int, words: int, attributes: dict[str, int]) -> None:
        super().__init__()
        self.photo, self.text = nn.Linear(seen, SIZE), nn.Linear(text, SIZE)
        self.words = nn.Linear(SIZE, words)
        self.attributes = nn.ModuleDict({name: nn.Linear(SIZE, n) for name, n in attributes.items()})
        self.share = nn.Parameter(torch.zeros(()))  # of the untuned vectors, before the sigmoid
        self.scale = nn.Parameter(torch.tensor(np.log(10.0), dtype=torch.float32))

    def photos(self, seen: Tensor, base: Tensor) -> tuple[Tensor, Tensor]:
        """(n, d) in the space, and (n, SIZE) to predict from."""
        hidden = self.photo(dropout(seen, DROP, self.training))
        return self._joined(base, hidden), hidden

    def texts(self, text: Tensor, base: Tensor) -> Tensor:
        """(n, d)."""
        return self._joined(base, self.text(dropout(text, DROP, self.training)))

    def _joined(self, base: Tensor, hidden: Tensor) -> Tensor:
        share = torch.sigmoid(self.share)
        return torch.cat([share.sqrt() * base, (1 - share).sqrt() * normalize(hidden, dim=1)], 1)


class SecondLook(nn.Module):
    """Cross-attention of a title's words over what was seen of a photo, its parts and the whole: h = Attention(h_v,
    h_t). Each word is held against what it finds there; the mean corrects the cosine, by `reach` at most."""

    def __init__(self, seen: int, cells: int, words: int, use: int) -> None:
        super().__init__()
        self.use, self.words = nn.Linear(use, SECOND, bias=False), nn.Embedding(words, SECOND)
        nn.init.normal_(self.words.weight, std=0.2)
        self.whole, self.cells = nn.Linear(seen, 2 * SECOND), nn.Linear(cells, 2 * SECOND)
        self.query = nn.Linear(SECOND, SECOND, bias=False)
        self.reach = nn.Parameter(torch.tensor(0.1))
        self.scale = nn.Parameter(torch.tensor(np.log(10.0), dtype=torch.float32))

    def forward(self, cosines: Tensor, words: Tensor, use: Tensor, seen: Tensor, cells: Tensor) -> Tensor:
        """(t, p) corrected cosines. `words` (t, w) places in the vocabulary, -1 beyond a title's last; `use` (words,
        512) the sentence encoder's vector of each word; `seen` (p, s), `cells` (p, CELLS, c)."""
        known = (words >= 0).to(cosines.dtype)
        places = words.clamp(min=0)
        asked = dropout(self.use(use[places]) + self.words(places), DROP, self.training)
        memory = torch.cat([self.whole(seen)[:, None], self.cells(cells)], 1)
        keys, values = dropout(memory, DROP, self.training).chunk(2, -1)
        attention = (torch.einsum("twd,prd->tpwr", self.query(asked), keys) / SECOND**0.5).softmax(-1)
        context = torch.einsum("tpwr,prd->tpwd", attention, values)
        each = torch.einsum("twd,tpwd->tpw", asked, context)
        scores = (each * known[:, None]).sum(-1) / known.sum(-1).clamp(min=1)[:, None] / SECOND**0.5
        return cosines + self.reach * torch.tanh(scores)
