"""Figures for looks, of looks made by hand."""

import re
from pathlib import Path

import pytest
from evals_samples import judged, look

from prompts import load, taxonomy
from ui.evals import labels, pictures
from ui.evals.look import figures


def test_category_accepts_a_kind_for_its_parent_and_counts_refusals_as_wrong() -> None:
    found = figures(
        [
            judged({"class": "shoes"}, look({"category": "boots", "confidence": {"category": 0.8}})),
            judged({"class": "shoes"}, look({"category": "shoes", "kind": "boots"})),
            judged({"class": "boots"}, look({"category": "shoes"})),
            judged({"class": "hat"}, look()),
        ]
    )
    assert (found["category"]["accuracy"], found["category"]["n"]) == (0.5, 4)
    assert found["refused"]["value"] == 0.25
    assert {(c["is"], c["seen"]) for c in found["category"]["confused"]} == {
        ("boots", "shoes"),
        ("hat", "nothing"),
    }
    assert found["category"]["per_class"] == {"boots": 0.0, "hat": 0.0, "shoes": 1.0}
    # "shoes" of boots says less than could be said, and nothing wrong
    assert found["statements"]["wrong"] == {"value": 0.0, "interval": [0.0, 0.5615], "n": 3}


def test_colours_exact_near_and_among() -> None:
    found = figures(
        [
            judged({"colors": ["navy", "white"]}, look({"category": "dress", "colors": ["navy"]})),
            judged({"colors": ["navy", "white"]}, look({"category": "dress", "colors": ["blue"]})),
            judged({"colors": ["navy", "white"]}, look({"category": "dress", "colors": ["white", "red"]})),
            judged({"colors": ["navy"]}, look({"category": "dress", "colors": ["yellow"]})),
        ]
    )["colors"]
    assert (found["accuracy"], found["exact_or_neighbour"]["value"], found["any_labelled"]["value"]) == (
        0.25,
        0.5,
        0.5,
    )


def test_forced_and_told_are_counted_apart() -> None:
    unsure = look({"category": "dress"})
    found = figures(
        [
            judged(
                {"pattern": "striped"},
                look({"category": "dress", "pattern": "striped", "confidence": {"pattern": 0.9}}),
            ),
            judged(
                {"pattern": "striped"},
                unsure,
                look({"category": "dress", "pattern": "plain", "confidence": {"pattern": 0.4}}),
            ),
            judged({"pattern": "na"}, look({"category": "dress", "pattern": "plain"})),
            judged({"pattern": "unknown"}, unsure),
        ]
    )["attributes"]
    assert list(found) == ["pattern"]
    pattern = found["pattern"]
    assert (pattern["n"], pattern["accuracy"], pattern["share_told"]) == (2, 0.5, 0.5)
    assert pattern["told"]["value"] == 1.0 and pattern["told"]["n"] == 1
    # two bins of one case: |0.9 - 1| and |0.4 - 0|
    assert pattern["calibration"]["ece"] == pytest.approx((0.1 + 0.4) / 2)
    assert pattern["confusion"] == {"values": ["plain", "striped"], "rows": [[0, 0], [1, 1]]}


def test_statements_wrong_and_near() -> None:
    label = {"class": "dress", "colors": ["navy"], "pattern": "plain", "sleeve": "na", "setting": "flat"}
    told = look(
        {"category": "dress", "colors": ["blue", "red"], "pattern": "striped", "sleeve": "long"},
        setting="flat",
    )
    found = figures([judged(label, told)])["statements"]
    # dress right, blue near, red wrong, striped wrong, flat right; the sleeve is not labelled
    assert (found["n"], found["wrong"]["value"], found["wrong_beyond_neighbours"]["value"]) == (5, 0.6, 0.4)
    assert found["by_attribute"]["color"]["value"] == 1.0 and "sleeve" not in found["by_attribute"]


def test_several_garments_are_found_in_their_place() -> None:
    top, trousers = (0.0, 0.0, 1.0, 0.5), (0.0, 0.5, 1.0, 1.0)
    label = {"garments": [{"category": "tops", "box": top}, {"category": "pants", "box": trousers}]}
    both = look({"category": "shirt", "box": top}, {"category": "jeans", "box": (0.0, 0.5, 1.0, 0.9)})
    elsewhere = look({"category": "shirt", "box": trousers}, {"category": "jeans", "box": top})
    one = look({"category": "shirt", "box": top})
    found = figures([judged(label, both), judged(label, elsewhere), judged(label, one)])["garments"]
    assert (found["recall"]["value"], found["recall"]["n"]) == (0.5, 6)
    assert found["all_found"]["value"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["box_recall"]["value"] == pytest.approx(
        5 / 6, abs=1e-4
    )  # the boxes are there, the names are not


def test_photos_of_one_garment_say_nothing_of_several() -> None:
    assert "garments" not in figures([judged({"class": "dress"}, look({"category": "dress"}))])


def test_neighbours_are_colours_and_mutual() -> None:
    known = set(taxonomy.values("color"))
    pairs = load("colours")["neighbours"]
    assert {c for pair in pairs for c in pair} <= known
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)
    assert "blue" in labels.neighbours("navy") and "navy" in labels.neighbours("blue")


