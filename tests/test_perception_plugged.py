"""The eyes with larger models in their seats: who says what, and what stays as it is."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from agent.assistant import Assistant
from agent.settings import Settings
from perception.backends import Backends, Question, Scores
from perception.eyes import Eyes
from perception.hub.errors import ModelMissing
from perception.photo import Photo
from perception.plugged import PluggedEyes
from perception.vqa import Seen
from store import demo
from store.shop import Shop
from store.types import PhotoVectors, Query
from tests import hub_models
from tests.fake_models import ScriptedModel
from ui.cli import app


class Said:
    """Captions and answers as told; counts how often it was asked."""

    def __init__(
        self, caption: str | None = "A red dress on a wooden floor.", answer: Seen | None = None
    ) -> None:
        self.caption, self.answer, self.asked = caption, answer, 0

    def check(self) -> None: ...

    def warm(self) -> None: ...

    def captions(self, images: Sequence[Image.Image], lang: str) -> list[str | None]:
        self.asked += 1
        return [self.caption for _ in images]

    def answers(self, questions: Sequence[Question], lang: str) -> list[Seen | None]:
        self.asked += 1
        return [self.answer for _ in questions]


class Failing(Said):
    def captions(self, images: Sequence[Image.Image], lang: str) -> list[str | None]:
        raise RuntimeError("out of memory")

    def answers(self, questions: Sequence[Question], lang: str) -> list[Seen | None]:
        raise RuntimeError("out of memory")


class Sure:
    """Sees stripes everywhere."""

    signature = "sure"

    def check(self) -> None: ...

    def warm(self) -> None: ...

    def scores(self, images: Sequence[Image.Image], classes: Mapping[str, Sequence[str]]) -> list[Scores]:
        sure = {a: "striped" if a == "pattern" else values[0] for a, values in classes.items()}
        told = {a: {v: 0.99 if v == sure[a] else 0.001 for v in values} for a, values in classes.items()}
        return [told for _ in images]


@pytest.fixture(scope="module")
def plain() -> Eyes:
    return Eyes.embedded()


@pytest.fixture(scope="module")
def dress() -> Photo:
    product = next(p for p in demo.products() if p.category == "dress" and p.colors == ["red"])
    return Photo.of(demo.snapshot(product, "wood"))


@pytest.fixture(scope="module")
def wall() -> Photo:
    return Photo.of(Image.new("RGB", (200, 200), "white"))


def test_a_backend_captions_once_a_photo_and_everything_else_stays(plain: Eyes, dress: Photo) -> None:
    said = Said()
    eyes = PluggedEyes.of(Backends(captions=said))
    look, own = eyes.look(dress), plain.look(dress)
    assert look.caption == said.caption
    assert look.model_dump(exclude={"caption"}) == own.model_dump(exclude={"caption"})
    assert eyes.describe(dress) == said.caption and said.asked == 1
    assert eyes.signature == plain.signature, "captions have no part in the vectors"


def test_where_nothing_is_worn_the_eyes_say_so_first(plain: Eyes, wall: Photo) -> None:
    eyes = PluggedEyes.of(Backends(captions=Said("A cat on a sofa.")))
    assert eyes.look(wall).caption == plain.look(wall).caption
    assert eyes.describe(wall).startswith(plain.look(wall).caption) and "A cat on a sofa." in eyes.describe(
        wall
    )


def test_no_caption_leaves_the_composed_one(plain: Eyes, dress: Photo) -> None:
    eyes = PluggedEyes.of(Backends(captions=Said(None)))
    assert eyes.look(dress, "zh").caption == plain.look(dress, "zh").caption
    assert eyes.describe(dress) == plain.describe(dress)


def test_a_backend_answers_what_pixels_can_tell(plain: Eyes, dress: Photo) -> None:
    answer = Seen("It's burgundy.", ["red"], "image", 0.8)
    said = Said(answer=answer)
    eyes = PluggedEyes.of(Backends(questions=said))
    assert eyes.ask(dress, "what colour is it?") == answer
    for question in ("how much is it?", "多少钱?", "will it shrink?"):
        assert eyes.ask(dress, question) == plain.ask(dress, question)
    assert said.asked == 1


def test_no_answer_leaves_the_embedded_one(plain: Eyes, dress: Photo) -> None:
    eyes = PluggedEyes.of(Backends(questions=Said(answer=None)))
    assert eyes.ask(dress, "what colour is it?") == plain.ask(dress, "what colour is it?")


def test_a_model_that_fails_is_logged_and_the_embedded_answer_stands(
    plain: Eyes, dress: Photo, caplog: pytest.LogCaptureFixture
) -> None:
    eyes = PluggedEyes.of(Backends(captions=Failing(), questions=Failing()))
    with caplog.at_level(logging.ERROR):
        assert eyes.look(dress).caption == plain.look(dress).caption
        assert eyes.ask(dress, "what is it?") == plain.ask(dress, "what is it?")
    assert "out of memory" in caplog.text and "embedded answer stands" in caplog.text


def test_a_setting_that_cannot_be_used_is_no_fallback(dress: Photo) -> None:
    from perception import backends

    eyes = PluggedEyes.of(Backends(captions=backends.captions("hub:/no/such/folder")))
    with pytest.raises(ModelMissing):
        eyes.look(dress)


def test_zero_shot_attributes_come_with_the_boxes_and_colours_of_ours(plain: Eyes, dress: Photo) -> None:
    eyes = PluggedEyes.of(Backends(attributes=Sure()))
    own, other = plain.look(dress).garments[0], eyes.look(dress).garments[0]
    assert other.pattern == "striped" and own.pattern != "striped"
    assert other.confidence["pattern"] == pytest.approx(0.99)
    assert eyes.signature != plain.signature


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder, made = tmp_path_factory.mktemp("hub"), dict[str, Path]()

    def get(name: str) -> Path:
        if name not in made:
            torch.manual_seed(7)
            made[name] = hub_models.MAKERS[name](folder / name)
        return made[name]

    return get


def test_the_shop_is_looked_at_again_with_another_space(
    tmp_path: Path, models: Callable[[str], Path], plain: Eyes
) -> None:
    """The pictures' vectors are made anew, once; the texts' stay our own encoder's."""
    from perception import backends

    (tmp_path / "images").mkdir()
    sold = [p.model_copy(update={"images": [f"{p.id}.png"]}) for p in demo.products()[:60:10]]
    for product in sold:
        demo.snapshot(product, "wood").save(tmp_path / "images" / product.images[0])
    ids = [p.id for p in sold]
    before = Shop.open(tmp_path, plain)
    before.upsert(sold)
    texts = before._products.vectors("text", ids)
    before.close()
    eyes = PluggedEyes.of(Backends(space=backends.space(f"hub:{models('clip')}")))
    shop = Shop.open(tmp_path, eyes)
    assert shop.stale
    shop.upsert([])
    assert not shop.stale
    after = shop._products.vectors("text", ids)
    assert all(np.allclose(after[i], texts[i], atol=1e-4) for i in ids)
    for space in ("image", "shared"):
        assert {v.shape for v in shop._products.vectors(space, ids).values()} == {(24,)}
    own = shop.get(ids[0])
    assert own is not None
    seen = eyes.vectors(Image.open(shop.picture(own.images[0])))
    assert len(seen.image) == 24
    hits = shop.search(Query(photo=PhotoVectors(image=seen.image, text=seen.text), k=3)).hits
    assert hits[0].product.id == own.id and hits[0].parts["image"] == 1.0
    words = shop.search(Query(text=own.title.en, k=6)).hits
    assert words and all("pictured" in hit.parts and "text" in hit.parts for hit in words)
    chinese = shop.search(Query(text=own.title.zh, k=6)).hits
    assert chinese and all("pictured" not in hit.parts for hit in chinese), (
        "an English CLIP is not asked in Chinese"
    )
    assert shop.similar(ids[0], k=2).hits
    shop.close()
    again = Shop.open(tmp_path, eyes)
    assert not again.stale
    again.close()


