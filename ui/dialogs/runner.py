"""Runs dialog scripts: a session per run, its events held against the script's gates.

`Shops` opens each catalogue once and lends it to many runs: sessions keep their own carts, so runs do not meet.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ui.dialogs import gates
from ui.dialogs.gates import Conversation, Failure, Observed
from ui.dialogs.script import Lang, Script, ScriptError, Touched, Turn, localised

if TYPE_CHECKING:
    from agent.assistant import Assistant

Report = Callable[[int, int, str], None]


@dataclass
class TurnResult:
    """What became of one turn. `ms`: from the message to `done`."""

    number: int
    text: str
    reply: str
    ms: float
    failures: list[Failure]


@dataclass
class Result:
    """One run of one script in one language. `fault`: why it could not be run to its end."""

    script: Script
    lang: Lang
    run: int
    turns: list[TurnResult] = field(default_factory=list)
    seconds: float = 0.0
    fault: str = ""

    @property
    def passed(self) -> bool:
        return not self.fault and not any(turn.failures for turn in self.turns)

    @property
    def name(self) -> str:
        return f"{self.script.id}[{self.lang}]" + (f"#{self.run}" if self.script.runs.n > 1 else "")

    def why(self) -> list[str]:
        """Each thing that went wrong, with its turn."""
        found = [f"turn {t.number}: {f.gate}: {f.message}" for t in self.turns for f in t.failures]
        return found + ([self.fault] if self.fault else [])


class Shops:
    """The assistants that scripts talk to, by catalogue and model; opened at first use, reopened by a restart step.

    `demo`: a data folder that stands for the catalogue "demo"; an empty one, or none, is filled with the demo shop.
    """

    def __init__(
        self, demo: Path | None, scratch: Path, model: str | None = None, report: Report | None = None
    ) -> None:
        self.demo = demo
        self.scratch = scratch
        self.model = model
        self.report = report
        self._open: dict[tuple[str, str], Assistant] = {}
        self._known: dict[str, tuple[dict[str, set[str]], set[str]]] = {}

    def assistant(self, script: Script) -> "Assistant":
        """The assistant for a script. Raises ScriptError for a feed that is not there, and what opening raises."""
        key = self._key(script)
        if key not in self._open:
            self._open[key] = self._make(*key)
        return self._open[key]

    def restart(self, script: Script) -> "Assistant":
        """Close the assistant and open it anew on the same folder, as a new process would."""
        key = self._key(script)
        if key in self._open:
            self._open.pop(key).close()
        return self.assistant(script)

    def known(self, script: Script) -> tuple[dict[str, set[str]], set[str]]:
        """The shop's titles (title → ids) and all its ids."""
        catalog = self._key(script)[0]
        if catalog not in self._known:
            titles: dict[str, set[str]] = {}
            ids = set()
            for product in self.assistant(script).products():
                ids.add(product.id)
                for title in filter(None, (product.title.zh, product.title.en)):
                    titles.setdefault(title, set()).add(product.id)
            self._known[catalog] = titles, ids
        return self._known[catalog]

    def close(self) -> None:
        """Let go of every file."""
        for assistant in self._open.values():
            assistant.close()
        self._open.clear()

    def _key(self, script: Script) -> tuple[str, str]:
        catalog = script.fixture.catalog
        place = catalog if catalog == "demo" else str((script.path.parent / catalog).resolve())
        return place, self.model or script.model.removeprefix("live:")

    def _make(self, catalog: str, model: str) -> "Assistant":
        from agent.assistant import Assistant
        from agent.settings import Settings

        folder = (
            self.demo if catalog == "demo" and self.demo else self.scratch / f"shop-{abs(hash(catalog)):x}"
        )
        assistant = Assistant.open(Settings(data=folder, model=model))
        try:
            if not assistant.count():
                if catalog == "demo":
                    assistant.load_demo(progress=self.report)
                elif not Path(catalog).is_file():
                    raise ScriptError(f"there is no feed {catalog}")
                else:
                    assistant.import_feed(Path(catalog), images=Path(catalog).parent, progress=self.report)
        except BaseException:
            assistant.close()
            raise
        return assistant


@contextmanager
def shops(
    demo: Path | None = None, model: str | None = None, report: Report | None = None
) -> Iterator[Shops]:
    """Shops in a folder of their own that is gone afterwards; `demo` stays."""
    with tempfile.TemporaryDirectory(prefix="daogou-dialogs-", ignore_cleanup_errors=True) as scratch:
        made = Shops(demo, Path(scratch), model, report)
        try:
            yield made
        finally:
            made.close()


def run(script: Script, lang: Lang, among: Shops, number: int = 1) -> Result:
    """One run. Whatever goes wrong is in the result; nothing is raised."""
    result = Result(script, lang, number)
    started = time.perf_counter()
    try:
        _run(script, lang, among, result)
    except Exception as exc:
        result.fault = f"turn {len(result.turns) + 1}: {type(exc).__name__}: {exc}"
    result.seconds = time.perf_counter() - started
    return result


def _run(script: Script, lang: Lang, among: Shops, result: Result) -> None:
    titles, ids = among.known(script)
    assistant = among.assistant(script)
    session = assistant.session(None, lang="auto")
    talk = Conversation(
        products=lambda wanted: list(among.assistant(script).products(wanted)),
        titles=titles,
        ids=ids,
        tools=assistant.tool_names,
    )
    for number, turn in enumerate(script.turns, 1):
        if turn.restart:
            session = among.restart(script).session(session.id, lang="auto")
            continue
        observed, took = _send(turn, script, lang, session, talk)
        talk.turns.append(observed)
        failures = gates.check(turn.expect, talk)
        result.turns.append(TurnResult(number, observed.text, observed.reply, took, failures))


def _send(
    turn: Turn, script: Script, lang: Lang, session: object, talk: Conversation
) -> tuple[Observed, float]:
    from agent.session import Session

    if not isinstance(session, Session) or turn.user is None:
        raise TypeError("a message needs a session")
    text = localised(turn.user.text, lang) or ""
    photos = [script.photo(name).read_bytes() for name in turn.user.files()]
    pointed = turn.user.focus
    focus = talk.touched(pointed) if isinstance(pointed, Touched) else talk.resolve(pointed)
    before = session.cart().model_dump(mode="json")
    started = time.perf_counter()
    events = [event.model_dump(mode="json") for event in session.respond(text, photos, focus=focus)]
    took = (time.perf_counter() - started) * 1000
    return Observed(text, lang, events, before, session.cart().model_dump(mode="json")), took
