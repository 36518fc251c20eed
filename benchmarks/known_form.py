"""Processor time of a page of a known form beside that of reading all its text, in one process and one run.

    python -m benchmarks.known_form

The form is the sample's, cut to 20 text fields, 4 boxes and 1 signature; the
page is the skewed sample, straightened. All in the environment that children of a job have, with one thread.
Each round does one after the other, so that what else the machine does falls on both; medians are reported.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import cv2

from analysis.children.environment import child_environment
from clients.making_forms import Wish, make_form
from config.plug_in_folders import FORMS
from docbeam.samples import sample_folder
from evaluation.pages import open_page, straighten
from forms.form import MARKS, FieldKind, Form
from forms.form_file import write_form
from models.registry import load_model
from models.runtimes import TINY_AS_ZERO

_WANTED = {"text": 20, "marks": 4, "signature": 1}
PAGE = "application-skewed.jpg"


def _group(kind: FieldKind) -> str:
    return "marks" if kind in MARKS else "signature" if kind is FieldKind.SIGNATURE else "text"


def cut_form(form: Form) -> Form:
    """The form with as many fields of each group as are wanted."""
    left = dict(_WANTED)
    kept = []
    for field in form.fields:
        if left[_group(field.kind)] > 0:
            left[_group(field.kind)] -= 1
            kept.append(field)
    if any(left.values()):
        raise ValueError(f"the sample form lacks {left}")
    return form.model_copy(update={"fields": tuple(kept)})


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table; answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.known_form", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args(arguments)
    if not os.environ.get(TINY_AS_ZERO):
        # Libraries read how many threads they may have when they are loaded.
        again = [sys.executable, "-m", "benchmarks.known_form", "--rounds", str(given.rounds)]
        return subprocess.run(again, env=child_environment(os.environ, {}), check=False).returncode
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        made = make_form(sample_folder() / "application-form-blank.pdf", Wish("sample"), Path(folder))
        write_form(cut_form(made.form), made.folder)
        os.environ[FORMS.variable] = folder
        image = straighten(open_page(sample_folder() / PAGE, {}), load_model("deskew")).shown
        readers = {name: load_model(name) for name in ("ocr", "form-reader")}
        spent: dict[str, list[float]] = {name: [] for name in readers}
        for number in range(given.rounds + 1):
            for name, model in readers.items():
                started = time.process_time()
                model.predict([image])
                if number:
                    spent[name].append(time.process_time() - started)
    whole = median(spent["ocr"])
    sys.stdout.write("| model | ms of processor time a page | beside ocr of the whole page |\n|---|---|---|\n")
    for name, times in spent.items():
        sys.stdout.write(f"| {name} | {median(times) * 1000:.0f} | {median(times) / whole:.2f} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
