"""A registered form is a document type: nothing is registered twice, and what lies on its blank is accepted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from clients.making_forms import Wish, make_form
from config.content_hash import content_hash
from config.plug_in_folders import FORMS
from docbeam.samples import sample_folder
from models.blank_pages.registered_blanks import registered_blanks
from models.contract import Model, PageImage
from models.registry import load_model
from schemas.errors import DocbeamError, ErrorCode
from schemas.prediction import TypeScore

BLANK = sample_folder() / "application-form-blank.pdf"


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("forms")
    make_form(BLANK, Wish("loan"), folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FORMS.variable, str(folder))
        yield folder


@pytest.fixture(scope="module")
def model(forms: Path) -> Model:
    return load_model("document-type")


def look(model: Model, file: str, **options: str) -> dict[str, TypeScore]:
    pixels = np.asarray(cv2.imread(str(sample_folder() / file)), dtype=np.uint8)
    (prediction,) = model.predict([PageImage(1, pixels, options=options)])
    return {score.document_type: score for score in prediction.types}


@pytest.mark.parametrize("file", ["application-fax.png", "application-photo.jpg"])
def test_a_filled_copy_is_of_its_form_and_says_of_which_files(model: Model, forms: Path, file: str) -> None:
    score = look(model, file, expected="loan")["loan"]
    assert score.accepted
    assert score.score >= score.threshold
    assert look(model, file)["loan"].accepted
    assert score.version == "1"
    files = ("form.toml", "page-1.png", "content-1.png")
    assert score.sha256 == content_hash(*((forms / "loan" / name).read_bytes() for name in files))


def test_other_pages_are_not(model: Model) -> None:
    score = look(model, "receipt-grocer.png", expected="loan")["loan"]
    assert not score.accepted
    assert score.score < score.threshold


def test_types_that_are_no_forms_are_known_still(model: Model) -> None:
    assert look(model, "application-fax.png", expected="application-form")["application-form"].accepted


def test_one_name_for_a_type_and_a_form_is_refused_with_both_places(
    forms: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_form(BLANK, Wish("application-form"), tmp_path)
    monkeypatch.setenv(FORMS.variable, str(tmp_path))
    with pytest.raises(DocbeamError, match=f"as a form .{tmp_path}") as caught:
        load_model("document-type")
    assert caught.value.code is ErrorCode.MODEL_UNAVAILABLE


def test_models_of_one_process_share_the_blanks_until_a_form_changes(forms: Path) -> None:
    first = registered_blanks()
    assert registered_blanks() is first
    text = (forms / "loan" / "form.toml").read_text()
    (forms / "loan" / "form.toml").write_text(text.replace('version = "1"', 'version = "2"'))
    assert registered_blanks().forms["loan"].form.version == "2"
