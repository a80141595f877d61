"""Rendering the demo shop into a folder.

DemoError
└── UnknownProduct   no such product in the demo catalogue, and nothing known to draw it from
"""

import hashlib
import json
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from prompts import taxonomy
from store.demo import catalog, views
from store.demo.drawing import SILHOUETTES, Spec, picture, webp
from store.gallery import STAMPS
from store.types import Product

CODE = "drawn on demand by"  # a key of the stamps, beside the files' names
Progress = Callable[[int, int], None]


class DemoError(Exception):
    """Something is wrong with the demo catalogue."""


class UnknownProduct(DemoError):
    """No such product, and nothing known to draw it from."""


def products() -> list[Product]:
    """The catalogue, without rendering anything."""
    return [e.product.model_copy(deep=True) for e in catalog.entries().values()]


def spec_of(product: Product) -> Spec:
    """What to draw for a product: the demo shop's own design, else a plain design from its attributes.

    Raises UnknownProduct when the category has no silhouette.
    """
    entry = catalog.entries().get(product.id)
    if entry and entry.product.title == product.title:
        return entry.spec
    if product.category not in SILHOUETTES:
        raise UnknownProduct(f"nothing to draw {product.id!r} ({product.category}) from")
    shades = [s for s in map(taxonomy.swatch, product.colors) if s] or ["#8b8d91"]
    return Spec(
        kind=product.category,
        color=shades[0],
        second=shades[1] if len(shades) > 1 else "#f5f4ef",
        third=shades[2] if len(shades) > 2 else shades[-1],
        pattern=product.pattern or "plain",
        material=product.material or "cotton",
        sleeve=product.sleeve,
        neckline=product.neckline,
        length=product.length,
        kids=product.age_group == "kids",
        men=product.gender == "men",
        seed=int(hashlib.sha256(product.id.encode()).hexdigest()[:6], 16) % 1000,
    )


def render(product: Product, view: str = "front") -> bytes:
    """One picture of a product as WebP, 800 x 1000; `view` is front, back or detail."""
    entry = catalog.entries().get(product.id)
    return webp(picture(spec_of(product), view, entry.backdrop if entry else "linen"))


def _job(task: tuple[str, str, str, str]) -> tuple[str, str]:
    """Render one file in a worker; (name, stamp) when done."""
    pid, view, path, stamp = task
    data = render(catalog.entries()[pid].product, view)
    target = Path(path)
    part = target.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(data)
    part.replace(target)
    return target.name, stamp


@cache
def _code(*folders: str) -> str:
    """A fingerprint of everything that decides how pictures look."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((Path(__file__).parent / folder).iterdir()):
            if path.suffix in (".py", ".yaml"):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _stamp(entry: catalog.Entry, view: str) -> str:
    return hashlib.sha256(f"{_code('drawing')}|{entry.spec!r}|{entry.backdrop}|{view}".encode()).hexdigest()[
        :16
    ]


def _tasks(folder: Path, done: dict[str, str]) -> Iterator[tuple[str, str, str, str]]:
    for pid, entry in catalog.entries().items():
        name = entry.product.images[0]  # what is searched by; the others are drawn when asked for (views.py)
        view = entry.product.views[name]
        path = folder / name
        stamp = _stamp(entry, view)
        if done.get(path.name) != stamp or not path.exists():
            yield pid, view, str(path), stamp


def build(folder: Path, progress: Progress | None = None) -> list[Product]:
    """Write the first picture of each product of the demo shop to `folder`/images, its policies to
    `folder`/policies.yaml.

    Pictures already drawn by this version of the code are kept. `progress(done, total)` counts pictures, the
    kept ones included. Raises OSError when the folder cannot be written.
    """
    folder = Path(folder)
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    if not (folder / "policies.yaml").exists():  # a shop's own rules are never written over
        shutil.copyfile(catalog.HERE / "policies.yaml", folder / "policies.yaml")
    stamps = images / STAMPS
    try:
        done: dict[str, str] = json.loads(stamps.read_text())
    except (OSError, ValueError):
        done = {}
    if done.get(CODE) != (code := _code(".", "drawing", "spin", "../scenes")):
        views.forget(images)
        done[CODE] = code
    total = len(catalog.entries())
    tasks = list(_tasks(folder, done))
    finished = total - len(tasks)
    if progress:
        progress(finished, total)
    try:
        for name, stamp in _run(tasks):
            done[name] = stamp
            finished += 1
            if progress:
                progress(finished, total)
    finally:
        stamps.write_text(json.dumps(done))
    return products()


def _run(tasks: list[tuple[str, str, str, str]]) -> Iterator[tuple[str, str]]:
    """Render in two processes where there is enough to do, else here."""
    workers = min(2, os.cpu_count() or 1)
    if len(tasks) < 24 or workers < 2:
        yield from map(_job, tasks)
        return
    # spawn: the parent may hold threads and models, which a fork would carry over half-alive
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield from pool.imap_unordered(_job, tasks, chunksize=4)
