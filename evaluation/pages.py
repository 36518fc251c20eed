"""Opens evaluation pages as the product does: inspect, rasterise, straighten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from config.settings import DocumentSettings
from documents.geometry import (
    apply_steps,
    from_source_quad,
    map_prediction,
    straighten_step,
    straightening_steps,
    to_source_quad,
)
from documents.inspect import inspect
from documents.rasterise import rasterise
from evaluation.folder import Case
from models.card import ModelCard
from models.contract import Model, PageImage
from models.registry import is_needed
from schemas.prediction import Prediction, Quad, corner_quad
from schemas.result import TransformStep


@dataclass(frozen=True, slots=True)
class EvaluationPage:
    """A page before and after what happens to it on its way to the model."""

    source: PageImage
    """As a viewer shows it; truth is in its pixels."""
    shown: PageImage
    """As the model under evaluation sees it."""
    steps: tuple[TransformStep, ...] = ()
    used: PageImage | None = None
    """As a use case shows it to the model, where that is another way: with what other models found before."""

    def to_source(self, quad: Quad) -> Quad:
        """A quad of the shown page in pixels of the source page."""
        height, width = self.source.pixels.shape[:2]
        fractions = to_source_quad(quad, self.steps, width, height)
        return corner_quad(np.array(fractions).reshape(4, 2) * (width, height))

    def to_shown(self, quad: Quad) -> Quad:
        """A quad of the source page in pixels of the shown page."""
        height, width = self.source.pixels.shape[:2]
        return from_source_quad(corner_quad(np.array(quad).reshape(4, 2) / (width, height)), self.steps, width, height)

    def found(self, prediction: Prediction) -> Prediction:
        """What the model found on the shown page, with quads in pixels of the source page."""
        return map_prediction(prediction, self.to_source)


def open_page(
    path: Path, options: Mapping[str, str], settings: DocumentSettings | None = None, number: int = 1
) -> EvaluationPage:
    """Page `number` of the file, unstraightened.

    Raises DocbeamError as opening a document does.
    """
    settings = settings or DocumentSettings()
    raster = rasterise(path, inspect(path, settings).media_type, number, settings)
    page = PageImage(number, raster.pixels, raster.dpi, options)
    return EvaluationPage(page, page)


def page_of(case: Case) -> EvaluationPage:
    """The page that a row of an index means.

    Raises DocbeamError as opening a document does.
    """
    settings = DocumentSettings() if case.dpi is None else DocumentSettings(dpi=case.dpi)
    return open_page(case.path, {}, settings, case.page)


def skewed(page: EvaluationPage, degrees: float) -> EvaluationPage:
    """The page turned counter-clockwise by `degrees`, as if it had been laid so on the scanner."""
    height, width = page.shown.pixels.shape[:2]
    return _after(page, [straighten_step(width, height, -degrees)])


def straighten(page: EvaluationPage, deskew: Model) -> EvaluationPage:
    """The page turned and straightened by the deskew model's answer, with that answer among the earlier findings."""
    prediction = deskew.predict([replace(page.shown, options={})])[0]
    height, width = page.shown.pixels.shape[:2]
    straight = _after(page, straightening_steps(prediction.skew, width, height))
    return replace(straight, shown=replace(straight.shown, earlier={deskew.card.name: prediction}))


def with_findings(page: EvaluationPage, model: Model) -> EvaluationPage:
    """The page with what `model` finds on it, asked without options, among the earlier findings."""
    prediction = model.predict([replace(as_given_to(model.card, page).shown, options={})])[0]
    shown = replace(page.shown, earlier={**page.shown.earlier, model.card.name: prediction})
    return replace(page, shown=shown)


def as_given_to(card: ModelCard, page: EvaluationPage) -> EvaluationPage:
    """The page with those earlier findings alone that the card needs."""
    return replace(page, shown=_needed(card, page.shown), used=page.used and _needed(card, page.used))


def used_after(page: EvaluationPage, models: Sequence[Model]) -> EvaluationPage:
    """The page, and beside it as a use case shows it that applies `models` first; of none, nothing changes."""
    used = page
    for model in models:
        used = with_findings(used, model)
    return replace(page, used=used.shown) if models else page


def _needed(card: ModelCard, image: PageImage) -> PageImage:
    return replace(image, earlier={name: found for name, found in image.earlier.items() if is_needed(card, name)})


def _after(page: EvaluationPage, steps: Sequence[TransformStep]) -> EvaluationPage:
    if not steps:
        return page
    shown = replace(page.shown, pixels=apply_steps(page.shown.pixels, steps))
    return EvaluationPage(page.source, shown, (*page.steps, *steps))
