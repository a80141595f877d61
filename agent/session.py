"""One conversation. `Session.respond` is the only way in, for every door and every test."""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

from langchain.agents.middleware.model_call_limit import ModelCallLimitExceededError
from langchain_core.messages import AIMessage, BaseMessage, RemoveMessage, ToolMessage
from langgraph.graph.message import REMOVE_ALL_MESSAGES

from agent import errors, identity, messages
from agent.events import (
    EVENT,
    Cart,
    Done,
    Error,
    Event,
    Looked,
    Suggestions,
    Thinking,
    Token,
    TurnStarted,
    Usage,
    untimed,
)
from agent.floor import Busy, Floor
from agent.focus import Focus, InPhoto, look_with, named_together
from agent.llm.line import Line, run
from agent.llm.stand_in import ANSWERED_BY
from agent.llm.usage import Spent, capped
from agent.transcripts import AlreadySaid, Turn
from perception.hub.errors import HubError
from perception.photo import PhotoError
from prompts import language, load, say, taxonomy
from prompts.own import speaking
from prompts.plain import plain
from store.carts import Line as CartLine
from store.errors import CartError, NotKept, ProductNotFound, StoreAway
from tools.cart import Action, contents
from tools.cart import change as change_cart
from tools.context import ToolContext
from tools.errors import UnknownProduct as NoSuchProduct
from tools.memory import told_of
from tools.picks import picked, picks
from tools.reacting import opinions, react
from tools.recommend import Wanted, recommended
from tools.results import Memory, NotTaken, Picks, Products

if TYPE_CHECKING:
    from agent.assistant import Assistant
    from agent.handoff.desk import Standing
    from prompts.own import Wording
    from tools.reacting import Opinion, Reacting

log = logging.getLogger(__name__)
LONGEST_ID = 100  # characters of a product's id, as store.types.Product has it


