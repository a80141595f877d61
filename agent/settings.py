"""All settings: environment variables `DAOGOU_*`, then `daogou.toml` in the working folder, then defaults.

The only reader of the environment. API keys of model providers stay with their own variables (`OPENAI_API_KEY` …).
"""

import base64
import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import platformdirs
from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from agent.handoff.hours import Hours
from prompts import Sentence, say

PASSWORD_CHARS = 8
SECRET_BYTES = 24  # of what signs webhooks, as the specification has it
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


def _server(value: SecretStr) -> SecretStr:
    """The address of a PostgreSQL server. Raises PydanticCustomError, which never shows it: a password may be in it."""
    if not re.match(r"postgres(ql)?://", value.get_secret_value()):
        raise PydanticCustomError(
            "database", "{said}", {"said": say("terminal", "database.no_address", "en")}
        )
    return value


def _networks(value: str) -> str:
    """Addresses and networks by commas. Raises ValueError for what is none."""
    for one in filter(None, map(str.strip, value.split(","))):
        ipaddress.ip_network(one, strict=False)
    return value


def _fitting(value: str, pattern: re.Pattern[str], choices: str) -> str:
    """`value`, where the pattern fits it. Raises PydanticCustomError, which says in words what would."""
    if pattern.fullmatch(value):
        return value
    said = say(
        "plugged", "errors.bad_seat", "en", value=repr(value), choices=Sentence("plugged", f"part.{choices}")
    )
    raise PydanticCustomError("seat", "{said}", {"said": said})


def _said(code: str) -> PydanticCustomError:
    return PydanticCustomError(code, "{said}", {"said": say("handoff", f"errors.{code}", "en")})


def _safe_address(value: str) -> str:
    """An address to which what shoppers say may be sent: encrypted, or on this machine. Raises PydanticCustomError."""
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
        near = parts.scheme == "http" and host in ("localhost", "127.0.0.1", "::1")
        fits = bool(host) and (parts.scheme == "https" or near) and not parts.username and parts.port != 0
    except ValueError:
        fits = False
    if not fits or any(c.isspace() for c in value):
        raise _said("unsafe_webhook")
    return value.rstrip("/") if urlsplit(value).path in ("", "/") else value


def _signing(value: SecretStr) -> SecretStr:
    """A secret that signs webhooks by the open specification. Raises PydanticCustomError."""
    try:
        known = base64.b64decode(value.get_secret_value().removeprefix("whsec_") + "==", validate=False)
    except ValueError:
        known = b""
    if len(known) < SECRET_BYTES:
        raise _said("bad_secret")
    return value


def _hours(value: str) -> str:
    try:
        Hours.read(value, "UTC")
    except ValueError as error:
        raise _said("bad_hours") from error
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise _said("bad_zone") from error
    return value


HubSeat = Annotated[str, AfterValidator(_hub_seat)]
ChatSeat = Annotated[str, AfterValidator(_chat_seat)]


