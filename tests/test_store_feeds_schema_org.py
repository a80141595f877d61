"""schema.org products in pages: wherever JSON-LD puts them, and whatever pages put around it."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.feeds import schema_org
from store.feeds.linked import products
from store.feeds.record import Offer
from store.feeds.schema_org import of_page
from tests.feeds import read_feed

SHIRT: dict[str, Any] = {
    "@context": "https://schema.org/", "@type": "Product", "name": "Linen shirt", "sku": "S1", "color": "Navy",
    "description": "<p>Cool &amp; light</p>", "brand": {"@type": "Brand", "name": "Mulin"}, "material": "Linen",
    "image": ["https://x.test/1.jpg", {"@type": "ImageObject", "contentUrl": "https://x.test/2.jpg"}],
    "category": "Apparel & Accessories > Clothing > Shirts & Tops", "gtin13": "4006381333931",
    "audience": {"@type": "PeopleAudience", "suggestedGender": "https://schema.org/Male"},
    "aggregateRating": {"ratingValue": "4.5", "reviewCount": "12"},
    "offers": {"@type": "Offer", "price": "40.00", "priceCurrency": "USD", "availability": "https://schema.org/InStock"},
}  # fmt: skip


def page(*values: Any, kind: str = "application/ld+json") -> str:
    scripts = "".join(
        f'<script type="{kind}">\n{v if isinstance(v, str) else json.dumps(v)}\n</script>' for v in values
    )
    return f"<!doctype html><html><head><script>var x = '</p>';</script>{scripts}</head><body><p>Hi</p></body></html>"


def offers(text: str) -> list[Offer]:
    return [read for read in of_page(text) if isinstance(read, Offer)]


def test_a_page_with_a_product(tmp_path: Path) -> None:
    (tmp_path / "p.html").write_text(page(SHIRT))
    found = read_feed(tmp_path / "p.html")
    assert (found.format, found.refused) == ("schema", [])
    [p] = found.products
    assert (p.id, p.title.en, p.description.en, p.brand) == ("S1", "Linen shirt", "Cool & light", "Mulin")
    assert (p.category, p.colors, p.material, p.gender) == ("shirt", ["navy"], "linen", "men")
    assert (p.price.amount, p.rating, p.rating_count, p.gtin) == (Decimal("40"), 4.5, 12, "4006381333931")
    assert p.images == ["https://x.test/1.jpg", "https://x.test/2.jpg"]


@pytest.mark.parametrize(
    "around",
    [
        lambda p: [p],
        lambda p: {"@graph": [{"@type": "WebPage"}, p]},
        lambda p: {"@type": "WebPage", "mainEntity": p},
        lambda p: {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": p}]},
        lambda p: p | {"@type": ["Product", "Thing"]},
        lambda p: p | {"@type": "http://schema.org/Product"},
    ],
)
def test_a_product_is_found_wherever_it_stands(around: Any) -> None:
    assert [o.id for o in offers(page({"@type": "BreadcrumbList"}, around(SHIRT)))] == ["S1"]


@pytest.mark.parametrize("wrap", ["<!--{}-->", "//<![CDATA[\n{}\n//]]>", "{};", "  {}  "])
def test_what_pages_put_around_the_json_is_taken_off(wrap: str) -> None:
    assert [o.id for o in offers(page(wrap.replace("{}", json.dumps(SHIRT))))] == ["S1"]


def test_a_group_has_variants(tmp_path: Path) -> None:
    sizes = [
        SHIRT | {"sku": f"S-{size}", "size": size, "offers": SHIRT["offers"] | {"price": price}}
        for size, price in (("M", 40), ("L", 44))
    ]
    group = {"@type": "ProductGroup", "productGroupID": "G", "name": "Linen shirt", "hasVariant": sizes}
    (tmp_path / "p.html").write_text(page(group))
    [p] = read_feed(tmp_path / "p.html").products
    assert (p.id, [v.id for v in p.variants], [s.size for s in p.sizes]) == ("G", ["S-M", "S-L"], ["M", "L"])
    assert (p.price.amount, p.price_of("L").amount) == (40, 44)


def test_the_cheapest_offer_that_can_be_bought(tmp_path: Path) -> None:
    sold = {"price": 10, "priceCurrency": "USD", "availability": "OutOfStock"}
    several = [
        sold,
        sold | {"price": 30, "availability": None},
        sold | {"price": "20", "availability": "InStock"},
    ]
    ranged = {"@type": "AggregateOffer", "lowPrice": 15, "priceCurrency": "USD"}
    specified = {"priceSpecification": {"price": 25, "priceCurrency": "USD"}}
    for given_, amount in ((several, 20), (ranged, 15), (specified, 25)):
        (tmp_path / "p.html").write_text(page(SHIRT | {"offers": given_}))
        assert [p.price.amount for p in read_feed(tmp_path / "p.html").products] == [amount]


def test_a_folder_of_pages_some_of_them_bad(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.html").write_text(page(SHIRT))
    (tmp_path / "b.html").write_text("<html>nothing</html>")
    (tmp_path / "c.html").write_text(page("{broken"))
    (tmp_path / "sub" / "d.html").write_bytes(page(SHIRT | {"sku": "S2", "name": "红色连衣裙"}).encode("gbk"))
    (tmp_path / "e.html").write_text(page(SHIRT | {"sku": "S3", "offers": {}}))
    found = read_feed(tmp_path)
    assert sorted(p.id for p in found.products) == ["S1", "S2"]
    assert sorted((p.where, p.code) for p in found.refused) == [
        ("b.html", "no_product"),
        ("c.html", "not_json"),
        ("e.html", "no_price"),
    ]


def test_json_alone_is_read_as_well(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(
        json.dumps({"@context": "https://schema.org", "@graph": [SHIRT]}, indent=2)
    )
    assert [p.id for p in read_feed(tmp_path / "p.json").products] == ["S1"]


NAMES = ["@type", "@graph", "@id", "name", "offers", "hasVariant", "isVariantOf", "inProductGroupWithID",
         "productGroupID", "sku", "image", "price", "item", "brand"]  # fmt: skip
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=4,
        ),
        st.sampled_from(
            [{"@type": "Product"}, {"@type": "ProductGroup", "@id": "a"}, {"@id": "a"}, {"@id": "b"}]
        ),
    ),
    max_leaves=15,
)


@given(JSON)
def test_any_json_can_stand_in_a_page(value: Any) -> None:
    assert len(list(of_page(page(value)))) >= 1
    assert all(isinstance(p, dict) for p in products(value))


@given(st.text(alphabet=st.sampled_from('<script type="application/ld+json">{}/ \n'), max_size=120))
def test_any_text_can_be_a_page(text: str) -> None:
    assert list(of_page(text))


def test_a_price_that_is_crossed_out_or_of_members_or_of_a_part_is_not_the_price() -> None:
    kinds = (
        {"price": 59, "priceType": "https://schema.org/StrikethroughPrice"},
        {"price": 29, "validForMemberTier": {"@id": "#gold"}},
        {"price": 3, "referenceQuantity": {"value": 100, "unitCode": "GRM"}},
        {"price": 39},
    )
    offered = {"priceSpecification": [k | {"priceCurrency": "EUR"} for k in kinds]}
    [offer] = offers(page(SHIRT | {"offers": offered}))
    assert (offer.fields["price"], offer.fields["currency"]) == (39, "EUR")


OFFER = {
    "@type": "Offer",
    "@id": "#offer",
    "price": "40.00",
    "priceCurrency": "USD",
    "availability": "InStock",
}
BRAND = {"@type": "Brand", "@id": "https://x.test/#brand", "name": "Mulin"}
GROUP = {
    "@type": "ProductGroup",
    "@id": "#shirt",
    "productGroupID": "G",
    "name": "Linen shirt",
    "brand": {"@id": BRAND["@id"]},
}
COLORS = [
    {"@type": "Product", "@id": f"#{color}", "sku": f"S-{color}", "name": f"Linen shirt {color}", "color": color,
     "image": {"@id": f"https://x.test/{color}.jpg"}, "offers": {"@id": "#offer"}}
    for color in ("navy", "red")
]  # fmt: skip
NAMED = [{"@id": v["@id"]} for v in COLORS]


@pytest.mark.parametrize(
    "nodes",
    [
        [GROUP | {"hasVariant": NAMED}, *COLORS],
        [*COLORS, GROUP | {"hasVariant": [v["@id"] for v in COLORS]}],
        [GROUP, *(v | {"isVariantOf": {"@id": "#shirt"}} for v in COLORS)],
        [GROUP, *(v | {"inProductGroupWithID": "G"} for v in COLORS)],
        [GROUP | {"hasVariant": NAMED}, *(v | {"isVariantOf": {"@id": "#shirt"}} for v in COLORS)],
        [GROUP | {"hasVariant": COLORS[:1]}, COLORS[1] | {"isVariantOf": GROUP}],
        [v | {"isVariantOf": GROUP} for v in COLORS],
        [{"@type": "WebPage", "mainEntity": {"@type": "ProductGroup", "@id": "#shirt"}}, GROUP | {"hasVariant": NAMED},
         *COLORS],
    ],
    ids=["group names", "by bare names", "variants name", "by number", "both", "some inside", "inline group", "typed"],
)  # fmt: skip
@pytest.mark.parametrize("spread", [False, True], ids=["graph", "scripts"])
def test_nodes_that_name_one_another_are_one_product(tmp_path: Path, nodes: list[Any], spread: bool) -> None:
    whole = [*nodes, OFFER, BRAND]
    (tmp_path / "p.html").write_text(page(*whole) if spread else page({"@graph": whole}))
    read = read_feed(tmp_path / "p.html")
    assert (read.refused, [p.id for p in read.products]) == ([], ["G"])
    [p] = read.products
    assert ([v.id for v in p.variants], p.colors, p.brand) == (["S-navy", "S-red"], ["navy", "red"], "Mulin")
    assert (p.price.amount, p.title.en) == (40, "Linen shirt")
    assert [v.image for v in p.variants] == ["https://x.test/navy.jpg", "https://x.test/red.jpg"]


def test_a_group_whose_variants_have_pages_of_their_own(tmp_path: Path) -> None:
    for number, variant in enumerate(COLORS):
        group = GROUP | {
            "hasVariant": [variant | {"offers": OFFER}, {"@type": "Product", "url": "https://x.test/o"}]
        }
        (tmp_path / f"{number}.html").write_text(page(group, BRAND))
    (tmp_path / "2.html").write_text(page(GROUP, BRAND))
    read = read_feed(tmp_path)
    assert (read.refused, [[v.id for v in p.variants] for p in read.products]) == ([], [["S-navy", "S-red"]])


def test_nodes_that_name_themselves_in_a_circle_end() -> None:
    circle = [
        {"@type": "ProductGroup", "@id": f"#{n}", "name": "x", "hasVariant": [{"@id": f"#{d}"} for d in range(60)],
         "isVariantOf": {"@id": f"#{(n + 1) % 60}"}, "offers": {"@id": f"#{n}"}}
        for n in range(60)
    ]  # fmt: skip
    assert len(list(of_page(page({"@graph": circle})))) < 10_000


def test_a_page_that_grows_when_it_is_unpacked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema_org, "MOST_PAGE", 100_000)
    (tmp_path / "p.html").write_bytes(gzip.compress(page(SHIRT).encode() + b" " * 200_000))
    assert (tmp_path / "p.html").stat().st_size < 10_000
    assert read_feed(tmp_path / "p.html").codes == ["page_unreadable"]
