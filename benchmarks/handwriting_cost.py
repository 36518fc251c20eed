"""Processor time of reading handwriting: our reader beside PP-OCRv6 alone, on the same lines in the same run.

    python -m synthesis.draw_handwriting --strokes STROKES --fonts FONTS --mnist FONTS --part validation FOLDER
    python -m benchmarks.handwriting_cost --data FOLDER

FOLDER is an evaluation folder of crops (docs/evaluation.md). Each round reads every crop by each reader in turn, so
that what else the machine does falls on all of them; the median round of each is reported. All start from the line
that was cut out of the crop, which costs the same for all; a whole field, cutting included, is the last row.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from models.artifacts import verified_artifacts
from models.catalog.ocr.adapter import Ocr
from models.catalog.ocr.field.handwriting import HandwritingReader
from models.catalog.ocr.field.ink_line import ink_line
from models.catalog.ocr.language.expectations import Spelling
from models.catalog.ocr.page.recognition import LineRecogniser
from models.contract import PageImage
from models.registry import find_model, load_model
from schemas.prediction import box_quad
from schemas.reading import Reading, Region, RegionKind

SUBSETS = ("words-unipen", "lines-unipen", "text-typed")
THEIRS = "PP-OCRv6 alone"

Pixels = NDArray[np.uint8]


def readers() -> dict[str, tuple[bool, Callable[[Pixels], object]]]:
    """By name: whether it takes the crop rather than the line, and the reader."""
    model = find_model("ocr")
    files = verified_artifacts(model.card, model.folder)
    theirs = LineRecogniser(files["recogniser"])
    ours = HandwritingReader(files["recogniser"], files["handwriting"], Spelling.of(files["spelling"]))
    whole = load_model("ocr")
    assert isinstance(whole, Ocr)
    return {
        THEIRS: (False, lambda line: theirs.read(cv2.cvtColor(line, cv2.COLOR_GRAY2BGR))),
        "ours alone": (False, ours.read),
        "both": (False, ours.read_both),
        "a field of text": (True, lambda crop: _as_text(whole, crop)),
    }


def _as_text(reader: Ocr, crop: Pixels) -> Reading:
    height, width = crop.shape[:2]
    (reading,) = reader.read(PageImage(1, crop), [Region(box_quad(0, 0, width, height), RegionKind.TEXT)])
    return reading


def crops_of(folder: Path, subset: str, count: int) -> list[tuple[Pixels, Pixels]]:
    """Crops with ink, and their lines."""
    with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file) if row["subset"] == subset][:count]
    crops = [np.asarray(cv2.imread(str(folder / path), cv2.IMREAD_GRAYSCALE), dtype=np.uint8) for path in paths]
    return [(crop, line) for crop in crops if (line := ink_line(crop)) is not None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table; answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.handwriting_cost", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="evaluation folder of crops")
    parser.add_argument("--count", type=int, default=100, help="crops of a subset")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    sys.stdout.write("| crops | reader | ms of processor time | beside PP-OCRv6 alone |\n|---|---|---|---|\n")
    opened = readers()
    for subset in SUBSETS:
        pairs = crops_of(given.data, subset, given.count)
        spent: dict[str, list[float]] = {}
        for _ in range(given.rounds):
            for name, (takes_crop, read) in opened.items():
                read(pairs[0][0 if takes_crop else 1])
                started = time.process_time()
                for crop, line in pairs:
                    read(crop if takes_crop else line)
                spent.setdefault(name, []).append((time.process_time() - started) / len(pairs) * 1000)
        for name, times in spent.items():
            ratio = median(times) / median(spent[THEIRS])
            sys.stdout.write(f"| {subset} | {name} | {median(times):.1f} | {ratio:.2f} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
