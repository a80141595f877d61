"""Pictures made of other pictures: previews that were recoloured. They can be made again, so only the newest stay."""

import hashlib
import re
from pathlib import Path

from PIL import Image

from perception.files import oldest, whole

KEPT = 500  # pictures; about 60 kB each
_NAME = re.compile(r"made-[0-9a-f]{16}-[0-9a-f]{16}")


class Made:
    """Pictures in a folder, named by what they were made of and how. Safe to share between threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def name(self, source: str, how: str) -> str:
        """The name of the picture made of `source` (a photo's id, or what else names a picture) in the way `how`."""
        origin = source if re.fullmatch(r"[0-9a-f]{16}", source) else _digest(source)
        return f"made-{origin}-{_digest(how)}"

    def path(self, name: str) -> Path:
        """Where the picture lies. Raises FileNotFoundError."""
        path = self.folder / f"{name}.jpg"
        if _NAME.fullmatch(name) and path.is_file():
            return path
        raise FileNotFoundError(name[:80])

    def put(self, name: str, image: Image.Image) -> None:
        """Keep a picture under its name; a reader sees the whole file or none."""
        with whole(self.folder / f"{name}.jpg") as file:
            image.convert("RGB").save(file, "JPEG", quality=90)
        for old in oldest(self.folder, "made-*.jpg", KEPT):
            old.unlink(missing_ok=True)

    def drop(self, source: str) -> None:
        """Delete all that was made of a photo."""
        for path in self.folder.glob(f"{self.name(source, '')[:21]}-*.jpg"):
            path.unlink(missing_ok=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
