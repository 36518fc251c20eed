"""Fits how rules and network are weighed, on drawn pages of the validation part; prints the constants to write down.

`python -m training.checkbox.calibrate --pages DIR...`, folders as `drawn_pages --part validation` writes them and
`drawn_makes --seed` with a seed of one's own; pages without boxes have a truth without any.
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

from models.catalog.checkbox.detection import CONSIDERED, odds
from models.catalog.checkbox.finder import find_boxes
from models.catalog.checkbox.page_ink import working_pages
from models.catalog.checkbox.reader import BoxReader
from models.catalog.checkbox.seen import on_page
from synthesis.sheet import Pixels
from training.checkbox.train import ARTIFACT

Floats = NDArray[np.float64]
_STEPS = 40
_RIDGE = 1.0


def candidates(folders: Sequence[Path], reader: BoxReader) -> tuple[Floats, NDArray[np.bool_]]:
    """(n, 3) what `detection.odds` says of every candidate of the folders, and whether it is a box."""
    terms, right = [np.zeros((0, 3))], []
    for pixels, boxes in (page for folder in folders for page in _pages(folder)):
        for ink in working_pages(pixels, None):
            found = [on_page(box, ink, pixels.shape[1], pixels.shape[0]) for box in find_boxes(ink, CONSIDERED)]
            network = reader.read(pixels, [box.extent for box in found]).box
            terms.append(odds(found, network))
            for box in found:
                x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
                inside = (boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])
                right.append(bool(inside.any()))
    return np.concatenate(terms), np.array(right)


def fitted(said: Floats, right: NDArray[np.bool_]) -> Floats:
    """Weights of the terms and the constant: logistic regression by Newton's method, lightly held to zero."""
    terms = np.column_stack([said, np.ones(len(said))])
    weights = np.zeros(terms.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-terms @ weights))
        slope = terms.T @ (right - chance) - _RIDGE * weights
        bend = (terms * (chance * (1 - chance))[:, None]).T @ terms + _RIDGE * np.eye(len(weights))
        weights = weights + np.linalg.solve(bend, slope)
    return np.asarray(weights)


def _pages(folder: Path) -> Iterator[tuple[Pixels, Floats]]:
    with (folder / "index.csv").open(encoding="utf-8") as index:
        for row in csv.DictReader(index):
            pixels = cv2.imread(str(folder / row["path"]), cv2.IMREAD_GRAYSCALE)
            boxes = json.loads((folder / row["truth"]).read_text(encoding="utf-8"))["boxes"]
            yield (
                np.asarray(pixels, dtype=np.uint8),
                np.array([box["box"] for box in boxes], dtype=np.float64).reshape(-1, 4),
            )


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(prog="python -m training.checkbox.calibrate", description=__doc__)
    parser.add_argument("--pages", type=Path, nargs="+", required=True, help="folders of drawn pages")
    parser.add_argument("--network", type=Path, default=ARTIFACT)
    wanted = parser.parse_args(arguments)
    terms, right = candidates(wanted.pages, BoxReader(wanted.network))
    weights = fitted(terms, right)
    chance = 1 / (1 + np.exp(-np.column_stack([terms, np.ones(len(terms))]) @ weights))
    sys.stdout.write(f"{len(right)} candidates, {right.sum()} boxes; weights {np.round(weights, 3).tolist()}\n")
    for least in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        said = chance >= least
        sys.stdout.write(f"at {least}: {int((said & right).sum())} boxes, {int((said & ~right).sum())} others\n")


if __name__ == "__main__":
    main()
