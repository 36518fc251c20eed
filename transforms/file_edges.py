"""Where a bounded job begins and ends: requests given by hand, results as JSON files in a folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import apache_beam as beam
from pydantic import TypeAdapter

from connections.requests import decode_json
from schemas.part import Answer, DeadLetter, Delivery, ReceivedRecord
from schemas.result import AnalysisResult
from schemas.wire import RecordCodec
from transforms.decode_requests import DecodeRequests
from transforms.edges import Edges
from transforms.skip_rows import SkipRows

RESULTS, DEAD_LETTERS = "results", "dead-letters"
_RESULT = RecordCodec(AnalysisResult)
_DEAD_LETTER = TypeAdapter(DeadLetter)


class FileEdges(Edges):
    """JSON requests in; `results/N.json` and `dead-letters/N.json` out, N being the place of the request."""

    def __init__(self, requests: Sequence[bytes], folder: Path) -> None:
        self._requests = requests
        self._folder = folder
        for name in (RESULTS, DEAD_LETTERS):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def read(self) -> beam.PTransform:
        """The given requests."""
        started = datetime.now(UTC)
        records = [
            ReceivedRecord(Delivery("requests", 0, place, place, started), None, value)
            for place, value in enumerate(self._requests)
        ]
        return beam.Create(records, reshuffle=False).with_output_types(ReceivedRecord)

    def decode(self, use_cases: tuple[str, ...]) -> beam.PTransform:
        """JSON."""
        return DecodeRequests(decode_json, use_cases)

    def publish(self) -> beam.PTransform:
        """A file for each result."""
        return beam.Map(_write_result, str(self._folder / RESULTS)).with_output_types(Answer)

    def insert(self) -> beam.PTransform:
        """No table."""
        return SkipRows()

    def bury(self) -> beam.PTransform:
        """A file for each dead letter."""
        return beam.Map(_write_dead_letter, str(self._folder / DEAD_LETTERS)).with_output_types(Delivery)

    def settle(self) -> beam.PTransform:
        """Nothing to commit."""
        return beam.Map(lambda delivery: delivery.key).with_output_types(str)


def _write_result(answer: Answer, folder: str) -> Answer:
    _write(Path(folder) / f"{answer.delivery.offset}.json", _RESULT.to_json(answer.result, indent=2))
    return answer


def _write_dead_letter(letter: DeadLetter, folder: str) -> Delivery:
    _write(Path(folder) / f"{letter.delivery.offset}.json", _DEAD_LETTER.dump_json(letter, indent=2).decode())
    return letter.delivery


def _write(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
