"""Writes a package that a company installs beside docbeam: its use case for one of its forms."""

from __future__ import annotations

import keyword
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

from clients.making_use_cases import templates
from clients.making_use_cases.golden_case import GoldenCase, write_golden_case
from config.settings import Settings
from forms.registry import RegisteredForm

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class PackageError(Exception):
    """A package that cannot be written; the message says what to do."""


@dataclass(frozen=True, slots=True)
class MadePackage:
    """What was written."""

    folder: Path
    golden: GoldenCase
    brings_form: bool
    """False where the form is another package's already."""


def make_package(registered: RegisteredForm, use_case: str, into: Path, settings: Settings) -> MadePackage:
    """Write `into`/docbeam-NAME; nothing is left behind when something fails.

    Raises PackageError for a name that is none, a folder that is there already.
    """
    if not _NAME.fullmatch(use_case):
        raise PackageError(f"{use_case!r} is no name for a use case: lower-case letters, digits and dashes, at most 63")
    own = registered.owner == str(registered.folder.parent)
    words = _words(registered, use_case, own=own)
    target = into / words["distribution"]
    if target.exists():
        raise PackageError(f"{target} is there already; remove it, or give the use case another name")
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into, prefix=f".{target.name}-") as unfinished:
        folder = Path(unfinished) / target.name
        _write_texts(folder, words)
        if own:
            _copy_form(registered, folder / words["package"] / "form")
        golden = folder / "tests" / "golden"
        golden.mkdir()
        case = write_golden_case(registered, golden, settings)
        shutil.move(folder, target)
    return MadePackage(target, case, own)


def _words(registered: RegisteredForm, use_case: str, *, own: bool) -> Mapping[str, str]:
    """What differs from package to package, by the names that templates use."""
    form = registered.form
    package = "docbeam_" + use_case.replace("-", "_")
    class_name = "".join(part.capitalize() for part in use_case.split("-"))
    if not class_name.isidentifier() or keyword.iskeyword(class_name) or class_name == "UseCase":
        class_name = f"Form{class_name}"
    return {
        "use_case": use_case,
        "distribution": f"docbeam-{use_case}",
        "package": package,
        "class_name": class_name,
        "form": form.name,
        "version": form.version.replace("\\", " ").replace('"', "'"),
        "dependencies": '"docbeam"' if own else f'"docbeam", "{registered.owner}"',
        "form_entry_point": f'\n[project.entry-points."docbeam.forms"]\n{form.name} = "{package}.form"\n'
        if own
        else "",
        "form_row": f"| `{package}/form/` | the form; `docbeam form check` looks it over |\n" if own else "",
    }


def _write_texts(folder: Path, words: Mapping[str, str]) -> None:
    package = folder / words["package"]
    about = f'"""Reads filled copies of the form {words["form"]}."""\n'
    for path, text in (
        (folder / "pyproject.toml", _filled_in("pyproject", words)),
        (folder / "README.md", _filled_in("readme", words)),
        (package / "__init__.py", about),
        (package / "use_case.py", _filled_in("use_case", words)),
        (folder / "tests" / f"test_{words['package']}.py", _filled_in("test", words)),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _filled_in(template: str, words: Mapping[str, str]) -> str:
    return Template((files(templates) / f"{template}.txt").read_text(encoding="utf-8")).substitute(words)


def _copy_form(registered: RegisteredForm, folder: Path) -> None:
    folder.mkdir()
    (folder / "__init__.py").write_text(f'"""The form {registered.form.name}."""\n', encoding="utf-8")
    pictures = [name for page in registered.form.pages for name in (page.image, page.content) if name]
    for name in ("form.toml", *pictures):
        shutil.copy(registered.folder / name, folder / name)
