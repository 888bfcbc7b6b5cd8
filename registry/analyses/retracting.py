"""Retracting a result that turned out to be wrong; what rests on it is outdated and stays readable."""

from registry.analyses.queries import analysis
from registry.analyses.rules import NO_RESULT_YET, RETRACT, RETRACTED_ALREADY
from registry.analyses.schemas import AnalysisView, Retracting
from registry.analyses.tables import Retraction
from registry.audit.actions import record
from registry.kit.clock import now
from registry.kit.database import transaction
from registry.kit.errors import Conflict
from registry.people.rules import Person, require
from registry.pilots.queries import visible_pilot


async def retract(analysis_id: int, command: Retracting, *, by: Person) -> None:
    """Write down what is wrong with a result, so that nobody relies on it.

    Raises NotFound, Forbidden, and Conflict for a run without a result or one retracted already.
    """
    async with transaction():
        found = await theirs(analysis_id, by)
        row = Retraction(analysis=analysis_id, reason=command.reason, retracted_by=by.id, retracted_at=now())
        once = Retraction.insert(row).on_conflict(target=Retraction.analysis, action="DO NOTHING")
        if not await once.returning(Retraction.id):
            raise Conflict(RETRACTED_ALREADY)
        content = {"result": found.analysis.result_sha256, "reason": command.reason}
        await record(
            action="analyses.retract", object_kind="analysis", object_id=analysis_id, content=content, by=by.id
        )


async def theirs(analysis_id: int, by: Person) -> AnalysisView:
    """A run with a result that the person may retract. Raises NotFound, Forbidden and Conflict."""
    found = await analysis(by, analysis_id)
    pilot = await visible_pilot(by, found.analysis.pilot_id)
    require(by, RETRACT, organisation=pilot.organisation, pilot=pilot.id)
    if found.result is None:
        raise Conflict(NO_RESULT_YET)
    return found
