"""A model that misbehaves on one page."""

import ctypes
import os
import signal
import sys
import time

from docbeam import InvalidOption, Label, Model, Prediction


class Faults(Model):
    def load(self, artifacts):
        self._asked = 0

    def predict(self, pages):
        self._asked += 1
        if pages[0].options.get("fault") == "slow":
            time.sleep(2.5 * len(pages))
        fine = [Prediction(labels=(Label("page", str(page.number), 0.9),)) for page in pages]
        guilty = [page for page in pages if str(page.number) == page.options.get("guilty", "2")]
        if not guilty:
            return fine
        fault = guilty[0].options.get("fault", "")
        if fault == "raise":
            raise ValueError("the text of the document must not be in any log")
        if fault == "hang":
            time.sleep(3600)
        if fault == "exit":
            os._exit(7)
        if fault == "kill_parent":
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(60)
        if fault == "segfault":
            ctypes.string_at(0)
        if fault == "memory":
            hoard = []
            while True:
                hoard.append(b"x" * (64 << 20))
        if fault == "count":
            return fine[:-1]
        if fault == "nan":
            return [Prediction(labels=(Label("page", "x", float("nan")),)) for _ in pages]
        if fault in ("7.5", "-0.1", "1.00001"):
            return [Prediction(labels=(Label("page", "x", float(fault)),)) for _ in pages]
        if fault == "rounded":
            return [Prediction(labels=(Label("page", "x", 1.0000001),)) for _ in pages]
        if fault == "option":
            raise InvalidOption("fault", ("none", f"asked {self._asked}"))
        if fault == "surrogate":
            return [Prediction(labels=(Label("page", "\ud800", 0.9),)) for _ in pages]
        if fault == "bytes":
            return [Prediction(labels=(Label("page", b"SECRET", 0.9),)) for _ in pages]
        if fault == "none":
            return None
        if fault == "print":
            print("x" * 1_000_000)
            sys.stdout.flush()
            os.write(1, b"y" * 1_000_000)
        return fine
