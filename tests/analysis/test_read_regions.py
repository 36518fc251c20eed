"""A child reads given places of a page with any model that can, and answers for what the model breaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from analysis.asked_pages import asked_pages, drawing_settings
from analysis.children.process import Limits
from analysis.children.protocol import Stage
from analysis.worker import Worker
from documents.inspect import inspect
from models.registry import find_model
from schemas.fields import FieldState
from schemas.part import DocumentPart
from schemas.prediction import Quad, box_quad
from schemas.reading import Reading, Region
from tests.analysis.conftest import OpenPart

Ask = Callable[..., dict[str, Any]]
_REGIONS = TypeAdapter(list[Region])
_READINGS = TypeAdapter(list[Reading])
BLOCK, PAPER = box_quad(60 / 300, 60 / 400, 200 / 300, 80 / 400), box_quad(0, 0.7, 1, 0.9)


@pytest.fixture
def ask(here: Worker, pages_tiff: Path) -> Ask:
    """Ask the child about regions of a page of `pages_tiff`, as it was left by earlier steps."""

    def ask_it(
        part: DocumentPart, regions: Sequence[Region], model: str = "patches", page: int = 1, **options: str
    ) -> dict[str, Any]:
        assert part.document is not None
        (told,) = asked_pages(find_model(model).card, [part.pages[page - 1]])
        question = {
            "model": model,
            "options": options,
            "path": str(pages_tiff),
            "media_type": inspect(pages_tiff, here.documents).media_type,
            "sha256": part.document.sha256,
            "page": told,
            "regions": _REGIONS.dump_python(list(regions), mode="json"),
            "settings": drawing_settings(here.documents),
        }
        limits = Limits(seconds=dict.fromkeys(Stage, 60.0), memory_mb=2000)
        return here.children.ask("read", question, limits, part.document.sha256)

    return ask_it


def test_regions_are_read_in_order_on_the_straightened_page(ask: Ask, read_notes: DocumentPart) -> None:
    answer = ask(
        read_notes, [Region(PAPER, "patch"), Region(BLOCK, "patch", 8), Region(BLOCK, "patch", (BLOCK, PAPER))], page=2
    )
    readings = _READINGS.validate_python(answer["answer"])
    assert [reading.state for reading in readings] == [FieldState.BLANK, FieldState.FILLED, FieldState.FILLED]
    assert [reading.value for reading in readings] == [
        "0.00 of page 2, cells None, after ink-share",
        "1.00 of page 2, cells 8, after ink-share",
        "1.00 of page 2, cells 2, after ink-share",
    ]


def test_no_regions_are_no_readings(ask: Ask, pages_tiff: Path, open_part: OpenPart) -> None:
    assert ask(open_part(pages_tiff, "notes"), [])["answer"] == []


@pytest.mark.parametrize("fault", ["count", "none", "type", "nan", "sure", "scores", "bytes", "surrogate", "not read"])
def test_what_the_contract_forbids_is_told_without_quoting_it(
    fault: str, ask: Ask, pages_tiff: Path, open_part: OpenPart
) -> None:
    answer = ask(open_part(pages_tiff, "notes"), [Region(BLOCK, "patch")], fault=fault)
    assert answer["code"] == "model_contract_broken"
    assert "patches" in answer["message"]
    assert "SECRET" not in answer["message"]


def test_of_what_a_model_raises_the_kind_is_told(ask: Ask, pages_tiff: Path, open_part: OpenPart) -> None:
    assert ask(open_part(pages_tiff, "notes"), [Region(BLOCK, "patch")], fault="raise")["raised"] == "ValueError"


@pytest.mark.parametrize(
    ("model", "region", "told"),
    [
        ("patches", Region(BLOCK, "text"), "patches does not read kind 'text'; it reads patch"),
        ("patches", Region(BLOCK, "patch", 0), "region 0 has no cells"),
        ("patches", Region(BLOCK, "patch", ()), "region 0 has no cells"),
        ("patches", Region((float("inf"), *BLOCK[1:]), "patch"), "no eight finite numbers"),
        ("ink-share", Region(BLOCK, "patch"), "ink-share reads no regions"),
    ],
    ids=["kind", "no cells", "empty cells", "endless", "no reader"],
)
def test_a_question_that_makes_no_sense_is_refused(
    model: str, region: Region, told: str, ask: Ask, pages_tiff: Path, open_part: OpenPart
) -> None:
    answer = ask(open_part(pages_tiff, "notes"), [region], model=model)
    assert answer["code"] == "invalid_request"
    assert told in answer["message"]


@pytest.mark.parametrize(("model", "kind"), [("ocr", "text"), ("checkbox", "checkbox"), ("signature", "signature")])
def test_the_models_that_ship_answer_the_same_verb(
    model: str, kind: str, ask: Ask, pages_tiff: Path, open_part: OpenPart
) -> None:
    quads: list[Quad] = [BLOCK, PAPER]
    answer = ask(open_part(pages_tiff, "notes"), [Region(quad, kind) for quad in quads], model=model)
    assert len(_READINGS.validate_python(answer["answer"])) == 2