class Session:
    """A conversation, by id, as one door holds it for one shopper; it goes on after a restart. Several may hold the
    same one: they share its floor, on which turns run one at a time, and never whose memory it may use."""

    def __init__(
        self, assistant: "Assistant", session_id: str, lang: str, shopper: str | None, floor: Floor
    ) -> None:
        self.id = session_id
        self._assistant, self._floor = assistant, floor
        self._language_chosen, self._shopper = lang, shopper
        self.by = "button"  # what of the door's changes a cart beside the talk, as the audit log has it

    @property
    def language(self) -> str:
        """The language that was chosen: "auto", "zh" or "en"."""
        return self._language_chosen

    @property
    def shopper(self) -> str | None:
        """Whose memory it may use; None: nobody's. Another shopper takes another `Session`."""
        return self._shopper

    def history(self) -> list[Turn]:
        """All turns so far, oldest first."""
        turns = self._assistant.transcripts.read(self.id)
        if all(turn.over for turn in turns):
            return turns
        with suppress(Busy), self._floor.held(wait_s=0):  # else one is being answered right now
            self._end_broken_off()
        return self._assistant.transcripts.read(self.id)

    def events(self, number: int) -> list[Event]:
        """What answered turn `number`, so far as it is known now; empty for a turn that there is not. The last one is
        `done`, unless some process still works on it."""
        found = self._assistant.transcripts.numbered(self.id, number)
        if found and found[0][0] == number and not found[0][1].over:
            with suppress(Busy), self._floor.held(wait_s=0):
                self._end_broken_off()
            found = self._assistant.transcripts.numbered(self.id, number)
        return found[0][1].events if found and found[0][0] == number else []

    def spoken(self, door: str = "") -> str:
        """The language that the conversation is in; before its first message the one chosen, else `door`'s."""
        return self._language("", self._last(), door)

    def standing(self, lang: str | None = None) -> "Standing":
        """Who speaks now: the assistant, or a person of the shop."""
        return self._assistant.desk.standing(self.id, lang or self._language("", self._last()))

    def cart(self) -> Cart:
        """The cart as it is now."""
        return contents(self._now())

    def change_cart(
        self,
        action: Action,
        product: str | None = None,
        size: str | None = None,
        quantity: int = 1,
        key: str | None = None,
    ) -> Cart:
        """Carry out what the shopper did with a button of a door: add, remove, change or clear; `problem` says where
        the shop could not. `key`: the sender's name for what is added, which is done once. Raises UnknownProduct."""
        context = self._now()
        try:
            change_cart(context, action, product, size, quantity, key)
        except CartError as error:
            return contents(context, error)
        except NoSuchProduct as error:
            raise errors.UnknownProduct(id=product) from error
        return contents(context)

    def take_over_cart(self, lines: Sequence[tuple[str, str | None, int]]) -> tuple[Cart, list[NotTaken]]:
        """Make the cart what the shop's own page has in its: (product, size, quantity). What the shop cannot sell so is
        told, and left out or held at what is left."""
        context = self._now()
        before = context.carts.lines(context.session)
        missed = context.carts.take_over(context.session, [CartLine(*line) for line in lines])
        if context.carts.lines(context.session) != before:
            context.noted("cart.take_over", detail=f"{len(lines)} lines of the shop's page")
        return contents(context), [
            NotTaken(
                product=line.product_id,
                size=line.size,
                quantity=line.quantity,
                problem=error.code,
                choices=getattr(error, "choices", []),
                left=getattr(error, "left", 0) or None,
            )
            for line, error in missed
        ]

    def resize(self, product: str, old: str | None, new: str) -> Cart:
        """Exchange the size of a line, its quantity kept; `problem` says where the shop could not. Raises
        UnknownProduct."""
        context = self._now()
        try:
            context.carts.resize(context.session, product, old, new)
        except CartError as error:
            return contents(context, error)
        except ProductNotFound as error:
            raise errors.UnknownProduct(id=product) from error
        context.noted("cart.resize", product, f"{old or ''} → {new}")
        return contents(context)

    def replace_cart(
        self, wanted: Sequence[tuple[str, str | None, int]], before: Cart, only_check: bool = False
    ) -> Cart:
        """Have the cart hold these (product, size, quantity) and nothing else, all or nothing; `problem` says where the
        shop could not, or that the cart is no longer what it was `before`. `only_check`: whether it could be done."""
        context, lines = self._now(), [CartLine(*one) for one in wanted]
        known = [CartLine(line.id, line.size, line.quantity) for line in before.lines]
        known += [line for line in context.carts.lines(self.id) if line.product_id in before.gone]
        try:
            if only_check:
                context.carts.checked(self.id, lines)
            else:
                held = context.carts.replace(self.id, lines, known)
                told = "; ".join(f"{x.quantity} × {x.product_id} {x.size or ''}".strip() for x in held)
                context.noted("cart.replace", detail=told)
        except CartError as error:
            return contents(context, error)
        except ProductNotFound as error:
            raise errors.UnknownProduct(id=error.product_id) from error
        return contents(context)

    def memory(self) -> Memory:
        """What is remembered of the shopper now, in the language of the conversation."""
        return told_of(self._now(), "view")

    def forget(self, scope: dict[str, str] | None = None) -> int:
        """Erase what is remembered of the shopper, or the part in `scope` (a note's of `memory()`). Returns how many
        notes are gone. Raises ValueError for a scope of another shape."""
        return self._assistant.forget_in(self.id, self.shopper, scope)

    def react(self, product_id: str, reaction: "Reacting") -> None:
        """The shopper likes a product or does not ("like", "dislike", "none" takes it back), looked at it ("view") or
        bought it ("buy"): it counts from the next reply on. Raises UnknownProduct, and NotKept where it cannot be
        written."""
        try:
            react(self._now(), product_id, reaction)
        except NoSuchProduct as error:
            raise errors.UnknownProduct(id=product_id) from error

    def reactions(self) -> "dict[str, Opinion]":
        """What the shopper likes and does not: product id → "like" or "dislike"."""
        return opinions(self._now())

    def for_you(self, k: int = 6) -> Products | None:
        """What is recommended to the shopper by their taste, each with why; None while nothing is known of it."""
        shown = recommended(self._now(), Wanted(k=k))
        return shown if shown.items and shown.query.get("ground") == "taste" else None

    def first_picks(self) -> Picks | None:
        """Two products of which a new shopper may pick the one that is more to their taste; None where there is nothing
        more to ask."""
        return picks(self._now())

    def picked(self, product_id: str | None) -> Picks | None:
        """The one of the two that was picked (None: neither), and the next two. Raises ValueError for a product that is
        not one of them."""
        return picked(self._now(), product_id)

    def is_another(
        self, key: str, text: str, photos: Sequence[bytes] = (), focus: Focus | None = None
    ) -> bool:
        """True where `key` already names a message that is not this one."""
        turn = self._assistant.transcripts.keyed(self.id, key)
        return turn is not None and turn.mark not in ("", _mark(text, photos, focus))

    def knows(self, key: str) -> bool:
        """True where a message of this conversation was sent under that key."""
        return self._assistant.transcripts.keyed(self.id, key) is not None

    def _now(self) -> ToolContext:
        return self._context(self._language("", self._last()), by=self.by)

    def respond(
        self,
        text: str,
        photos: Sequence[bytes] = (),
        focus: Focus | None = None,
        door: str = "",
        key: str | None = None,
    ) -> Iterator[Event]:
        """Answer a message. Yields events, `turn_started` first and `done` last, whatever happens in between.

        Args:
            text: The shopper's words; may be empty when there is a photo.
            photos: Encoded image files, as they came.
            focus: What the shopper points at: the id of a product (a button on its card), or a garment in a photo of
                this conversation (its box on the photo).
            door: Language of the page or program that the message comes from: that of the reply to a first message
                without words.
            key: The sender's own name for this message. One that was taken before is not answered again: the events
                that answered it then are told once more.
        """
        sent = Turn(text=text, focus=focus, key=key or None, mark=_mark(text, photos, focus) if key else "")
        events = self._floor.take(lambda wait: self._turn(wait, sent, photos, door))
        yield from _worded(events, self._assistant.wording)

    def _turn(
        self, wait: Callable[[], None], sent: Turn, photos: Sequence[bytes], door: str
    ) -> Iterator[Event]:
        wait()
        text, focus = sent.text, sent.focus
        limit = self._assistant.settings.max_message_chars
        kept = plain(text[:limit]) + ("…" if len(text) > limit else "")
        focus = plain(focus[: LONGEST_ID + 1]) if isinstance(focus, str) else focus
        transcripts = self._assistant.transcripts
        with ExitStack() as floor:
            turn, number = Turn(text=kept, focus=focus, key=sent.key, mark=sent.mark), 0
            turn.language = self._language(kept, None, door)  # as far as it is known before anything is read
            try:
                floor.enter_context(self._floor.held())
                last = self._last()
                turn.language, number = (
                    self._language(identity.words(kept), last, door),
                    last[0] + 1 if last else 0,
                )
                expired = last is None and transcripts.was_expired(self.id)
                self._end_broken_off()
                turn.text = identity.heard(
                    self._assistant.order_desk, self.id, turn.text, self._assistant.desk.reads
                )
                number = transcripts.begin(self.id, turn)
            except AlreadySaid as said:
                before = transcripts.numbered(self.id, said.number)[0][1]
                if before.mark in ("", sent.mark):
                    yield from before.events
                    return
                problem = _error("key_reused", turn.language)
                start = TurnStarted(session=self.id, turn=said.number, language=turn.language)
                yield from _timed([start, problem, Done(text=problem.message)])
                return
            except (Busy, NotKept, StoreAway) as error:
                log.error("a message of session %s is not answered: %r", self.id, error)
                away = error.code if isinstance(error, StoreAway) else "not_kept"
                problem = _error("busy" if isinstance(error, Busy) else away, turn.language)
                start = TurnStarted(session=self.id, turn=number, language=turn.language)
                yield from _timed([start, problem, Done(text=problem.message)])
                return
            for event in _timed(self._whole(turn, number, photos, len(text), expired)):
                turn.events.append(event)
                if not self._keep(turn, number) and isinstance(event, Done) and not _told_so(turn):
                    yield _error("not_saved", turn.language)
                if isinstance(event, Done):
                    self._assistant.desk.after_turn(self.id, number)
                yield event

    def _keep(self, turn: Turn, number: int) -> bool:
        """Keep the newest event before anybody sees it; a turn that is over, as a whole."""
        transcripts, event = self._assistant.transcripts, turn.events[-1]
        try:
            if isinstance(event, Done):
                transcripts.write(self.id, number, turn)
            else:
                transcripts.show(self.id, number, len(turn.events), event)
        except NotKept as error:
            log.error("what is shown in session %s cannot be kept: %s", self.id, error)
            return False
        return True

    def _end_broken_off(self) -> None:
        """Close turns that nobody works on any more: their process died, or their reader went away."""
        transcripts = self._assistant.transcripts
        for number, turn in transcripts.unfinished(self.id):
            said = "".join(event.text for event in turn.events if isinstance(event, Token))
            problem = _error("interrupted", turn.language)
            turn.events += [problem, Done(text=said or problem.message)]
            transcripts.write(self.id, number, turn)

    def _whole(
        self, turn: Turn, number: int, photos: Sequence[bytes], length: int, expired: bool
    ) -> Iterator[Event]:
        """The events of a turn; a fault of ours is told as one, and the turn is over."""
        try:
            yield TurnStarted(session=self.id, turn=number, language=turn.language)
            if expired:
                days = f"{self._assistant.settings.keep_days:g}"
                yield _error("conversation_expired", turn.language, days=days)
            yield from self._events(turn, number, photos, length)
        except Exception as error:
            problem = self._fault(error, turn.language)
            yield problem
            yield Done(text=problem.message)

    def _fault(self, error: Exception, lang: str) -> Error:
        """What the shopper is told of a fault of ours."""
        if isinstance(error, StoreAway | NotKept):
            log.error("a turn of session %s broke off: %s", self.id, error)
            return _error("not_kept_midway" if isinstance(error, NotKept) else error.code, lang)
        log.error("turn failed in session %s", self.id, exc_info=error)
        return _error("internal", lang)

    def _events(self, turn: Turn, number: int, photos: Sequence[bytes], length: int) -> Iterator[Event]:
        problem = self._refused(turn, photos, length)
        if problem:
            turn.refused = True
            yield problem
            yield Done(text=problem.message)
            return
        looks: list[dict[str, Any]] = []
        failed: Error | None = None
        for event in self._look(turn, photos, looks):
            failed = event if isinstance(event, Error) else failed
            yield event
        if not turn.text.strip() and not looks:
            turn.refused = True
            yield Done(text=failed.message if failed else "")
            return
        desk = self._assistant.desk
        if person := desk.holder(self.id):  # who answers, when they have read it
            yield desk.passed_on(person, turn.language)
            yield Done(text="", answered_by="person")
        elif noted := desk.reached_by(self.id, turn.text, turn.language):
            yield Token(text=noted)
            yield Done(text=noted)
        else:
            yield from self._answer(turn, number, looks)

    def _refused(self, turn: Turn, photos: Sequence[bytes], length: int) -> Error | None:
        limit = self._assistant.settings.max_message_chars
        if not turn.text.strip() and not photos:
            return _error("empty_message", turn.language)
        if length > limit:
            return _error("message_too_long", turn.language, length=length, limit=limit)
        if self._assistant.count() == 0:
            return _error("empty_shop", turn.language)
        if isinstance(turn.focus, InPhoto) and self._pointed(turn.focus) is None:
            return _error("garment_not_found", turn.language)
        if isinstance(turn.focus, str) and turn.focus and not self._assistant.sells(turn.focus):
            return _error("product_gone", turn.language)
        return None

    def _look(self, turn: Turn, photos: Sequence[bytes], looks: list[dict[str, Any]]) -> Iterator[Event]:
        """Check, keep and look at each photo; one that cannot be used is an error event, the others go on."""
        limit = self._assistant.settings.max_photos
        if len(photos) > limit:
            yield _error("too_many_photos", turn.language, limit=limit)
        for nth, data in enumerate(photos[:limit], start=1):
            label = say("session", "thinking.look_at_photo", turn.language)
            yield Thinking(tool="look_at_photo", label=label)
            try:
                photo = self._assistant.album.put(data)
                look = self._assistant.eyes.look(photo, turn.language)
            except PhotoError as error:
                yield _error(error.code, turn.language)
                continue
            except HubError:
                log.exception("the eyes cannot be used as the settings have it")  # no fault of the photo
                yield _error("internal", turn.language)
                continue
            except Exception:
                log.exception("a photo could not be looked at")
                yield _error("bad_photo", turn.language)
                continue
            seen = look.model_dump(mode="json", exclude_none=True)
            turn.photos.append(photo.id)
            looks.append({"id": photo.id, "look": seen})
            yield Looked(photo=photo.id, nth=nth, look=seen, card=look_card(seen, turn.language))

    def _answer(self, turn: Turn, number: int, looks: list[dict[str, Any]]) -> Iterator[Event]:
        """Run the agent on the message and turn what it does into events."""
        said = messages.message(turn, number, looks, self._pointed)
        inputs, context = {"messages": [*self._forgotten(number), said]}, self._context(turn.language, turn)
        line, reply, text, paragraph = Line(spent=Spent(self._usage())), AIMessage(""), "", False
        problem: Error | None = None
        try:
            for kind, told in run(self._assistant.graph, inputs, self.id, context, line):
                if kind == "said":
                    piece = f"\n\n{told.lstrip()}" if paragraph else told
                    text, paragraph = text + piece, False
                    yield from (Token(text=part) for part in _pieces(piece))
                    continue
                for message in _messages(told):
                    if isinstance(message, AIMessage):
                        reply, paragraph = message, bool(text)
                        for call in message.tool_calls:
                            yield _thinking(call, turn.language)
                    elif isinstance(message, ToolMessage) and _worth_showing(message.artifact):
                        yield EVENT.validate_python({**message.artifact, "call": message.tool_call_id})
            self._assistant.checkpoints.keep_newest(self.id)
        except ModelCallLimitExceededError:
            problem = _error("too_many_steps", turn.language)
        except Exception as error:
            problem = self._fault(error, turn.language)
        usage = line.spent.total(self._assistant.settings)
        if problem:
            yield problem
            yield Done(text=text or problem.message, usage=usage)
            return
        suggestions = reply.additional_kwargs.get("suggestions") or []
        if suggestions:
            yield Suggestions(items=[str(s) for s in suggestions][:4])
        answered_by = reply.response_metadata.get(ANSWERED_BY, "offline")
        yield Done(text=text, usage=usage, answered_by=answered_by)

    def _usage(self) -> list[Usage]:
        """What the turns so far cost, where that is limited."""
        if not capped(self._assistant.settings):
            return []
        turns = self._assistant.transcripts.read(self.id)
        return [event.usage for turn in turns for event in turn.events if isinstance(event, Done)]

    def _forgotten(self, number: int) -> list[BaseMessage]:
        """The turns before `number` that the agent's checkpoint does not hold, told again from the transcript. One that
        holds more than the transcript is of a conversation that is no longer kept: all of it goes."""
        checkpoints = self._assistant.checkpoints
        checkpoints.reopen()
        saved = checkpoints.get_tuple({"configurable": {"thread_id": self.id}})
        known = messages.newest_known(saved.checkpoint["channel_values"]["messages"]) if saved else -1
        if known == number - 1:
            return []
        begun: list[BaseMessage] = []
        if known >= number:
            checkpoints.forget(self.id)
            begun, known = [RemoveMessage(id=REMOVE_ALL_MESSAGES)], -1  # also where it could not be deleted
        turns = self._assistant.transcripts.numbered(self.id, known + 1)
        again = messages.told_again([(n, turn) for n, turn in turns if n < number], self._pointed)
        return [*begun, *again]

    def _last(self) -> tuple[int, Turn] | None:
        return self._assistant.transcripts.last(self.id)

    def _language(self, text: str, last: tuple[int, Turn] | None, door: str = "") -> str:
        for choice in (self.language, self._assistant.settings.language):
            if choice != "auto":
                return choice
        spoken = last[1].language if last else door
        return language.detect(text, spoken or ("en" if text.isascii() else "zh"))

    def _pointed(self, focus: InPhoto) -> dict[str, Any] | None:
        """What was seen in the photo of the garment pointed at, when it was sent."""
        return look_with(self._assistant.transcripts.looks(self.id, focus.photo), focus)

    def _context(self, lang: str, turn: Turn | None = None, by: str = "words") -> ToolContext:
        photos = self._assistant.transcripts.photos(self.id) | set(turn.photos if turn else ())
        return self._assistant.tool_context(self.id, lang, frozenset(photos), self.shopper, by)


