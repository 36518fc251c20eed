"""One question to the schema registry over HTTP: bounded in time and size, whatever it answers."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import certifi
import httpx

from config.settings import RegistrySettings
from schemas.json_text import parse_json

_MAX_BYTES = 1_000_000
"""Of an answer: a schema of the largest text that may be used fits, however it is escaped."""
_MAX_JSON_DEPTH = 32
_ACCEPT = "application/vnd.schemaregistry.v1+json, application/vnd.schemaregistry+json, application/json"


class RegistryAway(Exception):
    """It gave no answer at all; the message says how."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What it said."""

    status: int
    content: Any
    """The JSON, or None where the answer was none."""


def ask(path: str, settings: RegistrySettings) -> Answer:
    """The registry's answer to GET `path`; of several URLs, that of the first that is not out of order.

    Takes at most about the time-out of the settings for each URL. Raises RegistryAway.
    """
    found: Answer | None = None
    failure = ""
    for url in settings.url.split(","):
        try:
            found = _get(f"{url.strip().rstrip('/')}/{path}", settings)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            failure = type(error).__name__
            continue
        if found.status < 500 and found.status != 429:
            break
    if found is None:
        raise RegistryAway(failure)
    return found


def _get(url: str, settings: RegistrySettings) -> Answer:
    ends = time.monotonic() + settings.timeout_seconds
    content = bytearray()
    with _client(settings).stream("GET", url) as response:
        for chunk in response.iter_raw():
            content += chunk
            if len(content) > _MAX_BYTES:
                return Answer(response.status_code, None)
            if time.monotonic() > ends:
                raise httpx.ReadTimeout("it does not come to an end")
        return Answer(response.status_code, _json(bytes(content)))


def _json(content: bytes) -> Any:
    try:
        return parse_json(content.decode(), _MAX_BYTES, _MAX_JSON_DEPTH)
    except ValueError:
        return None


@lru_cache(maxsize=4)
def _client(settings: RegistrySettings) -> httpx.Client:
    login = None
    if settings.username and settings.password:
        login = httpx.BasicAuth(settings.username, settings.password.get_secret_value())
    trusted = ssl.create_default_context(cafile=str(settings.ssl_cafile or certifi.where()))
    # Not compressed: a small answer must not unpack to a large one.
    headers = {"Accept": _ACCEPT, "Accept-Encoding": "identity"}
    return httpx.Client(verify=trusted, auth=login, timeout=settings.timeout_seconds, headers=headers)
