"""Other software on the same pages, with the same metrics."""

from __future__ import annotations

import csv
import json
from importlib.util import find_spec

import cv2
import numpy as np
import pytest

from evaluation import evaluate, table
from schemas.errors import DocbeamError


def _folder(folder, image, label="", truth=None, subset="natural"):
    (folder / "files").mkdir(parents=True)
    cv2.imwrite(str(folder / "files" / "page.png"), image)
    (folder / "truth.json").write_text(json.dumps(truth or {}))
    with (folder / "index.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label", "truth", "subset", "note"))
        writer.writerow(("files/page.png", label, "truth.json", subset, ""))
    return folder


@pytest.fixture
def boxes(tmp_path):
    page = np.full((800, 600), 255, np.uint8)
    truth = []
    for row in range(4):
        left, top = 60, 100 + 120 * row
        cv2.rectangle(page, (left, top), (left + 26, top + 26), 0, 2)
        if row % 2:
            cv2.line(page, (left, top), (left + 26, top + 26), 0, 3)
            cv2.line(page, (left, top + 26), (left + 26, top), 0, 3)
        truth.append({"box": [left, top, left + 27, top + 27], "state": "checked" if row % 2 else "empty"})
        cv2.putText(page, f"Choice {row}", (left + 50, top + 22), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2, cv2.LINE_AA)
    return _folder(tmp_path / "boxes", page, truth={"boxes": truth, "complete": True})


def test_the_contour_rule_answers_boxes(boxes):
    found = evaluate("checkbox", boxes, deskew=False, peers=("contour",))
    peer = found.peers[0]
    assert peer.failures == ()
    assert peer.metrics["state_accuracy"].value == 1.0
    assert peer.metrics["detector_recall"].value == 1.0
    assert peer.metrics["state_accuracy"].count == found.metrics["state_accuracy"].count == 4
    # It has no confidence of its own, so none is measured.
    assert "state_auroc" not in peer.metrics
    assert "state_auroc" in found.metrics
    plain = found.as_json()
    assert plain["peers"]["contour"]["metrics"]["state_accuracy"] == 1.0
    assert "contour 1" in table(found).splitlines()[3]


def test_tesseract_reads_the_page_as_found(tmp_path):
    page = np.full((300, 900), 255, np.uint8)
    cv2.putText(page, "Invoice 40218", (40, 120), cv2.FONT_HERSHEY_DUPLEX, 2, 0, 3, cv2.LINE_AA)
    truth = {"lines": [{"text": "Invoice 40218", "box": [40, 70, 560, 130]}]}
    folder = _folder(tmp_path / "line", page, truth=truth)
    found = evaluate("ocr", folder, options={"engine": "light"}, deskew=False, peers=("tesseract",))
    assert found.peers[0].failures == ()
    assert found.peers[0].metrics["word_f1"].value == 1.0
    assert found.variant == "engine light, not straightened"


@pytest.mark.parametrize("name", ["jdeskew", "deskew"])
def test_peers_of_deskew_count_angles_as_we_do_or_say_how_to_install_them(name, tmp_path):
    page = np.full((1000, 800), 255, np.uint8)
    for row in range(20):
        cv2.putText(page, "the quick brown fox jumps", (90, 80 + 44 * row), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 2)
    turn = cv2.getRotationMatrix2D((400, 500), 4.0, 1.0)
    page = cv2.warpAffine(page, turn, (800, 1000), borderValue=255)
    folder = _folder(tmp_path / "askew", page, label="4.0")
    if find_spec(name) is None:
        with pytest.raises(DocbeamError, match=r"docbeam\[peers\]"):
            evaluate("deskew", folder, peers=(name,))
        return
    found = evaluate("deskew", folder, peers=(name,))
    assert found.peers[0].metrics["aed_degrees"].value < 0.5
    assert found.metrics["aed_degrees"].value < 0.1


def test_a_peer_of_another_kind_is_refused_with_those_there_are(boxes):
    with pytest.raises(DocbeamError, match="contour"):
        evaluate("checkbox", boxes, peers=("tesseract",))
    with pytest.raises(DocbeamError, match="skew"):
        evaluate("deskew", boxes, skew=5.0)
