"""The offline planner as a LangChain chat model: reads the messages, calls tools, words the reply. Deterministic."""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import Field

from agent.planner import history, opinions, pending, policy, policy_search, revisit, told, worn
from agent.planner.calls import MAX_CALLS, Done
from agent.planner.ears import Ears
from agent.planner.lexicon import Lexicon
from agent.planner.meaning import SEARCHES, Meaning
from agent.planner.order_words import OrderTalk
from agent.planner.speak import speak
from agent.planner.state import FIT, State
from agent.planner.understand import read, understand
from prompts import language


def _named(tool: dict[str, Any] | type | Callable[..., Any] | BaseTool) -> dict[str, Any]:
    """A tool as it is bound; of a tool of our own no schema, which only a model that reads it needs and which takes
    longer to write than a sentence to understand."""
    if isinstance(tool, BaseTool):
        return {"type": "function", "function": {"name": tool.name, "description": tool.description}}
    return convert_to_openai_tool(tool)


class OfflinePlanner(BaseChatModel):
    """`lexicon` is asked on every turn, so that an import of products is known at once. Needs no network and no GPU."""

    lexicon: Callable[[], Lexicon] = Field(default=Lexicon, exclude=True)
    ears: Ears | None = Field(default=None, exclude=True)

    @property
    def _llm_type(self) -> str:
        return "daogou-offline-planner"

    def bind_tools(
        self, tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool], **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The planner knows the tools by name; binding lets LangChain check that they are there."""
        return self.bind(tools=[_named(t) for t in tools], **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        reply = self.decide(messages, kwargs.get("tools"))
        return ChatResult(generations=[ChatGeneration(message=reply)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        reply = self.decide(messages, kwargs.get("tools"))
        if reply.tool_calls:
            chunks = [
                {
                    "name": c["name"],
                    "args": json.dumps(c["args"], ensure_ascii=False),
                    "id": c["id"],
                    "index": i,
                    "type": "tool_call_chunk",
                }
                for i, c in enumerate(reply.tool_calls)
            ]
            yield ChatGenerationChunk(
                message=AIMessageChunk(
                    content="", tool_call_chunks=chunks, additional_kwargs=reply.additional_kwargs
                )  # type: ignore[arg-type]
            )
            return
        pieces = _pieces(str(reply.content))
        for i, piece in enumerate(pieces):
            last = i == len(pieces) - 1
            extra = reply.additional_kwargs if last else {}
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=piece, additional_kwargs=extra))
            if run_manager:
                run_manager.on_llm_new_token(piece, chunk=chunk)
            yield chunk

    def decide(
        self, messages: Sequence[BaseMessage], tools: Sequence[dict[str, Any]] | None = None
    ) -> AIMessage:
        """The next message of the conversation: tool calls, or the reply."""
        at = max((i for i, m in enumerate(messages) if isinstance(m, HumanMessage)), default=-1)
        if at < 0:
            return AIMessage("")
        before, meaning = self.meaning(messages, at)
        return self._next(before, meaning, history.results(messages[at + 1 :]), tools)

    def word(self, messages: Sequence[BaseMessage]) -> AIMessage | None:
        """The reply to what another model's calls of this turn found; None where there are no words for it."""
        at = max((i for i, m in enumerate(messages) if isinstance(m, HumanMessage)), default=-1)
        before, heard = self.meaning(messages, at)
        done = history.results(messages[at + 1 :])
        meaning = told.meaning(done, heard, before)
        return self._next(before, meaning, done, []) if meaning is not None else None

    def _next(
        self, before: State, meaning: Meaning, done: list[Done], tools: Sequence[dict[str, Any]] | None
    ) -> AIMessage:
        calls = policy.plan(meaning, before)
        state = before.model_copy(deep=True)
        _advance(state, meaning, before, self.lexicon())
        for call in done:
            if call.artifact is not None and not call.failed:
                state.fold(call.tool, call.args, call.artifact)
        if meaning.kinds or sum(bool(call.args.get("like")) for call in done) > 1:
            state.join(sum(call.tool == "search_catalog" and bool(call.items) for call in done))
        if meaning.unknown and done and not done[-1].items:
            _resume(state, before)
        offered = {t["function"]["name"] for t in tools} if tools is not None else None
        following = (
            calls if not done else policy.follow_up(meaning, state, done) if len(done) < MAX_CALLS else []
        )
        following = [c for c in following if offered is None or c.tool in offered]
        if following:
            return AIMessage(
                "",
                tool_calls=[
                    {"name": c.tool, "args": c.args, "id": f"call_{uuid.uuid4().hex[:12]}"} for c in following
                ],
            )
        spoken = speak(meaning, before, state, done)
        focus = state.focus[0] if len(state.focus) == 1 else None
        open_still = pending.still_open(before.pending, meaning.intents, focus)
        weak = spoken.pending is None or spoken.pending.slot in ("yes", "measure", "price")
        if spoken.pending and spoken.pending.intent == "cart_add" and spoken.pending.slots.get("size"):
            weak = False  # "37 is in stock, shall I add it?" settles the size that was asked for
        state.after(
            open_still if open_still and weak else spoken.pending,
            spoken.sentences,
            spoken.asked,
            spoken.lines,
        )
        state.size = spoken.size or state.size
        if spoken.about:
            state.focus, state.latest = [spoken.about], "product"
        return AIMessage(
            spoken.text,
            additional_kwargs={
                "state": state.to_json(),
                "suggestions": spoken.suggestions,
                "intents": meaning.intents,
            },
        )

    def meaning(self, messages: Sequence[BaseMessage], at: int) -> tuple[State, Meaning]:
        """(state that the message at `at` meets, what it means)."""
        message = messages[at]
        extra = message.additional_kwargs
        text = str(extra.get("text", message.text))
        state = history.state_before(messages[:at], self.lexicon())
        if state.recall.met(extra.get("shopper")) and state.pending and state.pending.intent == "memory":
            state.pending = None
        photos = extra.get("photos") or []
        state.add_pictures(photos)
        lang = extra.get("lang") or language.detect(text, state.language or "en")
        focus = extra.get("focus")
        if focus:
            state.focus, state.latest = [focus], "product"
        pointed = extra.get("garment")
        if pointed:
            state.add_pictures([pointed])
            state.focus = []
        state = revisit.taken_up(read(text, self.lexicon()), state)
        meaning = understand(
            text,
            [p["id"] for p in photos],
            state,
            self.lexicon(),
            language=str(lang),
            focus=focus,
            garment=(pointed["id"], pointed["garment"]) if pointed else None,
            ears=self.ears,
        )
        state.call_in(meaning.language)
        return state, meaning


