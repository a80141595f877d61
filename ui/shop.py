"""The one assistant of this process: opened once, shared by every page run and by the picture route."""

import logging
from pathlib import Path
from time import perf_counter

import streamlit as st
from PIL import Image

from agent.assistant import Assistant
from agent.settings import Settings

log = logging.getLogger(__name__)
PHOTO_TYPES = [
    "jpg",
    "jpeg",
    "png",
    "webp",
    "gif",
    "bmp",
    "tif",
    "tiff",
    "heic",
    "heif",
    "avif",
    "svg",
    "pdf",
]
# The last two cannot be looked at, but are better answered in the shopper's language than refused by the input box.
UPLOAD_MB = 64  # above what the eyes accept, so that "too large" is said in the shopper's language


@st.cache_resource(show_spinner=False)
def assistant() -> Assistant:
    """Open the shop named by the settings; the first caller waits for it, all others share it."""
    return Assistant.open(Settings())


def new_shopper() -> str:
    """An id for a browser that has none yet."""
    return Assistant.new_shopper()


def warm() -> None:
    """Load the models before the first shopper comes. A failure is logged: the page says it to whoever comes."""
    started = perf_counter()
    try:
        assistant().warm()
    except Exception:
        log.exception("the shop could not be opened")
    else:
        log.info("ready after %.1f s", perf_counter() - started)


def picture(name: str) -> Path | None:
    """The file of a product picture or a shopper's photo; None when there is no such picture."""
    try:
        path = assistant().picture(name)
    except FileNotFoundError:
        log.info("no picture %r", name[:80])
        return None
    except Exception:  # whatever the reason, to the asker there is no such picture
        log.warning("the picture %r cannot be had", name[:80], exc_info=True)
        return None
    return path if path.is_file() else None


def has_to_draw(name: str) -> bool:
    """Whether `picture` would take a second or more, because nobody has asked for this one yet."""
    try:
        return assistant().has_to_draw(name)
    except Exception as error:  # the same as for `picture`, which says what there is to say
        log.info("no picture %r: %s", name[:80], error)
        return False


def picture_size(name: str) -> tuple[int, int] | None:
    """Width and height in pixels; None when there is no such picture. Reads the file's header only."""
    path = picture(name)
    if path is None:
        return None
    try:
        with Image.open(path) as image:
            return image.size
    except OSError as error:
        log.warning("the picture %r cannot be read: %s", name[:80], error)
        return None


def showcase(lang: str, count: int = 6) -> list[tuple[str, str, str]]:
    """Products for the welcome strip, each of another kind of thing: (id, picture, name in `lang`)."""
    kinds: dict[str, tuple[str, str, str]] = {}
    for product in assistant().products():
        if product.images and product.in_stock and picture(product.images[0]):
            kinds.setdefault(product.categories[0], (product.id, product.images[0], product.title.get(lang)))
        if len(kinds) == count:
            break
    return list(kinds.values())


def is_empty() -> bool:
    """True when the shop has no products yet; not while nobody knows, because its catalogue is away."""
    return assistant().is_empty()
