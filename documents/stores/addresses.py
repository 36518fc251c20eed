"""Which network addresses documents may come from: public ones, looked up once and then kept to."""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from collections.abc import Collection

from documents.stores.contract import Deadline, TransientFailureError
from schemas.errors import DocbeamError, ErrorCode

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_PUBLIC_LOOKING_METADATA = frozenset((ipaddress.IPv4Address("168.63.129.16"),))
"""Azure's platform address: routable by its number, local by its meaning."""


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


def is_public(text: str) -> bool:
    """Whether the address is an ordinary one of the internet; addresses inside addresses count too."""
    try:
        address: IpAddress = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = _embedded(address)
        if inner is not None:
            return _is_ordinary(inner)
        return _is_ordinary(address) and not address.is_site_local
    return _is_ordinary(address)


def _is_ordinary(address: IpAddress) -> bool:
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address in _PUBLIC_LOOKING_METADATA
    )


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address a mapped, 6to4, Teredo, NAT64 or compatible IPv6 address leads to."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or int(address) >> 32 == 0:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


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
