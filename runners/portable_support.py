"""What Beam's portable Flink runner can run in streaming mode: the one list, with reasons.

Read from apache/beam's sources, not tried: `FlinkStreamingPortablePipelineTranslator` (runners/flink/2.0, commit
2c2036fe), `ExecutableStageDoFnOperator` (runners/flink, commit 00ba6c64) and `QueryablePipeline` (sdks/java/core,
commit 3c2f2b24). What is not on the list is refused, even if it might work.
"""

from __future__ import annotations

from collections.abc import Iterator

from apache_beam.portability.api import beam_runner_api_pb2 as proto

_TRANSFORM = "beam:transform:"

TRANSFORMS = {
    f"{_TRANSFORM}impulse:v1": "a source that emits once and, with checkpointing on, stays alive",
    f"{_TRANSFORM}flatten:v1": "union of streams",
    f"{_TRANSFORM}group_by_key:v1": "keyed window operator",
    f"{_TRANSFORM}reshuffle:v1": "rebalance, round robin: no keys, no barrier; the steps inside it are dropped",
    f"{_TRANSFORM}pardo:v1": "fused with its neighbours into an executable stage that the Python worker runs",
    f"{_TRANSFORM}window_into:v1": "runs in the Python worker, in an executable stage",
}
"""Steps that have a translation."""

NATIVE = frozenset({f"{_TRANSFORM}reshuffle:v1"})
"""Composites the runner replaces whole, so that what is inside them does not matter."""

REQUIREMENTS = {
    "beam:requirement:pardo:splittable_dofn:v1": "self-checkpoints are keyed state plus a processing-time timer; the "
    "key is the element, so each element is worked on in one place",
    "beam:requirement:pardo:stateful:v1": "keyed operators",
    "beam:requirement:pardo:finalization:v1": "called when a checkpoint completes, never without checkpointing",
}
"""Features a graph may ask for. Left out: stable input, time-sorted input, on-window-expiration."""

STATES = {
    "beam:user_state:bag:v1": "the only kind the operator answers; Python's bag, value, combining and set state all "
    "travel as bags",
}
"""Kinds of user state. Left out: multimap and ordered list, for which there is no handler."""

SIDE_INPUTS = {
    "beam:side_input:iterable:v1": "broadcast state; each new element of it ends the bundle of the main input",
    "beam:side_input:multimap:v1": "as above",
}

ENVIRONMENTS = {
    "beam:env:external:v1": "a worker pool beside each task manager",
    "beam:env:docker:v1": "a Docker daemon beside each task manager",
    "beam:env:process:v1": "a command that the task manager starts",
}
"""How workers may be started."""

KEY_CODERS = {
    "beam:coder:string_utf8:v1": "one encoding for one value",
    "beam:coder:bytes:v1": "one encoding for one value",
    "beam:coder:varint:v1": "one encoding for one value",
    "beam:coder:bool:v1": "one encoding for one value",
    "beam:coder:kv:v1": "as its components",
}
"""Coders of keys, which Flink hashes as bytes: a pickled key may move to another operator after a restore."""

_KV = "beam:coder:kv:v1"


def unsupported(pipeline: proto.Pipeline) -> list[str]:
    """Each thing in the graph that the portable Flink runner has no translation for, with the step it is in."""
    found = [
        f"requirement {urn} is not on the list" for urn in sorted(pipeline.requirements) if urn not in REQUIREMENTS
    ]
    environments = pipeline.components.environments
    found += [
        f"environment {urn} is not on the list"
        for urn in sorted({environment.urn for environment in environments.values()})
        if urn not in ENVIRONMENTS
    ]
    for step in _primitive_steps(pipeline):
        found += _step_problems(step, pipeline.components)
    return sorted(found)


def _primitive_steps(pipeline: proto.Pipeline) -> Iterator[proto.PTransform]:
    transforms = pipeline.components.transforms
    waiting = list(pipeline.root_transform_ids)
    while waiting:
        step = transforms[waiting.pop()]
        if step.subtransforms and step.spec.urn not in NATIVE:
            waiting += step.subtransforms
        elif not set(step.outputs.values()) <= set(step.inputs.values()) or step.spec.urn in TRANSFORMS:
            # The others hand their input on as it is, and no runner sees them.
            yield step


def _step_problems(step: proto.PTransform, components: proto.Components) -> list[str]:
    if step.spec.urn not in TRANSFORMS:
        return [f"{step.unique_name!r}: transform {step.spec.urn} is not on the list"]
    if step.spec.urn == f"{_TRANSFORM}group_by_key:v1":
        return _key_problems(step, next(iter(step.inputs.values())), components)
    if step.spec.urn != f"{_TRANSFORM}pardo:v1":
        return []
    payload = proto.ParDoPayload.FromString(step.spec.payload)
    found = [
        f"{step.unique_name!r}: state {name!r} of kind {state.protocol.urn} is not on the list"
        for name, state in payload.state_specs.items()
        if state.protocol.urn not in STATES
    ]
    found += [
        f"{step.unique_name!r}: side input {name!r} of kind {side.access_pattern.urn} is not on the list"
        for name, side in payload.side_inputs.items()
        if side.access_pattern.urn not in SIDE_INPUTS
    ]
    if payload.requires_stable_input or payload.requires_time_sorted_input:
        found.append(f"{step.unique_name!r}: asks for stable or time-sorted input")
    main = [collection for name, collection in step.inputs.items() if name not in payload.side_inputs]
    if payload.state_specs or payload.timer_family_specs:
        found += _key_problems(step, main[0], components)
    elif payload.restriction_coder_id:
        coder = components.pcollections[main[0]].coder_id
        found += _coder_problems(step, coder, components, "element of a splittable step, which is its key,")
    return found


def _key_problems(step: proto.PTransform, collection: str, components: proto.Components) -> list[str]:
    coder = components.coders[components.pcollections[collection].coder_id]
    if coder.spec.urn != _KV:
        return [f"{step.unique_name!r}: keyed, but its input is coded as {coder.spec.urn} and not as key and value"]
    return _coder_problems(step, coder.component_coder_ids[0], components, "key")


def _coder_problems(step: proto.PTransform, coder_id: str, components: proto.Components, what: str) -> list[str]:
    coder = components.coders[coder_id]
    if coder.spec.urn not in KEY_CODERS:
        return [f"{step.unique_name!r}: {what} is coded as {coder.spec.urn}, which is not on the list of key coders"]
    return [
        problem
        for component in coder.component_coder_ids
        for problem in _coder_problems(step, component, components, what)
    ]
