"""Fits the signature score on made pages: born-digital print with pen words drawn in.

    python -m models.signature.train TRAINING_FOLDER

TRAINING_FOLDER holds `pages/*.pdf`, `forms/*.pdf` (print) and `handwriting/unipen_words.npz` (pen strokes, UNIPEN
train_r01_v07, CC-BY-4.0; I. Guyon et al., ICPR 1994). Two capitalised words of one writer, enlarged, slanted and
squeezed, stand for a signature. Everything drawn comes from one seed; writes `score.json` beside this file.
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2

from models.signature.page_ink import Mask, working_page
from models.signature.regions import FEATURES, find_regions

SEED = 20240611
_PAGES = 420
Box = tuple[float, float, float, float]


class PenWords:
    """Capitalised words as pen strokes, by writer."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as stored:
            steps = np.stack([stored["dx"], stored["dy"]], axis=1).astype(np.float64)
            strokes, self._strokes_of = stored["stroke_len"].astype(int), stored["seg_strokes"].astype(int)
            texts = bytes(stored["labels"]).decode().split("\n")
            writers = stored["writer"]
        ends = np.concatenate([[0], np.cumsum(strokes)])
        firsts = np.concatenate([[0], np.cumsum(self._strokes_of)])
        self._steps, self._ends, self._firsts = steps, ends, firsts
        self._by_writer: dict[int, list[int]] = {}
        for index, text in enumerate(texts[: len(self._strokes_of)]):
            if len(text) >= 3 and text[0].isupper() and text[1:].islower():
                self._by_writer.setdefault(int(writers[index]), []).append(index)
        self._writers = sorted(writer for writer, words in self._by_writer.items() if len(words) >= 4)

    def signature(self, random: np.random.Generator) -> list[npt.NDArray[np.float64]]:
        """Strokes of a made signature, about one unit high, y down."""
        words = self._by_writer[self._writers[int(random.integers(len(self._writers)))]]
        chosen = random.choice(words, size=int(random.integers(1, 3)), replace=False)
        strokes: list[npt.NDArray[np.float64]] = []
        start = 0.0
        squeeze, slant = random.uniform(0.6, 1.2), random.uniform(-0.1, 0.7)
        for word in chosen:
            path = np.cumsum(self._steps[self._ends[self._firsts[word]] : self._ends[self._firsts[word + 1]]], axis=0)
            path = (path - path.min(axis=0)) / max(1.0, float(np.ptp(path[:, 1])))
            path[:, 0] = path[:, 0] * squeeze + (1 - path[:, 1]) * slant + start
            start = float(path[:, 0].max()) + random.uniform(-0.1, 0.3)
            cuts = self._ends[self._firsts[word] : self._firsts[word + 1] + 1] - self._ends[self._firsts[word]]
            strokes += [path[a:b] for a, b in pairwise(cuts) if b > a]
        return strokes


def draw(page: Mask, strokes: list[npt.NDArray[np.float64]], random: np.random.Generator) -> Box:
    """Draw a signature into `page`; returns its box."""
    height = random.uniform(0.022, 0.06) * page.shape[0]
    width = max(float(stroke[:, 0].max()) for stroke in strokes) * height
    left = random.uniform(0.05, 0.9) * max(1.0, page.shape[1] - width)
    top = random.uniform(0.2, 0.92) * (page.shape[0] - height)
    pen, shade = int(random.integers(1, 5)), int(random.integers(0, 110))
    for stroke in strokes:
        points = np.rint((stroke * height + [left, top]) * 8).astype(np.int32)
        cv2.polylines(page, [points.reshape(-1, 1, 2)], False, shade, pen, cv2.LINE_AA, 3)
    return left, top, min(left + width, page.shape[1]), top + height


def made_page(pdf: Path, pens: PenWords, random: np.random.Generator) -> tuple[Mask, list[Box]]:
    """A page of `pdf`, in half of all cases signed, scanned badly in half of all cases; and where it is signed."""
    document = pypdfium2.PdfDocument(pdf)
    number = int(random.integers(len(document)))
    image = document[number].render(scale=float(random.uniform(1.2, 2.3)), grayscale=True).to_numpy()
    document.close()
    page: Mask = np.ascontiguousarray(image.reshape(image.shape[:2]))
    boxes = [draw(page, pens.signature(random), random) for _ in range(int(random.integers(0, 4)))]
    if random.random() < 0.5:
        page = np.asarray(cv2.GaussianBlur(page, (0, 0), float(random.uniform(0.4, 1.1))), dtype=np.uint8)
    if random.random() < 0.5:
        page = ((page > random.integers(120, 200)) * 255).astype(np.uint8)
    else:
        noise = random.normal(0, random.uniform(0, 9), page.shape)
        page = np.clip(page * random.uniform(0.8, 1) + noise, 0, 255).astype(np.uint8)
    return page, boxes


def samples(folder: Path) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Features of the regions found on made pages, and 1 for those that are a drawn signature."""
    random = np.random.default_rng(SEED)
    pens = PenWords(folder / "handwriting" / "unipen_words.npz")
    pdfs = sorted((folder / "pages").glob("*.pdf")) + sorted((folder / "forms").glob("*.pdf"))
    features, truth = [], []
    for _ in range(_PAGES):
        page, boxes = made_page(pdfs[int(random.integers(len(pdfs)))], pens, random)
        ink = working_page(page, None)
        for region in find_regions(ink) if ink else []:
            share = max((_overlap(region.box, box, ink.scale) for box in boxes), default=0.0) if ink else 0.0
            if share >= 0.4 or share == 0:
                features.append(region.features)
                truth.append(float(share >= 0.4))
    return np.array(features), np.array(truth)


def _overlap(found: tuple[int, int, int, int], drawn: Box, scale: float) -> float:
    left, top, right, bottom = (v * scale for v in drawn)
    width = min(found[2], right) - max(found[0], left)
    height = min(found[3], bottom) - max(found[1], top)
    if width <= 0 or height <= 0:
        return 0.0
    both = (right - left) * (bottom - top) + (found[2] - found[0]) * (found[3] - found[1])
    return float(width * height / (both - width * height))


def fit(features: npt.NDArray[np.float64], truth: npt.NDArray[np.float64]) -> dict[str, object]:
    """Logistic regression on standardised features and their squares, both classes weighing the same."""
    middle, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    standard = np.clip((features - middle) / spread, -3, 3)
    inputs = np.concatenate([standard, standard**2, np.ones((len(standard), 1))], axis=1)
    weight = np.where(truth > 0, 0.5 / truth.mean(), 0.5 / (1 - truth.mean()))
    weights = np.zeros(inputs.shape[1])
    for _ in range(60):
        chance = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (weight * (chance - truth)) + 2.0 * weights
        curve = (inputs * (weight * chance * (1 - chance))[:, None]).T @ inputs + 2.0 * np.eye(len(weights))
        weights -= np.linalg.solve(curve, slope)
    return {
        "features": list(FEATURES),
        "middle": [round(float(v), 6) for v in middle],
        "spread": [round(float(v), 6) for v in spread],
        "weights": [round(float(v), 6) for v in weights],
    }


def main(folder: Path) -> None:
    """Make the samples, fit, write."""
    features, truth = samples(folder)
    model = fit(features, truth)
    target = Path(__file__).with_name("score.json")
    target.write_text(json.dumps(model, indent=1) + "\n", encoding="utf-8")
    sys.stderr.write(f"{len(truth)} regions, {int(truth.sum())} of them signatures: {target}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
