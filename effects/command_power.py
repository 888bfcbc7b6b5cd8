"""The body of `virkning power`: a planned design in, what it can detect out, an exit status."""

from pathlib import Path

from effects.message import worded
from effects.planning.toml_files import read_toml
from effects.power.planned import PowerError, read_planned
from effects.power.solving import solve
from effects.serialize import document
from effects.terminal import BEYOND_THE_USER, DONE, WRONG_CALL, not_written, refuse, write, wrong_output


def run(design: Path, out: Path | None) -> int:
    """Solve for what the design leaves out and write the JSON to `out` or to standard output.

    Errors go to standard error, one line each. Returns 0 where there is an answer (that nothing reaches the power is
    one), 2 where the call or the design is wrong, and 4 where the result cannot be written.
    """
    try:
        wrong = wrong_output(out, [design])
        answer = document(worded(solve(read_planned(read_toml(design, PowerError)))))
        if wrong:
            return refuse(wrong, WRONG_CALL)
        write(answer, out)
    except PowerError as error:
        return refuse([*error.findings, *wrong], WRONG_CALL)
    except (OSError, MemoryError) as error:
        return refuse([not_written(error)], BEYOND_THE_USER)
    return DONE
