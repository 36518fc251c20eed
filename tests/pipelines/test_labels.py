"""Step labels and coders are a contract: the state of a running job is found by the first and read by the second.

Flink names an operator after the step that feeds it; Dataflow matches steps by name when a job is updated, and compares
their coders. Renaming or removing one of the frozen labels, states or timers, or giving one another coder, means that
running jobs cannot go on from a savepoint or be updated in place.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.portability.api import beam_runner_api_pb2 as proto
from apache_beam.runners.pipeline_context import PipelineContext

from config.settings import Settings
from pipelines.document_analysis import build
from transforms.stream_edges import StreamEdges
from use_cases.contract import Apply, Expect, UseCase

FROZEN = Path(__file__).with_name("labels.txt")
WRITE = "DOCBEAM_WRITE_LABELS"
HELP = (
    "The labels below are no longer what running jobs were started with. If that is an accident, undo it. If it is "
    "meant, running jobs have to be drained and started anew (or, on Dataflow, updated with --transform_name_mapping): "
    f"say so in the changelog, and write the file anew with `{WRITE}=1 pytest tests/pipelines/test_labels.py`.\n"
)


class _Example(UseCase):
    """Stands for every use case, so that adding one does not change the file."""

    name, version = "example", "1"
    steps = (Apply("deskew"), Expect("a-type"), Apply("ocr"))


def _contract() -> list[str]:
    pipeline = beam.Pipeline()
    settings = Settings()
    build(pipeline, StreamEdges(settings), {"example": _Example()}, settings)
    graph = pipeline.to_runner_api()
    kept = {step.unique_name: ", ".join(_kept_by(step, graph)) for step in graph.components.transforms.values()}
    return sorted(f"{label}  [{kept[label]}]" if kept.get(label) else label for label in pipeline.applied_labels)


def _kept_by(step: proto.PTransform, graph: proto.Pipeline) -> Iterator[str]:
    """What a runner may hold of a step while it is replaced: states, timers, the position, and what it handed on."""
    if step.spec.urn != "beam:transform:pardo:v1":
        return
    payload = proto.ParDoPayload.FromString(step.spec.payload)
    coder = PipelineContext(graph.components).coders.get_by_id
    for name, state in sorted(payload.state_specs.items()):
        kind = state.WhichOneof("spec")
        told = getattr(state, kind)
        yield f"state {name}: {coder(told.element_coder_id if 'bag' in kind else told.coder_id)}"
    for name, timer in sorted(payload.timer_family_specs.items()):
        yield f"timer {name}: {coder(timer.timer_family_coder_id)}"
    if payload.restriction_coder_id:
        yield f"position: {coder(payload.restriction_coder_id)}"
    given = {str(coder(graph.components.pcollections[each].coder_id)) for each in step.outputs.values()}
    yield f"gives {' and '.join(sorted(given))}"


def test_labels_are_frozen() -> None:
    now = _contract()
    if os.environ.get(WRITE):
        FROZEN.write_text("\n".join(now) + "\n", encoding="utf-8")
    frozen = FROZEN.read_text(encoding="utf-8").splitlines()
    if now != frozen:
        pytest.fail(HELP + "\n".join(difflib.unified_diff(frozen, now, "frozen", "now", lineterm="", n=0)))


def test_labels_are_for_people() -> None:
    """Short and lower-case, as they are read in consoles and metrics; Beam's own inner steps are as they are."""
    with FROZEN.open(encoding="utf-8") as lines:
        ours = [line.split("  [")[0].strip().split("/")[:2] for line in lines]
    for label in {part for parts in ours for part in parts}:
        if not label.startswith(("ParDo(", "FlatMap(", "Map(", "ReshufflePerKey", "AddRandom", "RemoveRandom")):
            assert label == label.lower() or label in ("Impulse", "MaybeReshuffle"), label
            assert len(label) <= 40, label
