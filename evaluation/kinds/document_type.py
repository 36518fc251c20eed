"""Document types: are known ones accepted, and all others refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from evaluation.folder import Case
from evaluation.kinds.kind import Kind
from evaluation.pages import EvaluationPage
from evaluation.sample import Answer, Sample, total, values
from evaluation.statistics import Measured, fraction, mean
from schemas.prediction import TypeScore


class DocumentTypeKind(Kind):
    """Truth: the label of the page; a page whose label is no registered type is unknown and must be refused.

    A type is registered when the model, asked with the label as `expected`, scores it.
    """

    protocol = (
        "true_accept: of pages whose label is a registered type, accepted as that type. false_accept: of all other "
        "pages, accepted as any type. Intervals: Wilson."
    )

    def samples(self, case: Case, page: EvaluationPage) -> Iterator[Sample]:
        """One sample a page."""
        prediction, seconds = self._types(case, page)
        known = any(score.document_type == case.label for score in prediction)
        yield _sample(case, known, prediction, {"seconds": seconds})

    def failed(self, case: Case) -> Sample:
        """Neither accepted nor counted as a known type."""
        return _sample(case, False, (), {})

    def metrics(self, samples: Sequence[Sample]) -> Mapping[str, Measured]:
        """true_accept and false_accept (count: pages), ms_per_page."""
        return {
            "true_accept": fraction(total(samples, "accepted_right"), total(samples, "known")),
            "false_accept": fraction(total(samples, "accepted_wrong"), total(samples, "unknown")),
            "ms_per_page": mean([1000 * seconds for seconds in values(samples, "seconds")]),
        }

    def _types(self, case: Case, page: EvaluationPage) -> tuple[Sequence[TypeScore], float]:
        """Asked as a use case asks that expects this type, or, where there is no such type, any."""
        try:
            expecting = replace(page.shown, options={**page.shown.options, "expected": case.label})
            prediction, seconds = self.ask(expecting)
        except Exception:
            # A model may refuse a type it does not know rather than score others.
            prediction, seconds = self.ask(page.shown)
        return prediction.types, seconds


def _sample(case: Case, known: bool, types: Sequence[TypeScore], timing: Mapping[str, float]) -> Sample:
    accepted = {score.document_type for score in types if score.accepted}
    right = case.label in accepted if known else not accepted
    numbers = {
        "known": float(known),
        "unknown": float(not known),
        "accepted_right": float(known and case.label in accepted),
        "accepted_wrong": float(not known and bool(accepted)),
        **timing,
    }
    best = ", ".join(f"{score.document_type} {score.score:.3f} (from {score.threshold:.3f})" for score in types[:3])
    remark = f"label {case.label}; {best or 'no type scored'}"
    return Sample(case, numbers, float(not right), remark=remark, answers=_answers(case, right, types))


def _answers(case: Case, right: bool, types: Sequence[TypeScore]) -> list[Answer]:
    """`type`: the page is of the best type, with its score; `decision`: to accept or refuse it."""
    if not types:
        return []
    best = max(types, key=lambda score: (score.accepted, score.score))
    said = f"{best.document_type} {'accepted' if best.accepted else 'refused'}"
    return [
        Answer("type", best.score, best.document_type == case.label, case.label, said),
        Answer("decision", _sureness(best), right, case.label, said),
    ]


def _sureness(best: TypeScore) -> float:
    """0.5 at the threshold, 1 at the far ends of the score."""
    room = 1 - best.threshold if best.accepted else best.threshold
    return 0.5 + 0.5 * min(1.0, abs(best.score - best.threshold) / max(room, 1e-6))
