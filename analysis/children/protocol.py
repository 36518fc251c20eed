"""How a worker talks to its child processes: length-prefixed JSON over two pipes.

JSON and not pickle, because a child that met a hostile document must not be able to run code in its parent.
"""

from __future__ import annotations

import json
import struct
from enum import StrEnum
from typing import Any, BinaryIO

Message = dict[str, Any]
LENGTH = struct.Struct(">I")
MAX_MESSAGE_BYTES = 256 * 1024 * 1024


class Stage(StrEnum):
    """What a child is busy with; each has a time limit and an error code of its own."""

    START = "start"
    LOAD = "load"
    INSPECT = "inspect"
    RASTERISE = "rasterise"
    PREDICT = "predict"
    CONCLUDE = "conclude"
    DRAW = "draw"


def encode(message: Message) -> bytes:
    """A message in its frame."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return LENGTH.pack(len(body)) + body


def read_message(stream: BinaryIO) -> Message | None:
    """The next message; None at the end of the stream. Blocks."""
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
