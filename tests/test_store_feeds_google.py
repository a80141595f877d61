"""Google's feeds: XML and tables, items that are broken cost themselves alone, nothing of a DOCTYPE is expanded."""

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.feeds.google import CHUNK, LONGEST_ITEM, items
from store.feeds.record import Problem, Refused
from tests.feeds import item, read_feed, rss, table


def xml(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "feed.xml"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_item_with_every_field(tmp_path: Path) -> None:
    feed = rss(
        item(
            "SKU-1",
            title="Navy striped shirt",
            description="<![CDATA[<p>Soft &amp; light</p><script>alert(1)</script>]]>",
            image_link="https://x.test/a.jpg",
            additional_image_link="https://x.test/b.jpg",
            sale_price="12.00 USD",
            color="Navy/Off-White",
            pattern="Pinstripe",
            material="60% linen, 40% cotton",
            gender="male",
            age_group="adult",
            size="M",
            brand="Lin",
            gtin="4006381333931",
            google_product_category="Apparel &amp; Accessories &gt; Clothing &gt; Shirts &amp; Tops",
            product_type="Men &gt; Shirts",
        )
    )
    read = read_feed(xml(tmp_path, feed))
    assert (read.format, read.refused, read.state.finished) == ("google", [], True)
    [p] = read.products
    assert (p.id, p.title.en, p.description.en) == ("SKU-1", "Navy striped shirt", "Soft & light")
    assert (p.category, p.path, p.colors, p.pattern) == (
        "shirt",
        ["Men", "Shirts"],
        ["navy", "white"],
        "striped",
    )
    assert (p.material, p.gender, p.age_group, p.brand, p.gtin) == (
        "linen",
        "men",
        "adult",
        "Lin",
        "4006381333931",
    )
    assert (p.price.amount, p.current_price.amount) == (Decimal("15.00"), Decimal("12.00"))
    assert p.images == ["https://x.test/a.jpg", "https://x.test/b.jpg"]
    assert ([s.size for s in p.sizes], p.sizes[0].quantity, p.url) == (["M"], None, "https://x.test/p")


def test_atom(tmp_path: Path) -> None:
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><title>Shop</title>'
        '<entry><g:id>1</g:id><title>红色连衣裙</title><link href="https://x.test/1"/><summary>真丝</summary>'
        "<g:price>99 CNY</g:price><g:availability>in stock</g:availability></entry></feed>"
    )
    [p] = read_feed(xml(tmp_path, feed)).products
    assert (p.title.zh, p.description.zh, p.category, p.url) == (
        "红色连衣裙",
        "真丝",
        "dress",
        "https://x.test/1",
    )
    assert (p.price.amount, p.price.currency) == (Decimal("99"), "CNY")


def test_variants_wherever_they_stand_become_one_product(tmp_path: Path) -> None:
    def of(id: str, color: str, size: str, **more: str) -> dict[str, str]:
        return {"id": id, "title": "Tee", "link": "https://x.test", "price": "10 USD", "availability": "in_stock",
                "item_group_id": "G", "color": color, "size": size, **more}  # fmt: skip

    other = of("X", "", "") | {"item_group_id": "", "title": "Linen skirt"}
    rows = [
        of("a", "red", "S"),
        other,
        of("b", "red", "M", availability="out of stock"),
        of("c", "blue", "M", price="12 USD"),
    ]
    file = tmp_path / "feed.tsv"
    file.write_text(table(rows, "\t"), encoding="utf-8")
    read = read_feed(file)
    tee, skirt = read.products
    assert (read.format, tee.id, skirt.id) == ("google", "G", "X")
    assert [(v.id, v.color, v.size, v.quantity) for v in tee.variants] == [
        ("a", "red", "S", None),
        ("b", "red", "M", 0),
        ("c", "blue", "M", None),
    ]
    assert (tee.colors, [(s.size, s.quantity) for s in tee.sizes]) == (
        ["red", "blue"],
        [("S", None), ("M", None)],
    )
    assert (tee.price.amount, tee.price_of("M").amount, tee.price_of("S").amount) == (10, 12, 10)


def test_a_category_by_its_number_and_one_that_nobody_knows(tmp_path: Path) -> None:
    feed = rss(
        item("1", title="Maxi thing", google_product_category="2271"),
        item("2", title="Oak table skirt", google_product_category="Furniture &gt; Tables"),
        item("3", title="Striped hoodie", google_product_category="212"),
    )
    first, second, third = read_feed(xml(tmp_path, feed)).products
    assert (first.category, third.category) == ("dress", "hoodie")
    assert (second.category, second.categories) == ("tables", ["furniture", "tables"])


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (item("b", price="-1 USD"), "negative_price"),
        (item("b", price="0 USD"), "zero_price"),
        (item("b", price="1e9 USD"), "bad_price"),
        (item("b", price="99999999999 USD"), "absurd_price"),
        (item("b", price="5 ZZZ"), "unknown_currency"),
        (item("b", price="5 EUR"), "other_currency"),
        (item("b", title="x" * 10_000), "long_title"),
        (item("b", title=""), "no_title"),
        (item("b", availability="maybe"), "bad_availability"),
        (item("a"), "duplicate_id"),
        (item("b", title="&lol9; dress"), "declared_entity"),
        (item("b", title="&xxe;"), "declared_entity"),
        (item("b", title="<b>open"), "not_xml"),
        (item(""), "no_id"),
    ],
    ids=lambda v: v if len(v) < 20 else "item",
)
def test_a_broken_item_costs_itself_alone(tmp_path: Path, broken: str, code: str) -> None:
    read = read_feed(xml(tmp_path, rss(item("a"), broken, item("z", title="Blue skirt"))))
    assert [p.id for p in read.products] == ["a", "z"]
    assert read.codes == [code]
    assert read.refused[0].line > 1


