"""Small files of every kind that is read, and what becomes of them on the way; and what is no file at all."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import socket
import struct
import zlib
from functools import lru_cache
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from tests.fuzz.hostile import damaged

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF")
_PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R 3 0 R 3 0 R]/Count 3>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R>>endobj
4 0 obj<</Length 27>>stream
20 20 50 50 re f 0 0 m S
endstream endobj
trailer<</Root 1 0 R>>
"""


@lru_cache(maxsize=1)
def samples() -> tuple[bytes, ...]:
    """One of each format, of a few pages where it can."""
    pixels = np.full((60, 80), 255, np.uint8)
    pixels[10:40, 10:60] = 0
    page = Image.fromarray(pixels)
    found = [_PDF]
    for name in _FORMATS:
        written = io.BytesIO()
        page.convert("RGB").save(
            written, name, **({"save_all": True, "append_images": [page] * 4} if name == "TIFF" else {})
        )
        found.append(written.getvalue())
    return (*found, _huge_png())


def _huge_png() -> bytes:
    """One that says it has 1.6 billion pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 40_000, 40_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in (head, b"IDAT" + zlib.compress(bytes(5000)), b"IEND")
    )


FILES: st.SearchStrategy[bytes] = st.one_of(
    st.deferred(lambda: damaged(st.sampled_from(samples()))),
    st.binary(max_size=200),
    st.sampled_from([b"%PDF-1.7\n", b"II*\0\x08\0\0\0\xff\xff", b"BM" + bytes(60), b"", b"\xff\xd8\xff" * 9]),
)
KINDS = ("file", "file", "file", "file", "folder", "pipe", "socket", "link out", "loop", "device", "nothing", "secret")


def put(place: Path, kind: str, data: bytes) -> None:
    """Leave something at `place`, of which locations may tell."""
    clear(place)
    if kind == "file":
        place.write_bytes(data)
    elif kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(place))
    elif kind == "secret":
        place.write_bytes(data)
        place.chmod(0)
    elif kind != "nothing":
        place.symlink_to({"link out": "/etc/passwd", "loop": place, "device": "/dev/zero"}[kind])


def clear(place: Path) -> None:
    """Take it away."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    with contextlib.suppress(FileNotFoundError):
        place.unlink()
