"""The endless job on a Beam pipeline, the same for every runner that gets it as a graph."""

from __future__ import annotations

from collections.abc import Sequence

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.pipeline import AppliedPTransform, PipelineVisitor

from config.settings import Settings
from pipelines.document_analysis import build
from transforms.stream_edges import StreamEdges
from use_cases.registry import all_use_cases


def streaming_job(flags: Sequence[str], settings: Settings, *, resource_hints: bool = False) -> beam.Pipeline:
    """The whole job with every installed use case, ready to run with `flags`.

    Without `resource_hints` all stages share one environment. Hints make an environment of their own, and runners that
    size nothing by them still fuse no steps across environments, and start a worker process for each.
    """
    pipeline = beam.Pipeline(options=PipelineOptions(list(flags)))
    use_cases = {name: registered.use_case for name, registered in all_use_cases().items()}
    build(pipeline, StreamEdges(settings), use_cases, settings)
    if not resource_hints:
        pipeline.visit(_DropResourceHints())
    return pipeline


class _DropResourceHints(PipelineVisitor):
    def enter_composite_transform(self, transform_node: AppliedPTransform) -> None:
        transform_node.resource_hints = {}

    def visit_transform(self, transform_node: AppliedPTransform) -> None:
        transform_node.resource_hints = {}
