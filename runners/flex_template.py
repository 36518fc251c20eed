"""The entry of a Dataflow Flex Template: its parameters are settings, the rest is the launcher's.

A parameter is named like its setting with the first dot as an underscore: `kafka_bootstrap` is `kafka.bootstrap`.
"""

from __future__ import annotations

from collections.abc import Sequence

from config.load import load_settings
from config.settings import Settings
from runners.dataflow import submit

_LAUNCHER = {
    "project": "runner.gcp_project",
    "region": "runner.gcp_region",
    "temp_location": "runner.gcp_temp_location",
    "sdk_container_image": "runner.gcp_image",
    "service_account_email": "runner.gcp_service_account",
    "job_name": "runner.job_name",
}
"""Flags of Beam that the launcher adds, and that have a setting of ours."""


def launch(arguments: Sequence[str]) -> None:
    """Submit the job that the launcher's command line asks for.

    Raises InvalidSettings and RunnerNotReady.
    """
    flags, rest = settings_of(arguments)
    submit(load_settings(flags).settings, rest)


def settings_of(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The arguments that are settings, as `section.field=value`, and those for Beam as they are."""
    flags, rest = [], []
    for argument in arguments:
        name, equals, value = argument.removeprefix("--").partition("=")
        setting = _LAUNCHER.get(name) or setting_name(name)
        if equals and setting is not None:
            flags.append(f"{setting}={value}")
        else:
            rest.append(argument)
    return flags, rest


def setting_name(parameter: str) -> str | None:
    """The setting a template parameter stands for; None if there is no such setting."""
    section, _, field = parameter.partition("_")
    known = Settings.model_fields.get(section)
    if known is None or known.annotation is None or field not in getattr(known.annotation, "model_fields", {}):
        return None
    return f"{section}.{field}"
