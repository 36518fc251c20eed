"""How a worker talks to its child processes: length-prefixed JSON over two pipes.

JSON and not pickle, because a child that met a hostile document must not be able to run code in its parent.
"""

from __future__ import annotations

import json
import math
import re
import struct
from enum import StrEnum
from typing import Any, BinaryIO

from pydantic_core import from_json

Message = dict[str, Any]
LENGTH = struct.Struct(">I")
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
"""A page full of words is below one megabyte."""
_INT64 = 2**63
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class Stage(StrEnum):
    """What a child is busy with, in the order of a question; each has a time limit and an error code of its own."""

    START = "start"
    LOAD = "load"
    INSPECT = "inspect"
    RASTERISE = "rasterise"
    PREDICT = "predict"
    CONCLUDE = "conclude"
    DRAW = "draw"


class BrokenFrame(ValueError):
    """Bytes that are no message; they may be a document's, so what is wrong is said in general words only."""


class Inbox:
    """Bytes as they come in from a process that may write anything, cut into messages."""

    def __init__(self) -> None:
        self._received = bytearray()

    def add(self, data: bytes) -> None:
        """More bytes."""
        self._received += data

    def next(self) -> Message | None:
        """The next message, if all of it is there.

        Raises BrokenFrame for what cannot become one.
        """
        if len(self._received) < LENGTH.size:
            return None
        (size,) = LENGTH.unpack_from(self._received)
        if size > MAX_MESSAGE_BYTES:
            raise BrokenFrame("a message beyond any size")
        end = LENGTH.size + size
        if len(self._received) < end:
            return None
        body = bytes(self._received[LENGTH.size : end])
        del self._received[:end]
        try:
            message = _parsed(body.decode())
        except (ValueError, RecursionError):
            raise BrokenFrame("a message that is no JSON") from None
        if not isinstance(message, dict):
            raise BrokenFrame("a message that is no object")
        return message


def encode(message: Message) -> bytes:
    """A message in its frame."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return LENGTH.pack(len(body)) + body


def read_message(stream: BinaryIO) -> Message | None:
    """The next message; None at the end of the stream. Blocks; for the child, which trusts its parent."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    body = stream.read(size)
    if len(body) < size:
        return None
    message = json.loads(body)
    assert isinstance(message, dict)
    return message


def _parsed(text: str) -> Any:
    """What the JSON says, if the next step could write it again: Unicode, finite numbers, 64-bit integers."""
    if _ESCAPED_SURROGATE.search(text):
        # Pairs are characters; json takes halves too.
        from_json(text)
    return json.loads(text, parse_constant=_refuse, parse_float=_finite, parse_int=_int64)


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _finite(text: str) -> float:
    """JSON has no word for infinity, but 1e999 is one to Python, and then null to the next step."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number that is not finite")
    return value


def _int64(text: str) -> int:
    """A count, a size or an offset: nothing that is written in the end holds a longer one."""
    value = int(text)
    if not -_INT64 <= value < _INT64:
        raise ValueError("an integer of more than 64 bits")
    return value
