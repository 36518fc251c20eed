"""Documents that cost next to nothing to read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from docbeam.samples import sample_folder


def draw_documents(folder: Path) -> None:
    """`one.png`, `ten.tiff` of ten pages, which are two parts, and `encrypted.pdf`."""
    page = np.full((400, 300), 255, np.uint8)
    page[100:140, 50:250] = 0
    images = [Image.fromarray(np.roll(page, shift, axis=0)) for shift in range(0, 100, 10)]
    images[0].save(folder / "one.png")
    images[0].save(folder / "ten.tiff", save_all=True, append_images=images[1:])
    (folder / "encrypted.pdf").write_bytes((sample_folder() / "refused-encrypted.pdf").read_bytes())
