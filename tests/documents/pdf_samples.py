"""Small PDF files, written object by object."""

from __future__ import annotations

import hashlib

_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_FILE_ID = bytes(range(16))


def pdf(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer <</Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s /Length %d>>\nstream\n%s\nendstream" % (entries, len(content), content)


def pages_pdf(count: int = 1, size: tuple[int, int] = (612, 792), content: bytes = b"", extra: bytes = b"") -> bytes:
    """`count` pages of `size` points, all with one content stream and the `extra` page entries."""
    kids = b" ".join(b"%d 0 R" % (4 + number) for number in range(count))
    page = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 3 0 R /Resources <<>> %s>>" % (*size, extra)
    return pdf(
        [
            b"<</Type /Catalog /Pages 2 0 R>>",
            b"<</Type /Pages /Kids [%s] /Count %d>>" % (kids, count),
            stream(content),
            *[page] * count,
        ]
    )


def form_pdf(value: bytes, appearance: bytes | None = None) -> bytes:
    """One text field at (100, 600)-(300, 640) points, filled with `value`; drawn by the viewer if no appearance."""
    shown = b"" if appearance is None else b"/AP <</N 6 0 R>>"
    objects = [
        b"<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [4 0 R] /DA (/Helv 18 Tf 0 g)"
        b" /DR <</Font <</Helv 5 0 R>>>> /NeedAppearances true>>>>",
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Annots [4 0 R]>>",
        b"<</Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (%s) /DA (/Helv 18 Tf 0 g) /F 4"
        b" /Rect [100 600 300 640] %s>>" % (value, shown),
        b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
    ]
    if appearance is not None:
        objects.append(
            stream(appearance, b"/Type /XObject /Subtype /Form /BBox [0 0 200 40] /Resources <</Font <</Helv 5 0 R>>>>")
        )
    return pdf(objects)


def encrypted_pdf(user_password: bytes, owner_password: bytes = b"owner") -> bytes:
    """An empty page behind the 40-bit standard security handler (PDF 1.7, algorithms 2, 3 and 4)."""
    permissions = b"\xfc\xff\xff\xff"
    owner_key = hashlib.md5((owner_password + _PADDING)[:32]).digest()[:5]
    owner = _rc4(owner_key, (user_password + _PADDING)[:32])
    key = hashlib.md5((user_password + _PADDING)[:32] + owner + permissions + _FILE_ID).digest()[:5]
    objects = [
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 200 100]>>",
        b"<</Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s>>>"
        % (owner.hex().encode(), _rc4(key, _PADDING).hex().encode()),
    ]
    file_id = _FILE_ID.hex().encode()
    return pdf(objects, b"/Encrypt 4 0 R /ID [<%s> <%s>] " % (file_id, file_id))


def _rc4(key: bytes, content: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in content:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
