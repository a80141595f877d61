"""A reader of GBNF that draws texts which a grammar accepts: as much of the notation as agent/local/grammar.py writes.

https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md
"""

import random
import re

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:\\.|[^"\\])*")|(?P<chars>\[(?:\\.|[^\]\\])*\])|(?P<times>\{\d+,\d+\})|(?P<mark>[|()*?])|(?P<name>[\w-]+))'
)
_ESCAPE = re.compile(r"\\x([0-9A-Fa-f]{2})|\\(.)")


def rules(grammar: str) -> dict[str, list]:
    """Rule name → what stands for it, as a tree. Raises ValueError for what is no rule, or a name without one."""
    found, used = {}, set()
    for line in filter(None, grammar.split("\n")):
        name, sign, body = line.partition(" ::= ")
        tokens, at = [], 0
        while at < len(body):
            match = _TOKEN.match(body, at)
            if match is None or not sign:
                raise ValueError(line)
            tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        used |= {value for kind, value in tokens if kind == "name"}
        if name in found:
            raise ValueError(f"{name} stands twice")
        found[name] = _either(tokens)
        if tokens:
            raise ValueError(line)
    if used - found.keys() or "root" not in found:
        raise ValueError(f"no rule for {used - found.keys()}")
    return found


def _either(tokens: list) -> list:
    choices = [[]]
    while tokens and tokens[0] != ("mark", ")"):
        kind, value = tokens.pop(0)
        if (kind, value) == ("mark", "|"):
            choices.append([])
            continue
        if (kind, value) == ("mark", "("):
            one = _either(tokens)
            if tokens.pop(0) != ("mark", ")"):
                raise ValueError("a bracket is open")
        elif kind == "text":
            one = ("text", _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[2], value[1:-1]))
        else:
            one = (kind, value)
        least, most = 1, 1
        if tokens and tokens[0] in (("mark", "?"), ("mark", "*")):
            least, most = 0, 1 if tokens.pop(0)[1] == "?" else 6
        elif tokens and tokens[0][0] == "times":
            least, most = map(int, tokens.pop(0)[1].strip("{}").split(","))
        choices[-1].append((one, least, most))
    return choices


def draw(grammar: dict[str, list], chance: random.Random, name: str = "root") -> str:
    """A text that the grammar accepts."""
    return _draw(grammar[name], grammar, chance)


def _draw(choices: list, grammar: dict[str, list], chance: random.Random) -> str:
    made = ""
    for one, least, most in chance.choice(choices):
        for _ in range(chance.randint(least, min(most, least + 3))):
            if isinstance(one, list):
                made += _draw(one, grammar, chance)
            elif one[0] == "name":
                made += _draw(grammar[one[1]], grammar, chance)
            else:
                made += one[1] if one[0] == "text" else _char(one[1], chance)
    return made


def _char(chars: str, chance: random.Random) -> str:
    inside = chars[1:-1]
    refused = inside.startswith("^")
    unescaped = _ESCAPE.sub(
        lambda m: chr(int(m[1], 16)) if m[1] else m[2] if m[2] != "\\" else "\\", inside.removeprefix("^")
    )
    one = re.compile(f"[{'^' if refused else ''}{_class(unescaped)}]")
    pool = '\x00\n\x1f\x7f "\\/{}[],:abczM059红裙é😀\u2028' + unescaped
    return chance.choice([c for c in pool if one.match(c)])


def _class(text: str) -> str:
    return "".join(c if c == "-" else re.escape(c) for c in text)
