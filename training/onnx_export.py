"""From a trained network to an ONNX file that was compared with it."""

from __future__ import annotations

import hashlib
import logging
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

LARGEST_BYTES = 5_000_000
"""Of an artifact that lies in the repository."""
TOLERANCE = 1e-4
"""Largest difference of an output, absolute."""
HALF_TOLERANCE = 1e-3
"""The same with weights in half precision: what the exporter folds into one is rounded again."""
_LARGE = 1_000
"""Numbers from which on a tensor is worth a cast."""


class ExportFailed(Exception):
    """The file is too large, or does not compute what the network computes; it was not kept."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The written file."""

    path: Path
    sha256: str
    bytes: int
    difference: float
    """Largest absolute difference between network and file, over the compared inputs; 0 where there is no network."""


def written(path: Path, content: bytes, difference: float = 0.0) -> Exported:
    """Writes the file. Raises OSError."""
    path.write_bytes(content)
    return Exported(path, hashlib.sha256(content).hexdigest(), len(content), difference)


def export_onnx(
    network: nn.Module,
    example: Tensor,
    path: Path,
    *,
    free_axes: tuple[int, ...] = (0,),
    output: str = "scores",
    compared: int = 4,
    half: bool = False,
) -> Exported:
    """Writes `network` (one input, one output) to `path`, input name `x`.

    `free_axes` of the input may have any length at run time. The file is compared with the network on the example and
    on random inputs of other lengths along those axes before it takes the place of an older one. `half`: the weights
    are stored in half precision, to which those of `network` are rounded; computed is in single precision.
    Raises ExportFailed.
    """
    network = network.eval()
    if half:
        network.half().float()
    shapes = (dict.fromkeys(free_axes, torch.export.Dim.DYNAMIC),)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own deprecations, on its way through its own exporter
        program = torch.onnx.export(
            network,
            (example,),
            dynamo=True,
            dynamic_shapes=shapes,
            input_names=["x"],
            output_names=[output],
            verbose=False,
        )
    if program is None:
        raise ExportFailed(f"{path.name}: torch gave no ONNX program")
    # A suffix of its own: until it is compared, nothing may take it for the artifact.
    trial = path.with_suffix(".trial")
    program.save(str(trial), external_data=False)
    content = without_traces(trial.read_bytes())
    trial.unlink()
    if half:
        content = with_half_weights(content)
    if len(content) > LARGEST_BYTES:
        raise ExportFailed(f"{path.name}: {len(content)} bytes, more than {LARGEST_BYTES}; make the network smaller")
    difference = _difference(network, content, example, free_axes, compared)
    tolerance = HALF_TOLERANCE if half else TOLERANCE
    if difference > tolerance:
        raise ExportFailed(f"{path.name}: differs from the network by {difference:.1e}, more than {tolerance:.0e}")
    return written(path, content, difference)


def without_traces(content: bytes) -> bytes:
    """The same ONNX model without the stack traces, file paths included, that torch writes beside each node."""
    model = onnx.load_model_from_string(content)
    for part in (model.graph, *model.functions):
        for item in (*part.node, *part.value_info):
            item.ClearField("metadata_props")
            item.ClearField("doc_string")
    for item in (*model.graph.input, *model.graph.output, *model.graph.initializer):
        item.ClearField("metadata_props")
        item.ClearField("doc_string")
    return bytes(model.SerializeToString(deterministic=True))


def with_half_weights(content: bytes) -> bytes:
    """The same ONNX model with its large weights in half precision, made single again when it is opened."""
    model = onnx.load_model_from_string(content)
    casts = []
    for weight in model.graph.initializer:
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < _LARGE:
            continue
        name, stored = weight.name, f"{weight.name}.half"
        weight.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), stored))
        casts.append(onnx.helper.make_node("Cast", [stored], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return bytes(model.SerializeToString(deterministic=True))


def _difference(network: nn.Module, content: bytes, example: Tensor, free_axes: tuple[int, ...], count: int) -> float:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    largest = 0.0
    generator = torch.Generator().manual_seed(0)
    for number in range(count):
        shape = list(example.shape)
        for axis in free_axes:
            shape[axis] = shape[axis] + number * (shape[axis] if axis else 1)
        given = example if number == 0 else torch.rand(shape, generator=generator)
        with torch.no_grad():
            wanted = network(given).numpy()
        (found,) = session.run(None, {"x": given.numpy()})
        largest = max(largest, float(np.abs(wanted - found).max()))
    return largest


def threads_from_environment() -> None:
    """Makes torch use OMP_NUM_THREADS threads, by default two."""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
