"""The same graph over files: no broker, ends when all requests are answered."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from config.settings import Settings
from pipelines.document_analysis import build
from transforms.file_edges import DEAD_LETTERS, RESULTS, FileEdges
from use_cases.registry import all_use_cases


def analyse_files(requests: Sequence[bytes], folder: Path, settings: Settings) -> None:
    """Answer JSON requests; results and dead letters become files in `folder`, named by the request's place."""
    use_cases = {name: registered.use_case for name, registered in all_use_cases().items()}
    for name in (RESULTS, DEAD_LETTERS):
        for old in (folder / name).glob("*.json"):
            with contextlib.suppress(FileNotFoundError):
                old.unlink()
    with beam.Pipeline(runner="FnApiRunner", options=PipelineOptions([])) as pipeline:
        build(pipeline, FileEdges(requests, folder), use_cases, settings)
