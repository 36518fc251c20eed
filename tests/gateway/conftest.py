"""One gateway with its topics for all tests of this folder."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from browsing import chromium, opened
from served import GatewayProcess, StandInJob, set_flags, stop_all

from clients.reaching import open_admin
from clients.topics import create_topics
from config.load import load_settings
from config.settings import Settings
from devstack.endpoints import Endpoints
from tests.tls_files import tls_files

__all__ = ["chromium", "opened", "tls_files"]


@pytest.fixture(scope="session")
def gateway_flags(stack: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    name = f"g{uuid.uuid4().hex[:10]}"
    folder = tmp_path_factory.mktemp("gateway")
    flags = set_flags(
        {
            "kafka.requests_topic": f"{name}.requests",
            "kafka.results_topic": f"{name}.results",
            "kafka.dead_letters_topic": f"{name}.dead-letters",
            "kafka.corrections_topic": f"{name}.corrections",
            "bigquery.dataset": name,
            "kafka.group": name,
            "kafka.partitions": 2,
            "gateway.group": f"{name}.gateway",
            "gateway.store": f"sqlite:///{folder}/gateway.sqlite",
            "gateway.requests_per_minute": 100_000,
            "gateway.sweep_seconds": 0.5,
            "registry.doubt_seconds": 0.2,
            "documents.allow": "gs://forms/,s3://forms/in/",
        }
    )
    settings = load_settings(flags, file=stack.settings_file, environment={}).settings
    admin = open_admin(settings.kafka)
    create_topics(admin, settings.kafka)
    admin.close()
    return flags


@pytest.fixture(scope="session")
def gateway_settings(stack: Endpoints, gateway_flags: tuple[str, ...]) -> Settings:
    return load_settings(gateway_flags, file=stack.settings_file, environment={}).settings


@pytest.fixture(scope="session")
def job(gateway_settings: Settings) -> Iterator[StandInJob]:
    with StandInJob(gateway_settings) as standing_in:
        yield standing_in


@pytest.fixture(scope="session")
def served(
    stack: Endpoints, gateway_flags: tuple[str, ...], job: StandInJob, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GatewayProcess]:
    gateway = GatewayProcess(stack.settings_file, gateway_flags, tmp_path_factory.mktemp("log") / "gateway.log")
    try:
        yield gateway.start()
    finally:
        stop_all([gateway])


@pytest.fixture(scope="session")
def keys(served: GatewayProcess) -> dict[str, str]:
    return {client: served.docbeam("gateway", "key", "create", "--client", client) for client in ("shop", "bank")}


@pytest.fixture
def shop(served: GatewayProcess, keys: dict[str, str]) -> Iterator[httpx.Client]:
    with _client(served, keys["shop"]) as client:
        yield client


@pytest.fixture
def bank(served: GatewayProcess, keys: dict[str, str]) -> Iterator[httpx.Client]:
    with _client(served, keys["bank"]) as client:
        yield client


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/gateway.sqlite"


def _client(gateway: GatewayProcess, key: str) -> httpx.Client:
    return httpx.Client(base_url=gateway.address, headers={"Authorization": f"Bearer {key}"}, timeout=40)
