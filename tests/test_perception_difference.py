"""CIEDE2000 against the published pairs, SSIM against what follows from its definition."""

import numpy as np
import pytest

from perception.difference import ciede2000, similarity

# Sharma, Wu & Dalal 2005, table 1: two CIELAB colours and their difference.
PAIRS = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, 2.8361, -74.0200), (50, 0, -82.7485), 3.4412),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, -0.001, 2.49), (50, 0.0009, -2.49), 4.8045),
    ((50, -0.001, 2.49), (50, 0.0011, -2.49), 4.7461),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (61, -5, 29), 22.8977),
    ((50, 2.5, 0), (56, -27, -3), 31.9030),
    ((50, 2.5, 0), (58, 24, 15), 19.4535),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864), 1.2630),
    ((35.0831, -44.1164, 3.7933), (35.0232, -40.0716, 1.5901), 1.8645),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((36.4612, 47.8580, 18.3852), (36.2715, 50.5065, 21.2231), 1.4146),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("one", "two", "published"), PAIRS)
def test_ciede2000_is_the_published_one(one, two, published):
    assert ciede2000(np.array(one), np.array(two)) == pytest.approx(published, abs=1e-4)
    assert ciede2000(np.array(two), np.array(one)) == pytest.approx(published, abs=1e-4)


def test_similarity_is_one_for_the_same_and_its_structure_does_not_see_a_shift():
    cloth = np.random.default_rng(1).normal(40, 6, (64, 64))
    whole, structure = similarity(cloth, cloth)
    assert whole.min() == pytest.approx(1) and structure.min() == pytest.approx(1)
    whole, structure = similarity(cloth, cloth + 40)
    assert structure.min() == pytest.approx(1) and whole.mean() < 0.9


def test_similarity_sees_folds_that_are_gone_or_turned_over():
    cloth = np.random.default_rng(1).normal(40, 6, (64, 64))
    assert similarity(cloth, np.full_like(cloth, 40.0))[1].mean() < 0.4
    assert similarity(cloth, 80 - cloth)[1].mean() < 0
