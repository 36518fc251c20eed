"""What names on Google Cloud look like: checked before Beam, which asks the network about what it does not like."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from pathlib import Path

from config.settings import RunnerSettings

_PROJECT = re.compile(r"(?:[a-z0-9.-]+\.[a-z]{2,}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
_REGION = re.compile(r"[a-z]+(?:-[a-z]+)+[0-9]+")
_BUCKET = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,220}[a-z0-9])?")
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]*")
_SUBNETWORK = re.compile(r"(?:https://[^\s]+/projects/[^/\s]+/)?regions/[a-z0-9-]+/subnetworks/[a-z0-9-]+")


def wrong_names(runner: RunnerSettings) -> Iterator[str]:
    """Of the settings that are there, those that no service takes, each with what it should look like."""
    shapes = (
        (
            "gcp_project",
            _PROJECT,
            "6 to 30 small letters, figures and hyphens, such as my-project-1: the id, not the name",
        ),
        ("gcp_region", _REGION, "a region, such as europe-west1; a zone such as europe-west1-b is none"),
        ("gcp_image", _IMAGE, "HOST/PROJECT/REPOSITORY/IMAGE:TAG"),
        ("gcp_subnetwork", _SUBNETWORK, "regions/REGION/subnetworks/NAME"),
    )
    for name, shape, example in shapes:
        value = getattr(runner, name)
        if value is not None and not shape.fullmatch(value):
            yield f"runner.{name} is {value!r}: it looks like this: {example}"
    if runner.gcp_service_account is not None and not re.fullmatch(
        r"[^@\s]+@[^@\s]+\.[^@\s]+", runner.gcp_service_account
    ):
        yield f"runner.gcp_service_account is {runner.gcp_service_account!r}: it is the account's e-mail address"
    if runner.gcp_temp_location is not None:
        yield from _wrong_location(runner.gcp_temp_location)
    if runner.gcp_setup_file is not None:
        yield from _wrong_setup_file(runner.gcp_setup_file)


def _wrong_location(location: str) -> Iterator[str]:
    told = f"runner.gcp_temp_location is {location!r}"
    if not location.startswith("gs://"):
        yield f"{told}: it starts with gs://"
        return
    bucket, _, path = location.removeprefix("gs://").partition("/")
    fault = _wrong_bucket(bucket)
    if fault:
        yield f"{told}: {bucket!r} is no bucket's name, {fault}"
    elif not path.strip("/"):
        yield f"{told}: name a folder in the bucket too, such as gs://{bucket}/temp"


def _wrong_bucket(name: str) -> str:
    """Why it is none (https://cloud.google.com/storage/docs/buckets#naming); empty where it may be one."""
    if not 3 <= len(name) <= (222 if "." in name else 63):
        return "which has 3 to 63 characters"
    if not _BUCKET.fullmatch(name) or ".." in name or any(len(part) > 63 for part in name.split(".")):
        return "which has small letters, figures, hyphens, underscores and dots, a letter or figure first and last"
    if name.startswith("goog") or "google" in name:
        return "which may not contain google"
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return ""
    return "which is no address"


def _wrong_setup_file(path: Path) -> Iterator[str]:
    if path.name != "setup.py":
        yield f"runner.gcp_setup_file is {str(path)!r}: Beam takes a file of the name setup.py only"
    elif not path.is_file():
        yield f"runner.gcp_setup_file is {str(path)!r}: there is no such file"
