"""Every part of a document decides alike if it is of the expected type: by page 1 as its use case straightens it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from analysis.apply_step import apply_step
from analysis.open_document import open_document
from analysis.worker import Worker, close_workers, worker
from config.settings import AnalysisSettings, DocumentSettings
from docbeam.samples import sample_folder
from models.registry import all_models
from schemas.errors import ErrorCode
from schemas.part import Delivery, DocumentPart, ReceivedRequest
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import OutcomeState
from use_cases.contract import Expect, UseCase
from use_cases.registry import all_use_cases

FORM, RECEIPT = "application-form-blank.png", "receipt-grocer.png"


@pytest.fixture
def page_by_page(tmp_path: Path) -> Iterator[Worker]:
    """A worker to which each page is a part."""
    documents = DocumentSettings(allow=(tmp_path.as_uri() + "/",), cache_dir=tmp_path / "cache", pages_per_part=1)
    yield worker(documents, AnalysisSettings(children=1))
    close_workers()


def document(folder: Path, name: str, turns: int) -> Path:
    """Three pages, all of them as the sample but turned."""
    with Image.open(sample_folder() / name) as image:
        pages = [image.convert("L").rotate(90 * turns, expand=True)] * 3
    path = folder / "pages.tiff"
    pages[0].save(path, save_all=True, append_images=pages[1:], compression="tiff_deflate")
    return path


def decided(path: Path, use_case: UseCase, here: Worker) -> Sequence[DocumentPart]:
    """The parts after the steps up to the decision."""
    request = AnalysisRequest("r-1", DocumentReference(path.as_uri()), use_case.name)
    parts = open_document(ReceivedRequest(Delivery("t", 0, 0, 0, datetime.now(UTC)), request), here)
    assert [part.page_range.parts for part in parts] == [3, 3, 3]
    for step in use_case.steps:
        if step.model != "page-quality":
            parts = [apply_step(part, step, here) for part in parts]
        if isinstance(step, Expect):
            break
    return parts


@pytest.mark.parametrize(("name", "rejected"), [(FORM, False), (RECEIPT, True)])
def test_all_parts_of_a_turned_document_decide_alike(
    name: str, rejected: bool, page_by_page: Worker, tmp_path: Path
) -> None:
    use_case = all_use_cases()["application-form"].use_case
    parts = decided(document(tmp_path, name, 1), use_case, page_by_page)
    assert [part.rejected for part in parts] == [rejected] * 3
    told = [part.pages[0].outcomes[-1].state for part in parts]
    assert told == [OutcomeState.FOUND, OutcomeState.NOT_REQUESTED, OutcomeState.NOT_REQUESTED]


CARD = """
name = "{name}"
version = "1"
summary = "For tests."
licence = "Apache-2.0"
adapter = "adapter:{kind}"
input = "any page"
output = "{output}"
training_data = "none"
"""
PLUGIN = {
    "turns/__init__.py": """
from docbeam import Apply, Expect, UseCase

class Upright(UseCase):
    "Goes on with pages that are higher than wide."
    name = "upright"
    version = "1"
    steps = (Apply("deskew"), Expect("portrait", model="shape"))

class Turned(UseCase):
    "Straightens by a model of its own as well, which needs to be told how."
    name = "turned"
    version = "1"
    steps = (Apply("deskew"), Apply("turn", {"quarters": "1"}), Expect("portrait", model="shape"))

class Labelled(UseCase):
    "Its decision rests on an earlier finding."
    name = "labelled"
    version = "1"
    steps = (Apply("turn"), Apply("ink-label"), Expect("labelled", model="by-label"))
""",
    "turns/shape/__init__.py": "",
    "turns/shape/card.toml": CARD.format(name="shape", kind="Shape", output="types"),
    "turns/shape/adapter.py": """
from docbeam import Model, Prediction, TypeScore

