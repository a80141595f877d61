"""Which size of a product a shopper should take, how sure that is, and what would make it surer.

`chart` reads a size chart, `systems` knows what sizes are called elsewhere, `body` guesses girths from height and
weight, `fit` weighs the sizes, `advice` puts it together; its words are in prompts/sizing.yaml, its numbers in
sizing.yaml.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def data() -> dict[str, Any]:
    """The numbers, as read once."""
    text = (Path(__file__).parent / "sizing.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return found
