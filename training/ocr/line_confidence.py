"""Fits how likely printed words and lines are right: `python -m training.ocr.line_confidence --data DIR`.

Pages of the training PDFs, drawn as small scans, copies and faxes, are read by the accurate engine and compared with
their text layer. Every fifth PDF is kept out of the fit and tests it. Needs no torch. Writes confidence.json.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.artifacts import locate
from models.catalog.ocr.page.accurate import AccurateReader, Reading
from models.catalog.ocr.page.line_confidence import LINE, WORD, features
from models.registry import find_model
from training.ocr.printed_pages import PrintedPage, TrueWord, printed_pages

ARTIFACT = "confidence.json"
_TEST_EVERY = 5
_RIDGE = 1.0
_STEPS = 40
_MARGIN = 0.25
_WORD = re.compile(r"[^\W_]+")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Answer:
    """One read word or line, and whether it is right."""

    kind: str
    source: str
    features: Floats
    right: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Reads, fits, tests, writes; answers the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/train"))
    parser.add_argument("--pages", type=int, default=24)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--out", type=Path, default=find_model("ocr").folder)
    given = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    reader = _reader()
    answers = [found for page in printed_pages(given.data, given.pages, given.seed) for found in _answers(reader, page)]
    fitted: dict[str, object] = {"pages": given.pages, "seed": given.seed}
    for kind in (WORD, LINE):
        chosen = [answer for answer in answers if answer.kind == kind]
        train = [answer for answer in chosen if not _for_test(answer.source)]
        weights = fit(np.array([a.features for a in train]), np.array([a.right for a in train], dtype=np.float64))
        fitted[kind] = [round(float(weight), 5) for weight in weights]
        _report(kind, [answer for answer in chosen if _for_test(answer.source)], weights)
    (given.out / ARTIFACT).write_text(json.dumps(fitted) + "\n", encoding="utf-8")
    return 0


def fit(inputs: Floats, right: Floats) -> Floats:
    """Weights of a logistic regression with a small ridge, by Newton's method; `inputs` (n, k), `right` (n,) 0 or 1."""
    weights = np.zeros(inputs.shape[1])
    for _ in range(_STEPS):
        share = 1 / (1 + np.exp(-np.clip(inputs @ weights, -30, 30)))
        slope = inputs.T @ (right - share) - _RIDGE * weights
        bend = (inputs * (share * (1 - share))[:, None]).T @ inputs + _RIDGE * np.eye(len(weights))
        weights = weights + np.linalg.solve(bend, slope)
    return weights


def _reader() -> AccurateReader:
    registered = find_model("ocr")
    paths = {artifact.name: locate(artifact, registered.folder) for artifact in registered.card.artifacts}
    detector, recogniser = paths["detector"], paths["recogniser"]
    assert detector is not None
    assert recogniser is not None
    return AccurateReader(detector, recogniser)


def _answers(reader: AccurateReader, page: PrintedPage) -> Iterator[Answer]:
    for reading in reader.readings(page.pixels):
        line = reading.line
        there = _WORD.findall(" ".join(word.text for word in _words_in(reading, page.words)).lower())
        pieces = [(m.start(), m.end(), _WORD.findall(m.group().lower())) for m in re.finditer(r"\S+", line.text)]
        tokens = [token for _, _, piece in pieces for token in piece]
        if not tokens:
            continue
        hits = _matched(tokens, there)
        yield _answer(LINE, page, reading, 0, len(line.text), tokens == there)
        done = 0
        for start, end, piece in pieces:
            if piece:
                yield _answer(WORD, page, reading, start, end, all(hits[done : done + len(piece)]))
            done += len(piece)


def _answer(kind: str, page: PrintedPage, reading: Reading, start: int, end: int, right: bool) -> Answer:
    scores = reading.line.confidences[start:end]
    return Answer(kind, page.source, features(scores, reading.line.confidence, reading.region.score), right)


def _words_in(reading: Reading, words: Sequence[TrueWord]) -> list[TrueWord]:
    """True words whose middle is in the region, in the direction of reading."""
    corners = reading.corners.astype(np.float64)
    along, down = corners[1] - corners[0], corners[3] - corners[0]
    frame = np.linalg.inv(np.column_stack([along, down]))
    found = []
    for word in words:
        x, y = frame @ (np.array([word.x, word.y]) - corners[0])
        if -0.02 <= x <= 1.02 and 0.5 - _MARGIN <= y <= 0.5 + _MARGIN:
            found.append((x, word))
    return [word for _, word in sorted(found, key=lambda pair: pair[0])]


def _matched(read: Sequence[str], true: Sequence[str]) -> list[bool]:
    hits = [False] * len(read)
    for block in difflib.SequenceMatcher(None, list(read), list(true), autojunk=False).get_matching_blocks():
        hits[block.a : block.a + block.size] = [True] * block.size
    return hits


def _for_test(source: str) -> bool:
    return zlib.crc32(source.encode()) % _TEST_EVERY == 0


def _report(kind: str, test: Sequence[Answer], weights: Floats) -> None:
    if not test:
        return
    inputs, right = np.array([answer.features for answer in test]), np.array([answer.right for answer in test])
    fitted = 1 / (1 + np.exp(-inputs @ weights))
    before = 1 / (1 + np.exp(-inputs[:, 4 if kind == LINE else 2]))
    for name, confidence in (("mean score", before), ("fitted", fitted)):
        sys.stdout.write(
            f"{kind} {name}: {len(test)} of unseen PDFs, right {right.mean():.3f}, "
            f"AUROC {_auroc(confidence, right):.3f}, calibration error {_calibration_error(confidence, right):.3f}\n"
        )


def _auroc(confidence: Floats, right: npt.NDArray[np.bool_]) -> float:
    ranks = np.argsort(np.argsort(confidence)).astype(np.float64)
    positives = int(right.sum())
    return float((ranks[right].sum() - positives * (positives - 1) / 2) / max(1, positives * (len(right) - positives)))


def _calibration_error(confidence: Floats, right: npt.NDArray[np.bool_]) -> float:
    bins = np.minimum((confidence * 10).astype(int), 9)
    return float(sum(abs(confidence[bins == b].sum() - right[bins == b].sum()) for b in range(10)) / len(right))


if __name__ == "__main__":
    sys.exit(main())
