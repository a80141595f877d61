"""How different two colours, or two pictures' lightness, look to people."""

import cv2
import numpy as np

Array = np.ndarray
C1, C2 = (0.01 * 100) ** 2, (0.03 * 100) ** 2  # for lightness 0..100, as Wang et al. choose them


def ciede2000(one: Array, two: Array) -> Array:
    """CIEDE2000 of (…, 3) CIELAB colours; 1 is just seen, from about 10 on another colour. After Sharma, Wu & Dalal
    2005, "The CIEDE2000 color-difference formula: implementation notes"."""
    one, two = np.asarray(one, np.float64), np.asarray(two, np.float64)
    mean_c = (np.hypot(one[..., 1], one[..., 2]) + np.hypot(two[..., 1], two[..., 2])) / 2
    g = 0.5 * (1 - np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)))
    (l1, c1, h1), (l2, c2, h2) = (_lch(lab, g) for lab in (one, two))
    dh = (h2 - h1 + 180) % 360 - 180
    grey = c1 * c2 == 0
    dh = np.where(grey, 0, np.where((dh == -180) & (h2 > h1), 180, dh))
    big = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(dh / 2))
    far = np.abs(h1 - h2) > 180
    h = np.where(
        grey, h1 + h2, np.where(far, (h1 + h2 + np.where(h1 + h2 < 360, 360, -360)) / 2, (h1 + h2) / 2)
    )
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * np.cos(np.radians(h - 30))
        + 0.24 * np.cos(np.radians(2 * h))
        + 0.32 * np.cos(np.radians(3 * h + 6))
        - 0.20 * np.cos(np.radians(4 * h - 63))
    )
    sl = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    sc, sh = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    turn = -np.sin(np.radians(60 * np.exp(-(((h - 275) / 25) ** 2))))
    rt = turn * 2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    dl, dc, dhh = (l2 - l1) / sl, (c2 - c1) / sc, big / sh
    return np.sqrt(np.maximum(dl**2 + dc**2 + dhh**2 + rt * dc * dhh, 0))


def _lch(lab: Array, g: Array) -> tuple[Array, Array, Array]:
    a = lab[..., 1] * (1 + g)
    return lab[..., 0], np.hypot(a, lab[..., 2]), np.degrees(np.arctan2(lab[..., 2], a)) % 360


def similarity(one: Array, two: Array) -> tuple[Array, Array]:
    """SSIM of two (h, w) lightness maps 0..100 at each pixel (Wang et al. 2004: Gaussian window of 11, sigma 1.5), and
    its structure part alone: contrast and structure without the level."""
    one, two = np.asarray(one, np.float64), np.asarray(two, np.float64)

    def mean(values: Array) -> Array:
        return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5))

    m1, m2 = mean(one), mean(two)
    v1, v2 = mean(one * one) - m1 * m1, mean(two * two) - m2 * m2
    structure = (2 * (mean(one * two) - m1 * m2) + C2) / (v1 + v2 + C2)
    level = (2 * m1 * m2 + C1) / (m1 * m1 + m2 * m2 + C1)
    return level * structure, structure
