"""Signatures: is there one in this region, is there one on this page."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from evaluation.boxes import holds_centre, overlap
from evaluation.folder import Case
from evaluation.kinds.kind import Kind
from evaluation.pages import EvaluationPage
from evaluation.sample import Mark, Role, Sample, quad_of_box, total, values
from evaluation.statistics import SEED, Measured, fraction, mean, ratio
from schemas.prediction import Prediction, Quad, Signature, box_quad
from schemas.prediction import SignatureKind as Found

REGIONS_A_PAGE = 6
MARGIN = 0.12
"""By which a true box is widened on each side before it is asked about, as a form's signature field would be."""
LEAST_INK = 0.01
_INCOMPLETE = "unboxed"
_UNDECIDED = "initials"


class SignatureKind(Kind):
    """Truth: `boxes` of `box` and `kind`; the label is the number of signatures, or `initials`.

    A model that has `kind_of(page, quads)`, answering one Signature for each quad, is asked about regions.
    """

    protocol = (
        f"region_recall: true signature boxes widened by {MARGIN:.0%} that the model calls a signature. "
        f"region_false_accept: of {REGIONS_A_PAGE} seeded random regions a page with at least {LEAST_INK:.0%} ink and "
        "no overlap with a true box, on pages whose truth is complete. Without kind_of a region counts as signed if a "
        "found signature's centre is in it. page_f1: a signature on the page or not; pages labelled initials are left "
        "out. Intervals: Wilson; bootstrap over pages for page_f1 and time."
    )

    def samples(self, case: Case, page: EvaluationPage) -> Iterator[Sample]:
        """One sample a page."""
        prediction, seconds = self.ask(page.shown)
        true = _true_quads(case)
        regions = [*(_widened(quad) for quad in true), *_random_regions(case, page)]
        signed = self._signed(page, prediction, regions)
        found = [item for item in page.found(prediction).signatures if item.kind is Found.SIGNATURE]
        yield _sample(case, regions, len(true), signed, found, {"seconds": seconds})

    def failed(self, case: Case) -> Sample:
        """Every signature missed."""
        regions = [_widened(quad) for quad in _true_quads(case)]
        return _sample(case, regions, len(regions), [False] * len(regions), (), {})

    def metrics(self, samples: Sequence[Sample]) -> Mapping[str, Measured]:
        """region_recall and region_false_accept (count: regions), page_f1 (count: pages), ms_per_page."""
        pages = [s.numbers for s in samples if "page_true" in s.numbers]
        f1 = [(2 * n["page_true"] * n["page_found"], n["page_true"] + n["page_found"]) for n in pages]
        return {
            "region_recall": fraction(total(samples, "signed_right"), total(samples, "signed")),
            "region_false_accept": fraction(total(samples, "accepted_wrong"), total(samples, "unsigned")),
            "page_f1": ratio(f1, len(pages)),
            "ms_per_page": mean([1000 * seconds for seconds in values(samples, "seconds")]),
        }

    def _signed(self, page: EvaluationPage, prediction: Prediction, regions: Sequence[Quad]) -> list[bool]:
        shown = [page.to_shown(region) for region in regions]
        if hasattr(self.model, "kind_of"):
            kinds = list(self.model.kind_of(page.shown, shown))
            if len(kinds) != len(regions):
                raise ValueError(f"kind_of answered {len(kinds)} regions for {len(regions)}")
            return [found.kind is Found.SIGNATURE for found in kinds]
        found = [item.quad for item in prediction.signatures if item.kind is Found.SIGNATURE]
        return [any(holds_centre(region, quad) for quad in found) for region in shown]


def _true_quads(case: Case) -> list[Quad]:
    return [quad_of_box(box["box"]) for box in case.truth.get("boxes", ()) if box.get("kind") == "signature"]


def _widened(quad: Quad) -> Quad:
    x, y = MARGIN * (quad[4] - quad[0]), MARGIN * (quad[5] - quad[1])
    return box_quad(quad[0] - x, quad[1] - y, quad[4] + x, quad[5] + y)


def _random_regions(case: Case, page: EvaluationPage) -> list[Quad]:
    """The same regions of a page in every run: seeded by its name."""
    if _INCOMPLETE in case.note or case.label == _UNDECIDED:
        return []
    random = np.random.default_rng([SEED, zlib.crc32(case.name.encode())])
    pixels = page.source.pixels
    height, width = pixels.shape[:2]
    taken = [_widened(quad_of_box(box["box"])) for box in case.truth.get("boxes", ())]
    regions: list[Quad] = []
    for _ in range(50 * REGIONS_A_PAGE):
        if len(regions) == REGIONS_A_PAGE:
            break
        w, h = width * random.uniform(0.12, 0.4), height * random.uniform(0.03, 0.1)
        left, top = random.uniform(0, width - w), random.uniform(0, height - h)
        region = box_quad(left, top, left + w, top + h)
        if _ink(pixels, region) >= LEAST_INK and all(overlap(region, other) == 0 for other in (*taken, *regions)):
            regions.append(region)
    return regions


def _ink(pixels: npt.NDArray[np.uint8], region: Quad) -> float:
    part = pixels[int(region[1]) : int(region[5]), int(region[0]) : int(region[4])]
    return float((part < 128).mean()) if part.size else 0.0


def _sample(
    case: Case,
    regions: Sequence[Quad],
    true: int,
    signed: Sequence[bool],
    found: Sequence[Signature],
    timing: Mapping[str, float],
) -> Sample:
    numbers = {
        "signed": true,
        "signed_right": sum(signed[:true]),
        "unsigned": len(regions) - true,
        "accepted_wrong": sum(signed[true:]),
        **timing,
    }
    page_wrong = False
    if case.label.isdigit():
        numbers["page_true"] = float(int(case.label) > 0)
        numbers["page_found"] = float(bool(found))
        page_wrong = numbers["page_true"] != numbers["page_found"]
    missed, accepted = true - sum(signed[:true]), sum(signed[true:])
    marks = [Mark(Role.WRONG if not true else Role.RIGHT, item.quad, f"{item.confidence:.2f}") for item in found]
    for index, (region, is_signed) in enumerate(zip(regions, signed, strict=True)):
        if index < true and not is_signed:
            marks.append(Mark(Role.MISSED, region, "signature not seen"))
        elif index >= true and is_signed:
            marks.append(Mark(Role.WRONG, region, "called a signature"))
    remark = f"{missed} of {true} missed, {accepted} wrongly accepted" + (", page wrong" if page_wrong else "")
    return Sample(case, numbers, missed + accepted + page_wrong, marks, remark)
