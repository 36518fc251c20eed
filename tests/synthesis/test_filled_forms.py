"""Filled forms over a little blank of one's own: where they say that things are, what they say was written."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence
from pypdf import PdfReader

from synthesis.draw_filled_forms import main
from synthesis.filled.blank import Blank, open_blank
from synthesis.filled.blank_fields import BlankKind, read_fields
from synthesis.filled.filled_set import SUBSETS, DrawnFile, FormDrawer, plan
from synthesis.filled.hands import InkKind, Studio
from synthesis.fonts import TEST_HANDS, TEST_SIGNATURE_HANDS, TRAINING_HANDS, FontFolder
from synthesis.ink.pen_strokes import Part
from synthesis.wear.curl import draw_curl
from tests.synthesis.little_form import HEIGHT, MARKS, RADIUS, WIDTH, write_blank, write_strokes

SCANNED = [name for name in SUBSETS if name not in ("digital", "flattened", "negative", "shuffled", "stack")]
AT_150_DPI = 0.5
"""Pixels that the truth may be off."""


@pytest.fixture(scope="module")
def strokes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_strokes(tmp_path_factory.mktemp("strokes"))


@pytest.fixture(scope="module")
def studio(fonts: FontFolder, strokes: Path) -> Studio:
    return Studio(fonts, strokes, None, Part.VALIDATION)


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Blank:
    return open_blank(write_blank(tmp_path_factory.mktemp("blank") / "little.pdf"))


@pytest.fixture(scope="module")
def long_blank(tmp_path_factory: pytest.TempPathFactory) -> Blank:
    return open_blank(write_blank(tmp_path_factory.mktemp("blank") / "long.pdf", pages=3))


@pytest.fixture(scope="module")
def drawer(studio: Studio, blank: Blank, long_blank: Blank) -> FormDrawer:
    return FormDrawer(studio, [blank], [long_blank])


@pytest.mark.parametrize("subset", SCANNED)
def test_print_of_the_blank_lies_where_the_truth_says(drawer: FormDrawer, subset: str) -> None:
    drawn = drawer.draw(subset, 0, seed=11)
    truth = drawn.truth("files/x", subset)
    for page, image in zip(truth["pages"], _images(drawn), strict=True):
        assert _off(page, image) <= AT_150_DPI, page


def test_print_on_curled_paper_lies_where_the_points_of_the_truth_say(drawer: FormDrawer) -> None:
    pages = []
    for number in range(8):
        drawn = drawer.draw("photo", number, seed=12)
        page, image = drawn.truth("files/x", "photo")["pages"][0], _images(drawn)[0]
        if "points" in page:
            pages.append(page)
            assert page["matrix"] is None
            assert _off(page, image) <= AT_150_DPI, page
        if len(pages) == 2:
            break
    assert pages


def test_all_of_a_stack_and_of_shuffled_pages_lie_where_the_truth_says(
    studio: Studio, blank: Blank, long_blank: Blank
) -> None:
    drawer = FormDrawer(studio, [long_blank], [blank])
    stack = drawer.draw("stack", 0, seed=4).truth("files/x", "stack")
    assert [(page["instance"], page["blank_page"]) for page in stack["pages"]] == [
        (copy, page) for copy in (1, 2, 3) for page in (1, 2)
    ]
    seen: Counter[str] = Counter()
    for number in range(4):
        drawn = drawer.draw("shuffled", number, seed=4)
        truth = drawn.truth("files/x", "shuffled")
        own = [page["blank_page"] for page in truth["pages"] if page["blank_page"]]
        seen["twice"] += len(own) != len(set(own))
        seen["foreign"] += len(own) != len(truth["pages"])
        assert {row["page"] for row in truth["fields"]} == set(own)
        for page, image in zip(truth["pages"], _images(drawn), strict=True):
            assert page["blank_page"] is None or _off(page, image) <= AT_150_DPI
    assert seen["twice"]
    assert seen["foreign"]


def test_a_curl_and_its_inverse_meet() -> None:
    points = np.random.default_rng(1).uniform(0, 1, (200, 2))
    for seed in range(8):
        curl = draw_curl(np.random.default_rng(seed))
        assert np.abs(curl.backward(curl.forward(points)) - points).max() < 1e-6


def test_values_fit_their_fields_and_belong_to_nobody(drawer: FormDrawer) -> None:
    fields: list[dict[str, Any]] = []
    for number in range(12):
        drawn = drawer.draw("digital", number, seed=3)
        fields += drawn.truth("x", "digital")["fields"]
    for subset in ("hand-font-scan200", "hand-strokes-scan200"):
        fields += drawer.draw(subset, 2, seed=3).truth("x", subset)["fields"]
    by_name = {
        name: [row for row in fields if row["name"] == f"{name}_1"] for name in ("ssn", "phone", "email", "bank")
    }
    written = {name: [row["value"] for row in rows if row["value"]] for name, rows in by_name.items()}
    assert all(re.fullmatch(r"9\d{8}", value) for value in written["ssn"])
    assert all("555" in value and len(value) <= 14 for value in written["phone"])
    assert all(re.fullmatch(r"\S+@example\.(com|org|net)", value) for value in written["email"])
    assert all(value.title() in ("First", "Second") for value in written["bank"])
    assert all(written[name] for name in written)
    for row in fields:
        assert (row["state"] == "blank") == (row["value"] in ("", "off"))
        assert (row["ink"] == "none") == (row["state"] == "blank")
    assert {row["kind"] for row in fields} == {
        *("text", "comb", "date", "number", "choice", "checkbox", "radio", "signature")
    }


def test_filled_fields_have_ink_and_blank_ones_have_none(studio: Studio, blank: Blank) -> None:
    drawn = FormDrawer(studio, [blank], []).draw("print-scan300", 1, seed=8)
    page, image = drawn.truth("x", "print-scan300")["pages"][0], _images(drawn)[0]
    flat = _flattened(page, image)
    for row in drawn.truth("x", "print-scan300")["fields"]:
        dark = [_dark(flat, box) for box in row["boxes"]]
        assert sum(dark) > 8 if row["state"] == "filled" else max(dark) < 8, row


def test_a_computer_fills_the_form_data_and_flattening_leaves_only_text(drawer: FormDrawer) -> None:
    bare: Counter[str] = Counter()
    for number in range(5):
        drawn = drawer.draw("digital", number, seed=2)
        bare[drawn.note] += 1
        stored = PdfReader(io.BytesIO(drawn.data)).get_fields() or {}
        for _, row in drawn.fields:
            value = str(stored[row.name].get("/V", "")).removeprefix("/")
            assert {"": "", "Off": "", "Yes": "on"}.get(value, value) == row.value.replace("off", ""), row.name
    assert set(bare) == {"", "values without appearances"}
    drawn = drawer.draw("flattened", 1, seed=2)
    assert not PdfReader(io.BytesIO(drawn.data)).get_fields()
    shown = pypdfium2.PdfDocument(drawn.data)[0].get_textpage().get_text_bounded()
    texts = [row.value for _, row in drawn.fields if row.kind in ("text", "date", "number") and row.value]
    assert texts
    assert all(text in shown for text in texts)


def test_negatives_are_of_other_forms_and_name_no_field(drawer: FormDrawer) -> None:
    drawn = drawer.draw("negative", 0, seed=5)
    truth = drawn.truth("x", "negative")
    assert truth["form"] is None
    assert truth["fields"] == []
    assert drawn.note.startswith("another form: long")
    assert all(page["blank_page"] is None and page["matrix"] is None for page in truth["pages"])


def test_cut_off_fields_are_marked_unseen(drawer: FormDrawer, blank: Blank) -> None:
    drawn = drawer.draw("cropped", 3, seed=5)
    page = drawn.pages[0]
    assert page.seen is not None
    size = blank.sizes[0]
    for row in drawn.truth("x", "cropped")["fields"]:
        corners = np.array([(x, y) for box in row["boxes"] for x in box[::2] for y in box[1::2]])
        inside = page.seen.places(corners, size)
        if ((inside >= 0) & (inside <= 1)).all():
            assert row.get("seen", True)
        elif (inside < -0.2).any() or (inside > 1.2).any():
            assert row["seen"] is False


def test_hands_of_the_test_part_are_never_those_of_training(fonts: FontFolder, strokes: Path) -> None:
    assert not set(TEST_HANDS) & set(TRAINING_HANDS)
    faces = {}
    for part in Part:
        studio = Studio(fonts, strokes, None, part)
        drawn = [studio.filler(InkKind.FONT, np.random.default_rng(seed)) for seed in range(60)]
        faces[part] = {filler.writer.face for filler in drawn}  # type: ignore[attr-defined]
        assert all(filler.person.part is part for filler in drawn)
    assert faces[Part.TEST] <= set(TEST_HANDS)
    assert not faces[Part.TEST] & (faces[Part.TRAIN] | faces[Part.VALIDATION])
    assert not set(TEST_SIGNATURE_HANDS) & faces[Part.TRAIN]


def test_the_plan_has_every_subset_as_often_as_its_share() -> None:
    chosen = Counter(plan(2 * sum(SUBSETS.values()), list(SUBSETS)))
    assert chosen == {name: 2 * share for name, share in SUBSETS.items()}
    assert set(plan(len(SUBSETS) * 3, list(SUBSETS))) == set(SUBSETS)


def test_fields_of_a_blank_are_read_with_kind_box_and_limits(blank: Blank) -> None:
    found = {field.name: field for field in read_fields(blank.path)}
    assert found["ssn_1"].kind is BlankKind.COMB
    assert found["ssn_1"].max_length == 9
    assert found["bank_1"].choices == ("First", "Second")
    assert found["amount_paid_1"].right_aligned
    assert found["status_1"].states == ("single", "married", "other")
    assert len(found["status_1"].boxes) == 3
    assert found["last_name_1"].boxes[0] == pytest.approx(
        (90 / WIDTH, 120 / HEIGHT, 330 / WIDTH, 140 / HEIGHT), abs=1e-5
    )


def test_the_command_writes_the_same_set_for_the_same_seed(
    tmp_path: Path, blank: Blank, fonts: FontFolder, strokes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4 nothing")
    for name, processes in (("one", "1"), ("two", "2")):
        arguments = [str(blank.path), str(broken), "--out", str(tmp_path / name), "--seed", "3", "--count", "3"]
        arguments += ["--subset", "print-fax", "--subset", "digital", "--processes", processes]
        assert main([*arguments, "--fonts", str(fonts.path), "--strokes", str(strokes)]) == 0
    assert "left out" in capsys.readouterr().err
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert len(files) == 1 + 1 + 3 + 3
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file
    rows = list(csv.DictReader((tmp_path / "one" / "index.csv").open(encoding="utf-8")))
    assert {row["form"] for row in rows} == {"little"}
    for row in rows:
        truth = json.loads((tmp_path / "one" / row["truth"]).read_text(encoding="utf-8"))
        assert (truth["file"], truth["subset"]) == (row["path"], row["subset"])


def test_negatives_without_other_forms_are_refused(
    tmp_path: Path, blank: Blank, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(blank.path), "--out", str(tmp_path / "x"), "--fonts", str(tmp_path), "--subset", "negative"]
    assert main(arguments) == 2
    assert "--others" in capsys.readouterr().err


def _images(drawn: DrawnFile) -> list[NDArray[np.uint8]]:
    """The pages' own pixels, grey: not a viewer's."""
    if drawn.suffix != "pdf":
        picture = Image.open(io.BytesIO(drawn.data))
        return [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(picture)]
    pages = PdfReader(io.BytesIO(drawn.data)).pages
    return [np.asarray(page.images[0].image.convert("L")) for page in pages]


def _mapped(page: dict[str, Any], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Where the truth puts the marks, in pixels."""
    if page.get("points"):
        found = np.array(page["points"])[:, 2:]
    else:
        at = np.column_stack([np.array(MARKS), np.ones(len(MARKS))]) @ np.array(page["matrix"]).T
        found = at[:, :2] / at[:, 2:]
    return np.asarray(found * (shape[1], shape[0]), dtype=np.float64)


