"""Fax-coded pictures (ITU-T T.4 and T.6) inside PDFs: whether their data go to the last row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2

_TAIL_BYTES = 16
_TWO_ENDS_OF_LINE = re.compile("0{11}11?0{11,}1")
"""An end of block, or of the page: no row has two."""
_DRAWS = "1" * 16 + "001011111" * 4096
"""As T.6 reads it: the row above again, until whatever code was cut is over, then bars. As T.4 reads it: bars."""
_FILLINGS = (b"\0" * 4096, b"\xff" * 4096, int(_DRAWS, 2).to_bytes(len(_DRAWS) // 8, "big"))
_MISSING = 0.02
"""Of the rows: some programs leave the last ones out."""
_PARAMETERS = ("/K", "/Columns", "/Rows", "/BlackIs1", "/EncodedByteAlign", "/EndOfLine", "/EndOfBlock")


def has_last_row(data: bytes, size: tuple[int, int], parameters: Mapping[str, Any]) -> bool:
    """Whether the picture of `size` (width, height) is the same whatever stands behind its data, but for a row or two.

    `parameters` are the filter's (ISO 32000-1, 7.4.6). Call it with the engine's lock held.
    """
    tail = data[-_TAIL_BYTES:]
    if _TWO_ENDS_OF_LINE.search(f"{int.from_bytes(tail, 'big'):0{8 * len(tail)}b}"):
        return True
    drawn = [_drawn(data + filling, size, parameters) for filling in _FILLINGS]
    first = drawn[0]
    if first is None or any(each is None or each.shape != first.shape for each in drawn):
        return False
    differs = np.any([np.any(each != first, axis=1) for each in drawn if each is not None], axis=0)
    return not differs.any() or bool(differs.argmax() >= (1 - _MISSING) * len(differs))


def _drawn(data: bytes, size: tuple[int, int], parameters: Mapping[str, Any]) -> npt.NDArray[np.uint8] | None:
    """The pixels as the engine decodes them; None where it does not."""
    try:
        with pypdfium2.PdfDocument(_page_of(data, size, parameters)) as document:
            (picture,) = document[0].get_objects()
            assert isinstance(picture, pypdfium2.PdfImage)
            return np.array(picture.get_bitmap().to_numpy())
    except (pypdfium2.PdfiumError, ValueError):
        return None


def _page_of(data: bytes, size: tuple[int, int], parameters: Mapping[str, Any]) -> bytes:
    """A PDF of one page that is the picture; without a table of its objects, which the engine makes itself."""
    told = " ".join(f"{key} {str(parameters[key]).lower()}" for key in _PARAMETERS if key in parameters)
    width, height = size
    return b"".join(
        [
            b"%PDF-1.7\n1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n",
            b"2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj\n",
            b"3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R "
            b"/Resources <</XObject <</P 5 0 R>>>>>> endobj\n",
            b"4 0 obj <</Length 5>>\nstream\n/P Do\nendstream endobj\n",
            f"5 0 obj <</Type /XObject /Subtype /Image /Width {width} /Height {height} /BitsPerComponent 1 "
            f"/ColorSpace /DeviceGray /Filter /CCITTFaxDecode /DecodeParms <<{told}>> "
            f"/Length {len(data)}>>\nstream\n".encode(),
            data,
            b"\nendstream endobj\ntrailer <</Root 1 0 R>>\n",
        ]
    )
