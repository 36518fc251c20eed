"""A coded picture of black and white as the engine decodes it: where data are tried that stand in no document."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pypdfium2


def drawn_bits(data: bytes, size: tuple[int, int], entries: bytes, *more: bytes) -> npt.NDArray[np.uint8] | None:
    """The pixels of a picture of `size` (width, height) with these `entries`; None where the engine does not decode it.

    `more` are the data of streams that the entries may name, from object 6 on. Call it with the engine's lock held.
    """
    try:
        with pypdfium2.PdfDocument(_page_of(data, size, entries, more)) as document:
            (picture,) = document[0].get_objects()
            assert isinstance(picture, pypdfium2.PdfImage)
            return np.array(picture.get_bitmap().to_numpy())
    except (pypdfium2.PdfiumError, ValueError):
        return None


def _page_of(data: bytes, size: tuple[int, int], entries: bytes, more: tuple[bytes, ...]) -> bytes:
    """A PDF of one page that is the picture; without a table of its objects, which the engine makes itself."""
    picture = b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 1 /ColorSpace /DeviceGray " % size
    streams = [(data, picture + entries), *((each, b"") for each in more)]
    return b"".join(
        [
            b"%PDF-1.7\n1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n",
            b"2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj\n",
            b"3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R "
            b"/Resources <</XObject <</P 5 0 R>>>>>> endobj\n",
            b"4 0 obj <</Length 5>>\nstream\n/P Do\nendstream endobj\n",
            *(
                b"%d 0 obj <<%s /Length %d>>\nstream\n%s\nendstream endobj\n" % (number, told, len(each), each)
                for number, (each, told) in enumerate(streams, 5)
            ),
            b"trailer <</Root 1 0 R>>\n",
        ]
    )
