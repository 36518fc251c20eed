"""What the registry has of the contracts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from clients.failure import Failed
from clients.reaching import registry_problems
from config.settings import Settings
from schemas.released import newest_schema


@dataclass(frozen=True, slots=True)
class SubjectState:
    """A subject's newest version against the newest released schema."""

    subject: str
    state: str
    """ok, warn (another schema) or fail (no such subject)."""
    remark: str


@dataclass(frozen=True, slots=True)
class RegisteredSchema:
    """What the registry has of a contract after it was registered."""

    subject: str
    schema: str
    id: int


def register_schemas(settings: Settings) -> Iterator[RegisteredSchema]:
    """Register the newest schema of each contract, with BACKWARD_TRANSITIVE compatibility. Idempotent.

    Raises NotReady when the registry does not answer, Failed naming the subject whose schema it refuses.
    """
    from connections.schema_registry import register

    for subject, contract in subjects(settings):
        try:
            with registry_problems(settings.registry):
                schema_id = register(subject, newest_schema(contract), settings.registry)
        except Failed as error:
            raise Failed(
                f"{subject}: {error.message}. It was not registered. Is another program's schema there under the "
                "same subject? Then choose other topic names."
            ) from error
        yield RegisteredSchema(subject, contract, schema_id)


def subjects(settings: Settings) -> list[tuple[str, str]]:
    """Subject (by topic name) and contract, for each topic with a schema."""
    return [
        (f"{settings.kafka.requests_topic}-value", "analysis_request"),
        (f"{settings.kafka.results_topic}-value", "analysis_result"),
        (f"{settings.kafka.corrections_topic}-value", "correction"),
    ]


def registry_states(settings: Settings) -> Iterator[SubjectState]:
    """Each subject. Raises NotReady when the registry does not answer."""
    from confluent_kafka.schema_registry.error import SchemaRegistryError

    from connections.schema_registry import client

    with registry_problems(settings.registry):
        registry = client(settings.registry)
        for subject, contract in subjects(settings):
            try:
                latest = registry.get_latest_version(subject)
            except SchemaRegistryError as error:
                if error.http_status_code != 404:
                    raise
                yield SubjectState(subject, "fail", "is not there; run `docbeam schemas register`")
                continue
            if json.loads(latest.schema.schema_str or "null") == newest_schema(contract):
                yield SubjectState(subject, "ok", f"version {latest.version}")
            else:
                yield SubjectState(subject, "warn", "is another schema; run `docbeam schemas register`")
