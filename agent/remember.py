"""Memory of the shopper in a turn: who talks, what they allowed, and what is learned of them once they did."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState
from langchain_core.messages import BaseMessage, HumanMessage
from langgraph.runtime import Runtime

from agent.planner import history, memory_consent, memory_talk, memory_told, slots
from agent.planner.calls import Done
from agent.planner.lexicon import Lexicon
from agent.planner.own_words import pasted
from agent.planner.tagging import Tagged
from agent.planner.understand import read
from prompts import taxonomy
from store.errors import NoConsent
from store.shoppers import BudgetNote, How, Kept, Profile, SizeNote, Taste, Viewed
from store.types import Product
from tools.context import ToolContext
from tools.facts import said_in

log = logging.getLogger(__name__)
_HABITS = ("color", "pattern", "material", "style", "brand", "neckline", "sleeve")
_AT_ONCE = 4  # values of one attribute in one message that still tell something of a taste


class Remembering(AgentMiddleware[AgentState[Any], ToolContext, Any]):
    """Tell the planner who talks, as far as it matters to it, and keep what a turn taught, with consent."""

    def __init__(self, lexicon: Callable[[], Lexicon]) -> None:
        super().__init__()
        self.lexicon = lexicon

    def before_agent(self, state: AgentState[Any], runtime: Runtime[ToolContext]) -> dict[str, Any] | None:
        """Note on the newest message whose it is, and whether they may be remembered ("unread" while that cannot be
        read: then they are told so, not that nothing is kept); nothing of what is kept."""
        shopper, message = runtime.context.shopper, state["messages"][-1]
        if shopper is None or not isinstance(message, HumanMessage):
            return None
        try:
            consent: str = shopper.consent
        except Exception:  # the memory is a help, no need: the turn goes on without it
            log.exception("what is remembered of a shopper cannot be read")
            consent = "unread"
        whose = {"who": shopper.mark, "consent": consent}
        return {
            "messages": [
                message.model_copy(
                    update={"additional_kwargs": {**message.additional_kwargs, "shopper": whose}}
                )
            ]
        }

    def after_agent(self, state: AgentState[Any], runtime: Runtime[ToolContext]) -> None:
        """Learn from the turn. Whatever goes wrong here costs the memory, never the reply."""
        shopper, messages = runtime.context.shopper, state["messages"]
        if shopper is None:
            return
        try:
            if shopper.consent != "yes":
                return
            known = shopper.profile()
            notes = learned(messages, self.lexicon(), runtime.context.shop.get)
            shopper.keep(note for note in notes if not _against(note, known))
        except NoConsent:
            log.info("consent was taken back while the turn was answered")
        except Exception:
            log.exception("nothing could be learned from a turn")


def learned(
    messages: Sequence[BaseMessage], lexicon: Lexicon, product: Callable[[str], Product | None]
) -> list[Kept]:
    """What the newest turn tells of the shopper: what they state of themselves, what they searched for and put into the
    cart, and the products looked at. Only their own words count, whatever a model searched for."""
    at = max((i for i, m in enumerate(messages) if isinstance(m, HumanMessage)), default=-1)
    if at < 0:
        return []
    text = str(messages[at].additional_kwargs.get("text", messages[at].text))
    done = [d for d in history.results(messages[at + 1 :]) if not d.failed and d.artifact is not None]
    notes: list[Kept] = list(_viewed(done, messages[at]))
    if pasted(text):
        return notes
    changed = any(d.tool == "memory" and d.args.get("action") not in memory_consent.READS for d in done)
    before = history.state_before(messages[:at], lexicon)
    tagged = read(text, lexicon)
    said = memory_talk.spoken(tagged)
    if changed or said.other or (before.recall.other and not said.own):
        return notes
    words = said_in(messages[: at + 1])
    stated = said.facts.notes(words)
    wished = [*_bought(tagged, done, text, product), *_wishes(tagged, done, text)]
    named = {(type(n), n.name) for n in stated}
    return [*notes, *(n for n in wished if (type(n), n.name) not in named), *stated]


def _against(note: Kept, known: Profile) -> bool:
    """A size of one search that is another than the one the shopper told: perhaps for somebody else, or for once."""
    told = known.size_for(note.kind) if isinstance(note, SizeNote) and not note.stated else None
    return told is not None and told.stated


def _bought(
    tagged: Tagged, done: Sequence[Done], text: str, product: Callable[[str], Product | None]
) -> Iterator[Kept]:
    """The size that was chosen for the cart, in this message's words."""
    sizes = slots.read(tagged).get("size", [])
    for call in done:
        size = str(call.args.get("size") or "")
        added = call.tool == "cart" and call.args.get("action") == "add"
        if added and not (call.artifact or {}).get("problem") and size in sizes:
            record = product(str(call.args.get("product")))
            if record is not None and len(record.sizes) > 1:
                kind = memory_told.kind_of(size, [record.category])
                yield SizeNote(kind=kind, size=size, words=text, stated=False)


def _wishes(tagged: Tagged, done: Sequence[Done], text: str) -> Iterator[Kept]:
    """What was searched for in the shopper's own words: wishes of one search."""
    search = next((d for d in done if d.tool == "search_catalog"), None)
    if search is None:
        return
    asked = slots.read(tagged)
    kinds = (search.args.get("where") or {}).get("category") or asked.get("category") or []
    sizes = asked.get("size", [])
    if len(sizes) == 1:
        yield SizeNote(kind=memory_told.kind_of(sizes[0], kinds), size=sizes[0], words=text, stated=False)
    for values, liked in ((asked, True), (asked.get("not") or {}, False)):
        for attribute in _HABITS:
            for value in (values.get(attribute) or [])[:_AT_ONCE]:
                yield Taste(attribute=attribute, value=value, liked=liked, words=text, stated=False)
    for spend in memory_told.spends(tagged.tags):
        if spend.max is not None:
            kind = taxonomy.ancestors(kinds[-1])[0] if kinds else None
            yield BudgetNote(category=kind, max=spend.max, currency=spend.currency, words=text, stated=False)


def _viewed(done: Sequence[Done], message: BaseMessage) -> Iterator[Viewed]:
    """The products that were shown in detail, asked about, compared or put into the cart."""
    focus = message.additional_kwargs.get("focus")
    looked: dict[str, How] = {focus: "asked"} if isinstance(focus, str) else {}
    for call in done:
        artifact = call.artifact or {}
        match call.tool:
            case "product_details" | "compare":
                looked |= {item["id"]: "asked" for item in call.items}
            case "ask_image" if call.args.get("product"):
                looked[call.args["product"]] = "asked"
            case "cart" if call.args.get("action") == "add" and not artifact.get("problem"):
                looked[call.args["product"]] = "added"
            case "search_catalog" if len(call.items) == 1:
                looked.setdefault(call.items[0]["id"], "shown")
    for product, how in looked.items():
        yield Viewed(product=product, how=how, stated=False)
