"""The same graph over files: no broker, ends when all requests are answered."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineResult

from config.settings import Settings
from pipelines.document_analysis import build
from transforms.file_edges import DEAD_LETTERS, RESULTS, FileEdges
from transforms.metrics import NAMESPACE
from use_cases.registry import all_use_cases


def analyse_files(requests: Sequence[bytes], folder: Path, settings: Settings) -> Mapping[str, int]:
    """Answer JSON requests; results and dead letters become files in `folder`, named by the request's place.

    Returns what Beam counted meanwhile, by the counter's name.
    """
    # Nothing is delivered again, and the next run's first request has this one's place.
    analysis = settings.analysis.model_copy(update={"attempts": 0})
    settings = settings.model_copy(update={"analysis": analysis})
    use_cases = {name: registered.use_case for name, registered in all_use_cases().items()}
    for name in (RESULTS, DEAD_LETTERS):
        for old in (folder / name).glob("*.json"):
            with contextlib.suppress(FileNotFoundError):
                old.unlink()
    pipeline = beam.Pipeline(runner="FnApiRunner", options=PipelineOptions([]))
    build(pipeline, FileEdges(requests, folder), use_cases, settings)
    result = pipeline.run()
    result.wait_until_finish()
    return _counted(result)


def _counted(result: PipelineResult) -> Mapping[str, int]:
    counted: dict[str, int] = {}
    for found in result.metrics().query()["counters"]:
        if found.key.metric.namespace == NAMESPACE:
            # One entry for each step that counts.
            name = found.key.metric.name
            counted[name] = counted.get(name, 0) + found.result
    return counted
