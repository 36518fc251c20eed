"""Our own schemas in the registry: registered, and the id under which results are written."""

from __future__ import annotations

import json
import logging
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from confluent_kafka.schema_registry import Schema as RegistrySchema
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from config.settings import RegistrySettings
from connections.registry_answers import ask
from connections.retry import until_it_answers
from schemas.avro_schema import Schema
from schemas.released import newest_schema

log = logging.getLogger(__name__)
_NOT_FOUND = frozenset({404, 40401, 40403})
_CHECK_SECONDS = 30.0
"""How often it is looked whether the registry still knows the id that results are written with."""


def client(settings: RegistrySettings, retries: int = 3) -> SchemaRegistryClient:
    """A registry client; retries by itself."""
    arguments: dict[str, Any] = {
        "url": settings.url,
        "timeout": settings.timeout_seconds,
        "max.retries": retries,
    }
    if settings.username and settings.password:
        arguments["basic.auth.user.info"] = f"{settings.username}:{settings.password.get_secret_value()}"
    if settings.ssl_cafile:
        arguments["ssl.ca.location"] = str(settings.ssl_cafile)
    return SchemaRegistryClient(arguments)


def register(subject: str, schema: Schema, settings: RegistrySettings, retries: int = 3) -> int:
    """Register `schema` under `subject` with BACKWARD_TRANSITIVE compatibility; its id.

    Raises SchemaRegistryError when the registry refuses it.
    """
    with client(settings, retries) as registry:
        registry.set_compatibility(subject, "BACKWARD_TRANSITIVE")
        return int(registry.register_schema(subject, RegistrySchema(json.dumps(schema), "AVRO")))


@lru_cache(maxsize=8)
def written_schema_id(subject: str, contract: str, settings: RegistrySettings) -> int:
    """The id of the newest released schema of `contract`; registers it only if the registry has it not yet.

    Raises what the client raises when the registry does not answer or refuses.
    """
    return _registered_id(subject, contract, settings, retries=3)


@dataclass(slots=True)
class _OurId:
    schema_id: int
    check_at: float


_ours: dict[tuple[str, str, RegistrySettings], _OurId] = {}
_lock = threading.Lock()


def wait_for_schema_id(subject: str, contract: str, settings: RegistrySettings) -> int:
    """As `written_schema_id`, but waits for a registry that is away or refuses: nothing can be answered without it.

    Once known it holds while the registry is away. Now and then a thread looks whether the registry still has it: one
    that came back empty gets the schema again, and what is written from then on carries the id that it gives.
    """
    key = (subject, contract, settings)
    ours = _ours.get(key)
    if ours is None:
        found = until_it_answers(
            lambda: _registered_id(subject, contract, settings, retries=0), lambda error: _why(subject, error), log
        )
        with _lock:
            ours = _ours.setdefault(key, _OurId(found, time.monotonic() + _CHECK_SECONDS))
    elif time.monotonic() >= ours.check_at:
        with _lock:
            due = time.monotonic() >= ours.check_at
            ours.check_at = time.monotonic() + _CHECK_SECONDS + 4 * settings.timeout_seconds
        if due:
            threading.Thread(target=_check, args=(key, ours), name="check schema id", daemon=True).start()
    return ours.schema_id


def _check(key: tuple[str, str, RegistrySettings], ours: _OurId) -> None:
    subject, contract, settings = key
    try:
        answer = ask(f"schemas/ids/{ours.schema_id}", settings)
        told = answer.content.get("schema") if isinstance(answer.content, dict) else None
        if answer.status == 404 or (isinstance(told, str) and json.loads(told) != newest_schema(contract)):
            found = _registered_id(subject, contract, settings, retries=0)
            if found != ours.schema_id:
                log.warning("the registry no longer had schema %d of %s; now it is %d", ours.schema_id, subject, found)
                ours.schema_id = found
    except Exception as error:
        log.info("could not check schema %d of %s (%s)", ours.schema_id, subject, type(error).__name__)
    ours.check_at = time.monotonic() + _CHECK_SECONDS


def _registered_id(subject: str, contract: str, settings: RegistrySettings, retries: int) -> int:
    schema = newest_schema(contract)
    try:
        with client(settings, retries) as registry:
            return int(registry.lookup_schema(subject, RegistrySchema(json.dumps(schema), "AVRO")).schema_id)
    except SchemaRegistryError as error:
        if not {error.http_status_code, error.error_code} & _NOT_FOUND:
            raise
    return register(subject, schema, settings, retries)


def _why(subject: str, error: Exception) -> str:
    if isinstance(error, SchemaRegistryError) and 400 <= error.http_status_code < 500:
        log.error(
            "the registry refuses the schema of %s (HTTP %s: %s); no result can be written until it takes it. "
            "Check its compatibility level, its rights and `docbeam schemas register`",
            subject,
            error.http_status_code,
            str(error.error_message)[:200],
        )
    return f"no schema id of {subject} yet ({type(error).__name__}: {str(error)[:200]})"