def test_one_garment_of_a_photo_is_its_box(models: Callable[[str], Path], dress: Photo) -> None:
    from perception import backends

    space = backends.space(f"hub:{models('clip')}")
    assert space is not None
    eyes = PluggedEyes.of(Backends(space=space))
    left, top, right, bottom = eyes.look(dress).garments[0].box
    wide, high = dress.image.size
    cut = dress.image.crop((int(left * wide), int(top * high), round(right * wide), round(bottom * high)))
    assert np.allclose(eyes.vectors(dress, garment=0).image, space.images([cut])[0], atol=1e-5)


# -- at the command line -----------------------------------------------------------------------------------------------


@pytest.fixture
def photo_file(tmp_path: Path, dress: Photo) -> Path:
    dress.image.save(tmp_path / "dress.png")
    return tmp_path / "dress.png"


def run(*args: str, **env: str) -> Any:
    return CliRunner().invoke(app, [*args], env={f"DAOGOU_{k.upper()}": v for k, v in env.items()})


def test_look_with_a_model_of_the_hub(
    models: Callable[[str], Path], photo_file: Path, tmp_path: Path
) -> None:
    at = ("--data", str(tmp_path / "shop"), "--json")
    own = json.loads(run("look", str(photo_file), *at).stdout)
    done = run(
        "look", str(photo_file), *at, captions=f"hub:{models('vit_gpt2')}", attributes=f"hub:{models('clip')}"
    )
    assert done.exit_code == 0, done.stderr
    plugged = json.loads(done.stdout)
    assert plugged["caption"] != own["caption"]
    assert set(plugged["caption"].rstrip(".").lower().split()) <= set(hub_models.WORDS)
    assert plugged["garments"][0]["box"]


