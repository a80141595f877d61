"""The dialog format is strict, and every gate can fail: each is shown a turn that must not pass."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from prompts import language
from store.types import Product
from ui.dialogs import gates, grounding
from ui.dialogs.observed import Conversation, Observed, at, matches
from ui.dialogs.reading import collect, load
from ui.dialogs.script import Expect, ScriptError, Touched

BASE: dict[str, Any] = {
    "id": "one",
    "why": "because",
    "turns": [{"user": {"text": {"zh": "你好", "en": "hi"}}}],
}


def product(number: int, **changes: Any) -> Product:
    base: dict[str, Any] = {
        "id": f"P{number:04}",
        "title": {"zh": f"红色连衣裙{number}号", "en": f"Red Dress No {number}"},
        "category": "dress",
        "colors": ["red"],
        "price": {"amount": f"{number}0.00", "currency": "USD"},
        "sizes": [{"size": "S", "quantity": 0}, {"size": "M", "quantity": 2}],
    }
    return Product.model_validate(base | changes)


SHOP = [product(1), product(2), product(3, colors=["black"], category="boots", rating=4.5), product(4)]


def card(p: Product, **changes: Any) -> dict[str, Any]:
    return {
        "id": p.id,
        "name": p.title.en,
        "price": {"amount": str(p.price.amount), "currency": "USD", "text": f"${p.price.amount}"},
        "sale_price": None,
        "in_stock": p.in_stock,
        "sizes": [{"size": s.size, "quantity": s.quantity, "in_stock": s.quantity > 0} for s in p.sizes],
        "nearest": False,
        **changes,
    }


def shown(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "products", "items": list(items), "total": len(items), "relaxed": [], **more}


def turn(
    reply: str, *events: dict[str, Any], text: str = "hi", before: Any = (), after: Any = ()
) -> Observed:
    lang = language.detect(reply, default="en")
    names = {p.id: p.title.get(lang) for p in SHOP}
    events = copy.deepcopy(events)
    for item in (i for e in events if e["type"] == "products" and lang == "zh" for i in e["items"]):
        item["name"] = names[item["id"]]
    frame = [{"type": "turn_started", "session": "s", "turn": 0, "language": lang}]
    closing = [{"type": "token", "text": reply}, {"type": "done", "text": reply}]
    carts = [{"type": "cart", "lines": list(lines)} for lines in (before, after)]
    return Observed(text, "en", [*frame, *events, *closing], *carts)


def conversation(*turns: Observed, shop: list[Product] = SHOP) -> Conversation:
    titles = {title: {p.id} for p in shop for title in (p.title.zh, p.title.en)}
    return Conversation(
        products=lambda ids: [p for i in ids for p in shop if p.id == i],
        titles=titles,
        ids={p.id for p in shop},
        tools=["search_catalog", "cart", "match_outfit"],
        turns=list(turns),
    )


def failed(expect: dict[str, Any], *turns: Observed, captured: dict[str, Any] | None = None) -> set[str]:
    talk = conversation(*turns)
    talk.captured.update(captured or {})
    if "products" in expect:
        expect = expect | {"products": {"min": 0} | expect["products"]}
    return {f.gate for f in gates.check(Expect.model_validate({"grounding": []} | expect), talk)}


# -- the format --


def write(folder: Path, value: Any, name: str = "s.yaml") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")
    return path


def test_a_script_runs_in_the_languages_of_all_its_texts(tmp_path: Path) -> None:
    assert load(write(tmp_path, BASE)).langs() == ("zh", "en")
    only = copy.deepcopy(BASE)
    only["turns"].append({"user": {"text": {"en": "more"}}})
    assert load(write(tmp_path, only)).langs() == ("en",)
    plain = BASE | {"turns": [{"user": {"text": "😀"}}], "fixture": {"locale": "zh"}}
    assert load(write(tmp_path, plain)).langs() == ("zh",)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.update(surprise=1),
        lambda s: s["turns"][0].update(expct={}),
        lambda s: s["turns"][0]["user"].update(photos_=["a.jpg"]),
        lambda s: s["turns"][0].update(expect={"products": {"minimum": 2}}),
        lambda s: s["turns"][0].update(expect={"products": {"every": {"colour": "red"}}}),
        lambda s: s["turns"][0].update(expect={"products": {"every": {"color": "reddish"}}}),
        lambda s: s["turns"][0].update(expect={"grounding": ["no_invented_prodct"]}),
        lambda s: s["turns"][0].update(expect={"state": {"cart": "untouched"}}),
        lambda s: s["turns"][0].update(expect={"any_of": [{"stat": {}}]}),
        lambda s: s["turns"][0].update(restart=True),
        lambda s: s.update(turns=[]),
        lambda s: s.update(why=""),
        lambda s: s.update(runs={"n": 4, "require": "pass^2"}),
        lambda s: s.update(model="offlin"),
        lambda s: s["turns"][0]["user"].update(photo="not_there.jpg"),
        lambda s: s["turns"].append({"user": {}}),
        lambda s: s.update(turns=[{"user": {"text": {"zh": "好"}}}, {"user": {"text": {"en": "ok"}}}]),
    ],
)
def test_a_mistake_in_a_script_is_an_error(tmp_path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    script = copy.deepcopy(BASE)
    change(script)
    with pytest.raises(ScriptError, match=r"s\.yaml"):
        load(write(tmp_path, script))


@pytest.mark.parametrize(
    "text", ["", "- a\n- b", "{", "id: [", "\x00", "just words", "id: a\nid: b", "turns: &t [*t]"]
)
def test_what_is_no_script_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScriptError):
        load(path)


def test_folders_are_searched_and_ids_are_unique(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    write(tmp_path, BASE)
    write(tmp_path / "inner", BASE | {"id": "two"})
    assert [s.id for s in collect([tmp_path])] == ["two", "one"]
    write(tmp_path / "inner", BASE)
    with pytest.raises(ScriptError, match="also the id"):
        collect([tmp_path])
    with pytest.raises(ScriptError, match="no such file"):
        collect([tmp_path / "nowhere"])


def test_the_sample_of_the_design_is_a_script(tmp_path: Path) -> None:
    sample = """
    id: photo_then_outfit
    why: a colour seen in the photo must not become a catalogue fact
    tags: [image, outfit, cart]
    fixture: {catalog: demo, locale: zh}
    model: offline
    runs: {n: 4, require: pass^4}
    turns:
      - user: {text: {zh: 这件配什么鞋?, en: What shoes go with this?}, photo: red_coat.png}
        expect:
          tools: {called: [match_outfit], not_called: [add_to_cart]}
          products: {min: 2, max: 6, every: {category: shoes, in_stock: true}, none: {color: red}}
          capture: {first: "products[0].id"}
          grounding: [no_invented_product, no_unbacked_price, cards_equal_prose]
          state: {cart: unchanged}
      - user: {text: {zh: 第一双加购, en: add the first one}}
        expect:
          any_of: [{state: {cart: [{id: $first, qty: 1}]}}, {state: {cart: unchanged}, reply: {asks: size}}]
    """
    (tmp_path / "red_coat.png").write_bytes(b"")
    (tmp_path / "sample.yaml").write_text(sample, encoding="utf-8")
    script = load(tmp_path / "sample.yaml")
    assert script.runs.n == 4
    assert script.turns[0].user and script.turns[0].user.files() == ["red_coat.png"]


# -- what holds always --


def test_an_error_event_fails_the_turn_unless_it_was_expected() -> None:
    broken = turn("sorry", {"type": "error", "code": "truncated", "message": "sorry"})
    assert failed({}, broken) == {"error"}
    assert failed({"error": "truncated"}, broken) == set()
    assert failed({"error": "too_large"}, broken) == {"error"}
    assert failed({"error": "truncated"}, turn("fine")) == {"error"}


def test_a_turn_has_its_frame_and_a_reply() -> None:
    assert failed({}, turn("")) == {"frame"}
    unclosed = turn("hello")
    unclosed.events.pop()
    assert "frame" in failed({}, unclosed)
    other = turn("hello")
    other.events[-2]["text"] = "goodbye"
    assert failed({}, other) == {"frame"}


@pytest.mark.parametrize(
    "change",
    [
        {"price": {"amount": "9.99", "currency": "USD", "text": "$9.99"}},
        {"sale_price": {"amount": "5.00", "currency": "USD", "text": "$5"}},
        {"in_stock": False},
        {"name": "Crimson Gown"},
        {"id": "P9999"},
        {"sizes": []},
    ],
)
def test_a_card_that_is_not_the_record_fails(change: dict[str, Any]) -> None:
    assert failed({}, turn("One dress.", shown(card(SHOP[0])))) == set()
    assert failed({}, turn("One dress.", shown(card(SHOP[0], **change)))) == {"facts"}


# -- the gates --

CALL = {
    "type": "thinking",
    "tool": "cart",
    "label": "",
    "args": {"action": "add", "product": "P0001", "quantity": 1},
}
TWO = shown(card(SHOP[0]), card(SHOP[1]))
MIXED = shown(card(SHOP[1]), card(SHOP[0]), card(SHOP[2]))


@pytest.mark.parametrize(
    ("expect", "good"),
    [
        ({"tools": {"called": ["cart"]}}, True),
        ({"tools": {"called": ["cart.add"]}}, True),
        ({"tools": {"called": ["add_to_cart"]}}, True),
        ({"tools": {"called": [{"name": "cart", "args": {"product": "$first"}}]}}, True),
        ({"tools": {"called": ["cart.remove"]}}, False),
        ({"tools": {"called": ["search_catalog"]}}, False),
        ({"tools": {"not_called": ["cart"]}}, False),
        ({"tools": {"not_called": ["add_to_cart"]}}, False),
        ({"tools": {"any": ["search_catalog", "match_outfit"]}}, False),
        ({"tools": {"any": ["search_catalog", "cart"]}}, True),
    ],
)
def test_tools(expect: dict[str, Any], good: bool) -> None:
    assert failed(expect, turn("ok", CALL), captured={"first": "P0001"}) == (set() if good else {"tools"})


def test_a_tool_that_does_not_exist_is_a_mistake_of_the_script() -> None:
    with pytest.raises(ScriptError, match="no tool"):
        failed({"tools": {"not_called": ["serch_catalog"]}}, turn("ok"))


@pytest.mark.parametrize(
    ("expect", "gate"),
    [
        ({"min": 3, "max": 3}, None),
        ({"min": 4}, "products.min"),
        ({"max": 2}, "products.max"),
        ({"every": {"category": "dress"}}, "products.every"),
        ({"every": {"category": ["dress", "shoes"]}}, None),
        ({"every": {"price": {"max": 20}}}, "products.every"),
        ({"every": {"price": {"max": "$price"}}}, None),
        ({"every": {"price": {"below": "$price"}}}, "products.every"),
        ({"every": {"size": "S"}}, "products.every"),
        ({"every": {"size": "M", "in_stock": True, "on_sale": False, "nearest": False}}, None),
        ({"every": {"nearest": True}}, "products.every"),
        ({"none": {"color": "black"}}, "products.none"),
        ({"none": {"color": "green"}}, None),
        ({"none": {"id": ["P0001"]}}, "products.none"),
        ({"some": {"color": "black"}}, None),
        ({"some": {"color": "green"}}, "products.some"),
        ({"sorted": "price_asc"}, "products.sorted"),
        ({"relaxed": True}, "products.relaxed"),
        ({"relaxed": False}, None),
    ],
)
def test_products(expect: dict[str, Any], gate: str | None) -> None:
    captured = {"price": {"amount": "30.00", "currency": "USD"}}
    assert failed({"products": expect}, turn("three of them", MIXED), captured=captured) == (
        {gate} if gate else set()
    )


def test_products_new() -> None:
    first, again = turn("a", shown(card(SHOP[0]))), turn("b", shown(card(SHOP[0]), card(SHOP[1])))
    other = turn("c", shown(card(SHOP[1])))
    assert failed({"products": {"new": True}}, first, again) == {"products.new"}
    assert failed({"products": {"new": True}}, first, other) == set()


LINE = {"id": "P0001", "quantity": 1, "size": "M", "price": {"amount": "10.00"}}
OTHER = LINE | {"id": "P0002", "price": {"amount": "20.00"}}


@pytest.mark.parametrize(
    ("cart", "before", "after", "good"),
    [
        ("unchanged", [LINE], [LINE], True),
        ("unchanged", [], [LINE], False),
        ("changed", [], [LINE], True),
        ("changed", [LINE], [LINE], False),
        ("empty", [LINE], [], True),
        ("empty", [], [LINE], False),
        ([{"id": "$first", "qty": 1}], [], [LINE], True),
        ([{"id": "$first", "qty": 1, "size": "M"}], [], [LINE], True),
        ([{"id": "$first", "qty": 1, "size": "S"}], [], [LINE], False),
        ([{"id": "$first", "qty": 2}], [], [LINE], False),
        ([{"id": "$first", "qty": 1}], [], [LINE, OTHER], False),
    ],
)
def test_cart(cart: Any, before: Any, after: Any, good: bool) -> None:
    result = failed(
        {"state": {"cart": cart}}, turn("ok", before=before, after=after), captured={"first": "P0001"}
    )
    assert result == (set() if good else {"state.cart"})


def test_looked() -> None:
    seen = {
        "type": "looked",
        "photo": "x",
        "look": {"garments": [{"category": "boots", "colors": ["black", "white"]}]},
    }
    assert (
        failed({"looked": {"category": "shoes", "color": "black", "garments": 1}}, turn("ok", seen)) == set()
    )
    assert failed({"looked": {"category": "dress"}}, turn("ok", seen)) == {"looked"}
    assert failed({"looked": {"color": "red"}}, turn("ok", seen)) == {"looked"}
    assert failed({"looked": {"category": "shoes"}}, turn("ok")) == {"looked"}


def test_outfit() -> None:
    items = [card(SHOP[0], slot="onepiece"), card(SHOP[2], slot="shoes")]
    event = {
        "type": "outfit",
        "looks": [{"items": items, "total": {"amount": "40.00"}, "score": 1, "reasons": []}],
    }
    good = {"outfit": {"min": 1, "items_min": 2, "slots": ["shoes"], "max_total": 40}}
    assert failed(good, turn("one look", event)) == set()
    for wrong in ({"min": 2}, {"max": 0}, {"items_min": 3}, {"slots": ["bag"]}, {"max_total": 30}):
        assert failed({"outfit": wrong}, turn("one look", event)) == {"outfit"}
    assert failed({"outfit": {}}, turn("none")) == {"outfit"}


def test_comparison() -> None:
    event = {
        "type": "comparison",
        "items": [card(SHOP[0]), card(SHOP[1])],
        "rows": [{"label": "price", "values": ["10", "20"]}],
    }
    captured = {"a": "P0001", "b": "P0002", "c": "P0004"}
    good = {"comparison": {"items": ["$b", "$a"], "rows_min": 1}}
    assert failed(good, turn("two", event), captured=captured) == set()
    for wrong in ({"items": ["$a", "$c"]}, {"rows_min": 2}):
        assert failed({"comparison": wrong}, turn("two", event), captured=captured) == {"comparison"}
    ragged = event | {"rows": [{"label": "price", "values": ["10"]}]}
    assert failed(good, turn("two", ragged), captured=captured) == {"comparison"}


def test_answer_and_policy() -> None:
    answer = {
        "type": "answer",
        "about": "P0001",
        "answer": "red",
        "value": "red",
        "source": "catalog",
        "confidence": 1.0,
    }
    assert (
        failed({"answer": {"about": "P0001", "source": ["catalog"], "value": "red"}}, turn("Red.", answer))
        == set()
    )
    for wrong in ({"about": "x"}, {"source": "image"}, {"value": "blue"}, {"max_confidence": 0.5}):
        assert failed({"answer": wrong}, turn("Red.", answer)) == {"answer"}
    assert failed({"answer": {}}, turn("Red.")) == set() or failed(
        {"answer": {"value": 1}}, turn("Red.")
    ) == {"answer"}
    rule = {"type": "policy", "topic": "returns", "title": "", "passage": "30 days"}
    assert failed({"policy": ["returns"]}, turn("30 days", rule)) == set()
    assert failed({"policy": "shipping"}, turn("30 days", rule)) == {"policy"}


def test_reply() -> None:
    assert failed({"reply": {"language": "zh"}}, turn("Hello there")) == {"reply.language"}
    assert failed({"reply": {"language": {"zh": "zh", "en": "en"}}}, turn("Hello there")) == set()
    assert failed({"reply": {"max_chars": 3}}, turn("Hello there")) == {"reply.max_chars"}
    assert failed({"reply": {"asks": "size"}}, turn("Which size would you like?")) == set()
    assert failed({"reply": {"asks": "size"}}, turn("Your size is M. Anything else?")) == {"reply.asks"}
    missing = {"type": "cart", "lines": [], "problem": "need_size"}
    assert failed({"reply": {"asks": "size"}}, turn("S, M or L", missing)) == set()


def test_events_any_of_and_capture() -> None:
    assert (
        failed({"events": ["products", {"type": "products", "items": [{"id": "P0002"}]}]}, turn("two", TWO))
        == set()
    )
    assert failed({"events": ["cart"], "no_events": ["products"]}, turn("two", TWO)) == {
        "events",
        "no_events",
    }
    assert failed({"any_of": [{"events": ["cart"]}, {"products": {"min": 2}}]}, turn("two", TWO)) == set()
    assert failed({"any_of": [{"events": ["cart"]}, {"products": {"min": 3}}]}, turn("two", TWO)) == {
        "any_of"
    }
    assert failed({"capture": {"x": "products[7].id"}}, turn("two", TWO)) == {"capture"}
    with pytest.raises(ScriptError, match="never captured"):
        failed({"products": {"every": {"id": "$nobody"}}}, turn("two", TWO))


def test_paths() -> None:
    seen = turn("two", TWO, after=[LINE])
    assert at("products[1].id", seen) == "P0002"
    assert at("products[*].id", seen) == ["P0001", "P0002"]
    assert at("cart.lines[0].size", seen) == "M"
    assert at("reply", seen) == "two"
    with pytest.raises(ScriptError):
        at("products[", seen)


def test_matches() -> None:
    assert matches({"a": [1]}, {"a": [2, 1.0], "b": 3})
    assert matches({"price": 20}, {"price": "20.00"})
    assert not matches({"a": True}, {"a": "True"})
    assert not matches({"a": []}, {"a": {}})
    assert not matches({"a": 1}, {"a": "x"})


# -- grounding --

ALL = {"grounding": "all"}


@pytest.mark.parametrize(
    "reply",
    [
        "Here are two: Red Dress No 1 at $10.00 and Red Dress No 2 for $20.",
        "I found 2 dresses under $30.",
        "找到两件红色连衣裙，最便宜的 10 元。",
        "红色连衣裙1号和红色连衣裙2号都不错，第一件只剩 2 件。",
        "Of these two the first is $10 cheaper than the second.",
        "Two of them, both in red, and neither is silk.",
        "Is the first one the green you had in mind? There are two.",
        "Here are two for “red dress”. You could also say “a linen dress under 200”.",
        "2 red dresses fit; these 2 come closest, $10.00 to $20.00.",
        "Cheaper picks: 2, from $10.00. Only 2 left in M.",
        "连衣裙有这 2 款，$10.00 起，第一款还剩 2 件。",
        "最接近的是这两款，$10.00 到 $20.00。",
        "Red Dress No 1 and Red Dress No 2; only 2 left in M. Which one?",
    ],
)
def test_a_grounded_reply_passes(reply: str) -> None:
    assert failed(ALL, turn(reply, TWO, text="dresses under 30")) == set()


@pytest.mark.parametrize(
    ("reply", "gate"),
    [
        ("Here are two, from $9.50.", "no_unbacked_price"),
        ("找到两件，最便宜的 15 元。", "no_unbacked_price"),
        ("找到两件，最便宜的十五块钱。", "no_unbacked_price"),
        ("I found 2: Red Dress No 1 and Red Dress No 4.", "no_invented_product"),
        ("I found 2, P0001 and P0077.", "no_invented_product"),
        ("Here are two. The “Harbour Deluxe Dress” is nice too.", "no_invented_product"),
        ("这两件之外，还有「云朵限定连衣裙」。", "no_invented_product"),
        ("I found 5 dresses.", "cards_equal_prose"),
        ("给你挑了三件红色连衣裙。", "cards_equal_prose"),
        ("最接近的是这 6 款。", "cards_equal_prose"),
        ("6 red dresses fit.", "cards_equal_prose"),
        ("Cheaper picks: 6.", "cards_equal_prose"),
        ("Have a look.", "cards_equal_prose"),
        ("Red Dress No 1 is lovely.", "cards_equal_prose"),
        ("Here are two; only 5 left in M.", "no_unbacked_number"),
        ("Two dresses, and you have 30 days to return them.", "no_unbacked_number"),
        ("这两件都有 20% 的折扣。", "no_unbacked_number"),
        ("Two of them: Red Dress No 1 is silk.", "no_unbacked_attribute"),
        ("Two dresses in a deep green.", "no_unbacked_attribute"),
        ("这两件都是真丝的。", "no_unbacked_attribute"),
        ("I've added Red Dress No 1 to your cart; the two are lovely.", "no_untrue_claim"),
        ("两件都不错，已经帮你把第一件加进购物车了。", "no_untrue_claim"),
        ("Two dresses. I've handed you over to a colleague.", "no_untrue_claim"),
        ("Two dresses. Both are gone: I removed them from your cart.", "no_untrue_claim"),
    ],
)
def test_an_ungrounded_reply_fails(reply: str, gate: str) -> None:
    assert gate in failed(ALL, turn(reply, TWO))


def test_a_fact_of_an_earlier_turn_still_backs_a_reply() -> None:
    assert failed(ALL, turn("two", TWO), turn("Red Dress No 2 is $20.00.")) == set()


@given(st.text())
def test_reading_a_reply_never_fails(text: str) -> None:
    grounding.amounts(text)
    grounding.counted(text)
    grounding.asks(text, [], "size")
    grounding.invented(text, {"Red Dress": {"P1"}}, set(), {"P0001"}, [text])


@given(st.integers(min_value=0, max_value=99_999))
def test_chinese_numerals(value: int) -> None:
    digits = "零一二三四五六七八九"

    def spell(n: int) -> str:
        for unit, name in ((10000, "万"), (1000, "千"), (100, "百"), (10, "十")):
            if n >= unit:
                high, low = divmod(n, unit)
                gap = "零" if 0 < low < unit // 10 else ""
                return spell(high) + name + gap + (spell(low) if low else "")
        return digits[n]

    assert grounding.han(spell(value)) == value


# -- touching a garment of a photo --


def looked(photo: str, *categories: str) -> dict[str, Any]:
    return {"type": "looked", "photo": photo, "look": {"garments": [{"category": c} for c in categories]}}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({}, ("new", 0)),
        ({"garment": 1}, ("new", 1)),
        ({"garment": "shoes"}, ("new", 1)),
        ({"photo": "$first", "garment": "bottoms"}, ("old", 1)),
    ],
)
def test_a_touched_garment_is_found_by_place_or_kind(said: dict[str, Any], meant: tuple[str, int]) -> None:
    talk = Conversation(lambda ids: [], {}, set(), [], captured={"first": "old"})
    talk.turns += [turn("a", looked("old", "shirt", "jeans")), turn("b", looked("new", "dress", "boots"))]
    found = talk.touched(Touched.model_validate(said))
    assert (found.photo, found.garment) == meant


@pytest.mark.parametrize("said", [{"garment": 2}, {"garment": "hat"}, {"photo": "other"}])
def test_a_garment_that_no_photo_shows_cannot_be_touched(said: dict[str, Any]) -> None:
    talk = Conversation(lambda ids: [], {}, set(), [])
    talk.turns.append(turn("a", looked("new", "dress", "boots")))
    with pytest.raises(ScriptError, match="garment"):
        talk.touched(Touched.model_validate(said))


@pytest.mark.parametrize("focus", [{"garment": "trouserz"}, {"garment": -1}, {"place": 1}])
def test_a_touch_that_can_mean_nothing_is_refused(focus: dict[str, Any], tmp_path: Path) -> None:
    script = copy.deepcopy(BASE)
    script["turns"][0]["user"]["focus"] = focus
    (file := tmp_path / "one.yaml").write_text(yaml.safe_dump(script))
    with pytest.raises(ScriptError):
        load(file)
