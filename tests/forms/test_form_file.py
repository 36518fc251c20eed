"""form.toml keeps everything a form is, and says what is wrong with an edit."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.plug_in_folders import FORMS
from forms.form import FieldKind, Form, FormField, FormPage, Place
from forms.form_file import FormError, form_text, read_form, write_form
from forms.looking_over import remarks
from forms.registry import all_forms, form_named
from forms.relation import Relation
from forms.rules.setting import DateOrder

_PAGE = FormPage(number=1, image="page-1.png", width_points=612, height_points=792)
_edges = st.tuples(st.integers(0, 49_999), st.integers(50_000, 100_000))
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


@st.composite
def fields(draw: st.DrawFn) -> FormField:
    (left, right), (top, bottom) = draw(_edges), draw(_edges)
    box = (left / 1e5, top / 1e5, right / 1e5, bottom / 1e5)
    kind = draw(st.sampled_from(FieldKind))
    return FormField(
        name=draw(_names),
        kind=kind,
        label=draw(_texts),
        places=(Place(page=1, box=box, value="v" + draw(_texts)),),
        cells=draw(st.integers(1, 40)) if kind is FieldKind.COMB else None,
        choices=tuple(draw(st.lists(_texts, max_size=3))),
        country=draw(st.sampled_from(["", "US", "DE"])),
        date_order=draw(st.sampled_from([None, *DateOrder])),
        proposed=draw(st.booleans()),
    )


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(fields(), max_size=4, unique_by=lambda field: field.name))
def test_what_is_written_is_read_back(made: list[FormField]) -> None:
    texts = [field.name for field in made if field.kind in (FieldKind.TEXT, FieldKind.DATE, FieldKind.NUMBER)]
    relations = (Relation(sum=texts[0], of=tuple(texts[1:])), Relation(equal=tuple(texts))) if texts[1:] else ()
    form = Form(name="n", version="1", country="FR", pages=(_PAGE,), fields=tuple(made), relations=relations)
    assert Form.model_validate(tomllib.loads(form_text(form))) == form


def form_in(folder: Path, *lines: str, name: str = "n") -> Path:
    """A form of one page and one field, with `lines` in place of the field's."""
    target = folder / name
    target.mkdir(parents=True)
    (target / "page-1.png").write_bytes(b"")
    head = [f'name = "{name}"', 'version = "1"', "[[pages]]", "number = 1", 'image = "page-1.png"']
    head += ["width_points = 612.0", "height_points = 792.0"]
    (target / "form.toml").write_text("\n".join([*head, "[[fields]]", 'name = "f"', *lines]))
    return target


_PLACES = "places = [{ page = 1, box = [0.1, 0.1, 0.3, 0.2] }]"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['kind = "text"', _PLACES, 'colour = "red"'], r"field 'f': colour: Extra inputs"),
        (['kind = "poem"', _PLACES], r"field 'f': kind: Input should be 'text'"),
        (['kind = "text"', _PLACES.replace("0.3", "1.3")], r"field 'f': places.0.box: .*fractions of the page"),
        (['kind = "text"', _PLACES.replace("page = 1", "page = 2")], r"field 'f' lies on page 2"),
        (['kind = "comb"', _PLACES], r"field 'f': .*how many `cells`"),
        (['kind = "radio"', _PLACES], r"field 'f': .*must say its `value`"),
        (['kind = "text"', _PLACES, 'pattern = "("'], r"field 'f': pattern: .*no regular expression"),
        (
            ['kind = "text"', _PLACES, "[[fields]]", 'name = "f"', 'kind = "text"', _PLACES],
            r"two fields are called 'f'",
        ),
        (['kind = "text'], "not TOML"),
        (
            ['kind = "text"', _PLACES, 'format = "isbm"'],
            r"field 'f': format: .*no format 'isbm'; there are date, amount",
        ),
        (['kind = "text"', _PLACES, 'format = "us.shoe"'], r"field 'f': format: .*no format 'us.shoe'"),
        (['kind = "checkbox"', _PLACES, 'format = "date"'], r"field 'f': .*a checkbox has no text"),
        (['kind = "text"', _PLACES, "normal = true"], r"field 'f': .*`normal` needs a `format`"),
        (['kind = "date"', _PLACES, "normal = true"], r"field 'f': a `normal` date needs `date_order`"),
        (['kind = "text"', _PLACES, 'country = "usa"'], r"field 'f': country"),
        (['kind = "text"', _PLACES, 'date_order = "mmddyy"'], r"field 'f': date_order: Input should be 'mdy'"),
        (
            ['kind = "text"', _PLACES, "[[relations]]", 'sum = "f"', 'of = ["g"]'],
            r"relation 'sum of g is not f': there is no field of text called 'g'",
        ),
        (
            ['kind = "text"', _PLACES, "[[relations]]", 'sum = "f"'],
            r"relations 1: .*`sum` and `of` belong together",
        ),
        (['kind = "text"', _PLACES, "[[relations]]", 'equal = ["f"]'], r"relations 1: equal: .*at least 2"),
        (
            ['kind = "text"', _PLACES, "[[relations]]", 'equal = ["f", "f"]'],
            r"relations 1: .*names a field twice",
        ),
        (['kind = "text"', _PLACES, "[[relations]]", 'of = ["f"]'], r"relations 1: .*one of `sum` with `of`"),
    ],
)
def test_a_wrong_edit_is_told_with_file_and_field(tmp_path: Path, lines: list[str], said: str) -> None:
    with pytest.raises(FormError, match=said) as raised:
        read_form(form_in(tmp_path, *lines))
    assert str(tmp_path) in str(raised.value)


