"""Schemas by id, from the registry, kept for ever; when it does not answer, those released with the package."""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from confluent_kafka.schema_registry import Schema as RegistrySchema
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from config.settings import RegistrySettings
from schemas.avro_schema import Schema
from schemas.errors import DocbeamError, ErrorCode
from schemas.released import newest_schema, released_schemas
from schemas.wire import SchemaId

log = logging.getLogger(__name__)
_NOT_FOUND = frozenset({404, 40403})
_NO_SUBJECT = frozenset({40401})
_UNKNOWN_SECONDS = 60.0
"""How long an id stays unknown before the registry is asked again: garbage must not become load."""

_AWAY_SECONDS = 10.0
"""How long a registry that did not answer is not asked again."""

_known: dict[tuple[str, SchemaId], Schema] = {}
_unknown: dict[tuple[str, SchemaId], float] = {}
_away: dict[str, float] = {}
_lock = threading.Lock()


def client(settings: RegistrySettings) -> SchemaRegistryClient:
    """A registry client; retries by itself."""
    arguments: dict[str, Any] = {
        "url": settings.url,
        "timeout": settings.timeout_seconds,
        "max.retries": 3,
    }
    if settings.username and settings.password:
        arguments["basic.auth.user.info"] = f"{settings.username}:{settings.password.get_secret_value()}"
    if settings.ssl_cafile:
        arguments["ssl.ca.location"] = str(settings.ssl_cafile)
    return SchemaRegistryClient(arguments)


@dataclass(frozen=True, slots=True)
class WriterSchemas:
    """The schemas a record may have been written with."""

    schemas: Sequence[Schema]
    certain: bool
    """False when the registry did not answer and these are the released ones, newest first."""


def writer_schemas(schema_id: SchemaId, settings: RegistrySettings) -> WriterSchemas:
    """The schema of that id as the registry has it; while it cannot be reached, the released request schemas.

    Raises DocbeamError(UNKNOWN_SCHEMA) when the registry says there is no such id.
    """
    key = (settings.url, schema_id)
    with _lock:
        if key in _known:
            return WriterSchemas([_known[key]], certain=True)
        if time.monotonic() < _unknown.get(key, 0.0):
            raise _no_such(schema_id)
        if time.monotonic() < _away.get(settings.url, 0.0):
            return _released()
    try:
        schema = _ask(schema_id, settings)
    except DocbeamError:
        raise
    except Exception as error:
        if isinstance(error, SchemaRegistryError) and {error.http_status_code, error.error_code} & _NOT_FOUND:
            with _lock:
                _unknown[key] = time.monotonic() + _UNKNOWN_SECONDS
            raise _no_such(schema_id) from None
        log.warning("schema registry does not answer (%s); trying the released schemas", type(error).__name__)
        with _lock:
            _away[settings.url] = time.monotonic() + _AWAY_SECONDS
        return _released()
    with _lock:
        _known[key] = schema
    return WriterSchemas([schema], certain=True)


def register(subject: str, schema: Schema, settings: RegistrySettings) -> int:
    """Register `schema` under `subject` with BACKWARD_TRANSITIVE compatibility; its id.

    Raises SchemaRegistryError when the registry refuses it.
    """
    registry = client(settings)
    registry.set_compatibility(subject, "BACKWARD_TRANSITIVE")
    return int(registry.register_schema(subject, RegistrySchema(json.dumps(schema), "AVRO")))


@lru_cache(maxsize=8)
def written_schema_id(subject: str, contract: str, settings: RegistrySettings) -> int:
    """The id of the newest released schema of `contract`; registers it only if the registry has it not yet.

    Raises what the client raises when the registry does not answer or refuses.
    """
    schema = newest_schema(contract)
    try:
        return int(client(settings).lookup_schema(subject, RegistrySchema(json.dumps(schema), "AVRO")).schema_id)
    except SchemaRegistryError as error:
        if not {error.http_status_code, error.error_code} & (_NOT_FOUND | _NO_SUBJECT):
            raise
    return register(subject, schema, settings)


def wait_for_schema_id(subject: str, contract: str, settings: RegistrySettings) -> int:
    """As `written_schema_id`, but waits for a registry that is away: nothing can be answered without it."""
    pause = 1.0
    while True:
        try:
            return written_schema_id(subject, contract, settings)
        except Exception as error:
            log.warning("no schema id of %s yet (%s: %s)", subject, type(error).__name__, str(error)[:200])
            time.sleep(pause)
            pause = min(pause * 2, 30.0)


def _ask(schema_id: SchemaId, settings: RegistrySettings) -> Schema:
    registry = _client(settings)
    if isinstance(schema_id, uuid.UUID):
        found = registry.get_schema_by_guid(str(schema_id))
    else:
        found = registry.get_schema(schema_id)
    if (found.schema_type or "AVRO") != "AVRO":
        raise DocbeamError(ErrorCode.UNKNOWN_SCHEMA, f"schema {schema_id} is {found.schema_type}, not Avro")
    schema: Schema = json.loads(found.schema_str)
    return schema


def _released() -> WriterSchemas:
    return WriterSchemas(list(released_schemas("analysis_request").values())[::-1], certain=False)


def _no_such(schema_id: SchemaId) -> DocbeamError:
    return DocbeamError(ErrorCode.UNKNOWN_SCHEMA, f"the registry knows no schema of id {schema_id}")


@lru_cache(maxsize=4)
def _client(settings: RegistrySettings) -> SchemaRegistryClient:
    return client(settings)
