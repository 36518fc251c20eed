"""Fits how likely words and lines are right: `python -m training.ocr.line_confidence --data DIR --fonts DIR`.

Pages of the training PDFs and pages by hand of several sources, drawn as small scans, copies and faxes, are read by the
accurate engine and compared with what stands on them. Each source of handwriting, and each fifth of the PDFs, is left
out in turn to say what confidences are worth on the unseen; what is shipped is fitted on all. Needs no torch, but
line_kinds.npz. Writes confidence.json.
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

from models.catalog.ocr.page.line_confidence import LINE, WORD, features
from models.catalog.ocr.page.line_kinds import LineKinds
from models.registry import find_model
from synthesis.fonts import FontFolder
from training.ocr.line_kinds import ARTIFACT as KINDS
from training.ocr.read_pages import OWN, PAGES, SEED, WORDS, WRITTEN, ReadAndTrue, all_pages, read_lines

ARTIFACT = "confidence.json"
_FOLDS = 5
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
    parser.add_argument("--fonts", type=Path, required=True, help="folder in which npm installed the @fontsource faces")
    parser.add_argument("--pages", type=int, default=PAGES, help="of PDFs")
    parser.add_argument("--written", type=int, default=WRITTEN, help="pages of each source of handwriting")
    parser.add_argument("--out", type=Path, default=find_model("ocr").folder)
    given = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    pages = all_pages(given.data, FontFolder(given.fonts), given.pages, given.written)
    kinds = LineKinds(given.out / KINDS)
    answers = [
        answer for line in read_lines(pages) for answer in answers_of(line, kinds.by_hand(line.reading.line.traits))
    ]
    fitted: dict[str, object] = {"pages": given.pages, "written": given.written, "seed": SEED}
    for kind in (WORD, LINE):
        chosen = [answer for answer in answers if answer.kind == kind]
        fitted[kind] = [round(float(weight), 5) for weight in fitted_on(chosen)]
        _report(kind, chosen)
    (given.out / ARTIFACT).write_text(json.dumps(fitted) + "\n", encoding="utf-8")
    return 0


def answers_of(line: ReadAndTrue, by_hand: float) -> Iterator[Answer]:
    """What is asked of a line and each of its words: how likely, by their features, they are right."""
    read, score = line.reading.line, line.reading.region.score
    pieces = [(m.start(), m.end(), WORDS.findall(m.group().lower())) for m in re.finditer(r"\S+", read.text)]
    tokens = [token for _, _, piece in pieces for token in piece]
    if not tokens:
        return
    hits = _matched(tokens, line.there)
    about = features(read.confidences, read.confidence, score, by_hand)
    yield Answer(LINE, line.source, about, tokens == list(line.there))
    done = 0
    for start, end, piece in pieces:
        if piece:
            about = features(read.confidences[start:end], read.confidence, score, by_hand)
            yield Answer(WORD, line.source, about, all(hits[done : done + len(piece)]))
        done += len(piece)


def fitted_on(answers: Sequence[Answer]) -> Floats:
    """The weights for these answers."""
    return fit(np.array([one.features for one in answers]), np.array([one.right for one in answers], dtype=np.float64))


def fit(inputs: Floats, right: Floats) -> Floats:
    """Weights of a logistic regression with a small ridge, by Newton's method; `inputs` (n, k), `right` (n,) 0 or 1."""
    weights = np.zeros(inputs.shape[1])
    for _ in range(_STEPS):
        share = 1 / (1 + np.exp(-np.clip(inputs @ weights, -30, 30)))
        slope = inputs.T @ (right - share) - _RIDGE * weights
        bend = (inputs * (share * (1 - share))[:, None]).T @ inputs + _RIDGE * np.eye(len(weights))
        weights = weights + np.linalg.solve(bend, slope)
    return weights


def _matched(read: Sequence[str], true: Sequence[str]) -> list[bool]:
    hits = [False] * len(read)
    for block in difflib.SequenceMatcher(None, list(read), list(true), autojunk=False).get_matching_blocks():
        hits[block.a : block.a + block.size] = [True] * block.size
    return hits


def _group(source: str) -> str:
    """What is left out together: a source of lines on our own paper, or a fifth of the PDFs."""
    return source if source in OWN else f"PDFs {zlib.crc32(source.encode()) % _FOLDS}"


def _report(kind: str, answers: Sequence[Answer]) -> None:
    """How far confidences on what was left out can be believed, by group."""
    for group in dict.fromkeys(_group(answer.source) for answer in answers):
        held = [answer for answer in answers if _group(answer.source) == group]
        weights = fitted_on([answer for answer in answers if _group(answer.source) != group])
        sure = 1 / (1 + np.exp(-np.array([answer.features for answer in held]) @ weights))
        right = np.array([answer.right for answer in held])
        sys.stdout.write(
            f"{kind} {group:22s} {len(held):5d}, right {right.mean():.3f}, confidence {sure.mean():.3f}, "
            f"AUROC {_auroc(sure, right):.3f}, ECE {_ece(sure, right):.3f}\n"
        )


def _ece(sure: Floats, right: npt.NDArray[np.bool_]) -> float:
    bins = np.minimum((sure * 10).astype(int), 9)
    apart = [abs(float(sure[bins == one].sum() - right[bins == one].sum())) for one in range(10)]
    return sum(apart) / len(sure)


def _auroc(sure: Floats, right: npt.NDArray[np.bool_]) -> float:
    good, bad = sure[right], sure[~right]
    if not len(good) or not len(bad):
        return float("nan")
    above = (good[:, None] > bad[None]).mean() + 0.5 * (good[:, None] == bad[None]).mean()
    return float(above)


if __name__ == "__main__":
    sys.exit(main())
