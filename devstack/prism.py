"""Prism, Beam's portable local runner, built from its pinned source."""

from __future__ import annotations

from pathlib import Path

from devstack.fetched import Progress
from devstack.golang import SourceEdit, go_command

_INTERNAL = "go/pkg/beam/runners/prism/internal"
_PACKAGE = "go/pkg/beam/runners/prism/prism.go"
_EDITS = (
    # Running pipelines in its own process, which only Go programs ask for, brings half of all that is compiled.
    SourceEdit(_PACKAGE, '\t"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal"\n', '\t"errors"\n'),
    SourceEdit(_PACKAGE, "return universal.Execute(ctx, p)", 'return nil, errors.New("send it to the job server")'),
    # Eight bundles at once in the whole job: eight slow documents would stop reading, answering and committing.
    SourceEdit(f"{_INTERNAL}/execute.go", "eg.SetLimit(8)", "eg.SetLimit(512)"),
    # A bundle of everything that waits ends with its slowest element, and all of its results wait for that.
    SourceEdit(
        f"{_INTERNAL}/engine/elementmanager.go",
        "\ttoProcess = ss.pending\n\tss.pending = nil\n"
        "\treturn toProcess, mtime.MaxTimestamp, nil, nil, nil, true, 0\n",
        "\tif len(ss.pending) > 1 {\n\t\ttoProcess = elementHeap{heap.Pop(&ss.pending).(element)}\n\t} else {\n"
        "\t\ttoProcess, ss.pending = ss.pending, nil\n\t}\n"
        "\treturn toProcess, mtime.MaxTimestamp, nil, nil, nil, true, 0\n",
    ),
    # A closed channel is always ready: the loop turns without rest from the last output until the bundle's end.
    SourceEdit(
        f"{_INTERNAL}/stage.go",
        "\t\tcase <-dataReady:\n\t\t\tdataFinished = true\n",
        "\t\tcase <-dataReady:\n\t\t\tdataReady, dataFinished = nil, true\n",
    ),
    # Ten times a second every open bundle is asked for all of its metrics, only to decide whether to split it.
    SourceEdit(
        f"{_INTERNAL}/stage.go", "minimumProgTick = 100 * time.Millisecond", "minimumProgTick = 10 * time.Second"
    ),
)
"""For batches, which Prism is made to test, its choices are good; for an endless stream of slow elements they are not
(docs/decisions/0022)."""


def prism_binary(progress: Progress) -> Path:
    """The Prism binary of Beam 2.77.0; built the first time, which takes minutes, and kept in the cache.

    Raises StackError where it cannot be built.
    """
    return go_command("prism", "github.com/apache/beam/sdks/v2/go/cmd/prism", progress, _EDITS)
