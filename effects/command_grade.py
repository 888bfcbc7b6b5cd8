"""The body of `virkning grade`: a case file in, advice with its reasons out, an exit status."""

from pathlib import Path

from effects.case import Case, CaseError, case_from_mapping
from effects.planning.toml_files import read_toml
from effects.recommendation import recommend
from effects.serialize import document
from effects.terminal import BEYOND_THE_USER, DONE, WRONG_CALL, not_written, refuse, write, wrong_output


def run(case: Path, out: Path | None) -> int:
    """Grade a case and write the JSON to `out` or to standard output; errors go to standard error, one line each.

    Returns 0 where advice was given (not enough evidence is advice), 2 where the call or the case is wrong, and 4
    where the result cannot be written.
    """
    try:
        wrong = wrong_output(out, [case])
        stated = read_case(case)
        if wrong:
            return refuse(wrong, WRONG_CALL)
        write(document(recommend(stated).to_mapping()), out)
    except CaseError as error:
        return refuse([*error.findings, *wrong], WRONG_CALL)
    except (OSError, MemoryError) as error:
        return refuse([not_written(error)], BEYOND_THE_USER)
    return DONE


def read_case(path: Path) -> Case:
    """The case in a UTF-8 TOML file; CaseError with every finding, also where the file cannot be read."""
    return case_from_mapping(read_toml(path, CaseError))
