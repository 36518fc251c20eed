"""`docbeam version`: the versions of everything that decides what comes out."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

import click

from docbeam.output import Output, output_option, print_rows

_PACKAGES = ("apache-beam", "kafka-python", "confluent-kafka", "google-cloud-bigquery", "fastavro", "onnxruntime")


@click.command()
@output_option()
def version(output: Output) -> None:
    """Show the versions of docbeam, Beam, use cases, models and schemas."""
    print_rows([{"kind": kind, "name": name, "version": number} for kind, name, number in _versions()], output)


def docbeam_version() -> str:
    """Of the installed distribution, else of the checkout."""
    try:
        return installed("docbeam")
    except PackageNotFoundError:
        from importlib.resources import files

        return files("docbeam").joinpath("VERSION").read_text(encoding="utf-8").strip() + " (checkout)"


def _versions() -> Iterator[tuple[str, str, str]]:
    from models.registry import all_models
    from schemas.avro_schema import CONTRACTS
    from schemas.released import released_schemas
    from use_cases.registry import all_use_cases

    yield "program", "docbeam", docbeam_version()
    yield "program", "python", platform.python_version()
    for package in _PACKAGES:
        try:
            yield "package", package, installed(package)
        except PackageNotFoundError:
            yield "package", package, "not installed"
    for name, registered in sorted(all_use_cases().items()):
        yield "use case", name, registered.use_case.version
    for name, model in sorted(all_models().items()):
        yield "model", name, model.card.version
    for name in CONTRACTS:
        yield "schema", name, str(max(released_schemas(name), default="none"))
