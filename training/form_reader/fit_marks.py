"""Fits when a box of a form counts as marked.

    python -m synthesis.draw_filled_forms ... --split validation --out FOLDER        (docs/samples.md)
    python -m training.form_reader.fit_marks --data FOLDER

Logistic regression by Newton's method over `MarkedBox.evidence`, by pens that no network has learned from, on forms
that are in no evaluation. Answers that were taken back are left out: they are told by what stands beside them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from config.settings import DocumentSettings
from evaluation.filled_forms.measure import MODEL, Progress, page_image, registered
from evaluation.filled_forms.truth import TruePage, filled_files
from forms.form import FieldKind
from models.catalog.form_reader.adapter import FormReader
from models.catalog.form_reader.marked_fields import MarkBelief, MarkedBox
from models.registry import load_model
from training.form_reader.fit_confidence import say_progress

Floats = npt.NDArray[np.float64]

HERE = Path("models/catalog/form_reader/marks.json")
_TAKEN_BACK = "corrected"
_STIFFNESS = 1e-5
"""Of a weight's square, for each box: keeps weights finite where nothing contradicts."""
_ROUNDS = 50


def fitted(evidence: Floats, marked: Floats) -> MarkBelief:
    """Weights for (boxes, 3) evidence of which (boxes,) 1 is marked and 0 is not."""
    weights = np.zeros(evidence.shape[1])
    stiff = _STIFFNESS * len(marked)
    for _ in range(_ROUNDS):
        chances = 1 / (1 + np.exp(-np.clip(evidence @ weights, -30, 30)))
        curved = (evidence * (chances * (1 - chances) + 1e-6)[:, None]).T @ evidence + stiff * np.eye(len(weights))
        weights = weights + np.linalg.solve(curved, evidence.T @ (marked - chances) - stiff * weights)
    network, ink, bias = (round(float(weight), 3) for weight in weights)
    return MarkBelief((network, ink, bias))


def seen_boxes(data: Path, progress: Progress) -> Iterator[tuple[MarkedBox, bool]]:
    """The check boxes of registered pages, and whether somebody marked them and means it.

    Raises as `registered` and `filled_files` do.
    """
    files = filled_files(data)
    with registered(data) as names:
        model = load_model(MODEL)
        assert isinstance(model, FormReader)
        for done, file in enumerate(files, start=1):
            for page in file.pages:
                form, boxes = model.boxes_of(page_image(file.path, page.number, DocumentSettings()))
                if form == names.get(file.form):
                    yield from _with_truth(boxes, page)
            progress(done, len(files))


def _with_truth(boxes: Mapping[str, Sequence[MarkedBox]], page: TruePage) -> Iterator[tuple[MarkedBox, bool]]:
    for name, field in page.fields.items():
        taken_back = _TAKEN_BACK in field.note and not field.filled
        if field.kind == FieldKind.CHECKBOX and len(boxes.get(name, ())) == 1 and not taken_back:
            yield boxes[name][0], field.filled


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the weights; answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.form_reader.fit_marks", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that synthesis.draw_filled_forms wrote")
    parser.add_argument("--out", type=Path, default=HERE)
    given = parser.parse_args(arguments)
    seen = list(seen_boxes(given.data, say_progress))
    evidence = np.array([box.evidence for box, _ in seen])
    marked = np.array([is_marked for _, is_marked in seen], dtype=np.float64)
    belief = fitted(evidence, marked)
    wrong = sum((belief.marked(box) >= 0.5) != is_marked for box, is_marked in seen)
    given.out.write_text(json.dumps({"weights": belief.weights}) + "\n", encoding="utf-8")
    sha256 = hashlib.sha256(given.out.read_bytes()).hexdigest()
    sys.stdout.write(f"\n{given.out}: {wrong} of {len(seen)} boxes wrong, sha256 {sha256}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
