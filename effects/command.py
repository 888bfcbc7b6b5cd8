"""The body of `virkning analyse`: files in, a result file out, an exit status."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from effects.analyse import analyse
from effects.errors import DataError, Finding, PlanError
from effects.plan import AnalysisPlan

DONE: Final = 0
WRONG_CALL: Final = 2
WRONG_DATA: Final = 3
BEYOND_THE_USER: Final = 4


def run(plan: Path, data: list[Path], out: Path | None, seed: int | None, schema: Path | None) -> int:
    """Analyse and write the result to `out` or to standard output; errors go to standard error, one line each.

    Returns 0 where the analysis was done, 2 where the call or the plan is wrong, 3 where the data cannot carry the
    plan, and 4 where the user can mend nothing: the disk is full, memory is short, the result cannot be written.
    """
    try:
        stated = AnalysisPlan.from_toml(plan)
    except PlanError as error:
        return _refuse(error.findings, WRONG_CALL)
    absent = [path for path in (*data, *([schema] if schema else [])) if not path.is_file()]
    if absent or not data:
        return _refuse([_no_file(path) for path in absent] or [_no_data()], WRONG_CALL)
    try:
        _write(analyse(data, stated, seed=seed, schema=schema).to_json(), out)
    except DataError as error:
        return _refuse(error.findings, WRONG_DATA)
    except (OSError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return _refuse([_beyond(reason)], BEYOND_THE_USER)
    return DONE


def _write(document: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(document)
        sys.stdout.buffer.flush()
    else:
        partial = out.with_name(f"{out.name}.partial")
        partial.write_bytes(document)
        partial.replace(out)


def _refuse(findings: Sequence[Finding], status: int) -> int:
    for finding in findings:
        row = "" if finding.row is None else f" row {finding.row}"
        line = f"{finding.where}{row}: {finding.text()}"
        sys.stderr.write(" ".join(line.split()) + "\n")
    return status


def _no_file(path: Path) -> Finding:
    return Finding(
        where=str(path),
        code="no_such_file",
        message="There is no such file.",
        remedy="Check the path.",
    )


def _no_data() -> Finding:
    return Finding(where="DATA", code="no_data", message="No data are given.", remedy="Name at least one file.")


def _beyond(reason: str) -> Finding:
    return Finding(
        where="virkning",
        code="beyond_the_user",
        message="The analysis could not be finished: {reason}.",
        remedy="",
        params={"reason": reason},
    )
