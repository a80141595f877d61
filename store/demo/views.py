"""Pictures of the demo shop that are drawn when somebody first asks for them: backs, details, scenes, full turns.

Only fronts, which are searched by, are drawn by `daogou demo`; of the others most are never looked at. `make` draws
what a name stands for into the shop's `images` folder, once: another process that asks meanwhile waits for it, and a
drawing that was broken off leaves nothing behind.

    D0012-2.webp             the second picture: the back, or close by where a back tells nothing
    D0012-detail.webp        the cloth and the construction close by
    D0012-figure.webp        worn by a figure
    D0012-beach.webp         in a scene
    D0145-spin-07.webp       the eighth frame of a turn; all of them are drawn together
"""

import os
import re
from pathlib import Path

from filelock import FileLock
from PIL import Image

from store.demo import catalog, figure, scenes, spin
from store.demo.drawing import picture, webp
from store.demo.gallery import FRAMES
from store.gallery import STAMPS

SPIN_SIZE = (480, 600)
SPIN_QUALITY = 76
LOCKS = 16
_NAME = re.compile(r"(?:images/)?(D\d{4})-(?:spin-(\d\d)|(2|[a-z_]+))\.webp")


def offered(folder: Path, name: str) -> bool:
    """Whether `make` would draw this picture into `folder`."""
    return _asked(folder, name) is not None


def make(folder: Path, name: str) -> Path | None:
    """The file of the picture `name` in `folder`, a demo shop's `images`, drawn where it is not there yet.

    None where the folder is no demo shop's, or the demo has no such picture. Raises OSError where it cannot be written.
    """
    asked = _asked(folder, name)
    if asked is None:
        return None
    entry, product_id, view, place = asked
    target = folder / Path(name).name
    lock = folder / f".drawing-{int(product_id[1:]) % LOCKS:02}.lock"
    with FileLock(lock):
        if not target.is_file():
            if place is None:
                _write(target, webp(drawn(entry, view)))
            else:
                made = spin.frames(entry.spec, FRAMES, *SPIN_SIZE, entry.backdrop)
                for number, frame in reversed(list(enumerate(made))):  # the front last: where it is, all are
                    _write(folder / f"{product_id}-spin-{number:02}.webp", webp(frame, SPIN_QUALITY))
    return target


def drawn(entry: catalog.Entry, view: str) -> Image.Image:
    """A product from behind ("back"), close by ("detail"), on a figure, or in a scene: RGB, 800 x 1000."""
    if view in ("back", "detail"):
        return picture(entry.spec, view, entry.backdrop)
    if view == "figure":
        return figure.picture(entry.spec, entry.backdrop)
    return scenes.picture(entry.spec, view)


def forget(folder: Path) -> None:
    """Throw away what was drawn on demand: other code draws it now."""
    for file in folder.glob("D[0-9][0-9][0-9][0-9]-*.webp"):
        if _NAME.fullmatch(file.name):
            file.unlink(missing_ok=True)


def _asked(folder: Path, name: str) -> tuple[catalog.Entry, str, str, int | None] | None:
    found = _NAME.fullmatch(name)
    if found is None or not (folder / STAMPS).is_file():
        return None
    product_id, frame, view = found.groups()
    entry = catalog.entries().get(product_id)
    if entry is None:
        return None
    if frame is not None:
        known = f"images/{product_id}-spin-{frame}.webp" in entry.product.spin
        return (entry, product_id, "spin", int(frame)) if known else None
    shown = entry.product.views.get(f"images/{product_id}-{view}.webp")
    return (entry, product_id, shown, None) if shown else None


def _write(target: Path, data: bytes) -> None:
    """The whole file or none."""
    part = target.with_suffix(f".{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
