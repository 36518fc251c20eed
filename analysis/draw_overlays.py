"""Pictures of results: each page with what was found drawn in."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter

from analysis.children.limits import ChildDied, Limits
from analysis.children.protocol import Stage
from analysis.open_document import fetch_again
from analysis.worker import Worker
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
    seconds = dict.fromkeys((Stage.RASTERISE, Stage.DRAW), worker.documents.page_seconds)
    limits = Limits(seconds | {Stage.START: worker.analysis.start_seconds}, worker.analysis.memory_mb)
    for page in result.pages:
        if page.error is not None or not page.width:
            continue
        target = folder / f"{name}-p{page.number}.png"
        arguments = {
            "path": str(path),
            "media_type": document.media_type,
            "sha256": document.sha256,
            "page": _PAGE.dump_python(page, mode="json"),
            "settings": worker.documents.model_dump_json(),
        }
        try:
            answer = worker.children.ask("overlay", arguments, limits, document.sha256)
        except ChildDied:
            continue
        if "answer" in answer:
            target.write_bytes(base64.b64decode(answer["answer"]))
            yield target
