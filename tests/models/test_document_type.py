"""Is it the expected form? Asked through the registry, with forms that look alike."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from config.content_hash import content_hash
from models.catalog.document_type.types_registry import SHIPPED, DocumentTypeError, all_types
from models.contract import Model, PageImage
from models.registry import load_model
from schemas.errors import DocbeamError, ErrorCode
from schemas.prediction import TypeScore

Pixels = npt.NDArray[np.uint8]
FORM = "application-form"


@pytest.fixture(scope="module")
def document_type() -> Model:
    return load_model("document-type")


@pytest.fixture(scope="module")
def blank() -> Pixels:
    return read(all_types()[FORM].references[0])


def read(path: Path) -> Pixels:
    pixels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    return np.asarray(pixels, dtype=np.uint8)


def look(model: Model, pixels: Pixels, expected: str = FORM) -> TypeScore:
    (prediction,) = model.predict([PageImage(1, pixels, options={"expected": expected})])
    (score,) = [score for score in prediction.types if score.document_type == expected]
    return score


def filled(blank: Pixels, seed: int = 1, lines: int = 45) -> Pixels:
    page = blank.copy()
    random = np.random.default_rng(seed)
    height, width = page.shape
    for _ in range(lines):
        x, y = random.integers(60, width - 300), random.integers(200, height - 80)
        text = "".join(random.choice(list("abcdeghklmnoprstuvw 123"), 14))
        cv2.putText(page, text, (int(x), int(y)), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 0.7, 40, 2, cv2.LINE_AA)
    return page


def askew(page: Pixels, degrees: float, scale: float = 1.0) -> Pixels:
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    return np.asarray(cv2.warpAffine(page, matrix, (width, height), borderValue=(245,)), dtype=np.uint8)


def noisy(page: Pixels) -> Pixels:
    noise = np.random.default_rng(2).normal(0, 14, page.shape)
    return np.clip(cv2.GaussianBlur(page, (0, 0), 0.8) * 0.8 + 30 + noise, 0, 255).astype(np.uint8)


def faxed(page: Pixels) -> Pixels:
    coarse = cv2.resize(page, None, fx=1.2, fy=0.8, interpolation=cv2.INTER_AREA)
    ragged = np.where(cv2.GaussianBlur(coarse, (0, 0), 0.6) < 190, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(ragged, (page.shape[1] * 2, page.shape[0] * 2)), dtype=np.uint8)


def in_perspective(page: Pixels) -> Pixels:
    height, width = page.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = np.array([[30, 20], [width - 10, 45], [width - 35, height - 15], [12, height - 40]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, moved)
    return np.asarray(cv2.warpPerspective(page, matrix, (width, height), borderValue=(120,)), dtype=np.uint8)


def same_house_other_form(blank: Pixels) -> Pixels:
    """Same logo, type, boxes and bands; other order."""
    head, body = blank[:170], blank[170:]
    pieces = np.array_split(body, 9)
    return np.ascontiguousarray(np.vstack([head, *(pieces[index] for index in (4, 1, 7, 0, 8, 3, 6, 2, 5))]))


def letter() -> Pixels:
    page = np.full((1170, 827), 250, np.uint8)
    for row in range(30):
        text = "Dear members, thank you for your loan application of May"
        cv2.putText(page, text[row % 7 :], (70, 120 + 32 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 20, 1, cv2.LINE_AA)
    return page


def test_the_blank_form_is_accepted(document_type: Model, blank: Pixels) -> None:
    assert look(document_type, blank).score > 0.95


def test_the_filled_form_is_accepted_however_it_comes(document_type: Model, blank: Pixels) -> None:
    page = filled(blank)
    arrived = {
        "as filled": page,
        "askew": askew(page, 5),
        "the other way and smaller": askew(page, -3, 0.85),
        "upside down": np.ascontiguousarray(page[::-1, ::-1]),
        "noisy": noisy(page),
        "faxed": faxed(page),
        "in perspective": in_perspective(page),
        "cropped": np.ascontiguousarray(filled(blank, lines=20)[90:-60, 50:-70]),
        "large and in colour": np.asarray(
            cv2.cvtColor(cv2.resize(page, None, fx=3, fy=3), cv2.COLOR_GRAY2BGR), np.uint8
        ),
    }
    refused = {how: score for how, pixels in arrived.items() if not (score := look(document_type, pixels)).accepted}
    assert not refused


def test_a_form_of_the_same_house_is_refused(document_type: Model, blank: Pixels) -> None:
    other = same_house_other_form(filled(blank, 3))
    assert not look(document_type, other).accepted
    assert not look(document_type, askew(noisy(other), 1.5)).accepted


def test_half_a_form_is_not_the_form(document_type: Model, blank: Pixels) -> None:
    assert not look(document_type, np.ascontiguousarray(blank[: blank.shape[0] // 3])).accepted


def test_the_mirror_image_is_not_the_form(document_type: Model, blank: Pixels) -> None:
    assert not look(document_type, np.ascontiguousarray(blank[:, ::-1])).accepted


@pytest.mark.parametrize(
    "page",
    [
        letter(),
        np.full((1170, 827), 255, np.uint8),
        np.zeros((1170, 827), np.uint8),
        np.zeros((1, 1), np.uint8),
        np.zeros((2, 700, 3), np.uint8),
        np.random.default_rng(0).integers(0, 256, (1170, 827)).astype(np.uint8),
    ],
    ids=["letter", "white", "black", "one pixel", "sliver", "noise"],
)
def test_anything_else_is_refused(document_type: Model, page: Pixels) -> None:
    score = look(document_type, page)
    assert not score.accepted
    assert 0 <= score.score < score.threshold


def test_without_an_expected_type_the_likeliest_are_named(document_type: Model, blank: Pixels) -> None:
    (prediction,) = document_type.predict([PageImage(1, filled(blank))])
    assert prediction.types[0].document_type == FORM
    assert prediction.types[0].accepted
    registered = all_types()[FORM]
    assert prediction.types[0].version == registered.description.version
    assert prediction.types[0].sha256 == content_hash(
        registered.content, *(path.read_bytes() for path in registered.references)
    )


def test_an_unknown_expected_type_says_which_are_known(document_type: Model, blank: Pixels) -> None:
    with pytest.raises(DocbeamError, match=r"'form-of-nobody'.*known types:.*application-form") as caught:
        document_type.predict([PageImage(1, blank, options={"expected": "form-of-nobody"})])
    assert caught.value.code is ErrorCode.MODEL_UNAVAILABLE


@pytest.fixture
def installed_types(tmp_path: Path, blank: Pixels, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Four more types from one installed distribution; the first is the sister of the sample form."""
    names = ("sister-form", "form-b", "form-c", "form-d")
    pages = (same_house_other_form(blank), letter(), blank[:, ::-1], letter()[::-1])
    for name, page in zip(names, pages, strict=True):
        write_type(tmp_path / f"plug_{name.replace('-', '_')}", name, page)
    metadata = tmp_path / "plug_types-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: plug-types\nVersion: 1.0\n")
    lines = [f"{name} = plug_{name.replace('-', '_')}" for name in names]
    (metadata / "entry_points.txt").write_text("\n".join(["[docbeam.document_types]", *lines, ""]))
    monkeypatch.syspath_prepend(str(tmp_path))
    return names


