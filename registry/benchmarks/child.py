"""The fresh process in which one subject runs once: `python -m registry.benchmarks.child MODULE:FUNCTION ANSWER`."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Final

import msgspec

from registry.benchmarks.readings import Absent, Outcome, Task

PEERS: Final = ("pyfixest", "wildboottest", "frictionless", "fastapi", "sqlalchemy", "pyarrow", "pandas")
REMEDY: Final = '{package} is not installed: pip install "virkning[benchmark]"'


def main(call: str, answer: Path, task: bytes) -> None:
    """Run the subject with the encoded task and write what it read; a missing peer is an answer too."""
    answer.write_bytes(msgspec.json.encode(outcome_of(call, msgspec.json.decode(task, type=Task))))


def outcome_of(call: str, task: Task) -> Outcome | None:
    """The reading, or which peer is missing; None from a call that only prepares. Raises whatever the subject does."""
    module, _, function = call.partition(":")
    try:
        subject = import_module(module)
    except ModuleNotFoundError as missing:
        package = (missing.name or "").partition(".")[0]
        if package not in PEERS:
            raise
        return Absent(REMEDY.format(package=package))
    found: Outcome | None = getattr(subject, function)(task)
    return found


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.stdin.buffer.read())
