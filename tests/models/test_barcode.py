"""Bar codes and matrix codes on a page, at any angle; their places; and none where there are none."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import zxingcpp

from models.contract import Model, PageImage
from models.registry import load_model
from schemas.prediction import Barcode, bounds


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("barcode")


def page_with(content: str | bytes, kind: str, *, left: int = 300, top: int = 500) -> npt.NDArray[np.uint8]:
    code = np.array(zxingcpp.create_barcode(content, getattr(zxingcpp.BarcodeFormat, kind)).to_image(scale=4))
    page = np.full((2200, 1700), 255, np.uint8)
    page[top : top + code.shape[0], left : left + code.shape[1]] = code
    return page


def read(model: Model, pixels: npt.NDArray[np.uint8]) -> tuple[Barcode, ...]:
    (prediction,) = model.predict([PageImage(1, pixels)])
    return prediction.barcodes


@pytest.mark.parametrize(
    ("kind", "symbology"), [("Code128", "code_128"), ("QRCode", "qr_code"), ("DataMatrix", "data_matrix")]
)
@pytest.mark.parametrize("degrees", [0, 3, 90, 185])
def test_codes_are_read_at_any_angle(model: Model, kind: str, symbology: str, degrees: int) -> None:
    page = page_with("LOAN-2026/117", kind)
    around = cv2.getRotationMatrix2D((850, 1100), degrees, 1)
    turned = np.asarray(cv2.warpAffine(page, around, (1700, 2200), borderValue=255), dtype=np.uint8)
    assert [(code.symbology, code.value) for code in read(model, turned)] == [(symbology, "LOAN-2026/117")]


def test_places_are_those_of_the_page_and_several_come_from_top_to_bottom(model: Model) -> None:
    page = np.minimum(page_with("second", "QRCode", top=1400), page_with("first", "Code128", left=200, top=300))
    first, second = read(model, page)
    assert (first.value, second.value) == ("first", "second")
    left, top, right, bottom = bounds(second.quad)
    assert 300 <= left < right <= 500
    assert 1400 <= top < bottom <= 1600


def test_bytes_that_are_no_text_are_told_as_hexadecimal(model: Model) -> None:
    [code] = read(model, page_with(bytes([0, 255, 128, 7, 250, 3]), "QRCode"))
    assert code.value == "hex:00ff8007fa03"


def test_a_page_without_codes_has_none(model: Model) -> None:
    ruled = np.full((2200, 1700, 3), 255, np.uint8)
    for x in range(100, 1600, 9):
        cv2.line(ruled, (x, 200), (x, 2000), (0, 0, 0), 1 + x % 3)
    assert read(model, ruled) == ()
    assert read(model, np.zeros((1, 1), np.uint8)) == ()
