"""The pictures of a feed, copied into the shop: from a folder, a zip, or http(s).

Each gets a name of its own, from the product's id and the picture's content, so that two feeds never share one and a
changed picture is a new one. A name that the shop has already (its own export) is kept.
"""

import hashlib
import io
import os
import re
import tempfile
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from PIL import Image

from store.errors import FeedError
from store.feeds.fetch import Fetcher, PictureRefused
from store.gallery import awaited

FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}  # Pillow format → ending
MOST_BYTES = 15_000_000
MOST_PIXELS = 60_000_000
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class Pictures:
    """Where pictures come from, and the shop's `images` folder, where they go. Safe to use from several threads.

    `given`: a folder or a zip; `beside`: the folder of the feed, for names without an address; `fetcher`: None where
    nothing is to be fetched. Raises FeedError for a zip that is none.
    """

    def __init__(self, images: Path, beside: Path, given: Path | None, fetcher: Fetcher | None) -> None:
        self._images, self._fetcher = images.resolve(), fetcher
        self._zip: zipfile.ZipFile | None = None
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._folder = beside.resolve()
        if given is not None and given.is_file():
            try:
                self._zip = zipfile.ZipFile(given)
            except (OSError, zipfile.BadZipFile) as error:
                raise FeedError(f"{given} is no zip that can be read: {error}") from error
            for member in self._zip.infolist():
                if not member.is_dir():
                    self._members.setdefault(member.filename.rsplit("/", 1)[-1], member)
            self._members |= {m.filename: m for m in self._zip.infolist() if not m.is_dir()}
        elif given is not None:
            self._folder = given.resolve()
            if not self._folder.is_dir():
                raise FeedError(f"{given} is neither a folder nor a zip")
        self._only_given = given is not None

    def close(self) -> None:
        """Let go of the zip."""
        if self._zip:
            self._zip.close()

    def stamp(self, name: str) -> str:
        """What changes when the picture does, as far as that shows without reading it; "" where it does not show."""
        with suppress(OSError, ValueError, PictureRefused):
            if (member := self._member(name)) is not None:
                return f"{member.CRC:x}-{member.file_size}"
            if (file := self._file(name)) is not None:
                found = file.stat()
                return f"{found.st_mtime_ns:x}-{found.st_size}"
        return ""

    def take(self, product_id: str, place: int, name: str) -> str:
        """The name that the picture has in the shop from now on. Raises PictureRefused."""
        if self._is_own(name):
            return name
        data = self._bytes(name)
        ending = checked(data)
        stem = re.sub(r"[^A-Za-z0-9_-]+", "_", product_id)[:60]
        target = self._images / f"{stem}-{place}-{hashlib.sha256(data).hexdigest()[:8]}.{ending}"
        if not target.exists():
            _write(target, data)
        return target.name

    def has(self, name: str) -> bool:
        """Whether the shop has a picture of that name."""
        return (self._images / name).is_file()

    # ---- inside

    def _is_own(self, name: str) -> bool:
        with suppress(OSError, ValueError):
            own = (self._images / name.removeprefix("images/")).resolve()
            return own.is_relative_to(self._images) and (own.is_file() or awaited(self._images, name))
        return False

    def _bytes(self, name: str) -> bytes:
        try:
            if (member := self._member(name)) is not None and self._zip is not None:
                if member.file_size > MOST_BYTES:
                    raise PictureRefused("too_large", most=MOST_BYTES)
                with self._zip.open(member) as opened:
                    return _bounded(opened.read(MOST_BYTES + 1))
            if (file := self._file(name)) is not None:
                with file.open("rb") as raw:
                    return _bounded(raw.read(MOST_BYTES + 1))
        except (
            OSError,
            RuntimeError,
            NotImplementedError,
            zipfile.BadZipFile,
            EOFError,
            ValueError,
        ) as error:
            raise PictureRefused("unreadable", reason=getattr(error, "strerror", None) or error) from error
        if not _URL.match(name):
            raise PictureRefused("missing")
        scheme = urlsplit_scheme(name)
        if scheme not in ("http", "https"):
            raise PictureRefused("not_http", scheme=scheme)
        if self._fetcher is None:
            raise PictureRefused("not_fetched")
        return self._fetcher.get(name)

    def _member(self, name: str) -> zipfile.ZipInfo | None:
        if not self._members:
            return None
        path = _path(name)
        return self._members.get(path) or self._members.get(path.rsplit("/", 1)[-1])

    def _file(self, name: str) -> Path | None:
        """The file of a name in the folder; an address is looked for by its path and its last part, where a folder
        was given for it. Raises PictureRefused for a name that leads out of it."""
        if self._zip is not None:
            return None
        is_url = _URL.match(name) is not None
        if is_url and (not self._only_given or urlsplit_scheme(name) not in ("http", "https")):
            return None
        path = _path(name)
        for tried in dict.fromkeys(
            (path, path.rsplit("/", 1)[-1]) if is_url or self._only_given else (path,)
        ):
            file = (self._folder / tried).resolve()
            if not file.is_relative_to(self._folder):
                if is_url:
                    continue
                raise PictureRefused("outside")
            if file.is_file():
                return file
        return None


def urlsplit_scheme(name: str) -> str:
    """The scheme of an address, in lower case."""
    return name.partition(":")[0].casefold()


def checked(data: bytes) -> str:
    """The ending for a picture's bytes. Raises PictureRefused for what is none that we show."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # counted here
            with Image.open(io.BytesIO(data), formats=list(FORMATS)) as picture:
                width, height = picture.size
                if width * height > MOST_PIXELS:
                    raise PictureRefused("too_many_pixels", size=f"{width}×{height}")
                ending = FORMATS[str(picture.format)]
                picture.verify()
                return ending
    except Image.DecompressionBombError as error:
        raise PictureRefused("too_many_pixels", size="?") from error
    except PictureRefused:
        raise
    except Exception as error:  # decoders raise anything from struct.error to SyntaxError at what is damaged
        raise PictureRefused("no_picture") from error


def _path(name: str) -> str:
    """The path that a name or an address means, as a folder or a zip has it."""
    if _URL.match(name):
        try:
            return unquote(urlsplit(name).path).lstrip("/")
        except ValueError:
            return ""
    return name


def _bounded(data: bytes) -> bytes:
    if len(data) > MOST_BYTES:
        raise PictureRefused("too_large", most=MOST_BYTES)
    return data


def _write(target: Path, data: bytes) -> None:
    """The whole file or none, also where the process is killed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(part).chmod(0o644)
        Path(part).replace(target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