def test_ask_with_a_model_of_the_hub(models: Callable[[str], Path], photo_file: Path, tmp_path: Path) -> None:
    at = ("--data", str(tmp_path / "shop"), "--json")
    done = run("ask", str(photo_file), "what colour is it?", *at, questions=f"hub:{models('blip_vqa')}")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["source"] == "unknown", "a model of random weights is not sure"


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({"captions": "hub:/no/such/folder"}, "hf download"),
        ({"captions": "hub:nobody/nothing"}, "HF_HUB_OFFLINE"),
        ({"captions": "hub:{clip}"}, "does not fit the setting `captions`"),
        ({"space": "hub:{blip_vqa}"}, "does not fit the setting `space`"),
        ({"questions": "chat"}, "offline"),
        ({"attributes": "chat"}, "attributes"),
        (
            {"captions": "embeded"},
            "captions: 'embeded' does not fit; write embedded, hub:<model id or folder>, chat, or chat:<",
        ),
        ({"space": "hub:"}, "space: 'hub:' does not fit; write embedded, or hub:<model id or folder>"),
        ({"device": "gpu"}, "device"),
    ],
)
@pytest.mark.parametrize("command", ["look", "ask"])
def test_a_setting_that_does_not_work_is_one_line(
    models: Callable[[str], Path],
    photo_file: Path,
    tmp_path: Path,
    command: str,
    setting: dict[str, str],
    says: str,
) -> None:
    named = {"clip": models("clip"), "blip_vqa": models("blip_vqa")}
    asked = ["what colour is it?"] if command == "ask" else []
    env = {k: v.format(**named) for k, v in setting.items()}
    done = run(command, str(photo_file), *asked, "--data", str(tmp_path / "shop"), **env)
    # A model that is not there or does not fit is found by looking, what cannot be a setting before.
    assert done.exit_code == (1 if any(v.startswith("hub:") and len(v) > 4 for v in setting.values()) else 2)
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("daogou: ") and says in line
    assert "Traceback" not in done.output


def test_a_shopper_s_photo_is_not_blamed_for_the_settings(demo_data: Path, photo_file: Path) -> None:
    """A model that turns out broken at its first photo: the turn says that something went wrong, and goes on."""
    from perception import backends

    assistant = Assistant.open(Settings(data=demo_data))
    assistant.__dict__["eyes"] = PluggedEyes.of(Backends(captions=backends.captions("hub:/no/such/folder")))
    events = list(assistant.session(lang="en").respond("hello", [photo_file.read_bytes()]))
    assert [e.code for e in events if e.type == "error"] == ["internal"]
    assert events[-1].type == "done" and events[-1].text
    assistant.close()


def test_the_conversation_s_own_model_may_look(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, dress: Photo
) -> None:
    from langchain_core.messages import AIMessage

    from agent import models as agent_models

    chat = ScriptedModel(replies=[AIMessage('{"caption": "A red dress, laid on wood."}')], seen=[])
    asked: list[str] = []
    monkeypatch.setattr(
        agent_models.chat_models, "init_chat_model", lambda name, **_: (asked.append(name), chat)[1]
    )
    assistant = Assistant.open(Settings(data=tmp_path, model="openai:some-model", captions="chat"))
    assert assistant.eyes.look(dress).caption == "A red dress, laid on wood."
    other = Assistant.open(Settings(data=tmp_path, questions="chat:ollama:qwen2.5vl"))
    assert isinstance(other.eyes, PluggedEyes)
    assert asked == ["openai:some-model", "ollama:qwen2.5vl"]
    assistant.close(), other.close()


def test_a_caption_that_names_a_price_never_becomes_a_fact(
    monkeypatch: pytest.MonkeyPatch, dress: Photo
) -> None:
    """The hub's model reads a price tag aloud: it is in no look and no description."""
    from perception.hub import captions, generate

    class Loaded:
        kind = "blip-caption"

    monkeypatch.setattr(captions, "load", lambda *args: Loaded())
    monkeypatch.setattr(captions, "check", lambda *args: None)
    monkeypatch.setattr(
        generate, "from_pictures", lambda *a: [generate.Said("a dress with a price tag of $19.99", 0.9)]
    )
    eyes = PluggedEyes.of(Backends(captions=captions.HubCaptions("our/model")))
    assert "19.99" not in eyes.look(dress).caption and "19.99" not in eyes.describe(dress)
