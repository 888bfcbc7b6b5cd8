"""The body of `virkning verify`: a bundle in, a report out, an exit status."""

from pathlib import Path

from effects.bundle.reading import BundleError, open_bundle
from effects.bundle.verification import verify
from effects.terminal import BEYOND_THE_USER, DONE, WRONG_CALL, WRONG_DATA, not_written, refuse, write, wrong_output


def run(bundle: Path, out: Path | None) -> int:
    """Recompute a bundle offline; the report goes to `out` or to standard output, each difference to standard error.

    Returns 0 where everything agrees, 3 where something differs, 2 where the call is wrong or this is no bundle, and 4
    where the user can mend nothing.
    """
    try:
        wrong = wrong_output(out, [bundle])
        opened = open_bundle(bundle)
        if wrong:
            return refuse(wrong, WRONG_CALL)
        report = verify(opened)
        write(report.to_bytes(), out)
    except BundleError as error:
        return refuse([*error.findings, *wrong], WRONG_CALL)
    except (OSError, MemoryError) as error:
        return refuse([not_written(error)], BEYOND_THE_USER)
    return DONE if report.agrees else refuse(report.findings(), WRONG_DATA)
