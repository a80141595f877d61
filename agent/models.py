"""The model behind the agent: the offline planner, or any provider LangChain knows."""

from langchain import chat_models
from langchain_core.language_models import BaseChatModel

from agent.errors import BadModel
from agent.planner.model import OfflinePlanner
from agent.settings import Settings


def chat_model(settings: Settings, planner: OfflinePlanner) -> BaseChatModel:
    """`planner` itself for "offline", else the provider's model. Keys come from the provider's own variables.

    Raises BadModel when the provider is unknown, its package is missing or its key is not set."""
    if settings.model == "offline":
        return planner
    options: dict[str, object] = {"timeout": settings.model_timeout_s}
    if settings.model_base_url:
        options["base_url"] = settings.model_base_url
    if settings.model.startswith("ollama:"):
        options.pop("timeout")  # ChatOllama has no such field; its client takes one
        options["client_kwargs"] = {"timeout": settings.model_timeout_s}
    try:
        return chat_models.init_chat_model(settings.model, **options)  # type: ignore[call-overload, no-any-return]
    except Exception as error:  # each provider package raises its own kind
        raise BadModel(model=settings.model, reason=str(error).splitlines()[0]) from error
