"""Which forms there are: in the folder that settings name, and in installed packages (entry points `docbeam.forms`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from config.plug_in_folders import FORMS, PlugInFolderError
from forms.form import Form
from forms.form_file import FormError, form_file, form_of


@dataclass(frozen=True, slots=True)
class RegisteredForm:
    """A form that pages can be read by, and who brought it."""

    form: Form
    folder: Path
    owner: str
    """The user's folder or the name of a distribution."""
    content: bytes
    """Of the form.toml that `form` was read from."""


def all_forms(folder: Path | None = None) -> Mapping[str, RegisteredForm]:
    """Every form by name. `folder` is where the user's own are, by default where the settings say.

    Raises FormError for duplicates, a folder that is not there, entry points that name no package, forms not whole.
    """
    found: dict[str, RegisteredForm] = {}
    try:
        for each, owner in FORMS.all(folder):
            content = form_file(each)
            _add(found, RegisteredForm(form_of(content, each), each, owner, content))
    except PlugInFolderError as error:
        raise FormError(str(error)) from None
    return found


def forms_now(folder: Path | None = None) -> Mapping[str, RegisteredForm]:
    """As `all_forms`, but read once: the same object until a form of the user's folder has changed."""
    own = folder if folder is not None else FORMS.own()
    return _read_once(own, _stamp(own))


def form_named(name: str) -> Form | None:
    """The form of that name where settings and packages say, if there is one now; cheap to ask for each document.

    None also where forms cannot be read: what reads pages by them tells why.
    """
    try:
        found = forms_now().get(name)
    except (FormError, OSError):
        return None
    return found.form if found is not None else None


@lru_cache(maxsize=1)
def _read_once(own: Path | None, stamp: tuple[tuple[str, int], ...]) -> Mapping[str, RegisteredForm]:
    del stamp
    return all_forms(own)


def _stamp(own: Path | None) -> tuple[tuple[str, int], ...]:
    folders = FORMS.inside(own) if own is not None else ()
    return tuple((folder.name, (folder / FORMS.file).stat().st_mtime_ns) for folder in folders)


def _add(found: dict[str, RegisteredForm], new: RegisteredForm) -> None:
    name = new.form.name
    if name in found:
        other = found[name]
        raise FormError(
            f"two forms are called {name!r}: one of {other.owner} ({other.folder}) and one of {new.owner} "
            f"({new.folder}); editions need names of their own and one `family`"
        )
    found[name] = new
