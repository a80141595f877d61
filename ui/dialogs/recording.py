"""Recorded models: what a live model replied is kept beside the script and played again, offline and the same
each time.

A cassette is a file of JSON lines, `<script file>.<lang>.cassette.jsonl`: first what it was recorded with,
then a line for each call of the model. A call is found by its run, its turn, its place in the turn and the
digests of what the model was sent: the instructions, the tools and the messages. A call that was not recorded
is an error that says which of them changed.

CassetteError     (a ScriptError) the cassette cannot be used
├── NoCassette    there is none
└── Unrecorded    the model was sent something that is not on it
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ui.dialogs.script import Lang, Script, ScriptError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.planner.model import OfflinePlanner
    from agent.settings import Settings

Leader = Callable[["Settings", "OfflinePlanner"], BaseChatModel]
FORMAT = 1
PARTS = ("instructions", "tools", "messages")


class CassetteError(ScriptError):
    """The cassette cannot be used."""

    is_retryable = False  # the same question fails again


class NoCassette(CassetteError):
    """There is none."""


class Unrecorded(CassetteError):
    """The model was sent something that is not on it."""


class Head(BaseModel):
    """What a cassette was recorded with."""

    model_config = ConfigDict(extra="forbid")
    cassette: int = FORMAT
    script: str
    lang: Lang
    model: str
    seed: int = 0
    runs: int = 1


class Call(BaseModel):
    """One call of the model, and its reply."""

    model_config = ConfigDict(extra="forbid")
    run: int
    turn: int
    call: int
    sent: dict[str, str]
    reply: dict[str, Any]


@dataclass
class Cassette:
    """The calls of one script in one language."""

    head: Head
    calls: list[Call] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> "Cassette":
        """Raises NoCassette, or CassetteError with the line that is none."""
        if not path.is_file():
            raise NoCassette(f"there is no {path.name}: record it with `daogou test {path.parent} --model "
                             "PROVIDER:MODEL --record`")  # fmt: skip
        lines = path.read_text(encoding="utf-8").splitlines()
        number = 0
        try:
            for number, line in enumerate(lines, start=1):
                if number == 1:
                    made = cls(Head.model_validate_json(line))
                else:
                    made.calls.append(Call.model_validate_json(line))
        except ValidationError as exc:
            raise CassetteError(f"{path}: line {number} is no part of a cassette") from exc
        if not lines or made.head.cassette != FORMAT:
            raise CassetteError(f"{path}: this version plays format {FORMAT}; record it again")
        return made

    def write(self, path: Path) -> None:
        """Write it whole, in the order of runs and turns."""
        self.calls.sort(key=lambda c: (c.run, c.turn, c.call))
        lines = [json.dumps(part.model_dump(), ensure_ascii=False) for part in (self.head, *self.calls)]
        part = path.with_suffix(".part")
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")
        part.replace(path)


def place(script: Script, lang: Lang) -> Path:
    """Where the cassette of a script lies."""
    return script.path.with_name(f"{script.path.stem}.{lang}.cassette.jsonl")


class Tape:
    """Records models, or plays what was recorded: one for a whole `daogou test`. `start` comes before a run,
    `turn` is set before each message, `check` raises after a turn in which a call failed (the agent falls
    back to its planner then, which must not pass for the model)."""

    def __init__(self, record: str | None = None, seed: int = 0, runs: int | None = None) -> None:
        self.record = record
        self.seed = seed
        self.runs = runs
        self.turn = 0
        self.fault: Exception | None = None
        self._script: Script | None = None
        self._lang: Lang = "en"
        self._run = 0
        self._call: tuple[int, int] = (0, 0)
        self._made: dict[Path, Cassette] = {}
        self._broken: set[Path] = set()

    def model_of(self, script: Script) -> str | None:
        """The model that led the conversation which is played; None where none is."""
        plays = self.record is None and self._script is script and script.model == "recorded"
        return self._cassette(script, self._lang).head.model if plays else None

    def start(self, script: Script, lang: Lang, run: int) -> None:
        """A run begins. Raises CassetteError."""
        self._script, self._lang, self._run, self.turn, self._call, self.fault = (
            script,
            lang,
            run,
            0,
            (0, 0),
            None,
        )
        if self.record is None and script.model == "recorded":
            head = self._cassette(script, lang).head
            if head.seed != self.seed or run > head.runs:
                raise Unrecorded(
                    f"{place(script, lang).name} holds {head.runs} runs with seed {head.seed}: "
                    + self._again(script, lang)
                )

    def leader(self, settings: "Settings", planner: "OfflinePlanner") -> BaseChatModel:
        """The model to put in the place of the one that the settings name."""
        from agent import models

        if self.record is not None:
            return Taped(tape=self, inner=models.chat_model(settings, planner))
        if self._script is not None and self._script.model == "recorded":
            return Taped(tape=self)
        return models.chat_model(settings, planner)

    def check(self) -> None:
        """Raises what went wrong with a call of this turn."""
        if self.fault is not None:
            if self._script is not None:
                self._broken.add(place(self._script, self._lang))
            raise self.fault

    def save(self) -> "Iterator[Path]":
        """Write the cassettes of what was recorded whole."""
        for path, cassette in self._made.items():
            if self.record is not None and path not in self._broken:
                cassette.write(path)
                yield path

    def answer(self, sent: dict[str, str], ask: Callable[[], AIMessage] | None) -> AIMessage:
        """The reply to a call: asked of the model and kept, or found on the cassette."""
        if self._script is None:
            raise CassetteError("no script is running")
        turn, count = self._call
        self._call = (self.turn, count + 1 if turn == self.turn else 1)
        with self._noted():
            if ask is None:
                return self._found(self._script, sent)
            reply = ask()
            self._kept(self._script).calls.append(
                Call(run=self._run, turn=self.turn, call=self._call[1], sent=sent, reply=_packed(reply))
            )
            return reply

    @contextmanager
    def _noted(self) -> "Iterator[None]":
        try:
            yield
        except Exception as exc:  # the first counts: a client that tries again is told other things
            failed = f"the model failed while it was recorded: {type(exc).__name__}: {exc}"
            wrong = exc if isinstance(exc, CassetteError) else CassetteError(failed)
            self.fault = self.fault or wrong
            raise

    def _kept(self, script: Script) -> Cassette:
        path = place(script, self._lang)
        head = Head(
            script=script.id,
            lang=self._lang,
            model=str(self.record),
            seed=self.seed,
            runs=self.runs or script.runs.n,
        )
        return self._made.setdefault(path, Cassette(head))

    def _cassette(self, script: Script, lang: Lang) -> Cassette:
        path = place(script, lang)
        if path not in self._made:
            self._made[path] = Cassette.read(path)
        return self._made[path]

    def _found(self, script: Script, sent: dict[str, str]) -> AIMessage:
        cassette = self._cassette(script, self._lang)
        here = [c for c in cassette.calls if (c.run, c.turn, c.call) == (self._run, self.turn, self._call[1])]
        for call in here:
            if call.sent == sent:
                return AIMessage.model_validate(call.reply)
        where = f"turn {self.turn}, call {self._call[1]}"
        changed = [p for p in PARTS if here and here[0].sent.get(p) != sent[p]]
        what = f"the {' and the '.join(changed)} changed since" if changed else "nothing was recorded for it"
        raise Unrecorded(
            f"{place(script, self._lang).name}, {where}: {what}; {self._again(script, self._lang)}"
        )

    def _again(self, script: Script, lang: Lang) -> str:
        head = self._cassette(script, lang).head
        runs = f" --runs {head.runs}" if head.runs > 1 else ""
        return f"record again with `daogou test {script.path} --model {head.model} --record{runs}`"


class Taped(BaseChatModel):
    """Stands in a model's place: asks `inner` and records, or plays what was recorded where there is no inner
    one."""

    tape: Tape = Field(exclude=True)
    inner: BaseChatModel | None = Field(default=None, exclude=True)
    model_config = ConfigDict(arbitrary_types_allowed=True)

    @property
    def _llm_type(self) -> str:
        return "daogou-recorded"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        """Bound as every provider reads them; the inner model binds them in its own way when it is asked."""
        return self.bind(tools=[convert_to_openai_tool(t) for t in tools], **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        tools = kwargs.pop("tools", [])
        inner = self.inner

        def ask() -> AIMessage:
            model: Any = inner.bind_tools(tools, **kwargs) if inner and tools else inner
            reply = model.invoke(messages, stop=stop)
            if not isinstance(reply, AIMessage):
                raise TypeError(f"a model replied with {type(reply).__name__}")
            return reply

        reply = self.tape.answer(digests(messages, tools), ask if inner else None)
        return ChatResult(generations=[ChatGeneration(message=reply.model_copy(update={"id": None}))])


def digests(messages: Sequence[BaseMessage], tools: Sequence[Any]) -> dict[str, str]:
    """A digest of each part of what a model is sent. The ids of messages and of tool calls, which differ each
    time, count by their place."""
    ids: dict[str, int] = {}
    told: list[Any] = []
    for message in messages:
        if isinstance(message, SystemMessage):
            continue
        calls = [
            [c["name"], c["args"], ids.setdefault(str(c["id"]), len(ids))]
            for c in (message.tool_calls if isinstance(message, AIMessage) else [])
        ]
        answered = ids.get(str(getattr(message, "tool_call_id", "")))
        told.append([message.type, message.content, calls, answered])
    parts: dict[str, Any] = {
        "instructions": [m.content for m in messages if isinstance(m, SystemMessage)],
        "tools": [convert_to_openai_tool(t) for t in tools],
        "messages": told,
    }
    return {name: _digest(parts[name]) for name in PARTS}


def _digest(value: Any) -> str:
    plain = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _packed(reply: AIMessage) -> dict[str, Any]:
    """What of a reply is played again."""
    kept = reply.model_dump(include={"content", "tool_calls", "invalid_tool_calls", "usage_metadata"})
    return {key: value for key, value in kept.items() if value} | {"content": reply.content}
