"""What was said and shown, turn by turn, as the doors show it again after a reload or a restart.

An event is kept before it is shown, so that a process that dies in the middle of a turn loses nothing that anyone saw.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pydantic import BaseModel, Field

from agent.events import EVENT, Done, Event, Looked, Token
from agent.focus import Focus
from store.tables import Connection, Values, Where, ago, opened

VERSION = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS turns (
    session TEXT, number INTEGER, turn TEXT, at TEXT DEFAULT CURRENT_TIMESTAMP, over INTEGER NOT NULL DEFAULT 0,
    key TEXT, PRIMARY KEY (session, number));
CREATE TABLE IF NOT EXISTS shown (
    session TEXT, number INTEGER, place INTEGER, event TEXT, PRIMARY KEY (session, number, place));
CREATE TABLE IF NOT EXISTS photos (
    session TEXT, photo TEXT, number INTEGER, look TEXT, PRIMARY KEY (session, photo, number));
CREATE TABLE IF NOT EXISTS ratings (
    session TEXT, number INTEGER, verdict TEXT NOT NULL, comment TEXT NOT NULL, at TEXT DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (session, number));
CREATE TABLE IF NOT EXISTS expired (session TEXT PRIMARY KEY, at TEXT DEFAULT CURRENT_TIMESTAMP);
CREATE INDEX IF NOT EXISTS photos_by_photo ON photos (photo);
CREATE UNIQUE INDEX IF NOT EXISTS turns_by_key ON turns (session, key)
"""


class Turn(BaseModel):
    """One turn: what the shopper sent (`photos` are photo ids, `focus` what was pointed at) and the events that
    answered it. `refused`: the message never reached the assistant (too long, empty …). `key`: the sender's own name
    for the message: sent again with the same, it is the same one; `mark`: what stands for all that was sent with it.
    `outside`: no message began it, a person of the shop did."""

    text: str = ""
    photos: list[str] = []
    focus: Focus | None = None
    language: str = "en"
    refused: bool = False
    key: str | None = None
    mark: str = ""
    outside: bool = Field(default=False, exclude_if=lambda outside: not outside)
    events: list[Event] = []

    @property
    def over(self) -> bool:
        """True when it was answered to the end."""
        return bool(self.events) and isinstance(self.events[-1], Done)


