"""The eyes with larger models in some of their seats; where a backend leaves a job alone, the embedded model does it.

A backend's caption or answer has the source "image": it is what somebody made of a picture, never a fact of the shop's.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from PIL import Image

from perception.backends import Backends, Question
from perception.encoder import ImageEncoder, TextEncoder
from perception.eyes import REMEMBERED, Eyes, Vectors
from perception.garments import Heads, Reading, finer_kind
from perception.hub.errors import HubError
from perception.look import Look
from perception.ocr import Reader
from perception.photo import Photo
from perception.questions import Asked, parse
from perception.replies import askable
from perception.vqa import Seen
from prompts import say

log = logging.getLogger(__name__)
Array = np.ndarray


class PluggedEyes(Eyes):
    """Eyes with `backends`. A setting that cannot be used raises HubError; a model that fails at one photo is logged,
    and the embedded answer stands."""

    def __init__(
        self, encoder: ImageEncoder, texts: TextEncoder, heads: Heads, reader: Reader, backends: Backends
    ) -> None:
        super().__init__(encoder, texts, heads, reader)
        self._backends = backends
        self._captions: OrderedDict[tuple[str, str], str | None] = OrderedDict()
        self._captioning = threading.Lock()

    @classmethod
    def of(cls, backends: Backends, threads: int = 1) -> "PluggedEyes":
        """The embedded eyes, with `backends` in their seats. Raises WeightsChanged."""
        return cls(ImageEncoder(threads), TextEncoder(threads), Heads(), Reader(threads), backends)

    @cached_property
    def signature(self) -> str:
        """As of the embedded eyes, and the names of the weights that have a part in the vectors. Raises HubError."""
        jobs = {"attributes": self._backends.attributes, "space": self._backends.space}
        own = vars(Eyes)["signature"].func(
            self
        )  # not super().signature, which would keep its value under our name
        return "+".join([own, *(f"{job}:{b.signature}" for job, b in jobs.items() if b is not None)])

    def warm(self) -> None:
        """Load every model now. Raises HubError for a setting that does not work."""
        self._backends.warm()
        super().warm()

    def look(self, photo: Photo, lang: str = "en", *args: Any, **kwargs: Any) -> Look:
        """As the embedded look, with the backend's caption where a garment was seen."""
        look = super().look(photo, lang, *args, **kwargs)
        if look.garments:
            look.caption = self._caption(photo, lang) or look.caption
        return look

    def ask(self, photo: Photo, question: str | Asked, lang: str = "en", *args: Any, **kwargs: Any) -> Seen:
        """The backend's answer to what pixels can answer; the embedded one to the rest, and where it has none."""
        backend = self._backends.questions
        asked = parse(question, lang) if isinstance(question, str) else question
        if backend is not None and askable(asked):
            put = Question(photo.image, asked, question if isinstance(question, str) else asked.text)
            answer = self._tried(lambda: backend.answers([put], lang)[0])
            if answer is not None:
                return answer
        return super().ask(photo, question, lang, *args, **kwargs)

    def describe(self, photo: Photo, lang: str = "en", *args: Any, **kwargs: Any) -> str:
        """The backend's caption; that nothing to wear was recognised is said in front of it."""
        caption = self._caption(photo, lang)
        if caption is None:
            return super().describe(photo, lang, *args, **kwargs)
        look = super().look(photo, lang)
        if look.garments:
            return caption
        return say("plugged", "caption.nothing_worn", lang, none=look.caption, caption=caption)

    def vectors(self, image: Image.Image | Photo, garment: int | None = None) -> Vectors:
        """The photo, or the box of one garment of a Photo's look, in both spaces; they are one where a backend makes
        them."""
        if self._backends.space is None:
            return super().vectors(image, garment)
        seen = self._seen(self._sight_of(image).garments[garment or 0])
        if garment is not None and isinstance(image, Photo):
            image = _cut(image.image, super().look(image).garments[garment].box)
        vector = self.images([image])[0][0].tolist()
        return Vectors(vector, vector, seen)

    def images(self, images: Sequence[Image.Image | Photo]) -> tuple[Array, Array]:
        """(n, d) vectors in the photo space and (n, t) in the space of `shared_texts`, float32, rows of length 1."""
        if self._backends.space is None:
            return super().images(images)
        rows = self._backends.space.images([i.image if isinstance(i, Photo) else i for i in images])
        return rows, rows

    @property
    def shared_texts(self) -> Callable[[Sequence[str]], Array] | None:
        """Sentences in the space of the pictures' second vectors, where that is not the space of `texts`."""
        return self._backends.space.texts if self._backends.space is not None else None

    def _reread(self, image: Image.Image, reading: Reading) -> Reading:
        """The backend's scores in place of the heads': the same attributes and values, the same thresholds."""
        backend = self._backends.attributes
        if backend is None:
            return reading
        # Colours are counted in the garment's own pixels, which a sentence about the whole cannot.
        classes = {head: self._heads.meta[head]["classes"] for head in self._heads.names if head != "color"}
        scores = self._tried(lambda: backend.scores([image], classes)[0])
        if not scores:
            return reading
        category = max(scores["category"], key=scores["category"].__getitem__)
        finer = finer_kind(category, scores["kind"])
        return replace(reading, scores={**reading.scores, **scores}, finer=finer)

    def _caption(self, photo: Photo, lang: str) -> str | None:
        backend, key = self._backends.captions, (photo.id, lang)
        if backend is None:
            return None
        with self._captioning:
            if key in self._captions:
                self._captions.move_to_end(key)
                return self._captions[key]
        found = self._tried(lambda: backend.captions([photo.image], lang)[0])
        with self._captioning:
            self._captions[key] = found
            while len(self._captions) > REMEMBERED:
                self._captions.popitem(last=False)
        return found

    @staticmethod
    def _tried(job: Callable[[], Any]) -> Any:
        """What `job` gives; None when the model fails at this photo. A setting that cannot be used is raised."""
        try:
            return job()
        except HubError:
            raise
        except (
            Exception
        ):  # out of memory, a photo of a shape the model cannot take: each library raises its own kind
            log.exception("a larger model failed at a photo; the embedded answer stands")
            return None


def _cut(image: Image.Image, box: tuple[float, float, float, float]) -> Image.Image:
    """The part of `image` in `box` (fractions: left, top, right, bottom), a pixel wide at least."""
    left, top = int(box[0] * image.width), int(box[1] * image.height)
    right, bottom = max(left + 1, round(box[2] * image.width)), max(top + 1, round(box[3] * image.height))
    return image.crop((left, top, right, bottom))
