"""The job's Kafka clients against a real broker that takes TLS and a login only."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from kafka.admin import NewTopic
from kafka.errors import KafkaError

from config.settings import KafkaSettings
from connections.kafka.clients import admin, consumer, producer
from connections.kafka.partition_reader import PartitionReader
from connections.offsets import group_offsets
from connections.settled import Settled
from devstack.jars import jar_folder
from devstack.java import java

pytestmark = pytest.mark.stack

_BROKER = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=SASL_SSL://127.0.0.1:{secure},PLAINTEXT://127.0.0.1:{plain},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_SSL://127.0.0.1:{secure},PLAINTEXT://127.0.0.1:{plain}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL
inter.broker.listener.name=PLAINTEXT
log.dirs={folder}/log
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512,OAUTHBEARER
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
listener.name.sasl_ssl.plain.sasl.jaas.config={plain_login} required user_job="secret";
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={scram_login} required;
listener.name.sasl_ssl.oauthbearer.sasl.jaas.config={oauth_login} required unsecuredLoginStringClaim_sub="broker";
"""
_LOGINS = {
    "plain_login": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "scram_login": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "oauth_login": "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule",
}


@dataclass(frozen=True)
class SecureBroker:
    bootstrap: str
    authority: Path
    token_url: str


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureBroker]:
    folder = tmp_path_factory.mktemp("secure-broker")
    ports = {name: _free_port() for name in ("secure", "plain", "controller")}
    _write_certificate(folder)
    properties = folder / "server.properties"
    properties.write_text(_BROKER.format(folder=folder, **ports, **_LOGINS))
    classpath = os.pathsep.join(str(jar) for jar in jar_folder("kafka", lambda line: None))
    program = [str(java(lambda line: None)), "-XX:TieredStopAtLevel=1", "-Xmx384m", "-cp", classpath]
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    scram = "SCRAM-SHA-512=[name=job,password=secret]"
    command = [
        "kafka.tools.StorageTool",
        "format",
        "--standalone",
        f"--cluster-id={cluster}",
        "-c",
        str(properties),
        "-S",
        scram,
    ]
    subprocess.run([*program, *command], check=True, capture_output=True)
    with (folder / "broker.log").open("wb") as log:
        process = subprocess.Popen([*program, "kafka.Kafka", str(properties)], stdout=log, stderr=log)
    endpoint = _token_endpoint()
    try:
        made = SecureBroker(
            f"127.0.0.1:{ports['secure']}",
            folder / "authority.pem",
            f"http://127.0.0.1:{endpoint.server_port}/token",
        )
        _wait_for(KafkaSettings(bootstrap=f"127.0.0.1:{ports['plain']}"), process)
        yield made
    finally:
        endpoint.shutdown()
        process.terminate()
        process.wait(timeout=60)


def logins(broker: SecureBroker, mechanism: str, password: str = "secret") -> KafkaSettings:
    own: dict[str, Any] = {"sasl_username": "job", "sasl_password": password}
    if mechanism == "OAUTHBEARER":
        own = {"oauth_token_url": broker.token_url, "oauth_client_id": "job", "oauth_client_secret": password}
    return KafkaSettings(
        bootstrap=broker.bootstrap,
        security_protocol="SASL_SSL",
        sasl_mechanism=mechanism,
        ssl_cafile=broker.authority,
        group=f"group-{mechanism}",
        **own,
    )


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512", "OAUTHBEARER"])
def test_the_job_reads_writes_and_commits_over_tls(broker: SecureBroker, mechanism: str) -> None:
    settings = logins(broker, mechanism)
    topic = f"requests-{mechanism}"
    administration = admin(settings)
    administration.create_topics([NewTopic(topic, 1, 1)])
    administration.close()
    out = producer(settings)
    out.send(topic, key=b"k", value=b"v").get(timeout=30)
    out.close()
    reader = PartitionReader(settings, topic, 0)
    assert reader.earliest() == 0
    (record,) = reader.read(0, limit=10, seconds=20)
    assert (record.key, record.value, record.delivery.previous) == (b"k", b"v", 0)
    group_offsets(settings).commit(topic, 0, Settled(1))
    told = group_offsets(settings).settled(topic, 0)
    assert told is not None
    assert told.offset == 1


def test_a_wrong_password_is_refused(broker: SecureBroker) -> None:
    with pytest.raises(KafkaError):
        consumer(logins(broker, "SCRAM-SHA-512", "wrong"), bootstrap_timeout_ms=5000).topics()


def _write_certificate(folder: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "broker.pem").write_bytes(private + pem)
    (folder / "authority.pem").write_bytes(pem)


def _token_endpoint() -> HTTPServer:
    """Gives tokens of the kind that Kafka's own development validator takes: a JWT without a signature."""

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            now = time.time()
            parts = ({"alg": "none"}, {"sub": "job", "iat": now, "exp": now + 3600})
            encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
            body = json.dumps({"access_token": ".".join(encoded) + ".", "expires_in": 3600}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _wait_for(settings: KafkaSettings, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, "the broker ended"
        try:
            admin(settings, bootstrap_timeout_ms=2000).close()
            return
        except KafkaError:
            time.sleep(1)
    raise AssertionError("the broker did not start in time")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
