"""Filled PDFs that were never paper: values come from the PDF, and from the picture only where the PDF has none."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pydantic import TypeAdapter
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, BooleanObject, DictionaryObject, NameObject, StreamObject

from analysis import operations
from clients.making_forms import Wish, make_form
from config.plug_in_folders import FORMS
from config.settings import DocumentSettings
from docbeam.samples import sample_folder
from documents.inspect import inspect
from documents.media_type import PDF
from documents.pdf_content import pdf_content
from schemas.errors import DocbeamError, ErrorCode
from schemas.fields import FieldState, ValueOrigin
from schemas.form_reading import FormFieldReading
from schemas.prediction import Prediction

BLANK = sample_folder() / "application-form-blank.pdf"
Read = Callable[[Path], Mapping[str, FormFieldReading]]


@pytest.fixture(scope="module")
def names() -> Mapping[str, str]:
    """Of the form's fields, their types."""
    fields = PdfReader(BLANK).get_fields() or {}
    return {name: str(field.get("/FT")) for name, field in fields.items()}


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    """The fields of a PDF's first page, as a child reads them."""
    folder = tmp_path_factory.mktemp("digital-forms")
    make_form(BLANK, Wish("loan"), folder)
    settings = DocumentSettings().model_dump_json()

    def fields(path: Path) -> Mapping[str, FormFieldReading]:
        def at(*stage: Any) -> None:
            """Nobody counts the time."""

        (answer,) = operations.apply_model(
            at, "form-reader", {}, str(path), PDF, str(hash(path)), [{"number": 1}], settings
        )
        form = TypeAdapter(Prediction).validate_python(answer["prediction"]).form
        assert form is not None
        assert form.registered
        return {field.name: field for field in form.fields}

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FORMS.variable, str(folder))
        patch.setattr(operations, "_models", {})
        yield fields


def filled(values: Mapping[str, str], into: Path, *, flat: bool = False) -> Path:
    writer = PdfWriter(clone_from=BLANK)
    writer.update_page_form_field_values(writer.pages[0], dict(values), flatten=flat)
    if flat:
        writer.remove_annotations(subtypes=None)
        del writer.root_object["/AcroForm"]
    with into.open("wb") as opened:
        writer.write(opened)
    return into


def _page_of_text(text: str) -> PdfWriter:
    writer = PdfWriter()
    page = writer.add_blank_page(612, 792)
    content = StreamObject()
    content.set_data(f"BT /F 12 Tf 100 700 Td ({text}) Tj ET".encode())
    page[NameObject("/Contents")] = writer._add_object(content)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    named = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F"): named})}
    )
    return writer


def texts(names: Mapping[str, str], read: Mapping[str, FormFieldReading]) -> list[str]:
    return [name for name, kind in names.items() if kind == "/Tx" and name in read and read[name].kind == "text"]


def test_typed_values_are_taken_as_they_are(read: Read, names: Mapping[str, str], tmp_path: Path) -> None:
    blank = read(BLANK)
    chosen = texts(names, blank)[:5]
    values = {name: f"Zo\u00eb 0O1lI {number}" for number, name in enumerate(chosen)}
    found = read(filled(values, tmp_path / "typed.pdf"))
    assert {name: found[name].value for name in chosen} == values
    assert {found[name].origin for name in chosen} == {ValueOrigin.FORM_DATA}
    assert not any(found[name].review for name in chosen)
    assert {field.state for name, field in found.items() if name not in values} == {FieldState.BLANK}


def test_buttons_say_whether_they_are_on(read: Read, tmp_path: Path) -> None:
    blank = read(BLANK)
    boxes = [name for name, field in blank.items() if field.kind == "checkbox"][:2]
    states = {
        name: next(state for state in (PdfReader(BLANK).get_fields() or {})[name]["/_States_"] if state != "/Off")
        for name in boxes
    }
    found = read(filled(states, tmp_path / "marked.pdf"))
    on = {name for name, field in found.items() if field.value == "on"}
    assert on == set(boxes)
    assert {found[name].origin for name in boxes} == {ValueOrigin.FORM_DATA}


def test_values_drawn_into_the_page_are_taken_from_its_text(
    read: Read, names: Mapping[str, str], tmp_path: Path
) -> None:
    chosen = texts(names, read(BLANK))[:4]
    values = {name: f"Marta Okonjo {number}" for number, name in enumerate(chosen)}
    found = read(filled(values, tmp_path / "flat.pdf", flat=True))
    assert {name: found[name].value for name in chosen} == values
    assert {found[name].origin for name in chosen} == {ValueOrigin.TEXT_LAYER}


def test_text_that_nobody_sees_is_no_value(read: Read, names: Mapping[str, str], tmp_path: Path) -> None:
    """What a scanner's program laid under a scan, and white lies: drawn invisibly into every field."""
    flat = filled(dict.fromkeys(texts(names, read(BLANK)), "hidden"), tmp_path / "flat.pdf", flat=True)
    writer = PdfWriter(clone_from=flat)
    for value in writer.pages[0]["/Resources"]["/XObject"].values():
        form = value.get_object()
        if isinstance(form, StreamObject) and form["/Subtype"] == "/Form":
            form.set_data(form.get_data().replace(b"BT", b"BT 3 Tr"))
    hidden = tmp_path / "hidden.pdf"
    writer.write(hidden)
    assert "hidden" not in pdf_content(hidden, 1).text
    assert {field.state for field in read(hidden).values()} == {FieldState.BLANK}


def test_text_under_a_scan_is_no_value(tmp_path: Path) -> None:
    text = tmp_path / "text.pdf"
    _page_of_text("under").write(text)
    assert pdf_content(text, 1).text == "under"
    scan = io.BytesIO()
    Image.new("L", (850, 1100), 255).save(scan, "PDF", resolution=100)
    writer = PdfWriter(clone_from=text)
    writer.pages[0].merge_page(PdfReader(scan).pages[0])
    writer.write(tmp_path / "scan.pdf")
    assert pdf_content(tmp_path / "scan.pdf", 1).text == ""


def test_a_notice_in_place_of_an_xfa_form_says_what_to_do(tmp_path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(300, 300)
    writer.root_object[NameObject("/NeedsRendering")] = BooleanObject(True)
    xfa = writer._add_object(StreamObject())
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject(
        {NameObject("/Fields"): ArrayObject(), NameObject("/XFA"): xfa}
    )
    path = tmp_path / "xfa.pdf"
    writer.write(path)
    with pytest.raises(DocbeamError, match="print it to an ordinary PDF") as caught:
        inspect(path, DocumentSettings())
    assert caught.value.code is ErrorCode.DOCUMENT_XFA
