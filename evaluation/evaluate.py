"""Measures any model on any folder of evaluation pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.folder import Case, name_of, read_folder
from evaluation.kinds import KINDS
from evaluation.kinds.kind import Kind
from evaluation.pages import open_page, straighten, with_findings
from evaluation.reliability import reliability, reliability_metrics
from evaluation.result import Evaluation, Metrics
from evaluation.sample import Sample
from models.contract import Model
from models.registry import load_model
from schemas.errors import DocbeamError, ErrorCode

DESKEW = "deskew"
Progress = Callable[[int, int], None]


def evaluate(
    model_name: str,
    data: Path,
    *,
    options: Mapping[str, str] | None = None,
    limit: int | None = None,
    deskew: bool = True,
    earlier: Sequence[str] = (),
    progress: Progress | None = None,
) -> Evaluation:
    """Measure the model on the folder `data`.

    `options` go to the model with each page, as a use case's would. Of more than `limit` pages, every n-th is
    taken. With `deskew` pages are straightened first, but for models that find the skew themselves. `earlier` names
    models applied before, such as `ocr`, whose findings the model may use as it does in a use case. `progress` is
    called with pages done and pages in all. All models run in this process.
    Raises FolderError for a folder out of format, RegistryError for an unknown model, DocbeamError for a model
    that does not load or whose kind of output has no measure.
    """
    cases = read_folder(data, limit)
    model = load_model(model_name)
    kind_of_output = KINDS.get(model.card.output)
    if kind_of_output is None:
        known = ", ".join(sorted(KINDS))
        raise DocbeamError(
            ErrorCode.INVALID_REQUEST,
            f"{model_name} answers {model.card.output}, for which there is no measure; there is one for {known}",
        )
    kind = kind_of_output(model)
    before = Before(
        straightener=load_model(DESKEW) if deskew and kind.wants_straight else None,
        models=tuple(load_model(name) for name in earlier),
    )
    samples: list[Sample] = []
    failures: list[str] = []
    for number, case in enumerate(cases, start=1):
        samples += _measure(kind, case, options or {}, before, failures)
        if progress is not None:
            progress(number, len(cases))
    by_subset = {case.subset: [sample for sample in samples if sample.case.subset == case.subset] for case in cases}
    return Evaluation(
        model=model_name,
        version=model.card.version,
        data=name_of(data),
        metrics=_metrics(kind, samples),
        subsets={subset: _metrics(kind, chosen) for subset, chosen in sorted(by_subset.items())},
        failures=tuple(failures),
        protocol=kind.protocol,
        samples=tuple(samples),
        variant=_variant(options or {}, deskew=before.straightener is not None or not kind.wants_straight),
    )


def _variant(options: Mapping[str, str], *, deskew: bool) -> str:
    parts = [f"{name} {value}" for name, value in sorted(options.items())]
    return ", ".join(parts if deskew else [*parts, "not straightened"])


def _metrics(kind: Kind, samples: Sequence[Sample]) -> Metrics:
    return {**kind.metrics(samples), **reliability_metrics(reliability(samples))}


@dataclass(frozen=True, slots=True)
class Before:
    """What happens to a page before the model under evaluation sees it."""

    straightener: Model | None
    models: tuple[Model, ...]


def _measure(kind: Kind, case: Case, options: Mapping[str, str], before: Before, failures: list[str]) -> list[Sample]:
    try:
        page = open_page(case.path, options)
        if before.straightener is not None:
            page = straighten(page, before.straightener)
        for model in before.models:
            page = with_findings(page, model)
        return list(kind.samples(case, page))
    except Exception as error:
        # Whatever a plug-in model raises costs it this page, not the whole evaluation.
        failures.append(f"{case.name}: {type(error).__name__}: {error}")
        return [kind.failed(case)]
