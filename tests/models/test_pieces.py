"""Pieces of a mask are those that OpenCV tells."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.pieces import pieces_of


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("shape", [(90, 130), (1, 50), (50, 1), (1, 1)])
def test_pieces_are_those_of_opencv(share: float, shape: tuple[int, int]) -> None:
    mask = np.asarray(np.random.default_rng(5).random(shape) < share, dtype=np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found = pieces_of(mask)
    assert len(found.areas) == len(found.boxes) == count
    assert (found.labels == labels).all()
    assert (found.boxes[1:] == stats[1:, :4]).all()
    assert (found.areas[1:] == stats[1:, 4]).all()
