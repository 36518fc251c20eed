"""What a child answers to each question, asked without a child."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from analysis import operations
from analysis.children.answers import read_answer
from analysis.operations import OPERATIONS
from analysis.page_store import PageStore
from config.settings import DocumentSettings
from models.registry import all_models
from schemas.errors import DocbeamError, ErrorCode
from schemas.prediction import Prediction, box_quad
from use_cases.registry import all_use_cases

SETTINGS = DocumentSettings().model_dump_json()
SHA256 = "0" * 64
CARD = """
name = "{name}"
version = "1"
summary = "For tests."
licence = "Apache-2.0"
adapter = "adapter:{kind}"
input = "any page"
output = "labels"
training_data = "none"
"""
PLUGIN = {
    "corners/__init__.py": """
from docbeam import Apply, Field, FieldKind, FieldState, UseCase

class Odd(UseCase):
    "Says what it was told, or what nobody can write."
    name = "odd"
    version = "1"
    steps = (Apply("deskew"), Apply("corner"))

    def conclude(self, document):
        number = float(document.request.parameters["number"])
        return [Field("n", FieldKind.NUMBER, FieldState.FILLED, value="v", confidence=number)]
""",
    "corners/corner/__init__.py": "",
    "corners/corner/card.toml": CARD.format(name="corner", kind="Corner"),
    "corners/corner/adapter.py": """
from docbeam import InvalidOption, Label, Model, Prediction, box_quad

class Corner(Model):
    "Finds the upper left quarter of the page it sees, and says what else it was given."

    def load(self, artifacts):
        pass

    def predict(self, pages):
        deed = pages[0].options.get("deed", "")
        if deed == "option":
            raise InvalidOption("deed", ("none",))
        found = [self._look(page, len(pages)) for page in pages]
        return {"fewer": found[1:], "none": None, "tuple": tuple(found), "set": {1}, "text": ["text"]}.get(deed, found)

    def _look(self, page, count):
        height, width = page.pixels.shape[:2]
        told = f"{page.number} of {count}, {page.dpi}, {','.join(sorted(page.earlier))}"
        sure = float(page.options.get("sure", "0.5"))
        return Prediction(labels=(Label("corner", told, sure, box_quad(0, 0, width / 2, height / 2)),))
""",
    "corners-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: corners\nVersion: 1\n",
    "corners-1.dist-info/entry_points.txt": """
