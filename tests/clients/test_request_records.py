"""A result is read by the schema it was written with, or not at all."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from clients.failure import Failed
from clients.request_records import read_result
from config.settings import RegistrySettings
from schemas.request import now
from schemas.result import AnalysisResult, ResultStatus, Timings
from schemas.wire import RecordCodec, frame


def test_a_released_schema_is_not_taken_for_certain_when_a_result_is_read() -> None:
    """Nobody answers for the id, and the schema of the package would read the bytes."""
    result = AnalysisResult("r-1", "receipt", ResultStatus.COMPLETE, Timings(now(), now()))
    value = frame(7, RecordCodec(AnalysisResult).to_avro(result))
    record: Any = SimpleNamespace(topic="results", partition=0, offset=3, value=value, headers=[])
    with pytest.raises(Failed, match=r"results/0/3 is no readable result: .* gives no schema 7: no answer"):
        read_result(record, RegistrySettings(url="http://127.0.0.1:9", timeout_seconds=1))
