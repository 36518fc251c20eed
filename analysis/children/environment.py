"""The environment of a child: what programs need to run, and no secret of the process that starts it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from config.plug_in_folders import ALL as PLUG_IN_FOLDERS
from models.runtimes import TINY_AS_ZERO

_NAMES = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "TZ", "TZDIR", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
        *("LANG", "LANGUAGE", "VIRTUAL_ENV", "TESSDATA_PREFIX"),
        *(each.variable for each in PLUG_IN_FOLDERS),
    }
)
_PREFIXES = ("LC_", "PYTHON", "MALLOC_", "OMP_", "OPENBLAS_", "MKL_", "OPENCV_")
_MEMORY = {
    # Pages are tens of megabytes that come and go: giving each back to the system and asking for it anew costs more
    # than a tenth of the time that boxes are looked for in. The largest that malloc(3) allows, and a few pages' worth.
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(128 * 2**20),
}
_THREADS = {
    # One thread for each child: children are the parallelism, and oversubscribed cores cost more than they give.
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    TINY_AS_ZERO: "1",
}


def child_environment(own: Mapping[str, str], added: Mapping[str, str]) -> dict[str, str]:
    """What is passed on of `own`, with `added`.

    A list of what may pass, not of what may not: nobody can name every variable that holds a password.
    """
    passed = {name: value for name, value in own.items() if name in _NAMES or name.startswith(_PREFIXES)}
    path = os.pathsep.join(each for each in sys.path if each)
    return {**_MEMORY, **passed, **_THREADS, **added, "PYTHONPATH": path}
