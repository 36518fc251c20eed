"""Plug-ins that are folders with a description: in the user's own folder, and in installed packages.

The user's folder is a setting; every process is told of it by the setting's environment variable, children too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path


class PlugInFolderError(Exception):
    """A folder that a setting or an entry point names is not there; the message names both."""


@dataclass(frozen=True, slots=True)
class PlugInFolders:
    """Where plug-ins of one kind lie."""

    setting: str
    """Of the user's own folder, for example `analysis.forms`."""
    file: str
    """The description that makes a folder a plug-in."""
    entry_points: str
    """The group in which packages name a package that is such a folder."""

    @property
    def variable(self) -> str:
        """The environment variable that is the setting: set by hand or by a parent process, it means the same."""
        return "DOCBEAM_" + self.setting.upper().replace(".", "__")

    def own(self, environment: Mapping[str, str] | None = None) -> Path | None:
        """The user's folder, if one is set."""
        text = (os.environ if environment is None else environment).get(self.variable, "")
        return Path(text) if text else None

    def environment_for(self, folder: Path | None) -> dict[str, str]:
        """What a child process needs in its environment to find the folder."""
        return {} if folder is None else {self.variable: str(folder.absolute())}

    def inside(self, folder: Path) -> Iterator[Path]:
        """The plug-ins that lie in `folder`."""
        return (path.parent for path in sorted(folder.glob(f"*/{self.file}")))

    def all(self, folder: Path | None = None) -> Iterator[tuple[Path, str]]:
        """Each plug-in's folder and who brought it: those in `folder`, by default the user's, then packages'.

        Raises PlugInFolderError.
        """
        own = folder if folder is not None else self.own()
        if own is not None:
            if not own.is_dir():
                raise PlugInFolderError(f"{self.setting}: {own} is no folder; make it or correct the setting")
            yield from ((found, str(own)) for found in self.inside(own))
        for point in sorted(entry_points(group=self.entry_points), key=lambda point: point.name):
            owner = point.dist.name if point.dist else point.value
            installed = _package_folder(point.value)
            if installed is None:
                raise PlugInFolderError(f"{owner}: entry point {point.name} names {point.value}, which is no package")
            yield installed, owner


def _package_folder(package: str) -> Path | None:
    try:
        spec = find_spec(package)
    except ModuleNotFoundError:
        # Of a parent: `find_spec` imports those.
        return None
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


DOCUMENT_TYPES = PlugInFolders("analysis.document_types", "type.toml", "docbeam.document_types")
FORMS = PlugInFolders("analysis.forms", "form.toml", "docbeam.forms")
ALL = (DOCUMENT_TYPES, FORMS)
