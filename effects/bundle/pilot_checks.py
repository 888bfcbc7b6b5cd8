"""One pilot of a bundle: plan, result, case and grade against each other and against what can be worked out again."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from effects.bundle.checked import FROM_THE_CASE, Checked, compared, derived, indicators_of
from effects.bundle.consistency import within_the_result
from effects.bundle.differences import unusable
from effects.bundle.documents import read_json
from effects.bundle.figures import in_the_plan, in_the_result
from effects.bundle.follows import follows_from_the_plan
from effects.bundle.parts import Basis, PilotPart, folder_of
from effects.bundle.recomputing import analysed, graded, read_plan, reasons, worked_out
from effects.bundle.report import Verdict
from effects.errors import EffectsError
from effects.message import Message

FROM_THE_ROWS: Final = Message("Worked out again from the plan and the rows.")
FROM_THE_MOMENTS: Final = Message("Worked out again from the plan and the moments.")
NO_ROWS: Final = Message(
    "Not recomputable: rows are not in the bundle. Its figures agree with each other and the case."
)
THE_PLAN: Final = Message("Its fingerprint is the one that the result states.")
A_PILOTS_CASE: Final = Message("Its plan and its figures are those of plan and result; the rest was stated by people.")
A_PUBLISHED_CASE: Final = Message("Its figures were published elsewhere: compare them with the source.")
THE_RESULT_READS_IT: Final = Message("The result was worked out again from it.")


@lru_cache(maxsize=64)
def checked_pilot(place: int, pilot: PilotPart, tolerance: float) -> Checked:
    """Everything that can be said of a pilot by itself; `place` counts from 0."""
    folder, checked = folder_of(place), Checked()
    case, grade = f"{folder}/case.toml", f"{folder}/grade.json"
    published = pilot.basis is Basis.PUBLISHED
    checked.told(case, Verdict.AGREES, A_PUBLISHED_CASE if published else A_PILOTS_CASE)
    checked.told(grade, Verdict.RECOMPUTED, FROM_THE_CASE)
    if not published:
        _analysis(checked, folder, pilot, tolerance)
    checked.found(derived(grade, pilot.grade, case, pilot.case, graded, tolerance))
    return checked


def _analysis(checked: Checked, folder: str, pilot: PilotPart, tolerance: float) -> None:
    plan, result, case = (f"{folder}/{name}" for name in ("plan.toml", "result.json", "case.toml"))
    checked.told(plan, Verdict.AGREES, THE_PLAN)
    try:
        stated = read_plan(pilot.plan or b"")
    except EffectsError as error:
        checked.found([unusable(plan, reasons(error), result)])
        return
    try:
        found = read_json(pilot.result or b"")
    except EffectsError as error:
        checked.found([unusable(result, reasons(error), plan)])
        return
    if not isinstance(found, dict):
        checked.found([unusable(result, "It is no record of names and values.", plan)])
        return
    checked.found(follows_from_the_plan(result, found, stated, plan))
    checked.found(within_the_result(result, found))
    _rows(checked, folder, pilot, found, tolerance)
    indicators = indicators_of(pilot.case)
    checked.found(in_the_plan(case, indicators, stated, plan))
    checked.found(in_the_result(case, indicators, stated.analysed, found, result))


def _rows(checked: Checked, folder: str, pilot: PilotPart, stated: Mapping[str, Any], tolerance: float) -> None:
    """Work the result out again from what is there of the rows."""
    file = f"{folder}/result.json"
    moments = None if pilot.moments is None else ("moments.json", pilot.moments)
    given = pilot.rows or moments
    if given is None:
        checked.told(file, Verdict.NOT_RECOMPUTABLE, NO_ROWS)
        return
    name, content = given
    checked.told(file, Verdict.RECOMPUTED, FROM_THE_ROWS if pilot.rows else FROM_THE_MOMENTS)
    checked.told(f"{folder}/{name}", Verdict.AGREES, THE_RESULT_READS_IT)
    seed = stated.get("seed")
    try:
        found = worked_out(analysed, pilot.plan or b"", name, content, seed if isinstance(seed, int) else None)
    except EffectsError as error:
        checked.found([unusable(f"{folder}/{name}", reasons(error), file)])
        return
    checked.found(compared(file, pilot.result or b"", found, f"{folder}/{name}", tolerance))
