"""A reply of a small model as a GBNF grammar: one line, "say words" or "tool {arguments}", the arguments by the tool's
own JSON schema, so that whatever the model writes can be read. `read` is the way back.

GBNF: https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.exceptions import ModelError

SAY = "say"
MOST_CHARS = 60  # of one string: a query, a question; longer ones only cost time
MOST_ITEMS = 4  # of a list whose schema has no bound of its own
_DEPTH = 6
Schema = Mapping[str, Any]


class UnreadableReply(ModelError, ValueError):
    """What a model wrote is neither words nor a call. With the grammar that happens only to a reply cut off, and a
    model that always takes the likeliest word would write it again."""


@dataclass(frozen=True)
class Reply:
    """What was written: `words`, or the call of `tool` with `args`."""

    words: str = ""
    tool: str | None = None
    args: dict[str, Any] | None = None


_BLANKS = "".join(c for c in map(chr, range(0x21, 0x3001)) if c.isspace())  # a sentence of these says nothing


def grammar(tools: Mapping[str, Schema], words: bool | Sequence[str] = True) -> str:
    """GBNF of one reply. `tools`: JSON schema of the arguments by tool name; `words`: whether it may also be "say …",
    or the sentences that may be said.

    Keys of an object come in the schema's order, each at most once; nothing but the schema's keys and values fits."""
    rules = _Rules()
    calls = [f"{_literal(name + ' ')} {rules.of(schema)}" for name, schema in tools.items()]
    said = [_literal(f"{SAY} {line}") for line in words] if not isinstance(words, bool) else []
    if words is True:
        said = [f"{_literal(SAY + ' ')} [^\\x00-\\x20{_BLANKS}] [^\\x00]*"]
    rules.add("root", " | ".join([*said, *calls]))
    return rules.text()


def read(text: str, tools: Sequence[str]) -> Reply:
    """What a reply says. Raises UnreadableReply."""
    name, _, rest = text.strip().partition(" ")
    if name == SAY and rest.strip():
        return Reply(words=rest.strip())
    if name not in tools:
        raise UnreadableReply(text)
    try:
        args = json.loads(rest)
    except ValueError as error:
        raise UnreadableReply(text) from error
    if not isinstance(args, dict):
        raise UnreadableReply(text)
    return Reply(tool=name, args=args)


def written(tool: str, args: Mapping[str, Any]) -> str:
    """A call as the model is shown it: the notation that the grammar accepts."""
    return f"{tool} {json.dumps(args, ensure_ascii=False, separators=(',', ':'))}"


class _Rules:
    """Named rules; equal bodies share a name, so that two conditions of the same shape cost one."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def add(self, name: str, body: str) -> str:
        """The name that `body` stands under."""
        return self._names.setdefault(body, name)

    def text(self) -> str:
        """The grammar, root first."""
        lines = sorted(
            (f"{name} ::= {body}" for body, name in self._names.items()),
            key=lambda one: not one.startswith("root "),
        )
        return "\n".join(lines) + "\n"

    def of(self, schema: Schema, depth: int = 0, definitions: Schema | None = None) -> str:
        """The rule for any value of `schema`. What a schema leaves open is any JSON value, three levels deep."""
        definitions = schema.get("$defs", definitions or {})
        if "$ref" in schema:
            schema = definitions.get(str(schema["$ref"]).rpartition("/")[2], {})
        if depth > _DEPTH:
            return self._string()
        if "const" in schema:
            return _literal(json.dumps(schema["const"], ensure_ascii=False))
        if "enum" in schema:
            return self._new(
                "enum", " | ".join(_literal(json.dumps(v, ensure_ascii=False)) for v in schema["enum"])
            )
        for union in ("anyOf", "oneOf"):
            if union in schema:
                # An argument that is null is one left out.
                kinds = [s for s in schema[union] if s.get("type") != "null"]
                return self._new("any", " | ".join(self.of(s, depth + 1, definitions) for s in kinds))
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next((k for k in kind if k != "null"), "string")
        if kind == "object":
            return self._object(schema, depth, definitions)
        if kind == "array":
            return self._array(schema, depth, definitions)
        if kind in ("integer", "number"):
            sign = '"-"? ' if schema.get("minimum", -1) < 0 else ""
            return sign + (self._integer() if kind == "integer" else self._number())
        if kind == "boolean":
            return self._new("boolean", '"true" | "false"')
        return self._string(min(int(schema.get("maxLength", MOST_CHARS)), MOST_CHARS))

    def _object(self, schema: Schema, depth: int, definitions: Schema) -> str:
        fields: Mapping[str, Schema] = schema.get("properties") or {}
        extra = schema.get("additionalProperties")
        if not fields:
            if extra in (None, False):
                return self._new("empty", '"{}"')
            value = self.of(extra, depth + 1, definitions) if isinstance(extra, dict) else self._string()
            pair = f'{self._string()} ":" {value}'
            return self._new("map", f'"{{" ({pair} ("," {pair}){{0,{MOST_ITEMS - 1}}})? "}}"')
        required = set(schema.get("required", ()))
        pairs = [
            (f"{_literal(json.dumps(name) + ':')} {self.of(one, depth + 1, definitions)}", name in required)
            for name, one in fields.items()
        ]
        # From the last key to the first: what may follow, once one has been written and while none has.
        after, start = '""', '""'
        for pair, needed in reversed(pairs):
            this, first = f'"," {pair} {after}', f"{pair} {after}"
            after, start = (
                (self._new("after", this), self._new("start", first))
                if needed
                else (self._new("after", f"{this} | {after}"), self._new("start", f"{first} | {start}"))
            )
        return self._new("object", f'"{{" {start} "}}"')

    def _array(self, schema: Schema, depth: int, definitions: Schema) -> str:
        item = self.of(schema.get("items") or {"type": "string"}, depth + 1, definitions)
        least = int(schema.get("minItems", 1))  # an empty list says nothing: the key is left out instead
        most = max(int(schema.get("maxItems", MOST_ITEMS)), least, 1)
        some = f'{item} ("," {item}){{{max(least, 1) - 1},{most - 1}}}'
        return self._new("list", f'"[" {some} "]"' if least else f'"[" ({some})? "]"')

    def _string(self, most: int = MOST_CHARS) -> str:
        char = self._new("char", '[^"\\\\\\x00-\\x1f\\x7f] | "\\\\" ["\\\\/]')
        return self._new("string", f'"\\"" {char}{{1,{most}}} "\\""')

    def _integer(self) -> str:
        return self._new("integer", '"0" | [1-9] [0-9]{0,5}')

    def _number(self) -> str:
        return self._new("number", f'{self._integer()} ("." [0-9]{{1,2}})?')

    def _new(self, kind: str, body: str) -> str:
        return self.add(f"{kind}-{len(self._names)}", body)


def _literal(text: str) -> str:
    """`text` as a GBNF string."""
    escaped = re.sub(r'["\\]', r"\\\g<0>", text)
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda m: f"\\x{ord(m[0]):02X}", escaped) + '"'
