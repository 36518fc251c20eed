"""Which network addresses documents may come from: public ones, looked up once and then kept to."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Collection

from documents.stores.contract import Deadline, TransientFailureError
from documents.stores.special_addresses import is_public
from schemas.errors import DocbeamError, ErrorCode


def vetted_addresses(
    host: str, port: int, private_hosts: Collection[str], deadline: Deadline, limit_seconds: float
) -> tuple[str, ...]:
    """The addresses of `host`, each of them public unless `host` is one of `private_hosts`.

    Raises DocbeamError LOCATION_FORBIDDEN if any address is not public, FETCH_TIMEOUT when the lookup takes too long,
    TransientFailureError when it fails.
    """
    addresses = _look_up(host, port, deadline, limit_seconds)
    if host not in private_hosts and not all(is_public(address) for address in addresses):
        raise DocbeamError(
            ErrorCode.LOCATION_FORBIDDEN,
            "the location's host has an address that is not public; name the host in documents.private_hosts if it may",
        )
    return addresses


def _look_up(host: str, port: int, deadline: Deadline, limit_seconds: float) -> tuple[str, ...]:
    # The resolver knows no time limit of the caller, so it waits in a thread of its own.
    answers: queue.Queue[tuple[str, ...] | OSError | UnicodeError] = queue.Queue(1)

    def resolve() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(tuple(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=resolve, name="docbeam-resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=min(limit_seconds, deadline.remaining))
    except queue.Empty:
        deadline.check()
        raise TransientFailureError("the host's name could not be looked up in time") from None
    if isinstance(answer, Exception) or not answer:
        raise TransientFailureError("the host's name could not be looked up")
    return answer
