"""Pictures of results: each page with what was found drawn in, or as it is."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from analysis.children.limits import ChildDied, Limits, Reason
from analysis.children.protocol import Stage
from analysis.open_document import fetch_again
from analysis.worker import Worker
from schemas.document import DocumentFacts
from schemas.errors import DocbeamError, ErrorCode
from schemas.result import AnalysisResult, PageResult

_PAGE = TypeAdapter(PageResult)


def draw_overlays(result: AnalysisResult, folder: Path, name: str, worker: Worker) -> Iterator[Path]:
    """One PNG for each page that could be read, `NAME-pN.png` in `folder`.

    Raises DocbeamError when the document cannot be fetched again.
    """
    document = result.document
    if document is None or not document.page_count:
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = fetch_again(document, worker)
    for page in result.pages:
        if page.error is not None or not page.width:
            continue
        target = folder / f"{name}-p{page.number}.png"
        try:
            target.write_bytes(_asked("overlay", document, path, _PAGE.dump_python(page, mode="json"), worker))
        except DocbeamError:
            continue
        yield target


def draw_page(result: AnalysisResult, number: int, worker: Worker, *, overlay: bool) -> bytes:
    """One page as PNG, with what was found on it or without.

    Raises DocbeamError: NO_SUCH_RESOURCE where the result has no such page, what kept the page from being read, or what
    keeps the document from being fetched again.
    """
    document = result.document
    page = next((page for page in result.pages if page.number == number), None)
    if document is None or not document.page_count or page is None:
        raise DocbeamError(ErrorCode.NO_SUCH_RESOURCE, f"the result has no page {number}")
    if page.error is not None or not page.width:
        code = ErrorCode.PAGE_UNREADABLE if page.error is None else page.error.code
        raise DocbeamError(code, f"page {number} could not be read", page=number)
    path = fetch_again(document, worker)
    if overlay:
        return _asked("overlay", document, path, _PAGE.dump_python(page, mode="json"), worker)
    return _asked("picture", document, path, number, worker)


def _asked(operation: str, document: DocumentFacts, path: Path, page: Any, worker: Worker) -> bytes:
    seconds = dict.fromkeys((Stage.RASTERISE, Stage.DRAW), worker.documents.page_seconds)
    limits = Limits(seconds | {Stage.START: worker.analysis.start_seconds}, worker.analysis.memory_mb)
    arguments = {
        "path": str(path),
        "media_type": document.media_type,
        "sha256": document.sha256,
        "page": page,
        "settings": worker.documents.model_dump_json(),
    }
    try:
        answer = worker.children.ask(operation, arguments, limits, document.sha256)
    except ChildDied as died:
        code = ErrorCode.PAGE_TIMEOUT if died.reason is Reason.TIMEOUT else ErrorCode.PAGE_CRASHED
        raise DocbeamError(code, died.detail) from None
    if "answer" in answer:
        return base64.b64decode(answer["answer"])
    if "code" in answer:
        raise DocbeamError(ErrorCode(answer["code"]), answer["message"])
    raise DocbeamError(ErrorCode.PAGE_UNREADABLE, f"drawing raised {answer.get('raised', 'an error')}")
