"""Which schema a record's bytes were written with, as the serialisers of several registries say it.

| who | how |
|---|---|
| Confluent | byte 0 and a 4-byte id before the body or in the header `__value_schema_id`; there also 1 and a GUID |
| Apicurio | byte 0 and a 4-byte id; byte 0 and an 8-byte id in older ones; or an 8-byte id in a header |

Sources: https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format,
https://www.apicur.io/registry/docs/apicurio-registry/3.0.x/getting-started/assembly-configuring-kafka-client-serdes.html
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.errors import DocbeamError, ErrorCode

Headers = Sequence[tuple[str, bytes | None]]
SchemaId = int | uuid.UUID
GUID_HEADER = "__value_schema_id"
_APICURIO_HEADERS = ("apicurio.value.globalId", "apicurio.value.contentId")
_APICURIO_ENCODING = "apicurio.value.encoding"
_ID, _LONG_ID, _GUID = 4, 8, 16
_NO_FRAMES = {
    b"\xc3\x01": "it is framed as Avro's single object, whose schema no registry knows by an id",
    b"Obj\x01": "it is a file of Avro objects",
    b"\x03\x00": "it is framed for the AWS Glue registry",
    b"\x03\x05": "it is framed for the AWS Glue registry",
    b"{": "it looks like JSON",
    b"[": "it looks like JSON",
    b"<": "it looks like XML",
    b"\x1f\x8b": "it is packed with gzip",
    b"%PDF": "it is a document; a request names where one is stored",
}
"""How values begin that people send instead, and what they are."""
_UNFRAMED = "the value does not start with byte 0 and a 4-byte schema id, and no header has one"
_BEFORE_TEXT = b"\xef\xbb\xbf \t\r\n"
"""A mark of UTF-8, and spaces."""
_AZURE = re.compile(rb"\0{4}[0-9a-f]{32}")
_AZURE_TYPE = re.compile(rb"avro/binary\+[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Framed:
    """A record's bytes taken out of their frame."""

    schema_id: SchemaId
    body: bytes


def unframe(value: bytes, headers: Headers = ()) -> Framed:
    """Take the schema's id off a value, or out of the headers.

    Raises DocbeamError(UNDECODABLE_RECORD) saying what the value is instead, where that can be told.
    """
    for name, header in headers:
        if header is None:
            continue
        if name == GUID_HEADER and len(header) == 1 + _GUID and header[0] == 1:
            return Framed(uuid.UUID(bytes=header[1:]), value)
        if name == GUID_HEADER and len(header) == 1 + _ID and header[0] == 0:
            return Framed(int.from_bytes(header[1:], "big"), value)
        if name in _APICURIO_HEADERS and len(header) == _LONG_ID:
            _check_binary(headers)
            return Framed(int.from_bytes(header, "big"), value)
    if _is_azures(value, headers):
        raise DocbeamError(ErrorCode.UNDECODABLE_RECORD, f"{_UNFRAMED}; it is framed for the registry of Azure")
    if value[:1] != b"\0" or len(value) <= _ID:
        raise DocbeamError(ErrorCode.UNDECODABLE_RECORD, _what_it_is(value))
    schema_id = int.from_bytes(value[1 : 1 + _ID], "big")
    if not schema_id and len(value) > _LONG_ID:
        # Ids begin at 1: four zeros are the upper half of a longer one.
        return Framed(int.from_bytes(value[1 : 1 + _LONG_ID], "big"), value[1 + _LONG_ID :])
    return Framed(schema_id, value[1 + _ID :])


def _check_binary(headers: Headers) -> None:
    encodings = {header for name, header in headers if name == _APICURIO_ENCODING}
    if b"JSON" in encodings:
        raise DocbeamError(
            ErrorCode.UNDECODABLE_RECORD, f"header {_APICURIO_ENCODING} is JSON; send Avro in its binary encoding"
        )


def _is_azures(value: bytes, headers: Headers) -> bool:
    """Whether the schema's id is 32 digits before the body, or in the type of the content."""
    told = (header or b"" for name, header in headers if name.lower() == "content-type")
    return bool(_AZURE.match(value)) or any(_AZURE_TYPE.fullmatch(each) for each in told)


def what_it_looks_like(value: bytes) -> str | None:
    """What bytes are that are no Avro, where their beginning tells."""
    text = value.lstrip(_BEFORE_TEXT)
    return next((what for start, what in _NO_FRAMES.items() if value.startswith(start) or text.startswith(start)), None)


def _what_it_is(value: bytes) -> str:
    if not value:
        return "the value is empty"
    what = what_it_looks_like(value)
    return _UNFRAMED if what is None else f"{_UNFRAMED}; {what}"
