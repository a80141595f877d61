"""What is said of a photo: a question about it, or a wish for one of its garments."""

from typing import Any

import planner_cases as cases
import pytest

from agent.planner.meaning import Meaning
from agent.planner.state import State
from agent.planner.understand import understand
from prompts import language

PHOTO: dict[str, Any] = {
    "id": "e" * 16,
    "look": {
        "garments": [
            {
                "box": [0.2, 0.05, 0.8, 0.5],
                "category": "longsleeve",
                "colors": ["navy"],
                "pattern": "striped",
            },
            {"box": [0.2, 0.5, 0.8, 0.88], "category": "pants", "kind": "jeans", "colors": ["blue"]},
            {"box": [0.3, 0.88, 0.7, 1.0], "category": "shoes", "colors": ["white"]},
        ]
    },
}


def heard(text: str, sent_with: bool, listed: bool = False) -> Meaning:
    """What a message means beside a photo, or after one."""
    state = State()
    state.add_pictures([PHOTO])
    if listed:
        state.fold("search_catalog", {"where": {}}, {"type": "products", "items": cases.CARDS, "total": 4})
    photos = [PHOTO["id"]] if sent_with else []
    return understand(text, photos, state, cases.lexicon(), language=language.detect(text))


@pytest.mark.parametrize("sent_with", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        "what colour are the shoes?", "左边那件是什么颜色", "is the one on the left striped?", "isn't it red?",
        "不是红色吧",
        "does the top go with the jeans?", "这两件搭吗", "does it go with black trousers?", "what does the label say?",
        "尺码表上 M 码胸围多少", "吊牌上价格多少", "how much does it weigh?", "will it shrink?", "背面是什么样的",
        "would it suit an interview?", "is there a hood", "how many garments are there?",
    ],
)  # fmt: skip
def test_questions_are_put_to_the_photo(text: str, sent_with: bool) -> None:
    meaning = heard(text, sent_with)
    assert (meaning.intent, meaning.tool) == ("ask_photo", "ask_image")
    assert meaning.args == {"question": text, "photo": PHOTO["id"]}


@pytest.mark.parametrize(
    ("text", "tool", "garment", "category"),
    [
        ("find something similar to the shoes in the photo", "search_catalog", 2, "shoes"),
        ("照片里的鞋有同款吗", "search_catalog", 2, "shoes"),
        ("找和下面那条差不多的", "search_catalog", 1, "pants"),
        ("similar to the second one in the picture", "search_catalog", 1, "pants"),
        ("show me jeans like these", "search_catalog", 1, "jeans"),
        ("what would go with the jeans?", "match_outfit", 1, None),
        ("下面那条裤子配什么鞋", "match_outfit", 1, None),
    ],
)
def test_wishes_reach_one_garment(text: str, tool: str, garment: int, category: str | None) -> None:
    args = heard(text, sent_with=True).args
    assert heard(text, sent_with=True).tool == tool
    assert args["photo"] == PHOTO["id"] and args["garment"] == garment
    assert category is None or args["where"]["category"] == [category]


@pytest.mark.parametrize("text", ["有红色的吗", "do you have it in red?", "这件多少钱", "red dresses please"])
def test_wishes_for_goods_stay_searches(text: str) -> None:
    assert heard(text, sent_with=True).tool == "search_catalog"


def test_a_list_is_not_taken_for_the_photo() -> None:
    assert heard("is the second one striped?", sent_with=False, listed=True).tool != "search_catalog"
    assert heard("is the second one striped?", sent_with=False, listed=True).args.get("photo") is None


@pytest.mark.parametrize(
    "text", ["how long does delivery take?", "how long do I have to return it?", "多久能到？"]
)
def test_a_question_on_the_shops_terms_is_not_about_the_photo(text: str) -> None:
    assert heard(text, sent_with=False).tool == "shop_policy"


SIDES: dict[str, Any] = {
    "id": "d" * 16,
    "look": {
        "garments": [
            {"box": [0.5, 0.1, 0.95, 0.9], "category": "shoes", "colors": ["white"]},
            {"box": [0.05, 0.1, 0.45, 0.9], "category": "t-shirt", "colors": ["red"]},
        ]
    },
}


def after_sides(cards: int) -> State:
    """What is known once the like of a photo's main garment was shown, as that many cards."""
    state = State()
    state.add_pictures([SIDES])
    found = {"type": "products", "items": cases.CARDS[:cards], "total": cards}
    state.fold("search_catalog", {"where": {"category": ["shoes"]}, "photo": SIDES["id"]}, found)
    state.photo = SIDES["id"]
    return state


@pytest.mark.parametrize(
    ("text", "tool", "args"),
    [
        ("左边那件有类似的吗", "search_catalog", {"photo": SIDES["id"], "garment": 1}),
        ("anything like the one on the left?", "search_catalog", {"photo": SIDES["id"], "garment": 1}),
        ("左边那件是什么颜色？", "ask_image", {"photo": SIDES["id"]}),
        ("what goes with the one on the right?", "match_outfit", {"photo": SIDES["id"]}),
    ],
)
def test_a_side_is_one_of_the_photo_while_its_like_is_shown(
    text: str, tool: str, args: dict[str, Any]
) -> None:
    meaning = understand(text, [], after_sides(4), cases.lexicon(), language=language.detect(text))
    assert meaning.tool == tool and args.items() <= meaning.args.items()


@pytest.mark.parametrize(
    ("text", "cards", "product"),
    [
        ("左边那件是什么材质", 2, cases.CARDS[0]["id"]),  # two cards lie side by side
        ("右边那件加购物车", 4, cases.CARDS[3]["id"]),
        ("第二双有几个码", 4, cases.CARDS[1]["id"]),
    ],
)
def test_cards_keep_what_is_said_of_cards(text: str, cards: int, product: str) -> None:
    meaning = understand(text, [], after_sides(cards), cases.lexicon(), language="zh")
    assert meaning.args["product"] == product


BARE: dict[str, Any] = {"id": "a" * 16, "look": {"garments": []}}


@pytest.mark.parametrize("order", [(BARE, PHOTO), (PHOTO, BARE)], ids=["label first", "garment first"])
@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize(
    ("text", "photo"),
    [
        ("anything like this?", PHOTO),
        ("what colour are the shoes?", PHOTO),
        ("what does the label say?", BARE),
        ("标签上写着什么", BARE),
    ],
)
def test_of_photos_sent_together_the_one_that_can_answer_is_meant(
    order: tuple[dict[str, Any], ...], later: bool, text: str, photo: dict[str, Any]
) -> None:
    state = State()
    state.add_pictures(order)
    sent = [] if later else [p["id"] for p in order]
    meaning = understand(text, sent, state, cases.lexicon(), language=language.detect(text))
    assert meaning.args["photo"] == photo["id"]
