"""What `docbeam doctor` says of the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec

import httpx

from config.settings import Settings
from documents.allow_list import check_allowed
from documents.location import parse_location
from schemas.errors import DocbeamError

_STORES = ("sqlite", "mongodb", "mongodb+srv", "postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class Told:
    """One check: how it came out (ok, warn or fail), what was found, what to do."""

    state: str
    found: str
    cure: str = ""


def gateway_checks(settings: Settings) -> Iterator[Told]:
    """Whether a gateway could be started with these settings, and whether one answers at `client.url`."""
    gateway = settings.gateway
    if find_spec("fastapi") is None:
        yield Told("ok", "not installed here: docbeam's extra 'gateway' brings it")
        return
    scheme = gateway.store.get_secret_value().partition("://")[0]
    if scheme not in _STORES:
        yield Told("fail", f"gateway.store has the scheme {scheme!r}", f"use one of {', '.join(_STORES)}")
    if gateway.upload_prefix is not None and not _covered(gateway.upload_prefix, settings):
        yield Told(
            "fail", "uploads could be kept and not read: documents.allow does not cover gateway.upload_prefix",
            "add it to documents.allow, of the job as well",
        )  # fmt: skip
    yield _answering(settings.client.url)


def _covered(prefix: str, settings: Settings) -> bool:
    try:
        check_allowed(parse_location(f"{prefix.rstrip('/')}/a/b.pdf"), settings.documents.allow)
    except (DocbeamError, ValueError):
        return False
    return True


def _answering(url: str) -> Told:
    try:
        answer = httpx.get(f"{url.rstrip('/')}/readyz", timeout=5)
        said = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return Told("ok", f"none answers at {url} ({type(error).__name__}); `docbeam gateway` starts one")
    if not isinstance(said, dict):
        return Told("warn", f"what answers at {url} is no gateway", "correct client.url")
    if answer.status_code != httpx.codes.OK:
        return Told("fail", f"{url}: {said.get('detail', 'not ready')}", "see its log, and gateway.store")
    if said.get("status") != "ready":
        return Told("warn", f"{url} keeps requests, and Kafka does not answer it", "check kafka.bootstrap")
    return Told("ok", f"{url}, {said.get('backlog', '?')} requests unfinished")
