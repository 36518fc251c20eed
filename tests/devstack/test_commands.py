"""`docbeam dev` as a person or a script meets it."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from devstack import stack
from devstack.commands import dev
from devstack.endpoints import as_toml
from devstack.stack import PARTS


@pytest.fixture
def state_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "dev"
    stack.down(tmp_path / "dev", wipe=True)


def _dev(*arguments: str, state_dir: Path) -> Result:
    return CliRunner().invoke(dev, [*arguments, "--state-dir", str(state_dir)])


def test_nothing_started_is_not_ready_and_stopping_nothing_is_fine(state_dir: Path) -> None:
    shown = _dev("status", "--output", "json", state_dir=state_dir)
    assert shown.exit_code == 3
    rows = json.loads(shown.stdout)
    assert [row["part"] for row in rows] == list(PARTS)
    assert {row["state"] for row in rows} == {"stopped"}
    assert _dev("down", "--wipe", state_dir=state_dir).exit_code == 0
    assert not state_dir.exists()


@pytest.mark.parametrize("arguments", [("up", "zookeeper"), ("logs", "zookeeper"), ("status", "--output", "xml")])
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...], state_dir: Path) -> None:
    assert _dev(*arguments, state_dir=state_dir).exit_code == 2


@pytest.mark.parametrize("verb", ["up", "down", "status", "logs"])
def test_every_verb_explains_itself(verb: str) -> None:
    assert len(CliRunner().invoke(dev, [verb, "--help"]).stdout.splitlines()) > 5


@given(
    st.dictionaries(
        st.from_regex(r"[a-z_]+", fullmatch=True),
        st.dictionaries(
            st.from_regex(r"[a-z_]+", fullmatch=True), st.text(st.characters(exclude_categories=["Cs"])), min_size=1
        ),
    )
)
def test_settings_survive_toml(settings: dict[str, dict[str, str]]) -> None:
    assert tomllib.loads(as_toml(settings)) == settings


@pytest.mark.stack
def test_up_answers_with_settings_on_stdout_and_progress_on_stderr(state_dir: Path) -> None:
    done = _dev("up", "gcs", state_dir=state_dir)
    assert done.exit_code == 0
    assert tomllib.loads(done.stdout)["documents"]["gcs_endpoint"].startswith("http://127.0.0.1:")
    assert "gcs: ready" in done.stderr
    shown = _dev("status", state_dir=state_dir)
    assert shown.exit_code == 0
    assert "ready" in shown.stdout
    assert "Starting server" in _dev("logs", "gcs", "-n", "100", state_dir=state_dir).stdout


@pytest.mark.stack
def test_a_failed_start_ends_with_1_and_says_why(state_dir: Path) -> None:
    log = state_dir / "storage" / "kafka" / "log"
    log.mkdir(parents=True)
    (log / "meta.properties").write_text("version=1\ncluster.id=broken\nnode.id=77\n", encoding="utf-8")
    done = _dev("up", "kafka", state_dir=state_dir)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "error: kafka: kafka ended while it was starting" in done.stderr


@pytest.mark.stack
def test_two_ups_at_once_start_each_part_once(state_dir: Path) -> None:
    program = [sys.executable, "-c", "from devstack.commands import dev; dev()", "up", "gcs", "--state-dir"]
    both = [
        subprocess.Popen([*program, str(state_dir)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert said[0][0] == said[1][0]
    assert sum("already running" in errors for _, errors in said) == 1


_NEW_PART = """
import sys
from dataclasses import dataclass, field
from pathlib import Path
from devstack.part import HOST, Command, Offer, Site
from devstack.probing import expect_ok

@dataclass(frozen=True)
class Files:
    name: str = "files"
    version: str = "1"
    ports: dict = field(default_factory=lambda: {"http": 8765})
    start_seconds: float = 60
    on_request: bool = False
    def install(self, progress): return Path(sys.executable)
    def command(self, installed, site):
        return Command((str(installed), "-m", "http.server", str(site.ports["http"]), "--bind", HOST))
    def ready(self, site): expect_ok(site.url("http"))
    def offer(self, installed, site): return Offer(settings={"files": {"url": site.url("http")}})

PART = Files()
"""


@pytest.mark.stack
def test_a_new_module_is_a_new_part(tmp_path: Path, state_dir: Path) -> None:
    (tmp_path / "files.py").write_text(_NEW_PART, encoding="utf-8")
    program = (
        f"import devstack.parts; devstack.parts.__path__.append({str(tmp_path)!r}); "
        f"from devstack.commands import dev; dev(['up', 'files', '--state-dir', {str(state_dir)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert tomllib.loads(done.stdout)["files"]["url"].startswith("http://127.0.0.1:")
    assert stack.down(state_dir) == ["files"]
