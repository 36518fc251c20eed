"""From a call to an entry: valid, its location allowed, its id free."""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from dataclasses import asdict

from config.settings import GatewaySettings, Settings
from documents.permission import check_host, permitted
from gateway.bodies import SendBody
from gateway.clock import moment
from gateway.entries import MICROS, Entry, Origin, request_json
from gateway.principal import Principal
from gateway.problems import Refusal
from gateway.uploads import check_own_upload
from schemas.errors import DocbeamError, ErrorCode
from schemas.progress import RequestStatus
from schemas.request import AnalysisRequest, DocumentReference, as_meant, check_request

_LOOK_UP_SECONDS = 3.0


def request_of(body: SendBody, principal: Principal, now: int) -> AnalysisRequest:
    """The request as the job will read it. Raises DocbeamError(INVALID_REQUEST)."""
    if body.names_a_path:
        raise DocbeamError(ErrorCode.INVALID_REQUEST, "request_id must not be . or .., which addresses leave out")
    reference = DocumentReference(body.location, body.media_type, body.sha256, body.generation)
    return check_request(
        as_meant(
            AnalysisRequest(
                request_id=body.request_id or str(uuid.uuid4()),
                document=reference,
                use_case=body.use_case,
                parameters=body.parameters,
                client_id=principal.client_id,
                submitted_at=moment(now),
            )
        )
    )


async def check_location(request: AnalysisRequest, principal: Principal, settings: Settings) -> None:
    """By the worker's own code, within what the client may send, and no other client's upload.

    Raises DocbeamError INVALID_LOCATION, LOCATION_FORBIDDEN or INVALID_REQUEST.
    """
    scheme = request.document.location.partition(":")[0].lower()
    if scheme in ("gs", "s3"):
        _check(request.document, principal, settings)
    else:
        # Looks at symbolic links or names of hosts, which may take a moment.
        await asyncio.to_thread(_check, request.document, principal, settings)


def _check(reference: DocumentReference, principal: Principal, settings: Settings) -> None:
    documents = settings.documents
    location = permitted(reference, documents.allow, documents.private_hosts)
    own_upload = check_own_upload(location, principal, settings.gateway.upload_prefix)
    if principal.allow and not own_upload:
        try:
            permitted(reference, principal.allow, documents.private_hosts)
        except DocbeamError as error:
            if error.code is not ErrorCode.LOCATION_FORBIDDEN:
                raise
            raise DocbeamError(error.code, "the location is not one that this key or token may send") from None
    check_host(location, documents, _LOOK_UP_SECONDS)


def entry_of(
    request: AnalysisRequest, settings: GatewaySettings, now: int, due_at: int | None, callback_url: str = ""
) -> Entry:
    """A new entry; `due_at` None for a request that is on Kafka already."""
    sent = due_at is None
    return Entry(
        request_id=request.request_id,
        client_id=request.client_id,
        use_case=request.use_case,
        origin=Origin.KAFKA if sent else Origin.REST,
        status=RequestStatus.PROCESSING if sent else RequestStatus.RECEIVED,
        rank=1 if sent else 0,
        version=0,
        created_at=now,
        updated_at=now,
        deadline_at=now + settings.deadline_seconds * MICROS,
        expires_at=now + settings.retention_seconds * MICROS,
        request=request_json(request),
        body_hash=body_hash(request, callback_url),
        attempts=1,
        due_at=due_at,
        callback_url=callback_url,
    )


def body_hash(request: AnalysisRequest, callback_url: str) -> str:
    """Equal for equal wishes of one client."""
    said = [request.client_id, asdict(request.document), request.use_case, request.parameters, callback_url]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def check_same(known: Entry, wanted: Entry) -> None:
    """Raise Refusal unless the entry that has the id already is of the same wish."""
    if known.body_hash != wanted.body_hash:
        raise Refusal(
            ErrorCode.REQUEST_CONFLICT,
            "the id was used for another request; choose another one, or none",
            request_id=wanted.request_id,
        )
    if known.expired:
        raise Refusal(
            ErrorCode.REQUEST_EXPIRED, "the request of this id has expired; choose another id",
            request_id=wanted.request_id,
        )  # fmt: skip
