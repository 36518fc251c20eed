"""The plug-in package of the tests, installed as somebody would install it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent / "plugins" / "docbeam-notes"


def install_plugins(target: Path) -> None:
    """Install `tests/plugins/docbeam-notes` into the folder, entry points included."""
    with tempfile.TemporaryDirectory(prefix="docbeam-plugin-") as folder:
        # The build writes beside its sources; the checkout stays as it is.
        source = shutil.copytree(_PACKAGE, Path(folder) / _PACKAGE.name)
        command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
        subprocess.run([*command, "--python", sys.executable, "--target", str(target), str(source)], check=True)
