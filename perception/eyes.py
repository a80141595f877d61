"""The eyes of the house: one object that looks at photos, answers questions on them and turns them into vectors."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from PIL import Image

from perception import captioner, quality, vqa
from perception.color import Named, keep_main, load_color_head, main_colors
from perception.encoder import WEIGHTS, ImageEncoder, TextEncoder
from perception.garments import ATTRIBUTES, Heads, Reading, applies
from perception.labels import Lettering
from perception.look import Garment, Look
from perception.mask import garment_mask
from perception.ocr import Reader
from perception.photo import Photo
from perception.photospace import photo_vector
from perception.shared import SharedSpace
from perception.vqa import Asked, Seen

Array = np.ndarray
BLANK = 4.0  # spread of the pixel values (0..255) of a picture that shows nothing: a lens cap, a white wall
REMEMBERED = 512  # photos; a sight is about 12 kB


@dataclass(frozen=True)
class Vectors:
    """A photo in the photo space and in the text space, both of length 1."""

    image: list[float]
    text: list[float]


@dataclass(frozen=True)
class _Sight:
    """Everything taken from one photo, free of language."""

    reading: Reading
    colors: list[Named]
    box: tuple[float, float, float, float]
    image: Array
    shared: Array


class Eyes:
    """Looks are cached by photo id. Safe to share between threads; models load at first use."""

    def __init__(self, encoder: ImageEncoder, texts: TextEncoder, heads: Heads, reader: Reader) -> None:
        self._encoder, self._texts, self._heads, self._reader = encoder, texts, heads, reader
        self._space = SharedSpace(texts)
        self._colors = load_color_head()
        self._lock = threading.Lock()
        self._sights: OrderedDict[str, _Sight] = OrderedDict()
        self._read: OrderedDict[str, Lettering] = OrderedDict()

    @classmethod
    def embedded(cls, threads: int = 1) -> "Eyes":
        """Eyes whose weights come with the installed packages: offline, CPU. `threads` per model: on
        two shared cores one is as quick as two and leaves room for the rest. Raises HeadsMissing."""
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
        look.caption = captioner.caption(look, lang)
        return look

    def ask(self, photo: Photo, question: str | Asked, lang: str = "en") -> Seen:
        """Answer a question, or one parsed by `vqa.parse`. What cannot be told has source "unknown"."""
        sight = self._sight(photo.id, photo.image)
        evidence = vqa.Evidence(
            look=self._look(photo.id, sight),
            judged=[vqa.Judged(sight.reading.scores, [(c.name, c.share) for c in sight.colors])],
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
                look.text = self._lettering(photo).text
            unsure = [a for a in ("pattern", "material") if getattr(main, a) is None]
        return captioner.description(look, lang, unsure, quality.trouble(photo.image))

    def vectors(self, image: Image.Image | Photo) -> Vectors:
        """The photo in both spaces."""
        sight = self._sight_of(image)
        return Vectors(sight.image.tolist(), sight.shared.tolist())

    def images(self, images: Sequence[Image.Image | Photo]) -> tuple[Array, Array]:
        """(n, d) vectors in the photo space and (n, 512) in the text space, float32, each row of length 1."""
        sights = [self._sight_of(image) for image in images]
        if not sights:
            return np.zeros((0, 0), np.float32), np.zeros((0, 512), np.float32)
        return np.stack([s.image for s in sights]), np.stack([s.shared for s in sights])

    def texts(self, texts: Sequence[str]) -> Array:
        """(n, 512) float32, each row of length 1."""
        return self._texts.encode(texts)

    def _sight_of(self, image: Image.Image | Photo) -> _Sight:
        if isinstance(image, Photo):
            return self._sight(image.id, image.image)
        image = image.convert("RGB")
        key = hashlib.sha256(repr(image.size).encode() + image.tobytes()).hexdigest()
        return self._sight(key, image)

    def _sight(self, key: str, image: Image.Image) -> _Sight:
        with self._lock:
            if key in self._sights:
                self._sights.move_to_end(key)
                return self._sights[key]
        features = self._encoder.encode([image])[0]
        reading = self._reread(image, self._heads.read(features))
        mask = garment_mask(image, self._heads.attention(features, reading.best("category")[0]))
        colors = main_colors(mask, self._colors)
        if mask.pixels.std(axis=(0, 1)).max() < BLANK:
            reading = replace(reading, nothing=True)
        sight = _Sight(
            reading,
            colors,
            mask.box,
            photo_vector(features, reading.scores["category"], colors),
            self._space.vector(reading, [(c.name, c.share) for c in colors]),
        )
        with self._lock:
            self._sights[key] = sight
            while len(self._sights) > REMEMBERED:
                self._sights.popitem(last=False)
        return sight

    def _reread(self, image: Image.Image, reading: Reading) -> Reading:
        """Where another model may have its say on what the heads read (see perception/plugged.py)."""
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

    def _look(self, photo_id: str, sight: _Sight, forced: bool = False) -> Look:
        reading = sight.reading
        if reading.nothing:
            return Look(photo=photo_id)
        category, p = reading.category
        colors = keep_main(sight.colors)
        confidence = {"category": round(p, 3), "color": sight.colors[0].share}
        told: dict[str, str] = {}
        for attribute in ATTRIBUTES:
            value, sure = reading.best(attribute)
            fits = applies(attribute, category) and (forced or value not in ("unknown", "other"))
            if fits and (forced or sure >= self._heads.threshold(attribute)):
                told[attribute], confidence[attribute] = value, round(sure, 3)
        kind = None
        if reading.finer and reading.best("category")[0] == category:
            kind, confidence["kind"] = reading.finer[0], round(reading.finer[1], 3)
        garment = Garment(
            box=sight.box,
            category=category,
            kind=kind,
            colors=[c.name for c in colors],
            confidence=confidence,
            **told,
        )
        setting, sure = reading.best("setting")
        known = forced or (setting != "other" and sure >= self._heads.threshold("setting"))
        return Look(photo=photo_id, garments=[garment], setting=setting if known else None)
