import email.utils
import hashlib
import logging
import os
import socket
import threading
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from documents.fetch import fetch
from schemas.errors import DocbeamError, ErrorCode
from schemas.request import DocumentReference


def cache_folder(cache) -> Path:
    with cache.incoming() as path:
        return path.parent


def wait_until(condition, seconds=5.0) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "a fetch that ended left something behind"
        time.sleep(0.01)


def failure(url, settings, cache, **reference) -> ErrorCode:
    with pytest.raises(DocbeamError) as caught:
        fetch(DocumentReference(url, **reference), settings, cache)
    wait_until(lambda: not list(cache_folder(cache).glob("*.incoming")))
    return caught.value.code


def test_a_document_arrives_whole(web, cache):
    fetched = fetch(DocumentReference(f"{web.url}/document/form.pdf"), web.settings(), cache)
    assert fetched.path.read_bytes() == web.document
    assert fetched.sha256 == hashlib.sha256(web.document).hexdigest()
    assert (fetched.size_bytes, fetched.etag, fetched.from_cache) == (len(web.document), '"abc"', False)
    assert web.hosts == {f"localhost:{web.port}"}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/nothing-here", ErrorCode.DOCUMENT_NOT_FOUND),
        ("/status/410", ErrorCode.DOCUMENT_NOT_FOUND),
        ("/status/401", ErrorCode.DOCUMENT_ACCESS_DENIED),
        ("/status/403", ErrorCode.DOCUMENT_ACCESS_DENIED),
        ("/status/400", ErrorCode.FETCH_FAILED),
        ("/status/503", ErrorCode.FETCH_FAILED),
        ("/empty", ErrorCode.DOCUMENT_EMPTY),
        ("/short", ErrorCode.FETCH_FAILED),
        ("/announced-huge", ErrorCode.DOCUMENT_TOO_LARGE),
        ("/endless", ErrorCode.DOCUMENT_TOO_LARGE),
        ("/compressed", ErrorCode.FETCH_FAILED),
        ("/bomb", ErrorCode.FETCH_FAILED),
        ("/encoded-twice", ErrorCode.FETCH_FAILED),
        ("/part", ErrorCode.FETCH_FAILED),
        ("/status/202", ErrorCode.FETCH_FAILED),
        ("/status/204", ErrorCode.DOCUMENT_EMPTY),
        ("/status/304", ErrorCode.FETCH_FAILED),
        ("/status/416", ErrorCode.FETCH_FAILED),
        ("/header-flood", ErrorCode.FETCH_FAILED),
        ("/two-lengths", ErrorCode.FETCH_FAILED),
        ("/no-http", ErrorCode.FETCH_FAILED),
        ("/giant-chunk", ErrorCode.DOCUMENT_TOO_LARGE),
        ("/loop", ErrorCode.TOO_MANY_REDIRECTS),
        ("/hops/3", ErrorCode.TOO_MANY_REDIRECTS),
    ],
)
def test_each_way_to_fail_has_its_code(web, cache, path, code):
    assert failure(web.url + path, web.settings(fetch_attempts=1), cache) == code


def test_what_may_pass_is_tried_again_and_what_will_not_is_not(web, cache):
    settings = web.settings(fetch_attempts=3)
    for path in ("busy-once", "reset-once"):
        assert fetch(DocumentReference(f"{web.url}/{path}"), settings, cache).path.read_bytes() == web.document
        assert web.requests[path] == 2
    assert failure(f"{web.url}/status/500", settings, cache) == ErrorCode.FETCH_FAILED
    assert web.requests["status"] == 3
    assert failure(f"{web.url}/missing", settings, cache) == ErrorCode.DOCUMENT_NOT_FOUND
    assert web.requests["missing"] == 1


def test_a_store_that_is_away_is_asked_for_as_long_as_a_fetch_may_take(web, cache):
    assert fetch(DocumentReference(f"{web.url}/busy-for/3"), web.settings(), cache).path.read_bytes() == web.document
    assert web.requests["busy-for"] == 4
    with pytest.raises(DocbeamError, match=r"503, [0-9]+ times in a row") as caught:
        fetch(DocumentReference(f"{web.url}/status/503"), web.settings(fetch_seconds=3), cache)
    assert caught.value.code == ErrorCode.FETCH_FAILED
    assert caught.value.code.meaning.retryable
    assert web.requests["status"] >= 2


def test_a_store_that_fails_and_then_says_nothing_is_told_of_with_both(web, cache):
    with pytest.raises(DocbeamError, match=r"503, and one more try took too long") as caught:
        fetch(DocumentReference(f"{web.url}/busy-then-silent"), web.settings(fetch_seconds=3), cache)
    assert caught.value.code == ErrorCode.FETCH_FAILED


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_store_is_not_asked_again_before_it_says(web, cache, form):
    asked = "1" if form == "seconds" else email.utils.formatdate(time.time() + 2, usegmt=True)
    started = time.time()
    fetch(DocumentReference(f"{web.url}/busy-for/1/{quote(asked)}"), web.settings(), cache)
    assert web.requests["busy-for"] == 2
    assert time.time() - started >= 1 - 0.001


