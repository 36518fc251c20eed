"""What every kind of evaluation offers."""

from __future__ import annotations

import resource
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from evaluation.folder import Case
from evaluation.pages import EvaluationPage
from evaluation.sample import Sample
from evaluation.statistics import Measured
from models.contract import Model, PageImage
from schemas.prediction import Prediction


class Kind(ABC):
    """The measuring of one kind of model; one instance an evaluation."""

    protocol: ClassVar[str]
    """How it is measured, for the reader of the numbers."""
    wants_straight: ClassVar[bool] = True
    """Whether pages are straightened first, as in the product."""
    used_after: ClassVar[tuple[str, ...]] = ()
    """Models that use cases apply first: one that needs their findings is measured without them and with them."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def straightens(self, case: Case) -> bool:
        """Whether this page is straightened first; a row of the index may be no page at all."""
        return self.wants_straight

    @abstractmethod
    def samples(self, case: Case, page: EvaluationPage) -> Iterator[Sample]:
        """Ask the model about the page; one sample for each question asked of it."""

    @abstractmethod
    def metrics(self, samples: Sequence[Sample]) -> Mapping[str, Measured]:
        """The metrics over these samples: the whole folder's, or one subset's."""

    @abstractmethod
    def failed(self, case: Case) -> Sample:
        """The sample of a page that could not be read: it counts as nothing found."""

    def ask(self, page: PageImage) -> tuple[Prediction, float]:
        """The model's prediction and the CPU seconds it took, programs it ran included."""
        start = _cpu_seconds()
        predictions = self.model.predict([page])
        seconds = _cpu_seconds() - start
        if len(predictions) != 1:
            raise ValueError(f"{self.model.card.name} answered {len(predictions)} predictions for one page")
        return predictions[0], seconds


def _cpu_seconds() -> float:
    """Of this process and of the programs it started that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
