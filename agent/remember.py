"""Memory of the shopper in a turn: who talks, what they allowed, and what is learned of them once they did."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState
from langchain_core.messages import BaseMessage, HumanMessage
from langgraph.runtime import Runtime

from agent.planner import history, memory_consent, memory_talk, memory_told, opinions, slots
from agent.planner.calls import Done
from agent.planner.lexicon import Lexicon
from agent.planner.own_words import pasted
from agent.planner.tagging import Tagged
from agent.planner.understand import read
from prompts import taxonomy
from store.errors import NoConsent
from store.reactions import Reaction, as_note, of_note, packed
from store.shoppers import BudgetNote, How, Kept, Profile, SeenPhoto, SizeNote, Taste, Viewed
from store.types import Product
from tools.context import ToolContext
from tools.facts import said_in
from tools.reacting import react

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
        self._hear_opinions(state["messages"], runtime.context)
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

    def _hear_opinions(self, messages: Sequence[BaseMessage], context: ToolContext) -> None:
        """What the newest message says it likes and does not ("I like the second", 不喜欢第一个) counts in this very
        reply, like a like on a card."""
        if context.reactions is None or not isinstance(messages[-1], HumanMessage):
            return
        text, lexicon = str(messages[-1].additional_kwargs.get("text", messages[-1].text)), self.lexicon()
        try:
            tagged = read(text, lexicon)
            if pasted(text) or memory_talk.spoken(tagged).other:
                return
            for opinion in opinions.find(tagged, history.state_before(messages[:-1], lexicon)):
                for product in opinion.ids:
                    react(context, product, "like" if opinion.liked else "dislike")
        except Exception:  # as above: a help, no need
            log.exception("what a shopper thinks of a product cannot be kept")

    def after_agent(self, state: AgentState[Any], runtime: Runtime[ToolContext]) -> None:
        """Learn from the turn: for the conversation, and beyond it with consent. Whatever goes wrong here costs the
        memory, never the reply."""
        context, messages = runtime.context, state["messages"]
        shopper = context.shopper
        try:
            notes = [*learned(messages, self.lexicon(), context.shop.get), *_photos(messages, context)]
            if context.reactions:
                context.reactions.add(context.session, done_in(messages, notes), context.who)
            if shopper is None or shopper.consent != "yes":
                return
            known = shopper.profile()
            chosen = _chosen_before(context) if not known.reactions else []
            shopper.keep(note for note in (*chosen, *notes) if not _against(note, known))
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


def done_in(messages: Sequence[BaseMessage], notes: Sequence[Kept]) -> list[Reaction]:
    """What the newest turn tells of a taste: its notes, what was taken out of the cart, and the products on its
    lists."""
    at = max((i for i, m in enumerate(messages) if isinstance(m, HumanMessage)), default=-1)
    done = [d for d in history.results(messages[at + 1 :]) if not d.failed and d.artifact is not None]
    found = [one for note in notes if (one := of_note(note))]
    looked = {one.product for one in found}
    for call in done:
        out = call.tool == "cart" and call.args.get("action") == "remove"
        if out and not (call.artifact or {}).get("problem") and call.args.get("product"):
            found.append(Reaction(action="removed", product=str(call.args["product"])))
        if call.tool in ("search_catalog", "recommend"):
            shown = (str(item["id"]) for item in call.items)
            found += [Reaction(action="shown", product=i) for i in shown if i not in looked]
    return found


def _chosen_before(context: ToolContext) -> Iterator[Kept]:
    """The likes and dislikes of this conversation: whoever agrees to being remembered means them too."""
    for one in context.done():
        if one.action in ("liked", "disliked", "picked") and (note := as_note(one)):
            yield note


def _photos(messages: Sequence[BaseMessage], context: ToolContext) -> Iterator[Kept]:
    """What the photos of the newest message show."""
    newest = next((m for m in reversed(messages) if isinstance(m, HumanMessage)), None)
    for sent in (newest.additional_kwargs.get("photos") or []) if newest else []:
        main = next(iter(sent["look"].get("garments") or []), None)
        if main is None:
            continue
        vectors = context.eyes.vectors(context.photo(sent["id"]))
        yield SeenPhoto(
            photo=sent["id"],
            image=packed(vectors.image),
            made_by=context.shop.signature,
            category=main.get("category"),
            colors=main.get("colors") or [],
            pattern=main.get("pattern"),
        )


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
            case "product_details" | "advise_size" | "compare":
                looked |= {item["id"]: "asked" for item in call.items}
            case "ask_image" if call.args.get("product"):
                looked[call.args["product"]] = "asked"
            case "cart" if call.args.get("action") == "add" and not artifact.get("problem"):
                looked[call.args["product"]] = "added"
            case "search_catalog" if len(call.items) == 1:
                looked.setdefault(call.items[0]["id"], "shown")
    for product, how in looked.items():
        yield Viewed(product=product, how=how, stated=False)
