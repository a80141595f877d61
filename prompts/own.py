"""A shop's own words: `wording.yaml` in its data folder, in the place of ours.

instructions: |              # for a large model, beside our own, which stay in force
  Call the shopper "dear guest". …
sentences:                   # file.key of prompts/*.yaml → what is said instead; a language that is left out stays ours
  ui.welcome.heading: {zh: 欢迎光临, en: Welcome in}
  replies.small.thanks: {en: ["With pleasure!", "Any time."]}

Only what is said to people may be replaced (FILES), by text of the same kind that fills in nothing which ours does not.

BadWording   such a file that cannot be used; the message says where and why
"""

import string
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from prompts import LANGUAGES, OWN, shipped

NAME = "wording.yaml"
FILES = ("replies", "session", "ui", "widget", "handoff")
MOST_CHARS = 4_000  # of the instructions, and of a sentence


class BadWording(Exception):
    """`why`: what is wrong, in English."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Wording:
    """`files`: those of FILES that differ from ours, as a whole."""

    instructions: str = ""
    files: dict[str, dict[str, Any]] = field(default_factory=dict)


def read(folder: Path) -> Wording | None:
    """The words of the shop in `folder`; None where it has none of its own. Raises BadWording."""
    path = folder / NAME
    if not path.exists():
        return None
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadWording(" ".join(str(error).split())[:300]) from error
    if not isinstance(found, dict) or set(found) - {"instructions", "sentences"}:
        raise BadWording("it holds instructions and sentences, and nothing else")
    instructions, sentences = found.get("instructions") or "", found.get("sentences") or {}
    if not isinstance(instructions, str) or len(instructions) > MOST_CHARS:
        raise BadWording(f"instructions are a text of at most {MOST_CHARS} characters")
    if not isinstance(sentences, dict):
        raise BadWording("sentences map the name of a sentence to what is said instead")
    files: dict[str, dict[str, Any]] = {}
    for key, said in sentences.items():
        name, _, rest = str(key).partition(".")
        if name not in FILES:
            raise BadWording(f"{key}: only sentences of {', '.join(FILES)} can be replaced")
        files.setdefault(name, deepcopy(shipped(name)))
        _replace(files[name], str(key), rest, said)
    return Wording(instructions.strip(), files)


@contextmanager
def speaking(wording: Wording | None) -> Iterator[None]:
    """What is said in here, and in threads that are begun here in a copy of the context, is said in these words."""
    token = OWN.set(wording.files if wording else None)
    try:
        yield
    finally:
        OWN.reset(token)


def adopt(wording: Wording | None) -> None:
    """The same until the thread ends: for a page run, which has no other end."""
    OWN.set(wording.files if wording else None)


def _replace(file: dict[str, Any], key: str, rest: str, said: Any) -> None:
    """Put a sentence in its place. Raises BadWording."""
    node: Any = file
    for part in rest.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    if not isinstance(node, dict) or not set(node) <= set(LANGUAGES) or not node:
        raise BadWording(f"{key}: there is no such sentence")
    if not isinstance(said, dict) or not said or set(said) - set(LANGUAGES):
        raise BadWording(f"{key}: a sentence is given by language, zh or en")
    for lang, text in said.items():
        ours = node[lang]
        variants = text if isinstance(text, list) and isinstance(ours, list) else [text]
        if not variants or not all(isinstance(v, str) and 0 < len(v.strip()) <= MOST_CHARS for v in variants):
            raise BadWording(f"{key}.{lang}: not a text, or too long")
        known = set().union(*(_places(v) for v in (ours if isinstance(ours, list) else [ours])))
        for variant in variants:
            try:
                strange = _places(variant) - known
            except ValueError as error:
                raise BadWording(f"{key}.{lang}: {error}") from error
            if strange:
                raise BadWording(f"{key}.{lang}: nothing is known to fill in {{{sorted(strange)[0]}}}")
        node[lang] = variants if isinstance(ours, list) else variants[0]


def _places(text: str) -> set[str]:
    """The names that are filled in. Raises ValueError for braces that do not match."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
