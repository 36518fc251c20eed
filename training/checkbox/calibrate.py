"""Fits how rules and network are weighed, on drawn pages of the validation part; prints the constants to write down.

`python -m training.checkbox.calibrate --pages DIR`, DIR as `drawn_pages --part validation` writes it.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.catalog.checkbox.detection import CONSIDERED, log_odds
from models.catalog.checkbox.finder import find_boxes
from models.catalog.checkbox.page_ink import working_page
from models.catalog.checkbox.reader import BoxReader
from synthesis.sheet import Pixels
from training.checkbox.train import ARTIFACT

Floats = NDArray[np.float64]
_STEPS = 40
_RIDGE = 1.0


def candidates(folder: Path, reader: BoxReader) -> tuple[Floats, NDArray[np.bool_]]:
    """(n, 2) log-odds by rules and network of every candidate of the folder, and whether it is a box."""
    odds, right = [], []
    for pixels, boxes in _pages(folder):
        ink = working_page(pixels, None)
        if ink is None:
            continue
        found = find_boxes(ink, CONSIDERED)
        places = [tuple(v / ink.scale for v in (f.left, f.top, f.right + 1, f.bottom + 1)) for f in found]
        beliefs = reader.read(pixels, [(a, b, c, d) for a, b, c, d in places])
        for one, place, network in zip(found, places, beliefs.box, strict=True):
            x, y = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2
            inside = (boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])
            odds.append((log_odds(one.confidence), log_odds(float(network))))
            right.append(bool(inside.any()))
    return np.array(odds), np.array(right)


def fitted(odds: Floats, right: NDArray[np.bool_]) -> Floats:
    """Weights of both log-odds and the constant: logistic regression by Newton's method, lightly held to zero."""
    terms = np.column_stack([odds, np.ones(len(odds))])
    weights = np.zeros(3)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-terms @ weights))
        slope = terms.T @ (right - chance) - _RIDGE * weights
        bend = (terms * (chance * (1 - chance))[:, None]).T @ terms + _RIDGE * np.eye(3)
        weights = weights + np.linalg.solve(bend, slope)
    return np.asarray(weights)


def _pages(folder: Path) -> Iterator[tuple[Pixels, Floats]]:
    with (folder / "index.csv").open(encoding="utf-8") as index:
        for row in csv.DictReader(index):
            pixels = cv2.imread(str(folder / row["path"]), cv2.IMREAD_GRAYSCALE)
            boxes = json.loads((folder / row["truth"]).read_text(encoding="utf-8"))["boxes"]
            yield np.asarray(pixels, dtype=np.uint8), np.array([box["box"] for box in boxes], dtype=np.float64)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(prog="python -m training.checkbox.calibrate", description=__doc__)
    parser.add_argument("--pages", type=Path, required=True, help="folder of drawn validation pages")
    parser.add_argument("--network", type=Path, default=ARTIFACT)
    wanted = parser.parse_args(arguments)
    odds, right = candidates(wanted.pages, BoxReader(wanted.network))
    weights = fitted(odds, right)
    chance = 1 / (1 + np.exp(-np.column_stack([odds, np.ones(len(odds))]) @ weights))
    sys.stdout.write(f"{len(right)} candidates, {right.sum()} boxes; weights {np.round(weights, 3).tolist()}\n")
    for least in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        said = chance >= least
        sys.stdout.write(f"at {least}: {int((said & right).sum())} boxes, {int((said & ~right).sum())} others\n")


if __name__ == "__main__":
    main()
