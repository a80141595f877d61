"""CLIP and SigLIP: photos and sentences as vectors of one space (Radford et al. 2021, Zhai et al. 2023)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL.Image import Image

from perception.hub.loading import Loaded
from perception.wording import HAN

Array = np.ndarray
BATCH = 32
SIGLIP_WORDS = 64  # tokens that SigLIP was trained with, always padded to


def image_vectors(loaded: Loaded, images: Sequence[Image]) -> Array:
    """(n, d) float32, each row of length 1."""
    rows = []
    for start in range(0, len(images), BATCH):
        part = [image.convert("RGB") for image in images[start : start + BATCH]]
        rows.append(_features(loaded, "get_image_features", dict(loaded.pictures(part, return_tensors="pt"))))
    return np.concatenate(rows) if rows else np.zeros((0, size(loaded)), np.float32)


def text_vectors(loaded: Loaded, texts: Sequence[str]) -> Array:
    """(n, d) float32, each row of length 1; a row of zeros for a text in a language that the model does not read."""
    rows = np.zeros((len(texts), size(loaded)), np.float32)
    read = [place for place, text in enumerate(texts) if reads(loaded, text)]
    for start in range(0, len(read), BATCH):
        places = read[start : start + BATCH]
        rows[places] = _features(loaded, "get_text_features", _words(loaded, [texts[p] for p in places]))
    return rows


def reads(loaded: Loaded, text: str) -> bool:
    """CLIP was trained on English alone. The SigLIP family reads Chinese where it is multilingual; a model that is not
    takes it for unknown words, of which any two texts would be the same."""
    if not _is_siglip(loaded):
        return not HAN.search(text)
    pieces = [piece for piece in loaded.words.tokenize(text.lower()) if piece.strip("▁ ")]
    unknown = loaded.words.convert_tokens_to_ids(pieces).count(loaded.words.unk_token_id)
    return 2 * unknown <= len(pieces)


def _is_siglip(loaded: Loaded) -> bool:
    return bool(loaded.model.config.model_type != "clip")


def size(loaded: Loaded) -> int:
    """Dimensions of the space."""
    config = loaded.model.config
    return int(getattr(config, "projection_dim", None) or config.vision_config.hidden_size)


def scale(loaded: Loaded) -> float:
    """What the model multiplies a cosine with before its softmax or sigmoid."""
    return float(loaded.model.logit_scale.detach().exp())


def _words(loaded: Loaded, texts: list[str]) -> dict[str, Any]:
    siglip = _is_siglip(loaded)
    limit = min(int(loaded.model.config.text_config.max_position_embeddings), SIGLIP_WORDS if siglip else 77)
    # SigLIP pools the last place, whatever stands there: always the same number of them.
    tokens = loaded.words(
        [text.lower() if siglip else text for text in texts],
        padding="max_length" if siglip else True,
        truncation=True,
        max_length=limit,
        return_tensors="pt",
    )
    kept = ("input_ids",) if siglip else ("input_ids", "attention_mask")
    return {name: tokens[name] for name in kept}


def _features(loaded: Loaded, method: str, inputs: dict[str, Any]) -> Array:
    import torch

    placed = {name: value.to(loaded.device) for name, value in inputs.items()}
    with loaded.lock, torch.inference_mode():
        out = getattr(loaded.model, method)(**placed)
    rows = getattr(out, "pooler_output", out).float().cpu().numpy()
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9), dtype=np.float32)
