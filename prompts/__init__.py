"""Every sentence given to a model or shown to a shopper, and the words of the trade, as data (zh and en)."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent
LANGUAGES = ("zh", "en")


# Files in the words of the shop that speaks, by name; None where it speaks in ours (`prompts.own`).
OWN: ContextVar[dict[str, dict[str, Any]] | None] = ContextVar("wording", default=None)


def load(name: str) -> dict[str, Any]:
    """The sentences of `prompts/<name>.yaml`, in the words of the shop that speaks. Raises FileNotFoundError for an
    unknown name."""
    own = OWN.get()
    return own[name] if own is not None and name in own else shipped(name)


@cache
def shipped(name: str) -> dict[str, Any]:
    """Read `prompts/<name>.yaml` once, as it stands there."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((ROOT / f"{name}.yaml").read_text(encoding="utf-8"), Loader=loader)


@dataclass(frozen=True)
class Sentence:
    """A sentence, or a part of one, that is put into words once the language is known: as `say` takes it."""

    file: str
    key: str
    values: dict[str, object] = field(default_factory=dict)

    def said(self, lang: str) -> str:
        """In `lang`."""
        return say(self.file, self.key, lang, **self.values)


def say(file: str, key: str, lang: str, **values: object) -> str:
    """The sentence at dotted `key` of `prompts/<file>.yaml` in `lang`, with `{names}` filled in; a name that stands for
    a Sentence gets it in the same language.

    Raises KeyError when the key or the language is missing.
    """
    node: Any = load(file)
    for part in key.split("."):
        node = node[part]
    told = {name: v.said(lang) if isinstance(v, Sentence) else v for name, v in values.items()}
    return str(node[lang]).format(**told)


def tell(key: str, **values: object) -> str:
    """A short text for the model (English, whatever the shopper speaks), `model.<key>` of `prompts/tools.yaml`."""
    return str(load("tools")["model"][key]).format(**values)
