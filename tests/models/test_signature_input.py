"""What the network sees of a region keeps its proportions and does not depend on the paper's shade."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from models.catalog.signature.region_input import HEIGHT, WIDTH, network_input

Grey = npt.NDArray[np.uint8]


def stroke(high: int, wide: int, paper: int = 255, ink: int = 20) -> Grey:
    crop = np.full((high, wide), paper, np.uint8)
    cv2.ellipse(crop, (wide // 2, high // 2), (high // 3, high // 3), 0, 0, 360, ink, max(2, high // 20))
    return crop


@pytest.mark.parametrize(("high", "wide"), [(64, 192), (30, 400), (300, 40), (4, 4), (1, 900), (700, 2000)])
def test_any_size_becomes_the_size_of_the_network(high: int, wide: int) -> None:
    seen = network_input(np.full((high, wide), 200, np.uint8))
    assert seen.shape == (HEIGHT, WIDTH)
    assert seen.dtype == np.float32
    assert float(seen.max()) < 0.05


def test_a_circle_stays_a_circle() -> None:
    for crop in (stroke(90, 90), stroke(90, 400), stroke(200, 300)):
        ys, xs = np.nonzero(network_input(crop) > 0.5)
        assert abs(int(np.ptp(xs)) - int(np.ptp(ys))) <= 2


def test_the_shade_of_the_paper_does_not_show() -> None:
    white, grey = network_input(stroke(80, 240)), network_input(stroke(80, 240, paper=150, ink=12))
    assert float(np.abs(white - grey).mean()) < 0.02


def test_noise_of_blank_paper_stays_faint() -> None:
    random = np.random.default_rng(4)
    noisy = np.clip(random.normal(225, 5, (70, 210)), 0, 255).astype(np.uint8)
    assert float(network_input(noisy).max()) < 0.35
