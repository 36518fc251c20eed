"""How many bytes are made of data that were packed without a checksum: LZW (TIFF 6.0, 13) and PackBits (9).

Of data that were changed within, a decoder makes more or fewer than there were.
"""

from __future__ import annotations

_CLEAR, _END, _FIRST = 256, 257, 258
_LEAST_BITS, _MOST_BITS = 9, 12
_NOTHING = 0x80


def unpacked_lzw(data: bytes, early: int = 1) -> int | None:
    """Bytes in LZW data; None for a code that does not stand for anything yet. `early`: as a PDF calls it."""
    lengths, before = [1] * _FIRST, 0
    made, place, width, over = 0, 0, _LEAST_BITS, 8 * len(data)
    data += bytes(2)
    limit = (1 << width) - early
    while place + width <= over:
        at = place >> 3
        code = int.from_bytes(data[at : at + 3], "big") >> (24 - width - (place & 7)) & ((1 << width) - 1)
        place += width
        if code == _END:
            break
        if code == _CLEAR:
            lengths, before, width = [1] * _FIRST, 0, _LEAST_BITS
            limit = (1 << width) - early
            continue
        if before:
            lengths.append(before + 1)
            if len(lengths) >= limit and width < _MOST_BITS:
                width += 1
                limit = (1 << width) - early
        if code >= len(lengths):
            return None
        before = lengths[code]
        made += before
    return made


def unpacked_bits(data: bytes) -> int:
    """Bytes in PackBits data; 128 is no end in TIFFs, and stands for nothing."""
    made = place = 0
    while place < len(data):
        told = data[place]
        if told < _NOTHING:
            made, place = made + told + 1, place + told + 2
        else:
            made, place = made + (257 - told if told > _NOTHING else 0), place + 1 + (told > _NOTHING)
    return made + min(0, len(data) - place)
