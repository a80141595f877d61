"""Greedy generation, the same alone and in a batch, with how sure the model was of its words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL.Image import Image

from perception.hub.loading import Loaded

BATCH = 16  # photos at a time


@dataclass(frozen=True)
class Said:
    """What a model wrote, and its confidence: the geometric mean of the probabilities of its tokens, 0..1. `ended`: it
    came to an end by itself."""

    text: str
    confidence: float
    ended: bool = True


def from_pictures(loaded: Loaded, images: Sequence[Image], limit: int) -> list[Said]:
    """What a captioning model (encoder-decoder, BLIP) writes under each photo."""
    said: list[Said] = []
    for start in range(0, len(images), BATCH):
        said += _generate(loaded, _pixels(loaded, images[start : start + BATCH]), limit)
    return said


def from_questions(
    loaded: Loaded, images: Sequence[Image], questions: Sequence[str], limit: int
) -> list[Said]:
    """What a question-answering model (BLIP) answers, one question a photo.

    Only questions of the same number of tokens share a batch: BLIP's decoder looks at the padding of a shorter one."""
    tokens = [loaded.words(q, truncation=True, max_length=64)["input_ids"] for q in questions]
    said: list[Said] = [Said("", 0.0)] * len(images)
    alike: dict[int, list[int]] = {}
    for place, ids in enumerate(tokens):
        alike.setdefault(len(ids), []).append(place)
    for places in alike.values():
        for start in range(0, len(places), BATCH):
            part = places[start : start + BATCH]
            inputs = _pixels(loaded, [images[p] for p in part])
            inputs |= _rows(
                input_ids=[tokens[p] for p in part], attention_mask=[[1] * len(tokens[p]) for p in part]
            )
            for place, one in zip(part, _generate(loaded, inputs, limit), strict=True):
                said[place] = one
    return said


def from_prompts(loaded: Loaded, images: Sequence[Image], prompts: Sequence[str], limit: int) -> list[Said]:
    """What an image-text model replies, one prompt a photo. A photo at a time: these models run in half precision,
    where what else is in a batch changes the last bits, and then, now and then, a word."""
    processor = loaded.pictures
    said: list[Said] = []
    for image, prompt in zip(images, prompts, strict=True):
        text = prompt
        if talks(loaded):
            content = [{"type": "image"}, {"type": "text", "text": prompt}]
            message = [{"role": "user", "content": content}]
            text = processor.apply_chat_template(message, tokenize=False, add_generation_prompt=True)
        inputs = dict(processor(images=[image.convert("RGB")], text=[text], return_tensors="pt"))
        said += _generate(loaded, inputs if talks(loaded) else _unfinished(loaded, inputs), limit)
    return said


def talks(loaded: Loaded) -> bool:
    """True for an image-text model that follows instructions, in whatever language; the others go on with a prompt."""
    return bool(getattr(loaded.pictures, "chat_template", None))


def _unfinished(loaded: Loaded, inputs: dict[str, Any]) -> dict[str, Any]:
    """The prompt without the mark of its end, where the model is to go on with it."""
    config = loaded.model.config
    ids = inputs["input_ids"]
    if getattr(config.get_text_config(), "is_encoder_decoder", False) or int(ids[0, -1]) not in _ends(loaded):
        return inputs
    return {name: rows[:, :-1] if rows.shape == ids.shape else rows for name, rows in inputs.items()}


def _pixels(loaded: Loaded, images: Sequence[Image]) -> dict[str, Any]:
    prepared = loaded.pictures([image.convert("RGB") for image in images], return_tensors="pt")
    return {"pixel_values": prepared["pixel_values"]}


def _rows(**columns: list[list[int]]) -> dict[str, Any]:
    import torch

    return {name: torch.tensor(rows) for name, rows in columns.items()}


def _generate(loaded: Loaded, inputs: Mapping[str, Any], limit: int) -> list[Said]:
    import torch

    model, words = loaded.model, loaded.words
    dtype = next(model.parameters()).dtype
    placed = {
        name: value.to(loaded.device, dtype) if value.is_floating_point() else value.to(loaded.device)
        for name, value in inputs.items()
    }
    with loaded.lock, torch.inference_mode():
        out = model.generate(
            **placed,
            **_tokens(loaded),
            max_new_tokens=limit,
            do_sample=False,
            num_beams=1,
            temperature=None,
            top_p=None,
            top_k=None,
            output_logits=True,
            return_dict_in_generate=True,
        )
    steps = torch.stack(out.logits, dim=1).float().log_softmax(-1)  # (n, steps, vocabulary)
    written = out.sequences[:, -steps.shape[1] :]
    chances = steps.gather(-1, written[..., None])[..., 0]
    ends = _ends(loaded)
    said = []
    for tokens, chance in zip(written.tolist(), chances, strict=True):
        end = next((i for i, token in enumerate(tokens) if token in ends), None)
        length = len(tokens) if end is None else end + 1
        text = words.decode(tokens[:length], skip_special_tokens=True)
        said.append(Said(" ".join(text.split()), float(chance[:length].mean().exp()), end is not None))
    return said


def _tokens(loaded: Loaded) -> dict[str, int]:
    """Start and padding for old checkpoints that do not name them where `generate` looks."""
    if loaded.kind != "encoder-decoder":
        return {}
    own, words = loaded.model.generation_config, loaded.words
    start = _first(own.decoder_start_token_id, words.bos_token_id, words.cls_token_id)
    end = _first(own.eos_token_id, words.eos_token_id, words.sep_token_id)
    pad = _first(own.pad_token_id, words.pad_token_id, end if isinstance(end, int) else None)
    named = {"decoder_start_token_id": start, "eos_token_id": end, "pad_token_id": pad}
    return {name: token for name, token in named.items() if token is not None}


def _first(*values: Any) -> Any:
    return next((v for v in values if v is not None), None)


def _ends(loaded: Loaded) -> set[int]:
    """Tokens after which nothing is said."""
    words, own = loaded.words, loaded.model.generation_config.eos_token_id
    listed = own if isinstance(own, list) else [own]
    ends = {*listed, words.eos_token_id, words.sep_token_id, words.pad_token_id}
    return {token for token in ends if token is not None}
