"""Whatever a batch is packed with and says of itself: no more than the bound comes out of it."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

import kafka.codec
import pytest
import snappy
from hypothesis import given, settings
from hypothesis import strategies as st

from connections.kafka.codecs import Unpackable, unpack

_CODECS: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "gzip": (1, kafka.codec.gzip_encode),
    "xerial": (2, kafka.codec.snappy_encode),
    "snappy": (2, snappy.compress),
    "lz4": (3, kafka.codec.lz4_encode),
    "zstd": (4, kafka.codec.zstd_encode),
}


@pytest.mark.parametrize("name", _CODECS)
@settings(deadline=None)
@given(data=st.binary(max_size=300), spare=st.integers(-5, 5))
def test_what_fits_comes_out_whole_and_of_the_rest_only_the_start(name: str, data: bytes, spare: int) -> None:
    codec, pack = _CODECS[name]
    limit = max(0, len(data) + spare)
    unpacked = unpack(codec, pack(data), limit)
    assert data.startswith(unpacked.data)
    assert len(unpacked.data) <= limit
    assert unpacked.whole == (len(data) <= limit)
    assert not unpacked.whole or unpacked.data == data


@settings(deadline=None)
@given(codec=st.integers(0, 7), packed=st.binary(max_size=200))
def test_any_bytes_unpack_or_are_unpackable(codec: int, packed: bytes) -> None:
    with suppress(Unpackable):
        assert len(unpack(codec, packed, 1000).data) <= max(1000, len(packed))


@pytest.mark.parametrize("name", _CODECS)
@settings(deadline=None)
@given(data=st.binary(min_size=1, max_size=300), flips=st.lists(st.integers(0, 10_000), min_size=1, max_size=4))
def test_damaged_data_unpacks_or_is_unpackable(name: str, data: bytes, flips: list[int]) -> None:
    codec, pack = _CODECS[name]
    packed = bytearray(pack(data))
    for flip in flips:
        packed[flip // 8 % len(packed)] ^= 1 << flip % 8
    with suppress(Unpackable):
        assert len(unpack(codec, bytes(packed), 1000).data) <= 1000


def test_several_gzip_members_are_one_text() -> None:
    packed = kafka.codec.gzip_encode(b"one") + kafka.codec.gzip_encode(b"two") + b"\0\0"
    assert unpack(1, packed, 100).data == b"onetwo"


def test_a_snappy_block_that_says_it_holds_two_gigabytes_is_not_believed() -> None:
    lie = b"\xff\xff\xff\xff\x07" + b"\x00" * 8
    assert unpack(2, lie, 1000) == unpack(2, snappy.compress(b"x" * 2000), 1000)
    xerial = b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1) + struct.pack(">i", len(lie)) + lie
    assert not unpack(2, xerial, 1000).whole


_BOMB = """
import sys
sys.path[:0] = {path!r}
from connections.kafka.record_batches import Bounds, batches, records_of
import lz4.frame, snappy, struct, zlib, zstandard

piece = b"\\0" * 1_000_000
def gzip():
    out = zlib.compressobj(9, wbits=31)
    return b"".join(out.compress(piece) for _ in range(300)) + out.flush()
def lz4_():
    out = lz4.frame.LZ4FrameCompressor(block_linked=False)
    return out.begin() + b"".join(out.compress(piece) for _ in range(300)) + out.flush()
def zstd():
    out = zstandard.ZstdCompressor().compressobj()
    return b"".join(out.compress(piece) for _ in range(300)) + out.flush()
def xerial():
    block = snappy.compress(piece)
    return b"\\x82SNAPPY\\0" + struct.pack(">ii", 1, 1) + (struct.pack(">i", len(block)) + block) * 300
def snappy_():
    # 300 MB of one byte: a literal, then copies of 64 bytes from one byte back.
    length, left, head = 300_000_001, 300_000_000, bytearray()
    while length > 127:
        head.append(length & 127 | 128); length >>= 7
    return bytes(head) + bytes([length, 0, 0]) + b"\\xfe\\x01\\x00" * (left // 64)

packs = {{"gzip": (1, gzip), "xerial": (2, xerial), "snappy": (2, snappy_), "lz4": (3, lz4_), "zstd": (4, zstd)}}
codec, pack = packs[sys.argv[1]]
from tests.connections.kafka_batches import sealed
log = sealed(pack(), base=5, last_delta=9, count=10, codec=codec)
from tests.processes import peak_mb
before = peak_mb()
found = [record for batch in batches(log) for record in records_of(batch, Bounds(64_000_000, 6_000_000))]
assert [(one.offset, one.problem.code.value) for one in found] == [(14, "batch_too_large")], found[-1].problem
print(peak_mb() - before)
"""


@pytest.mark.parametrize("name", _CODECS)
def test_three_hundred_megabytes_of_zeros_cost_little_memory(name: str) -> None:
    script = _BOMB.format(path=[path for path in sys.path if path])
    done = subprocess.run([sys.executable, "-c", script, name], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 250
