"""The composition root: settings → `Assistant`, which every door holds one of.

Here are its conversations and what is kept of them; what it is made of is in parts.py, single questions are in
questions.py, filling the shop is in upkeep.py.

Opening is cheap; the shop, the eyes and the agent are made when first needed.
"""

import gc
import hashlib
import logging
import re
import secrets
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agent.parts import Leader
from agent.settings import Settings
from agent.transcripts import Turn
from agent.upkeep import Upkeep
from prompts import language
from prompts.plain import plain
from store.errors import NotKept
from store.types import Filters, Query

if TYPE_CHECKING:
    from agent.access.threads import Said
    from agent.session import Session
    from store.shoppers import Profile
    from tools.results import Memory

log = logging.getLogger(__name__)
_SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OUR_ID = re.compile(r"[0-9a-f]{24}")  # 96 bits: nobody comes upon another's by trying
_A_DAY = 24 * 3600.0
_ELSEWHERE = 12  # turns that were said elsewhere and are told again


class Assistant(Upkeep):
    """One shop's assistant. Safe to share between threads; `close` before the data folder is opened again."""

    @classmethod
    def open(cls, settings: Settings | None = None, leader: Leader | None = None) -> "Assistant":
        """Open the shop in `settings.data`; the folder is made when it is not there. `leader` makes the model of the
        conversation in the place of the one that the settings name: what records a model, or plays it again."""
        chosen = settings or Settings()
        chosen.data.mkdir(parents=True, exist_ok=True)
        made = cls(chosen, leader)
        _ = made.wording
        return made

    def prune(self) -> int:
        """Let go of conversations that are older than `keep_days`, with their carts and the photos that no other one
        has. Returns how many. Done at the first session of a process, then once a day; one that cannot be let go of
        as a whole, now, stays on record for the next time."""
        self._pruned = time.monotonic()
        days, gone = self.settings.keep_days, 0
        try:
            self.audit.prune(self.settings.audit_days)
            for session in self.transcripts.old(days):
                gone += self._let_go(session, days)
            for session in self.owners.before(days):  # begun, and never a word said
                if not (self.transcripts.has(session) or self.transcripts.was_expired(session)):
                    self.owners.drop(session)
        except NotKept as error:
            log.warning("old conversations stay for now: %s", error)
        if gone:
            log.info("%d conversations were older than %g days", gone, days)
        return gone

    def _let_go(self, session: str, days: float) -> bool:
        """Delete a conversation, its record last; False where that has to wait."""
        from agent.floor import Busy

        try:
            floor = self._floor(session)
            with floor.held(wait_s=0):
                if not self.transcripts.old(days, session):  # somebody has come back to it
                    return False
                self._drop(session)
                self.audit.unlink(session)
                floor.leave()
                return True
        except (Busy, NotKept, OSError) as error:
            log.warning("the old conversation %s stays for now: %r", session, error)
            return False

    def erase_session(self, session: str, by: str = "shopper") -> None:
        """Erase a conversation with its cart and the photos that no other one has, once nobody speaks in it. Raises
        Busy, NotKept."""
        floor = self._floor(session)
        with floor.held():
            self._drop(session)
            self.owners.drop(session)
            self.audit.note("session.erased", by, session)
            self.audit.unlink(session)
            floor.leave()

    def _drop(self, session: str) -> None:
        """Delete all of a conversation, its record last."""
        self.carts.drop(session)
        self.reactions.clear(session)
        self.desk.erase(session)
        if self.order_desk:
            self.order_desk.ledger.drop(session)
        if not self.checkpoints.forget(session):
            raise NotKept("the checkpoints cannot be written")
        for photo in self.transcripts.own_photos(session):
            self.album.drop(photo)
            self.made.drop(photo)
            self.boards.drop(photo)
        self.transcripts.expire(session)

    def check_model(self) -> None:
        """Find out, without asking it anything, whether the model of the conversation can be used. Raises BadModel."""
        from agent import models

        models.check(self.settings)

    def warm(self) -> None:
        """Load every model that a first turn needs, so that no shopper waits for it."""
        self.eyes.warm()
        self.shop.search(Query(text="shirt 衬衫", where=Filters(in_stock=True)))
        self._looked_once()
        self.policies.find("returns 退货", "en")
        _ = self.graph
        self.warmed = True
        gc.collect()  # what stays for good need not be looked through again in the middle of a turn
        gc.freeze()

    def _looked_once(self) -> None:
        """Have a look put together: of a large shop, the store is asked for each colour, kind and style but once."""
        from tools.match_outfit import Asked, styled

        for person in ("women", "men"):
            wanted = Filters(gender=[person])
            styled(self.tool_context("desk", "en"), Asked(occasions=("everyday", "work"), where=wanted))

    def session(
        self, session_id: str | None = None, lang: str = "auto", shopper: str | None = None
    ) -> "Session":
        """The conversation with this id, or a new one. An id that is not [A-Za-z0-9_-]{1,64} stands under a name made
        from it. What comes back is the caller's own: others who hold the id share the conversation and the cart, and
        neither the language nor the shopper.

        `shopper` (1 to 200 characters, else ValueError) is whose memory the conversation may use and, with consent, add
        to; without one nothing is remembered beyond the conversation. Several conversations may share a shopper.
        Whoever holds the id has the profile, so a door on a network gives out `new_shopper()`, keeps it out of
        addresses, and never takes one that a page or a link names."""
        from agent.session import Session

        key = session_id or secrets.token_hex(12)
        if not _SESSION_ID.fullmatch(key):
            key = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        if self._pruned is None or time.monotonic() - self._pruned > _A_DAY:
            self.prune()
        return Session(self, key, lang, shopper, self._floor(key))

    @staticmethod
    def new_shopper() -> str:
        """An id for a shopper that nobody can guess."""
        return secrets.token_urlsafe(24)

    def profile(self, shopper: str) -> "Profile":
        """What is kept of a shopper; of an unknown one, nothing."""
        return self.shoppers.of(shopper).profile()

    def memory(self, shopper: str, lang: str = "en") -> "Memory":
        """The same in words of `lang`, as the doors show it."""
        from tools.memory import told_of

        return told_of(self.tool_context("desk", lang, shopper=shopper), "view")

    def forget(self, shopper: str, scope: dict[str, str] | None = None) -> int:
        """Erase what is kept of a shopper, or the part in `scope` ({"portion": "sizes", "kind": "shoes"}, see
        store.shoppers.Scope); without one also their answer about being remembered. Returns how many notes are gone.

        Raises ValidationError (a ValueError) for a scope of another shape."""
        from store.shoppers import Scope

        wanted = Scope.model_validate(scope) if scope is not None else Scope()
        known = self.shoppers.of(shopper)
        self.reactions.forget(wanted, known.mark)  # also what counts only in their conversations
        return known.forget(wanted)

    def forget_in(self, session: str, shopper: str | None, scope: dict[str, str] | None = None) -> int:
        """The same from within a conversation: of somebody whom the door does not know, what was done in it."""
        from store.shoppers import Scope

        if shopper:
            return self.forget(shopper, scope)
        return self.reactions.forget(Scope.model_validate(scope or {}), "", session)

    def remember(self, shopper: str, facts: dict[str, Any]) -> "Profile":
        """Keep facts that the shopper gave elsewhere with their consent, in a form or another system: {"sizes":
        {"tops": "M"}, "likes": {"color": ["navy"]}, "refuses": {"pattern": ["dotted"]}, "budget": [{"max": 80}],
        "viewed": [ids]}.

        Raises ValidationError (a ValueError) for facts of another shape."""
        from store.shoppers import Viewed
        from tools.facts import Facts

        given = dict(facts)
        viewed = [Viewed(product=product, stated=False) for product in given.pop("viewed", [])]
        notes = Facts.model_validate(given).notes()
        known = self.shoppers.of(shopper)
        known.allow()
        known.keep([*notes, *viewed])
        return known.profile()

    def resume(self, session_id: str, lang: str = "auto", shopper: str | None = None) -> "Session | None":
        """The conversation with an id that came from a stranger, in an address: only one that we made (one that is no
        longer kept begins anew, and says so). None for any other, also for names that a caller of `session` chose."""
        kept = self.transcripts
        if not _OUR_ID.fullmatch(session_id) or not (kept.has(session_id) or kept.was_expired(session_id)):
            return None
        return self.session(session_id, lang, shopper)

    def turns_of(self, session_id: str) -> int:
        """How many turns a conversation has."""
        last = self.transcripts.last(session_id)
        return last[0] + 1 if last else 0

    def since(self, session_id: str, turns: int) -> list[Turn] | None:
        """What people of the shop did in a conversation since its first `turns` turns, where nobody else did anything;
        None for one that no person ever was asked into, or that has gone on."""
        if not self.handoffs.of(session_id):
            return None
        later = self.transcripts.read(session_id, turns)
        return later if all(turn.outside for turn in later) else None

    def branched(self, session_id: str, turns: int, shopper: str | None = None) -> "Session":
        """A new conversation that begins with the first `turns` turns of another, and with its cart."""
        session = self.session(shopper=shopper)
        self.transcripts.copy(session_id, session.id, turns)
        self.carts.copy(session_id, session.id)
        return session

    def begun_elsewhere(self, said: "Sequence[Said]", shopper: str | None = None) -> "Session":
        """A new conversation of which something was said where we did not hear it: (role, text) in order."""
        from agent import identity
        from agent.events import Done, Token

        session = self.session(shopper=shopper)
        pairs: list[list[str]] = []
        for role, text in said:
            if role == "user" and (not pairs or pairs[-1][1]):
                pairs.append(["", ""])
            pairs = pairs or [["", ""]]
            pairs[-1][role != "user"] = f"{pairs[-1][role != 'user']}\n{text}".strip()
        limit = self.settings.max_message_chars
        for number, (asked, told) in enumerate(pairs[-_ELSEWHERE:]):
            reply = plain(told)[:limit]
            asked = identity.hidden(self.order_desk, plain(asked)[:limit])
            turn = Turn(text=asked, language=language.detect(asked or told))
            turn.events = [Token(text=reply), Done(text=reply)]
            self.transcripts.write(session.id, number, turn)
        return session

    @property
    def tool_names(self) -> list[str]:
        """Names of the agent's tools."""
        return tool_names()


def tool_names() -> list[str]:
    """Names of the agent's tools."""
    from tools import TOOLS

    return [t.name for t in TOOLS]
