"""`docbeam form`: from a blank PDF to a form folder that people look at and edit."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result
from PIL import Image

from docbeam.exit_codes import ExitCode
from docbeam.main import program
from docbeam.samples import sample_folder
from tests.forms.blank_pdf import blank_pdf

_BLANK = str(sample_folder() / "application-form-blank.pdf")


def form(*arguments: str) -> Result:
    return CliRunner().invoke(program, ["form", *arguments])


def test_a_blank_becomes_a_folder_with_pages_fields_and_pictures(tmp_path: Path) -> None:
    done = form("new", _BLANK, "--into", str(tmp_path), "--name", "loan", "--version", "2026-01", "--title", "Loan")
    assert done.exit_code == 0, done.output
    folder = tmp_path / "loan"
    assert sorted(path.name for path in folder.iterdir()) == [
        "content-1.png",
        "fields-1.png",
        "form.toml",
        "page-1.png",
    ]
    assert "39 fields (16 checkbox, 14 text" in done.stderr
    assert done.stdout.split() == [str(folder / "fields-1.png")]
    with Image.open(folder / "page-1.png") as page:
        assert (page.mode, page.size) == ("L", (1241, 1755))
    listed = json.loads(form("list", "--forms", str(tmp_path), "--output", "json").stdout)
    assert [(each["name"], each["version"], each["fields"]) for each in listed] == [("loan", "2026-01", 39)]
    shown = json.loads(form("show", "loan", "--forms", str(tmp_path), "--output", "json").stdout)
    assert next(each for each in shown if each["name"] == "postcode")["limits"] == "5 cells"


def test_an_edit_is_checked_and_drawn_anew(tmp_path: Path) -> None:
    form("new", _BLANK, "--into", str(tmp_path), "--name", "loan")
    path, picture = tmp_path / "loan" / "form.toml", tmp_path / "loan" / "fields-1.png"
    before = picture.read_bytes()
    path.write_text(path.read_text().replace('kind = "text"', 'kind = "number"', 1))
    assert form("check", "--forms", str(tmp_path)).exit_code == 0
    assert picture.read_bytes() != before
    path.write_text(path.read_text().replace('kind = "number"', 'kind = "numbers"', 1))
    refused = form("check", "--forms", str(tmp_path))
    assert refused.exit_code == ExitCode.FAILED
    assert "field 'first_name': kind:" in refused.stderr


def test_what_cannot_be_made_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    into = tmp_path / "forms"
    bare = blank_pdf(tmp_path / "bare.pdf", [])
    scan = sample_folder() / "receipt-grocer.png"
    for blank, said in (
        (bare, "no boxes, combs, cells or lines to write on were seen"),
        (scan, "no boxes, combs, cells or lines to write on were seen"),
        (Path(__file__), "by its content not a PDF"),
    ):
        refused = form("new", str(blank), "--into", str(into), "--name", "x")
        assert refused.exit_code == ExitCode.USAGE
        assert said in refused.stderr
    assert not into.exists() or list(into.iterdir()) == []
    assert form("new", _BLANK, "--into", str(into), "--name", "loan").exit_code == 0
    again = form("new", _BLANK, "--into", str(into), "--name", "loan")
    assert (again.exit_code, "is there already" in again.stderr) == (ExitCode.USAGE, True)
    assert [path.name for path in into.iterdir()] == ["loan"]
    assert "where do forms live?" in form("new", _BLANK).stderr
    assert "is no name for a form" in form("new", _BLANK, "--into", str(into), "--name", "A b").stderr
    assert "known forms: loan" in form("show", "lone", "--forms", str(into)).stderr
