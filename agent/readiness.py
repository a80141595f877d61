"""Whether a shop can answer now: part → "ok", or one word for what keeps it from answering.

A look at each part, never a turn: it is asked every second or so by whatever stands before several processes.
"""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import httpx

from store.errors import NotKept

if TYPE_CHECKING:
    from agent.assistant import Assistant

log = logging.getLogger(__name__)
OK, AWAY, OPENING, LOADING = "ok", "away", "opening", "loading"
PATIENCE_S = 1.0  # for a server that keeps the products
_NOBODY = "0" * 24  # no conversation has this id


def parts(assistant: "Assistant") -> dict[str, str]:
    """`models` that see and understand; `products` that are sold; the `database` of conversations and carts."""
    return {
        "models": OK if assistant.warmed else LOADING,
        "products": _products(assistant),
        "database": _database(assistant),
    }


def of_all(assistants: Sequence["Assistant"]) -> dict[str, str]:
    """The same of several shops: of each part what keeps the first shop from answering. {"shops": "opening"} where none
    is open yet."""
    found: dict[str, str] = {}
    for assistant in assistants:
        for part, state in parts(assistant).items():
            found[part] = state if found.get(part, OK) == OK else found[part]
    return found or {"shops": OPENING}


def own(assistants: Sequence["Assistant"]) -> dict[str, str]:
    """Of these parts the one that is this process's alone, without a look at anything."""
    if not assistants:
        return {"shops": OPENING}
    return {"models": OK if all(assistant.warmed for assistant in assistants) else LOADING}


def _products(assistant: "Assistant") -> str:
    if "shop" not in vars(assistant):
        return OPENING
    address = assistant.settings.chroma
    if not address:
        return OK
    token = assistant.settings.chroma_token
    headers = {"x-chroma-token": token.get_secret_value()} if token else {}
    try:
        beat = f"{address.rstrip('/')}/api/v2/heartbeat"
        httpx.get(beat, headers=headers, timeout=PATIENCE_S).raise_for_status()
    except httpx.HTTPError as error:
        log.info("the store of the products does not answer: %s", type(error).__name__)
        return AWAY
    return OK


def _database(assistant: "Assistant") -> str:
    try:
        assistant.transcripts.has(_NOBODY)
    except NotKept as error:
        log.info("the database does not answer: %s", error)
        return AWAY
    return OK
