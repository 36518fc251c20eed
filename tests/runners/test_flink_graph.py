"""The portable graph holds only what Beam's portable Flink runner has a translation for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.coders import VarIntCoder
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import beam_runner_api_pb2 as proto
from apache_beam.testing.test_stream import TestStream as ScriptedStream
from apache_beam.transforms.userstate import OrderedListStateSpec

from runners.portable_support import unsupported


def test_the_whole_job_is_supported(flink_graph: proto.Pipeline) -> None:
    assert unsupported(flink_graph) == []


def test_all_stages_share_one_environment(flink_graph: proto.Pipeline) -> None:
    environments = list(flink_graph.components.environments.values())
    assert [environment.urn for environment in environments] == ["beam:env:external:v1"]
    payload = proto.ExternalPayload.FromString(environments[0].payload)
    assert payload.endpoint.url == "localhost:50000"


def test_nothing_has_to_be_staged(flink_graph: proto.Pipeline) -> None:
    """Worker code is baked into the image, so no shared file system is needed for artifacts."""
    assert [list(each.dependencies) for each in flink_graph.components.environments.values()] == [[]]


def test_partitions_are_read_under_a_key_with_one_encoding(flink_graph: proto.Pipeline) -> None:
    """Flink keys a splittable step by its element; a pickled one may hash elsewhere after a restore."""
    components = flink_graph.components
    (step,) = [each for each in components.transforms.values() if each.unique_name == "read requests/read partitions"]
    key = components.pcollections[next(iter(step.inputs.values()))].coder_id

    def kinds(coder_id: str) -> Any:
        inner = components.coders[coder_id]
        return [inner.spec.urn, *(kinds(component) for component in inner.component_coder_ids)]

    # The topic, then the number and where to start.
    place = ["beam:coder:kv:v1", ["beam:coder:varint:v1"], ["beam:coder:string_utf8:v1"]]
    assert kinds(key) == ["beam:coder:kv:v1", ["beam:coder:string_utf8:v1"], place]


class _Sorted(beam.DoFn):
    SEEN = OrderedListStateSpec("seen", VarIntCoder())

    def process(self, element: Any, seen: Any = beam.DoFn.StateParam(SEEN)) -> None:  # noqa: B008
        pass


def _ordered_state(pipeline: beam.Pipeline) -> None:
    keyed = pipeline | beam.Create([("a", 1)]).with_output_types(tuple[str, int])
    _ = keyed | "remember" >> beam.ParDo(_Sorted())


def _pickled_key(pipeline: beam.Pipeline) -> None:
    pairs = pipeline | beam.Create([1]) | beam.Map(lambda number: (object(), number)).with_output_types(tuple[Any, int])
    _ = pairs | "group" >> beam.GroupByKey()


def _scripted_stream(pipeline: beam.Pipeline) -> None:
    _ = pipeline | "script" >> ScriptedStream().add_elements([1]).advance_watermark_to_infinity()


@pytest.mark.parametrize(
    ("add", "expected"),
    [
        (_ordered_state, "state 'seen' of kind beam:user_state:ordered_list:v1"),
        (_pickled_key, "'group': key is coded as beam:coder:pickled_python:v1"),
        (_scripted_stream, "transform beam:transform:teststream:v1"),
    ],
)
def test_what_is_not_supported_is_told_with_its_step(add: Callable[[beam.Pipeline], None], expected: str) -> None:
    flags = ["--environment_type=EXTERNAL", "--environment_config=localhost:1", "--allow_unsafe_triggers"]
    pipeline = beam.Pipeline(options=PipelineOptions([*flags, "--allow_non_deterministic_key_coders", "--streaming"]))
    add(pipeline)
    assert expected in "\n".join(unsupported(pipeline.to_runner_api()))


def test_external_transforms_are_refused(flink_graph: proto.Pipeline) -> None:
    graph = proto.Pipeline()
    graph.CopyFrom(flink_graph)
    step = graph.components.transforms["java"]
    step.unique_name = "read with Java"
    step.spec.urn = "beam:transform:org.apache.beam:kafka_read_with_metadata:v1"
    step.outputs["out"] = "made by Java"
    graph.root_transform_ids.append("java")
    assert any("read with Java" in problem for problem in unsupported(graph))