def test_a_bomb_is_never_lit(tmp_path: Path) -> None:
    names = [f"l{n}" for n in range(10)]
    bomb = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise(names))
    head = f'<!DOCTYPE rss [<!ENTITY l0 "lol"><!ENTITY x SYSTEM "file:///etc/passwd">{bomb}]>\n'
    read = read_feed(
        xml(tmp_path, rss(item("a"), item("b", title="&l9;"), item("c", title="&x;"), head=head))
    )
    assert [p.id for p in read.products] == ["a"]
    assert read.codes == ["declared_entity", "declared_entity"]
    assert [p.code for p in read.warnings] == ["doctype"]


def test_what_shops_write_by_mistake_is_read(tmp_path: Path) -> None:
    feed = rss(item("1", title="Tops & skirts&nbsp;&eacute;t&#233;", link="https://x.test/?a=1&b=2"))
    [p] = read_feed(xml(tmp_path, feed)).products
    assert (p.title.en, p.url) == ("Tops & skirts été", "https://x.test/?a=1&b=2")


def test_a_feed_that_was_cut_off_says_so(tmp_path: Path) -> None:
    whole = rss(item("a"), item("b", title="Blue skirt"))
    read = read_feed(xml(tmp_path, whole[: whole.index("Blue")]))
    assert [p.id for p in read.products] == ["a"]
    assert (read.codes, read.state.finished) == (["cut_off"], False)
    read = read_feed(xml(tmp_path, whole[: whole.index("</channel>")]))
    assert (len(read.products), read.state.finished) == (2, False)


def test_an_item_without_an_end_takes_no_memory_and_no_other_item() -> None:
    def chunks() -> list[str]:
        return [
            "<rss>",
            "<item><g:id>1</g:id>",
            *["x" * CHUNK] * 40,
            "</item>",
            f"<item>{item('2')}</item></rss>",
        ]

    found = [piece for _, piece in items(iter(chunks()))]
    assert isinstance(found[0], Refused) and found[0].code == "item_too_long"
    assert isinstance(found[1], str) and len(found[1]) < LONGEST_ITEM
    assert len(found) == 2


PIECES = ["<item>", "</item>", "<g:id>1</g:id>", "&", "]]>", "<![CDATA[", "\n", "x", "<item "]


@given(st.lists(st.sampled_from(PIECES), max_size=30), st.integers(1, 7))
def test_any_pieces_can_be_cut_anywhere(pieces: list[str], size: int) -> None:
    text = "".join(pieces)
    whole = list(items(iter([text])))
    cut = list(items(iter([text[i : i + size] for i in range(0, len(text), size)])))
    said = [
        [p if isinstance(p, str) else type(p) for _, p in f if not isinstance(p, Problem)]
        for f in (whole, cut)
    ]
    assert said[0] == said[1]


def test_a_semicolon_table_in_latin_1_is_a_feed_as_well(tmp_path: Path) -> None:
    rows = [{"id": "1", "title": "Été à la plage: jupe", "link": "https://x.test", "price": "12,50 EUR",
             "availability": "in stock", "image link": "https://x.test/a.jpg"}]  # fmt: skip
    file = tmp_path / "feed.txt"
    file.write_bytes(table(rows, ";").encode("latin-1"))
    read = read_feed(file)
    assert (read.format, read.encoding, read.products[0].title.en) == (
        "google",
        "cp1252",
        "Été à la plage: jupe",
    )
    assert read.products[0].price.amount == Decimal("12.50")


def test_columns_that_google_does_not_know_keep_their_meaning(tmp_path: Path) -> None:
    rows = [{"sku": "x", "id": "1", "title": "Tee", "price": "5 USD", "availability": "in stock", "item_group_id": "G",
             "image": "a.jpg", "care": "Wash cold", "image_link": "b.jpg"}]  # fmt: skip
    (tmp_path / "t.csv").write_text(table(rows))
    [p] = read_feed(tmp_path / "t.csv").products
    assert (p.id, p.images, p.care.en) == ("G", ["b.jpg", "a.jpg"], "Wash cold")


@pytest.mark.parametrize("around", ["<!-- {} -->", "<description><![CDATA[ {} ]]></description>", "<!-- {}"])
def test_an_item_that_is_commented_out_is_none(tmp_path: Path, around: str) -> None:
    hidden = around.replace("{}", "x" * 70_000 + f"<item>{item('old')}</item>")
    feed = tmp_path / "feed.xml"
    feed.write_text(rss(item("new")).replace("<title>Shop</title>", f"<title>Shop</title>{hidden}"))
    read = read_feed(feed)
    assert [p.id for p in read.products] == ([] if around == "<!-- {}" else ["new"])
    assert read.state.finished == (around != "<!-- {}")
