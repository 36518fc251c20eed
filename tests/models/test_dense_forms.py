"""Forms of combs filled to the last cell: most of what is on the page is its writer's, and it is the form still."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from models.blank_pages.blanks import BlankPage, Blanks
from models.blank_pages.registration import register
from models.blank_pages.verdict import Verdict
from models.contract import Model, PageImage
from models.registry import load_model

Pixels = npt.NDArray[np.uint8]
LABELS = (
    "Surname",
    "First",
    "Born",
    "Street",
    "Town",
    "Postcode",
    "Country",
    "Account",
    "Class",
    "Reference",
    "Amount",
)
LETTERS = "ABDEGHKMNRSTUVXZ2356789"
SEEDS = (3, 4, 6, 7)


def label(page: Pixels, text: str, x: int, y: int, size: float = 0.42) -> None:
    cv2.putText(page, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, 0, 1, cv2.LINE_AA)


def cells(seed: int) -> tuple[list[tuple[str, int, int]], list[tuple[int, int, int, int]]]:
    """Labels (text, x, y) and cells (x, y, width, height) of one form, in pixels of 150 dpi."""
    random = np.random.default_rng(seed)
    labels, places = [], []
    y, wide, high = 150, int(random.integers(27, 34)), int(random.integers(34, 40))
    while y < 1650:
        x = 70
        while x < 950:
            count = min(int(random.integers(5, 22)), (1170 - x) // wide)
            labels.append((str(random.choice(LABELS)), x, y + 12))
            places += [(x + number * wide, y + 18, wide, high) for number in range(count)]
            x += count * wide + 30
        y += high + 28
    return labels, places


def blank_form(seed: int, *, translated: bool = False) -> Pixels:
    """`translated` has the same cells and other words."""
    page = np.full((1754, 1240), 255, np.uint8)
    labels, places = cells(seed)
    label(page, " ".join(np.random.default_rng([seed, translated]).choice(LABELS, 4)).upper(), 70, 90, 1.0)
    for text, x, y in labels:
        label(page, LABELS[LABELS.index(text) - 1][::-1].lower() if translated else text, x, y)
    for x, y, width, height in places:
        cv2.rectangle(page, (x, y), (x + width, y + height), 0, 2)
    return page


def filled(seed: int, hand: int) -> Pixels:
    """Every cell written in, and scanned a little askew, moved and grainy."""
    page, random = blank_form(seed), np.random.default_rng([seed, hand])
    for x, y, width, height in cells(seed)[1]:
        letter, size = str(random.choice(list(LETTERS))), float(random.uniform(0.8, 1.1))
        at = x + int(random.integers(2, 8)), y + height - int(random.integers(4, 10))
        cv2.putText(page, letter, at, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, size * width / 32, 30, 2, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((620, 877), float(random.uniform(-0.3, 0.3)), float(random.uniform(0.95, 1.0)))
    turn[:, 2] += random.uniform(-12, 12, 2)
    laid = cv2.warpAffine(page, turn, (1240, 1754), borderValue=(255,))
    grain = random.normal(0, 9, laid.shape)
    return np.clip(cv2.GaussianBlur(laid, (0, 0), 0.7) + grain, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def document_type(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    folder = tmp_path_factory.mktemp("types")
    for seed in SEEDS:
        own = folder / f"form-{seed}"
        own.mkdir()
        cv2.imwrite(
            str(own / "page-1.png"), cv2.resize(blank_form(seed), None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
        )
        (own / "type.toml").write_text(
            f'name = "form-{seed}"\nversion = "1"\nsummary = "Cells."\nreferences = ["page-1.png"]\n'
            "[page]\nwidth_points = 595.2\nheight_points = 841.9\n"
        )
    model = load_model("document-type")
    model.use_types_in(folder)
    return model


@pytest.mark.parametrize("seed", SEEDS)
def test_a_form_filled_to_the_last_cell_is_accepted_and_no_other(document_type, seed):
    for hand in range(2):
        page = filled(seed, hand)
        for expected in SEEDS:
            options = {"expected": f"form-{expected}"}
            (prediction,) = document_type.predict([PageImage(1, page, 150.0, options=options)])
            accepted = {score.document_type for score in prediction.types if score.accepted}
            assert accepted <= {f"form-{seed}"}, (hand, expected, prediction.types)
            if expected == seed:
                assert accepted, (hand, prediction.types)


def test_a_known_form_filled_to_the_last_cell_is_laid_on_its_blank():
    blanks = Blanks([BlankPage(f"form-{seed}", 1, blank_form(seed)) for seed in SEEDS])
    for seed in SEEDS:
        found = register(filled(seed, 1), blanks)
        assert (found.form, found.registered) == (f"form-{seed}", True), (seed, found.verdict)


def test_a_form_of_the_same_cells_with_other_words_is_another_form(tmp_path):
    # As of one form in two languages: next to nothing of their ink differs.
    own = tmp_path / "translated"
    own.mkdir()
    cv2.imwrite(str(own / "page-1.png"), blank_form(3, translated=True))
    (own / "type.toml").write_text(
        'name = "translated"\nversion = "1"\nsummary = "Cells."\nreferences = ["page-1.png"]\n'
        "[page]\nwidth_points = 595.2\nheight_points = 841.9\n"
    )
    model = load_model("document-type")
    model.use_types_in(tmp_path)
    known = Blanks([BlankPage("translated", 1, blank_form(3, translated=True))])
    for page in (filled(3, 0), blank_form(3)):
        (prediction,) = model.predict([PageImage(1, page, 150.0, options={"expected": "translated"})])
        assert not prediction.types[0].accepted, prediction.types
        assert register(page, known).verdict is Verdict.OTHER_PRINT
    (prediction,) = model.predict(
        [PageImage(1, blank_form(3, translated=True), 150.0, options={"expected": "translated"})]
    )
    assert prediction.types[0].accepted
