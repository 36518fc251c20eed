"""Which topic stands behind a name: one that is deleted and made again gets another id (KIP-516, Kafka 2.8)."""

from __future__ import annotations

import threading
import uuid

from kafka import KafkaAdminClient
from kafka.errors import KafkaError, UnknownTopicOrPartitionError

from config.settings import KafkaSettings
from connections.kafka.clients import admin

_admins: dict[KafkaSettings, KafkaAdminClient] = {}
_lock = threading.Lock()


def topic_id(settings: KafkaSettings, topic: str) -> str | None:
    """The id of the topic that has this name now; None where there is no such topic, or brokers give no ids.

    Asks the brokers each time, over a connection that the process keeps. Raises KafkaError when they do not answer.
    """
    with _lock:
        try:
            if settings not in _admins:
                _admins[settings] = admin(settings)
            described = _admins[settings].describe_topics([topic])
        except UnknownTopicOrPartitionError:
            return None
        except KafkaError:
            _forget(settings)
            raise
        except Exception as error:
            _forget(settings)
            raise KafkaError(f"the client failed: {type(error).__name__}") from error
    for entry in described:
        found = entry.get("topic_id")
        if entry.get("name") == topic and entry.get("error_code") == 0 and found and uuid.UUID(str(found)).int:
            return str(found)
    return None


def _forget(settings: KafkaSettings) -> None:
    broken = _admins.pop(settings, None)
    if broken is not None:
        broken.close()
