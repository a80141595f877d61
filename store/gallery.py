"""The product pictures of a shop: files in `images/` of its data folder, as models are shown them."""

import io
from pathlib import Path

from PIL import Image

from store.errors import PictureNotFound
from store.types import Product

LARGEST = 1600  # pixels of a side
STAMPS = ".demo.json"  # in images/ of a demo shop: which code drew which file


class Gallery:
    """The pictures of one shop, by the names in `Product.images`."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "images"

    def file(self, name: str) -> Path:
        """The file of a picture. Raises PictureNotFound, also for a name that leads out of the folder."""
        folder = self._folder.resolve()
        try:
            path = (folder / name.removeprefix("images/")).resolve()
            inside = path.is_relative_to(folder) and path.is_file() and not path.name.startswith(".")
        except (OSError, ValueError):  # too long, or with a NUL in it
            inside = False
        if not inside:
            drawn = _on_demand(folder, name)
            if drawn is not None:
                return drawn
            raise PictureNotFound(f"no picture {name!r} in this shop")
        return path

    def has_to_draw(self, name: str) -> bool:
        """Whether `file` would draw the picture first, which takes a second or more."""
        return awaited(self._folder, name) and not (self._folder / Path(name).name).is_file()

    def first(self, product: Product) -> bytes:
        """The bytes of the picture that stands for the product, empty where there is none."""
        if (name := product.plain_image) is None:
            return b""
        try:
            return self.file(name).read_bytes()
        except (PictureNotFound, OSError):
            return b""

    def look_at(self, name: str) -> Image.Image | None:
        """The picture as models are shown it, None where it cannot be opened."""
        try:
            return shown(self.file(name).read_bytes())
        except (PictureNotFound, OSError):
            return None


def awaited(folder: Path, name: str) -> bool:
    """Whether `name` is a picture of the demo shop in `folder` that is drawn when somebody asks for it."""
    if not (folder / STAMPS).is_file():
        return False
    from store.demo import views  # what draws is loaded by who needs it

    return views.offered(folder, name)


def _on_demand(folder: Path, name: str) -> Path | None:
    """A picture of the demo shop that nobody has asked for yet, drawn now; None where it is none. Raises
    PictureNotFound where it cannot be written."""
    if not awaited(folder, name):
        return None
    from store.demo import views

    try:
        return views.make(folder, name)
    except OSError as error:
        raise PictureNotFound(f"the picture {name!r} cannot be drawn: {error}") from error


def shown(data: bytes) -> Image.Image | None:
    """The picture, no larger than anybody looks at it: a batch of photos as cameras make them would fill the memory."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.draft("RGB", (LARGEST, LARGEST))  # a JPEG need not be decoded whole
            if max(picture.size) > LARGEST:
                picture.thumbnail((LARGEST, LARGEST), reducing_gap=2.0)
            if not picture.has_transparency_data:
                return picture.convert("RGB")
            white = Image.new("RGBA", picture.size, "white")  # as a page shows it
            return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
