"""What the commands share on the command line: their options, and how these are read."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer


class Lang(StrEnum):
    auto = "auto"
    zh = "zh"
    en = "en"


class Engine(StrEnum):
    """Who looks at the pictures of a feed."""

    local = "local"
    ray = "ray"


class Format(StrEnum):
    auto = "auto"
    google = "google"
    shopify = "shopify"
    acp = "acp"
    schema = "schema"
    jsonl = "jsonl"
    csv = "csv"


class Suite(StrEnum):
    look = "look"
    ask = "ask"
    caption = "caption"
    search = "search"
    photos = "photos"
    outfit = "outfit"
    recommend = "recommend"
    dialogs = "dialogs"


Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Data folder of the shop.", file_okay=False)
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object per line on stdout.")]
Language = Annotated[
    Lang | None, typer.Option("--lang", help="Language of the replies; auto follows the shopper.")
]
Model = Annotated[str | None, typer.Option("--model", metavar="MODEL", help='"offline" or "provider:model".')]


def spoken(lang: Lang | None, text: str = "") -> str:
    """The language a command answers in: as told, else that of the text, else English."""
    from prompts import language

    return lang.value if lang and lang is not Lang.auto else language.detect(text)


def condition(text: str | None) -> dict[str, Any]:
    """The JSON of `--where`, checked. Raises typer.BadParameter (exit code 2)."""
    if not text:
        return {}
    from pydantic import ValidationError

    from store.types import Filters, unfit

    try:
        return Filters.model_validate(json.loads(text)).to_json()
    except ValidationError as exc:
        raise typer.BadParameter(unfit(exc, "en"), param_hint="--where") from exc
    except ValueError as exc:
        raise typer.BadParameter(f"not JSON: {exc}", param_hint="--where") from exc
