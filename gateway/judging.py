"""From what a person says of fields to corrections: valid, of this result, each said once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from gateway.entries import Entry
from gateway.reviews import newest
from schemas.correction import Correction, Judgement
from schemas.errors import DocbeamError, ErrorCode
from schemas.fields import FieldKind, FieldState
from schemas.result import AnalysisResult, Field, FieldKey

LONGEST_VALUE = 10_000
ON, OFF, SIGNED = "on", "off", "signed"
"""As forms read boxes and signatures."""
Name = Annotated[str, StringConstraints(max_length=1024)]


class SaidOfField(BaseModel):
    """What a person says of one field."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    """As in the result."""
    instance: int | None = None
    """Likewise."""
    page: int | None = None
    """Likewise."""
    judgement: Judgement
    value: Annotated[str, StringConstraints(max_length=LONGEST_VALUE)] | None = None
    """What stands there, where it was corrected: text; of a box `on` or `off`; of a signature `signed`."""

    @property
    def key(self) -> FieldKey:
        """Which field of the result it is."""
        return self.name, self.instance, self.page


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says it."""

    identity: str
    reviewer: str


def corrections_of(
    said: Sequence[SaidOfField],
    entry: Entry,
    result: AnalysisResult,
    known: Sequence[Correction],
    speaker: Speaker,
    at: datetime,
) -> list[Correction]:
    """Those that are new: what is said again, as after an answer that was lost, is said once.

    Raises DocbeamError(INVALID_REQUEST) naming the judgement that is none.
    """
    fields = {field.key: field for field in result.fields}
    latest: dict[FieldKey, Correction] = dict(newest(known))
    made: list[Correction] = []
    for number, each in enumerate(said):
        field = fields.get(each.key)
        if field is None:
            raise _refused(number, "the result has no such field")
        state, value = _meant(number, each, field)
        before = latest.get(each.key)
        if before is not None and _same(before, each.judgement, value, speaker):
            continue
        copy = next((copy for copy in result.copies if copy.instance == field.instance), None)
        latest[each.key] = Correction(
            correction_id=f"{entry.request_id}/{len(known) + len(made) + 1}",
            request_id=entry.request_id,
            use_case=entry.use_case,
            corrected_at=at,
            judgement=each.judgement,
            read=field,
            state=state,
            value=value,
            corrected_by=speaker.identity,
            reviewer=speaker.reviewer,
            client_id=entry.client_id,
            use_case_version=result.use_case_version,
            form="" if copy is None else copy.form,
            form_version="" if copy is None else copy.version,
            document=result.document,
            models=result.models,
        )
        made.append(latest[each.key])
    return made


def _meant(number: int, said: SaidOfField, field: Field) -> tuple[FieldState, str | None]:
    read = field.value if said.judgement is Judgement.CONFIRMED else None
    if said.judgement is not Judgement.CORRECTED and said.value not in (None, read):
        # Left out, it would be lost: who wrote it meant a correction.
        raise _refused(number, f"a value that is not the one read makes it `corrected`, not `{said.judgement.value}`")
    match said.judgement:
        case Judgement.CONFIRMED:
            if field.state not in (FieldState.FILLED, FieldState.BLANK):
                raise _refused(number, "a field that was not read cannot be confirmed; say what stands there")
            return field.state, field.value
        case Judgement.CORRECTED:
            value = _value(number, said, field)
            return (FieldState.BLANK if _is_box(field) and value == OFF else FieldState.FILLED), value
        case Judgement.BLANK:
            return FieldState.BLANK, OFF if _is_box(field) else None
        case Judgement.UNREADABLE:
            return FieldState.UNREADABLE, None


def _value(number: int, said: SaidOfField, field: Field) -> str:
    value = (said.value or "").strip()
    if not value:
        raise _refused(number, "a correction has a value; where nothing is written the judgement is `blank`")
    if any(ord(letter) < ord(" ") and letter not in "\n\t" for letter in value):
        raise _refused(number, "the value holds control characters")
    if _is_box(field) and value not in (ON, OFF):
        raise _refused(number, f"the value of a box is `{ON}` or `{OFF}`")
    if field.kind is FieldKind.SIGNATURE and value != SIGNED:
        raise _refused(number, f"the value of a signature is `{SIGNED}`")
    return value


def _is_box(field: Field) -> bool:
    """With the values of forms; use cases of others may have words of their own."""
    return field.kind is FieldKind.CHECKBOX and (field.value or OFF) in (ON, OFF)


def _same(before: Correction, judgement: Judgement, value: str | None, speaker: Speaker) -> bool:
    said = before.judgement, before.value, before.corrected_by, before.reviewer
    return said == (judgement, value, speaker.identity, speaker.reviewer)


def _refused(number: int, why: str) -> DocbeamError:
    return DocbeamError(ErrorCode.INVALID_REQUEST, f"/judgements/{number}: {why}")
