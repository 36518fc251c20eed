"""A child is told of a page what its model needs, and no more."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis.apply_step import apply_step
from analysis.asked_pages import DRAWN_WITH, asked_pages, drawing_settings
from analysis.worker import Worker
from config.settings import DocumentSettings
from documents.inspect import inspect
from documents.rasterise import rasterise
from models.card import ModelCard
from models.registry import RegistryError, all_models, find_model
from schemas.prediction import Prediction, TextLine, box_quad
from schemas.result import Outcome, OutcomeState, PageResult
from tests.analysis.conftest import OpenPart
from use_cases.contract import Apply

SAMPLES = Path(__file__).resolve().parents[2] / "docbeam" / "samples"


def test_a_model_gets_the_findings_that_its_card_names_by_output_or_by_model(
    here: Worker, pages_tiff: Path, open_part: OpenPart
) -> None:
    part = open_part(pages_tiff, "notes")
    for model in ("deskew", "page-quality", "faults", "ink-share", "listener"):
        part = apply_step(part, Apply(model), here)
    labels = [page.outcomes[-1].prediction.labels for page in part.pages]
    assert [label.value for (label,) in labels] == ["deskew, ink-share"] * 3


def test_findings_that_nobody_needs_do_not_cross_the_pipe() -> None:
    lines = tuple(TextLine("SECRET", box_quad(0.1, 0.1, 0.2, 0.2), 0.9) for _ in range(1000))
    read = Outcome("ocr", OutcomeState.FOUND, prediction=Prediction(lines=lines))
    pages = [PageResult(number, 100, 100, outcomes=(read,)) for number in range(1, 9)]
    sizes = {name: len(json.dumps(asked_pages(_card(name), pages))) for name in ("deskew", "checkbox")}
    assert sizes["deskew"] < 1000 < sizes["checkbox"]


def test_a_child_is_told_no_setting_but_those_that_pages_are_drawn_with() -> None:
    settings = DocumentSettings(
        allow=("gs://secret-bucket/",), private_hosts=("secret.example",), s3_endpoint="https://secret.example", dpi=150
    )
    assert json.loads(drawing_settings(settings)) == {"dpi": 150}


@pytest.mark.parametrize(
    "sample",
    ["application-clean-scan.pdf", "application-photo.jpg", "receipt-grocer.png", "application-upside-down-copy.tiff"],
)
def test_drawing_a_page_looks_at_no_other_setting(sample: str) -> None:
    looked_at = set()

    class Watched(DocumentSettings):
        def __getattribute__(self, name: str) -> Any:
            if name in DocumentSettings.model_fields:
                looked_at.add(name)
            return super().__getattribute__(name)

    path = SAMPLES / sample
    rasterise(path, inspect(path, DocumentSettings()).media_type, 1, Watched())
    assert looked_at
    assert looked_at <= DRAWN_WITH


@pytest.fixture
def needy_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    package = tmp_path / "needy_model"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "card.toml").write_text(
        'name = "needy"\nversion = "1"\nsummary = "s"\nlicence = "MIT"\nadapter = "adapter:Needy"\ninput = "any"\n'
        'output = "labels"\nneeds = ["lines", "linez"]\ntraining_data = "none"\n',
        encoding="utf-8",
    )
    facts = tmp_path / "needy-1.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: needy\nVersion: 1\n", encoding="utf-8")
    (facts / "entry_points.txt").write_text("[docbeam.models]\nneedy = needy_model\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    all_models.cache_clear()
    yield
    all_models.cache_clear()


@pytest.mark.usefixtures("needy_plugin")
def test_a_need_that_nobody_meets_is_an_error_at_the_start_that_lists_the_known() -> None:
    with pytest.raises(RegistryError) as refused:
        all_models()
    message = str(refused.value)
    assert message.startswith("needy of needy needs 'linez', which is no output and no model; outputs: lines, ")
    assert "models: barcode, checkbox, deskew, " in message


def _card(name: str) -> ModelCard:
    return find_model(name).card
