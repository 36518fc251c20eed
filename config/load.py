"""Settings from their sources: flag over environment over file over default, each value with its origin."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError

from config.settings import Settings

ENVIRONMENT_PREFIX = "DOCBEAM_"
FILE_VARIABLE = "DOCBEAM_CONFIG"
DEFAULT_FILE = Path("docbeam.toml")
_MASK = "********"


class InvalidSettings(ValueError):
    """A setting that is unknown or not valid; the message names it, its origin and what is allowed."""


@dataclass(frozen=True, slots=True)
class SettingValue:
    """One effective setting."""

    name: str
    """section.field"""
    value: Any
    origin: str
    description: str


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The effective settings and where each value came from."""

    settings: Settings
    origins: Mapping[str, str]

    def values(self) -> list[SettingValue]:
        """Every setting, secrets masked."""
        found = []
        for section_name, section in self.settings:
            for name, field in type(section).model_fields.items():
                value = getattr(section, name)
                dotted = f"{section_name}.{name}"
                found.append(
                    SettingValue(
                        dotted,
                        _MASK if isinstance(value, SecretStr) else _plain(value),
                        self.origins.get(dotted, "default"),
                        field.description or "",
                    )
                )
        return found


def load_settings(
    flags: Sequence[str] = (),
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> LoadedSettings:
    """The effective settings.

    `flags` are `section.field=value`; the environment's names are `DOCBEAM_SECTION__FIELD`; `file` is TOML with a
    table for each section, by default $DOCBEAM_CONFIG or ./docbeam.toml if there is one. Lists are given
    comma-separated outside of files.
    Raises InvalidSettings.
    """
    environment = os.environ if environment is None else environment
    tree: dict[str, dict[str, Any]] = {}
    origins: dict[str, str] = {}
    path = file or _file_of(environment)
    if path is not None:
        for section, values in _read(path).items():
            if not isinstance(values, dict):
                raise InvalidSettings(f"{path}: {section!r} is not a table; settings live in [section] tables")
            for name, value in values.items():
                _set(tree, origins, f"{section}.{name}", value, str(path))
    for variable, text in environment.items():
        if variable.startswith(ENVIRONMENT_PREFIX) and "__" in variable:
            dotted = variable[len(ENVIRONMENT_PREFIX) :].lower().replace("__", ".", 1)
            _set(tree, origins, dotted, _parsed(dotted, text), f"${variable}")
    for flag in flags:
        dotted, equals, text = flag.partition("=")
        if not equals:
            raise InvalidSettings(f"--set {flag}: expected section.field=value")
        _set(tree, origins, dotted, _parsed(dotted, text), "--set")
    try:
        return LoadedSettings(Settings.model_validate(tree), origins)
    except ValidationError as error:
        raise InvalidSettings(_explain(error, origins)) from None


def _file_of(environment: Mapping[str, str]) -> Path | None:
    if environment.get(FILE_VARIABLE):
        return Path(environment[FILE_VARIABLE])
    return DEFAULT_FILE if DEFAULT_FILE.is_file() else None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidSettings(f"cannot read settings from {path}: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidSettings(f"{path}: not TOML: {error}") from None


def _set(tree: dict[str, dict[str, Any]], origins: dict[str, str], dotted: str, value: Any, origin: str) -> None:
    section, _, name = dotted.partition(".")
    tree.setdefault(section, {})[name] = value
    origins[dotted] = origin


def _parsed(dotted: str, text: str) -> Any:
    section, _, name = dotted.partition(".")
    kind = Settings.model_fields.get(section)
    model = kind.annotation if kind else None
    if isinstance(model, type) and issubclass(model, BaseModel) and name in model.model_fields:
        annotation = model.model_fields[name].annotation
        if getattr(annotation, "__origin__", None) is tuple:
            return [part.strip() for part in text.split(",") if part.strip()]
        if text == "" and type(None) in get_args(annotation):
            return None
    return text


def _explain(error: ValidationError, origins: Mapping[str, str]) -> str:
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        dotted = ".".join(str(part) for part in problem["loc"][:2])
        origin = f" (from {origins[dotted]})" if dotted in origins else ""
        message = problem["msg"]
        if problem["type"] == "extra_forbidden":
            message = "there is no such setting; `docbeam config show` lists them"
        lines.append(f"{dotted or 'settings'}{origin}: {message}")
    return "\n".join(lines)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value
