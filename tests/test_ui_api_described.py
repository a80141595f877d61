"""The API is as its description says: whatever schemathesis makes of it, sensible and not, is answered as is written
there. The seed is fixed, so that every run asks the same; `make fuzz` asks far more, of a shop that is really served.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from api_shop import PATH, Door, door, limits
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection

from agent.assistant import Assistant
from ui.api.app import api as described

SEED = 8
_QUIET = settings(
    max_examples=4,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


@pytest.fixture(scope="module")
def api(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    made = door(assistant, tmp_path_factory.mktemp("keys"))
    yield made
    made.shops.keys.close()


def test_every_part_that_the_description_refers_to_is_in_it(api: Door) -> None:
    schema = described(api.shops).openapi()
    for ref in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(schema))):
        found: Any = schema
        for step in ref.split("/"):
            found = found[step]
        assert found


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_whatever_is_asked_is_answered_as_described(
    api: Door, mode: GenerationMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("count", "share"):
        monkeypatch.setattr(limits, name, lambda *_: None)
    session = api.begin()
    product = api.client.get(f"{PATH}/products?limit=1", headers=api.secret).json()["products"][0]["id"]
    known = {"session_id": session, "product_id": product, "turn": 0}
    api.say(session, "hats")
    schema = schemathesis.openapi.from_asgi(f"{PATH}/openapi.json", api.client.app)
    asked: dict[str, int] = {}

    def ask(case: schemathesis.Case) -> None:
        label, given = case.operation.label, case.path_parameters or {}
        if mode is GenerationMode.POSITIVE and asked.get(label, 0) % 2:  # of every two, one that is there
            case.path_parameters = {**given, **{name: known[name] for name in given if name in known}}
        asked[label] = asked.get(label, 0) + 1
        if label.endswith("{session_id}/events") and mode is GenerationMode.POSITIVE:
            case.query = {**(case.query or {}), "seconds": 0}  # it lasts as long as it is asked to
        # A key sent with every request mends what was left out on purpose: who has none is asked elsewhere.
        aside = [] if mode is GenerationMode.POSITIVE else [negative_data_rejection]
        case.call_and_validate(headers=api.secret, excluded_checks=aside)

    for result in schema.get_all_operations():
        with suppress(Unsatisfiable):  # what takes nothing can be asked nothing wrong
            seed(SEED)(_QUIET(given(case=result.ok().as_strategy(generation_mode=mode))(ask)))()
    assert len(asked) >= 17
