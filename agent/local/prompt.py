"""A conversation as a small model reads it: its own short instructions, then the last turns with long results cut to
what a next step needs. Rendered by the chat template that the model file brings along."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from agent.local.grammar import SAY, written
from prompts import load, taxonomy

MOST_ITEMS = 6
MOST_WORDS = 400  # characters of what anyone said or a tool answered
Line = tuple[str, str]  # (user | assistant, text)


class Piece(NamedTuple):
    """A part of a prompt. Only in a part that is `trusted` are the marks of a chat template more than letters."""

    text: str
    trusted: bool


def system(tools: Mapping[str, Mapping[str, Any]]) -> str:
    """The instructions, the same for every turn of every conversation. `tools`: descriptions and argument names."""
    texts = load("local")
    listed = "\n".join(
        f"{name} {{{','.join(texts['tools'].get(name, {}).get('args') or function['args'])}}}: "
        f"{texts['tools'].get(name, {}).get('use') or function['description']}"
        for name, function in tools.items()
    )
    values = "\n".join(f"{a}: {', '.join(taxonomy.values(a))}" for a in taxonomy.ATTRIBUTES)
    return str(texts["system"]).replace("{tools}", listed).replace("{values}", values).strip()


def examples() -> list[Line]:
    """How it is done, as turns: a small model follows what it saw done before what it was told."""
    return [
        line
        for one in load("local")["examples"]
        for line in (("user", str(one["user"])), ("assistant", str(one["line"])))
    ]


def described(tools: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """{"description": its first sentence, "args": [...]} by name of tools in OpenAI's protocol."""
    return {
        t["function"]["name"]: {
            "description": re.split(r"(?<=[.!?])\s", str(t["function"].get("description", "")))[0],
            "args": list((t["function"].get("parameters") or {}).get("properties", {})),
        }
        for t in tools
    }


def turns(messages: Sequence[BaseMessage], language: str) -> list[list[Line]]:
    """The shopper's turns, oldest first, each as lines. Results stand in notes; replies after a call are left to the
    cards, but for a question that they end with."""
    found: list[list[Line]] = []
    newest = max((n for n, m in enumerate(messages) if isinstance(m, HumanMessage)), default=0)
    for message in messages:
        if isinstance(message, HumanMessage):
            found.append([("user", _cut(message.text))])
            if message is messages[newest] and message.additional_kwargs.get("heard"):
                heard = json.dumps(
                    message.additional_kwargs["heard"], ensure_ascii=False, separators=(",", ":")
                )
                found[-1].append(("user", str(load("local")["notes"]["heard"]).replace("{heard}", heard)))
        elif not found:
            continue
        elif isinstance(message, AIMessage):
            called = any(role == "assistant" for role, _ in found[-1])
            for call in message.tool_calls:
                found[-1].append(("assistant", written(call["name"], _seen_args(call["name"], call["args"]))))
            text = _question(message.text) if called else _cut(message.text)
            if text and not message.tool_calls:
                found[-1].append(("assistant", f"{SAY} {text}"))
        elif isinstance(message, ToolMessage):
            found[-1].append(("user", note(message)))
    if found:
        found[-1].append(("user", load("local")["notes"]["language"].format(language=language)))
    return found


def note(message: ToolMessage) -> str:
    """A tool's result in brackets: ids, names and prices of what was shown, or the answer."""
    notes = load("local")["notes"]
    result = message.artifact if isinstance(message.artifact, dict) else {}
    if message.status == "error" or not result:
        return str(notes["failed"]).format(reason=_cut(message.text))
    items = result.get("items") or []
    match result.get("type"):
        case "products" if not items:
            return str(notes["nothing"])
        case "products" if result.get("relaxed"):
            return str(notes["nearest"]).format(relaxed=", ".join(result["relaxed"]), items=_listed(items))
        case "products" if items[0].get("details") is not None and len(items) == 1:
            return str(notes["shown"]).format(items=_cut(_listed(items) + "; " + _facts(items[0])))
        case "products":
            return str(notes["shown"]).format(items=_listed(items))
        case "outfit":
            looks = [" + ".join(f"{i['id']} {i['name']}" for i in look["items"]) for look in result["looks"]]
            return str(notes["looks"]).format(items="; ".join(looks))
        case "comparison":
            rows = "; ".join(f"{row['label']}: {' | '.join(row['values'])}" for row in result["rows"])
            return str(notes["compared"]).format(rows=_cut(rows))
        case "answer":
            return str(notes["answer"]).format(answer=_cut(str(result.get("answer", ""))))
        case "policy" if result.get("passage"):
            return str(notes["policy"]).format(passage=_cut(result.get("answer") or result["passage"]))
        case "policy":
            return str(notes["no_policy"])
        case "cart" if result.get("problem"):
            choices = ", ".join(result.get("choices") or [])
            return str(notes["cart_problem"]).format(problem=result["problem"], choices=choices)
        case "cart" if result.get("lines"):
            lines = [f"{x['id']} {x['name']} {x.get('size') or ''} x{x['quantity']}" for x in result["lines"]]
            return str(notes["cart"]).format(lines="; ".join(lines))
        case "cart":
            return str(notes["cart_empty"])
    return f"[{_cut(message.text)}]"


