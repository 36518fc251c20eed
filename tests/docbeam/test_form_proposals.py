"""`docbeam form new` on blanks that say nothing of their fields: what is seen on the pages is proposed."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageDraw, ImageFont

from docbeam.exit_codes import ExitCode
from docbeam.main import program
from tests.forms.bare_blank import FIELDS, HEIGHT, WIDTH, Drawn, bare_pdf, drawn_page

Fields = list[dict[str, Any]]


def form(*arguments: str) -> Result:
    return CliRunner().invoke(program, ["form", *arguments])


def proposed(blank: Path, into: Path) -> Fields:
    done = form("new", str(blank), "--into", str(into), "--name", "club")
    assert done.exit_code == 0, done.output
    assert "are proposals" in done.stderr
    assert "docbeam form check" in done.stderr
    fields: Fields = json.loads(form("show", "club", "--forms", str(into), "--output", "json").stdout)
    assert all(field["proposed"] for field in fields)
    return fields


def at(drawn: Drawn, fields: Fields, size: tuple[float, float] = (WIDTH, HEIGHT), slack: float = 4.0) -> dict[str, Any]:
    """The field proposed where this one is drawn about the page's middle: sides and foot within `slack` points."""
    right, down = (size[0] - WIDTH) / 2, (size[1] - HEIGHT) / 2
    for field in fields:
        box = [edge * size[k % 2] for k, edge in enumerate(field["places"][0]["box"])]
        true = (drawn.box[0] + right, drawn.box[1] + down, drawn.box[2] + right, drawn.box[3] + down)
        if all(abs(box[edge] - true[edge]) < slack for edge in (0, 2, 3)) and box[1] < true[3] - 7:
            return field
    raise AssertionError(f"nothing is proposed for {drawn.label}")


def page_size(folder: Path) -> tuple[float, float]:
    with Image.open(folder / "page-1.png") as page:
        return page.width * 72 / 150, page.height * 72 / 150


def test_a_pdf_without_fields_gets_proposals_of_right_kinds_labels_and_places(tmp_path: Path) -> None:
    fields = proposed(bare_pdf(tmp_path / "blank.pdf"), tmp_path / "forms")
    for drawn in FIELDS:
        field = at(drawn, fields)
        assert (field["label"], field["kind"]) == (drawn.label, drawn.kind)
        assert field["cells"] == (drawn.cells or None)
    # Nothing on the heading's underline, and the order is that of reading.
    assert [field["name"] for field in fields] == [
        "full-name",
        "date-of-birth",
        "city",
        "country",
        "postcode",
        "account",
        "i-have-read-the-terms",
        "send-me-news",
        "signature",
        "date",
    ]
    checked = form("check", "--forms", str(tmp_path / "forms"), "--output", "json")
    (row,) = json.loads(checked.stdout)
    assert (checked.exit_code, row["state"]) == (0, "warn")
    assert "10 of 10 fields are proposals" in row["remarks"][0]
    with Image.open(tmp_path / "forms" / "club" / "page-1.png") as page:
        assert (page.mode, page.size) == ("L", (1275, 1650))


def test_names_are_given_once(tmp_path: Path) -> None:
    fields = proposed(bare_pdf(tmp_path / "blank.pdf", pages=2), tmp_path / "forms")
    names = [field["name"] for field in fields]
    assert (len(names), len(set(names))) == (20, 20)
    assert {"full-name", "full-name-2"} <= set(names)


@pytest.mark.parametrize("degrees", [1.0, -1.0])
def test_a_skewed_scan_is_straightened_and_its_words_are_read(tmp_path: Path, degrees: float) -> None:
    page = drawn_page(bare_pdf(tmp_path / "blank.pdf"))
    page.rotate(degrees, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=255).save(tmp_path / "scan.png")
    fields = proposed(tmp_path / "scan.png", tmp_path / "forms")
    size = page_size(tmp_path / "forms" / "club")
    for drawn in FIELDS:
        field = at(drawn, fields, size)
        assert (field["kind"], field["label"].casefold()) == (drawn.kind, drawn.label.casefold())
    assert len(fields) == len(FIELDS)


