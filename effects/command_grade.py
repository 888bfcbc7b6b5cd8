"""The body of `virkning grade`: a case file in, advice with its reasons out, an exit status."""

import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from effects.case import Case, CaseError, case_from_mapping
from effects.errors import Finding
from effects.recommendation import recommend
from effects.serialize import document

DONE: Final = 0
WRONG_CALL: Final = 2
BEYOND_THE_USER: Final = 4


def run(case: Path, out: Path | None) -> int:
    """Grade a case and write the JSON to `out` or to standard output; errors go to standard error, one line each.

    Returns 0 where advice was given (not enough evidence is advice), 2 where the call or the case is wrong, and 4
    where the result cannot be written.
    """
    try:
        advice = document(recommend(read_case(case)).to_mapping())
    except CaseError as error:
        return _refuse(error.findings, WRONG_CALL)
    try:
        _write(advice, out)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = "The result could not be written: {reason}."
        return _refuse([Finding(str(out), "not_written", message, params={"reason": reason})], BEYOND_THE_USER)
    return DONE


def read_case(path: Path) -> Case:
    """The case in a UTF-8 TOML file; CaseError with every finding, also where the file cannot be read."""
    where = str(path)
    try:
        return case_from_mapping(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = "The case cannot be opened: {reason}."
        raise CaseError([Finding(where, "unreadable_case", message, params={"reason": reason})]) from error
    except UnicodeDecodeError as error:
        finding = Finding(where, "not_utf8", "The case is not UTF-8 text.", "Save it as UTF-8.")
        raise CaseError([finding]) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        message, reason = "The case is not TOML: {reason}.", str(error)[:200]
        raise CaseError([Finding(where, "not_toml", message, params={"reason": reason})]) from error


def _write(advice: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(advice.decode())
        sys.stdout.flush()
    else:
        out.write_bytes(advice)


def _refuse(findings: Sequence[Finding], status: int) -> int:
    for finding in findings:
        sys.stderr.write(" ".join(f"{finding.where}: {finding.text()}".split()) + "\n")
    return status
