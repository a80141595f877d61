"""Processors of image-text models for photos alone: their video half wants torchvision and is never used here."""

import json
from pathlib import Path
from typing import Any


def photos_only(folder: Path, config: Any) -> Any:
    """The processor of the model in `folder`, made without its video half, photos prepared by PIL.

    Raises ValueError where transformers has none for it, or its processor needs what is neither photo nor words."""
    from transformers import AutoFeatureExtractor, AutoImageProcessor

    base: Any = _class(folder, config)

    class PhotosOnly(base):  # type: ignore[misc]
        """As `base`; the video processor stays None."""

        def check_argument_for_proper_class(self, argument_name: str, argument: Any) -> Any:
            """Accepts that there is no video processor."""
            if argument is None and "video" in argument_name:
                return None
            return super().check_argument_for_proper_class(argument_name, argument)

        @classmethod
        def _get_arguments_from_pretrained(
            cls, folder: Any, processor_dict: Any = None, **kwargs: Any
        ) -> list[Any]:
            parts: list[Any] = []
            for name in cls.get_attributes():
                if "video" in name:
                    parts.append(None)
                elif name == "image_processor":
                    parts.append(AutoImageProcessor.from_pretrained(folder, backend="pil", **kwargs))
                elif name == "tokenizer":
                    parts.append(cls._load_tokenizer_from_pretrained(name, folder, **kwargs))
                elif name == "feature_extractor":  # of models that also hear
                    parts.append(AutoFeatureExtractor.from_pretrained(folder, **kwargs))
                else:
                    raise ValueError(f"its processor needs {name}, which photos and words do not have")
            return parts

    PhotosOnly.__name__ = base.__name__
    return PhotosOnly.from_pretrained(folder, local_files_only=True, trust_remote_code=False)


def _class(folder: Path, config: Any) -> Any:
    """The processor class that the checkpoint names, where transformers has it, else the one of the model's type."""
    import transformers
    from transformers.models.auto.processing_auto import PROCESSOR_MAPPING

    for file in ("processor_config.json", "preprocessor_config.json", "tokenizer_config.json"):
        path = folder / file
        named = (
            json.loads(path.read_text(encoding="utf-8")).get("processor_class") if path.is_file() else None
        )
        if named and hasattr(transformers, named):
            return getattr(transformers, named)
    if type(config) in PROCESSOR_MAPPING:
        return PROCESSOR_MAPPING[type(config)]
    raise ValueError(f"transformers has no processor for {config.model_type} models")
