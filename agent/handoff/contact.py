"""Where a shopper can be reached: an e-mail address or a phone number, and nothing else."""

import re

from agent.handoff.errors import BadContact

EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,4}[A-Za-z]{2,24}")
_PHONE = re.compile(r"(?<![\w.])\+?\(?\d(?:[\s().-]{0,2}\d){6,14}(?!\w)")
_ASIDE = 60  # characters beside a contact with which a message is still one that gives it


def checked(text: str) -> str:
    """The contact, written in one way. Raises BadContact."""
    text = text.strip()
    if EMAIL.fullmatch(text) and ".." not in text and not text.startswith("."):
        return text
    if _PHONE.fullmatch(text):
        return _phone(text)
    raise BadContact


def given_in(text: str) -> str:
    """The contact that a message gives, "" where it gives none: a long text in which one stands says something else."""
    found = EMAIL.search(text) or _PHONE.search(text)
    if not found or len(text) - len(found.group()) > _ASIDE:
        return ""
    try:
        return checked(found.group().rstrip("."))
    except BadContact:
        return ""


def hidden(contact: str) -> str:
    """As it is repeated to the shopper: enough to know it by, on whatever screen."""
    if "@" in contact:
        name, _, host = contact.partition("@")
        return f"{name[:1]}***@{host}"
    return f"***{contact[-4:]}"


def _phone(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return f"+{digits}" if text.startswith("+") else digits