class Template:
    """The chat template of a model file, which may know no system role and may want roles to alternate.

    What was said never meets the template's own marks: it is put in afterwards, as text, so that no message can close
    its turn and open another."""

    def __init__(self, source: str, bos: str, eos: str) -> None:
        self._source, self._marks = source or _PLAIN, {"bos_token": bos, "eos_token": eos}

    @cached_property
    def _compiled(self) -> jinja2.Template:
        made = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        made.globals["raise_exception"] = _refuse
        return made.from_string(self._source)

    def prompt(self, system: str, lines: Sequence[Line]) -> list[Piece]:
        """What the model goes on from: the instructions, the examples, these lines."""
        said = _alternating([*examples(), *lines])
        texts = [system, *(text for _, text in said)]
        messages = [{"role": role, "content": _place(n)} for n, (role, _) in enumerate(said, 1)]
        try:
            made = self._render([{"role": "system", "content": _place(0)}, *messages])
        except jinja2.TemplateError:  # it has no system role: the instructions lead the first message
            made = self._render(
                [{"role": "user", "content": f"{_place(0)}\n\n{messages[0]['content']}"}, *messages[1:]]
            )
        parts = _PLACE.split(made)
        return [
            Piece(texts[int(part)], False) if n % 2 else Piece(part, True)
            for n, part in enumerate(parts)
            if part
        ]

    def prefix(self, system: str) -> list[Piece]:
        """What every prompt with these instructions begins with."""
        return self.prompt(system, [("user", _ANYTHING)])[: -1 - self._after]

    @cached_property
    def _after(self) -> int:
        """Pieces after the last message's text."""
        pieces = self.prompt("", [("user", _ANYTHING)])
        return len(pieces) - 1 - next(n for n, p in enumerate(pieces) if p.text == _ANYTHING)

    def _render(self, messages: list[dict[str, str]]) -> str:
        return str(self._compiled.render(messages=messages, add_generation_prompt=True, **self._marks))


_PLACE = re.compile("\ue000([0-9]+)\ue001")
_ANYTHING = "…"


def _place(n: int) -> str:
    return f"\ue000{n}\ue001"


# For a file that brings no template.
_PLAIN = (
    "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)


def _refuse(message: str) -> None:
    raise jinja2.TemplateError(message)


def _alternating(lines: Sequence[Line]) -> list[Line]:
    """Neighbours of one role as one."""
    joined: list[Line] = []
    for role, text in lines:
        if joined and joined[-1][0] == role:
            joined[-1] = (role, f"{joined[-1][1]}\n{text}")
        else:
            joined.append((role, text))
    return joined


def _listed(items: Sequence[Mapping[str, Any]]) -> str:
    listed = "; ".join(
        f"{n} {i['id']} {i['name']} {(i.get('sale_price') or i['price'])['text']}"
        for n, i in enumerate(items[:MOST_ITEMS], 1)
    )
    return listed + ("; …" if len(items) > MOST_ITEMS else "")


def _facts(item: Mapping[str, Any]) -> str:
    sizes = [s["size"] for s in item.get("sizes") or [] if s["in_stock"]]
    facts = {"sizes in stock": ", ".join(sizes), **(item.get("attributes") or {})}
    if item.get("rating") is not None:
        facts["rating"] = str(item["rating"])
    facts |= {k: v for k, v in (item.get("details") or {}).items() if isinstance(v, str) and v}
    return "; ".join(f"{name}: {value}" for name, value in facts.items() if value)


def _seen_args(tool: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that the model is offered, of those that another gave: it learns from what it sees done."""
    names = load("local")["tools"].get(tool, {}).get("args")
    return {k: v for k, v in args.items() if (names is None or k in names) and v not in (None, "", [], {})}


def _question(text: str) -> str:
    """The last sentence of a reply, where it asks something."""
    sentences = re.split(r"(?<=[。！？!?])\s*|(?<=\.)\s+", text.strip())
    last = next((s for s in reversed(sentences) if s), "")
    return _cut(last) if last.endswith(("?", "？")) else ""


def _cut(text: str) -> str:
    """One line of at most MOST_WORDS characters."""
    line = " ".join(text.split())
    return line if len(line) <= MOST_WORDS else line[:MOST_WORDS] + "…"
