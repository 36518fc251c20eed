"""Document types: are known ones accepted, and all others refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from evaluation.folder import Case, FolderError
from evaluation.kinds.kind import Kind
from evaluation.pages import EvaluationPage
from evaluation.sample import Answer, Sample, total, values
from evaluation.statistics import Measured, fraction, mean
from schemas.prediction import TypeScore

TYPES = "types"
"""Folder beside the index that brings the types to measure with."""


class DocumentTypeKind(Kind):
    """Truth: the label of the page; a page whose label is no registered type is unknown and must be refused.

    An unknown page is asked about again, as by a use case that expects the type it was most like; that answer, the
    more lenient one, counts. A type is registered when the model, asked with the label as `expected`, scores it. A
    folder that has `types/` is measured with the types in there and no others, if the model has `use_types_in`.
    """

    protocol = (
        "true_accept: of pages whose label is a registered type, accepted as that type. false_accept: of all other "
        "pages, accepted as any type, the likeliest being expected. best_is_right: of pages whose label is registered, "
        "that type scores highest. ms_to_refuse: of that second question about unknown pages. "
        "type_auroc: the score as confidence that the page is of that type, over every type scored. Intervals: Wilson."
    )
    _types_of: Path | None = None

    def samples(self, case: Case, page: EvaluationPage) -> Iterator[Sample]:
        """One sample a page."""
        self._bring_types(case)
        prediction, seconds = self._types(case, page)
        known = any(score.document_type == case.label for score in prediction)
        timing = {"seconds": seconds}
        if prediction and not known:
            prediction, timing["refusing"] = self._expecting(page, prediction[0].document_type)
        yield _sample(case, known, prediction, timing)

    def failed(self, case: Case) -> Sample:
        """Neither accepted nor counted as a known type."""
        return _sample(case, False, (), {})

    def metrics(self, samples: Sequence[Sample]) -> Mapping[str, Measured]:
        """true_accept, false_accept and best_is_right (count: pages), ms_per_page, ms_to_refuse."""
        return {
            "true_accept": fraction(total(samples, "accepted_right"), total(samples, "known")),
            "false_accept": fraction(total(samples, "accepted_wrong"), total(samples, "unknown")),
            "best_is_right": fraction(total(samples, "best_right"), total(samples, "known")),
            "ms_per_page": mean([1000 * seconds for seconds in values(samples, "seconds")]),
            "ms_to_refuse": mean([1000 * seconds for seconds in values(samples, "refusing")]),
        }

    def _bring_types(self, case: Case) -> None:
        folder = Path(str(case.path).removesuffix(case.name)) / TYPES
        if folder == self._types_of:
            return
        self._types_of = folder
        bring: Any = getattr(self.model, "use_types_in", None)
        if not folder.is_dir():
            return
        if bring is None:
            raise FolderError(f"{folder}: {self.model.card.name} cannot be given types; remove the folder")
        bring(folder)

    def _types(self, case: Case, page: EvaluationPage) -> tuple[Sequence[TypeScore], float]:
        """Asked as a use case asks that expects this type, or, where there is no such type, any."""
        try:
            return self._expecting(page, case.label)
        except Exception:
            # A model may refuse a type it does not know rather than score others.
            prediction, seconds = self.ask(page.shown)
        return prediction.types, seconds

    def _expecting(self, page: EvaluationPage, name: str) -> tuple[Sequence[TypeScore], float]:
        prediction, seconds = self.ask(replace(page.shown, options={**page.shown.options, "expected": name}))
        return prediction.types, seconds


def _sample(case: Case, known: bool, types: Sequence[TypeScore], timing: Mapping[str, float]) -> Sample:
    accepted = {score.document_type for score in types if score.accepted}
    right = case.label in accepted if known else not accepted
    numbers = {
        "known": float(known),
        "unknown": float(not known),
        "accepted_right": float(known and case.label in accepted),
        "accepted_wrong": float(not known and bool(accepted)),
        "best_right": float(known and types[0].document_type == case.label),
        **timing,
    }
    best = ", ".join(f"{score.document_type} {score.score:.3f} (from {score.threshold:.3f})" for score in types[:3])
    answers = [
        Answer("type", score.score, score.document_type == case.label, case.label, score.document_type)
        for score in types
    ]
    remark = f"label {case.label}; {best or 'no type scored'}"
    return Sample(case, numbers, float(not right), remark=remark, answers=answers)
