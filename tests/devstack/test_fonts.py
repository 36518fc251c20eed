"""The fonts come through npm at the versions and with the checksums of a committed lock."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from devstack.failure import StackError
from devstack.fetched import LOCKS
from devstack.fonts import font_folder
from devstack.npm import npm_version
from synthesis.fonts import ALL, FontFolder, packages

LOCK = LOCKS / "fonts"
ENOUGH_OF_NPM = 'if [ "$1" = --version ]; then echo 11.2.0; exit 0; fi\n'


def test_every_face_that_is_drawn_with_is_locked_with_a_checksum_and_names_no_registry() -> None:
    wanted = json.loads((LOCK / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert sorted(f"{name}@{version}" for name, version in wanted.items()) == sorted(packages())
    locked = json.loads((LOCK / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name, version in wanted.items():
        entry = locked[f"node_modules/{name}"]
        assert entry["version"] == version
        assert entry["integrity"].startswith("sha512-")
        assert "resolved" not in entry


def test_every_face_can_be_drawn_with(fonts: FontFolder) -> None:
    for name in ALL:
        assert fonts.face(name, 20).getlength("Okafor") > 0


def test_what_npm_says_is_passed_on_and_half_a_fetch_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCBEAM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    npm = _program(tmp_path / "npm", f"{ENOUGH_OF_NPM}echo half > half; echo 'EINTEGRITY sha512 differs' >&2; exit 1")
    with pytest.raises(StackError, match="fetching the fonts from npm failed: npm ended with 1:\nEINTEGRITY sha512"):
        font_folder(lambda line: None)
    _program(npm, f"{ENOUGH_OF_NPM}echo whole > whole; echo $@ > arguments")
    folder = font_folder(lambda line: None)
    assert sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")) == [
        "arguments",
        "package-lock.json",
        "package.json",
        "whole",
    ]
    assert "ci --ignore-scripts" in (folder / "arguments").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("said", "version"), [("echo 11.19.1", 11), ("echo 6.14.4", 6), ("echo broken", 0), ("exit 1", 0)]
)
def test_an_npm_that_cannot_say_its_version_counts_as_too_old(tmp_path: Path, said: str, version: int) -> None:
    assert npm_version(str(_program(tmp_path / "npm", said))) == version
    assert npm_version(str(tmp_path / "absent")) == 0


def _program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path
