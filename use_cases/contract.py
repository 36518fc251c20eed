"""The contract of a use-case plug-in."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from schemas.document import DocumentFacts
from schemas.request import AnalysisRequest
from schemas.result import Field, PageResult


@dataclass(frozen=True, slots=True)
class Apply:
    """Apply a model to every page."""

    model: str
    options: Mapping[str, str] = field(default_factory=dict)
    """Handed to the model as `PageImage.options`."""


@dataclass(frozen=True, slots=True)
class Expect:
    """Go on only if page 1 is of a registered document type; otherwise bypass everything after this step.

    The answer then is `rejected`, with the scores as evidence.
    """

    document_type: str
    model: str = "document-type"


Step = Apply | Expect


@dataclass(frozen=True, slots=True)
class AnalysedDocument:
    """A whole document after all steps, as `conclude` receives it; quads are fractions of the source page."""

    request: AnalysisRequest
    document: DocumentFacts
    pages: tuple[PageResult, ...]
    """In order; pages that failed are here with their error."""


class UseCase(ABC):
    """What is done with a kind of document.

    Declared once, at the start of the job, where its steps become one branch of the graph; `conclude` runs
    in a child process with a time limit. Imports only `docbeam`; no I/O, no Beam, no model.
    """

    name: ClassVar[str]
    """Lower-case with dashes; what requests name."""
    version: ClassVar[str]
    """Goes into every result; change it when the meaning of the fields changes."""
    steps: ClassVar[tuple[Step, ...]]
    """In order. The first applies a model whose output is `skew`, such as `Apply("deskew")`: what comes after sees
    pages straightened by it."""

    def conclude(self, document: AnalysedDocument) -> Sequence[Field]:
        """The fields this document yields; pure. What it raises makes the result `partial`."""
        del document
        return ()