def test_a_page_without_its_image_and_a_folder_without_a_form_are_told(tmp_path: Path) -> None:
    folder = form_in(tmp_path, 'kind = "text"', _PLACES)
    (folder / "page-1.png").unlink()
    with pytest.raises(FormError, match=r"page 1: there is no image page-1\.png"):
        read_form(folder)
    with pytest.raises(FormError, match="docbeam form new"):
        read_form(tmp_path)


def test_forms_come_from_the_folder_that_the_setting_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    form_in(tmp_path, 'kind = "text"', _PLACES)
    monkeypatch.setenv(FORMS.variable, str(tmp_path))
    assert [(name, each.owner) for name, each in all_forms().items()] == [("n", str(tmp_path))]
    monkeypatch.setenv(FORMS.variable, str(tmp_path / "nowhere"))
    with pytest.raises(FormError, match=r"analysis\.forms: .*nowhere is no folder"):
        all_forms()


def test_one_form_is_told_by_name_and_again_when_its_file_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = form_in(tmp_path, 'kind = "text"', _PLACES)
    monkeypatch.setenv(FORMS.variable, str(tmp_path))
    first = form_named("n")
    assert first is not None
    assert form_named("n") is first
    assert form_named("m") is None
    path = folder / "form.toml"
    path.write_text(path.read_text().replace('version = "1"', 'version = "2"'))
    os.utime(path, ns=(1, 1))
    assert getattr(form_named("n"), "version", "") == "2"
    path.write_text("no form")
    os.utime(path, ns=(2, 2))
    assert form_named("n") is None
    monkeypatch.setenv(FORMS.variable, str(tmp_path / "nowhere"))
    assert form_named("n") is None


def test_two_forms_of_one_name_are_refused(tmp_path: Path) -> None:
    write_form(read_form(form_in(tmp_path, 'kind = "text"', _PLACES)), form_in(tmp_path, name="other"))
    with pytest.raises(FormError, match="two forms are called 'n'"):
        all_forms(tmp_path)


def field(name: str, box: tuple[float, float, float, float], **more: object) -> FormField:
    return FormField.model_validate({"name": name, "kind": "text", "places": [{"page": 1, "box": box}]} | more)


def test_a_form_is_looked_over_for_what_a_person_should_see() -> None:
    pages = (_PAGE, _PAGE.model_copy(update={"number": 2}))
    made = (
        field("a", (0.1, 0.1, 0.5, 0.2)),
        field("b", (0.1, 0.1, 0.4, 0.2), proposed=True),
        field("touching", (0.5, 0.1, 0.9, 0.2)),
        field("mark", (0.1, 0.1, 0.12, 0.12), kind="checkbox"),
        field("flat", (0.1, 0.5, 0.5, 0.503)),
        field("list", (0.1, 0.6, 0.5, 0.7), kind="choice"),
    )
    told = list(remarks(Form(name="n", version="1", pages=pages, fields=made)))
    assert [line.split(":")[0] for line in told] == [
        "1 of 6 fields are proposals",
        "'a' and 'b' lie on one another on page 1",
        "field 'flat' is 2.4 points high on page 1",
        "field 'list' is a choice without `choices`",
        "no fields on page 2",
    ]
