"""What goes together, and why."""

import dataclasses
import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts import load, taxonomy
from store.types import Money, Product, Text, Variant
from tools.styling.piece import Piece, table
from tools.styling.score import CLASHES, GOES, INDIFFERENT, pair, whole
from tools.styling.tones import relation, tone
from tools.styling.traits import traits

WHITE_SHIRT = Piece("shirt", ("white",), "plain")
SUIT = Piece("suit", ("navy",), "plain", "wool")


def product(title: str, category: str, *colors: str, zh: str = "", **more: object) -> Piece:
    record = Product(
        id=title or zh,
        title=Text(en=title, zh=zh),
        category=category,
        colors=list(colors),
        price=Money(amount="20"),  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )
    return Piece.of(record)


def some(attribute: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *taxonomy.values(attribute)])


def sets(attribute: str) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(taxonomy.values(attribute)), max_size=3)


pieces = st.builds(
    Piece,
    category=st.sampled_from([*taxonomy.values("category"), "sofa"]),
    colors=st.lists(st.sampled_from([*taxonomy.values("color"), "houndstooth-ish"]), max_size=3).map(tuple),
    pattern=some("pattern"),
    material=some("material"),
    sleeve=some("sleeve"),
    length=some("length"),
    season=sets("season"),
    occasion=sets("occasion"),
    style=sets("style"),
    gender=some("gender"),
    age_group=some("age_group"),
    title=st.sampled_from(
        ["", "Cropped wide-leg burgundy thing", "宽松短款墨绿色上衣", "Slim evening running slip"]
    ),
)


@given(pieces, pieces)
def test_a_pair_scores_between_0_and_1_and_alike_whichever_comes_first(a: Piece, b: Piece) -> None:
    there, back = pair(a, b), pair(b, a)
    assert 0 <= there.score <= 1
    assert there == back


@given(pieces, pieces, st.sampled_from(["zh", "en"]), st.integers(0, 5))
def test_every_reason_can_be_said_and_says_what_weighed_most(a: Piece, b: Piece, lang: str, nth: int) -> None:
    pairing = pair(a, b)
    said = pairing.reason(lang, nth)
    assert "{" not in said
    weights = [abs(p.weight) for p in pairing.parts if p.ground and (p.weight > 0) == (pairing.score >= 0.5)]
    assert weights == sorted(weights, reverse=True)
    assert bool(said) == bool(weights)


@given(st.sampled_from(taxonomy.values("category")), st.sampled_from(taxonomy.values("category")))
def test_of_what_is_not_known_nothing_is_held_against_a_piece(a: str, b: str) -> None:
    told = {p.name: p.score for p in pair(Piece(a), Piece(b)).parts}
    for name in ("color", "pattern", "style", "occasion", "person"):
        assert told[name] == INDIFFERENT


@given(pieces, pieces, st.sampled_from(["pattern", "style", "occasion", "colors"]))
def test_a_part_is_indifferent_once_what_it_reads_is_unknown(a: Piece, b: Piece, name: str) -> None:
    blank = dataclasses.replace(
        a, title="", **{name: type(getattr(a, name))() if name != "pattern" else None}
    )
    part = "color" if name == "colors" else name
    assert {p.name: p.score for p in pair(blank, b).parts}[part] == INDIFFERENT


@given(st.lists(pieces, min_size=2, max_size=5), st.sampled_from(["zh", "en"]))
def test_a_look_scores_between_0_and_1_in_any_order_and_can_be_told(look: list[Piece], lang: str) -> None:
    judged = whole(look)
    assert 0 <= judged.score <= 1
    assert whole(look[::-1]).score == pytest.approx(judged.score)
    assert all("{" not in said for said in judged.reasons(lang))


@given(st.lists(pieces, min_size=2, max_size=4), pieces)
def test_a_piece_that_goes_with_none_of_it_never_raises_a_look(look: list[Piece], new: Piece) -> None:
    if all(pair(new, piece).score < CLASHES for piece in look):
        assert whole([*look, new]).score <= whole(look).score + 1e-9


