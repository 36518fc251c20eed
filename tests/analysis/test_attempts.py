"""What ends its worker process again and again is given up; what was only in work beside it never is."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from analysis.attempts import Attempts, Work
from analysis.journal import Journal
from schemas.errors import DocbeamError, ErrorCode
from tests.processes import killing_who_works_on

ROOT = Path(__file__).resolve().parents[2]
KILLS = {"use_case": "misbehaving", "parameters": {"fault": "kill_parent", "guilty": "1"}}
HANGS = {"use_case": "misbehaving", "parameters": {"fault": "hang", "guilty": "1"}}
IN_WORK = ' {}", "stage": "faults, part 1"'
"""As the journal says it of a request id."""
GOOD: dict[str, Any] = {"use_case": "notes", "parameters": {}}
DIED = ErrorCode.WORKER_DIED.value

Answers = dict[str, tuple[str, list[str], int]]
Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path, installed_plugins: Path) -> Start:
    """Start the worker program in `tmp_path`."""
    Image.fromarray(np.full((300, 200), 255, np.uint8)).save(tmp_path / "page.png")
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{installed_plugins}"}
    command = [sys.executable, str(Path(__file__).with_name("worker_program.py")), str(tmp_path)]
    return lambda: subprocess.Popen(command, env=environment)


def order(folder: Path, **asked: Any) -> None:
    (folder / "order.json").write_text(json.dumps(asked), encoding="utf-8")


def run_until_done(start: Start, most_deaths: int) -> int:
    """Start worker processes one after the other until one ends well; how many died before."""
    for deaths in range(most_deaths + 1):
        code = start().wait(timeout=300)
        if code == 0:
            return deaths
        assert code == -signal.SIGKILL
    pytest.fail(f"{most_deaths + 1} worker processes died")


def answers(folder: Path) -> Answers:
    lines = (folder / "answers").read_text(encoding="utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    assert len({each[0] for each in told}) == len(told)
    return {name: (status, codes, pages) for name, status, codes, pages in told}


@pytest.mark.usefixtures("installed_plugins")
def test_a_document_that_ends_its_worker_is_given_up_and_no_other(tmp_path: Path, start: Start) -> None:
    names = [f"good-{number}" for number in range(10)]
    order(tmp_path, **dict.fromkeys(names[:5], GOOD), bad=HANGS, **dict.fromkeys(names[5:], GOOD))
    with killing_who_works_on(tmp_path / "attempts", IN_WORK.format("bad")):
        assert run_until_done(start, 4) in (3, 4)
    found = answers(tmp_path)
    assert found.pop("bad") == ("failed", [DIED], 0)
    assert found == {name: ("complete", [], 1) for name in names}


@pytest.mark.usefixtures("installed_plugins")
def test_several_that_end_their_worker_are_each_given_up(tmp_path: Path, start: Start) -> None:
    order(tmp_path, bad1=HANGS, good1=GOOD, bad2=HANGS, good2=GOOD)
    with killing_who_works_on(tmp_path / "attempts", IN_WORK.format("bad1"), IN_WORK.format("bad2")):
        assert run_until_done(start, 8) >= 6
    found = answers(tmp_path)
    assert {name: each[:2] for name, each in found.items()} == {
        "bad1": ("failed", [DIED]),
        "bad2": ("failed", [DIED]),
        "good1": ("complete", []),
        "good2": ("complete", []),
    }


@pytest.mark.usefixtures("installed_plugins")
def test_a_child_that_kills_its_parent_costs_its_own_document_only(tmp_path: Path, start: Start) -> None:
    """Where the kernel forbids it, its model failed; elsewhere it is given up."""
    order(tmp_path, good1=GOOD, bad=KILLS, good2=GOOD)
    deaths = run_until_done(start, 4)
    found = answers(tmp_path)
    assert found.pop("bad")[:2] == (("failed", [DIED]) if deaths else ("partial", [ErrorCode.MODEL_FAILED.value]))
    assert found == dict.fromkeys(("good1", "good2"), ("complete", [], 1))


@pytest.mark.usefixtures("installed_plugins")
def test_a_record_that_kills_while_it_is_decoded_is_a_dead_letter(tmp_path: Path, start: Start) -> None:
    order(tmp_path, bad={"use_case": "notes", "parameters": {"fault": "decode"}}, good=GOOD)
    run_until_done(start, 4)
    assert answers(tmp_path) == {"bad": ("dead letter", [DIED], 0), "good": ("complete", [], 1)}


@pytest.mark.usefixtures("installed_plugins")
@pytest.mark.parametrize(("stop", "suspected"), [(signal.SIGTERM, False), (signal.SIGKILL, True)])
def test_an_orderly_stop_counts_nothing_and_a_kill_does(
    tmp_path: Path, start: Start, stop: signal.Signals, suspected: bool
) -> None:
    order(tmp_path, slow=HANGS)
    for _ in range(3):
        process = start()
        until(lambda process=process: works_on_faults(tmp_path, process))
        process.send_signal(stop)
        process.wait(timeout=60)
        if stop is signal.SIGTERM:
            assert in_work(tmp_path, process.pid) == []
    order(tmp_path, slow=GOOD)
    assert start().wait(timeout=120) == 0
    # Whoever killed it so often while it was alone in work: to be tried on for ever would help nobody.
    assert answers(tmp_path)["slow"] == (("failed", [DIED], 0) if suspected else ("complete", [], 1))


def works_on_faults(folder: Path, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, (folder / "answers").read_text(encoding="utf-8")
    return any('"faults' in entry for entry in in_work(folder, process.pid))


def in_work(folder: Path, pid: int) -> list[str]:
    found = []
    # What the worker ends meanwhile goes away under the walk as well as under the reading.
    with suppress(OSError):
        for path in folder.glob(f"attempts/*/at-work/{pid}-*/[0-9]*"):
            found.append(path.read_text(encoding="utf-8"))
    return found


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not done():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


WORK = Work("t/0/1 r-1", "ocr")
OTHER = Work("t/0/2 r-2", "ocr")


def died(folder: Path, *in_progress: Work, suspects: tuple[Work, ...] = ()) -> None:
    """A process that had this in work and is no more."""
    journal = Journal(folder, 3)
    for work in in_progress:
        journal.begin(work.delivery, work.stage, work in suspects)
    # What the kernel does.
    assert journal._alive is not None
    os.close(journal._alive)


def given_up(folder: Path, work: Work) -> bool:
    try:
        with Attempts(folder, 3).at_work(work):
            return False
    except DocbeamError as error:
        return error.code is ErrorCode.WORKER_DIED


def test_deaths_with_several_in_work_convict_nobody(tmp_path: Path) -> None:
    for _ in range(10):
        died(tmp_path / "a", WORK, OTHER)
    for _ in range(10):
        died(tmp_path / "a", WORK, OTHER, suspects=(WORK, OTHER))
    assert not given_up(tmp_path / "a", WORK)
    assert not given_up(tmp_path / "a", OTHER)


def test_only_the_suspect_is_blamed_for_a_death_beside_others(tmp_path: Path) -> None:
    for _ in range(3):
        died(tmp_path / "a", WORK, OTHER, suspects=(WORK,))
    assert given_up(tmp_path / "a", WORK)
    assert not given_up(tmp_path / "a", OTHER)


def test_work_that_ends_well_is_cleared(tmp_path: Path) -> None:
    for _ in range(5):
        died(tmp_path / "a", WORK)
        died(tmp_path / "a", WORK)
        assert not given_up(tmp_path / "a", WORK)


def test_another_stage_of_a_delivery_is_another_matter_until_it_is_convicted(tmp_path: Path) -> None:
    later = Work(WORK.delivery, "deskew")
    for _ in range(2):
        died(tmp_path / "a", WORK)
    assert not given_up(tmp_path / "a", later)
    died(tmp_path / "a", WORK)
    assert given_up(tmp_path / "a", WORK)
    assert given_up(tmp_path / "a", later)


def test_what_lives_is_not_taken_for_dead(tmp_path: Path) -> None:
    living = Attempts(tmp_path / "a", 1)
    with living.at_work(WORK):
        assert not given_up(tmp_path / "a", OTHER)
    assert not given_up(tmp_path / "a", WORK)


def test_a_death_is_counted_by_one_process_only(tmp_path: Path) -> None:
    readers = [Attempts(tmp_path / "a", 3) for _ in range(5)]
    died(tmp_path / "a", WORK)
    for reader in readers:
        with reader.at_work(OTHER):
            pass
    (suspect,) = (tmp_path / "a" / "suspects").iterdir()
    assert json.loads(suspect.read_text(encoding="utf-8"))["deaths"] == 1


def test_what_is_a_week_old_is_forgotten(tmp_path: Path) -> None:
    for _ in range(3):
        died(tmp_path / "a", WORK)
    assert given_up(tmp_path / "a", WORK)
    for path in (tmp_path / "a").glob("*/*"):
        os.utime(path, (0, 0))
    assert not given_up(tmp_path / "a", WORK)


@pytest.mark.parametrize("what", ["a file", "a link", "open to others"])
def test_a_folder_that_cannot_be_used_is_said_and_stops_nothing(
    what: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "a"
    if what == "a file":
        folder.write_text("")
    elif what == "a link":
        folder.symlink_to(tmp_path, target_is_directory=True)
    else:
        folder.mkdir()
        folder.chmod(0o777)
    with caplog.at_level(logging.WARNING):
        assert not given_up(folder, WORK)
    assert "not recognised" in caplog.text


def test_a_folder_that_goes_away_stops_nothing(tmp_path: Path) -> None:
    import shutil

    attempts = Attempts(tmp_path / "a", 3)
    with attempts.at_work(WORK):
        shutil.rmtree(tmp_path / "a")
    for _ in range(3):
        with attempts.at_work(WORK):
            pass


@pytest.mark.parametrize("damage", [b"", b"[]", b"{}", b'{"delivery": 7}', b"\xff" * 100, b"[" * 100_000])
def test_a_damaged_entry_stops_nothing(tmp_path: Path, damage: bytes) -> None:
    died(tmp_path / "a", WORK, OTHER)
    for path in (tmp_path / "a" / "at-work").glob("*/[0-9]*"):
        path.write_bytes(damage)
    assert not given_up(tmp_path / "a", WORK)
