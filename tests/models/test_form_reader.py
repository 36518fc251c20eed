"""Filled copies of the sample form, read by its blank: what is written, what is blank, what is no such form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from clients.making_forms import Wish, make_form
from config.plug_in_folders import FORMS
from docbeam.samples import Sample, sample_folder, sample_requests
from models.catalog.form_reader.barcode_fields import read_barcode
from models.catalog.form_reader.written import Written
from models.contract import Model, PageImage
from models.registry import RegistryError, _check_uses, all_models, load_model
from schemas.fields import FieldState
from schemas.form_reading import FormFieldReading, FormReading
from schemas.prediction import Barcode, box_quad

BLANK = sample_folder() / "application-form-blank.pdf"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    folder = tmp_path_factory.mktemp("forms")
    make_form(BLANK, Wish("loan", "2026-01", family="loans"), folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FORMS.variable, str(folder))
        yield load_model("form-reader")


def read(reader: Model, pixels: npt.NDArray[np.uint8], **options: str) -> FormReading:
    (prediction,) = reader.predict([PageImage(1, pixels, None, options)])
    assert prediction.form is not None
    return prediction.form


def picture(file: str) -> npt.NDArray[np.uint8]:
    return np.asarray(cv2.imread(str(sample_folder() / file)), dtype=np.uint8)


def by_name(reading: FormReading) -> dict[str, FormFieldReading]:
    return {field.name: field for field in reading.fields}


def sample(file: str) -> Sample:
    return next(each for each in sample_requests() if each.file == file)


@pytest.mark.parametrize("file", ["application-skewed.jpg", "application-photo.jpg", "application-fax.png"])
def test_most_of_a_filled_copy_is_read_and_what_is_wrong_is_for_review(reader: Model, file: str) -> None:
    reading = read(reader, picture(file))
    assert (reading.form, reading.version, reading.page, reading.verdict) == ("loan", "2026-01", 1, "registered")
    assert len(reading.sha256) == 64
    fields, truth = by_name(reading), sample(file).truth
    wrong = [name for name in fields if name in truth and not _is_right(fields[name], truth[name])]
    assert len([name for name in fields if name in truth]) >= 30
    assert len(wrong) <= 5
    assert all(fields[name].review for name in wrong), [(fields[name], truth[name]) for name in wrong]
    # Day, month and year are in boxes of their own, with a pale letter in each.
    assert "birth_date" not in wrong


def test_a_value_that_its_form_cannot_hold_stays_and_says_which_rule_it_breaks(
    reader: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_form(BLANK, Wish("strict", "1"), tmp_path)
    path = made.folder / "form.toml"
    named = 'name = "first_name"\nkind = "text"\n'
    assert named in path.read_text()
    path.write_text(path.read_text().replace(named, named + 'format = "email"\n'))
    monkeypatch.setenv(FORMS.variable, str(tmp_path))
    strict = load_model("form-reader", dict(reader.used))
    page = picture("application-skewed.jpg")
    plain, field = (by_name(read(each, page))["first_name"] for each in (reader, strict))
    assert (field.value, field.raw_text, field.confidence) == (plain.value, plain.raw_text, plain.confidence)
    assert (field.rule, field.review, plain.rule) == ("not an e-mail address", True, "")


def _is_right(field: FormFieldReading, true: str) -> bool:
    if field.kind == "checkbox":
        return (field.value == "on") == (true != "empty")
    if field.kind == "signature":
        return (field.state is FieldState.FILLED) == (true not in ("", "empty"))
    return "".join(field.value.split()) == "".join(true.split())


def test_a_blank_copy_is_blank_in_every_field(reader: Model) -> None:
    reading = read(reader, picture("application-form-blank.png"))
    assert reading.registered
    assert {field.state for field in reading.fields} == {FieldState.BLANK}
    assert not [field for field in reading.fields if field.value not in ("", "off")]


def test_places_are_those_of_the_page(reader: Model) -> None:
    upright = picture("application-fax.png")
    turned = np.ascontiguousarray(np.rot90(upright, 2))
    first, second = (by_name(read(reader, pixels)) for pixels in (upright, turned))
    height, width = upright.shape[:2]
    for name, field in first.items():
        other = second[name].quad
        assert field.quad is not None
        assert other is not None
        around = [(height if place % 2 else width) - value for place, value in enumerate(other)]
        assert around == pytest.approx(field.quad, abs=3)


def test_other_pages_and_forms_that_are_not_wanted_are_refused_with_a_reason(reader: Model) -> None:
    assert read(reader, picture("receipt-grocer.png")).verdict in ("nothing_alike", "other_print", "too_little_seen")
    refused = read(reader, picture("application-fax.png"), form="tax, mortgage")
    assert (refused.verdict, refused.fields) == ("not_asked_for", ())
    assert read(reader, picture("application-fax.png"), form="tax, loans").registered


def test_without_any_form_the_verdict_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FORMS.variable, str(tmp_path))
    (prediction,) = load_model("form-reader").predict([PageImage(1, picture("application-fax.png"))])
    assert prediction.is_empty
    assert prediction.form is not None
    assert prediction.form.verdict == "no_forms"


def test_a_card_may_use_readers_of_regions_only() -> None:
    found = dict(all_models())
    for used in ("nobody", "deskew", "form-reader"):
        card = found["form-reader"].card.model_copy(update={"uses": (used,)})
        changed = found | {"form-reader": _with(found["form-reader"], card)}
        with pytest.raises(RegistryError, match=f"uses '{used}'.*those are: checkbox, ocr, signature"):
            _check_uses(changed)


def _with(registered, card):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(registered, card=card)


def test_readers_that_are_used_are_loaded_once() -> None:
    loaded: dict[str, Model] = {}
    ocr = load_model("ocr", loaded)
    reader = load_model("form-reader", loaded)
    assert reader.used["ocr"] is ocr
    assert load_model("form-reader", loaded) is reader


def test_a_code_in_the_place_of_a_field_is_its_value() -> None:
    written = Written(np.zeros((9, 9), np.uint8), np.zeros((9, 9), np.uint8), None, (0, 0, 9, 9), 30.0, 1.0, 0.0, 0.0)
    inside, beside = (
        Barcode("code_128", "A-1", box_quad(20, 20, 60, 30)),
        Barcode("qr_code", "B", box_quad(200, 0, 220, 9)),
    )
    quad = box_quad(10, 10, 100, 50)
    assert read_barcode(quad, [inside, beside], written).value == "A-1"
    assert read_barcode(quad, [beside], written).state is FieldState.UNREADABLE
    assert read_barcode(quad, [], replace(written, amount=0.0)).state is FieldState.BLANK


def _drawn_pale(points: list[tuple[int, int]]) -> npt.NDArray[np.uint8]:
    """The blank form with a line through these points, in fractions of thousandths of the page, in a hard pencil."""
    page = picture("application-form-blank.png")
    height, width = page.shape[:2]
    line = np.array([(x * width // 1000, y * height // 1000) for x, y in points], np.int32)
    cv2.polylines(page, [line], isClosed=False, color=(196, 196, 196), thickness=3, lineType=cv2.LINE_AA)
    return page


def test_a_pale_signature_is_one_for_a_person_to_look_at(reader: Model) -> None:
    blank = by_name(read(reader, picture("application-form-blank.png")))["signature"]
    assert blank.quad is not None
    height, width = picture("application-form-blank.png").shape[:2]
    left, right, top, bottom = (
        int(1000 * blank.quad[place] / side) for place, side in ((0, width), (2, width), (1, height), (7, height))
    )
    step, middle = (right - left) // 12, (top + bottom) // 2
    curl = [(left + step * number, middle + (-1) ** number * (bottom - top) // 3) for number in range(2, 10)]
    signed = by_name(read(reader, _drawn_pale(curl)))["signature"]
    assert (signed.state, signed.value, signed.review) == (FieldState.FILLED, "signed", True)


def test_the_streak_of_a_scanner_is_no_writing(reader: Model) -> None:
    reading = read(reader, _drawn_pale([(300, 0), (300, 1000)]))
    assert {field.state for field in reading.fields} == {FieldState.BLANK}
