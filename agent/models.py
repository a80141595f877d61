"""The model behind the agent: the offline planner, or any provider LangChain knows."""

import re
from difflib import get_close_matches

from langchain import chat_models
from langchain_core.language_models import BaseChatModel

from agent.errors import BadModel
from agent.planner.model import OfflinePlanner
from agent.settings import Settings
from prompts import say


def chat_model(settings: Settings, planner: OfflinePlanner) -> BaseChatModel:
    """`planner` itself for "offline", a model file run in process for "local", else the provider's model. Keys come
    from the provider's own variables.

    A model file is loaded here, and has read its instructions: no turn waits for that.

    Raises BadModel when the provider is unknown, its package is missing or its key is not set, or when the model file
    cannot be used."""
    if settings.model == "offline":
        return planner
    if is_local(settings.model):
        return _local(settings)
    return provider(settings, "model", **_leading(settings))


def is_local(model: str) -> bool:
    """Whether a setting names a model file of one's own: "local", or "local:" and its path."""
    return model == "local" or model.startswith("local:")


def check(settings: Settings) -> None:
    """Find out, without loading or asking it, whether the conversation's model can be used. Raises as `chat_model`."""
    if is_local(settings.model):
        _local(settings, load=False)
    elif settings.model != "offline":
        provider(settings, "model")


def _local(settings: Settings, load: bool = True) -> BaseChatModel:
    from agent.local import opened
    from agent.local.files import LocalModelError
    from tools import TOOLS

    try:
        model = opened.model(settings)
        if load:
            model.warm(TOOLS)
    except LocalModelError as error:
        raise BadModel(setting="model", model=settings.model, reason=str(error)) from error
    return model


def seeing_model(settings: Settings, seat: str) -> BaseChatModel | None:
    """The chat model of the seat "captions" or "questions"; None where its setting names no chat model. Raises
    BadModel."""
    setting = getattr(settings, seat)
    if setting == "chat" and settings.model == "offline":
        reason = say("plugged", "errors.no_chat_model", "en")
        raise BadModel(setting=seat, model=setting, reason=reason)
    if setting == "chat":
        return provider(settings, "model")
    return provider(settings, seat) if setting.startswith("chat:") else None


# Their packages try a call again by themselves, for as long as the provider says. The model that leads a conversation
# is tried again by agent.llm.patient, which knows how long the shopper has waited.
_RETRYING = ("openai", "azure_openai", "anthropic", "groq", "mistralai", "deepseek", "xai", "together")


def _leading(settings: Settings) -> dict[str, object]:
    """Options of the model that leads the conversation."""
    name = settings.model.partition(":")[0]
    return {
        "disable_streaming": not settings.model_streaming,
        **({"max_retries": 0} if name in _RETRYING else {}),
        # A server of one's own says what it counted in a stream only when asked.
        **({"stream_usage": True} if name == "openai" else {}),
    }


def provider(settings: Settings, setting: str, **more: object) -> BaseChatModel:
    """The model that `setting` names as "provider:model", with `more` options. Raises BadModel."""
    name = str(getattr(settings, setting)).removeprefix("chat:")
    if is_local(name):
        reason = say("local", "errors.only_words", "en")
        raise BadModel(setting=setting, model=name, reason=reason)
    options: dict[str, object] = {"timeout": settings.model_timeout_s, **more}
    if settings.model_base_url:
        options["base_url"] = settings.model_base_url
    if name.startswith("ollama:"):
        options.pop("timeout")  # ChatOllama has no such field; its client takes one
        options["client_kwargs"] = {"timeout": settings.model_timeout_s}
    try:
        return chat_models.init_chat_model(name, **options)  # type: ignore[call-overload, no-any-return]
    except Exception as error:  # each provider package raises its own kind
        raise BadModel(setting=setting, model=name, reason=_reason(name, str(error))) from error


# A variable or field that holds a provider's key, and a package, as the providers' packages name them.
_KEY = re.compile(r"\b[a-z][a-z0-9_]*_(?:api_key|api_token|access_token)\b", re.IGNORECASE)
_PACKAGE = re.compile(r"pip install (?:-U )?([\w-]+)")


def _reason(name: str, said: str) -> str:
    """What a provider's package said, in words of ours for what has to be done: a key to set, a package to install, and
    where LangChain knows no such provider, the nearest that it knows."""
    given, _, model = name.partition(":")
    if listed := re.search(r"Supported providers: (.+)", said):
        near = get_close_matches(given, listed[1].rstrip(".").split(", "), 1)
        example = f"{near[0] if near else 'openai'}:{model or '<model>'}"
        return say("session", "unknown_provider", "en", provider=given, example=example)
    if package := _PACKAGE.search(said):
        return say("session", "no_package", "en", provider=given, package=package[1])
    if keys := [
        key.upper() for key in _KEY.findall(said)
    ]:  # nobody has been asked yet: it is missing, not wrong
        own = [key for key in keys if key.startswith(f"{given.upper()}_")]
        return say("session", "no_key", "en", provider=given, variable=(own or keys)[0])
    return said.splitlines()[0] if said else name
