"""Fields under a sheet, on a torn-off corner or beyond the edge of a scan: never blank, and the others as before."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from clients.making_forms import Wish, make_form
from config.plug_in_folders import FORMS
from docbeam.samples import sample_folder
from models.contract import Model, PageImage
from models.registry import load_model
from schemas.fields import FieldState
from schemas.form_reading import FormFieldReading, FormReading

Pixels = npt.NDArray[np.uint8]
_NEAR = 90
"""Pixels of the sample, 11 mm: what lies as near to an edge may be taken for hidden or for seen."""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    folder = tmp_path_factory.mktemp("forms")
    make_form(sample_folder() / "application-form-blank.pdf", Wish("loan", "1"), folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FORMS.variable, str(folder))
        yield load_model("form-reader")


@pytest.fixture(scope="module")
def whole(reader: Model) -> FormReading:
    return _read(reader, _page())


def _page() -> Pixels:
    return np.asarray(cv2.imread(str(sample_folder() / "application-skewed.jpg")), dtype=np.uint8)


def _read(reader: Model, pixels: Pixels) -> FormReading:
    (prediction,) = reader.predict([PageImage(1, pixels)])
    assert prediction.form is not None
    return prediction.form


def _covered(page: Pixels, sheet: Pixels, left: float, top: float) -> npt.NDArray[np.bool_]:
    """Lay a sheet on the page; where it lies."""
    x, y = int(left * page.shape[1]), int(top * page.shape[0])
    page[y : y + sheet.shape[0], x : x + sheet.shape[1]] = sheet
    mask = np.zeros(page.shape[:2], bool)
    mask[y : y + sheet.shape[0], x : x + sheet.shape[1]] = True
    return mask


def _receipt(page: Pixels) -> Pixels:
    receipt = cv2.imread(str(sample_folder() / "receipt-grocer.png"))
    size = int(0.45 * page.shape[1]), int(0.25 * page.shape[0])
    return np.asarray(cv2.resize(receipt, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


@pytest.mark.parametrize("what", ["a receipt", "a white sheet", "a dark card", "a torn corner", "a cut"])
def test_what_cannot_be_seen_is_not_read_and_the_rest_is_as_before(
    reader: Model, whole: FormReading, what: str
) -> None:
    page = _page()
    height, width = page.shape[:2]
    if what == "a torn corner":
        corner = np.array([[width, height // 3], [width, height], [width // 3, height]])
        hidden = cv2.fillPoly(np.zeros((height, width), np.uint8), [corner], 1) > 0
        page[hidden] = 255
    elif what == "a cut":
        hidden = np.zeros((height, width), bool)
        hidden[int(0.7 * height) :] = True
        page = page[: int(0.7 * height)].copy()
    else:
        sheet = _receipt(page)
        sheet = sheet if what == "a receipt" else np.full_like(sheet, 250 if what == "a white sheet" else 40)
        hidden = _covered(page, sheet, 0.3, 0.35)
    reading = _read(reader, page)
    assert reading.registered
    before = {field.name: field for field in whole.fields}
    near = np.ones((2 * _NEAR + 1, 2 * _NEAR + 1), np.uint8)
    surely_hidden = cv2.erode(hidden.astype(np.uint8), near, borderValue=1) > 0
    surely_seen = cv2.dilate(hidden.astype(np.uint8), near) == 0
    counts = [0, 0]
    for field in reading.fields:
        places = _inside(before[field.name], (height, width))
        if surely_hidden[places].all():
            counts[0] += 1
            assert (field.state, field.rule, field.review) == (FieldState.NOT_READ, "hidden", True), field
        elif surely_seen[places].all():
            counts[1] += 1
            assert field.review or _same(field, before[field.name])
        elif field.state is not FieldState.NOT_READ and hidden[places].any():
            assert field.review or _same(field, before[field.name])
    assert counts[0] >= 1
    assert counts[1] >= 10


def _same(one: FormFieldReading, other: FormFieldReading) -> bool:
    return (one.state, one.value) == (other.state, other.value)


def _inside(field: FormFieldReading, size: tuple[int, int]) -> tuple[slice, slice]:
    assert field.quad is not None
    x, y = np.array(field.quad).reshape(4, 2).T
    top, bottom = int(max(0, y.min())), int(min(size[0], y.max() + 1))
    return slice(top, bottom), slice(int(max(0, x.min())), int(min(size[1], x.max() + 1)))
