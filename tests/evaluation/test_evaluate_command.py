"""`docbeam model evaluate`, as a person types it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from docbeam.main import program
from tests.evaluation.page import Page


@pytest.fixture
def reading(told_model, folder_of):
    word = {"words": [{"text": "Ann", "box": [10, 10, 60, 20]}]}
    line = {"text": "Ann", "quad": [10, 10, 60, 10, 60, 20, 10, 20], "confidence": 0.9, "words": []}
    folder, options = folder_of([Page("", word, {"lines": [line]}, "a"), Page("", word, {}, "b")])
    arguments = ["model", "evaluate", told_model("lines"), "--data", str(folder), "--no-deskew"]
    return [*arguments, "--option", f"answers={options['answers']}"]


def _run(*arguments):
    return CliRunner().invoke(program, list(arguments))


def test_peers_reliability_and_variant_are_in_the_json(reading):
    done = _run(*reading, "--peer", "rapidocr", "--output", "json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["metrics"]["word_f1"] == pytest.approx(2 / 3, abs=1e-4)
    assert answer["remarks"]["line_auroc"] == "no answer is wrong"
    assert answer["reliability"]["line"]["bins"][0]["count"] == 1
    assert answer["peers"]["rapidocr"]["metrics"]["word_f1"] == 0.0
    assert answer["variant"].endswith("not straightened")


def test_one_subset_is_shown_for_peers_too(reading):
    done = _run(*reading, "--peer", "rapidocr", "--subset", "a", "--output", "json")
    answer = json.loads(done.stdout)
    assert set(answer["subsets"]) == set(answer["peers"]["rapidocr"]["subsets"]) == {"a"}
    assert answer["metrics"]["word_f1"] == 1.0


def test_write_card_puts_the_numbers_into_the_card(reading, tmp_path):
    card = tmp_path / "site" / "told_lines_model" / "card.toml"
    assert _run(*reading, "--write-card").exit_code == 0
    text = card.read_text()
    assert text.count("[[metrics]]") >= 6
    assert 'name = "word_f1"\nvalue = 0.6667\n' in text
    assert _run(*reading, "--write-card").exit_code == 0
    assert card.read_text().count("[[metrics]]") == text.count("[[metrics]]")


def test_write_card_takes_the_whole_set_only(reading, tmp_path):
    done = _run(*reading, "--write-card", "--limit", "1")
    assert done.exit_code == 2
    assert "whole folder" in done.output
    assert "[[metrics]]" not in (tmp_path / "site" / "told_lines_model" / "card.toml").read_text()


def test_an_unknown_peer_is_refused_with_those_there_are(reading):
    done = _run(*reading, "--peer", "nobody")
    assert done.exit_code != 0
    assert "tesseract" in str(done.exception or "") + done.output
