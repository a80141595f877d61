"""The assistant of the shop that is meant: opened once, shared by every page run and by the picture route.

Where there are several shops, the address says which (`ui.which`): a request carries it along, a page run finds it
among the headers of its own connection.
"""

import logging
from pathlib import Path

import streamlit as st
from PIL import Image
from streamlit.runtime.scriptrunner import get_script_run_ctx

from agent.access.shops import Shops, UnknownShop
from agent.assistant import Assistant
from agent.settings import Settings
from ui.which import CURRENT, HEADER

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
def several() -> Shops | None:
    """The shops of this process, where the settings name a folder of several."""
    settings = Settings()
    return Shops(settings) if settings.shops else None


def here() -> str:
    """The shop that is meant; "" for the only one. Raises UnknownShop where none of several is named."""
    if several() is None:
        return ""
    named = CURRENT.get() or (
        st.context.headers.get(HEADER, "") if get_script_run_ctx(suppress_warning=True) else ""
    )
    if not named:
        raise UnknownShop(shop="")
    return str(named)


def settings() -> Settings:
    """Of the shop that is meant."""
    shops = several()
    return shops.settings(here()) if shops else Settings()


def assistant() -> Assistant:
    """The shop that is meant; the first caller waits for it to be opened, all others share it."""
    shops = several()
    return shops.open(here()) if shops else _alone()


@st.cache_resource(show_spinner=False)
def _alone() -> Assistant:
    return Assistant.open(Settings())


def new_shopper() -> str:
    """An id for a browser that has none yet."""
    return Assistant.new_shopper()


def picture(name: str, of: Assistant | None = None) -> Path | None:
    """The file of a product picture or a shopper's photo; None when there is no such picture. `of`: another shop."""
    try:
        path = (of or assistant()).picture(name)
    except FileNotFoundError:
        log.info("no picture %r", name[:80])
        return None
    except Exception:  # whatever the reason, to the asker there is no such picture
        log.warning("the picture %r cannot be had", name[:80], exc_info=True)
        return None
    return path if path.is_file() else None


def has_to_draw(name: str, of: Assistant | None = None) -> bool:
    """Whether `picture` would take a second or more, because nobody has asked for this one yet."""
    try:
        return (of or assistant()).has_to_draw(name)
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
