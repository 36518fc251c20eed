"""Which forms there are: in the folder that settings name, and in installed packages (entry points `docbeam.forms`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.plug_in_folders import FORMS, PlugInFolderError
from forms.form import Form
from forms.form_file import FormError, read_form


@dataclass(frozen=True, slots=True)
class RegisteredForm:
    """A form that pages can be read by, and who brought it."""

    form: Form
    folder: Path
    owner: str
    """The user's folder or the name of a distribution."""


def all_forms(folder: Path | None = None) -> Mapping[str, RegisteredForm]:
    """Every form by name. `folder` is where the user's own are, by default where the settings say.

    Raises FormError for duplicates, a folder that is not there, entry points that name no package, forms not whole.
    """
    found: dict[str, RegisteredForm] = {}
    try:
        for each, owner in FORMS.all(folder):
            _add(found, RegisteredForm(read_form(each), each, owner))
    except PlugInFolderError as error:
        raise FormError(str(error)) from None
    return found


def _add(found: dict[str, RegisteredForm], new: RegisteredForm) -> None:
    name = new.form.name
    if name in found:
        other = found[name]
        raise FormError(
            f"two forms are called {name!r}: one of {other.owner} ({other.folder}) and one of {new.owner} "
            f"({new.folder}); editions need names of their own and one `family`"
        )
    found[name] = new
