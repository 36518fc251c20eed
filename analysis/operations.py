"""What a child can be asked to do. Runs in the child; every value crosses the pipe as JSON."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import cv2
from pydantic import TypeAdapter

from analysis.checked_readings import checked_readings
from analysis.children.clock import WorkClock
from analysis.children.protocol import Stage
from analysis.page_store import PageStore
from analysis.writable import within_bounds, writable
from config.settings import DocumentSettings
from documents.geometry import content_on_page, from_source, map_prediction, to_source
from documents.inspect import inspect
from documents.media_type import PDF
from documents.pdf_content import pdf_content
from documents.rasterise import RasterPage
from documents.seen_text import seen_text
from models.contract import InvalidOption, Model, PageImage, RegionReader, Share
from models.regions import check_regions
from models.registry import RegistryError, load_model
from schemas.errors import DocbeamError, ErrorCode
from schemas.pdf_content import PdfContent
from schemas.prediction import Prediction, Quad
from schemas.reading import Region, map_region
from schemas.result import Field, ModelUse, PageResult

At = Callable[..., None]

_PREDICTION = TypeAdapter(Prediction)
_PAGE = TypeAdapter(PageResult)
_REGIONS = TypeAdapter(list[Region])
_USES = TypeAdapter(list[ModelUse])
_models: dict[str, Model] = {}
_pages = PageStore(max_bytes=400_000_000)
_BATCH_BYTES = 200_000_000
"""Of the pixels in one `predict` call: a model's own copies grow with them."""


def inspect_document(at: At, path: str, settings: str) -> dict[str, Any]:
    """Media type by content and page count."""
    at(Stage.INSPECT)
    found = inspect(Path(path), _settings(settings))
    return {"media_type": found.media_type, "page_count": found.page_count}


def apply_model(
    at: At,
    model: str,
    options: dict[str, str],
    path: str,
    media_type: str,
    sha256: str,
    pages: list[dict[str, Any]],
    settings: str,
    share: tuple[int, int] = (0, 1),
) -> list[dict[str, Any]]:
    """Predict on pages of one document: for each `{prediction, width, height, dpi}` or `{code, message}`.

    A prediction comes with `version`, `sha256` and `used` of what this process has loaded, and `predict_ms`: the page's
    share of what the model took.
    Answers for the first pages only, where the pixels of all of them would be too many; ask again for the rest.
    Pages come with what the model needs of the findings so far; predictions go back with quads in fractions of the
    source page. `share`: number and count, where several children are asked about the same pages.
    """
    loaded = _model(at, model)
    records = [_PAGE.validate_python(page) for page in pages]
    answers: list[dict[str, Any]] = [{} for _ in records]
    images: list[PageImage] = []
    shown: list[tuple[int, PageResult]] = []
    size = largest = 0
    for index, page in enumerate(records):
        if size + largest > _BATCH_BYTES:
            del answers[index:]
            break
        at(Stage.RASTERISE, page.number)
        try:
            raster = _pages.raster(Path(path), media_type, sha256, page.number, _settings(settings))
        except DocbeamError as error:
            answers[index] = {"code": error.code.value, "message": error.message}
            continue
        height, width = raster.pixels.shape[:2]
        page_shown = _with_size(page, width, height)
        answers[index] = {"width": width, "height": height, "dpi": raster.dpi, "negative": raster.negative}
        image = replace(
            _page_image(page_shown, raster, sha256, options),
            share=Share(*share),
            pdf=_pdf_content(loaded, Path(path), media_type, page_shown, raster),
        )
        pixels = image.pixels
        bytes_held = pixels.nbytes + (raster.pixels.nbytes if pixels is not raster.pixels else 0)
        size, largest = size + bytes_held, max(largest, bytes_held)
        images.append(image)
        shown.append((index, page_shown))
    if not images:
        return answers
    at(Stage.PREDICT, images[0].number if len(images) == 1 else None)
    clock = WorkClock(os.getpid())
    clock.look()
    try:
        predictions = _checked(model, loaded.predict(images), len(images))
    except InvalidOption as error:
        raise DocbeamError(ErrorCode.INVALID_PARAMETER, f"{model}: {error}") from None
    clock.look()
    told = _loaded(loaded) | {"predict_ms": clock.worked / len(images) * 1000}
    for (index, page), prediction in zip(shown, predictions, strict=True):
        answers[index] |= told
        try:
            answers[index]["prediction"] = within_bounds(writable(_PREDICTION, _to_source(prediction, page)))
        except ValueError as error:
            raise DocbeamError(
                ErrorCode.MODEL_CONTRACT_BROKEN, f"{model} answered what cannot be written: {error}"
            ) from None
    return answers


def read_regions(
    at: At,
    model: str,
    options: dict[str, str],
    path: str,
    media_type: str,
    sha256: str,
    page: dict[str, Any],
    regions: list[dict[str, Any]],
    settings: str,
) -> list[dict[str, Any]]:
    """What the model reads at given places of one page, one `Reading` each, in order.

    Regions come with quads in fractions of the source page. Raises DocbeamError where the page cannot be drawn, the
    model reads no such regions, or it breaks its contract.
    """
    asked = _REGIONS.validate_python(regions)
    reader = _model(at, model)
    if not isinstance(reader, RegionReader):
        raise DocbeamError(ErrorCode.INVALID_REQUEST, f"{model} reads no regions")
    check_regions(reader.card, asked)
    record = _PAGE.validate_python(page)
    at(Stage.RASTERISE, record.number)
    raster = _pages.raster(Path(path), media_type, sha256, record.number, _settings(settings))
    height, width = raster.pixels.shape[:2]
    image = _page_image(_with_size(record, width, height), raster, sha256, options)
    on_page = from_source(record.transforms, width, height)
    at(Stage.PREDICT, record.number)
    try:
        answer = reader.read(image, [map_region(region, on_page) for region in asked])
    except InvalidOption as error:
        raise DocbeamError(ErrorCode.INVALID_PARAMETER, f"{model}: {error}") from None
    return checked_readings(model, answer, len(asked))


