"""Adds to a stored ONNX model without the `onnx` package: further outputs, and properties.

An ONNX file is one protobuf message, and two messages written one after the other are read as one: repeated fields
are joined, nested messages are merged (protobuf.dev/programming-guides/encoding, "Last One Wins"). So a few bytes
at the end name a tensor inside the graph as an output. Field numbers: onnx.proto (ModelProto, GraphProto,
ValueInfoProto, StringStringEntryProto).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_MODEL_GRAPH, _MODEL_PROPERTIES = 7, 14
_GRAPH_OUTPUT, _VALUE_NAME = 12, 1
_ENTRY_KEY, _ENTRY_VALUE = 1, 2
_LENGTH_DELIMITED = 2


def with_outputs(model: bytes, tensors: Sequence[str]) -> bytes:
    """`model` with `tensors` of its graph as further outputs; a name that is not in it fails when it is opened."""
    outputs = b"".join(_field(_GRAPH_OUTPUT, _field(_VALUE_NAME, name.encode())) for name in tensors)
    return model + _field(_MODEL_GRAPH, outputs)


def with_properties(model: bytes, properties: Mapping[str, str]) -> bytes:
    """`model` with further entries in its metadata."""
    for key, value in properties.items():
        entry = _field(_ENTRY_KEY, key.encode()) + _field(_ENTRY_VALUE, value.encode())
        model += _field(_MODEL_PROPERTIES, entry)
    return model


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _LENGTH_DELIMITED) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the highest bit says that more follow."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
