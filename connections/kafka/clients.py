"""Kafka clients from the settings: brokers, TLS, SASL. Imports no Beam; the command line uses it too."""

from __future__ import annotations

import threading
import time
from typing import Any

import httpx
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.net.sasl.oauth import AbstractTokenProvider

from config.settings import KafkaSettings
from connections.kafka import record_building
from connections.kafka.fetched_records import read_whatever_comes

METADATA_MS = 10_000
"""How old a client's knowledge of a topic may be where it has to notice that the topic was made anew."""


class ClientCredentialsTokens(AbstractTokenProvider):
    """OAuth 2.0 client-credentials tokens (RFC 6749, 4.4), kept until shortly before they expire."""

    def __init__(self, settings: KafkaSettings) -> None:
        assert settings.oauth_client_secret is not None
        self._url = settings.oauth_token_url or ""
        self._form = {
            "grant_type": "client_credentials",
            "client_id": settings.oauth_client_id or "",
            "client_secret": settings.oauth_client_secret.get_secret_value(),
        } | ({"scope": settings.oauth_scope} if settings.oauth_scope else {})
        self._lock = threading.Lock()
        self._token = ""
        self._until = 0.0

    def token(self) -> str:
        """A token that is valid for at least a few seconds."""
        with self._lock:
            if time.monotonic() >= self._until:
                response = httpx.post(self._url, data=self._form, timeout=10)
                response.raise_for_status()
                answer = response.json()
                self._token = str(answer["access_token"])
                self._until = time.monotonic() + max(1.0, float(answer.get("expires_in", 60)) - 30)
            return self._token


def connection_arguments(settings: KafkaSettings) -> dict[str, Any]:
    """What every kafka-python client is given."""
    arguments: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap.split(","),
        "security_protocol": settings.security_protocol,
        "ssl_cafile": _path(settings.ssl_cafile),
        "ssl_certfile": _path(settings.ssl_certfile),
        "ssl_keyfile": _path(settings.ssl_keyfile),
    }
    if settings.ssl_keyfile_password is not None:
        arguments["ssl_password"] = settings.ssl_keyfile_password.get_secret_value()
    mechanism = settings.sasl_mechanism
    if mechanism is None:
        return arguments
    arguments["sasl_mechanism"] = mechanism
    if mechanism == "OAUTHBEARER":
        arguments["sasl_oauth_token_provider"] = ClientCredentialsTokens(settings)
    elif mechanism == "GSSAPI":
        arguments["sasl_kerberos_service_name"] = settings.sasl_kerberos_service_name
        if settings.sasl_kerberos_domain_name:
            arguments["sasl_kerberos_domain_name"] = settings.sasl_kerberos_domain_name
    else:
        assert settings.sasl_password is not None
        arguments["sasl_plain_username"] = settings.sasl_username
        arguments["sasl_plain_password"] = settings.sasl_password.get_secret_value()
    return arguments


def consumer(settings: KafkaSettings, **more: Any) -> KafkaConsumer:
    """A consumer that commits nothing by itself, sees no aborted transactions and takes whatever bytes there are."""
    opened = KafkaConsumer(
        **connection_arguments(settings),
        enable_auto_commit=False,
        allow_auto_create_topics=False,
        isolation_level="read_committed",
        max_partition_fetch_bytes=settings.max_message_bytes,
        **more,
    )
    read_whatever_comes(opened, settings)
    return opened


def producer(settings: KafkaSettings, **more: Any) -> KafkaProducer:
    """An idempotent producer that waits for all replicas; `more` goes before what is set here."""
    record_building.install()
    arguments: dict[str, Any] = {
        **connection_arguments(settings),
        "acks": "all",
        "enable_idempotence": True,
        "compression_type": "gzip",
        "linger_ms": 5,
        "max_request_size": settings.max_message_bytes + 65_536,
        "delivery_timeout_ms": round(settings.delivery_seconds * 1000),
        "max_block_ms": 60_000,
    }
    return KafkaProducer(**arguments | more)


def admin(settings: KafkaSettings, **more: Any) -> KafkaAdminClient:
    """An administration client."""
    return KafkaAdminClient(**connection_arguments(settings), **more)


def _path(path: Any) -> str | None:
    return None if path is None else str(path)
