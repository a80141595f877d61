"""The eyes of the house: one object that looks at photos, answers questions on them and turns them into vectors."""

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from PIL import Image

from perception import captioner, details, quality, reading, vqa
from perception.color import keep_main
from perception.encoder import WEIGHTS, ImageEncoder, TextEncoder
from perception.garments import ATTRIBUTES, Heads, Reading, applies
from perception.labels import Lettering
from perception.look import Garment, Look
from perception.ocr import Reader
from perception.parts import Box
from perception.photo import Photo
from perception.shared import SharedSpace
from perception.sight import GarmentSight, Looker, Sight
from perception.vqa import Asked, Seen

Array = np.ndarray
PLAIN = 0.6  # probability from which a garment counts as plain
REMEMBERED = 512  # photos; a garment of one is about 12 kB


@dataclass(frozen=True)
class Vectors:
    """A photo in the photo space and in the text space, both of length 1; `seen`: what a shop's own tuning starts from
    (perception/details.py)."""

    image: list[float]
    text: list[float]
    seen: list[float]


class SeenBefore(Protocol):
    """What other eyes saw."""

    def get(self, key: str) -> Sight | None:
        """All that was seen of the picture with this key, None where nobody looked."""
        ...


class Eyes:
    """Looks are cached by photo id. Safe to share between threads; models load at first use."""

    def __init__(self, encoder: ImageEncoder, texts: TextEncoder, heads: Heads, reader: Reader) -> None:
        self._encoder, self._texts, self._heads, self._reader = encoder, texts, heads, reader
        self._looker = Looker(encoder, heads, SharedSpace(texts), self._reread)
        self._lock = threading.Lock()
        self._helper: SeenBefore | None = None
        self._sights: OrderedDict[str, Sight] = OrderedDict()
        self._read: OrderedDict[str, Lettering] = OrderedDict()

    @classmethod
    def embedded(cls, threads: int = 1) -> "Eyes":
        """Eyes whose weights come with the installed packages: offline, CPU. `threads` per model: on
        two shared cores one is as quick as two and leaves room for the rest. Raises WeightsChanged."""
        return cls(ImageEncoder(threads), TextEncoder(threads), Heads(), Reader(threads))

    @cached_property
    def signature(self) -> str:
        """Names the weights behind the vectors: vectors of other weights are not comparable with these."""
        digest = hashlib.sha256()
        for file in sorted(WEIGHTS.glob("*.safetensors")):
            digest.update(file.read_bytes())
        return f"embedded-{digest.hexdigest()[:16]}"

    def warm(self) -> None:
        """Load the models now, so that the first shopper does not wait."""
        self._sight("", Image.new("RGB", (64, 64), "white"))

    def look(self, photo: Photo, lang: str = "en", read: bool = False, forced: bool = False) -> Look:
        """What the photo shows. `read`: also read lettering (about half a second more). `forced`: tell the likeliest
        value of every attribute however unsure (to measure, never to show)."""
        sight = self._sight(photo.id, photo.image)
        look = self._look(photo.id, sight, forced)
        if read:
            look.text = self._lettering(photo).text
        trouble = quality.trouble(photo.image)
        if trouble:  # told with less confidence than the heads have, as answers are
            for garment in look.garments:
                garment.confidence = {a: round(p * vqa.TROUBLED, 3) for a, p in garment.confidence.items()}
        look.caption = captioner.caption(look, lang, trouble)
        return look

    def ask(self, photo: Photo, question: str | Asked, lang: str = "en") -> Seen:
        """Answer a question, or one parsed by `vqa.parse`. What cannot be told has source "unknown"."""
        sight = self._sight(photo.id, photo.image)
        evidence = vqa.Evidence(
            look=self._look(photo.id, sight),
            judged=[
                vqa.Judged(g.reading.scores, [(c.name, c.share) for c in g.colors.named])
                for g in sight.garments
            ],
            told={a: self._heads.threshold(a) for a in self._heads.names},
            read=lambda: self._lettering(photo),
            trouble=quality.trouble(photo.image),
        )
        asked = vqa.parse(question, lang) if isinstance(question, str) else question
        if asked.kind == "describe" and evidence.look.garments:
            return Seen(
                self.describe(photo, lang), None, "image", evidence.look.garments[0].confidence["category"]
            )
        return vqa.answer_asked(evidence, asked, lang)

    def describe(self, photo: Photo, lang: str = "en") -> str:
        """A few sentences: what it is, what is written on it, and what the photo does not tell."""
        look = self.look(photo, lang)
        unsure = []
        if look.garments:
            main = look.garments[0]
            if main.pattern == "graphic":
                look.text = reading.unstamped(self._lettering(photo)).text
            unsure = [a for a in ("pattern", "material") if getattr(main, a) is None]
        return captioner.description(look, lang, unsure, quality.trouble(photo.image))

    def vectors(self, image: Image.Image | Photo, garment: int | None = None) -> Vectors:
        """The photo in both spaces: its main garment, or the one with that index in `Look.garments`. Raises IndexError
        where there is none."""
        found = self._sight_of(image).garments[garment or 0]
        return Vectors(found.image.tolist(), found.shared.tolist(), self._seen(found))

    def details(self, images: Sequence[Image.Image | Photo]) -> Array:
        """(n, d) float16: what the main garment of each leaves for a shop's own tuning; a look that is remembered costs
        nothing more."""
        rows = [sight.garments[0].details for sight in self._side_by_side(images)] if images else []
        return np.stack(rows) if rows else np.zeros((0, 0), np.float16)

    def _seen(self, garment: GarmentSight) -> list[float]:
        classes = sum(map(len, self._heads.classes.values()))
        seen: list[float] = garment.details[: details.width(classes, len(garment.details))].tolist()
        return seen

    def images(self, images: Sequence[Image.Image | Photo]) -> tuple[Array, Array]:
        """(n, d) vectors in the photo space and (n, 512) in the text space, float32, each row of length 1. Of many
        photos as many are looked at side by side as there are cores; each is seen as it would be alone."""
        if not images:
            return np.zeros((0, 0), np.float32), np.zeros((0, 512), np.float32)
        mains = [sight.garments[0] for sight in self._side_by_side(images)]
        return np.stack([m.image for m in mains]), np.stack([m.shared for m in mains])

    def looks(self, photos: Sequence[Photo], lang: str = "en") -> list[Look]:
        """What each of many photos shows, in their order, looked at side by side."""
        found: list[Look] = []
        size = REMEMBERED // 2  # a look is told of while it is still remembered
        for start in range(0, len(photos), size):
            part = photos[start : start + size]
            self._side_by_side(part)
            found += [self.look(photo, lang) for photo in part]
        return found

    def sentences(self, texts: Sequence[str]) -> Array:
        """(n, 512) float32 by the embedded sentence encoder, whoever's the photo space is; each row of length 1."""
        return self._texts.encode(texts)

    def pieces(self, text: str) -> Array:
        """(n, 512) float32 vectors of a sentence's pieces, as that encoder starts from."""
        return self._texts.pieces(text)

    def shown(self, images: Sequence[Image.Image]) -> list[Look]:
        """What pictures show, looked at side by side; `images` then costs no second pass for the same ones. Without
        captions."""
        return [self._look("", sight) for sight in self._side_by_side(images)] if images else []

    def texts(self, texts: Sequence[str]) -> Array:
        """(n, 512) float32, each row of length 1."""
        return self._texts.encode(texts)

    def whereabouts(self, image: Image.Image, box: Box | None = None) -> tuple[Array, Array]:
        """Two (h, w) maps over the whole picture, 0..1: the chance of the main garment, or of the one nearest to `box`
        (fractions), and of any garment. What perception/cutout.py starts from."""
        return self._looker.whereabouts(image.convert("RGB"), box)

    def _side_by_side(self, images: Sequence[Image.Image | Photo]) -> list[Sight]:
        with ThreadPoolExecutor(min(len(images), os.cpu_count() or 1)) as pool:
            return list(pool.map(self._sight_of, images))

    def sight_of(self, picture: Image.Image) -> tuple[str, Sight]:
        """All that is seen of a picture, with the key that it is known by: what one pair of eyes can tell another."""
        key = _key(picture.convert("RGB"))
        return key, self._sight(key, picture.convert("RGB"))

    @contextmanager
    def helped(self, by: SeenBefore) -> Iterator[None]:
        """For as long as the context lasts, what others saw counts as seen by ourselves."""
        self._helper = by
        try:
            yield
        finally:
            self._helper = None

    def _sight_of(self, image: Image.Image | Photo) -> Sight:
        if isinstance(image, Photo):
            return self._sight(image.id, image.image)
        image = image.convert("RGB")
        return self._sight(_key(image), image)

    def _sight(self, key: str, image: Image.Image) -> Sight:
        with self._lock:
            if key in self._sights:
                self._sights.move_to_end(key)
                return self._sights[key]
        helper = self._helper
        sight = (helper.get(key) if helper else None) or self._looker.look(image)
        with self._lock:
            self._sights[key] = sight
            while len(self._sights) > REMEMBERED:
                self._sights.popitem(last=False)
        return sight

    def _reread(self, image: Image.Image, reading: Reading) -> Reading:
        """Where another model may have its say on what the heads read of a garment (see perception/plugged.py)."""
        return reading

    def _lettering(self, photo: Photo) -> Lettering:
        with self._lock:
            if photo.id in self._read:
                return self._read[photo.id]
        found = self._reader.read(photo.image)
        with self._lock:
            self._read[photo.id] = found
            while len(self._read) > REMEMBERED:
                self._read.popitem(last=False)
        return found

    def _look(self, photo_id: str, sight: Sight, forced: bool = False) -> Look:
        if sight.nothing:
            return Look(photo=photo_id)
        setting = max(sight.setting, key=sight.setting.__getitem__)
        known = forced or (setting != "other" and sight.setting[setting] >= self._heads.threshold("setting"))
        garments = [self._told(garment, forced) for garment in sight.garments]
        return Look(photo=photo_id, garments=garments, setting=setting if known else None)

    def _told(self, seen: GarmentSight, forced: bool) -> Garment:
        """What is sure enough of one garment."""
        reading = seen.reading
        category, p = reading.category
        colors = keep_main(seen.colors.named, plain=reading.scores["pattern"].get("plain", 0.0) >= PLAIN)
        confidence = {"category": round(p, 3), "color": round(seen.colors.sure, 3)}
        told: dict[str, str] = {}
        for attribute in ATTRIBUTES:
            value, sure = reading.best(attribute)
            fits = applies(attribute, category) and (forced or value not in ("unknown", "other"))
            if fits and (forced or sure >= self._heads.threshold(attribute)):
                told[attribute], confidence[attribute] = value, round(sure, 3)
        kind = None
        if (
            reading.finer
            and reading.best("category")[0] == category
            and reading.finer[1] >= self._heads.threshold("kind")
        ):
            kind, confidence["kind"] = reading.finer[0], round(reading.finer[1], 3)
        return Garment(
            box=seen.box,
            category=category,
            kind=kind,
            colors=[c.name for c in colors],
            shares=[c.share for c in colors],
            confidence=confidence,
            **told,
        )


def _key(picture: Image.Image) -> str:
    return hashlib.sha256(repr(picture.size).encode() + picture.tobytes()).hexdigest()
