"""Crops: whole images and places on a page, read by kind."""

from __future__ import annotations

import csv
import json

import cv2
import numpy as np
import pytest

from evaluation import evaluate, plots, table

READER = '''
from models.contract import RegionReader
from models.regions import cut
from schemas.prediction import Prediction
from schemas.reading import Reading
from schemas.fields import FieldState


class Told(RegionReader):
    """Reads the grey level in the middle of a region; is unsure of dark ones."""

    def load(self, artifacts):
        pass

    def predict(self, pages):
        return [Prediction() for _ in pages]

    def read(self, page, regions):
        return [self._read(cut(page.pixels, region.quad), region.kind) for region in regions]

    def _read(self, crop, kind):
        level = int(crop[crop.shape[0] // 2, crop.shape[1] // 2].max())
        return Reading(FieldState.FILLED, f"{kind[0].upper()}{level}", level / 255, rejected=level < 100)
'''


@pytest.fixture
def reader(told_model, tmp_path):
    name = told_model("lines", reads=("text", "digits", "capitals", "date"))
    (tmp_path / "site" / "told_lines_model" / "adapter.py").write_text(READER)
    return name


def _folder(folder, rows):
    (folder / "files").mkdir(parents=True)
    (folder / "about.toml").write_text('name = "levels"\n')
    with (folder / "index.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label", "truth", "subset", "note"))
        for index, (pixels, label, truth, note) in enumerate(rows):
            cv2.imwrite(str(folder / "files" / f"{index}.png"), pixels)
            name = ""
            if truth:
                name = f"{index}.json"
                (folder / name).write_text(json.dumps(truth))
            writer.writerow((f"files/{index}.png", label, name, "a", note))
    return folder


def _level(level):
    return np.full((30, 80), level, np.uint8)


def test_whole_image_crops_are_measured_by_kind(reader, tmp_path):
    rows = [
        (_level(200), "D200", None, "digits"),
        (_level(220), "D2", None, "digits"),
        (_level(150), "c150", None, "capitals"),
        (_level(50), "t50", None, "text"),
    ]
    found = evaluate(reader, _folder(tmp_path / "crops", rows))
    values = {name: measured.value for name, measured in found.metrics.items()}
    assert found.failures == ()
    assert found.data == "levels"
    assert values["crop_exact"] == 0.5
    # The kind says that letters are capitals; of other text the case counts.
    assert values["crop_exact_capitals"] == 1.0
    assert values["crop_exact_text"] == 0.0
    assert values["crop_exact_words"] == 0.5
    assert values["crop_exact_any_case"] == 0.75
    assert values["crop_exact_digits"] == 0.5
    assert values["crop_rejected"] == 0.25
    assert values["crop_exact_of_answered"] == pytest.approx(2 / 3)
    assert values["crop_cer"] == pytest.approx(3 / (4 + 2 + 4 + 3))
    assert values["crop_auroc"] == pytest.approx(2 / 4)
    assert found.metrics["crop_exact"].count == 4
    assert "word_f1" not in values
    names = [path.name for path in plots(found, tmp_path / "plots")]
    assert {"wrong-crop.png", "reliability-crop.png"} <= set(names)


def test_crops_of_a_page_stay_in_place_when_the_page_is_skewed(reader, tmp_path):
    page = np.full((400, 300), 255, np.uint8)
    page[40:80, 30:130] = 120
    page[300:340, 150:280] = 180
    crops = [
        {"box": [30, 40, 130, 80], "kind": "digits", "text": "D120"},
        {"box": [150, 300, 280, 340], "kind": "date", "text": "D180"},
    ]
    folder = _folder(tmp_path / "page", [(page, "", {"crops": crops}, "")])
    for skew in (0.0, 5.0):
        found = evaluate(reader, folder, deskew=False, skew=skew)
        assert found.metrics["crop_exact"].value == 1.0, found.samples
    assert found.variant == "skewed by 5, not straightened"


def test_a_crop_of_no_known_kind_is_a_failure(reader, tmp_path):
    truth = {"crops": [{"box": [0, 0, 9, 9], "kind": "poem", "text": "x"}]}
    found = evaluate(reader, _folder(tmp_path / "page", [(_level(200), "", truth, "")]), deskew=False)
    assert "poem" in found.failures[0]
    assert found.metrics["crop_exact"].value == 0.0


def test_rapidocr_answers_the_same_crops(reader, tmp_path):
    image = np.full((48, 220), 255, np.uint8)
    cv2.putText(image, "40218", (20, 36), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 2, cv2.LINE_AA)
    found = evaluate(reader, _folder(tmp_path / "crops", [(image, "40218", None, "digits")]), peers=("rapidocr",))
    assert found.metrics["crop_exact"].value == 0.0
    assert found.peers[0].metrics["crop_exact"].value == 1.0
    assert "rapidocr" in table(found)
