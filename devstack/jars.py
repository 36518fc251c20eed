"""Java archives by coordinates, fetched with Beam's own downloader and checked against committed checksums."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from devstack.failure import StackError
from devstack.fetched import LOCKS, Progress, cache_root
from devstack.locking import locked
from devstack.quiet import silenced


@dataclass(frozen=True, slots=True)
class Jar:
    """One archive, as a line `group:artifact:version sha256` of a lock names it."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """As the repository names it."""
        return f"{self.artifact}-{self.version}.jar"


def locked_jars(name: str) -> list[Jar]:
    """The archives that `locks/<name>.jars.txt` lists."""
    jars = []
    for line in (LOCKS / f"{name}.jars.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            coordinates, sha256 = line.split()
            group, artifact, version = coordinates.split(":")
            jars.append(Jar(group, artifact, version, sha256))
    return jars


def jar_folder(name: str, progress: Progress) -> list[Path]:
    """Verified local files of a lock, in its order; what is missing or damaged is fetched again.

    Raises StackError naming the archive where it cannot be had or is not the one the lock means.
    """
    jars = locked_jars(name)
    folder = cache_root() / "jars"
    with locked(cache_root() / "locks" / "jars.lock"):
        missing = [jar for jar in jars if not _genuine(folder / jar.file_name, jar.sha256)]
        if missing:
            progress(f"fetching {len(missing)} of {len(jars)} Java archives")
            _fetch(missing, folder)
    return [folder / jar.file_name for jar in jars]


def _genuine(path: Path, sha256: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except FileNotFoundError:
        return False


def _fetch(jars: Sequence[Jar], folder: Path) -> None:
    # Imported here because it takes seconds and is needed once.
    from apache_beam.utils.subprocess_server import JavaJarServer

    folder.mkdir(parents=True, exist_ok=True)

    def fetch(jar: Jar) -> None:
        url = JavaJarServer.path_to_maven_jar(jar.artifact, jar.group, jar.version)
        try:
            arrived = Path(JavaJarServer.local_jar(url, cache_dir=partial))
        except (OSError, RuntimeError) as error:
            raise StackError(
                f"{jar.group}:{jar.artifact}:{jar.version} cannot be fetched ({error}). Check the network and run it "
                f"again, or put the file into {folder} as {jar.file_name}."
            ) from error
        if not _genuine(arrived, jar.sha256):
            raise StackError(
                f"{jar.file_name} arrived with another sha256 than its lock says and was thrown away. Run it again; "
                "if that does not help, something between here and the repository changes files."
            )
        os.replace(arrived, folder / jar.file_name)

    # Beam warns of every single download; the checksums are the answer to that warning.
    with (
        silenced("apache_beam"),
        tempfile.TemporaryDirectory(prefix=".partial-", dir=folder) as partial,
        ThreadPoolExecutor(8) as pool,
    ):
        list(pool.map(fetch, jars))
