"""What ships to workers: the layers a job needs, each folder under its own name. Beam stages what this file packs."""

from pathlib import Path

from setuptools import find_packages, setup


def lines(name: str) -> list[str]:
    """Of a text file, without comments. Read as text: what is installed here must not decide what is packed."""
    return [line for line in Path(name).read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


VERSION = lines("docbeam/VERSION")[0]
APART = {line.split()[0] for line in lines("docbeam/extras.txt")}
LAYERS = [name for line in lines("docbeam/layers.txt") for name in line.split() if name not in APART]
DATA_SUFFIXES = ("toml", "onnx", "avsc", "json", "sql", "txt", "mod", "sum", "png", "pdf", "jpg", "tiff")
WORKBENCH = f"docbeam-workbench=={VERSION}"
"""The layers that are apart, see workbench/setup.py."""

PACKAGES = find_packages(include=[pattern for layer in LAYERS for pattern in (layer, f"{layer}.*")])
# What a model loads may have any suffix.
MODELS = [package for package in PACKAGES if package.startswith("models.catalog.")]

setup(
    name="docbeam",
    version=VERSION,
    description="Reads forms in a stream: Kafka in, models on Apache Beam, Kafka and BigQuery out.",
    license_expression="Apache-2.0",
    license_files=["LICENSE", "NOTICE"],
    python_requires=">=3.11,<3.14",
    packages=PACKAGES,
    include_package_data=True,
    package_data={"": [*(f"*.{suffix}" for suffix in DATA_SUFFIXES), "VERSION"], **{model: ["*"] for model in MODELS}},
    install_requires=lines("requirements.in"),
    extras_require={
        "devstack": [WORKBENCH, *lines("requirements-devstack.in")],
        "evaluation": [WORKBENCH, *lines("requirements-evaluation.in")],
        "gateway": [WORKBENCH, *lines("requirements-gateway.in")],
        "training": [WORKBENCH, *lines("requirements-evaluation.in"), *lines("requirements-training.in")],
        "peers": lines("requirements-peers.in"),
    },
    entry_points={"console_scripts": ["docbeam = docbeam.main:main"]},
)
