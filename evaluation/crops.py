"""Crops: pieces of a page, or images of their own, that hold one thing to read, and what they truly say."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.folder import Case
from evaluation.pages import EvaluationPage
from evaluation.placed_text import edit_distance
from evaluation.region_questions import ask_regions, reads
from evaluation.sample import Answer, Mark, Role, Sample, quad_of_box, total
from evaluation.statistics import Measured, fraction, mean, ratio
from models.contract import Model, PageImage
from models.regions import cut
from schemas.fields import FieldState
from schemas.prediction import Quad, box_quad
from schemas.reading import Reading, Region

KINDS = ("text", "digits", "capitals", "date", "amount", "character", "digit", "capital")
"""What a crop may hold; the last three are single characters."""
_GROUPS: Mapping[str, Sequence[str]] = {
    "words": ("text", "capitals"),
    "characters": ("character", "digit", "capital"),
}
"""Kinds that are also measured together."""
_CAPITALS = ("capitals", "capital")
_NOTE = re.compile(rf"({'|'.join(KINDS)})(?: in (\d+) cells)?")


@dataclass(frozen=True, slots=True)
class Crop:
    """A piece of the source page."""

    quad: Quad
    kind: str
    text: str
    cells: int | None = None
    """How many boxes or comb cells it has, one character in each; None for a line."""


def is_crop(case: Case) -> bool:
    """Whether the row's image is itself one crop: its text is the label, and its note names a kind, or a kind and how
    many cells it stands in: "digits in 8 cells".
    """
    return _NOTE.fullmatch(case.note) is not None and not case.truth


def crops_of(case: Case, page: EvaluationPage) -> list[Crop]:
    """The crops that the truth lists, or the whole image. Raises ValueError for a kind that is none."""
    if is_crop(case):
        height, width = page.source.pixels.shape[:2]
        return [_whole(case, width, height)]
    crops = [_crop(entry) for entry in _listed(case)]
    for crop in crops:
        if crop.kind not in KINDS:
            raise ValueError(f"a crop of kind {crop.kind!r}; there are {', '.join(KINDS)}")
    return crops


def crop_sample(case: Case, page: EvaluationPage, model: Model) -> Sample:
    """The model asked about every crop of the row."""
    numbers: dict[str, float] = {}
    marks, answers = [], []
    wrong = 0
    for crop in crops_of(case, page):
        start = time.process_time()
        reading = _read(model, page.shown, Region(page.to_shown(crop.quad), crop.kind, crop.cells))
        _add(numbers, "crop_seconds", time.process_time() - start)
        right = _comparable(reading.value, crop.kind) == _comparable(crop.text, crop.kind)
        _count(numbers, crop, reading, right)
        said = f"{reading.value} (rejected)" if reading.rejected else reading.value
        answers.append(Answer("crop", reading.confidence, right, crop.text, said, crop.quad))
        marks.append(Mark(Role.RIGHT if right else Role.WRONG, crop.quad, "" if right else said))
        wrong += not right
    return Sample(case, numbers, float(wrong), marks, f"{wrong} of {len(answers)} crops wrong", answers)


def failed_crops(case: Case) -> Sample:
    """Every crop wrong."""
    numbers: dict[str, float] = {}
    listed = [_whole(case, 1, 1)] if is_crop(case) else [_crop(entry) for entry in _listed(case)]
    for crop in listed:
        _count(numbers, crop, Reading(FieldState.NOT_READ), False)
    return Sample(case, numbers, float(len(listed)), remark="failed")


def crop_metrics(samples: Sequence[Sample]) -> Mapping[str, Measured]:
    """crop_exact, in all, by kind and by group, crop_cer, crop_rejected, crop_exact_of_answered, ms_per_crop."""
    count = total(samples, "crops")
    if not count:
        return {}
    metrics = {
        "crop_exact": fraction(total(samples, "exact"), count),
        "crop_exact_any_case": fraction(total(samples, "exact_any_case"), count),
    }
    for name, kinds in {**_GROUPS, **{kind: (kind,) for kind in KINDS}}.items():
        of_kind = sum(total(samples, f"crops_{kind}") for kind in kinds)
        if of_kind:
            exact = sum(total(samples, f"exact_{kind}") for kind in kinds)
            metrics[f"crop_exact_{name}"] = fraction(exact, of_kind)
    errors = [(s.numbers["errors"], s.numbers["letters"]) for s in samples if "errors" in s.numbers]
    answered = count - total(samples, "rejected")
    times = [1000 * s.numbers["crop_seconds"] / s.numbers["crops"] for s in samples if "crop_seconds" in s.numbers]
    return metrics | {
        "crop_cer": ratio(errors, total(samples, "letters")),
        "crop_rejected": fraction(count - answered, count),
        "crop_exact_of_answered": fraction(total(samples, "answered_exact"), answered),
        "ms_per_crop": mean(times),
    }


def _whole(case: Case, width: int, height: int) -> Crop:
    found = _NOTE.fullmatch(case.note)
    kind, cells = found.groups() if found else ("text", None)
    return Crop(box_quad(0.0, 0.0, float(width), float(height)), kind, case.label, int(cells) if cells else None)


def _crop(entry: Mapping[str, Any]) -> Crop:
    return Crop(quad_of_box(entry["box"]), str(entry.get("kind", "text")), str(entry["text"]), entry.get("cells"))


def _listed(case: Case) -> Sequence[Mapping[str, Any]]:
    return list(case.truth.get("crops", ()))


def _count(numbers: dict[str, float], crop: Crop, reading: Reading, right: bool) -> None:
    true, said = _comparable(crop.text, crop.kind), _comparable(reading.value, crop.kind)
    _add(numbers, "crops", 1)
    _add(numbers, f"crops_{crop.kind}", 1)
    _add(numbers, "exact", right)
    _add(numbers, f"exact_{crop.kind}", right)
    _add(numbers, "exact_any_case", true.lower() == said.lower())
    _add(numbers, "rejected", reading.rejected)
    _add(numbers, "answered_exact", right and not reading.rejected)
    _add(numbers, "errors", edit_distance(true, said))
    _add(numbers, "letters", len(true))


def _add(numbers: dict[str, float], name: str, value: float) -> None:
    numbers[name] = numbers.get(name, 0.0) + float(value)


def _comparable(text: str, kind: str) -> str:
    """White space is one space; case counts but where the kind says which it is."""
    plain = " ".join(text.split())
    return plain.upper() if kind in _CAPITALS else plain


def _read(model: Model, page: PageImage, region: Region) -> Reading:
    """The model's reading; of one that reads no such regions, the lines it finds on the cut-out crop, joined."""
    if reads(model, region.kind):
        (reading,) = ask_regions(model, page, [region])
        return reading
    crop = PageImage(1, cut(page.pixels, region.quad), page.dpi, page.options)
    lines = model.predict([crop])[0].lines
    text = " ".join(line.text for line in lines)
    return Reading(FieldState.FILLED, text, min((line.confidence for line in lines), default=0.0))