class Settings(BaseSettings):
    """How this Daogou runs. Every field can be set as `DAOGOU_<NAME>`; see the README for the table."""

    model_config = SettingsConfigDict(
        env_prefix="DAOGOU_",
        env_ignore_empty=True,  # compose files pass on what is not set as ""
        toml_file="daogou.toml",
        extra="ignore",
        hide_input_in_errors=True,
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
    database: Annotated[SecretStr, AfterValidator(_server)] | None = Field(
        default=None,
        description="postgresql://… where conversations, carts, shoppers and keys lie, for a shop of several workers",
    )
    database_schema: str = Field(
        default="daogou",
        pattern=r"^[a-z][a-z0-9_]{0,19}$",
        description="schema in that database; of several shops each has its own, SCHEMA_SHOP",
    )
    ray: str | None = Field(
        default=None,
        description='address of a Ray cluster for `daogou import --engine ray`; "auto" for one that runs here',
    )
    orders: Path | None = Field(
        default=None,
        description="file of the shop's orders (CSV or SQLite); without it those of `daogou orders import`",
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
    cost_per_session: float | None = Field(
        default=None,
        gt=0,
        description="what a model may cost in one conversation; then the planner answers. Wants the two prices",
    )
    tokens_per_session: int | None = Field(
        default=None, gt=0, description="tokens, read and written, that a model may use in one conversation"
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
    tool_timeout_s: float = Field(
        default=60.0, gt=0, description="seconds before a tool that changes nothing is given up"
    )
    keep_days: float = Field(
        default=30.0, gt=0, description="days after the last message for which a conversation is kept"
    )
    model_calls_per_turn: int = Field(default=8, ge=1, description="model calls before a turn is ended")
    shops: Path | None = Field(
        default=None,
        description="folder of several shops: a data folder each, with a `shop.toml` of the settings that differ there",
    )
    messages_per_minute: int = Field(
        default=20, ge=1, description="messages that one conversation may send in a minute"
    )
    sessions_per_minute: int = Field(
        default=30, ge=1, description="conversations that one address may begin in a minute"
    )
    requests_per_minute: int = Field(
        default=600, ge=1, description="requests that one address may make with one key in a minute"
    )
    messages_per_day: int | None = Field(
        default=None,
        ge=1,
        description="messages that a key may send in a day (UTC), if it has no number of its own",
    )
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = Field(
        default="",
        description="addresses or networks, by commas, of reverse proxies whose X-Forwarded-For is believed",
    )
    body_mb: int = Field(default=64, ge=1, description="megabytes that a request may have")
    metrics_token: Annotated[SecretStr, AfterValidator(_guarded)] | None = Field(
        default=None,
        description="what Prometheus has to send as a bearer token; without it there is no `/metrics`",
    )
    log: Literal["text", "json"] = Field(
        default="text", description="lines of `daogou serve`'s log: for people, or one JSON object each"
    )
    log_level: Literal["debug", "info", "warning", "error"] | None = Field(
        default=None,
        description="the least that is logged: `info` (a line per request) with json, else `warning`",
    )
    shutdown_s: float = Field(
        default=20.0,
        ge=0,
        description="seconds that running turns have to finish once the server is told to end",
    )
    shutdown_lead_s: float = Field(
        default=0.0,
        ge=0,
        description="seconds before that in which only `/readyz` says so, for a proxy to send shoppers elsewhere",
    )
    staff_hours: Annotated[str, AfterValidator(_hours)] = Field(
        default="", description='when people answer, as "Mon-Fri 09:00-18:00, Sat 10:00-14:00"; empty: always'
    )
    staff_timezone: Annotated[str, AfterValidator(_zone)] = Field(
        default="UTC", description="time zone of those hours, as Asia/Shanghai"
    )
    handoff_webhook: Annotated[str, AfterValidator(_safe_address)] | None = Field(
        default=None,
        description="address that is told, signed, of shoppers who want a person: https, or this machine's own",
    )
    handoff_secret: Annotated[SecretStr, AfterValidator(_signing)] | None = Field(
        default=None,
        description="signs what goes there and what comes back: 24 bytes or more in base64 (`openssl rand -base64 32`)",
    )
    chatwoot_url: Annotated[str, AfterValidator(_safe_address)] | None = Field(
        default=None, description="address of a Chatwoot whose people take over"
    )
    chatwoot_token: SecretStr | None = Field(default=None, description="access token of one of its agents")
    chatwoot_account: int | None = Field(default=None, ge=1, description="number of the account there")
    chatwoot_inbox: int | None = Field(default=None, ge=1, description="number of its inbox of the kind API")
    chatwoot_secret: SecretStr | None = Field(
        default=None,
        min_length=8,
        description="what that inbox signs its webhooks with; with none, their address carries a token instead",
    )
    audit_days: float = Field(default=365.0, gt=0, description="days for which the audit log is kept")
    storefront: bool = Field(
        default=True, description="the pages at /store, which show how the guide is embedded in a shop's own"
    )
    staff_password: Annotated[SecretStr, AfterValidator(_guarded)] | None = Field(
        default=None,
        description="opens the catalogue page for the shop's staff, at /staff; without it there is no such page",
    )

    @property
    def log_from(self) -> Literal["debug", "info", "warning", "error"]:
        """The least that is logged."""
        return self.log_level or ("info" if self.log == "json" else "warning")

    @model_validator(mode="after")
    def _ceiling_has_prices(self) -> "Settings":
        if self.cost_per_session is not None and None in (self.price_input, self.price_output):
            raise PydanticCustomError("ceiling", "cost_per_session wants price_input and price_output")
        return self

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


def traced() -> bool:
    """Whether OpenTelemetry's own variables say where traces go; what else they say, its library reads."""
    named = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    return any(os.environ.get(name) for name in named)