def test_fewer_than_two_pieces_are_indifferent() -> None:
    assert whole([]).score == whole([SUIT]).score == INDIFFERENT


GOOD = {
    "white shirt, jeans": (WHITE_SHIRT, Piece("jeans", ("blue",), "plain")),
    "navy suit, white shirt": (SUIT, WHITE_SHIRT),
    "navy suit, brown shoes": (SUIT, Piece("loafers", ("brown",), "plain", "leather")),
    "camel coat, black trousers": (Piece("coat", ("beige",), None, "wool"), Piece("pants", ("black",))),
    "heels with jeans": (Piece("heels", ("red",)), Piece("jeans", ("navy",))),
    "leather jacket, silk dress": (
        Piece("jacket", ("black",), "plain", "leather"),
        Piece("dress", ("beige",), "plain", "silk"),
    ),
    "stripes with flowers of one blue": (
        Piece("t-shirt", ("navy", "white"), "striped"),
        Piece("skirt", ("navy", "pink"), "floral"),
    ),
    "light and dark of one green": (
        product("Sage green knit", "sweater", "green"),
        product("Bottle green skirt", "skirt", "green"),
    ),
    "wide with close": (
        product("Slim tee", "t-shirt", "white", pattern="plain"),
        product("Wide-leg trousers", "pants", "grey", pattern="plain"),
    ),
    "短款配高腰": (
        product("", "cardigan", "pink", zh="短款针织开衫"),
        product("", "jeans", "blue", zh="高腰直筒牛仔裤"),
    ),
    "hoodie, joggers": (Piece("hoodie", ("grey",)), Piece("joggers", ("black",))),
    "sweatshirt, chinos": (
        Piece("sweatshirt", ("grey",), "plain"),
        product("Slim chinos in khaki", "pants", "beige", style=["business", "classic"], occasion=["work"]),
    ),
    "camisole under a wool blazer": (
        product("Satin camisole", "tank", "black", material="satin", season=["summer"], style=["elegant"]),
        product(
            "Wool blazer", "blazer", "grey", material="wool", season=["autumn", "winter"], style=["business"]
        ),
    ),
    "T-shirt under a down jacket": (
        Piece("t-shirt", ("white",), "plain"),
        Piece("puffer", ("navy",), "plain"),
    ),
    "yellow coat, navy trousers": (Piece("coat", ("yellow",)), Piece("pants", ("navy",))),
}
BAD = {
    "suit, flip-flops": (SUIT, Piece("sandals", ("brown",))),
    "suit, running shoes": (SUIT, product("Running shoes", "sneakers", "black", style=["sporty"])),
    "heels, joggers": (Piece("heels", ("black",)), Piece("joggers", ("grey",))),
    "evening dress, backpack": (
        product("Velvet evening gown", "dress", "green", material="velvet"),
        Piece("backpack", ("black",)),
    ),
    "check on check": (Piece("shirt", ("red",), "checked"), Piece("skirt", ("green",), "checked")),
    "camouflage, leopard": (Piece("pants", ("olive",), "camouflage"), Piece("blouse", ("beige",), "animal")),
    "burgundy, bright red": (
        product("Burgundy dress", "dress", "red", pattern="plain"),
        product("Bright red heels", "heels", "red", pattern="plain"),
    ),
    "酒红配珊瑚": (product("", "shirt", "red", zh="酒红色衬衫"), product("", "skirt", "orange", zh="珊瑚色半身裙")),
    "orange, burgundy": (Piece("jacket", ("orange",)), product("Burgundy jumper", "sweater", "red")),
    "red, green": (Piece("shirt", ("red",)), Piece("pants", ("green",))),
    "linen shorts, wool jumper": (
        Piece("shorts", ("beige",), None, "linen", season=frozenset({"summer"})),
        Piece("sweater", ("navy",), None, "wool", season=frozenset({"winter"})),
    ),
    "puffer, sandals": (Piece("puffer", ("black",)), Piece("sandals", ("brown",), season=frozenset({"summer"}))),
    "brown belt, black shoes": (
        Piece("belt", ("brown",), None, "leather"),
        Piece("loafers", ("black",), None, "leather"),
    ),
    "two pairs of shoes": (Piece("boots", ("black",)), Piece("heels", ("black",))),
    "trousers under a dress": (Piece("dress", ("red",), "plain"), Piece("pants", ("black",), "plain")),
    "jacket and trousers of two suits": (
        product("Navy wool blazer", "blazer", "navy", pattern="plain", material="wool", style=["business"]),
        product("Navy trousers", "pants", "navy", pattern="plain", material="wool", style=["business"]),
    ),
    "a man's suit with a child's coat": (
        dataclasses.replace(SUIT, age_group="adult"),
        Piece("coat", ("navy",), age_group="kids"),
    ),
    "wide over tiered": (
        product("Oversized linen shirt", "shirt", "white", pattern="plain"),
        product("Tiered maxi skirt", "skirt", "white", pattern="plain", length="maxi"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_what_people_wear_together_goes(name: str) -> None:
    pairing = pair(*GOOD[name])
    assert pairing.score >= GOES, pairing
    assert pairing.reason("zh") and pairing.reason("en")


@pytest.mark.parametrize("name", BAD)
def test_what_nobody_would_wear_together_clashes_and_says_why(name: str) -> None:
    pairing = pair(*BAD[name])
    assert pairing.score < CLASHES, pairing
    assert pairing.reason("zh") and pairing.reason("en")


def test_a_reason_names_what_it_is_about() -> None:
    reason = pair(WHITE_SHIRT, Piece("skirt", ("red",), "plain")).reason("en")
    assert "white" in reason.lower()
    assert "red" in reason


def test_a_colour_is_called_what_the_title_calls_it() -> None:
    burgundy, red = BAD["burgundy, bright red"]
    assert "burgundy" in pair(burgundy, red).reason("en").lower()
    assert "酒红" in pair(*BAD["酒红配珊瑚"]).reason("zh")


def test_a_colour_of_a_pattern_that_returns_is_told_of_both_in_their_own_words() -> None:
    skirt = product("Floral skirt in white and burgundy", "skirt", "white", "red", pattern="floral")
    bag = product("", "bag", "red", zh="酒红色手提包", pattern="plain")
    assert pair(skirt, bag).reason("en") == "The wine red of the bag picks up the burgundy in the skirt"
    assert pair(skirt, bag).reason("zh") == "包的酒红色正好呼应半身裙里的酒红色"


def test_a_title_tells_what_the_record_leaves_open() -> None:
    for short, shorts in (("Wool jumper", "Linen shorts"), ("羊毛毛衣", "亚麻短裤")):
        knit, linen = Piece("sweater", title=short), Piece("shorts", title=shorts)
        assert pair(knit, linen).score < CLASHES
    assert (
        traits(Piece("dress", title="酒紅色闊腿連身褲")).palette.tones[0].words[0] == "酒红色"
    )  # traditional
    checks = pair(Piece("shirt", title="Tartan shirt in red"), Piece("skirt", title="碎花半身裙"))
    assert checks.score < CLASHES and "floral" in checks.reason("en")
    assert traits(Piece("cardigan", title="Denim blue cardigan")).cloth.material is None
    assert traits(Piece("jacket", ("red",), title="Denim jacket")).cloth.material == "denim"
    assert [t.name for t in traits(Piece("coat", ("red",), title="Blue coat")).palette.tones] == ["red"]


def test_what_comes_in_several_colours_is_worn_in_one() -> None:
    variants = [Variant(id=c, color=c) for c in ("navy", "red", "green")]
    shirt = product("Shirt in three colours", "shirt", "navy", "red", "green", variants=variants)
    assert shirt.colors == ("navy",)
    assert product("Striped shirt", "shirt", "navy", "white").colors == ("navy", "white")


def test_a_title_without_end_is_read_no_further_than_it_tells() -> None:
    began = time.process_time()
    told = traits(Piece("dress", title="Burgundy dress " + "very " * 100_000 + "green"))
    assert [t.name for t in told.palette.tones] == ["red"]
    assert time.process_time() - began < 0.5


def test_what_speaks_against_a_pair_is_told_of_a_bad_one() -> None:
    assert pair(*BAD["suit, flip-flops"]).reason("en") == "The suit would be too formal for the sandals"
    assert pair(*BAD["suit, flip-flops"]).reason("zh") == "西装配凉鞋太正式了"


def test_a_third_pattern_a_fourth_colour_or_a_second_belt_spoils_a_look() -> None:
    look = [WHITE_SHIRT, Piece("pants", ("navy",), "plain"), Piece("loafers", ("brown",), "plain", "leather")]
    good = whole(look)
    assert good.score >= GOES
    belts = [Piece("belt", ("brown",), "plain", "leather")] * 2
    assert whole([*look, belts[0]]).score >= GOES > CLASHES > whole([*look, *belts]).score
    striped = [dataclasses.replace(look[0], pattern="striped"), *look[1:]]
    loud = [*striped, Piece("scarf", ("red",), "checked"), Piece("bag", ("green",), "floral")]
    assert whole(striped).score >= GOES > whole(loud).score
    assert any("pattern" in said for said in whole(loud).reasons("en"))


def test_one_accent_is_what_a_quiet_look_is_praised_for() -> None:
    look = [WHITE_SHIRT, Piece("pants", ("grey",), "plain"), Piece("heels", ("red",), "plain")]
    assert any("red" in said for said in whole(look).reasons("en"))
    assert any("红" in said for said in whole(look).reasons("zh"))


def test_colours_are_related_alike_in_either_order_and_vivid_ones_weigh_more() -> None:
    names = [c for c in taxonomy.values("color") if taxonomy.swatch(c)]
    tones = [tone(n, (n, n), str(taxonomy.swatch(n)), 0.7, None) for n in names]
    for x, y in itertools.product(tones, tones):
        assert relation(x, y) == relation(y, x)
        assert -1 <= relation(x, y).value <= 1
        if x.neutral >= 0.5:
            assert relation(x, y).value >= -0.2


def test_every_word_that_the_rules_use_is_in_the_vocabulary() -> None:
    rules, grounds = table("rules"), load("tools")["outfit"]
    vocabulary = {
        a: set(taxonomy.values(a)) for a in ("category", "material", "style", "occasion", "pattern", "color")
    }
    formality = rules["formality"]
    for attribute in ("category", "material", "style", "occasion", "pattern"):
        assert set(formality[attribute]) <= vocabulary[attribute]
    for pairs, attribute in ((rules["style"]["pairs"], "style"), (rules["color"]["pairs"], "color")):
        assert {word for key in pairs for word in key.split()} <= vocabulary[attribute]
    assert set(rules["pattern"]["loud"]) | set(rules["pattern"]["calm"]) == vocabulary["pattern"]
    told = {entry["ground"] for entry in (*rules["material"]["pairs"], *rules["silhouette"]["rules"])} - {""}
    assert told <= set(grounds)


@pytest.mark.parametrize(("category", "slot"), [("polo", "top"), ("boots", "shoes"), ("sofa", None)])
def test_slots_follow_the_category_tree(category: str, slot: str | None) -> None:
    assert Piece(category).slot == slot


def test_a_pair_that_was_prepared_is_scored_in_microseconds() -> None:
    wardrobe = [p for two in (*GOOD.values(), *BAD.values()) for p in two]
    for a, b in itertools.combinations(wardrobe, 2):
        traits(a), traits(b), pair(a, b)
    best = min(_timed(wardrobe) for _ in range(5))
    assert best < 100e-6  # about 10 on a free core


def _timed(wardrobe: list[Piece]) -> float:
    pairs = list(itertools.combinations(wardrobe, 2))
    began = time.process_time()
    for a, b in pairs:
        pair(a, b)
    return (time.process_time() - began) / len(pairs)
