"""Events as HTML: nothing from outside becomes markup, and everything a shopper needs is there."""

import re
from html.parser import HTMLParser

import pytest
from fake_shop import HOSTILE, card
from hypothesis import given
from hypothesis import strategies as st

from agent.events import Looked
from prompts import load, say
from prompts.plain import one_line
from tools.results import (
    Answer,
    Cart,
    CartLine,
    Color,
    Comparison,
    ComparisonRow,
    LookOutfit,
    OwnPiece,
    Policy,
    Preview,
    Price,
    SizeAdvice,
)  # fmt: skip
from ui import cards, looked, looks, reactions

ALLOWED = {
    "a", "article", "aside", "b", "bdi", "blockquote", "br", "button", "dd", "del", "details", "div", "dl", "dt",
    "figcaption",
    "figure", "h1", "h3", "h4", "header", "i", "img", "li", "p", "pre", "s", "section", "small", "span",
    "strong", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_comparison_marks_the_pick_what_it_speaks_for_and_what_is_alike(lang: str) -> None:
    items = [card(0, lang), card(1, lang)]
    rows = [ComparisonRow(label="P", values=["1", "2"], key="price", asked=True, best=[0])]
    made = cards.comparison(
        Comparison(items=items, rows=rows, same="alike in all", pick=items[1].id),
        lang,
        lambda name, width=0: name,
    )
    assert made.count("dg-pick") == 1 and made.index("dg-pick") > made.index(items[0].name)
    assert made.count("dg-best") == 1 and say("ui", "comparison.best", lang) in made
    assert 'class="dg-asked"' in made and "alike in all" in made


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_card_says_which_size_was_advised_and_how_sure(lang: str) -> None:
    advised = card(0, lang).model_copy(
        update={
            "advice": SizeAdvice(size="<b>L", nearest="XL", sure="low", confidence=0.3),
            "details": {"care": "x"},
        }
    )
    made = cards.detail(advised, lang, lambda name, width=0: name)
    assert "&lt;b&gt;L" in made and "XL" in made and say("ui", "card.sure.low", lang) in made
    unsaid = advised.model_copy(update={"advice": SizeAdvice()})
    assert "dg-advice" not in cards.detail(unsaid, lang, lambda name, width=0: name)


class Page(HTMLParser):
    """Collects tags, attributes and text, and fails on what is not closed."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.open = "", list[str]()
        self.feed(markup)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.text += data


def url(name: str) -> str:
    return f"pictures/{name}"


def every_card(text: str, lang: str) -> list[str]:
    """Each kind of markup, with `text` wherever something from outside goes."""
    price = Price(amount="1.00", currency="USD", text=text)
    shown = card(
        0,
        lang,
        name=text,
        brand=text,
        why=text,
        slot=text,
        price=price,
        details={"description": text, "care": text, "size_chart": {text: {text: 1.0}}},
        attributes={text: text},
    )
    look = LookOutfit(
        items=[shown], total=price, score=1, reasons=[text], board=text, left=price, missing=[text],
        given_up=[text], own=[OwnPiece(photo=text, slot=text, name=text)],
    )  # fmt: skip
    line = CartLine(id="p", name=text, size=text, quantity=2, price=price, image=None)
    garment = {
        "box": [0, 0, 1, 1],
        "category": text,
        "colors": [text],
        "pattern": text,
        "confidence": {text: 1},
    }
    seen = Looked(photo=text, look={"garments": [garment], "caption": text}, card={text: text})
    seen.card[say("tools", "labels.text", lang)] = text
    return [
        cards.said(text, ["a"], [text], text, lang, url),
        cards.reply(text, lang, writing=True),
        cards.status(text),
        cards.error(text),
        looked.heading(seen, lang),
        looked.facts(seen, lang, touchable=True),
        looked.photo(seen, lang, url),
        looked.gone(lang),
        cards.product(shown, lang, url, number=1),
        cards.detail(shown, lang, url),
        looks.look_header(look, text, lang),
        looks.board(look, text, lang, url),
        looks.own_piece(look.own[0], lang, url),
        looks.problem(text),
        cards.product(shown, lang, url, over=reactions.buttons(text, text, text, lang)),
        cards.comparison(
            Comparison(items=[shown], rows=[ComparisonRow(label=text, values=[text])]), lang, url
        ),
        cards.answer(Answer(about="a", answer=text, source="image", confidence=0.5), lang),
        cards.preview(
            Preview(
                product="p",
                name=text,
                picture="a",
                original="b",
                label=text,
                color=Color(name=text, srgb=text, kind=text),
            ),
            lang,
            url,
        ),
        cards.policy(Policy(topic="a", title=text, passage=text), lang),
        cards.cart_line(line, lang, url),
        cards.cart(Cart(lines=[line], total=price), lang, url),
        cards.cart_total(Cart(lines=[line], total=price), lang),
        cards.welcome(lang),
        cards.wordmark(text, lang),
        cards.pinned(text, "a", text, url),
        cards.relaxed(lang),
        cards.empty_shop(lang),
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
@given(
    text=st.text(max_size=60)
    | st.sampled_from([HOSTILE, "'\"><img src=x onerror=alert(1)>", "**<i>**", "- <script>"])
)
def test_nothing_from_outside_becomes_markup(text: str, lang: str) -> None:
    for markup in every_card(text, lang):
        page = Page(markup)
        assert {tag for tag, _ in page.tags} <= ALLOWED
        assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_picture_has_alt_text_except_a_second_view(lang: str) -> None:
    for markup in every_card("linen", lang):
        for tag, attributes in Page(markup).tags:
            if tag == "img":
                assert attributes["alt"] or attributes.get("class") == "dg-second" or "dg-pinned" in markup


@given(st.text(max_size=80))
def test_a_label_keeps_every_character_and_marks_nothing(text: str) -> None:
    escaped = cards.label(text)
    assert re.sub(r"\\([\\`*_{}\[\]()#+\-.!$~:<>|&@/])", r"\1", escaped) == one_line(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[*$:\[<`_~]", escaped)


def test_a_name_from_right_to_left_leaves_the_price_where_it_is() -> None:
    said = cards.prose("“שמלה ארוכה”, $39.99, and “**حذاء** 2”\u202e, $5 < $6")
    assert "“<bdi>שמלה ארוכה</bdi>”, $39.99" in said and "\u202e" not in said
    assert "<strong><bdi>حذاء</bdi></strong> 2”, $5 &lt; $6" in said
    assert cards.visible("<b>\u05d0</b>&") == "&lt;b&gt;<bdi>\u05d0</bdi>&lt;/b&gt;&amp;"


def test_a_product_card_says_price_stock_and_reason() -> None:
    text = Page(cards.product(card(0), "en", url, number=2)).text
    for expected in ("Sea linen shirt", "$30.00", "$40.00", "4.6", "close in colour", "2"):
        assert expected in text
    markup = cards.product(card(0), "en", url)
    assert '<s aria-label="S, sold out">S</s>' in markup and "<s>M" not in markup
    assert "<del>$40.00</del>" in markup


@pytest.mark.parametrize(("lang", "label"), [("zh", "预览图"), ("en", "Preview")])
def test_a_preview_stands_beside_the_original_and_says_what_it_is(lang: str, label: str) -> None:
    event = Preview(
        product="p", name="Linen shirt", picture="made", original="own", label=label,
        color=Color(name="wine red", srgb="#722f37", kind="red"),
    )  # fmt: skip
    page = Page(cards.preview(event, lang, url))
    shown = [attributes["src"] for tag, attributes in page.tags if tag == "img"]
    assert shown == ["pictures/own", "pictures/made"] and label in page.text
    assert say("ui", "preview.note", lang) in page.text and "wine red" in page.text


def test_swatches_are_coloured_by_codes_and_nothing_else() -> None:
    assert "#722f37" in cards.swatch_style("a", ["#722f37"])
    assert "url" not in cards.swatch_style("a", ["red; background: url(//x)"])


def test_a_product_that_is_sold_out_shows_no_sizes() -> None:
    markup = cards.product(card(3), "zh", url)
    assert "暂时缺货" in markup and "dg-sizes" not in markup


@pytest.mark.parametrize(
    ("confidence", "word"), [(0.95, "quite sure"), (0.6, "fairly sure"), (0.2, "not certain")]
)
def test_an_answer_says_where_from_and_how_sure(confidence: float, word: str) -> None:
    event = Answer(about="a", answer="It is linen.", source="image", confidence=confidence)
    text = Page(cards.answer(event, "en", "I think: It is linen.")).text
    assert word in text and "Seen in the picture" in text and "linen" not in text
    record = cards.answer(event.model_copy(update={"source": "catalog"}), "en")
    assert "From the product record" in record and "sure" not in Page(record).text and "linen" in record


def test_replies_keep_paragraphs_lists_and_bold() -> None:
    markup = cards.prose("First **line**\nsecond\n\n- one\n- two\nafter")
    assert (
        markup == "<p>First <strong>line</strong><br>second</p><ul><li>one</li><li>two</li></ul><p>after</p>"
    )


def test_every_word_is_there_in_both_languages() -> None:
    def check(node: object, path: str) -> None:
        assert isinstance(node, dict), path
        if set(node) & {"zh", "en"}:
            assert set(node) == {"zh", "en"}, path
            names = [set(re.findall(r"{(\w+)}", str(node[lang]))) for lang in ("zh", "en")]
            assert all(str(node[lang]).strip() for lang in ("zh", "en")) and (
                names[0] == names[1] or path == "title"
            ), path
        else:
            for key, below in node.items():
                check(below, f"{path}.{key}".strip("."))

    check(load("ui"), "")


def test_a_picture_that_is_gone_is_an_empty_frame_with_its_words() -> None:
    shown = cards.picture("p1.webp", 'the "red" dress', lambda _: "", css="dg-photo")
    assert "<img" not in shown and "dg-nopic dg-photo" in shown
    assert 'aria-label="the &quot;red&quot; dress"' in shown
    assert 'src="pictures/p1.webp"' in cards.picture("p1.webp", "it", url)