@pytest.mark.parametrize("asked", ["60", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_store_that_says_later_than_the_fetch_may_last_is_not_asked_again(web, cache, asked):
    assert failure(f"{web.url}/busy-for/1/{quote(asked)}", web.settings(), cache) == ErrorCode.FETCH_FAILED
    assert web.requests["busy-for"] == 1


@pytest.mark.parametrize("asked", ["soon", "-1", "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 99 Foo 2026 99:99:99", "1e999"])
def test_a_store_that_says_nonsense_is_asked_again_soon(web, cache, asked):
    fetch(DocumentReference(f"{web.url}/busy-for/1/{quote(asked)}"), web.settings(), cache)


def test_a_fetch_that_pauses_leaves_its_place_to_others(web, cache):
    settings = web.settings(concurrent_fetches_per_host=1)
    patient = threading.Thread(target=fetch, args=(DocumentReference(f"{web.url}/busy-for/1/2"), settings, cache))
    patient.start()
    wait_until(lambda: web.requests["busy-for"])
    hasty = web.settings(concurrent_fetches_per_host=1, fetch_seconds=4)
    assert fetch(DocumentReference(f"{web.url}/document"), hasty, cache).size_bytes == len(web.document)
    assert web.requests["busy-for"] == 1
    patient.join()


@pytest.mark.parametrize("path", ["trickle", "trickle-headers", "trickle-chunks", "informed", "silent"])
def test_a_server_that_takes_its_time_is_cut_off(web, cache, path):
    settings = web.settings(fetch_seconds=0.7, connect_seconds=5)
    assert failure(f"{web.url}/{path}", settings, cache) == ErrorCode.FETCH_TIMEOUT


def test_a_server_that_accepts_and_never_speaks_tls_is_cut_off(web, cache):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"https://localhost:{mute.getsockname()[1]}/a.pdf"
        settings = web.settings(allow=(url,), fetch_seconds=0.5)
        assert failure(url, settings, cache) == ErrorCode.FETCH_TIMEOUT


def test_a_closed_port_is_a_failed_fetch(web, cache):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    url = f"https://localhost:{port}/a.pdf"
    assert failure(url, web.settings(allow=(url,), fetch_attempts=2), cache) == ErrorCode.FETCH_FAILED


def test_redirects_are_followed_up_to_the_limit(web, cache):
    assert fetch(DocumentReference(f"{web.url}/hops/2"), web.settings(), cache).path.read_bytes() == web.document
    assert failure(f"{web.url}/hops/0", web.settings(max_redirects=0), cache) == ErrorCode.TOO_MANY_REDIRECTS


@pytest.mark.parametrize(
    "target",
    [
        "http://localhost/document",
        "file:///etc/passwd",
        "gs://bucket/key",
        "https://example.org/document",
        "https://169.254.169.254/latest/meta-data",
        "//user:secret@localhost/document",
        "/forbidden/document",
        "/public/../forbidden/document",
        "/public/%2e%2e/forbidden/document",
        "/document/..;/forbidden/document",
        "/document/%2e%2e;/forbidden/document",
        "/document/..%3b/forbidden/document",
        "/document%2fforbidden",
        "/document;/forbidden",
    ],
)
def test_no_redirect_leads_out_of_the_allow_list(web, cache, target):
    settings = web.settings(allow=(f"{web.url}/to", f"{web.url}/document"))
    assert failure(f"{web.url}/to?{target}", settings, cache) == ErrorCode.LOCATION_FORBIDDEN
    assert web.requests["forbidden"] == 0


def test_the_server_is_asked_for_the_very_path_that_was_checked(web, cache):
    """A reader of URLs that knows parameters would leave them out of the last segment."""
    target = "/document/a;b/c;d=1.pdf?x=%2F;y"
    fetch(DocumentReference(web.url + target), web.settings(allow=(f"{web.url}/document/",)), cache)
    assert web.targets == [target]


def test_private_addresses_are_refused_unless_the_host_is_named(web, cache):
    settings = web.settings(private_hosts=())
    assert failure(f"{web.url}/document", settings, cache) == ErrorCode.LOCATION_FORBIDDEN
    assert failure(f"https://127.0.0.1:{web.port}/document", web.settings(), cache) == ErrorCode.LOCATION_FORBIDDEN
    assert not web.requests
    named = web.settings(private_hosts=("127.0.0.1",))
    reference = DocumentReference(f"https://127.0.0.1:{web.port}/document")
    assert fetch(reference, named, cache).path.read_bytes() == web.document


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1",), ("8.8.8.8", "127.0.0.1"), ("::1",), ("::ffff:10.0.0.1",), ("192.0.0.192",)]
)
def test_no_redirect_leads_to_a_name_whose_address_is_not_public(web, cache, monkeypatch, addresses):
    real = socket.getaddrinfo

    def resolve(host, port, *args, **kwargs):
        if host != "inner.example":
            return real(host, port, *args, **kwargs)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    inner = f"https://inner.example:{web.port}/"
    settings = web.settings(allow=(f"{web.url}/", inner))
    assert failure(f"{web.url}/to?{inner}document", settings, cache) == ErrorCode.LOCATION_FORBIDDEN
    assert not web.requests["document"]


def test_the_connection_goes_to_the_address_that_was_checked(web, cache, monkeypatch):
    """A name that changes its address after the check (DNS rebinding) must not be looked up again."""
    answers = []
    real = socket.getaddrinfo

    def changing(host, port=None, *args, **kwargs):
        if str(port) not in web.url:
            # Threads of other tests in this process look names up too.
            return real(host, port, *args, **kwargs)
        answers.append(host)
        return real("localhost" if answers.count(host) == 1 else "127.0.0.99", port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    fetch(DocumentReference(f"{web.url}/document"), web.settings(), cache)
    assert answers.count("localhost") == 1


def test_an_unknown_authority_is_a_failed_fetch_without_retries(web, cache):
    settings = web.settings(https_cafile=None, fetch_attempts=3, fetch_seconds=5)
    with pytest.raises(DocbeamError, match="certificate") as caught:
        fetch(DocumentReference(f"{web.url}/document"), settings, cache)
    assert caught.value.code == ErrorCode.FETCH_FAILED


def test_a_certificate_for_another_host_is_refused(web, cache, monkeypatch):
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *a, **k: real("127.0.0.1", *a, **k))
    url = f"https://other.example:{web.port}/document"
    settings = web.settings(allow=(url,), private_hosts=("other.example",))
    with pytest.raises(DocbeamError, match="certificate"):
        fetch(DocumentReference(url), settings, cache)
    assert not web.requests


def test_a_document_other_than_the_one_named_is_refused(web, cache):
    assert failure(f"{web.url}/document", web.settings(), cache, sha256="0" * 64) == ErrorCode.DOCUMENT_CHANGED
    assert failure(f"{web.url}/document", web.settings(), cache, generation="3") == ErrorCode.INVALID_REQUEST


def test_the_second_fetch_of_a_known_hash_needs_no_server(web, cache):
    url = f"{web.url}/document"
    first = fetch(DocumentReference(url), web.settings(), cache)
    again = fetch(DocumentReference(url, sha256=first.sha256), web.settings(), cache)
    assert again.from_cache
    assert (again.path, again.etag) == (first.path, first.etag)
    assert web.requests["document"] == 1
    assert not fetch(DocumentReference(url), web.settings(), cache).from_cache
    forbidden = web.settings(allow=())
    assert failure(url, forbidden, cache, sha256=first.sha256) == ErrorCode.LOCATION_FORBIDDEN


def test_fetches_of_one_host_wait_for_one_another(web, cache):
    settings = web.settings(concurrent_fetches_per_host=1, fetch_seconds=1.5)
    slow = threading.Thread(target=failure, args=(f"{web.url}/silent", settings, cache))
    slow.start()
    while not web.requests["silent"]:
        pass
    assert failure(f"{web.url}/document", web.settings(concurrent_fetches_per_host=1, fetch_seconds=0.3), cache) == (
        ErrorCode.FETCH_TIMEOUT
    )
    slow.join()
    assert web.requests["document"] == 0


def test_locations_and_content_are_never_logged(web, cache, caplog):
    caplog.set_level(logging.DEBUG)
    fetch(DocumentReference(f"{web.url}/document/very-private-name.pdf"), web.settings(), cache)
    failure(f"{web.url}/status/503/very-private-name/503", web.settings(fetch_attempts=2), cache)
    assert "very-private-name" not in caplog.text


def test_fetches_that_fail_leave_no_descriptor_and_no_thread_behind(web, cache):
    """Each way to fail, many times: what is open afterwards is what was open before."""
    ways = ("missing", "status/500", "short", "endless", "loop", "no-http", "trickle", "compressed")
    settings = web.settings(fetch_attempts=1, fetch_seconds=0.5)

    def fail_all() -> None:
        for way in ways:
            with pytest.raises(DocbeamError):
                fetch(DocumentReference(f"{web.url}/{way}"), settings, cache)

    def ours() -> int:
        return sum(thread.name.startswith("docbeam") for thread in threading.enumerate())

    def descriptors() -> int:
        # The server's ends are in this process too, and close a little later.
        return len(os.listdir("/proc/self/fd"))

    fail_all()
    wait_until(lambda: ours() == 0)
    before = descriptors()
    for _ in range(6):
        fail_all()
    wait_until(lambda: ours() == 0)
    # Threads of tests before this one open some of their own meanwhile, never one for each way to fail.
    wait_until(lambda: descriptors() < before + len(ways))
