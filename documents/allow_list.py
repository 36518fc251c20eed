"""Which locations may be fetched: only those below a configured prefix, in every reading of their paths."""

from __future__ import annotations

import functools
import ipaddress
import os
from collections.abc import Collection, Sequence

from documents.location import Location, parse_prefix
from documents.readings import begins_with
from schemas.errors import DocbeamError, ErrorCode


def check_allowed(location: Location, allow: Sequence[str], private_hosts: Collection[str] = ()) -> None:
    """Raise DocbeamError(LOCATION_FORBIDDEN) unless a prefix of `allow` covers `location`.

    Host and port must be equal, and the path must begin with the prefix's, spelled alike: servers differ in what they
    take for the same. Addresses in place of names are refused unless in `private_hosts`.
    file locations must lie below a root after every symbolic link is followed.
    Raises ValueError for a prefix that is no prefix: a mistake in the settings, not in the request.
    """
    if location.scheme == "https" and is_address(location.host) and location.host not in private_hosts:
        raise _forbidden("it names an address instead of a host")
    if not any(_covers(prefix, location) for prefix in parse_allow_list(tuple(allow))):
        raise _forbidden("no prefix of documents.allow covers it as it is spelled")


@functools.lru_cache(maxsize=16)
def parse_allow_list(allow: tuple[str, ...]) -> tuple[Location, ...]:
    """The prefixes of the settings; raises ValueError naming the first that cannot be one."""
    prefixes = []
    for text in allow:
        try:
            prefix = parse_prefix(text)
        except DocbeamError as error:
            raise ValueError(f"documents.allow: {text!r}: {error.message}") from None
        if "?" in prefix.url:
            raise ValueError(f"documents.allow: {text!r} has a query; a prefix is a host and path")
        prefixes.append(prefix)
    return tuple(prefixes)


def is_address(host: str) -> bool:
    """Whether `host` is an IP address rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_below(path: str, root: str) -> bool:
    """Whether `path`, all its symbolic links followed, is `root` or lies below it."""
    real_root = os.path.realpath(root)
    return os.path.commonpath((os.path.realpath(path), real_root)) == real_root


def _covers(prefix: Location, location: Location) -> bool:
    if (prefix.scheme, prefix.host, prefix.port) != (location.scheme, location.host, location.port):
        return False
    if location.scheme == "file":
        return is_below(location.path, prefix.path)
    # No reading of a location climbs (`parse_location`), so this holds for each of them.
    return begins_with(location.escaped_path, prefix.escaped_path)


def _forbidden(why: str) -> DocbeamError:
    return DocbeamError(ErrorCode.LOCATION_FORBIDDEN, f"the location may not be fetched: {why}")
