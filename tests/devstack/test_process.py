"""Stopping a process means that what it had open is free again."""

from __future__ import annotations

import subprocess
import sys

import psutil

from devstack.ports import is_free
from devstack.process import Running, stop

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
        assert stop(Running("part", process.pid, seen.create_time()), patience=30)
        assert is_free(port)
    finally:
        process.kill()
        process.wait()
