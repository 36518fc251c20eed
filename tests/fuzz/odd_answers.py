"""What code of others may answer: predictions and fields that hold anything, and what is none at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
from hypothesis import strategies as st

from models.contract import InvalidOption
from schemas.errors import DocbeamError, ErrorCode
from schemas.prediction import (
    Checkbox,
    CheckboxState,
    Defect,
    DefectMeasure,
    Label,
    PageQuality,
    Prediction,
    Signature,
    SignatureKind,
    Skew,
    TextLine,
    TypeScore,
    Word,
    box_quad,
)
from schemas.result import Field
from tests.docbeam.record_strategies import any_of
from tests.fuzz.hostile import ANY_FLOAT, ANY_INT, ANY_TEXT, JSON_LEAF, mostly, one_of_these, slipped


class Text(str):
    """A text that says something else when it is asked."""

    def __str__(self) -> str:
        return "\ud800"


class Rude:
    """Whatever is asked of it raises."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError

    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError

    def __len__(self) -> int:
        return -1

    __hash__ = None  # type: ignore[assignment]


class Sly(Prediction):
    """A prediction that raises when it is looked at."""

    def __getattribute__(self, name: str) -> Any:
        if name in ("lines", "checkboxes"):
            raise KeyError("a document's text")
        return super().__getattribute__(name)


def _knot() -> list[Any]:
    knot: list[Any] = []
    knot.append(knot)
    return knot


def _deep() -> Any:
    deep: Any = ()
    for _ in range(3000):
        deep = (deep,)
    return deep


ODD: st.SearchStrategy[Any] = st.one_of(
    JSON_LEAF,
    st.sampled_from([np.float32("nan"), np.int64(3), np.float32(0.5), np.zeros(8), 1j, b"\xff", ..., {1}, Text("a")]),
    st.builds(Rude),
    st.builds(_knot),
    st.builds(_deep),
    st.just((1.0,) * 7),
    st.just(["x"] * 8),
)


def oddly(hint: Any) -> st.SearchStrategy[Any]:
    """A value of the type, in which anything may be something else."""
    return mostly(_of(hint), ODD)


def _of(hint: Any) -> st.SearchStrategy[Any]:
    if hint is float:
        return mostly(st.floats(0, 1), ANY_FLOAT)
    if hint is int:
        return mostly(st.integers(0, 3), ANY_INT)
    if hint is str:
        return ANY_TEXT
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.builds(hint, **{field.name: oddly(hints[field.name]) for field in fields(hint)})
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(hint) | ANY_TEXT
    inner = get_args(hint)
    if get_origin(hint) is tuple and inner[-1] is Ellipsis:
        return st.lists(oddly(inner[0]), max_size=2).map(tuple)
    if get_origin(hint) is tuple:
        return st.tuples(*(oddly(each) for each in inner))
    return (
        any_of(hint) if not inner else st.one_of(*(st.none() if each is type(None) else oddly(each) for each in inner))
    )


_QUAD = box_quad(1.0, 2.0, 30.0, 20.0)
FULL = Prediction(
    (TextLine("a line", _QUAD, 0.9, (Word("line", _QUAD, 0.8),)),),
    (Checkbox(CheckboxState.TICKED, _QUAD, 0.7),),
    (Signature(SignatureKind.SIGNATURE, _QUAD, 0.6),),
    (TypeScore("application-form", 0.5, 0.4, True),),
    Skew(1, 0.9, 0.5, 0.9, True, True),
    (Label("name", "value", 0.9, _QUAD),),
    PageQuality(False, (DefectMeasure(Defect.BLUR, 3.0, 2.0, True, "hold still", _QUAD),)),
)
"""One of each finding."""
_SKEWS = st.builds(
    Prediction,
    skew=st.builds(Skew, ANY_INT, st.floats(0, 1), ANY_FLOAT, st.floats(0, 1), st.booleans(), st.booleans()),
)
PREDICTIONS: st.SearchStrategy[Any] = st.one_of(
    slipped(FULL, ODD),
    slipped(FULL, ANY_FLOAT | ANY_INT | ANY_TEXT),
    st.builds(lambda: FULL),
    any_of(Prediction, st.floats(0, 1)),
    _of(Prediction),
    _SKEWS,
    st.builds(Sly),
    ODD,
)
FIELDS: st.SearchStrategy[Any] = st.one_of(any_of(Field, st.floats(0, 1)), _of(Field), ODD)

_NAMES = one_of_these(["Error", "\u00e9", "x" * 100_000, "MemoryError", ""])
_CODES = st.sampled_from([code for code in ErrorCode if code is not ErrorCode.INTERNAL_ERROR])
"""A plug-in may say `internal_error` too, but properties look for it to find defects of ours."""
RAISED: st.SearchStrategy[BaseException] = st.one_of(
    _NAMES.map(lambda name: type(name, (Exception,), {})("a document's text")),
    st.sampled_from(
        [MemoryError(), OSError(24, "files"), RecursionError(), SystemExit(0), GeneratorExit(), StopIteration()]
    ),
    st.builds(DocbeamError, _CODES, ANY_TEXT | one_of_these(["y" * 100_000])),
    st.builds(lambda text: InvalidOption(text, [text]), ANY_TEXT),
    st.builds(DocbeamError, _CODES, ANY_TEXT, page=ODD),
)


def answers(one: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[Any]:
    """What is given for a few things: one each, another number, something else, or an exception that is raised."""
    one_each = st.lists(one, min_size=most, max_size=most)
    return mostly(
        one_each,
        st.one_of(
            st.lists(one, max_size=most + 1).map(tuple), st.lists(one, max_size=most).map(iter), ODD, RAISED, RAISED
        ),
    )
