"""Every sentence given to a model or shown to a shopper, and the words of the trade, as data (zh and en)."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent
LANGUAGES = ("zh", "en")


@cache
def load(name: str) -> dict[str, Any]:
    """Read `prompts/<name>.yaml` once. Raises FileNotFoundError for an unknown name."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((ROOT / f"{name}.yaml").read_text(encoding="utf-8"), Loader=loader)


def say(file: str, key: str, lang: str, **values: object) -> str:
    """The sentence at dotted `key` of `prompts/<file>.yaml` in `lang`, with `{names}` filled in.

    Raises KeyError when the key or the language is missing.
    """
    node: Any = load(file)
    for part in key.split("."):
        node = node[part]
    return str(node[lang]).format(**values)


def tell(key: str, **values: object) -> str:
    """A short text for the model (English, whatever the shopper speaks), `model.<key>` of `prompts/tools.yaml`."""
    return str(load("tools")["model"][key]).format(**values)
