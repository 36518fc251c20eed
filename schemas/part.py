"""What travels through the job between a request and its result."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from pydantic import ConfigDict

from schemas.document import DocumentFacts, PageRange
from schemas.errors import ErrorItem
from schemas.request import AnalysisRequest
from schemas.result import AnalysisResult, PageResult

Header = tuple[str, bytes | None]
"""Name and value as Kafka has them: a value may be null; bytes of a name that are no UTF-8 stand as `\\xff`."""
# Errors must not quote what they could not read: it may be a document's text.
_BYTES_AS_BASE64 = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One record of the requests topic: a request delivered twice has two of these."""

    topic: str
    partition: int
    offset: int
    previous: int
    """Position before the record: the offset after the one delivered before it on this partition.

    Offsets have gaps (transactions, compaction); by this chain the committing step can tell a gap from work
    that is not finished.
    """
    received_at: datetime
    incarnation: str = ""
    """Of the topic, if it was made anew while the job ran: its offsets began again then."""

    @property
    def partition_key(self) -> str:
        """Names the partition; one of a topic that was made anew is another."""
        name = f"{self.topic}/{self.partition}"
        return f"{name}#{self.incarnation}" if self.incarnation else name

    @property
    def key(self) -> str:
        """Names this delivery among all."""
        return f"{self.partition_key}/{self.offset}"


@dataclass(frozen=True, slots=True)
class ReceivedRecord:
    """The bytes of one record as the source took them."""

    __pydantic_config__: ClassVar[ConfigDict] = _BYTES_AS_BASE64

    delivery: Delivery
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...] = ()
    error: ErrorItem | None = None
    """Set where this is no record but what could not be read of the log: a dead letter as it stands."""


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A decoded request, before its document is opened."""

    __pydantic_config__: ClassVar[ConfigDict] = _BYTES_AS_BASE64

    delivery: Delivery
    request: AnalysisRequest
    errors: tuple[ErrorItem, ...] = ()
    """Not empty when the request could be read but must fail."""
    echo: tuple[Header, ...] = ()
    """Headers of the request that go back on the result: trace context, correlation id."""


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """Some pages of one document on their way through a branch; never carries pixels."""

    __pydantic_config__: ClassVar[ConfigDict] = _BYTES_AS_BASE64

    delivery: Delivery
    request: AnalysisRequest
    document: DocumentFacts | None = None
    pages: tuple[PageResult, ...] = ()
    """The pages of `page_range` with what was found on them so far."""
    page_range: PageRange = field(default_factory=lambda: PageRange(1, 0, 1, 1))
    rejected: bool = False
    """Not of the expected type: the remaining steps are bypassed."""
    errors: tuple[ErrorItem, ...] = ()
    """What concerns the whole request; not empty means that no step runs."""
    fetch_ms: float = 0.0
    echo: tuple[Header, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A result on its way to the sinks."""

    __pydantic_config__: ClassVar[ConfigDict] = _BYTES_AS_BASE64

    delivery: Delivery
    result: AnalysisResult
    echo: tuple[Header, ...] = ()


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that nobody could read, or a row that BigQuery refused."""

    __pydantic_config__: ClassVar[ConfigDict] = _BYTES_AS_BASE64

    delivery: Delivery
    error: ErrorItem
    key: bytes | None = None
    value: bytes | None = None
    headers: tuple[Header, ...] = ()
