"""Evaluations of page quality: what counts as an alarm, and what as a defect that was missed."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from evaluation import evaluate
from evaluation.kinds.page_quality import READ_A_PAGE, STRENGTHS
from tests.evaluation.page import Page

LINES = [
    "The applicant has lived at this address since June",
    "Payments are due on the first day of every month",
    "Changes must be reported within ten working days",
    "Please write clearly and leave no question empty",
    "This form is valid without a stamp or signature",
]


def _quality(*defects: str) -> dict[str, object]:
    measures = [{"defect": name, "value": 1.0, "threshold": 2.0, "exceeded": True} for name in defects]
    return {"quality": {"acceptable": not defects, "defects": measures}}


def test_pages_without_words_are_judged_as_their_truth_says(told_model, folder_of) -> None:
    folder, options = folder_of(
        [
            Page("", {}, _quality()),
            Page("", {}, _quality("glare")),
            Page("", {"defects": ["blur", "noise"]}, _quality("blur")),
            Page("", {"defects": ["blank"]}, _quality("noise")),
            Page("", {"defects": ["blank"]}, "raise"),
        ]
    )
    found = evaluate(told_model("quality"), folder, options=options, deskew=False)
    measured = {name: (one.value, one.count) for name, one in found.metrics.items() if one.count}
    assert measured["false_alarm"] == (0.5, 2)
    assert measured["defect_recall"] == (0.25, 4)
    assert measured["any_defect_recall"] == (0.75, 4)
    assert (measured["blur_recall"], measured["noise_recall"]) == ((1.0, 1), (0.0, 1))
    assert measured["blank_recall"] == (0.0, 2)
    assert len(found.failures) == 1


@pytest.fixture
def drawn_folder(tmp_path: Path) -> Path:
    page = np.full((340, 900), 250, np.uint8)
    words = []
    for row, text in enumerate(LINES):
        y = 80 + 55 * row
        cv2.putText(page, text, (50, y), cv2.FONT_HERSHEY_DUPLEX, 0.85, 20, 1, cv2.LINE_AA)
        words.append({"text": text, "box": [50, y - 22, 50 + 16 * len(text), y + 6]})
    folder = tmp_path / "drawn"
    (folder / "files").mkdir(parents=True)
    cv2.imwrite(str(folder / "files" / "page.png"), page)
    (folder / "truth.json").write_text(json.dumps({"words": words}))
    with (folder / "index.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [("path", "label", "truth", "subset", "note"), ("files/page.png", "", "truth.json", "a", "")]
        )
    return folder


def test_defects_are_put_on_pages_with_words_and_count_when_they_cost_half_of_the_reading(drawn_folder: Path) -> None:
    found = evaluate("page-quality", drawn_folder)
    assert found.failures == ()
    assert len(found.samples) == 1 + (READ_A_PAGE + 1) * len(STRENGTHS) + 1
    assert found.metrics["false_alarm"].value == 0.0
    assert found.metrics["blank_recall"].value == 1.0
    assert found.metrics["ms_per_page"].count == len(found.samples)
    damaged = [sample for sample in found.samples if "counts" in sample.numbers or "harmless" in sample.numbers]
    assert len(damaged) == len(found.samples) - 1
    assert found.metrics["defect_recall"].count == sum("counts" in sample.numbers for sample in damaged)
    assert found.metrics["defect_recall"].value is not None
    assert found.metrics["defect_recall"].value >= 0.5
