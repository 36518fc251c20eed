"""From a request to its document's parts: fetched, inspected, split; or the error the request must end with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from analysis.attempts import Journaled, Work, guarded
from analysis.children.limits import ChildDied, Limits, Reason
from analysis.children.protocol import Stage
from analysis.observe import OPEN, Span, tell
from analysis.worker import Worker
from documents.fetch import FetchedDocument, fetch
from schemas.document import DocumentFacts, PageRange
from schemas.errors import DocbeamError, ErrorCode
from schemas.part import DocumentPart, ReceivedRequest
from schemas.request import DocumentReference
from schemas.result import PageResult

STAGE = "open documents"


def _journaled(received: ReceivedRequest, worker: Worker) -> Journaled | None:
    if received.errors:
        return None
    return Journaled(Work.on_request(received.delivery, received.request, STAGE), worker.documents, worker.analysis)


def _given_up(error: DocbeamError, received: ReceivedRequest, worker: Worker) -> list[DocumentPart]:
    return [DocumentPart(received.delivery, received.request, errors=(error.item(STAGE),), echo=received.echo)]


def open_document(received: ReceivedRequest, worker: Worker) -> list[DocumentPart]:
    """The parts of the request's document; one part with errors when it cannot be opened. Never raises."""
    parts = _opened(received, worker)
    for part in parts[:1]:
        tell(*(Span(OPEN, outcome="failed", code=error.code.value) for error in part.errors))
        if not part.errors:
            tell(Span(OPEN, outcome="opened", milliseconds=part.fetch_ms))
    return parts


@guarded(_journaled, _given_up)
def _opened(received: ReceivedRequest, worker: Worker) -> list[DocumentPart]:
    whole = DocumentPart(
        delivery=received.delivery,
        request=received.request,
        errors=received.errors,
        echo=received.echo,
    )
    if whole.errors:
        return [whole]
    started = time.perf_counter()
    facts = DocumentFacts(location=received.request.document.location)
    try:
        fetched = fetch(received.request.document, worker.documents, worker.cache)
        facts = replace(
            facts,
            size_bytes=fetched.size_bytes,
            sha256=fetched.sha256,
            generation=fetched.generation,
            etag=fetched.etag,
        )
        with worker.cache.hold(fetched.path):
            media_type, page_count = _inspect(fetched, received.delivery.key, worker)
    except DocbeamError as error:
        return [replace(whole, document=facts, errors=(error.item(STAGE),))]
    except Exception as error:
        unknown = DocbeamError(ErrorCode.INTERNAL_ERROR, f"{type(error).__name__} while opening the document")
        return [replace(whole, document=facts, errors=(unknown.item(STAGE),))]
    facts = replace(facts, media_type=media_type, page_count=page_count)
    fetch_ms = (time.perf_counter() - started) * 1000
    return [
        replace(
            whole,
            document=facts,
            page_range=part,
            pages=tuple(PageResult(number) for number in part.page_numbers),
            fetch_ms=round(fetch_ms, 3),
        )
        for part in split_pages(page_count, worker.documents.pages_per_part)
    ]


def split_pages(page_count: int, pages_per_part: int) -> Sequence[PageRange]:
    """Consecutive ranges of at most `pages_per_part` pages."""
    firsts = range(1, page_count + 1, pages_per_part)
    return [
        PageRange(first, min(first + pages_per_part - 1, page_count), index + 1, len(firsts))
        for index, first in enumerate(firsts)
    ]


def fetch_again(document: DocumentFacts, worker: Worker) -> Path:
    """The document on this machine, from the disk cache if it is there; the very same bytes as inspected.

    Raises DocbeamError as `fetch` does; DOCUMENT_CHANGED when the location holds another document now.
    """
    reference = DocumentReference(document.location, sha256=document.sha256, generation=document.generation)
    return fetch(reference, worker.documents, worker.cache).path


def _inspect(fetched: FetchedDocument, delivery: str, worker: Worker) -> tuple[str, int]:
    arguments = {"path": str(fetched.path), "settings": worker.documents.model_dump_json()}
    limits = Limits(
        {Stage.START: worker.analysis.start_seconds, Stage.INSPECT: worker.documents.inspect_seconds},
        worker.analysis.memory_mb,
    )
    try:
        answer = worker.ask_quickly("inspect", arguments, limits, fetched.sha256, claimant=delivery)
    except ChildDied as died:
        code = ErrorCode.INSPECTION_TIMEOUT if died.reason is Reason.TIMEOUT else ErrorCode.INSPECTION_CRASHED
        if died.reason.outside:
            starved = died.reason is Reason.STARVED
            code = ErrorCode.MACHINE_OVERLOADED if starved else ErrorCode.CHILD_KILLED
        elif died.stage is Stage.START:
            code = ErrorCode.INTERNAL_ERROR
        raise DocbeamError(code, died.detail) from None
    if "answer" not in answer:
        if "code" in answer:
            raise DocbeamError(ErrorCode(answer["code"]), answer["message"])
        raise DocbeamError(ErrorCode.DOCUMENT_CORRUPT, f"inspection raised {answer['raised']}")
    if answer["answer"]["page_count"] > worker.documents.max_pages:
        # It refuses such documents itself, unless somebody else speaks for it.
        raise DocbeamError(ErrorCode.INSPECTION_CRASHED, "the child told of more pages than are allowed")
    return answer["answer"]["media_type"], answer["answer"]["page_count"]