def test_pictures(tmp_path: Path) -> None:
    table = pictures.confusion(["plain", "striped"], [[8, 2], [0, 5]], "Pattern", "labelled", "seen as")
    blue, white = pictures.GOOD, (255, 255, 255)
    corner = table.width, table.height
    assert min(corner) > 2 * pictures.CELL
    colours = {color for _, color in table.getcolors(1 << 20) or []}
    assert blue in colours and white in colours  # five of five striped: the full shade
    diagram = pictures.reliability(
        {"bins": [{"from": 0.8, "to": 0.9, "n": 3, "confidence": 0.85, "accuracy": 0.5}]}, "t", "c", "r"
    )
    assert pictures.BAD in {color for _, color in diagram.getcolors(1 << 20) or []}
    path = pictures.save(diagram, tmp_path / "new" / "a.png")
    assert Path(path).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"file": "a.jpg", "class": "dress"}\n{"class": "dress"}', ":2: file"),
        ("not json", ":1"),
        ('{"file": "none.jpg"}', "no photo none.jpg"),
        ("", "holds neither"),
        (
            '{"file": "a.jpg", "class": "dress"}\n{"file": "a.jpg", "class": "jaket"}',
            ":2: class: 'jaket'.*jacket",
        ),
        ('{"file": "a.jpg", "class": "qqq"}', ":1: class: 'qqq'.*t-shirt"),
        ('{"file": "a.jpg", "pattern": "stripped"}', "striped"),
        ('{"file": "a.jpg", "colors": ["red", "bleu"]}', "'bleu'.*blue"),
        ('{"file": "a.jpg", "colour": "red"}', ":1: unknown key 'colour'; what fits: colors"),
        (
            '{"file": "a.jpg", "garments": [{"category": "shirt", "bbox": [0, 0, 1, 1]}]}',
            "unknown key 'bbox'.*box",
        ),
    ],
)
def test_bad_labels_are_named_with_their_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.jpg").touch()
    (tmp_path / labels.FILE).write_text(text, encoding="utf-8")
    with pytest.raises(labels.BadLabels, match=said):
        labels.read(tmp_path)


def test_keys_of_ones_own_and_fabrics_without_a_word_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    line = (
        '{"file": "a.jpg", "class": "shirt", "material": "tencel", "setting": "mannequin", "labeller": "me"}'
    )
    (tmp_path / labels.FILE).write_text(line, encoding="utf-8")
    [(label, _)] = labels.read(tmp_path)
    assert label.category == "shirt" and label.value("material") is None and label.value("setting") is None


def test_folders_are_labels_where_there_is_no_file_of_them(tmp_path: Path) -> None:
    for name in ("dress/1.jpg", "dress/2.webp", "dress/notes.txt", "hat/1.png", "loose.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [label.file for label, _ in labels.read(tmp_path)] == ["dress/1.jpg", "dress/2.webp", "hat/1.png"]
    assert [label.category for label, _ in labels.read(tmp_path, limit=1)] == ["dress", "hat"]


@pytest.mark.parametrize(
    ("attribute", "said", "value"),
    [
        ("category", "outerwear", "outwear"),
        ("category", "Jackets", "jacket"),
        ("category", "dresses", "dress"),
        ("category", "T-Shirt", "t-shirt"),
        ("category", "连衣裙", "dress"),
        ("pattern", "solid", "plain"),
        ("pattern", "na", "na"),
        ("color", "Gray", "grey"),
        ("color", "light blue", "lightblue"),
        ("material", "sheer", "sheer"),
    ],
)
def test_labels_may_say_it_in_peoples_words(attribute: str, said: str, value: str) -> None:
    assert labels.meant(attribute, said) == value


@pytest.mark.parametrize("attribute", ["category", "color", *labels.ATTRIBUTES])
def test_every_value_means_itself(attribute: str) -> None:
    assert [labels.meant(attribute, value) for value in labels.allowed(attribute)] == [
        *labels.allowed(attribute)
    ]


def test_a_folder_that_is_named_after_no_category_is_refused(tmp_path: Path) -> None:
    for name in ("jackets/1.jpg", "sneekers/1.jpg"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    with pytest.raises(labels.BadLabels, match=r"sneekers: .*sneakers"):
        labels.read(tmp_path)
    (tmp_path / "sneekers" / "1.jpg").unlink()
    assert [label.category for label, _ in labels.read(tmp_path)] == ["jacket"]


def test_the_values_in_the_document_are_those_that_labels_may_have() -> None:
    text = (Path(__file__).parent.parent / "docs" / "evaluation.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (`.*`) \|$", text, re.MULTILINE)
    told = {name: tuple(re.findall("`([^`]+)`", values)) for name, values in rows}
    attributes = {"class": "category", "colors": "color"} | {name: name for name in labels.ATTRIBUTES}
    assert told == {key: labels.allowed(attribute) for key, attribute in attributes.items()}


def test_captions_in_a_list_are_told_apart_by_language() -> None:
    label = labels.Label.model_validate({"file": "a", "captions": ["a red dress", "一条红裙子"]})
    assert label.captions == {"en": ["a red dress"], "zh": ["一条红裙子"]}
