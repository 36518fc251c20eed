"""What a child may not do, whoever has taken it over."""

from __future__ import annotations

import json
import resource
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.worker import Worker
from config.load import load_settings
from docbeam.health import Health, confinement
from tests.analysis.conftest import Do, said
from tests.kernel import LANDLOCK, needs_landlock


def test_no_secret_of_the_worker_is_in_its_environment(do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "GOOGLE_APPLICATION_CREDENTIALS", "DOCBEAM_KAFKA__PASSWORD", "MY_TOKEN"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    names = said(do("environment")).split()
    assert {"PATH", "HOME", "LC_ALL", "PYTHONPATH", "TMPDIR"} <= set(names)
    ours = {name for name in names if name.startswith(("AWS_", "GOOGLE_", "DOCBEAM_"))}
    assert ours == {"DOCBEAM_CHILD", "DOCBEAM_TINY_AS_ZERO"}
    assert "MY_TOKEN" not in names


def test_address_space_core_dumps_and_descriptors_are_limited(do: Do, here: Worker) -> None:
    assert said(do("map-memory", str(64 * 1024**3))).startswith("OSError")
    (pid,) = here.children.pids()
    assert resource.prlimit(pid, resource.RLIMIT_AS) == ((700 + 6144) * 1024**2,) * 2
    assert resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0)
    assert max(resource.prlimit(pid, resource.RLIMIT_NOFILE)) <= 1024


@pytest.mark.skipif(sys.platform != "linux", reason="a bit of Linux")
def test_no_privilege_can_be_gained(do: Do, here: Worker) -> None:
    do("nothing")
    (pid,) = here.children.pids()
    assert "NoNewPrivs:\t1" in Path(f"/proc/{pid}/status").read_text()


@needs_landlock(1)
def test_files_are_written_in_its_own_folder_only(do: Do, tmp_path: Path) -> None:
    assert said(do("write-file", str(tmp_path / "stolen"))).startswith("PermissionError")
    assert said(do("write-file", "/dev/null")) == "succeeded"
    assert said(do("write-temporary")) == "succeeded"
    assert not (tmp_path / "stolen").exists()


@needs_landlock(4)
def test_no_connection_is_opened(do: Do) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert said(do("connect", str(server.getsockname()[1]))).startswith("PermissionError")


@needs_landlock(6)
def test_its_parent_cannot_be_signalled_or_looked_into(do: Do) -> None:
    ignored = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    try:
        assert said(do("signal-parent")).startswith("PermissionError")
    finally:
        signal.signal(signal.SIGUSR1, ignored)
    assert said(do("read-parent")).startswith("PermissionError")


def test_doctor_says_what_is_on() -> None:
    (finding,) = confinement(load_settings().settings)
    assert "no new privileges" in finding.found
    assert ("writing" in finding.found) == (LANDLOCK >= 1)
    assert (finding.state is Health.OK) == (LANDLOCK >= 4)


def test_a_system_without_it_is_told_and_works(tmp_path: Path) -> None:
    # -S leaves installed packages out, and with them the library.
    command = [sys.executable, "-S", "-m", "analysis.children.confinement", "700", str(tmp_path)]
    told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env={}).stdout)
    assert (told["landlock"], told["missing"]) == (0, "landlockpy is not installed")
    assert told["no_new_privileges"] or sys.platform != "linux"


def test_the_folder_goes_with_the_pool_and_abandoned_ones_with_the_next(do: Do, here: Worker) -> None:
    import tempfile

    abandoned = Path(tempfile.mkdtemp(prefix="docbeam-children-"))
    (abandoned / ".lock").touch()
    do("nothing")
    mine = here.children._scratch.folder()
    assert not abandoned.exists()
    assert mine.exists()
    here.close()
    assert not mine.exists()
