"""The request in a record, or why nobody can read it. Imports no Beam."""

from __future__ import annotations

import time

from config.settings import RegistrySettings
from connections.schema_registry import writer_schemas
from schemas.errors import DocbeamError, ErrorCode
from schemas.part import ReceivedRecord
from schemas.request import AnalysisRequest, check_request
from schemas.wire import RecordCodec, unframe

_REGISTRY_PAUSE_SECONDS = 5.0
_CODEC = RecordCodec(AnalysisRequest)


def decode_avro(record: ReceivedRecord, registry: RegistrySettings) -> AnalysisRequest:
    """The request in a Confluent-framed Avro value. Waits for the registry where only it can tell.

    Raises DocbeamError(UNDECODABLE_RECORD or UNKNOWN_SCHEMA).
    """
    if record.value is None:
        raise DocbeamError(ErrorCode.UNDECODABLE_RECORD, "the record has no value")
    framed = unframe(record.value, record.headers)
    while True:
        found = writer_schemas(framed.schema_id, registry)
        failure = DocbeamError(ErrorCode.UNKNOWN_SCHEMA, f"no schema of id {framed.schema_id} is known")
        for schema in found.schemas:
            try:
                request = _CODEC.from_avro(framed.body, schema)
                # Of a released schema it is only a guess: bytes of another may decode by chance.
                return request if found.certain else check_request(request)
            except DocbeamError as error:
                failure = error
        if found.certain:
            raise failure
        # Not the record's fault: to bury it would lose a request that only a newer schema can read.
        time.sleep(_REGISTRY_PAUSE_SECONDS)


def decode_json(record: ReceivedRecord) -> AnalysisRequest:
    """The request in a JSON value, as bounded runs read it.

    Raises DocbeamError(UNDECODABLE_RECORD).
    """
    return _CODEC.from_json(record.value or b"")
