"""Boards that were promised: what is to lie on each, kept under a name that only who was given it can know.

A name is drawn from what is on the board and from a secret of the shop: the same look has the same board, and nobody
comes upon another's, or has one drawn of pieces or photos of their choice. The picture itself is made when somebody
asks for it, and again when a price, a name or a picture on it has changed.
"""

import hashlib
import hmac
import os
import re
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from PIL import Image
from pydantic import BaseModel, ValidationError

from perception.files import oldest, whole

KEPT = 2000  # recipes, half a kB each, and as many pictures at most
QUALITY = 91
_NAME = re.compile(r"board-[0-9a-f]{32}")
_PHOTO = re.compile(r"[0-9a-f]{16}")


class Bought(BaseModel):
    """A product on a board; `image`: the picture of it that was chosen, where one was."""

    id: str
    slot: str
    image: str | None = None


class Owned(BaseModel):
    """A garment of a shopper's photo; `box` where the photo shows several."""

    photo: str
    slot: str
    name: str
    category: str = ""
    box: tuple[float, float, float, float] | None = None


class Recipe(BaseModel):
    """What is to lie on a board."""

    lang: str
    idea: str = ""
    items: list[Bought] = []
    own: list[Owned] = []


class Boards:
    """The boards of a shop, in a folder. Safe to share between threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def promise(self, recipe: Recipe) -> str:
        """The name under which the board can be asked for from now on."""
        told = recipe.model_dump_json()
        name = "board-" + hmac.new(self._secret(), told.encode(), hashlib.sha256).hexdigest()[:32]
        path = self.folder / f"{name}.json"
        if path.is_file():
            os.utime(path)
            return name
        self._write(path, told.encode())
        for photo in {piece.photo for piece in recipe.own if _PHOTO.fullmatch(piece.photo)}:
            (self.folder / f"of-{photo}-{name}").touch()  # so that it goes when the photo goes
        self._thin_out()
        return name

    def recipe(self, name: str) -> Recipe:
        """What was promised. Raises FileNotFoundError for a name that was not given out, or long ago."""
        if not _NAME.fullmatch(name):
            raise FileNotFoundError(name[:80])
        try:
            return Recipe.model_validate_json((self.folder / f"{name}.json").read_bytes())
        except ValidationError as error:
            raise FileNotFoundError(name) from error

    def path(self, name: str, state: str) -> Path:
        """Where the picture of a board lies, or will, as things stand (`state`, a digest of all that is on it)."""
        return self.folder / f"{name}-{state}.jpg"

    def put(self, name: str, state: str, image: Image.Image) -> Path:
        """Keep the picture of a board and let go of what it was before."""
        path = self.path(name, state)
        with whole(path) as file:
            image.save(file, "JPEG", quality=QUALITY, subsampling=0)
        for old in self.folder.glob(f"{name}-*.jpg"):
            if old != path:
                old.unlink(missing_ok=True)
        return path

    def drop(self, photo: str) -> None:
        """Delete every board with a garment of this photo."""
        if _PHOTO.fullmatch(photo):
            for mark in self.folder.glob(f"of-{photo}-board-*"):
                self._forget(mark.name[len(f"of-{photo}-") :])

    # ---- inside

    def _forget(self, name: str) -> None:
        for path in [*self.folder.glob(f"{name}*"), *self.folder.glob(f"of-*-{name}")]:
            path.unlink(missing_ok=True)

    def _secret(self) -> bytes:
        path = self.folder / "secret"
        with suppress(FileNotFoundError):
            if len(known := path.read_bytes()) == 32:
                return known
        self._write(path, secrets.token_bytes(32), first=True)
        return path.read_bytes()

    def _write(self, path: Path, data: bytes, first: bool = False) -> None:
        """The whole file or none; with `first`, whoever came first stays."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            if first:
                with suppress(FileExistsError):
                    path.hardlink_to(part)
            else:
                Path(part).replace(path)
        finally:
            Path(part).unlink(missing_ok=True)

    def _thin_out(self) -> None:
        for old in oldest(self.folder, "board-*.json", KEPT):
            self._forget(old.stem)
