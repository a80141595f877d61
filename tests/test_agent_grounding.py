"""A reply states nothing that no tool returned."""

from dataclasses import replace
from decimal import Decimal

import pytest
from grounding_scenes import LEXICON, SCENES, cases
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage, ToolCall, ToolMessage

from agent.grounding import corrected, facts, stated_amounts, violations, watch
from agent.grounding.sentences import in_chinese

SHOWN = {
    "type": "products",
    "items": [
        {
            "id": "D0001",
            "name": "Red striped tee",
            "price": {"amount": "39.99", "currency": "USD", "text": "$39.99"},
        },
        {
            "id": "D0002",
            "name": "藏青色针织衫",
            "price": {"amount": "59.00", "currency": "USD", "text": "$59.00"},
            "sale_price": {"amount": "44.25", "currency": "USD", "text": "$44.25"},
            "sizes": [{"size": "M", "quantity": 3, "in_stock": True}],
        },
    ],
    "total": 7,
    "query": {"where": {"price": {"max": "80"}}},
}
CONVERSATION = [
    HumanMessage("something under 80", additional_kwargs={"text": "something under 80"}),
    AIMessage("", tool_calls=[{"name": "search_catalog", "args": {}, "id": "1"}]),
    ToolMessage("…", tool_call_id="1", artifact=SHOWN),
]
KNOWN = facts(CONVERSATION)


@pytest.mark.parametrize(
    "reply",
    [
        "The Red striped tee is $39.99, well under $80.",
        "“藏青色针织衫”只要 44.25 美元。",
        "“藏青色针织衫”原价 59 美元，现在 44.25 美元。",
        "I found 7 options, and the best 2 items are here.",
        "Under 80 dollars there are two picks.",
        "**Red striped tee** would be my choice.",
        "一共 7 件，先看这两件。",
        "Would you like to see it in M?",
        "藏青色针织衫正在打 7.5 折，44.25 美元。",
        "That one is 25% off, and there are 3 left in M.",
        "Shall I look for more under eighty dollars?",
        "It is a '90s look.",
    ],
)
def test_backed_replies_pass(reply: str) -> None:
    assert violations(reply, KNOWN) == []


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("It costs $29.99.", "price"),
        ("只要 199 元！", "price"),
        ("“藏青色针织衫”只要 59 美元。", "price"),
        ("Now 25 dollars off.", "price"),
        ("Try our **Blue linen dress**.", "product"),
        ("推荐“黑色羊毛大衣”。", "product"),
        ("Have a look at D0099.", "product"),
        ("It costs only 19.99.", "price"),
        ("That is forty dollars.", "price"),
        ("只要两百块。", "price"),
        ("It is ₩30000.", "price"),
        ("About 30000 KRW.", "price"),
        ("Everything is 50% off today.", "price"),
        ("今天全场五折。", "price"),
        ("It is $80.", "price"),
        ("Try **Velvet Moon**, you will love it.", "product"),
        ("You may like the Velvet Moon Evening gown.", "product"),
        ("There are 25 in stock.", "stock"),
        ("只剩 12 件了。", "stock"),
        ("I found 12 options for you.", "count"),
        ("给你找到 20 件。", "count"),
        ("It is rated 4.60 of 5.", "rating"),
        ("It is 100% cotton.", "attribute"),
        ("The Red striped tee comes in XL.", "size"),
    ],
)
def test_inventions_are_found(reply: str, kind: str) -> None:
    assert kind in {v.kind for v in violations(reply, KNOWN)}


def test_the_false_sentence_is_cut_and_the_true_one_stays() -> None:
    reply = "The Red striped tee is $39.99. It was $99.99 last week! Shall I add it?"
    assert corrected(reply, KNOWN) == "The Red striped tee is $39.99. Shall I add it?"


def test_chinese_sentences_are_cut_whole() -> None:
    reply = "这件针织衫 44.25 美元。会员价 20 元！要加入购物车吗？"
    assert corrected(reply, KNOWN) == "这件针织衫 44.25 美元。要加入购物车吗？"


def test_a_price_written_in_a_policy_is_a_fact() -> None:
    policy = {"type": "policy", "topic": "shipping", "title": "Shipping", "passage": "Free from $75."}
    known = facts([ToolMessage("", tool_call_id="1", artifact=policy)])
    assert violations("Shipping is free from $75.", known) == []


def test_amounts_are_read_in_both_languages() -> None:
    assert stated_amounts("$1,299.50, 300块, 40 dollars") == [Decimal("1299.50"), Decimal(300), Decimal(40)]


PIECES = st.sampled_from(
    [
        "$12",
        "$39.99",
        "20 件",
        "“黑色大衣”",
        "**dress**",
        "D0099",
        "D0001",
        ". ",
        "。",
        "\n",
        " ",
        '"',
        "“",
        "”",
        "*",
        "hat",
        "5",
        "元",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=200))
def test_what_is_left_after_cutting_is_backed(text: str) -> None:
    assert violations(corrected(text, KNOWN), KNOWN) == []


