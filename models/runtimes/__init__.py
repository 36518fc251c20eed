"""Runtimes that models share."""

TINY_AS_ZERO = "DOCBEAM_TINY_AS_ZERO"
"""Set to anything: the process may treat numbers below 1e-38 as zero. Answers are the same. See `onnx.Network`."""
