"""A form of one page, for what its fields say."""

from __future__ import annotations

from typing import Any

from forms.form import Form, FormField, FormPage

_PAGE = FormPage(number=1, image="page-1.png", width_points=612, height_points=792)


def field(name: str = "f", kind: str = "text", **more: Any) -> FormField:
    """One that lies anywhere."""
    return FormField.model_validate(
        {"name": name, "kind": kind, "places": [{"page": 1, "box": (0.1, 0.1, 0.9, 0.2)}]} | more
    )


def form(*fields: FormField, **more: Any) -> Form:
    """One that has these fields."""
    return Form.model_validate({"name": "loan", "version": "1", "pages": (_PAGE,), "fields": fields} | more)