class Shape(Model):
    "The shipped model knows a form that lies on its side as well; this one does not."

    def load(self, artifacts):
        pass

    def predict(self, pages):
        portrait = [page.pixels.shape[0] > page.pixels.shape[1] for page in pages]
        return [Prediction(types=(TypeScore("portrait", float(each), 0.5, each),)) for each in portrait]
""",
    "turns/ink_label/__init__.py": "",
    "turns/ink_label/card.toml": CARD.format(name="ink-label", kind="InkLabel", output="labels"),
    "turns/ink_label/adapter.py": """
from docbeam import Label, Model, Prediction

class InkLabel(Model):
    def load(self, artifacts):
        pass

    def predict(self, pages):
        return [Prediction(labels=(Label("ink", "some", 1.0),)) for _ in pages]
""",
    "turns/by_label/__init__.py": "",
    "turns/by_label/card.toml": CARD.format(name="by-label", kind="ByLabel", output="types") + 'needs = ["labels"]\n',
    "turns/by_label/adapter.py": """
from docbeam import Model, Prediction, TypeScore

class ByLabel(Model):
    def load(self, artifacts):
        pass

    def predict(self, pages):
        told = [any(each.labels for each in page.earlier.values()) for page in pages]
        return [Prediction(types=(TypeScore("labelled", float(each), 0.5, each),)) for each in told]
""",
    "turns/turn/__init__.py": "",
    "turns/turn/card.toml": CARD.format(name="turn", kind="Turn", output="skew"),
    "turns/turn/adapter.py": """
from docbeam import Model, Prediction, Skew

class Turn(Model):
    def load(self, artifacts):
        pass

    def predict(self, pages):
        quarters = int(pages[0].options.get("quarters", "0"))
        return [Prediction(skew=Skew(quarters, 1.0, 0.0, 1.0, quarters > 0, False)) for _ in pages]
""",
    "turns-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: turns\nVersion: 1\n",
    "turns-1.dist-info/entry_points.txt": """
[docbeam.use_cases]
upright = turns:Upright
turned = turns:Turned
labelled = turns:Labelled
[docbeam.models]
ink-label = turns.ink_label
by-label = turns.by_label
shape = turns.shape
turn = turns.turn
""",
}


@pytest.fixture
def turning_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The plug-in as if installed, here and in the children."""
    site = tmp_path / "site"
    for name, text in PLUGIN.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text.lstrip("\n"), encoding="utf-8")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site))
    all_models.cache_clear()
    all_use_cases.cache_clear()
    yield
    all_models.cache_clear()
    all_use_cases.cache_clear()


@pytest.mark.usefixtures("turning_plugin")
@pytest.mark.parametrize(
    ("use_case", "turns", "rejected"),
    [("upright", 1, False), ("upright", 0, False), ("turned", 0, True), ("labelled", 0, False)],
)
def test_page_1_is_looked_at_for_each_part_as_the_use_case_does_it(
    use_case: str, turns: int, rejected: bool, page_by_page: Worker, tmp_path: Path
) -> None:
    parts = decided(document(tmp_path, FORM, turns), all_use_cases()[use_case].use_case, page_by_page)
    assert [part.rejected for part in parts] == [rejected] * 3


def test_a_use_case_that_is_gone_is_told_and_not_guessed(page_by_page: Worker, tmp_path: Path) -> None:
    use_case = all_use_cases()["application-form"].use_case
    path = document(tmp_path, FORM, 0)
    request = AnalysisRequest("r-1", DocumentReference(path.as_uri()), use_case.name)
    later = open_document(ReceivedRequest(Delivery("t", 0, 0, 0, datetime.now(UTC)), request), page_by_page)[1]
    gone = replace(later, request=replace(request, use_case="gone"))
    error = apply_step(gone, Expect("application-form"), page_by_page).pages[0].outcomes[0].error
    assert error is not None
    assert error.code is ErrorCode.USE_CASE_FAILED
