"""From bytes to requests; bytes nobody can read become dead letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput

from analysis.accept_request import STAGE, accept
from schemas.errors import DocbeamError, ErrorCode
from schemas.part import DeadLetter, Header, ReceivedRecord, ReceivedRequest
from schemas.request import REQUEST_ID, AnalysisRequest
from transforms.metrics import counter
from transforms.typed_outputs import TypedOutputs

UNDECODABLE = "undecodable"
_ECHOED = frozenset({"traceparent", "tracestate", "kafka_correlationId"})
_MAX_ECHO_BYTES = 1024


class DecodeRequests(beam.PTransform):
    """Received records to `requests` and `undecodable` dead letters."""

    def __init__(self, decode: Callable[[ReceivedRecord], AnalysisRequest], use_cases: tuple[str, ...]) -> None:
        super().__init__()
        self._decode = decode
        self._use_cases = use_cases

    def expand(self, input_or_inputs: beam.PCollection[ReceivedRecord]) -> beam.pvalue.DoOutputsTuple:
        """Two outputs: `requests`, `undecodable`."""
        decode = _Decode(self._decode, self._use_cases)
        outputs = {"requests": ReceivedRequest, UNDECODABLE: DeadLetter}
        return input_or_inputs | "decode records" >> TypedOutputs(decode, outputs, main="requests")


class _Decode(beam.DoFn):
    def __init__(self, decode: Callable[[ReceivedRecord], AnalysisRequest], use_cases: tuple[str, ...]) -> None:
        self._decode = decode
        self._use_cases = use_cases

    def process(self, element: ReceivedRecord) -> Iterator[ReceivedRequest | TaggedOutput]:
        if element.error is not None:
            counter("records_unreadable").inc()
            yield TaggedOutput(
                UNDECODABLE, DeadLetter(element.delivery, element.error, element.key, element.value, element.headers)
            )
            return
        try:
            request = self._decode(element)
            if not REQUEST_ID.fullmatch(request.request_id):
                raise DocbeamError(ErrorCode.UNDECODABLE_RECORD, "there is no valid request_id to answer with")
        except Exception as error:
            # What is no DocbeamError is a defect of ours; it must cost this record only.
            known = error if isinstance(error, DocbeamError) else _defect(error)
            counter("records_undecodable").inc()
            yield TaggedOutput(UNDECODABLE, _dead_letter(element, known))
            return
        counter("requests_received").inc()
        received = ReceivedRequest(element.delivery, request, echo=echoed(element.headers))
        yield accept(received, self._use_cases)


def echoed(headers: Sequence[Header]) -> tuple[Header, ...]:
    """The headers that go back on the result: the first of each name that has a value, where that is not long."""
    found: dict[str, bytes] = {}
    for name, value in headers:
        if name in _ECHOED and value is not None:
            found.setdefault(name, value)
    return tuple((name, value) for name, value in found.items() if len(value) <= _MAX_ECHO_BYTES)


def _defect(error: Exception) -> DocbeamError:
    return DocbeamError(ErrorCode.INTERNAL_ERROR, f"{type(error).__name__} while decoding the record")


def _dead_letter(record: ReceivedRecord, error: DocbeamError) -> DeadLetter:
    return DeadLetter(record.delivery, error.item(STAGE), record.key, record.value, record.headers)
