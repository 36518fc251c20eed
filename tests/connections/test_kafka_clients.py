"""Every way to log in becomes what kafka-python wants; tokens come from a real endpoint and are kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from kafka import KafkaProducer
from pydantic import ValidationError

from config.settings import KafkaSettings
from connections.kafka.clients import ClientCredentialsTokens, connection_arguments

_SCRAM = {
    "security_protocol": "SASL_SSL",
    "sasl_mechanism": "SCRAM-SHA-512",
    "sasl_username": "u",
    "sasl_password": "p",
}


def test_scram_over_tls() -> None:
    arguments = connection_arguments(KafkaSettings(**_SCRAM, ssl_cafile="/ca.pem"))
    wanted = {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "u",
        "sasl_plain_password": "p",
        "ssl_cafile": "/ca.pem",
    }
    assert wanted.items() <= arguments.items()


def test_kerberos() -> None:
    settings = KafkaSettings(security_protocol="SASL_SSL", sasl_mechanism="GSSAPI", sasl_kerberos_service_name="broker")
    arguments = connection_arguments(settings)
    assert (arguments["sasl_mechanism"], arguments["sasl_kerberos_service_name"]) == ("GSSAPI", "broker")


def test_every_argument_is_one_the_client_knows() -> None:
    for settings in (KafkaSettings(), KafkaSettings(**_SCRAM)):
        assert set(connection_arguments(settings)) <= set(KafkaProducer.DEFAULT_CONFIG)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "OAUTHBEARER"])
def test_a_login_without_its_secret_is_refused(mechanism: str) -> None:
    with pytest.raises(ValidationError, match="needs"):
        KafkaSettings(security_protocol="SASL_SSL", sasl_mechanism=mechanism)


@pytest.fixture
def token_endpoint() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    asked: list[dict[str, Any]] = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            body = json.dumps({"access_token": f"token-{len(asked)}", "expires_in": 3600}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/token", asked
    server.shutdown()


def test_tokens_are_fetched_once_while_they_last(token_endpoint: tuple[str, list[dict[str, Any]]]) -> None:
    url, asked = token_endpoint
    settings = KafkaSettings(
        security_protocol="SASL_SSL",
        sasl_mechanism="OAUTHBEARER",
        oauth_token_url=url,
        oauth_client_id="me",
        oauth_client_secret="secret",
        oauth_scope="kafka",
    )
    tokens = ClientCredentialsTokens(settings)
    assert [tokens.token(), tokens.token()] == ["token-1", "token-1"]
    assert asked == [
        {"grant_type": ["client_credentials"], "client_id": ["me"], "client_secret": ["secret"], "scope": ["kafka"]}
    ]
