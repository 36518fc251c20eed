"""Sample documents with known truth, for a first run without documents of one's own.

Drawn by `synthesis`; people and companies are invented. The one foreign document is a form of the United States
government in the public domain. `manifest.toml` says of each where it is from and what must come out of it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import ErrorCode
from schemas.result import ResultStatus


@dataclass(frozen=True, slots=True)
class Sample:
    """A document to send, and what must come back."""

    file: str
    """Name in `sample_folder()`."""
    use_case: str
    expected_status: ResultStatus
    expected_code: ErrorCode | None
    """Of failed ones."""
    truth: dict[str, str]
    """Field to text (empty: left blank), of a box its `CheckboxState`, of a signature its `SignatureKind`."""
    place: tuple[float, ...] = ()
    """Row-major 3x3: points of the blank form to fractions (0..1) of page 1 as shown; empty where it is no form."""
    provenance: str = ""

    @property
    def path(self) -> Path:
        """The file itself."""
        return sample_folder() / self.file


def sample_folder() -> Path:
    """The folder that holds the samples, the blank form and the manifest."""
    return Path(__file__).resolve().parent


def sample_requests() -> list[Sample]:
    """Every sample of the manifest, in the order in which a demonstration sends them."""
    manifest = tomllib.loads((sample_folder() / "manifest.toml").read_text(encoding="utf-8"))
    return [
        Sample(
            file=entry["file"],
            use_case=entry["use_case"],
            expected_status=ResultStatus(entry["expected_status"]),
            expected_code=ErrorCode(entry["expected_code"]) if "expected_code" in entry else None,
            truth=entry["truth"],
            place=tuple(entry["place"]),
            provenance=entry["provenance"],
        )
        for entry in manifest["sample"]
    ]
