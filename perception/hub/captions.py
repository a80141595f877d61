"""Captions by a model of the hub: vit-gpt2 and its kind, BLIP, or any image-text model."""

from collections.abc import Sequence

from PIL.Image import Image

from perception.hub import generate
from perception.hub.loading import check, load
from perception.replies import finished, sentence
from prompts import load as prompts
from prompts import say

LIMIT = {"encoder-decoder": 32, "blip-caption": 40, "image-text": 120}  # tokens


class HubCaptions:
    """Loads its model at the first photo. Safe to share between threads."""

    def __init__(self, name: str, device: str = "auto") -> None:
        self.name, self._device = name, device

    def check(self) -> None:
        """Find out, without loading it, whether the model is there and fits. Raises HubError."""
        check(self.name, "captions")

    def warm(self) -> None:
        """Load the model now. Raises HubError."""
        load(self.name, "captions", self._device)

    def captions(self, images: Sequence[Image], lang: str) -> list[str | None]:
        """A sentence or two for each photo in `lang`; None where the model does not speak it, or said what no picture
        can tell. Raises HubError."""
        loaded = load(self.name, "captions", self._device)
        limit = LIMIT[loaded.kind]
        if loaded.kind == "image-text":
            talks = generate.talks(loaded)
            if not talks and lang != "en":
                return [None] * len(images)
            ask = (
                say("plugged", "caption.ask", lang) if talks else str(prompts("plugged")["caption"]["plain"])
            )
            said = generate.from_prompts(loaded, images, [ask] * len(images), limit)
        elif lang == "en":
            said = generate.from_pictures(loaded, images, limit)
        else:
            return [None] * len(images)
        # What was broken off at the limit loses its last, unfinished sentence, unless that is all there is.
        return [sentence(one.text if one.ended else finished(one.text) or one.text) for one in said]
