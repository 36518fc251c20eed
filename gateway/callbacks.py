"""Webhooks: a signed message to the client's own server when a request has ended (https://www.standardwebhooks.com)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
from datetime import UTC, datetime

import httpcore
from standardwebhooks import Webhook

from config.settings import Settings
from documents.location import HTTPS_PORT, Location
from documents.permission import permitted
from documents.stores.addresses import vetted_addresses
from documents.stores.contract import Deadline, TransientFailureError
from documents.stores.https import ssl_context
from documents.stores.pinned_network import PinnedBackend
from gateway.clock import moment, now_micros
from gateway.daemon_threads import DaemonThreads
from gateway.entries import MICROS, Entry
from gateway.metrics import CALLBACKS
from gateway.stores.contract import Store, StoreUnavailable
from schemas.errors import DocbeamError, ErrorCode
from schemas.request import DocumentReference

log = logging.getLogger(__name__)
EVENT = "request.ended"
_PAUSES = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000)
"""Seconds after each try, as the specification proposes."""
_SECONDS = 20.0
_CLAIM_SECONDS = 120
_SENDERS = 8
_MOST_AT_ONCE = 50
_GONE = 410
"""The receiver wants no more: https://github.com/standard-webhooks/standard-webhooks, "Disabling webhooks"."""


def signing_secret(master: str, client_id: str) -> str:
    """The client's secret, `whsec_...`: derived, so that no store holds it and no client can sign for another."""
    derived = hmac.digest(master.encode(), f"docbeam webhooks of {client_id}".encode(), "sha256")
    return "whsec_" + base64.b64encode(derived).decode()


def check_callback(url: str, settings: Settings) -> None:
    """Raise DocbeamError(CALLBACK_FORBIDDEN) unless `gateway.webhook_allow` covers the URL."""
    try:
        location = permitted(DocumentReference(url), settings.gateway.webhook_allow, settings.documents.private_hosts)
    except DocbeamError as error:
        forbidden = error.code is ErrorCode.LOCATION_FORBIDDEN
        why = "gateway.webhook_allow does not cover it" if forbidden else error.message
        raise DocbeamError(ErrorCode.CALLBACK_FORBIDDEN, f"callback_url may not be called: {why}") from None
    if location.scheme != "https":
        raise DocbeamError(ErrorCode.CALLBACK_FORBIDDEN, "callback_url must be an https URL")


class Callbacks:
    """Delivers what is due, with growing pauses; whichever gateway finds it."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._threads = DaemonThreads(_SENDERS, "call back")

    async def work_for_ever(self) -> None:
        """Every `gateway.sweep_seconds`."""
        while True:
            await asyncio.sleep(self._settings.gateway.sweep_seconds)
            try:
                await self.sweep()
            except StoreUnavailable:
                # The upkeep says so.
                continue
            except Exception:
                log.exception("webhooks failed")

    async def sweep(self) -> None:
        """One round. Nothing where there is no secret to sign with."""
        if self._settings.gateway.webhook_secret is None:
            return
        now = now_micros()
        until = now + _CLAIM_SECONDS * MICROS
        due = await self._store.claim_callbacks(now, until, _MOST_AT_ONCE)
        await asyncio.gather(*(self._call(entry, until) for entry in due))

    async def _call(self, entry: Entry, claimed_until: int) -> None:
        try:
            status = await self._threads.run(self._deliver, entry)
        except (DocbeamError, TransientFailureError) as error:
            log.info(
                "a webhook could not be delivered: %s", type(error).__name__, extra={"request_id": entry.request_id}
            )
            status = 0
        if 200 <= status < 300:
            CALLBACKS.labels("delivered").inc()
            await self._store.called_back(entry.request_id, claimed_until, None)
        elif status == _GONE or entry.callback_attempts >= self._settings.gateway.webhook_attempts:
            CALLBACKS.labels("given_up").inc()
            log.warning("a webhook is given up", extra={"request_id": entry.request_id, "status": status})
            await self._store.called_back(entry.request_id, claimed_until, None)
        else:
            CALLBACKS.labels("failed").inc()
            pause = _PAUSES[min(entry.callback_attempts, len(_PAUSES)) - 1]
            await self._store.called_back(entry.request_id, claimed_until, now_micros() + pause * MICROS)

    def _deliver(self, entry: Entry) -> int:
        """The receiver's status. Raises DocbeamError for an address that may not be called, TransientFailureError."""
        documents = self._settings.documents
        check_callback(entry.callback_url, self._settings)
        location = permitted(
            DocumentReference(entry.callback_url), self._settings.gateway.webhook_allow, documents.private_hosts
        )
        deadline = Deadline(_SECONDS)
        addresses = vetted_addresses(
            location.host, location.port or HTTPS_PORT, documents.private_hosts, deadline, documents.connect_seconds
        )
        body = message(entry)
        headers = self._signed(entry, body) | {"Host": _host(location), "Content-Type": "application/json"}
        pool = httpcore.ConnectionPool(
            ssl_context=ssl_context(documents.https_cafile),
            max_keepalive_connections=0,
            network_backend=PinnedBackend(addresses, deadline),
        )
        url = httpcore.URL(scheme="https", host=location.host, port=location.port or HTTPS_PORT, target=location.target)
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), documents.connect_seconds)
        try:
            with (
                pool,
                pool.stream(
                    "POST", url, headers=headers, content=body.encode(), extensions={"timeout": timeouts}
                ) as response,
            ):
                # What it says besides is not read.
                return int(response.status)
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise TransientFailureError(f"the connection failed ({type(error).__name__})") from None

    def _signed(self, entry: Entry, body: str) -> dict[bytes | str, bytes | str]:
        master = self._settings.gateway.webhook_secret
        assert master is not None
        name = message_id(entry)
        at = datetime.now(UTC)
        secret = Webhook(signing_secret(master.get_secret_value(), entry.client_id))
        return {
            "User-Agent": "docbeam",
            "webhook-id": name,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": secret.sign(name, at, body),
        }


def message_id(entry: Entry) -> str:
    """The same for each try of one message, another for another end of the same request."""
    said = f"{entry.request_id}/{entry.created_at}/{entry.updated_at}"
    return "msg_" + hashlib.sha256(said.encode()).hexdigest()[:32]


def message(entry: Entry) -> str:
    """The body: that the request has ended and how; what was read is fetched, with a key."""
    return json.dumps(
        {
            "type": EVENT,
            "timestamp": moment(entry.updated_at).isoformat(),
            "data": {
                "request_id": entry.request_id,
                "status": entry.status.value,
                "use_case": entry.use_case,
                "error": None if entry.error is None else json.loads(entry.error)["code"],
                "url": f"/v1/requests/{entry.request_id}",
            },
        }
    )


def _host(location: Location) -> str:
    host = f"[{location.host}]" if ":" in location.host else location.host
    return host if location.port in (None, HTTPS_PORT) else f"{host}:{location.port}"
