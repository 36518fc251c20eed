"""The program `docbeam`: global options, and a table of its commands."""

from __future__ import annotations

from pathlib import Path

import click

from docbeam.invocation import Invocation
from docbeam.lazy_group import LazyCommand, LazyGroup

COMMANDS = {
    "analyze": LazyCommand("docbeam.commands.analyze:analyze", "Analyse files here and now, without a broker."),
    "demo": LazyCommand("docbeam.commands.demo:demo", "Stream the sample documents through everything, for real."),
    "dev": LazyCommand("devstack.commands:dev", "Run the real parts on this machine."),
    "run": LazyCommand("docbeam.commands.run:run", "Run the streaming job."),
    "send": LazyCommand("docbeam.commands.send:send", "Ask for documents to be analysed."),
    "receive": LazyCommand("docbeam.commands.receive:receive", "Read the results of requests."),
    "replay": LazyCommand("docbeam.commands.replay:replay", "Send dead letters and failed requests again."),
    "topics": LazyCommand("docbeam.commands.topics:topics", "Create or check the Kafka topics."),
    "schemas": LazyCommand("docbeam.commands.schemas:schemas", "List, check, register or generate the schemas."),
    "tables": LazyCommand("docbeam.commands.tables:tables", "Create, check or migrate the BigQuery table and views."),
    "usecase": LazyCommand("docbeam.commands.usecase:usecase", "List the use cases."),
    "model": LazyCommand("docbeam.commands.model:model", "List, evaluate or verify the models."),
    "doctor": LazyCommand("docbeam.commands.doctor:doctor", "Check everything docbeam needs, and say what to do."),
    "config": LazyCommand("docbeam.commands.config:config", "Show the settings and where each comes from."),
    "errors": LazyCommand("docbeam.commands.errors:errors", "List the error codes, and who has to act."),
    "version": LazyCommand("docbeam.commands.version:version", "Show the versions of everything that matters."),
}


@click.group(
    cls=LazyGroup,
    commands_by_name=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog='Shell completion: eval "$(_DOCBEAM_COMPLETE=bash_source docbeam)" (also zsh_source, fish_source).',
)
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Settings as TOML. Default: $DOCBEAM_CONFIG, or docbeam.toml here.",
)
@click.option(
    "--set",
    "flags",
    multiple=True,
    metavar="SECTION.FIELD=VALUE",
    help="A setting; goes before the environment's and the file's. Repeatable.",
)
@click.option("-v", "--verbose", count=True, help="More on stderr; -vv for everything.")
@click.option("-q", "--quiet", is_flag=True, help="Only errors on stderr.")
@click.pass_context
def program(context: click.Context, config: Path | None, flags: tuple[str, ...], verbose: int, quiet: bool) -> None:
    """Read forms in a stream: requests in, models on Apache Beam, results out.

    Data goes to stdout, logs and progress to stderr. Exit codes: 0 done, 1 the work failed, 2 wrong usage or
    settings, 3 something is not ready or did not come in time.
    """
    context.obj = Invocation(config, flags, -1 if quiet else verbose)
    context.obj.start_logging()


def main() -> None:
    """Run the program; never returns."""
    program(prog_name="docbeam")


if __name__ == "__main__":
    main()
