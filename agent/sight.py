"""Who sees, by the settings: the embedded eyes, with models of the hub or chat models in the seats that name one."""

from agent.models import seeing_model
from agent.settings import Settings
from perception import backends
from perception.backends import Backends
from perception.eyes import Eyes
from perception.plugged import PluggedEyes


def opened(settings: Settings) -> Eyes:
    """The eyes that the settings name. Raises BadModel or HubError when one names a model that cannot be used."""
    chosen = seats(settings)
    return Eyes.embedded() if chosen.empty else PluggedEyes.of(chosen)


def seats(settings: Settings) -> Backends:
    """The backends that the settings name, found fit for their jobs but not loaded yet.

    Raises BadModel for a chat model, HubError for a model of the hub that cannot be used."""
    chosen = Backends(
        captions=backends.captions(settings.captions, settings.device, seeing_model(settings, "captions")),
        questions=backends.questions(
            settings.questions, settings.device, seeing_model(settings, "questions")
        ),
        attributes=backends.attributes(settings.attributes, settings.device),
        space=backends.space(settings.space, settings.device),
    )
    chosen.check()
    return chosen