def _worded(events: Iterator[Event], wording: "Wording | None") -> Iterator[Event]:
    """The events, worked out in the shop's own words; whoever reads them goes on speaking in theirs."""
    try:
        while True:
            with speaking(wording):
                event = next(events, None)
            if event is None:
                return
            yield event
    finally:
        if isinstance(events, Generator):
            events.close()


def look_card(look: dict[str, Any], lang: str) -> dict[str, str]:
    """The "what I see" card: label → words in `lang`. One garment is told in full, several by their names; then what
    holds of the picture."""
    card: dict[str, str] = {}
    garments = look.get("garments", [])
    if len(garments) > 1:
        card[say("tools", "labels.garments", lang)] = named_together(garments, lang)
    for garment in garments if len(garments) == 1 else ():
        for attribute in ("category", "colors", "pattern", "sleeve", "neckline", "length", "material"):
            name = "color" if attribute == "colors" else attribute
            raw = garment.get(attribute)
            values = raw if isinstance(raw, list) else [raw] if raw else []
            if values:
                words = say("tools", "why.and", lang).join(taxonomy.word(name, v, lang) for v in values)
                card[say("tools", f"labels.{name}", lang)] = words
    settings = load("tools")["values"]["setting"]
    if look.get("setting") in settings:
        card[say("tools", "labels.setting", lang)] = settings[look["setting"]][lang]
    if look.get("text"):
        card[say("tools", "labels.text", lang)] = look["text"]
    return card


