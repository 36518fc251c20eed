"""Says that a page is the picture of a notice, printed or scanned in place of the document that was to be sent."""

from __future__ import annotations

from documents.notices import notice_in
from documents.said_notices import said_notice_in
from schemas.errors import ErrorItem
from schemas.result import PageResult


def notice_on(page: PageResult) -> ErrorItem | None:
    """What to tell of a page whose text, as a model has read it, is a notice and nothing else."""
    for outcome in page.outcomes:
        text = " ".join(line.text for line in outcome.prediction.lines)
        notice = notice_in(text) or said_notice_in(text)
        if notice is not None:
            return notice.item(outcome.model, page.number)
    return None