def _off(page: dict[str, Any], image: NDArray[np.uint8]) -> float:
    """How far the marks lie from where the truth says, in pixels at 150 dpi: of eight in ten."""
    rows, columns = image.shape
    across, down = (columns, rows) if page["turn"] % 180 == 0 else (rows, columns)
    scale = np.array([across / WIDTH, down / HEIGHT])[:: 1 if page["turn"] % 180 == 0 else -1]
    reach = np.ceil(RADIUS * scale * 1.7).astype(int)
    found = []
    for x, y in _mapped(page, image.shape):
        x0, y0 = int(x) - reach[0], int(y) - reach[1]
        part = image[max(0, y0) : y0 + 2 * reach[1] + 1, max(0, x0) : x0 + 2 * reach[0] + 1].astype(float)
        if x0 < 0 or y0 < 0 or part.shape != (2 * reach[1] + 1, 2 * reach[0] + 1):
            continue
        ink = np.clip(np.median(part[[0, -1]]) - part - 40, 0, None)
        if ink.sum() == 0:
            continue
        ys, xs = np.mgrid[0 : ink.shape[0], 0 : ink.shape[1]] + 0.5
        centre = np.array([(ink * xs).sum(), (ink * ys).sum()]) / ink.sum() + (x0, y0)
        found.append(float(np.hypot(*((centre - (x, y)) / scale * 150 / 72))))
    assert len(found) >= 6
    return float(np.quantile(found, 0.8))


def _flattened(page: dict[str, Any], image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The page as the blank lies, 850 x 1100."""
    rows, columns = image.shape
    matrix = np.diag([columns, rows, 1.0]) @ np.array(page["matrix"]) @ np.diag([1 / 850, 1 / 1100, 1.0])
    return np.asarray(
        cv2.warpPerspective(image, matrix, (850, 1100), flags=cv2.INTER_AREA | cv2.WARP_INVERSE_MAP, borderValue=255)
    )


def _dark(image: NDArray[np.uint8], box: list[float]) -> int:
    left, top, right, bottom = (round(side * scale) for side, scale in zip(box, (850, 1100, 850, 1100), strict=True))
    return int((image[top + 1 : bottom - 1, left + 1 : right - 1] < 128).sum())
