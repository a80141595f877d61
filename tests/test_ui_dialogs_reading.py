"""A mistake in a script is told with its line and what was probably meant."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAMLError

from store.shoppers import Profile
from ui.dialogs.reading import load
from ui.dialogs.script import (
    JUDGES,
    PROFILE,
    Criteria,
    Expect,
    ExpectProducts,
    ExpectReply,
    ExpectState,
    ExpectTools,
    Fixture,
    Script,
    ScriptError,
    Shopper,
    User,
)

HEAD = "id: one\nwhy: because\nturns:\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "  - user: {text: hi}\n    expct: {}\n",
            "line 5: unknown key 'expct' in turns.0; did you mean expect?",
        ),
        (
            "  - user: {text: hi}\n    expect:\n      products: {minn: 2}\n",
            "line 6: unknown key 'minn' in turns.0.expect.products; did you mean min?",
        ),
        (
            "  - user: {text: hi}\n    expect:\n      products:\n        min: 1\n        every: {colour: red}\n",
            "line 8: unknown key 'colour' in turns.0.expect.products.every; did you mean color?",
        ),
        (
            "  - user: {text: hi}\n    expect:\n      products:\n        min: 1\n        every: {color: redd}\n",
            "line 8: turns.0.expect.products.every.color: color knows no 'redd'; did you mean 'red'?",
        ),
        ("  - user:\n      text: {zh: 好, fr: oui}\n", "line 5: unknown key 'fr' in turns.0.user.text"),
        (
            "  - user: {text: hi}\n    expect:\n      tools: {called: [serch_catalog]}\n",
            "line 6: there is no tool 'serch_catalog'; did you mean search_catalog?",
        ),
        (
            "  - user: {text: hi}\n    expect: {events: [product]}\n",
            "line 5: there is no event 'product'; did you mean products?",
        ),
        (
            "  - user: {text: hi}\n    expect: {products: {min: 1}, capture: {first: 'products[0].id'}}\n"
            "  - user: {text: hi}\n    expect:\n      any_of:\n        - {state: {cart: [{id: $frist}]}}\n",
            "line 9: $frist was never captured; did you mean $first?",
        ),
        (
            "  - user: {text: hi}\n    expect: {capture: {first: 'prodcts[0].id'}}\n",
            "line 5: 'prodcts[0].id' starts with no event; did you mean products?",
        ),
        (
            "  - user: {text: hi}\n    expect: {state: {profile: {size: []}}}\n",
            "line 5: a profile has no 'size'; did you mean sizes?",
        ),
        (
            "  - user: {text: hi}\n    expect: {products: {every: {color: red}}}\n",
            "line 5: turns.0.expect.products: products need a min",
        ),
        ("  - user: {text: hi}\n    expect: {products: {min: 1, every: {}}}\n", "hold for everything"),
        ("  - user: {photo: none.jpg}\n", "line 4: no photo none.jpg beside the script"),
        ("  - user: {text: hi}\nfixture: {catalog: feed.jsonl}\n", "line 5: there is no feed feed.jsonl"),
        ("  - user: {text: hi}\nfixture: {shopper: {profile: {sizes: {tops: M}}}}\n", "write consent: yes"),
        (
            "  - user: {text: hi}\nfixture: {hostile: [{id: x}]}\n",
            "line 5: fixture.hostile.0.canary is missing",
        ),
        ("  - user: {text: []}\n", "line 4: "),
        ("  - {}\n", "line 4: turns.0: a step is either"),
    ],
)
def test_a_mistake_has_its_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(ScriptError) as caught:
        load(file)
    assert said in str(caught.value)
    assert str(file) in str(caught.value)


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(HEAD + "  - user: {text: hi, foto: a}\n    expects: {}\nmodell: x\n", encoding="utf-8")
    with pytest.raises(ScriptError, match=r"line 4: .*'foto'.*line 5: .*'expects'.*line 6: .*'modell'"):
        load(file)


def test_a_feed_beside_the_script_and_products_inside_it_are_catalogues(tmp_path: Path) -> None:
    (tmp_path / "feed.jsonl").write_text("{}", encoding="utf-8")
    (tmp_path / "a.yaml").write_text(HEAD + "  - user: {text: hi}\nfixture: {catalog: feed.jsonl}\n")
    (tmp_path / "b.yaml").write_text(HEAD + "  - user: {text: hi}\nfixture: {catalog: [{id: x}]}\n")
    assert load(tmp_path / "a.yaml").fixture.catalog == "feed.jsonl"
    assert load(tmp_path / "b.yaml").fixture.catalog == [{"id": "x"}]


def test_a_profile_is_what_the_store_keeps() -> None:
    assert set(PROFILE) == set(Profile.model_fields) - {"consent_at"}


def test_the_document_tells_the_whole_format(tmp_path: Path) -> None:
    text = (Path(__file__).parent.parent / "docs" / "dialog-scripts.md").read_text(encoding="utf-8")
    sample = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[0]
    (tmp_path / "red_dress.webp").write_bytes(b"")
    (tmp_path / "sample.yaml").write_text(sample, encoding="utf-8")
    assert load(tmp_path / "sample.yaml").runs.n == 2
    models = (
        Script,
        Fixture,
        User,
        Expect,
        ExpectProducts,
        ExpectTools,
        ExpectState,
        ExpectReply,
        Criteria,
        Shopper,
    )
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    assert {key for key in keys | set(JUDGES) if key not in text} == set()


@given(st.text())
def test_any_text_is_a_script_or_a_script_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_text(text, encoding="utf-8", errors="replace")
    try:
        load(file)
    except ScriptError:
        pass
    except YAMLError as exc:  # pragma: no cover
        raise AssertionError("a YAML error has to be told as a script's") from exc
