"""Fills blank PDF forms, prints, scans, faxes and photographs them, and writes the files with their truth.

`python -m synthesis.draw_filled_forms BLANK.pdf... --out DIR --seed 1 --count 60 --fonts DIR --strokes DIR`
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2

from synthesis.filled.blank import Blank, BlankUnreadableError, open_blank
from synthesis.filled.filled_set import SUBSETS, WITH_OTHERS, FormDrawer, plan, write_file
from synthesis.filled.hands import Studio
from synthesis.fonts import FontFolder, FontsMissingError
from synthesis.ink.pen_strokes import Part

INDEX = ("path", "form", "truth", "subset", "note")
_SHARED = Path("../shared/train")


@dataclass(frozen=True, slots=True)
class Order:
    """All that a process needs to know to draw any file of a set."""

    blanks: tuple[Path, ...]
    others: tuple[Path, ...]
    out: Path
    seed: int
    part: Part
    fonts: Path
    strokes: Path
    signatures: Path | None


class _Worker:
    """What a process loads once."""

    drawer: FormDrawer
    order: Order


def main(arguments: Sequence[str] | None = None) -> int:
    """Draws the folder; answers the exit code."""
    options = _parser().parse_args(arguments)
    try:
        blanks, others = _openable(options.blanks), _openable(options.others)
        subsets = _subsets(options.subset, bool(others))
        signatures = options.signatures if options.signatures.is_file() else None
        order = Order(
            tuple(blank.path for blank in blanks),
            tuple(blank.path for blank in others),
            options.out,
            options.seed,
            options.split,
            options.fonts,
            options.strokes,
            signatures,
        )
        _prepare(options.out, blanks)
        rows = _rows(order, plan(options.count, subsets), options.processes)
        _write_index(options.out, rows, options.count)
    except (FontsMissingError, BlankUnreadableError, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m synthesis.draw_filled_forms",
        description="Fills blank PDF forms as people do, brings them in, and writes them with truth (docs/samples.md).",
    )
    parser.add_argument("blanks", nargs="+", type=Path, metavar="BLANK", help="fillable PDF; its stem names the form")
    parser.add_argument("--out", type=Path, required=True, help="folder to write: index.csv, forms/, files/, truth/")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same files (default: %(default)s)")
    parser.add_argument("--count", type=int, default=100, help="files to draw (default: %(default)s)")
    parser.add_argument(
        "--split",
        type=Part,
        choices=list(Part),
        default=Part.TRAIN,
        help="whose hands, fonts and words (default: train)",
    )
    parser.add_argument(
        "--others", nargs="*", type=Path, default=[], metavar="PDF", help="forms that are not in the set"
    )
    parser.add_argument("--subset", action="append", choices=list(SUBSETS), help="only this kind; may be repeated")
    parser.add_argument("--fonts", type=Path, required=True, help="folder in which npm installed the @fontsource faces")
    parser.add_argument(
        "--strokes", type=Path, default=_SHARED / "handwriting", help="folder of unipen_chars.npz and its fellows"
    )
    parser.add_argument(
        "--signatures",
        type=Path,
        default=_SHARED / "signatures" / "crossmedia_h96.npz",
        help="scanned names; without them signatures are pen strokes and fonts",
    )
    parser.add_argument("--processes", type=int, default=2, help="(default: %(default)s)")
    return parser


def _openable(paths: Sequence[Path]) -> list[Blank]:
    """The blanks that can be filled; says which cannot. Raises BlankUnreadableError where none is left."""
    found: dict[str, Blank] = {}
    for path in paths:
        try:
            found[path.stem] = open_blank(path)
        except BlankUnreadableError as error:
            sys.stderr.write(f"left out: {error}\n")
    if paths and not found:
        raise BlankUnreadableError("none of the blanks can be filled")
    return list(found.values())


def _subsets(asked: Sequence[str] | None, others: bool) -> list[str]:
    if asked and WITH_OTHERS in asked and not others:
        raise ValueError(f"--subset {WITH_OTHERS} needs --others: forms that are not in the set")
    return [name for name in SUBSETS if (not asked or name in asked) and (others or name != WITH_OTHERS)]


def _prepare(out: Path, blanks: Sequence[Blank]) -> None:
    for folder in ("files", "truth"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    for blank in blanks:
        (out / "forms" / blank.name).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(blank.path, out / "forms" / blank.name / "blank.pdf")


def _rows(order: Order, subsets: Sequence[str], processes: int) -> Iterator[tuple[str, ...]]:
    jobs = list(enumerate(subsets))
    if processes < 2:
        _start(order)
        yield from map(_draw, jobs)
        return
    # Forked, a process has the locks of threads that it does not have.
    fresh = get_context("spawn")
    with ProcessPoolExecutor(processes, fresh, initializer=_start, initargs=(order,)) as pool:
        yield from pool.map(_draw, jobs)


def _start(order: Order) -> None:
    cv2.setNumThreads(1)
    studio = Studio(FontFolder(order.fonts), order.strokes, order.signatures, order.part)
    blanks, others = ([open_blank(path) for path in paths] for paths in (order.blanks, order.others))
    _Worker.order, _Worker.drawer = order, FormDrawer(studio, blanks, others)


def _draw(job: tuple[int, str]) -> tuple[str, ...]:
    number, subset = job
    order = _Worker.order
    drawn = _Worker.drawer.draw(subset, number, order.seed)
    return write_file(drawn, order.out, f"{order.part.value}{order.seed}-{number + 1:05}", subset)


def _write_index(out: Path, rows: Iterator[tuple[str, ...]], count: int) -> None:
    with (out / "index.csv").open("w", encoding="utf-8", newline="") as file:
        index = csv.writer(file)
        index.writerow(INDEX)
        for number, row in enumerate(rows, start=1):
            index.writerow(row)
            sys.stderr.write(f"\r{number} of {count} files")
            sys.stderr.flush()
    sys.stderr.write("\n")
    sys.stdout.write(f"{count} files in {out}\n")


if __name__ == "__main__":
    sys.exit(main())
