"""Caption metrics, against the published values of a known example, and what is said where one cannot run."""

import shutil
from pathlib import Path

import pytest

from ui.evals import captions
from ui.evals.captions import Captioned, figures, read, words

KNOWN = [
    Captioned(
        candidate="a man is speaking",
        references=[
            "a man speaks", "someone speaks", "a man is speaking while a bird is chirping in the background",
        ],
    ),
    Captioned(candidate="rain falls", references=["rain is falling hard on a surface"]),
]  # fmt: skip


@pytest.fixture
def no_java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)


def test_the_known_example(no_java: None) -> None:
    found = figures(KNOWN)
    assert found["metrics"]["cider_d"] == pytest.approx(0.9614, abs=1e-4)
    assert [item["cider_d"] for item in found["items"]] == [1.3641, 0.5587]
    # by hand: 6 of 6 words match, "rain" but not "falls" of 2; 6 words against 4 + 7 of the nearest references
    assert found["metrics"]["bleu_1"] == pytest.approx(5 / 6 * 2.718281828 ** (1 - 10 / 6), abs=1e-3)
    # by hand, beta = 1.2: P = R = 4/4 and 3/3 at best of the first; one word of 2 and of 7 of the second
    precision, recall = 1 / 2, 1 / 7
    assert found["items"][1]["rouge_l"] == pytest.approx(
        (1 + 1.44) * precision * recall / (recall + 1.44 * precision), abs=1e-4
    )
    assert found["references"] == 4


def test_without_java_a_metric_has_no_value_and_a_reason(no_java: None) -> None:
    found = figures(KNOWN)
    for metric in ("meteor", "spice"):
        assert found["metrics"][metric] is None
        assert "Java" in found["unavailable"][metric]
        assert all(metric not in item for item in found["items"])


@pytest.mark.skipif(
    shutil.which("java") is None, reason="METEOR needs Java, and there is no java on the PATH"
)
def test_meteor_and_spice_with_java() -> None:
    found = figures(KNOWN)
    # as the reference implementation gives it: meteor-1.5.jar -l en -norm
    assert found["metrics"]["meteor"] == pytest.approx(0.2634, abs=1e-3)
    if found["metrics"]["spice"] is None:
        assert "CoreNLP" in found["unavailable"]["spice"]  # its models are not here; nothing was downloaded


def test_without_the_package_everything_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captions, "find_spec", lambda name: None)
    found = figures(KNOWN)
    assert set(found["metrics"].values()) == {None}
    assert all("daogou[metrics]" in reason for reason in found["unavailable"].values())


def test_one_caption_has_no_cider(no_java: None) -> None:
    found = figures(KNOWN[:1])
    assert found["metrics"]["cider_d"] is None and "two captions" in found["unavailable"]["cider_d"]
    assert found["metrics"]["bleu_1"] == 1.0


def test_chinese_is_cut_into_words_and_has_no_meteor() -> None:
    assert words("一件红色的连衣裙，铺在床上。") == "一件 红色 的 连衣裙 铺 在 床上"
    rows = [
        Captioned(candidate="一件红色的连衣裙", references=["红色的连衣裙", "一条红裙子"]),
        Captioned(candidate="一双白色运动鞋", references=["一双白色的运动鞋"]),
    ]
    found = figures(rows)
    assert (
        found["tokens"] == "rjieba" and found["metrics"]["bleu_1"] > 0.5 and found["metrics"]["cider_d"] > 1
    )
    assert found["metrics"]["meteor"] is None and "English" in found["unavailable"]["meteor"]


def test_words_lose_case_and_punctuation() -> None:
    assert words("A well-worn, Navy T-shirt; it's “nice”!") == "a well worn navy t shirt it's nice"


def test_an_empty_caption_scores_nothing(no_java: None) -> None:
    found = figures([Captioned(candidate="", references=["a dress"]), *KNOWN])
    assert found["items"][0]["rouge_l"] == found["items"][0]["cider_d"] == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"candidate": "a"}', "captions.jsonl:1: references"),
        ('{"candidate": "a", "references": ["b"]}\n{"candidate": "a", "references": []}', ":2: references"),
        ("a dress", "captions.jsonl:1"),
        ("\n\n", "no captions"),
    ],
)
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "captions.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(captions.BadCaptions, match=said):
        read(file)
