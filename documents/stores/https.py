"""https://: web servers, none of which is trusted."""

from __future__ import annotations

import functools
import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import certifi
import httpcore

from config.settings import DocumentSettings
from documents.allow_list import check_allowed
from documents.location import HTTPS_PORT, Location, parse_location
from documents.stores.addresses import vetted_addresses
from documents.stores.contract import Deadline, Sink, StoreFacts, TransientFailureError, check_status
from documents.stores.pinned_network import PinnedBackend
from schemas.errors import DocbeamError, ErrorCode

_REDIRECTS = (301, 302, 303, 307, 308)
_USER_AGENT = "docbeam"
_LONGEST_LENGTH = 20
"""Digits of a length that can be meant; the protocol library refuses more, and so would int()."""

# Locations must not be logged, and the library writes them at its most talkative level.
logging.getLogger("httpcore").setLevel(logging.WARNING)


class HttpsStore:
    """Follows redirects by hand: each hop passes the same checks as the location itself."""

    def read(
        self, location: Location, generation: str | None, sink: Sink, settings: DocumentSettings, deadline: Deadline
    ) -> StoreFacts:
        """See `Store.read`."""
        for _ in range(settings.max_redirects + 1):
            with _response(location, settings, deadline) as response:
                if response.status not in _REDIRECTS:
                    return _receive(response, sink)
                location = _next_hop(location, response, settings)
        raise DocbeamError(
            ErrorCode.TOO_MANY_REDIRECTS,
            f"the location redirects more than {settings.max_redirects} times; send the final location",
        )


@contextmanager
def _response(location: Location, settings: DocumentSettings, deadline: Deadline) -> Iterator[httpcore.Response]:
    port = location.port or HTTPS_PORT
    addresses = vetted_addresses(
        location.host, port, settings.private_hosts, deadline, limit_seconds=settings.connect_seconds
    )
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), settings.connect_seconds)
    host = f"[{location.host}]" if ":" in location.host else location.host
    headers: dict[bytes | str, bytes | str] = {
        "Host": host if port == HTTPS_PORT else f"{host}:{port}",
        "User-Agent": _USER_AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
    }
    # In its parts: read as a text, the library would drop the `;parameters` of the last segment.
    url = httpcore.URL(scheme="https", host=location.host, port=port, target=location.target)
    # A pool for each hop: a connection is never shared by two names that happen to have one address.
    pool = httpcore.ConnectionPool(
        ssl_context=ssl_context(settings.https_cafile),
        max_keepalive_connections=0,
        network_backend=PinnedBackend(addresses, deadline),
    )
    try:
        with pool, pool.stream("GET", url, headers=headers, extensions={"timeout": timeouts}) as response:
            yield response
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        deadline.check()
        raise _failure(error) from None


def _failure(error: Exception) -> Exception:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return DocbeamError(
                ErrorCode.FETCH_FAILED, "the server's certificate is not trusted; see documents.https_cafile"
            )
        cause = cause.__cause__ or cause.__context__
    return TransientFailureError(f"the connection to the server failed ({type(error).__name__})")


def _receive(response: httpcore.Response, sink: Sink) -> StoreFacts:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    check_status(response.status, headers.get("retry-after"))
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise DocbeamError(ErrorCode.FETCH_FAILED, "the server compresses the document unasked; serve it as it is")
    length = headers.get("content-length", "")
    sink.expect(int(length) if length.isdecimal() and len(length) <= _LONGEST_LENGTH else None)
    for chunk in response.iter_stream():
        sink.write(chunk)
    return StoreFacts(etag=headers.get("etag"))


def _next_hop(location: Location, response: httpcore.Response, settings: DocumentSettings) -> Location:
    target = next((value for name, value in response.headers if name.lower() == b"location"), b"")
    try:
        hop = parse_location(urldefrag(urljoin(location.url, target.decode("utf-8"))).url)
        if hop.scheme != "https":
            raise DocbeamError(ErrorCode.LOCATION_FORBIDDEN, "the redirect leaves https")
        check_allowed(hop, settings.allow, settings.private_hosts)
    except (DocbeamError, ValueError):
        raise DocbeamError(
            ErrorCode.LOCATION_FORBIDDEN, "the location redirects to one that may not be fetched; send the final one"
        ) from None
    return hop


@functools.lru_cache(maxsize=4)
def ssl_context(cafile: Path | None) -> ssl.SSLContext:
    """Trusts the usual authorities, and those of `cafile`."""
    context = ssl.create_default_context(cafile=certifi.where())
    if cafile is not None:
        context.load_verify_locations(cafile)
    return context
