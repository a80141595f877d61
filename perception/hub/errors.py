"""What can be wrong with a model from the hub; each says what to do about it.

HubError
├── ModelMissing     not on this machine, and may not or cannot be fetched
├── PackageMissing   a package that the model needs is not installed
├── WrongModel       a model of another kind than the job needs
├── ModelBroken      its files cannot be read, or only by running code that came with them
└── NoDevice         the device of the settings is not there
"""

from prompts import say


class HubError(Exception):
    """Base: `code` is stable, `str(error)` is English, `message(lang)` is for whoever runs the shop."""

    code = "hub_error"

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.message("en"))

    def message(self, lang: str) -> str:
        """The sentence shown, in `lang`."""
        return say("plugged", f"errors.{self.code}", lang, **self.values)


class ModelMissing(HubError):
    code = "model_missing"


class PackageMissing(HubError):
    code = "package_missing"


class WrongModel(HubError):
    code = "wrong_model"


class ModelBroken(HubError):
    code = "model_broken"


class NoDevice(HubError):
    code = "no_device"
