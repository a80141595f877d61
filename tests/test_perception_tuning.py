"""The losses and measures of a tuning against sums done by hand, and the same space in torch and in numpy."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from perception.details import CELLS, pooled
from perception.joint import Encoders, Joint, Unfit, title_words
from perception.tuning import judge, losses, measure, train
from perception.tuning.pairs import Pairs, labels, split, vocabulary
from prompts import taxonomy

CLASSES = 12  # of all heads together, in these tests
COLORS = len(taxonomy.values("color"))
KINDS, SHADES = ("dress", "coat", "boots", "skirt"), ("red", "navy", "green", "beige", "pink")


def test_contrastive_is_the_mean_of_both_directions() -> None:
    scores = torch.tensor([[2.0, 0.5, -1.0], [0.0, 1.5, 0.3], [0.2, 0.1, 3.0]])
    same = torch.tensor([[True, True, False], [True, True, False], [False, False, True]])
    total = 0.0
    for table, goal in ((scores, same), (scores.T, same.T)):
        for row, right in zip(table.tolist(), goal.tolist(), strict=True):
            whole = math.log(sum(math.exp(s) for s in row))
            total += sum(whole - s for s, yes in zip(row, right, strict=True) if yes) / sum(right)
    assert losses.contrastive(scores, same).item() == pytest.approx(total / 6, rel=1e-5)


def test_unknown_attributes_cost_nothing() -> None:
    scores = {
        "color": torch.tensor([[1.0, 0.0], [0.0, 3.0]]),
        "sleeve": torch.tensor([[5.0, 1.0], [1.0, 5.0]]),
    }
    marks = {"color": torch.tensor([1, -1]), "sleeve": torch.tensor([-1, -1])}
    assert losses.attributes(scores, marks).item() == pytest.approx(math.log(math.e + 1), rel=1e-5)
    assert losses.attributes(scores, {name: torch.tensor([-1, -1]) for name in scores}).item() == 0


def test_title_words_is_binary_cross_entropy_a_word_said() -> None:
    scores, words = torch.tensor([[2.0, -1.0], [0.5, 0.0]]), torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    by_hand = sum(
        -math.log(1 / (1 + math.exp(-s))) if w else -math.log(1 - 1 / (1 + math.exp(-s)))
        for s, w in zip(scores.flatten().tolist(), words.flatten().tolist(), strict=True)
    )
    assert losses.title_words(scores, words).item() == pytest.approx(by_hand / 3, rel=1e-5)


def test_ranks_by_sorting() -> None:
    rng = np.random.default_rng(1)
    scores, own = rng.normal(size=(20, 30)).astype(np.float32), rng.integers(0, 30, 20)
    expected = [
        sorted(row, reverse=True).index(row[o]) + 1 for row, o in zip(scores.tolist(), own, strict=True)
    ]
    assert measure.ranks(scores, own).tolist() == expected
    assert measure.ranks(np.ones((1, 9)), np.array([4])).tolist() == [5]  # of nine alike, the middle


def test_figures_and_gains() -> None:
    before = {"a": np.array([1.0, 20.0, 4.0]), "b": np.array([2.0, 40.0, np.nan])}
    after = {"a": np.array([1.0, 2.0, 2.0]), "b": np.array([1.0, 4.0, np.nan])}
    assert measure.figures(before)["a"] == {
        "recall_at_1": 0.3333, "recall_at_5": 0.6667, "recall_at_10": 0.6667, "mrr": round((1 + 1 / 20 + 1 / 4) / 3, 4),
    }  # fmt: skip
    gain = measure.gains(before, after)
    assert gain["recall_at_10"].mean == pytest.approx(1 / 3)
    assert gain["mrr"].mean == pytest.approx(((0 + 0.5) / 2 + (0.45 + 0.225) / 2 + 0.25) / 3)
    assert gain["mrr"].low <= gain["mrr"].mean <= gain["mrr"].high
    assert measure.better(gain) == (max(g.low for g in gain.values()) > 0)
    assert not measure.better(measure.gains(before, before))


def test_better_needs_one_surely_more_and_none_less() -> None:
    sure, maybe, less = (
        measure.Interval(0.1, 0.05, 0.2),
        measure.Interval(0.1, -0.05, 0.2),
        measure.Interval(-0.01, -0.1, 0.1),
    )
    assert measure.better({"mrr": sure, "recall_at_10": maybe})
    assert measure.better({"mrr": maybe, "recall_at_10": sure})
    assert not measure.better({"mrr": maybe, "recall_at_10": maybe})
    assert not measure.better({"mrr": sure, "recall_at_10": less})


def test_words_of_titles() -> None:
    assert title_words("Red DRESSES, red dress shoes") == ["red", "dresse", "dress", "shoe"]
    assert title_words("红色连衣裙 XL") == ["xl", "红色", "色连", "连衣", "衣裙"]
    assert title_words("ＡＢ 裙 !") == ["ab", "裙"]


def test_a_product_stays_in_its_part() -> None:
    groups = [f"p{n}" for n in range(400)]
    parts, fewer = split(groups, 3), split(groups[:200], 3)
    assert sorted(np.concatenate([parts.train, parts.stop, parts.held])) == list(range(400))
    assert [p for p in parts.held if p < 200] == list(fewer.held)
    assert 0.12 < len(parts.held) / 400 < 0.28
    assert list(parts.held) != list(split(groups, 4).held)
    twins = split(["same"] * 50, 0)
    assert sorted(map(len, (twins.train, twins.stop, twins.held))) == [0, 0, 50]


def test_cells_are_means_of_three_by_three() -> None:
    deep = np.arange(2 * 81, dtype=np.float32).reshape(2, 81)
    cells = pooled(deep)
    assert cells.shape == (CELLS, 2)
    assert cells[1, 0] == deep[0].reshape(9, 9)[:3, 3:6].mean()


def words_as_vectors(texts: Sequence[str]) -> np.ndarray:
    """A sentence encoder that knows nothing of clothes: each text a direction of its own."""
    rows = [np.random.default_rng(sum(map(ord, t)) + len(t)).normal(size=512) for t in texts]
    return np.stack([r / np.linalg.norm(r) for r in rows]).astype(np.float32)


ENCODERS = Encoders(words_as_vectors, words_as_vectors)


def shop(n: int = 240, noise: float = 0.15, taught: bool = True) -> Pairs:
    """Products whose pictures show their kind and shade, or, with `taught` False, nothing at all."""
    rng = np.random.default_rng(5)
    kinds, shades = rng.integers(0, len(KINDS), n), rng.integers(0, len(SHADES), n)
    details = np.abs(rng.normal(size=(n, CLASSES + COLORS + CELLS * CLASSES))) * noise
    if taught:
        details[np.arange(n), kinds] += 1
        details[np.arange(n), CLASSES + shades] += 1
    models = [f"model{rng.integers(0, 9)}" for _ in range(n)]  # words that no picture shows
    return Pairs(
        titles={"en": [f"{SHADES[s].title()} {KINDS[k]} {m}" for k, s, m in zip(kinds, shades, models, strict=True)],
                "zh": [""] * n},
        attributes={"category": [KINDS[k] for k in kinds], "color": [SHADES[s] for s in shades], "sleeve": [None] * n},
        details=details.astype(np.float16),
        shared=words_as_vectors([f"picture {i}" for i in range(n)]),
        groups=[f"p{i}" for i in range(n)],
    )  # fmt: skip


def quiet(done: int, total: int, label: str) -> None:
    assert 0 < done <= total
    assert label


def tuned(pairs: Pairs, seed: int = 0) -> tuple[train.Made, train.Titles, judge.Verdict]:
    parts = split(pairs.groups, seed)
    titles = train.encoded(pairs, ENCODERS, quiet)
    made = train.fit(pairs, parts, titles, ENCODERS, "eyes", seed, quiet)
    return made, titles, judge.judge(pairs, parts, titles, Joint(made.tensors, made.meta, ENCODERS), seed)


def test_it_learns_what_the_pictures_show() -> None:
    _, _, verdict = tuned(shop())
    before, after = (measure.figures(r)["mean"] for r in (verdict.before, verdict.after))
    assert before["recall_at_10"] < 0.15
    assert (
        after["recall_at_10"] > 0.3
    )  # of 240 products twelve look alike, and are called alike but for their model
    assert verdict.better


def test_it_finds_no_gain_where_there_is_none() -> None:
    """Pictures that show nothing teach nothing: on held-out products chance must not pass for a gain."""
    gains = [tuned(shop(120, taught=False), seed)[2] for seed in range(3)]
    assert sum(v.better for v in gains) <= 1
    assert all(v.gain["mrr"].mean < 0.05 for v in gains)


def test_the_same_seed_gives_the_same_weights() -> None:
    pairs = shop(80)
    first, second, other = tuned(pairs)[0], tuned(pairs)[0], tuned(pairs, 1)[0]
    assert first.meta == second.meta
    assert first.meta["id"] != other.meta["id"]


def test_torch_and_numpy_agree() -> None:
    """The second look, the one part that is summed in two ways: with folded weights, and as it was trained."""
    pairs = shop(60)
    rows = np.arange(len(pairs))
    words = vocabulary(pairs, rows)
    index = {w: i for i, w in enumerate(words)}
    titles = train.encoded(pairs, ENCODERS, quiet)
    data = train._prepared(pairs, rows, titles, index, CLASSES)
    torch.manual_seed(2)
    net = train.Projections(data.seen.shape[1], 512 + len(words), len(words), {"color": 3})
    look = train.SecondLook(data.seen.shape[1], CLASSES, len(words), 512)
    net.eval()
    look.eval()
    of_words = torch.from_numpy(train._word_vectors(words, ENCODERS))
    tensors = train._folded(net, data) | train._folded_second(look, data)
    joint = Joint(
        tensors, {"id": "x", "eyes": "eyes", "vocabulary": '["' + '","'.join(words) + '"]'}, ENCODERS
    )
    photos = joint.photos(pairs.details, pairs.shared)
    texts = joint.texts(pairs.titles["en"])
    with torch.no_grad():
        assert np.allclose(photos, net.photos(data.seen, data.shared)[0].numpy(), atol=1e-3)
        text = torch.cat([train.USE_SCALE * data.use["en"], data.bags["en"]], 1)
        assert np.allclose(texts, net.texts(text, data.base["en"]).numpy(), atol=1e-4)
        places = torch.from_numpy(train._places(pairs.titles["en"][:5], index))
        cosines = torch.from_numpy(texts[:5] @ photos.T)
        expected = look(cosines, places, of_words, data.seen, data.cells).numpy()
    for row in range(5):
        found = joint.second_look(pairs.titles["en"][row], cosines[row].numpy(), pairs.details)
        assert np.allclose(found, expected[row], atol=2e-3)
        assert not np.allclose(found, cosines[row].numpy(), atol=1e-4)
    assert np.array_equal(joint.second_look("xyz", cosines[0].numpy(), pairs.details), cosines[0].numpy())


def test_a_file_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    made, _, _ = tuned(shop(60))
    file = tmp_path / "a.safetensors"
    save_file(made.tensors, file, made.meta)
    assert Joint.load(file, ENCODERS, "eyes").id == made.meta["id"]
    with pytest.raises(Unfit, match="other eyes"):
        Joint.load(file, ENCODERS, "new eyes")
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(Unfit, match="cannot be read"):
        Joint.load(file, ENCODERS, "eyes")


def test_rare_values_are_not_learned() -> None:
    pairs = shop(60)
    pairs.attributes["color"][0] = "unheard-of"
    values, marks = labels(pairs, np.arange(60))
    assert "unheard-of" not in values["color"]
    assert marks["color"][0] == -1
    assert "sleeve" not in values


def test_the_second_look_sees_what_only_parts_show() -> None:
    """Shades that only one part of each picture shows: the whole cannot tell them apart, the words' attention can."""
    rng = np.random.default_rng(3)
    pairs = shop(400, noise=0.02, taught=False)
    shades, places = rng.integers(0, len(SHADES), 400), rng.integers(0, CELLS, 400)
    seen = CLASSES + COLORS
    for row in range(400):
        pairs.details[row, seen + places[row] * CLASSES + shades[row]] += 3
        pairs.titles["en"][row] = f"{SHADES[shades[row]].title()} dress"
    _, _, verdict = tuned(pairs)
    assert verdict.second_kept
    assert verdict.second is not None
    assert verdict.second["mrr"].low > 0
    assert measure.figures(verdict.after)["mean"]["mrr"] > measure.figures(verdict.projections)["mean"]["mrr"]


