"""Signatures: is there one in this region, is there one on this page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evaluation.boxes import holds_centre
from evaluation.folder import Case
from evaluation.kinds.kind import Kind
from evaluation.pages import EvaluationPage
from evaluation.region_questions import ask_regions, reads
from evaluation.regions import BLANK_A_PAGE, INKED_A_PAGE, Holds, Negative, negatives
from evaluation.sample import Answer, Mark, Role, Sample, quad_of_box, total, values
from evaluation.statistics import NOTHING, Measured, fraction, mean, ratio
from models.contract import Model, PageImage
from models.registry import load_model
from schemas.fields import FieldState
from schemas.prediction import Prediction, Quad, Signature, TextLine, box_quad
from schemas.prediction import SignatureKind as Found
from schemas.reading import Reading, Region, RegionKind

MARGIN = 0.12
"""By which a true box is widened on each side before it is asked about, as a form's signature field would be."""
_INCOMPLETE = "unboxed"
_UNDECIDED = "initials"
_SIGNED = "signature"
_ENGINE = "light"
"""Of the OCR model, to know print by: quick, and hardly ever sure of handwriting."""
_CLAIMED = (Found.SIGNATURE, Found.INITIALS)


@dataclass(frozen=True, slots=True)
class _Region:
    """A place the model was asked about, and what it said."""

    quad: Quad
    true: str
    """`signature`, or what a place without one holds."""
    kind: Found
    confidence: float
    score: float
    """How far it is signed, 0..1."""

    @property
    def right(self) -> bool:
        if self.true == _SIGNED:
            return self.kind is Found.SIGNATURE
        return self.kind not in _CLAIMED


class SignatureKind(Kind):
    """Truth: `boxes` of `box` and `kind`; the label is the number of signatures, or `initials`.

    A model that reads regions of kind `signature` is asked about them; where its readings have scores of the kinds,
    recall is measured at stated false accepts by the sum of those that are signed, else by the kind and its
    confidence.
    """

    protocol = (
        f"region_recall: true signature boxes widened by {MARGIN:.0%} that the model calls a signature. "
        f"region_false_accept: of seeded random places without a signature, on pages whose truth is complete, up to "
        f"{INKED_A_PAGE} inked and {BLANK_A_PAGE} blank a page, those blank or printed that it calls signature or "
        "initials; _other: of places holding anything else (handwriting, logos, drawings), told apart by the OCR "
        "model. region_recall_at_2, _at_1: at the score above which 2 (1) % of blank and printed places are. "
        "signed_auroc: that score, signatures against blank and printed; region_auroc: confidence against right. "
        "Of a model that reads no regions a "
        "region counts as signed if a found signature's centre is in it. page_f1: a signature on the page or not; "
        "pages labelled initials are left out. Intervals: Wilson; bootstrap over pages for page_f1, AUROC and time."
    )

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self._ocr: Model | None = None

    def samples(self, case: Case, page: EvaluationPage) -> Iterator[Sample]:
        """One sample a page."""
        prediction, seconds = self.ask(page.shown)
        places = [(_widened(quad), _SIGNED) for quad in _true_quads(case)]
        places += [(place.quad, place.holds.value) for place in self._negatives(case, page)]
        regions = self._asked(page, prediction, places)
        found = [item for item in page.found(prediction).signatures if item.kind is Found.SIGNATURE]
        yield _sample(case, regions, found, {"seconds": seconds})

    def failed(self, case: Case) -> Sample:
        """Every signature missed."""
        regions = [_Region(_widened(quad), _SIGNED, Found.EMPTY, 0.0, 0.0) for quad in _true_quads(case)]
        return _sample(case, regions, (), {})

    def metrics(self, samples: Sequence[Sample]) -> Mapping[str, Measured]:
        """Those of regions (count: regions), page_f1 (count: pages), ms_per_page."""
        pages = [s.numbers for s in samples if "page_true" in s.numbers]
        f1 = [(2 * n["page_true"] * n["page_found"], n["page_true"] + n["page_found"]) for n in pages]
        plain = (Holds.BLANK, Holds.PRINTED)
        return {
            "region_recall": fraction(total(samples, "right_signature"), total(samples, "asked_signature")),
            "region_recall_at_2": _recall_at(samples, 0.02),
            "region_recall_at_1": _recall_at(samples, 0.01),
            "region_false_accept": _accepted(samples, plain),
            **{f"region_false_accept_{holds.value}": _accepted(samples, (holds,)) for holds in Holds},
            "page_f1": ratio(f1, len(pages)),
            "ms_per_page": mean([1000 * seconds for seconds in values(samples, "seconds")]),
        }

    def _negatives(self, case: Case, page: EvaluationPage) -> Sequence[Negative]:
        if _INCOMPLETE in case.note or case.label == _UNDECIDED:
            return ()
        taken = [_widened(quad_of_box(box["box"])) for box in case.truth.get("boxes", ())]
        return negatives(case.name, page.source, taken, self._read)

    def _read(self, page: PageImage) -> Sequence[TextLine]:
        if self._ocr is None:
            self._ocr = load_model("ocr")
        return self._ocr.predict([replace(page, options={"engine": _ENGINE})])[0].lines

    def _asked(self, page: EvaluationPage, prediction: Prediction, places: Sequence[tuple[Quad, str]]) -> list[_Region]:
        shown = [page.to_shown(quad) for quad, _ in places]
        if reads(self.model, RegionKind.SIGNATURE):
            regions = [Region(quad, RegionKind.SIGNATURE) for quad in shown]
            answers = ask_regions(self.model, page.shown, regions)
        else:
            answers = [_within(prediction, quad) for quad in shown]
        asked = zip(places, answers, strict=True)
        return [
            _Region(quad, true, Found(said.value or Found.EMPTY), said.confidence, _score(said))
            for (quad, true), said in asked
        ]


