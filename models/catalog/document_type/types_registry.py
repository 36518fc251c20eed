"""Which document types there are: shipped, in the folder that settings name, and in installed packages.

Packages bring them by entry points `docbeam.document_types`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.plug_in_folders import DOCUMENT_TYPES, PlugInFolderError
from models.card import Kebab

TYPE_FILE = DOCUMENT_TYPES.file
SHIPPED = Path(__file__).parent / "types"
DEFAULT_THRESHOLD = 0.65
"""See the card for what it was chosen on."""


class DocumentTypeError(Exception):
    """A type that is not whole, or two of one name; fatal, names the folder and what to do."""


class PageSize(BaseModel):
    """The printed page, in points of 1/72 inch."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width_points: float = Field(gt=0)
    height_points: float = Field(gt=0)


class Measured(BaseModel):
    """How the threshold came about, when `docbeam model type add` chose it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    examples: int = Field(ge=1)
    """Pages the type was registered from."""
    lowest_example: float
    """Score of the example, or copy of one, that fits least."""
    counter_pages: int = Field(ge=0)
    highest_counter: float
    """Score of the page of another kind that fits best; 0 without any."""
    false_accept_rate: float = Field(gt=0, lt=1)
    """What the threshold was chosen for."""
    supported_rate: float = Field(gt=0, le=1)
    """With no more than this (95 % bound) the counter pages themselves bear out; the rest is extrapolated."""


class TypeDescription(BaseModel):
    """A document type as its type.toml describes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Kebab
    version: str
    summary: str
    threshold: float = Field(DEFAULT_THRESHOLD, gt=0, lt=1)
    """A page scoring this or more is accepted."""
    references: Annotated[tuple[str, ...], Field(min_length=1)]
    """Image files of blank pages beside the type.toml; the best counts."""
    page: PageSize
    measured: Measured | None = None


@dataclass(frozen=True, slots=True)
class RegisteredType:
    """A document type that pages can be compared with, and who brought it."""

    description: TypeDescription
    folder: Path
    owner: str
    content: bytes
    """Of the type.toml that `description` was read from."""

    @property
    def references(self) -> tuple[Path, ...]:
        """The files of its blank pages."""
        return tuple(self.folder / name for name in self.description.references)


def all_types(shipped: Path = SHIPPED, folder: Path | None = None) -> Mapping[str, RegisteredType]:
    """Every document type by name.

    `folder` is where the user's own types are, by default where the settings say.
    Raises DocumentTypeError for duplicates, a folder that is not there, entry points that name no package,
    descriptions that are not whole and missing reference files.
    """
    found: dict[str, RegisteredType] = dict(types_in(shipped, "docbeam"))
    try:
        for each, owner in DOCUMENT_TYPES.all(folder):
            _add(found, read_type(each, owner))
    except PlugInFolderError as error:
        raise DocumentTypeError(str(error)) from None
    return found


def types_in(folder: Path, owner: str) -> Mapping[str, RegisteredType]:
    """The types whose folders lie in `folder`. Raises DocumentTypeError as `all_types` does."""
    found: dict[str, RegisteredType] = {}
    for each in DOCUMENT_TYPES.inside(folder):
        _add(found, read_type(each, owner))
    return found


def read_type(folder: Path, owner: str) -> RegisteredType:
    """The type in `folder`.

    Raises DocumentTypeError when its description is missing or wrong, or a reference file is not there.
    """
    path = folder / TYPE_FILE
    try:
        content = path.read_bytes()
        description = TypeDescription.model_validate(tomllib.loads(content.decode()))
    except FileNotFoundError:
        raise DocumentTypeError(f"{owner}: {folder} has no {TYPE_FILE}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DocumentTypeError(f"{path}: not TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DocumentTypeError(f"{path}: {place}: {first['msg']}") from None
    registered = RegisteredType(description, folder, owner, content)
    for reference in registered.references:
        if not reference.is_file():
            raise DocumentTypeError(f"{path}: reference {reference.name} is not beside it; draw the blank page there")
    return registered


def _add(found: dict[str, RegisteredType], new: RegisteredType) -> None:
    name = new.description.name
    if name in found:
        raise DocumentTypeError(
            f"two document types are called {name!r}: one of {found[name].owner} ({found[name].folder}) "
            f"and one of {new.owner} ({new.folder}); uninstall or rename one"
        )
    found[name] = new
