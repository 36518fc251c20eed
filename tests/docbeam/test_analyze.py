"""`docbeam analyze` as a person calls it: without a runner, in order, and stopped in the middle."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from docbeam.exit_codes import ExitCode
from docbeam.output import Output, print_rows

_REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def pages(tmp_path: Path) -> Callable[[str, int], str]:
    """Make a document of so many pages."""

    def make(name: str, count: int) -> str:
        page = np.full((400, 300), 255, np.uint8)
        page[100:140, 50:250] = 0
        images = [Image.fromarray(np.roll(page, shift * 10, axis=0)) for shift in range(count)]
        images[0].save(tmp_path / name, save_all=count > 1, append_images=images[1:])
        return str(tmp_path / name)

    return make


def _start(*arguments: str, plugins: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(_REPOSITORY), str(plugins)))}
    command = [sys.executable, "-m", "docbeam.main", "--set", "analysis.children=2", "analyze", *arguments]
    pipe = subprocess.PIPE
    # A shell lets what it runs in the background ignore Ctrl-C, and so would what these tests start.
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment, preexec_fn=_heed_ctrl_c)


def _heed_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_files_are_answered_without_beam_and_with_no_more_children_than_work(
    pages: Callable[[str, int], str], plugins: Path
) -> None:
    code = (
        "import sys\n"
        "started = []\n"
        "sys.addaudithook(lambda event, _: started.append(event) if event == 'subprocess.Popen' else None)\n"
        "from docbeam.main import program\n"
        f"program(['--set', 'analysis.children=4', 'analyze', {pages('a.png', 1)!r}, '--use-case', 'notes'], "
        "standalone_mode=False)\n"
        "heavy = {'apache_beam', 'kafka', 'google.cloud.storage', 'confluent_kafka', 'httpx', 'onnxruntime', 'boto3'}\n"
        "print(len(started), sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(_REPOSITORY), str(plugins)))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    # One for the models, and one for the first look and the end.
    assert done.stderr.splitlines()[-1] == "1 []"
    assert "complete" in done.stdout


def test_more_than_a_hundred_files_are_answered_in_their_order(pages: Callable[[str, int], str], plugins: Path) -> None:
    files = [pages(f"{number:03}.png", 1) for number in range(110)]
    out, err = _start(*files, "--use-case", "notes", "--output", "json", plugins=plugins).communicate()
    results = [json.loads(line) for line in out.splitlines()]
    assert [Path(each["document"]["location"]).name for each in results] == [Path(file).name for file in files]
    assert {each["status"] for each in results} == {"complete"}
    assert "of 110 files; " in err


def test_ctrl_c_prints_what_is_finished_and_leaves_no_child(pages: Callable[[str, int], str], plugins: Path) -> None:
    files = [pages("first.png", 1), pages("hangs.tiff", 5), pages("last.png", 1)]
    job = _start(*files, "--use-case", "misbehaving", "--parameter", "fault=hang", "--output", "json", plugins=plugins)
    assert job.stderr is not None
    for line in job.stderr:
        if "2 of 3 files" in line:
            break
    job.send_signal(signal.SIGINT)
    out, err = job.communicate(timeout=60)
    assert job.returncode == ExitCode.FAILED
    names = [Path(json.loads(line)["document"]["location"]).name for line in out.splitlines()]
    assert names == ["first.png", "last.png"]
    assert err.strip().splitlines() == ["Error: stopped by Ctrl-C: 2 of 3 files were analysed"]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("absent.pdf", "there is no such file"),
        ("gs://bucket/a.pdf", "`docbeam send`"),
        (".", "is a folder; name the files in it"),
    ],
)
def test_what_is_no_file_is_wrong_use(file: str, said: str, plugins: Path) -> None:
    done = _start(file, "--use-case", "receipt", plugins=plugins)
    _, err = done.communicate()
    assert done.returncode == ExitCode.USAGE
    assert said in err


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("documents.cache_dir=/etc/passwd", "Set documents.cache_dir to one that can be written"),
        ("documents.allow=https://forms.example/?a=b", "Mend documents.allow"),
    ],
)
def test_settings_under_which_every_file_would_fail_are_refused_at_once(
    setting: str, said: str, pages: Callable[[str, int], str], plugins: Path
) -> None:
    done = _start(pages("a.png", 1), "--use-case", "notes", "--set", setting, plugins=plugins)
    out, err = done.communicate()
    assert (done.returncode, out) == (ExitCode.NOT_READY, "")
    assert said in err
    assert "Traceback" not in err


def test_fields_are_printed_one_a_row_and_never_as_formulas(
    pages: Callable[[str, int], str], plugins: Path, tmp_path: Path
) -> None:
    blank = _REPOSITORY / "docbeam" / "samples" / "application-form-blank.pdf"
    make = [sys.executable, "-m", "docbeam.main", "form", "new", str(blank), "--name", "loan", "--into", str(tmp_path)]
    subprocess.run(make, check=True, capture_output=True)
    filled = _REPOSITORY / "docbeam" / "samples" / "application-fax.png"
    arguments = ["--use-case", "known-form", "--fields", "--output", "csv", "--set", f"analysis.forms={tmp_path}"]
    out, _ = _start(str(filled), *arguments, plugins=plugins).communicate()
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["document"] for row in rows} == {"application-fax.png"}
    assert {row["copy"] for row in rows} == {"1"}
    values = {row["field"]: row["value"] for row in rows}
    assert (len(values), values["account_number"]) == (39, "2267540918")


def test_a_pile_is_taken_apart_at_separators_and_what_is_not_whole_is_said(plugins: Path, tmp_path: Path) -> None:
    """Two copies with a bar code sheet between, the second scanned twice, and a foreign page at the end."""
    samples = _REPOSITORY / "docbeam" / "samples"
    make = [sys.executable, "-m", "docbeam.main", "form", "new", str(samples / "application-form-blank.pdf")]
    subprocess.run([*make, "--name", "loan", "--into", str(tmp_path)], check=True, capture_output=True)
    code = zxingcpp.create_barcode("NEXT", zxingcpp.BarcodeFormat.Code128).to_image(scale=4)
    separator = Image.new("L", (1654, 2339), 255)
    separator.paste(Image.fromarray(np.array(code)), (400, 900))
    names = ["application-skewed.jpg", "", "application-fax.png", "application-fax.png", "receipt-grocer.png"]
    pages = [Image.open(samples / name).convert("L") if name else separator for name in names]
    pages[0].save(tmp_path / "pile.tiff", save_all=True, append_images=pages[1:], dpi=(200, 200))
    arguments = ["--use-case", "known-form", "--fields", "--output", "csv", "--set", f"analysis.forms={tmp_path}"]
    out, err = _start(str(tmp_path / "pile.tiff"), *arguments, plugins=plugins).communicate()
    rows = list(csv.DictReader(io.StringIO(out)))
    assert sorted({(row["copy"], row["page"]) for row in rows}) == [("1", "1"), ("2", "3")]
    assert "copy 2 (loan 1): page 4 of the file says the same again, page 5 of the file belongs to no registered" in err
    assert "copy 1" not in err


@pytest.mark.parametrize(
    ("value", "cell"),
    [("=1+1", "'=1+1"), ("@x", "'@x"), ("+cmd|x", "'+cmd|x"), ("-12,5", "-12,5"), ("a=b", "a=b"), (None, "")],
)
def test_a_cell_is_no_formula(value: str | None, cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"value": value, "last": "x"}], Output.CSV)
    assert next(csv.reader([capsys.readouterr().out.splitlines()[1]]))[0] == cell
