"""Who may call a door that is open: programs of this machine, and no page that its browser shows of somebody else's.

Such a page reaches the loopback address too. By a name of its own that it lets resolve to it (DNS rebinding) it would
even read the answers: then `Host` is that name. Without, it may post: then `Origin` is another host than `Host`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from schemas.errors import DocbeamError, ErrorCode


def check_own_machine(headers: Mapping[str, str]) -> None:
    """Raise DocbeamError(PERMISSION_DENIED) for a call that another site's page makes."""
    host = headers.get("host", "").strip().lower()
    if host and not _is_loopback(_name(host)):
        raise _refused("the gateway is open to this machine alone, so it answers as localhost or 127.0.0.1 only")
    origin = headers.get("origin")
    if origin is not None and origin.strip().lower().partition("://")[2] != host:
        raise _refused("the gateway is open to this machine alone, and no page of another site may call it")


def _name(host: str) -> str:
    """Without the port."""
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _refused(why: str) -> DocbeamError:
    return DocbeamError(ErrorCode.PERMISSION_DENIED, f"{why}; others need a key (gateway.access)")
