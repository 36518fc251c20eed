"""Evaluations of a model whose answers, and so whose metrics, are known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluation import FolderError, evaluate, plots, table
from models.registry import RegistryError
from schemas.errors import DocbeamError
from tests.evaluation.page import Page


def _line(text, box, words=()):
    left, top, right, bottom = box
    quad = [left, top, right, top, right, bottom, left, bottom]
    return {"text": text, "quad": quad, "confidence": 0.9, "words": list(words)}


def _word(text, box):
    return {"text": text, "box": box}


def _quad(left, top, right, bottom):
    return [left, top, right, top, right, bottom, left, bottom]


@pytest.fixture
def two_words():
    return {"words": [_word("Name:", [10, 10, 60, 20]), _word("Ann", [70, 10, 100, 20])]}


def test_perfect_reading_scores_one(told_model, folder_of, two_words):
    folder, options = folder_of([Page("", two_words, {"lines": [_line("Name: Ann", [10, 10, 100, 20])]})])
    found = evaluate(told_model("lines"), folder, options=options, deskew=False)
    assert found.metrics["word_f1"].value == 1.0
    assert found.metrics["word_f1"].count == 2
    assert found.metrics["cer"].value == 0.0
    assert found.metrics["cer"].count == 8
    assert found.version == "7"
    assert [path.name for path in plots(found, folder / "plots")] == ["reliability-line.png"]


def test_wrong_letters_and_raised_pages_are_counted(told_model, folder_of, two_words):
    folder, options = folder_of(
        [
            Page("", two_words, {"lines": [_line("Name: Amn", [10, 10, 100, 20])]}, "a"),
            Page("", two_words, "raise", "b"),
        ]
    )
    found = evaluate(told_model("lines"), folder, options=options, deskew=False)
    # One word of four true and two read ones; one letter of eight and then all eight of sixteen.
    assert found.metrics["word_f1"].value == pytest.approx(2 * 1 / (4 + 2))
    assert found.metrics["cer"].value == pytest.approx(9 / 16)
    assert found.subsets["a"]["word_f1"].value == pytest.approx(0.5)
    assert found.subsets["b"]["word_f1"].value == 0.0
    assert len(found.failures) == 1
    assert "told to" in found.failures[0]


def test_text_where_there_is_none_is_an_insertion(told_model, folder_of, two_words):
    lines = [_line("Name: Ann", [10, 10, 100, 20]), _line("xy", [200, 150, 220, 160])]
    folder, options = folder_of([Page("", two_words, {"lines": lines})])
    found = evaluate(told_model("lines"), folder, options=options, deskew=False)
    assert found.metrics["cer"].value == pytest.approx(2 / 8)


def test_checkbox_states_and_detection(told_model, folder_of):
    truth = {
        "boxes": [
            {"box": [10, 10, 30, 30], "state": "checked"},
            {"box": [50, 10, 70, 30], "state": "empty"},
            {"box": [90, 10, 110, 30], "state": "empty"},
        ],
        "complete": True,
    }
    answer = {
        "checkboxes": [
            {"state": "ticked", "quad": _quad(12, 12, 32, 32), "confidence": 0.9},
            {"state": "crossed", "quad": _quad(50, 10, 70, 30), "confidence": 0.9},
            {"state": "empty", "quad": _quad(200, 100, 220, 120), "confidence": 0.9},
        ]
    }
    incomplete = {**truth, "complete": False}
    folder, options = folder_of([Page("", truth, answer), Page("", incomplete, answer, "b")])
    found = evaluate(told_model("checkboxes"), folder, options=options, deskew=False)
    assert found.metrics["state_accuracy"].value == pytest.approx(2 / 4)
    assert found.metrics["detector_f1"].value == pytest.approx(2 * 2 / (3 + 3))
    assert found.metrics["detector_recall"].value == pytest.approx(4 / 6)
    assert found.subsets["b"]["detector_f1"].value is None


def test_signatures_on_pages_and_in_regions(told_model, folder_of):
    truth = {"boxes": [{"box": [100, 100, 200, 140], "kind": "signature"}]}
    signed = {"signatures": [{"kind": "signature", "quad": _quad(110, 105, 190, 135), "confidence": 0.9}]}
    nothing: dict = {}
    folder, options = folder_of(
        [
            Page("1", truth, signed),
            Page("1", truth, nothing),
            Page("0", {"boxes": []}, signed),
            Page("initials", {"boxes": []}, signed),
        ]
    )
    found = evaluate(told_model("signatures"), folder, options=options, deskew=False)
    assert found.metrics["region_recall"].value == pytest.approx(0.5)
    assert found.metrics["page_f1"].value == pytest.approx(2 * 1 / (2 + 2))
    assert found.metrics["page_f1"].count == 3
    # Evenly grey pages are blank wherever one asks.
    assert found.metrics["region_false_accept_blank"].count == found.metrics["region_false_accept"].count > 0
    assert found.metrics["region_false_accept_printed"].value is None


def test_document_types_known_and_unknown(told_model, folder_of):
    def score(accepted):
        return {"types": [{"document_type": "loan", "score": 0.9, "threshold": 0.5, "accepted": accepted}]}

    folder, options = folder_of(
        [
            Page("loan", {}, score(True)),
            Page("loan", {}, score(False)),
            Page("memo", {}, score(True)),
            Page("memo", {}, score(False)),
            Page("memo", {}, score(False)),
        ]
    )
    found = evaluate(told_model("types"), folder, options=options, deskew=False)
    assert found.metrics["true_accept"].value == pytest.approx(1 / 2)
    assert found.metrics["false_accept"].value == pytest.approx(1 / 3)
    assert found.metrics["ms_per_page"].count == 5
    assert found.metrics["ms_to_refuse"].count == 3


def test_an_unknown_document_accepted_only_when_its_likeliest_type_is_expected_is_a_false_accept(told_model, folder_of):
    def score(accepted):
        return {"types": [{"document_type": "loan", "score": 0.6, "threshold": 0.5, "accepted": accepted}]}

    folder, options = folder_of([Page("memo", {}, {"expecting": {"loan": score(True)}, "else": score(False)})])
    found = evaluate(told_model("types"), folder, options=options, deskew=False)
    assert found.metrics["false_accept"].value == 1


def test_deskew_as_found(told_model, folder_of):
    def skew(angle, straightened=True):
        return {
            "skew": {
                "quarter_turns": 0,
                "quarter_confidence": 1.0,
                "angle_degrees": angle,
                "angle_confidence": 1.0,
                "turned": False,
                "straightened": straightened,
            }
        }

    folder, options = folder_of(
        [
            Page("2.0", {}, skew(2.05), "natural"),
            Page("-1.0", {}, skew(1.0), "natural"),
            Page("0.5", {}, skew(0.5, straightened=False), "natural"),
        ]
    )
    found = evaluate(told_model("skew"), folder, options=options)
    assert found.metrics["aed_degrees"].value == pytest.approx((0.05 + 2.0 + 0.5) / 3)
    assert found.metrics["within_0_1"].value == pytest.approx(1 / 3)
    assert found.metrics["worst_degrees"].value == pytest.approx(2.0)
    assert found.metrics["angle_answered"].value == pytest.approx(2 / 3)
    assert found.metrics["aed_of_answered"].value == pytest.approx((0.05 + 2.0) / 2)
    assert found.metrics["worst_of_answered"].value == pytest.approx(2.0)


def test_upright_pages_are_turned_all_ways(told_model, folder_of):
    upright = {
        "skew": {
            "quarter_turns": 0,
            "quarter_confidence": 1.0,
            "angle_degrees": 0.0,
            "angle_confidence": 1.0,
            "turned": False,
            "straightened": False,
        }
    }
    # Turned pages have white corners, so both the page's own level and white are told the same.
    folder, options = folder_of([Page("0", {}, upright, "upright")])
    told = Path(options["answers"])
    answers = json.loads(told.read_text())
    told.write_text(json.dumps({str(level): answers["200"] for level in range(256)}))
    found = evaluate(told_model("skew"), folder, options=options)
    assert found.metrics["orientation_accuracy"].value == 0.25
    assert found.metrics["orientation_answered"].count == 4
    assert found.metrics["aed_degrees"].count == 2
    assert 0 < found.metrics["worst_degrees"].value <= 15
    assert evaluate("told-skew", folder, options=options).metrics["aed_degrees"] == found.metrics["aed_degrees"]


def test_json_and_table_and_error_sheet(told_model, folder_of, two_words, tmp_path):
    folder, options = folder_of(
        [Page("", two_words, {"lines": [_line("Nome: Ann", [10, 10, 100, 20])]}), Page("", two_words, "raise", "b")]
    )
    seen = []
    found = evaluate(
        told_model("lines"),
        folder,
        options=options,
        deskew=False,
        progress=lambda done, all_: seen.append((done, all_)),
    )
    plain = json.loads(json.dumps(found.as_json()))
    assert {"model", "version", "data", "metrics", "intervals", "counts", "subsets"} <= set(plain)
    assert set(plain["metrics"]) == {"word_f1", "cer", "seconds_per_page", "line_auroc", "line_ece"}
    assert set(plain["subsets"]) == {"a", "b"}
    assert plain["data"] == "set"
    low, high = plain["intervals"]["word_f1"]
    assert 0 <= low <= plain["metrics"]["word_f1"] <= high <= 1
    assert "word_f1" in table(found)
    assert seen == [(1, 2), (2, 2)]
    pictures = plots(found, tmp_path / "plots")
    assert [picture.name for picture in pictures] == [
        *("error-sheet.png", "worst-01-1.png", "worst-02-0.png", "reliability-line.png")
    ]
    assert all(picture.stat().st_size > 0 for picture in pictures)


def test_a_model_sees_what_earlier_models_found(told_model, folder_of):
    folder, options = folder_of([Page("", {"words": []}, "earlier")])
    name = told_model("lines")
    assert evaluate(name, folder, options=options, deskew=False, earlier=("ocr",)).failures == ()
    assert "KeyError" in evaluate(name, folder, options=options, deskew=False).failures[0]


def test_a_model_sees_no_more_of_it_than_its_card_needs_as_in_the_product(told_model, folder_of):
    folder, options = folder_of([Page("", {"words": []}, "earlier")])
    name = told_model("lines", needs=("skew",))
    assert "KeyError" in evaluate(name, folder, options=options, deskew=False, earlier=("ocr",)).failures[0]


def test_limit_spreads_over_the_folder(told_model, folder_of, two_words):
    folder, options = folder_of([Page("", two_words, {}, "a")] * 4 + [Page("", two_words, {}, "b")] * 4)
    found = evaluate(told_model("lines"), folder, options=options, limit=2, deskew=False)
    assert set(found.subsets) == {"a", "b"}
    assert found.metrics["seconds_per_page"].count == 2


def test_unknown_model_folder_and_output_say_what_is_wrong(told_model, folder_of, two_words, tmp_path):
    folder, options = folder_of([Page("", two_words, {})])
    with pytest.raises(FolderError, match=r"index\.csv"):
        evaluate("ocr", tmp_path / "nowhere")
    with pytest.raises(RegistryError, match="nobody"):
        evaluate("nobody", folder)
    with pytest.raises(DocbeamError, match="labels"):
        evaluate(told_model("labels"), folder, options=options)
