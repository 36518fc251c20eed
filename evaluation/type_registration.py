"""Registers a document type from example pages: reference page, threshold, type.toml, and a picture to look at."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from evaluation.pages import EvaluationPage, open_page, straighten
from models.blank_pages.comparison import Comparison, Reference, compare, reference_of
from models.blank_pages.features import features_of
from models.catalog.document_type.agreement_picture import agreement_picture
from models.catalog.document_type.consensus import Example, consensus
from models.catalog.document_type.known_type import read_reference
from models.catalog.document_type.threshold import Chosen, choose
from models.catalog.document_type.types_registry import TYPE_FILE, RegisteredType, TypeDescription
from models.registry import load_model
from schemas.errors import DocbeamError, ErrorCode
from synthesis.sheet import Pixels, new_sheet
from synthesis.wear.degrade import RECIPES

REFERENCE_FILE = "page-1.png"
_SEED = 7
_COPY_PIXELS = 1400


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asks for."""

    name: str
    version: str
    title: str
    false_accept_rate: float
    threshold: float | None = None
    """Set by hand; None: chosen."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A page and how far it is of the new type."""

    page: str
    role: str
    """`example`, `copy of an example` or `counter page`."""
    score: float
    runner_up: str = ""
    """The registered type it is most like besides."""
    runner_up_score: float = 0.0


@dataclass(frozen=True, slots=True)
class Registration:
    """What was made and measured."""

    folder: Path
    picture: Path
    description: TypeDescription
    base: str
    erased: float
    chosen: Chosen
    scored: tuple[Scored, ...]


class Registrar:
    """Opens and straightens pages as the product does, and compares them with the types there are."""

    def __init__(self, registered: Sequence[RegisteredType]) -> None:
        self._deskew = load_model("deskew")
        self._others = {
            each.description.name: [read_reference(path) for path in each.references] for each in registered
        }
        self._references = {
            name: [reference_of(features_of(pixels)) for pixels in pages] for name, pages in self._others.items()
        }

    def open(self, path: Path) -> Pixels:
        """The first page of a file, straightened. Raises DocbeamError that names the file."""
        return self._opened(path).shown.pixels

    def register(self, wish: Wish, files: Sequence[Path], against: Sequence[Path], into: Path) -> Registration:
        """Make the folder `into`/NAME; nothing is left behind when something fails.

        Raises DocbeamError for files that cannot be read, pages with too little print, examples of two forms.
        """
        opened = [self._opened(path) for path in files]
        examples = [Example(path.name, page.shown.pixels) for path, page in zip(files, opened, strict=True)]
        agreed = consensus(examples)
        reference = reference_of(features_of(agreed.reference))
        scored = [*self._examples(examples, reference), *self._counter_pages(against, reference)]
        chosen = choose([each.score for each in scored if each.role == "counter page"], wish.false_accept_rate)
        description = _description(wish, chosen, scored, len(files), _page_points(opened[0]))
        looks = [(example.pixels, compare(features_of(example.pixels), reference)) for example in examples]
        folder, picture = _write(into, description, agreed.reference, reference, looks)
        return Registration(folder, picture, description, agreed.base, agreed.erased, chosen, tuple(scored))

    def _opened(self, path: Path) -> EvaluationPage:
        try:
            return straighten(open_page(path, {}), self._deskew)
        except DocbeamError as error:
            raise DocbeamError(error.code, f"{path}: {error.message}") from None
        except OSError as error:
            raise DocbeamError(ErrorCode.DOCUMENT_NOT_FOUND, f"{path}: {error.strerror}") from None

    def _examples(self, examples: Sequence[Example], reference: Reference) -> list[Scored]:
        found = []
        for example in examples:
            found.append(self._scored(example.name, "example", example.pixels, reference))
            for way, copy in _copies(example.pixels):
                found.append(self._scored(f"{example.name}, {way}", "copy of an example", copy, reference))
        return found

    def _counter_pages(self, against: Sequence[Path], reference: Reference) -> list[Scored]:
        found = []
        for name, pages in self._others.items():
            for number, pixels in enumerate(pages, start=1):
                where = f"type {name}, page {number}"
                ways = [("blank", pixels), *_copies(pixels)]
                found += [self._scored(f"{where}, {way}", "counter page", page, reference) for way, page in ways]
        return found + [self._scored(path.name, "counter page", self.open(path), reference) for path in against]

    def _scored(self, page: str, role: str, pixels: Pixels, reference: Reference) -> Scored:
        features = features_of(pixels)
        score = compare(features, reference).score
        if role != "example":
            return Scored(page, role, score)
        others = {
            name: max(compare(features, each).score for each in references)
            for name, references in self._references.items()
        }
        runner_up = max(sorted(others), key=lambda name: others[name], default="")
        return Scored(page, role, score, runner_up, others.get(runner_up, 0.0))


