"""Changes a stored ONNX model without the `onnx` package: cuts it in two at a tensor, shows a tensor, adds properties.

An ONNX file is one protobuf message (protobuf.dev/programming-guides/encoding). Nodes are stored in an order in which
each comes after those it needs (github.com/onnx/onnx, docs/IR.md), so that what lies before a tensor can be run
without what lies behind it, and the rest with that tensor for its input. Field numbers: onnx.proto (ModelProto,
GraphProto, NodeProto, ValueInfoProto, TypeProto, StringStringEntryProto).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

_MODEL_GRAPH, _MODEL_PROPERTIES = 7, 14
_GRAPH_NODE, _GRAPH_INPUT, _GRAPH_OUTPUT = 1, 11, 12
_NODE_OUTPUT = 2
_VALUE_NAME, _VALUE_TYPE = 1, 2
_TYPE_TENSOR, _TENSOR_ELEMENT, _FLOAT = 1, 1, 1
_ENTRY_KEY, _ENTRY_VALUE = 1, 2
_NUMBER, _EIGHT_BYTES, _LENGTH_DELIMITED, _FOUR_BYTES = 0, 1, 2, 5


def until(model: bytes, tensor: str) -> bytes:
    """`model` up to the node that makes `tensor`, which is its only output. Raises ValueError where no node does."""
    return _with_graph(model, lambda graph: _first_part(graph, tensor))


def beyond(model: bytes, tensor: str) -> bytes:
    """The rest of what `until` gives: `tensor`, of floats, is its only input. Raises ValueError as `until` does."""
    return _with_graph(model, lambda graph: _second_part(graph, tensor))


def showing(model: bytes, tensor: str) -> bytes:
    """`model` with `tensor`, of floats, as its last output, beside those it has. Raises ValueError as `until` does."""
    return _with_graph(model, lambda graph: _also(graph, tensor))


def _with_graph(model: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return b"".join(
        _field(number, change(content)) if number == _MODEL_GRAPH else raw for number, content, raw in _fields(model)
    )


def _first_part(graph: bytes, tensor: str) -> bytes:
    last = _maker(graph, tensor)
    kept, nodes = [], 0
    for number, _, raw in _fields(graph):
        nodes += number == _GRAPH_NODE
        if number != _GRAPH_OUTPUT and (number != _GRAPH_NODE or nodes <= last):
            kept.append(raw)
    return b"".join([*kept, _field(_GRAPH_OUTPUT, _value(tensor))])


def _second_part(graph: bytes, tensor: str) -> bytes:
    last = _maker(graph, tensor)
    kept, nodes = [], 0
    for number, _, raw in _fields(graph):
        nodes += number == _GRAPH_NODE
        if number != _GRAPH_INPUT and (number != _GRAPH_NODE or nodes > last):
            kept.append(raw)
    return b"".join([*kept, _field(_GRAPH_INPUT, _value(tensor))])


def _also(graph: bytes, tensor: str) -> bytes:
    _maker(graph, tensor)
    return graph + _field(_GRAPH_OUTPUT, _value(tensor))


def _maker(graph: bytes, tensor: str) -> int:
    """Which node makes the tensor, counted from 1."""
    nodes = [content for number, content, _ in _fields(graph) if number == _GRAPH_NODE]
    for place, node in enumerate(nodes, start=1):
        if (_NODE_OUTPUT, tensor.encode()) in ((number, content) for number, content, _ in _fields(node)):
            return place
    raise ValueError(f"no node of the model makes {tensor!r}")


def _value(tensor: str) -> bytes:
    """A ValueInfoProto of floats, of any shape."""
    element = _varint(_TENSOR_ELEMENT << 3 | _NUMBER) + _varint(_FLOAT)
    return _field(_VALUE_NAME, tensor.encode()) + _field(_VALUE_TYPE, _field(_TYPE_TENSOR, element))


def with_properties(model: bytes, properties: Mapping[str, str]) -> bytes:
    """`model` with further entries in its metadata."""
    for key, value in properties.items():
        entry = _field(_ENTRY_KEY, key.encode()) + _field(_ENTRY_VALUE, value.encode())
        model += _field(_MODEL_PROPERTIES, entry)
    return model


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Number, content (of those with a length; else empty) and all bytes of each field."""
    place = 0
    while place < len(message):
        start = place
        key, place = _read_varint(message, place)
        content = b""
        if key & 7 == _LENGTH_DELIMITED:
            length, place = _read_varint(message, place)
            content = message[place : place + length]
            place += length
        elif key & 7 == _NUMBER:
            _, place = _read_varint(message, place)
        else:
            place += {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}[key & 7]
        yield key >> 3, content, message[start:place]


def _read_varint(message: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[place]
        number |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return number, place


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
