"""Results are written under the id the registry has for our schema, whatever happens to the registry."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from registry_stand_in import DENIED, NO_SUBJECT, Registry, given

from connections import schema_registry
from connections.schema_registry import wait_for_schema_id
from schemas.released import newest_schema

SUBJECT = "results-value"
OURS = newest_schema("analysis_result")


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    monkeypatch.setattr(schema_registry, "_CHECK_SECONDS", 0.0)
    made = Registry()
    made.otherwise = (503, {})
    yield made
    made.close()


def holds(registry: Registry, schema_id: int) -> None:
    registry.replies[f"subjects/{SUBJECT}"] = (200, {"id": schema_id, "version": 1, "subject": SUBJECT, "schema": "{}"})
    registry.replies[f"schemas/ids/{schema_id}"] = given(OURS)


def empty(registry: Registry, next_id: int) -> None:
    """Knows nothing; what is registered gets this id."""
    registry.replies = {
        f"subjects/{SUBJECT}": NO_SUBJECT,
        f"config/{SUBJECT}": (200, {"compatibility": "BACKWARD_TRANSITIVE"}),
        f"subjects/{SUBJECT}/versions": (200, {"id": next_id}),
    }
    registry.otherwise = DENIED


def schema_id(registry: Registry) -> int:
    return wait_for_schema_id(SUBJECT, "analysis_result", registry.settings)


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_an_id_that_was_known_holds_while_the_registry_is_away(registry: Registry) -> None:
    holds(registry, 5)
    assert schema_id(registry) == 5
    registry.replies = {}
    for _ in range(20):
        assert schema_id(registry) == 5
    registry.wait_until_asked("schemas/ids/5", 1)
    assert schema_id(registry) == 5


def test_a_registry_that_came_back_empty_gets_the_schema_again(registry: Registry) -> None:
    holds(registry, 5)
    assert schema_id(registry) == 5
    empty(registry, 1)
    until(lambda: schema_id(registry) == 1)


def test_an_id_that_is_another_schema_now_is_not_written_with(registry: Registry) -> None:
    holds(registry, 5)
    assert schema_id(registry) == 5
    empty(registry, 6)
    registry.replies["schemas/ids/5"] = given({"type": "record", "name": "Other", "fields": []})
    until(lambda: schema_id(registry) == 6)


def test_a_registry_that_refuses_is_told_of_and_waited_for(
    registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    empty(registry, 1)
    registry.replies[f"subjects/{SUBJECT}/versions"] = (409, {"error_code": 409, "message": "incompatible"})
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(schema_id(registry)), daemon=True)
    with caplog.at_level(logging.ERROR):
        thread.start()
        registry.wait_until_asked(f"subjects/{SUBJECT}/versions", 2)
        assert not found
    assert "the registry refuses the schema of results-value (HTTP 409: incompatible)" in caplog.text
    registry.replies[f"subjects/{SUBJECT}/versions"] = (200, {"id": 1})
    thread.join(timeout=60)
    assert found == [1]
