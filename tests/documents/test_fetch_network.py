"""Names, addresses and connections on the way to a web server, and what it is asked for."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from documents.cache import DocumentCache
from documents.fetch import fetch
from schemas.errors import DocbeamError, ErrorCode
from schemas.request import DocumentReference
from tests.documents.conftest import WebServer

Answer = Callable[[], list[Any]]


@pytest.fixture
def other_web(tls_files: tuple[Path, Path]) -> Iterator[WebServer]:
    server = WebServer(*tls_files)
    yield server
    server.close()


def resolve_to(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    """Let the name inner.example be looked up so."""
    real = socket.getaddrinfo

    def resolve(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        return answer() if host == "inner.example" else real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def failure(web: WebServer, cache: DocumentCache, url: str, **changes: Any) -> DocbeamError:
    settings = web.settings(**{"allow": (url,), "private_hosts": ("inner.example", "localhost"), **changes})
    with pytest.raises(DocbeamError) as caught:
        fetch(DocumentReference(url), settings, cache)
    return caught.value


def no_such_name() -> list[Any]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def no_name_at_all() -> list[Any]:
    raise UnicodeError("label empty or too long")


@pytest.mark.parametrize("answer", [no_such_name, no_name_at_all, list], ids=["unknown", "no name", "no address"])
def test_a_name_that_cannot_be_looked_up_is_a_fetch_that_may_be_tried_again(
    web: WebServer, cache: DocumentCache, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    resolve_to(monkeypatch, answer)
    error = failure(web, cache, "https://inner.example/a", fetch_attempts=2)
    assert (error.code, error.code.meaning.retryable) == (ErrorCode.FETCH_FAILED, True)
    assert "looked up, 2 times in a row" in error.message


def test_a_name_server_that_does_not_answer_costs_one_connection_s_time_and_at_most_the_fetch_s(
    web: WebServer, cache: DocumentCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = threading.Event()

    def silent() -> list[Any]:
        ends.wait(20)
        return []

    resolve_to(monkeypatch, silent)
    try:
        error = failure(web, cache, "https://inner.example/a", fetch_attempts=1, connect_seconds=0.2)
        assert (error.code, "in time" in error.message) == (ErrorCode.FETCH_FAILED, True)
        error = failure(web, cache, "https://inner.example/a", fetch_attempts=1, fetch_seconds=0.2, connect_seconds=20)
        assert error.code == ErrorCode.FETCH_TIMEOUT
    finally:
        ends.set()


def test_an_address_that_does_not_answer_does_not_stand_for_the_others(
    web: WebServer, cache: DocumentCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(
        monkeypatch,
        lambda: [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, web.port)) for address in ("127.0.0.77", "127.0.0.1")
        ],
    )
    error = failure(web, cache, f"https://inner.example:{web.port}/document", fetch_attempts=1)
    assert "certificate" in error.message, "of the server at the second address, which is another's"


def test_every_address_is_vetted_before_any_is_used(
    web: WebServer, cache: DocumentCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, lambda: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 443))])
    error = failure(web, cache, "https://inner.example/a", private_hosts=())
    assert error.code == ErrorCode.LOCATION_FORBIDDEN
    assert "10.0.0.1" not in error.message


def test_a_slow_host_keeps_no_other_waiting(web: WebServer, other_web: WebServer, cache: DocumentCache) -> None:
    """Two ports are two hosts."""
    one = {"concurrent_fetches_per_host": 1}
    slow = threading.Thread(target=failure, args=(web, cache, f"{web.url}/silent"), kwargs={**one, "fetch_seconds": 2})
    slow.start()
    while not web.requests["silent"]:
        time.sleep(0.01)
    settings = other_web.settings(**one, fetch_seconds=10)
    assert fetch(DocumentReference(f"{other_web.url}/document"), settings, cache).size_bytes == len(web.document)
    assert slow.is_alive()
    slow.join()


def test_documents_are_asked_for_as_they_are(web: WebServer, cache: DocumentCache) -> None:
    fetched = fetch(DocumentReference(f"{web.url}/packed-unless-asked"), web.settings(), cache)
    assert fetched.path.read_bytes() == web.document


def test_a_redirect_to_nowhere_ends(web: WebServer, cache: DocumentCache) -> None:
    assert failure(web, cache, f"{web.url}/nowhere").code == ErrorCode.TOO_MANY_REDIRECTS
    assert web.requests["nowhere"] == 4


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_a_store_that_says_later_is_asked_again(web: WebServer, cache: DocumentCache, status: int) -> None:
    error = failure(web, cache, f"{web.url}/status/{status}", fetch_attempts=2)
    assert (error.code, web.requests["status"]) == (ErrorCode.FETCH_FAILED, 2)


@pytest.mark.parametrize("status", [400, 402, 405, 409, 418, 426, 451, 499])
def test_a_store_that_says_no_is_not_asked_again(web: WebServer, cache: DocumentCache, status: int) -> None:
    error = failure(web, cache, f"{web.url}/status/{status}", fetch_attempts=2)
    assert (error.code, web.requests["status"]) == (ErrorCode.FETCH_FAILED, 1)
    assert str(status) in error.message


def test_a_document_of_the_largest_size_arrives(web: WebServer, cache: DocumentCache) -> None:
    size = len(web.document)
    exactly = web.settings(max_bytes=size)
    assert fetch(DocumentReference(f"{web.url}/document"), exactly, cache).size_bytes == size
    less = failure(web, cache, f"{web.url}/document", max_bytes=size - 1)
    assert less.code == ErrorCode.DOCUMENT_TOO_LARGE
