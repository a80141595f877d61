"""A model file of one's own as a LangChain chat model: runs in process, writes only what its tools can take."""

import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, ToolMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import Field

from agent.llm.notes import asked_at
from agent.local import prompt, shapes
from agent.local.engine import Engine, GenerationStopped, Usage
from agent.local.grammar import SAY, grammar, read
from agent.local.prompt import Line, Template
from prompts import load, say

MOST_WRITTEN = 160  # tokens of a reply or a call
MOST_CALLS = 3  # of tools in a turn; then it has to be words
MOST_PROMPT = 700  # tokens of the conversation: about four seconds of reading on two cores
MOST_PRODUCTS = 12  # ids that a call may name: those shown last


class LocalModel(BaseChatModel):
    """`engine` is asked for at the first use: loading takes seconds. Raises GenerationStopped when the time is up and
    UnreadableReply for a call that was cut off. Whoever leaves the stream stops the model: there is a piece of it, if
    an empty one, every few tokens that are read or written."""

    engine: Callable[[], Engine] = Field(exclude=True)
    timeout_s: float = 30.0

    @property
    def _llm_type(self) -> str:
        return "daogou-local"

    def bind_tools(
        self, tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool], **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Tools in OpenAI's protocol, as every provider gets them."""
        return self.bind(tools=[convert_to_openai_tool(t) for t in tools], **kwargs)

    def warm(self, tools: Sequence[BaseTool]) -> None:
        """Load the model and read the instructions, so that no shopper waits for it."""
        engine = self.engine()
        made = [convert_to_openai_tool(t) for t in tools]
        engine.warm(self._template(engine).prefix(prompt.system(prompt.described(made))))

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        engine, usage = self.engine(), Usage()
        tools: list[dict[str, Any]] = kwargs.get("tools") or []
        fitting = self._offered(messages, tools)
        pieces = engine.generate(
            self._prompt(engine, messages, tools),
            grammar=grammar(fitting, _lines(messages)),
            most=MOST_WRITTEN,
            seconds=self.timeout_s,
            usage=usage,
        )
        text, told, call = "", -1, f"call_{uuid.uuid4().hex[:12]}"
        try:
            for piece in pieces:
                text += piece
                name, space, rest = text.partition(" ")
                if not space:
                    yield _words("")
                elif name == SAY:
                    yield _words(rest[max(told, 0) :])
                else:
                    begun = told >= 0
                    part = tool_call_chunk(
                        name=None if begun else name,
                        args=rest[max(told, 0) :],
                        id=None if begun else call,
                        index=0,
                    )
                    yield ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=[part]))
                told = len(rest) if space else -1
        except GenerationStopped:
            if not text.startswith(f"{SAY} ") or told <= 0:
                raise
            text += "…"
            yield _words("…")
        read(text, list(fitting))
        yield ChatGenerationChunk(
            message=AIMessageChunk(content="", usage_metadata=_metadata(usage), chunk_position="last")
        )

    def _prompt(
        self, engine: Engine, messages: Sequence[BaseMessage], tools: Sequence[dict[str, Any]]
    ) -> list[prompt.Piece]:
        """The instructions and as many whole turns, from the last, as MOST_PROMPT and the context hold."""
        template = self._template(engine)
        instructions = prompt.system(prompt.described(tools))
        start = engine.count(template.prefix(instructions))
        room = min(MOST_PROMPT, engine.runtime.context - start - MOST_WRITTEN)
        turns = prompt.turns(messages, _language(messages))
        kept: list[Line] = []
        for turn in reversed(turns):
            if kept and engine.count(template.prompt(instructions, [*turn, *kept])) - start > room:
                break
            kept = [*turn, *kept]
        return template.prompt(instructions, kept or [("user", "")])

    @staticmethod
    def _offered(
        messages: Sequence[BaseMessage], tools: Sequence[dict[str, Any]]
    ) -> dict[str, dict[str, Any]]:
        last = max(asked_at(messages), 0)
        if sum(isinstance(m, ToolMessage) for m in messages[last:]) >= MOST_CALLS:
            return {}
        products: dict[str, None] = {}
        photos: dict[str, None] = {}
        for message in reversed(messages):
            extra = message.additional_kwargs
            for photo in [*(extra.get("photos") or []), *filter(None, [extra.get("garment")])]:
                photos.setdefault(str(photo["id"]))
            if extra.get("focus"):
                products.setdefault(str(extra["focus"]))
            if isinstance(message, ToolMessage) and isinstance(message.artifact, dict):
                for product in _ids(message.artifact):
                    products.setdefault(product)
        heard = messages[last].additional_kwargs.get("heard") if messages else None
        return shapes.offered(tools, list(products)[:MOST_PRODUCTS], list(photos)[:4], heard)

    @staticmethod
    def _template(engine: Engine) -> Template:
        runtime = engine.runtime
        return Template(runtime.template, runtime.bos, runtime.eos)


def _lines(messages: Sequence[BaseMessage]) -> bool | list[str]:
    """What may be said: anything; or, by a model that was told what was heard, and so is a small one, what holds
    whatever the shop sells."""
    last = next((m for m in reversed(messages) if isinstance(m, HumanMessage)), None)
    if last is None or "heard" not in last.additional_kwargs:
        return True
    lang = str(last.additional_kwargs.get("lang", "en"))
    return [say("local", f"lines.{line}", lang) for line in load("local")["lines"]]


def _words(text: str) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content=text))


def _ids(artifact: dict[str, Any]) -> list[str]:
    """Products that an artifact shows."""
    items = [*(artifact.get("items") or []), *(artifact.get("lines") or [])]
    items += [i for look in artifact.get("looks") or [] for i in look.get("items") or []]
    return [str(i["id"]) for i in items]


def _language(messages: Sequence[BaseMessage]) -> str:
    """Of the reply, by its English name."""
    last = next(
        (m for m in reversed(messages) if isinstance(m, HumanMessage) and "lang" in m.additional_kwargs), None
    )
    if last is not None:
        code = str(last.additional_kwargs["lang"])
    else:
        code = "zh" if re.search("[一-鿿]", messages[-1].text if messages else "") else "en"
    return str(load("system")["languages"][code])


def _metadata(usage: Usage) -> Any:
    return {
        "input_tokens": usage.prompt,
        "output_tokens": usage.written,
        "total_tokens": usage.prompt + usage.written,
        "input_token_details": {"cache_read": usage.cached},
    }
