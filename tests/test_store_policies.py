"""Policies: questions in either language find their passage, other questions find none."""

from pathlib import Path

import pytest

from store.policies import TEMPLATE, Policies, PolicyError, begin
from tests.fakes import FakeEmbedder

POLICIES = """
topics:
  returns:
    title: {zh: 退货, en: Returns}
    passage: {zh: 30天内可退货。, en: You can return anything within 30 days.}
    keywords: {zh: [退货, 退款, 不合适], en: [return, refund, send back]}
  shipping:
    title: {zh: 配送, en: Shipping}
    passage: {zh: 满60美元免运费。, en: Orders over 60 USD ship free.}
    keywords: {zh: [快递, 包邮, 多久到], en: [shipping, delivery, deliver, parcel]}
"""


@pytest.fixture
def policies(tmp_path: Path) -> Policies:
    (tmp_path / "policies.yaml").write_text(POLICIES, encoding="utf-8")
    return Policies(tmp_path, FakeEmbedder())


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Can I return it?", "returns"),
        ("what about refunds", "returns"),
        ("不合适可以退吗", "returns"),
        ("我想退貨", "returns"),
        ("when will it be delivered", "shipping"),
        ("包邮吗?", "shipping"),
        ("how long does delivery take", "shipping"),
        ("多久到", "shipping"),
        ("退款多久到账", "returns"),
    ],
)
def test_a_question_finds_its_topic(policies: Policies, question: str, topic: str) -> None:
    assert policies.find(question, "en")[0].topic == topic


@pytest.mark.parametrize(
    "question", ["", "   ", "tell me a joke", "今天天气怎么样", "red dress", "😀", "a\0b", "x" * 50_000]
)
def test_another_question_finds_none(policies: Policies, question: str) -> None:
    assert policies.find(question, "en") == []


def test_the_passage_is_in_the_language_asked_for(policies: Policies) -> None:
    assert policies.find("returns", "zh")[0].passage == "30天内可退货。"
    assert policies.find("退货", "en")[0].title == "Returns"


def test_without_a_file_there_are_no_policies(tmp_path: Path) -> None:
    assert Policies(tmp_path).topics() == []
    assert Policies(tmp_path).find("returns", "en") == []


def test_without_an_embedder_keywords_still_find(tmp_path: Path) -> None:
    (tmp_path / "policies.yaml").write_text(POLICIES, encoding="utf-8")
    assert Policies(tmp_path).find("refund", "en")[0].topic == "returns"


@pytest.mark.parametrize(
    "text", ["a: [", "topics: 3", "topics: {returns: 3}", "topics: {returns: {passage: x}}"]
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "policies.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=r"policies\.yaml"):
        Policies(tmp_path).topics()


SHIPPING = """
topics:
  shipping:
    title: {zh: 配送, en: Shipping}
    passage:
      zh: 满 60 美元免运费。标准配送 2–4 个工作日。可送往 38 个国家。
      en: Orders over 60 USD ship free. Standard delivery takes 2-4 working days. To 38 countries in 5-9 working days.
    keywords: {zh: [快递, 包邮, 运费, 多久到, 海外], en: [shipping, ship, delivery]}
"""


@pytest.mark.parametrize(
    ("question", "lang", "told"),
    [
        ("how long does shipping take?", "en", "2-4 working days"),
        ("how much is shipping?", "en", "60 USD"),
        ("how fast do you ship?", "en", "2-4 working days"),
        ("do you ship to Spain?", "en", "38 countries"),
        ("快递多久到？", "zh", "2–4 个工作日"),
        ("运费多少钱？", "zh", "免运费"),
        ("海外能寄吗", "zh", "38 个国家"),
    ],
)
def test_a_question_after_a_time_a_price_or_a_place_gets_it(
    tmp_path: Path, question: str, lang: str, told: str
) -> None:
    (tmp_path / "policies.yaml").write_text(SHIPPING, encoding="utf-8")
    found = Policies(tmp_path, FakeEmbedder())
    assert told in found.answer(question, found.find(question, lang)[0])


def test_the_format_is_as_it_is_told(tmp_path: Path) -> None:
    told = (Path(__file__).parent.parent / "docs" / "policies.md").read_text(encoding="utf-8")
    text = told.partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "policies.yaml").write_text(text, encoding="utf-8")
    policies = Policies(tmp_path)
    assert policies.find("Can I send it back?", "zh")[0].passage.startswith("收货后 30 天")
    assert policies.find("可以包装成礼物吗", "zh")[0].passage.startswith("We wrap any order")


def test_the_template_says_nothing_until_somebody_writes_and_is_written_once(tmp_path: Path) -> None:
    path = begin(tmp_path)
    assert path == tmp_path / "policies.yaml" and Policies(tmp_path).topics() == []
    path.write_text(POLICIES, encoding="utf-8")
    assert begin(tmp_path) is None and Policies(tmp_path).topics() == ["returns", "shipping"]


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Can I return things?", "returns"),
        ("How long does shipping take?", "shipping"),
        ("how can I pay?", "payment"),
        ("怎么付款？", "payment"),
        ("多久能到？", "shipping"),
        ("可以退货吗？", "returns"),
        ("怎么联系客服", "contact"),
    ],
)
def test_the_template_filled_in_answers_what_is_asked_most(tmp_path: Path, question: str, topic: str) -> None:
    lines = TEMPLATE.read_text(encoding="utf-8").splitlines()
    start = lines.index("# topics:")
    (tmp_path / "policies.yaml").write_text(
        "\n".join(line.removeprefix("# ") for line in lines[start:]), encoding="utf-8"
    )
    assert Policies(tmp_path).find(question, "en")[0].topic == topic
