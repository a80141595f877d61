"""All settings: environment variables `DAOGOU_*`, then `daogou.toml` in the working folder, then defaults.

The only reader of the environment. API keys of model providers stay with their own variables (`OPENAI_API_KEY` …).
"""

import re
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import AfterValidator, Field, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from prompts import Sentence, say

PASSWORD_CHARS = 8
# Who sees: what comes with the package, a model of the hub (an id or a folder), or a chat model ("chat": the same that
# leads the conversation).
_HUB, _CHAT = re.compile(r"embedded|hub:\s*\S.*"), re.compile(r"embedded|hub:\s*\S.*|chat|chat:[^:\s]+:\S+")


def _hub_seat(value: str) -> str:
    return _fitting(value, _HUB, "seat_hub")


def _chat_seat(value: str) -> str:
    return _fitting(value, _CHAT, "seat_chat")


def _guarded(value: SecretStr) -> SecretStr:
    """A password that is long enough to guard something. Raises PydanticCustomError."""
    if len(value.get_secret_value()) < PASSWORD_CHARS:
        said = say("staff", "door.short", "en", least=PASSWORD_CHARS)
        raise PydanticCustomError("password", "{said}", {"said": said})
    return value


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

    model_config = SettingsConfigDict(
        env_prefix="DAOGOU_", toml_file="daogou.toml", extra="ignore", hide_input_in_errors=True
    )

    data: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("daogou")),
        description="data folder of the shop",
    )
    chroma: str | None = Field(
        default=None,
        pattern=r"^https?://[^/\s]+/?$",
        description="address of a Chroma server that keeps the products, for a shop that several machines serve",
    )
    chroma_token: SecretStr | None = Field(default=None, description="what the server knows us by")
    chroma_tenant: str | None = Field(default=None, description="tenant on the server")
    chroma_database: str | None = Field(
        default=None, description="database on the server, one per shop; made when there is none"
    )
    ray: str | None = Field(
        default=None,
        description='address of a Ray cluster for `daogou import --engine ray`; "auto" for one that runs here',
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
    model_first_token_s: float = Field(
        default=15.0, gt=0, description="seconds before a model that has not begun to answer is given up"
    )
    model_silence_s: float = Field(
        default=10.0, gt=0, description="seconds of silence in the middle of an answer before it is given up"
    )
    model_turn_s: float = Field(
        default=60.0, gt=0, description="seconds that a model has for all its calls and tries in one turn"
    )
    model_retries: int = Field(
        default=2, ge=0, le=5, description="further tries after an overload, a fault or a lost connection"
    )
    model_rest_s: float = Field(
        default=30.0, ge=0, description="seconds for which a model that failed twice in a row is left alone"
    )
    model_streaming: bool = Field(
        default=True, description="off for a server that can answer only as a whole"
    )
    history_tokens: int = Field(
        default=8_000, ge=500, description="tokens of the conversation that a model is given"
    )
    tool_calls_per_turn: int = Field(
        default=10, ge=1, description="tool calls that a model may make in one turn"
    )
    calls_per_tool: int = Field(default=4, ge=1, description="of those, calls of the same tool")
    price_input: float | None = Field(
        default=None, ge=0, description="what a model charges for a million tokens that it reads"
    )
    price_output: float | None = Field(
        default=None, ge=0, description="what it charges for a million tokens that it writes"
    )
    price_cached: float | None = Field(
        default=None, ge=0, description="what it charges for a million tokens that it has kept from before"
    )
    price_currency: str = Field(default="USD", description="currency of those prices")
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
    tool_timeout_s: float = Field(
        default=60.0, gt=0, description="seconds before a tool that changes nothing is given up"
    )
    keep_days: float = Field(
        default=30.0, gt=0, description="days after the last message for which a conversation is kept"
    )
    model_calls_per_turn: int = Field(default=8, ge=1, description="model calls before a turn is ended")
    staff_password: Annotated[SecretStr, AfterValidator(_guarded)] | None = Field(
        default=None,
        description="opens the catalogue page for the shop's staff, at /staff; without it there is no such page",
    )

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
