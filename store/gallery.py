"""The product pictures of a shop: files in `images/` of its data folder, as models are shown them."""

import io
from pathlib import Path

from PIL import Image

from store.errors import PictureNotFound
from store.types import Product

LARGEST = 1600  # pixels of a side


class Gallery:
    """The pictures of one shop, by the names in `Product.images`."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "images"

    def file(self, name: str) -> Path:
        """The file of a picture. Raises PictureNotFound, also for a name that leads out of the folder."""
        folder = self._folder.resolve()
        try:
            path = (folder / name.removeprefix("images/")).resolve()
            inside = path.is_relative_to(folder) and path.is_file()
        except (OSError, ValueError):  # too long, or with a NUL in it
            inside = False
        if not inside:
            raise PictureNotFound(f"no picture {name!r} in this shop")
        return path

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


def shown(data: bytes) -> Image.Image | None:
    """The picture, no larger than anybody looks at it: a batch of photos as cameras make them would fill the memory."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.draft("RGB", (LARGEST, LARGEST))  # a JPEG need not be decoded whole
            if max(picture.size) > LARGEST:
                picture.thumbnail((LARGEST, LARGEST), reducing_gap=2.0)
            return picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
