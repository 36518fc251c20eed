"""A topic and a group of each test's own, on the real broker."""

from __future__ import annotations

import time

import pytest
from kafka.admin import NewTopic

from config.load import load_settings
from config.settings import KafkaSettings
from connections.kafka.clients import admin
from devstack.endpoints import Endpoints


@pytest.fixture
def kafka(stack: Endpoints) -> KafkaSettings:
    name = f"p{time.time_ns()}"
    settings = load_settings(file=stack.settings_file).settings.kafka
    settings = settings.model_copy(update={"requests_topic": name, "group": name})
    operator = admin(settings)
    operator.create_topics([NewTopic(name, 1, 1)])
    operator.close()
    return settings
