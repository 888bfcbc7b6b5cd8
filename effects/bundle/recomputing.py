"""What the files of a bundle lead to when it is worked out again here.

Every function depends on the bytes it is given and on nothing else, and remembers its latest answers.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from effects.analyse import analyse
from effects.bundle.documents import Unreadable, read_table
from effects.case import Case, case_from_mapping
from effects.compression.files import from_file
from effects.errors import EffectsError, Finding
from effects.grading import grade
from effects.plan import AnalysisPlan
from effects.recommendation import recommend
from effects.serialize import document

_REMEMBERED: Final = 32


@lru_cache(maxsize=_REMEMBERED)
def read_plan(content: bytes) -> AnalysisPlan:
    """The plan that a file states; raises Unreadable or PlanError."""
    return AnalysisPlan.from_mapping(read_table(content))


@lru_cache(maxsize=_REMEMBERED)
def case_of(content: bytes) -> Case:
    """The case that a file states; raises Unreadable or CaseError."""
    return case_from_mapping(read_table(content))


@lru_cache(maxsize=_REMEMBERED)
def graded(case: bytes) -> bytes:
    """The grade of a case file under the rule set that it asks for, as a file; raises Unreadable or CaseError."""
    return document(grade(case_of(case)).to_mapping())


@lru_cache(maxsize=_REMEMBERED)
def advised(case: bytes) -> bytes:
    """The advice on a case file, as `virkning grade` writes it; raises Unreadable or CaseError."""
    return document(recommend(case_of(case)).to_mapping())


@lru_cache(maxsize=_REMEMBERED)
def analysed(plan: bytes, name: str, content: bytes, seed: int | None) -> bytes:
    """The result file of a plan on a file of rows or moments; raises Unreadable, PlanError or DataError."""
    stated = read_plan(plan)
    with TemporaryDirectory(prefix="virkning-verify-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return analyse(from_file(path) if path.suffix == ".json" else path, stated, seed=seed).to_json()


def worked_out(function: Callable[..., bytes], *given: object) -> bytes:
    """The answer of one of these functions; raises Unreadable also where figures beyond measure lead nowhere."""
    try:
        with np.errstate(all="ignore"):
            return function(*given)
    except (ValueError, ArithmeticError) as error:
        params = {"reason": str(error)[:200] or type(error).__name__}
        raise Unreadable([Finding("", "no_figures", "This leads to no figures: {reason}.", params=params)]) from error


def reasons(error: EffectsError) -> str:
    """Why something cannot be worked out, in one line."""
    return "; ".join(f"{finding.where}: {finding.text()}".removeprefix(": ") for finding in error.findings)
