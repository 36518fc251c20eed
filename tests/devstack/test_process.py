"""Stopping a process means that what it had open is free again."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from devstack.ports import is_free
from devstack.process import running_as, stop

LEADER_ENDS_FIRST = """
import ctypes, os, signal, socket, threading, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
def last() -> None:
    time.sleep(1.5)
    os._exit(0)
threading.Thread(target=last).start()
print(listener.getsockname()[1], flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""


def test_a_process_whose_first_thread_has_ended_is_waited_for_until_its_port_is_free() -> None:
    process = subprocess.Popen([sys.executable, "-c", LEADER_ENDS_FIRST], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        seen = psutil.Process(process.pid)
        while seen.status() != psutil.STATUS_ZOMBIE:
            pass
        assert not is_free(port)
        assert stop(running_as("part", seen), patience=30)
        assert is_free(port)
    finally:
        process.kill()
        process.wait()


def test_a_clock_that_is_set_makes_no_stranger_of_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen(["sleep", "600"]) as process:
        try:
            running = running_as("part", psutil.Process(process.pid))
            booted = psutil.boot_time()
            for clock in (-3600, 3600):
                monkeypatch.setattr("psutil._pslinux.boot_time", lambda clock=clock: booted + clock)
                assert abs(psutil.Process(process.pid).create_time() - running.started - booted - clock) < 1
                assert running.process() is not None
                assert replace(running, started=running.started + 60).process() is None
                assert replace(running, boot="another").process() is None
        finally:
            process.kill()
