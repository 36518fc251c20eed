"""A container is worked in with the processors it has been given, not those of the machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from analysis.children.cpus import usable_cpus


@pytest.fixture(autouse=True)
def sixty_four(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a machine with 64 processors."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)


def counted(folder: Path, membership: str, **files: str) -> int:
    """With these files below the mount of the control groups; `__` stands for a folder."""
    (folder / "proc").mkdir()
    (folder / "proc" / "cgroup").write_text(membership)
    for name, text in files.items():
        path = folder / "cgroup" / name.replace("__", "/").replace("_max", ".max").replace("cfs", ".cfs")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return usable_cpus(folder / "proc", folder / "cgroup")


def test_a_quota_of_version_2_counts(tmp_path: Path) -> None:
    assert counted(tmp_path, "0::/\n", cpu_max="200000 100000\n") == 2


def test_a_part_of_a_processor_is_one(tmp_path: Path) -> None:
    assert counted(tmp_path, "0::/\n", cpu_max="150000 100000\n") == 2


def test_a_quota_of_the_own_group_or_one_above_counts(tmp_path: Path) -> None:
    files = {"a__b__cpu_max": "max 100000\n", "a__cpu_max": "300000 100000\n", "cpu_max": "800000 100000\n"}
    assert counted(tmp_path, "0::/a/b\n", **files) == 3


def test_a_quota_of_version_1_counts(tmp_path: Path) -> None:
    files = {"cpu__cpucfs_quota_us": "400000\n", "cpu__cpucfs_period_us": "100000\n"}
    assert counted(tmp_path, "4:memory:/x\n3:cpu,cpuacct:/host/path\n0::/\n", **files) == 4


def test_no_quota_leaves_the_affinity(tmp_path: Path) -> None:
    files = {"cpu_max": "max 100000\n", "cpu__cpucfs_quota_us": "-1\n", "cpu__cpucfs_period_us": "100000\n"}
    assert counted(tmp_path, "1:cpu:/\n0::/\n", **files) == 64


@pytest.mark.parametrize("text", ["", "0 0", "nonsense", "100000"])
def test_files_that_say_nothing_are_passed_over(text: str, tmp_path: Path) -> None:
    assert counted(tmp_path, "0::/../..\n1:cpu\n" if text == "nonsense" else "0::/\n", cpu_max=text) == 64


def test_a_system_without_control_groups_has_its_affinity(tmp_path: Path) -> None:
    assert usable_cpus(tmp_path / "proc", tmp_path / "cgroup") == 64


def test_a_worker_has_so_many_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from analysis import worker as workers
    from config.settings import AnalysisSettings, DocumentSettings

    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    made = workers.worker(DocumentSettings(cache_dir=tmp_path / "cache"), AnalysisSettings())
    try:
        assert made.children.size <= 3
    finally:
        workers.close_workers()