def test_a_sentence_after_another_goes_on_about_its_product() -> None:
    scene = facts(SCENES["dresses"], LEXICON)
    first = "The Harbour linen dress is my favourite."
    assert violations(f"{first} It is linen and comes in S and M.", scene) == []
    assert [v.kind for v in violations(f"{first} It is red satin.", scene)] == ["attribute", "attribute"]
    passes = watch(scene)
    assert [passes(s) for s in (first, "It is linen.", "It is satin.")] == [True, True, False]


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("chinese", [False, True])
def test_sentences_of_known_conversations(held: bool, chinese: bool) -> None:
    """Untrue ones are found, true ones left alone; the checks were made without a look at those held out."""
    known = {scene: facts(messages, LEXICON) for scene, messages in SCENES.items()}
    judged = [
        (case.true, bool(violations(case.text, known[case.scene])))
        for case in cases()
        if case.held == held and in_chinese(case.text) == chinese
    ]
    recall = sum(found for true, found in judged if not true) / sum(not true for true, _ in judged)
    alarms = sum(found for true, found in judged if true) / sum(true for true, _ in judged)
    assert recall >= (0.75 if held else 0.97)
    assert alarms <= (0.10 if held else 0.02)


@pytest.mark.parametrize(
    ("scene", "reply", "wrong"),
    [
        ("jackets", "L码有货。", True),
        ("jackets", "山岚连帽夹克L码有货。", True),
        ("jackets", "山岚连帽夹克有L码，没有M码。", True),
        ("jackets", "山岚连帽夹克XXL码有现货。", True),
        ("jackets", "山岚连帽夹克XL码有货。", False),
        ("jackets", "山岚连帽夹克M码和XL码都有货，L码没货了。", False),
        ("jackets", "L码已经没货了。", False),
    ],
)
def test_a_size_beside_chinese_letters(scene: str, reply: str, wrong: bool) -> None:
    assert ("size" in {v.kind for v in violations(reply, facts(SCENES[scene], LEXICON))}) == wrong


@pytest.mark.parametrize(
    ("scene", "reply", "kind"),
    [
        ("harbour", "Express delivery costs 12 USD.", ""),
        ("harbour", "Express delivery costs 5 USD.", "policy"),
        ("harbour", "Express delivery takes 2-4 working days.", "policy"),
        ("shanlan", "30 天内可以退货。", ""),
        ("shanlan", "3 天内可以退货。", "policy"),
        ("shanlan", "穿过的也可以退。", "policy"),
        ("dresses", "优衣库也有一件差不多的。", "brand"),
        ("dresses", "Uniqlo has dresses as well.", "brand"),
        ("dresses", "Brandless Co makes a similar one.", "brand"),
        ("jackets", "已经帮您下单了。", "promise"),
        ("jackets", "打百分之四十的折扣。", "number"),
        ("dresses", "The Harbour linen dress is twenty percent off today.", "price"),
        ("dresses", "The Juniper wrap dress is twenty percent off.", ""),
        ("dresses", "I've let a colleague know, they will call you.", "action"),
        ("dresses", "Let me know if a colleague should call.", ""),
        ("dresses", "Cost: a tenner.", "price"),
        ("dresses", "It's only twenty quid.", "price"),
        ("dresses", "Nike Air Max would suit you too.", "product"),
        ("dresses", "The New Balance 574 is worth a look as well.", "product"),
        ("dresses", "The Harbour Linen Dress would suit you too.", ""),
        ("dresses", "Light Blue would suit you too.", ""),
        ("dresses", "Customer Service will be happy to help.", ""),
    ],
)
def test_other_words_for_what_is_not_so(scene: str, reply: str, kind: str) -> None:
    found = {v.kind for v in violations(reply, facts(SCENES[scene], LEXICON))}
    assert kind in found if kind else not found


@pytest.mark.parametrize(
    ("told", "true"),
    [
        ("Forgotten: shoes, size 39; you avoid polka dot.", True),
        ("Forgotten: shoes, size 41.", False),
        ("I'll remember that silk is what you avoid.", False),
        ("I remember that the first one is in stock in 39.", False),
    ],
)
def test_of_the_memory_only_its_own_notes_are_told(told: str, true: bool) -> None:
    card = {"id": "D1", "name": "Canvas plimsolls", "sizes": [{"size": "38", "in_stock": True, "stock": 4}]}
    notes = [{"kind": "size", "label": "Shoes, size", "text": "39"}]
    notes.append({"kind": "refused", "label": "Avoids", "text": "polka dot"})
    forget = {"type": "memory", "action": "forget", "changed": notes}
    messages: list[HumanMessage | AIMessage | ToolMessage] = []
    for number, (tool, artifact) in enumerate(
        [("search_catalog", {"type": "products", "items": [card], "total": 1}), ("memory", forget)]
    ):
        call: ToolCall = {"id": str(number), "name": tool, "args": {}}
        messages += [
            HumanMessage("go on"),
            AIMessage("", tool_calls=[call]),
            ToolMessage("ok", tool_call_id=str(number), name=tool, artifact=artifact),
        ]
    assert (not violations(told, facts(messages))) == true


@pytest.mark.parametrize(
    ("reply", "true"),
    [
        ("Here is a preview of the red striped tee in dark green.", True),
        ("这是藏青色针织衫换成墨绿色的预览图。", True),
        ("The red striped tee comes in dark green.", False),
        ("Here is a preview of the red striped tee in purple.", False),
        ("Here is a preview of the red striped tee, at $12.00.", False),
        ("Here is a preview of the red striped tee in dark green: it is not something we sell.", True),
        ("这张预览图是藏青色针织衫换成墨绿色的样子，不代表在售。", True),
        ("You can buy the red striped tee in dark green (see the preview).", False),
        ("The red striped tee comes recoloured in dark green.", False),
        ("预览图里墨绿色的藏青色针织衫可以下单。", False),
    ],
)
def test_the_colour_of_a_preview_is_told_of_the_preview_alone(reply: str, true: bool) -> None:
    known = replace(KNOWN, previews=frozenset({"green"}))
    assert (not violations(reply, known)) is true
