"""The body of `virkning analyse`: files in, a result file out, an exit status."""

from collections.abc import Sequence
from pathlib import Path

from effects.analyse import analyse
from effects.errors import DataError, Finding, Parameter, PlanError
from effects.plan import AnalysisPlan
from effects.planning.reading import LARGEST_COUNT
from effects.terminal import BEYOND_THE_USER, DONE, WRONG_CALL, WRONG_DATA, not_written, refuse, write, wrong_output


def run(plan: Path, data: list[Path], out: Path | None, seed: int | None, schema: Path | None) -> int:
    """Analyse and write the result to `out` or to standard output; errors go to standard error, one line each.

    Returns 0 where the analysis was done, 2 where the call or the plan is wrong, 3 where the data cannot carry the
    plan, and 4 where the user can mend nothing: the disk is full, memory is short, the result cannot be written.
    """
    try:
        wrong = [*_wrong_inputs(data, seed, schema), *wrong_output(out, [plan, *data, *([schema] if schema else [])])]
        stated = AnalysisPlan.from_toml(plan)
        if wrong:
            return refuse(wrong, WRONG_CALL)
        write(analyse(data, stated, seed=seed, schema=schema).to_json(), out)
    except PlanError as error:
        return refuse([*error.findings, *wrong], WRONG_CALL)
    except DataError as error:
        return refuse(error.findings, WRONG_DATA)
    except (OSError, MemoryError) as error:
        return refuse([not_written(error)], BEYOND_THE_USER)
    return DONE


def _wrong_inputs(data: Sequence[Path], seed: int | None, schema: Path | None) -> list[Finding]:
    found = [
        Finding(str(path), "no_such_file", "There is no such file.", "Check the path.")
        for path in (*data, *([schema] if schema else []))
        if not path.is_file()
    ]
    if not data:
        found.append(Finding("DATA", "no_data", "No data are given.", "Name at least one file."))
    if seed is not None and not 0 <= seed <= LARGEST_COUNT:
        message = "{key} must be a whole number from {least} to {most}."
        params: dict[str, Parameter] = {"key": "seed", "least": 0, "most": LARGEST_COUNT}
        found.append(Finding("--seed", "not_a_count", message, params=params))
    return found