class AlreadySaid(Exception):
    """The message was taken before, as turn `number`."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Transcripts:
    """Turns by session, in a data folder or on a server. Safe from several threads and processes; a change that cannot
    be written raises store.errors.NotKept."""

    def __init__(self, where: Where) -> None:
        self._file = opened(where, "conversations", _SCHEMA, VERSION, _upgrade)

    def read(self, session: str, since: int = 0) -> list[Turn]:
        """The turns of a session, oldest first, from number `since` on; empty for an unknown one."""
        return [turn for _, turn in self.numbered(session, since)]

    def numbered(self, session: str, since: int = 0) -> list[tuple[int, Turn]]:
        """(number, turn), oldest first, from number `since` on."""
        rows = self._file.read(
            "SELECT number, turn, over FROM turns WHERE session = ? AND number >= ? ORDER BY number",
            (session, since),
        )
        turns = []
        for number, raw, over in rows:
            turn = _parsed(raw)
            shown = [] if over else self._shown(session, number)
            if not over and not shown:  # nothing yet, or it was ended between the two questions
                turn = self._ended(session, number) or turn
            if not turn.over:
                turn.events = [*turn.events, *shown]
                turn.photos = list(
                    dict.fromkeys([*turn.photos, *(e.photo for e in turn.events if isinstance(e, Looked))])
                )
            turns.append((number, turn))
        return turns

    def last(self, session: str) -> tuple[int, Turn] | None:
        """The newest turn with its number; None for an unknown session."""
        rows = self._file.read("SELECT max(number) FROM turns WHERE session = ?", (session,))
        found = self.numbered(session, rows[0][0]) if rows and rows[0][0] is not None else []
        return found[-1] if found else None

    def looks(self, session: str, photo: str | None = None) -> list[tuple[str, dict[str, Any]]]:
        """(photo id, what was seen in it), the newest first; of one photo or of all that the session has."""
        rows = self._file.read(
            "SELECT photo, look FROM photos WHERE session = ? AND (? IS NULL OR photo = ?) ORDER BY number DESC",
            (session, photo, photo),
        )
        return [(found, json.loads(look)) for found, look in rows]

    def photos(self, session: str) -> frozenset[str]:
        """The ids of a session's photos."""
        rows = self._file.read("SELECT DISTINCT photo FROM photos WHERE session = ?", (session,))
        return frozenset(row[0] for row in rows)

    def begin(self, session: str, turn: Turn) -> int:
        """Insert a new turn; its number is the session's next, also when another process talks in it. Raises
        AlreadySaid for a key that a turn of the session has."""
        values = {"s": session, "t": turn.model_dump_json(), "k": turn.key}

        def insert(db: Connection) -> int:
            if turn.key and (number := _number(db, session, turn.key)) is not None:
                raise AlreadySaid(number)
            row = db.execute(
                "INSERT INTO turns (session, number, turn, key) SELECT :s, coalesce(max(number), -1) + 1, :t, :k "
                "FROM turns WHERE session = :s RETURNING number",
                values,
            ).fetchone()
            db.execute("DELETE FROM expired WHERE session = :s", values)
            return int(row[0])

        return self._file.change(insert, about=session)

    def keyed(self, session: str, key: str) -> Turn | None:
        """The turn whose message was sent under this key."""
        rows = self._file.read("SELECT number FROM turns WHERE session = ? AND key = ?", (session, key))
        found = self.numbered(session, int(rows[0][0])) if rows else []
        return found[0][1] if found else None

    def add(self, session: str, made: Callable[[int], Turn]) -> int:
        """Keep a turn that is over as the session's next, also while another one is being answered; its number."""

        def insert(db: Connection) -> int:
            row = db.execute(
                "INSERT INTO turns (session, number, turn, over) SELECT ?, coalesce(max(number), -1) + 1, '{}', 1 "
                "FROM turns WHERE session = ? RETURNING number",
                (session, session),
            ).fetchone()
            whole = made(int(row[0])).model_dump_json()
            db.execute("UPDATE turns SET turn = ? WHERE session = ? AND number = ?", (whole, session, row[0]))
            return int(row[0])

        return self._file.change(insert, about=session)

    def show(self, session: str, number: int, place: int, event: Event) -> None:
        """Keep an event of a turn that is being answered; `place` counts its events."""

        shown: tuple[str, Values] = (
            "INSERT INTO shown VALUES (?, ?, ?, ?)"
            " ON CONFLICT (session, number, place) DO UPDATE SET event = excluded.event",
            (session, number, place, event.model_dump_json()),
        )
        if not isinstance(event, Looked):
            self._file.put(shown)
            return
        look = json.dumps(event.look, ensure_ascii=False)
        self._file.put(
            shown,
            (
                "INSERT INTO photos VALUES (?, ?, ?, ?)"
                " ON CONFLICT (session, photo, number) DO UPDATE SET look = excluded.look",
                (session, event.photo, number, look),
            ),
        )

    def write(self, session: str, number: int, turn: Turn) -> None:
        """Keep a turn that is over as one piece, in the place of its single events."""
        whole = turn.model_copy(update={"events": together(turn.events)}).model_dump_json()

        def replace(db: Connection) -> None:
            db.execute(
                "INSERT INTO turns (session, number, turn, over) VALUES (?, ?, ?, 1) "
                "ON CONFLICT (session, number) DO UPDATE SET turn = excluded.turn, over = 1",
                (session, number, whole),
            )
            db.execute("DELETE FROM shown WHERE session = ? AND number = ?", (session, number))

        self._file.change(replace, about=session)

    def copy(self, old: str, new: str, turns: int) -> None:
        """Begin session `new` with the first `turns` turns of `old`."""

        def copied(db: Connection) -> None:
            for table, columns in (("turns", "number, turn, over"), ("photos", "photo, number, look")):
                db.execute(
                    f"INSERT INTO {table} (session, {columns}) SELECT ?, {columns} FROM {table} "
                    "WHERE session = ? AND number < ?",
                    (new, old, turns),
                )

        self._file.change(copied)

    def unfinished(self, session: str) -> list[tuple[int, Turn]]:
        """Turns that were begun and never ended, with what was shown of them."""
        rows = self._file.read("SELECT min(number) FROM turns WHERE session = ? AND over = 0", (session,))
        if not rows or rows[0][0] is None:
            return []
        return [(number, turn) for number, turn in self.numbered(session, rows[0][0]) if not turn.over]

    def has(self, session: str) -> bool:
        """True for a session in which something was said."""
        return bool(self._file.read("SELECT 1 FROM turns WHERE session = ? LIMIT 1", (session,)))

    def was_expired(self, session: str) -> bool:
        """True for a session that was kept once and, since `expire`, is no more."""
        return bool(self._file.read("SELECT 1 FROM expired WHERE session = ?", (session,)))

    def old(self, days: float, session: str | None = None) -> list[str]:
        """The conversations in which nothing was said for so many days; of all, or of `session`."""
        rows = self._file.read(
            "SELECT session FROM turns WHERE ? IS NULL OR session = ? GROUP BY session HAVING max(at) < ?",
            (session, session, ago(days)),
        )
        return [row[0] for row in rows]

    def own_photos(self, session: str) -> list[str]:
        """The ids of a session's photos that no other one has."""
        rows = self._file.read(
            "SELECT DISTINCT photo FROM photos mine WHERE session = ? AND NOT EXISTS "
            "(SELECT 1 FROM photos other WHERE other.photo = mine.photo AND other.session != mine.session)",
            (session,),
        )
        return [row[0] for row in rows]

    def rate(self, session: str, number: int, verdict: str, comment: str = "") -> None:
        """Keep what the shopper thinks of a reply ("good", "bad"); the last word counts."""
        self._file.change(
            lambda db: db.execute(
                "INSERT INTO ratings (session, number, verdict, comment) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (session, number)"
                " DO UPDATE SET verdict = excluded.verdict, comment = excluded.comment, at = excluded.at",
                (session, number, verdict, comment),
            )
        )

    def ratings(self, session: str) -> dict[int, str]:
        """Turn → what the shopper thinks of its reply."""
        return dict(self._file.read("SELECT number, verdict FROM ratings WHERE session = ?", (session,)))

    def expire(self, session: str) -> None:
        """Let go of a conversation; only its id stays known, for a year. Whatever else belongs to it goes first:
        nothing leads to it afterwards."""

        def leave(db: Connection) -> None:
            for table in ("turns", "shown", "photos", "ratings"):
                db.execute(f"DELETE FROM {table} WHERE session = ?", (session,))
            db.execute(
                "INSERT INTO expired (session) VALUES (?) ON CONFLICT (session) DO UPDATE SET at = excluded.at",
                (session,),
            )
            db.execute("DELETE FROM expired WHERE at < ?", (ago(365),))

        self._file.change(leave)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _ended(self, session: str, number: int) -> Turn | None:
        """A turn as it is kept since it is over."""
        rows = self._file.read(
            "SELECT turn FROM turns WHERE session = ? AND number = ? AND over = 1", (session, number)
        )
        return _parsed(rows[0][0]) if rows else None

    def _shown(self, session: str, number: int) -> list[Event]:
        rows = self._file.read(
            "SELECT event FROM shown WHERE session = ? AND number = ? ORDER BY place", (session, number)
        )
        return together(_events(json.loads(row[0]) for row in rows))


