"""Pictures over HTTP: `/pictures/NAME` as it is, `/pictures/NAME?w=360` no wider than that many pixels, and
a look's board as PNG with `?as=png`, to keep.

A card that is 18 rem wide has no use for a picture of 800 pixels, nor has a phone for its bytes. `sources` writes the
addresses of all widths for the browser to choose from; a width that is none of them is answered with the next larger.
"""

import io
import logging
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, to_thread
from PIL import Image, ImageOps
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from ui import shop

if TYPE_CHECKING:
    from agent.assistant import Assistant

log = logging.getLogger(__name__)
WIDTHS = (120, 240, 360, 480, 720, 960)
QUALITY = 84
KEPT = 600  # scaled pictures held in memory, some 15 KB each
DAY = 24 * 3600
A_WHILE = 5 * 60  # how long a board may be told again: there are prices on it
HEADERS = {"Cache-Control": f"private, max-age={DAY}", "X-Content-Type-Options": "nosniff"}


def sources(address: str) -> str:
    """The `srcset` of a picture: its address in every width."""
    return ", ".join(f"{address}?w={width} {width}w" for width in WIDTHS)


def at_least(wanted: str | None) -> int | None:
    """The width that a request is answered with; None for the picture as it is."""
    if not wanted or not wanted.isascii() or not wanted.isdigit() or len(wanted) > 6:
        return None
    return next((width for width in WIDTHS if width >= int(wanted)), None)


def scaled(path: Path, width: int) -> bytes | None:
    """The picture as WebP of `width` pixels; None where it is no wider, is animated or cannot be scaled."""
    try:
        with Image.open(path) as image:
            if image.width <= width or getattr(image, "is_animated", False):
                return None
            image.draft("RGB", (width, width * image.height // image.width))
            upright = ImageOps.exif_transpose(image)
            mode = "RGBA" if upright.has_transparency_data else "RGB"
            height = max(1, round(upright.height * width / upright.width))
            small = upright.convert(mode).resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
            out = io.BytesIO()
            small.save(out, "WEBP", quality=QUALITY, method=3)
            return out.getvalue()
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        log.warning("the picture %s cannot be scaled: %s", path.name, error)
        return None


@lru_cache(maxsize=KEPT)
def _kept(path: Path, width: int, changed: int) -> bytes | None:
    return scaled(path, width)


def png(path: Path) -> bytes | None:
    """The whole picture as PNG, which any program opens; None where it cannot be read."""
    try:
        with Image.open(path) as image:
            out = io.BytesIO()
            ImageOps.exif_transpose(image).save(out, "PNG")
            return out.getvalue()
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        log.warning("the picture %s cannot be written as PNG: %s", path.name, error)
        return None


def answer(name: str, wanted: str | None, form: str | None = None, of: "Assistant | None" = None) -> Response:
    """What a request for a picture is answered with. A shopper's photo is never held in memory. `form` "png": the whole
    board as that; `of`: another shop than the one of this process."""
    path = shop.picture(name, of)
    if path is None:
        return PlainTextResponse("no such picture", status_code=404)
    board = name.startswith("board-")
    headers = HEADERS | ({"Cache-Control": f"private, max-age={A_WHILE}"} if board else {})
    if board and form == "png" and (whole := png(path)) is not None:
        return Response(whole, media_type="image/png", headers=headers)
    width = at_least(wanted)
    if width is None:
        return FileResponse(path, headers=headers)
    of_the_shop = name.startswith("images/")
    data = _kept(path, width, path.stat().st_mtime_ns) if of_the_shop else scaled(path, width)
    if data is None:
        return FileResponse(path, headers=headers)
    return Response(data, media_type="image/webp", headers=headers)


async def send(request: Request, of: "Assistant | None" = None) -> Response:
    """A product picture or a photo of this shop, by name. Pictures that have to be drawn first wait for one another,
    and keep no thread meanwhile that others need."""
    name, asked = request.path_params["name"], request.query_params
    slow = await run_in_threadpool(shop.has_to_draw, name, of)
    return await to_thread.run_sync(
        answer, name, asked.get("w"), asked.get("as"), of, limiter=_drawing() if slow else None
    )


@lru_cache(maxsize=1)
def _drawing() -> CapacityLimiter:
    return CapacityLimiter(1)
