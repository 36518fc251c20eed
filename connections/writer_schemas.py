"""The schemas records were written with, by id, from the registry; and what it means when it gives none.

A schema never changes under its id, so one that was given is kept. What is not given is asked for again: a registry
that is away, or came back without what it held, must not turn requests into dead letters.
"""

from __future__ import annotations

import time
import urllib.parse
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from config.settings import RegistrySettings
from connections.recent import Recent
from connections.registry_answers import Answer, RegistryAway, ask
from schemas.errors import DocbeamError
from schemas.frames import SchemaId
from schemas.writer_schema import WriterSchema, vetted

_REFUSED_SECONDS = 60.0
"""How long a schema that must not be used is not asked for again."""
_SANE_SECONDS = 1.0
"""How long it is believed that the registry answers for others, or does not."""
_NO_SUCH_SCHEMA = 40403
_MOST_REFERENCES = 32
"""Schemas that one refers to, those that they refer to included."""


class Said(StrEnum):
    """How a schema was not given."""

    UNKNOWN = "unknown"
    """There is no such id."""
    FOREIGN = "foreign"
    """It is no Avro schema, or refers to others that are not given."""
    ODD = "odd"
    """Anything else, silence too."""


@dataclass(frozen=True, slots=True)
class NotGiven:
    """No schema, this time."""

    said: Said
    reason: str
    """For people."""


_known: Recent[WriterSchema] = Recent()
_refused: Recent[tuple[DocbeamError, float]] = Recent()
_sane: Recent[tuple[bool, float]] = Recent(16)


def writer_schema(schema_id: SchemaId, settings: RegistrySettings) -> WriterSchema | NotGiven:
    """The schema of that id as the registry gave it, now or before; asks at most once.

    Raises DocbeamError(UNUSABLE_SCHEMA) when it gives one that must not be decoded with.
    """
    key = (settings.url, schema_id)
    known = _known.get(key)
    if known is not None:
        return known
    refused = _refused.get(key)
    if refused is not None and time.monotonic() < refused[1]:
        raise refused[0]
    try:
        found = _interpreted(ask(_path(schema_id), settings), settings)
    except RegistryAway as away:
        return NotGiven(Said.ODD, f"no answer ({away})")
    except DocbeamError as error:
        _refused.put(key, (error, time.monotonic() + _REFUSED_SECONDS))
        raise
    if isinstance(found, WriterSchema):
        _known.put(key, found)
    return found


def answers_otherwise(said: Said, subject: str, settings: RegistrySettings) -> bool:
    """Whether what was said of one id may be believed: the registry, asked for something else now, has it.

    Where it denies an id it has to know the subject of the topic, or an id it knew before: one that came back empty
    denies all. Elsewhere it is enough that it lists its subjects.
    """
    key = (settings.url, subject, said is Said.UNKNOWN)
    sane = _sane.get(key)
    if sane is not None and time.monotonic() < sane[1]:
        return sane[0]
    try:
        found = _knows_subject(subject, settings) or _knows_again(settings)
        if not found and said is not Said.UNKNOWN:
            found = _is_list(ask("subjects", settings))
    except RegistryAway:
        found = False
    _sane.put(key, (found, time.monotonic() + _SANE_SECONDS))
    return found


def _knows_subject(subject: str, settings: RegistrySettings) -> bool:
    return _is_list(ask(f"subjects/{urllib.parse.quote(subject, safe='')}/versions", settings))


def _knows_again(settings: RegistrySettings) -> bool:
    last = _known.last(settings.url)
    if last is None:
        return False
    (_, schema_id), schema = last
    try:
        return _interpreted(ask(_path(schema_id), settings), settings) == schema
    except DocbeamError:
        return False


def _path(schema_id: SchemaId) -> str:
    return f"schemas/guids/{schema_id}" if isinstance(schema_id, uuid.UUID) else f"schemas/ids/{schema_id}"


def _is_list(answer: Answer) -> bool:
    return answer.status == 200 and isinstance(answer.content, list) and bool(answer.content)


def _interpreted(answer: Answer, settings: RegistrySettings) -> WriterSchema | NotGiven:
    told = answer.content
    if answer.status == 404 and isinstance(told, dict) and told.get("error_code") in (404, _NO_SUCH_SCHEMA):
        return NotGiven(Said.UNKNOWN, "the registry has no such schema")
    if answer.status != 200 or not isinstance(told, dict) or not isinstance(told.get("schema"), str):
        return NotGiven(Said.ODD, f"HTTP {answer.status}" + ("" if answer.status != 200 else " without a schema"))
    kind = told.get("schemaType") or "AVRO"
    if kind != "AVRO":
        return NotGiven(Said.FOREIGN, f"a schema of type {str(kind)[:40]!r}")
    others = _referred_to(told, settings)
    return others if isinstance(others, NotGiven) else vetted(told["schema"], others)


def _referred_to(told: Any, settings: RegistrySettings) -> tuple[str, ...] | NotGiven:
    """The texts of the schemas that one refers to, by subject and version, and of those that they refer to."""
    found: dict[str, str] = {}
    following = _paths(told)
    while following:
        path = following.pop()
        if path in found:
            continue
        content = ask(path, settings).content
        given = content.get("schema") if isinstance(content, dict) else None
        if not isinstance(given, str) or len(found) == _MOST_REFERENCES:
            return NotGiven(Said.FOREIGN, "an Avro schema that refers to others, which the registry does not give")
        found[path] = given
        following += _paths(content)
    return tuple(found.values())


def _paths(told: Any) -> list[str]:
    """Where the registry has what a schema refers to."""
    references = told.get("references")
    named = [one for one in references if isinstance(one, dict)] if isinstance(references, list) else []
    parts = ((urllib.parse.quote(str(one.get(key)), safe="") for key in ("subject", "version")) for one in named)
    return [f"subjects/{subject}/versions/{version}" for subject, version in parts]
