"""Fits what a reading's confidence is worth for a field of a form, and which fields nobody has to look at.

    python -m synthesis.draw_filled_forms ... --split validation --out FOLDER        (docs/samples.md)
    python -m training.form_reader.fit_confidence --data FOLDER

By hands that no reader has learned from, on forms that are in no evaluation. For each group of fields the share of
right ones rises with the reader's confidence: isotonic regression by pooling adjacent violators (Ayer et al., An
empirical distribution function for sampling with incomplete information, 1955), with one wrong and one right field
added to each step. Fields are taken from the surest on until the share of wrong ones among them reaches an error.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np
import numpy.typing as npt

from evaluation.filled_forms.measure import read_pages
from evaluation.filled_forms.scoring import ScoredField, scored_fields
from forms.form import FieldKind
from models.catalog.form_reader.field_confidence import FieldConfidence, group_of

Floats = npt.NDArray[np.float64]

ERRORS = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05)
LEAST = 60
"""Fields of a group; fewer tell nothing, and their confidences stay as they are."""
STEP = 25
"""Fields in each step of the table at least."""
HERE = Path("models/catalog/form_reader/field_confidence.json")


def fitted(fields: Sequence[ScoredField]) -> FieldConfidence:
    """The tables for fields with their readings as the readers said them."""
    groups: dict[str, list[tuple[float, bool]]] = {}
    for each in fields:
        if each.read is not None:
            group = group_of(FieldKind(each.read.kind), each.read.state, each.read.origin)
            groups.setdefault(group, []).append((each.read.confidence, each.right))
    right = {name: rising(pairs) for name, pairs in sorted(groups.items()) if len(pairs) >= LEAST}
    known = FieldConfidence(right)
    sure = [known.of_field(name, confidence) for name, pairs in groups.items() for confidence, _ in pairs]
    is_right = [each for pairs in groups.values() for _, each in pairs]
    return FieldConfidence(right, taken(np.array(sure), np.array(is_right, dtype=np.bool_)))


def rising(pairs: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """Pairs of confidence and share of right ones, both rising."""
    blocks: list[list[float]] = []
    """Sum of confidences, fields, right ones."""
    for some in _steps(sorted(pairs, key=itemgetter(0))):
        blocks.append([sum(sure for sure, _ in some), float(len(some)), float(sum(right for _, right in some))])
        while len(blocks) > 1 and _share(blocks[-2]) >= _share(blocks[-1]):
            last = blocks.pop()
            blocks[-1] = [one + other for one, other in zip(blocks[-1], last, strict=True)]
    return [(round(block[0] / block[1], 4), round(_share(block), 5)) for block in blocks]


def _steps(ordered: Sequence[tuple[float, bool]]) -> Iterator[list[tuple[float, bool]]]:
    """STEP fields or more in each, those that are as sure as one another together."""
    step: list[tuple[float, bool]] = []
    for _, alike in groupby(ordered, key=itemgetter(0)):
        step += alike
        if len(step) >= STEP:
            yield step
            step = []
    if step:
        yield step


def _share(block: Sequence[float]) -> float:
    return (block[2] + 1) / (block[1] + 2)


def taken(sure: Floats, right: npt.NDArray[np.bool_]) -> list[tuple[float, float]]:
    """For each of ERRORS that can be reached, the least confidence of the fields that are taken then."""
    order = np.argsort(-sure, kind="stable")
    wrong = np.cumsum(~right[order]) / np.arange(1, len(order) + 1)
    # Fields as sure as one another are taken together.
    ends = np.flatnonzero(np.diff(sure[order], append=-1.0))
    found = []
    for error in ERRORS:
        below = ends[wrong[ends] <= error]
        if below.size:
            found.append((error, round(float(sure[order][below[-1]]), 5)))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the tables; answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.form_reader.fit_confidence", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that synthesis.draw_filled_forms wrote")
    parser.add_argument("--out", type=Path, default=HERE)
    given = parser.parse_args(arguments)
    pages = read_pages(given.data, FieldConfidence(), say_progress)
    fields = scored_fields(pages)
    tables = fitted(fields)
    given.out.write_text(json.dumps({"right": tables.right, "taken": tables.taken}, indent=1) + "\n", encoding="utf-8")
    sha256 = hashlib.sha256(given.out.read_bytes()).hexdigest()
    sys.stdout.write(f"\n{given.out}: {len(fields)} fields of {len(pages)} pages, sha256 {sha256}\n")
    return 0


def say_progress(done: int, of: int) -> None:
    """On one line of stderr."""
    sys.stderr.write(f"\r{done} of {of} files")


if __name__ == "__main__":
    sys.exit(main())
