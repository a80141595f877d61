"""Whether a shopper has had enough. The words are in prompts/understanding/handoff.yaml."""

import re
from functools import cache

from prompts import load


def heard(text: str) -> bool:
    """True for words of anger about the talk or the shop; not about a thing."""
    return bool(_words().search(text.casefold().replace("’", "'")))


@cache
def _words() -> re.Pattern[str]:
    return re.compile("|".join(load("understanding/handoff")["angry"]))
