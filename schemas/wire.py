"""Records to bytes and back: Avro in the Confluent wire format; `schemas.frames` reads those of others too."""

from __future__ import annotations

import io
import struct
from typing import Any, Generic, TypeVar, cast

import fastavro
from pydantic import TypeAdapter, ValidationError

from schemas.avro_reader import avro_reader
from schemas.avro_schema import Schema, avro_schema, plain
from schemas.errors import DocbeamError, ErrorCode
from schemas.fitting import Misfit, fitted
from schemas.frames import what_it_looks_like
from schemas.writer_schema import WriterSchema, vetted_schema

Record = TypeVar("Record")
_TEXT = (b"{", b"[", b"<")
_PREFIX = struct.Struct(">bI")


def frame(schema_id: int, body: bytes) -> bytes:
    """The Confluent frame round an Avro body."""
    return _PREFIX.pack(0, schema_id) + body


class Body:
    """The bytes of a record for fastavro, which does not look whether it got as many as it asked for where it skips:
    an array of 2**50 fields that nobody reads would keep it at the end of the bytes for ever.
    """

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._place = 0

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self._body) - self._place

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes. Raises EOFError when there are not so many, or fewer than none are asked for."""
        if not 0 <= size <= self.left:
            raise EOFError(f"{size} bytes wanted, {self.left} left")
        start = self._place
        self._place += size
        return self._body[start : self._place]


class RecordCodec(Generic[Record]):
    """One record type to and from Avro bodies and JSON; knows nothing of registries."""

    def __init__(self, record: type[Record]) -> None:
        self._record = record
        self._adapter: TypeAdapter[Record] = TypeAdapter(record)
        self.schema: Schema = avro_schema(cast(type, record))
        self._parsed = fastavro.parse_schema(self.schema)

    def to_avro(self, record: Record) -> bytes:
        """The record as Avro binary of `schema`."""
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, self._parsed, plain(record))
        return buffer.getvalue()

    def from_avro(self, body: bytes, writer_schema: WriterSchema | Schema) -> Record:
        """The record in an Avro body that was written with `writer_schema`, whose names and types may be others where
        it is plain what they mean: an alias or `requestId`, null for what has a default, an enum for text...

        Raises DocbeamError: UNUSABLE_SCHEMA when that is none to decode with, UNDECODABLE_RECORD naming the field where
        bytes do not fit the schema or a value does not fit the record.
        """
        writer = writer_schema if isinstance(writer_schema, WriterSchema) else vetted_schema(writer_schema)
        buffer = Body(body)
        try:
            told = avro_reader(writer, cast(type, self._record))(buffer)
            if buffer.left:
                raise Misfit("there are bytes after the end of the record")
            return self._adapter.validate_python(fitted(told, cast(type, self._record)))
        except Misfit as misfit:
            # Serialisers of registries set the same frame before JSON.
            what = what_it_looks_like(body) if body[:1] in _TEXT else None
            raise _undecodable(str(misfit) if what is None else f"{misfit}; behind the schema id {what}") from None
        except ValidationError as error:
            raise _undecodable(_first(error)) from None

    def to_json(self, record: Record, *, indent: int | None = None) -> str:
        """The record as JSON; times as RFC 3339."""
        return self._adapter.dump_json(record, indent=indent).decode()

    def from_json(self, text: str | bytes) -> Record:
        """The record in a JSON text.

        Raises DocbeamError(UNDECODABLE_RECORD) naming the first field that does not fit.
        """
        try:
            return self._adapter.validate_json(text)
        except ValidationError as error:
            raise _undecodable(_first(error)) from None

    def to_plain(self, record: Record) -> dict[str, Any]:
        """The record as JSON-ready dicts, lists, strings and numbers."""
        dumped = self._adapter.dump_python(record, mode="json")
        assert isinstance(dumped, dict)
        return dumped

    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of the record."""
        return self._adapter.json_schema()


def _undecodable(message: str) -> DocbeamError:
    return DocbeamError(ErrorCode.UNDECODABLE_RECORD, message)


def _first(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in first['loc']) or 'record'}: {first['msg']}"