def conclude(at: At, use_case: str, document: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields a use case concludes from a whole document."""
    from use_cases.contract import AnalysedDocument
    from use_cases.registry import all_use_cases

    at(Stage.CONCLUDE)
    analysed = TypeAdapter(AnalysedDocument).validate_python(document)
    fields = list(all_use_cases()[use_case].use_case.conclude(analysed))
    return list(writable(TypeAdapter(list[Field]), fields))


def draw_overlay(at: At, path: str, media_type: str, sha256: str, page: dict[str, Any], settings: str) -> str:
    """A picture of the page with its findings drawn in: PNG, in base64. A child writes no file."""
    from analysis.overlay import draw

    record = _PAGE.validate_python(page)
    at(Stage.RASTERISE, record.number)
    raster = _pages.raster(Path(path), media_type, sha256, record.number, _settings(settings))
    at(Stage.DRAW, record.number)
    picture = io.BytesIO()
    draw(raster.pixels, record, picture)
    return base64.b64encode(picture.getvalue()).decode()


def picture(at: At, path: str, media_type: str, sha256: str, page: int, settings: str) -> str:
    """The page as a viewer shows it: PNG, in base64."""
    at(Stage.RASTERISE, page)
    raster = _pages.raster(Path(path), media_type, sha256, page, _settings(settings))
    at(Stage.DRAW, page)
    done, encoded = cv2.imencode(".png", raster.pixels)
    if not done:
        raise DocbeamError(ErrorCode.PAGE_UNREADABLE, "the page could not be written as a picture")
    return base64.b64encode(encoded.tobytes()).decode()


OPERATIONS: dict[str, Callable[..., Any]] = {
    "inspect": inspect_document,
    "apply": apply_model,
    "read": read_regions,
    "conclude": conclude,
    "overlay": draw_overlay,
    "picture": picture,
}


def _model(at: At, name: str) -> Model:
    if name not in _models:
        at(Stage.LOAD)
        try:
            load_model(name, _models)
        except RegistryError as error:
            raise DocbeamError(ErrorCode.MODEL_UNAVAILABLE, str(error)) from None
    return _models[name]


def _loaded(model: Model) -> dict[str, Any]:
    """Which model it is, and which it has read by, as this process has loaded them."""
    used = [ModelUse(name, reader.card.version, reader.card.sha256) for name, reader in model.used.items()]
    return {"version": model.card.version, "sha256": model.card.sha256, "used": _USES.dump_python(used)}


def _page_image(page: PageResult, raster: RasterPage, sha256: str, options: Mapping[str, str]) -> PageImage:
    """The page as a model sees it; `page` knows its size."""
    return PageImage(
        number=page.number,
        pixels=_pages.straightened(sha256, page.number, raster, page.transforms),
        dpi=raster.dpi,
        options=options,
        earlier=_earlier(page),
    )


def _pdf_content(model: Model, path: Path, media_type: str, page: PageResult, raster: RasterPage) -> PdfContent | None:
    if media_type != PDF or not model.card.pdf_content:
        return None
    content = seen_text(pdf_content(path, page.number), raster.pixels)
    return content_on_page(content, page.transforms, page.width, page.height)


def _checked(name: str, predictions: Sequence[Prediction], expected: int) -> Sequence[Prediction]:
    if not isinstance(predictions, Sequence) or len(predictions) != expected:
        count = len(predictions) if isinstance(predictions, Sequence) else type(predictions).__name__
        raise DocbeamError(ErrorCode.MODEL_CONTRACT_BROKEN, f"{name} answered {count} predictions for {expected} pages")
    for prediction in predictions:
        if not isinstance(prediction, Prediction):
            raise DocbeamError(
                ErrorCode.MODEL_CONTRACT_BROKEN, f"{name} answered a {type(prediction).__name__}, no Prediction"
            )
    return predictions


def _to_source(prediction: Prediction, page: PageResult) -> Prediction:
    in_source = to_source(page.transforms, page.width, page.height)

    def rounded(quad: Quad) -> Quad:
        # A millionth of a page is finer than any scan, and half as long in JSON.
        return cast(Quad, tuple(round(value, 6) for value in in_source(quad)))

    return map_prediction(prediction, rounded)


def _earlier(page: PageResult) -> Mapping[str, Prediction]:
    on_page = from_source(page.transforms, page.width, page.height)
    return {outcome.model: map_prediction(outcome.prediction, on_page) for outcome in page.outcomes}


def _with_size(page: PageResult, width: int, height: int) -> PageResult:
    return replace(page, width=width, height=height)


@lru_cache(maxsize=4)
def _settings(text: str) -> DocumentSettings:
    return DocumentSettings.model_validate_json(text)
