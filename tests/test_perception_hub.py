"""Models of the hub in their seats: tiny ones of every class, saved as the real ones are, by the real factories."""

import json
import logging
import pickle
import re
import shutil
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from perception import backends
from perception.backends import Question
from perception.hub import loading
from perception.hub.errors import HubError, ModelBroken, ModelMissing, NoDevice, PackageMissing, WrongModel
from perception.hub.files import locate
from perception.hub.generate import Said
from perception.questions import parse
from prompts import taxonomy
from tests import hub_models

CAPTIONING = ("vit_gpt2", "blip", "qwen_vl", "llava", "blip2")
ANSWERING = ("blip_vqa", "qwen_vl", "llava", "blip2")
CONTRASTIVE = ("clip", "siglip", "siglip2")
HubKinds = ("encoder-decoder", "blip-caption", "image-text")
SIZES = ((60, 80), (120, 50), (64, 64), (33, 90))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder, made = tmp_path_factory.mktemp("hub"), dict[str, Path]()

    def get(name: str) -> Path:
        if name not in made:
            torch.manual_seed(7)
            made[name] = hub_models.MAKERS[name](folder / name)
        return made[name]

    return get


@pytest.fixture(scope="module")
def photos() -> list[Image.Image]:
    noise = np.random.default_rng(0)
    return [Image.fromarray(noise.integers(0, 255, (*size, 3), dtype=np.uint8)) for size in SIZES]


def seat(job: str, path: Path | str) -> Any:
    return getattr(backends, job)(f"hub:{path}")


