"""docbeam-workbench: the layers that no worker needs. Extras of docbeam install it; no worker does."""

from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path("..")


def lines(name: str) -> list[str]:
    """Of a text file at the root of the repository, without comments."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


VERSION = lines("docbeam/VERSION")[0]
LAYERS = [line.split()[0] for line in lines("docbeam/extras.txt")]

setup(
    name="docbeam-workbench",
    version=VERSION,
    description="The local stack, gateway, evaluation, drawing and training of docbeam; installed by docbeam's extras.",
    license_expression="Apache-2.0",
    license_files=["LICENSE", "NOTICE"],
    python_requires=">=3.11,<3.14",
    packages=find_packages(where=str(ROOT), include=[pattern for layer in LAYERS for pattern in (layer, f"{layer}.*")]),
    package_dir={layer: str(ROOT / layer) for layer in LAYERS},
    package_data={"": ["*.toml", "*.json", "*.txt", "*.in", "*.mod", "*.sum", "*.html", "*.css", "*.js", "*.svg"]},
    install_requires=[f"docbeam=={VERSION}"],
)
