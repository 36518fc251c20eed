"""The fields of a blank PDF: what they are, and where on the page as a viewer shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfWriter

from docbeam.samples import sample_folder
from forms.acroform import read_acroform
from forms.form import FieldKind, FormField
from forms.form_file import FormError
from tests.forms.blank_pdf import blank_pdf

_RECT = [60.0, 720.0, 300.0, 760.0]
_RADIO, _PUSH, _MULTILINE, _COMB = 1 << 15, 1 << 16, 1 << 12, 1 << 24


def text(name: str = "name", **said: Any) -> dict[str, Any]:
    return {"/FT": "/Tx", "/T": name, "/Rect": _RECT} | {f"/{key}": value for key, value in said.items()}


def button(name: str, state: str, rect: list[float], **said: Any) -> dict[str, Any]:
    return {
        "/FT": "/Btn",
        "/T": name,
        "/Rect": rect,
        "/AP": {"/N": {f"/{state}": {}, "/Off": {}}},
    } | {f"/{key}": value for key, value in said.items()}


def read(tmp_path: Path, *widgets: dict[str, Any], **more: Any) -> tuple[FormField, ...]:
    return read_acroform(blank_pdf(tmp_path / "blank.pdf", widgets, **more))


@pytest.mark.parametrize(
    ("rotate", "box"),
    [
        (0, (0.1, 0.05, 0.5, 0.1)),
        (90, (0.9, 0.1, 0.95, 0.5)),
        (180, (0.5, 0.9, 0.9, 0.95)),
        (270, (0.05, 0.5, 0.1, 0.9)),
    ],
)
def test_places_are_on_the_page_as_it_is_shown(tmp_path: Path, rotate: int, box: tuple[float, ...]) -> None:
    (field,) = read(tmp_path, text(), page={"/Rotate": rotate})
    assert field.places[0].box == pytest.approx(box)


def test_places_are_fractions_of_the_crop_box_and_end_at_its_edge(tmp_path: Path) -> None:
    (field,) = read(tmp_path, text(), page={"/CropBox": [100.0, 600.0, 500.0, 800.0]})
    assert field.places[0].box == pytest.approx((0, 0.2, 0.5, 0.4))


def test_a_crop_box_beyond_the_page_does_not_count(tmp_path: Path) -> None:
    (field,) = read(tmp_path, text(), page={"/CropBox": [0.0, 0.0, 6000.0, 8000.0]})
    assert field.places[0].box == pytest.approx((0.1, 0.05, 0.5, 0.1))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({}, FieldKind.TEXT),
        ({"Ff": _COMB, "MaxLen": 9}, FieldKind.COMB),
        ({"Ff": _COMB}, FieldKind.TEXT),
        ({"TU": "Date of birth"}, FieldKind.DATE),
        ({"TU": "Update this line"}, FieldKind.TEXT),
        ({"TU": "Signature of applicant"}, FieldKind.SIGNATURE),
        ({"TU": "Signature date"}, FieldKind.DATE),
        ({"AA": {"/F": {"/S": "/JavaScript", "/JS": 'AFDate_FormatEx("mm/dd/yyyy")'}}}, FieldKind.DATE),
        ({"AA": {"/F": {"/S": "/JavaScript", "/JS": "AFNumber_Format(2, 0)"}}}, FieldKind.NUMBER),
    ],
)
def test_a_text_field_is_of_the_kind_that_flags_format_or_words_say(
    tmp_path: Path, said: dict[str, Any], kind: FieldKind
) -> None:
    (field,) = read(tmp_path, text(**said))
    assert field.kind is kind


def _scripted(script: str) -> dict[str, Any]:
    return {"AA": {"/F": {"/S": "/JavaScript", "/JS": script}}}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (_scripted('AFDate_FormatEx("mm/dd/yyyy")'), ("", "", "mdy")),
        (_scripted("AFDate_FormatEx('d. mmm yyyy')"), ("", "", "dmy")),
        (_scripted("AFDate_Format(7)"), ("", "", "ymd")),
        (_scripted('AFDate_FormatEx("mm/yyyy")'), ("any", "", None)),
        (_scripted("AFDate_Format(99)"), ("", "", None)),
        (_scripted("AFSpecial_Format(1)"), ("postcode", "US", None)),
        (_scripted("AFSpecial_Format(2)"), ("phone", "US", None)),
        (_scripted("AFSpecial_Format(3)"), ("us.tin", "US", None)),
        (_scripted("AFSpecial_Format(8)"), ("", "", None)),
        ({"TU": "Your e-mail address"}, ("email", "", None)),
        ({"TU": "E-mail or phone"}, ("", "", None)),
        ({"TU": "Tick here if you want to hear of us by email"}, ("", "", None)),
        ({"TU": "IBAN"}, ("iban", "", None)),
        ({"Ff": _COMB, "MaxLen": 22, "TU": "IBAN"}, ("iban", "", None)),
        ({"TU": "Name"}, ("", "", None)),
    ],
)
def test_a_format_is_what_a_script_or_plain_words_say_and_never_changes_values(
    tmp_path: Path, said: dict[str, Any], told: tuple[str, str, str | None]
) -> None:
    (field,) = read(tmp_path, text(**said))
    assert (field.format, field.country, field.date_order) == told
    assert not field.normal


def test_what_limits_a_text_is_kept(tmp_path: Path) -> None:
    (field,) = read(tmp_path, text(TU="  Your\n name ", Ff=_MULTILINE | 2, MaxLen=40))
    assert (field.label, field.multiline, field.required, field.max_length) == ("Your name", True, True, 40)


def test_buttons_of_one_name_are_a_radio_field_whose_places_have_values(tmp_path: Path) -> None:
    boxes = [button("state", "married", [60, 500, 70, 510]), button("state", "single", [60, 700, 70, 710])]
    (field,) = read(tmp_path, *boxes)
    assert field.kind is FieldKind.RADIO
    assert [place.value for place in field.places] == ["single", "married"]


def test_the_value_of_a_numbered_button_is_its_export_value(tmp_path: Path) -> None:
    (field,) = read(tmp_path, button("state", "1", [60, 500, 70, 510], Ff=_RADIO, Opt=["single", "married"]))
    assert [place.value for place in field.places] == ["married"]


def test_a_choice_says_what_people_see(tmp_path: Path) -> None:
    (field,) = read(tmp_path, {"/FT": "/Ch", "/T": "c", "/Rect": _RECT, "/Opt": ["A", ["x", "Bee"], "", "A"]})
    assert (field.kind, field.choices) == (FieldKind.CHOICE, ("A", "Bee"))


def test_a_field_inherits_from_those_above_it(tmp_path: Path) -> None:
    parent = {"/T": "top", "/FT": "/Tx", "/MaxLen": 3, "/Ff": _COMB}
    (field,) = read(tmp_path, {"/T": "leaf", "/Rect": _RECT, "/Parent": parent})
    assert (field.name, field.kind, field.cells) == ("top.leaf", FieldKind.COMB, 3)


def test_hidden_fields_buttons_and_places_off_the_page_are_none(tmp_path: Path) -> None:
    widgets = (
        text("hidden", F=2),
        text("no view", F=32),
        button("push", "On", _RECT, Ff=_PUSH),
        text("off") | {"/Rect": [700.0, 10.0, 800.0, 20.0]},
        text("thin") | {"/Rect": [10.0, 10.0, 200.0, 10.2]},
        text("no place") | {"/Rect": []},
        {"/Subtype": "/Link", "/Rect": _RECT},
    )
    assert read(tmp_path, *widgets) == ()


def test_a_field_on_several_pages_is_one_field_and_repeats_at_one_place_are_one(tmp_path: Path) -> None:
    (field,) = read(tmp_path, text() | {"page": 2}, text(), text(), pages=2)
    assert [place.page for place in field.places] == [1, 2]


def test_xfa_alone_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FormError, match=r"XFA alone.*save or print it as an ordinary PDF"):
        read(tmp_path, XFA="<xdp/>")


def test_what_is_no_pdf_or_locked_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"no pdf")
    with pytest.raises(FormError, match="cannot be read"):
        read_acroform(tmp_path / "a.pdf")
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret")
    writer.write(tmp_path / "locked.pdf")
    with pytest.raises(FormError, match="password"):
        read_acroform(tmp_path / "locked.pdf")


def test_the_sample_form_is_read_whole() -> None:
    fields = {field.name: field for field in read_acroform(sample_folder() / "application-form-blank.pdf")}
    assert len(fields) == 39
    assert [place.value for place in fields["marital_status"].places] == ["single", "married", "divorced", "widowed"]
    assert (fields["postcode"].kind, fields["postcode"].cells) == (FieldKind.COMB, 5)
    assert fields["signature"].kind is FieldKind.SIGNATURE
