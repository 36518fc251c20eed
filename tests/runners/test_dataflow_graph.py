"""The whole job, translated for Dataflow without a network."""

from __future__ import annotations

import base64
import bz2
import sys
from pathlib import Path

import pytest
from apache_beam.portability.api import beam_runner_api_pb2 as proto

from config.settings import Settings
from runners.dataflow import dry_run, problems, submit
from runners.not_ready import RunnerNotReady
from tests.runners.conftest import no_network
from use_cases.registry import all_use_cases

REPOSITORY = Path(__file__).resolve().parents[2]
STEPS = {
    "read requests",
    "decode requests",
    "open documents",
    "route by use case",
    "all branches",
    "assemble results",
    "publish results",
    "insert rows",
    "dead letters",
    "bury dead letters",
    "done with",
    "settle",
}
PYTHON_TRANSFORMS = {
    "",
    "beam:transform:flatten:v1",
    "beam:transform:generic_composite:v1",
    "beam:transform:group_by_key:v1",
    "beam:transform:impulse:v1",
    "beam:transform:pardo:v1",
    "beam:transform:pickled_python:v1",
    "beam:transform:reshuffle:v1",
}


def _steps(graph: proto.Pipeline) -> dict[str, proto.PTransform]:
    steps = {step.unique_name: step for step in graph.components.transforms.values()}
    # The root, which Beam names by itself.
    return {name: step for name, step in steps.items() if not name.startswith("ref_")}


def test_the_steps_are_the_architecture(dataflow_graph: proto.Pipeline) -> None:
    top = {name for name in _steps(dataflow_graph) if "/" not in name}
    assert top == STEPS | {f"analyse {name}" for name in all_use_cases()}


def test_every_model_of_every_use_case_is_a_step(dataflow_graph: proto.Pipeline) -> None:
    expected = {
        f"analyse {name}/{step.model}/apply" for name, known in all_use_cases().items() for step in known.use_case.steps
    }
    assert expected <= set(_steps(dataflow_graph))


def test_no_step_needs_another_language(dataflow_graph: proto.Pipeline) -> None:
    assert {step.spec.urn for step in dataflow_graph.components.transforms.values()} <= PYTHON_TRANSFORMS
    assert {each.urn for each in dataflow_graph.components.environments.values()} == {"beam:env:docker:v1"}
    assert all(b"java" not in each.payload for each in dataflow_graph.components.environments.values())


def test_model_steps_and_only_they_ask_for_memory(dataflow_graph: proto.Pipeline) -> None:
    hint = f"{Settings().analysis.memory_mb * 10**6}".encode()
    environments = dataflow_graph.components.environments
    for name, step in _steps(dataflow_graph).items():
        if step.spec.urn == "beam:transform:pardo:v1":
            hints = dict(environments[step.environment_id].resource_hints)
            wanted = {"beam:resources:min_ram_bytes:v1": hint} if name.startswith("analyse ") else {}
            assert hints == wanted, name


def test_workers_run_the_image_and_need_nothing_staged(dataflow_graph: proto.Pipeline) -> None:
    for environment in dataflow_graph.components.environments.values():
        image = proto.DockerPayload.FromString(environment.payload).container_image
        assert image == "docbeam-dry-run"
        # A pickled main session would be here too.
        assert list(environment.dependencies) == []


def test_no_path_of_this_machine_travels_with_the_job(dataflow_graph: proto.Pipeline) -> None:
    """Functions pickled by value carry the file they were written in; ours are all importable."""
    here = str(REPOSITORY).encode()
    leaking = []
    for name, step in _steps(dataflow_graph).items():
        texts = [step.spec.payload, *(_unpacked(text) for text in _pickles(step))]
        for text in texts:
            # Beam's own lambdas carry its path, which is below the virtual environment.
            if here in text.replace(sys.prefix.encode() + b"/", b""):
                leaking.append(name)
    assert leaking == []


def _pickles(step: proto.PTransform) -> list[bytes]:
    if step.spec.urn != "beam:transform:pardo:v1":
        return []
    payload = proto.ParDoPayload.FromString(step.spec.payload)
    return [payload.do_fn.payload]


def _unpacked(text: bytes) -> bytes:
    """Beam writes a pickle as base64 of its compressed bytes."""
    return bz2.decompress(base64.b64decode(text))


def test_missing_settings_are_all_named_at_once() -> None:
    with pytest.raises(RunnerNotReady) as raised:
        submit(Settings())
    for name in ("gcp_project", "gcp_region", "gcp_temp_location", "gcp_image", "gcp_setup_file"):
        assert f"runner.{name}" in str(raised.value)


COMPLETE = {
    "gcp_project": "my-project-1",
    "gcp_region": "europe-west1",
    "gcp_temp_location": "gs://my-bucket/temp",
    "gcp_image": "europe-west1-docker.pkg.dev/my-project-1/docbeam/worker:0.1.0",
    "gcp_service_account": "worker@my-project-1.iam.gserviceaccount.com",
    "gcp_subnetwork": "regions/europe-west1/subnetworks/default",
}


def test_complete_settings_have_no_problem_and_ask_no_network() -> None:
    settings = Settings.model_validate({"runner": COMPLETE})
    assert problems(settings) == []
    with no_network():
        assert dry_run(settings).components.transforms


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("gcp_temp_location", "/tmp/here", "starts with gs://"),
        ("gcp_temp_location", "gs://b/t", "3 to 63 characters"),
        ("gcp_temp_location", "gs://My_Bucket/t", "small letters"),
        ("gcp_temp_location", "gs://a..b/t", "small letters"),
        ("gcp_temp_location", "gs://google-things/t", "google"),
        ("gcp_temp_location", "gs://192.168.1.1/t", "no address"),
        ("gcp_temp_location", "gs://my-bucket", "a folder in the bucket"),
        ("gcp_project", "My Project", "the id, not the name"),
        ("gcp_project", "abc", "6 to 30"),
        ("gcp_region", "europe-west1-b", "a zone"),
        ("gcp_region", "Europe", "europe-west1"),
        ("gcp_image", "my image", "HOST/PROJECT"),
        ("gcp_service_account", "worker", "e-mail"),
        ("gcp_subnetwork", "default", "regions/REGION"),
        ("gcp_setup_file", "/tmp/other.py", "setup.py only"),
        ("gcp_setup_file", "/absent/setup.py", "no such file"),
    ],
)
def test_names_that_no_service_takes_are_refused_before_anything(name: str, value: str, said: str) -> None:
    settings = Settings.model_validate({"runner": COMPLETE | {name: value}})
    for refusing in (dry_run, submit):
        with no_network(), pytest.raises(RunnerNotReady) as raised:
            refusing(settings)
        (problem,) = raised.value.problems
        assert f"runner.{name} is " in problem
        assert said in problem
