"""Any record of the contracts, as hypothesis strategies."""

from __future__ import annotations

from dataclasses import is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from schemas.request import AnalysisRequest
from schemas.result import AnalysisResult

FINITE = st.floats(allow_nan=False, allow_infinity=False)
_PRIMITIVES: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**63 - 1),
    datetime: st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
}


def any_of(hint: Any, floats: st.SearchStrategy[float] = FINITE) -> st.SearchStrategy[Any]:
    """Any value of the type, with floats from `floats`."""
    if hint is float:
        return floats
    if hint in _PRIMITIVES:
        return _PRIMITIVES[hint]
    if is_dataclass(hint):
        return st.builds(hint, **{name: any_of(inner, floats) for name, inner in get_type_hints(hint).items()})
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    inner = get_args(hint)
    if get_origin(hint) is tuple and inner[-1] is Ellipsis:
        return st.lists(any_of(inner[0], floats), max_size=2).map(tuple)
    if get_origin(hint) is tuple:
        return st.tuples(*(any_of(each, floats) for each in inner))
    if get_origin(hint) is dict:
        return st.dictionaries(any_of(str), any_of(inner[1], floats), max_size=2)
    return st.one_of(*(st.none() if each is NoneType else any_of(each, floats) for each in inner))


REQUESTS: st.SearchStrategy[AnalysisRequest] = any_of(AnalysisRequest)
RESULTS: st.SearchStrategy[AnalysisResult] = any_of(AnalysisResult)
ANY_FLOAT_RESULTS: st.SearchStrategy[AnalysisResult] = any_of(AnalysisResult, st.floats())
