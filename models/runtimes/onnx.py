"""ONNX files in process, on one thread, without memory that only grows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from models.runtimes import TINY_AS_ZERO

Tensor = npt.NDArray[np.float32]


class Network:
    """A network of one input, opened on the CPU.

    One thread, because a worker's parallelism is its number of children. Memory that a run needed is given back after
    it: kept, it would be that of the largest page ever seen. An arena that is emptied costs fewer page faults than
    none. Patterns of memory, one for each size of a page, are off.

    Where the environment says `TINY_AS_ZERO`, numbers below 1e-38 count as zero: a page's paper makes enough of them in
    PP-OCRv6's detector that it takes 2.4 times as long, in two layers, with them. onnxruntime sets that for the thread
    that opens the first session of a process, for good and for all that runs on it (`session.set_denormal_as_zero` in
    onnxruntime_session_options_config_keys.h). So it is asked for where networks are all that matters: in children, and
    by the command line.
    """

    def __init__(self, path: Path, part: Callable[[bytes], bytes] | None = None) -> None:
        """Open the file at `path`, or what `part` makes of its content.

        Raises OSError when it cannot be read, an onnxruntime error when it is no model it can run.
        """
        # Bytes rather than the path: what runs is what was read, whatever happens to the file afterwards.
        content = path.read_bytes()
        if part is not None:
            content = part(content)
        self._session = ort.InferenceSession(content, _session_options(), providers=["CPUExecutionProvider"])
        self._input: str = self._session.get_inputs()[0].name
        self._giving_back = ort.RunOptions()
        self._giving_back.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

    def __call__(self, values: npt.NDArray[np.generic]) -> Tensor:
        """The first output for `values`, both with a batch in front."""
        return self.outputs(values)[0]

    def outputs(self, values: npt.NDArray[np.generic]) -> Sequence[Tensor]:
        """All outputs for `values`, each with a batch in front."""
        answers: Sequence[Tensor] = self._session.run(None, {self._input: values}, self._giving_back)
        return answers

    @property
    def properties(self) -> Mapping[str, str]:
        """What the file says about itself."""
        said: Mapping[str, str] = self._session.get_modelmeta().custom_metadata_map
        return said

    @property
    def classes(self) -> int:
        """Size of the first output's last axis."""
        return int(self._session.get_outputs()[0].shape[-1])


def _session_options() -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    if os.environ.get(TINY_AS_ZERO):
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
    return options
