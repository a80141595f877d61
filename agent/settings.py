"""All settings: environment variables `DAOGOU_*`, then `daogou.toml` in the working folder, then defaults.

The only reader of the environment. API keys of model providers stay with their own variables (`OPENAI_API_KEY` …).
"""

import re
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from prompts import Sentence, say

# Who sees: what comes with the package, a model of the hub (an id or a folder), or a chat model ("chat": the same that
# leads the conversation).
_HUB, _CHAT = re.compile(r"embedded|hub:\s*\S.*"), re.compile(r"embedded|hub:\s*\S.*|chat|chat:[^:\s]+:\S+")


def _hub_seat(value: str) -> str:
    return _fitting(value, _HUB, "seat_hub")


def _chat_seat(value: str) -> str:
    return _fitting(value, _CHAT, "seat_chat")


def _fitting(value: str, pattern: re.Pattern[str], choices: str) -> str:
    """`value`, where the pattern fits it. Raises PydanticCustomError, which says in words what would."""
    if pattern.fullmatch(value):
        return value
    said = say(
        "plugged", "errors.bad_seat", "en", value=repr(value), choices=Sentence("plugged", f"part.{choices}")
    )
    raise PydanticCustomError("seat", "{said}", {"said": said})


HubSeat = Annotated[str, AfterValidator(_hub_seat)]
ChatSeat = Annotated[str, AfterValidator(_chat_seat)]


class Settings(BaseSettings):
    """How this Daogou runs. Every field can be set as `DAOGOU_<NAME>`; see the README for the table."""

    model_config = SettingsConfigDict(env_prefix="DAOGOU_", toml_file="daogou.toml", extra="ignore")

    data: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("daogou")),
        description="data folder of the shop",
    )
    shop_name: str = Field(default="Daogou", description="name the assistant gives the shop")
    model: str = Field(
        default="offline",
        description='"offline", "local", "local:<a GGUF file>" or any "provider:model" of init_chat_model',
    )
    route: Literal["confident", "always"] = Field(
        default="confident",
        description="which turns a model gets: those the planner is not sure of (confident), or all of them (always)",
    )
    local_model: Path | None = Field(
        default=None,
        description="where the file of the local model lies; by default in your user data folder",
    )
    model_base_url: str | None = Field(default=None, description="address of an OpenAI-compatible server")
    model_timeout_s: float = Field(
        default=30.0, gt=0, description="seconds before a provider's call is given up"
    )
    captions: ChatSeat = Field(
        default="embedded",
        description="who captions photos: embedded, hub:<id or folder>, chat, chat:<provider:model>",
    )
    questions: ChatSeat = Field(
        default="embedded", description="who answers questions on photos: the same choices"
    )
    attributes: HubSeat = Field(
        default="embedded", description="who reads attributes: embedded or hub:<id or folder>"
    )
    space: HubSeat = Field(
        default="embedded", description="whose vectors find alike photos: embedded or hub:<id or folder>"
    )
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="where models of the hub run")
    language: Literal["auto", "zh", "en"] = Field(default="auto", description="language of the replies")
    max_message_chars: int = Field(
        default=4_000, ge=100, description="a longer message is answered with a request"
    )
    max_photos: int = Field(default=6, ge=1, description="photos looked at in one message")
    turn_wait_s: float = Field(
        default=60.0, ge=0, description="seconds a message waits for one that another process still answers"
    )
    tool_timeout_s: float = Field(default=60.0, gt=0, description="seconds before a tool is given up")
    keep_days: float = Field(
        default=30.0, gt=0, description="days after the last message for which a conversation is kept"
    )
    model_calls_per_turn: int = Field(default=8, ge=1, description="model calls before a turn is ended")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over `daogou.toml`."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)