def _number(db: Connection, session: str, key: str) -> int | None:
    row = db.execute("SELECT number FROM turns WHERE session = ? AND key = ?", (session, key)).fetchone()
    return int(row[0]) if row else None


def together(events: Sequence[Event]) -> list[Event]:
    """The same events with the pieces of the reply that follow each other as one."""
    joined: list[Event] = []
    for event in events:
        if isinstance(event, Token) and joined and isinstance(joined[-1], Token):
            joined[-1] = Token(text=joined[-1].text + event.text)
        else:
            joined.append(event)
    return joined


def _events(raw: Iterable[Any]) -> list[Event]:
    # An event kind that this version no longer knows must not lose the rest of the conversation.
    events = []
    for one in raw:
        try:
            events.append(EVENT.validate_python(one))
        except ValueError:
            continue
    return events


def _parsed(raw: str) -> Turn:
    """A turn as it was written; of one that cannot be read, what can."""
    try:
        data = json.loads(raw)
        events = data.pop("events", [])
        known = {key: value for key, value in data.items() if key in Turn.model_fields}
        return Turn.model_validate({**known, "events": _events(events)})
    except (ValueError, AttributeError, TypeError):
        return Turn()


def _upgrade(db: Connection, held: int) -> None:
    """From the first files, which kept every turn as one piece and no list of photos; then from those in which a
    message had no key. Only files were ever of these versions: a server's tables began later."""
    if held < 1:
        db.execute("ALTER TABLE turns ADD COLUMN over INTEGER NOT NULL DEFAULT 0")
        db.execute("UPDATE turns SET over = 1")
    db.execute("ALTER TABLE turns ADD COLUMN key TEXT")
    for statement in _SCHEMA.split(";"):
        db.execute(statement)
    if held < 1:
        db.execute(
            "INSERT INTO photos SELECT session, json_extract(e.value, '$.photo'), number, "
            "json_extract(e.value, '$.look') FROM (SELECT * FROM turns WHERE json_valid(turn)), "
            "json_each(turn, '$.events') e WHERE json_extract(e.value, '$.type') = 'looked' "
            "ON CONFLICT DO NOTHING"
        )
