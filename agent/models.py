"""The model behind the agent: the offline planner, or any provider LangChain knows."""

from langchain import chat_models
from langchain_core.language_models import BaseChatModel

from agent.errors import BadModel
from agent.planner.model import OfflinePlanner
from agent.settings import Settings
from prompts import say


def chat_model(settings: Settings, planner: OfflinePlanner) -> BaseChatModel:
    """`planner` itself for "offline", else the provider's model. Keys come from the provider's own variables.

    Raises BadModel when the provider is unknown, its package is missing or its key is not set."""
    return planner if settings.model == "offline" else provider(settings, settings.model)


def seeing_model(settings: Settings, setting: str) -> BaseChatModel | None:
    """The chat model of a `captions` or `questions` setting; None for one that names no chat model. Raises BadModel."""
    if setting == "chat":
        if settings.model == "offline":
            raise BadModel(model="chat", reason=say("plugged", "errors.no_chat_model", "en"))
        return provider(settings, settings.model)
    return provider(settings, setting.removeprefix("chat:")) if setting.startswith("chat:") else None


def provider(settings: Settings, name: str) -> BaseChatModel:
    """The model `name` ("provider:model"). Raises BadModel."""
    options: dict[str, object] = {"timeout": settings.model_timeout_s}
    if settings.model_base_url:
        options["base_url"] = settings.model_base_url
    if name.startswith("ollama:"):
        options.pop("timeout")  # ChatOllama has no such field; its client takes one
        options["client_kwargs"] = {"timeout": settings.model_timeout_s}
    try:
        return chat_models.init_chat_model(name, **options)  # type: ignore[call-overload, no-any-return]
    except Exception as error:  # each provider package raises its own kind
        raise BadModel(model=name, reason=str(error).splitlines()[0]) from error
