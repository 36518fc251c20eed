"""What is fetched is whole, genuine, and fetched once."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from devstack import jars
from devstack.failure import StackError
from devstack.fetched import cache_root, fetched
from devstack.jars import jar_folder, locked_jars


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCBEAM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def _says(text: str, calls: list[str]) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        calls.append(text)
        (folder / "thing").write_text(text, encoding="utf-8")

    return make


def test_a_thing_is_made_once_for_the_same_pins_and_beside_it_for_others(cache: Path) -> None:
    calls: list[str] = []
    first = fetched("thing", ["1"], _says("one", calls))
    assert fetched("thing", ["1"], _says("again", calls)) == first
    second = fetched("thing", ["2"], _says("two", calls))
    assert calls == ["one", "two"]
    assert (first / "thing").read_text(encoding="utf-8") == "one"
    assert (second / "thing").read_text(encoding="utf-8") == "two"
    assert first.parent == cache


def test_an_interrupted_fetch_is_done_again_from_nothing(cache: Path) -> None:
    def breaks(folder: Path) -> None:
        (folder / "half").write_text("half", encoding="utf-8")
        raise StackError("the network went away")

    with pytest.raises(StackError, match="network"):
        fetched("thing", ["1"], breaks)
    whole = fetched("thing", ["1"], _says("one", []))
    assert {path.name for path in whole.iterdir()} == {"thing", ".complete"}


def test_two_at_once_make_it_once(cache: Path) -> None:
    calls: list[str] = []

    def slow(folder: Path) -> None:
        calls.append("made")
        time.sleep(0.2)
        (folder / "thing").touch()

    threads = [threading.Thread(target=fetched, args=("thing", ["1"], slow)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == ["made"]


def test_the_cache_is_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCBEAM_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_root() == tmp_path / "docbeam"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_root() == Path.home() / ".cache" / "docbeam"


@pytest.mark.stack
def test_a_damaged_archive_is_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = jar_folder("kafka", lambda line: None)
    monkeypatch.setenv("DOCBEAM_CACHE", str(tmp_path))
    shutil.copytree(whole[0].parent, tmp_path / "jars")
    victim = next(jar for jar in locked_jars("kafka") if jar.artifact == "jspecify")
    (tmp_path / "jars" / victim.file_name).write_bytes(b"not a jar")
    said: list[str] = []

    again = jar_folder("kafka", said.append)

    assert said == ["fetching 1 of 46 Java archives"]
    assert [path.name for path in again] == [path.name for path in whole]
    assert jar_folder("kafka", said.append) == again
    assert len(said) == 1
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


@pytest.mark.stack
def test_an_archive_that_is_not_the_pinned_one_is_refused(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "odd.jars.txt").write_text(f"org.jspecify:jspecify:1.0.0 {'0' * 64}\n", encoding="utf-8")
    monkeypatch.setattr(jars, "LOCKS", tmp_path)
    with pytest.raises(StackError, match=r"jspecify-1\.0\.0\.jar arrived with another sha256"):
        jar_folder("odd", lambda line: None)
    assert not (cache / "jars" / "jspecify-1.0.0.jar").exists()


@pytest.mark.stack
def test_an_archive_nobody_has_is_named(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "odd.jars.txt").write_text(f"org.jspecify:jspecify:0.0.0 {'0' * 64}\n", encoding="utf-8")
    monkeypatch.setattr(jars, "LOCKS", tmp_path)
    with pytest.raises(StackError, match=r"org\.jspecify:jspecify:0\.0\.0 cannot be fetched"):
        jar_folder("odd", lambda line: None)
