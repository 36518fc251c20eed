"""One request to BigQuery: which rows it took and which not; any answer that is not understood took none.

`insertAll` is called over plain HTTP: the client library follows redirects, waits without end for an answer that
drips, and takes `{"error": ...}` with status 200 for rows that are stored.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.auth.credentials import Credentials
from google.auth.transport.requests import AuthorizedSession

from config.settings import BigQuerySettings
from connections.warehouse import credentials, table_url

ROWS = 20
"""Of one request, at most."""
BYTES = 4_000_000
"""Of one request with several rows. The service takes 10 MB."""
_ANSWER_BYTES = 4_000_000
_COLUMN = re.compile(r"[A-Za-z0-9_.\[\]]{1,200}")
_REASON = re.compile(r"[A-Za-z]{1,60}")
_TOO_LARGE = 413


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is sent."""

    insert_id: str
    body: bytes
    """JSON."""
    whole: bool = True
    """Not a stand-in."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row was not taken, in words that hold nothing of the row."""

    reason: str
    too_large: bool = False


class NotUnderstood(Exception):
    """An answer that says nothing of the rows."""


def encoded(row: dict[str, Any], *, whole: bool = True) -> Row:
    """The row to be sent.

    BigQuery drops rows whose insert id it saw within the last minute, as well as it can. Repeats share one; a stand-in
    must not have that of the row whose place it takes for a while. Ids end at 128 bytes, so they are hashed.
    """
    name = f"{'row' if whole else 'stand-in'}:{row['row_id']}"
    insert_id = hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()
    return Row(insert_id, json.dumps(row).encode(), whole)


class InsertAll:
    """The results table, over HTTP. For any number of threads."""

    def __init__(self, settings: BigQuerySettings) -> None:
        self._settings = settings
        self._url = table_url(settings)
        self._credentials: Credentials | None = None
        self._idle: deque[AuthorizedSession] = deque()

    def send(self, rows: Sequence[Row]) -> list[Refusal | None]:
        """Send once. For each row None, or why it was not taken: then it may be stored all the same. Never raises."""
        body = b'{"skipInvalidRows":true,"rows":[%s]}' % b",".join(
            b'{"insertId":"%s","json":%s}' % (row.insert_id.encode(), row.body) for row in rows
        )
        try:
            status, content = self._ask("POST", f"{self._url}/insertAll?prettyPrint=false", body)
            if status != 200:
                return [Refusal(f"HTTP {status}{_reasons(content)}", too_large=status == _TOO_LARGE)] * len(rows)
            return _outcomes(content, len(rows))
        except Exception as error:
            reason = str(error) if isinstance(error, NotUnderstood) else type(error).__name__
            return [Refusal(reason)] * len(rows)

    def columns(self) -> list[dict[str, Any]] | None:
        """Of the live table, in the form of the REST API; None if the service does not tell them.

        Raises when it cannot be asked: no connection, status 429 or above 501.
        """
        status, content = self._ask("GET", f"{self._url}?prettyPrint=false", None)
        if status in (429, 500) or status > 501:
            raise NotUnderstood(f"HTTP {status}")
        try:
            fields = json.loads(content)["schema"]["fields"] if status == 200 else None
        except (ValueError, KeyError, TypeError):
            return None
        return fields if isinstance(fields, list) and fields else None

    def close(self) -> None:
        """Give up kept connections; it may be used again afterwards."""
        while self._idle:
            self._idle.pop().close()

    def _ask(self, method: str, url: str, body: bytes | None) -> tuple[int, bytes]:
        """A session is for one thread, and given up with its connection when anything is not as it should be."""
        try:
            session = self._idle.pop()
        except IndexError:
            self._credentials = self._credentials or credentials(self._settings)
            session = AuthorizedSession(self._credentials)
        sound = False
        try:
            status, content = _exchange(session, method, url, body, self._settings.timeout_seconds)
            sound = status == 200
            return status, content
        finally:
            if sound:
                self._idle.append(session)
            else:
                session.close()


def _exchange(
    session: AuthorizedSession, method: str, url: str, body: bytes | None, seconds: float
) -> tuple[int, bytes]:
    ends = time.monotonic() + seconds
    answer = session.request(
        method,
        url,
        data=body,
        headers={"Content-Type": "application/json"},
        timeout=seconds,
        stream=True,
        # A redirected POST is asked as a GET: what answers then is not the table.
        allow_redirects=False,
    )
    with answer:
        content = bytearray()
        # `iter_content` waits until a chunk is full, however slowly it fills.
        while chunk := answer.raw.read1(65_536, decode_content=True):
            content += chunk
            if len(content) > _ANSWER_BYTES:
                raise NotUnderstood(f"HTTP {answer.status_code} with an answer that does not end")
            if time.monotonic() > ends:
                raise NotUnderstood(f"HTTP {answer.status_code} with an answer that takes too long")
        return answer.status_code, bytes(content)


def _outcomes(content: bytes, count: int) -> list[Refusal | None]:
    try:
        answer = json.loads(content)
    except ValueError:
        raise NotUnderstood("HTTP 200 without JSON") from None
    errors = answer.get("insertErrors", []) if isinstance(answer, dict) and "error" not in answer else None
    if not isinstance(errors, list):
        raise NotUnderstood("HTTP 200 with another answer than that of insertAll")
    outcomes: list[Refusal | None] = [None] * count
    for entry in errors:
        index = entry.get("index") if isinstance(entry, dict) else None
        if isinstance(index, str) and index.isascii() and index.isdigit():
            index = int(index)
        if type(index) is not int or not 0 <= index < count:
            raise NotUnderstood("HTTP 200 that refuses rows without saying which")
        outcomes[index] = Refusal(f"refused{_said(entry.get('errors'))}")
    return outcomes


def _reasons(content: bytes) -> str:
    """What an error body says by its codes; its messages may quote the row."""
    try:
        return _said(json.loads(content)["error"]["errors"])
    except (ValueError, KeyError, TypeError):
        return ""


def _said(errors: Any) -> str:
    told: list[str] = []
    for error in errors[:5] if isinstance(errors, list) else ():
        if not isinstance(error, dict):
            continue
        reason, column = error.get("reason"), error.get("location")
        if isinstance(reason, str) and _REASON.fullmatch(reason):
            told.append(f"{reason} at {column}" if isinstance(column, str) and _COLUMN.fullmatch(column) else reason)
    return f" ({'; '.join(dict.fromkeys(told))})" if told else ""
