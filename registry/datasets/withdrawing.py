"""Withdrawing approved rows that turned out to be wrong; what rests on them is outdated and stays readable."""

from registry.audit.actions import record
from registry.datasets import queries
from registry.datasets.rules import WITHDRAW, VersionState
from registry.datasets.schemas import VersionView, Withdrawing
from registry.datasets.tables import Withdrawal
from registry.kit.clock import now
from registry.kit.database import transaction
from registry.kit.errors import Conflict
from registry.people.rules import Person, require
from registry.pilots.queries import visible_pilot


async def withdraw(version_id: int, command: Withdrawing, *, by: Person) -> None:
    """Write down what is wrong with an approved version, so that nobody analyses it again.

    Raises NotFound, Forbidden, and Conflict for one that is not approved or is withdrawn already.
    """
    async with transaction():
        found = await theirs(version_id, by)
        row = Withdrawal(version=version_id, reason=command.reason, withdrawn_by=by.id, withdrawn_at=now())
        once = Withdrawal.insert(row).on_conflict(target=Withdrawal.version, action="DO NOTHING")
        if not await once.returning(Withdrawal.id):
            raise Conflict("This version is withdrawn already.")
        content = {"content": found.content, "reason": command.reason}
        await record(
            action="datasets.withdraw",
            object_kind="dataset_version",
            object_id=version_id,
            content=content,
            by=by.id,
        )


async def theirs(version_id: int, by: Person) -> VersionView:
    """An approved version that the person may withdraw. Raises NotFound, Forbidden and Conflict."""
    found = await queries.version(by, version_id)
    pilot = await visible_pilot(by, found.pilot)
    require(by, WITHDRAW, organisation=pilot.organisation, pilot=pilot.id)
    if found.state is not VersionState.APPROVED:
        raise Conflict("Only an approved version can be withdrawn. One that waits is rejected instead.")
    return found
