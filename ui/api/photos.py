"""Photos as they come in JSON."""

import base64
import binascii
import re

from ui.api.problems import Problem

_DATA_URL = re.compile(r"data:image/[a-z0-9.+-]{1,40};base64,", re.IGNORECASE)


def data_url(text: str, place: str) -> bytes:
    """The bytes of a `data:image/…;base64,` URL. Raises Problem, which names `place`."""
    found = _DATA_URL.match(text)
    if not found:
        raise Problem(422, "invalid", {place: "no data URL of an image"})
    try:
        return base64.b64decode(text[found.end() :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise Problem(422, "invalid", {place: "no base64"}) from error
