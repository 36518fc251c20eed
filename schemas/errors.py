"""The one catalogue of error codes, used alike on Kafka, in BigQuery and over REST."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """Who has to act for the same request to succeed next time."""

    CLIENT = "client"
    DOCUMENT = "document"
    MODEL = "model"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class ErrorMeaning:
    """What one code says to a person."""

    fault: Fault
    retryable: bool
    """True when sending the same request again, unchanged, may succeed."""
    text: str


class ErrorCode(StrEnum):
    """Why a request, a page or a model application did not succeed."""

    # The request itself.
    INVALID_REQUEST = "invalid_request"
    UNDECODABLE_RECORD = "undecodable_record"
    UNKNOWN_SCHEMA = "unknown_schema"
    UNUSABLE_SCHEMA = "unusable_schema"
    SCHEMA_UNAVAILABLE = "schema_unavailable"
    UNKNOWN_USE_CASE = "unknown_use_case"
    INVALID_PARAMETER = "invalid_parameter"
    RECORD_TOO_LARGE = "record_too_large"
    BATCH_TOO_LARGE = "batch_too_large"
    BATCH_UNREADABLE = "batch_unreadable"
    # Where the document is.
    INVALID_LOCATION = "invalid_location"
    LOCATION_FORBIDDEN = "location_forbidden"
    DOCUMENT_NOT_FOUND = "document_not_found"
    DOCUMENT_ACCESS_DENIED = "document_access_denied"
    DOCUMENT_CHANGED = "document_changed"
    FETCH_TIMEOUT = "fetch_timeout"
    FETCH_FAILED = "fetch_failed"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    # What the document is.
    DOCUMENT_EMPTY = "document_empty"
    DOCUMENT_TOO_LARGE = "document_too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    DOCUMENT_ENCRYPTED = "document_encrypted"
    DOCUMENT_CORRUPT = "document_corrupt"
    DOCUMENT_XFA = "document_xfa"
    DOCUMENT_PORTFOLIO = "document_portfolio"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_MANY_PIXELS = "too_many_pixels"
    INSPECTION_TIMEOUT = "inspection_timeout"
    INSPECTION_CRASHED = "inspection_crashed"
    # One page.
    PAGE_UNREADABLE = "page_unreadable"
    PAGE_TIMEOUT = "page_timeout"
    PAGE_CRASHED = "page_crashed"
    PAGE_OUT_OF_MEMORY = "page_out_of_memory"
    TEXT_UNREAD = "text_unread"
    PAGE_NOT_STRAIGHT = "page_not_straight"
    # A model or use case.
    MODEL_UNAVAILABLE = "model_unavailable"
    MODEL_FAILED = "model_failed"
    MODEL_TIMEOUT = "model_timeout"
    MODEL_CRASHED = "model_crashed"
    MODEL_OUT_OF_MEMORY = "model_out_of_memory"
    MODEL_CONTRACT_BROKEN = "model_contract_broken"
    USE_CASE_FAILED = "use_case_failed"
    # The system.
    CHILD_KILLED = "child_killed"
    MACHINE_OVERLOADED = "machine_overloaded"
    PART_MISSING = "part_missing"
    RESULT_TOO_LARGE = "result_too_large"
    ROW_REFUSED = "row_refused"
    WORKER_DIED = "worker_died"
    INTERNAL_ERROR = "internal_error"
    # The gateway.
    UNAUTHENTICATED = "unauthenticated"
    PERMISSION_DENIED = "permission_denied"
    REQUEST_NOT_FOUND = "request_not_found"
    REQUEST_EXPIRED = "request_expired"
    REQUEST_CONFLICT = "request_conflict"
    REVIEW_TAKEN = "review_taken"
    REVIEW_LOST = "review_lost"
    NO_SUCH_RESOURCE = "no_such_resource"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    RATE_LIMITED = "rate_limited"
    QUOTA_EXCEEDED = "quota_exceeded"
    BACKLOG_FULL = "backlog_full"
    DEADLINE_EXCEEDED = "deadline_exceeded"
    SERVICE_UNAVAILABLE = "service_unavailable"
    CALLBACK_FORBIDDEN = "callback_forbidden"
    DOCUMENT_INFECTED = "document_infected"

    @property
    def meaning(self) -> ErrorMeaning:
        """Who is at fault, whether to retry, and a sentence for people."""
        return _MEANINGS[self]


def _client(text: str, *, retryable: bool = False) -> ErrorMeaning:
    return ErrorMeaning(Fault.CLIENT, retryable, text)


def _document(text: str) -> ErrorMeaning:
    return ErrorMeaning(Fault.DOCUMENT, False, text)


def _model(text: str, *, retryable: bool = False) -> ErrorMeaning:
    return ErrorMeaning(Fault.MODEL, retryable, text)


def _system(text: str, *, retryable: bool = True) -> ErrorMeaning:
    return ErrorMeaning(Fault.SYSTEM, retryable, text)


_MEANINGS: dict[ErrorCode, ErrorMeaning] = {
    ErrorCode.INVALID_REQUEST: _client("The request could be read but a field of it is not valid."),
    ErrorCode.UNDECODABLE_RECORD: _client("The bytes are no request; the message names the field and why."),
    ErrorCode.UNKNOWN_SCHEMA: _client("The record names a schema id the registry does not know."),
    ErrorCode.UNUSABLE_SCHEMA: _client(
        "The schema of the record's id must not be decoded with: it is recursive, too large or no Avro record."
    ),
    ErrorCode.SCHEMA_UNAVAILABLE: _system(
        "For this schema id the registry gave nothing usable, while it answered for others."
    ),
    ErrorCode.UNKNOWN_USE_CASE: _client("No use case of that name is installed in the running job."),
    ErrorCode.INVALID_PARAMETER: _client("A parameter has a value that a model of the use case cannot follow."),
    ErrorCode.RECORD_TOO_LARGE: _client("The record has more bytes than a request may have."),
    ErrorCode.BATCH_TOO_LARGE: _client("Records lie behind the bound to which one compressed batch is unpacked."),
    ErrorCode.BATCH_UNREADABLE: _client("A stretch of the requests topic is damaged; its records must be sent again."),
    ErrorCode.INVALID_LOCATION: _client("The location is not a well-formed gs, s3, https or file URL."),
    ErrorCode.LOCATION_FORBIDDEN: _client("The allow-list does not name this location."),
    ErrorCode.DOCUMENT_NOT_FOUND: _client("Nothing is stored at the location."),
    ErrorCode.DOCUMENT_ACCESS_DENIED: _client("The store refused docbeam's credentials for the location."),
    ErrorCode.DOCUMENT_CHANGED: _client("The document is not the one the request names (sha256 or generation)."),
    ErrorCode.FETCH_TIMEOUT: _system("The document did not arrive within the time limit."),
    ErrorCode.FETCH_FAILED: _system("The store or the network failed while fetching."),
    ErrorCode.TOO_MANY_REDIRECTS: _client("The location redirects more often than allowed."),
    ErrorCode.DOCUMENT_EMPTY: _document("The document has no bytes or no pages."),
    ErrorCode.DOCUMENT_TOO_LARGE: _document("The document has more bytes than allowed."),
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: _document("By its content the document is of no supported type."),
    ErrorCode.DOCUMENT_ENCRYPTED: _document(
        "The document, or the one that its page is the cover of, opens only with a password, a certificate or a right."
    ),
    ErrorCode.DOCUMENT_XFA: _document(
        "The PDF, or a page of it, is the notice of an XFA form, which only the program that made it can draw."
    ),
    ErrorCode.DOCUMENT_PORTFOLIO: _document(
        "The PDF is a cover, or empty, and what counts is in files inside; send those."
    ),
    ErrorCode.DOCUMENT_CORRUPT: _document("The document is damaged and cannot be opened."),
    ErrorCode.TOO_MANY_PAGES: _document("The document has more pages than allowed."),
    ErrorCode.TOO_MANY_PIXELS: _document("A page would need more pixels than allowed."),
    ErrorCode.INSPECTION_TIMEOUT: _document("Looking at the document took longer than allowed."),
    ErrorCode.INSPECTION_CRASHED: _document("The document crashed the process that looked at it."),
    ErrorCode.PAGE_UNREADABLE: _document("The page could not be turned into pixels."),
    ErrorCode.PAGE_TIMEOUT: _document("Turning the page into pixels took longer than allowed."),
    ErrorCode.PAGE_CRASHED: _document("The page crashed the process that turned it into pixels."),
    ErrorCode.PAGE_OUT_OF_MEMORY: _system(
        "Turning the page into pixels took more memory than `analysis.memory_mb` grants a child.", retryable=False
    ),
    ErrorCode.TEXT_UNREAD: _document("Much writing on the page could not be read; its lines say where."),
    ErrorCode.PAGE_NOT_STRAIGHT: _document(
        "The page seems to lie askew by an angle that is not sure; models that need it straight were not asked."
    ),
    ErrorCode.MODEL_UNAVAILABLE: _model("The model could not be loaded or did not pass its check.", retryable=True),
    ErrorCode.MODEL_FAILED: _model("The model raised an error on this page."),
    ErrorCode.MODEL_TIMEOUT: _model("The model took longer than allowed on this page."),
    ErrorCode.MODEL_CRASHED: _model("The model's process died on this page."),
    ErrorCode.MODEL_OUT_OF_MEMORY: _model("The model's process grew over its memory limit on this page."),
    ErrorCode.MODEL_CONTRACT_BROKEN: _model("The model answered something its contract does not allow."),
    ErrorCode.USE_CASE_FAILED: _model("The use case failed while it drew its conclusions."),
    ErrorCode.CHILD_KILLED: _system("The process at work was ended or stopped from outside, several times."),
    ErrorCode.MACHINE_OVERLOADED: _system("The machine was too busy to do the work in many times its time limit."),
    ErrorCode.PART_MISSING: _system("A part of the document was not analysed in time."),
    ErrorCode.RESULT_TOO_LARGE: _system("The result is larger than a message may be.", retryable=False),
    ErrorCode.ROW_REFUSED: _system("BigQuery refused the row.", retryable=False),
    ErrorCode.WORKER_DIED: _system("The process that worked on it died, again and again."),
    ErrorCode.INTERNAL_ERROR: _system("A defect in docbeam."),
    ErrorCode.UNAUTHENTICATED: _client("The call carries no key or token that the gateway knows, or an old one."),
    ErrorCode.PERMISSION_DENIED: _client("The key or token is not made for this."),
    ErrorCode.REQUEST_NOT_FOUND: _client("The client has sent no request of this id."),
    ErrorCode.REQUEST_EXPIRED: _client("The request is older than results are kept; send it again under another id."),
    ErrorCode.REQUEST_CONFLICT: _client("The id was used for another request; choose another one."),
    ErrorCode.REVIEW_TAKEN: _client("Somebody else reviews the request; take another one, or come later."),
    ErrorCode.REVIEW_LOST: _client("The request is no longer yours to review; take it again."),
    ErrorCode.NO_SUCH_RESOURCE: _client("There is nothing at this address."),
    ErrorCode.METHOD_NOT_ALLOWED: _client("The address does not take this method."),
    ErrorCode.RATE_LIMITED: _client(
        "The client calls more often than it may; wait as long as the answer says.", retryable=True
    ),
    ErrorCode.QUOTA_EXCEEDED: _client("The client has sent as many requests today as it may.", retryable=True),
    ErrorCode.BACKLOG_FULL: _system("More requests wait than the gateway takes on; send it again later."),
    ErrorCode.DEADLINE_EXCEEDED: _system("No result came within the time that the gateway waits for one."),
    ErrorCode.SERVICE_UNAVAILABLE: _system("Something that the gateway needs does not answer."),
    ErrorCode.CALLBACK_FORBIDDEN: _client("`gateway.webhook_allow` does not name the address to call back."),
    ErrorCode.DOCUMENT_INFECTED: _document("The scanner of uploads refused the document."),
}


@dataclass(frozen=True, slots=True)
class ErrorItem:
    """One thing that went wrong, with where it did."""

    code: ErrorCode
    message: str
    """For people; never holds text of the document."""
    stage: str = ""
    """The step that failed, in the words of the job graph (for example "open documents" or "ocr")."""
    page: int | None = None
    """Page number from 1 where one page is concerned."""
    retryable: bool = False


class DocbeamError(Exception):
    """A failure with a code of the catalogue.

    Raised by plain functions of every layer; steps turn it into an `ErrorItem`, never let it pass.
    """

    def __init__(self, code: ErrorCode, message: str, *, page: int | None = None) -> None:
        super().__init__(f"{code.value}: {message}")
        self.code = code
        self.message = message
        self.page = page

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_error, (type(self), self.code, self.message, self.page))

    def item(self, stage: str = "", page: int | None = None) -> ErrorItem:
        """This failure as a record, for `stage` and (unless the error names one) `page`."""
        return ErrorItem(
            code=self.code,
            message=self.message,
            stage=stage,
            page=self.page if self.page is not None else page,
            retryable=self.code.meaning.retryable,
        )


def _rebuild_error(kind: type[DocbeamError], code: ErrorCode, message: str, page: int | None) -> DocbeamError:
    return kind(code, message, page=page)
