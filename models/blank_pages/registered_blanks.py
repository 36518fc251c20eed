"""The blank pages of the forms that are registered here: one set in a process, whichever models look at them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from config.content_hash import content_hash
from forms.form import FormPage
from forms.registry import RegisteredForm, forms_now
from models.blank_pages.blanks import BlankPage, Blanks
from schemas.errors import DocbeamError, ErrorCode


@dataclass(frozen=True)
class RegisteredBlanks:
    """Forms, and all their pages in one row."""

    forms: Mapping[str, RegisteredForm]
    pages: tuple[tuple[RegisteredForm, FormPage], ...]

    @cached_property
    def blanks(self) -> Blanks:
        """The pages with their keypoints; in the order of `pages`.

        Raises DocbeamError(MODEL_UNAVAILABLE) for a picture that is none.
        """
        return self._read[0]

    def sha256(self, form: str) -> str:
        """Of the form's form.toml and the images of its blank pages, as they were read: the hash of their hashes."""
        return self._read[1][form]

    @cached_property
    def _read(self) -> tuple[Blanks, Mapping[str, str]]:
        """The blank pages, and for each form the hash of what was read: each file is opened once for both."""
        blanks, contents = [], {name: [form.content] for name, form in self.forms.items()}
        for form, page in self.pages:
            paths = [form.folder / name for name in (page.image, page.content) if name]
            read = [_content(path) for path in paths]
            contents[form.form.name] += read
            pixels, *plain = (_grey(content, path) for content, path in zip(read, paths, strict=True))
            blanks.append(BlankPage(form.form.name, page.number, pixels, *plain))
        return Blanks(blanks), {name: content_hash(*own) for name, own in contents.items()}

    def number(self, form: str, page: int) -> int:
        """Where the page stands in the row. Raises StopIteration for one that is not there."""
        return next(
            place for place, (each, own) in enumerate(self.pages) if (each.form.name, own.number) == (form, page)
        )


def registered_blanks(folder: Path | None = None) -> RegisteredBlanks:
    """What is registered now; the same object as long as `forms_now` has the same. `folder` as for `all_forms`.

    Raises FormError for forms that are not whole.
    """
    forms = forms_now(folder)
    if not _latest or _latest[0].forms is not forms:
        _latest[:] = [
            RegisteredBlanks(forms, tuple((each, page) for each in forms.values() for page in each.form.pages))
        ]
    return _latest[0]


_latest: list[RegisteredBlanks] = []
"""At most one: a process has one folder of forms."""


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise _no_picture(path) from None


def _grey(content: bytes, path: Path) -> npt.NDArray[np.uint8]:
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE) if content else None
    if pixels is None:
        raise _no_picture(path)
    return np.asarray(pixels, dtype=np.uint8)


def _no_picture(path: Path) -> DocbeamError:
    return DocbeamError(
        ErrorCode.MODEL_UNAVAILABLE, f"{path} is no picture; make the form again with `docbeam form new`"
    )