@pytest.mark.parametrize("name", CAPTIONING)
def test_captions_are_the_same_alone_and_in_a_batch(
    models: Callable[[str], Path], photos: list[Image.Image], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("perception.hub.captions.LIMIT", dict.fromkeys(HubKinds, 12))
    monkeypatch.setattr("perception.hub.captions.sentence", lambda text: text)
    captions = seat("captions", models(name))
    together = captions.captions(photos, "en")
    assert together == [captions.captions([photo], "en")[0] for photo in photos]
    assert together == captions.captions(photos, "en")
    assert len(set(together)) > 1, "the model does not look at the photo"
    assert any(together)
    for one in together:
        assert set(one.split()) <= set(hub_models.WORDS)


def test_a_captioner_that_speaks_english_only_leaves_chinese_alone(
    models: Callable[[str], Path], photos: list[Image.Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert seat("captions", models("blip")).captions(photos[:2], "zh") == [None, None]
    asked: list[str] = []

    def say(loaded: Any, images: Any, prompts: list[str], limit: int) -> list[Said]:
        asked.extend(prompts)
        return [Said("一件红色连衣裙，平铺在床上", 0.9)]

    monkeypatch.setattr("perception.hub.generate.from_prompts", say)
    assert seat("captions", models("qwen_vl")).captions(photos[:1], "zh") == ["一件红色连衣裙，平铺在床上。"]
    assert "描述" in asked[0]


def test_a_model_that_follows_no_instructions_goes_on_with_a_text(
    models: Callable[[str], Path], photos: list[Image.Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def say(loaded: Any, images: Any, prompts: list[str], limit: int) -> list[Said]:
        asked.extend(prompts)
        return [Said("navy", 0.9)] * len(prompts)

    monkeypatch.setattr("perception.hub.generate.from_prompts", say)
    captions, questions = seat("captions", models("blip2")), seat("questions", models("blip2"))
    assert captions.captions(photos[:1], "zh") == [None] and captions.captions(photos[:1], "en") == ["Navy."]
    texts = ("这是什么颜色？", "what colour is it?", "左边那件是什么颜色？", "asdf qwer")
    answers = questions.answers([Question(photos[0], parse(t, "zh"), t) for t in texts], "zh")
    assert [a.value if a else None for a in answers] == [["navy"], ["navy"], None, None]
    assert asked == [
        "a photo of",
        "Question: what color is the garment? Answer:",
        "Question: what colour is it? Answer:",
    ]


def test_a_caption_that_was_broken_off_loses_its_unfinished_sentence(
    models: Callable[[str], Path], photos: list[Image.Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    def say(text: str, ended: bool) -> str | None:
        monkeypatch.setattr("perception.hub.generate.from_pictures", lambda *a: [Said(text, 0.9, ended)])
        found: list[str | None] = seat("captions", models("blip")).captions(photos[:1], "en")
        return found[0]

    assert say("A red dress on a bed. It is worn by a", ended=False) == "A red dress on a bed."
    assert say("a red dress on a", ended=False) == "A red dress on a."
    assert say("a red dress on a bed", ended=True) == "A red dress on a bed."
    assert say("A red dress. " + "It is long. " * 60, ended=True).endswith("It is long.")  # type: ignore[union-attr]
    assert say("only $20, red dress", ended=True) is None


@pytest.mark.parametrize("name", ANSWERING)
def test_answers_are_the_same_alone_and_in_a_batch(
    models: Callable[[str], Path], photos: list[Image.Image], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("perception.replies.ANSWER_FROM", 0.0)
    words = [
        "what colour is it?",
        "is it a long dress with short sleeves?",
        "how many garments are there?",
        "is it red?",
    ]
    asked = [Question(photo, parse(text), text) for photo, text in zip(photos, words, strict=True)]
    questions = seat("questions", models(name))
    together = questions.answers(asked, "en")
    assert together == [questions.answers([one], "en")[0] for one in asked]
    assert len({answer.confidence for answer in together}) > 1
    assert all(0 <= answer.confidence <= 1 for answer in together)


def rigged(folder: Path, words: dict[str, float], model: Path) -> Path:
    """A BLIP whose decoder says the likeliest of `words` (word → logit) and then ends, whatever it sees."""
    shutil.copytree(model, folder)
    weights = load_file(folder / "model.safetensors")
    vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    bias = torch.full_like(weights["text_decoder.cls.predictions.bias"], -50.0)
    for word, logit in words.items():
        bias[vocabulary[word]] = logit
    weights["text_decoder.cls.predictions.bias"] = bias
    for name in ("transform.dense.weight", "transform.LayerNorm.weight", "transform.LayerNorm.bias"):
        weights[f"text_decoder.cls.predictions.{name}"] *= 0.0
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return folder


def test_a_sure_answer_becomes_a_value_of_ours_in_both_languages(
    models: Callable[[str], Path], photos: list[Image.Image], tmp_path: Path
) -> None:
    questions = seat("questions", rigged(tmp_path / "m", {"navy": 20.0}, models("blip_vqa")))
    for text, lang, said in (("what colour is it?", "en", "navy"), ("什么颜色？", "zh", "藏青色")):
        answer = questions.answers([Question(photos[0], parse(text, lang), text)], lang)[0]
        assert answer.value == ["navy"] and answer.source == "image" and answer.confidence > 0.99
        assert said in answer.answer
    yes = seat("questions", rigged(tmp_path / "yes", {"yes": 20.0}, models("blip_vqa")))
    assert yes.answers([Question(photos[0], parse("is it striped?"))], "en")[0].value is True


def test_an_answer_that_is_not_sure_says_so(
    models: Callable[[str], Path], photos: list[Image.Image], tmp_path: Path
) -> None:
    torn = seat(
        "questions", rigged(tmp_path / "m", {"red": 5.0, "blue": 4.9, "navy": 4.9}, models("blip_vqa"))
    )
    answer = torn.answers([Question(photos[0], parse("what colour is it?"))], "en")[0]
    assert (answer.source, answer.value) == ("unknown", None) and 0.2 < answer.confidence < 0.5
    word = seat("questions", rigged(tmp_path / "w", {"unsure": 20.0}, models("blip_vqa")))
    assert word.answers([Question(photos[0], parse("what colour is it?"))], "en")[0].source == "unknown"


def test_what_no_photo_shows_is_not_asked_of_a_model(
    models: Callable[[str], Path], photos: list[Image.Image]
) -> None:
    questions = seat("questions", models("blip_vqa"))
    for text in ("how much does it cost?", "will it shrink?", "what does it say?", "多少钱？"):
        assert questions.answers([Question(photos[0], parse(text), text)], "en") == [None]


@pytest.mark.parametrize("name", CONTRASTIVE)
def test_vectors_are_the_same_alone_and_in_a_batch(
    models: Callable[[str], Path], photos: list[Image.Image], name: str
) -> None:
    space = seat("space", models(name))
    texts = ["a red dress", "navy shoes on the photo of a hat", "it"]
    for make, things in ((space.images, photos), (space.texts, texts)):
        together = make(things)
        assert together.dtype == np.float32 and np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
        assert np.allclose(together, np.concatenate([make([one]) for one in things]), atol=1e-5)
        assert not np.allclose(together[0], together[1], atol=1e-2)
        assert make([]).shape == (0, together.shape[1])
    assert space.images(photos).shape[1] == space.texts(texts).shape[1]


def test_an_english_clip_reads_no_chinese(models: Callable[[str], Path]) -> None:
    rows = seat("space", models("clip")).texts(["红色连衣裙", "a red dress"])
    assert not rows[0].any() and rows[1].any()


def test_a_siglip_reads_what_its_words_hold(models: Callable[[str], Path], tmp_path: Path) -> None:
    """A text of unknown words has no vector: it would be that of every other such text."""
    texts = ["红色 连衣裙", "蓝色 裤子", "a red dress", "a red 连衣裙"]
    english = seat("space", models("siglip")).texts(texts)
    assert [bool(row.any()) for row in english] == [False, False, True, True]
    both = seat("space", hub_models.siglip(tmp_path / "both", ["红色", "连衣裙", "蓝色", "裤子"])).texts(
        texts
    )
    assert seat("space", models("siglip2")).texts(texts).any(axis=1).all()
    assert both.any(axis=1).all() and not np.allclose(both[0], both[1], atol=1e-3)


def test_the_signature_follows_the_weights(models: Callable[[str], Path], tmp_path: Path) -> None:
    one, other = models("clip"), hub_models.clip(tmp_path / "clip", seed=99)
    same = Path(shutil.copytree(one, tmp_path / "copy"))
    assert seat("space", one).signature.split("@")[1] == seat("space", same).signature.split("@")[1]
    assert seat("space", one).signature.split("@")[1] != seat("space", other).signature.split("@")[1]


def test_a_folder_is_hashed_again_only_when_it_changed(
    models: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(models("clip"), tmp_path / "clip"))
    first = locate(str(folder)).revision
    with monkeypatch.context() as shut:
        shut.setattr(Path, "open", lambda *_, **__: pytest.fail("read again"))
        assert locate(str(folder)).revision == first
    (folder / "config.json").write_text((folder / "config.json").read_text() + "\n")
    assert locate(str(folder)).revision != first


@pytest.mark.parametrize("name", CONTRASTIVE)
def test_zero_shot_scores_have_the_shape_of_the_heads(
    models: Callable[[str], Path], photos: list[Image.Image], name: str
) -> None:
    classes = {
        a: taxonomy.values(a) for a in ("category", "pattern", "sleeve", "neckline", "length", "material")
    }
    zero_shot = seat("attributes", models(name))
    together = zero_shot.scores(photos, classes)
    for scores, photo in zip(together, photos, strict=True):
        assert {a: list(values) for a, values in scores.items()} == classes
        (alone,) = zero_shot.scores([photo], classes)
        for attribute, values in scores.items():
            assert sum(values.values()) == pytest.approx(1, abs=1e-4)
            assert alone[attribute] == pytest.approx(values, abs=1e-4)


def test_zero_shot_prefers_the_sentence_that_fits(
    monkeypatch: pytest.MonkeyPatch, photos: list[Image.Image]
) -> None:
    """With a model that knows what it sees, the value whose sentences are nearest wins."""
    from perception.hub import attributes

    axes = {"striped": 0, "denim": 1}

    def of(texts: list[str]) -> np.ndarray:
        return np.eye(3)[[next((i for w, i in axes.items() if w in t), 2) for t in texts]].astype(np.float32)

    monkeypatch.setattr(attributes, "load", lambda *args: "model")
    monkeypatch.setattr(attributes.contrast, "image_vectors", lambda _, images: np.eye(3)[[0] * len(images)])
    monkeypatch.setattr(attributes.contrast, "text_vectors", lambda _, texts: of(texts))
    monkeypatch.setattr(attributes.contrast, "scale", lambda _: 100.0)
    (scores,) = attributes.ZeroShot("any").scores(photos[:1], {"pattern": ["plain", "striped", "floral"]})
    assert scores["pattern"]["striped"] > 0.99


def test_two_jobs_and_many_threads_load_a_model_once(
    models: Callable[[str], Path], photos: list[Image.Image], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(models("qwen_vl"), tmp_path / "one"))
    made: list[str] = []
    real = loading._made
    monkeypatch.setattr(loading, "_made", lambda f, job, device: (made.append(job), real(f, job, device))[1])
    captions, questions = seat("captions", folder), seat("questions", folder)
    assert made == [], "nothing is loaded before the first use"
    said: list[Any] = []
    jobs = [lambda: said.append(captions.captions(photos[:1], "en")) for _ in range(4)]
    jobs.append(lambda: questions.warm())
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1 and len(said) == 4 and all(one == said[0] for one in said)


# -- what can be wrong -----------------------------------------------------------------------------------------------


def refused(job: str, name: Path | str, kind: type[HubError]) -> str:
    """The message of the error, the same by `check`, which loads nothing, where that can tell."""
    with pytest.raises(kind) as caught:
        seat(job, name).warm()
    assert caught.value.message("zh") and "{" not in caught.value.message("zh")
    return str(caught.value)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "hf download" in refused("captions", tmp_path / "none", ModelMissing)
    (tmp_path / "empty").mkdir()
    assert "config.json" in refused("captions", tmp_path / "empty", ModelMissing)


def test_what_to_do_is_said_in_chinese_throughout(changed: Callable[..., Path], tmp_path: Path) -> None:
    (empty := tmp_path / "empty").mkdir()
    short = changed("clip")
    weights = load_file(short / "model.safetensors")
    save_file({k: v for k, v in weights.items() if "projection" not in k}, short / "model.safetensors")
    for name, words in (
        (tmp_path / "none", "没有这个文件夹"),
        (empty, "文件夹里没有 config.json"),
        ("nobody/nothing", "本机没有这个模型，而且设置了 HF_HUB_OFFLINE"),
        (short, "缺少 2 项权重"),
    ):
        with pytest.raises(HubError) as caught:
            seat("space", name).warm()
        told = caught.value.message("zh").replace(str(name), "")
        assert words in told and not re.search(r"[a-z]+ [a-z]+ [a-z]+", told.replace("hf download", "")), told


def test_an_id_that_is_not_here_asks_no_network_when_offline(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from huggingface_hub import HfApi, constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(HfApi, "model_info", lambda *a, **k: pytest.fail("the network was asked"))
    message = refused("captions", "nlpconnect/vit-gpt2-image-captioning", ModelMissing)
    assert "HF_HUB_OFFLINE" in message and "`hf download nlpconnect/vit-gpt2-image-captioning`" in message


def test_an_id_that_cannot_be_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from huggingface_hub import HfApi, constants

    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError("no route to the hub")

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(HfApi, "model_info", fail)
    message = refused("captions", "nobody/nothing-of-this-name", ModelMissing)
    assert "no route to the hub" in message and "hf download nobody/nothing-of-this-name" in message


def test_an_id_that_the_hub_cannot_be_asked_for_says_what_to_look_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The HTTP client's own error, whichever client the hub is built on: nobody listens on the address."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setattr(
            "huggingface_hub.hf_api.constants.ENDPOINT", f"http://127.0.0.1:{taken.getsockname()[1]}"
        )
        message = refused("captions", "nobody/nothing-of-this-name", ModelMissing)
    assert "nobody/nothing-of-this-name cannot be used" in message and "check the network" in message
    assert "`hf download nobody/nothing-of-this-name`" in message


def test_an_id_in_the_cache_is_used_with_its_revision(
    models: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from huggingface_hub import constants

    revision = "0123456789abcdef0123456789abcdef01234567"
    entry = tmp_path / "models--our--clip"
    shutil.copytree(models("clip"), entry / "snapshots" / revision)
    (entry / "refs").mkdir()
    (entry / "refs" / "main").write_text(revision)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    space = seat("space", "our/clip")
    assert space.signature == f"our/clip@{revision}"
    assert space.texts(["a red dress"]).shape == (1, 24)


@pytest.mark.parametrize(
    ("job", "name", "fits"),
    [
        ("captions", "clip", "VisionEncoderDecoderModel"),
        ("captions", "blip_vqa", "BlipForConditionalGeneration"),
        ("questions", "vit_gpt2", "BlipForQuestionAnswering"),
        ("questions", "blip", "AutoModelForImageTextToText"),
        ("space", "blip", "SigLIP2"),
        ("attributes", "qwen_vl", "CLIP"),
    ],
)
def test_a_model_of_the_wrong_class(models: Callable[[str], Path], job: str, name: str, fits: str) -> None:
    message = refused(job, models(name), WrongModel)
    assert fits in message and job in message
    with pytest.raises(WrongModel):
        seat(job, models(name)).check()


def test_a_model_loaded_for_one_job_is_still_refused_for_another(
    models: Callable[[str], Path], photos: list[Image.Image]
) -> None:
    seat("space", models("clip")).images(photos[:1])
    refused("captions", models("clip"), WrongModel)


@pytest.fixture
def changed(models: Callable[[str], Path], tmp_path: Path) -> Callable[..., Path]:
    def change(name: str, **config: Any) -> Path:
        folder = Path(shutil.copytree(models(name), tmp_path / "changed"))
        kept = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({**kept, **config}))
        return folder

    return change


def test_weights_that_are_cut_off(changed: Callable[..., Path]) -> None:
    folder = changed("blip")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:2000])
    refused("captions", folder, ModelBroken)


def test_weights_that_are_missing(changed: Callable[..., Path]) -> None:
    folder = changed("blip")
    weights = load_file(folder / "model.safetensors")
    left = {k: v for k, v in weights.items() if "encoder.layers.1" not in k}
    save_file(left, folder / "model.safetensors", {"format": "pt"})
    assert "missing" in refused("captions", folder, ModelBroken)


def test_a_config_that_is_no_json(changed: Callable[..., Path]) -> None:
    folder = changed("blip")
    (folder / "config.json").write_text("{")
    refused("captions", folder, ModelBroken)


class Evil:
    def __reduce__(self) -> Any:
        return (Path.touch, (Path(EVIL),))


EVIL = ""


def test_a_pickle_is_read_without_running_it(changed: Callable[..., Path], tmp_path: Path) -> None:
    global EVIL
    EVIL = str(tmp_path / "ran")
    folder = changed("clip")
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save({**weights, "evil": Evil()}, folder / "pytorch_model.bin")
    refused("space", folder, ModelBroken)
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Evil(), 2))
    refused("space", folder, ModelBroken)
    assert not Path(EVIL).exists()
    torch.save(weights, folder / "pytorch_model.bin")
    assert seat("space", folder).texts(["a dress"]).any(), (
        "an honest pickle, where there is nothing else, is read"
    )


def test_safetensors_win_over_a_pickle(changed: Callable[..., Path], models: Callable[[str], Path]) -> None:
    folder = changed("clip")
    (folder / "pytorch_model.bin").write_bytes(b"not even a pickle")
    assert np.allclose(
        seat("space", folder).texts(["a dress"]), seat("space", models("clip")).texts(["a dress"])
    )


def test_code_that_comes_with_a_model_is_not_run(changed: Callable[..., Path], tmp_path: Path) -> None:
    folder = changed(
        "clip", model_type="own", auto_map={"AutoConfig": "own.Config", "AutoModel": "own.Model"}
    )
    (folder / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    refused("space", folder, ModelBroken)
    assert not (tmp_path / "ran").exists()


def test_a_package_that_is_missing_is_named(
    models: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*args: Any) -> Any:
        raise ImportError(
            "XTokenizer requires the SentencePiece library but it was not found in your environment."
        )

    monkeypatch.setattr(loading, "_preparation", fail)
    folder = Path(shutil.copytree(models("siglip"), tmp_path / "m"))
    assert "pip install sentencepiece" in refused("space", folder, PackageMissing)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_device_that_is_not_there(models: Callable[[str], Path]) -> None:
    with pytest.raises(NoDevice, match="cuda"):
        backends.space(f"hub:{models('clip')}", "cuda").warm()  # type: ignore[union-attr]


@pytest.mark.parametrize("setting", ["", "hub", "hub:", "hub:  ", "chat:", "embeded"])
def test_a_setting_that_names_nothing(setting: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        backends.space(setting)


def test_nothing_heavy_is_imported_before_first_use() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from perception import backends; import perception.chat; "
        "[getattr(backends, j)('hub:x/y') for j in ('captions', 'questions', 'attributes', 'space')]; "
        "print([m for m in ('torch', 'transformers', 'huggingface_hub') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parent.parent
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_loading_says_nothing(
    models: Callable[[str], Path], capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(models("clip"), tmp_path / "m"))
    capfd.readouterr()
    logging.getLogger("transformers").setLevel(logging.WARNING)
    seat("space", folder).warm()
    assert "".join(capfd.readouterr()) == ""