@pytest.mark.parametrize("title", ["same", "{n}x{n}", ""])
def test_titles_that_teach_nothing(title: str) -> None:
    """All alike, all of words that no other has, all missing in a language: no gain, and no fall."""
    pairs = shop(70)
    for row in range(70):
        pairs.titles["zh"][row] = f"货号{row:03d}"
        pairs.titles["en"][row] = title.format(n=row)
    pairs.attributes.clear()
    _, _, verdict = tuned(pairs)
    assert set(verdict.before) == set(verdict.after)
    assert all(np.isfinite(list(measure.figures(verdict.after)["mean"].values())))
    assert not verdict.better or verdict.gain["mrr"].mean < 0.1


def test_pictures_with_a_space_of_their_own() -> None:
    """As with CLIP: untuned vectors of another size than the sentence encoder's, and none for some languages."""

    def clip(texts: Sequence[str]) -> np.ndarray:
        return words_as_vectors(texts)[:, :16] * np.array([[t.isascii()] for t in texts])

    pairs, encoders = shop(120), Encoders(words_as_vectors, clip)
    pairs = replace(pairs, shared=pairs.shared[:, :16], titles={**pairs.titles, "zh": ["红色连衣裙"] * 120})
    parts = split(pairs.groups, 0)
    titles = train.encoded(pairs, encoders, quiet)
    made = train.fit(pairs, parts, titles, encoders, "eyes", 0, quiet)
    joint = Joint(made.tensors, made.meta, encoders)
    assert joint.photos(pairs.details, pairs.shared).shape == joint.texts(pairs.titles["en"]).shape
    assert np.isfinite(joint.texts(["红色连衣裙", ""])).all()
    assert set(judge.judge(pairs, parts, titles, joint, 0).after) == {
        "title_to_photo.zh", "photo_to_title.zh", "title_to_photo.en", "photo_to_title.en",
    }  # fmt: skip
