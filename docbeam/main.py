"""The program `docbeam`: global options, and a table of its commands."""

from __future__ import annotations

import os

import click

from docbeam.global_options import add_global_options
from docbeam.invocation import Invocation
from docbeam.lazy_group import LazyCommand, LazyGroup
from models.runtimes import TINY_AS_ZERO

COMMANDS = {
    "analyze": LazyCommand("docbeam.commands.analyze:analyze", "Analyse files here and now, without a broker."),
    "demo": LazyCommand("docbeam.commands.demo:demo", "Stream the sample documents through everything, for real."),
    "dev": LazyCommand("devstack.commands:dev", "Run the real parts on this machine."),
    "run": LazyCommand("docbeam.commands.run:run", "Run the streaming job."),
    "gateway": LazyCommand(
        "docbeam.commands.gateway:gateway", "Serve send and receive over HTTP, and manage its keys."
    ),
    "send": LazyCommand("docbeam.commands.send:send", "Ask for documents to be analysed."),
    "receive": LazyCommand("docbeam.commands.receive:receive", "Read the results of requests."),
    "replay": LazyCommand("docbeam.commands.replay:replay", "Send dead letters and failed requests again."),
    "corrections": LazyCommand(
        "docbeam.commands.corrections:corrections", "Export what people said of fields, for evaluation and training."
    ),
    "topics": LazyCommand("docbeam.commands.topics:topics", "Create or check the Kafka topics."),
    "schemas": LazyCommand("docbeam.commands.schemas:schemas", "List, check, register or generate the schemas."),
    "tables": LazyCommand("docbeam.commands.tables:tables", "Create, check or migrate the BigQuery tables and views."),
    "usecase": LazyCommand("docbeam.commands.usecase:usecase", "List the use cases."),
    "form": LazyCommand("docbeam.commands.form:form", "Make, show or check known forms."),
    "model": LazyCommand("docbeam.commands.model:model", "List, evaluate or verify the models."),
    "doctor": LazyCommand("docbeam.commands.doctor:doctor", "Check everything docbeam needs, and say what to do."),
    "config": LazyCommand("docbeam.commands.config:config", "Show the settings and where each comes from."),
    "errors": LazyCommand("docbeam.commands.errors:errors", "List the error codes, and who has to act."),
    "version": LazyCommand("docbeam.commands.version:version", "Show the versions of everything that matters."),
}


def _say_version(context: click.Context, option: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from docbeam.commands.version import docbeam_version

        click.echo(f"docbeam {docbeam_version()}")
        context.exit()


@click.group(
    cls=LazyGroup,
    commands_by_name=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog='Shell completion: eval "$(_DOCBEAM_COMPLETE=bash_source docbeam)" (also zsh_source, fish_source).',
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_say_version,
    help="Show the version and exit.",
)
@click.pass_context
def program(context: click.Context) -> None:
    """Read forms in a stream: requests in, models on Apache Beam, results out.

    Data goes to stdout, logs and progress to stderr. Exit codes: 0 done, 1 the work failed, 2 wrong usage or
    settings, 3 something is not ready or did not come in time.
    """
    context.ensure_object(Invocation).start_logging()


add_global_options(program)


def main() -> None:
    """Run the program; never returns."""
    # As in children, so that models are measured as they run.
    os.environ.setdefault(TINY_AS_ZERO, "1")
    program(prog_name="docbeam")


if __name__ == "__main__":
    main()