def files_in(folder: Path) -> list[Path]:
    """The files under a folder, hidden ones left out, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _copies(pixels: Pixels) -> list[tuple[str, Pixels]]:
    """The page as it would come in by each way paper travels."""
    scale = min(1.0, _COPY_PIXELS / max(pixels.shape[:2]))
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    colour = small if small.ndim == 3 else cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)
    sheet = new_sheet(np.asarray(colour, dtype=np.uint8), _COPY_PIXELS / 11)
    return [(way, recipe(sheet, _SEED).image) for way, recipe in RECIPES.items()]


def _page_points(page: EvaluationPage) -> tuple[float, float]:
    height, width = page.shown.pixels.shape[:2]
    # Where an image does not say how large it was on paper, its longer side is taken for that of A4.
    scale = 72 / page.shown.dpi if page.shown.dpi else 841.89 / max(height, width)
    return width * scale, height * scale


def _description(
    wish: Wish, chosen: Chosen, scored: Sequence[Scored], examples: int, points: tuple[float, float]
) -> TypeDescription:
    counter = [each.score for each in scored if each.role == "counter page"]
    own = [each.score for each in scored if each.role != "counter page"]
    return TypeDescription.model_validate(
        {
            "name": wish.name,
            "version": wish.version,
            "summary": wish.title,
            "threshold": wish.threshold if wish.threshold is not None else chosen.threshold,
            "references": [REFERENCE_FILE],
            "page": {"width_points": round(points[0], 2), "height_points": round(points[1], 2)},
            "measured": {
                "examples": examples,
                "lowest_example": round(min(own), 4),
                "counter_pages": len(counter),
                "highest_counter": round(max(counter, default=0.0), 4),
                "false_accept_rate": wish.false_accept_rate,
                "supported_rate": round(chosen.supported_rate, 4),
            },
        }
    )


def _write(
    into: Path,
    description: TypeDescription,
    page: Pixels,
    reference: Reference,
    looks: Sequence[tuple[Pixels, Comparison]],
) -> tuple[Path, Path]:
    """The type's folder, which appears whole or not at all, and the picture beside it."""
    into.mkdir(parents=True, exist_ok=True)
    folder, picture = into / description.name, into / f"{description.name}.agreement.png"
    with tempfile.TemporaryDirectory(prefix=".new-", dir=into) as made:
        cv2.imwrite(f"{made}/{REFERENCE_FILE}", page, [cv2.IMWRITE_PNG_COMPRESSION, 9])
        (Path(made) / TYPE_FILE).write_text(_as_toml(description), encoding="utf-8")
        shutil.copytree(made, folder)
    cv2.imwrite(str(picture), agreement_picture(reference, looks))
    return folder, picture


def _as_toml(description: TypeDescription) -> str:
    tables: dict[str, dict[str, Any]] = {"": {}}
    for name, value in description.model_dump(mode="json").items():
        if isinstance(value, dict):
            tables[name] = value
        else:
            tables[""][name] = value
    parts = []
    for table, values in tables.items():
        lines = [f"[{table}]"] if table else []
        parts.append("\n".join([*lines, *(f"{name} = {_toml(value)}" for name, value in values.items())]))
    return "\n\n".join(parts) + "\n"


def _toml(value: Any) -> str:
    """JSON's strings, numbers and lists of strings are TOML's too, but for DEL."""
    import json

    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
