"""A model that turns against the process it runs in, or reports on it."""

import fcntl
import json
import mmap
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from docbeam import Label, Model, Prediction


class Hostile(Model):
    def load(self, artifacts):
        pass

    def predict(self, pages):
        self._pages = pages
        return [Prediction(labels=(Label("page", self._do(page), 0.9),)) for page in pages]

    def _do(self, page):
        deed, value = page.options["deed"], page.options.get("value", "")
        if value.startswith("share "):
            # Only one share of a page is told to do it.
            return str(page.share) if value != f"share {page.share.number}" else getattr(self, deed)("")
        if deed.endswith("-once"):
            # Children of one worker share their temporary folder.
            done = Path(tempfile.gettempdir()) / "done"
            if done.exists():
                return "second"
            done.touch()
        return str(getattr(self, deed.removesuffix("-once").replace("-", "_"))(value) or "done")

    def kill(self, value):
        os.kill(os.getpid(), signal.SIGKILL)

    def stop(self, value):
        os.kill(os.getpid(), signal.SIGSTOP)

    def crash(self, value):
        os._exit(3)

    def hang(self, value):
        time.sleep(3600)

    def work(self, value):
        ends = time.process_time() + float(value)
        while time.process_time() < ends:
            pass

    def together(self, value):
        """Look at each page of the question; how many those are."""
        return len([(page.pixels < 128).mean() for page in self._pages])

    def interval(self, value):
        began = time.monotonic()
        time.sleep(float(value))
        return f"{began} {time.monotonic()}"

    def write(self, value):
        """Write these bytes instead of an answer."""
        os.write(_answers(), bytes.fromhex(value))
        time.sleep(3600)

    def trickle(self, value):
        os.write(_answers(), struct.pack(">I", 1000))
        while True:
            os.write(_answers(), b" ")
            time.sleep(0.05)

    def announce(self, value):
        body = json.dumps({"stage": value, "page": 1}).encode()
        while True:
            os.write(_answers(), struct.pack(">I", len(body)) + body)
            time.sleep(0.5)

    def say(self, value):
        os.write(_answers(), struct.pack(">I", len(value)) + value.encode())
        time.sleep(3600)

    def offspring(self, value):
        """Start one program in a session of its own, one whose parent ends, and then do as told."""
        subprocess.Popen(["sleep", value.split()[0]], start_new_session=True)
        script = "import subprocess,sys; subprocess.Popen(['sleep', sys.argv[1]], start_new_session=True, env={})"
        subprocess.run([sys.executable, "-c", script, value.split()[0]], check=True)
        time.sleep(0.5)
        return getattr(self, value.split()[1])("")

    def nothing(self, value):
        pass

    def environment(self, value):
        return " ".join(sorted(os.environ))

    def write_file(self, value):
        return _outcome(lambda: Path(value).write_text("x"))

    def write_temporary(self, value):
        return _outcome(lambda: Path(tempfile.gettempdir(), "mine").write_text("x"))

    def connect(self, value):
        return _outcome(lambda: socket.create_connection(("127.0.0.1", int(value)), timeout=5))

    def signal_parent(self, value):
        return _outcome(lambda: os.kill(os.getppid(), signal.SIGUSR1))

    def read_parent(self, value):
        return _outcome(lambda: Path(f"/proc/{os.getppid()}/mem").open("rb"))

    def map_memory(self, value):
        return _outcome(lambda: mmap.mmap(-1, int(value)))


def _outcome(act):
    try:
        act()
    except (OSError, MemoryError) as error:
        return f"{type(error).__name__} {getattr(error, 'errno', '')}"
    return "succeeded"


def _answers():
    for name in os.listdir("/proc/self/fd"):
        descriptor = int(name)
        try:
            writes = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY
            if descriptor > 2 and writes and os.readlink(f"/proc/self/fd/{name}").startswith("pipe:"):
                return descriptor
        except OSError:
            continue
    raise RuntimeError("no pipe")