def _within(prediction: Prediction, region: Quad) -> Reading:
    """The surest signature found whose centre is in the region; else it is empty."""
    found = [s for s in prediction.signatures if s.kind is Found.SIGNATURE and holds_centre(region, s.quad)]
    if not found:
        return Reading(FieldState.BLANK, Found.EMPTY)
    best = max(found, key=lambda s: s.confidence)
    return Reading(FieldState.FILLED, best.kind, best.confidence)


def _score(answer: Reading) -> float:
    """From 0, surely unsigned, over 0.5, unsure of either, to 1, surely signed."""
    if answer.scores:
        return sum(answer.scores.get(kind, 0.0) for kind in _CLAIMED)
    return 0.5 + (0.5 if answer.value in _CLAIMED else -0.5) * answer.confidence


def _true_quads(case: Case) -> list[Quad]:
    return [quad_of_box(box["box"]) for box in case.truth.get("boxes", ()) if box.get("kind") == _SIGNED]


def _widened(quad: Quad) -> Quad:
    x, y = MARGIN * (quad[4] - quad[0]), MARGIN * (quad[5] - quad[1])
    return box_quad(quad[0] - x, quad[1] - y, quad[4] + x, quad[5] + y)


def _accepted(samples: Sequence[Sample], holds: Sequence[Holds]) -> Measured:
    asked = sum(total(samples, f"asked_{kind.value}") for kind in holds)
    right = sum(total(samples, f"right_{kind.value}") for kind in holds)
    return fraction(asked - right, asked)


def _recall_at(samples: Sequence[Sample], accepts: float) -> Measured:
    """Share of signatures that score higher than all but `accepts` of the blank and printed places."""
    scored = [answer for sample in samples for answer in sample.answers if answer.question == "signed"]
    wrong = sorted((answer.confidence for answer in scored if not answer.right), reverse=True)
    true = [answer.confidence for answer in scored if answer.right]
    if not wrong or not true:
        return NOTHING
    limit = wrong[int(accepts * len(wrong))]
    return fraction(sum(score > limit for score in true), len(true))


def _sample(case: Case, regions: Sequence[_Region], found: Sequence[Signature], timing: Mapping[str, float]) -> Sample:
    numbers = dict(timing)
    for region in regions:
        for name, value in ((f"asked_{region.true}", 1.0), (f"right_{region.true}", float(region.right))):
            numbers[name] = numbers.get(name, 0.0) + value
    answers = [answer for region in regions for answer in _region_answers(region)]
    page_wrong = False
    if case.label.isdigit():
        signed = int(case.label) > 0
        numbers |= {"page_true": float(signed), "page_found": float(bool(found))}
        page_wrong = signed != bool(found)
        answers.append(Answer("page", max((s.confidence for s in found), default=0.0), signed))
    answers += _find_answers(case, found)
    missed = sum(region.true == _SIGNED and not region.right for region in regions)
    accepted = sum(region.true != _SIGNED and not region.right for region in regions)
    remark = f"{missed} missed, {accepted} wrongly accepted" + (", page wrong" if page_wrong else "")
    return Sample(case, numbers, missed + accepted + page_wrong, _marks(regions, found), remark, answers)


def _region_answers(region: _Region) -> list[Answer]:
    said = f"{region.kind.value} {region.score:.2f}"
    if region.true == Holds.OTHER:
        return [Answer("region_other", region.confidence, region.right, region.true, said, region.quad)]
    return [
        Answer("region", region.confidence, region.right, region.true, said, region.quad),
        Answer("signed", region.score, region.true == _SIGNED, region.true, said),
    ]


def _find_answers(case: Case, found: Sequence[Signature]) -> list[Answer]:
    """Signatures found, where the truth has all of the page."""
    if _INCOMPLETE in case.note or not case.label.isdigit():
        return []
    boxes = [quad_of_box(box["box"]) for box in case.truth.get("boxes", ())]
    answers = []
    for item in found:
        right = any(holds_centre(box, item.quad) or holds_centre(item.quad, box) for box in boxes)
        true = "signature" if right else "none"
        answers.append(Answer("found", item.confidence, right, true, "signature", item.quad))
    return answers


def _marks(regions: Sequence[_Region], found: Sequence[Signature]) -> list[Mark]:
    true = [region.quad for region in regions if region.true == _SIGNED]
    marks = []
    for item in found:
        right = any(holds_centre(quad, item.quad) for quad in true)
        marks.append(Mark(Role.RIGHT if right else Role.WRONG, item.quad, f"{item.confidence:.2f}"))
    for region in regions:
        if region.true == _SIGNED and not region.right:
            marks.append(Mark(Role.MISSED, region.quad, f"called {region.kind.value}"))
        elif not region.right:
            marks.append(Mark(Role.WRONG, region.quad, f"{region.true}, called {region.kind.value}"))
    return marks