def hear(
    text: str,
    photos: Sequence[dict[str, Any]],
    before: State,
    lexicon: Lexicon,
    language: str | None = None,
    ears: Ears | None = None,
) -> tuple[Meaning, State]:
    """What a message means, and the state it leaves when nothing is acted on. `photos`: as in a message."""
    before = before.model_copy(deep=True)
    before.add_pictures(list(photos))
    before = revisit.taken_up(read(text, lexicon), before)
    meaning = understand(text, [p["id"] for p in photos], before, lexicon, language=language, ears=ears)
    after = before.model_copy(deep=True)
    _advance(after, meaning, before, lexicon)
    return meaning, after


def _advance(state: State, meaning: Meaning, before: State, lexicon: Lexicon) -> None:
    """What the message changes in the state, before any result."""
    state.turn += 1
    state.language = meaning.language
    state.recall.hear(meaning.memory, meaning.dropped, fresh=meaning.fresh or meaning.reset)
    state.pending, state.back = None, False
    opinions.note(read(meaning.text, lexicon), state)
    state.measures = worn.known(
        meaning.text, before if meaning.answers_pending else state, meaning.memory.other
    )
    state.worn = worn.all_worn(meaning.text, meaning.parts, before, meaning.memory.other)
    state.size = next((p.slots["size"][-1] for p in meaning.parts if p.slots.get("size")), state.size)
    state.order = meaning.said.get("order") or state.order
    state.order_talk = state.order_talk.model_copy(update={"age": state.order_talk.age + 1})
    if meaning.order_said.doing == "return":
        state.order_talk.named = meaning.order_said.named
    if meaning.order_said.doing == "drop":
        state.order_talk = OrderTalk(number=state.order_talk.number, bought=state.order_talk.bought)
    advised = [FIT] if any(p.intent == "size_advice" for p in meaning.parts) else []
    state.asks = next((p.slots["asks"] for p in meaning.parts if p.slots.get("asks")), advised)
    state.take_to(meaning.refusing, liked=False)
    state.at = meaning.look_at or state.at
    if meaning.telling == "liked":
        state.take_to(before.look_at(meaning.look_at)["ids"], liked=True)
    state.never = meaning.never
    search = next((p for p in meaning.parts if p.intent in SEARCHES), None)
    if meaning.reset:
        state.start_over()
    if search is None or meaning.choosing or meaning.previewing:
        return
    photo, like = policy_search.anchors(search, meaning, before)
    call = next((c for c in policy.plan(meaning, before) if c.tool == "search_catalog"), None)
    if call is None and meaning.shade:
        call = policy_search.search(search, meaning, before)  # what comes where only a preview can be had
    if meaning.fresh:
        state.words, state.limit = "", {}
        if search.intent != "others":
            state.shown = []
    state.slots, state.kinds = dict(meaning.slots), list(meaning.kinds)
    state.garment = policy_search.garment_meant(search, before, photo)
    state.photo, state.like = photo, like
    if call is not None and not meaning.kinds:
        where = call.args.get("where") or {}
        if "category" in where and (photo or like):
            state.slots.setdefault("category", where["category"])
        price = where.get("price") or {}
        if meaning.slots.get("price_pref") in ("cheaper", "pricier"):
            state.limit = {k: v for k, v in price.items() if k in ("min", "max")}
    state.words = " ".join(dict.fromkeys([*state.words.split(), *meaning.words.split()]))[:200]


def _resume(state: State, before: State) -> None:
    """What was sought before goes on: the words just said are of nothing the shop has."""
    kept = before.model_copy(deep=True)
    state.slots, state.words, state.limit, state.kinds = kept.slots, kept.words, kept.limit, kept.kinds
    state.photo, state.garment, state.like, state.shown = kept.photo, kept.garment, kept.like, kept.shown


def _pieces(text: str) -> list[str]:
    """Words, or a few characters of Chinese, so that a stream reads as speech."""
    pieces: list[str] = []
    piece = ""
    for char in text:
        piece += char
        if char in " ，。！？；,.!?\n" or len(piece) >= 12:
            pieces.append(piece)
            piece = ""
    return [*pieces, piece] if piece or not pieces else pieces
