"""What calls about reviews carry and are answered with, as OpenAPI tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.bodies import RequestId
from gateway.judging import SaidOfField
from schemas.correction import Correction

LOOKED_AT = 50
"""Requests at once, of which the first that is free is taken."""
Person = Annotated[str, StringConstraints(max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$")]
Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class NextReview(BaseModel):
    """Which request to take."""

    model_config = ConfigDict(extra="forbid")

    use_case: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")] | None = None
    reviewer: Person = ""
    """A name for others to read."""
    skip: Annotated[list[RequestId], Field(max_length=LOOKED_AT - 1)] = Field(default_factory=list)
    """Requests that are left for later."""


class TakenReview(BaseModel):
    """Take this request, or keep it."""

    model_config = ConfigDict(extra="forbid")

    reviewer: Person = ""
    lock: Token | None = None
    """Of the review that is to go on for longer."""


class FieldName(BaseModel):
    """What tells a field from the others of its result."""

    name: str
    instance: int | None
    page: int | None


class ReviewView(BaseModel):
    """A request that is the caller's to review, until then."""

    request_id: str
    lock: str
    """To be shown with each judgement."""
    until: datetime
    to_review: list[FieldName]
    """Fields that nobody has judged yet and somebody should, in the order of the result."""
    corrections: list[Correction]
    """Oldest first."""


class Judgements(BaseModel):
    """What was seen."""

    model_config = ConfigDict(extra="forbid")

    lock: Token
    reviewer: Person = ""
    judgements: Annotated[list[SaidOfField], Field(min_length=1, max_length=50)]


class CorrectionList(BaseModel):
    """Everything that people have said of a request."""

    corrections: list[Correction]
    """Oldest first; the last of a field counts."""
    to_review: int
    """Fields that are left."""
