"""From a name in the settings to a model ready to be asked: its class comes from its own config.

Loaded at the first use, once, whoever asks; two jobs that name the same model share it. Code that comes with a model is
never run; weights are safetensors, or, where the model has nothing else, a pickle read with `weights_only`.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from perception.hub.errors import HubError, ModelBroken, NoDevice, PackageMissing, WrongModel
from perception.hub.files import Files, locate
from prompts import Sentence

Job = Literal["captions", "questions", "attributes", "space"]
Kind = Literal["encoder-decoder", "blip-caption", "blip-vqa", "image-text", "contrastive"]
CONTRASTIVE = ("clip", "siglip", "siglip2")
FITS: dict[Job, tuple[Kind, ...]] = {
    "captions": ("encoder-decoder", "blip-caption", "image-text"),
    "questions": ("blip-vqa", "image-text"),
    "attributes": ("contrastive",),
    "space": ("contrastive",),
}
_CLASSES: dict[Kind, str] = {
    "encoder-decoder": "VisionEncoderDecoderModel",
    "blip-caption": "BlipForConditionalGeneration",
    "blip-vqa": "BlipForQuestionAnswering",
    "image-text": "AutoModelForImageTextToText",
    "contrastive": "CLIP, SigLIP, SigLIP2",
}


@dataclass
class Loaded:
    """A model with what prepares its input. `lock`: one caller at a time."""

    files: Files
    kind: Kind
    model: Any
    pictures: Any  # image processor, or the processor of an image-text model
    words: Any  # tokenizer
    device: str
    lock: threading.Lock = field(default_factory=threading.Lock)


def kind_of(config: Any) -> Kind | None:
    """What a model can be asked, by its config; None for one that fits no job."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES

    name, built = config.model_type, " ".join(config.architectures or [])
    if name == "vision-encoder-decoder":
        return "encoder-decoder"
    if name == "blip":
        if "QuestionAnswering" in built:
            return "blip-vqa"
        return "blip-caption" if "ConditionalGeneration" in built or not built else None
    if name in CONTRASTIVE:
        return "contrastive"
    return "image-text" if name in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES else None


_OWN: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
# Parts that old checkpoints come without and that no job here looks at.
_UNUSED = re.compile(r"(^|\.)(pooler|position_ids)(\.|$)")
_loaded: dict[tuple[str, str, str], Loaded] = {}
_loading = threading.Lock()


def load(name: str, job: Job, device: str = "auto") -> Loaded:
    """The model `name` for `job` on `device` (auto, cpu, cuda). Raises HubError."""
    files = locate(name)
    with _loading:
        chosen = _device(device)
        key = (str(files.folder), files.revision, chosen)
        found = _loaded.get(key)
        if found is None:
            found = _made(files, job, chosen)
            _loaded[key] = found
    if found.kind not in FITS[job]:
        raise _wrong(files, job, _CLASSES[found.kind])
    return found


def _device(wanted: str) -> str:
    import torch

    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise NoDevice(device=wanted)
    return "cuda" if wanted == "cuda" or (wanted == "auto" and there) else "cpu"


def _wrong(files: Files, job: Job, what: str) -> WrongModel:
    return WrongModel(model=files.name, job=job, what=what, fits=", ".join(_CLASSES[k] for k in FITS[job]))


def check(name: str, job: Job) -> None:
    """Find out, without loading it, whether `name` is there and fits `job`. Raises HubError."""
    files = locate(name)
    with _named(files):
        _config(files, job)


def _config(files: Files, job: Job) -> tuple[Any, Kind]:
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(files.folder, **_OWN)
    kind = kind_of(config)
    if kind is None or kind not in FITS[job]:
        raise _wrong(files, job, " ".join(config.architectures or [config.model_type]))
    return config, kind


def _made(files: Files, job: Job, device: str) -> Loaded:
    with _named(files):
        config, kind = _config(files, job)
        pictures, words = _preparation(files, kind, config)
        model = _model(files, kind)
    return Loaded(files, kind, model.to(device).eval(), pictures, words, device)


@contextmanager
def _named(files: Files) -> Iterator[None]:
    """What goes wrong inside, as one of our errors."""
    from transformers.utils import logging as said

    said.set_verbosity_error()  # what matters is raised; the rest is for whoever trains models
    said.disable_progress_bar()
    try:
        yield
    except HubError:
        raise
    except ImportError as error:
        # transformers names the package in its first line: "X requires the Y library but …"
        reason = " ".join(str(error).split())[:200]
        package = getattr(error, "name", None) or _package(reason)
        raise PackageMissing(model=files.name, reason=reason, package=package) from error
    except Exception as error:  # every class raises its own kind for files that do not fit it
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise ModelBroken(model=files.name, reason=reason) from error


def _package(reason: str) -> str | Sentence:
    known = ("torchvision", "sentencepiece", "tiktoken", "timm", "accelerate", "protobuf", "num2words")
    return next((p for p in known if p in reason.casefold()), Sentence("plugged", "part.package"))


def _model(files: Files, kind: Kind) -> Any:
    import torch
    import transformers

    makers: dict[Kind, Any] = {
        "encoder-decoder": transformers.VisionEncoderDecoderModel,
        "blip-caption": transformers.BlipForConditionalGeneration,
        "blip-vqa": transformers.BlipForQuestionAnswering,
        "image-text": transformers.AutoModelForImageTextToText,
        "contrastive": transformers.AutoModel,
    }
    # The small ones are exact in float32, alone or in a batch; the large ones come as they were published.
    dtype = "auto" if kind == "image-text" else torch.float32
    own = _OWN if kind in ("image-text", "contrastive") else {"local_files_only": True}
    model, said = makers[kind].from_pretrained(
        files.folder,
        use_safetensors=files.safe,
        weights_only=True,
        dtype=dtype,
        output_loading_info=True,
        **own,
    )
    missing = sorted(k for k in said["missing_keys"] if not _UNUSED.search(k))
    if missing:
        reason = Sentence("plugged", "part.weights", {"count": len(missing), "first": missing[0]})
        raise ModelBroken(model=files.name, reason=reason)
    return model


def _preparation(files: Files, kind: Kind, config: Any) -> tuple[Any, Any]:
    """What turns photos and words into the model's input. Photos go through PIL: the same numbers on every machine."""
    from transformers import AutoImageProcessor, AutoTokenizer

    if kind == "image-text":
        from perception.hub.processors import photos_only

        processor = photos_only(files.folder, config)
        return processor, processor.tokenizer
    pictures = AutoImageProcessor.from_pretrained(files.folder, backend="pil", **_OWN)
    return pictures, AutoTokenizer.from_pretrained(files.folder, **_OWN)
