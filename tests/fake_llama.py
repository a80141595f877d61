"""A model of letters: each is a token, and what it writes is given. Counts what it is made to read."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests import gbnf

MARKS = ["<|im_start|>", "<|im_end|>"]
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


class Letters:
    """A Runtime (agent/local/engine.py). `replies`: texts that it writes, one a generation. `slow`: seconds a step."""

    def __init__(self, replies: Sequence[str] = (), template: str = TEMPLATE, context: int = 40_000) -> None:
        self.replies, self.template, self.context = list(replies), template, context
        self.name, self.bos, self.eos, self.slow = "letters", "", MARKS[1], 0.0
        self.memory: list[int] = []
        self.read: list[int] = []  # how many tokens each step read
        self.grammars: list[str] = []
        self._writing: list[int] = []

    def tokens(self, text: str, special: bool) -> list[int]:
        if special:
            for n, mark in enumerate(MARKS):
                text = text.replace(mark, chr(n))
        return [ord(c) for c in text]

    def piece(self, token: int) -> bytes:
        return chr(token).encode()

    def ends(self, token: int) -> bool:
        return token == 1

    def keep(self, count: int) -> None:
        self.memory = self.memory[:count]

    def feed(self, tokens: Sequence[int]) -> None:
        time.sleep(self.slow)
        self.memory += tokens
        self.read.append(len(tokens))

    def guide(self, grammar: str) -> Any:
        gbnf.rules(grammar)
        self.grammars.append(grammar)
        self._writing = [*self.tokens(self.replies.pop(0), False), 1]
        return self

    def pick(self, guide: Any | None) -> int:
        return self._writing.pop(0)

    def save(self, path: Path, tokens: Sequence[int]) -> None:
        path.write_text(json.dumps(list(tokens)), encoding="utf-8")

    def load(self, path: Path) -> list[int]:
        self.memory = list(json.loads(path.read_text(encoding="utf-8")))
        return list(self.memory)

    def prompt(self) -> str:
        """What it has read, its marks written out."""
        return "".join(MARKS[t] if t < len(MARKS) else chr(t) for t in self.memory)
