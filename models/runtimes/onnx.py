"""ONNX files in process, on one thread, without memory that only grows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnxruntime as ort


def open_session(path: Path, part: Callable[[bytes], bytes] | None = None) -> ort.InferenceSession:
    """A CPU session of the ONNX file at `path`, or of what `part` makes of its content.

    One thread, because a worker's parallelism is its number of children. The arena and memory patterns are off:
    with pages of many sizes they keep the largest shape ever seen.

    Raises OSError when the file cannot be read, an onnxruntime error when it is no model it can run.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    # Bytes rather than the path: what runs is what was read, whatever happens to the file afterwards.
    model = path.read_bytes()
    if part is not None:
        model = part(model)
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
