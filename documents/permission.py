"""Whether a document may be fetched at all: the gateway asks when a request comes, and the worker again."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from config.settings import DocumentSettings
from documents.allow_list import check_allowed
from documents.location import HTTPS_PORT, Location, parse_location
from documents.stores.addresses import vetted_addresses
from documents.stores.contract import Deadline, TransientFailureError
from schemas.errors import DocbeamError, ErrorCode
from schemas.request import DocumentReference

_VERSIONED_SCHEMES = ("gs", "s3")


def permitted(reference: DocumentReference, allow: Sequence[str], private_hosts: Collection[str] = ()) -> Location:
    """The location of a document that may be fetched; nothing is looked up in the network.

    Raises DocbeamError INVALID_LOCATION, LOCATION_FORBIDDEN, or INVALID_REQUEST (a generation where there are none).
    """
    location = parse_location(reference.location)
    check_allowed(location, allow, private_hosts)
    if reference.generation is not None and location.scheme not in _VERSIONED_SCHEMES:
        raise DocbeamError(
            ErrorCode.INVALID_REQUEST, "document.generation has a meaning for gs and s3 only; leave it out"
        )
    return location


def check_host(location: Location, settings: DocumentSettings, seconds: float) -> None:
    """Look the host of an https location up, and refuse it where an address is not public.

    A host that cannot be looked up now is left to the worker, which pins what it looked up itself.
    Raises DocbeamError(LOCATION_FORBIDDEN).
    """
    if location.scheme != "https":
        return
    port = location.port or HTTPS_PORT
    try:
        vetted_addresses(location.host, port, settings.private_hosts, Deadline(seconds), seconds)
    except TransientFailureError:
        return
    except DocbeamError as error:
        if error.code is not ErrorCode.FETCH_TIMEOUT:
            raise
