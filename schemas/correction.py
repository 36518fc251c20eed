"""What a person says of a field that was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schemas.document import DocumentFacts
from schemas.fields import FieldState
from schemas.result import Field, ModelUse


class Judgement(StrEnum):
    """How a person found a field."""

    CONFIRMED = "confirmed"
    """State and value are right as they were read."""
    CORRECTED = "corrected"
    """Something else is written there."""
    BLANK = "blank"
    """Nothing is written there."""
    UNREADABLE = "unreadable"
    """Nobody can say what is written there."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One judgement of one person on one field; the newest of a field counts. The result itself stays as it was."""

    correction_id: str
    """Id of the request, a slash, and which correction of that request it is, from 1."""
    request_id: str
    use_case: str
    corrected_at: datetime
    judgement: Judgement
    read: Field
    """As the result has it."""
    state: FieldState
    """As the person says."""
    value: str | None = None
    """As the person says; nothing where none is known."""
    corrected_by: str = ""
    """Whose key or token it was: `key:ID` or `token:CLIENT`; empty where the gateway lets anybody in."""
    reviewer: str = ""
    """The name that the person gave; nobody checks it."""
    client_id: str = ""
    """Whose request it is."""
    use_case_version: str = ""
    form: str = ""
    """Of the copy that the field is of; empty where the document is of no known form."""
    form_version: str = ""
    document: DocumentFacts | None = None
    models: tuple[ModelUse, ...] = ()
    """Those of the result."""
