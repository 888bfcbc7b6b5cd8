"""The body of `virkning synthesise`: a file of studies in, every estimator side by side out, an exit status."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from effects.errors import DataError, Finding, Parameter
from effects.rules.ruleset import load_ruleset
from effects.serialize import document
from effects.synthesis import read_studies, synthesise
from effects.synthesis.studies import LARGEST
from effects.terminal import BEYOND_THE_USER, DONE, WRONG_CALL, WRONG_DATA, not_written, refuse, write, wrong_output

MOST_SILENT: Final = 1_000_000


def run(
    studies: Path,
    moderators: Sequence[str],
    out: Path | None,
    minimal_important: float | None = None,
    silent: int | None = None,
    study: str = "study",
    cluster: str = "cluster",
) -> int:
    """Synthesise and write the JSON to `out` or to standard output; errors go to standard error, one line each.

    `minimal_important`, in the unit of yi, sets the scale of the pooling model's prior by the rules in force; without
    it the pooling model says that it needs one, and everything else is answered. `study` and `cluster` are the columns
    that say which study a row is, and what studies have in common. Returns 0 where it was done, 2 where
    the call is wrong, 3 where the file cannot be synthesised, 4 where the result cannot be written.
    """
    try:
        wrong = [*_wrong_call(studies, minimal_important, silent), *wrong_output(out, [studies])]
        if wrong:
            return refuse(wrong, WRONG_CALL)
        scale = None if minimal_important is None else load_ruleset().constant("prior_scale") * minimal_important
        found = synthesise(read_studies(studies, moderators, study=study, cluster=cluster), scale=scale, silent=silent)
        write(document(found.to_mapping()), out)
    except DataError as error:
        return refuse(error.findings, WRONG_DATA)
    except (OSError, MemoryError) as error:
        return refuse([not_written(error)], BEYOND_THE_USER)
    return DONE


def _wrong_call(studies: Path, minimal_important: float | None, silent: int | None) -> list[Finding]:
    found = []
    if not studies.is_file():
        found.append(Finding(str(studies), "no_such_file", "There is no such file.", "Check the path."))
    if minimal_important is not None and not 1.0 / LARGEST <= minimal_important <= LARGEST:
        message = "The minimal important difference must be a positive number."
        found.append(Finding("--minimal-important", "not_positive", message, "State it in the unit of yi."))
    if silent is not None and not 0 <= silent <= MOST_SILENT:
        message = "{key} must be a whole number from {least} to {most}."
        params: dict[str, Parameter] = {"key": "silent", "least": 0, "most": MOST_SILENT}
        found.append(Finding("--silent", "not_a_count", message, params=params))
    return found
