"""Measures any model, and peers beside it, on any folder of evaluation pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluation.folder import Case, name_of, read_folder
from evaluation.kinds import KINDS
from evaluation.kinds.kind import Kind
from evaluation.pages import EvaluationPage, as_given_to, open_page, skewed, straighten, used_after, with_findings
from evaluation.peers import load_peer
from evaluation.reliability import reliability, reliability_metrics
from evaluation.result import Evaluation, Metrics
from evaluation.sample import Sample
from models.contract import Model
from models.registry import is_needed, load_model
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
    skew: float = 0.0,
    earlier: Sequence[str] = (),
    peers: Sequence[str] = (),
    progress: Progress | None = None,
) -> Evaluation:
    """Measure the model on the folder `data`.

    `options` go to the model with each page, as a use case's would. Of more than `limit` pages, every n-th is
    taken. `skew` turns each page counter-clockwise by so many degrees before anything else. With `deskew` pages are
    straightened first, but for models that find the skew themselves. `earlier` names models applied before, such as
    `ocr`, whose findings the model may use as it does in a use case; what use cases always apply before a model of
    its kind is applied beside (metrics `..._after_ocr`). `peers` names other software to ask about the
    same pages. `progress` is called with pages done and pages in all. All models run in this process.
    Raises FolderError for a folder out of format, RegistryError for an unknown model, DocbeamError for a model or
    peer that does not load, whose kind of output has no measure, or that finds the skew itself where `skew` is given.
    """
    cases = read_folder(data, limit)
    name = name_of(data)
    model = load_model(model_name)
    kind = _kind_of(model, skew)
    others = [load_peer(peer, model.card.output) for peer in peers]
    contenders = [_Contender(model_name, kind), *(_Contender(p.name, KINDS[p.output](p), p.as_found) for p in others)]
    before = _Before(
        skew=skew,
        straightener=load_model(DESKEW) if deskew and kind.wants_straight else None,
        models=tuple(load_model(name) for name in earlier),
        used_after=tuple(
            load_model(name) for name in kind.used_after if name not in earlier and is_needed(model.card, name)
        ),
    )
    for number, case in enumerate(cases, start=1):
        _measure(contenders, case, options or {}, before)
        if progress is not None:
            progress(number, len(cases))
    variant = _variant(options or {}, skew, deskew or not kind.wants_straight, earlier)
    first, *rest = (_result(contender, name, variant) for contender in contenders)
    return first.beside(rest)


@dataclass(slots=True)
class _Contender:
    """The model, or a peer, and what it gave so far."""

    name: str
    kind: Kind
    as_found: bool = False
    """Whether it gets pages unstraightened."""
    samples: list[Sample] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Before:
    """What happens to a page before those under evaluation see it."""

    skew: float
    straightener: Model | None
    models: tuple[Model, ...]
    used_after: tuple[Model, ...]

    def found(self, case: Case, options: Mapping[str, str]) -> EvaluationPage:
        page = open_page(case.path, options)
        return skewed(page, self.skew) if self.skew else page

    def ready(self, page: EvaluationPage) -> EvaluationPage:
        if self.straightener is not None:
            page = straighten(page, self.straightener)
        for model in self.models:
            page = with_findings(page, model)
        return used_after(page, self.used_after)


def _kind_of(model: Model, skew: float) -> Kind:
    kind = KINDS.get(model.card.output)
    if kind is None:
        known = ", ".join(sorted(KINDS))
        raise DocbeamError(
            ErrorCode.INVALID_REQUEST,
            f"{model.card.name} answers {model.card.output}, for which there is no measure; there is one for {known}",
        )
    if skew and not kind.wants_straight:
        raise DocbeamError(ErrorCode.INVALID_REQUEST, f"{model.card.name} is turned by its own measure; leave out skew")
    return kind(model)


def _measure(contenders: Sequence[_Contender], case: Case, options: Mapping[str, str], before: _Before) -> None:
    found = ready = None
    problem: Exception | None = None
    try:
        found = before.found(case, options)
        ready = before.ready(found) if contenders[0].kind.straightens(case) else found
    except Exception as error:
        # A page that cannot be opened counts as one on which nothing is found.
        problem = error
    for contender in contenders:
        page = found if contender.as_found else ready
        try:
            if page is None:
                raise problem or RuntimeError("there is no page")
            given = as_given_to(contender.kind.model.card, page)
            contender.samples += list(contender.kind.samples(case, given))
        except Exception as error:
            # Whatever a plug-in model raises costs it this page, not the whole evaluation.
            contender.failures.append(f"{case.name}: {type(error).__name__}: {error}")
            contender.samples.append(contender.kind.failed(case))


def _result(contender: _Contender, data: str, variant: str) -> Evaluation:
    kind, samples = contender.kind, contender.samples
    subsets = sorted({sample.case.subset for sample in samples})
    sure = getattr(kind.model, "gives_confidence", True)
    believed = reliability(samples) if sure else {}
    return Evaluation(
        model=contender.name,
        version=kind.model.card.version,
        data=data,
        metrics={**kind.metrics(samples), **reliability_metrics(believed)},
        subsets={name: _metrics(kind, [s for s in samples if s.case.subset == name], sure) for name in subsets},
        failures=tuple(contender.failures),
        protocol=kind.protocol,
        samples=tuple(samples),
        reliability=believed,
        variant=variant,
    )


def _metrics(kind: Kind, samples: Sequence[Sample], sure: bool) -> Metrics:
    return {**kind.metrics(samples), **(reliability_metrics(reliability(samples)) if sure else {})}


def _variant(options: Mapping[str, str], skew: float, straight: bool, earlier: Sequence[str]) -> str:
    parts = [f"{name} {value}" for name, value in sorted(options.items())]
    parts += [f"skewed by {skew:g}"] if skew else []
    parts += [] if straight else ["not straightened"]
    parts += [f"after {name}" for name in earlier]
    return ", ".join(parts)
