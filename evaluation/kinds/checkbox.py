"""Check boxes: the state of given boxes, and finding them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evaluation.boxes import pair_by_centre
from evaluation.folder import Case
from evaluation.kinds.kind import Kind
from evaluation.pages import EvaluationPage
from evaluation.region_questions import ask_regions, reads
from evaluation.sample import Answer, Mark, Role, Sample, quad_of_box, total, values
from evaluation.statistics import Measured, fraction, mean, ratio
from schemas.prediction import Checkbox, CheckboxState, Quad
from schemas.reading import Region, RegionKind

CHECKED = "checked"
_MARKED = {CheckboxState.TICKED, CheckboxState.CROSSED, CheckboxState.FILLED, CheckboxState.MARKED}


class CheckboxKind(Kind):
    """Truth: `boxes` of `box` and `state` (`checked`, or a state of docbeam's by name), and `complete`.

    A model that reads regions of kind `checkbox` is asked about the true boxes.
    """

    protocol = (
        "state_accuracy: of all true boxes, given to the model as quads (of the boxes it finds itself, if it reads "
        "no given ones); checked is any mark, unreadable and scribbled-out are wrong unless the truth says so. "
        "marked_accuracy: of the same, but those scribbled out, marked against empty whatever the mark. "
        "detected_state_accuracy: of found boxes that pair with a true one (each one's centre in the other). "
        "detector_f1, detector_recall: f1 only where the truth lists every box of the page. "
        "..._after_ocr: the same of the boxes that the model finds when it knows what ocr read, as in a use case. "
        "Intervals: Wilson; bootstrap over pages for f1 and time."
    )

    used_after = ("ocr",)

    def samples(self, case: Case, page: EvaluationPage) -> Iterator[Sample]:
        """One sample a page."""
        prediction, seconds = self.ask(page.shown)
        boxes = _true_boxes(case.truth)
        given: Sequence[Checkbox] = ()
        if reads(self.model, RegionKind.CHECKBOX):
            regions = [Region(page.to_shown(quad), RegionKind.CHECKBOX) for quad, _ in boxes]
            answers = ask_regions(self.model, page.shown, regions)
            given = [
                Checkbox(CheckboxState(said.value or CheckboxState.UNREADABLE), region.quad, said.confidence)
                for said, region in zip(answers, regions, strict=True)
            ]
        used: Mapping[str, float] = {}
        if page.used is not None:
            (as_used,) = self.model.predict([page.used])
            used = _as_used(boxes, page.found(as_used).checkboxes)
        yield _sample(case, boxes, given, page.found(prediction).checkboxes, {"seconds": seconds, **used})

    def failed(self, case: Case) -> Sample:
        """Every box missed and, where states of given boxes are asked, wrong."""
        boxes = _true_boxes(case.truth)
        unread = [Checkbox(CheckboxState.UNREADABLE, quad, 0.0) for quad, _ in boxes]
        return _sample(case, boxes, unread if reads(self.model, RegionKind.CHECKBOX) else (), (), {})

    def metrics(self, samples: Sequence[Sample]) -> Mapping[str, Measured]:
        """State and marked accuracy, detector_recall (count: boxes), detector_f1 (of complete pages), ms_per_page."""
        on_found = fraction(total(samples, "paired_right"), total(samples, "paired"))
        on_given = fraction(total(samples, "given_right"), total(samples, "given"))
        return {
            "state_accuracy": on_given if reads(self.model, RegionKind.CHECKBOX) else on_found,
            "marked_accuracy": fraction(total(samples, "marked_right"), total(samples, "marked_asked")),
            "detected_state_accuracy": on_found,
            "detector_f1": _f1(samples, "paired", "found"),
            "detector_recall": fraction(total(samples, "paired"), total(samples, "true")),
            "ms_per_page": mean([1000 * seconds for seconds in values(samples, "seconds")]),
            **_metrics_as_used(samples),
        }


def _f1(samples: Sequence[Sample], paired: str, found: str) -> Measured:
    """On pages whose truth lists every box."""
    complete = [s.numbers for s in samples if s.numbers["complete"]]
    pages = [(2 * n.get(paired, 0.0), n.get(found, 0.0) + n["true"]) for n in complete]
    return ratio(pages, round(sum(n["true"] for n in complete)))


def _metrics_as_used(samples: Sequence[Sample]) -> Mapping[str, Measured]:
    """Of finding boxes after ocr, where that was asked for; a page that failed counts as without boxes."""
    if not any("used_found" in s.numbers for s in samples):
        return {}
    paired = total(samples, "used_paired")
    return {
        "detected_state_accuracy_after_ocr": fraction(total(samples, "used_paired_right"), paired),
        "detector_f1_after_ocr": _f1(samples, "used_paired", "used_found"),
        "detector_recall_after_ocr": fraction(paired, total(samples, "true")),
    }


def _as_used(boxes: Sequence[tuple[Quad, str]], found: Sequence[Checkbox]) -> Mapping[str, float]:
    pairs = pair_by_centre([quad for quad, _ in boxes], [box.quad for box in found])
    right = sum(agrees(boxes[i][1], found[j].state) for i, j in pairs)
    return {"used_found": len(found), "used_paired": len(pairs), "used_paired_right": right}


def agrees(true: str, found: CheckboxState) -> bool:
    """Whether a found state is the true one; `checked` is any mark that was not withdrawn."""
    return found in _MARKED if true == CHECKED else found.value == true


def _true_boxes(truth: Mapping[str, Any]) -> list[tuple[Quad, str]]:
    return [(quad_of_box(box["box"]), str(box["state"])) for box in truth.get("boxes", ())]


def _sample(
    case: Case,
    boxes: Sequence[tuple[Quad, str]],
    given: Sequence[Checkbox],
    found: Sequence[Checkbox],
    timing: Mapping[str, float],
) -> Sample:
    pairs = pair_by_centre([quad for quad, _ in boxes], [box.quad for box in found])
    given_right = [agrees(state, box.state) for (_, state), box in zip(boxes, given, strict=False)]
    paired_right = [agrees(boxes[i][1], found[j].state) for i, j in pairs]
    asked = zip(boxes, given, strict=False) if given else ((boxes[i], found[j]) for i, j in pairs)
    marked_right = [
        (answer.state in _MARKED) == (state != CheckboxState.EMPTY)
        for (_, state), answer in asked
        if state != CheckboxState.SCRIBBLED_OUT
    ]
    complete = bool(case.truth.get("complete", True))
    numbers = {
        "true": len(boxes),
        "found": len(found),
        "paired": len(pairs),
        "paired_right": sum(paired_right),
        "given": len(given_right),
        "given_right": sum(given_right),
        "marked_asked": len(marked_right),
        "marked_right": sum(marked_right),
        "complete": float(complete),
    }
    wrong_states = len(given_right) - sum(given_right) or len(paired_right) - sum(paired_right)
    extra = len(found) - len(pairs) if complete else 0
    missed = len(boxes) - len(pairs)
    remark = f"{wrong_states} wrong states, {missed} boxes not found, {extra} too many"
    marks = _marks(boxes, given, found, pairs, complete)
    answers = [*_state_answers(boxes, given, found, pairs), *_box_answers(found, pairs, complete)]
    return Sample(case, {**numbers, **timing}, wrong_states + 0.2 * (missed + extra), marks, remark, answers)


def _state_answers(
    boxes: Sequence[tuple[Quad, str]],
    given: Sequence[Checkbox],
    found: Sequence[Checkbox],
    pairs: Sequence[tuple[int, int]],
) -> list[Answer]:
    """About the given boxes, or, of a model that answers none, the found ones that are true."""
    asked = list(enumerate(given)) if given else [(i, found[j]) for i, j in pairs]
    return [
        Answer("state", answer.confidence, agrees(state, answer.state), state, answer.state.value, quad)
        for (quad, state), answer in ((boxes[i], answer) for i, answer in asked)
    ]


def _box_answers(found: Sequence[Checkbox], pairs: Sequence[tuple[int, int]], complete: bool) -> list[Answer]:
    """Found boxes, where the truth lists all."""
    if not complete:
        return []
    true = {j for _, j in pairs}
    return [
        Answer("box", box.detection_confidence, j in true, "a box" if j in true else "no box", "a box", box.quad)
        for j, box in enumerate(found)
    ]


def _marks(
    boxes: Sequence[tuple[Quad, str]],
    given: Sequence[Checkbox],
    found: Sequence[Checkbox],
    pairs: Sequence[tuple[int, int]],
    complete: bool,
) -> list[Mark]:
    marks = []
    partner = dict(pairs)
    for index, (quad, state) in enumerate(boxes):
        answer = given[index] if given else found[partner[index]] if index in partner else None
        if answer is not None and not agrees(state, answer.state):
            marks.append(Mark(Role.WRONG, quad, f"{state}, read {answer.state} {answer.confidence:.2f}"))
        elif index not in partner:
            marks.append(Mark(Role.MISSED, quad, "not found"))
        else:
            marks.append(Mark(Role.RIGHT, quad))
    paired = {j for _, j in pairs}
    if complete:
        marks += [Mark(Role.WRONG, box.quad, "no box") for j, box in enumerate(found) if j not in paired]
    return marks
