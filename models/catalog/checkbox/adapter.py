"""The checkbox model: finds the boxes of a page and says what was done to each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.arrows import is_arrow_button
from models.catalog.checkbox.bracketed import bracketed
from models.catalog.checkbox.cells import without_rows_of_cells
from models.catalog.checkbox.comb_cells import cells_beside, holds_something
from models.catalog.checkbox.crossings import crossings
from models.catalog.checkbox.dark_ground import has_white_corners, turned_parts
from models.catalog.checkbox.detection import CONSIDERED, SURELY, THRESHOLD, confidences, log_odds, odds
from models.catalog.checkbox.encircled import are_encircled
from models.catalog.checkbox.finder import find_boxes
from models.catalog.checkbox.finder_patterns import are_finder_patterns, outside_of_codes
from models.catalog.checkbox.hidden_border import white_as_others, with_hidden_border
from models.catalog.checkbox.in_line import in_line_with
from models.catalog.checkbox.joined import joined_by_lines
from models.catalog.checkbox.lettered import with_letters_unread
from models.catalog.checkbox.letters import inside_words
from models.catalog.checkbox.odd_ones import without_odd_ones, without_scattered
from models.catalog.checkbox.page_ink import PageInk, working_pages
from models.catalog.checkbox.passing import hardly, passing
from models.catalog.checkbox.pictured import holds_full_figure, with_figures_as_marks, without_pictures
from models.catalog.checkbox.print_rows import among_print
from models.catalog.checkbox.printed import not_printed
from models.catalog.checkbox.reader import STATES, BoxReader
from models.catalog.checkbox.seen import Seen, apart, on_page, with_dark_ground
from models.catalog.checkbox.selection import Found
from models.catalog.checkbox.settled import settled
from models.catalog.checkbox.shading import is_cut_from_shading, is_dark_inside
from models.catalog.checkbox.solid import solid_places
from models.catalog.checkbox.solid_alone import solid_squares
from models.catalog.checkbox.struck import has_ink_left, without_strokes
from models.catalog.checkbox.tinted_ground import white_places
from models.catalog.checkbox.typed import typed_boxes, with_typed
from models.catalog.checkbox.verdict import is_marked, said, verdict
from models.catalog.checkbox.whole_border import has_round_border
from models.contract import PageImage, RegionReader
from models.ink import grey_of
from models.regions import NOT_ON_PAGE, check_regions, is_on_page
from schemas.fields import Alternative, FieldState
from schemas.prediction import Checkbox, CheckboxState, Prediction, bounds, box_quad
from schemas.reading import Reading, Region

Look = Callable[[npt.NDArray[np.uint8], Sequence[Found], Sequence[Found]], list[Found]]

_LEAST_ALTERNATIVE = 0.01
"""Less likely states are not worth a look."""
_UNAIDED = 0.9
"""Confidence from which there is a box where the rules see none."""
_WHOLE, _LESS_WHOLE, _DENIED = 0.95, 0.8, 0.9
"""Rules, alone and beside others, and network, from where and up to where strokes through a place are looked for."""
_COMPANY, _PASSING_BY = 2, 3.0
"""Sure boxes in line, and sides from its middle to where a stroke goes on that passes by a border."""
_UNKNOWN_MARK, _LEAST_KNOWN = 0.85, 0.1
"""What is said of places in line with others that have a border and a mark which the network does not know, of which
it has to say so much."""
_BESIDE_A_CELL = 0.97
"""Confidence from which there is a box although it shares its walls with a cell beside it."""
_SURELY_MARKED = 0.95
"""Belief in a mark of one kind."""
_FIELD_STATES = {CheckboxState.EMPTY: FieldState.BLANK, CheckboxState.UNREADABLE: FieldState.UNREADABLE}


class CheckboxFinder(RegionReader):
    """Boxes and radio buttons, top to bottom: rules propose them, a network says which are and reads their states."""

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Loads the networks. Raises OSError or an onnxruntime error."""
        self._reader, self._given = BoxReader(artifacts["box"]), BoxReader(artifacts["state"])

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """One prediction for each page; no boxes on a page that has none."""
        return [Prediction(checkboxes=tuple(self._find(page))) for page in pages]

    def read(self, page: PageImage, regions: Sequence[Region]) -> Sequence[Reading]:
        """The state of given boxes: that there is a box is taken from whoever gave it."""
        check_regions(self.card, regions)
        beliefs = self._given.read(grey_of(page.pixels), [bounds(region.quad) for region in regions])
        return [
            _reading(states) if is_on_page(region.quad, page.pixels) else NOT_ON_PAGE
            for states, region in zip(beliefs.states, regions, strict=True)
        ]

    def _find(self, page: PageImage) -> list[Checkbox]:
        grey = grey_of(page.pixels)
        plain, *turned = [
            [box for ink in working_pages(view, page.dpi) for box in self._verified(view, ink)]
            for view in (grey, *turned_parts(grey, page.dpi))
        ]
        # The last of them shows what is filled with white.
        turned[1:] = [[box for box in white if has_white_corners(grey, box.place.extent)] for white in turned[1:]]
        seen = with_dark_ground(plain, turned)
        places = self._beside_sure(grey, seen, lambda grey, _, taken: white_places(grey, page.dpi, taken))
        seen += apart(_surely(places))
        seen += apart(white_as_others(places, _sure(seen)), seen)
        places = self._beside_sure(grey, seen, in_line_with)
        seen += apart(_surely(places))
        seen += apart(with_hidden_border(grey, page.dpi, places, [box.place for box in seen]), seen)
        seen += self._solid(grey, page.dpi, seen)
        seen += apart(_surely(self._beside_sure(grey, seen, crossings)))
        seen = without_scattered(without_odd_ones(seen, len(grey)))
        seen = [box for box in seen if not is_cut_from_shading(grey, box.place)]
        seen = [box for box in seen if not _is_other_than_said(grey, box)]
        seen = with_figures_as_marks(grey, without_pictures(grey, seen))
        joined = joined_by_lines(grey, [box.place for box in seen])
        seen = [box for box, is_joined in zip(seen, joined, strict=True) if not is_joined]
        outside = outside_of_codes(grey, [box_quad(*box.place.extent) for box in seen])
        seen = [box for box, is_outside in zip(seen, outside, strict=True) if is_outside]
        in_words = inside_words([box.place for box in seen], page.earlier)
        free = [box for box, in_word in zip(seen, in_words, strict=True) if not in_word or _is_sure(box)]
        free = without_rows_of_cells(free)
        free = [box for box in free if not _is_cell(grey, box, [one.place for one in free])]
        drawn = with_letters_unread(_unsure_in_rings(grey, free))
        typed = typed_boxes(page.pdf)
        boxes = with_typed(drawn, typed, lambda places: self._reader.read(grey, places).states)
        answers = [box.answer() for box in boxes]
        answers += bracketed(page.earlier, answers)
        return sorted(answers, key=lambda box: (box.quad[1], box.quad[0]))

    def _verified(self, grey: npt.NDArray[np.uint8], ink: PageInk) -> list[Seen]:
        """Boxes on dark ink on light paper, surest first, none overlapping another."""
        height, width = grey.shape
        tried = find_boxes(ink, CONSIDERED)
        found = [on_page(box, ink, width, height) for box in tried]
        beliefs = self._reader.read(grey, [box.extent for box in found])
        network = self._beyond_strokes(grey, found, beliefs.box)
        moved = settled(found, network)
        again = self._reader.read(grey, [box.extent for _, box in moved])
        states = list(beliefs.states)
        for number, (index, box) in enumerate(moved):
            if again.box[number] > network[index]:
                found[index], network[index], states[index] = box, again.box[number], again.states[number]
        sure = confidences(found, network)
        sure[_with_unknown_marks(grey, found, network, sure, states)] = _UNKNOWN_MARK
        likely = np.flatnonzero(sure >= THRESHOLD).tolist()
        around = dict(zip(likely, among_print(ink.masks, [tried[i] for i in likely]), strict=True))
        kept = not_printed(around, found, network, sure, states)
        seen = [Seen(replace(found[i], confidence=float(sure[i])), states[i]) for i in kept]
        boxes = apart(seen)
        patterns = are_finder_patterns(grey, [box_quad(*box.place.extent) for box in boxes])
        return [self._without_strokes(grey, box) for box, is_one in zip(boxes, patterns, strict=True) if not is_one]

    def _beside_sure(self, grey: npt.NDArray[np.uint8], seen: Sequence[Seen], look: Look) -> list[Seen]:
        """Places in the row or column of others that were not `seen`, and how likely there is a box."""
        sure = _sure(seen)
        places = look(grey, sure, [box.place for box in seen])
        beliefs = self._reader.read(grey, [place.extent for place in places])
        network = np.concatenate([np.ones(len(sure), np.float32), beliefs.box])
        likely = confidences([*sure, *places], network)[len(sure) :]
        found = zip(places, likely.tolist(), beliefs.states, strict=True)
        return [Seen(replace(place, confidence=one), said) for place, one, said in found]

    def _solid(self, grey: npt.NDArray[np.uint8], dpi: float | None, seen: Sequence[Seen]) -> list[Seen]:
        """Boxes that were not `seen`, since they are dark all over: in line with others, or alone on the page."""
        sure = _sure(seen)
        places = solid_places(grey, sure, [box.place for box in seen]) if sure else solid_squares(grey, dpi)
        beliefs = self._reader.read(grey, [place.extent for place in places])
        found = [Seen(place, states) for place, states in zip(places, beliefs.states, strict=True)]
        return apart([box for box in found if box.state is not CheckboxState.EMPTY], seen)

    def _beyond_strokes(
        self, grey: npt.NDArray[np.uint8], found: Sequence[Found], network: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """What the network says of each place; of a whole square that it denies, without what strikes through it.

        Beside sure boxes of its line, squares that are less whole are looked at, too, and what passes by their border.
        """
        out = network.copy()
        rules, _, company = odds(found, network).T
        in_line = (company >= _COMPANY) & (rules >= log_odds(np.array(_LESS_WHOLE)))
        denied = network < _DENIED
        for index in np.flatnonzero(denied & (in_line | (rules >= log_odds(np.array(_WHOLE))))).tolist():
            place = found[index].extent
            cleaned = without_strokes(grey, place)
            if cleaned is None and in_line[index]:
                beside = passing(grey, place, _PASSING_BY)
                cleaned = beside.without(grey) if beside is not None and beside.is_all() else None
            if cleaned is not None:
                out[index] = max(out[index], self._reader.read(cleaned, [place]).box[0])
        return out

    def _without_strokes(self, grey: npt.NDArray[np.uint8], box: Seen) -> Seen:
        """As it is without what strikes through it and more; a box that has a mark of its own keeps that."""
        if box.state in (CheckboxState.EMPTY, CheckboxState.FILLED):
            return box
        cleaned = without_strokes(grey, box.place.extent)
        if cleaned is None:
            return self._without_passing(grey, box)
        seen = replace(box, states=self._reader.read(cleaned, [box.place.extent]).states[0])
        broken = seen.state is CheckboxState.EMPTY and has_ink_left(cleaned, box.place.extent)
        return box if broken else seen

    def _without_passing(self, grey: npt.NDArray[np.uint8], box: Seen) -> Seen:
        """As it is without what begins beside it and ends far off, where that may have been taken for its mark."""
        stroke = passing(grey, box.place.extent)
        if stroke is None or are_encircled(grey, [box.place])[0]:
            return box
        if not stroke.is_all():
            return replace(box, states=hardly(box.states)) if stroke.may_go_through() else box
        seen = replace(box, states=self._reader.read(stroke.without(grey), [box.place.extent]).states[0])
        return replace(seen, states=hardly(seen.states)) if seen.state is CheckboxState.EMPTY else box


def _with_unknown_marks(
    grey: npt.NDArray[np.uint8],
    found: Sequence[Found],
    network: npt.NDArray[np.float32],
    sure: npt.NDArray[np.float64],
    states: Sequence[npt.NDArray[np.float32]],
) -> list[int]:
    """The numbers of denied places in line with others whose border, or what is in it, says that they are boxes."""
    company = odds(found, network)[:, 2]
    chosen = []
    for index in np.flatnonzero((sure < _UNKNOWN_MARK) & (company > 0)).tolist():
        box = found[index]
        is_round = box.radio and company[index] >= _COMPANY and is_marked(states[index])
        is_whole = box.confidence >= _LESS_WHOLE and network[index] >= _LEAST_KNOWN
        if (is_round and has_round_border(grey, box)) or (is_whole and holds_full_figure(grey, box)):
            chosen.append(index)
    return chosen


def _is_sure(box: Seen) -> bool:
    return box.place.confidence >= SURELY and box.state is not CheckboxState.UNREADABLE


def _is_other_than_said(grey: npt.NDArray[np.uint8], box: Seen) -> bool:
    """Whether what was taken for a mark is the arrow of a button, or an empty box has no paper in it."""
    return is_dark_inside(grey, box.place) if box.state is CheckboxState.EMPTY else is_arrow_button(grey, box.place)


def _is_cell(grey: npt.NDArray[np.uint8], box: Seen, others: Sequence[Found]) -> bool:
    """Whether it shares a wall with a like cell: no letter is surely a mark, and arms of crosses may close a gap.

    What is surely a box is one still, unless something is written into such a cell that is no box.
    """
    if box.state is not CheckboxState.EMPTY and float(box.states.max()) >= _SURELY_MARKED:
        return False
    cells = cells_beside(grey, box.place)
    if box.place.confidence < _BESIDE_A_CELL:
        return bool(cells)
    return any(holds_something(grey, cell) and not any(cell.overlaps(other) for other in others) for cell in cells)


def _unsure_in_rings(grey: npt.NDArray[np.uint8], boxes: Sequence[Seen]) -> list[Seen]:
    """The boxes in their order; empty ones around which somebody drew a ring are no longer surely so."""
    encircled = are_encircled(grey, [box.place for box in boxes])
    return [
        replace(box, states=hardly(box.states)) if is_in_ring and box.state is CheckboxState.EMPTY else box
        for box, is_in_ring in zip(boxes, encircled, strict=True)
    ]


def _sure(seen: Sequence[Seen]) -> list[Found]:
    return [box.place for box in seen if box.place.confidence >= SURELY]


def _surely(places: Sequence[Seen]) -> list[Seen]:
    return [one for one in places if one.place.confidence >= _UNAIDED]


def _reading(states: npt.NDArray[np.float32]) -> Reading:
    state, sure = verdict(states)
    scores = {each.value: float(belief) for each, belief in zip(STATES, states, strict=True)}
    others = sorted((each for each in scores if each != state), key=lambda each: -scores[each])
    return Reading(
        state=_FIELD_STATES.get(state, FieldState.FILLED),
        value=state.value,
        confidence=said(sure),
        rejected=state is CheckboxState.UNREADABLE,
        alternatives=tuple(
            Alternative(each, said(scores[each])) for each in others if scores[each] >= _LEAST_ALTERNATIVE
        ),
        scores=scores,
    )
