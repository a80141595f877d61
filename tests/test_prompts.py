"""The words of the shop: complete in both languages, and a tree that holds."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from prompts import ROOT, language, load, say, taxonomy


def sentences(node: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every {"zh", "en"} pair with where it stands."""
    if not isinstance(node, dict):
        return []
    if "zh" in node or "en" in node:
        return [(path, node)]
    return [found for key, value in node.items() for found in sentences(value, f"{path}.{key}")]


@pytest.mark.parametrize("file", sorted(p.relative_to(ROOT) for p in ROOT.rglob("*.yaml")), ids=str)
def test_every_sentence_is_there_in_both_languages(file: Path) -> None:
    incomplete = [
        path
        for path, pair in sentences(load(str(file.with_suffix(""))))
        if not (pair.get("zh") and pair.get("en"))
    ]
    assert incomplete == []


@pytest.mark.parametrize("file", sorted(p.relative_to(ROOT) for p in ROOT.rglob("*.yaml")), ids=str)
def test_no_key_is_written_twice(file: Path) -> None:
    class Strict(yaml.SafeLoader):
        pass

    def unique(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
        keys = [loader.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), sorted(k for k in keys if keys.count(k) > 1)
        return {
            loader.construct_object(k, deep=True): loader.construct_object(v, deep=True)
            for k, v in node.value
        }

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, unique)
    yaml.load((ROOT / file).read_text(encoding="utf-8"), Loader=Strict)


def test_every_category_reaches_a_root() -> None:
    for category in taxonomy.values("category"):
        chain = taxonomy.ancestors(category)
        assert chain[-1] == category
        assert load("taxonomy")["category"][chain[0]]["parent"] is None


def test_boots_are_shoes_and_an_unknown_category_is_its_own_root() -> None:
    assert taxonomy.is_a("boots", "shoes")
    assert not taxonomy.is_a("shoes", "boots")
    assert "boots" in taxonomy.descendants("shoes")
    assert taxonomy.ancestors("sofa") == ("sofa",)


def test_an_unknown_value_is_shown_as_it_is() -> None:
    assert taxonomy.word("color", "navy", "en") == "navy"
    assert taxonomy.word("color", "petrol", "zh") == "petrol"


def test_a_missing_sentence_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("session", "errors.no_such_code", "en")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("想买一件 oversize T-shirt", "zh"),
        ("a red dress", "en"),
        ("我要 M", "zh"),
        ("what does 连衣裙 mean in your shop please", "en"),
        ("😀😀", "zh"),
        ("M", "zh"),
        ("", "zh"),
    ],
)
def test_language_of_a_message_falls_back_to_the_conversation(text: str, expected: str) -> None:
    assert language.detect(text, "zh") == expected
