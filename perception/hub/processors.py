"""Processors of image-text models for photos alone: their video half wants torchvision and is never used here."""

from typing import Any


def photos_only(config: Any) -> Any:
    """The processor class of a model's config, made without its video half. Raises ValueError where there is none."""
    from transformers import AutoImageProcessor
    from transformers.models.auto.processing_auto import PROCESSOR_MAPPING

    if type(config) not in PROCESSOR_MAPPING:
        raise ValueError(f"{config.model_type} models have no processor in this version of transformers")
    base: Any = PROCESSOR_MAPPING[type(config)]

    class PhotosOnly(base):  # type: ignore[misc]
        """As `base`; the video processor stays None and pictures are prepared by PIL."""

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
                else:
                    raise ValueError(f"its processor needs {name}, which photos and words do not have")
            return parts

    PhotosOnly.__name__ = base.__name__
    return PhotosOnly
