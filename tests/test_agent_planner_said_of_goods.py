"""What is said of goods is not taken for something else: a refused pattern, a price bound, which one is meant."""

import pytest
from planner_talk import Talk


@pytest.mark.parametrize(
    ("lang", "first", "then", "refused"),
    [
        ("en", "show me men's shirts", "no checks", {"pattern": ["checked"]}),
        ("en", "show me dresses", "no leather", {"material": ["leather", "suede"]}),
        ("zh", "看看衬衫", "不要格子", {"pattern": ["checked"]}),
    ],
)
def test_a_refused_feature_is_no_refusal_of_the_offer(
    lang: str, first: str, then: str, refused: dict[str, list[str]]
) -> None:
    talk = Talk(lang=lang)
    talk.say(first)
    talk.say(then)
    assert talk.calls[0][0] == "search_catalog" and talk.calls[0][1]["where"]["not"] == refused


@pytest.mark.parametrize(
    ("lang", "first", "then"),
    [
        ("en", "show me dresses", "I'm 168 cm and 56 kg, which size of the first one should I get?"),
        ("en", "show me dresses", "bust 88, if that helps. What size would the first one be?"),
        ("zh", "看看连衣裙", "我168，56公斤，第一条穿什么码"),
    ],
)
def test_a_size_is_told_of_the_one_that_is_named(lang: str, first: str, then: str) -> None:
    talk = Talk(lang=lang)
    talk.say(first)
    meant = talk.artifacts[0]["items"][0]["id"]
    talk.say(then)
    assert [args["product"] for _, args in talk.calls] == [meant]


@pytest.mark.parametrize(
    ("lang", "first", "then"),
    [("en", "show me dresses", "anything cheaper?"), ("zh", "看看连衣裙", "有便宜点的吗")],
)
def test_cheaper_never_ends_with_what_is_dearer(lang: str, first: str, then: str) -> None:
    talk = Talk(lang=lang)
    talk.say(first)
    for _ in range(6):
        before = talk.artifacts[-1]["items"]
        bound = sorted(float((c.get("sale_price") or c["price"])["amount"]) for c in before)
        talk.say(then)
        shown = [float((c.get("sale_price") or c["price"])["amount"]) for c in talk.artifacts[-1]["items"]]
        assert (
            shown
            and max(shown) <= bound[len(bound) // 2]
            and "1 lowest" not in str(talk.messages[-1].content)
        )


@pytest.mark.parametrize(("lang", "text"), [("en", "show me white blouses"), ("zh", "看看白色女式衬衫")])
def test_what_has_the_colour_only_in_its_dots_is_not_praised(lang: str, text: str) -> None:
    others = 0
    talk = Talk(lang=lang)
    talk.say(text)
    for _ in range(4):  # the fact that is told changes from turn to turn
        cards = talk.artifacts[-1]["items"]
        wrong = [c["name"] for c in cards if c["colors"] and c["colors"][0] != "white"]
        others += len(wrong)
        assert not any(name in str(talk.messages[-1].content) for name in wrong)
        talk.say(text)
    assert others