def write_type(folder: Path, name: str, page: Pixels) -> None:
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    cv2.imwrite(str(folder / "page-1.png"), page)
    (folder / "type.toml").write_text(
        f'name = "{name}"\nversion = "1"\nsummary = "A form."\nthreshold = 0.5\nreferences = ["page-1.png"]\n'
        "[page]\nwidth_points = 595\nheight_points = 842\n"
    )


def test_installed_types_join_and_the_right_one_of_two_sisters_wins(
    installed_types: tuple[str, ...], blank: Pixels
) -> None:
    assert set(all_types()) == {FORM, *installed_types}
    model = load_model("document-type")
    ours, theirs = noisy(filled(blank)), noisy(same_house_other_form(filled(blank)))
    first, second = model.predict([PageImage(1, ours), PageImage(2, theirs, options={"expected": "form-c"})])
    assert [(score.document_type, score.accepted) for score in first.types] == [(FORM, True), ("sister-form", False)]
    assert second.types[0].document_type == "sister-form"
    assert second.types[0].accepted
    assert "form-c" in {score.document_type for score in second.types}
    assert [score.score for score in second.types] == sorted((score.score for score in second.types), reverse=True)


def test_a_runner_up_with_its_score_and_threshold_is_always_named(
    installed_types: tuple[str, ...], blank: Pixels
) -> None:
    model = load_model("document-type")
    white = np.full((1170, 827), 255, np.uint8)
    pages = [PageImage(number, page) for number, page in enumerate((filled(blank), letter(), white), start=1)]
    for prediction in model.predict(pages):
        best, runner_up = prediction.types[:2]
        assert best.score >= runner_up.score >= 0
        assert not runner_up.accepted
        assert runner_up.threshold > 0


def test_two_types_of_one_name_are_fatal_and_both_named(tmp_path: Path, blank: Pixels) -> None:
    write_type(tmp_path / "one", "same", blank)
    write_type(tmp_path / "two", "same", blank)
    with pytest.raises(DocumentTypeError, match=r"'same'.*one.*two"):
        all_types(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("threshold = 0.5", "threshold = 1.5"), "threshold"),
        (("page-1.png", "page-9.png"), r"page-9\.png is not beside it"),
        (('version = "1"', ""), "version"),
        (("[page]", "[page"), "not TOML"),
    ],
)
def test_a_type_that_is_not_whole_is_fatal_and_says_why(
    tmp_path: Path, blank: Pixels, change: tuple[str, str], message: str
) -> None:
    write_type(tmp_path / "broken", "broken", blank)
    description = tmp_path / "broken" / "type.toml"
    description.write_text(description.read_text().replace(*change))
    with pytest.raises(DocumentTypeError, match=message):
        all_types(tmp_path)


def test_the_shipped_reference_is_small() -> None:
    assert all(path.stat().st_size <= 300_000 for path in SHIPPED.glob("*/*.png"))


def test_real_pages_of_other_kinds_are_refused(document_type: Model, evaluation_data: Path) -> None:
    folder = evaluation_data / "classify"
    with (folder / "index.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[::12]
    scores = [look(document_type, read(folder / row["path"])) for row in rows]
    assert scores
    assert not [score for score in scores if score.accepted]