def test_a_tiff_of_two_pages_is_a_form_of_two_pages(tmp_path: Path) -> None:
    page = drawn_page(bare_pdf(tmp_path / "blank.pdf"))
    page.save(tmp_path / "scan.tif", save_all=True, append_images=[page], dpi=(200, 200))
    fields = proposed(tmp_path / "scan.tif", tmp_path / "forms")
    assert [sum(field["places"][0]["page"] == number for field in fields) for number in (1, 2)] == [10, 10]
    assert (tmp_path / "forms" / "club" / "fields-2.png").is_file()


def test_a_photograph_in_uneven_light_gets_proposals(tmp_path: Path) -> None:
    grey = np.asarray(drawn_page(bare_pdf(tmp_path / "blank.pdf")))
    height, width = grey.shape
    light = np.linspace(0.95, 0.6, width, dtype=np.float32)[None, :] * np.linspace(1, 0.85, height)[:, None]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    seen = corners + np.array([(9, 6), (-7, 3), (-4, -8), (6, -5)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, seen)
    shot = cv2.warpPerspective(grey, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=255)
    Image.fromarray((cv2.GaussianBlur(shot, (0, 0), 0.8) * light).astype(np.uint8)).save(tmp_path / "photo.jpg")
    fields = proposed(tmp_path / "photo.jpg", tmp_path / "forms")
    kinds = sorted(field["kind"] for field in fields)
    assert kinds.count("checkbox") == 2
    assert sum(drawn.label in {field["label"] for field in fields} for drawn in FIELDS) >= 8


def test_filled_copies_are_read_by_a_form_that_was_proposed_from_a_skewed_scan(tmp_path: Path) -> None:
    page = drawn_page(bare_pdf(tmp_path / "blank.pdf"))
    page.rotate(1, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=255).save(tmp_path / "scan.png")
    proposed(tmp_path / "scan.png", tmp_path / "forms")
    pen, points, font = ImageDraw.Draw(page), 200 / 72, ImageFont.load_default(30)
    pen.text((150 * points, 138 * points - 8), "Anna Miller", fill=20, font=font)
    for cell, digit in enumerate("62704"):
        pen.text(((145 + 18 * cell) * points, 265 * points), digit, fill=20, font=font)
    for line in ((73, 351, 83, 361), (83, 351, 73, 361)):
        pen.line([edge * points for edge in line], fill=20, width=4)
    page.save(tmp_path / "filled.png")
    asked = ["analyze", str(tmp_path / "filled.png"), "--use-case", "known-form", "--fields", "--output", "csv"]
    command = [sys.executable, "-m", "docbeam.main", *asked, "--set", f"analysis.forms={tmp_path / 'forms'}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    values = {row["field"]: row["value"] for row in csv.DictReader(io.StringIO(done.stdout))}
    told = {name: values[name] for name in ("full-name", "postcode", "i-have-read-the-terms", "send-me-news", "city")}
    assert told == {
        "full-name": "Anna Miller",
        "postcode": "62704",
        "i-have-read-the-terms": "on",
        "send-me-news": "off",
        "city": "",
    }


def test_a_page_without_a_place_to_write_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    into = tmp_path / "forms"
    Image.new("L", (1240, 1754), 255).save(tmp_path / "white.png")
    for blank in (bare_pdf(tmp_path / "white.pdf", content=b""), tmp_path / "white.png"):
        refused = form("new", str(blank), "--into", str(into), "--name", "club")
        assert refused.exit_code == ExitCode.USAGE
        assert "no boxes, combs, cells or lines to write on were seen" in refused.stderr
    assert not into.exists() or list(into.iterdir()) == []


def test_a_proposal_that_is_taken_over_is_remarked_no_more(tmp_path: Path) -> None:
    proposed(bare_pdf(tmp_path / "blank.pdf"), tmp_path)
    path = tmp_path / "club" / "form.toml"
    path.write_text(path.read_text().replace("proposed = true\n", ""))
    (row,) = json.loads(form("check", "--forms", str(tmp_path), "--output", "json").stdout)
    assert (row["state"], row["remarks"]) == ("ok", [])
