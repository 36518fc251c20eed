"""The model: zxing-cpp on the grey page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import zxingcpp

from models.contract import Model, PageImage
from models.ink import grey_of
from schemas.prediction import Barcode, Prediction, corner_quad


class BarcodeReader(Model):
    """Every code on the page whose own checks hold, top to bottom."""

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """There is nothing to load."""

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """One prediction for each page."""
        return [Prediction(barcodes=_barcodes(page)) for page in pages]


def _barcodes(page: PageImage) -> tuple[Barcode, ...]:
    found = (_barcode(code) for code in zxingcpp.read_barcodes(grey_of(page.pixels)))
    return tuple(sorted(found, key=lambda code: (code.quad[1], code.quad[0])))


def _barcode(code: zxingcpp.Barcode) -> Barcode:
    place = code.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    is_binary = code.content_type is zxingcpp.ContentType.Binary
    return Barcode(
        symbology=str(code.format).lower().replace("-", "_").replace(" ", "_"),
        value=f"hex:{code.bytes.hex()}" if is_binary else code.text,
        quad=corner_quad((corner.x, corner.y) for corner in corners),
    )
