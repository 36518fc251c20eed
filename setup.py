"""What ships. The folders import under their own names; `setup.py` is what Beam stages to workers."""

from pathlib import Path

from setuptools import find_packages, setup

# Read as text: what is installed here must not decide what is packed.
LAYERS = [
    name
    for line in Path("docbeam/layers.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for name in line.split()
]

DATA_SUFFIXES = ("toml", "onnx", "avsc", "json", "sql", "txt", "mod", "sum", "png", "pdf", "jpg", "tiff")

PACKAGES = find_packages(include=[pattern for layer in LAYERS for pattern in (layer, f"{layer}.*")])
# What a model loads may have any suffix.
MODELS = [package for package in PACKAGES if package.startswith("models.catalog.")]

setup(
    name="docbeam",
    version=Path("docbeam/VERSION").read_text(encoding="utf-8").strip(),
    description="Reads forms in a stream: Kafka in, models on Apache Beam, Kafka and BigQuery out.",
    python_requires=">=3.11,<3.14",
    packages=PACKAGES,
    include_package_data=True,
    package_data={"": [*(f"*.{suffix}" for suffix in DATA_SUFFIXES), "VERSION"], **{model: ["*"] for model in MODELS}},
    install_requires=Path("requirements.in").read_text(encoding="utf-8").split("\n# extras")[0].splitlines(),
    extras_require={
        extra: Path(f"requirements-{extra}.in").read_text(encoding="utf-8").splitlines() for extra in ("train", "peers")
    },
    entry_points={"console_scripts": ["docbeam = docbeam.main:main"]},
)
