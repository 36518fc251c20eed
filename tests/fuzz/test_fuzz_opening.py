"""Whatever a request asks for: the parts of its document, or one part that says why not."""

from __future__ import annotations

import atexit
import time
from functools import lru_cache, partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from analysis.accept_request import accept
from analysis.children.pool import ChildPool
from analysis.open_document import open_document
from analysis.worker import Worker
from schemas.errors import ErrorCode
from schemas.part import DocumentPart, ReceivedRequest
from schemas.request import AnalysisRequest, DocumentReference
from tests.fuzz.hostile import DELIVERIES, FEW, TEXT, mostly
from tests.fuzz.odd_files import FILES, KINDS, clear, put
from tests.fuzz.stand_ins import AT, folder, outputs_of, survives, worker_with
from transforms.analyse_documents import _Route
from transforms.coders import DocumentPartCoder
from transforms.metrics import collecting
from transforms.open_documents import _Open

_MOST_SECONDS = 60
_PIECES = st.sampled_from(
    [
        "..",
        ".",
        "%2e%2e",
        "%2F",
        "%00",
        "a",
        "..;",
        "%u002e",
        "\\",
        "?",
        "#",
        "@",
        "//",
        "%c0%ae",
        "\u2044",
        "\n",
        "passwd",
        "%25%32%65",
    ]
)
_PATHS = st.lists(_PIECES | TEXT, max_size=5).map("/".join)
_REFUSED = st.builds(
    lambda scheme, host, path: f"{scheme}{host}/{path}",
    st.sampled_from(
        ["https://", "gs://", "s3://", "http://", "ftp://", "file://", "FILE://", "javascript:", "", "https:"]
    ),
    st.sampled_from(["127.0.0.1:80", "[::1]", "bucket", "0x7f.1", "user:pw@h", "localhost", "", "h:99999", "\u0130"])
    | TEXT,
    _PATHS,
)
_WANTED = "wanted"


@lru_cache(maxsize=1)
def _worker() -> Worker:
    """With a real child: what it does with a file may end it."""
    pool = ChildPool(1, 700)
    atexit.register(pool.close)
    return worker_with(pool)


@FEW
@given(
    delivery=DELIVERIES, location=mostly(st.none(), _PATHS | _REFUSED), kind=st.sampled_from(KINDS), data=FILES,
    media_type=st.none() | TEXT, sha256=mostly(st.none(), TEXT | st.just("0" * 64)),
    generation=mostly(st.none(), TEXT), use_case=mostly(st.sampled_from(["receipt", "application-form"]), TEXT),
    request_id=mostly(st.just("r-1"), TEXT), parameters=st.dictionaries(TEXT, TEXT, max_size=2),
)  # fmt: skip
def test_any_request_becomes_the_parts_of_its_document_or_one_that_failed(
    delivery: Any, location: str | None, kind: str, data: bytes, media_type: str | None, sha256: str | None,
    generation: str | None, use_case: str, request_id: str, parameters: dict[str, str],
) -> None:  # fmt: skip
    here = _worker()
    place = folder() / "documents" / _WANTED
    root = place.parent.as_uri()
    named = f"{root}/{_WANTED}" if location is None else location if "://" in location else f"{root}/{location}"
    put(place, kind, data)
    request = AnalysisRequest(
        request_id, DocumentReference(named, media_type, sha256, generation), use_case, parameters
    )
    began = time.monotonic()
    try:
        received = accept(ReceivedRequest(delivery, request), ("receipt", "application-form"))
        parts = [part for _, part in outputs_of(_Open(collecting(partial(open_document, worker=here))), received, **AT)]
    finally:
        clear(place)
    assert time.monotonic() - began < _MOST_SECONDS
    _check(parts, received)


def _check(parts: list[DocumentPart], received: ReceivedRequest) -> None:
    first = parts[0]
    for part in parts:
        assert (part.delivery, part.request, part.echo) == (received.delivery, received.request, received.echo)
        ((tag, _),) = outputs_of(_Route(), part)
        assert tag == ("" if part.errors else received.request.use_case)
    if first.errors:
        assert len(parts) == 1
        assert first.errors[0].code is not ErrorCode.INTERNAL_ERROR, first.errors[0].message
    else:
        assert first.document is not None
        pages = [page.number for part in parts for page in part.pages]
        assert pages == list(range(1, first.document.page_count + 1))
    survives(DocumentPartCoder(), parts)
