"""Reach brokers, registry and warehouse within seconds, or say why not and what to do.

The clients' own patience is made for services; a person at a terminal wants to know at once.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from clients.failure import Failed, NotReady
from config.settings import BigQuerySettings, KafkaSettings, RegistrySettings

if TYPE_CHECKING:
    from google.cloud import bigquery
    from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 8.0
_START = "start the parts with `docbeam dev up`"


@contextmanager
def kafka_problems(settings: KafkaSettings) -> Iterator[None]:
    """Turn what the Kafka client raises into NotReady."""
    from kafka.errors import KafkaError

    try:
        yield
    except KafkaError as error:
        raise NotReady(
            # The client's errors start with their own name.
            f"Kafka at {settings.bootstrap} does not do its part: {error}. "
            f"Check kafka.* in `docbeam config show`, or {_START}."
        ) from error


def reach_kafka(settings: KafkaSettings) -> None:
    """Raise NotReady unless one of the bootstrap brokers takes a connection."""
    reasons = []
    for address in settings.bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS).close()
        except (OSError, ValueError) as error:
            reasons.append(f"{address.strip()}: {_reason(error)}")
        else:
            return
    raise NotReady(f"cannot reach Kafka ({'; '.join(reasons)}). Set kafka.bootstrap, or {_START}.")


def open_admin(settings: KafkaSettings) -> KafkaAdminClient:
    """An administration client that has met a broker. Raises NotReady."""
    from connections.kafka.clients import admin

    reach_kafka(settings)
    with kafka_problems(settings):
        return admin(settings, bootstrap_timeout_ms=_ms(ANSWER_SECONDS), request_timeout_ms=_ms(ANSWER_SECONDS))


def open_consumer(settings: KafkaSettings, group: str | None = None) -> KafkaConsumer:
    """A consumer that has met a broker and commits nothing by itself. Raises NotReady."""
    from connections.kafka.clients import consumer

    reach_kafka(settings)
    with kafka_problems(settings):
        return consumer(settings, group_id=group, bootstrap_timeout_ms=_ms(ANSWER_SECONDS), metrics_enabled=False)


def open_producer(settings: KafkaSettings) -> KafkaProducer:
    """An idempotent producer that has met a broker and gives up soon. Raises NotReady."""
    from connections.kafka.clients import producer

    reach_kafka(settings)
    with kafka_problems(settings):
        return producer(
            settings,
            bootstrap_timeout_ms=_ms(ANSWER_SECONDS),
            max_block_ms=_ms(ANSWER_SECONDS),
            request_timeout_ms=_ms(ANSWER_SECONDS),
            delivery_timeout_ms=_ms(ANSWER_SECONDS) + 2000,
        )


@contextmanager
def registry_problems(settings: RegistrySettings) -> Iterator[None]:
    """Check that the registry answers; turn what its client raises into NotReady or Failed."""
    import httpx
    from confluent_kafka.schema_registry.error import SchemaRegistryError

    reach_registry(settings)
    try:
        yield
    except SchemaRegistryError as error:
        message = f"the registry at {settings.url} refuses: {error.error_message} (HTTP {error.http_status_code})"
        if error.http_status_code >= 500:
            raise NotReady(f"{message}. Try again when it is healthy.") from error
        raise Failed(message) from error
    except httpx.HTTPError as error:
        raise _no_registry(settings, error) from error


def reach_registry(settings: RegistrySettings) -> None:
    """Raise NotReady unless the registry answers HTTP."""
    import httpx

    password = settings.password.get_secret_value() if settings.password else ""
    timeout = httpx.Timeout(min(settings.timeout_seconds, ANSWER_SECONDS), connect=CONNECT_SECONDS)
    try:
        answer = httpx.get(
            f"{settings.url.rstrip('/')}/subjects",
            timeout=timeout,
            auth=(settings.username, password) if settings.username else None,
            verify=_trust(settings),
        )
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise _no_registry(settings, error) from error
    if answer.status_code in (401, 403):
        raise NotReady(
            f"the schema registry at {settings.url} refuses the login (HTTP {answer.status_code}). "
            "Set registry.username and registry.password."
        )
    if answer.status_code >= 400:
        raise NotReady(
            f"{settings.url} answers HTTP {answer.status_code}, which no healthy schema registry does. "
            "Check registry.url."
        )


@contextmanager
def warehouse_problems(settings: BigQuerySettings) -> Iterator[None]:
    """Turn what the BigQuery client raises into NotReady or Failed."""
    import requests
    from google.api_core.exceptions import GoogleAPICallError, RetryError
    from google.auth.exceptions import GoogleAuthError

    place = settings.endpoint or "BigQuery"
    try:
        yield
    except GoogleAuthError as error:
        raise NotReady(
            f"no credentials for BigQuery: {error}. Run `gcloud auth application-default login`, "
            "or set GOOGLE_APPLICATION_CREDENTIALS."
        ) from error
    except GoogleAPICallError as error:
        message = f"{place}: HTTP {error.code}: {error.message}"
        if error.code in (401, 403):
            raise NotReady(f"{message}. Give the account the role BigQuery Data Editor.") from error
        raise (NotReady if error.code is None or error.code >= 500 else Failed)(message) from error
    except (RetryError, requests.RequestException, OSError) as error:
        raise NotReady(
            f"cannot reach {place} ({_reason(error)}). Set bigquery.endpoint and bigquery.project, or {_START}."
        ) from error


def open_warehouse(settings: BigQuerySettings) -> bigquery.Client:
    """A BigQuery client; of an emulator it is checked that it answers. Raises NotReady."""
    import httpx
    from google.auth.exceptions import GoogleAuthError

    from connections.warehouse import warehouse

    if settings.endpoint is not None:
        try:
            httpx.get(settings.endpoint, timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotReady(
                f"cannot reach the BigQuery emulator at {settings.endpoint} ({_reason(error)}). "
                f"Set bigquery.endpoint, or {_START}."
            ) from error
    try:
        return warehouse(settings)
    except (GoogleAuthError, OSError) as error:
        raise NotReady(
            f"no credentials for BigQuery: {error}. Run `gcloud auth application-default login`, "
            "set GOOGLE_APPLICATION_CREDENTIALS, or set bigquery.endpoint to use an emulator."
        ) from error


def _no_registry(settings: RegistrySettings, error: Exception) -> NotReady:
    return NotReady(
        f"cannot reach the schema registry at {settings.url} ({_reason(error)}). Set registry.url, or {_START}."
    )


def _trust(settings: RegistrySettings) -> bool | ssl.SSLContext:
    if settings.ssl_cafile is None:
        return True
    return ssl.create_default_context(cafile=str(settings.ssl_cafile))


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:200] or type(error).__name__


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
