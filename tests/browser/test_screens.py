"""The tour, walked in a real browser, against the pictures of docs/tour: the same to the eye, whatever fonts and
Chromium a machine has."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tour
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CELL = 24  # pixels; what differs inside of one (a letter's edge, half a line) is no other picture
FAR = 40  # of 255: a cell that differs by so much shows something else
MOST = 0.12  # share of cells that may


def cells(image: Image.Image) -> np.ndarray:
    """Mean colour of every cell: (rows, columns, 3)."""
    small = image.convert("RGB").resize((image.width // CELL, image.height // CELL), Image.Resampling.BOX)
    return np.asarray(small, np.float32)


def differ(one: Image.Image, other: Image.Image) -> float:
    """Share of the cells that show something else."""
    return float((np.abs(cells(one) - cells(other)).max(axis=2) > FAR).mean())


@pytest.mark.parametrize("visit", tour.VISITS, ids="-".join)
def test_the_tour_looks_as_in_the_docs(
    visit: tuple[str, str, str], address: str, browser: "Browser", tmp_path: Path
) -> None:
    far = {}
    with tour.opened(address, *visit, browser) as page:
        for stop in tour.walk(page, visit[0]):
            seen = tour.shot(page)
            name = tour.name(stop, *visit)
            seen.save(tmp_path / Path(name).with_suffix(".png"))
            assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), stop
            assert not page.locator(".dg-error").count(), stop
            with Image.open(tour.PICTURES / name) as drawn:
                far[stop] = differ(seen, drawn.convert("RGB"))
    assert max(far.values()) <= MOST, (far, f"seen: {tmp_path}; draw anew: python {tour.__file__} DEMO_SHOP")


def test_another_page_is_told_from_the_right_one() -> None:
    pictures = {p.name: p for p in tour.PICTURES.glob("*.webp")}
    assert len(pictures) == len(tour.STOPS) * len(tour.VISITS)
    for visit in tour.VISITS:
        welcome, search = (Image.open(pictures[tour.name(stop, *visit)]) for stop in ("welcome", "search"))
        assert differ(welcome, search) > MOST and differ(welcome, welcome) == 0


def test_the_docs_page_is_the_one_that_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = (tour.DOCS / "tour.md").read_text(encoding="utf-8")
    shutil.copytree(tour.PICTURES, tmp_path / "tour")
    monkeypatch.setattr(tour, "DOCS", tmp_path)
    tour.write()
    assert (tmp_path / "tour.md").read_text(encoding="utf-8") == before
