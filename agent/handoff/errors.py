"""What can go wrong around a person's taking over. Each is a DaogouError with a sentence of prompts/handoff.yaml.

HandoffError
├── NoHandoff     there is no such entry, or it is over
├── Taken         somebody else has it
├── NotYours      it was not taken over by who wants to answer
├── NothingSaid   neither words nor a product
├── BadContact    neither an e-mail address nor a phone number
├── NoConsent     a contact without the shopper's consent
└── BadSignature  what came in from outside is not signed by who may answer, too old, or was heard before
"""

from agent.errors import DaogouError
from prompts import say


class HandoffError(DaogouError):
    """Base: what is told is in prompts/handoff.yaml."""

    def message(self, lang: str) -> str:
        """The sentence shown, in `lang`."""
        return say("handoff", f"errors.{self.code}", lang, **self.values)


class NoHandoff(HandoffError):
    code = "no_handoff"


class Taken(HandoffError):
    code = "taken"


class NotYours(HandoffError):
    code = "not_yours"


class NothingSaid(HandoffError):
    code = "nothing_said"


class BadContact(HandoffError):
    code = "bad_contact"


class NoConsent(HandoffError):
    code = "no_consent"


class BadSignature(HandoffError):
    code = "bad_signature"
