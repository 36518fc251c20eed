"""A result says which version of a model answered: what a child had loaded, whatever its worker believes."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analysis.ask_model import ModelQuestion, ask_model
from analysis.assemble import assemble
from analysis.worker import Worker, close_workers, worker
from config.settings import AnalysisSettings, DocumentSettings
from models.card import ModelCard
from models.registry import all_models, find_model, load_model
from schemas.document import DocumentFacts, PageRange
from schemas.errors import DocbeamError, ErrorCode
from schemas.part import Delivery, DocumentPart
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import ModelUse, Outcome, OutcomeState, PageResult

LARGE, SMALL = PageResult(1, 2000, 1000), PageResult(1, 200, 100)
CARD = """
name = "told"
version = "{version}"
summary = "Says what its artifact holds."
licence = "Apache-2.0"
adapter = "adapter:Told"
input = "any page"
output = "labels"
training_data = "none"

[limits]
shares = 2

[[artifacts]]
name = "answer"
source = "file:answer.txt"
sha256 = "{sha256}"
"""
ADAPTER = """
import time
from docbeam import Label, Model, Prediction

class Told(Model):
    def load(self, artifacts):
        self.answer = artifacts["answer"].read_text()

    def predict(self, pages):
        time.sleep(0.3)
        return [Prediction(labels=(Label("answer", self.answer, 0.9),)) for _ in pages]
"""
LOADING = """
    def load(self, artifacts):
        self.answer = artifacts["answer"].read_text()
"""
Exchange = Callable[[str], None]


@pytest.fixture
def exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exchange]:
    """Put another version of the model in its folder; what it answers is its version."""
    folder = tmp_path / "site" / "told_model"
    facts = tmp_path / "site" / "told-1.dist-info"
    for each in (folder, facts):
        each.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "adapter.py").write_text(ADAPTER)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: told\nVersion: 1\n")
    (facts / "entry_points.txt").write_text("[docbeam.models]\ntold = told_model\n")

    def put(version: str) -> None:
        (folder / "answer.txt").write_text(version)
        (folder / "card.toml").write_text(CARD.format(version=version, sha256=sha256_of(version)))

    put("1.0.0")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    importlib.invalidate_caches()
    all_models.cache_clear()
    yield put
    all_models.cache_clear()


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Worker]:
    """A worker of two children."""
    yield worker(DocumentSettings(cache_dir=tmp_path / "cache"), AnalysisSettings(children=2, memory_mb=700))
    close_workers()


def asked(here: Worker, card: ModelCard, path: Path, page: PageResult, document: str = "1") -> Outcome:
    facts = DocumentFacts("file:///one.png", media_type="image/png", page_count=1, sha256=document * 64)
    (answered,) = ask_model(ModelQuestion(card, {}, facts, path, f"t/0/{document}"), [page], here)
    outcome = answered.outcomes[-1]
    assert outcome.state is OutcomeState.FOUND, outcome.error
    return outcome


def answer_of(outcome: Outcome) -> str:
    return outcome.prediction.labels[0].value


def test_the_version_is_that_of_the_child_and_not_the_one_the_worker_had_read(
    exchange: Exchange, two: Worker, one_page: Path
) -> None:
    card = find_model("told").card
    exchange("2.0.0")
    outcome = asked(two, card, one_page, SMALL)
    assert card.version == "1.0.0"
    assert answer_of(outcome) == outcome.version == "2.0.0"
    assert outcome.sha256 == sha256_of("2.0.0")


def test_an_answer_is_never_of_two_versions_and_a_result_of_two_names_both(
    exchange: Exchange, two: Worker, one_page: Path
) -> None:
    card = find_model("told").card
    before = asked(two, card, one_page, SMALL)
    exchange("2.0.0")
    # The child that has answered keeps what it has; another one that takes half of a page loads the new one.
    page = asked(two, card, one_page, LARGE)
    assert {label.value for label in page.prediction.labels} == {page.version}
    assert page.sha256 == sha256_of(page.version)

    new = Outcome("told", OutcomeState.FOUND, "2.0.0", sha256_of("2.0.0"))
    pages = tuple(PageResult(number, outcomes=(each,)) for number, each in enumerate((before, new), 1))
    request = AnalysisRequest("r-1", DocumentReference("gs://bucket/a"), "unread-mail")
    delivery = Delivery("t", 0, 7, 7, datetime.now(UTC))
    result = assemble([DocumentPart(delivery, request, page_range=PageRange(1, 2, 1, 1), pages=pages)], two)
    assert result.models == tuple(ModelUse("told", each, sha256_of(each)) for each in ("1.0.0", "2.0.0"))


CHANGING = """
    def load(self, artifacts):
        # As if it came just then.
        artifacts["answer"].write_text("2.0.0")
        self.answer = artifacts["answer"].read_text()
"""


def test_a_model_whose_files_change_while_it_is_loaded_is_taken_for_neither(exchange: Exchange, tmp_path: Path) -> None:
    exchange("1.0.1")
    (tmp_path / "site" / "told_model" / "adapter.py").write_text(ADAPTER.replace(LOADING, CHANGING))
    with pytest.raises(DocbeamError, match="changed while it was loaded") as refused:
        load_model("told")
    assert refused.value.code is ErrorCode.MODEL_UNAVAILABLE
