"""Runs dialog scripts: a session per run, its events held against the script's gates."""

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ui.dialogs import fixtures, gates
from ui.dialogs.draws import Draw
from ui.dialogs.fixtures import Shops
from ui.dialogs.observed import Conversation, Event, Failure, Observed
from ui.dialogs.script import Lang, Script, ScriptError, Touched, Turn, User

if TYPE_CHECKING:
    from agent.assistant import Assistant
    from agent.session import Session


MAIN = User(text="")  # who speaks, and where, when a turn does not say


@dataclass
class TurnResult:
    """What became of one turn. `ms`: from the message to `done`; `sent`: the names of its photos."""

    number: int
    text: str
    reply: str
    ms: float
    failures: list[Failure]
    events: list[Event] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    @property
    def done(self) -> Event:
        """The event that closed it, or an empty one."""
        return next((e for e in reversed(self.events) if e["type"] == "done"), {})


@dataclass
class Result:
    """One run of one script in one language. `fault`: why it could not be run to its end; `excuse`: why it is known to
    fail."""

    script: Script
    lang: Lang
    run: int
    of: int = 1
    seed: int = 0
    model: str = "offline"
    excuse: str = ""
    turns: list[TurnResult] = field(default_factory=list)
    seconds: float = 0.0
    fault: str = ""
    unusable: bool = False  # the script, not the assistant, is at fault

    @property
    def passed(self) -> bool:
        return not self.fault and not any(turn.failures for turn in self.turns)

    @property
    def name(self) -> str:
        return f"{self.script.id}[{self.lang}]" + (f"#{self.run}" if self.of > 1 else "")

    def why(self) -> list[str]:
        """Each thing that went wrong, with its turn."""
        found = [f"turn {t.number}: {f.gate}: {f.message}" for t in self.turns for f in t.failures]
        return found + ([self.fault] if self.fault else [])


def run(script: Script, lang: Lang, among: Shops, number: int = 1, of: int = 1) -> Result:
    """One run, the `number`th of `of`. Whatever goes wrong is in the result; nothing is raised."""
    result = Result(script, lang, number, of, among.seed)
    started = time.perf_counter()
    try:
        among.tape.start(script, lang, number)
        result.model = among.model_of(script)
        # what is known of the planner says nothing about another model
        result.excuse = script.excuse(lang) if among.model is None else ""
        _run(script, lang, among, result)
    except Exception as exc:
        result.fault = f"turn {max(1, among.tape.turn)}: {type(exc).__name__}: {exc}"
        result.unusable = isinstance(exc, ScriptError)
    result.seconds = time.perf_counter() - started
    return result


class _Talks:
    """The conversations of one run, by shopper and name; each starts when it is first spoken in."""

    def __init__(self, script: Script, among: Shops, run: int) -> None:
        self.script, self.among, self.run = script, among, run
        self.captured: dict[str, Any] = {}
        self._shoppers: dict[str, str] = {}
        self._of: dict[tuple[str, str], tuple[str, Conversation]] = {}

    @property
    def assistant(self) -> "Assistant":
        return self.among.assistant(self.script, self.run)

    def with_(self, shopper: str, name: str) -> tuple["Session", Conversation]:
        """The session and what was seen of it."""
        key = (shopper, name)
        main = shopper == MAIN.shopper
        if shopper not in self._shoppers:
            self._shoppers[shopper] = fixtures.arrive(self.assistant, self.script, known=main)
        person = self._shoppers[shopper]
        if key not in self._of:
            session = self.assistant.session(None, lang="auto", shopper=person)
            if main and name == MAIN.session:
                fixtures.open_desk(self.assistant, self.script)
                fixtures.fill_cart(self.assistant, self.script, session.id)
            titles, ids = self.among.known(self.script, self.run)
            talk = Conversation(
                products=lambda wanted: list(self.assistant.products(wanted)),
                titles=titles,
                ids=ids,
                tools=self.assistant.tool_names,
                captured=self.captured,
                canaries=[hostile.canary for hostile in self.script.fixture.hostile],
            )
            self._of[key] = session.id, talk
        session_id, talk = self._of[key]
        return self.assistant.session(session_id, lang="auto", shopper=person), talk

    def profile(self, shopper: str) -> Event:
        """What is kept of a shopper."""
        return self.assistant.profile(self._shoppers[shopper]).model_dump(mode="json", exclude={"consent_at"})


def _run(script: Script, lang: Lang, among: Shops, result: Result) -> None:
    draw = Draw(among.seed, script.id, lang, result.run)
    talks = _Talks(script, among, result.run)
    for number, turn in enumerate(script.turns, 1):
        if turn.user is None:
            among.restart(script, result.run)
            continue
        text = draw.message(turn.user, number)
        session, talk = talks.with_(turn.user.shopper, turn.user.session)
        for nth in range(1, turn.user.times + 1):
            among.tape.turn = number
            kept = talks.profile(turn.user.shopper)
            observed, took = _send(turn, text, script, lang, session, talk)
            observed.profile_before, observed.profile = kept, talks.profile(turn.user.shopper)
            talk.turns.append(observed)
            last = nth == turn.user.times
            failures = (
                gates.check(turn.expect, talk)
                if last
                else list(gates.invariants(turn.expect, observed, talk))
            )
            if last or failures:
                told = TurnResult(
                    number, text, observed.reply, took, failures, observed.events, turn.user.files()
                )
                result.turns.append(told)
            among.tape.check()
            if failures and not last:
                return


def _send(
    turn: Turn, text: str, script: Script, lang: Lang, session: "Session", talk: Conversation
) -> tuple[Observed, float]:
    if turn.user is None:
        raise ScriptError("a message needs words or a photo")
    photos = [script.photo(name).read_bytes() for name in turn.user.files()]
    pointed = turn.user.focus
    focus = talk.touched(pointed) if isinstance(pointed, Touched) else talk.resolve(pointed)
    # what the turn before left: a change that came in between is one that nobody asked for
    before = talk.turns[-1].cart if talk.turns else session.cart().model_dump(mode="json")
    started = time.perf_counter()
    events = [event.model_dump(mode="json") for event in session.respond(text, photos, focus=focus)]
    took = (time.perf_counter() - started) * 1000
    return Observed(text, lang, events, before, session.cart().model_dump(mode="json")), took