def _mark(text: str, photos: Sequence[bytes], focus: Focus | None) -> str:
    """What stands for a message: the same only for the same words, photos and focus."""
    pointed = focus.model_dump(mode="json") if isinstance(focus, InPhoto) else focus
    parts = [text, pointed, *(hashlib.sha256(photo).hexdigest() for photo in photos)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _timed(events: Iterable[Event]) -> Iterator[Event]:
    """The same events, the last with how long they took from the moment when it was this message's turn."""
    started, timings = time.perf_counter(), untimed()
    for event in events:
        passed = round((time.perf_counter() - started) * 1000, 1)
        if timings["first_event_ms"] is None:
            timings["first_event_ms"] = passed
        if event.type in ("products", "outfit") and timings["products_ms"] is None:
            timings["products_ms"] = passed
        if isinstance(event, Done):
            event.timings = {**timings, "total_ms": passed}
        yield event


def _messages(update: dict[str, Any]) -> list[Any]:
    found = []
    for name, change in update.items():
        if name in ("model", "tools") and isinstance(change, dict):
            found += change.get("messages", [])
    return found


def _worth_showing(artifact: Any) -> bool:
    """An empty list is told in words, not shown as an event of nothing; the cart is shown also when empty."""
    if not isinstance(artifact, dict):
        return False
    kinds = {"products": "items", "outfit": "looks", "policy": "passage"}
    part = kinds.get(artifact.get("type", ""))
    return part is None or bool(artifact.get(part))


def _thinking(call: Any, lang: str) -> Thinking:
    known = load("session")["thinking"]
    label = say("session", f"thinking.{call['name']}", lang) if call["name"] in known else "…"
    return Thinking(tool=call["name"], label=label, args=dict(call["args"]), call=str(call["id"] or ""))


def _pieces(text: str) -> Iterator[str]:
    """Words (or three Chinese characters) at a time, so that a reply reads as it is being said."""
    piece = ""
    for char in text:
        piece += char
        if char.isspace() or (char > "⺀" and len(piece) >= 3):
            yield piece
            piece = ""
    if piece:
        yield piece


def _told_so(turn: Turn) -> bool:
    """True where the shopper has just read that nothing can be kept."""
    return any(isinstance(e, Error) and e.code == "not_kept_midway" for e in turn.events)


def _error(code: str, lang: str, **values: object) -> Error:
    return Error(code=code, message=errors.message(code, lang, **values))