[docbeam.use_cases]
odd = corners:Odd
[docbeam.models]
corner = corners.corner
""",
}


@pytest.fixture(autouse=True)
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if installed in this process, which has seen no page and no model before."""
    for name, text in PLUGIN.items():
        (tmp_path / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / name).write_text(text.lstrip("\n"), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.setattr(operations, "_models", {})
    monkeypatch.setattr(operations, "_pages", PageStore(400_000_000))
    all_models.cache_clear()
    all_use_cases.cache_clear()
    yield
    all_models.cache_clear()
    all_use_cases.cache_clear()


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """Two pages of 300 x 400 pixels at 150 dpi."""
    page = Image.fromarray(np.full((400, 300), 255, np.uint8))
    path = tmp_path / "scan.tiff"
    page.save(path, save_all=True, append_images=[page], dpi=(150, 150))
    return path


class Asked:
    """A question, and the stages that were announced."""

    def __init__(self, operation: str, **arguments: Any) -> None:
        self.stages: list[tuple[str, int | None]] = []
        self.answer = OPERATIONS[operation](self._at, **arguments)
        # As the parent reads it.
        self.read = read_answer(operation, {"rss": 1, "answer": self.answer})["answer"]

    def _at(self, stage: str, page: int | None = None) -> None:
        self.stages.append((str(stage), page))


def apply(path: Path, *pages: dict[str, Any], model: str = "corner", **options: str) -> Asked:
    asked = {"model": model, "options": options, "path": str(path), "media_type": "image/tiff", "sha256": SHA256}
    return Asked("apply", **asked, pages=list(pages), settings=SETTINGS)


def code_of(path: Path, **options: str) -> ErrorCode:
    with pytest.raises(DocbeamError) as refused:
        apply(path, {"number": 1}, {"number": 2}, **options)
    return refused.value.code


def test_a_document_is_told_by_its_content(scan: Path) -> None:
    asked = Asked("inspect", path=str(scan), settings=SETTINGS)
    assert asked.answer == {"media_type": "image/tiff", "page_count": 2}
    assert asked.stages == [("inspect", None)]


def test_pages_are_answered_together_each_for_itself(scan: Path) -> None:
    asked = apply(scan, {"number": 1}, {"number": 2})
    assert [(page["width"], page["height"], page["dpi"]) for page in asked.read] == [(300, 400, 150)] * 2
    labels = [page["prediction"].labels[0] for page in asked.read]
    assert [label.value for label in labels] == ["1 of 2, 150.0, ", "2 of 2, 150.0, "]
    assert [label.quad for label in labels] == [box_quad(0, 0, 0.5, 0.5)] * 2
    assert asked.stages == [("load", None), ("rasterise", 1), ("rasterise", 2), ("predict", None)]
    assert apply(scan, {"number": 2}).stages == [("rasterise", 2), ("predict", 2)], "loaded once"


def test_the_model_sees_the_straightened_page_with_what_was_found_and_answers_for_the_source(scan: Path) -> None:
    turned = {"name": "quarter turn", "matrix": [0, 1, 0, -1, 0, 300, 0, 0, 1], "width": 400, "height": 300}
    found = {"model": "before", "state": "found", "prediction": {"labels": []}}
    (page,) = apply(scan, {"number": 1, "transforms": [turned], "outcomes": [found]}).read
    (label,) = page["prediction"].labels
    assert label.value == "1 of 1, 150.0, before"
    assert (page["width"], page["height"]) == (300, 400), "of the source page"
    # The upper left of the turned page was the upper right of the source.
    assert label.quad == (1, 0, 1, 0.5, 0.5, 0.5, 0.5, 0)


def test_a_page_that_cannot_be_drawn_costs_no_other(scan: Path) -> None:
    asked = apply(scan, {"number": 1}, {"number": 3}, {"number": 2})
    assert [page.get("code") for page in asked.read] == [None, ErrorCode.PAGE_UNREADABLE, None]
    assert [page["prediction"].labels[0].value[:6] for page in asked.read[::2]] == ["1 of 2", "2 of 2"]
    asked = apply(scan, {"number": 3}, {"number": 4})
    assert [page["code"] for page in asked.read] == [ErrorCode.PAGE_UNREADABLE] * 2
    assert asked.stages == [("rasterise", 3), ("rasterise", 4)], "the model was asked about nothing"


@pytest.mark.parametrize(("bound", "answered"), [(120_000, 1), (239_999, 1), (240_000, 2), (10, 1)])
def test_of_pages_that_are_too_many_pixels_together_the_first_are_answered(
    scan: Path, bound: int, answered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "_BATCH_BYTES", bound)
    assert len(apply(scan, {"number": 1}, {"number": 2}).read) == answered


def test_pixels_of_a_straightened_page_count_beside_those_it_was_made_of(
    scan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turned = {"name": "quarter turn", "matrix": [0, 1, 0, -1, 0, 300, 0, 0, 1], "width": 400, "height": 300}
    monkeypatch.setattr(operations, "_BATCH_BYTES", 479_999)
    assert len(apply(scan, *({"number": number, "transforms": [turned]} for number in (1, 2))).read) == 1
    monkeypatch.setattr(operations, "_BATCH_BYTES", 480_000)
    assert len(apply(scan, *({"number": number, "transforms": [turned]} for number in (1, 2))).read) == 2


@pytest.mark.parametrize("deed", ["fewer", "none", "set", "text"])
def test_what_is_no_answer_to_each_page_breaks_the_contract(scan: Path, deed: str) -> None:
    assert code_of(scan, deed=deed) is ErrorCode.MODEL_CONTRACT_BROKEN


@pytest.mark.parametrize("sure", ["nan", "1.1", "-0.1"])
def test_confidences_that_are_none_break_the_contract(scan: Path, sure: str) -> None:
    assert code_of(scan, sure=sure) is ErrorCode.MODEL_CONTRACT_BROKEN


def test_any_sequence_of_predictions_will_do(scan: Path) -> None:
    assert len(apply(scan, {"number": 1}, deed="tuple").read) == 1


def test_options_and_models_that_there_are_not_are_told(scan: Path) -> None:
    assert code_of(scan, deed="option") is ErrorCode.INVALID_PARAMETER
    assert code_of(scan, model="no-such-model") is ErrorCode.MODEL_UNAVAILABLE


def test_what_a_use_case_concludes_can_be_written() -> None:
    document: dict[str, Any] = {
        "request": {"request_id": "r", "document": {"location": "gs://b/a"}, "use_case": "odd"},
        "document": {"location": "gs://b/a"},
        "pages": [],
    }
    document["request"]["parameters"] = {"number": "0.5"}
    asked = Asked("conclude", use_case="odd", document=document)
    assert [(field["name"], field["confidence"]) for field in asked.answer] == [("n", 0.5)]
    assert asked.stages == [("conclude", None)]
    document["request"]["parameters"] = {"number": "nan"}
    with pytest.raises(ValueError, match="not finite"):
        Asked("conclude", use_case="odd", document=document)


def test_a_drawing_is_a_png_of_the_page(scan: Path) -> None:
    about = {"path": str(scan), "media_type": "image/tiff", "sha256": SHA256, "settings": SETTINGS}
    asked = Asked("overlay", **about, page={"number": 2, "width": 300, "height": 400})
    with Image.open(io.BytesIO(base64.b64decode(asked.answer))) as drawn:
        assert drawn.format == "PNG"
    assert asked.stages == [("rasterise", 2), ("draw", 2)]


def test_nothing_found_is_an_answer(scan: Path) -> None:
    (page,) = apply(scan, {"number": 1}, model="page-quality").read
    assert isinstance(page["prediction"], Prediction)
