"""Writes the list of samples as TOML."""

from __future__ import annotations

import json
from collections.abc import Iterable

from synthesis.forms.sample_set import SampleFile

_HEADER = """\
# What every sample is and what must come out of it. Written by `python -m synthesis.draw_samples`; do not edit.
# truth: text as written (empty: left blank), of a box its state, of a signature what is there.
# place: 3x3, row by row, from points of the blank form to fractions of page 1 as shown.
"""


def manifest_text(samples: Iterable[SampleFile]) -> str:
    """The manifest, one [[sample]] a file."""
    return _HEADER + "".join(_entry(sample) for sample in samples)


def _entry(sample: SampleFile) -> str:
    lines = ["", "[[sample]]", _pair("file", sample.file), _pair("use_case", sample.use_case)]
    lines.append(_pair("expected_status", sample.status.value))
    if sample.code is not None:
        lines.append(_pair("expected_code", sample.code.value))
    lines.append(_pair("provenance", sample.provenance))
    lines.append(f"done = [{', '.join(_quoted(step) for step in sample.done)}]")
    lines.append(f"place = [{', '.join(repr(float(value)) for value in sample.place)}]")
    lines.append("[sample.truth]")
    lines += [f"{_quoted(name)} = {_quoted(value)}" for name, value in sample.truth.items()]
    return "\n".join(lines) + "\n"


def _pair(key: str, value: str) -> str:
    return f"{key} = {_quoted(value)}"


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string as long as nothing outside ASCII is escaped in surrogate pairs.
    return json.dumps(text, ensure_ascii=False)
